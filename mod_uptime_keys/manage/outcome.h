/* SPDX-License-Identifier: Apache-2.0 */
/* What all changes of keys have in common: who makes them, by which rules, and
 * how they are logged and answered. */
#ifndef UK_MANAGE_OUTCOME_H
#define UK_MANAGE_OUTCOME_H

#include "core/key_spec.h"
#include "store/audit.h"
#include "manage/context.h"

/** Who makes the change, for uptime_audit. */
uk_actor_t uk_outcome_actor(const uk_context_t *ctx);

/** What a specification is validated against, for this caller and server. */
uk_key_rules_t uk_outcome_rules(const uk_context_t *ctx);

/** Append errors, but none at a place that has one already: a member of a wrong
 *  type also counts as missing. */
void uk_outcome_add_errors(apr_array_header_t *errors,
                           const apr_array_header_t *more);

/** Log UK0040 for a change that was made. @param action "created", "deleted" … */
void uk_outcome_log(const uk_context_t *ctx, const char *action,
                    const char *id);

/** Answer a change that was not made. @param detail of a conflict; NULL: that of
 *  the type. @return DONE */
int uk_outcome_respond(uk_context_t *ctx, uk_outcome_e outcome,
                       const char *detail);

#endif
