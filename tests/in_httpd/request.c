/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that no client has sent, and connections that lead nowhere. */
#include "in_httpd.h"

#include <apr_strings.h>
#include <http_config.h>
#include <http_connection.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>
#include <string.h>
#include <util_filter.h>

static ap_filter_rec_t *source, *sink;

/* A connection, and both of its ends. */
typedef struct {
    conn_rec c;
    const char *body; /* what is left of it */
    apr_size_t body_len;
    apr_size_t piece;
    char *answer;
    apr_size_t answer_len;
} ends_t;

static ends_t *ends_of(conn_rec *c)
{
    return (ends_t *)c;
}

static apr_status_t read_body(ap_filter_t *filter, apr_bucket_brigade *brigade,
                              ap_input_mode_t mode, apr_read_type_e block,
                              apr_off_t wanted)
{
    ends_t *ends = ends_of(filter->c);
    apr_size_t len = ends->body_len;

    (void)block;
    if (mode != AP_MODE_READBYTES) {
        return APR_ENOTIMPL;
    }
    if ((apr_off_t)len > wanted) {
        len = (apr_size_t)wanted;
    }
    if (ends->piece && len > ends->piece) {
        len = ends->piece;
    }
    if (len) {
        APR_BRIGADE_INSERT_TAIL(
            brigade, apr_bucket_immortal_create(ends->body, len,
                                                filter->c->bucket_alloc));
    }
    ends->body += len;
    ends->body_len -= len;
    if (!ends->body_len) {
        APR_BRIGADE_INSERT_TAIL(brigade,
                                apr_bucket_eos_create(filter->c->bucket_alloc));
    }
    return APR_SUCCESS;
}

static apr_status_t keep_answer(ap_filter_t *filter,
                                apr_bucket_brigade *brigade)
{
    ends_t *ends = ends_of(filter->c);
    apr_size_t len;
    char *more, *all;

    apr_brigade_pflatten(brigade, &more, &len, filter->c->pool);
    apr_brigade_cleanup(brigade);
    all = apr_palloc(filter->c->pool, ends->answer_len + len + 1);
    if (ends->answer_len) {
        memcpy(all, ends->answer, ends->answer_len);
    }
    if (len) {
        memcpy(all + ends->answer_len, more, len);
    }
    ends->answer_len += len;
    all[ends->answer_len] = '\0';
    ends->answer = all;
    return APR_SUCCESS;
}

void in_httpd_register_filters(void)
{
    source = ap_register_input_filter("IN_HTTPD_BODY", read_body, NULL,
                                      AP_FTYPE_NETWORK);
    sink = ap_register_output_filter("IN_HTTPD_ANSWER", keep_answer, NULL,
                                     AP_FTYPE_NETWORK);
}

static conn_rec *make_connection(apr_pool_t *pool)
{
    ends_t *ends = apr_pcalloc(pool, sizeof(*ends));
    conn_rec *c = &ends->c;
    apr_sockaddr_t *address;

    apr_sockaddr_info_get(&address, "192.0.2.1", APR_INET, 1024, 0, pool);
    c->pool = pool;
    c->base_server = in_httpd_server;
    c->conn_config = ap_create_conn_config(pool);
    c->notes = apr_table_make(pool, 2);
    c->bucket_alloc = apr_bucket_alloc_create(pool);
    c->client_addr = c->local_addr = address;
    c->client_ip = c->local_ip = apr_pstrdup(pool, "192.0.2.1");
    c->log = &in_httpd_server->log;
    ap_add_input_filter_handle(source, NULL, NULL, c);
    ap_add_output_filter_handle(sink, NULL, NULL, c);
    return c;
}

request_rec *in_httpd_request(apr_pool_t *pool, const char *method,
                              const char *uri)
{
    request_rec *r = ap_create_request(make_connection(pool));

    /* Without the filters that read and write HTTP. */
    r->input_filters = r->proto_input_filters = r->connection->input_filters;
    r->output_filters = r->proto_output_filters = r->connection->output_filters;
    r->method = apr_pstrdup(r->pool, method);
    r->method_number = ap_method_number_of(method);
    r->header_only = strcmp(method, "HEAD") == 0;
    r->protocol = apr_pstrdup(r->pool, "HTTP/1.1");
    r->proto_num = HTTP_VERSION(1, 1);
    r->the_request = apr_pstrcat(r->pool, method, " ", uri, " HTTP/1.1", NULL);
    r->request_time = apr_time_now();
    r->status = HTTP_OK;
    r->useragent_addr = r->connection->client_addr;
    r->useragent_ip = r->connection->client_ip;
    ap_parse_uri(r, uri);
    r->hostname = "127.0.0.1";
    if (r->uri && *r->uri == '/') {
        ap_location_walk(r);
    }
    return r;
}

void in_httpd_set_body(request_rec *r, const char *body, apr_size_t len,
                       apr_size_t piece)
{
    ends_t *ends = ends_of(r->connection);

    ends->body = body;
    ends->body_len = len;
    ends->piece = piece;
}

const char *in_httpd_answer(request_rec *r, apr_size_t *len)
{
    const ends_t *ends = ends_of(r->connection);

    if (len) {
        *len = ends->answer_len;
    }
    return ends->answer ? ends->answer : "";
}
