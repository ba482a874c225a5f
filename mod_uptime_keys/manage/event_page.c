/* SPDX-License-Identifier: Apache-2.0 */
/* Pagination of a list of events, by cursors.
 *
 * A cursor is a direction, a time and an id: "a1795416911598.17" is for the
 * events that are older than that one, "b…" for the newer ones. It says nothing
 * of the team or of filters, which apply to it as to the first page. */
#include "manage/event_page.h"

#include <apr_strings.h>
#include <string.h>

#include "core/keyid.h"
#include "manage/slice.h"

#define OLDER 'a'
#define NEWER 'b'

#define BAD_INSTANT                                                            \
    " is a time in milliseconds since 1970, in RFC 3339 like "                 \
    "2026-11-23T06:15:00Z, or a date like 2026-11-23."
#define BAD_CURSOR "cursor is what another page gave as next or prev."

#define EVENT_AT(events, i) APR_ARRAY_IDX((events), (i), const uk_event_t *)

static const char *const filters[] = {"since", "until", "keyId", "actor",
                                      "action"};

#define FILTER_COUNT (sizeof(filters) / sizeof(filters[0]))

const char *uk_event_page_parameter(const uk_context_t *ctx, const char *name)
{
    const char *value = apr_table_get(ctx->query, name);

    return value && *value ? value : NULL;
}

static int any_filter(const uk_context_t *ctx)
{
    size_t i = 0;

    while (i < FILTER_COUNT && !uk_event_page_parameter(ctx, filters[i])) {
        i++;
    }
    return i < FILTER_COUNT;
}

/* @return 0, also if it was not sent; -1 if it is no instant */
static int read_instant(const uk_context_t *ctx, const char *name,
                        int end_of_day, uk_instant_t *instant)
{
    const char *value = uk_event_page_parameter(ctx, name);

    return value ? uk_event_parse_instant(value, end_of_day, instant) : 0;
}

static const char *read_times(const uk_context_t *ctx,
                              uk_event_filter_t *filter)
{
    if (read_instant(ctx, "since", 0, &filter->since) != 0) {
        return "since" BAD_INSTANT;
    }
    return read_instant(ctx, "until", 1, &filter->until) == 0
               ? NULL
               : "until" BAD_INSTANT;
}

static const char *check_filter(const uk_event_filter_t *filter)
{
    if (filter->key && !uk_keyid_is_valid(filter->key)) {
        return "keyId is the id of a key, like key_01h455vb4pex5vsknk084sn02q.";
    }
    return filter->action && !uk_action_is_known(filter->action)
               ? "action is one like key.create; openapi.json has all of them."
               : NULL;
}

const char *uk_event_page_read(const uk_context_t *ctx, uk_event_page_t *page)
{
    const char *per_page = apr_table_get(ctx->query, "perPage");
    uk_event_filter_t *filter = &page->filter;
    const char *error;

    memset(page, 0, sizeof(*page));
    page->is_filtered = any_filter(ctx);
    filter->team = ctx->team;
    filter->key = uk_event_page_parameter(ctx, "keyId");
    filter->actor = uk_event_page_parameter(ctx, "actor");
    filter->action = uk_event_page_parameter(ctx, "action");
    filter->until = UK_INSTANT_MAX;
    error = read_times(ctx, filter);
    if (error) {
        return error;
    }
    return uk_slice_parse_per_page(per_page, &page->per_page) == 0
               ? check_filter(filter)
               : "perPage is a number from 1 to 200.";
}

typedef struct {
    int newer;
    uk_event_place_t place;
} cursor_t;

static int read_cursor(const char *string, cursor_t *cursor)
{
    char *end;

    if (*string != OLDER && *string != NEWER) {
        return -1;
    }
    cursor->newer = *string == NEWER;
    cursor->place.at = uk_slice_parse_number(string + 1, &end);
    if (cursor->place.at < 0 || *end != '.') {
        return -1;
    }
    cursor->place.id = uk_slice_parse_number(end + 1, &end);
    return cursor->place.id >= 0 && !*end ? 0 : -1;
}

/* Leads back from a page whose events were pruned: to the event that its cursor
 * stands behind, and to newer ones. */
static const char *cursor_back(apr_pool_t *pool, const cursor_t *cursor)
{
    return apr_psprintf(pool, "%c%" APR_INT64_T_FMT ".%" APR_INT64_T_FMT, NEWER,
                        cursor->place.at, cursor->place.id - 1);
}

static const char *cursor_to(apr_pool_t *pool, char direction,
                             const apr_array_header_t *events, int i)
{
    const uk_event_t *event = EVENT_AT(events, i);

    return apr_psprintf(pool, "%c%" APR_INT64_T_FMT ".%s", direction, event->at,
                        event->id);
}

static apr_array_header_t *reversed(apr_pool_t *pool,
                                    const apr_array_header_t *events, int count)
{
    apr_array_header_t *list =
        apr_array_make(pool, count, sizeof(uk_event_t *));

    while (count-- > 0) {
        APR_ARRAY_PUSH(list, const uk_event_t *) = EVENT_AT(events, count);
    }
    return list;
}

/* Fill in a page from a list that has one event more than that, if there are
 * more. */
static void fill_page(apr_pool_t *pool, uk_event_page_t *page,
                      apr_array_header_t *events, const cursor_t *cursor)
{
    int newer = cursor && cursor->newer;
    int has_more = events->nelts > page->per_page;
    int count = has_more ? page->per_page : events->nelts;

    events->nelts = count;
    page->events = newer ? reversed(pool, events, count) : events;
    page->next = page->prev = NULL;
    if (count > 0 && (has_more || newer)) {
        page->next = cursor_to(pool, OLDER, page->events, count - 1);
    }
    if (newer ? has_more : cursor != NULL) {
        page->prev = count > 0 ? cursor_to(pool, NEWER, page->events, 0)
                               : cursor_back(pool, cursor);
    }
}

static uk_outcome_e list_from(uk_context_t *ctx, uk_event_page_t *page,
                              const cursor_t *cursor)
{
    int newer = cursor && cursor->newer;
    apr_array_header_t *events;
    uk_outcome_e outcome =
        uk_store_events(&ctx->db, &page->filter, cursor ? &cursor->place : NULL,
                        newer, page->per_page + 1, &events);

    if (outcome != UK_OK) {
        return outcome;
    }
    if (newer && events->nelts < page->per_page) {
        return list_from(ctx, page, NULL);
    }
    fill_page(ctx->r->pool, page, events, cursor);
    return UK_OK;
}

uk_outcome_e uk_event_page_list(uk_context_t *ctx, uk_event_page_t *page,
                                const char **error)
{
    const char *sent = apr_table_get(ctx->query, "cursor");
    cursor_t cursor;

    *error = NULL;
    if (!sent) {
        return list_from(ctx, page, NULL);
    }
    if (read_cursor(sent, &cursor) != 0) {
        *error = BAD_CURSOR;
        return UK_OK;
    }
    return list_from(ctx, page, &cursor);
}

json_t *uk_event_page_events(const uk_event_page_t *page)
{
    json_t *events = json_array();
    int i;

    for (i = 0; i < page->events->nelts; i++) {
        json_array_append_new(events,
                              uk_event_to_json(EVENT_AT(page->events, i)));
    }
    return events;
}

json_t *uk_event_page_pagination(const uk_event_page_t *page)
{
    return json_pack("{s:s?, s:s?, s:i}", "next", page->next, "prev",
                     page->prev, "perPage", page->per_page);
}

static const char *add_parameter(apr_pool_t *pool, const char *query,
                                 const char *name, const char *value)
{
    return value ? apr_pstrcat(pool, query, "&", name, "=",
                               ap_escape_urlencoded(pool, value), NULL)
                 : query;
}

const char *uk_event_page_query(const uk_context_t *ctx,
                                const uk_event_page_t *page, const char *cursor)
{
    apr_pool_t *pool = ctx->r->pool;
    const char *query = "";
    size_t i;

    for (i = 0; i < FILTER_COUNT; i++) {
        query = add_parameter(pool, query, filters[i],
                              uk_event_page_parameter(ctx, filters[i]));
    }
    query =
        add_parameter(pool, query, "perPage", apr_itoa(pool, page->per_page));
    return add_parameter(pool, query, "cursor", cursor);
}
