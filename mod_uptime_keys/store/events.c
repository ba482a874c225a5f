/* SPDX-License-Identifier: Apache-2.0 */
/* uptime_audit: listing it.
 *
 * The order is that of (at, id): many rows may have the same time, as those of
 * an import. Not every database finds a place in the middle of these by one
 * comparison of both columns. So there are two statements: one for the rest of
 * the rows of that time, and one for those of other times. Each is one range of
 * an index. */
#include "store/events.h"

#include "store/rows.h"

#define COLUMNS                                                                \
    "id, at, action, actor, source, team_id, key_id, key_name, key_prefix, "   \
    "detail"
#define COLUMN_COUNT 10

/* What leads to the rows: each has an index, which ends with the order. */
typedef enum {
    BY_KEY,
    BY_ACTOR,
    BY_ACTION,
    BY_TEAM,
    BY_TIME,
    BY_COUNT
} by_e;

/* A condition that does not keep a database from using the index. */
#define IF_GIVEN(column) "('0' = %s OR " column " = %s)"

/* MySQL and MariaDB are told the index, in what is a comment elsewhere: they
 * would choose another one, and pass over all rows of a time. */
#define USING(index) " FROM @uptime_audit /*! FORCE INDEX (" index ") */ WHERE "
#define FROM_KEY                                                               \
    USING("uptime_audit_key_at")                                               \
    "key_id = %s AND " IF_GIVEN("team_id") " AND " IF_GIVEN(                   \
        "actor") " AND " IF_GIVEN("action")
#define FROM_ACTOR                                                             \
    USING("uptime_audit_actor")                                                \
    "team_id = %s AND actor = %s AND " IF_GIVEN("action")
#define FROM_ACTION USING("uptime_audit_action") "team_id = %s AND action = %s"
#define FROM_TEAM USING("uptime_audit_team") "team_id = %s"
#define FROM_TIME                                                              \
    USING("uptime_audit_at") IF_GIVEN("actor") " AND " IF_GIVEN("action")

/* The most arguments of a condition, and those of a range. */
#define CONDITION_MAX 7
#define RANGE_ARGS 2

#define SELECT(from, range, order, limit)                                      \
    "SELECT " COLUMNS from " AND " range UK_ON_PRIMARY " ORDER BY " order      \
    " LIMIT " APR_STRINGIFY(limit)

/* The four ranges of a condition. */
typedef enum {
    OLDER_SAME_TIME,
    OLDER,
    NEWER_SAME_TIME,
    NEWER,
    RANGE_COUNT
} range_e;

#define RANGES(from, args, limit)                                              \
    {                                                                          \
        [OLDER_SAME_TIME] = {SELECT(from, "at = %lld AND id < %lld",           \
                                    "at DESC, id DESC", limit),                \
                             (args) + RANGE_ARGS, COLUMN_COUNT},               \
        [OLDER] = {SELECT(from, "at >= %lld AND at < %lld",                    \
                          "at DESC, id DESC", limit),                          \
                   (args) + RANGE_ARGS, COLUMN_COUNT},                         \
        [NEWER_SAME_TIME] = {SELECT(from, "at = %lld AND id > %lld", "at, id", \
                                    limit),                                    \
                             (args) + RANGE_ARGS, COLUMN_COUNT},               \
        [NEWER] = {SELECT(from, "at > %lld AND at <= %lld", "at, id", limit),  \
                   (args) + RANGE_ARGS, COLUMN_COUNT},                         \
    }

#define CONDITIONS(limit)                                                      \
    {                                                                          \
        [BY_KEY] = RANGES(FROM_KEY, 7, limit),                                 \
        [BY_ACTOR] = RANGES(FROM_ACTOR, 4, limit),                             \
        [BY_ACTION] = RANGES(FROM_ACTION, 2, limit),                           \
        [BY_TEAM] = RANGES(FROM_TEAM, 1, limit),                               \
        [BY_TIME] = RANGES(FROM_TIME, 4, limit),                               \
    }

/* Not every driver binds a number after LIMIT. */
static const uk_statement_t statements[][BY_COUNT][RANGE_COUNT] = {
    CONDITIONS(UK_EVENTS_FEW), CONDITIONS(UK_EVENTS_MAX)};

typedef struct {
    const uk_event_filter_t *filter;
    const uk_event_place_t *place;
    int newer;
    int limit; /* UK_EVENTS_FEW or UK_EVENTS_MAX */
    apr_array_header_t *rows;
} list_t;

/* Whether a condition must hold. It is not said by "", which is equal to a blank in
 * MySQL. */
static const char *must_hold(const char *value)
{
    return value ? "1" : "0";
}

static const char *or_empty(const char *value)
{
    return value ? value : "";
}

static by_e choose_condition(const uk_event_filter_t *filter)
{
    if (filter->key) {
        return BY_KEY;
    }
    if (!filter->team) {
        return BY_TIME;
    }
    return filter->actor ? BY_ACTOR : filter->action ? BY_ACTION : BY_TEAM;
}

/* Fill in the arguments of a condition. @return what leads to the rows */
static by_e choose(const uk_event_filter_t *filter, const char **args,
                   int *count)
{
    const char *team = or_empty(filter->team);
    const char *actor = or_empty(filter->actor);
    const char *action = or_empty(filter->action);
    const char *const all[] = {
        filter->key, must_hold(filter->team),   team,  must_hold(filter->actor),
        actor,       must_hold(filter->action), action};
    /* The places in all of what each condition takes. */
    static const struct {
        int places[CONDITION_MAX], count;
    } conditions[BY_COUNT] = {
        [BY_KEY] = {{0, 1, 2, 3, 4, 5, 6}, 7},
        [BY_ACTOR] = {{2, 4, 5, 6}, 4},
        [BY_ACTION] = {{2, 6}, 2},
        [BY_TEAM] = {{2}, 1},
        [BY_TIME] = {{3, 4, 5, 6}, 4},
    };
    by_e by = choose_condition(filter);
    int i;

    for (i = 0; i < conditions[by].count; i++) {
        args[i] = all[conditions[by].places[i]];
    }
    *count = i;
    return by;
}

/* Append the rows of a range. */
static uk_outcome_e select_range(uk_connection_t *connection, apr_pool_t *pool,
                                 list_t *list, range_e range, apr_int64_t first,
                                 apr_int64_t second)
{
    const char *args[CONDITION_MAX + RANGE_ARGS];
    apr_array_header_t *rows;
    int count;
    by_e by = choose(list->filter, args, &count);

    args[count++] = uk_row_number(pool, first);
    args[count] = uk_row_number(pool, second);
    if (uk_connection_select(
            connection, pool,
            &statements[list->limit == UK_EVENTS_MAX][by][range], args,
            &rows)) {
        return UK_UNAVAILABLE;
    }
    apr_array_cat(list->rows, rows);
    return UK_OK;
}

/* The rest of the rows that have the time of the place. */
static uk_outcome_e select_same_time(uk_connection_t *connection,
                                     apr_pool_t *pool, list_t *list)
{
    const uk_event_place_t *place = list->place;

    return select_range(connection, pool, list,
                        list->newer ? NEWER_SAME_TIME : OLDER_SAME_TIME,
                        place->at, place->id);
}

static uk_outcome_e select_newer(uk_connection_t *connection, apr_pool_t *pool,
                                 list_t *list)
{
    uk_instant_t after = list->filter->since - 1;

    if (list->place && list->place->at > after) {
        after = list->place->at;
    }
    return select_range(connection, pool, list, NEWER, after,
                        list->filter->until);
}

static uk_outcome_e select_older(uk_connection_t *connection, apr_pool_t *pool,
                                 list_t *list)
{
    uk_instant_t before = list->filter->until + 1;

    if (list->place && list->place->at < before) {
        before = list->place->at;
    }
    return select_range(connection, pool, list, OLDER, list->filter->since,
                        before);
}

static int is_place_asked_for(const list_t *list)
{
    const uk_event_place_t *place = list->place;

    return place && place->at >= list->filter->since
           && place->at <= list->filter->until;
}

static uk_outcome_e list_work(uk_connection_t *connection, apr_pool_t *pool,
                              void *baton)
{
    list_t *list = baton;
    uk_outcome_e outcome = UK_OK;

    list->rows = apr_array_make(pool, list->limit, sizeof(char **));
    if (is_place_asked_for(list)) {
        outcome = select_same_time(connection, pool, list);
    }
    if (outcome != UK_OK || list->rows->nelts >= list->limit) {
        return outcome;
    }
    return list->newer ? select_newer(connection, pool, list)
                       : select_older(connection, pool, list);
}

/* With some drivers SQL's NULL is "". */
static const char *or_null(const char *value)
{
    return value && *value ? value : NULL;
}

static uk_event_t *read_event(apr_pool_t *pool, const char **row)
{
    uk_event_t *event = apr_palloc(pool, sizeof(*event));

    *event = (uk_event_t){
        .id = row[0],
        .at = uk_row_instant(row[1]),
        .action = row[2],
        .actor = row[3],
        .source = row[4],
        .team = or_empty(row[5]),
        .key_id = or_null(row[6]),
        .key_name = or_null(row[7]),
        .key_prefix = or_null(row[8]),
        .detail = or_null(row[9]),
    };
    return event;
}

uk_outcome_e uk_store_events(uk_database_t *db, const uk_event_filter_t *filter,
                             const uk_event_place_t *place, int newer,
                             int wanted, apr_array_header_t **events)
{
    list_t list = {filter, place, newer,
                   wanted > UK_EVENTS_FEW ? UK_EVENTS_MAX : UK_EVENTS_FEW,
                   NULL};
    uk_outcome_e outcome = uk_database_run(db, list_work, &list);
    int i;

    *events = apr_array_make(db->pool, wanted, sizeof(uk_event_t *));
    for (i = 0; outcome == UK_OK && i < list.rows->nelts && i < wanted; i++) {
        APR_ARRAY_PUSH(*events, uk_event_t *) =
            read_event(db->pool, APR_ARRAY_IDX(list.rows, i, const char **));
    }
    return outcome;
}
