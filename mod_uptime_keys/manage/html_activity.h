/* SPDX-License-Identifier: Apache-2.0 */
/* The HTML page "Activity": who did what. */
#ifndef UK_MANAGE_HTML_ACTIVITY_H
#define UK_MANAGE_HTML_ACTIVITY_H

#include "manage/event_page.h"

/** @return the page, in the request's pool */
const char *uk_html_activity(const uk_context_t *ctx,
                             const uk_event_page_t *page);

#endif
