/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON of the management endpoints: the view, the body of a request, and
 * the documents that exist only as JSON. */
#ifndef UK_MANAGE_JSON_H
#define UK_MANAGE_JSON_H

#include "manage/view.h"

extern const uk_view_t uk_json_view;

/**
 * Read a request to create a key: {name, scopes, expiresAt?}. Other members are
 * ignored.
 *
 * @param body   len bytes, which need not be UTF-8
 * @param spec   receives the members, not validated; one of a wrong type counts
 *               as missing, an item of scopes that is not a string as ""
 * @param errors receives uk_field_error_ts, one for each value of a wrong type
 * @param error  receives a sentence that says why this is not a JSON object
 * @return 0, or -1 with *error; all in the pool
 */
int uk_json_read_spec(apr_pool_t *pool, const char *body, apr_size_t len,
                      uk_key_spec_t *spec, apr_array_header_t **errors,
                      const char **error) __attribute__((warn_unused_result));

/** {"data":{"scopes":[{name, group, description}…]},"meta":{…}}, in the
 *  request's pool. */
const char *uk_json_write_scope_list(const uk_context_t *ctx);

/** The OpenAPI description, with the URL and the scopes of this server, in the
 *  request's pool. */
const char *uk_json_write_openapi(const uk_context_t *ctx);

#endif
