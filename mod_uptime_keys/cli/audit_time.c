/* SPDX-License-Identifier: Apache-2.0 */
/* The times of uptime-keys audit. */
#include "cli/audit_time.h"

#include "core/event.h"
#include "core/lifetime.h"
#include "cli/duration.h"

/* Seconds of a duration. */
#define LONGEST (UK_LIFETIME_MAX * UK_DAY_MS / 1000)

#define FORMS                                                                  \
    "%s: this takes a date like 2026-11-23, an instant like "                  \
    "2026-11-23T06:15:00Z, milliseconds since 1970, or a time like 90d, "      \
    "which "                                                                   \
    "is so long ago"

cli_status_e cli_audit_time(const cli_t *cli, cli_option_e option,
                            int end_of_day, uk_instant_t *instant)
{
    const char *value = cli_value(cli, option);
    apr_int64_t seconds;

    if (!value || uk_event_parse_instant(value, end_of_day, instant) == 0) {
        return CLI_DONE;
    }
    if (cli_duration_parse(value, LONGEST, &seconds) != 0) {
        return cli_fail(cli->pool, FORMS, cli_option_name(option));
    }
    *instant = cli->actor.now - seconds * 1000;
    return CLI_DONE;
}
