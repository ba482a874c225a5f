/* SPDX-License-Identifier: Apache-2.0 */
/* Any entry of the cache: what was stored comes back the same, if it is still
 * good; what anybody else wrote there is no hit.
 *
 * About: httpd/cache.c httpd/cache_local.c core/principal.c
 * Options: -max_len=300 */
#include "in_httpd.h"

#include <apr_strings.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "core/token.h"
#include "httpd/cache.h"
#include "httpd/cache_local.h"
#include "httpd/cache_shared.h"
#include "httpd/lease_private.h"
#include "httpd/state.h"
#include "fuzz.h"

/* No child polls here. */
static uk_lease_state_t *hold_lease(void)
{
    const uk_lease_t *lease = uk_server_state(in_httpd_server)->lease;
    uk_clock_ms_t now = uk_clock_now();

    FUZZ_EXPECT(lease != NULL, "there is no lease");
    if (uk_lease_state_is_announcement_older(lease->state, now, 10000)) {
        uk_lease_state_record_announcement(lease->state, now, 1);
    }
    uk_lease_state_record_poll(lease->state, now, 1);
    return lease->state;
}

/* A busy machine may have halted this process for longer than a lease. */
static int has_lease_ended(uk_lease_state_t *state)
{
    apr_uint64_t round;

    return !uk_lease_state_holds(state, &round);
}

/* Another key for each input, because what a thread has found it keeps. */
static const char *make_value(void)
{
    static unsigned long count;
    char *token = apr_psprintf(fuzz_pool(), "uptime_%056lx", ++count);

    return apr_psprintf(fuzz_pool(), "%s%08lx", token,
                        crc32(0, (const Bytef *)token, 63));
}

static uk_principal_t make_principal(fuzz_input_t *input, uk_instant_t now)
{
    unsigned flags = fuzz_take_byte(input);
    uk_principal_t principal = {
        .last_used_at = flags & 1 ? now - 1000 : (uk_instant_t)now - 3600000,
        .expires_at = flags & 2   ? UK_INSTANT_NONE
                      : flags & 4 ? now + 3600000
                                  : now - 1,
        .is_previous = (flags & 8) != 0,
        .has_checksum = (flags & 16) != 0,
        .group = (apr_uint16_t)(fuzz_take_byte(input) * 63),
    };

    principal.id = fuzz_take_string(input, '\n');
    principal.team = fuzz_take_string(input, '\n');
    principal.name = fuzz_take_string(input, '\n');
    principal.scope_names = fuzz_take_string(input, '\n');
    principal.addresses = fuzz_take_string(input, '\n');
    return principal;
}

/* The last use is written again by who stores it, if it is due. */
static int judge_stored(const uk_principal_t *stored, uk_instant_t now)
{
    return stored->has_checksum
           && (stored->expires_at == UK_INSTANT_NONE
               || stored->expires_at > now);
}

static void expect_same(const uk_principal_t *found,
                        const uk_principal_t *stored, const char *value)
{
    FUZZ_EXPECT(!strcmp(found->id, stored->id)
                    && !strcmp(found->team, stored->team)
                    && !strcmp(found->name, stored->name)
                    && !strcmp(found->scope_names, stored->scope_names)
                    && !strcmp(found->addresses, stored->addresses),
                "a string is another one");
    FUZZ_EXPECT(found->expires_at == stored->expires_at
                    && found->group == stored->group
                    && found->is_previous == stored->is_previous
                    && found->has_checksum == stored->has_checksum
                    && !found->is_disabled,
                "a value is another one");
    FUZZ_EXPECT(strncmp(found->prefix, value, 15) == 0
                    && strlen(found->prefix) == 15,
                "the prefix is another one");
}

static void try_stored(fuzz_input_t *input)
{
    request_rec *r = in_httpd_request(fuzz_pool(), "GET", "/");
    uk_instant_t now = uk_instant_from_apr(r->request_time);
    const char *value = make_value();
    uk_principal_t principal = make_principal(input, now), *found;
    uk_lease_state_t *state = hold_lease();
    uk_look_up_t look_up;
    int i;

    FUZZ_EXPECT(!uk_cache_find(r, fuzz_pool(), value, &look_up, &found),
                "what nobody stored is found");
    FUZZ_EXPECT(look_up.is_storable || has_lease_ended(state),
                "nothing can be stored");
    uk_cache_store(r, &look_up, UK_ACCEPTED, &principal);
    /* The second time from this thread's own entry. */
    for (i = 0; i < 2; i++) {
        int is_found = uk_cache_find(r, fuzz_pool(), value, &look_up, &found);

        FUZZ_EXPECT(is_found == judge_stored(&principal, now)
                        || has_lease_ended(state),
                    "what was stored is judged otherwise");
        if (is_found) {
            expect_same(found, &principal, value);
        }
    }
    uk_lease_state_void_group(state, principal.group);
    FUZZ_EXPECT(!uk_cache_find(r, fuzz_pool(), value, &look_up, &found),
                "a void entry is found");
}

/* Bytes where the entry of a key belongs. With the right digest in front of them
 * they may be an entry. */
static void try_written(fuzz_input_t *input)
{
    request_rec *r = in_httpd_request(fuzz_pool(), "GET", "/");
    unsigned char bytes[UK_CACHE_SHARED_OBJECT_MAX];
    unsigned flips = fuzz_take_byte(input);
    const char *value = make_value();
    uk_principal_t *found;
    uk_look_up_t look_up;
    size_t len = input->left < 1000 ? input->left : 1000, size;

    hold_lease();
    FUZZ_EXPECT(!uk_cache_find(r, fuzz_pool(), value, &look_up, &found),
                "what nobody stored is found");
    if (!look_up.is_storable) {
        return;
    }
    memcpy(bytes, look_up.digest, UK_DIGEST_LEN);
    bytes[UK_DIGEST_LEN - 1] ^= (unsigned char)(flips >> 1);
    size = UK_DIGEST_LEN + sizeof(look_up.round);
    memcpy(bytes + UK_DIGEST_LEN, &look_up.round, sizeof(look_up.round));
    if (len) {
        memcpy(bytes + size, input->at, len);
    }
    size = flips & 1 ? len : size + len;
    /* Something is written always: after a few misses in a row the cache stores
     * little. */
    size += size == 0;
    uk_cache_shared_put(r, look_up.digest, UK_CACHE_LOCAL_ID_LEN,
                        flips & 1 ? bytes + UK_DIGEST_LEN : bytes, size);
    if (uk_cache_find(r, fuzz_pool(), value, &look_up, &found)) {
        FUZZ_EXPECT(flips == 0, "another key's entry is found");
        FUZZ_EXPECT(strlen(found->id) + strlen(found->team)
                            + strlen(found->name) + strlen(found->scope_names)
                            + strlen(found->addresses) + 5
                        <= len,
                    "strings are longer than the entry");
        FUZZ_EXPECT(found->has_checksum && !found->is_disabled,
                    "what is no good is found");
    }
}

/* What is written there is mostly a changed entry, and not just any bytes. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
                               unsigned int seed)
{
    uk_principal_t principal = {
        .id = "key_01h455vb4pex5vsknk084sn02q",
        .team = "acme",
        .name = "a name",
        .scope_names = "monitors:read",
        .addresses = "",
        .last_used_at = uk_instant_from_apr(apr_time_now()),
        .expires_at = UK_INSTANT_NONE,
        .has_checksum = 1,
    };

    if (seed % 16 == 0 && max > 202) {
        data[0] = 1;
        data[1] = 0;
        size = 2 + uk_principal_pack(&principal, data + 2, 200);
        data[2 + (seed >> 4) % (size - 2)] ^= (uint8_t)(seed >> 16);
        return size;
    }
    return LLVMFuzzerMutate(data, size, max);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input_t input = {data, size};

    if (fuzz_take_byte(&input) & 1) {
        try_written(&input);
    }
    else {
        try_stored(&input);
    }
    fuzz_clear();
    return 0;
}
