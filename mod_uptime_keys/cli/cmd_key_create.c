/* SPDX-License-Identifier: Apache-2.0 */
/* uptime-keys key create: prints a new key, or deletes it if that fails. */
#include <apr_strings.h>
#include <string.h>

#include "store/issue.h"
#include "cli/key_options.h"

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
    int error;

    switch (
        uk_issue_key(&cli->db, &cli->actor, key, cli->settings.limit, token)) {
    case UK_OK:
        error = cli_print_token(token);
        return error ? delete_unprinted(cli, key, error) : CLI_DONE;
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
    const uk_key_spec_t spec = cli_key_spec(cli);
    const uk_key_rules_t rules = cli_key_rules(cli);
    apr_array_header_t *errors;
    char token[UK_TOKEN_LEN + 1];
    cli_status_e status;
    uk_key_t key;

    uk_key_spec_validate(cli->pool, &rules, &spec, &key, &errors);
    if (errors->nelts > 0) {
        return cli_fail_validation(cli, errors);
    }
    key.team = cli->args[0];
    status = issue_and_print(cli, &key, token);
    uk_secret_wipe(token, sizeof(token));
    return status;
}
