/* SPDX-License-Identifier: Apache-2.0 */
/* How much each key has used of its limits, in memory that processes share. */
#include "core/rate_table.h"

#include <errno.h>
#include <string.h>

#include "core/robust_lock.h"
#include "core/secret.h"

_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2,
               "UptimeKeysRateLimit needs lock-free 64-bit atomics");

/* @return 0: this system has none of the kind */
static int make_locks(uk_rate_table_t *table)
{
    int made = 0;

    while (made < UK_RATE_LOCKS
           && uk_robust_lock_create(&table->locks[made]) == 0) {
        made++;
    }
    return made == UK_RATE_LOCKS;
}

uk_rate_table_t *uk_rate_table_make(void *memory)
{
    uk_rate_table_t *table = memory;

    if (atomic_load(&table->is_made)) {
        return table;
    }
    uk_secret_random(&table->seed, sizeof(table->seed));
    atomic_store(&table->is_made, make_locks(table));
    return atomic_load(&table->is_made) ? table : NULL;
}

/* Source: Vigna, SplitMix64, its mixing function. */
static apr_uint64_t mixed(apr_uint64_t value)
{
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return value ^ (value >> 31);
}

static apr_uint64_t add_word(apr_uint64_t print, const char *bytes)
{
    apr_uint64_t word;

    memcpy(&word, bytes, sizeof(word));
    print = (print ^ word) * 0x9e3779b97f4a7c15;
    return print ^ (print >> 32);
}

/* It need not be safe against chosen ids: nobody can choose one. */
apr_uint64_t uk_rate_fingerprint(const uk_rate_table_t *table, const char *id,
                                 const uk_gcra_policy_t *policy)
{
    apr_uint64_t print = (apr_uint64_t)policy->requests << 32 | policy->seconds;
    size_t len = strlen(id), i;

    print ^= table->seed;
    for (i = 0; i + 8 < len; i += 8) {
        print = add_word(print, id + i);
    }
    /* The last 8 bytes, some of them once more. */
    if (len >= 8) {
        return mixed(add_word(print, id + len - 8)) | 1;
    }
    for (i = 0; i < len; i++) {
        print = mixed(print ^ (unsigned char)id[i]);
    }
    return mixed(print) | 1;
}

/* The set goes by the upper half, as the lowest bit is always 1. */
static size_t set_number(apr_uint64_t owner)
{
    return (size_t)(owner >> 32) % UK_RATE_SETS;
}

/* @return the slot of an owner, or UK_RATE_WAYS. One that is being taken, or
 * that a process was taking when it was killed, does not belong to it yet. */
static int find_slot(uk_rate_set_t *set, apr_uint64_t owner)
{
    int i;

    for (i = 0; i < UK_RATE_WAYS; i++) {
        if (atomic_load(&set->owners[i]) == owner
            && atomic_load(&set->tats[i]) != UK_RATE_TAKEN) {
            break;
        }
    }
    return i;
}

static void tell(uk_rate_count_t *count, const uk_gcra_policy_t *policy,
                 uk_clock_ns_t tat, uk_clock_ns_t now)
{
    count->is_exact = 1;
    count->quota = uk_gcra_quota(policy, tat, now);
}

/* Count in the slot that an owner had a moment ago. When a slot gets another
 * owner, its TAT becomes a new one, of that nanosecond. So if the TAT is still
 * what it was before the owner was read, the owner is the same, too.
 * @return 0: slot or TAT are no longer the same, look again */
static int count_in_slot(uk_rate_set_t *set, int slot,
                         const uk_rate_request_t *request,
                         uk_rate_count_t *count)
{
    uk_clock_ns_t tat = atomic_load(&set->tats[slot]), next, now;

    if (tat == UK_RATE_TAKEN
        || atomic_load(&set->owners[slot]) != request->owner) {
        return 0;
    }
    /* After the TAT was read, so that no other process was later. */
    now = request->clock();
    next = uk_gcra_count(request->policy, tat, now);
    count->is_allowed = next != 0;
    tell(count, request->policy, next ? next : tat, now);
    return next ? atomic_compare_exchange_strong(&set->tats[slot], &tat, next)
                : atomic_load(&set->tats[slot]) == tat;
}

/* With the lock held.
 * @param tat receives the TAT that was seen, since when its owner may have used
 *     the slot
 * @return the slot whose TAT passes or has passed first; one that a killed process
 *     was taking comes before all others */
static int oldest_slot(uk_rate_set_t *set, uk_clock_ns_t *tat)
{
    uk_clock_ns_t seen;
    int i, slot = 0;

    *tat = atomic_load(&set->tats[0]);
    for (i = 1; i < UK_RATE_WAYS; i++) {
        seen = atomic_load(&set->tats[i]);
        /* UK_RATE_TAKEN + 1 is 0. */
        if (seen + 1 < *tat + 1) {
            *tat = seen;
            slot = i;
        }
    }
    return slot;
}

/* With the lock held. @return 0: its owner has just used it, look again */
static int take_slot(uk_rate_set_t *set, const uk_rate_request_t *request,
                     uk_rate_count_t *count)
{
    uk_clock_ns_t tat;
    int slot = oldest_slot(set, &tat);
    uk_clock_ns_t now = request->clock();
    uk_clock_ns_t next = uk_gcra_count(request->policy, 0, now);

    if (!atomic_compare_exchange_strong(&set->tats[slot], &tat,
                                        UK_RATE_TAKEN)) {
        return 0;
    }
    count->is_allowed = 1;
    tell(count, request->policy, next, now);
    count->is_exact = tat <= now || tat == UK_RATE_TAKEN;
    atomic_store(&set->owners[slot], request->owner);
    atomic_store(&set->tats[slot], next);
    return 1;
}

/* @return 0: there is no lock */
static int lock_set(pthread_mutex_t *lock)
{
    int status = pthread_mutex_lock(lock);

    /* Its holder was killed; a slot that it had half taken is known as such. */
    if (status == EOWNERDEAD) {
        status = pthread_mutex_consistent(lock);
    }
    return status == 0;
}

typedef enum {
    COUNTED,
    NOT_YET,
    NO_LOCK
} outcome_e;

/* Count the request of an owner that has no slot. */
static outcome_e count_first(uk_rate_table_t *table,
                             const uk_rate_request_t *request,
                             uk_rate_count_t *count)
{
    size_t number = set_number(request->owner);
    uk_rate_set_t *set = &table->sets[number];
    pthread_mutex_t *lock = &table->locks[number % UK_RATE_LOCKS];
    int is_counted;

    if (!lock_set(lock)) {
        return NO_LOCK;
    }
    is_counted = find_slot(set, request->owner) == UK_RATE_WAYS
                 && take_slot(set, request, count);
    pthread_mutex_unlock(lock);
    return is_counted ? COUNTED : NOT_YET;
}

static outcome_e try_to_count(uk_rate_table_t *table,
                              const uk_rate_request_t *request,
                              uk_rate_count_t *count)
{
    uk_rate_set_t *set = &table->sets[set_number(request->owner)];
    int slot = find_slot(set, request->owner);

    if (slot == UK_RATE_WAYS) {
        return count_first(table, request, count);
    }
    return count_in_slot(set, slot, request, count) ? COUNTED : NOT_YET;
}

int uk_rate_table_count(uk_rate_table_t *table,
                        const uk_rate_request_t *request,
                        uk_rate_count_t *count)
{
    outcome_e outcome;

    do {
        outcome = try_to_count(table, request, count);
    } while (outcome == NOT_YET);
    return outcome == COUNTED;
}

/* @return 0: another process has counted meanwhile, look again */
static int give_back_in_slot(uk_rate_set_t *set, int slot,
                             const uk_rate_request_t *request)
{
    uk_clock_ns_t tat = atomic_load(&set->tats[slot]);

    if (tat == UK_RATE_TAKEN
        || atomic_load(&set->owners[slot]) != request->owner) {
        return 0;
    }
    return atomic_compare_exchange_strong(&set->tats[slot], &tat,
                                          tat - request->policy->interval);
}

void uk_rate_table_give_back(uk_rate_table_t *table,
                             const uk_rate_request_t *request)
{
    uk_rate_set_t *set = &table->sets[set_number(request->owner)];
    int slot;

    do {
        slot = find_slot(set, request->owner);
    } while (slot < UK_RATE_WAYS && !give_back_in_slot(set, slot, request));
}
