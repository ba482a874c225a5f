/* SPDX-License-Identifier: Apache-2.0 */
/* UUIDs, RFC 9562, version 4. */
#include "core/uuid.h"

#include <string.h>

#include "core/secret.h"

void uk_uuid_make(char uuid[UK_UUID_LEN + 1])
{
    unsigned char random[UK_UUID_BYTES];

    uk_secret_random(random, sizeof(random));
    uk_uuid_format(random, uuid);
}

void uk_uuid_format(const unsigned char random[UK_UUID_BYTES],
                    char uuid[UK_UUID_LEN + 1])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[UK_UUID_BYTES];
    int i;

    memcpy(bytes, random, sizeof(bytes));
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
    for (i = 0; i < UK_UUID_BYTES; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            *uuid++ = '-';
        }
        *uuid++ = digits[bytes[i] >> 4];
        *uuid++ = digits[bytes[i] & 15];
    }
    *uuid = '\0';
}
