/* SPDX-License-Identifier: Apache-2.0 */
/* The check of the right to create triggers. */
#include "check/check_triggers.h"

#include "store/schema.h"

/* Whatever cannot be asked is for the other checks to report. */
uk_check_e uk_check_triggers(const uk_check_context_t *context,
                             const char **message)
{
    uk_plan_t plan;
    int may_create;

    if (uk_schema_plan(context->db, &plan) != UK_OK
        || (plan.version >= uk_schema_latest() && plan.missing.triggers == 0)
        || uk_schema_may_create_triggers(context->db, &may_create) != UK_OK
        || may_create) {
        return UK_CHECK_NOT_APPLICABLE;
    }
    *message = UK_CHECK_TRIGGERS_ADVICE;
    return UK_CHECK_WARNING;
}
