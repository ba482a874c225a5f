/* SPDX-License-Identifier: Apache-2.0 */
/* UptimeKeysRecheck: a key may end while the answer to it is under way.
 *
 * Two filters look at the key before they pass anything on: one ahead of the
 * header, which can still refuse the request, and one behind it, which can only
 * break the answer off. Nobody looks while a handler is silent; but then nothing
 * is sent either. */
#include "httpd/recheck.h"

#include "httpd/config.h"
#include "httpd/finding.h"
#include "httpd/lease.h"
#include "httpd/problem.h"
#include "httpd/state.h"

/* Bytes that are sent between two looks at the clock. A file is one bucket,
 * which httpd would otherwise go on sending after the handler and all filters
 * are done with it. */
#define PIECE 65536

static ap_filter_rec_t *start_rec, *recheck_rec;

/* The context of both filters. */
typedef struct {
    const uk_principal_t *principal;
    ap_filter_t *filter; /* the one behind the header */
    uk_clock_ms_t interval;
    uk_clock_ms_t looked_at;
    uk_instant_t ends_at; /* of the presented secret, as last looked up */
    apr_uint64_t round;   /* of the lease, in which the last look-up began */
    int is_current;       /* 0: nothing was looked up under the lease yet */
    int has_ended;        /* the answer was broken off */
    apr_bucket_brigade *rest;
} recheck_t;

/* Like a cached key: see httpd/cache.c. While the database is unavailable the
 * answer goes on. */
static uk_verdict_e look_again(request_rec *r, recheck_t *recheck)
{
    const uk_lease_t *lease = uk_server_state(r->server)->lease;
    apr_uint64_t round = 0;
    int holds = lease && uk_lease_holds(lease, &round);
    uk_verdict_e verdict;

    if (holds && recheck->is_current
        && uk_lease_is_valid(lease, recheck->round, recheck->principal->group)
        && !uk_instant_is_over(recheck->ends_at,
                               uk_instant_from_apr(apr_time_now()))) {
        return UK_ACCEPTED;
    }
    verdict =
        uk_finding_look_up_again(r, recheck->principal, &recheck->ends_at);
    recheck->is_current = holds && verdict == UK_ACCEPTED;
    recheck->round = round;
    return verdict == UK_DATABASE_UNAVAILABLE ? UK_ACCEPTED : verdict;
}

static uk_verdict_e judge_if_due(request_rec *r, recheck_t *recheck)
{
    uk_clock_ms_t now = uk_clock_now();

    if (uk_clock_is_within(recheck->looked_at, now, recheck->interval)) {
        return UK_ACCEPTED;
    }
    recheck->looked_at = now;
    return look_again(r, recheck);
}

/* Replace what is in a brigade by an error and the end of the answer. */
static void put_error(const ap_filter_t *f, apr_bucket_brigade *brigade,
                      int status)
{
    apr_bucket_alloc_t *alloc = f->c->bucket_alloc;

    apr_brigade_cleanup(brigade);
    APR_BRIGADE_INSERT_TAIL(
        brigade, ap_bucket_error_create(status, NULL, f->r->pool, alloc));
    APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_eos_create(alloc));
}

/* Runs once, when a handler begins to answer. */
static apr_status_t start_filter(ap_filter_t *f, apr_bucket_brigade *brigade)
{
    request_rec *r = f->r;
    recheck_t *recheck = f->ctx;
    uk_verdict_e verdict = judge_if_due(r, recheck);

    ap_remove_output_filter(f);
    if (verdict != UK_ACCEPTED) {
        ap_remove_output_filter(recheck->filter);
        ap_note_auth_failure(r);
        put_error(f, brigade,
                  uk_problem_note(r, verdict, recheck->principal->id));
    }
    return ap_pass_brigade(f->next, brigade);
}

/* The filter that writes chunks leaves the last one out after this status, which
 * mod_proxy uses when a backend breaks; mod_http2 resets the stream. */
static apr_status_t break_off(ap_filter_t *f, apr_bucket_brigade *brigade,
                              uk_verdict_e verdict)
{
    recheck_t *recheck = f->ctx;

    ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, f->r,
                  UKLOGNO(0021) "answer broken off: %s, key %s",
                  uk_problem_reason(verdict), recheck->principal->id);
    recheck->has_ended = 1;
    f->c->keepalive = AP_CONN_CLOSE;
    put_error(f, brigade, HTTP_BAD_GATEWAY);
    (void)!ap_pass_brigade(f->next, brigade);
    apr_brigade_cleanup(brigade);
    return APR_ECONNABORTED;
}

/* Move all but the first piece to recheck->rest. The piece is flushed: so this
 * filter waits for a slow client, and looks at the clock in between. */
static apr_status_t cut_piece(ap_filter_t *f, apr_bucket_brigade *brigade)
{
    recheck_t *recheck = f->ctx;
    apr_bucket *end;
    apr_status_t rv = apr_brigade_partition(brigade, PIECE, &end);

    if (rv != APR_SUCCESS || end == APR_BRIGADE_SENTINEL(brigade)) {
        return rv == APR_INCOMPLETE ? APR_SUCCESS : rv;
    }
    apr_brigade_split_ex(brigade, end, recheck->rest);
    APR_BRIGADE_INSERT_TAIL(brigade,
                            apr_bucket_flush_create(f->c->bucket_alloc));
    return APR_SUCCESS;
}

static apr_status_t pass_piece(ap_filter_t *f, apr_bucket_brigade *brigade)
{
    recheck_t *recheck = f->ctx;
    apr_status_t rv = cut_piece(f, brigade);

    if (rv == APR_SUCCESS) {
        rv = ap_pass_brigade(f->next, brigade);
    }
    apr_brigade_cleanup(brigade);
    APR_BRIGADE_CONCAT(brigade, recheck->rest);
    return rv;
}

/* An answer that is complete is not broken off. */
static int is_complete(apr_bucket_brigade *brigade)
{
    return APR_BUCKET_IS_EOS(APR_BRIGADE_FIRST(brigade));
}

static apr_status_t recheck_filter(ap_filter_t *f, apr_bucket_brigade *brigade)
{
    recheck_t *recheck = f->ctx;
    apr_status_t rv = APR_SUCCESS;

    if (recheck->has_ended) {
        apr_brigade_cleanup(brigade);
        return APR_ECONNABORTED;
    }
    while (rv == APR_SUCCESS && !APR_BRIGADE_EMPTY(brigade)) {
        uk_verdict_e verdict =
            is_complete(brigade) ? UK_ACCEPTED : judge_if_due(f->r, recheck);

        if (verdict != UK_ACCEPTED) {
            return break_off(f, brigade, verdict);
        }
        rv = pass_piece(f, brigade);
    }
    return rv;
}

static void add_filters(request_rec *r, const uk_principal_t *principal,
                        int seconds)
{
    recheck_t *recheck = apr_pcalloc(r->pool, sizeof(*recheck));

    recheck->principal = principal;
    recheck->interval = (uk_clock_ms_t)seconds * 1000;
    recheck->looked_at = uk_clock_now();
    recheck->ends_at = principal->expires_at;
    recheck->rest = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    ap_add_output_filter_handle(start_rec, recheck, r, r->connection);
    recheck->filter =
        ap_add_output_filter_handle(recheck_rec, recheck, r, r->connection);
}

/* The filter behind the header outlives an internal redirect. The place that
 * answers in the end counts, unless the answer was broken off before. @return 0
 * if no filter is left; 1 if one stays */
static int remove_filter(request_rec *r)
{
    ap_filter_t *filter = r->output_filters;

    while (filter && filter->frec != recheck_rec) {
        filter = filter->next;
    }
    if (filter && !((recheck_t *)filter->ctx)->has_ended) {
        ap_remove_output_filter(filter);
        filter = NULL;
    }
    return filter != NULL;
}

void uk_recheck_insert_filter(request_rec *r)
{
    const uk_dir_config_t *config = uk_dir_config(r);
    int seconds = uk_config_recheck(config);
    const uk_request_t *authenticated;

    if (r->main || (!seconds && !r->prev)) {
        return;
    }
    if (remove_filter(r) || !seconds || uk_config_managed_path(config)) {
        return;
    }
    authenticated = uk_request_authenticated(r);
    if (authenticated) {
        add_filters(r, authenticated->principal, seconds);
    }
}

void uk_recheck_register(void)
{
    start_rec = ap_register_output_filter(
        "UPTIME_KEYS_RECHECK_START", start_filter, NULL, AP_FTYPE_PROTOCOL - 1);
    /* After the header, ranges and mod_ratelimit; before the chunks. */
    recheck_rec = ap_register_output_filter(
        "UPTIME_KEYS_RECHECK", recheck_filter, NULL, AP_FTYPE_TRANSCODE - 1);
}
