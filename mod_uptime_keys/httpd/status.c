/* SPDX-License-Identifier: Apache-2.0 */
/* The figures on the page of mod_status (UptimeKeysServerStatus). */
#include "httpd/status.h"

#include <apr_optional_hooks.h>
#include <mod_status.h>
#include <string.h>

#include "httpd/config.h"
#include "httpd/figures.h"

/* A block that is being written. */
typedef struct {
    request_rec *r;
    int is_short; /* ?auto: lines for programs */
} block_t;

/* "no_key" as it is written in the names of ?auto: "NoKey". */
static const char *camel_case(apr_pool_t *pool, const char *name)
{
    char *written = apr_palloc(pool, strlen(name) + 1), *to = written;
    int is_first = 1;

    for (; *name; name++) {
        if (*name != '_') {
            *to++ = is_first ? (char)apr_toupper(*name) : *name;
        }
        is_first = *name == '_';
    }
    *to = '\0';
    return written;
}

/* @param group for programs, "Requests"; title for readers */
static void print_figure(const block_t *block, const char *group,
                         const char *title, const char *name,
                         apr_uint64_t value)
{
    request_rec *r = block->r;

    if (block->is_short) {
        ap_rprintf(r, "UptimeKeys%s%s: %" APR_UINT64_T_FMT "\n", group,
                   camel_case(r->pool, name), value);
    }
    else {
        ap_rprintf(r, "<dt>%s%s%s: %" APR_UINT64_T_FMT "</dt>\n", title,
                   *name ? " " : "", name, value);
    }
}

static void print_counters(const block_t *block, const char *group,
                           const char *title, const char *const names[],
                           int count, int first)
{
    int i;

    for (i = 0; i < count; i++) {
        print_figure(block, group, title, names[i], uk_figures_sum(first + i));
    }
}

static void print_database(const block_t *block)
{
    apr_uint64_t count = 0;
    int i, hold = uk_figures_all_leases_hold();

    for (i = 0; i <= UK_HISTOGRAM_BOUNDS; i++) {
        count += uk_figures_sum(UK_COUNT_BUCKET + i);
    }
    if (hold >= 0) {
        print_figure(block, "CacheLeaseHeld", "Lease on cached keys held", "",
                     (apr_uint64_t)hold);
    }
    print_figure(block, "DatabaseUp", "Database up", "",
                 (apr_uint64_t)uk_figures_all_up());
    print_figure(block, "DatabaseWork", "Work of the database", "", count);
    print_figure(block, "DatabaseMicroseconds", "Microseconds of it", "",
                 uk_figures_sum(UK_COUNT_MICROSECONDS));
    print_counters(block, "DatabaseErrors",
                   "Errors of the database:", uk_failure_names, UK_FAILURES,
                   UK_COUNT_FAILURE);
}

static void print_all(const block_t *block)
{
    print_counters(block, "Requests", "Requests", uk_decided_names,
                   UK_DECIDED_COUNT, UK_COUNT_REQUEST);
    print_counters(block, "CacheLookups",
                   "Look-ups in the cache:", uk_cache_names, UK_CACHE_COUNT,
                   UK_COUNT_CACHE);
    print_database(block);
}

static int print_block(request_rec *r, int flags)
{
    const block_t block = {r, flags & AP_STATUS_SHORT};

    if (!uk_config_server_status(uk_server_config(r->server))
        || !uk_figures_are_there()) {
        return DECLINED;
    }
    if (!block.is_short) {
        ap_rputs("<hr />\n<h2>API keys</h2>\n<dl>\n", r);
    }
    print_all(&block);
    if (!block.is_short) {
        ap_rputs("</dl>\n", r);
    }
    return OK;
}

void uk_status_register(void)
{
    APR_OPTIONAL_HOOK(ap, status_hook, print_block, NULL, NULL,
                      APR_HOOK_MIDDLE);
}
