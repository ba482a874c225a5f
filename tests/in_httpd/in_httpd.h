/* SPDX-License-Identifier: Apache-2.0 */
/* A program that runs inside httpd, after it has read its configuration: it is
 * linked as a module that is mod_uptime_keys itself and run_in_httpd_module. */
#ifndef UK_TESTS_IN_HTTPD_H
#define UK_TESTS_IN_HTTPD_H

#include <httpd.h>

/* The main server, as post_config has it. No child is there yet. */
extern server_rec *in_httpd_server;

/**
 * Create a request on a connection of its own, with the configuration of its
 * location. It has no headers and no body.
 *
 * @param pool what everything lives in
 * @param uri  the path, and perhaps a query
 */
request_rec *in_httpd_request(apr_pool_t *pool, const char *method,
                              const char *uri);

/** Give a request a body, which is not copied. @param piece how many bytes its
 *  filters get at once, at the most; 0: as many as they ask for */
void in_httpd_set_body(request_rec *r, const char *body, apr_size_t len,
                       apr_size_t piece);

/** What was written as the body of the answer so far. @return a string in the
 *  request's pool; @param len may be NULL */
const char *in_httpd_answer(request_rec *r, apr_size_t *len);

/** For run_in_httpd.c: register the filters of these connections. */
void in_httpd_register_filters(void);

#endif
