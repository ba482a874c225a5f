/* SPDX-License-Identifier: Apache-2.0 */
/* A line on a terminal that says how far something is. */
#include "cli/progress.h"

#include <stdio.h>
#include <unistd.h>

/* Between two updates. */
#define INTERVAL apr_time_from_msec(250)

void cli_progress_begin(cli_progress_t *progress, apr_file_t *file)
{
    apr_finfo_t info;

    *progress = (cli_progress_t){.is_tty = isatty(STDERR_FILENO),
                                 .begun = apr_time_now()};
    /* Only a regular file has a size that means something. */
    if (apr_file_info_get(&info, APR_FINFO_SIZE | APR_FINFO_TYPE, file)
            == APR_SUCCESS
        && info.filetype == APR_REG) {
        progress->size = info.size;
    }
}

static void show_time_left(const cli_progress_t *progress, apr_time_t passed,
                           apr_off_t position)
{
    if (position > 0 && position <= progress->size) {
        double left = (double)passed / (double)position
                      * (double)(progress->size - position);

        fprintf(stderr, ", %.0f s left", left / APR_USEC_PER_SEC);
    }
}

void cli_progress_show(cli_progress_t *progress, apr_int64_t lines,
                       apr_off_t position)
{
    apr_time_t now = progress->is_tty ? apr_time_now() : 0;
    apr_time_t passed = now - progress->begun;

    if (now - progress->shown < INTERVAL || passed <= 0) {
        return;
    }
    progress->shown = now;
    fprintf(stderr, "\r\033[K%" APR_INT64_T_FMT " lines, %.0f a second", lines,
            (double)lines * APR_USEC_PER_SEC / (double)passed);
    show_time_left(progress, passed, position);
    fflush(stderr);
}

void cli_progress_clear(cli_progress_t *progress)
{
    if (progress->is_tty) {
        fputs("\r\033[K", stderr);
        progress->shown = 0;
    }
}
