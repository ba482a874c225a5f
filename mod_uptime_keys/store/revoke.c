/* SPDX-License-Identifier: Apache-2.0 */
/* Revoking keys: delete them, and wait until no server accepts them; and waiting
 * until none refuses new ones. */
#include "store/revoke.h"

#include "core/clock.h"
#include "core/lease_state.h"
#include "core/refusals.h"
#include "store/servers.h"
#include "store/teams.h"

const uk_own_cache_t uk_own_cache_none = {"", NULL, NULL};

/* This waits, too, if it cannot be read whether another server caches. */
static void wait_for_other_servers(uk_database_t *db, const uk_own_cache_t *own,
                                   uk_clock_ms_t for_ms)
{
    uk_clock_ms_t until = uk_clock_now() + for_ms;
    uk_instant_t now = uk_instant_from_apr(apr_time_now());
    int any;

    if (uk_store_other_servers_cache(db, own->server, now, &any) != UK_OK
        || any) {
        uk_clock_sleep_until(until);
    }
}

uk_outcome_e uk_revoke_everywhere(uk_database_t *db, const uk_own_cache_t *own,
                                  uk_outcome_e outcome)
{
    /* With UK_UNAVAILABLE, too, the key may have been deleted or changed. */
    if (own->void_changed && outcome != UK_NOT_FOUND) {
        own->void_changed(own->baton, outcome == UK_OK ? db : NULL);
    }
    if (outcome == UK_OK) {
        wait_for_other_servers(db, own, UK_LEASE_MS + UK_LEASE_MARGIN_MS);
    }
    return outcome;
}

void uk_revoke_refusals(uk_database_t *db)
{
    wait_for_other_servers(db, &uk_own_cache_none,
                           UK_REFUSAL_LIFETIME_MS + UK_REFUSAL_MARGIN_MS);
}

uk_outcome_e uk_revoke_key(uk_database_t *db, const uk_actor_t *actor,
                           const uk_own_cache_t *own, const char *team,
                           const char *id)
{
    return uk_revoke_everywhere(db, own,
                                uk_store_key_delete(db, actor, team, id));
}

uk_outcome_e uk_revoke_team(uk_database_t *db, const uk_actor_t *actor,
                            const uk_own_cache_t *own, const char *id)
{
    return uk_revoke_everywhere(db, own, uk_store_team_delete(db, actor, id));
}
