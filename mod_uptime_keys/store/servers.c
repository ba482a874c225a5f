/* SPDX-License-Identifier: Apache-2.0 */
/* uptime_changes, uptime_log and uptime_servers: the change counter, what the
 * last changes were about, and the servers that cache keys. */
#include "store/servers.h"

#include <apr_strings.h>

#include "store/rows.h"

static void add_hash(apr_array_header_t *hashes, const char *hash)
{
    if (!uk_row_is_null(hash)) {
        APR_ARRAY_PUSH(hashes, const char *) = hash;
    }
}

/* The rows are those after since, in no order, and not above the counter. If the
 * log has nothing new, there is one row, of nulls.
 *
 * @return 1 if each number up to the counter is there once; else 0 */
static int read_log(apr_pool_t *pool, const apr_array_header_t *rows,
                    apr_int64_t since, uk_changes_t *changes)
{
    int i, entries = uk_row_is_null(APR_ARRAY_IDX(rows, 0, const char **)[2])
                         ? 0
                         : rows->nelts;
    char *is_there = apr_pcalloc(pool, (apr_size_t)rows->nelts);

    if (since > changes->counter || changes->counter - since != entries) {
        return 0;
    }
    for (i = 0; i < entries; i++) {
        const char **row = APR_ARRAY_IDX(rows, i, const char **);
        apr_int64_t place = apr_atoi64(row[2]) - since - 1;

        if (place < 0 || place >= entries || is_there[place]++) {
            return 0;
        }
        add_hash(changes->hashes, row[3]);
        add_hash(changes->hashes, row[4]);
    }
    return 1;
}

uk_outcome_e uk_store_changes(uk_database_t *db, const char *id,
                              apr_int64_t since, uk_changes_t *changes)
{
    apr_array_header_t *rows;
    const char **row;
    uk_outcome_e outcome = uk_rows_select(
        db, UK_SQL_CHANGES,
        (const char *[]){id, uk_row_number(db->pool, since)}, &rows);

    *changes =
        (uk_changes_t){.announced = UK_INSTANT_NONE,
                       .hashes = apr_array_make(db->pool, 0, sizeof(char *))};
    if (outcome != UK_OK) {
        return outcome;
    }
    if (rows->nelts == 0) {
        db->error = "uptime_changes does not have its one row";
        return UK_UNAVAILABLE;
    }
    row = APR_ARRAY_IDX(rows, 0, const char **);
    changes->counter = apr_atoi64(row[0]);
    changes->announced = uk_row_instant(row[1]);
    changes->is_complete = read_log(db->pool, rows, since, changes);
    if (!changes->is_complete) {
        apr_array_clear(changes->hashes);
    }
    return UK_OK;
}

typedef struct {
    const char *id;
    uk_instant_t now;
} server_t;

static uk_outcome_e announce_work(uk_connection_t *connection, apr_pool_t *pool,
                                  void *baton)
{
    const server_t *server = baton;
    const char *now = uk_row_number(pool, server->now);
    uk_outcome_e outcome = uk_row_write(connection, pool, UK_SQL_SERVER_SEEN,
                                        (const char *[]){now, server->id});

    if (outcome == UK_NOT_FOUND) {
        outcome = uk_row_write(connection, pool, UK_SQL_SERVER_INSERT,
                               (const char *[]){server->id, now});
    }
    return outcome;
}

static uk_outcome_e delete_expired_work(uk_connection_t *connection,
                                        apr_pool_t *pool, void *baton)
{
    const server_t *server = baton;

    return uk_row_write(connection, pool, UK_SQL_SERVERS_DELETE_EXPIRED,
                        (const char *[]){uk_row_number(
                            pool, server->now - UK_SERVER_EXPIRED_MS)});
}

uk_outcome_e uk_store_server_announce(uk_database_t *db, const char *id,
                                      uk_instant_t now)
{
    server_t server = {id, now};
    /* A second attempt, in case the driver has opened a new session. No third,
     * because this thread cannot poll the counter meanwhile. */
    uk_outcome_e outcome = uk_database_transact(db, 2, announce_work, &server);

    /* Not in the same transaction, where servers would wait for each other's
     * rows. If it fails, the next announcement does it. */
    if (outcome == UK_OK) {
        (void)!uk_database_run(db, delete_expired_work, &server);
    }
    return outcome;
}

static uk_outcome_e withdraw_work(uk_connection_t *connection, apr_pool_t *pool,
                                  void *baton)
{
    const server_t *server = baton;
    uk_outcome_e outcome = uk_row_write(
        connection, pool, UK_SQL_SERVER_DELETE,
        (const char *[]){server->id, uk_row_number(pool, server->now)});

    return outcome == UK_NOT_FOUND ? UK_OK : outcome;
}

uk_outcome_e uk_store_server_withdraw(uk_database_t *db, const char *id,
                                      uk_instant_t seen_at)
{
    server_t server = {id, seen_at};

    return uk_database_run(db, withdraw_work, &server);
}

uk_outcome_e uk_store_other_servers_cache(uk_database_t *db, const char *own,
                                          uk_instant_t now, int *any)
{
    apr_array_header_t *rows;
    uk_outcome_e outcome = uk_rows_select(
        db, UK_SQL_OTHER_SERVERS,
        (const char *[]){own,
                         uk_row_number(db->pool, now - UK_SERVER_ALIVE_MS)},
        &rows);

    *any = outcome == UK_OK && rows->nelts > 0;
    return outcome;
}
