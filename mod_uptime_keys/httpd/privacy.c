/* SPDX-License-Identifier: Apache-2.0 */
/* Privacy: no shared cache stores an answer to a key. */
#include "httpd/privacy.h"

#include "httpd/request.h"

#define FIELD "Cache-Control"

static ap_filter_rec_t *filter_rec;
static int has_mod_cache;

void uk_privacy_init(void)
{
    has_mod_cache = ap_find_linked_module("mod_cache.c") != NULL;
}

/* Whether a directive lets a shared cache store an answer to a credential. A
 * "private" that names header fields does; a plain one is added again. */
static int permits_sharing(const char *directive)
{
    return ap_cstr_casecmp(directive, "public") == 0
           || ap_cstr_casecmpn(directive, "s-maxage", 8) == 0
           || ap_cstr_casecmpn(directive, "private", 7) == 0;
}

/* "private" and the directives of the resource that do not contradict it. An
 * answer with "no-store" is private already. */
static const char *make_private(apr_pool_t *pool, const char *field)
{
    const char *kept = NULL;
    int is_stored = 1;
    char *directive;

    while ((directive = ap_get_list_item(pool, &field)) != NULL) {
        if (!permits_sharing(directive)) {
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

/* The field, joined if it is repeated. It is mostly absent, which
 * apr_table_get() finds sooner than apr_table_getm(). */
static const char *joined_field(apr_pool_t *pool, const apr_table_t *headers)
{
    return apr_table_get(headers, FIELD) ? apr_table_getm(pool, headers, FIELD)
                                         : NULL;
}

/* All that the answer has of the field so far; NULL: nothing. */
static const char *response_field(request_rec *r)
{
    const char *first = joined_field(r->pool, r->err_headers_out);
    const char *second = joined_field(r->pool, r->headers_out);

    return first && second ? apr_pstrcat(r->pool, first, ", ", second, NULL)
           : first         ? first
                           : second;
}

/* Runs once, before the header is sent: by then the resource and mod_headers
 * have set what they set. */
static apr_status_t private_filter(ap_filter_t *filter,
                                   apr_bucket_brigade *brigade)
{
    request_rec *r = filter->r;
    const char *field = response_field(r);

    if (field) {
        apr_table_unset(r->err_headers_out, FIELD);
        apr_table_setn(r->headers_out, FIELD, make_private(r->pool, field));
    }
    else {
        apr_table_addn(r->headers_out, FIELD, "private");
    }
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

/* With the variable no-cache, mod_cache stores nothing, whatever its directives
 * say. r->no_cache would do that too, but would disable conditional requests.
 * The answer to a sub-request is a part of its parent's. */
void uk_privacy_keep(request_rec *r)
{
    for (; r; r = r->main) {
        uk_request_t *state = uk_request_get(r);

        if (!state->is_private) {
            state->is_private = 1;
            if (has_mod_cache) {
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
    /* After the filters that set headers, before the header is sent. */
    filter_rec = ap_register_output_filter(
        "UPTIME_KEYS_PRIVATE", private_filter, NULL, AP_FTYPE_PROTOCOL - 1);
}
