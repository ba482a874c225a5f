/* SPDX-License-Identifier: Apache-2.0 */
/* The body of a request: its type and size, read to its end. */
#include "manage/body.h"

#include <string.h>

#include "manage/answer.h"

int uk_body_has_type(const uk_call_t *call, const char *type)
{
    const char *sent = apr_table_get(call->r->headers_in, "Content-Type");
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
    const char *text = apr_table_get(r->headers_in, "Content-Length");
    apr_off_t len;

    return text && (!ap_parse_strict_length(&len, text) || len > UK_BODY_MAX);
}

/* Add a brigade's data; @return 1 at the end of the body, 0 for more, -1 where
 * it is too large or cannot be read. */
static int collect(apr_bucket_brigade *brigade, char *body, apr_size_t *len)
{
    apr_bucket *bucket;

    for (bucket = APR_BRIGADE_FIRST(brigade);
         bucket != APR_BRIGADE_SENTINEL(brigade);
         bucket = APR_BUCKET_NEXT(bucket)) {
        const char *data;
        apr_size_t n;

        if (APR_BUCKET_IS_EOS(bucket)) {
            return 1;
        }
        if (APR_BUCKET_IS_METADATA(bucket)) {
            continue;
        }
        if (apr_bucket_read(bucket, &data, &n, APR_BLOCK_READ) != APR_SUCCESS
            || n > UK_BODY_MAX - *len) {
            return -1;
        }
        memcpy(body + *len, data, n);
        *len += n;
    }
    return 0;
}

/* @return OK, or the status to answer with */
static int read_all(request_rec *r, char *body, apr_size_t *len)
{
    apr_bucket_brigade *brigade =
        apr_brigade_create(r->pool, r->connection->bucket_alloc);
    int end = 0;

    while (end == 0) {
        apr_status_t rv =
            ap_get_brigade(r->input_filters, brigade, AP_MODE_READBYTES,
                           APR_BLOCK_READ, HUGE_STRING_LEN);

        if (rv != APR_SUCCESS) {
            return ap_map_http_request_error(rv, HTTP_BAD_REQUEST);
        }
        end = collect(brigade, body, len);
        apr_brigade_cleanup(brigade);
    }
    return end > 0 ? OK : HTTP_REQUEST_ENTITY_TOO_LARGE;
}

int uk_body_read(uk_call_t *call, const char *type, char **body,
                 apr_size_t *len)
{
    request_rec *r = call->r;
    char *buffer;
    int status;

    if (!uk_body_has_type(call, type) || is_encoded(r)) {
        return uk_answer_problem(call, UK_PROBLEM_MEDIA_TYPE, NULL);
    }
    if (is_announced_too_large(r)) {
        return uk_answer_problem(call, UK_PROBLEM_TOO_LARGE, NULL);
    }
    buffer = apr_palloc(r->pool, UK_BODY_MAX + 1);
    *len = 0;
    status = read_all(r, buffer, len);
    if (status == HTTP_REQUEST_ENTITY_TOO_LARGE) {
        return uk_answer_problem(call, UK_PROBLEM_TOO_LARGE, NULL);
    }
    if (status == HTTP_BAD_REQUEST) {
        return uk_answer_problem(call, UK_PROBLEM_BAD_REQUEST,
                                 "The body did not arrive whole.");
    }
    buffer[*len] = '\0';
    *body = buffer;
    return status;
}
