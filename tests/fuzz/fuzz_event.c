/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as the detail of an event, as other programs may have written it.
 *
 * About: core/event.c
 * Options: -max_len=300 */
#include <jansson.h>
#include <string.h>

#include "core/event.h"
#include "fuzz.h"

/* The words have each string and each number of the object in them. */
static void expect_words(const char *words, json_t *detail)
{
    const char *name;
    json_t *value;

    json_object_foreach(detail, name, value)
    {
        if (json_is_string(value) && strcmp(name, "overlapSeconds") != 0) {
            FUZZ_EXPECT(strstr(words, json_string_value(value)),
                        "a value is not told");
        }
    }
}

static void expect_json(json_t *object, const uk_event_t *event,
                        const json_t *detail)
{
    const json_t *told = json_object_get(object, "detail");
    char *dump = json_dumps(object, 0);

    FUZZ_EXPECT(object && dump, "an event is no JSON");
    FUZZ_EXPECT(json_is_object(detail) ? json_equal(told, detail)
                                       : json_is_null(told),
                "another detail is told");
    FUZZ_EXPECT(json_integer_value(json_object_get(object, "at")) == event->at,
                "another time is told");
    free(dump);
    json_decref(object);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input_t input = {data, size};
    uk_event_t event = {.id = "1", .team = ""};
    json_t *detail;
    const char *words;

    event.action = fuzz_take_string(&input, '\n');
    event.actor = fuzz_take_string(&input, '\n');
    event.key_name = fuzz_take_string(&input, '\n');
    event.at = (uk_instant_t)strlen(event.actor);
    event.detail = input.left ? fuzz_string(input.at, input.left) : NULL;
    detail = event.detail ? json_loads(event.detail, 0, NULL) : NULL;
    words = uk_event_detail(fuzz_pool(), &event);
    FUZZ_EXPECT(words, "no words");
    if (json_is_object(detail)) {
        expect_words(words, detail);
    }
    else {
        FUZZ_EXPECT(strcmp(words, event.detail ? event.detail : "") == 0,
                    "a detail that is no object is told as it is");
    }
    FUZZ_EXPECT(
        uk_action_is_known(event.action)
            == (strcmp(uk_action_title(event.action), event.action) != 0),
        "an action has a title, or is unknown");
    expect_json(uk_event_to_json(&event), &event, detail);
    json_decref(detail);
    fuzz_clear();
    return 0;
}
