/* SPDX-License-Identifier: Apache-2.0 */
/* GET: who did what. */
#include "manage/actions.h"
#include "manage/response.h"
#include "manage/view.h"

static void set_event_link(const uk_context_t *ctx, const uk_event_page_t *page,
                           const char *cursor, const char *rel)
{
    if (cursor) {
        const char *url = uk_context_url(
            ctx, "/audit", uk_event_page_query(ctx, page, cursor));

        apr_table_addn(
            ctx->r->headers_out, "Link",
            apr_psprintf(ctx->r->pool, "<%s>; rel=\"%s\"", url, rel));
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
    set_event_link(ctx, &page, page.next, "next");
    set_event_link(ctx, &page, page.prev, "prev");
    return uk_respond(ctx, HTTP_OK, ctx->view->events(ctx, &page));
}
