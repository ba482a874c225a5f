/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands about a key have in common. */
#include "cli/key_options.h"

#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "core/keyid.h"
#include "core/secret.h"
#include "cli/duration.h"

cli_status_e cli_require_key_id(const cli_t *cli)
{
    const char *id = cli->args[0];

    if (strncmp(id, UK_TOKEN_SCHEME, UK_TOKEN_SCHEME_LEN) == 0) {
        return cli_fail(cli->pool,
                        "this takes the id of a key, not the key; "
                        "look for %s in: %s",
                        id, cli_format_command(cli, "key list TEAM"));
    }
    if (!uk_keyid_is_valid(id)) {
        return cli_fail(cli->pool, "%s is not the id of a key; see: %s", id,
                        cli_format_command(cli, "key list TEAM"));
    }
    return CLI_DONE;
}

cli_status_e cli_no_key(const cli_t *cli)
{
    return cli_fail(cli->pool, "there is no key %s; see: %s", cli->args[0],
                    cli_format_command(cli, "key list TEAM"));
}

uk_key_rules_t cli_key_rules(const cli_t *cli)
{
    return (uk_key_rules_t){.catalogue = cli->settings.catalogue,
                            .now = cli->actor.now,
                            .lifetimes = cli->settings.lifetimes};
}

/* The options that describe a key, and where their errors point to. */
static const struct {
    cli_option_e option;
    unsigned int bit;
    const char *pointer;
} key_options[] = {
    {CLI_NAME, UK_SPEC_NAME, "/name"},
    {CLI_SCOPE, UK_SPEC_SCOPES, "/scopes"},
    {CLI_EXPIRES, UK_SPEC_EXPIRY, "/expiresAt"},
    {CLI_ADDRESS, UK_SPEC_ADDRESSES, "/addresses"},
};

#define KEY_OPTION_COUNT (sizeof(key_options) / sizeof(key_options[0]))

uk_key_spec_t cli_key_spec(const cli_t *cli)
{
    const char *expires = cli_value(cli, CLI_EXPIRES);
    uk_key_spec_t spec = {
        .name = cli_value(cli, CLI_NAME),
        .scopes = cli_list(cli, CLI_SCOPE),
        .expires =
            expires ? cli_expiry(cli->pool, expires, cli->actor.now) : NULL,
        .addresses = cli_list(cli, CLI_ADDRESS),
    };
    size_t i;

    for (i = 0; i < KEY_OPTION_COUNT; i++) {
        if (cli_given(cli, key_options[i].option)) {
            spec.sent |= key_options[i].bit;
        }
    }
    return spec;
}

/* "--address 10.0.0.1" for "/addresses/0", "--name" for "/name". */
static const char *option_at(const cli_t *cli, const char *pointer)
{
    size_t i, len = strcspn(pointer + 1, "/") + 1;
    cli_option_e option;

    for (i = 0; strncmp(pointer, key_options[i].pointer, len) != 0;) {
        i++;
    }
    option = key_options[i].option;
    return pointer[len] == '\0'
               ? cli_option_name(option)
               : apr_pstrcat(cli->pool, cli_option_name(option), " ",
                             APR_ARRAY_IDX(cli_list(cli, option),
                                           apr_atoi64(pointer + len + 1),
                                           const char *),
                             NULL);
}

static const char *option_message(const cli_t *cli,
                                  const uk_field_error_t *error)
{
    if (strcmp(error->code, UK_CODE_NOT_A_DATE) == 0) {
        return "this takes " CLI_EXPIRY_FORMS;
    }
    return strcmp(error->pointer, "/expiresAt") == 0
                   && !cli_given(cli, CLI_EXPIRES)
               ? apr_pstrcat(cli->pool, error->message,
                             ", and it was not given", NULL)
               : error->message;
}

cli_status_e cli_fail_validation(const cli_t *cli,
                                 const apr_array_header_t *errors)
{
    const char *all = "";
    int i;

    for (i = 0; i < errors->nelts; i++) {
        const uk_field_error_t *error =
            &APR_ARRAY_IDX(errors, i, uk_field_error_t);

        all = apr_pstrcat(cli->pool, all, i ? "; " : "",
                          option_at(cli, error->pointer), ": ",
                          option_message(cli, error), NULL);
    }
    return cli_fail(cli->pool, "%s", all);
}

int cli_output_error(void)
{
    struct pollfd output = {STDOUT_FILENO, POLLOUT, 0};
    int flags = fcntl(STDOUT_FILENO, F_GETFL);

    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY) {
        return EBADF;
    }
    return poll(&output, 1, 0) == 1 && output.revents & (POLLERR | POLLHUP)
               ? EPIPE
               : 0;
}

/* Not by stdio, whose buffer would keep the key. */
static int write_all(const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t written = write(STDOUT_FILENO, bytes, len);

        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return -1;
        }
        bytes += written;
        len -= (size_t)written;
    }
    /* Some file systems report only now that they are full. */
    return close(STDOUT_FILENO);
}

int cli_print_token(const char token[UK_TOKEN_LEN + 1])
{
    char line[UK_TOKEN_LEN + 1];
    int error;

    memcpy(line, token, UK_TOKEN_LEN);
    line[UK_TOKEN_LEN] = '\n';
    /* If the reader is gone, write() must fail and not end the process. */
    signal(SIGPIPE, SIG_IGN);
    error = write_all(line, sizeof(line)) == 0 ? 0 : errno;
    uk_secret_wipe(line, sizeof(line));
    return error;
}
