/* SPDX-License-Identifier: Apache-2.0 */
/* What there is to say of a key, in HTML. */
#include "manage/html_key.h"

#include <string.h>

#include "store/rotate.h"
#include "httpd/config.h"
#include "manage/html_frame.h"

#define MINUTE ((uk_instant_t)60 * 1000)
#define HOUR (60 * MINUTE)
#define DAY UK_DAY_MS

/* "3 days ago", in the largest unit that fits. The last use is known to the
 * minute only. */
static const char *format_age(apr_pool_t *pool, uk_instant_t span)
{
    static const struct {
        uk_instant_t span;
        const char *name;
    } units[] = {
        {365 * DAY, "year"}, {30 * DAY, "month"}, {DAY, "day"},
        {HOUR, "hour"},      {MINUTE, "minute"},
    };
    size_t i;

    for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        int count = (int)(span / units[i].span);

        if (count > 0) {
            return apr_psprintf(pool, "%d %s%s ago", count, units[i].name,
                                count > 1 ? "s" : "");
        }
    }
    return "less than a minute ago";
}

/* A time in few words; the exact one as a tooltip, and for screen readers. */
static void print_time(uk_html_t *html, apr_pool_t *pool, uk_instant_t instant,
                       const char *label)
{
    const char *exact = uk_html_page_instant(pool, instant);

    uk_html_page_time(html, pool, instant, label);
    uk_html_element(html, "span", apr_pstrcat(pool, " (", exact, ")", NULL),
                    "class", "heard", NULL);
}

static void print_name(uk_html_t *html, const uk_context_t *ctx,
                       const uk_key_t *key)
{
    (void)ctx;
    uk_html_element(html, "bdi", key->name, "class", "name", NULL);
}

static void print_prefix(uk_html_t *html, const uk_context_t *ctx,
                         const uk_key_t *key)
{
    (void)ctx;
    uk_html_page_code(html, key->prefix);
}

static void print_mark(uk_html_t *html, const char *class, const char *text)
{
    uk_html_element(html, "strong", text, "class", class, NULL);
}

static void print_disabled(uk_html_t *html, const uk_context_t *ctx,
                           const uk_key_t *key)
{
    apr_pool_t *pool = ctx->r->pool;

    if (key->disabled_at == UK_INSTANT_NONE) {
        return;
    }
    if (uk_key_is_leaked(key)) {
        print_mark(html, "mark leaked", "Leaked");
    }
    else {
        print_mark(html, "mark disabled", "Disabled");
    }
    uk_html_text(html, " ");
    print_time(html, pool, key->disabled_at,
               format_age(pool, ctx->now - key->disabled_at));
}

static void print_old_prefix(uk_html_t *html, const uk_context_t *ctx,
                             const uk_key_t *key)
{
    if (uk_key_has_previous(key, ctx->now)) {
        uk_html_text(html, "old: ");
        uk_html_page_code(html, key->previous_prefix);
    }
}

static void print_scopes(uk_html_t *html, const uk_context_t *ctx,
                         const uk_key_t *key)
{
    int i;

    (void)ctx;
    uk_html_open(html, "ul", "class", "scopes", NULL);
    for (i = 0; i < key->scopes->nelts; i++) {
        uk_html_element(html, "li", APR_ARRAY_IDX(key->scopes, i, const char *),
                        NULL);
    }
    uk_html_close(html);
}

static void print_addresses(uk_html_t *html, const uk_context_t *ctx,
                            const uk_key_t *key)
{
    const apr_array_header_t *addresses = key->addresses;
    int i;

    (void)ctx;
    if (!addresses) {
        return;
    }
    uk_html_text(html, "Only from ");
    for (i = 0; i < addresses->nelts; i++) {
        uk_html_text(html, i ? ", " : "");
        uk_html_page_code(html, APR_ARRAY_IDX(addresses, i, const char *));
    }
}

static void print_last_used(uk_html_t *html, const uk_context_t *ctx,
                            const uk_key_t *key)
{
    if (key->last_used_at == UK_INSTANT_NONE) {
        uk_html_text(html, "Never");
        return;
    }
    print_time(html, ctx->r->pool, key->last_used_at,
               format_age(ctx->r->pool, ctx->now - key->last_used_at));
}

/* When a key was rotated last; UK_INSTANT_NONE: unknown. */
static uk_instant_t rotation_time(const uk_context_t *ctx, const uk_key_t *key)
{
    const apr_array_header_t *times = ctx->rotations;
    uk_instant_t latest = UK_INSTANT_NONE;
    int i;

    for (i = 0; times && i < times->nelts; i++) {
        const uk_rotation_time_t *time =
            &APR_ARRAY_IDX(times, i, uk_rotation_time_t);

        if (strcmp(time->id, key->id) == 0 && time->at > latest) {
            latest = time->at;
        }
    }
    return latest;
}

/* How a sentence about the use of the previous secret goes on. A use may be
 * written late, by the interval at which uses are written: what is less before
 * the rotation may have happened after it. *is_dated: the time of the use
 * follows. */
static const char *use_of_previous(const uk_context_t *ctx, const uk_key_t *key,
                                   int *is_dated)
{
    const uk_server_config_t *config = uk_server_config(ctx->r->server);
    uk_instant_t interval =
        uk_config_last_used_interval(config) * (uk_instant_t)1000;
    uk_instant_t rotated = rotation_time(ctx, key);
    uk_instant_t used = key->previous_used_at;

    *is_dated = used != UK_INSTANT_NONE && used + interval >= rotated;
    if (*is_dated) {
        return rotated != UK_INSTANT_NONE && used >= rotated ? "still used "
                                                             : "last used ";
    }
    return rotated == UK_INSTANT_NONE ? "never used"
                                      : "not used since the rotation";
}

void uk_html_page_print_previous(uk_html_t *html, const uk_context_t *ctx,
                                 const uk_key_t *key)
{
    apr_pool_t *pool = ctx->r->pool;
    int is_dated;

    if (!uk_key_has_previous(key, ctx->now)) {
        return;
    }
    uk_html_text(html, "Old secret ");
    uk_html_text(html, use_of_previous(ctx, key, &is_dated));
    if (is_dated) {
        print_time(html, pool, key->previous_used_at,
                   format_age(pool, ctx->now - key->previous_used_at));
    }
    uk_html_text(html, key->disabled_at == UK_INSTANT_NONE
                           ? ", works until "
                           : ", would work until ");
    print_time(html, pool, uk_key_previous_end(key),
               uk_html_page_minute(pool, uk_key_previous_end(key)));
    uk_html_text(html, ".");
}

static void print_expires(uk_html_t *html, const uk_context_t *ctx,
                          const uk_key_t *key)
{
    apr_pool_t *pool = ctx->r->pool;
    const char *exact = uk_html_page_instant(pool, key->expires_at);
    uk_instant_t soon =
        uk_config_expiry_soon(uk_server_config(ctx->r->server)) * DAY;

    if (key->expires_at == UK_INSTANT_NONE) {
        uk_html_text(html, "Never");
        return;
    }
    print_time(html, pool, key->expires_at, apr_pstrndup(pool, exact, 10));
    uk_html_text(html, " ");
    if (uk_instant_is_over(key->expires_at, ctx->now)) {
        print_mark(html, "mark expired", "Expired");
    }
    else if (key->expires_at - ctx->now <= soon) {
        print_mark(html, "mark soon", "Expires soon");
    }
}

typedef void print_t(uk_html_t *html, const uk_context_t *ctx,
                     const uk_key_t *key);

/* clang-format off */
static const struct {
    const char *heading;
    print_t *print;
    print_t *print_note; /* below it; NULL: nothing. Writes nothing where there
                            is nothing to say */
} columns[] = {
    {"Name", print_name, print_disabled},
    {"Prefix", print_prefix, print_old_prefix},
    {"Scopes", print_scopes, print_addresses},
    {"Last used", print_last_used, uk_html_page_print_previous},
    {"Expires", print_expires, NULL},
};
/* clang-format on */

#define COLUMNS ((int)(sizeof(columns) / sizeof(columns[0])))

const char *uk_html_key_heading(int column)
{
    return column < COLUMNS ? columns[column].heading : NULL;
}

void uk_html_key_print_cell(uk_html_t *html, const uk_context_t *ctx,
                            const uk_key_t *key, int column)
{
    columns[column].print(html, ctx, key);
    if (columns[column].print_note) {
        uk_html_open(html, "div", "class", "note", NULL);
        columns[column].print_note(html, ctx, key);
        uk_html_close(html);
    }
}

void uk_html_page_print_which(uk_html_t *html, const uk_context_t *ctx,
                              const uk_key_t *key)
{
    uk_html_open(html, "p", "class", "which", NULL);
    print_name(html, ctx, key);
    uk_html_text(html, " ");
    print_prefix(html, ctx, key);
    uk_html_text(html, " ");
    print_disabled(html, ctx, key);
    uk_html_close(html);
}

void uk_html_page_print_key(uk_html_t *html, const uk_context_t *ctx,
                            const uk_key_t *key)
{
    int i;

    uk_html_open(html, "dl", "class", "key", NULL);
    for (i = 0; i < COLUMNS; i++) {
        uk_html_open(html, "div", NULL);
        uk_html_element(html, "dt", columns[i].heading, NULL);
        uk_html_open(html, "dd", NULL);
        uk_html_key_print_cell(html, ctx, key, i);
        uk_html_close(html);
        uk_html_close(html);
    }
    uk_html_close(html);
}
