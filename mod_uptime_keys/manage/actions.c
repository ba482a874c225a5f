/* SPDX-License-Identifier: Apache-2.0 */
/* What can be done at the management endpoints. */
#include "manage/actions.h"

#include <string.h>

#include "core/keyid.h"
#include "core/token.h"
#include "httpd/config.h"
#include "httpd/lease.h"
#include "manage/response.h"
#include "manage/body.h"
#include "manage/auth.h"
#include "manage/form.h"
#include "manage/json.h"
#include "manage/view.h"

static const char *page_url(const uk_call_t *call, const uk_page_t *page,
                            const char *cursor, const char *rel)
{
    const char *team = apr_table_get(call->query, "team");

    return apr_psprintf(call->r->pool,
                        "<%s?perPage=%d&cursor=%s%s%s>; "
                        "rel=\"%s\"",
                        call->url, page->per_page, cursor, team ? "&team=" : "",
                        team ? call->team : "", rel);
}

static void set_links(const uk_call_t *call, const uk_page_t *page)
{
    apr_table_t *headers = call->r->headers_out;

    if (page->next) {
        apr_table_addn(headers, "Link",
                       page_url(call, page, page->next, "next"));
    }
    if (page->prev) {
        apr_table_addn(headers, "Link",
                       page_url(call, page, page->prev, "prev"));
    }
}

int uk_list_keys(uk_call_t *call)
{
    apr_array_header_t *keys;
    uk_page_t page;

    if (uk_store_keys_of_team(&call->db, call->team, &keys) != UK_OK) {
        return uk_answer_unavailable(call);
    }
    if (uk_page_cut(call->r->pool, keys, apr_table_get(call->query, "perPage"),
                    apr_table_get(call->query, "cursor"), &page)
        != 0) {
        return uk_answer_problem(call, UK_PROBLEM_BAD_REQUEST,
                                 "perPage is a number from 1 to 200, cursor "
                                 "what another page gave as next or prev.");
    }
    set_links(call, &page);
    return uk_answer_document(call, HTTP_OK, call->view->keys(call, &page));
}

static int has_error_at(const apr_array_header_t *errors, const char *pointer)
{
    int i;

    for (i = 0; i < errors->nelts; i++) {
        if (strcmp(APR_ARRAY_IDX(errors, i, uk_field_error_t).pointer, pointer)
            == 0) {
            return 1;
        }
    }
    return 0;
}

/* A member of a wrong type is missing too; that need not be said. */
static void add_errors(apr_array_header_t *errors,
                       const apr_array_header_t *more)
{
    int i;

    for (i = 0; i < more->nelts; i++) {
        uk_field_error_t error = APR_ARRAY_IDX(more, i, uk_field_error_t);

        if (!has_error_at(errors, error.pointer)) {
            APR_ARRAY_PUSH(errors, uk_field_error_t) = error;
        }
    }
}

static int read_json(uk_call_t *call, uk_key_wish_t *wish,
                     apr_array_header_t **errors)
{
    const char *error;
    apr_size_t len;
    char *body;
    int result = uk_body_read(call, "application/json", &body, &len);

    if (result == OK
        && uk_json_read_wish(call->r->pool, body, len, wish, errors, &error)
               != 0) {
        return uk_answer_problem(call, UK_PROBLEM_BAD_REQUEST, error);
    }
    return result;
}

static int read_form(uk_call_t *call, uk_key_wish_t *wish,
                     apr_array_header_t **errors)
{
    uk_form_t *form;
    apr_size_t len;
    char *body;
    int result = uk_body_read(call, UK_FORM_TYPE, &body, &len);

    if (result != OK) {
        return result;
    }
    if (strlen(body) != len || uk_form_read(call, body, &form, errors) != 0) {
        return uk_answer_problem(call, UK_PROBLEM_BAD_REQUEST,
                                 "The form is damaged.");
    }
    call->form = form;
    *wish = form->wish;
    return OK;
}

/* The key that the body asks for. @return OK; else the call is answered */
static int read_wanted(uk_call_t *call, uk_key_t *key)
{
    apr_array_header_t *errors, *more;
    uk_key_wish_t wish;
    int result = uk_body_has_type(call, UK_FORM_TYPE)
                     ? read_form(call, &wish, &errors)
                     : read_json(call, &wish, &errors);

    if (result != OK) {
        return result;
    }
    uk_key_wish_check(call->r->pool, uk_config_catalogue(), &wish, call->now,
                      key, &more);
    add_errors(errors, more);
    return errors->nelts ? uk_answer_invalid(call, errors)
                         : uk_caller_may_create(call, key);
}

static uk_actor_t actor_of(const uk_call_t *call)
{
    return (uk_actor_t){call->who, call->r->useragent_ip, call->now};
}

/* A name is anybody's text: httpd escapes what it writes to its log. */
static void log_change(const uk_call_t *call, const char *what, const char *id)
{
    ap_log_rerror(APLOG_MARK, APLOG_NOTICE, 0, call->r,
                  UKLOGNO(0040) "key %s of team %s %s by %s", id, call->team,
                  what, call->who);
}

static int answer_created(uk_call_t *call, const uk_key_t *key,
                          const char *token)
{
    apr_table_setn(
        call->r->headers_out, "Location",
        apr_pstrcat(call->r->pool, call->url, "/", key->id,
                    apr_table_get(call->query, "team") ? "?team=" : NULL,
                    call->team, NULL));
    log_change(call, "created", key->id);
    return uk_answer_document(call, HTTP_CREATED,
                              call->view->created(call, key, token));
}

/* A form brings the id along. */
static const char *choose_id(const uk_call_t *call)
{
    char id[UK_KEYID_LEN + 1];

    if (call->form) {
        return call->form->id;
    }
    uk_keyid_make(call->now, id);
    return apr_pstrdup(call->r->pool, id);
}

/* Give the wanted key its names and put it into the database. */
static int store_key(uk_call_t *call, uk_key_t *key, const char *token)
{
    uk_actor_t actor = actor_of(call);
    char prefix[UK_TOKEN_PREFIX_LEN + 1], hash[UK_HASH_LEN + 1];
    int limit = uk_config_max_per_team(uk_server_config(call->r->server));

    uk_token_prefix(token, UK_TOKEN_LEN, prefix);
    uk_secret_hash(token, UK_TOKEN_LEN, hash);
    key->id = choose_id(call);
    key->prefix = apr_pstrdup(call->r->pool, prefix);
    key->team = call->team;
    switch (uk_store_key_create(&call->db, &actor, key, hash, limit)) {
    case UK_OK:
        return answer_created(call, key, token);
    case UK_LIMIT:
        return uk_answer_problem(
            call, UK_PROBLEM_LIMIT,
            apr_psprintf(call->r->pool,
                         "The team has its %d keys already, "
                         "expired ones included; delete one first.",
                         limit));
    case UK_EXISTS:
        return uk_answer_problem(call, UK_PROBLEM_CONFLICT, NULL);
    case UK_NOT_FOUND:
        return uk_answer_problem(call, UK_PROBLEM_NOT_FOUND, NULL);
    default:
        return uk_answer_unavailable(call);
    }
}

int uk_create_key(uk_call_t *call)
{
    char token[UK_TOKEN_LEN + 1];
    uk_key_t key;
    int result = read_wanted(call, &key);

    if (result != OK) {
        return result;
    }
    uk_token_make(token);
    result = store_key(call, &key, token);
    uk_secret_wipe(token, sizeof(token));
    return result;
}

int uk_show_key(uk_call_t *call)
{
    uk_key_t *key;
    uk_outcome_e outcome = uk_store_key_by_id(&call->db, call->id, &key);

    if (outcome == UK_UNAVAILABLE) {
        return uk_answer_unavailable(call);
    }
    if (outcome != UK_OK || strcmp(key->team, call->team) != 0) {
        return uk_answer_problem(call, UK_PROBLEM_NOT_FOUND, NULL);
    }
    return uk_answer_document(call, HTTP_OK, call->view->key(call, key));
}

static int answer_deleted(uk_call_t *call)
{
    const char *document;
    int status;

    log_change(call, "deleted", call->id);
    document = call->view->deleted(call, &status);
    return uk_answer_document(call, status, document);
}

int uk_delete_key(uk_call_t *call)
{
    uk_actor_t actor = actor_of(call);

    switch (uk_lease_delete_key(call->r->server, &call->db, &actor, call->team,
                                call->id)) {
    case UK_OK:
        return answer_deleted(call);
    case UK_NOT_FOUND:
        return uk_answer_problem(call, UK_PROBLEM_NOT_FOUND, NULL);
    default:
        return uk_answer_unavailable(call);
    }
}

int uk_list_scopes(uk_call_t *call)
{
    return uk_answer_document(call, HTTP_OK, uk_json_write_scope_list(call));
}

int uk_show_openapi(uk_call_t *call)
{
    return uk_answer_document(call, HTTP_OK, uk_json_write_openapi(call));
}
