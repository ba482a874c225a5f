/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of a database and of the settings that lead to it, each with a remedy.
 * The tool prints the findings, and httpd logs them when it starts. */
#ifndef UK_CHECK_CHECK_H
#define UK_CHECK_CHECK_H

#include "core/dbd_pool.h"
#include "core/instant.h"
#include "db/single.h"

typedef enum {
    UK_CHECK_OK,
    UK_CHECK_WARNING,       /* keys work, but something is or will be wrong */
    UK_CHECK_ERROR,         /* keys cannot work, and later checks are skipped */
    UK_CHECK_NOT_APPLICABLE /* to this database or these settings */
} uk_check_e;

/* What stands beside the module in httpd, as far as it is known. */
typedef struct {
    /* the first proxy list of mod_remoteip in a virtual host:
     * "RemoteIPTrustedProxy on line 5 of FILE"; NULL: none */
    const char *remoteip;
    int httpd_patch;     /* N of httpd 2.4.N; 0: not known */
    const char *mpm_itk; /* where it is loaded; NULL: nowhere */
} uk_check_beside_t;

/* What is checked. */
typedef struct {
    uk_database_t *db;
    /* the provider of db, which runs DBDInitSQL; NULL: db has another one */
    const uk_single_t *single;
    /* another one at the same place, with connections of its own; NULL: none,
     * and checks that need it are left out */
    uk_database_t *another;
    const char *driver; /* as in DBDriver; not NULL */
    const char *params; /* as in DBDParams; not NULL */
    /* 1: these settings are httpd's, which looks for a relative path in the
     * folder that it was started from; 0: they are from the tool's command
     * line */
    int is_of_httpd;
    uk_dbd_pool_size_t pool; /* mod_dbd's */
    int threads;             /* of a process; 0: not known */
    uk_check_beside_t beside;
    int max_lifetime;            /* of keys, in days; 0: none, or not known */
    const char *init;            /* the command that creates the tables */
    uk_instant_t (*clock)(void); /* of this machine */
} uk_check_context_t;

typedef struct {
    const char *name; /* of the check: "pool" */
    uk_check_e result;
    /* what was found, and a remedy if it is wrong; one line */
    const char *message;
} uk_finding_t;

/** A check.
 *
 *  @param message receives it for the finding: in db->pool, static, or of the
 *                context; not used for UK_CHECK_NOT_APPLICABLE */
typedef uk_check_e uk_check_fn(const uk_check_context_t *context,
                               const char **message);

/* Receives a finding, which lives as long as the call. */
typedef void uk_check_report_t(void *baton, const uk_finding_t *finding);

/**
 * Run all checks, of the settings first and then of the database, until one of
 * them returns UK_CHECK_ERROR. Apart from a driver's own error message, the
 * findings contain nothing of DBDParams but the path of a file.
 *
 * @param report is called for each applicable check as soon as it has run,
 *               because the next one may wait for the database for long
 */
void uk_check_all(const uk_check_context_t *context, uk_check_report_t *report,
                  void *baton);

/**
 * Compare a version of the schema with uk_schema_latest().
 *
 * @param version 0: there are no tables
 * @param init    the command that creates the tables
 * @return NULL if they are equal, else what is wrong and what to do, in the
 *         pool
 */
const char *uk_check_version_advice(apr_pool_t *pool, int version,
                                    const char *init);

#endif
