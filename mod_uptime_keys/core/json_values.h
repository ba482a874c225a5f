/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, scopes and strings as jansson's values. Files that use jansson include
 * this header. */
#ifndef UK_CORE_JSON_VALUES_H
#define UK_CORE_JSON_VALUES_H

#include <jansson.h>

#include "core/key.h"
#include "core/scope.h"

/* For "s?" of json_pack(). */
#if JANSSON_VERSION_HEX < 0x020800
#error "mod_uptime_keys needs jansson 2.8 or later"
#endif

/* A returned json_t * is a new reference, which the caller owns. */

/**
 * Read a document; no object in it may have a member twice. jansson ignores
 * a NUL byte behind a number, true, false or null; this refuses it.
 *
 * @param where receives what is wrong, and where
 * @return NULL if it was refused
 */
json_t *uk_json_load(const char *text, size_t len, json_error_t *where);

/** Write a document in compact form, and drop the caller's reference to it.
 *
 *  @return a string in the pool */
const char *uk_json_dump(apr_pool_t *pool, json_t *document);

/**
 * Convert a JSON array of strings. The caller keeps its reference.
 *
 * @param array may be NULL
 * @return an array of const char *, copied into the pool; NULL if array is
 *         anything else
 */
apr_array_header_t *uk_json_to_strings(apr_pool_t *pool, const json_t *array);

/** Convert an array of const char *; strings that are not valid UTF-8 are left
 *  out. */
json_t *uk_json_from_strings(const apr_array_header_t *strings);

/** Convert a string. NULL and what is not valid UTF-8 become JSON's null: other
 *  programs can write such a string to the database, and the object that
 *  contains it must still be shown. */
json_t *uk_json_string(const char *string);

/** Convert a key to {id, name, scopes, createdAt, lastUsedAt, expiresAt,
 *  keyPrefix}, and where they have a value addresses, disabledAt,
 *  disabledReason, previous: {keyPrefix, endsAt, lastUsedAt}.
 *
 *  @param now a previous secret that has ended by then is left out */
json_t *uk_json_from_key(const uk_key_t *key, uk_instant_t now);

/** Convert an array of const uk_key_t *, as above. */
json_t *uk_json_from_keys(const apr_array_header_t *keys, uk_instant_t now);

/** Convert a catalogue to an array of {name, group, description}. */
json_t *uk_json_from_catalogue(const uk_catalogue_t *catalogue);

#endif
