/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a lease: what the children of httpd share about the change
 * counter of one database, without a lock.
 *
 * A cached key may be used while the last successful poll of the counter began
 * less than a lease ago. One child polls; every request of every child reads.
 * httpd/lease.c polls, and tells what was found to these functions, which have
 * no clock and no database of their own. */
#ifndef UK_CORE_LEASE_STATE_H
#define UK_CORE_LEASE_STATE_H

#include "core/clock.h"
#include "core/instant.h"

/* How long a poll lets cached keys be used. All servers of a database must
 * agree on it, so it is not a setting. */
#define UK_LEASE_MS 1000
/* What a wait for a lease adds, for clocks that run at different speeds. */
#define UK_LEASE_MARGIN_MS 50
/* A server uses its cache while it announced itself less than this ago. Others
 * wait for it for UK_SERVER_ALIVE_MS, so clocks may differ by the rest. */
#define UK_ANNOUNCED_MS 60000

/* In shared memory; all zeros to begin with. The poller writes all of it, and
 * whoever deletes a key raises the generation. */
typedef struct {
    /* when the last successful poll began; 0: there is none that counts */
    _Atomic uk_clock_ms_t poll_began;
    /* when this server last announced itself; 0: nobody waits for it */
    _Atomic uk_clock_ms_t announced_at;
    /* raised by every change; entries of another generation are void */
    _Atomic apr_uint64_t generation;
    /* the change counter that the last poll read */
    _Atomic apr_int64_t counter;
    /* seen_at of this server's row in uptime_servers */
    _Atomic uk_instant_t announced;
} uk_lease_state_t;

/* What a request reads, at one moment. */
typedef struct {
    uk_clock_ms_t poll_began;
    uk_clock_ms_t announced_at;
    /* only entries stored with it are valid, and a look-up that starts now
     * belongs to it */
    apr_uint64_t generation;
} uk_lease_view_t;

/** Read the state, in the order that record_poll() relies on. */
uk_lease_view_t uk_lease_state_read(uk_lease_state_t *state);

/**
 * Tell whether cached keys may be used.
 *
 * @param now read from the clock after the view was read, so that a thread that
 *            was held up in between does not use them for too long
 * @return 1 if they may be used, else 0
 */
int uk_lease_view_holds(const uk_lease_view_t *view, uk_clock_ms_t now);

/** Both, with the clock read in between. @param generation receives the current
 *  one @return 1 if cached keys may be used at this very moment, else 0 */
int uk_lease_state_holds(uk_lease_state_t *state, apr_uint64_t *generation);

/** Void all entries of this server, as after a change of this server's own. */
void uk_lease_state_invalidate(uk_lease_state_t *state);

/** Record a successful poll. One that began before the last is ignored.
 *
 *  @param began   when it began, before the counter was read
 *  @param counter what was read */
void uk_lease_state_record_poll(uk_lease_state_t *state, uk_clock_ms_t began,
                                apr_int64_t counter);

/** Record that a poll failed: the database that comes back may be another one,
 *  whose counter tells nothing about this server's entries. */
void uk_lease_state_record_failure(uk_lease_state_t *state);

/** Record that the server announced itself.
 *
 *  @param now  before the row was written
 *  @param seen_at what was written */
void uk_lease_state_record_announcement(uk_lease_state_t *state,
                                        uk_clock_ms_t now,
                                        uk_instant_t seen_at);

/** @return 1 if the server's row is what it wrote, else 0: then the database
 *  was replaced, and the cache is not used before the next announcement */
int uk_lease_state_confirm_row(uk_lease_state_t *state, uk_instant_t seen_at);

/** @return 1 if the last announcement is at least this old, or none counts */
int uk_lease_state_is_announcement_older(uk_lease_state_t *state,
                                         uk_clock_ms_t now, uk_clock_ms_t age);

/** Stop the use of the cache, before the row of this server goes. */
void uk_lease_state_withdraw(uk_lease_state_t *state);

#endif
