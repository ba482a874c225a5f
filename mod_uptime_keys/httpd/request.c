/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a request: its principal, and why it is refused. */
#include "httpd/request.h"

#include <apr_optional.h>
#include <mod_ssl.h>
#include <string.h>

uk_request_t *uk_request_create(request_rec *r)
{
    uk_request_t *state = apr_pcalloc(r->pool, sizeof(*state));

    ap_set_module_config(r->request_config, &uptime_keys_module, state);
    return state;
}

uk_request_t *uk_request_inherited(request_rec *r)
{
    while ((r = uk_request_parent(r)) != NULL) {
        uk_request_t *state = uk_request_find(r);

        if (state && (state->principal || state->refusal != UK_ACCEPTED)) {
            return state;
        }
    }
    return NULL;
}

uk_request_t *uk_request_authenticated(request_rec *r)
{
    const request_rec *first = r;

    for (; r; r = uk_request_parent(r)) {
        uk_request_t *state = uk_request_find(r);

        if (state && state->principal) {
            return state;
        }
        if (state
            && (state->is_authenticated
                || (r != first && state->refusal != UK_ACCEPTED))) {
            return NULL;
        }
    }
    return NULL;
}

/* Whether this is the ErrorDocument of a refused request: httpd passes on the
 * user name, which may not have been authenticated. */
static int is_refused(const request_rec *r)
{
    while ((r = r->prev) != NULL) {
        if (ap_is_HTTP_ERROR(r->status)) {
            return 1;
        }
    }
    return 0;
}

/* With "SSLVerifyClient optional_no_ca", SSLUserName believes any certificate. */
static int has_unverified_certificate(request_rec *r)
{
    static char variable[] = "SSL_CLIENT_VERIFY";
    APR_OPTIONAL_FN_TYPE(ssl_var_lookup) *look_up =
        APR_RETRIEVE_OPTIONAL_FN(ssl_var_lookup);
    const char *result =
        look_up ? look_up(r->pool, r->server, r->connection, r, variable)
                : NULL;

    return result
           && (strncmp(result, "GENEROUS", 8) == 0
               || strncmp(result, "FAILED", 6) == 0);
}

/* httpd passes a user on where the configuration is the same. The note says
 * that a module took the name from a header, without checking the password;
 * modules that do check it call the same function. */
int uk_request_has_user(request_rec *r)
{
    request_rec *child = r;

    if (!r->user || !*r->user || is_refused(r)) {
        return 0;
    }
    for (; r && r->per_dir_config == child->per_dir_config;
         r = uk_request_parent(r)) {
        const uk_request_t *state = uk_request_find(r);

        if (state && state->is_authenticated) {
            return 1;
        }
        if (apr_table_get(r->notes, AP_GET_BASIC_AUTH_PW_NOTE)) {
            return 0;
        }
    }
    return !has_unverified_certificate(child);
}
