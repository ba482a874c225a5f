/* SPDX-License-Identifier: Apache-2.0 */
/* uptime_changes, uptime_log and uptime_servers: the change counter, what the
 * last changes were about, and the servers that cache keys, for which deletions
 * and other changes wait. See mod_uptime_keys/docs/CACHE.md.
 *
 * A server is one httpd until it is restarted, with all its virtual hosts that
 * have the same DBDParams. Its id is a UUID, made at the start (httpd/lease.c).
 *
 * UK_UNAVAILABLE comes with db->error. */
#ifndef UK_STORE_SERVERS_H
#define UK_STORE_SERVERS_H

#include <apr_tables.h>

#include "core/instant.h"
#include "db/database.h"

/* Deletions wait for a server whose seen_at is less than this many milliseconds
 * old, by the time of day. The server itself stops using its cache earlier, see
 * UK_ANNOUNCED_MS (core/lease_state.h), so clocks may differ by the
 * difference. */
#define UK_SERVER_ALIVE_MS 600000
/* The next server that announces itself deletes rows older than this, in ms. */
#define UK_SERVER_EXPIRED_MS 86400000

/* No change has a greater number: read the counter, and no row of the log. */
#define UK_CHANGES_COUNTER_ONLY APR_INT64_MAX

/* What a poll reads. */
typedef struct {
    apr_int64_t counter;    /* raised by each change of a key, but for a use */
    uk_instant_t announced; /* seen_at of the server's row; UK_INSTANT_NONE:
                               there is none, so nobody waits for this server */
    int is_complete;        /* 1: hashes are about every change since */
    apr_array_header_t *hashes; /* const char *s: hashes, as in
                                   uptime_keys.key_hash, of the secrets that the
                                   changed keys had before, each in no order and
                                   maybe more than once */
} uk_changes_t;

/**
 * Read the change counter, the announcement of a server, and which keys were
 * deleted, or changed in anything but their uses, in one statement.
 *
 * @param id      the server
 * @param since   the counter as it was read before: what came after it is read;
 *                UK_CHANGES_COUNTER_ONLY: nothing is, and is_complete is 0
 * @param changes receives what was read, in db->pool. is_complete is 0, and
 *                hashes is empty, if the counter is lower than since, if there
 *                were more changes than the log keeps, and after a change that
 *                was not logged: any key may have changed
 * @return UK_OK; UK_UNAVAILABLE, also if uptime_changes has lost its row
 */
uk_outcome_e uk_store_changes(uk_database_t *db, const char *id,
                              apr_int64_t since, uk_changes_t *changes)
    __attribute__((warn_unused_result));

/** Announce that a server caches keys, with now as its seen_at, and delete
 *  expired rows. @return UK_OK, UK_UNAVAILABLE */
uk_outcome_e uk_store_server_announce(uk_database_t *db, const char *id,
                                      uk_instant_t now)
    __attribute__((warn_unused_result));

/** Withdraw the announcement of a server, if there is one with this seen_at: a
 *  later one, of another process of the same server, stays. @return UK_OK,
 *  UK_UNAVAILABLE */
uk_outcome_e uk_store_server_withdraw(uk_database_t *db, const char *id,
                                      uk_instant_t seen_at)
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
