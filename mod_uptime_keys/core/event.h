/* SPDX-License-Identifier: Apache-2.0 */
/* The record of an event: one row of uptime_audit. */
#ifndef UK_CORE_EVENT_H
#define UK_CORE_EVENT_H

#include <apr_pools.h>

#include "core/instant.h"
#include "core/json_values.h"

/* All strings are in the pool that the record was read into. */
typedef struct {
    const char *id; /* a number */
    uk_instant_t at;
    const char *action; /* "key.create" … */
    const char *actor;  /* user name, or id of the key that authenticated */
    const char *source; /* address of the client, or host of the tool */
    const char *team;   /* its id; "": no team */
    /* of the key as it was then; NULL: the event is not about one key, or it is
     * older than these columns, and the key was gone when they were made */
    const char *key_id;
    const char *key_name;
    const char *key_prefix;
    const char *detail; /* what was changed, a JSON object; NULL: no more */
} uk_event_t;

/* An action that rows have. */
typedef struct {
    const char *name;
    const char *title; /* for users */
} uk_action_t;

/* All of them; a row without a name ends the table. */
extern const uk_action_t uk_actions[];

/** @return the title of an action; the name itself if it is none of ours */
const char *uk_action_title(const char *name);

/** @return 1 if there is such an action, else 0 */
int uk_action_is_known(const char *name);

/** Write the detail of an event in words; "" if there is none. @return a string
 *  in the pool */
const char *uk_event_detail(apr_pool_t *pool, const uk_event_t *event);

/** Convert an event to {id, at, action, actor, source, keyId, keyName,
 *  keyPrefix, detail}. @return a new reference */
json_t *uk_event_to_json(const uk_event_t *event);

/**
 * Parse an instant of a filter: milliseconds since 1970, a date-time of RFC 3339,
 * or a date.
 *
 * @param end_of_day 1: a date is the end of that day in UTC; 0: its beginning
 * @param instant    receives it; unchanged on failure
 * @return 0, or -1 if the string is none of these
 */
int uk_event_parse_instant(const char *string, int end_of_day,
                           uk_instant_t *instant)
    __attribute__((warn_unused_result));

#endif
