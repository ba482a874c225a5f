/* SPDX-License-Identifier: Apache-2.0 */
/* Figures as text: Prometheus' format 0.0.4, or OpenMetrics 1.0. */
#ifndef UK_CORE_EXPOSITION_H
#define UK_CORE_EXPOSITION_H

#include <apr_pools.h>

typedef enum {
    UK_FIGURE_COUNTER,
    UK_FIGURE_GAUGE,
    UK_FIGURE_HISTOGRAM,
    UK_FIGURE_INFO /* always 1; its labels are what it tells */
} uk_figure_type_e;

/* A figure, which may have several samples. */
typedef struct {
    const char *name; /* without "_total" or "_info" */
    uk_figure_type_e type;
    const char *unit; /* the end of the name; NULL: none */
    const char *help; /* in one line, without \ and " */
} uk_figure_family_t;

/* A text that is being written. */
typedef struct {
    apr_pool_t *pool;
    int is_openmetrics;
    char *text;
    apr_size_t len;
    apr_size_t size; /* of what is allocated */
} uk_exposition_t;

/** Begin a text. @param is_openmetrics 0: Prometheus' format */
void uk_exposition_begin(uk_exposition_t *exposition, apr_pool_t *pool,
                         int is_openmetrics);

/** Begin a figure; its samples follow. */
void uk_exposition_family(uk_exposition_t *exposition,
                          const uk_figure_family_t *family);

/**
 * Write a sample of a figure.
 *
 * @param suffix "" or "_bucket", "_sum", "_count"; that of a counter or an info
 *               is added
 * @param labels as uk_exposition_label() makes them, separated by commas; "":
 *               none
 * @param value  a number, written
 */
void uk_exposition_sample(uk_exposition_t *exposition,
                          const uk_figure_family_t *family, const char *suffix,
                          const char *labels, const char *value);

/** A label, in the pool. What is not printable ASCII in its value becomes "?",
 *  because a text that is not UTF-8 is refused as a whole. */
const char *uk_exposition_label(apr_pool_t *pool, const char *name,
                                const char *value);

/** End the text. @return it, ending in NUL */
const char *uk_exposition_end(uk_exposition_t *exposition);

#endif
