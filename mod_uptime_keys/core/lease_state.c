/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a lease. */
#include "core/lease_state.h"

#include <stdatomic.h>

/* Where these atomics take a lock (32-bit ARMv6, MIPS and PowerPC), libatomic
 * has one in each process, and the lock would not protect memory that processes
 * share. */
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2,
               "UptimeKeysCache needs lock-free 64-bit atomics");

uk_lease_view_t uk_lease_state_read(uk_lease_state_t *state)
{
    uk_lease_view_t view;

    /* Read before the poll: uk_lease_state_record_announcement() writes it
     * after earlier polls no longer count. */
    view.announced_at = atomic_load(&state->announced_at);
    /* Read before entries are compared: uk_lease_state_record_poll() writes it
     * after it has voided them. */
    view.poll_began = atomic_load(&state->poll_began);
    view.round = atomic_load(&state->round);
    return view;
}

int uk_lease_view_holds(const uk_lease_view_t *view, uk_clock_ms_t now)
{
    return uk_clock_is_within(view->poll_began, now, UK_LEASE_MS)
           && uk_clock_is_within(view->announced_at, now, UK_ANNOUNCED_MS);
}

int uk_lease_state_holds(uk_lease_state_t *state, apr_uint64_t *round)
{
    const uk_lease_view_t view = uk_lease_state_read(state);

    *round = view.round;
    return uk_lease_view_holds(&view, uk_clock_now());
}

static unsigned int value_of_digit(char digit)
{
    return (unsigned int)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

apr_uint16_t uk_lease_group(const char *hash)
{
    unsigned int group = 0;
    int i;

    for (i = 0; i < 4 && hash[i]; i++) {
        group = group * 16 + value_of_digit(hash[i]);
    }
    return (apr_uint16_t)(group % UK_LEASE_GROUPS);
}

int uk_lease_state_is_valid(uk_lease_state_t *state, apr_uint64_t round,
                            apr_uint16_t group)
{
    return round >= atomic_load(&state->valid_from)
           && round >= atomic_load(
                  &state->group_valid_from[group % UK_LEASE_GROUPS]);
}

/* Begin a round, from which on entries are valid. Another child may do the same
 * and have begun a later one, which stays. */
static void void_earlier(uk_lease_state_t *state,
                         _Atomic apr_uint64_t *valid_from)
{
    apr_uint64_t round = atomic_fetch_add(&state->round, 1) + 1;
    apr_uint64_t old = atomic_load(valid_from);

    while (old < round
           && !atomic_compare_exchange_weak(valid_from, &old, round)) {
    }
}

void uk_lease_state_void_all(uk_lease_state_t *state)
{
    void_earlier(state, &state->valid_from);
}

void uk_lease_state_void_group(uk_lease_state_t *state, apr_uint16_t group)
{
    void_earlier(state, &state->group_valid_from[group % UK_LEASE_GROUPS]);
}

int uk_lease_state_counter(uk_lease_state_t *state, apr_int64_t *counter)
{
    *counter = atomic_load(&state->counter);
    return atomic_load(&state->poll_began) != 0;
}

void uk_lease_state_record_poll(uk_lease_state_t *state, uk_clock_ms_t began,
                                apr_int64_t counter)
{
    uk_clock_ms_t last = atomic_load(&state->poll_began);

    if (began < last) {
        return;
    }
    if (last == 0) {
        uk_lease_state_void_all(state);
    }
    atomic_store(&state->counter, counter);
    /* Last: a request that sees this poll must see what it voided, too. */
    atomic_store(&state->poll_began, began);
}

void uk_lease_state_record_failure(uk_lease_state_t *state)
{
    atomic_store(&state->poll_began, 0);
}

void uk_lease_state_record_announcement(uk_lease_state_t *state,
                                        uk_clock_ms_t now, uk_instant_t seen_at)
{
    atomic_store(&state->announced, seen_at);
    /* Polls from a time when no other server waited for this one do not
     * count. */
    if (uk_lease_state_is_announcement_older(state, now, UK_ANNOUNCED_MS)) {
        atomic_store(&state->poll_began, 0);
    }
    atomic_store(&state->announced_at, now);
}

int uk_lease_state_confirm_row(uk_lease_state_t *state, uk_instant_t seen_at)
{
    if (seen_at == atomic_load(&state->announced)) {
        return 1;
    }
    atomic_store(&state->poll_began, 0);
    atomic_store(&state->announced_at, 0);
    return 0;
}

int uk_lease_state_is_announcement_older(uk_lease_state_t *state,
                                         uk_clock_ms_t now, uk_clock_ms_t age)
{
    return !uk_clock_is_within(atomic_load(&state->announced_at), now, age);
}

void uk_lease_state_withdraw(uk_lease_state_t *state)
{
    atomic_store(&state->poll_began, 0);
    atomic_store(&state->announced_at, 0);
}
