/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of the settings, which need no connection. */
#include "check/check_settings.h"

#include <apr_strings.h>
#include <string.h>

#include "db/driver.h"

uk_check_e uk_check_path(const uk_check_context_t *context,
                         const char **message)
{
    if (!uk_driver_is_file(context->driver) || !context->is_of_httpd) {
        return UK_CHECK_NOT_APPLICABLE;
    }
    *message = "absolute";
    if (*context->params == '/') {
        return UK_CHECK_OK;
    }
    *message = apr_psprintf(context->db->pool,
                            "httpd looks for %s in the folder that it was "
                            "started from; write DBDParams with the whole path",
                            context->params);
    return UK_CHECK_WARNING;
}

uk_check_e uk_check_options(const uk_check_context_t *context,
                            const char **message)
{
    const uk_driver_option_t *wanted = uk_driver_named(context->driver)->wanted;
    const char *advice = NULL;
    uk_check_e result = UK_CHECK_NOT_APPLICABLE;
    int i;

    for (i = 0; i < UK_DRIVER_LIST_MAX && wanted[i].option; i++) {
        if (!strcasestr(context->params, wanted[i].with)) {
            continue;
        }
        result = UK_CHECK_OK;
        if (!strcasestr(context->params, wanted[i].option)) {
            advice = advice ? apr_pstrcat(context->db->pool, advice, "; ",
                                          wanted[i].advice, NULL)
                            : wanted[i].advice;
        }
    }
    *message =
        advice ? advice : "DBDParams has the options that this driver needs";
    return advice ? UK_CHECK_WARNING : result;
}

static const char *too_many(const uk_check_context_t *context,
                            const char *directive, int number,
                            const char *other, int limit)
{
    return apr_psprintf(context->db->pool,
                        "%s %d is more than %s %d: mod_dbd makes no connection "
                        "at all, and no key can be checked; make it %s %d",
                        directive, number, other, limit, directive, limit);
}

static const char *explain_impossible_pool(const uk_check_context_t *context)
{
    const uk_dbd_pool_size_t *pool = &context->pool;

    if (pool->max <= 0) {
        return "DBDMax 0: mod_dbd makes no connection at all, and no key can "
               "be checked; make it as many as ThreadsPerChild";
    }
    return pool->keep > pool->max
               ? too_many(context, "DBDKeep", pool->keep, "DBDMax", pool->max)
               : too_many(context, "DBDMin", pool->min, "DBDKeep", pool->keep);
}

uk_check_e uk_check_pool(const uk_check_context_t *context,
                         const char **message)
{
    if (!context->pool.is_known) {
        return UK_CHECK_NOT_APPLICABLE;
    }
    if (!uk_dbd_pool_is_possible(&context->pool)) {
        *message = explain_impossible_pool(context);
        return UK_CHECK_ERROR;
    }
    if (!context->threads) {
        *message = apr_psprintf(context->db->pool,
                                "DBDMax %d, which must not be less than "
                                "ThreadsPerChild, not known here",
                                context->pool.max);
        return UK_CHECK_OK;
    }
    *message = "a connection for every thread";
    if (context->pool.max >= context->threads) {
        return UK_CHECK_OK;
    }
    *message =
        apr_psprintf(context->db->pool,
                     "DBDMax %d is less than ThreadsPerChild %d: requests "
                     "wait for a connection, and after a second are "
                     "refused; make it %d",
                     context->pool.max, context->threads, context->threads);
    return UK_CHECK_WARNING;
}
