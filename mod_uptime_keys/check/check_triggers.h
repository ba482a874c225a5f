/* SPDX-License-Identifier: Apache-2.0 */
/* The check of the right to create triggers. */
#ifndef UK_CHECK_CHECK_TRIGGERS_H
#define UK_CHECK_CHECK_TRIGGERS_H

#include "check/check.h"

/* What to do if a database with a binary log refuses to create triggers. */
#define UK_CHECK_TRIGGERS_ADVICE                                               \
    "a server with a binary log lets only its administrators create "          \
    "triggers: run init as one of them, or let one of them run SET GLOBAL "    \
    "log_bin_trust_function_creators = 1 before init, and = 0 after it"

/* Whether this user may create triggers, if init has any to create. */
uk_check_fn uk_check_triggers;

#endif
