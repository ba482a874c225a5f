/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with a database, or with the way to it, and what to do: said by
 * the tool when it is asked, and by the module when httpd starts. */
#ifndef UK_CHECK_CHECK_H
#define UK_CHECK_CHECK_H

#include "core/dbd_pool.h"
#include "core/instant.h"
#include "db/database.h"

/* Allowed clock skew, not counting the round trip. */
#define UK_CHECK_CLOCK_MS (5 * 1000)

typedef enum {
    UK_CHECK_OK,
    UK_CHECK_WARNING,       /* keys work, but something hurts or will */
    UK_CHECK_ERROR,         /* keys cannot work, nor can later checks */
    UK_CHECK_NOT_APPLICABLE /* to this kind of database */
} uk_check_e;

/* What is looked at. */
typedef struct {
    uk_database_t *db;
    const char *driver; /* as DBDriver has it */
    const char *params; /* as DBDParams has them */
    /* 1: httpd itself is given these params, and looks for a file from where
     * it was started */
    int is_httpds;
    uk_dbd_pool_size_t pool;
    int threads;                 /* of a process; 0: unknown */
    const char *init;            /* the command that makes the tables */
    uk_instant_t (*clock)(void); /* this machine's */
} uk_check_context_t;

typedef struct {
    const char *name; /* "pool" */
    uk_check_e result;
    /* what was found; where that is wrong, also what to do about it */
    const char *text;
} uk_finding_t;

/** A check of one thing. @param text receives a finding's, in db->pool */
typedef uk_check_e uk_check_fn(const uk_check_context_t *context,
                               const char **text);

/**
 * Look at everything: first at the settings, then at the database, until
 * something is UK_CHECK_ERROR. No text contains more of the parameters than
 * the name of a file.
 *
 * @return uk_finding_ts in db->pool, of what is applicable
 */
apr_array_header_t *uk_check_all(const uk_check_context_t *context);

/** NULL if a schema of this version is ours, else what to do about it. */
const char *uk_check_version_advice(apr_pool_t *pool, int version,
                                    const char *init);

/** What helps against an error that a driver reports; NULL: who knows. */
const char *uk_check_remedy(const char *error);

#endif
