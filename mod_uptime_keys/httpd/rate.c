/* SPDX-License-Identifier: Apache-2.0 */
/* UptimeKeysRateLimit: how many requests a key may make in so many seconds.
 *
 * The limit goes by the id of the key, so that a rotation changes nothing and both
 * of its secrets share it. Each policy, a pair of numbers, is counted for itself,
 * however many places have it. The fields are those of
 * draft-ietf-httpapi-ratelimit-headers-11. */
#include "httpd/rate.h"

#include <string.h>

#include "core/rate_table.h"
#include "httpd/authn.h"
#include "httpd/config.h"
#include "httpd/problem.h"
#include "httpd/request.h"
#include "httpd/retained.h"

/* The last number is the version of uk_rate_table_t and of uk_gcra_count(). */
#define NAME "uptime-keys-rate-1"

/* How the request of a client was counted. */
struct uk_rate_t {
    const uk_rate_limit_t *limit;
    uk_rate_request_t request;
    uk_rate_count_t count;
};

/* The name of each policy, in both fields. */
#define KEY "\"key\";"

static ap_filter_rec_t *filter_rec;
static int is_configured; /* there is a limit somewhere */
static uk_rate_table_t *table;
int uk_rate_is_on; /* there is a table */

/* UK0066 was logged, in this child. */
static atomic_flag is_full = ATOMIC_FLAG_INIT;

/* A number from 1 to max. @return its end; NULL: it is none */
static const char *read_count(const char *arg, apr_int64_t max,
                              apr_uint32_t *number)
{
    char *end;
    apr_int64_t value = apr_strtoi64(arg, &end, 10);

    *number = (apr_uint32_t)value;
    return apr_isdigit(*arg) && value >= 1 && value <= max ? end : NULL;
}

/* @return 0: it is not REQUESTS/SECONDS */
static int read_policy(const char *arg, uk_gcra_policy_t *policy)
{
    apr_uint32_t requests, seconds;
    const char *rest = read_count(arg, UK_GCRA_REQUESTS_MAX, &requests);

    if (!rest || *rest != '/') {
        return 0;
    }
    rest = read_count(rest + 1, UK_GCRA_SECONDS_MAX, &seconds);
    if (!rest || *rest) {
        return 0;
    }
    *policy = uk_gcra_policy(requests, seconds);
    return 1;
}

/* @return NULL: it is neither a limit nor None */
static const uk_rate_limit_t *read_limit(apr_pool_t *pool, const char *arg)
{
    uk_rate_limit_t *limit = apr_pcalloc(pool, sizeof(*limit));

    if (ap_cstr_casecmp(arg, "None") == 0) {
        return limit;
    }
    if (!read_policy(arg, &limit->policy)) {
        return NULL;
    }
    is_configured = 1;
    limit->field = apr_psprintf(pool, KEY "q=%u;w=%u", limit->policy.requests,
                                limit->policy.seconds);
    return limit;
}

const char *uk_rate_set_limit(cmd_parms *cmd, void *configv, const char *arg)
{
    uk_dir_config_t *config = configv;

    config->rate_limit = read_limit(cmd->pool, arg);
    return config->rate_limit
               ? NULL
               : apr_psprintf(cmd->pool,
                              "UptimeKeysRateLimit takes requests and seconds, "
                              "like 600/60, up to %d/%d, or None; not '%s'",
                              UK_GCRA_REQUESTS_MAX, UK_GCRA_SECONDS_MAX, arg);
}

static uk_rate_table_t *find_table(server_rec *main_server)
{
    void *memory = uk_retained_memory(main_server, NAME, sizeof(*table));

    return memory ? uk_rate_table_make(memory) : NULL;
}

void uk_rate_init(server_rec *main_server)
{
    table = is_configured ? find_table(main_server) : NULL;
    uk_rate_is_on = table != NULL;
    if (is_configured && !table) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, main_server,
                     UKLOGNO(0065) "UptimeKeysRateLimit: no shared memory, "
                                   "nothing is limited");
    }
}

static void log_full(request_rec *r)
{
    if (!atomic_flag_test_and_set(&is_full)) {
        ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, r,
                      UKLOGNO(0066) "UptimeKeysRateLimit: so many keys are in "
                                    "use that some may make more requests than "
                                    "their limit");
    }
}

/* @return NULL: it could not be counted */
static const uk_rate_t *count_request(request_rec *client, const char *id,
                                      const uk_rate_limit_t *limit)
{
    uk_rate_t *rate = apr_palloc(client->pool, sizeof(*rate));

    rate->limit = limit;
    rate->request =
        (uk_rate_request_t){uk_rate_fingerprint(table, id, &limit->policy),
                            &limit->policy, uk_clock_now_ns};
    if (!uk_rate_table_count(table, &rate->request, &rate->count)) {
        return NULL;
    }
    if (!rate->count.is_exact) {
        log_full(client);
    }
    return rate;
}

/* Or a part of one. */
static int is_error_document(const request_rec *r)
{
    for (; r; r = r->prev ? r->prev : r->main) {
        if (r->prev && ap_is_HTTP_ERROR(r->prev->status)) {
            return 1;
        }
    }
    return 0;
}

/* Whether it comes from a request that a key has authenticated: where that went
 * first decides, also if there was no limit. */
static int is_second(request_rec *r)
{
    const uk_request_t *inherited = uk_request_inherited(r);

    return inherited && inherited->principal;
}

/* @return how the client's request was counted, now or before; NULL: it was not
 */
static const uk_rate_t *count_once(request_rec *r, const char *id,
                                   const uk_rate_limit_t *limit)
{
    request_rec *client = uk_request_of_client(r);
    uk_request_t *state = uk_request_get(client);

    if ((r != client && is_error_document(r))
        || (r->method_number == M_OPTIONS && uk_authn_is_free_preflight(r))) {
        return NULL;
    }
    if (!state->rate && (r == client || !is_second(r))) {
        state->rate = count_request(client, id, limit);
    }
    return state->rate;
}

int uk_rate_check(request_rec *r, const uk_principal_t *principal)
{
    const uk_rate_limit_t *limit = uk_config_rate_limit(uk_dir_config(r));
    const uk_rate_t *rate = limit ? count_once(r, principal->id, limit) : NULL;

    return rate && !rate->count.is_allowed
               ? uk_problem_note(r, UK_RATE_LIMITED, principal->id)
               : OK;
}

int uk_rate_switch(conn_rec *c, request_rec *r, server_rec *server,
                   const char *protocol)
{
    uk_request_t *state = r ? uk_request_find(r) : NULL;

    (void)c;
    (void)server;
    (void)protocol;
    if (state && state->rate) {
        uk_rate_table_give_back(table, &state->rate->request);
        state->rate = NULL;
    }
    return DECLINED;
}

/* apr_psprintf() would cost more than all the rest. @return the beginning of the
 * digits that end there */
static char *put_number(char *end, apr_uint32_t number)
{
    do {
        *--end = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return end;
}

#define REMAINING KEY "r="
#define RESET ";t="
#define DIGITS 10

static char *put_string(char *end, const char *string, size_t len)
{
    return memcpy(end - len, string, len);
}

static const char *quota_field(apr_pool_t *pool, const uk_gcra_quota_t *quota)
{
    char *field = apr_palloc(pool, sizeof(REMAINING RESET) + 2 * DIGITS);
    char *end = field + sizeof(REMAINING RESET) - 1 + (size_t)(2 * DIGITS);

    *end = '\0';
    end = put_number(end, quota->reset);
    end = put_string(end, RESET, sizeof(RESET) - 1);
    end = put_number(end, quota->remaining);
    return put_string(end, REMAINING, sizeof(REMAINING) - 1);
}

/* Runs once, before the header is sent: so a backend's fields, of its own
 * limits, are there to be replaced. */
static apr_status_t rate_filter(ap_filter_t *filter,
                                apr_bucket_brigade *brigade)
{
    request_rec *r = filter->r;
    const uk_rate_t *rate = filter->ctx;

    apr_table_setn(r->headers_out, "RateLimit-Policy", rate->limit->field);
    apr_table_setn(r->headers_out, "RateLimit",
                   quota_field(r->pool, &rate->count.quota));
    if (!rate->count.is_allowed && r->status == HTTP_TOO_MANY_REQUESTS) {
        apr_table_setn(r->headers_out, "Retry-After",
                       apr_itoa(r->pool, (int)rate->count.quota.retry_after));
    }
    ap_remove_output_filter(filter);
    return ap_pass_brigade(filter->next, brigade);
}

void uk_rate_insert_filter(request_rec *r)
{
    const uk_request_t *state =
        r->main ? NULL : uk_request_find(uk_request_of_client(r));

    if (state && state->rate) {
        ap_add_output_filter_handle(filter_rec, (void *)state->rate, r,
                                    r->connection);
    }
}

void uk_rate_register(void)
{
    /* After the filters that set headers, before the header is sent. */
    filter_rec = ap_register_output_filter("UPTIME_KEYS_RATE", rate_filter,
                                           NULL, AP_FTYPE_PROTOCOL - 1);
}
