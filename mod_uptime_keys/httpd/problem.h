/* SPDX-License-Identifier: Apache-2.0 */
/* Refusals: what a verdict means as status, challenge, log line and problem
 * document. */
#ifndef UK_HTTPD_PROBLEM_H
#define UK_HTTPD_PROBLEM_H

#include "httpd/request.h"

/**
 * Note why a request is refused, in case it is refused in the end.
 *
 * Nothing is answered yet: another Require line may still grant access, and an
 * ErrorDocument may take over the body.
 *
 * @param verdict UK_ACCEPTED withdraws what was noted
 * @param subject for the log, the id or prefix of the key, or ""; it must live
 *                as long as the request
 * @return the HTTP status of the verdict; OK for UK_ACCEPTED
 */
int uk_problem_note(request_rec *r, uk_verdict_e verdict, const char *subject);

/** Authentication or authorization has ended. If it refuses a sub-request, as was
 *  noted, keep that for the request that the client sent: a module may answer that
 *  one with the same status, as mod_dir does where an index is refused, and
 *  nothing else is left of the sub-request then.
 *  @return the status */
int uk_problem_keep(request_rec *r, int status);

/** If a request ended with the status of a noted refusal: set the challenge,
 *  Cache-Control and Retry-After, and log UK0010. It does so once for a
 *  request. */
void uk_problem_respond(request_rec *r);

/** @return why a verdict refuses a key, for the log */
const char *uk_problem_reason(uk_verdict_e verdict);

/** @return a new UUID, in the pool, that names a problem or a request in the
 *  answer and in the log */
const char *uk_problem_make_id(apr_pool_t *pool);

/**
 * Set a Bearer challenge: WWW-Authenticate, or Proxy-Authenticate in a forward
 * proxy. It does nothing if another AuthType than uptime-key is in effect.
 *
 * @param error  parameters of the challenge that begin with ", ", or ""
 * @param scopes space separated, one of which would do; NULL: that is not the
 *               problem
 */
void uk_problem_challenge(request_rec *r, const char *error,
                          const char *scopes);

/**
 * In insert_error_filter: replace the page that httpd is about to send for an
 * error, unless an ErrorDocument is configured for the status.
 *
 * @param type     the media type of the document
 * @param document sent with a newline after it; both strings must live as long
 *                 as the request
 */
void uk_problem_replace_page(request_rec *r, const char *type,
                             const char *document);

/** Hook insert_error_filter: answer a noted refusal by uk_problem_respond() and
 *  a problem document in the place of httpd's page. */
void uk_problem_insert_filter(request_rec *r);

/** Register the filter that replaces pages, in register_hooks. */
void uk_problem_register(void);

#endif
