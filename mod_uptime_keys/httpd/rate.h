/* SPDX-License-Identifier: Apache-2.0 */
/* UptimeKeysRateLimit: how many requests a key may make in so many seconds. */
#ifndef UK_HTTPD_RATE_H
#define UK_HTTPD_RATE_H

#include "core/gcra.h"
#include "core/principal.h"
#include "httpd/module.h"

/* A value of the directive. */
typedef struct uk_rate_limit_t {
    uk_gcra_policy_t policy; /* None: it has no requests */
    const char *field;       /* RateLimit-Policy */
} uk_rate_limit_t;

/** The directive. It makes uk_rate_init() make a table. */
const char *uk_rate_set_limit(cmd_parms *cmd, void *config, const char *arg);

/** 1 if anything is limited, else 0: after uk_rate_init() constant. A variable, so
 *  that a request costs nothing where there is no limit at all. */
extern int uk_rate_is_on;

/** In post_config: if there is a limit anywhere, make the table or find that of
 *  the time before a graceful restart. Without one, which is logged (UK0065),
 *  nothing is limited. */
void uk_rate_init(server_rec *main_server);

/**
 * Before authorization: count a request that a key has authenticated, against the
 * limit of its place. A client's request is counted once. A sub-request or a
 * redirect is counted in its stead if a key was asked for there for the first
 * time; the document of an error never is, nor is a CORS preflight that needs no
 * key.
 *
 * @return OK; or 429, which is noted (httpd/problem.h)
 */
int uk_rate_check(request_rec *r, const uk_principal_t *principal);

/** Hook protocol_switch: mod_http2 runs a request that upgrades the connection
 *  once more, so that it would be counted twice. */
int uk_rate_switch(conn_rec *c, request_rec *r, server_rec *server,
                   const char *protocol);

/** Hooks insert_filter and insert_error_filter: answers to a request that was
 *  counted get RateLimit-Policy and RateLimit, in the place of a backend's, and
 *  a 429 gets Retry-After. */
void uk_rate_insert_filter(request_rec *r);

/** Register the filter, in register_hooks. */
void uk_rate_register(void);

#endif
