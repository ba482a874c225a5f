/* SPDX-License-Identifier: Apache-2.0 */
/* The public id of a key: a TypeID over a UUIDv7. */
#ifndef UK_CORE_KEYID_H
#define UK_CORE_KEYID_H

#include <apr.h>

/* "key_" and 26 characters of lower-case Crockford base32. */
#define UK_KEYID_LEN 30

/**
 * Make a new id; ids made in different milliseconds sort by time.
 *
 * Source: TypeID specification 0.3; RFC 9562 section 5.7 (UUIDv7).
 *
 * @param now_ms milliseconds since 1970 UTC
 * @param id     receives the id and a NUL
 */
void uk_keyid_make(apr_int64_t now_ms, char id[UK_KEYID_LEN + 1]);

/** @return 1 if a string has the form of an id, else 0 */
int uk_keyid_is_valid(const char *id);

#endif
