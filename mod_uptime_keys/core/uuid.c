/* SPDX-License-Identifier: Apache-2.0 */
/* UUIDs, RFC 9562, version 4. */
#include "core/uuid.h"

#include <string.h>

#include "core/secret.h"

void uk_uuid_make(char text[UK_UUID_LEN + 1])
{
    unsigned char random[UK_UUID_BYTES];

    uk_secret_random(random, sizeof(random));
    uk_uuid_of(random, text);
}

void uk_uuid_of(const unsigned char random[UK_UUID_BYTES],
                char text[UK_UUID_LEN + 1])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char uuid[UK_UUID_BYTES];
    int i;

    memcpy(uuid, random, sizeof(uuid));
    uuid[6] = (unsigned char)((uuid[6] & 0x0f) | 0x40);
    uuid[8] = (unsigned char)((uuid[8] & 0x3f) | 0x80);
    for (i = 0; i < UK_UUID_BYTES; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            *text++ = '-';
        }
        *text++ = digits[uuid[i] >> 4];
        *text++ = digits[uuid[i] & 15];
    }
    *text = '\0';
}
