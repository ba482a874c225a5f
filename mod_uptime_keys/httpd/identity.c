/* SPDX-License-Identifier: Apache-2.0 */
/* The identity of a request, for the rest of httpd and for backends. */
#include "httpd/identity.h"

#include <string.h>

#include "httpd/config.h"
#include "httpd/privacy.h"

#define VARIABLE "UPTIME_"
#define KEY_ID VARIABLE "KEY_ID"
#define KEY_NAME VARIABLE "KEY_NAME"
#define KEY_PREFIX VARIABLE "KEY_PREFIX"
#define KEY_SCOPES VARIABLE "KEY_SCOPES"
#define KEY_EXPIRES VARIABLE "KEY_EXPIRES"
#define KEY_ROTATED VARIABLE "KEY_ROTATED"
#define TEAM VARIABLE "TEAM"
/* Where mod_proxy splits the Connection header, at more characters than HTTP
 * does. */
#define SEPARATORS ",; \t\r\n\v\f"

static ap_filter_rec_t *filter_rec;

/* The headers: what follows the configured prefix, and where in the principal
 * the string is. */
typedef struct {
    const char *name;
    size_t offset;
} header_t;

static const header_t identity_headers[] = {
    {"-Key-Id", APR_OFFSETOF(uk_principal_t, id)},
    {"-Key-Name", APR_OFFSETOF(uk_principal_t, name)},
    {"-Team", APR_OFFSETOF(uk_principal_t, team)},
    {"-Scopes", APR_OFFSETOF(uk_principal_t, scope_names)},
};

#define HEADERS (sizeof(identity_headers) / sizeof(identity_headers[0]))

static const char *header_value(const header_t *header,
                                const uk_principal_t *principal)
{
    return *(const char *const *)((const char *)principal + header->offset);
}

/* @param principal NULL: there is nobody, and the headers are empty */
static void set_headers(apr_pool_t *pool, apr_table_t *table,
                        const char *prefix, const uk_principal_t *principal)
{
    size_t i;

    for (i = 0; i < HEADERS; i++) {
        const header_t *header = &identity_headers[i];

        apr_table_setn(table, apr_pstrcat(pool, prefix, header->name, NULL),
                       principal ? header_value(header, principal) : "");
    }
}

static const char *expiry(apr_pool_t *pool, const uk_principal_t *principal)
{
    char string[UK_INSTANT_STRING_LEN + 1];

    uk_instant_format(principal->expires_at, string);
    return apr_pstrdup(pool, string);
}

/* @return 1 if the environment has such variables already: that of a
 * sub-request does, and SetEnvIf can set any */
static int env_is_set(const request_rec *r)
{
    const apr_array_header_t *variables = apr_table_elts(r->subprocess_env);
    int i;

    for (i = 0; i < variables->nelts; i++) {
        const char *name =
            APR_ARRAY_IDX(variables, i, const apr_table_entry_t).key;

        if (ap_cstr_casecmpn(name, VARIABLE, sizeof(VARIABLE) - 1) == 0) {
            return 1;
        }
    }
    return 0;
}

static void remove_variables(apr_table_t *env)
{
    static const char *const names[] = {
        KEY_ID,      KEY_NAME, KEY_PREFIX,  KEY_SCOPES,
        KEY_EXPIRES, TEAM,     KEY_ROTATED,
    };
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        apr_table_unset(env, names[i]);
    }
}

/* Adding costs a fraction of replacing, which compares all names that begin
 * alike. */
static void publish_variables(request_rec *r, const uk_principal_t *principal)
{
    apr_table_t *env = r->subprocess_env;

    if (env_is_set(r)) {
        remove_variables(env);
    }
    apr_table_addn(env, KEY_ID, principal->id);
    apr_table_addn(env, KEY_NAME, principal->name);
    apr_table_addn(env, KEY_PREFIX, principal->prefix);
    apr_table_addn(env, KEY_SCOPES, principal->scope_names);
    apr_table_addn(env, TEAM, principal->team);
    if (principal->expires_at != UK_INSTANT_NONE) {
        apr_table_addn(env, KEY_EXPIRES, expiry(r->pool, principal));
    }
    if (principal->is_previous) {
        apr_table_addn(env, KEY_ROTATED, "1");
    }
}

/* CGI and many backends take '_' for '-', and ignore case. */
static char folded(char c)
{
    return c == '_' ? '-' : (char)apr_tolower(c);
}

static int is_folded_equal(const char *name, const char *prefix,
                           const char *rest)
{
    for (; *prefix; prefix++, name++) {
        if (folded(*name) != folded(*prefix)) {
            return 0;
        }
    }
    for (; *rest; rest++, name++) {
        if (folded(*name) != folded(*rest)) {
            return 0;
        }
    }
    return *name == '\0';
}

static int is_identity_header(const char *name, const char *prefix)
{
    size_t i = 0;

    while (i < HEADERS
           && !is_folded_equal(name, prefix, identity_headers[i].name)) {
        i++;
    }
    return i < HEADERS;
}

static const char *find_spoofed(const apr_table_t *table, const char *prefix)
{
    const apr_array_header_t *headers = apr_table_elts(table);
    int i;

    for (i = 0; i < headers->nelts; i++) {
        const char *name =
            APR_ARRAY_IDX(headers, i, const apr_table_entry_t).key;

        if (is_identity_header(name, prefix)) {
            return name;
        }
    }
    return NULL;
}

/* Names are overwritten with blanks and not cut out, so that the cost is linear
 * in the length of the list; its elements may be empty (RFC 9110 section
 * 5.6.1.2). */
static void blank_identity_headers(char *list, const char *prefix)
{
    while (*(list += strspn(list, SEPARATORS))) {
        size_t len = strcspn(list, SEPARATORS);
        char end = list[len];

        list[len] = '\0';
        if (is_identity_header(list, prefix)) {
            memset(list, ' ', len);
        }
        list[len] = end;
        list += len;
    }
}

/* mod_proxy removes the headers that the client's Connection header names: the
 * backend would see no identity. Values are replaced in place: apr_table_elts()
 * returns a const array, but it is the table's own storage, which is not const;
 * and the table looks at nothing but keys, which stay. */
static void disconnect_identity_headers(apr_pool_t *pool, apr_table_t *table,
                                        const char *prefix)
{
    const apr_array_header_t *headers = apr_table_elts(table);
    int i;

    for (i = 0; i < headers->nelts; i++) {
        apr_table_entry_t *header =
            &APR_ARRAY_IDX(headers, i, apr_table_entry_t);

        if (ap_cstr_casecmp(header->key, "Connection") == 0) {
            header->val = apr_pstrdup(pool, header->val);
            blank_identity_headers(header->val, prefix);
        }
    }
}

static void remove_spoofed_headers(apr_pool_t *pool, apr_table_t *headers,
                                   const char *prefix)
{
    const char *name;

    while ((name = find_spoofed(headers, prefix)) != NULL) {
        apr_table_unset(headers, name);
    }
    disconnect_identity_headers(pool, headers, prefix);
}

void uk_identity_remove_spoofed(request_rec *r)
{
    const char *prefix = uk_config_identity_prefix(uk_dir_config(r));

    if (prefix) {
        remove_spoofed_headers(r->pool, r->headers_in, prefix);
    }
}

/* Trailers come with the end of the body, after the headers were cleaned. With
 * MergeTrailers On, httpd then merges them into the headers, in a new table. */
static apr_status_t trailers_filter(ap_filter_t *filter,
                                    apr_bucket_brigade *brigade,
                                    ap_input_mode_t mode, apr_read_type_e block,
                                    apr_off_t bytes)
{
    request_rec *r = filter->r;
    const char *prefix = uk_config_identity_prefix(uk_dir_config(r));
    apr_table_t *headers = r->headers_in;
    apr_status_t rv = ap_get_brigade(filter->next, brigade, mode, block, bytes);

    if (!prefix) {
        return rv;
    }
    remove_spoofed_headers(r->pool, r->trailers_in, prefix);
    if (r->headers_in != headers) {
        r->headers_in = apr_table_overlay(r->pool, headers, r->trailers_in);
    }
    return rv;
}

/* Only HTTP/2 allows trailers after a body of known length. Such a body gets no
 * filter unless it must, because mod_proxy streams it only without one. */
static int may_have_trailers(const request_rec *r)
{
    const core_server_config *core =
        ap_get_core_module_config(r->server->module_config);

    return apr_table_get(r->headers_in, "Transfer-Encoding")
           || (r->proto_num >= HTTP_VERSION(2, 0)
               && core->merge_trailers == AP_MERGE_TRAILERS_ENABLE);
}

int uk_identity_guard_trailers(request_rec *r)
{
    if (uk_config_identity_prefix(uk_dir_config(r)) && may_have_trailers(r)) {
        ap_add_input_filter_handle(filter_rec, NULL, r, r->connection);
    }
    return DECLINED;
}

void uk_identity_register(void)
{
    filter_rec = ap_register_input_filter(
        "UPTIME_KEYS_TRAILERS", trailers_filter, NULL, AP_FTYPE_CONTENT_SET);
}

void uk_identity_publish(request_rec *r, const uk_principal_t *principal)
{
    const char *prefix = uk_config_identity_prefix(uk_dir_config(r));

    uk_privacy_keep(r);
    uk_identity_remove_spoofed(r);
    /* It lives as long: it is of this request, or of one that this comes from. */
    r->user = (char *)principal->id;
    r->ap_auth_type = (char *)UK_AUTH_TYPE;
    publish_variables(r, principal);
    if (prefix) {
        set_headers(r->pool, r->headers_in, prefix, principal);
    }
}

void uk_identity_answer(request_rec *r, const uk_principal_t *principal)
{
    const char *prefix = uk_config_identity_prefix(uk_dir_config(r));

    set_headers(r->pool, r->headers_out, prefix ? prefix : UK_IDENTITY_PREFIX,
                principal);
}

int uk_identity_is_published(request_rec *r, const uk_principal_t *principal)
{
    const char *id = apr_table_get(r->subprocess_env, KEY_ID);

    return id && strcmp(id, principal->id) == 0;
}
