/* SPDX-License-Identifier: Apache-2.0 */
/* What differs between the drivers of apr_dbd, in one table. */
#include "db/driver.h"

#include <string.h>

/* How rows are read: MySQL's driver counts them, and PostgreSQL's reports
 * errors, only with random access; ODBC's cannot do that, and SQLite's walks to
 * each row from the first one. */
#define BY_NUMBER 1, 1, 1
#define ONE_AFTER_ANOTHER 0, -1, 0

/* SQLite reports a lock at once while it prepares a statement, and waits by
 * itself only when it runs one. MariaDB ends one of two transactions that wait
 * for each other; Galera says the same, at the commit too, to the later of two
 * nodes that changed the same row. */
#define SQLITE_CODE_BUSY 5
#define SQLITE_CODE_LOCKED 6
#define MYSQL_CODE_DEADLOCK 1213

/* SQLite's driver frees a statement no sooner than its connection, and none is
 * lost with a session. Of a select that met another schema it does not tell the
 * reason. */
/* clang-format off */
#define SQLITE_INVALIDATING {"database schema has changed", "not an error"}
#define ANY {NULL, NULL}
/* clang-format on */

/* SQL for a session, and to commit. MySQL's driver commits without a word of
 * what went wrong. Its client's character set is whatever option files say; and
 * where the server, or DBDInitSQL, has autocommit off, a session would go on
 * seeing what was when it first looked. */
#define NO_SQL NULL, NULL
#define MYSQL_SQL "SET autocommit = 1, NAMES utf8mb4", "COMMIT"

/* Bytes of a transaction that PostgreSQL's driver is given: four times what it
 * takes. */
#define PGSQL_TRANSACTION 64

/* clang-format off */
static const uk_driver_t drivers[] = {
    {"sqlite3", "sqlite3", NO_SQL, ONE_AFTER_ANOTHER, NULL, SQLITE_INVALIDATING, 0,
     {SQLITE_CODE_BUSY, SQLITE_CODE_LOCKED}},
    {"pgsql", "pgsql", NO_SQL, BY_NUMBER, NULL, ANY, 1, {0},
     PGSQL_TRANSACTION},
    {"mysql", "mysql", MYSQL_SQL, BY_NUMBER, NULL, ANY, 1,
     {MYSQL_CODE_DEADLOCK}},
    /* The name is the text that apr_dbd_odbc.c says it is. */
    {"ODBC_DRIVER_NAME", NULL, NO_SQL, ONE_AFTER_ANOTHER, "SQL_NO_DATA", ANY,
     0, {0}},
    {NULL, NULL, NO_SQL, BY_NUMBER, NULL, ANY, 0, {0}},
};
/* clang-format on */

const uk_driver_t *uk_driver_of(const apr_dbd_driver_t *driver)
{
    const char *name = apr_dbd_name(driver);
    const uk_driver_t *row = drivers;

    while (row->name && strcmp(row->name, name) != 0) {
        row++;
    }
    return row;
}

int uk_driver_invalidates(const uk_driver_t *driver, const char *error)
{
    const char *const *invalidating = driver->invalidating;

    return !invalidating[0] || strstr(error, invalidating[0])
           || strstr(error, invalidating[1]);
}

int uk_driver_is_busy(const uk_driver_t *driver, int code)
{
    return code != 0 && (code == driver->busy[0] || code == driver->busy[1]);
}
