/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes as a packed principal, and a principal packed: whole, cut, and where
 * there is too little room.
 *
 * About: core/principal.c
 * Options: -max_len=300 */
#include <string.h>

#include "core/principal.h"
#include "fuzz.h"

static void expect_inside(const char *string, const char *bytes, size_t size)
{
    FUZZ_EXPECT(string >= bytes && string < bytes + size
                    && memchr(string, '\0', (size_t)(bytes + size - string)),
                "a string is not in what was unpacked, or does not end there");
}

static void expect_same(const uk_principal_t *a, const uk_principal_t *b)
{
    FUZZ_EXPECT(strcmp(a->id, b->id) == 0 && strcmp(a->team, b->team) == 0
                    && strcmp(a->name, b->name) == 0
                    && strcmp(a->scope_names, b->scope_names) == 0
                    && strcmp(a->addresses, b->addresses) == 0,
                "a string became another one");
    FUZZ_EXPECT(memcmp(&a->scopes, &b->scopes, sizeof(a->scopes)) == 0
                    && a->last_used_at == b->last_used_at
                    && a->expires_at == b->expires_at && a->group == b->group
                    && a->is_previous == b->is_previous
                    && a->has_checksum == b->has_checksum,
                "a value became another one");
}

/* At an odd address, with no byte more than is given. */
static size_t pack_at(const uk_principal_t *principal, size_t max,
                      unsigned char **bytes)
{
    *bytes = apr_palloc(fuzz_pool(), max + 1);
    return uk_principal_pack(principal, *bytes + 1, max);
}

static void try_packed(const uk_principal_t *principal, unsigned room)
{
    unsigned char *bytes;
    size_t size = pack_at(principal, 4096, &bytes);
    uk_principal_t again = {0};

    FUZZ_EXPECT(size && size <= 4096, "there is room enough");
    FUZZ_EXPECT(uk_principal_unpack(bytes + 1, size, &again) == 0,
                "what was packed is not unpacked");
    expect_same(principal, &again);
    FUZZ_EXPECT(pack_at(principal, size, &bytes) == size,
                "the exact room is not enough");
    FUZZ_EXPECT(pack_at(principal, room % size, &bytes) == 0,
                "too little room is enough");
}

/* Of what is well-formed all strings lie inside, and it can be packed again. */
static void try_unpack(const uint8_t *data, size_t size)
{
    const char *bytes = fuzz_bytes(data, size);
    uk_principal_t principal = {0};

    if (uk_principal_unpack((const unsigned char *)bytes, size, &principal)
        != 0) {
        return;
    }
    expect_inside(principal.id, bytes, size);
    expect_inside(principal.team, bytes, size);
    expect_inside(principal.name, bytes, size);
    expect_inside(principal.scope_names, bytes, size);
    expect_inside(principal.addresses, bytes, size);
    FUZZ_EXPECT(!principal.is_disabled, "a disabled key in a cache");
    try_packed(&principal, (unsigned)size);
}

static void try_made(fuzz_input_t input)
{
    unsigned room = fuzz_take_byte(&input), flags = fuzz_take_byte(&input);
    uk_principal_t principal = {
        .is_previous = flags & 1,
        .has_checksum = flags >> 1 & 1,
        .group = (apr_uint16_t)(fuzz_take_byte(&input) * 257),
        .scopes = {{fuzz_take_number(&input), fuzz_take_number(&input)}},
        .last_used_at = (uk_instant_t)fuzz_take_number(&input),
        .expires_at = (uk_instant_t)fuzz_take_number(&input)};

    principal.id = fuzz_take_string(&input, '\n');
    principal.team = fuzz_take_string(&input, '\n');
    principal.name = fuzz_take_string(&input, '\n');
    principal.scope_names = fuzz_take_string(&input, '\n');
    principal.addresses = fuzz_take_string(&input, '\n');
    try_packed(&principal, room);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try_unpack(data, size);
    try_made((fuzz_input_t){data, size});
    fuzz_clear();
    return 0;
}
