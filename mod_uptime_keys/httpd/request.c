/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a request: its principal, and why it is refused. */
#include "httpd/request.h"

#include <string.h>

uk_request_t *uk_request_find(request_rec *r)
{
    return ap_get_module_config(r->request_config, &uptime_keys_module);
}

uk_request_t *uk_request_get(request_rec *r)
{
    uk_request_t *state = uk_request_find(r);

    if (!state) {
        state = apr_pcalloc(r->pool, sizeof(*state));
        ap_set_module_config(r->request_config, &uptime_keys_module, state);
    }
    return state;
}

static request_rec *parent_of(request_rec *r)
{
    return r->prev ? r->prev : r->main;
}

uk_request_t *uk_request_inherited(request_rec *r)
{
    while ((r = parent_of(r)) != NULL) {
        uk_request_t *state = uk_request_find(r);

        if (state && (state->principal || state->refusal != UK_ACCEPTED)) {
            return state;
        }
    }
    return NULL;
}

uk_request_t *uk_request_authenticated(request_rec *r)
{
    uk_request_t *state = uk_request_find(r);

    if (!state || !state->principal) {
        state = uk_request_inherited(r);
        if (state && state->principal && r->user
            && strcmp(r->user, state->principal->id) != 0) {
            return NULL;
        }
    }
    return state && state->principal ? state : NULL;
}

request_rec *uk_request_of_client(request_rec *r)
{
    request_rec *parent;

    while ((parent = parent_of(r)) != NULL) {
        r = parent;
    }
    return r;
}
