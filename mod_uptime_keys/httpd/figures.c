/* SPDX-License-Identifier: Apache-2.0 */
/* The figures: what is counted, in memory that all children share. */
#include "httpd/figures.h"

#include <apr_shm.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <string.h>

#include "httpd/config.h"
#include "httpd/dbd.h"
#include "httpd/lease.h"
#include "httpd/request.h"
#include "httpd/retained.h"
#include "httpd/state.h"

/* The number belongs to the layout of the memory. */
#define MEMORY_NAME "uptime_keys_figures_1"
#define MEMORY_PER_KEY_NAME "uptime_keys_figures_per_key_1"

#define LINE 64
#define STRIPES 64

typedef struct {
    alignas(LINE) _Atomic apr_uint64_t counters[UK_COUNTERS];
} stripe_t;

typedef struct {
    alignas(LINE) _Atomic apr_time_t since;
    _Atomic unsigned threads; /* that have a stripe, so far */
    stripe_t stripes[STRIPES];
} shared_t;

static shared_t *shared;  /* NULL: there are no figures */
static uk_top_t *per_key; /* NULL: keys are not counted one by one */
/* Of this start of httpd, for each database: 1 if it did not answer the last
 * time. */
static _Atomic char *is_down;
static int database_count;
static server_rec *first_server;

static _Thread_local stripe_t *own_stripe;

const char *const uk_decided_names[UK_DECIDED_COUNT] = {
    [UK_DECIDED_OK] = "ok",
    [UK_DECIDED_NO_KEY] = "no_key",
    [UK_DECIDED_INVALID] = "invalid",
    [UK_DECIDED_EXPIRED] = "expired",
    [UK_DECIDED_DISABLED] = "disabled",
    [UK_DECIDED_ROTATED] = "rotated",
    [UK_DECIDED_ADDRESS] = "address",
    [UK_DECIDED_SCOPE] = "scope",
    [UK_DECIDED_TEAM] = "team",
    [UK_DECIDED_FORBIDDEN] = "forbidden",
    [UK_DECIDED_CONFLICT] = "conflict",
    [UK_DECIDED_LIMITED] = "limited",
    [UK_DECIDED_UNAVAILABLE] = "unavailable",
};

const char *const uk_cache_names[UK_CACHE_COUNT] = {
    [UK_CACHE_THREAD] = "thread",
    [UK_CACHE_SHARED] = "shared",
    [UK_CACHE_MISS] = "miss",
};

const char *const uk_failure_names[UK_FAILURES] = {
    [UK_FAILURE_CONNECT] = "connect", [UK_FAILURE_POOL] = "pool",
    [UK_FAILURE_LOCK] = "lock",       [UK_FAILURE_STANDBY] = "standby",
    [UK_FAILURE_OTHER] = "other",
};

const char *const uk_manage_names[UK_MANAGE_COUNT] = {
    [UK_MANAGE_LIST] = "list",     [UK_MANAGE_CREATE] = "create",
    [UK_MANAGE_READ] = "read",     [UK_MANAGE_UPDATE] = "update",
    [UK_MANAGE_ROTATE] = "rotate", [UK_MANAGE_DELETE] = "delete",
    [UK_MANAGE_AUDIT] = "audit",   [UK_MANAGE_LEAK] = "leak",
};

const char *const uk_managed_names[UK_MANAGED_COUNT] = {
    [UK_MANAGED_OK] = "ok",
    [UK_MANAGED_REFUSED] = "refused",
    [UK_MANAGED_INVALID] = "invalid",
    [UK_MANAGED_LIMIT] = "limit",
    [UK_MANAGED_UNAVAILABLE] = "unavailable",
};

/* How the verdicts of requests are counted. */
static const uk_decided_e decided[UK_VERDICTS] = {
    [UK_ACCEPTED] = UK_DECIDED_OK,
    [UK_NO_KEY] = UK_DECIDED_NO_KEY,
    [UK_TWO_CREDENTIALS] = UK_DECIDED_CONFLICT,
    [UK_MALFORMED] = UK_DECIDED_INVALID,
    [UK_BAD_CHECKSUM] = UK_DECIDED_INVALID,
    [UK_UNKNOWN] = UK_DECIDED_INVALID,
    [UK_EXPIRED] = UK_DECIDED_EXPIRED,
    [UK_DISABLED] = UK_DECIDED_DISABLED,
    [UK_ROTATED] = UK_DECIDED_ROTATED,
    [UK_DATABASE_UNAVAILABLE] = UK_DECIDED_UNAVAILABLE,
    [UK_ADDRESS_NOT_ALLOWED] = UK_DECIDED_ADDRESS,
    [UK_SCOPE_MISSING] = UK_DECIDED_SCOPE,
    [UK_OTHER_TEAM] = UK_DECIDED_TEAM,
    [UK_DENIED] = UK_DECIDED_FORBIDDEN,
    [UK_RATE_LIMITED] = UK_DECIDED_LIMITED,
};

/* At start. */

/* @return how many there are */
static int number_databases(server_rec *main_server)
{
    server_rec *server;
    int count = 0;

    for (server = main_server; server; server = server->next) {
        server_rec *first = uk_dbd_first_with_database(server);

        uk_server_state(server)->database =
            first == server ? count++ : uk_server_state(first)->database;
    }
    return count;
}

/* What earlier children say about databases does not matter after a restart,
 * which may have brought other ones. */
static int create_databases(apr_pool_t *pconf, server_rec *main_server)
{
    apr_shm_t *shm;

    database_count = number_databases(main_server);
    if (apr_shm_create(&shm, (apr_size_t)database_count, NULL, pconf)
        != APR_SUCCESS) {
        return 0;
    }
    is_down = apr_shm_baseaddr_get(shm);
    memset((void *)is_down, 0, (apr_size_t)database_count);
    return 1;
}

/* For another number of keys than before, there is other memory.
 * @return NULL if there is none */
static uk_top_t *find_per_key(server_rec *main_server, int capacity)
{
    const void *before = uk_retained_before(MEMORY_PER_KEY_NAME);
    void *memory = uk_retained_memory(main_server, MEMORY_PER_KEY_NAME,
                                      uk_top_size(capacity));
    uk_top_t *top = memory ? uk_top_init(memory, capacity) : NULL;

    if (top && before && before != memory) {
        uk_top_take_over(top, before);
    }
    return top;
}

/* @return 0 if there is no memory */
static int create_per_key(server_rec *main_server)
{
    int capacity = uk_config_metrics_per_key(uk_server_config(main_server));

    per_key = capacity > 0 ? find_per_key(main_server, capacity) : NULL;
    return capacity == 0 || per_key;
}

void uk_figures_init(apr_pool_t *pconf, server_rec *main_server)
{
    first_server = main_server;
    shared = uk_retained_memory(main_server, MEMORY_NAME, sizeof(*shared));
    if (!shared || !create_databases(pconf, main_server)
        || !create_per_key(main_server)) {
        shared = NULL;
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, main_server,
                     UKLOGNO(0060) "cannot allocate shared memory: nothing is "
                                   "counted, and there are no figures");
        return;
    }
    if (atomic_load(&shared->since) == 0) {
        atomic_store(&shared->since, apr_time_now());
    }
}

int uk_figures_are_there(void)
{
    return shared != NULL;
}

/* Counting. */

static stripe_t *choose_stripe(void)
{
    own_stripe =
        &shared->stripes[atomic_fetch_add(&shared->threads, 1) % STRIPES];
    return own_stripe;
}

/* The number of a connection, which is near that of the thread that accepted it,
 * is found sooner than the thread's own stripe. */
static unsigned number_for(const request_rec *r)
{
    return (unsigned)r->connection->id;
}

static void add_to(stripe_t *stripe, int counter, apr_uint64_t number)
{
    atomic_fetch_add_explicit(&stripe->counters[counter], number,
                              memory_order_relaxed);
}

void uk_figures_count(const request_rec *r, int counter)
{
    if (shared) {
        add_to(&shared->stripes[number_for(r) % STRIPES], counter, 1);
    }
}

void uk_figures_count_managed(const request_rec *r, uk_manage_action_e action,
                              uk_managed_e result)
{
    uk_figures_count(r, UK_COUNT_MANAGE + (int)action * UK_MANAGED_COUNT
                            + (int)result);
}

/* It is mostly known, and then nobody's cache line is written. */
static void set_down(server_rec *server, char down)
{
    _Atomic char *database = &is_down[uk_server_state(server)->database];

    if (atomic_load_explicit(database, memory_order_relaxed) != down) {
        atomic_store(database, down);
    }
}

/* Whether a failure means that keys cannot be checked: a change alone may fail
 * where others go on. */
static int is_outage(const uk_work_done_t *done)
{
    return !done->is_transaction || done->failure == UK_FAILURE_CONNECT
           || done->failure == UK_FAILURE_POOL;
}

static void count_failure(server_rec *server, stripe_t *stripe,
                          const uk_work_done_t *done)
{
    add_to(stripe, UK_COUNT_FAILURE + (int)done->failure, 1);
    if (is_outage(done)) {
        set_down(server, 1);
    }
}

void uk_figures_count_work(void *server, const uk_work_done_t *done)
{
    stripe_t *stripe;

    if (!shared) {
        return;
    }
    stripe = own_stripe ? own_stripe : choose_stripe();
    if (done->outcome == UK_UNAVAILABLE) {
        count_failure(server, stripe, done);
        return;
    }
    add_to(stripe, UK_COUNT_BUCKET + uk_histogram_bucket(done->microseconds),
           1);
    add_to(stripe, UK_COUNT_MICROSECONDS, done->microseconds);
    set_down(server, 0);
}

/* Why this module refused a request; UK_ACCEPTED: it did not. What was noted and
 * not withdrawn is the reason, also where an ErrorDocument or mod_auth_basic
 * made another status of it. Without a note the authorization by another module
 * refused it, unless it failed by itself. */
static uk_verdict_e refusal_in(const request_rec *r, const uk_request_t *state)
{
    if (state->refusal != UK_ACCEPTED) {
        return state->refusal;
    }
    return state->is_authorizing
                   && (state->instance
                       || (state->principal
                           && !ap_is_HTTP_SERVER_ERROR(r->status)))
               ? UK_DENIED
               : UK_ACCEPTED;
}

/* The last request of an internal redirect is what is answered, but that of an
 * ErrorDocument does not count.
 * @param state of the request
 * @return UK_VERDICTS if no key was asked for */
static uk_verdict_e final_verdict(const request_rec *r,
                                  const uk_request_t *state)
{
    uk_verdict_e verdict = UK_VERDICTS, refusal;

    for (;;) {
        refusal = state ? refusal_in(r, state) : UK_ACCEPTED;
        if (refusal != UK_ACCEPTED) {
            return refusal;
        }
        if (state && state->principal) {
            verdict = UK_ACCEPTED;
        }
        if (!r->next || ap_is_HTTP_ERROR(r->status)) {
            return verdict;
        }
        r = r->next;
        state = ap_get_module_config(r->request_config, &uptime_keys_module);
    }
}

/* mod_http2 runs the request once more, as another one. */
static int is_upgraded(const request_rec *r)
{
    return r->status == HTTP_SWITCHING_PROTOCOLS
           && strcmp(ap_get_protocol(r->connection), "http/1.1") != 0;
}

void uk_figures_count_request(const request_rec *r)
{
    const uk_request_t *state =
        ap_get_module_config(r->request_config, &uptime_keys_module);
    uk_verdict_e verdict;

    if ((!state && !r->next) || !shared) {
        return;
    }
    verdict = final_verdict(r, state);
    if (verdict == UK_VERDICTS || is_upgraded(r)) {
        return;
    }
    uk_figures_count(r, UK_COUNT_REQUEST + (int)decided[verdict]);
    if (per_key && state && state->used) {
        uk_top_count(per_key, state->used->id, state->used->team,
                     number_for(r));
    }
}

/* Reading. */

apr_time_t uk_figures_since(void)
{
    return shared ? atomic_load(&shared->since) : 0;
}

apr_uint64_t uk_figures_sum(int counter)
{
    apr_uint64_t sum = 0;
    int i;

    for (i = 0; shared && i < STRIPES; i++) {
        sum += atomic_load_explicit(&shared->stripes[i].counters[counter],
                                    memory_order_relaxed);
    }
    return sum;
}

int uk_figures_all_up(void)
{
    int i = 0;

    while (shared && i < database_count && !atomic_load(&is_down[i])) {
        i++;
    }
    return !shared || i == database_count;
}

int uk_figures_all_leases_hold(void)
{
    server_rec *server;
    int hold = -1;

    for (server = first_server; server && hold != 0; server = server->next) {
        const uk_lease_t *lease = uk_server_state(server)->lease;

        if (lease) {
            hold = uk_lease_is_in_order(lease);
        }
    }
    return hold;
}

apr_array_header_t *uk_figures_per_key(apr_pool_t *pool, apr_uint64_t *others)
{
    return shared && per_key ? uk_top_read(per_key, pool, others) : NULL;
}
