/* SPDX-License-Identifier: Apache-2.0 */
/* The last use of keys: recorded after an answer, written by a thread.
 *
 * Each child has such a thread, so that no request waits for a database that is
 * slow or locked, and only one connection is taken up by it. */
#include "httpd/usage.h"

#include <apr_hash.h>
#include <apr_thread_cond.h>
#include <apr_thread_mutex.h>
#include <apr_thread_proc.h>
#include <stdlib.h>
#include <string.h>

#include "store/keys.h"
#include "httpd/config.h"
#include "httpd/dbd.h"
#include "httpd/request.h"

/* Keys whose use waits to be written. While there are so many, as during a long
 * outage, uses of other keys are not recorded. */
#define NOTES_MAX 10000
#define RETRY_INTERVAL apr_time_from_sec(1)
/* Uses that are written in one transaction. */
#define BATCH_MAX 100
/* After so many failures, the fault is the database's and not that of a key. */
#define FAILURES_MAX 3

typedef struct {
    server_rec *server;
    uk_use_t use;
} note_t;

/* The notes of a child, and the thread that writes them. The lock guards
 * is_ending, notes and thread. */
typedef struct {
    apr_pool_t *pool;
    apr_thread_mutex_t *lock;
    apr_thread_cond_t *changed;
    apr_thread_t *thread; /* NULL until there is something to write */
    apr_hash_t *notes;    /* "server id prefix" -> note_t *; NULL: none */
    int is_ending;
} writer_t;

static writer_t writer;

static void add_note(server_rec *server, const uk_use_t *use)
{
    apr_pool_t *pool;
    const char *name;
    note_t *note;

    if (!writer.notes) {
        apr_pool_create(&pool, NULL);
        writer.notes = apr_hash_make(pool);
    }
    pool = apr_hash_pool_get(writer.notes);
    name =
        apr_psprintf(pool, "%pp %s %s", (void *)server, use->id, use->prefix);
    note = apr_hash_get(writer.notes, name, APR_HASH_KEY_STRING);
    if (!note) {
        if (apr_hash_count(writer.notes) >= NOTES_MAX) {
            return;
        }
        note = apr_palloc(pool, sizeof(*note));
        *note = (note_t){server,
                         {apr_pstrdup(pool, use->id),
                          apr_pstrdup(pool, use->prefix), use->at}};
        apr_hash_set(writer.notes, name, APR_HASH_KEY_STRING, note);
    }
    note->use.at = use->at > note->use.at ? use->at : note->use.at;
}

/* Take all notes; NULL: there are none. The lock is held. */
static apr_hash_t *take_notes(void)
{
    apr_hash_t *notes = writer.notes;

    writer.notes = NULL;
    return notes;
}

static int compare_notes(const void *a, const void *b)
{
    const note_t *x = a, *y = b;

    if (x->server != y->server) {
        return x->server < y->server ? -1 : 1;
    }
    return strcmp(x->use.id, y->use.id);
}

/* By server, then by key. All processes lock rows in the same order then, which
 * avoids deadlocks. */
static apr_array_header_t *sort_notes(apr_hash_t *notes)
{
    apr_pool_t *pool = apr_hash_pool_get(notes);
    apr_array_header_t *sorted =
        apr_array_make(pool, (int)apr_hash_count(notes), sizeof(note_t));
    apr_hash_index_t *i;

    for (i = apr_hash_first(pool, notes); i; i = apr_hash_next(i)) {
        APR_ARRAY_PUSH(sorted, note_t) = *(note_t *)apr_hash_this_val(i);
    }
    qsort(sorted->elts, (size_t)sorted->nelts, sizeof(note_t), compare_notes);
    return sorted;
}

/* The uses of one server, from an index on, for one transaction. */
static apr_array_header_t *batch_of(const apr_array_header_t *notes, int first)
{
    server_rec *server = APR_ARRAY_IDX(notes, first, note_t).server;
    apr_array_header_t *uses =
        apr_array_make(notes->pool, BATCH_MAX, sizeof(uk_use_t));
    int i;

    for (i = first; i < notes->nelts && uses->nelts < BATCH_MAX; i++) {
        const note_t *note = &APR_ARRAY_IDX(notes, i, note_t);

        if (note->server != server) {
            break;
        }
        APR_ARRAY_PUSH(uses, uk_use_t) = note->use;
    }
    return uses;
}

/* UptimeKeysLastUsedInterval in milliseconds. */
static uk_instant_t interval_of(server_rec *server)
{
    return uk_config_last_used_interval(uk_server_config(server))
           * (uk_instant_t)1000;
}

static int write_uses(server_rec *server, const apr_array_header_t *uses)
{
    uk_database_t db;

    uk_dbd_open(&db, server, uses->pool);
    if (uk_store_keys_used(&db, uses, interval_of(server)) != UK_OK) {
        uk_dbd_log_unavailable(&db, server, APLOG_WARNING,
                               "last use of keys waits");
        return -1;
    }
    return 0;
}

/* Record uses again that cannot be written now. */
static void put_back(server_rec *server, const uk_use_t *uses, int count)
{
    apr_thread_mutex_lock(writer.lock);
    for (; count > 0; count--, uses++) {
        add_note(server, uses);
    }
    apr_thread_mutex_unlock(writer.lock);
}

/* One by one, so that a fault of one key affects no other. @return how many
 * failed */
static int write_singly(server_rec *server, const apr_array_header_t *uses)
{
    const uk_use_t *use = (const uk_use_t *)uses->elts;
    int failed = 0, left;

    for (left = uses->nelts; left > 0 && failed < FAILURES_MAX; left--) {
        apr_array_header_t *one =
            apr_array_make(uses->pool, 1, sizeof(uk_use_t));

        APR_ARRAY_PUSH(one, uk_use_t) = *use;
        if (write_uses(server, one) != 0) {
            put_back(server, use, 1);
            failed++;
        }
        use++;
    }
    put_back(server, use, left);
    return failed;
}

/* Write notes, destroy them, and record again those that failed. The lock is
 * not held. @return how many failed */
static int write_notes(apr_hash_t *hash)
{
    apr_array_header_t *notes = sort_notes(hash);
    int i = 0, failed = 0;

    while (i < notes->nelts) {
        server_rec *server = APR_ARRAY_IDX(notes, i, note_t).server;
        apr_array_header_t *uses = batch_of(notes, i);

        if (failed >= FAILURES_MAX) {
            put_back(server, (const uk_use_t *)uses->elts, uses->nelts);
        }
        else if (write_uses(server, uses) != 0) {
            failed += write_singly(server, uses);
        }
        i += uses->nelts;
    }
    apr_pool_destroy(apr_hash_pool_get(hash));
    return failed;
}

static void *APR_THREAD_FUNC run_writer(apr_thread_t *thread, void *unused)
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
        /* Before the pools of mod_dbd are destroyed. */
        apr_pool_pre_cleanup_register(pchild, NULL, end_writer);
    }
}

int uk_usage_is_due(const uk_principal_t *principal, request_rec *r)
{
    /* The column may hold any number, so a difference to it could overflow. */
    return principal->last_used_at
           <= uk_instant_from_apr(r->request_time) - interval_of(r->server);
}

int uk_usage_note(request_rec *r)
{
    const uk_request_t *state = uk_request_find(r);

    if (!state || !state->used || !writer.changed
        || !uk_usage_is_due(state->used, r)) {
        return DECLINED;
    }
    apr_thread_mutex_lock(writer.lock);
    if (!writer.notes) {
        apr_thread_cond_signal(writer.changed);
    }
    add_note(r->server,
             &(const uk_use_t){state->used->id, state->used->prefix,
                               uk_instant_from_apr(r->request_time)});
    if (!writer.thread && !writer.is_ending
        && apr_thread_create(&writer.thread, NULL, run_writer, NULL,
                             writer.pool)
               != APR_SUCCESS) {
        writer.thread = NULL;
    }
    apr_thread_mutex_unlock(writer.lock);
    return DECLINED;
}
