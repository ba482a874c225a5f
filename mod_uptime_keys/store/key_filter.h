/* SPDX-License-Identifier: Apache-2.0 */
/* uptime_keys: the keys that somebody should look at. */
#ifndef UK_STORE_KEY_FILTER_H
#define UK_STORE_KEY_FILTER_H

#include "core/key.h"
#include "db/database.h"

typedef enum {
    UK_KEYS_EXPIRING, /* that expire at an instant or before */
    /* that were created, and last used, before an instant */
    UK_KEYS_UNUSED,
    UK_KEYS_DISABLED /* whenever */
} uk_key_filter_e;

/**
 * List keys as uk_key_t *s, by team and newest first.
 *
 * @param team  its id; NULL: all teams
 * @param at    the instant; not used for UK_KEYS_DISABLED
 * @return UK_OK; UK_UNAVAILABLE with db->error, and the array is empty
 */
uk_outcome_e uk_store_keys_filtered(uk_database_t *db, uk_key_filter_e filter,
                                    const char *team, uk_instant_t at,
                                    apr_array_header_t **keys)
    __attribute__((warn_unused_result));

/** Count the keys that never expire, or after an instant. @return UK_OK;
 *  UK_UNAVAILABLE with db->error */
uk_outcome_e uk_store_count_longer(uk_database_t *db, uk_instant_t at,
                                   apr_int64_t *count)
    __attribute__((warn_unused_result));

#endif
