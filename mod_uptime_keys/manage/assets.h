/* SPDX-License-Identifier: Apache-2.0 */
/* The look of the pages: style, script and icon, under names that change with
 * their contents, so that browsers may keep them for ever. */
#ifndef UK_MANAGE_ASSETS_H
#define UK_MANAGE_ASSETS_H

#include "manage/context.h"

/* Below the base. */
#define UK_ASSET_FOLDER "/assets/"

typedef enum {
    UK_ASSET_STYLE,
    UK_ASSET_SCRIPT,
    UK_ASSET_ICON,
    UK_ASSETS
} uk_asset_e;

/** Name the assets, once at start. */
void uk_assets_init(void);

/** Where an asset is found. */
const char *uk_asset_url(const uk_context_t *ctx, uk_asset_e asset);

/** Answer with the asset of a name, or with 404. @return DONE */
int uk_asset_serve(uk_context_t *ctx, const char *name);

#endif
