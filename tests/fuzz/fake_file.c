/* SPDX-License-Identifier: Apache-2.0 */
/* The input as the content of a file. */
#include "fake_file.h"

#include <string.h>

static struct {
    const char *content;
    size_t left;
    const uint8_t *steps;
    size_t step_count, step;
    apr_status_t failure;
} now;

/* Nobody looks into it. */
static int handle;

apr_file_t *fake_file(const void *content, size_t size, const uint8_t *steps,
                      size_t step_count, apr_status_t failure)
{
    now.content = content;
    now.left = size;
    now.steps = steps;
    now.step_count = step_count;
    now.step = 0;
    now.failure = failure;
    return (apr_file_t *)(void *)&handle;
}

__attribute__((visibility("default"))) apr_status_t apr_file_open(
    apr_file_t **file, const char *name, apr_int32_t flag, apr_fileperms_t perm,
    apr_pool_t *pool)
{
    (void)name;
    (void)flag;
    (void)perm;
    (void)pool;
    *file = (apr_file_t *)(void *)&handle;
    return APR_SUCCESS;
}

__attribute__((visibility("default"))) apr_status_t apr_file_close(
    apr_file_t *file)
{
    (void)file;
    return APR_SUCCESS;
}

static size_t next_step(size_t wanted)
{
    size_t step = wanted;

    if (now.steps && now.step_count) {
        step = (size_t)now.steps[now.step++ % now.step_count] + 1;
    }
    step = step < wanted ? step : wanted;
    return step < now.left ? step : now.left;
}

__attribute__((visibility("default"))) apr_status_t apr_file_read(
    apr_file_t *file, void *buffer, apr_size_t *size)
{
    (void)file;
    *size = next_step(*size);
    if (*size == 0) {
        return now.failure;
    }
    memcpy(buffer, now.content, *size);
    now.content += *size;
    now.left -= *size;
    return APR_SUCCESS;
}

__attribute__((visibility("default"))) apr_status_t apr_file_read_full(
    apr_file_t *file, void *buffer, apr_size_t size, apr_size_t *read)
{
    apr_size_t all = size < now.left ? size : now.left;

    (void)file;
    if (all) {
        memcpy(buffer, now.content, all);
    }
    now.content += all;
    now.left -= all;
    *read = all;
    return all < size ? now.failure : APR_SUCCESS;
}
