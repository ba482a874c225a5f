/* SPDX-License-Identifier: Apache-2.0 */
/* Files that commands read, and the keys in any text. */
#include "cli/input.h"

#include <string.h>

#include "core/secret.h"
#include "core/token.h"

/* Bytes that are read at once. */
#define CHUNK (64 * 1024)
/* Bytes that are looked at again with the next ones: all that can begin a key
 * without being one. */
#define KEPT (UK_TOKEN_LEN - 1)

cli_status_e cli_input_open(const cli_t *cli, const char *name,
                            apr_file_t **file)
{
    char reason[120];
    apr_status_t rv = strcmp(name, "-") == 0
                          ? apr_file_open_stdin(file, cli->pool)
                          : apr_file_open(file, name, APR_FOPEN_READ,
                                          APR_FPROT_OS_DEFAULT, cli->pool);

    return rv == APR_SUCCESS
               ? CLI_DONE
               : cli_fail(cli->pool, "cannot read %s: %s", name,
                          apr_strerror(rv, reason, sizeof(reason)));
}

static void find_in(const char *text, size_t len, cli_found_token_t *found,
                    void *baton)
{
    const char *end = text + len;

    while ((text = memchr(text, *UK_TOKEN_SCHEME, (size_t)(end - text)))
           && end - text >= UK_TOKEN_LEN) {
        uk_token_e result = uk_token_check(text, UK_TOKEN_LEN);

        if (result != UK_TOKEN_MALFORMED) {
            found(baton, text, result == UK_TOKEN_GOOD);
        }
        text++;
    }
}

/* A text in UTF-16 has one beside each character of a key. @return the length
 * of the rest */
static apr_size_t drop_nuls(char *text, apr_size_t len)
{
    char *to = text;
    apr_size_t i;

    for (i = 0; i < len; i++) {
        *to = text[i];
        to += text[i] != '\0';
    }
    return (apr_size_t)(to - text);
}

apr_status_t cli_input_find_tokens(apr_pool_t *pool, apr_file_t *file,
                                   cli_found_token_t *found, void *baton)
{
    char *buffer = apr_palloc(pool, KEPT + CHUNK);
    apr_size_t kept = 0, len;
    apr_status_t rv;

    do {
        len = CHUNK;
        rv = apr_file_read(file, buffer + kept, &len);
        len = rv == APR_SUCCESS ? kept + drop_nuls(buffer + kept, len) : kept;
        find_in(buffer, len, found, baton);
        kept = len < KEPT ? len : KEPT;
        memmove(buffer, buffer + len - kept, kept);
    } while (rv == APR_SUCCESS);
    uk_secret_wipe(buffer, KEPT + CHUNK);
    return rv;
}
