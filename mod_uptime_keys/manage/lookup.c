/* SPDX-License-Identifier: Apache-2.0 */
/* Looking up what a response shows of a key. */
#include "manage/lookup.h"

#include <string.h>

#include "store/keys.h"
#include "store/rotate.h"
#include "manage/html_view.h"
#include "manage/response.h"

static int any_in_overlap(const apr_array_header_t *keys, uk_instant_t now)
{
    int i = 0;

    while (i < keys->nelts
           && !uk_key_has_previous(APR_ARRAY_IDX(keys, i, const uk_key_t *),
                                   now)) {
        i++;
    }
    return i < keys->nelts;
}

int uk_lookup_rotations(uk_context_t *ctx, const apr_array_header_t *keys)
{
    apr_array_header_t *rotations;

    if (ctx->view != &uk_html_view || !any_in_overlap(keys, ctx->now)) {
        return OK;
    }
    if (uk_rotate_times(&ctx->db, ctx->team, &rotations) != UK_OK) {
        return uk_respond_unavailable(ctx);
    }
    ctx->rotations = rotations;
    return OK;
}

int uk_lookup_key(uk_context_t *ctx, uk_key_t **key)
{
    uk_outcome_e outcome = uk_store_key_by_id(&ctx->db, ctx->id, key);
    apr_array_header_t *keys;

    if (outcome == UK_UNAVAILABLE) {
        return uk_respond_unavailable(ctx);
    }
    if (outcome != UK_OK || strcmp((*key)->team, ctx->team) != 0) {
        return uk_respond_problem(ctx, UK_PROBLEM_NOT_FOUND, NULL);
    }
    keys = apr_array_make(ctx->r->pool, 1, sizeof(uk_key_t *));
    APR_ARRAY_PUSH(keys, const uk_key_t *) = *key;
    return uk_lookup_rotations(ctx, keys);
}
