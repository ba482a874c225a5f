/* SPDX-License-Identifier: Apache-2.0 */
/* A problem document, RFC 9457. */
#include "core/problem_document.h"

#include "core/json_values.h"
#include "core/key_spec.h"

static json_t *error_object(const uk_field_error_t *error)
{
    return json_pack(
        "{s:o, s:o, s:o}", "pointer", uk_json_string(error->pointer), "code",
        uk_json_string(error->code), "message", uk_json_string(error->message));
}

static json_t *error_array(const apr_array_header_t *errors)
{
    json_t *array = json_array();
    int i;

    for (i = 0; i < errors->nelts; i++) {
        json_array_append_new(
            array, error_object(&APR_ARRAY_IDX(errors, i, uk_field_error_t)));
    }
    return array;
}

const char *uk_problem_document_write(apr_pool_t *pool,
                                      const uk_problem_document_t *problem)
{
    /* clang-format off */
    json_t *object = json_pack(
        "{s:o, s:o, s:i, s:o, s:o}",
        "type", uk_json_string(problem->type),
        "title", uk_json_string(problem->title),
        "status", problem->status,
        "detail", uk_json_string(problem->detail),
        "instance", uk_json_string(problem->instance));
    /* clang-format on */

    if (problem->errors) {
        json_object_set_new(object, "errors", error_array(problem->errors));
    }
    return uk_json_dump(pool, object);
}
