/* SPDX-License-Identifier: Apache-2.0 */
/* Durations and instants as users type them: 24h, +90d, 2030-12-31. */
#ifndef UK_CLI_DURATION_H
#define UK_CLI_DURATION_H

#include <apr_pools.h>

#include "core/instant.h"

/**
 * Parse a duration: a number and s, m, h or d; 0 needs no letter.
 *
 * @param longest seconds; a longer one is refused
 * @param seconds receives it
 * @return 0, or -1 if the string was refused
 */
int cli_duration_parse(const char *string, apr_int64_t longest,
                       apr_int64_t *seconds)
    __attribute__((warn_unused_result));

/* The forms that cli_expiry() understands, each with an example. */
#define CLI_EXPIRY_FORMS                                                       \
    "a date like 2030-12-31 (the end of that day, UTC), an instant like "      \
    "2030-12-31T18:00:00+01:00, or days from now like +90d (the end of that "  \
    "day, UTC)"

/**
 * Turn an expiry as users type it into an RFC 3339 string, in the pool.
 *
 * @return that; the string itself if it has none of the other forms
 */
const char *cli_expiry(apr_pool_t *pool, const char *string, uk_instant_t now);

#endif
