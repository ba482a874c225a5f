/* SPDX-License-Identifier: Apache-2.0 */
/* An answer to a key is for its holder alone. */
#ifndef UK_HTTPD_PRIVACY_H
#define UK_HTTPD_PRIVACY_H

#include "httpd/module.h"

/** Once all modules are loaded: find out whether mod_cache is among them. */
void uk_privacy_init(void);

/**
 * Keep the answer to a request out of mod_cache and of every shared cache
 * behind it, whatever the resource says, and although the credential may have
 * been removed or have come in another header than Authorization.
 *
 * Source: RFC 9111 section 5.2.2.7 (private) and 3.5.
 */
void uk_privacy_keep(request_rec *r);

/** Hooks insert_filter and insert_error_filter: a fast redirect, to the index of
 *  a directory for example, and an error that httpd answers leave the filters
 *  behind that were there. */
void uk_privacy_insert_filter(request_rec *r);

void uk_privacy_register(void);

#endif
