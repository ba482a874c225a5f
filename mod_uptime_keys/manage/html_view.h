/* SPDX-License-Identifier: Apache-2.0 */
/* The HTML view of the management endpoints, for browsers. */
#ifndef UK_MANAGE_HTML_VIEW_H
#define UK_MANAGE_HTML_VIEW_H

#include "manage/view.h"

extern const uk_view_t uk_html_view;

#endif
