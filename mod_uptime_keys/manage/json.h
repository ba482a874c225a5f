/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON of the management endpoints: the view, the body of a request, and
 * the documents that exist only as JSON. */
#ifndef UK_MANAGE_JSON_H
#define UK_MANAGE_JSON_H

#include "core/json_values.h"
#include "core/key_spec.h"
#include "store/rotate.h"
#include "manage/view.h"

extern const uk_view_t uk_json_view;

/** Parse a body that must be a JSON object. @return a new reference; NULL, and
 *  *error is a sentence, in the pool, that says why it is none */
json_t *uk_json_read_object(apr_pool_t *pool, const char *body, apr_size_t len,
                            const char **error);

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

/**
 * Read the body of a change, RFC 7396: a JSON object with members of a
 * specification. Unknown members are errors.
 *
 * @param spec   receives what was sent, not validated
 * @param errors receives uk_field_error_ts: unknown members and wrong types
 * @param error  receives, on failure, why this is no change
 * @return 0, or -1 if the body is not a JSON object, or an empty one
 */
int uk_json_read_change(apr_pool_t *pool, const char *body, apr_size_t len,
                        uk_key_spec_t *spec, apr_array_header_t **errors,
                        const char **error) __attribute__((warn_unused_result));

/** Read the body of a rotation, {overlapSeconds?, ifPrefix?}. @param rotation
 *  receives what was sent. @return as uk_json_read_change(), but the object may
 *  be empty */
int uk_json_read_rotation(apr_pool_t *pool, const char *body, apr_size_t len,
                          uk_rotation_t *rotation, apr_array_header_t **errors,
                          const char **error)
    __attribute__((warn_unused_result));

/** {"data":{"apiKey":{…},"team":"acme"},"meta":{…}}, in the request's pool. */
const char *uk_json_write_self(const uk_context_t *ctx, const uk_key_t *key);

/** {"data":{"scopes":[{name, group, description}…]},"meta":{…}}, in the
 *  request's pool. */
const char *uk_json_write_scope_list(const uk_context_t *ctx);

/** The OpenAPI description, with the URL and the scopes of this server, in the
 *  request's pool. */
const char *uk_json_write_openapi(const uk_context_t *ctx);

#endif
