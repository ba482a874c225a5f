/* SPDX-License-Identifier: Apache-2.0 */
/* The body of a request: its type and size, read to its end. */
#include "manage/body.h"

#include <string.h>

#include "manage/response.h"

int uk_body_has_type(const uk_context_t *ctx, const char *type)
{
    const char *sent = apr_table_get(ctx->r->headers_in, "Content-Type");
    size_t len = strlen(type);

    return sent && ap_cstr_casecmpn(sent, type, len) == 0
           && (sent[len] == '\0' || strchr("; \t", sent[len]));
}

static int is_encoded(request_rec *r)
{
    const char *coding = apr_table_get(r->headers_in, "Content-Encoding");

    return coding && ap_cstr_casecmp(coding, "identity") != 0;
}

static int is_announced_too_large(request_rec *r)
{
    const char *value = apr_table_get(r->headers_in, "Content-Length");
    apr_off_t len;

    return value && (!ap_parse_strict_length(&len, value) || len > UK_BODY_MAX);
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
 * @return OK, or the status of the response */
static int read_all(request_rec *r, char body[UK_BODY_MAX + 1], apr_size_t *len)
{
    apr_bucket_brigade *brigade =
        apr_brigade_create(r->pool, r->connection->bucket_alloc);

    *len = 0;
    while (!has_end(brigade)) {
        apr_size_t n = UK_BODY_MAX + 1 - *len;
        apr_status_t rv;

        apr_brigade_cleanup(brigade);
        rv = read_part(r, brigade, body + *len, &n);
        if (rv != APR_SUCCESS) {
            return ap_map_http_request_error(rv, HTTP_BAD_REQUEST);
        }
        *len += n;
        if (*len > UK_BODY_MAX) {
            return HTTP_REQUEST_ENTITY_TOO_LARGE;
        }
    }
    return OK;
}

int uk_body_read(uk_context_t *ctx, const char *type, char **body,
                 apr_size_t *len)
{
    request_rec *r = ctx->r;
    char *buffer;
    int status;

    if (!uk_body_has_type(ctx, type) || is_encoded(r)) {
        return uk_respond_problem(ctx, UK_PROBLEM_MEDIA_TYPE, NULL);
    }
    if (is_announced_too_large(r)) {
        return uk_respond_problem(ctx, UK_PROBLEM_TOO_LARGE, NULL);
    }
    buffer = apr_palloc(r->pool, UK_BODY_MAX + 1);
    status = read_all(r, buffer, len);
    if (status == HTTP_REQUEST_ENTITY_TOO_LARGE) {
        return uk_respond_problem(ctx, UK_PROBLEM_TOO_LARGE, NULL);
    }
    if (status == HTTP_BAD_REQUEST) {
        return uk_respond_problem(ctx, UK_PROBLEM_BAD_REQUEST,
                                  "The body did not arrive whole.");
    }
    buffer[*len] = '\0';
    *body = buffer;
    return status;
}
