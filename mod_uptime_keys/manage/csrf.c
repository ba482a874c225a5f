/* SPDX-License-Identifier: Apache-2.0 */
/* Cross-site requests, which browsers send with the user's credentials. */
#include "manage/csrf.h"

#include <string.h>

#include "manage/response.h"

/* Whether an origin, "https://host:port", is this server. Either scheme counts,
 * because a proxy may terminate TLS. */
static int is_own_origin(request_rec *r, const char *origin)
{
    const char *host = apr_table_get(r->headers_in, "Host");

    if (ap_cstr_casecmpn(origin, "http://", 7) == 0) {
        origin += 7;
    }
    else if (ap_cstr_casecmpn(origin, "https://", 8) == 0) {
        origin += 8;
    }
    else {
        return 0;
    }
    return host && ap_cstr_casecmp(origin, host) == 0;
}

/* Source: Fetch Metadata Request Headers, section 2.4; RFC 6454 section 7. */
static int is_same_site(request_rec *r)
{
    const char *site = apr_table_get(r->headers_in, "Sec-Fetch-Site");
    const char *origin = apr_table_get(r->headers_in, "Origin");

    if (site) {
        return strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0;
    }
    return !origin || is_own_origin(r, origin);
}

int uk_csrf_check(uk_context_t *ctx)
{
    return is_same_site(ctx->r)
               ? OK
               : uk_respond_problem(ctx, UK_PROBLEM_FORBIDDEN,
                                    "The request comes from another site.");
}
