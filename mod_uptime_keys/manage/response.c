/* SPDX-License-Identifier: Apache-2.0 */
/* Responses of the management endpoints: documents and problems. */
#include "manage/response.h"

#include <string.h>

#include "httpd/config.h"
#include "httpd/dbd.h"
#include "httpd/problem.h"
#include "manage/body.h"
#include "manage/view.h"

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

void uk_response_add_link(const uk_context_t *ctx, const char *url,
                          const char *rel)
{
    request_rec *r = ctx->r;

    apr_table_addn(r->headers_out, "Link",
                   apr_psprintf(r->pool, "<%s>; rel=\"%s\"", url, rel));
}

static int send_document(const uk_context_t *ctx, int status, const char *type,
                         const char *document)
{
    request_rec *r = ctx->r;

    /* In a shell, the prompt is to begin on a new line. */
    document = apr_pstrcat(r->pool, document, "\n", NULL);
    r->status = status;
    uk_response_set_headers(ctx);
    ap_set_content_type(r, type);
    ap_set_content_length(r, (apr_off_t)strlen(document));
    ap_rputs(document, r);
    /* Send it now: httpd would first read the rest of the request's body. */
    ap_rflush(r);
    return DONE;
}

int uk_respond(uk_context_t *ctx, int status, const char *document)
{
    return send_document(ctx, status, ctx->view->type, document);
}

/* Write a problem as a document, and log it. */
static const char *problem_document(const uk_context_t *ctx,
                                    const uk_problem_type_t *type,
                                    const char *detail,
                                    const apr_array_header_t *errors)
{
    request_rec *r = ctx->r;
    const uk_problem_document_t problem = {
        .type = apr_pstrcat(r->pool, uk_config_problem_base(uk_dir_config(r)),
                            type->name, NULL),
        .title = type->title,
        .status = type->status,
        .detail = detail ? detail : type->detail,
        .instance =
            apr_pstrcat(r->pool, UK_INSTANCE_SCHEME, ctx->request_id, NULL),
        .errors = errors,
    };

    ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r,
                  UKLOGNO(0041) "%s refused with %d %s: %s, %s", r->method,
                  type->status, type->name, problem.detail, problem.instance);
    return ctx->view->problem(ctx, &problem);
}

/* How a problem is counted; where there is no row, as refused. */
static const uk_managed_e counted_as[UK_PROBLEMS] = {
    [UK_PROBLEM_BAD_REQUEST] = UK_MANAGED_INVALID,
    [UK_PROBLEM_VALIDATION] = UK_MANAGED_INVALID,
    [UK_PROBLEM_TIMEOUT] = UK_MANAGED_INVALID,
    [UK_PROBLEM_TOO_LARGE] = UK_MANAGED_INVALID,
    [UK_PROBLEM_MEDIA_TYPE] = UK_MANAGED_INVALID,
    [UK_PROBLEM_LIMIT] = UK_MANAGED_LIMIT,
    [UK_PROBLEM_INTERNAL] = UK_MANAGED_UNAVAILABLE,
    [UK_PROBLEM_UNAVAILABLE] = UK_MANAGED_UNAVAILABLE,
};

static uk_managed_e managed_as(uk_problem_e type)
{
    return counted_as[type] == UK_MANAGED_OK ? UK_MANAGED_REFUSED
                                             : counted_as[type];
}

static int send_problem(uk_context_t *ctx, uk_problem_e type,
                        const char *detail, const apr_array_header_t *errors)
{
    const uk_problem_type_t *row = uk_problem_type(type);

    ctx->managed = managed_as(type);
    return send_document(ctx, row->status, ctx->view->problem_type,
                         problem_document(ctx, row, detail, errors));
}

/* The type of an error that httpd answers by itself: the first with its status,
 * or else a general one. */
static uk_problem_type_t type_of_error(request_rec *r)
{
    uk_problem_type_t other = *uk_problem_type(
        ap_is_HTTP_SERVER_ERROR(r->status) ? UK_PROBLEM_INTERNAL
                                           : UK_PROBLEM_BAD_REQUEST);
    int i;

    other.status = r->status;
    other.detail =
        apr_psprintf(r->pool, "The server answered with status %d.", r->status);
    for (i = 0; i < UK_PROBLEMS; i++) {
        const uk_problem_type_t *type = uk_problem_type((uk_problem_e)i);

        if (type->status == r->status) {
            other = *type;
            break;
        }
    }
    if (r->status == HTTP_REQUEST_ENTITY_TOO_LARGE) {
        other.detail = uk_body_limit_of_httpd(r);
    }
    return other;
}

void uk_response_replace_error(const uk_context_t *ctx)
{
    request_rec *r = ctx->r;

    /* httpd inserts this filter for redirections, too. */
    if (ap_is_HTTP_ERROR(r->status)) {
        const uk_problem_type_t type = type_of_error(r);

        uk_problem_replace_page(r, ctx->view->problem_type,
                                problem_document(ctx, &type, NULL, NULL));
    }
}

int uk_respond_problem(uk_context_t *ctx, uk_problem_e type, const char *detail)
{
    return send_problem(ctx, type, detail, NULL);
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
    /* It is counted as a place that needs this scope would count it. */
    uk_problem_note(r, UK_SCOPE_MISSING, "");
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
    apr_table_setn(ctx->r->err_headers_out, "Retry-After",
                   UK_RETRY_AFTER_SECONDS);
    return uk_respond_problem(ctx, UK_PROBLEM_UNAVAILABLE, NULL);
}
