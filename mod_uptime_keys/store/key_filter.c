/* SPDX-License-Identifier: Apache-2.0 */
/* uptime_keys: the keys that somebody should look at. */
#include "store/key_filter.h"

#include <apr_strings.h>

#include "store/rows.h"

uk_outcome_e uk_store_keys_filtered(uk_database_t *db, uk_key_filter_e filter,
                                    const char *team, uk_instant_t at,
                                    apr_array_header_t **keys)
{
    static const uk_sql_e statements[] = {
        [UK_KEYS_EXPIRING] = UK_SQL_KEYS_EXPIRING,
        [UK_KEYS_UNUSED] = UK_SQL_KEYS_UNUSED,
        [UK_KEYS_DISABLED] = UK_SQL_KEYS_DISABLED,
    };
    const char *any_team = team ? team : "";
    const char *instant = uk_row_number(db->pool, at);
    apr_array_header_t *rows;
    uk_outcome_e outcome = uk_rows_select(
        db, statements[filter],
        (const char *[]){any_team, any_team, instant, instant}, &rows);
    int i;

    *keys = apr_array_make(db->pool, 10, sizeof(uk_key_t *));
    for (i = 0; outcome == UK_OK && i < rows->nelts; i++) {
        APR_ARRAY_PUSH(*keys, uk_key_t *) =
            uk_row_key(db->pool, APR_ARRAY_IDX(rows, i, const char **));
    }
    return outcome;
}

uk_outcome_e uk_store_count_longer(uk_database_t *db, uk_instant_t at,
                                   apr_int64_t *count)
{
    const char *instant = uk_row_number(db->pool, at);
    apr_array_header_t *rows;
    uk_outcome_e outcome =
        uk_rows_select(db, UK_SQL_KEYS_LONGER, &instant, &rows);

    *count = outcome == UK_OK
                 ? apr_atoi64(APR_ARRAY_IDX(rows, 0, const char **)[0])
                 : 0;
    return outcome;
}
