/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a line of httpd's configuration. */
#ifndef UK_CLI_HTTPDCONF_WORD_H
#define UK_CLI_HTTPDCONF_WORD_H

#include <apr_pools.h>

/** @return what follows the white space at the beginning of the text */
const char *cli_httpdconf_skip_space(const char *text);

/**
 * Read a word, as ap_getword_conf() does: without its quotes and without the
 * backslashes that escape something. Variables stay as they are.
 *
 * @param line moves to the next word, or to the end of the line
 * @return a copy in the pool; "" if there is no word
 */
const char *cli_httpdconf_word(apr_pool_t *pool, const char **line);

#endif
