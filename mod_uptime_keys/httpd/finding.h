/* SPDX-License-Identifier: Apache-2.0 */
/* What was found out about a presented key, in the cache or in the database. */
#ifndef UK_HTTPD_FINDING_H
#define UK_HTTPD_FINDING_H

#include "httpd/request.h"

/* The outcome of a look-up. */
struct uk_finding_t {
    const uk_finding_t *before; /* NULL: it is the first */
    const char *value;          /* as it was presented */
    uk_verdict_e verdict;
    const uk_principal_t *principal; /* NULL unless UK_ACCEPTED */
    const char *subject;             /* for the log; NULL if UK_ACCEPTED */
};

/** Hook child_init: create the cache of scopes (store/scope_cache.h). */
void uk_finding_child_init(apr_pool_t *pchild);

/**
 * The outcome for a presented value. It is remembered on the client's request,
 * which outlives sub-requests: a listing of a directory makes thousands of them.
 *
 * @return never NULL; it lives as long as the client's request
 */
const uk_finding_t *uk_finding_get(request_rec *r, const char *value);

/**
 * Look the presented secret that authenticated a request up once more, in the
 * database. Scopes and addresses are not judged, and it is no use of the key.
 *
 * @param principal of the request
 * @param ends_at   receives when the secret ends, as uk_principal_t.expires_at;
 *                  unchanged unless it is accepted
 * @return UK_ACCEPTED; why the key no longer holds; UK_DATABASE_UNAVAILABLE,
 *         which is logged
 */
uk_verdict_e uk_finding_look_up_again(request_rec *r,
                                      const uk_principal_t *principal,
                                      uk_instant_t *ends_at);

#endif
