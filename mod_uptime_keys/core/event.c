/* SPDX-License-Identifier: Apache-2.0 */
/* The record of an event: one row of uptime_audit. */
#include "core/event.h"

#include <apr_strings.h>
#include <string.h>

#include "core/lifetime.h"

const uk_action_t uk_actions[] = {
    {"key.create", "Key created"},     {"key.import", "Key imported"},
    {"key.change", "Key changed"},     {"key.disable", "Key disabled"},
    {"key.enable", "Key enabled"},     {"key.rotate", "Key rotated"},
    {"key.leak", "Key leaked"},        {"key.delete", "Key deleted"},
    {"team.create", "Team created"},   {"team.delete", "Team deleted"},
    {"member.set", "Member set"},      {"member.remove", "Member removed"},
    {"audit.prune", "Events removed"}, {NULL, NULL},
};

static const uk_action_t *find_action(const char *name)
{
    const uk_action_t *action = uk_actions;

    while (action->name && strcmp(action->name, name) != 0) {
        action++;
    }
    return action;
}

const char *uk_action_title(const char *name)
{
    const uk_action_t *action = find_action(name);

    return action->name ? action->title : name;
}

int uk_action_is_known(const char *name)
{
    return find_action(name)->name != NULL;
}

/* What stands before and after the value of a member of a detail. */
static const struct {
    const char *member, *before, *after;
} phrases[] = {
    {"changed", "", ""},           {"oldName", "was ", ""},
    {"oldPrefix", "was ", ""},     {"overlapSeconds", "which ", ""},
    {"secret", "the ", " secret"}, {"name", "", ""},
    {"owner", "owner ", ""},       {"user", "", ""},
    {"role", "as ", ""},           {"oldRole", "was ", ""},
    {"before", "before ", ""},     {"removed", "", " events"},
};

#define PHRASE_COUNT (sizeof(phrases) / sizeof(phrases[0]))

static const char *join(apr_pool_t *pool, const apr_array_header_t *strings)
{
    const char *joined = "";
    int i;

    for (i = 0; i < strings->nelts; i++) {
        joined = apr_pstrcat(pool, joined, i ? ", " : "",
                             APR_ARRAY_IDX(strings, i, const char *), NULL);
    }
    return joined;
}

/* @return the value in words; NULL for null, and for what no detail of ours has */
static const char *value_in_words(apr_pool_t *pool, const json_t *value)
{
    apr_array_header_t *strings;

    if (json_is_integer(value)) {
        return apr_psprintf(pool, "%" APR_INT64_T_FMT,
                            (apr_int64_t)json_integer_value(value));
    }
    if (json_is_string(value)) {
        return apr_pstrdup(pool, json_string_value(value));
    }
    strings = uk_json_to_strings(pool, value);
    return strings ? join(pool, strings) : NULL;
}

/* How long the secret before a rotation goes on. */
static const char *overlap_in_words(apr_pool_t *pool, const json_t *seconds)
{
    json_int_t overlap = json_integer_value(seconds);

    return overlap > 0 && overlap <= APR_INT32_MAX
               ? apr_pstrcat(pool, "works for ",
                             uk_lifetime_span(pool, (int)overlap), " more",
                             NULL)
               : "ended";
}

static const char *member_in_words(apr_pool_t *pool, const char *name,
                                   const char *value)
{
    size_t i;

    for (i = 0; i < PHRASE_COUNT; i++) {
        if (strcmp(phrases[i].member, name) == 0) {
            return apr_pstrcat(pool, phrases[i].before, value, phrases[i].after,
                               NULL);
        }
    }
    return apr_pstrcat(pool, name, " ", value, NULL);
}

static const char *object_in_words(apr_pool_t *pool, json_t *object)
{
    apr_array_header_t *words = apr_array_make(pool, 4, sizeof(char *));
    const char *name, *in_words;
    json_t *value;

    json_object_foreach(object, name, value)
    {
        in_words = strcmp(name, "overlapSeconds") == 0
                       ? overlap_in_words(pool, value)
                       : value_in_words(pool, value);
        if (in_words) {
            APR_ARRAY_PUSH(words, const char *) =
                member_in_words(pool, name, in_words);
        }
    }
    return join(pool, words);
}

const char *uk_event_detail(apr_pool_t *pool, const uk_event_t *event)
{
    json_t *object = event->detail ? json_loads(event->detail, 0, NULL) : NULL;
    const char *words = json_is_object(object) ? object_in_words(pool, object)
                        : event->detail        ? event->detail
                                               : "";

    json_decref(object);
    return words;
}

/* What other programs have written need not be JSON. */
static json_t *detail_to_json(const char *detail)
{
    json_t *object = detail ? json_loads(detail, 0, NULL) : NULL;

    if (!json_is_object(object)) {
        json_decref(object);
        object = json_null();
    }
    return object;
}

json_t *uk_event_to_json(const uk_event_t *event)
{
    return json_pack("{s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "id",
                     uk_json_string(event->id), "at", (json_int_t)event->at,
                     "action", uk_json_string(event->action), "actor",
                     uk_json_string(event->actor), "source",
                     uk_json_string(event->source), "keyId",
                     uk_json_string(event->key_id), "keyName",
                     uk_json_string(event->key_name), "keyPrefix",
                     uk_json_string(event->key_prefix), "detail",
                     detail_to_json(event->detail));
}

/* Digits of milliseconds that cannot overflow. */
#define DIGITS_MAX 15

static int parse_milliseconds(const char *string, uk_instant_t *instant)
{
    size_t digits = strspn(string, "0123456789");

    if (digits < 1 || digits > DIGITS_MAX || string[digits]) {
        return -1;
    }
    *instant = apr_atoi64(string);
    return 0;
}

int uk_event_parse_instant(const char *string, int end_of_day,
                           uk_instant_t *instant)
{
    char day[UK_INSTANT_STRING_LEN + 1];
    int is_date = uk_instant_end_of_day(string, day) == 0;
    uk_instant_t parsed;

    if (parse_milliseconds(string, instant) == 0) {
        return 0;
    }
    if (uk_instant_parse(is_date ? day : string, &parsed) != 0) {
        return -1;
    }
    *instant = is_date && !end_of_day ? parsed - UK_DAY_MS + 1 : parsed;
    return 0;
}
