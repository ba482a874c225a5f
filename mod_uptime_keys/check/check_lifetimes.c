/* SPDX-License-Identifier: Apache-2.0 */
/* The check of how long keys live. */
#include "check/check_lifetimes.h"

#include <apr_strings.h>

#include "core/lifetime.h"
#include "store/key_filter.h"
#include "check/remedies.h"

static const char *tell_count(const uk_check_context_t *context,
                              uk_instant_t end, apr_int64_t count)
{
    char latest[UK_INSTANT_STRING_LEN + 1];

    uk_instant_format(end, latest);
    return apr_psprintf(
        context->db->pool,
        "%" APR_INT64_T_FMT " %s longer than the %d days that "
        "UptimeKeysMaxLifetime allows, from before it or imported so: key list "
        "shows when each expires; key rotate, and key edit --expires until %s "
        "at the latest, bring it within the limit",
        count, count == 1 ? "key lives" : "keys live", context->max_lifetime,
        latest);
}

uk_check_e uk_check_lifetimes(const uk_check_context_t *context,
                              const char **message)
{
    apr_int64_t count;
    uk_instant_t end;

    if (!context->max_lifetime) {
        return UK_CHECK_NOT_APPLICABLE;
    }
    end = uk_lifetime_end(context->clock(), context->max_lifetime);
    if (uk_store_count_longer(context->db, end, &count) != UK_OK) {
        *message = uk_check_explain(context->db->pool, context->db->error);
        return UK_CHECK_ERROR;
    }
    *message = count ? tell_count(context, end, count)
                     : apr_psprintf(context->db->pool,
                                    "no key lives longer than %d days",
                                    context->max_lifetime);
    return UK_CHECK_OK;
}
