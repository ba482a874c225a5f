/* SPDX-License-Identifier: Apache-2.0 */
/* A line on a terminal that says how far something is. */
#ifndef UK_CLI_PROGRESS_H
#define UK_CLI_PROGRESS_H

#include <apr_file_io.h>
#include <apr_time.h>

typedef struct {
    int is_tty;     /* 1: standard error is a terminal; else nothing is shown */
    apr_off_t size; /* of the file; 0: not known */
    apr_time_t begun; /* when the work began */
    apr_time_t shown; /* when something was shown; 0: there is nothing */
} cli_progress_t;

/** Begin. @param file whose size says how much there is to do */
void cli_progress_begin(cli_progress_t *progress, apr_file_t *file);

/** Show how many lines were read, how many a second, and if the size of the file
 *  is known how many seconds are left; a few times a second at most.
 *
 *  @param position the bytes of these lines */
void cli_progress_show(cli_progress_t *progress, apr_int64_t lines,
                       apr_off_t position);

/** Remove what is shown, before something else is written. */
void cli_progress_clear(cli_progress_t *progress);

#endif
