/* SPDX-License-Identifier: Apache-2.0 */
/* What the configuration of httpd says about other modules, for the checks. */
#include "httpd/beside.h"

#include <limits.h>

#include "httpd/module.h"

static int is_proxy_list(const ap_directive_t *directive)
{
    static const char *const names[] = {
        "RemoteIPTrustedProxy", "RemoteIPTrustedProxyList",
        "RemoteIPInternalProxy", "RemoteIPInternalProxyList"};
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (ap_cstr_casecmp(directive->directive, names[i]) == 0) {
            return 1;
        }
    }
    return 0;
}

/* The first list of proxies in a virtual host. Sections like <IfModule> are no
 * part of the tree, only what is in them. */
static const ap_directive_t *find_proxy_list(void)
{
    const ap_directive_t *host, *directive;

    for (host = ap_conftree; host; host = host->next) {
        directive = ap_cstr_casecmp(host->directive, "<VirtualHost") == 0
                        ? host->first_child
                        : NULL;
        while (directive && !is_proxy_list(directive)) {
            directive = directive->next;
        }
        if (directive) {
            return directive;
        }
    }
    return NULL;
}

uk_check_beside_t uk_beside_find(apr_pool_t *pool)
{
    uk_check_beside_t beside = {NULL, 0, NULL};
    const ap_directive_t *list = find_proxy_list();
    ap_version_t httpd;

    ap_get_server_revision(&httpd);
    /* Whatever follows 2.4 obeys them. */
    beside.httpd_patch = httpd.minor > 4 ? INT_MAX : httpd.patch;
    if (list) {
        beside.remoteip =
            apr_psprintf(pool, "%s on line %d of %s", list->directive,
                         list->line_num, list->filename);
    }
    return beside;
}
