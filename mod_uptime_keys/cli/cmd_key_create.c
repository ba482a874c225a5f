/* SPDX-License-Identifier: Apache-2.0 */
/* uptime-keys key create: prints a new key, or deletes it if that fails. */
#include <apr_strings.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "core/key_spec.h"
#include "store/issue.h"
#include "cli/commands.h"

/* The option that a field of a spec comes from. */
static const char *option_at(const char *pointer)
{
    if (strcmp(pointer, "/name") == 0) {
        return cli_option_name(CLI_NAME);
    }
    return strcmp(pointer, "/expiresAt") == 0 ? cli_option_name(CLI_EXPIRES)
                                              : cli_option_name(CLI_SCOPE);
}

/* The scope that "/scopes/2" points to, after a space; "" for other fields. */
static const char *value_at(const cli_t *cli, const char *pointer)
{
    static const char scopes[] = "/scopes/";
    const apr_int64_t index = strncmp(pointer, scopes, strlen(scopes)) == 0
                                  ? apr_atoi64(pointer + strlen(scopes))
                                  : -1;

    return index < 0 ? ""
                     : apr_pstrcat(cli->pool, " ",
                                   APR_ARRAY_IDX(cli->options->scopes, index,
                                                 const char *),
                                   NULL);
}

static cli_status_e fail_validation(const cli_t *cli,
                                    const apr_array_header_t *errors)
{
    const char *all = "";
    int i;

    for (i = 0; i < errors->nelts; i++) {
        const uk_field_error_t *error =
            &APR_ARRAY_IDX(errors, i, uk_field_error_t);

        all = apr_pstrcat(
            cli->pool, all, i ? "; " : "", option_at(error->pointer),
            value_at(cli, error->pointer), ": ", error->message, NULL);
    }
    return cli_fail(cli->pool, "%s", all);
}

/* A date means the end of that day. */
static const char *expiry_option(const cli_t *cli)
{
    const char *when = cli_value(cli, CLI_EXPIRES);
    char text[UK_INSTANT_STRING_LEN + 1];

    return when && uk_instant_end_of_day(when, text) == 0
               ? apr_pstrdup(cli->pool, text)
               : when;
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

static int print_token(const char token[UK_TOKEN_LEN + 1])
{
    char line[UK_TOKEN_LEN + 1];
    int failed;

    memcpy(line, token, UK_TOKEN_LEN);
    line[UK_TOKEN_LEN] = '\n';
    /* If the reader is gone, write() must fail and not end the process. */
    signal(SIGPIPE, SIG_IGN);
    failed = write_all(line, sizeof(line));
    uk_secret_wipe(line, sizeof(line));
    return failed;
}

/* Nobody knows a key that could not be printed. */
static cli_status_e delete_unprinted(cli_t *cli, const uk_key_t *key,
                                     int reason)
{
    const char *why = strerror(reason);

    if (uk_store_key_delete(&cli->db, &cli->actor, key->team, key->id)
        == UK_UNAVAILABLE) {
        return cli_fail(
            cli->pool,
            "the key could not be printed (%s); "
            "delete it: %s",
            why,
            cli_format_command(
                cli, apr_pstrcat(cli->pool, "key delete ", key->id, NULL)));
    }
    return cli_fail(cli->pool,
                    "the key could not be printed (%s) and was "
                    "deleted again; run this with a standard output that "
                    "can be written to",
                    why);
}

static cli_status_e refuse_limit(const cli_t *cli, const uk_key_t *key)
{
    return cli_fail(cli->pool,
                    "team %s has %d of %d keys: delete one first (%s)",
                    key->team, cli->settings.limit, cli->settings.limit,
                    cli_format_command(cli, apr_pstrcat(cli->pool, "key list ",
                                                        key->team, NULL)));
}

static cli_status_e issue_and_print(cli_t *cli, uk_key_t *key,
                                    char token[UK_TOKEN_LEN + 1])
{
    switch (
        uk_issue_key(&cli->db, &cli->actor, key, cli->settings.limit, token)) {
    case UK_OK:
        return print_token(token) == 0 ? CLI_DONE
                                       : delete_unprinted(cli, key, errno);
    case UK_NOT_FOUND:
        return cli_no_team(cli, key->team);
    case UK_LIMIT:
        return refuse_limit(cli, key);
    default:
        return cli_unavailable(cli);
    }
}

cli_status_e cli_key_create(cli_t *cli)
{
    const uk_key_spec_t spec = {.name = cli_value(cli, CLI_NAME),
                                .scopes = cli->options->scopes,
                                .expires = expiry_option(cli)};
    const uk_key_rules_t rules = {.catalogue = cli->settings.catalogue,
                                  .now = cli->actor.now};
    apr_array_header_t *errors;
    char token[UK_TOKEN_LEN + 1];
    cli_status_e status;
    uk_key_t key;

    uk_key_spec_validate(cli->pool, &rules, &spec, &key, &errors);
    if (errors->nelts > 0) {
        return fail_validation(cli, errors);
    }
    key.team = cli->args[0];
    status = issue_and_print(cli, &key, token);
    uk_secret_wipe(token, sizeof(token));
    return status;
}
