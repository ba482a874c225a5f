/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the store share: single statements, and rows' values. */
#ifndef UK_STORE_ROWS_H
#define UK_STORE_ROWS_H

#include "core/key.h"
#include "db/database.h"
#include "store/sql.h"

/** Run a statement that reads, on a connection of its own. @return UK_OK and
 *  the rows, UK_UNAVAILABLE */
uk_outcome_e uk_rows_select(uk_database_t *db, uk_sql_e sql, const char **args,
                            apr_array_header_t **rows)
    __attribute__((warn_unused_result));

/** Run a statement that writes. @return UK_OK; UK_NOT_FOUND: it changed no row;
 *  UK_UNAVAILABLE */
uk_outcome_e uk_row_write(uk_connection_t *connection, apr_pool_t *pool,
                          uk_sql_e sql, const char **args)
    __attribute__((warn_unused_result));

/** @return UK_OK; UK_NOT_FOUND: no such team; UK_UNAVAILABLE */
uk_outcome_e uk_row_require_team(uk_connection_t *connection, apr_pool_t *pool,
                                 const char *team)
    __attribute__((warn_unused_result));

/** A number for a statement's arguments. */
const char *uk_row_number(apr_pool_t *pool, apr_int64_t number);

/** Likewise; NULL for UK_INSTANT_NONE. */
const char *uk_row_number_or_null(apr_pool_t *pool, uk_instant_t instant);

/** 1 for SQL's NULL, which reaches us as NULL or, from some drivers, as "". */
int uk_row_is_null(const char *text);

/** The instant in a column; UK_INSTANT_NONE for SQL's NULL. */
uk_instant_t uk_row_instant(const char *text);

/** The same for an expiry: what is there but is no time counts as passed. */
uk_instant_t uk_row_expiry(const char *text);

/** The scopes in a column, const char *s. One that is not what we write grants
 *  nothing, also where one of its names would read as several in a list. */
apr_array_header_t *uk_row_scopes(apr_pool_t *pool, const char *text);

/** The key in a row of UK_SQL_KEY_BY_ID and its kin, in the pool. */
uk_key_t *uk_row_key(apr_pool_t *pool, const char **row);

/** Insert a key into a slot of its team. @return UK_OK; UK_UNAVAILABLE, also
 *  if the slot, the hash or the id is taken */
uk_outcome_e uk_row_insert_key(uk_connection_t *connection, apr_pool_t *pool,
                               const uk_key_t *key, const char *created_by,
                               int slot, const char *hash)
    __attribute__((warn_unused_result));

#endif
