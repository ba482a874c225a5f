/* SPDX-License-Identifier: Apache-2.0 */
/* Figures as text: Prometheus' format 0.0.4, or OpenMetrics 1.0.
 *
 * Source: Prometheus, "Exposition formats"; OpenMetrics 1.0, which names a
 * counter without the suffix of its samples. */
#include "core/exposition.h"

#include <apr_strings.h>
#include <string.h>

#define SIZE_AT_FIRST 8192

static const struct {
    const char *prometheus;
    const char *openmetrics;
    const char *suffix; /* of each sample */
} types[] = {
    [UK_FIGURE_COUNTER] = {"counter", "counter", "_total"},
    [UK_FIGURE_GAUGE] = {"gauge", "gauge", ""},
    [UK_FIGURE_HISTOGRAM] = {"histogram", "histogram", ""},
    [UK_FIGURE_INFO] = {"gauge", "info", "_info"},
};

void uk_exposition_begin(uk_exposition_t *exposition, apr_pool_t *pool,
                         int is_openmetrics)
{
    *exposition = (uk_exposition_t){.pool = pool,
                                    .is_openmetrics = is_openmetrics,
                                    .text = apr_palloc(pool, SIZE_AT_FIRST),
                                    .size = SIZE_AT_FIRST};
}

/* With a NUL at the end, which is not counted. */
static void append_text(uk_exposition_t *exposition, const char *string)
{
    apr_size_t len = strlen(string);

    if (exposition->len + len >= exposition->size) {
        char *larger;

        exposition->size = (exposition->len + len + 1) * 2;
        larger = apr_palloc(exposition->pool, exposition->size);
        memcpy(larger, exposition->text, exposition->len);
        exposition->text = larger;
    }
    memcpy(exposition->text + exposition->len, string, len + 1);
    exposition->len += len;
}

static void append_line(uk_exposition_t *exposition, const char *keyword,
                        const uk_figure_family_t *family, const char *rest)
{
    append_text(exposition, keyword);
    append_text(exposition, family->name);
    if (!exposition->is_openmetrics) {
        append_text(exposition, types[family->type].suffix);
    }
    append_text(exposition, " ");
    append_text(exposition, rest);
    append_text(exposition, "\n");
}

void uk_exposition_family(uk_exposition_t *exposition,
                          const uk_figure_family_t *family)
{
    append_line(exposition, "# HELP ", family, family->help);
    append_line(exposition, "# TYPE ", family,
                exposition->is_openmetrics ? types[family->type].openmetrics
                                           : types[family->type].prometheus);
    if (exposition->is_openmetrics && family->unit) {
        append_line(exposition, "# UNIT ", family, family->unit);
    }
}

void uk_exposition_sample(uk_exposition_t *exposition,
                          const uk_figure_family_t *family, const char *suffix,
                          const char *labels, const char *value)
{
    append_text(exposition, family->name);
    append_text(exposition, types[family->type].suffix);
    append_text(exposition, suffix);
    if (*labels) {
        append_text(exposition, "{");
        append_text(exposition, labels);
        append_text(exposition, "}");
    }
    append_text(exposition, " ");
    append_text(exposition, value);
    append_text(exposition, "\n");
}

const char *uk_exposition_label(apr_pool_t *pool, const char *name,
                                const char *value)
{
    char *escaped = apr_palloc(pool, strlen(value) * 2 + 1);
    char *to = escaped;

    for (; *value; value++) {
        if (*value == '"' || *value == '\\') {
            *to++ = '\\';
        }
        *to++ = *value >= ' ' && *value <= '~' ? *value : '?';
    }
    *to = '\0';
    return apr_pstrcat(pool, name, "=\"", escaped, "\"", NULL);
}

const char *uk_exposition_end(uk_exposition_t *exposition)
{
    if (exposition->is_openmetrics) {
        append_text(exposition, "# EOF\n");
    }
    return exposition->text;
}
