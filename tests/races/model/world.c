/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <string.h>

#include "core/lease_state.h"
#include "core/refusals.h"
#include "core/token.h"
#include "httpd/cache.h"
#include "httpd/config.h"
#include "httpd/lease.h"
#include "stubs.h"

world_t world;
const char *const world_hashes[MODEL_KEYS] = {"0001", "0002"};

static const char *const ids[MODEL_KEYS] = {"key_1", "key_2"};
static uk_lease_state_t *state;
static char successor[512] __attribute__((aligned(16)));

module uptime_keys_module;
static uk_server_config_t server_config;
static uk_dir_config_t dir_config;
static void *server_configs[] = {&server_config};
static void *dir_configs[] = {&dir_config};
static server_rec server;

/* Requests: what look_up() and uk_verify() do. */

static uk_verdict_e verify(int key, uk_principal_t *principal,
                           uk_principal_t **found)
{
    const model_key_t *row = &world.keys[key];

    explore_step("database", "look the key up");
    *found = NULL;
    if (world.is_down) {
        return UK_DATABASE_UNAVAILABLE;
    }
    if (!row->is_good[row->changes] && !world.ends_disabled) {
        return UK_UNKNOWN;
    }
    *principal = (uk_principal_t){.id = ids[key],
                                  .team = "t",
                                  .name = "n",
                                  .scope_names = "",
                                  .addresses = "",
                                  .has_checksum = 1,
                                  .group = uk_lease_group(world_hashes[key])};
    *found = principal;
    return row->is_good[row->changes] ? UK_ACCEPTED : UK_DISABLED;
}

uk_verdict_e world_look_up(int key, int *is_cached)
{
    request_rec r = {.server = &server,
                     .per_dir_config = (ap_conf_vector_t *)dir_configs};
    char value[UK_TOKEN_LEN + 1];
    uk_principal_t principal, *found;
    uk_verdict_e verdict;
    uk_look_up_t look_up;

    memset(value, 'a', UK_TOKEN_LEN);
    value[UK_TOKEN_LEN] = '\0';
    value[0] = (char)('0' + key);
    *is_cached = uk_cache_find(&r, NULL, value, &look_up, &found);
    if (*is_cached) {
        return look_up.verdict;
    }
    verdict = verify(key, &principal, &found);
    uk_cache_store(&r, &look_up, verdict, found);
    return verdict;
}

/* The whole. */

void *world_lease(int process)
{
    return process == 0 ? stub_lease : successor;
}

uk_own_cache_t world_own_cache(void)
{
    return uk_lease_own_cache(&server);
}

static void add_regions(void)
{
    uk_refusals_t *refusals = (uk_refusals_t *)stub_memory;
    int key;

    explore_region(&world, sizeof(world));
    explore_region(state, offsetof(uk_lease_state_t, group_valid_from));
    explore_region(state + 1, 64);
    explore_region(stub_lease, stub_lease_size);
    explore_region(successor, stub_lease_size);
    for (key = 0; key < MODEL_KEYS; key++) {
        explore_region(
            (void *)&state->group_valid_from[uk_lease_group(world_hashes[key])],
            sizeof(state->group_valid_from[0]));
        explore_region(refusals->slots[key], sizeof(refusals->slots[key]));
    }
}

void world_reset(void)
{
    int key;

    explore_reset();
    memset(&world, 0, sizeof(world));
    stubs_reset();
    memset(&dir_config, 0, sizeof(dir_config));
    server_config = (uk_server_config_t){
        .cache = 1, .require_checksum = 1, .dbd_driver = "sqlite3"};
    server.module_config = (ap_conf_vector_t *)server_configs;
    for (key = 0; key < MODEL_KEYS; key++) {
        world.keys[key].is_good[0] = 1;
    }
    uk_cache_init(NULL, &server);
    state = (uk_lease_state_t *)(stub_memory
                                 + ((sizeof(uk_refusals_t) + 63) & ~63UL));
    memcpy(successor, stub_lease, stub_lease_size);
    add_regions();
}

static const char *is_row_right(uk_clock_ms_t now)
{
    const uk_lease_view_t view = {state->poll_began, state->announced_at, 0};

    return uk_lease_view_holds(&view, now) && !world.seen_at
               ? "the lease holds, and no row says so: nobody waits for it"
               : NULL;
}

const char *world_is_right(void)
{
    apr_uint64_t round = state->round, valid_from = state->valid_from;
    int key;

    if (round < world.round || valid_from < world.valid_from) {
        return "a round has decreased";
    }
    world.round = round;
    world.valid_from = valid_from;
    for (key = 0; key < MODEL_KEYS; key++) {
        const model_object_t *entry = &world.shared[key];
        apr_uint64_t of_entry;

        memcpy(&of_entry, entry->bytes + UK_DIGEST_LEN, sizeof(of_entry));
        if ((entry->len > 0 && of_entry > round) || valid_from > round
            || state->group_valid_from[uk_lease_group(world_hashes[key])]
                   > round) {
            return "there is something of a round that has not begun";
        }
    }
    return is_row_right(WORLD_EPOCH + world.clock + 1);
}
