/* SPDX-License-Identifier: Apache-2.0 */
/* What the module's files call of APR, of httpd and of the rest of the module. */
#include "stubs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/refusals.h"
#include "core/uuid.h"
#include "httpd/cache_local.h"
#include "httpd/cache_shared.h"
#include "httpd/dbd.h"
#include "httpd/figures.h"
#include "httpd/usage.h"
#include "hooks.h"
#include "world.h"

const uk_poller_calls_t *world_calls;
char stub_memory[STUB_MEMORY_SIZE] __attribute__((aligned(64)));
uk_server_state_t stub_server_state;
void *stub_lease;
size_t stub_lease_size;

static size_t memory_used, last_size;

void stubs_reset(void)
{
    memset(stub_memory, 0, sizeof(stub_memory));
    memory_used = 0;
}

/* The clocks. */

int model_clock_gettime(clockid_t clock, struct timespec *now)
{
    uk_clock_ms_t ms;

    (void)clock;
    explore_step("clock", "read it");
    ms = WORLD_EPOCH + world.clock;
    now->tv_sec = (time_t)(ms / 1000);
    now->tv_nsec = (long)(ms % 1000) * 1000000;
    return 0;
}

apr_time_t model_time_now(void)
{
    return (apr_time_t)(WORLD_EPOCH + world.clock) * 1000;
}

static int is_over(void *until)
{
    return WORLD_EPOCH + world.clock + 1 >= *(uk_clock_ms_t *)until;
}

/* No longer than it has to. */
void uk_clock_sleep_until(uk_clock_ms_t then)
{
    explore_wait("sleeps until it may answer", is_over, &then);
}

pid_t model_getpid(void)
{
    return explore_self() < 0 ? 1 : world.pids[explore_self()];
}

/* APR, as far as it is used. */

void *apr_palloc(apr_pool_t *pool, apr_size_t size)
{
    (void)pool;
    last_size = size;
    return explore_alloc(size);
}

char *apr_pstrdup(apr_pool_t *pool, const char *string)
{
    return memcpy(apr_palloc(pool, strlen(string) + 1), string,
                  strlen(string) + 1);
}

char *apr_cpystrn(char *to, const char *from, apr_size_t size)
{
    return to + snprintf(to, size, "%s", from);
}

apr_int64_t apr_atoi64(const char *string)
{
    return strtoll(string, NULL, 10);
}

apr_array_header_t *apr_array_make(apr_pool_t *pool, int count, int size)
{
    apr_array_header_t *array = apr_palloc(pool, sizeof(*array));

    (void)count;
    array->elt_size = size;
    array->nalloc = 2 * MODEL_LOG_MAX;
    array->elts =
        apr_palloc(pool, (apr_size_t)size * (apr_size_t)array->nalloc);
    return array;
}

void *apr_array_push(apr_array_header_t *array)
{
    if (array->nelts == array->nalloc) {
        abort();
    }
    return array->elts + array->elt_size * array->nelts++;
}

void apr_array_clear(apr_array_header_t *array)
{
    array->nelts = 0;
}

apr_status_t apr_shm_create(apr_shm_t **shm, apr_size_t size, const char *name,
                            apr_pool_t *pool)
{
    (void)name;
    (void)pool;
    *shm = (apr_shm_t *)(stub_memory + memory_used);
    memory_used += (size + 63) & ~(size_t)63;
    if (memory_used > sizeof(stub_memory)) {
        abort();
    }
    return APR_SUCCESS;
}

void *apr_shm_baseaddr_get(const apr_shm_t *shm)
{
    return (void *)shm;
}

/* httpd and the rest of the module, as far as they are used. */

void ap_log_error_(const char *file, int line, int index, int level,
                   apr_status_t status, const server_rec *s, const char *format,
                   ...)
{
    (void)file, (void)line, (void)index, (void)level;
    (void)status, (void)s, (void)format;
}

uk_server_state_t *uk_server_state(server_rec *s)
{
    (void)s;
    return &stub_server_state;
}

int uk_dbd_is_first(server_rec *s)
{
    (void)s;
    return 1;
}

server_rec *uk_dbd_first_with_database(server_rec *s)
{
    return s;
}

void uk_dbd_open(uk_database_t *db, server_rec *s, apr_pool_t *pool)
{
    (void)s;
    *db = (uk_database_t){.pool = pool};
}

void uk_figures_count(const request_rec *r, int counter)
{
    (void)r, (void)counter;
}

int uk_usage_is_due(const uk_principal_t *principal, request_rec *r)
{
    (void)principal, (void)r;
    return 0;
}

void uk_uuid_make(char uuid[UK_UUID_LEN + 1])
{
    memcpy(uuid, "server", sizeof("server"));
}

void uk_secret_random(void *buffer, size_t len)
{
    memset(buffer, 1, len);
}

int uk_secret_equal(const void *a, const void *b, size_t len)
{
    return memcmp(a, b, len) == 0;
}

/* The first byte of a key is its number. */
void uk_secret_digest(const unsigned char key[UK_DIGEST_KEY_LEN],
                      const void *bytes, size_t len,
                      unsigned char digest[UK_DIGEST_LEN])
{
    (void)key, (void)len;
    memset(digest, 7, UK_DIGEST_LEN);
    digest[0] = *(const unsigned char *)bytes - '0';
}

apr_status_t uk_poller_create(uk_poller_t **poller, apr_pool_t *pconf,
                              const uk_poller_calls_t *calls)
{
    (void)poller, (void)pconf;
    world_calls = calls;
    return APR_SUCCESS;
}

void uk_poller_add(uk_poller_t *poller, void *baton)
{
    (void)poller;
    stub_lease = baton;
    stub_lease_size = last_size;
}

void uk_poller_child_init(uk_poller_t *poller, apr_pool_t *pchild)
{
    (void)poller, (void)pchild;
}

/* The caches. */

int uk_cache_shared_create(apr_pool_t *pconf, server_rec *main_server,
                           apr_size_t size)
{
    (void)pconf, (void)main_server, (void)size;
    return 1;
}

void uk_cache_shared_child_init(apr_pool_t *pchild, server_rec *main_server)
{
    (void)pchild, (void)main_server;
}

apr_size_t uk_cache_shared_get(request_rec *r, const unsigned char *id,
                               apr_size_t id_len, unsigned char *bytes)
{
    const model_object_t *object = &world.shared[id[0]];

    (void)r, (void)id_len;
    explore_access(object, 0, "shared cache", "get the entry");
    memcpy(bytes, object->bytes, object->len);
    return object->len;
}

static void put(model_object_t *object, const unsigned char *bytes,
                apr_size_t len)
{
    if (len > sizeof(object->bytes)) {
        abort();
    }
    memcpy(object->bytes, bytes, len);
    object->len = len;
}

void uk_cache_shared_put(request_rec *r, const unsigned char *id,
                         apr_size_t id_len, unsigned char *bytes,
                         apr_size_t len)
{
    (void)r, (void)id_len;
    explore_access(&world.shared[id[0]], 1, "shared cache", "put the entry");
    put(&world.shared[id[0]], bytes, len);
}

/* A thread looks for one key. */
const unsigned char *uk_cache_local_get(
    const unsigned char id[UK_CACHE_LOCAL_ID_LEN], size_t *len)
{
    const model_object_t *object = &world.local[explore_self()];

    (void)id;
    *len = object->len;
    return object->bytes;
}

void uk_cache_local_put(const unsigned char id[UK_CACHE_LOCAL_ID_LEN],
                        const unsigned char *bytes, size_t len)
{
    (void)id;
    put(&world.local[explore_self()], bytes, len);
}

/* Refusals need no order: test_refusals.c says so. So each call is one step. */
int __real_uk_refusals_find(uk_refusals_t *refusals, uk_refusal_t *refusal,
                            uk_clock_ms_t now);
void __real_uk_refusals_store(uk_refusals_t *refusals,
                              const uk_refusal_t *refusal);
void __real_uk_refusals_remove(uk_refusals_t *refusals,
                               const unsigned char *digest);

int __wrap_uk_refusals_find(uk_refusals_t *refusals, uk_refusal_t *refusal,
                            uk_clock_ms_t now)
{
    explore_access(refusals->slots[*refusal->digest], 1, "refusals", "find");
    return __real_uk_refusals_find(refusals, refusal, now);
}

void __wrap_uk_refusals_store(uk_refusals_t *refusals,
                              const uk_refusal_t *refusal)
{
    explore_access(refusals->slots[*refusal->digest], 1, "refusals", "store");
    __real_uk_refusals_store(refusals, refusal);
}

void __wrap_uk_refusals_remove(uk_refusals_t *refusals,
                               const unsigned char *digest)
{
    explore_access(refusals->slots[*digest], 1, "refusals", "remove");
    __real_uk_refusals_remove(refusals, digest);
}

/* store/keys.c and store/teams.c, which nobody calls here. */

uk_outcome_e uk_store_key_delete(uk_database_t *db, const uk_actor_t *actor,
                                 const char *team, const char *id)
{
    (void)db, (void)actor, (void)team, (void)id;
    abort();
}

uk_outcome_e uk_store_team_delete(uk_database_t *db, const uk_actor_t *actor,
                                  const char *id)
{
    return uk_store_key_delete(db, actor, NULL, id);
}
