/* SPDX-License-Identifier: Apache-2.0 */
/* SetHandler uptime-keys-verify: another server asks whether it may let a request
 * in. */
#include "httpd/verify_handler.h"

#include <apr_escape.h>
#include <stdatomic.h>
#include <string.h>

#include "httpd/authn.h"
#include "httpd/config.h"
#include "httpd/identity.h"
#include "httpd/problem.h"
#include "httpd/request.h"

/* A variable for servers that take nothing but 200 for a yes, as Envoy does. */
#define WANTS_200 "uptime-keys-verify-200"

/* Whether a path, as the client sent it, has a segment "..", escaped or not.
 * httpd has removed these from all other copies of the path. */
static int is_climbing(apr_pool_t *pool, const char *uri)
{
    char *path = apr_pstrmemdup(pool, uri, strcspn(uri, "?"));
    const char *segment = path;

    /* What is no escape remains as it is. */
    (void)apr_unescape_url(path, path, APR_ESCAPE_STRING, NULL, NULL, 0, NULL);
    while ((segment = strstr(segment, "/..")) != NULL) {
        segment += 3;
        if (*segment == '/' || *segment == '\0') {
            return 1;
        }
    }
    return 0;
}

static int refuse_path(request_rec *r)
{
    ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r,
                  UKLOGNO(0076) "refused with 400: the path of a request to "
                                "verify has a segment \"..\", so that a client "
                                "may have chosen the place");
    return HTTP_BAD_REQUEST;
}

/* At level error once in a child, as any client can cause it. */
static int refuse_open_place(request_rec *r)
{
    static atomic_flag is_logged = ATOMIC_FLAG_INIT;
    int level = atomic_flag_test_and_set(&is_logged) ? APLOG_INFO : APLOG_ERR;

    ap_log_rerror(
        APLOG_MARK, level, 0, r,
        UKLOGNO(0075) "refused with 500: SetHandler " UK_VERIFY_HANDLER
                      " stands where the Require lines let requests "
                      "in without a key; write AuthType uptime-key "
                      "and Require uptime-scope, or valid-user, and "
                      "no other Require beside it in a RequireAny");
    return HTTP_INTERNAL_SERVER_ERROR;
}

static int refuse_without_key(request_rec *r)
{
    if (!uk_request_has_user(r)) {
        return refuse_open_place(r);
    }
    ap_note_auth_failure(r);
    return uk_problem_note(r, UK_NO_KEY, "");
}

static int verifies(request_rec *r)
{
    return uk_config_verifies(uk_dir_config(r));
}

int uk_verify_handle(request_rec *r)
{
    const uk_request_t *state = uk_request_authenticated(r);

    /* AddHandler, which .htaccess may contain, does not enable it. */
    if (!r->handler || strcmp(r->handler, UK_VERIFY_HANDLER) != 0
        || !verifies(r)) {
        return DECLINED;
    }
    apr_table_setn(r->err_headers_out, "Cache-Control", "no-store");
    if (is_climbing(r->pool, r->unparsed_uri)) {
        return refuse_path(r);
    }
    if (!state && !uk_authn_is_free_preflight(r)) {
        return refuse_without_key(r);
    }
    uk_identity_answer(r, state ? state->principal : NULL);
    if (!apr_table_get(r->subprocess_env, WANTS_200)) {
        r->status = HTTP_NO_CONTENT;
    }
    /* httpd drops the body. */
    return OK;
}

int uk_verify_refuse_trace(request_rec *r)
{
    return r->method_number == M_TRACE && verifies(r) ? HTTP_METHOD_NOT_ALLOWED
                                                      : DECLINED;
}

const char *uk_verify_check_section(cmd_parms *cmd)
{
    return ap_check_cmd_context(cmd, NOT_IN_DIRECTORY | NOT_IN_FILES
                                         | NOT_IN_HTACCESS | NOT_IN_PROXY)
               ? "SetHandler " UK_VERIFY_HANDLER " is for a <Location>, or for "
                 "a whole server"
               : NULL;
}
