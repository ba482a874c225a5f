/* SPDX-License-Identifier: Apache-2.0 */
/* The static files of the HTML pages: style, script and icon. Their names
 * contain a hash of the content, so that browsers may cache them for ever. */
#ifndef UK_MANAGE_ASSETS_H
#define UK_MANAGE_ASSETS_H

#include "manage/context.h"

/* Follows the base in the path of an asset. */
#define UK_ASSET_FOLDER "/assets/"

typedef enum {
    UK_ASSET_STYLE,
    UK_ASSET_SCRIPT,
    UK_ASSET_ICON,
    UK_ASSETS /* their number */
} uk_asset_e;

/** Compute the names of the assets, in post_config. */
void uk_assets_init(void);

/** The URL path of an asset, escaped, in the request's pool. */
const char *uk_asset_url(const uk_context_t *ctx, uk_asset_e asset);

/** Send an asset, or 404. @param name what follows UK_ASSET_FOLDER in the path
 *  @return DONE */
int uk_asset_serve(uk_context_t *ctx, const char *name);

#endif
