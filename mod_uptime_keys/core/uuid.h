/* SPDX-License-Identifier: Apache-2.0 */
/* UUIDs, RFC 9562, version 4. */
#ifndef UK_CORE_UUID_H
#define UK_CORE_UUID_H

/* The length of "f81d4fae-7dec-41d0-a765-00a0c91e6bf6". */
#define UK_UUID_LEN 36

#define UK_UUID_BYTES 16

/** Make a random UUID.
 *
 *  @param uuid receives it in lower case, and a NUL */
void uk_uuid_make(char uuid[UK_UUID_LEN + 1]);

/** Make a UUID from random bytes that the caller provides. */
void uk_uuid_format(const unsigned char random[UK_UUID_BYTES],
                    char uuid[UK_UUID_LEN + 1]);

#endif
