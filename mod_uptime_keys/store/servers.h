/* SPDX-License-Identifier: Apache-2.0 */
/* uptime_changes and uptime_servers: the counter of changes, and which servers
 * cache keys and so have to see it before a deletion is answered.
 *
 * Every function returns UK_UNAVAILABLE, with db->error, if the database gave
 * no answer. */
#ifndef UK_STORE_SERVERS_H
#define UK_STORE_SERVERS_H

#include "core/instant.h"
#include "db/database.h"

/* Others wait for a server that announced itself less than this ago, by the
 * time of day, in milliseconds. It stops using its cache much earlier
 * (UK_ANNOUNCED_MS): clocks may differ by the difference. */
#define UK_SERVER_ALIVE_MS 600000
/* After this its row is deleted by the next server that announces itself. */
#define UK_SERVER_EXPIRED_MS 86400000

/**
 * Read the counter of changes, and when a server announced itself.
 *
 * @param id        the server that asks
 * @param counter   another value means that some key is gone or is no longer
 *                  what it was, apart from its last use
 * @param announced seen_at of that server's row; UK_INSTANT_NONE: it has none,
 *                  and nobody waits for it
 * @return UK_OK, UK_UNAVAILABLE
 */
uk_outcome_e uk_store_changes(uk_database_t *db, const char *id,
                              apr_int64_t *counter, uk_instant_t *announced)
    __attribute__((warn_unused_result));

/** Announce that a server caches keys from now on, and delete expired rows of
 *  others. @return UK_OK, UK_UNAVAILABLE */
uk_outcome_e uk_store_server_announce(uk_database_t *db, const char *id,
                                      uk_instant_t now)
    __attribute__((warn_unused_result));

/** Withdraw the announcement. @return UK_OK, UK_UNAVAILABLE */
uk_outcome_e uk_store_server_withdraw(uk_database_t *db, const char *id)
    __attribute__((warn_unused_result));

/**
 * Find out whether a server other than one's own may have cached keys. Ask after
 * the commit of a change: a server that announces itself later sees the change.
 *
 * @param own the server that does not count; "" for none
 * @param any receives 1 if there is one, else 0
 * @return UK_OK, UK_UNAVAILABLE
 */
uk_outcome_e uk_store_other_servers_cache(uk_database_t *db, const char *own,
                                          uk_instant_t now, int *any)
    __attribute__((warn_unused_result));

#endif
