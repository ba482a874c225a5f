/* SPDX-License-Identifier: Apache-2.0 */
/* Our records as jansson's values, for the files that make documents of them:
 * core/json.c and manage/json.c. Nobody else includes jansson's header. */
#ifndef UK_CORE_JSON_VALUES_H
#define UK_CORE_JSON_VALUES_H

#include <jansson.h>

#include "core/key.h"

/* json_pack()'s "s?". */
#if JANSSON_VERSION_HEX < 0x020800
#error "mod_uptime_keys needs jansson 2.8 or later"
#endif

/* Whoever gets a json_t * owns it. */

/** The text of a document, compact; the document is used up. */
const char *uk_json_dump(apr_pool_t *pool, json_t *document);

/** const char *s of an array of strings; NULL where it is anything else. */
apr_array_header_t *uk_json_to_strings(apr_pool_t *pool, const json_t *array);

/** const char *s as an array of strings. */
json_t *uk_json_from_strings(const apr_array_header_t *names);

/** A string, or null where the text is not UTF-8: somebody else may have put it
 *  into the database, and what holds it must not vanish because of that. */
json_t *uk_json_string(const char *text);

/** {id, name, scopes, createdAt, lastUsedAt, expiresAt, keyPrefix}. */
json_t *uk_json_from_key(const uk_key_t *key);

/** An array of uk_json_from_key()s, of uk_key_t *s. */
json_t *uk_json_from_keys(const apr_array_header_t *keys);

/** An array of {name, group, description}. */
json_t *uk_json_from_catalogue(const uk_catalogue_t *catalogue);

#endif
