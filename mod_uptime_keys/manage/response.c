/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of the management endpoints: documents and problems. */
#include "manage/response.h"

#include <string.h>

#include "httpd/config.h"
#include "httpd/dbd.h"
#include "httpd/problem.h"
#include "manage/view.h"

#define RETRY_AFTER_SECONDS "1"

typedef struct {
    int status;
    const char *name;
    const char *title;
    const char *detail;
} kind_t;

static const kind_t kinds[UK_PROBLEMS] = {
    [UK_PROBLEM_BAD_REQUEST] = {HTTP_BAD_REQUEST, "bad-request", "Bad Request",
                                "The request cannot be understood."},
    [UK_PROBLEM_VALIDATION] = {HTTP_BAD_REQUEST, "validation-error",
                               "Validation Error",
                               "Some fields are not as they must be."},
    [UK_PROBLEM_LIMIT] =
        {HTTP_BAD_REQUEST, "limit-exceeded", "Limit Exceeded",
         "The team has as many keys as it may have; delete one first."},
    [UK_PROBLEM_UNAUTHORIZED] = {HTTP_UNAUTHORIZED, "unauthorized",
                                 "Unauthorized",
                                 "This needs a user or an API key."},
    [UK_PROBLEM_FORBIDDEN] = {HTTP_FORBIDDEN, "forbidden", "Forbidden",
                              "The caller may not do this."},
    [UK_PROBLEM_NOT_FOUND] = {HTTP_NOT_FOUND, "not-found", "Not Found",
                              "There is no such thing here."},
    [UK_PROBLEM_METHOD] = {HTTP_METHOD_NOT_ALLOWED, "method-not-allowed",
                           "Method Not Allowed",
                           "This resource does not have that method."},
    [UK_PROBLEM_CONFLICT] = {HTTP_CONFLICT, "conflict", "Conflict",
                             "The key that this form asks for was made "
                             "before. Its text was shown then, and cannot be "
                             "shown again."},
    [UK_PROBLEM_TOO_LARGE] = {HTTP_REQUEST_ENTITY_TOO_LARGE,
                              "payload-too-large", "Payload Too Large",
                              "A request has at most 65536 bytes."},
    [UK_PROBLEM_MEDIA_TYPE] =
        {HTTP_UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type",
         "Unsupported Media Type",
         "The body must be application/json or what an HTML form sends, "
         "without a content coding."},
    [UK_PROBLEM_INTERNAL] = {HTTP_INTERNAL_SERVER_ERROR, "internal",
                             "Internal Server Error",
                             "Something is wrong here; the server's error log "
                             "says what."},
    [UK_PROBLEM_UNAVAILABLE] =
        {HTTP_SERVICE_UNAVAILABLE, "unavailable", "Service Unavailable",
         "The database gives no answer. Try again soon."},
};

void uk_response_set_headers(const uk_context_t *ctx)
{
    apr_table_t *headers = ctx->r->err_headers_out;

    apr_table_setn(headers, "Cache-Control", "no-store");
    apr_table_setn(headers, "X-Content-Type-Options", "nosniff");
    apr_table_setn(headers, "Referrer-Policy", "no-referrer");
    apr_table_mergen(headers, "Vary", "Accept");
    if (ctx->view->policy) {
        apr_table_setn(headers, "Content-Security-Policy", ctx->view->policy);
        apr_table_setn(headers, "X-Frame-Options", "DENY");
    }
}

static int send_document(const uk_context_t *ctx, int status, const char *type,
                         const char *document)
{
    request_rec *r = ctx->r;

    /* A line of its own, for people with curl. */
    document = apr_pstrcat(r->pool, document, "\n", NULL);
    r->status = status;
    uk_response_set_headers(ctx);
    ap_set_content_type(r, type);
    ap_set_content_length(r, (apr_off_t)strlen(document));
    ap_rputs(document, r);
    /* A body that is still on its way need not be awaited. */
    ap_rflush(r);
    return DONE;
}

int uk_respond(uk_context_t *ctx, int status, const char *document)
{
    return send_document(ctx, status, ctx->view->type, document);
}

/* A problem as a document, which the log mentions. */
static const char *document_of(const uk_context_t *ctx, const kind_t *kind,
                               const char *detail,
                               const apr_array_header_t *errors)
{
    request_rec *r = ctx->r;
    const uk_json_problem_t problem = {
        .type = apr_pstrcat(r->pool, uk_config_problem_base(uk_dir_config(r)),
                            kind->name, NULL),
        .title = kind->title,
        .status = kind->status,
        .detail = detail ? detail : kind->detail,
        .instance = apr_pstrcat(r->pool, "urn:uuid:", ctx->request_id, NULL),
        .errors = errors,
    };

    ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r,
                  UKLOGNO(0041) "%s refused with %d %s: %s, %s", r->method,
                  kind->status, kind->name, problem.detail, problem.instance);
    return ctx->view->problem(ctx, &problem);
}

static int send_problem(uk_context_t *ctx, uk_problem_e kind,
                        const char *detail, const apr_array_header_t *errors)
{
    return send_document(ctx, kinds[kind].status, ctx->view->problem_type,
                         document_of(ctx, &kinds[kind], detail, errors));
}

/* What an error of httpd's own is to us. */
static kind_t kind_of(request_rec *r)
{
    kind_t kind =
        kinds[ap_is_HTTP_SERVER_ERROR(r->status) ? UK_PROBLEM_INTERNAL
                                                 : UK_PROBLEM_BAD_REQUEST];
    size_t i;

    for (i = 0; i < UK_PROBLEMS; i++) {
        if (kinds[i].status == r->status) {
            return kinds[i];
        }
    }
    kind.status = r->status;
    kind.detail =
        apr_psprintf(r->pool, "The server answered with status %d.", r->status);
    return kind;
}

void uk_response_replace_error(const uk_context_t *ctx)
{
    request_rec *r = ctx->r;

    /* A redirection is none. */
    if (ap_is_HTTP_ERROR(r->status)) {
        const kind_t kind = kind_of(r);

        uk_problem_replace_page(r, ctx->view->problem_type,
                                document_of(ctx, &kind, NULL, NULL));
    }
}

int uk_respond_problem(uk_context_t *ctx, uk_problem_e kind, const char *detail)
{
    return send_problem(ctx, kind, detail, NULL);
}

int uk_respond_invalid(uk_context_t *ctx, const apr_array_header_t *errors)
{
    return send_problem(ctx, UK_PROBLEM_VALIDATION, NULL, errors);
}

int uk_respond_unauthorized(uk_context_t *ctx)
{
    if (ap_auth_type(ctx->r)) {
        ap_note_auth_failure(ctx->r);
    }
    uk_problem_challenge(ctx->r, "", NULL);
    return uk_respond_problem(ctx, UK_PROBLEM_UNAUTHORIZED, NULL);
}

int uk_respond_scope_missing(uk_context_t *ctx, const char *scopes)
{
    request_rec *r = ctx->r;

    uk_problem_challenge(r, ", error=\"insufficient_scope\"", scopes);
    return uk_respond_problem(
        ctx, UK_PROBLEM_FORBIDDEN,
        apr_psprintf(r->pool, "The API key needs the scope %s.", scopes));
}

int uk_respond_method(uk_context_t *ctx, const char *allowed)
{
    apr_table_setn(ctx->r->err_headers_out, "Allow", allowed);
    return uk_respond_problem(ctx, UK_PROBLEM_METHOD, NULL);
}

int uk_respond_unavailable(uk_context_t *ctx)
{
    uk_dbd_log_unavailable(&ctx->db, ctx->r->server, APLOG_WARNING,
                           "keys cannot be managed");
    apr_table_setn(ctx->r->err_headers_out, "Retry-After", RETRY_AFTER_SECONDS);
    return uk_respond_problem(ctx, UK_PROBLEM_UNAVAILABLE, NULL);
}
