/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as a duration, as an expiry, and as the time of a filter of events.
 *
 * About: cli/duration.c
 * Options: -max_len=64 */
#include <apr_strings.h>
#include <ctype.h>
#include <string.h>

#include "core/event.h"
#include "core/lifetime.h"
#include "cli/duration.h"
#include "fuzz.h"

#define LONGEST (UK_LIFETIME_MAX * UK_DAY_MS / 1000)

/* A number of up to ten digits and a unit; 0 needs none. @return 0, or -1 */
static int judge_duration(const char *text, int64_t longest, int64_t *seconds)
{
    static const char units[] = "smhd";
    static const int64_t factors[] = {1, 60, 3600, 86400};
    const char *unit;
    int digits = 0;

    for (*seconds = 0; isdigit((unsigned char)*text); text++) {
        if (++digits > 10) {
            return -1;
        }
        *seconds = *seconds * 10 + (*text - '0');
    }
    if (!digits || (*text && text[1])) {
        return -1;
    }
    if (!*text) {
        return *seconds ? -1 : 0;
    }
    unit = strchr(units, *text);
    *seconds *= unit ? factors[unit - units] : 1;
    return unit && *seconds <= longest ? 0 : -1;
}

static void try_duration(const char *text, int64_t longest)
{
    apr_int64_t seconds = -1;
    int64_t judged;
    int refused = judge_duration(text, longest, &judged);

    FUZZ_EXPECT(cli_duration_parse(text, longest, &seconds) == refused,
                "a duration is judged otherwise");
    FUZZ_EXPECT(refused || seconds == judged, "another duration is read");
    if (!refused && seconds > 0 && seconds <= APR_INT32_MAX) {
        const char *span = uk_lifetime_span(fuzz_pool(), (int)seconds);

        FUZZ_EXPECT((apr_atoi64(span) == 1) == (span[strlen(span) - 1] != 's'),
                    "one is a singular, and nothing else");
    }
}

/* +90d is the end of a day, and a date is that of its day. */
static void try_expiry(const char *text, uk_instant_t now)
{
    const char *expiry = cli_expiry(fuzz_pool(), text, now);
    uk_instant_t instant;

    if (expiry == text) {
        return;
    }
    FUZZ_EXPECT(uk_instant_parse(expiry, &instant) == 0 || *text != '+',
                "days from now are no instant");
    FUZZ_EXPECT(
        *text != '+'
            || (instant >= now && (instant + 1) % UK_DAY_MS == 0
                && instant - now < (apr_atoi64(text + 1) + 1) * UK_DAY_MS),
        "days from now do not end at the end of that day");
}

static void try_event_time(const char *text)
{
    uk_instant_t beginning = -1, end = -1, instant;
    int status = uk_event_parse_instant(text, 0, &beginning);

    FUZZ_EXPECT(uk_event_parse_instant(text, 1, &end) == status,
                "a time is one at the end of a day alone");
    FUZZ_EXPECT(status == 0 || (beginning == -1 && end == -1),
                "a failure changed the instant");
    if (status == 0) {
        FUZZ_EXPECT(end == beginning || end - beginning == UK_DAY_MS - 1,
                    "a day of another length");
        FUZZ_EXPECT(uk_instant_parse(text, &instant) != 0
                        || (instant == beginning && instant == end),
                    "an instant is read as another");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input_t input = {data, size};
    uk_instant_t now =
        (uk_instant_t)(fuzz_take_number(&input) % (uint64_t)4102444800000);
    const char *text = fuzz_string(input.at, input.left);

    try_duration(text, LONGEST);
    try_duration(text, now);
    try_expiry(text, now);
    try_event_time(text);
    fuzz_clear();
    return 0;
}
