/* SPDX-License-Identifier: Apache-2.0 */
/* The database of the world: each statement, or transaction, is one step. */
#include <stdio.h>
#include <string.h>

#include "store/rows.h"
#include "world.h"

static const char *string_of(apr_int64_t number)
{
    char *string = explore_alloc(24);

    (void)snprintf(string, 24, "%lld", (long long)number);
    return string;
}

const char *uk_row_number(apr_pool_t *pool, apr_int64_t number)
{
    (void)pool;
    return string_of(number);
}

int uk_row_is_null(const char *value)
{
    return !value;
}

uk_instant_t uk_row_instant(const char *value)
{
    return value ? apr_atoi64(value) : UK_INSTANT_NONE;
}

static void add_row(apr_array_header_t *rows, const char *logged,
                    const char *hash)
{
    const char **row = explore_alloc(5 * sizeof(*row));

    row[0] = string_of(world.counter);
    row[1] = world.seen_at ? string_of(world.seen_at) : NULL;
    row[2] = logged;
    row[3] = hash;
    APR_ARRAY_PUSH(rows, const char **) = row;
}

static void select_changes(apr_array_header_t *rows, apr_int64_t since)
{
    apr_int64_t i;

    for (i = since; i < world.counter; i++) {
        if (i >= world.log_from) {
            add_row(rows, string_of(i + 1), world_hashes[world.log[i]]);
        }
    }
    if (rows->nelts == 0) {
        add_row(rows, NULL, NULL);
    }
}

uk_outcome_e uk_rows_select(uk_database_t *db, uk_sql_e sql, const char **args,
                            apr_array_header_t **rows)
{
    int is_poll = sql == UK_SQL_CHANGES;

    explore_step("database", is_poll ? "read the counter, the row and the log"
                                     : "read which servers cache");
    *rows = apr_array_make(db->pool, 0, sizeof(const char **));
    db->error = "the database is down";
    if (world.is_down) {
        return UK_UNAVAILABLE;
    }
    if (is_poll) {
        select_changes(*rows, apr_atoi64(args[1]));
    }
    else if (strcmp(args[0], "server") != 0
             && world.seen_at > apr_atoi64(args[1])) {
        add_row(*rows, NULL, NULL);
    }
    return UK_OK;
}

uk_outcome_e uk_row_write(uk_connection_t *connection, apr_pool_t *pool,
                          uk_sql_e sql, const char **args)
{
    (void)connection, (void)pool;
    switch (sql) {
    case UK_SQL_SERVER_SEEN:
        if (!world.seen_at) {
            return UK_NOT_FOUND;
        }
        world.seen_at = apr_atoi64(args[0]);
        return UK_OK;
    case UK_SQL_SERVER_INSERT:
        world.seen_at = apr_atoi64(args[1]);
        return UK_OK;
    case UK_SQL_SERVER_DELETE:
        if (world.seen_at != apr_atoi64(args[1])) {
            return UK_NOT_FOUND;
        }
        world.seen_at = 0;
        return UK_OK;
    default:
        return UK_OK;
    }
}

uk_outcome_e uk_database_transact(uk_database_t *db, int attempts,
                                  uk_work_t *work, void *baton)
{
    (void)attempts;
    explore_step("database", "announce the server");
    db->error = "the database is down";
    return world.is_down ? UK_UNAVAILABLE : work(NULL, db->pool, baton);
}

uk_outcome_e uk_database_run(uk_database_t *db, uk_work_t *work, void *baton)
{
    explore_step("database", "delete the row of the server, or expired rows");
    db->error = "the database is down";
    return world.is_down ? UK_UNAVAILABLE : work(NULL, db->pool, baton);
}

int world_change(int key, int is_good, int is_logged)
{
    model_key_t *changed = &world.keys[key];

    explore_step("database", is_good ? "make the key good, and commit"
                                     : "end the key, and commit");
    if (world.is_down) {
        return 0;
    }
    if (is_logged) {
        world.log[world.counter++] = key;
    }
    changed->is_good[++changed->changes] = is_good;
    return changed->changes;
}
