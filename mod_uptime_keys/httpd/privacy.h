/* SPDX-License-Identifier: Apache-2.0 */
/* Privacy: no shared cache stores an answer to a key. */
#ifndef UK_HTTPD_PRIVACY_H
#define UK_HTTPD_PRIVACY_H

#include "httpd/module.h"

/** In post_config: find out whether mod_cache is loaded. */
void uk_privacy_init(void);

/**
 * Keep the answer to a request out of mod_cache, and by Cache-Control: private
 * out of every other shared cache, whatever the resource says, and although
 * the credential may have been removed or may not have been in Authorization.
 * For a sub-request, the same is done to the answer that it is a part of. Call
 * it before the header is sent; further calls do nothing.
 *
 * Source: RFC 9111 section 5.2.2.7 (private) and 3.5.
 */
void uk_privacy_keep(request_rec *r);

/** Hooks insert_filter and insert_error_filter: add the filter of
 *  uk_privacy_keep() again if it was lost. That happens with a fast redirect,
 *  to the index of a directory for example, and with an error that httpd
 *  answers. */
void uk_privacy_insert_filter(request_rec *r);

/** Register that filter, in register_hooks. */
void uk_privacy_register(void);

#endif
