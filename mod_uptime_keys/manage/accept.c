/* SPDX-License-Identifier: Apache-2.0 */
/* Content negotiation: HTML or JSON. */
#include "manage/accept.h"

#include <stdlib.h>
#include <string.h>

/* A media type, any subtype of its type, and any type. */
#define RANGES 3

/* The weight of a media range; 1 if it has none, 0 if that is invalid. */
static double quality_of(const char *parameters)
{
    const char *weight = strstr(parameters, ";q=");
    double quality = weight ? strtod(weight + strlen(";q="), NULL) : 1;

    return quality > 0 && quality <= 1 ? quality : 0;
}

/* The weight of the first of these ranges that the header contains; -1: of
 * none. */
static double quality_for(apr_pool_t *pool, const char *accept,
                          const char *const ranges[])
{
    const char *item;
    double quality = -1;
    int best = RANGES;

    while ((item = ap_get_list_item(pool, &accept)) != NULL) {
        size_t len = strcspn(item, ";");
        int i;

        for (i = 0; i < best; i++) {
            if (strlen(ranges[i]) == len
                && strncmp(item, ranges[i], len) == 0) {
                quality = quality_of(item + len);
                best = i;
            }
        }
    }
    return quality;
}

int uk_accept_is_page(request_rec *r)
{
    static const char *const page[RANGES] = {"text/html", "text/*", "*/*"};
    static const char *const json[RANGES] = {"application/json",
                                             "application/*", "*/*"};
    const char *accept = apr_table_get(r->headers_in, "Accept");
    double quality;

    if (!accept) {
        return 0;
    }
    quality = quality_for(r->pool, accept, page);
    return quality > 0 && quality > quality_for(r->pool, accept, json);
}
