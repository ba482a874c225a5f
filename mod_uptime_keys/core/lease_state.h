/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a lease: what the child processes of httpd know about the change
 * counter of one database, shared without a lock.
 *
 * A cached key may be used while the last successful poll of the counter began
 * less than UK_LEASE_MS ago. One child polls; each request in every child reads
 * the state. httpd/lease.c polls and records the outcome with these functions,
 * which do not access the database.
 *
 * A change voids the cached entries of the secrets that it concerns, and few
 * others: secrets fall into UK_LEASE_GROUPS groups by their hash, and what is void
 * is a group. An entry carries the round in which its look-up began. Each voiding
 * begins a new round, and an entry of an earlier one is void.
 *
 * A server is one httpd until it is restarted, with all its virtual hosts that
 * have the same DBDParams. It announces itself by a row in uptime_servers:
 * whoever deletes a key then waits until this server no longer uses a cached
 * copy. mod_uptime_keys/docs/CACHE.md explains the order of all steps. */
#ifndef UK_CORE_LEASE_STATE_H
#define UK_CORE_LEASE_STATE_H

#include "core/clock.h"
#include "core/instant.h"

/* How long a poll permits the use of cached keys. All servers of a database
 * must agree on it, so it is not a directive. */
#define UK_LEASE_MS 1000
/* Added by those who wait for the end of a lease, as clocks may run at
 * different speeds. */
#define UK_LEASE_MARGIN_MS 50
/* A server uses its cache while its last announcement is younger than this.
 * Changes wait for it for longer, UK_SERVER_ALIVE_MS (store/servers.h), so
 * the clocks of servers may differ by the difference. */
#define UK_ANNOUNCED_MS 60000
/* A power of two. With as many keys in use, a change voids two entries. */
#define UK_LEASE_GROUPS 16384

/* In shared memory, which is all zeros when it is made. Only the polling child writes it, but
 * a change voids entries from any child. */
typedef struct {
    /* when the last successful poll began; 0: no poll counts */
    _Atomic uk_clock_ms_t poll_began;
    /* when this server last announced itself; 0: no announcement counts */
    _Atomic uk_clock_ms_t announced_at;
    /* raised by each voiding */
    _Atomic apr_uint64_t round;
    /* entries of earlier rounds are void, whatever their group */
    _Atomic apr_uint64_t valid_from;
    /* the change counter that the last poll read */
    _Atomic apr_int64_t counter;
    /* seen_at, as this server last wrote it to its row in uptime_servers */
    _Atomic uk_instant_t announced;
    /* entries of a group from earlier rounds are void. Pages of groups that
     * nothing voids are never touched, and need no memory */
    _Atomic apr_uint64_t group_valid_from[UK_LEASE_GROUPS];
} uk_lease_state_t;

/* What a request reads of the state. */
typedef struct {
    uk_clock_ms_t poll_began;
    uk_clock_ms_t announced_at;
    /* a look-up that starts now stores its entry with it */
    apr_uint64_t round;
} uk_lease_view_t;

/** @param hash of a secret, as in the column uptime_keys.key_hash; anything else
 *              falls into some group, too
 *  @return its group */
apr_uint16_t uk_lease_group(const char *hash);

/** Read the state, in the order that those who record need. */
uk_lease_view_t uk_lease_state_read(uk_lease_state_t *state);

/**
 * Tell whether cached keys may be used: whether both the poll and the
 * announcement are recent enough.
 *
 * @param now uk_clock_now(), called after the state was read, so that a thread
 *            that was held up in between does not use them for too long
 * @return 1 if they may be used, else 0
 */
int uk_lease_view_holds(const uk_lease_view_t *view, uk_clock_ms_t now);

/** Read the state, then the clock, and tell whether cached keys may be used.
 *
 *  @param round receives the current one
 *  @return 1 if they may be used, else 0 */
int uk_lease_state_holds(uk_lease_state_t *state, apr_uint64_t *round);

/**
 * Tell whether an entry is void. Call this after the lease was found to hold.
 *
 * @param round of the view that was read before the entry was looked up
 * @param group of its secret
 * @return 1 if it is valid, else 0
 */
int uk_lease_state_is_valid(uk_lease_state_t *state, apr_uint64_t round,
                            apr_uint16_t group);

/** Void all entries of this server. */
void uk_lease_state_void_all(uk_lease_state_t *state);

/** Void the entries of a group. */
void uk_lease_state_void_group(uk_lease_state_t *state, apr_uint16_t group);

/**
 * The counter up to which this server knows the changes.
 *
 * @param counter receives it
 * @return 1, or 0 if no poll counts: the next one voids all entries
 */
int uk_lease_state_counter(uk_lease_state_t *state, apr_int64_t *counter);

/** Record a successful poll, after what changed was voided. If no earlier poll
 *  counts, all entries are voided. A poll that began before the last one is
 *  ignored.
 *
 *  @param began   uk_clock_now(), called before the counter was read
 *  @param counter the change counter */
void uk_lease_state_record_poll(uk_lease_state_t *state, uk_clock_ms_t began,
                                apr_int64_t counter);

/** Record that a poll failed. The cache is not used before the next successful
 *  one, which voids all entries even if the counter is the same: the database
 *  that comes back may be a restored one or a standby. */
void uk_lease_state_record_failure(uk_lease_state_t *state);

/** Record that the server announced itself. If the last announcement had ended,
 *  earlier polls no longer count.
 *
 *  @param now     uk_clock_now(), called before the row was written
 *  @param seen_at what was written */
void uk_lease_state_record_announcement(uk_lease_state_t *state,
                                        uk_clock_ms_t now,
                                        uk_instant_t seen_at);

/**
 * Compare this server's row with what it last wrote. Call it after each read of
 * the counter, and record the poll only if it returns 1.
 *
 * @param seen_at from the row; UK_INSTANT_NONE: there is no row
 * @return 1 if they are equal; 0 if not: the database was replaced, and the
 *         cache is not used before the next announcement and a poll after it
 */
int uk_lease_state_confirm_row(uk_lease_state_t *state, uk_instant_t seen_at);

/** @return 1 if the last announcement is at least this old, or if no
 *  announcement counts; else 0 */
int uk_lease_state_is_announcement_older(uk_lease_state_t *state,
                                         uk_clock_ms_t now, uk_clock_ms_t age);

/** Stop the use of the cache. Call it before this server's row is deleted,
 *  after which other servers no longer wait for this one. */
void uk_lease_state_withdraw(uk_lease_state_t *state);

#endif
