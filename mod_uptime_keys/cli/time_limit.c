/* SPDX-License-Identifier: Apache-2.0 */
/* The limit of time of the tool: a thread that ends the process. */
#include "cli/time_limit.h"

#include <apr_strings.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "core/clock.h"
#include "cli/report.h"

/* How often it is seen, after the limit, whether the database is waited for. */
#define LOOK_MS 20

/* What the tool waits for. */
typedef enum {
    FOR_NOTHING,
    FOR_CONNECTION,
    FOR_ANSWER,
    FOR_END
} wait_e;

/* The thread outlives all pools, and memory that it needs when a driver hangs
 * must be there before. */
static _Atomic int waits;
static int seconds, is_of_file, errors = STDERR_FILENO;
static _Atomic uk_clock_ms_t limit;
static _Atomic int exit_status = CLI_FAILED;

/* By the main thread alone. */
static int acquired;

typedef struct {
    const uk_connection_provider_t *provider;
    void *baton;
} watched_t;

static const char *explain_wait(int wait)
{
    if (is_of_file) {
        return "while another program locked it; try again when that has ended";
    }
    return wait == FOR_CONNECTION
               ? "while connecting to it; see that DBDParams names its host "
                 "and port; a firewall can be the reason, or a pooler whose "
                 "database is away or whose connections are all taken "
                 "(PgBouncer: default_pool_size)"
               : "while it was asked; a pool that lets clients in and has no "
                 "connection left for them does not answer (PgBouncer: "
                 "default_pool_size, query_wait_timeout), and a locked table "
                 "does not; nothing is half done: see whether a change was "
                 "made, and run this again, if need be with a longer --timeout";
}

static void end_process(int wait)
{
    if (wait != FOR_END) {
        dprintf(errors,
                "uptime-keys: no answer from the database in %d second%s %s\n",
                seconds, seconds == 1 ? "" : "s", explain_wait(wait));
    }
    _exit(atomic_load(&exit_status));
}

static void sleep_until_limit(void)
{
    while (uk_clock_now() < atomic_load(&limit)) {
        uk_clock_sleep_until(atomic_load(&limit));
    }
}

static void *keep_limit(void *unused)
{
    (void)unused;
    for (;;) {
        int wait;

        sleep_until_limit();
        wait = atomic_load(&waits);
        if (wait != FOR_NOTHING) {
            end_process(wait);
        }
        uk_clock_sleep_until(uk_clock_now() + LOOK_MS);
    }
    return NULL;
}

void cli_time_limit_restart(void)
{
    atomic_store(&limit, uk_clock_now() + (uk_clock_ms_t)seconds * 1000);
}

void cli_time_limit_begin(int seconds_allowed, int is_file)
{
    pthread_t thread;
    int fd;

    if (!seconds_allowed) {
        return;
    }
    /* Standard error is elsewhere while a connection is opened. */
    fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    errors = fd < 0 ? STDERR_FILENO : fd;
    seconds = seconds_allowed;
    is_of_file = is_file;
    cli_time_limit_restart();
    if (pthread_create(&thread, NULL, keep_limit, NULL) == 0) {
        pthread_detach(thread);
    }
}

void cli_time_limit_finish(int status)
{
    atomic_store(&exit_status, status);
    atomic_store(&waits, FOR_END);
}

static apr_status_t acquire_watched(void *baton, apr_pool_t *pool,
                                    uk_connection_t *connection)
{
    const watched_t *watched = baton;
    apr_status_t rv;

    atomic_store(&waits, FOR_CONNECTION);
    rv = watched->provider->acquire(watched->baton, pool, connection);
    acquired += rv == APR_SUCCESS;
    atomic_store(&waits, acquired ? FOR_ANSWER : FOR_NOTHING);
    return rv;
}

static void release_watched(void *baton, uk_connection_t *connection)
{
    const watched_t *watched = baton;

    watched->provider->release(watched->baton, connection);
    acquired--;
    atomic_store(&waits, acquired ? FOR_ANSWER : FOR_NOTHING);
}

void cli_time_limit_watch(apr_pool_t *pool, uk_database_t *db)
{
    static const uk_connection_provider_t provider = {acquire_watched,
                                                      release_watched};
    watched_t *watched = apr_palloc(pool, sizeof(*watched));

    watched->provider = db->provider;
    watched->baton = db->baton;
    db->provider = &provider;
    db->baton = watched;
}
