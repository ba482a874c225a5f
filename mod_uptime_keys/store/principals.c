/* SPDX-License-Identifier: Apache-2.0 */
/* The look-up that most requests need: the principal behind a key. */
#include "store/principals.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#include "core/lease_state.h"
#include "db/driver.h"
#include "store/rows.h"

/* Rows can be written by plain SQL: a value may contain a line break, which
 * would end a header, or be NULL. */
static const char *printable(apr_pool_t *pool, const char *value)
{
    const char *c = value ? value : "";
    char *copy;

    while (*c && !apr_iscntrl(*c)) {
        c++;
    }
    if (!*c) {
        return value ? value : c;
    }
    copy = apr_pstrdup(pool, value);
    for (c = copy; *c; c++) {
        if (apr_iscntrl(*c)) {
            copy[c - copy] = '?';
        }
    }
    return copy;
}

/* A mistake in plain SQL must not let a key in from anywhere: what is no network
 * contains no address. */
static const char *networks(apr_pool_t *pool, const char *value)
{
    const apr_array_header_t *addresses = uk_row_networks(pool, value);

    return addresses ? printable(pool, apr_array_pstrcat(pool, addresses, ' '))
                     : "";
}

static void read_end(const char *value, uk_principal_t *principal)
{
    uk_instant_t end = uk_row_expiry(value);

    principal->is_disabled = end == UK_END_DISABLED;
    principal->is_previous = end < 0 && !principal->is_disabled;
    principal->expires_at = end < 0 ? -end : end;
}

#define READ_STRING(field, value) principal->field = printable(pool, value);
#define READ_INSTANT(field, value) principal->field = uk_row_instant(value);
#define READ_END(field, value) read_end(value, principal);
#define READ_SCOPES(field, value)                                              \
    principal->scope_names = scopes->names;                                    \
    principal->field = scopes->set;
#define READ_NETWORKS(field, value) principal->field = networks(pool, value);
#define READ_HASH(field, value)
#define READ_ROW(field, kind, current, previous)                               \
    READ_##kind(field, row[UK_PRINCIPAL_##field])

static uk_principal_t *principal_of(apr_pool_t *pool, const char **row,
                                    const uk_scope_column_t *scopes)
{
    uk_principal_t *principal = apr_pcalloc(pool, sizeof(*principal));

    UK_PRINCIPAL_FIELDS(READ_ROW, READ_ROW)
    return principal;
}

/* The database may find other values equal: by case or by trailing spaces. */
static int is_hash(const char *value, const char hash[UK_HASH_LEN + 1])
{
    return value && strlen(value) == UK_HASH_LEN
           && uk_secret_equal(value, hash, UK_HASH_LEN);
}

/* Split the string of a statement that joins the columns, in place. @return the
 * columns; NULL if their number is wrong: a value contains a separator, or is
 * NULL */
static const char **split_columns(apr_pool_t *pool, char *joined)
{
    const char **row = apr_palloc(pool, sizeof(*row) * UK_PRINCIPAL_COLUMNS);
    int count = 0;

    while (joined && count < UK_PRINCIPAL_COLUMNS) {
        char *end = strpbrk(joined, UK_PRINCIPAL_SEPARATOR);

        row[count++] = joined;
        joined = end ? end + 1 : NULL;
        if (end) {
            *end = '\0';
        }
    }
    return count == UK_PRINCIPAL_COLUMNS && !joined ? row : NULL;
}

typedef struct {
    const char *hash[2]; /* twice the same: of either secret */
    const char **row;    /* receives the columns; NULL: no such key */
} look_up_t;

/* @return 0, or -1 with connection->error */
static int select_principal(uk_connection_t *connection, apr_pool_t *pool,
                            uk_sql_e statement, look_up_t *look_up)
{
    apr_array_header_t *rows;
    const char **row;

    if (uk_connection_select(connection, pool, &uk_sql[statement],
                             look_up->hash, &rows)) {
        return -1;
    }
    row = rows->nelts == 1 ? APR_ARRAY_IDX(rows, 0, const char **) : NULL;
    if (row && uk_sql[statement].columns == 1) {
        row = split_columns(pool, (char *)row[0]);
    }
    look_up->row = row;
    return 0;
}

/* Only statements of PostgreSQL lose their names. */
static uk_outcome_e look_up_work(uk_connection_t *connection, apr_pool_t *pool,
                                 void *baton)
{
    static const uk_sql_e statements[] = {
        [UK_JOIN_NONE] = UK_SQL_PRINCIPAL,
        [UK_JOIN_CONCAT] = UK_SQL_PRINCIPAL_CONCAT,
        [UK_JOIN_PIPES] = UK_SQL_PRINCIPAL_PIPES,
    };
    int has_names = uk_connection_has_names(connection);
    uk_join_e join = has_names ? connection->traits->joins : UK_JOIN_NONE;
    look_up_t *look_up = baton;

    look_up->row = NULL;
    if (!has_names
        && select_principal(connection, pool, UK_SQL_PRINCIPAL_PGSQL,
                            look_up)) {
        return UK_UNAVAILABLE;
    }
    if (!look_up->row
        && select_principal(connection, pool, statements[join], look_up)) {
        return UK_UNAVAILABLE;
    }
    return UK_OK;
}

uk_outcome_e uk_store_principal(uk_database_t *db,
                                const uk_catalogue_t *catalogue,
                                uk_scope_cache_t *scope_cache,
                                const char hash[UK_HASH_LEN + 1],
                                uk_principal_t **principal)
{
    look_up_t look_up = {{hash, hash}, NULL};
    uk_outcome_e outcome = uk_database_run(db, look_up_work, &look_up);
    uk_scope_column_t scopes;

    *principal = NULL;
    if (outcome != UK_OK) {
        return outcome;
    }
    if (!look_up.row || !is_hash(look_up.row[UK_PRINCIPAL_hash], hash)) {
        return UK_NOT_FOUND;
    }
    scopes = uk_scope_cache_read(scope_cache, db->pool, catalogue,
                                 look_up.row[UK_PRINCIPAL_scopes]);
    *principal = principal_of(db->pool, look_up.row, &scopes);
    (*principal)->group = uk_lease_group(hash);
    return UK_OK;
}
