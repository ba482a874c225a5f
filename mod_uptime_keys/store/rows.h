/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of store/ share: single statements, and values of columns. All
 * results are in the pool. */
#ifndef UK_STORE_ROWS_H
#define UK_STORE_ROWS_H

#include "core/key.h"
#include "db/database.h"
#include "store/sql.h"

/** Run one statement that reads, on a connection acquired for it. @return UK_OK
 *  and the rows, in db->pool; UK_UNAVAILABLE with db->error */
uk_outcome_e uk_rows_select(uk_database_t *db, uk_sql_e sql, const char **args,
                            apr_array_header_t **rows)
    __attribute__((warn_unused_result));

/** Run one statement that writes. @return UK_OK; UK_NOT_FOUND: it changed no
 *  row; UK_UNAVAILABLE with connection->error */
uk_outcome_e uk_row_write(uk_connection_t *connection, apr_pool_t *pool,
                          uk_sql_e sql, const char **args)
    __attribute__((warn_unused_result));

/** Check that a team exists. @return UK_OK, UK_NOT_FOUND, UK_UNAVAILABLE */
uk_outcome_e uk_row_require_team(uk_connection_t *connection, apr_pool_t *pool,
                                 const char *team)
    __attribute__((warn_unused_result));

/** Format a number as an argument of a statement. */
const char *uk_row_number(apr_pool_t *pool, apr_int64_t number);

/** @return 1 if a value of a column is SQL's NULL, which is "" with some
 *  drivers; else 0 */
int uk_row_is_null(const char *value);

/** Read an instant from a column; UK_INSTANT_NONE for SQL's NULL. */
uk_instant_t uk_row_instant(const char *value);

/** Read an expiry from a column; UK_INSTANT_NONE for SQL's NULL. A value that
 *  is 0 or not a number becomes an instant in the past. */
uk_instant_t uk_row_expiry(const char *value);

/** Read names of scopes, as const char *s, from a column. The array is empty,
 *  and so grants nothing, if the value is not a JSON array of valid names. */
apr_array_header_t *uk_row_scopes(apr_pool_t *pool, const char *value);

/** Read networks from a column; NULL for SQL's NULL and for an empty array:
 *  anywhere. What is no JSON array of strings, and a string that is empty or
 *  contains a space, becomes a string that is no network. */
const apr_array_header_t *uk_row_networks(apr_pool_t *pool, const char *value);

/** Format a field of a key as an argument of a statement; NULL for null. */
const char *uk_row_field(apr_pool_t *pool, const uk_key_t *key,
                         uk_key_field_e index);

/**
 * Lock the row of a key until the transaction ends, and read it: nobody else
 * changes the key between what is read and what is written. It must be the
 * first statement of the transaction, or MySQL may read an older state.
 *
 * @param team that the key must belong to; NULL: any
 * @return UK_OK; UK_NOT_FOUND; UK_UNAVAILABLE with connection->error. *key is
 *         set with UK_OK only
 */
uk_outcome_e uk_row_lock_key(uk_connection_t *connection, apr_pool_t *pool,
                             const char *team, const char *id, uk_key_t **key)
    __attribute__((warn_unused_result));

/** Read the row of a key by its id. @return UK_OK; UK_NOT_FOUND; UK_UNAVAILABLE
 *  with connection->error. *key is set with UK_OK only */
uk_outcome_e uk_row_read_key(uk_connection_t *connection, apr_pool_t *pool,
                             const char *id, uk_key_t **key)
    __attribute__((warn_unused_result));

/** Read a key from a row of a statement that selects the columns of
 *  UK_KEY_FIELDS. The key is in the pool; its strings are those of the row. */
uk_key_t *uk_row_key(apr_pool_t *pool, const char **row);

/** Write the fields of a locked key that a change may give other values: all
 *  but those of its secrets and its uses. @return UK_OK, also if no field has
 *  another value; UK_UNAVAILABLE with connection->error */
uk_outcome_e uk_row_change_key(uk_connection_t *connection, apr_pool_t *pool,
                               const uk_key_t *key)
    __attribute__((warn_unused_result));

/** Insert a key into a slot of its team. @return UK_OK; UK_UNAVAILABLE, also if
 *  the slot, the hash or the id is in use */
uk_outcome_e uk_row_insert_key(uk_connection_t *connection, apr_pool_t *pool,
                               const uk_key_t *key, const char *created_by,
                               int slot, const char *hash)
    __attribute__((warn_unused_result));

#endif
