/* SPDX-License-Identifier: Apache-2.0 */
/* The run-time state of a server. */
#include "httpd/state.h"

#include "httpd/config.h"

uk_server_state_t *uk_server_state_create(apr_pool_t *pool)
{
    return apr_pcalloc(pool, sizeof(uk_server_state_t));
}

uk_server_state_t *uk_server_state(server_rec *server)
{
    return uk_server_config(server)->state;
}
