/* SPDX-License-Identifier: Apache-2.0 */
/* What differs between the drivers of apr_dbd, in one table. */
#ifndef UK_DB_DRIVER_H
#define UK_DB_DRIVER_H

#include <apr_pools.h>

struct apr_dbd_driver_t;

/* Drivers name at most so many errors, codes and options. */
#define UK_DRIVER_LIST_MAX 3

/* What DBDParams has to contain, lest something hurts one day. */
typedef struct {
    const char *with;   /* only if it contains this too; "" for always */
    const char *option; /* "connect_timeout=" */
    const char *advice; /* what hurts, and what to write */
} uk_driver_option_t;

typedef struct uk_driver_t {
    const char *name; /* for DBDriver; NULL: of a driver that is not known */
    const char *dbd_name; /* what apr_dbd_name() gives */
    const char *debian;   /* the package that has it, in Debian and Ubuntu */
    const char *redhat;   /* the same in Fedora and RHEL */
    const char *dialect;  /* of SQL; NULL: the database has to be asked */
    int is_file;          /* 1: DBDParams is the path of the database's file */

    const char *session; /* SQL for each new session; NULL: none */
    /* SQL to commit, if the driver's own commit does not tell why it failed;
     * NULL: it does */
    const char *commit;

    /* How rows are read. */
    int random_access; /* as apr_dbd_pselect() takes it */
    int first_row;     /* the number of the first row for apr_dbd_get_row() */
    int row_step;      /* what is added for each next one */
    /* the "error" that is only the end of the rows, or a change that met none;
     * NULL: never reported */
    const char *no_row;
    int has_concat; /* 1: one joined column is cheaper than several */

    /* errors after which a statement must be prepared again; none: any error
     * may mean that */
    const char *invalidating[UK_DRIVER_LIST_MAX];
    /* codes of errors that are locks and may be gone in a moment; 0: none */
    int busy[UK_DRIVER_LIST_MAX];
    /* bytes for a transaction, if the driver crashes unless it is given them;
     * 0: it allocates its own */
    apr_size_t transaction_size;

    uk_driver_option_t wanted[UK_DRIVER_LIST_MAX];
} uk_driver_t;

/** @return the row of a loaded driver, never NULL */
const uk_driver_t *uk_driver_of(const struct apr_dbd_driver_t *driver);

/** @return the row of a name for DBDriver, never NULL */
const uk_driver_t *uk_driver_named(const char *name);

/** @return 1 if DBDParams of this DBDriver is the path of a file, else 0 */
int uk_driver_is_file(const char *name);

/** The names for DBDriver: "sqlite3, pgsql, mysql or odbc".
 *
 *  @param last stands before the last one: " or " */
const char *uk_driver_names(apr_pool_t *pool, const char *last);

/** @return 1 if statements may have to be prepared again after this error, else
 *  0 */
int uk_driver_invalidates(const uk_driver_t *driver, const char *error);

/** @return 1 if a failure is a lock that may be gone in a moment, else 0 */
int uk_driver_is_busy(const uk_driver_t *driver, int code);

#endif
