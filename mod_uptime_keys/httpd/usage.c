/* SPDX-License-Identifier: Apache-2.0 */
/* When a key was last used. */
#include "httpd/usage.h"

#include "httpd/config.h"
#include "httpd/dbd.h"
#include "httpd/request.h"

int uk_usage_note(request_rec *r)
{
    const uk_request_t *state = uk_request_find(r);
    uk_instant_t now, interval;
    uk_database_t db;

    if (!state || !state->used) {
        return DECLINED;
    }
    now = uk_instant_from_apr(r->request_time);
    interval = uk_config_last_used_interval(uk_server_config(r->server));
    if (now - state->used->last_used_at < interval) {
        return DECLINED;
    }
    uk_dbd_open(&db, r->server, r->pool);
    if (uk_store_key_used(&db, state->used->id, now, interval) != UK_OK) {
        uk_dbd_log_away(&db, r->server, "last use of keys cannot be noted");
    }
    return DECLINED;
}
