/* SPDX-License-Identifier: Apache-2.0 */
/* Refusals: what a verdict means as status, challenge, log line and problem
 * document. */
#include "httpd/problem.h"

#include <mod_core.h>
#include <string.h>

#include "core/secret.h"
#include "core/uuid.h"
#include "httpd/config.h"
#include "httpd/problem_types.h"

/* Follows a document, for readability in a terminal. */
#define END "\n"

static ap_filter_rec_t *filter_rec;

#define BAD_KEY "The API key is not valid."
#define INVALID_TOKEN                                                          \
    ", error=\"invalid_token\", error_description=\"The API key is not "       \
    "valid\""

/* How a verdict is answered. All bad keys get the same answer; only the log
 * tells them apart. */
typedef struct {
    uk_problem_e type;
    const char *detail;
    const char *challenge; /* follows the realm; NULL: no challenge */
    const char *reason;    /* for the log */
} refusal_t;

/* clang-format off */
static const refusal_t refusals[UK_VERDICTS] = {
    [UK_NO_KEY] = {
        UK_PROBLEM_UNAUTHORIZED, "This resource needs an API key.",
        "", "no key"},
    [UK_TWO_CREDENTIALS] = {
        UK_PROBLEM_BAD_REQUEST, "The request carries more than one credential.",
        ", error=\"invalid_request\", "
        "error_description=\"More than one credential\"",
        "more than one credential"},
    [UK_MALFORMED] = {
        UK_PROBLEM_UNAUTHORIZED, BAD_KEY, INVALID_TOKEN, "malformed"},
    [UK_BAD_CHECKSUM] = {
        UK_PROBLEM_UNAUTHORIZED, BAD_KEY, INVALID_TOKEN, "wrong checksum"},
    [UK_UNKNOWN] = {
        UK_PROBLEM_UNAUTHORIZED, BAD_KEY, INVALID_TOKEN, "unknown or deleted"},
    [UK_EXPIRED] = {
        UK_PROBLEM_UNAUTHORIZED, BAD_KEY, INVALID_TOKEN, "expired"},
    [UK_DISABLED] = {
        UK_PROBLEM_UNAUTHORIZED, BAD_KEY, INVALID_TOKEN, "disabled"},
    [UK_ROTATED] = {
        UK_PROBLEM_UNAUTHORIZED, BAD_KEY, INVALID_TOKEN,
        "an old secret of a rotated key, which has ended"},
    [UK_DATABASE_UNAVAILABLE] = {
        UK_PROBLEM_UNAVAILABLE,
        "API keys cannot be checked at the moment. Try again soon.",
        NULL, "the database is unavailable"},
    /* The log line has the address of the client. */
    [UK_ADDRESS_NOT_ALLOWED] = {
        UK_PROBLEM_ADDRESS, "The API key may not be used from this address.",
        "", "not from this address"},
    [UK_RATE_LIMITED] = {
        UK_PROBLEM_RATE, "The API key has made too many requests.",
        NULL, "rate limited"},
    [UK_SCOPE_MISSING] = {
        UK_PROBLEM_FORBIDDEN,
        "The API key lacks a scope that this resource needs.",
        ", error=\"insufficient_scope\"", "scope missing"},
    [UK_OTHER_TEAM] = {
        UK_PROBLEM_FORBIDDEN, "The API key belongs to another team.",
        ", error=\"insufficient_scope\"", "another team's key"},
    /* RFC 6750 section 3.1 has no error for a key that holds too much. */
    [UK_DENIED] = {
        UK_PROBLEM_FORBIDDEN, "The API key is not allowed here.",
        "", "by a negated Require, or one of another module"},
};
/* clang-format on */

static int status_of(const refusal_t *refusal)
{
    return uk_problem_type(refusal->type)->status;
}

int uk_problem_note(request_rec *r, uk_verdict_e verdict, const char *subject)
{
    uk_request_t *state = uk_request_get(r);

    state->refusal = verdict;
    state->subject = subject;
    return verdict == UK_ACCEPTED ? OK : status_of(&refusals[verdict]);
}

const char *uk_problem_reason(uk_verdict_e verdict)
{
    return refusals[verdict].reason;
}

/* A sub-request that was refused, in the pool of the client's request. */
struct uk_refused_part_t {
    uk_verdict_e refusal;
    const char *subject;
    const char *missing;
    const char *auth_type, *realm; /* of its place; NULL: none */
};

int uk_problem_keep(request_rec *r, int status)
{
    const uk_request_t *state = uk_request_find(r);
    request_rec *client;
    uk_refused_part_t *part;

    if (!r->main || !ap_is_HTTP_ERROR(status) || !state
        || state->refusal == UK_ACCEPTED) {
        return status;
    }
    client = uk_request_of_client(r);
    part = apr_palloc(client->pool, sizeof(*part));
    *part = (uk_refused_part_t){
        state->refusal,
        state->subject,
        apr_pstrdup(client->pool, state->missing),
        apr_pstrdup(client->pool, ap_auth_type(r)),
        apr_pstrdup(client->pool, ap_auth_name(r)),
    };
    uk_request_get(client)->refused_part = part;
    return status;
}

/* A request that has no refusal of its own gets that of a sub-request, if it
 * ended with the same status. */
static void adopt_refusal(request_rec *r)
{
    const uk_request_t *client = uk_request_find(uk_request_of_client(r));
    const uk_refused_part_t *part = client ? client->refused_part : NULL;
    uk_request_t *state;

    if (!part || r->main || status_of(&refusals[part->refusal]) != r->status) {
        return;
    }
    state = uk_request_get(r);
    if (state->refusal == UK_ACCEPTED && !state->is_authorizing) {
        state->refusal = part->refusal;
        state->subject = part->subject;
        state->missing = part->missing;
        state->refused_for = part;
    }
}

/* The noted refusal, or that of a Require line of another module, if the request
 * ended with its status; else NULL, because something else may have decided. */
static const refusal_t *refusal_of(const request_rec *r,
                                   const uk_request_t *state)
{
    int status = r->status == HTTP_PROXY_AUTHENTICATION_REQUIRED
                     ? HTTP_UNAUTHORIZED
                     : r->status;

    if (!state) {
        return NULL;
    }
    if (state->refusal != UK_ACCEPTED
        && status_of(&refusals[state->refusal]) == status) {
        return &refusals[state->refusal];
    }
    return state->is_authorizing && status == HTTP_FORBIDDEN
               ? &refusals[UK_DENIED]
               : NULL;
}

/* The sub-request in whose stead a request is refused; NULL: none. */
static const uk_refused_part_t *refused_for(request_rec *r)
{
    const uk_request_t *state = uk_request_find(r);

    return state ? state->refused_for : NULL;
}

static const char *realm_of(request_rec *r)
{
    const uk_refused_part_t *part = refused_for(r);
    const char *realm = part ? part->realm : ap_auth_name(r);

    return realm ? realm : "api";
}

void uk_problem_challenge(request_rec *r, const char *error, const char *scopes)
{
    const uk_refused_part_t *part = refused_for(r);
    const char *type = part ? part->auth_type : ap_auth_type(r);
    const char *scope =
        scopes ? apr_pstrcat(r->pool, ", scope=\"", scopes, "\"", NULL) : "";

    /* The module of another AuthType sets its own challenge. */
    if (type && ap_cstr_casecmp(type, UK_AUTH_TYPE) != 0) {
        return;
    }
    apr_table_setn(r->err_headers_out,
                   r->proxyreq == PROXYREQ_PROXY ? "Proxy-Authenticate"
                                                 : "WWW-Authenticate",
                   apr_pstrcat(r->pool, "Bearer realm=\"", realm_of(r), "\"",
                               error, scope, NULL));
}

/* Random bytes cost a system call, and a client can cause very many refusals:
 * so a thread has a pool of them. The pool of httpd's parent, which children
 * would inherit, is never used: the parent refuses no request. */
#define RANDOM_POOL 64

const char *uk_problem_make_id(apr_pool_t *pool)
{
    static _Thread_local unsigned char random[RANDOM_POOL][UK_UUID_BYTES];
    static _Thread_local int available;
    char uuid[UK_UUID_LEN + 1];

    if (available == 0) {
        uk_secret_random(random, sizeof(random));
        available = RANDOM_POOL;
    }
    uk_uuid_format(random[--available], uuid);
    return apr_pstrmemdup(pool, uuid, UK_UUID_LEN);
}

void uk_problem_respond(request_rec *r)
{
    uk_request_t *state;
    const refusal_t *refusal;

    adopt_refusal(r);
    state = uk_request_find(r);
    refusal = refusal_of(r, state);
    if (!refusal || state->instance) {
        return;
    }
    state->instance = uk_problem_make_id(r->pool);
    if (refusal->challenge) {
        uk_problem_challenge(r, refusal->challenge, state->missing);
    }
    apr_table_setn(r->err_headers_out, "Cache-Control", "no-store");
    /* httpd would upgrade while it runs an ErrorDocument, and mod_http2 would
     * run that as a request of its own, with status 200. */
    apr_table_unset(r->headers_in, "Upgrade");
    if (status_of(refusal) == HTTP_SERVICE_UNAVAILABLE) {
        apr_table_setn(r->err_headers_out, "Retry-After",
                       UK_RETRY_AFTER_SECONDS);
    }
    ap_log_rerror(
        APLOG_MARK, APLOG_INFO, 0, r,
        UKLOGNO(0010) "refused with %d: %s%s%s%s%s, " UK_INSTANCE_SCHEME "%s",
        status_of(refusal), refusal->reason, *state->subject ? ", key " : "",
        state->subject, state->missing ? ", needs one of: " : "",
        state->missing ? state->missing : "", state->instance);
}

static const char *detail_of(request_rec *r, const uk_request_t *state,
                             const refusal_t *refusal)
{
    if (!state->missing) {
        return refusal->detail;
    }
    return apr_psprintf(r->pool,
                        strchr(state->missing, ' ')
                            ? "The API key needs one of these scopes: %s."
                            : "The API key needs the scope %s.",
                        state->missing);
}

/* A client can cause very many of these, so they must cost little. No string in
 * them needs to be escaped: names of scopes, literals, a UUID, and a base that
 * the directive has checked. */
static const char *refusal_document(request_rec *r, const uk_request_t *state,
                                    const refusal_t *refusal)
{
    const uk_problem_type_t *type = uk_problem_type(refusal->type);

    return apr_pstrcat(
        r->pool, "{\"type\":\"", uk_config_problem_base(uk_dir_config(r)),
        type->name, "\",\"title\":\"", type->title,
        "\",\"status\":", apr_itoa(r->pool, r->status), ",\"detail\":\"",
        detail_of(r, state, refusal), "\",\"instance\":\"" UK_INSTANCE_SCHEME,
        state->instance, "\"}", NULL);
}

/* A document that replaces httpd's own page. */
typedef struct {
    const char *type;
    const char *document;
    int is_sent;
} replacement_t;

/* Each brigade of httpd's page is dropped; the document is sent once. */
static apr_status_t problem_filter(ap_filter_t *filter,
                                   apr_bucket_brigade *brigade)
{
    request_rec *r = filter->r;
    apr_bucket_alloc_t *alloc = r->connection->bucket_alloc;
    replacement_t *replacement = filter->ctx;
    apr_size_t len = strlen(replacement->document);

    apr_brigade_cleanup(brigade);
    if (replacement->is_sent) {
        return APR_SUCCESS;
    }
    replacement->is_sent = 1;
    ap_set_content_type(r, replacement->type);
    ap_set_content_length(r, (apr_off_t)(len + strlen(END)));
    APR_BRIGADE_INSERT_TAIL(
        brigade,
        apr_bucket_pool_create(replacement->document, len, r->pool, alloc));
    APR_BRIGADE_INSERT_TAIL(
        brigade, apr_bucket_immortal_create(END, strlen(END), alloc));
    APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_eos_create(alloc));
    return ap_pass_brigade(filter->next, brigade);
}

void uk_problem_replace_page(request_rec *r, const char *type,
                             const char *document)
{
    replacement_t *replacement = apr_pcalloc(r->pool, sizeof(*replacement));

    replacement->type = type;
    replacement->document = document;
    if (!ap_response_code_string(r, ap_index_of_response(r->status))) {
        ap_add_output_filter_handle(filter_rec, replacement, r, r->connection);
    }
}

void uk_problem_insert_filter(request_rec *r)
{
    const uk_request_t *state;
    const refusal_t *refusal;

    uk_problem_respond(r);
    state = uk_request_find(r);
    refusal = refusal_of(r, state);
    if (refusal) {
        uk_problem_replace_page(r, "application/problem+json",
                                refusal_document(r, state, refusal));
    }
}

void uk_problem_register(void)
{
    filter_rec = ap_register_output_filter(
        "UPTIME_KEYS_PROBLEM", problem_filter, NULL, AP_FTYPE_CONTENT_SET);
}
