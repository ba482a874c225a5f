/* SPDX-License-Identifier: Apache-2.0 */
/* Authentication: AuthType uptime-key, and the provider for AuthType Basic. */
#ifndef UK_HTTPD_AUTHN_H
#define UK_HTTPD_AUTHN_H

#include <mod_auth.h>

#include "core/principal.h"
#include "httpd/module.h"

/**
 * Hook check_authn: authenticate a request by its key, remove the key from the
 * request headers, and publish the identity (httpd/identity.h). A refusal is
 * noted (httpd/problem.h).
 *
 * @return OK; 400, 401, 403 or 503; DECLINED if this module does not authenticate
 *         the request: another AuthType, or AuthType Basic with a password that
 *         other providers must check
 */
int uk_authenticate(request_rec *r);

/**
 * The AuthBasicProvider: the key is the password, the user name is ignored. It
 * has no get_realm_hash(). check_password() returns AUTH_GRANTED, AUTH_DENIED
 * (also for an address that is not allowed),
 * AUTH_USER_NOT_FOUND if the password has not the form of a key, or
 * AUTH_GENERAL_ERROR if the database is unavailable.
 */
extern const authn_provider uk_authn_provider;

/** @return 1 if a key may be used from the address of the client, as far as httpd
 *  knows it (useragent_addr), else 0 */
int uk_authn_is_from(const request_rec *r, const uk_principal_t *principal);

/** @return 1 if only a key lets a request in where it wants to go: AuthType
 *  uptime-key, or Basic with no other provider; else 0 */
int uk_authn_needs_key(request_rec *r);

/** @return 1 if the request presents something as a key where one is asked for,
 *  else 0 */
int uk_authn_presents_key(request_rec *r);

/** Remove a credential that was not needed, as no key was asked for after all.
 *  @param seen_by see uk_credential_remove() */
void uk_authn_remove_unused(request_rec *r, request_rec *seen_by);

/** The same for the ErrorDocument of a request, which may have failed before
 *  its place was known: what the client meant it for is unknown then, and a key
 *  is removed. */
void uk_authn_remove_refused(request_rec *r, request_rec *seen_by);

/** Before the handler: mod_dir and mod_negotiation put a sub-request, the index
 *  of a directory for example, in the place of the request, without running its
 *  hooks again. Publish the identity that the sub-request had, and remove its
 *  credential. */
void uk_authn_adopt(request_rec *r);

/** @return 1 if this is a CORS preflight request, and UptimeKeysPreflight lets
 *  it pass without a key; else 0 */
int uk_authn_is_free_preflight(request_rec *r);

#endif
