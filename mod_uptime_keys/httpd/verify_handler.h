/* SPDX-License-Identifier: Apache-2.0 */
/* SetHandler uptime-keys-verify: another server asks whether it may let a request
 * in (nginx auth_request, Caddy and Traefik forward auth, Envoy ext_authz). */
#ifndef UK_HTTPD_VERIFY_HANDLER_H
#define UK_HTTPD_VERIFY_HANDLER_H

#include "httpd/module.h"

/**
 * Hook handler, where the Require lines of the place have let the request in:
 * answer 204 with the identity in headers (uk_identity_answer()), whatever the
 * method and the path are. With the variable uptime-keys-verify-200 in the
 * environment it is 200, without a body.
 *
 * It never answers so without a key, but for a CORS preflight request that
 * needs none: a user of another kind gets 401; and if nobody was authenticated,
 * because the Require lines need no key, 500 and UK0075. A path with ".." gets
 * 400 and UK0076: whoever appends the path of a client to that of this place
 * lets the client choose the place.
 *
 * @return DECLINED unless this SetHandler is in effect
 */
int uk_verify_handle(request_rec *r);

/** Hook translate_name, before httpd answers TRACE with 200, without asking for
 *  authentication: the server in front would let the request in.
 *  @return 405 for TRACE at such a place, else DECLINED */
int uk_verify_refuse_trace(request_rec *r);

/** Where SetHandler is read: refuse the sections that httpd finds only after it
 *  has answered TRACE, those of files. @return NULL, or an error message */
const char *uk_verify_check_section(cmd_parms *cmd);

#endif
