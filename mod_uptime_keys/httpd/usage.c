/* SPDX-License-Identifier: Apache-2.0 */
/* When a key was last used.
 *
 * A thread of its own in each child writes, so that no request waits for a
 * database that is slow or locked, and no more than one connection does. */
#include "httpd/usage.h"

#include <apr_hash.h>
#include <apr_thread_cond.h>
#include <apr_thread_mutex.h>
#include <apr_thread_proc.h>

#include "httpd/config.h"
#include "httpd/dbd.h"
#include "httpd/request.h"

/* Keys whose use waits to be written; more than that are forgotten, which is
 * what a database that is away for long comes to. */
#define NOTES_MAX 10000
#define RETRY_INTERVAL apr_time_from_sec(1)

typedef struct {
    server_rec *server;
    const char *id;
    uk_instant_t at;
} note_t;

/* A child's notes and their writer. Everything is guarded by the lock. */
typedef struct {
    apr_pool_t *pool;
    apr_thread_mutex_t *lock;
    apr_thread_cond_t *changed;
    apr_thread_t *thread; /* NULL until there is something to write */
    apr_hash_t *notes;    /* "server id" -> note_t *; NULL: none */
    int is_ending;
} writer_t;

static writer_t writer;

static void add_note(server_rec *server, const char *id, uk_instant_t at)
{
    apr_pool_t *pool;
    const char *name;
    note_t *note;

    if (!writer.notes) {
        apr_pool_create(&pool, NULL);
        writer.notes = apr_hash_make(pool);
    }
    pool = apr_hash_pool_get(writer.notes);
    name = apr_psprintf(pool, "%pp %s", (void *)server, id);
    note = apr_hash_get(writer.notes, name, APR_HASH_KEY_STRING);
    if (!note) {
        if (apr_hash_count(writer.notes) >= NOTES_MAX) {
            return;
        }
        note = apr_palloc(pool, sizeof(*note));
        *note = (note_t){server, apr_pstrdup(pool, id), at};
        apr_hash_set(writer.notes, name, APR_HASH_KEY_STRING, note);
    }
    note->at = at > note->at ? at : note->at;
}

/* Take the notes out of the writer, without waiting; NULL: there are none. */
static apr_hash_t *take_notes(void)
{
    apr_hash_t *notes = writer.notes;

    writer.notes = NULL;
    return notes;
}

static int write_note(const note_t *note, apr_pool_t *pool)
{
    uk_instant_t interval =
        uk_config_last_used_interval(uk_server_config(note->server));
    uk_database_t db;

    uk_dbd_open(&db, note->server, pool);
    if (uk_store_key_used(&db, note->id, note->at, interval) != UK_OK) {
        uk_dbd_log_away(&db, note->server, "last use of keys waits");
        return -1;
    }
    return 0;
}

/* Write notes, and put those back that cannot be; @return how many. The lock is
 * not held. */
static int write_notes(apr_hash_t *notes)
{
    apr_pool_t *pool = apr_hash_pool_get(notes);
    apr_hash_index_t *i;
    int failed = 0;

    for (i = apr_hash_first(pool, notes); i; i = apr_hash_next(i)) {
        const note_t *note = apr_hash_this_val(i);

        if (failed || write_note(note, pool) != 0) {
            apr_thread_mutex_lock(writer.lock);
            add_note(note->server, note->id, note->at);
            apr_thread_mutex_unlock(writer.lock);
            failed++;
        }
    }
    apr_pool_destroy(pool);
    return failed;
}

static void *APR_THREAD_FUNC run(apr_thread_t *thread, void *unused)
{
    int failed = 0, is_ending = 0;

    (void)unused;
    /* Signals are for httpd's own threads. */
    apr_setup_signal_thread();
    while (!is_ending) {
        apr_hash_t *notes;

        apr_thread_mutex_lock(writer.lock);
        if (failed && !writer.is_ending) {
            apr_thread_cond_timedwait(writer.changed, writer.lock,
                                      RETRY_INTERVAL);
        }
        while (!writer.notes && !writer.is_ending) {
            apr_thread_cond_wait(writer.changed, writer.lock);
        }
        is_ending = writer.is_ending;
        notes = take_notes();
        apr_thread_mutex_unlock(writer.lock);
        failed = notes ? write_notes(notes) : 0;
    }
    apr_thread_exit(thread, APR_SUCCESS);
    return NULL;
}

static apr_status_t end_writer(void *unused)
{
    apr_status_t rv;

    (void)unused;
    apr_thread_mutex_lock(writer.lock);
    writer.is_ending = 1;
    apr_thread_cond_signal(writer.changed);
    apr_thread_mutex_unlock(writer.lock);
    if (writer.thread) {
        apr_thread_join(&rv, writer.thread);
    }
    return APR_SUCCESS;
}

void uk_usage_child_init(apr_pool_t *pchild)
{
    writer = (writer_t){.pool = NULL};
    apr_pool_create(&writer.pool, pchild);
    if (apr_thread_mutex_create(&writer.lock, APR_THREAD_MUTEX_DEFAULT, pchild)
            == APR_SUCCESS
        && apr_thread_cond_create(&writer.changed, pchild) == APR_SUCCESS) {
        /* Before mod_dbd's pool goes. */
        apr_pool_pre_cleanup_register(pchild, NULL, end_writer);
    }
}

static int is_due(const uk_key_t *key, request_rec *r)
{
    uk_instant_t interval =
        uk_config_last_used_interval(uk_server_config(r->server));

    return uk_instant_from_apr(r->request_time) - key->last_used_at >= interval;
}

int uk_usage_note(request_rec *r)
{
    const uk_request_t *state = uk_request_find(r);

    if (!state || !state->used || !writer.changed || !is_due(state->used, r)) {
        return DECLINED;
    }
    apr_thread_mutex_lock(writer.lock);
    add_note(r->server, state->used->id, uk_instant_from_apr(r->request_time));
    if (!writer.thread && !writer.is_ending
        && apr_thread_create(&writer.thread, NULL, run, NULL, writer.pool)
               != APR_SUCCESS) {
        writer.thread = NULL;
    }
    apr_thread_cond_signal(writer.changed);
    apr_thread_mutex_unlock(writer.lock);
    return DECLINED;
}
