/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON of the management endpoints: uk_json_view, and what only it has. */
#ifndef UK_MANAGE_JSON_H
#define UK_MANAGE_JSON_H

#include "manage/context.h"

/**
 * Read a request to create a key.
 *
 * @param body   need not be text at all
 * @param spec   receives the members as they are; one of a wrong type is missing
 * @param errors receives a uk_field_error_t for each member of a wrong type
 * @return 0, or -1 with *error where it is no JSON object
 */
int uk_json_read_spec(apr_pool_t *pool, const char *body, apr_size_t len,
                      uk_key_spec_t *spec, apr_array_header_t **errors,
                      const char **error) __attribute__((warn_unused_result));

/** {"data":{"scopes":[{name, group, description}…]},"meta":{…}} */
const char *uk_json_write_scope_list(const uk_context_t *ctx);

/** The OpenAPI description, with this server's path and scopes. */
const char *uk_json_write_openapi(const uk_context_t *ctx);

#endif
