/* SPDX-License-Identifier: Apache-2.0 */
/* GET: who did what. */
#include "manage/actions.h"
#include "manage/response.h"
#include "manage/view.h"

static void add_event_link(const uk_context_t *ctx, const uk_event_page_t *page,
                           const char *cursor, const char *rel)
{
    if (cursor) {
        uk_response_add_link(
            ctx,
            uk_context_url(ctx, "/audit",
                           uk_event_page_query(ctx, page, cursor)),
            rel);
    }
}

int uk_act_list_events(uk_context_t *ctx)
{
    uk_event_page_t page;
    const char *error = uk_event_page_read(ctx, &page);

    if (!error && uk_event_page_list(ctx, &page, &error) != UK_OK) {
        return uk_respond_unavailable(ctx);
    }
    if (error) {
        return uk_respond_problem(ctx, UK_PROBLEM_BAD_REQUEST, error);
    }
    add_event_link(ctx, &page, page.next, "next");
    add_event_link(ctx, &page, page.prev, "prev");
    return uk_respond(ctx, HTTP_OK, ctx->view->events(ctx, &page));
}
