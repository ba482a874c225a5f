/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of store/ share: single statements, and values of columns. */
#include "store/rows.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"

/* What select_work() runs. */
typedef struct {
    uk_sql_e sql;
    const char **args;
    apr_array_header_t *rows;
} select_t;

static uk_outcome_e select_work(uk_connection_t *connection, apr_pool_t *pool,
                                void *baton)
{
    select_t *select = baton;

    return uk_connection_select(connection, pool, &uk_sql[select->sql],
                                select->args, &select->rows)
               ? UK_UNAVAILABLE
               : UK_OK;
}

uk_outcome_e uk_rows_select(uk_database_t *db, uk_sql_e sql, const char **args,
                            apr_array_header_t **rows)
{
    select_t select = {sql, args, NULL};
    uk_outcome_e outcome = uk_database_run(db, select_work, &select);

    *rows = select.rows;
    return outcome;
}

uk_outcome_e uk_row_write(uk_connection_t *connection, apr_pool_t *pool,
                          uk_sql_e sql, const char **args)
{
    int changed;

    if (uk_connection_write(connection, pool, &uk_sql[sql], args, &changed)) {
        return UK_UNAVAILABLE;
    }
    return changed ? UK_OK : UK_NOT_FOUND;
}

const char *uk_row_number(apr_pool_t *pool, apr_int64_t number)
{
    return apr_psprintf(pool, "%" APR_INT64_T_FMT, number);
}

static const char *number_or_null(apr_pool_t *pool, uk_instant_t instant)
{
    return instant == UK_INSTANT_NONE ? NULL : uk_row_number(pool, instant);
}

/* With some drivers SQL's NULL is "". */
int uk_row_is_null(const char *value)
{
    return !value || !*value;
}

/* No number of so many digits overflows. */
#define DIGITS_MAX 18

/* apr_atoi64() takes four times as long for a plain number. */
static apr_int64_t number_of_column(const char *value)
{
    apr_int64_t number = 0;
    int i;

    for (i = 0; i < DIGITS_MAX && apr_isdigit(value[i]); i++) {
        number = number * 10 + (value[i] - '0');
    }
    return value[i] ? apr_atoi64(value) : number;
}

uk_instant_t uk_row_instant(const char *value)
{
    return uk_row_is_null(value) ? UK_INSTANT_NONE
                                 : (uk_instant_t)number_of_column(value);
}

/* A mistake in plain SQL must not create a key that never expires. */
uk_instant_t uk_row_expiry(const char *value)
{
    uk_instant_t instant = uk_row_instant(value);

    return !uk_row_is_null(value) && instant == UK_INSTANT_NONE ? 1 : instant;
}

apr_array_header_t *uk_row_scopes(apr_pool_t *pool, const char *value)
{
    apr_array_header_t *names =
        value ? uk_json_read_strings(pool, value) : NULL;
    int i;

    /* A name with a space in it would read as several in a list. */
    for (i = 0; names && i < names->nelts; i++) {
        if (!uk_scope_name_is_valid(APR_ARRAY_IDX(names, i, const char *))) {
            names = NULL;
        }
    }
    return names ? names : apr_array_make(pool, 0, sizeof(char *));
}

#define NO_NETWORK "?"

/* In a list, nothing would read as no list at all, and a space as a separator. */
static const char *network_or_none(const char *item)
{
    return *item && !strchr(item, ' ') ? item : NO_NETWORK;
}

/* An empty array is what MySQL's and SQLite's users may write for "anywhere". */
const apr_array_header_t *uk_row_networks(apr_pool_t *pool, const char *value)
{
    apr_array_header_t *networks;
    int i;

    if (uk_row_is_null(value)) {
        return NULL;
    }
    networks = uk_json_read_strings(pool, value);
    if (!networks) {
        networks = apr_array_make(pool, 1, sizeof(char *));
        APR_ARRAY_PUSH(networks, const char *) = NO_NETWORK;
    }
    for (i = 0; i < networks->nelts; i++) {
        const char **item = &APR_ARRAY_IDX(networks, i, const char *);

        *item = network_or_none(*item);
    }
    return networks->nelts ? networks : NULL;
}

uk_outcome_e uk_row_require_team(uk_connection_t *connection, apr_pool_t *pool,
                                 const char *team)
{
    apr_array_header_t *rows;

    if (uk_connection_select(connection, pool, &uk_sql[UK_SQL_TEAM_BY_ID],
                             (const char *[]){team}, &rows)) {
        return UK_UNAVAILABLE;
    }
    return rows->nelts == 1 ? UK_OK : UK_NOT_FOUND;
}

static void read_field(apr_pool_t *pool, const char *column,
                       const uk_key_field_t *field, uk_key_t *key)
{
    switch (field->kind) {
    case UK_KIND_STRING:
        UK_KEY_AT(const char *, key, field) = column;
        break;
    case UK_KIND_TEXT:
        UK_KEY_AT(const char *, key, field) =
            uk_row_is_null(column) ? NULL : column;
        break;
    case UK_KIND_NETWORKS:
        UK_KEY_AT(const apr_array_header_t *, key, field) =
            uk_row_networks(pool, column);
        break;
    case UK_KIND_SCOPES:
        UK_KEY_AT(const apr_array_header_t *, key, field) =
            uk_row_scopes(pool, column);
        break;
    case UK_KIND_EXPIRY:
        UK_KEY_AT(uk_instant_t, key, field) = uk_row_expiry(column);
        break;
    case UK_KIND_INSTANT:
    case UK_KIND_OPTIONAL:
        UK_KEY_AT(uk_instant_t, key, field) = uk_row_instant(column);
        break;
    }
}

uk_outcome_e uk_row_lock_key(uk_connection_t *connection, apr_pool_t *pool,
                             const char *team, const char *id, uk_key_t **key)
{
    uk_key_t *found;
    uk_outcome_e outcome;

    /* MySQL says that a row has not changed if it has no new values. */
    if (uk_row_write(connection, pool, UK_SQL_KEY_LOCK, &id)
        == UK_UNAVAILABLE) {
        return UK_UNAVAILABLE;
    }
    outcome = uk_row_read_key(connection, pool, id, &found);
    if (outcome != UK_OK) {
        return outcome;
    }
    if (team && strcmp(found->team, team) != 0) {
        return UK_NOT_FOUND;
    }
    *key = found;
    return UK_OK;
}

/* Some databases compare strings without regard to case. */
uk_outcome_e uk_row_read_key(uk_connection_t *connection, apr_pool_t *pool,
                             const char *id, uk_key_t **key)
{
    apr_array_header_t *rows;
    uk_key_t *found;

    if (uk_connection_select(connection, pool, &uk_sql[UK_SQL_KEY_BY_ID], &id,
                             &rows)) {
        return UK_UNAVAILABLE;
    }
    found = rows->nelts == 1
                ? uk_row_key(pool, APR_ARRAY_IDX(rows, 0, const char **))
                : NULL;
    if (!found || strcmp(found->id, id) != 0) {
        return UK_NOT_FOUND;
    }
    *key = found;
    return UK_OK;
}

uk_key_t *uk_row_key(apr_pool_t *pool, const char **row)
{
    uk_key_t *key = apr_pcalloc(pool, sizeof(*key));
    int i;

    for (i = 0; i < UK_KEY_FIELD_COUNT; i++) {
        read_field(pool, row[i], &uk_key_fields[i], key);
    }
    return key;
}

const char *uk_row_field(apr_pool_t *pool, const uk_key_t *key,
                         uk_key_field_e index)
{
    const uk_key_field_t *field = &uk_key_fields[index];
    const apr_array_header_t *strings;

    switch (field->kind) {
    case UK_KIND_STRING:
    case UK_KIND_TEXT:
        return UK_KEY_AT(const char *, key, field);
    case UK_KIND_SCOPES:
    case UK_KIND_NETWORKS:
        strings = UK_KEY_AT(const apr_array_header_t *, key, field);
        return strings ? uk_json_write_strings(pool, strings) : NULL;
    case UK_KIND_INSTANT:
        return uk_row_number(pool, UK_KEY_AT(uk_instant_t, key, field));
    case UK_KIND_OPTIONAL:
    case UK_KIND_EXPIRY:
        break;
    }
    return number_or_null(pool, UK_KEY_AT(uk_instant_t, key, field));
}

uk_outcome_e uk_row_insert_key(uk_connection_t *connection, apr_pool_t *pool,
                               const uk_key_t *key, const char *created_by,
                               int slot, const char *hash)
{
    const char *args[UK_KEY_INSERT_ARGS];
    int i;

    for (i = 0; i < UK_KEY_FIELD_COUNT; i++) {
        args[i] = uk_row_field(pool, key, (uk_key_field_e)i);
    }
    args[i++] = created_by;
    args[i++] = uk_row_number(pool, slot);
    args[i] = hash;
    return uk_row_write(connection, pool, UK_SQL_KEY_INSERT, args);
}

uk_outcome_e uk_row_change_key(uk_connection_t *connection, apr_pool_t *pool,
                               const uk_key_t *key)
{
    static const uk_key_field_e fields[] = {
        UK_KEY_FIELD_name,
        UK_KEY_FIELD_scopes,
        UK_KEY_FIELD_expires_at,
        UK_KEY_FIELD_addresses,
        UK_KEY_FIELD_disabled_at,
        UK_KEY_FIELD_disabled_reason,
        UK_KEY_FIELD_previous_ends_at,
        UK_KEY_FIELD_id,
    };
    const char *args[sizeof(fields) / sizeof(fields[0])];
    size_t i;

    for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        args[i] = uk_row_field(pool, key, fields[i]);
    }
    /* MySQL says that a row has not changed if it has no new values. */
    return uk_row_write(connection, pool, UK_SQL_KEY_CHANGE, args)
                   == UK_UNAVAILABLE
               ? UK_UNAVAILABLE
               : UK_OK;
}
