/* SPDX-License-Identifier: Apache-2.0 */
/* UUIDs, RFC 9562, version 4. */
#ifndef UK_CORE_UUID_H
#define UK_CORE_UUID_H

/* "f81d4fae-7dec-41d0-a765-00a0c91e6bf6" */
#define UK_UUID_LEN 36

#define UK_UUID_BYTES 16

/** Make a UUID that nobody else has. */
void uk_uuid_make(char text[UK_UUID_LEN + 1]);

/** Make one of random bytes, for who has some. */
void uk_uuid_of(const unsigned char random[UK_UUID_BYTES],
                char text[UK_UUID_LEN + 1]);

#endif
