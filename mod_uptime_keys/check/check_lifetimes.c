/* SPDX-License-Identifier: Apache-2.0 */
/* The check of how long keys live. */
#include "check/check_lifetimes.h"

#include <apr_strings.h>

#include "core/lifetime.h"
#include "store/key_filter.h"
#include "check/remedies.h"

uk_check_e uk_check_lifetimes(const uk_check_context_t *context,
                              const char **message)
{
    apr_pool_t *pool = context->db->pool;
    int days = context->max_lifetime;
    char latest[UK_INSTANT_STRING_LEN + 1];
    apr_int64_t count;
    uk_instant_t end;

    if (!days) {
        return UK_CHECK_NOT_APPLICABLE;
    }
    end = uk_lifetime_end(context->clock(), days);
    if (uk_store_count_longer(context->db, end, &count) != UK_OK) {
        *message = uk_check_explain(pool, context->db->error);
        return UK_CHECK_ERROR;
    }
    if (count == 0) {
        *message = apr_psprintf(pool, "no key lives longer than %d days", days);
        return UK_CHECK_OK;
    }
    uk_instant_format(end, latest);
    *message = apr_psprintf(
        pool,
        "%" APR_INT64_T_FMT " %s longer than the %d days that "
        "UptimeKeysMaxLifetime allows, as %s: key list shows when each "
        "expires, "
        "and key edit --expires or key rotate limits it (until %s at the "
        "latest)",
        count, count == 1 ? "key lives" : "keys live", days,
        count == 1 ? "it was there before or was imported so"
                   : "they were there before or were imported so",
        latest);
    return UK_CHECK_OK;
}
