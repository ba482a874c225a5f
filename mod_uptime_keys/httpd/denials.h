/* SPDX-License-Identifier: Apache-2.0 */
/* Which of the Require lines that denied access are the reason of a refusal. */
#ifndef UK_HTTPD_DENIALS_H
#define UK_HTTPD_DENIALS_H

#include "httpd/request.h"

/*
 * httpd shows a provider one line after the other, and never the outcome. But
 * it goes on in a <RequireAll> only past what does not deny, and in a
 * <RequireAny> only past what does not grant: the position of a line tells
 * which of the denials before it still matter. Lines whose container is not
 * known, those of an <AuthzProviderAlias> and of sections that AuthMerging
 * joins, count as standing in one <RequireAny>.
 *
 * What lines of other modules decide is not seen. Where one of them makes up for
 * one of ours, and another one denies before a further line of ours is reached,
 * the refusal still tells what ours lacked: in a <RequireAll> of "Require user
 * olga" after a <RequireAny> of "Require uptime-scope A" and "Require
 * valid-user".
 *
 * A provider calls uk_denials_enter() for each line that it evaluates, then one
 * of the next two, or none if the line has no effect. The request must have
 * been authenticated by a key. Each call updates refusal and missing in its
 * state, by uk_problem_note().
 */

/** @return 1 if a line that holds can only deny: "Require not", and any line in
 *  a <RequireNone>; else 0. For the parser of a line. */
int uk_denials_is_negated(const ap_directive_t *line, apr_pool_t *ptemp);

/** httpd has reached a line: forget denials that no longer matter. */
void uk_denials_enter(request_rec *r, const ap_directive_t *line);

/** The line grants access: forget the denials that it makes up for. */
void uk_denials_satisfy(request_rec *r, const ap_directive_t *line);

/**
 * The line denies access: add it to the denials that matter.
 *
 * @param verdict UK_SCOPE_MISSING, UK_OTHER_TEAM or UK_DENIED
 * @param scopes  space separated, one of which would do; NULL: none would. It
 *                must live as long as the request
 */
void uk_denials_deny(request_rec *r, const ap_directive_t *line,
                     uk_verdict_e verdict, const char *scopes);

/** Forget all denials, and that the request is refused. */
void uk_denials_reset(uk_request_t *state);

#endif
