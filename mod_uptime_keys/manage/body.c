/* SPDX-License-Identifier: Apache-2.0 */
/* The body of a request: its type and size, read to its end. */
#include "manage/body.h"

#include <string.h>

#include "core/secret.h"
#include "httpd/request.h"
#include "manage/auth.h"
#include "manage/response.h"

int uk_body_has_type(const uk_context_t *ctx, const char *type)
{
    const char *sent = apr_table_get(ctx->r->headers_in, "Content-Type");
    size_t len = strlen(type);

    return sent && ap_cstr_casecmpn(sent, type, len) == 0
           && (sent[len] == '\0' || strchr("; \t", sent[len]));
}

/* mod_auth_form leaves an empty body in its place, or what its form asks to send
 * on after the login. */
int uk_body_is_consumed(const request_rec *r)
{
    return r->method_number == M_POST && r->kept_body
           && APR_BRIGADE_EMPTY(r->kept_body);
}

static int is_encoded(request_rec *r)
{
    const char *coding = apr_table_get(r->headers_in, "Content-Encoding");

    return coding && ap_cstr_casecmp(coding, "identity") != 0;
}

static int is_announced_larger(const request_rec *r, apr_off_t limit)
{
    const char *value = apr_table_get(r->headers_in, "Content-Length");
    apr_off_t len;

    return value && (!ap_parse_strict_length(&len, value) || len > limit);
}

/* LimitRequestBody, if it is the lower one; 0 stands for none. */
static apr_off_t lower_limit(const request_rec *r, apr_size_t max)
{
    apr_off_t limit = ap_get_limit_req_body(r);

    return limit > 0 && limit < (apr_off_t)max ? limit : (apr_off_t)max;
}

static const char *describe_limit(apr_pool_t *pool, apr_off_t limit)
{
    return apr_psprintf(pool,
                        "The body of a request has at most %" APR_OFF_T_FMT
                        " bytes here.",
                        limit);
}

const char *uk_body_limit_of_httpd(request_rec *r)
{
    const uk_request_t *state = uk_request_find(r);

    return state && state->body_limit
               ? describe_limit(r->pool, state->body_limit)
               : "The body of the request is larger than another module of "
                 "this server accepts, for a login form for example.";
}

static int respond_too_large(uk_context_t *ctx, apr_off_t limit)
{
    return uk_respond_problem(ctx, UK_PROBLEM_TOO_LARGE,
                              describe_limit(ctx->r->pool, limit));
}

/* Read the next part of the body, at most *len bytes. */
static apr_status_t read_part(request_rec *r, apr_bucket_brigade *brigade,
                              char *part, apr_size_t *len)
{
    apr_status_t rv =
        ap_get_brigade(r->input_filters, brigade, AP_MODE_READBYTES,
                       APR_BLOCK_READ, HUGE_STRING_LEN);

    return rv == APR_SUCCESS ? apr_brigade_flatten(brigade, part, len) : rv;
}

static int has_end(apr_bucket_brigade *brigade)
{
    return !APR_BRIGADE_EMPTY(brigade)
           && APR_BUCKET_IS_EOS(APR_BRIGADE_LAST(brigade));
}

/* Read up to one byte more than allowed, to notice a body that is too large.
 * @param body has room for max + 1 bytes
 * @return OK, or the status of the response */
static int read_all(request_rec *r, char *body, apr_size_t max, apr_size_t *len)
{
    apr_bucket_brigade *brigade =
        apr_brigade_create(r->pool, r->connection->bucket_alloc);

    *len = 0;
    while (!has_end(brigade)) {
        apr_size_t n = max + 1 - *len;
        apr_status_t rv;

        apr_brigade_cleanup(brigade);
        rv = read_part(r, brigade, body + *len, &n);
        if (rv != APR_SUCCESS) {
            return ap_map_http_request_error(rv, HTTP_BAD_REQUEST);
        }
        *len += n;
        if (*len > max) {
            return HTTP_REQUEST_ENTITY_TOO_LARGE;
        }
    }
    return OK;
}

/* @return DONE after a response, or the status for the handler to return */
static int respond_unread(uk_context_t *ctx, int status, apr_off_t limit)
{
    if (status == HTTP_REQUEST_ENTITY_TOO_LARGE) {
        return respond_too_large(ctx, limit);
    }
    return status == HTTP_BAD_REQUEST ? uk_respond_problem(
               ctx, UK_PROBLEM_BAD_REQUEST, "The body did not arrive whole.")
                                      : status;
}

int uk_body_read_up_to(uk_context_t *ctx, const char *type, apr_size_t max,
                       char **body, apr_size_t *len)
{
    request_rec *r = ctx->r;
    uk_request_t *state = uk_request_get(r);
    apr_off_t limit = lower_limit(r, max);
    char *buffer;
    int status;

    if ((type && !uk_body_has_type(ctx, type)) || is_encoded(r)) {
        return uk_respond_problem(ctx, UK_PROBLEM_MEDIA_TYPE, NULL);
    }
    if (is_announced_larger(r, limit)) {
        return respond_too_large(ctx, limit);
    }
    buffer = apr_palloc(r->pool, max + 1);
    state->body_limit = limit;
    status = read_all(r, buffer, max, len);
    state->body_limit = 0;
    ctx->now = uk_instant_from_apr(apr_time_now());
    if (status != OK) {
        uk_secret_wipe(buffer, max);
    }
    buffer[status == OK ? *len : 0] = '\0';
    *body = buffer;
    return status == OK ? OK : respond_unread(ctx, status, limit);
}

int uk_body_read(uk_context_t *ctx, const char *type, char **body,
                 apr_size_t *len)
{
    int result = uk_body_read_up_to(ctx, type, UK_BODY_MAX, body, len);

    return result == OK ? uk_auth_confirm(ctx) : result;
}
