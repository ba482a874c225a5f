/* SPDX-License-Identifier: Apache-2.0 */
/* An answer to a key is for its holder alone. */
#include "httpd/privacy.h"

#include "httpd/request.h"

#define FIELD "Cache-Control"

static ap_filter_rec_t *filter_rec;

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

/* What is never stored is private already. */
static void make_private(apr_pool_t *pool, apr_table_t *headers)
{
    const char *field = apr_table_get(headers, FIELD);
    const char *kept = field ? without_sharing(pool, field) : NULL;

    if (!kept) {
        apr_table_setn(headers, FIELD, "private");
    }
    else if (!ap_find_token(pool, kept, "no-store")) {
        apr_table_setn(headers, FIELD,
                       apr_pstrcat(pool, "private, ", kept, NULL));
    }
}

/* Once, before the header is sent: the resource has said by then what it has
 * to say, and so has mod_headers. What stands in err_headers_out goes before
 * it. */
static apr_status_t private_filter(ap_filter_t *filter,
                                   apr_bucket_brigade *brigade)
{
    request_rec *r = filter->r;

    if (apr_table_get(r->err_headers_out, FIELD)) {
        apr_table_unset(r->headers_out, FIELD);
        make_private(r->pool, r->err_headers_out);
    }
    else {
        make_private(r->pool, r->headers_out);
    }
    ap_remove_output_filter(filter);
    return ap_pass_brigade(filter->next, brigade);
}

/* The variable is mod_cache's: it stores nothing then, whatever it is told.
 * r->no_cache would do that too, but take conditional requests away. A
 * sub-request's answer is part of its parent's. */
void uk_privacy_keep(request_rec *r)
{
    for (; r; r = r->main) {
        uk_request_t *state = uk_request_get(r);

        if (state->is_private) {
            continue;
        }
        state->is_private = 1;
        apr_table_setn(r->subprocess_env, "no-cache", "1");
        if (!r->main) {
            ap_add_output_filter_handle(filter_rec, NULL, r, r->connection);
        }
    }
}

void uk_privacy_guard_error(request_rec *r)
{
    const uk_request_t *state = uk_request_find(r);

    if (state && state->is_private) {
        make_private(r->pool, r->err_headers_out);
    }
}

void uk_privacy_register(void)
{
    /* After whoever sets headers, before they are sent. */
    filter_rec = ap_register_output_filter("UPTIME_KEYS_PRIVATE",
                                           private_filter, NULL,
                                           AP_FTYPE_PROTOCOL - 1);
}
