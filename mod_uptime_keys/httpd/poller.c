/* SPDX-License-Identifier: Apache-2.0 */
/* The threads that poll: a few for all leases of a process.
 *
 * apr_thread_pool is not used: it starts a new thread as soon as all are busy,
 * and can neither tell how long something has waited nor wait for what is under
 * way without giving it up. */
#include "httpd/poller.h"

#include <apr_optional.h>
#include <apr_thread_cond.h>
#include <apr_thread_mutex.h>
#include <apr_thread_proc.h>
#include <mod_watchdog.h>

#include "core/poll_threads.h"

/* How often to look what is due. */
#define LOOK_INTERVAL apr_time_from_msec(100)
/* A thread ends when it has had nothing to do for so long. */
#define IDLE_WAIT apr_time_from_sec(5)
/* How many threads help when the child ends. */
#define HELPERS 15

typedef struct job_t {
    struct job_t *next; /* in the queue */
    void *baton;
    uk_clock_ms_t queued_at;
    int is_busy;    /* queued or under way */
    int was_worked; /* at least once, in this child */
} job_t;

typedef struct {
    uk_poller_t *poller;
    apr_pool_t *pool;     /* of the thread; NULL: there was none yet */
    apr_thread_t *thread; /* to be joined; NULL: there is none */
    int is_running;
} worker_t;

struct uk_poller_t {
    const uk_poller_calls_t *calls;
    apr_pool_t *pool;
    apr_array_header_t *jobs; /* job_t * */
    /* Of a child; the lock guards all of it. */
    apr_thread_mutex_t *lock; /* NULL: this child never polls */
    apr_thread_cond_t *queued, *done;
    job_t *first, *last; /* the queue */
    uk_poll_threads_t threads;
    worker_t *workers; /* as many as there are jobs, and a few */
    int worker_count;
    int is_stopping; /* nothing is queued any more, but the end of jobs */
    int is_ending;   /* threads end when nothing is queued */
};

/* The queue. All of these are called with the lock held. */

static void push(uk_poller_t *poller, job_t *job, uk_clock_ms_t now)
{
    job->next = NULL;
    job->queued_at = now;
    job->is_busy = 1;
    if (poller->last) {
        poller->last->next = job;
    }
    else {
        poller->first = job;
        poller->threads.queued_since = now;
    }
    poller->last = job;
    poller->threads.queued++;
    apr_thread_cond_signal(poller->queued);
}

/* @return NULL: the queue is empty */
static job_t *pop(uk_poller_t *poller)
{
    job_t *job = poller->first;

    if (job) {
        poller->first = job->next;
        poller->last = poller->first ? poller->last : NULL;
        poller->threads.queued--;
        poller->threads.queued_since =
            poller->first ? poller->first->queued_at : 0;
    }
    return job;
}

/* The lock is released meanwhile. */
static void do_job(uk_poller_t *poller, job_t *job, apr_pool_t *pool)
{
    void (*call)(void *baton, apr_pool_t *pool) =
        poller->is_stopping ? poller->calls->end : poller->calls->work;

    job->was_worked = 1;
    apr_thread_mutex_unlock(poller->lock);
    call(job->baton, pool);
    apr_pool_clear(pool);
    apr_thread_mutex_lock(poller->lock);
    job->is_busy = 0;
    apr_thread_cond_broadcast(poller->done);
}

/* Wait for a job. @return NULL: this thread ends, as there was none for long, or
 * enough others wait, or the child ends */
static job_t *await_job(uk_poller_t *poller)
{
    apr_status_t rv = APR_SUCCESS;

    poller->threads.idle++;
    while (!poller->first && !poller->is_ending && rv == APR_SUCCESS
           && !uk_poll_threads_are_many(&poller->threads)) {
        rv = apr_thread_cond_timedwait(poller->queued, poller->lock, IDLE_WAIT);
    }
    poller->threads.idle--;
    return pop(poller);
}

static void *APR_THREAD_FUNC run_worker(apr_thread_t *thread, void *baton)
{
    worker_t *worker = baton;
    uk_poller_t *poller = worker->poller;
    apr_pool_t *pool;
    job_t *job;

    /* Signals are for httpd's own threads. */
    apr_setup_signal_thread();
    apr_pool_create(&pool, NULL);
    apr_thread_mutex_lock(poller->lock);
    for (job = await_job(poller); job; job = await_job(poller)) {
        do_job(poller, job, pool);
    }
    poller->threads.running--;
    worker->is_running = 0;
    apr_thread_mutex_unlock(poller->lock);
    apr_pool_destroy(pool);
    apr_thread_exit(thread, APR_SUCCESS);
    return NULL;
}

/* Threads. */

/* The thread has ended, or is about to. */
static void join_worker(worker_t *worker)
{
    apr_status_t rv;

    if (worker->thread) {
        apr_thread_join(&rv, worker->thread);
        worker->thread = NULL;
        apr_pool_destroy(worker->pool);
    }
}

/* @return 0 if no thread can be started */
static int start_worker(uk_poller_t *poller)
{
    worker_t *worker = poller->workers;

    while (worker->is_running) {
        worker++;
    }
    join_worker(worker);
    worker->poller = poller;
    apr_pool_create(&worker->pool, NULL);
    if (apr_thread_create(&worker->thread, NULL, run_worker, worker,
                          worker->pool)
        != APR_SUCCESS) {
        worker->thread = NULL;
        apr_pool_destroy(worker->pool);
        return 0;
    }
    worker->is_running = 1;
    poller->threads.running++;
    return 1;
}

static void start_workers(uk_poller_t *poller, int count)
{
    while (count > 0 && poller->threads.running < poller->worker_count
           && start_worker(poller)) {
        count--;
    }
}

/* Looking. */

static void queue_what_is_due(uk_poller_t *poller, uk_clock_ms_t now)
{
    int i;

    for (i = 0; i < poller->jobs->nelts; i++) {
        job_t *job = APR_ARRAY_IDX(poller->jobs, i, job_t *);

        if (!job->is_busy && poller->calls->is_due(job->baton, now)) {
            push(poller, job, now);
        }
    }
}

static void look(uk_poller_t *poller)
{
    uk_clock_ms_t now = uk_clock_now();

    apr_thread_mutex_lock(poller->lock);
    if (!poller->is_stopping) {
        queue_what_is_due(poller, now);
        start_workers(poller, uk_poll_threads_missing(&poller->threads, now));
    }
    apr_thread_mutex_unlock(poller->lock);
}

/* Ending. */

/* Queue nothing any more, forget what is queued, and wait for what is under
 * way: after this another child may poll. */
static void stop(uk_poller_t *poller)
{
    int i;

    apr_thread_mutex_lock(poller->lock);
    if (!poller->is_stopping) {
        poller->is_stopping = 1;
        while (poller->first) {
            pop(poller)->is_busy = 0;
        }
    }
    for (i = 0; i < poller->jobs->nelts; i++) {
        while (APR_ARRAY_IDX(poller->jobs, i, job_t *)->is_busy) {
            apr_thread_cond_wait(poller->done, poller->lock);
        }
    }
    apr_thread_mutex_unlock(poller->lock);
}

static void queue_ends(uk_poller_t *poller, uk_clock_ms_t now)
{
    int i;

    for (i = 0; i < poller->jobs->nelts; i++) {
        job_t *job = APR_ARRAY_IDX(poller->jobs, i, job_t *);

        if (job->was_worked) {
            push(poller, job, now);
        }
    }
}

/* This thread does its part, so that all of it is done even if no other can be
 * started. */
static void end_jobs(uk_poller_t *poller)
{
    apr_pool_t *pool;
    job_t *job;
    int helpers;

    apr_pool_create(&pool, NULL);
    apr_thread_mutex_lock(poller->lock);
    queue_ends(poller, uk_clock_now());
    helpers = poller->threads.queued - 1 - poller->threads.running;
    start_workers(poller, helpers < HELPERS ? helpers : HELPERS);
    for (job = pop(poller); job; job = pop(poller)) {
        do_job(poller, job, pool);
    }
    poller->is_ending = 1;
    apr_thread_cond_broadcast(poller->queued);
    apr_thread_mutex_unlock(poller->lock);
    apr_pool_destroy(pool);
}

static apr_status_t end_poller(void *baton)
{
    uk_poller_t *poller = baton;
    int i;

    stop(poller);
    end_jobs(poller);
    for (i = 0; i < poller->worker_count; i++) {
        join_worker(&poller->workers[i]);
    }
    return APR_SUCCESS;
}

/* At start. */

/* Called by mod_watchdog, in its thread of the child that polls. */
static apr_status_t watchdog_callback(int state, void *baton, apr_pool_t *pool)
{
    uk_poller_t *poller = baton;

    (void)pool;
    if (!poller->lock) {
        return APR_SUCCESS;
    }
    switch (state) {
    case AP_WATCHDOG_STATE_STARTING:
        /* Signals are for httpd's own threads. */
        apr_setup_signal_thread();
        look(poller);
        break;
    case AP_WATCHDOG_STATE_RUNNING:
        look(poller);
        break;
    default:
        /* This thread lets go of mod_watchdog's lock next, and another child may
         * poll from then on. Nothing else is done here: mod_dbd's pools may be
         * gone. */
        stop(poller);
        break;
    }
    return APR_SUCCESS;
}

static apr_status_t register_watchdog(uk_poller_t *poller, apr_pool_t *pconf)
{
    APR_OPTIONAL_FN_TYPE(ap_watchdog_get_instance) *get_instance =
        APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_get_instance);
    APR_OPTIONAL_FN_TYPE(ap_watchdog_register_callback) *register_callback =
        APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_register_callback);
    ap_watchdog_t *watchdog;
    apr_status_t rv;

    if (!get_instance || !register_callback) {
        return APR_ENOTIMPL;
    }
    rv = get_instance(&watchdog, "uptime_keys_poller", 0, 1, pconf);
    return rv == APR_SUCCESS ? register_callback(watchdog, LOOK_INTERVAL,
                                                 poller, watchdog_callback)
                             : rv;
}

apr_status_t uk_poller_create(uk_poller_t **poller, apr_pool_t *pconf,
                              const uk_poller_calls_t *calls)
{
    *poller = apr_pcalloc(pconf, sizeof(**poller));
    (*poller)->calls = calls;
    (*poller)->pool = pconf;
    (*poller)->jobs = apr_array_make(pconf, 1, sizeof(job_t *));
    return register_watchdog(*poller, pconf);
}

void uk_poller_add(uk_poller_t *poller, void *baton)
{
    job_t *job = apr_pcalloc(poller->pool, sizeof(*job));

    job->baton = baton;
    APR_ARRAY_PUSH(poller->jobs, job_t *) = job;
}

void uk_poller_child_init(uk_poller_t *poller, apr_pool_t *pchild)
{
    /* Not in the child's pool: the thread of mod_watchdog outlives it. */
    apr_pool_t *pool = poller->pool;
    apr_thread_mutex_t *lock;

    poller->worker_count = poller->jobs->nelts + UK_POLL_THREADS_FEW;
    poller->workers = apr_pcalloc(pool, (apr_size_t)poller->worker_count
                                            * sizeof(*poller->workers));
    if (apr_thread_cond_create(&poller->queued, pool) == APR_SUCCESS
        && apr_thread_cond_create(&poller->done, pool) == APR_SUCCESS
        && apr_thread_mutex_create(&lock, APR_THREAD_MUTEX_DEFAULT, pool)
               == APR_SUCCESS) {
        poller->lock = lock;
        /* Before the pools of mod_dbd are destroyed. */
        apr_pool_pre_cleanup_register(pchild, poller, end_poller);
    }
}
