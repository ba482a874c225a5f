/* SPDX-License-Identifier: Apache-2.0 */
/* What a client wants to read: a page or JSON. */
#include "manage/accept.h"

#include <stdlib.h>
#include <string.h>

/* The quality of a media range; 1 if it says none, 0 if it says nonsense. */
static double quality_of(const char *parameters)
{
    const char *text = strstr(parameters, ";q=");
    double quality = text ? strtod(text + strlen(";q="), NULL) : 1;

    return quality > 0 && quality <= 1 ? quality : 0;
}

/* How much a type is liked where it is named itself; -1: it is not. */
static double liking_of(apr_pool_t *pool, const char *accept, const char *type)
{
    size_t len = strlen(type);
    const char *range;

    while ((range = ap_get_list_item(pool, &accept)) != NULL) {
        if (strncmp(range, type, len) == 0
            && (range[len] == '\0' || range[len] == ';')) {
            return quality_of(range + len);
        }
    }
    return -1;
}

int uk_accept_is_page(request_rec *r)
{
    const char *accept = apr_table_get(r->headers_in, "Accept");
    double page;

    if (!accept) {
        return 0;
    }
    page = liking_of(r->pool, accept, "text/html");
    return page > 0 && page >= liking_of(r->pool, accept, "application/json");
}
