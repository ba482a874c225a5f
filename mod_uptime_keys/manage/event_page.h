/* SPDX-License-Identifier: Apache-2.0 */
/* Pagination of a list of events, by cursors, which no event needs to have. */
#ifndef UK_MANAGE_EVENT_PAGE_H
#define UK_MANAGE_EVENT_PAGE_H

#include "store/events.h"
#include "manage/context.h"

typedef struct {
    uk_event_filter_t filter;
    int per_page;
    int is_filtered;                  /* 1: by anything but the team */
    const apr_array_header_t *events; /* uk_event_t *s, newest first */
    const char *next;                 /* cursor of older events; NULL: none */
    const char *prev;                 /* cursor of newer events; NULL: none */
} uk_event_page_t;

/** Read filters and perPage from the query string, for ctx->team. A filter
 *  that is empty, as a form sends it, is none. @param page receives them. @return NULL; or
 *  what is wrong with a parameter, for the client */
const char *uk_event_page_read(const uk_context_t *ctx, uk_event_page_t *page);

/**
 * List the events of a page that was read, from the parameter cursor on. If there
 * are not enough newer events for a page, these are the newest ones.
 *
 * @param page receives events, next and prev
 * @param error receives what is wrong with the cursor; else NULL
 * @return UK_OK; UK_UNAVAILABLE
 */
uk_outcome_e uk_event_page_list(uk_context_t *ctx, uk_event_page_t *page,
                                const char **error)
    __attribute__((warn_unused_result));

/** The events as an array, and {next, prev, perPage}. @return a new reference */
json_t *uk_event_page_events(const uk_event_page_t *page);
json_t *uk_event_page_pagination(const uk_event_page_t *page);

/** The query string of the same list from a cursor on: "&since=…&cursor=…", for
 *  uk_context_url(). */
const char *uk_event_page_query(const uk_context_t *ctx,
                                const uk_event_page_t *page,
                                const char *cursor);

/** @return the value of a parameter as it was sent; NULL: missing or empty */
const char *uk_event_page_parameter(const uk_context_t *ctx, const char *name);

#endif
