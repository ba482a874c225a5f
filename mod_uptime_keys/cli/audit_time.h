/* SPDX-License-Identifier: Apache-2.0 */
/* The times of uptime-keys audit. */
#ifndef UK_CLI_AUDIT_TIME_H
#define UK_CLI_AUDIT_TIME_H

#include "cli/commands.h"

/**
 * Read the time that an option has: one that uk_event_parse_instant() knows, or a
 * duration like 90d, which is so long ago.
 *
 * @param end_of_day 1: a date is the end of that day; 0: its beginning
 * @param instant    receives it; unchanged if the option was not given
 * @return CLI_DONE, or after a report CLI_FAILED
 */
cli_status_e cli_audit_time(const cli_t *cli, cli_option_e option,
                            int end_of_day, uk_instant_t *instant)
    __attribute__((warn_unused_result));

#endif
