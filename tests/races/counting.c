/* SPDX-License-Identifier: Apache-2.0 */
/* Counts in memory that processes share, from several threads of several processes,
 * and compares what was counted with what was done.
 *
 * Prints a line for each kind of memory. The exit status is 1 if a count is
 * lost, a limit exceeded, or something void was valid. */
#include <apr_general.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/lease_state.h"
#include "core/rate_table.h"
#include "core/refusals.h"
#include "core/top.h"

#define PROCESSES 3
#define THREADS 3
#define WORKERS (PROCESSES * THREADS)
#define ROUNDS 4000
#define PLACES 4
#define KEYS 12
#define ALLOWED 1000

static uk_top_t *top;
static uk_rate_table_t *rates;
static uk_refusals_t *refusals;
static uk_lease_state_t *lease;

/* What the workers found. */
typedef struct {
    _Atomic int ready;
    _Atomic int allowed, torn, used_void, voided;
    _Atomic apr_uint64_t
        known; /* a round that was voided: older ones are void */
} results_t;

static results_t *results;
static uk_gcra_policy_t policy;

static void *share(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED) {
        perror("mmap");
        exit(2);
    }
    return memory;
}

static const char *id_of(int key)
{
    static const char *const ids[KEYS] = {
        "key_01h455vb4pex5vsknk084s0001", "key_01h455vb4pex5vsknk084s0002",
        "key_01h455vb4pex5vsknk084s0003", "key_01h455vb4pex5vsknk084s0004",
        "key_01h455vb4pex5vsknk084s0005", "key_01h455vb4pex5vsknk084s0006",
        "key_01h455vb4pex5vsknk084s0007", "key_01h455vb4pex5vsknk084s0008",
        "key_01h455vb4pex5vsknk084s0009", "key_01h455vb4pex5vsknk084s000a",
        "key_01h455vb4pex5vsknk084s000b", "key_01h455vb4pex5vsknk084s000c"};

    return ids[key % KEYS];
}

/* One key has a limit, others take slots. */
static void count_rate(int round)
{
    const char *id = round % 2 ? id_of(0) : id_of(round / 2);
    uk_rate_request_t request = {uk_rate_fingerprint(rates, id, &policy),
                                 &policy, uk_clock_now_ns};
    uk_rate_count_t count;

    if (uk_rate_table_count(rates, &request, &count) && count.is_allowed
        && strcmp(id, id_of(0)) == 0) {
        atomic_fetch_add(&results->allowed, 1);
    }
}

/* All bytes of a refusal are the same number: what is torn has two. */
static void refuse(int round, int worker)
{
    uk_refusal_t refusal = {.digest = {1}};
    uk_clock_ms_t now = uk_clock_now();

    if (uk_refusals_find(refusals, &refusal, now)) {
        size_t i;

        for (i = 1; i < sizeof(refusal.id); i++) {
            if (refusal.id[i] != refusal.id[0]) {
                atomic_fetch_add(&results->torn, 1);
            }
        }
    }
    refusal.looked_up_at = now;
    memset(refusal.id, round + worker, sizeof(refusal.id));
    if (round % 8 == 0) {
        uk_refusals_store(refusals, &refusal);
    }
}

/* Whoever has seen that a group was voided must not find an older entry valid. */
static void use_lease(int round)
{
    apr_uint64_t known = atomic_load(&results->known);
    const uk_lease_view_t view = uk_lease_state_read(lease);

    if (known > 0 && uk_lease_state_is_valid(lease, known - 1, 5)) {
        atomic_fetch_add(&results->used_void, 1);
    }
    if (round % 16 == 0) {
        uk_lease_state_void_group(lease, 5);
        atomic_fetch_add(&results->voided, 1);
        /* It was begun after the view was read. */
        atomic_store(&results->known, view.round + 1);
    }
}

static void *work(void *number)
{
    int worker = *(int *)number, round;

    atomic_fetch_add(&results->ready, 1);
    while (atomic_load(&results->ready) < WORKERS) {
        sched_yield();
    }
    for (round = 0; round < ROUNDS; round++) {
        uk_top_count(top, id_of(round + worker), "acme", (unsigned)worker);
        count_rate(round);
        refuse(round, worker);
        use_lease(round);
    }
    return NULL;
}

static int run_process(int process)
{
    pthread_t threads[THREADS];
    int numbers[THREADS], i;

    for (i = 0; i < THREADS; i++) {
        numbers[i] = process * THREADS + i;
        pthread_create(&threads[i], NULL, work, &numbers[i]);
    }
    for (i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    return 0;
}

/* @return how many processes failed, as by a report of a sanitizer */
static int run_processes(void)
{
    int i, status, failed = 0;

    for (i = 0; i < PROCESSES; i++) {
        if (fork() == 0) {
            exit(run_process(i));
        }
    }
    while (wait(&status) > 0) {
        failed += status != 0;
    }
    return failed;
}

static apr_uint64_t counted_uses(apr_pool_t *pool)
{
    apr_uint64_t sum;
    apr_array_header_t *keys = uk_top_read(top, pool, &sum);
    int i;

    for (i = 0; i < keys->nelts; i++) {
        sum += APR_ARRAY_IDX(keys, i, uk_top_key_t).count;
    }
    return sum;
}

static int compare(const char *what, apr_uint64_t found, apr_uint64_t wanted)
{
    printf("%s: %llu, %s%llu\n", what, (unsigned long long)found,
           found == wanted ? "as expected, " : "NOT ",
           (unsigned long long)wanted);
    return found != wanted;
}

int main(void)
{
    apr_pool_t *pool;
    int failed;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    top = uk_top_init(share(uk_top_size(PLACES)), PLACES);
    rates = uk_rate_table_make(share(sizeof(*rates)));
    refusals = share(sizeof(*refusals));
    lease = share(sizeof(*lease));
    results = share(sizeof(*results));
    policy = uk_gcra_policy(ALLOWED, 86400);
    failed = compare("processes that failed", (apr_uint64_t)run_processes(), 0);
    failed += compare("uses that were counted", counted_uses(pool),
                      (apr_uint64_t)WORKERS * ROUNDS);
    failed += compare("requests that the limit allowed",
                      (apr_uint64_t)results->allowed, ALLOWED);
    failed += compare("rounds", lease->round, (apr_uint64_t)results->voided);
    failed += compare("torn refusals", (apr_uint64_t)results->torn, 0);
    failed += compare("void entries that were valid",
                      (apr_uint64_t)results->used_void, 0);
    apr_terminate();
    return failed > 0;
}
