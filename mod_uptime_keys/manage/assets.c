/* SPDX-License-Identifier: Apache-2.0 */
/* The static files of the HTML pages: style, script and icon. */
#include "manage/assets.h"

#include <stdio.h>
#include <string.h>

#include "core/secret.h"
#include "manage/response.h"

/* Digits of the hash in a name: enough to tell versions apart. */
#define VERSION_LEN 16
#define NAME_MAX_LEN 31

/* assets/, embedded at build time. */
extern const char uk_asset_style_css[];
extern const char uk_asset_script_js[];
extern const char uk_asset_icon_svg[];

typedef struct {
    const char *stem;
    const char *suffix;
    const char *type;
    const char *content;
} asset_t;

static const asset_t assets[UK_ASSETS] = {
    [UK_ASSET_STYLE] = {"style", "css", "text/css; charset=utf-8",
                        uk_asset_style_css},
    [UK_ASSET_SCRIPT] = {"script", "js", "text/javascript; charset=utf-8",
                         uk_asset_script_js},
    [UK_ASSET_ICON] = {"icon", "svg", "image/svg+xml", uk_asset_icon_svg},
};

/* "style.0123456789abcdef.css" */
static char names[UK_ASSETS][NAME_MAX_LEN + 1];

void uk_assets_init(void)
{
    int i;

    for (i = 0; i < UK_ASSETS; i++) {
        const asset_t *asset = &assets[i];
        char hash[UK_HASH_LEN + 1];

        uk_secret_hash(asset->content, strlen(asset->content), hash);
        snprintf(names[i], sizeof(names[i]), "%s.%.*s.%s", asset->stem,
                 VERSION_LEN, hash, asset->suffix);
    }
}

const char *uk_asset_url(const uk_context_t *ctx, uk_asset_e asset)
{
    return apr_pstrcat(ctx->r->pool, ctx->url, UK_ASSET_FOLDER, names[asset],
                       NULL);
}

static int send_asset(request_rec *r, const asset_t *asset)
{
    apr_table_setn(r->headers_out, "Cache-Control",
                   "public, max-age=31536000, immutable");
    apr_table_setn(r->headers_out, "X-Content-Type-Options", "nosniff");
    ap_set_content_type(r, asset->type);
    ap_set_content_length(r, (apr_off_t)strlen(asset->content));
    ap_rputs(asset->content, r);
    return DONE;
}

int uk_asset_serve(uk_context_t *ctx, const char *name)
{
    int i;

    for (i = 0; i < UK_ASSETS; i++) {
        if (strcmp(name, names[i]) == 0) {
            return send_asset(ctx->r, &assets[i]);
        }
    }
    return uk_respond_problem(ctx, UK_PROBLEM_NOT_FOUND, NULL);
}
