/* SPDX-License-Identifier: Apache-2.0 */
/* Which of the Require lines that a key failed are why it is refused. */
#ifndef UK_HTTPD_DENIALS_H
#define UK_HTTPD_DENIALS_H

#include "httpd/request.h"

/*
 * httpd shows a provider one line after the other, and never the outcome. But
 * it goes on in a <RequireAll> only past what does not refuse, and in a
 * <RequireAny> only past what does not let in: from the place of a line follows
 * what of all that was said before still matters. Lines whose container is not
 * known, those of an <AuthzProviderAlias> and of places that AuthMerging joins,
 * count as standing in one <RequireAny>.
 */

/** 1 where a line that holds can only refuse: "Require not", and what stands in
 *  a <RequireNone>. */
int uk_denials_is_negated(const ap_directive_t *line, apr_pool_t *ptemp);

/** httpd has come to a line: forget what no longer matters. */
void uk_denials_enter(request_rec *r, const ap_directive_t *line);

/** The line that was reached holds: forget what it makes up for. */
void uk_denials_satisfy(request_rec *r, const ap_directive_t *line);

/**
 * The line that was reached refuses; note it, with all that matters besides, as
 * why the request of a key is refused.
 *
 * @param scopes of which one would do, space separated; NULL: none would
 */
void uk_denials_deny(request_rec *r, const ap_directive_t *line,
                     uk_verdict_e verdict, const char *scopes);

/** Forget all. */
void uk_denials_reset(uk_request_t *state);

#endif
