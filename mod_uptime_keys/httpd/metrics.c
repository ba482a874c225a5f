/* SPDX-License-Identifier: Apache-2.0 */
/* SetHandler uptime-keys-metrics: the figures for Prometheus. */
#include "httpd/metrics.h"

#include <stdlib.h>
#include <string.h>

#include "core/exposition.h"
#include "core/problem_document.h"
#include "core/top.h"
#include "core/version.h"
#include "httpd/config.h"
#include "httpd/figures.h"
#include "httpd/problem.h"
#include "httpd/problem_types.h"

#define PROMETHEUS "text/plain; version=0.0.4; charset=utf-8"
#define OPENMETRICS "application/openmetrics-text; version=1.0.0; charset=utf-8"

/* The figures. HELP says what to do when a figure moves. */

static const uk_figure_family_t build = {
    "uptime_keys_build", UK_FIGURE_INFO, NULL,
    "The version of mod_uptime_keys. Servers with different ones: an upgrade "
    "is not complete."};

static const uk_figure_family_t start = {
    "process_start_time_seconds", UK_FIGURE_GAUGE, "seconds",
    "When counting began, in seconds since 1970. It moves with a stop and "
    "start of httpd, and not with a restart, graceful or not; counters begin "
    "at 0 then."};

static const uk_figure_family_t requests = {
    "uptime_keys_requests", UK_FIGURE_COUNTER, NULL,
    "Requests of clients that were let in by a key or refused, by their final "
    "verdict. Look for UK0010 in the error log: it names the reason and the "
    "key. unavailable: see uptime_keys_database_up. invalid rises: somebody "
    "tries keys, or uses one that was deleted. no_key, conflict: a client "
    "sends none, or two. expired, disabled, rotated: a client needs its new "
    "key. scope, team, address, forbidden: a good key is used where it may "
    "not be. limited: a key is used more often than it may be."};

static const uk_figure_family_t key_requests = {
    "uptime_keys_key_requests", UK_FIGURE_COUNTER, NULL,
    "Requests of the most used keys, by team and id of the key; those of all "
    "others have the key other. One rises: ask that team, or disable the key. "
    "other is high: raise UptimeKeysMetricsPerKey."};

static const uk_figure_family_t cache_lookups = {
    "uptime_keys_cache_lookups", UK_FIGURE_COUNTER, NULL,
    "Look-ups of keys in the cache: found by the thread itself, found in "
    "shared memory, or not found. Many misses: keys change often, the lease "
    "is lost (see uptime_keys_cache_lease_held), unknown keys are tried, or "
    "UptimeKeysCacheSize is too small."};

static const uk_figure_family_t lease_held = {
    "uptime_keys_cache_lease_held", UK_FIGURE_GAUGE, NULL,
    "1 if cached keys may be used, of all databases that requests with keys "
    "need; else 0, and each request asks the database. At 0: look for UK0052 "
    "in the error log. Absent if UptimeKeysCache is off."};

static const uk_figure_family_t database_seconds = {
    "uptime_keys_database_seconds", UK_FIGURE_HISTOGRAM, "seconds",
    "How long the database took for work that it has done: look-ups of keys, "
    "changes, polls, last uses; waiting for a connection included. It rises: "
    "look at the load of the database, at the network, and whether DBDMax is "
    "at least ThreadsPerChild."};

static const uk_figure_family_t database_errors = {
    "uptime_keys_database_errors", UK_FIGURE_COUNTER, NULL,
    "Work that the database has not done, by why; requests among it got 503. "
    "connect: it cannot be reached, or was just now not. pool: no connection "
    "was free for a second, so raise DBDMax or find what is slow. lock: a "
    "transaction of somebody else holds a lock. standby: the server takes no "
    "writes. other: UK0011 in the error log has the message. Run uptime-keys "
    "check."};

static const uk_figure_family_t database_up = {
    "uptime_keys_database_up", UK_FIGURE_GAUGE, NULL,
    "1 if the last that was asked of each database was answered, or nothing "
    "was asked yet; 0 if one of them did not answer, so that keys cannot be "
    "checked. At 0: run uptime-keys check."};

static const uk_figure_family_t managed = {
    "uptime_keys_manage", UK_FIGURE_COUNTER, NULL,
    "Calls of the management endpoints and reports of leaked keys, by what "
    "they were for and how they were answered; forms of the page too. refused "
    "rises: look for UK0041 in the error log. limit: a team has all the keys "
    "it may have. unavailable: see uptime_keys_database_up. leak: UK0040 "
    "names the keys that ended."};

/* Writing. */

static const char *digits_of(apr_pool_t *pool, apr_uint64_t number)
{
    return apr_psprintf(pool, "%" APR_UINT64_T_FMT, number);
}

static const char *seconds_of(apr_pool_t *pool, apr_uint64_t microseconds)
{
    return apr_psprintf(pool, "%" APR_UINT64_T_FMT ".%06u",
                        microseconds / 1000000,
                        (unsigned)(microseconds % 1000000));
}

/* A figure without labels. */
static void write_value(uk_exposition_t *text, const uk_figure_family_t *family,
                        const char *labels, const char *value)
{
    uk_exposition_family(text, family);
    uk_exposition_sample(text, family, "", labels, value);
}

/* A counter for each value of a label. */
static void write_counters(uk_exposition_t *text,
                           const uk_figure_family_t *family, const char *label,
                           const char *const names[], int count, int first)
{
    int i;

    uk_exposition_family(text, family);
    for (i = 0; i < count; i++) {
        uk_exposition_sample(text, family, "",
                             uk_exposition_label(text->pool, label, names[i]),
                             digits_of(text->pool, uk_figures_sum(first + i)));
    }
}

static void write_managed(uk_exposition_t *text)
{
    apr_pool_t *pool = text->pool;
    int i;

    uk_exposition_family(text, &managed);
    for (i = 0; i < UK_MANAGE_COUNT * UK_MANAGED_COUNT; i++) {
        uk_exposition_sample(
            text, &managed, "",
            apr_pstrcat(
                pool,
                uk_exposition_label(pool, "action",
                                    uk_manage_names[i / UK_MANAGED_COUNT]),
                ",",
                uk_exposition_label(pool, "result",
                                    uk_managed_names[i % UK_MANAGED_COUNT]),
                NULL),
            digits_of(pool, uk_figures_sum(UK_COUNT_MANAGE + i)));
    }
}

/* Each bucket contains those before it. */
static void write_histogram(uk_exposition_t *text)
{
    apr_pool_t *pool = text->pool;
    apr_uint64_t microseconds = uk_figures_sum(UK_COUNT_MICROSECONDS);
    apr_uint64_t sum = 0;
    int i;

    uk_exposition_family(text, &database_seconds);
    for (i = 0; i <= UK_HISTOGRAM_BOUNDS; i++) {
        sum += uk_figures_sum(UK_COUNT_BUCKET + i);
        uk_exposition_sample(
            text, &database_seconds, "_bucket",
            uk_exposition_label(pool, "le",
                                i < UK_HISTOGRAM_BOUNDS
                                    ? uk_histogram_bounds[i].seconds
                                    : "+Inf"),
            digits_of(pool, sum));
    }
    uk_exposition_sample(text, &database_seconds, "_sum", "",
                         seconds_of(pool, microseconds));
    uk_exposition_sample(text, &database_seconds, "_count", "",
                         digits_of(pool, sum));
}

static void write_key(uk_exposition_t *text, const char *team, const char *key,
                      apr_uint64_t count)
{
    uk_exposition_sample(
        text, &key_requests, "",
        apr_pstrcat(text->pool, uk_exposition_label(text->pool, "team", team),
                    ",", uk_exposition_label(text->pool, "key", key), NULL),
        digits_of(text->pool, count));
}

static void write_keys(uk_exposition_t *text)
{
    apr_uint64_t others;
    const apr_array_header_t *keys = uk_figures_per_key(text->pool, &others);
    int i;

    if (!keys) {
        return;
    }
    uk_exposition_family(text, &key_requests);
    for (i = 0; i < keys->nelts; i++) {
        const uk_top_key_t *key = &APR_ARRAY_IDX(keys, i, uk_top_key_t);

        write_key(text, key->team, key->id, key->count);
    }
    write_key(text, "", "other", others);
}

static void write_cache(uk_exposition_t *text)
{
    int hold = uk_figures_all_leases_hold();

    write_counters(text, &cache_lookups, "result", uk_cache_names,
                   UK_CACHE_COUNT, UK_COUNT_CACHE);
    if (hold >= 0) {
        write_value(text, &lease_held, "", hold ? "1" : "0");
    }
}

static const char *write_figures(apr_pool_t *pool, int is_openmetrics)
{
    uk_exposition_t text;

    uk_exposition_begin(&text, pool, is_openmetrics);
    write_value(&text, &build, uk_exposition_label(pool, "version", UK_VERSION),
                "1");
    write_value(&text, &start, "",
                seconds_of(pool, (apr_uint64_t)uk_figures_since()));
    write_counters(&text, &requests, "verdict", uk_decided_names,
                   UK_DECIDED_COUNT, UK_COUNT_REQUEST);
    write_keys(&text);
    write_cache(&text);
    write_histogram(&text);
    write_counters(&text, &database_errors, "kind", uk_failure_names,
                   UK_FAILURES, UK_COUNT_FAILURE);
    write_value(&text, &database_up, "", uk_figures_all_up() ? "1" : "0");
    write_managed(&text);
    return uk_exposition_end(&text);
}

/* Answering. */

/* The weight of an item of Accept; 0 if it is not valid. */
static double weight_of(const char *item)
{
    const char *weight = strstr(item, ";q=");

    return weight ? strtod(weight + strlen(";q="), NULL) : 1;
}

static int is_media_type(const char *item, const char *type)
{
    size_t len = strlen(type);

    return strncmp(item, type, len) == 0 && strchr("; ", item[len]);
}

/* A version that is not 1.0.0 is one that this does not write. */
static int is_our_openmetrics(const char *item)
{
    const char *version = strstr(item, ";version=");

    return is_media_type(item, "application/openmetrics-text")
           && (!version
               || strncmp(version + strlen(";version="), "1.0.0", 5) == 0);
}

static int wants_openmetrics(request_rec *r)
{
    const char *accept = apr_table_get(r->headers_in, "Accept");
    double openmetrics = 0, plain = 0;
    const char *item;

    while (accept && (item = ap_get_list_item(r->pool, &accept)) != NULL) {
        if (is_our_openmetrics(item)) {
            openmetrics = weight_of(item);
        }
        else if (is_media_type(item, "text/plain")) {
            plain = weight_of(item);
        }
    }
    return openmetrics > 0 && openmetrics >= plain;
}

static int send_text(request_rec *r, int status, const char *type,
                     const char *text)
{
    r->status = status;
    apr_table_setn(r->err_headers_out, "Cache-Control", "no-store");
    apr_table_setn(r->err_headers_out, "X-Content-Type-Options", "nosniff");
    apr_table_mergen(r->err_headers_out, "Vary", "Accept");
    ap_set_content_type(r, type);
    ap_set_content_length(r, (apr_off_t)strlen(text));
    ap_rputs(text, r);
    return DONE;
}

static int send_problem_document(request_rec *r, uk_problem_e problem,
                                 const char *detail)
{
    const uk_problem_type_t *type = uk_problem_type(problem);
    const uk_problem_document_t document = {
        .type = apr_pstrcat(r->pool, uk_config_problem_base(uk_dir_config(r)),
                            type->name, NULL),
        .title = type->title,
        .status = type->status,
        .detail = detail ? detail : type->detail,
        .instance = apr_pstrcat(r->pool, UK_INSTANCE_SCHEME,
                                uk_problem_make_id(r->pool), NULL),
    };

    return send_text(r, type->status, "application/problem+json",
                     apr_pstrcat(r->pool,
                                 uk_problem_document_write(r->pool, &document),
                                 "\n", NULL));
}

static int answer_figures(request_rec *r)
{
    int is_openmetrics;

    if (r->method_number != M_GET) {
        apr_table_setn(r->err_headers_out, "Allow", "GET, HEAD");
        return send_problem_document(r, UK_PROBLEM_METHOD, NULL);
    }
    if (!uk_figures_are_there()) {
        return send_problem_document(
            r, UK_PROBLEM_UNAVAILABLE,
            "There is no shared memory for figures; UK0060 in the error log "
            "tells more.");
    }
    is_openmetrics = wants_openmetrics(r);
    return send_text(r, HTTP_OK, is_openmetrics ? OPENMETRICS : PROMETHEUS,
                     write_figures(r->pool, is_openmetrics));
}

int uk_metrics_handle(request_rec *r)
{
    return r->handler && strcmp(r->handler, UK_METRICS_HANDLER) == 0
               ? answer_figures(r)
               : DECLINED;
}
