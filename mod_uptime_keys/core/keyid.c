/* SPDX-License-Identifier: Apache-2.0 */
/* The public id of a key: a TypeID over a UUIDv7. */
#include "core/keyid.h"

#include <string.h>

#include "core/secret.h"

#define SCHEME "key_"
#define SCHEME_LEN 4
#define UUID_LEN 16

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

/* 48 bits of time, version 7, 74 random bits, variant 10. */
static void make_uuid(apr_int64_t now_ms, unsigned char uuid[UUID_LEN])
{
    int i;

    uk_secret_random(uuid, UUID_LEN);
    for (i = 0; i < 6; i++) {
        uuid[i] = (unsigned char)(now_ms >> (8 * (5 - i)));
    }
    uuid[6] = (unsigned char)((uuid[6] & 0x0f) | 0x70);
    uuid[8] = (unsigned char)((uuid[8] & 0x3f) | 0x80);
}

/* Encode 128 bits as 26 digits of 5 bits; the first digit holds only 3. */
static void encode(const unsigned char uuid[UUID_LEN], char *out)
{
    unsigned int bits = 0, held = 2;
    int i;

    for (i = 0; i < UUID_LEN; i++) {
        bits = (bits << 8) | uuid[i];
        held += 8;
        while (held >= 5) {
            held -= 5;
            *out++ = alphabet[(bits >> held) & 31];
        }
        bits &= (1U << held) - 1;
    }
    *out = '\0';
}

void uk_keyid_make(apr_int64_t now_ms, char id[UK_KEYID_LEN + 1])
{
    unsigned char uuid[UUID_LEN];

    make_uuid(now_ms, uuid);
    memcpy(id, SCHEME, SCHEME_LEN);
    encode(uuid, id + SCHEME_LEN);
}

int uk_keyid_is_valid(const char *id)
{
    return strlen(id) == UK_KEYID_LEN && memcmp(id, SCHEME, SCHEME_LEN) == 0
           && id[SCHEME_LEN] >= '0' && id[SCHEME_LEN] <= '7'
           && strspn(id + SCHEME_LEN, alphabet) == UK_KEYID_LEN - SCHEME_LEN;
}
