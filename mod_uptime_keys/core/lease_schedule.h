/* SPDX-License-Identifier: Apache-2.0 */
/* When a lease is polled, and when it sleeps: the pure part of httpd/lease.c.
 *
 * A lease that no request has asked for lately sleeps: its server uses no cached
 * key, is not announced, and executes no statement. The next request that asks
 * for it wakes it. */
#ifndef UK_CORE_LEASE_SCHEDULE_H
#define UK_CORE_LEASE_SCHEDULE_H

#include "core/clock.h"

/* From the beginning of a poll to that of the next one, at least. httpd/poller.c
 * looks every 100 ms, so it is about 700. A poll may take 200 ms before the lease
 * (UK_LEASE_MS) ends; more often costs a database with a thousand servers more. */
#define UK_POLL_INTERVAL_MS 640
/* How often it is recorded, at most, that requests ask for the lease. */
#define UK_WANT_INTERVAL_MS 1000
/* A lease goes to sleep when it was not wanted for so long: with the interval
 * above, less than 10 seconds after the last request. */
#define UK_LEASE_SLEEP_MS 8000
/* From an attempt to withdraw the announcement that failed to the next one. */
#define UK_LEAVE_INTERVAL_MS 5000

/* Of the process that polls; initially all zeros. */
typedef struct {
    uk_clock_ms_t next_at; /* when something is due */
    uk_clock_ms_t
        wanted_at; /* when it was last recorded that requests want it; 0: never */
} uk_lease_schedule_t;

typedef enum {
    UK_LEASE_REST,  /* nothing is due */
    UK_LEASE_POLL,  /* announce the server if that is due, and poll */
    UK_LEASE_LEAVE, /* withdraw the announcement and go to sleep */
} uk_lease_step_e;

/**
 * Record that requests ask for the lease, if that is due.
 *
 * @param is_wanted whether one has asked since this returned 1
 * @return 1 if it was recorded: from now on is_wanted is about later requests
 */
int uk_lease_schedule_want(uk_lease_schedule_t *schedule, uk_clock_ms_t now,
                           int is_wanted);

/**
 * Tell what to do now. Call uk_lease_schedule_want() first.
 *
 * @param is_awake whether the server may be announced. A process that takes over
 *                 from another one lets it poll for as long as if a request had
 *                 just asked for the lease
 */
uk_lease_step_e uk_lease_schedule_step(uk_lease_schedule_t *schedule,
                                       uk_clock_ms_t now, int is_awake);

/** Plan the next step. @param began when this one began, by uk_clock_now() */
void uk_lease_schedule_next(uk_lease_schedule_t *schedule, uk_lease_step_e step,
                            uk_clock_ms_t began);

#endif
