/* SPDX-License-Identifier: Apache-2.0 */
/* Content negotiation: HTML or JSON. */
#ifndef UK_MANAGE_ACCEPT_H
#define UK_MANAGE_ACCEPT_H

#include <httpd.h>

/**
 * Tell whether a request is to be answered with HTML.
 *
 * Source: RFC 9110 section 12.5.1.
 *
 * @return 1 if the header Accept prefers HTML to JSON; else 0, also if it is
 *         missing or accepts anything
 */
int uk_accept_is_page(request_rec *r);

#endif
