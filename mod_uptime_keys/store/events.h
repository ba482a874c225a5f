/* SPDX-License-Identifier: Apache-2.0 */
/* uptime_audit: listing it. */
#ifndef UK_STORE_EVENTS_H
#define UK_STORE_EVENTS_H

#include "core/event.h"
#include "db/database.h"

/* Which events are asked for. NULL: whatever they have there. */
typedef struct {
    const char *team; /* its id */
    const char *key;  /* its id */
    const char *actor;
    const char *action;
    uk_instant_t since; /* both included */
    uk_instant_t until; /* UK_INSTANT_MAX: no end */
} uk_event_filter_t;

/* A place in the list: behind an event, which need not exist any more. */
typedef struct {
    uk_instant_t at;
    apr_int64_t id;
} uk_event_place_t;

/* How many events uk_store_events() lists at most; and how many for less. */
#define UK_EVENTS_MAX 201
#define UK_EVENTS_FEW 51

/**
 * List events, from the newest or from a place on. Whatever is asked for, an
 * index leads to them, and none is read before the place; only actor and action
 * together, and without a team, may pass over many.
 *
 * @param place  NULL: the newest
 * @param newer  1: the next newer ones, from the oldest on; 0: the next older
 *               ones, from the newest on
 * @param wanted how many at the most, up to UK_EVENTS_MAX
 * @param events receives uk_event_t *s, in that order
 * @return UK_OK; UK_UNAVAILABLE with db->error, and the array is empty
 */
uk_outcome_e uk_store_events(uk_database_t *db, const uk_event_filter_t *filter,
                             const uk_event_place_t *place, int newer,
                             int wanted, apr_array_header_t **events)
    __attribute__((warn_unused_result));

#endif
