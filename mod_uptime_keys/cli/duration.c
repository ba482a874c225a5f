/* SPDX-License-Identifier: Apache-2.0 */
/* Durations and instants as users type them. */
#include "cli/duration.h"

#include <apr_strings.h>
#include <string.h>

#include "core/lifetime.h"

/* Digits that cannot overflow, with any unit. */
#define DIGITS_MAX 10

/* Parse a number. @return what follows it; NULL if there is none, or it is too
 * long */
static const char *parse_digits(const char *string, apr_int64_t *number)
{
    size_t digits = strspn(string, "0123456789");

    *number = apr_atoi64(string);
    return digits >= 1 && digits <= DIGITS_MAX ? string + digits : NULL;
}

int cli_duration_parse(const char *string, apr_int64_t longest,
                       apr_int64_t *seconds)
{
    static const struct {
        const char *unit;
        int seconds;
    } units[] = {{"s", 1}, {"m", 60}, {"h", 60 * 60}, {"d", 24 * 60 * 60}};
    apr_int64_t number;
    const char *unit = parse_digits(string, &number);
    size_t i;

    *seconds = 0;
    if (!unit) {
        return -1;
    }
    for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(unit, units[i].unit) == 0) {
            *seconds = number * units[i].seconds;
            return *seconds <= longest ? 0 : -1;
        }
    }
    return *unit || number ? -1 : 0;
}

/* "+90d". @return 0, or -1 if it is none */
static int parse_days(const char *string, apr_int64_t *days)
{
    const char *unit = *string == '+' ? parse_digits(string + 1, days) : NULL;

    return unit && strcmp(unit, "d") == 0 && *days <= UK_LIFETIME_MAX ? 0 : -1;
}

const char *cli_expiry(apr_pool_t *pool, const char *string, uk_instant_t now)
{
    char instant[UK_INSTANT_STRING_LEN + 1];
    apr_int64_t days;

    if (parse_days(string, &days) == 0) {
        uk_instant_format(uk_lifetime_end(now, (int)days), instant);
        return apr_pstrdup(pool, instant);
    }
    return uk_instant_end_of_day(string, instant) == 0
               ? apr_pstrdup(pool, instant)
               : string;
}
