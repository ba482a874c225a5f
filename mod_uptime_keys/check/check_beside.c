/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of what stands beside the module in httpd. */
#include "check/check_beside.h"

#include <apr_strings.h>

/* The first httpd 2.4 whose mod_remoteip obeys lists in a virtual host. */
#define REMOTEIP_PATCH 71

uk_check_e uk_check_remoteip(const uk_check_context_t *context,
                             const char **message)
{
    const uk_check_beside_t *beside = &context->beside;

    if (!beside->remoteip || beside->httpd_patch >= REMOTEIP_PATCH) {
        return UK_CHECK_NOT_APPLICABLE;
    }
    if (beside->httpd_patch == 0) {
        *message = apr_psprintf(context->db->pool,
                                "%s, in a virtual host, is obeyed only since "
                                "httpd 2.4.%d; for an older one write it "
                                "outside of virtual hosts",
                                beside->remoteip, REMOTEIP_PATCH);
        return UK_CHECK_OK;
    }
    *message = apr_psprintf(
        context->db->pool,
        "%s, in a virtual host, is not obeyed by httpd 2.4.%d, so a client's "
        "address is its proxy's, or what the client says; write it outside of "
        "virtual hosts, or upgrade to 2.4.%d",
        beside->remoteip, beside->httpd_patch, REMOTEIP_PATCH);
    return UK_CHECK_WARNING;
}

uk_check_e uk_check_mpm(const uk_check_context_t *context, const char **message)
{
    if (!context->beside.mpm_itk) {
        return UK_CHECK_NOT_APPLICABLE;
    }
    *message = apr_psprintf(context->db->pool,
                            "mpm-itk (%s) forks a process for each connection, "
                            "which then has none to the database; httpd does "
                            "not start with it and this module: use another "
                            "MPM",
                            context->beside.mpm_itk);
    return UK_CHECK_WARNING;
}
