/* SPDX-License-Identifier: Apache-2.0 */
/* An answer to a key is for its holder alone. */
#include "httpd/privacy.h"

#include "httpd/request.h"

#define FILTER "UPTIME_KEYS_PRIVATE"

/* What lets a shared cache store an answer to a credential. */
static int is_sharing(const char *directive)
{
    return ap_cstr_casecmp(directive, "public") == 0
           || ap_cstr_casecmpn(directive, "s-maxage", 8) == 0;
}

/* The directives of a resource that do not contradict "private". */
static const char *without_sharing(apr_pool_t *pool, const char *field)
{
    const char *kept = NULL;
    char *directive;

    while ((directive = ap_get_list_item(pool, &field)) != NULL) {
        if (!is_sharing(directive)) {
            kept = kept ? apr_pstrcat(pool, kept, ", ", directive, NULL)
                        : directive;
        }
    }
    return kept;
}

/* Once, before the header is sent: the resource has said by then what it has
 * to say, and so has mod_headers. */
static apr_status_t private_filter(ap_filter_t *filter,
                                   apr_bucket_brigade *brigade)
{
    request_rec *r = filter->r;
    const char *field = apr_table_get(r->headers_out, "Cache-Control");

    if (field) {
        field = without_sharing(r->pool, field);
    }
    if (field) {
        apr_table_setn(r->headers_out, "Cache-Control", field);
    }
    else {
        apr_table_unset(r->headers_out, "Cache-Control");
    }
    /* Ours, "private" or by now "no-store", once, also where httpd has merged
     * tables on the way. */
    field = apr_table_get(r->err_headers_out, "Cache-Control");
    if (field) {
        apr_table_setn(r->err_headers_out, "Cache-Control", field);
    }
    ap_remove_output_filter(filter);
    return ap_pass_brigade(filter->next, brigade);
}

/* A sub-request's answer is part of its parent's. */
void uk_privacy_keep(request_rec *r)
{
    for (; r; r = r->main) {
        uk_request_t *state = uk_request_get(r);

        r->no_cache = 1;
        apr_table_setn(r->err_headers_out, "Cache-Control", "private");
        if (!r->main && !state->is_private) {
            ap_add_output_filter(FILTER, NULL, r, r->connection);
        }
        state->is_private = 1;
    }
}

void uk_privacy_register(void)
{
    /* After whoever sets headers, before they are sent. */
    ap_register_output_filter(FILTER, private_filter, NULL,
                              AP_FTYPE_PROTOCOL - 1);
}
