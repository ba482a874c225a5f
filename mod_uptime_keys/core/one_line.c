/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of several lines, on one. */
#include "core/one_line.h"

#include <apr_lib.h>
#include <string.h>

static int is_gap(char c)
{
    return apr_isspace(c) || apr_iscntrl(c);
}

/* What stands for a gap between two characters. A line that begins with a small
 * letter goes on with the sentence of the one before. */
static const char *joint(char before, char after, int has_newline)
{
    return has_newline && !strchr(":;,", before) && !apr_islower(after) ? "; "
                                                                        : " ";
}

const char *uk_one_line(apr_pool_t *pool, const char *message)
{
    /* A newline between two characters becomes two. */
    char *line = apr_palloc(pool, strlen(message) * 2 + 1);
    char *out = line;
    int has_gap = 0, has_newline = 0;

    for (; *message; message++) {
        if (is_gap(*message)) {
            has_gap = 1;
            has_newline = has_newline || *message == '\n';
            continue;
        }
        if (has_gap && out > line) {
            const char *gap = joint(out[-1], *message, has_newline);

            memcpy(out, gap, strlen(gap));
            out += strlen(gap);
        }
        has_gap = has_newline = 0;
        *out++ = *message;
    }
    *out = '\0';
    return line;
}
