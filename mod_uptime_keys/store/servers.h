/* SPDX-License-Identifier: Apache-2.0 */
/* uptime_changes and uptime_servers: the change counter, and the servers that
 * cache keys, for which deletions and other changes wait. See mod_uptime_keys/docs/CACHE.md.
 *
 * A server is one httpd until it is restarted, with all its virtual hosts that
 * have the same DBDParams. Its id is a UUID, made at the start (httpd/lease.c).
 *
 * UK_UNAVAILABLE comes with db->error. */
#ifndef UK_STORE_SERVERS_H
#define UK_STORE_SERVERS_H

#include "core/instant.h"
#include "db/database.h"

/* Deletions wait for a server whose seen_at is less than this many milliseconds
 * old, by the time of day. The server itself stops using its cache earlier, see
 * UK_ANNOUNCED_MS (core/lease_state.h), so clocks may differ by the
 * difference. */
#define UK_SERVER_ALIVE_MS 600000
/* The next server that announces itself deletes rows older than this, in ms. */
#define UK_SERVER_EXPIRED_MS 86400000

/**
 * Read the change counter and the announcement of a server, in one statement.
 *
 * @param id        the server
 * @param counter   receives the counter; if it is not the same as before, a key
 *                  was deleted, or changed in anything but last_used_at
 * @param announced receives seen_at of the server's row; UK_INSTANT_NONE: there
 *                  is no row, so nobody waits for this server
 * @return UK_OK; UK_UNAVAILABLE, also if uptime_changes has lost its row
 */
uk_outcome_e uk_store_changes(uk_database_t *db, const char *id,
                              apr_int64_t *counter, uk_instant_t *announced)
    __attribute__((warn_unused_result));

/** Announce that a server caches keys, with now as its seen_at, and delete
 *  expired rows. @return UK_OK, UK_UNAVAILABLE */
uk_outcome_e uk_store_server_announce(uk_database_t *db, const char *id,
                                      uk_instant_t now)
    __attribute__((warn_unused_result));

/** Withdraw the announcement of a server, if there is one. @return UK_OK,
 *  UK_UNAVAILABLE */
uk_outcome_e uk_store_server_withdraw(uk_database_t *db, const char *id)
    __attribute__((warn_unused_result));

/**
 * Find out whether any other server caches keys. Call this after the commit of
 * a change: a server that announces itself later sees the change.
 *
 * @param own the id of this server; "" if it does not cache
 * @param any receives 1 if there is another one, else 0
 * @return UK_OK; UK_UNAVAILABLE: there may be one, though *any is 0
 */
uk_outcome_e uk_store_other_servers_cache(uk_database_t *db, const char *own,
                                          uk_instant_t now, int *any)
    __attribute__((warn_unused_result));

#endif
