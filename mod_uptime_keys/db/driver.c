/* SPDX-License-Identifier: Apache-2.0 */
/* What differs between the drivers of apr_dbd, in one table. */
#include "db/driver.h"

#include <apr_dbd.h>
#include <apr_strings.h>
#include <string.h>

/* How rows are read. Random access is needed by MySQL's driver, or it does not
 * count the rows, and by PostgreSQL's, or it does not report errors. ODBC's
 * does not have it, and SQLite's goes to each row from the first one. */
#define ROWS_BY_NUMBER .random_access = 1, .first_row = 1, .row_step = 1
#define ROWS_IN_ORDER .random_access = 0, .first_row = -1, .row_step = 0

/* The driver reports a lock at once while it prepares a statement; it waits for
 * one only while it runs a statement. */
#define SQLITE_CODE_BUSY 5
#define SQLITE_CODE_LOCKED 6
/* MariaDB ends one of two transactions that wait for each other. Galera reports
 * the same, also at the commit, to the later of two nodes that change the same
 * row. */
#define MYSQL_CODE_DEADLOCK 1213
#define MYSQL_CODE_LOCK_TIMEOUT 1205
/* MariaDB 11.6.2 and later roll back a transaction that writes a row that
 * another one has changed since this one first read (innodb_snapshot_isolation).
 */
#define MYSQL_CODE_ROW_CHANGED 1020
/* All three say this, and through ODBC there are only words. */
#define MYSQL_WORDS_BUSY "try restarting transaction"
/* SQLSTATEs, which ODBC's driver puts behind the words. */
#define STATE_SERIALIZATION " 40001"
#define STATE_DEADLOCK " 40P01"

/* clang-format off */
static const uk_driver_t drivers[] = {
    {
        .name = "sqlite3",
        .dbd_name = "sqlite3",
        .debian = "libaprutil1-dbd-sqlite3",
        .redhat = "apr-util-sqlite",
        .dialect = "sqlite3",
        .is_file = 1,
        ROWS_IN_ORDER,
        .joins = UK_JOIN_PIPES,
        /* The driver frees a statement only with its connection, and no
         * statement is lost with a session. If a select meets a changed schema,
         * the driver reports "not an error". */
        .invalidating = {"database schema has changed", "not an error"},
        .busy = {SQLITE_CODE_BUSY, SQLITE_CODE_LOCKED},
        /* Otherwise SQLite keeps a journal for each statement, to undo that one
         * alone. */
        .bulk_insert = "INSERT OR FAIL INTO",
        .bulk_rows = 1,
    },
    {
        .name = "pgsql",
        .dbd_name = "pgsql",
        .debian = "libaprutil1-dbd-pgsql",
        .redhat = "apr-util-pgsql",
        .dialect = "pgsql",
        .is_libpq = 1,
        ROWS_BY_NUMBER,
        .joins = UK_JOIN_CONCAT,
        /* The first, if transactions are serializable by default. */
        .busy_words = {"could not serialize access", "deadlock detected"},
        /* Four times what the driver needs. */
        .transaction_size = 64,
        .bulk_rows = 100,
        .wanted = {
            {"", "connect_timeout=",
             "a host that does not answer holds requests up for minutes; add "
             "connect_timeout=3 to DBDParams"},
        },
    },
    {
        .name = "mysql",
        .dbd_name = "mysql",
        .debian = "libaprutil1-dbd-mysql",
        .redhat = "apr-util-mysql",
        .dialect = "mysql",
        /* The client's character set depends on option files. And if the server
         * or DBDInitSQL has set autocommit off, a session would go on reading
         * its first snapshot. */
        .session = "SET autocommit = 1, NAMES utf8mb4",
        .commit = "COMMIT",
        ROWS_BY_NUMBER,
        .joins = UK_JOIN_CONCAT,
        .busy = {MYSQL_CODE_DEADLOCK, MYSQL_CODE_LOCK_TIMEOUT,
                 MYSQL_CODE_ROW_CHANGED},
        .bulk_rows = 100,
        .wanted = {
            {"", "reconnect=0",
             "the client's library connects again in the middle of a "
             "transaction; add reconnect=0 to DBDParams"},
        },
    },
    {
        .name = "odbc",
        /* As apr_dbd_odbc.c spells it. */
        .dbd_name = "ODBC_DRIVER_NAME",
        .debian = "libaprutil1-dbd-odbc",
        .redhat = "apr-util-odbc",
        .is_odbc = 1,
        ROWS_IN_ORDER,
        .no_row = "SQL_NO_DATA",
        .busy_words = {MYSQL_WORDS_BUSY, STATE_SERIALIZATION, STATE_DEADLOCK},
        .bulk_rows = 20,
        .wanted = {
            {"PostgreSQL", "MaxVarcharSize=254",
             "names are cut after 255 bytes, where 255 characters are meant; "
             "add MaxVarcharSize=254 to the connect string"},
            {"PostgreSQL", "UseServerSidePrepare=0",
             "through a pool the driver may execute what another client has "
             "prepared; add UseServerSidePrepare=0 to the connect string"},
            {"MariaDB", "PSCACHESIZE=0",
             "after the server was replaced the driver may go on for ever with "
             "statements that the new one does not know; add PSCACHESIZE=0 to "
             "the connect string"},
        },
    },
    /* Unknown drivers. */
    {ROWS_BY_NUMBER, .bulk_rows = 1},
};
/* clang-format on */

const uk_driver_t *uk_driver_of(const apr_dbd_driver_t *driver)
{
    const char *dbd_name = apr_dbd_name(driver);
    const uk_driver_t *row = drivers;

    while (row->name && strcmp(row->dbd_name, dbd_name) != 0) {
        row++;
    }
    return row;
}

const uk_driver_t *uk_driver_named(const char *name)
{
    const uk_driver_t *row = drivers;

    while (row->name && strcmp(row->name, name) != 0) {
        row++;
    }
    return row;
}

int uk_driver_is_file(const char *name)
{
    return uk_driver_named(name)->is_file;
}

const char *uk_driver_names(apr_pool_t *pool, const char *last)
{
    const uk_driver_t *row;
    const char *names = drivers[0].name;

    for (row = drivers + 1; row->name; row++) {
        names = apr_pstrcat(pool, names, row[1].name ? ", " : last, row->name,
                            NULL);
    }
    return names;
}

int uk_driver_invalidates(const uk_driver_t *driver, const char *error)
{
    const char *const *known = driver->invalidating;
    int i;

    for (i = 0; i < UK_DRIVER_LIST_MAX && known[i]; i++) {
        if (strstr(error, known[i])) {
            return 1;
        }
    }
    return i == 0;
}

int uk_driver_is_busy(const uk_driver_t *driver, int code, const char *error)
{
    int i;

    for (i = 0; i < UK_DRIVER_LIST_MAX; i++) {
        if ((code != 0 && driver->busy[i] == code)
            || (driver->busy_words[i]
                && strstr(error, driver->busy_words[i]))) {
            return 1;
        }
    }
    return 0;
}
