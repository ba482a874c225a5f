/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a line of httpd's configuration. */
#include "cli/httpdconf_word.h"

#include <apr_lib.h>
#include <apr_strings.h>

/* A backslash escapes a backslash, and in a quoted word its quote. */
static const char *unquote(apr_pool_t *pool, const char *text, size_t len,
                           char quote)
{
    char *word = apr_palloc(pool, len + 1);
    char *out = word;
    size_t i;

    for (i = 0; i < len; i++) {
        if (text[i] == '\\' && i + 1 < len
            && (text[i + 1] == '\\' || (quote && text[i + 1] == quote))) {
            i++;
        }
        *out++ = text[i];
    }
    *out = '\0';
    return word;
}

static size_t quoted_len(const char *text, char quote)
{
    size_t len = 0;

    while (text[len] && text[len] != quote) {
        len += text[len] == '\\' && text[len + 1]
                       && (text[len + 1] == quote || text[len + 1] == '\\')
                   ? 2
                   : 1;
    }
    return len;
}

static size_t plain_len(const char *text)
{
    size_t len = 0;

    while (text[len] && !apr_isspace(text[len])) {
        len++;
    }
    return len;
}

const char *cli_httpdconf_skip_space(const char *text)
{
    while (apr_isspace(*text)) {
        text++;
    }
    return text;
}

const char *cli_httpdconf_word(apr_pool_t *pool, const char **line)
{
    const char *text = cli_httpdconf_skip_space(*line);
    char quote = *text == '"' || *text == '\'' ? *text : '\0';
    size_t len;
    const char *word;

    if (quote) {
        text++;
    }
    len = quote ? quoted_len(text, quote) : plain_len(text);
    word = unquote(pool, text, len, quote);
    text += len + (quote && text[len] == quote);
    *line = cli_httpdconf_skip_space(text);
    return word;
}
