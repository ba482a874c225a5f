/* SPDX-License-Identifier: Apache-2.0 */
/* Refusals: from a verdict to a status, a challenge, a log line and a problem
 * document. */
#ifndef UK_HTTPD_PROBLEM_H
#define UK_HTTPD_PROBLEM_H

#include "httpd/request.h"

/**
 * Note why a request is refused, if it is refused in the end.
 *
 * Nothing is answered yet: authorization may still find another reason to let
 * it in, and an ErrorDocument may take over the body.
 *
 * @param subject whom it is about, for the log: a key's id or prefix, or ""
 * @return the HTTP status that belongs to the verdict
 */
int uk_problem_note(request_rec *r, uk_verdict_e verdict, const char *subject);

/** Add the challenge, Cache-Control and Retry-After to a request that ended in
 *  a noted refusal, and log it: once, where httpd refusals an error. */
void uk_problem_respond(request_rec *r);

/** A new UUID, to name a problem or a request in refusals and in the log. */
const char *uk_problem_make_id(apr_pool_t *pool);

/** Set the header of a Bearer challenge where AuthType uptime-key is in effect,
 *  or none at all. @param error ", error=…", or ""; @param scopes that would do,
 *  NULL where they are not what is missing */
void uk_problem_challenge(request_rec *r, const char *error,
                          const char *scopes);

/** Replace the page that httpd is about to send for an error, unless the admin
 *  has an ErrorDocument for it. @param type the document's media type */
void uk_problem_replace_page(request_rec *r, const char *type,
                             const char *document);

/** Hook: replace httpd's own error page by a problem document, unless the admin
 *  has an ErrorDocument for it. */
void uk_problem_insert_filter(request_rec *r);

void uk_problem_register(void);

#endif
