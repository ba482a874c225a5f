/* SPDX-License-Identifier: Apache-2.0 */
/* What differs between the drivers of apr_dbd, in one table. */
#ifndef UK_DB_DRIVER_H
#define UK_DB_DRIVER_H

#include <apr_pools.h>

struct apr_dbd_driver_t;

/* The maximum of errors, codes and options in the lists of a driver. */
#define UK_DRIVER_LIST_MAX 4

/* An option that DBDParams should contain. */
typedef struct {
    const char *with;   /* only if DBDParams contains this too; "": always */
    const char *option; /* "connect_timeout="; NULL: the list ends */
    const char *advice; /* what goes wrong without it, and what to write */
} uk_driver_option_t;

/* What joins strings in SQL. */
typedef enum {
    UK_JOIN_NONE,   /* none is known */
    UK_JOIN_CONCAT, /* CONCAT() */
    UK_JOIN_PIPES   /* || */
} uk_join_e;

typedef struct uk_driver_t {
    const char *name;     /* in DBDriver; NULL: the row for unknown drivers */
    const char *dbd_name; /* what apr_dbd_name() returns */
    const char *debian;  /* the package that contains it in Debian and Ubuntu */
    const char *redhat;  /* the same for Fedora and RHEL */
    const char *dialect; /* of SQL; NULL: the database has to be asked */
    int is_file;         /* 1: DBDParams is the path of the database file */
    int is_libpq;        /* 1: a native handle is libpq's PGconn */
    int is_odbc;         /* 1: it is ODBC's, and the database is any */

    const char *session; /* SQL for each new session; NULL: none */
    /* SQL to commit, if the driver's own commit does not report why it failed;
     * NULL: it does */
    const char *commit;

    /* How rows are read. */
    int random_access; /* for apr_dbd_pselect() */
    int first_row;     /* the number of the first row for apr_dbd_get_row() */
    int row_step;      /* added for each further row */
    /* part of the "error" that only means the end of the rows, or that no row
     * was changed; NULL: never reported */
    const char *no_row;
    /* how several columns become one, which is cheaper to read */
    uk_join_e joins;

    /* parts of the errors after which a statement must be prepared again; none:
     * this may be so after any error */
    const char *invalidating[UK_DRIVER_LIST_MAX];
    /* error codes of locks that may be gone soon, and parts of such errors; 0,
     * NULL: none */
    int busy[UK_DRIVER_LIST_MAX];
    const char *busy_words[UK_DRIVER_LIST_MAX];
    /* bytes to allocate for a transaction, if the driver would crash without;
     * 0: it allocates them itself */
    apr_size_t transaction_size;

    /* UK_INSERT_MANY; NULL: INSERT INTO */
    const char *bulk_insert;
    int bulk_rows; /* how many rows one INSERT takes best (db/bulk.h) */

    uk_driver_option_t wanted[UK_DRIVER_LIST_MAX];
} uk_driver_t;

/** @return the row of a loaded driver; that for unknown drivers if there is
 *  none, never NULL */
const uk_driver_t *uk_driver_of(const struct apr_dbd_driver_t *driver);

/** @return the row of a name in DBDriver; likewise */
const uk_driver_t *uk_driver_named(const char *name);

/** @return 1 if DBDParams is the path of a file with this DBDriver, else 0 */
int uk_driver_is_file(const char *name);

/** List the known names of DBDriver: "sqlite3, pgsql, mysql or odbc".
 *
 *  @param last what precedes the last one: " or "
 *  @return a string in the pool */
const char *uk_driver_names(apr_pool_t *pool, const char *last);

/** @return 1 if statements may have to be prepared again after this error, else
 *  0 */
int uk_driver_invalidates(const uk_driver_t *driver, const char *error);

/** @return 1 if an error, or its code, is a lock that may be gone soon, else 0 */
int uk_driver_is_busy(const uk_driver_t *driver, int code, const char *error);

#endif
