/* SPDX-License-Identifier: Apache-2.0 */
/* What a caller wants to read: a page or JSON. */
#ifndef UK_MANAGE_ACCEPT_H
#define UK_MANAGE_ACCEPT_H

#include <httpd.h>

/**
 * 1 where the header Accept likes HTML better than JSON; 0 for all others, the
 * programs that accept anything among them.
 *
 * Source: RFC 9110 section 12.5.1.
 */
int uk_accept_is_page(request_rec *r);

#endif
