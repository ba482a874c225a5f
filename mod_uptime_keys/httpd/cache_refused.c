/* SPDX-License-Identifier: Apache-2.0 */
/* The refusals that the cache keeps for a moment. */
#include "httpd/cache_refused.h"

#include <apr_shm.h>
#include <apr_strings.h>
#include <string.h>

#include "core/refusals.h"
#include "httpd/config.h"
#include "httpd/figures.h"
#include "httpd/lease.h"
#include "httpd/state.h"

static uk_refusals_t *refusals;

int uk_cache_refused_create(apr_pool_t *pconf, server_rec *main_server)
{
    apr_shm_t *shared;
    apr_status_t rv = apr_shm_create(&shared, sizeof(*refusals), NULL, pconf);

    refusals = NULL;
    if (rv != APR_SUCCESS) {
        ap_log_error(
            APLOG_MARK, APLOG_WARNING, rv, main_server,
            UKLOGNO(0056) "UptimeKeysCache cannot allocate shared "
                          "memory for refusals, every key is looked up");
        return 0;
    }
    refusals = apr_shm_baseaddr_get(shared);
    return 1;
}

/* What a verdict depends on beside the row. */
static unsigned char rules_of(const request_rec *r)
{
    return (unsigned char)uk_config_require_checksum(
        uk_server_config(r->server));
}

int uk_cache_refused_find(request_rec *r, apr_pool_t *pool,
                          uk_look_up_t *look_up)
{
    uk_refusal_t refusal = {.rules = rules_of(r)};

    memcpy(refusal.digest, look_up->digest, sizeof(refusal.digest));
    if (!uk_refusals_find(refusals, &refusal, look_up->began)
        || !uk_lease_is_valid(uk_server_state(r->server)->lease, refusal.round,
                              refusal.group)) {
        return 0;
    }
    look_up->verdict = refusal.verdict;
    look_up->id = *refusal.id ? apr_pstrdup(pool, refusal.id) : NULL;
    uk_figures_count(r, UK_COUNT_CACHE + UK_CACHE_SHARED);
    return 1;
}

void uk_cache_refused_store(request_rec *r, const uk_look_up_t *look_up,
                            uk_verdict_e verdict,
                            const uk_principal_t *principal)
{
    uk_refusal_t refusal = {.looked_up_at = look_up->began,
                            .round = look_up->round,
                            .verdict = (unsigned char)verdict,
                            .rules = rules_of(r)};

    if (verdict != UK_UNKNOWN && verdict != UK_EXPIRED && verdict != UK_DISABLED
        && verdict != UK_ROTATED) {
        return;
    }
    memcpy(refusal.digest, look_up->digest, sizeof(refusal.digest));
    /* What makes an unknown key good is no change of a row: its group is any. */
    if (principal) {
        refusal.group = principal->group;
        apr_cpystrn(refusal.id, principal->id, sizeof(refusal.id));
    }
    uk_refusals_store(refusals, &refusal);
}

void uk_cache_refused_remove(const uk_look_up_t *look_up)
{
    uk_refusals_remove(refusals, look_up->digest);
}
