/* SPDX-License-Identifier: Apache-2.0 */
/* What differs between the drivers of apr_dbd, in one table. */
#ifndef UK_DB_DRIVER_H
#define UK_DB_DRIVER_H

#include <apr_dbd.h>

typedef struct uk_driver_t {
    const char *name;    /* apr_dbd_name(); NULL: all others */
    const char *dialect; /* of SQL; NULL: the database has to be asked */
    const char *session; /* SQL for each new session; NULL: none */
    /* SQL, where the driver's own commit does not tell why it failed; NULL:
     * it does */
    const char *commit;
    int random; /* how rows are read: see driver.c */
    int first_row;
    int next_row;
    const char *no_row; /* the "error" that is but the end of rows, or of a
                             * change that met none; NULL: never reported */
    /* errors of a statement that has to be prepared again; none: any may be
     * that */
    const char *invalidating[2];
    int has_concat; /* 1: its SQL has a CONCAT() that is worth using */
    int busy[2];    /* codes of locks that last for moments; 0: none */
    /* bytes for one, where the driver crashes unless it is given them; 0: it
     * makes its own */
    apr_size_t transaction;
} uk_driver_t;

/** @return the row of a driver, never NULL */
const uk_driver_t *uk_driver_of(const apr_dbd_driver_t *driver);

/** @return 1 if statements may have to be prepared again after this error, else
 *  0 */
int uk_driver_invalidates(const uk_driver_t *driver, const char *error);

/** @return 1 if a failure is a lock that may be gone in a moment, else 0 */
int uk_driver_is_busy(const uk_driver_t *driver, int code);

#endif
