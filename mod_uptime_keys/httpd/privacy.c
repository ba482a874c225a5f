/* SPDX-License-Identifier: Apache-2.0 */
/* An answer to a key is for its holder alone. */
#include "httpd/privacy.h"

#include "httpd/request.h"

#define FIELD "Cache-Control"

static ap_filter_rec_t *filter_rec;
static int has_cache; /* mod_cache is there */

void uk_privacy_init(void)
{
    has_cache = ap_find_linked_module("mod_cache.c") != NULL;
}

/* What lets a shared cache store an answer to a credential; a "private" that
 * names fields does, and one that does not is ours to say. */
static int is_sharing(const char *directive)
{
    return ap_cstr_casecmp(directive, "public") == 0
           || ap_cstr_casecmpn(directive, "s-maxage", 8) == 0
           || ap_cstr_casecmpn(directive, "private", 7) == 0;
}

/* The directives of a resource that do not contradict us, with ours before
 * them; what is never stored is private already. */
static const char *make_private(apr_pool_t *pool, const char *field)
{
    const char *kept = NULL;
    int is_stored = 1;
    char *directive;

    while ((directive = ap_get_list_item(pool, &field)) != NULL) {
        if (!is_sharing(directive)) {
            kept = kept ? apr_pstrcat(pool, kept, ", ", directive, NULL)
                        : directive;
        }
        is_stored &= ap_cstr_casecmp(directive, "no-store") != 0;
    }
    if (!kept) {
        return "private";
    }
    return is_stored ? apr_pstrcat(pool, "private, ", kept, NULL) : kept;
}

/* In as many lines as it may be; mostly in none, which is told sooner so. */
static const char *said_in(apr_pool_t *pool, const apr_table_t *headers)
{
    return apr_table_get(headers, FIELD) ? apr_table_getm(pool, headers, FIELD)
                                         : NULL;
}

/* All that an answer says so far. */
static const char *said(request_rec *r)
{
    const char *first = said_in(r->pool, r->err_headers_out);
    const char *second = said_in(r->pool, r->headers_out);

    return first && second ? apr_pstrcat(r->pool, first, ", ", second, NULL)
           : first         ? first
                           : second;
}

/* Once, before the header is sent: the resource has said by then what it has
 * to say, and so has mod_headers. */
static apr_status_t private_filter(ap_filter_t *filter,
                                   apr_bucket_brigade *brigade)
{
    request_rec *r = filter->r;
    const char *field = said(r);

    apr_table_unset(r->err_headers_out, FIELD);
    apr_table_setn(r->headers_out, FIELD,
                   field ? make_private(r->pool, field) : "private");
    ap_remove_output_filter(filter);
    return ap_pass_brigade(filter->next, brigade);
}

static void ensure_filter(request_rec *r)
{
    const ap_filter_t *filter = r->output_filters;

    while (filter && filter->frec != filter_rec) {
        filter = filter->next;
    }
    if (!filter) {
        ap_add_output_filter_handle(filter_rec, NULL, r, r->connection);
    }
}

/* The variable is mod_cache's: it stores nothing then, whatever it is told.
 * r->no_cache would do that too, but take conditional requests away. A
 * sub-request's answer is part of its parent's. */
void uk_privacy_keep(request_rec *r)
{
    for (; r; r = r->main) {
        uk_request_t *state = uk_request_get(r);

        if (!state->is_private) {
            state->is_private = 1;
            if (has_cache) {
                apr_table_setn(r->subprocess_env, "no-cache", "1");
            }
            if (!r->main) {
                ensure_filter(r);
            }
        }
    }
}

void uk_privacy_insert_filter(request_rec *r)
{
    const uk_request_t *state = uk_request_find(r);

    if (state && state->is_private && !r->main) {
        ensure_filter(r);
    }
}

void uk_privacy_register(void)
{
    /* After whoever sets headers, before they are sent. */
    filter_rec = ap_register_output_filter(
        "UPTIME_KEYS_PRIVATE", private_filter, NULL, AP_FTYPE_PROTOCOL - 1);
}
