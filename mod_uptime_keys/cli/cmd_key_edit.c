/* SPDX-License-Identifier: Apache-2.0 */
/* uptime-keys key edit, key disable, key enable. */
#include <apr_strings.h>
#include <string.h>

#include "store/change.h"
#include "cli/key_options.h"

/* A change, and why it is refused. */
typedef struct {
    const cli_t *cli;
    const uk_key_spec_t *spec;
    apr_array_header_t *errors; /* of the specification */
} key_change_t;

static uk_outcome_e edit_key(apr_pool_t *pool, uk_key_t *key, void *baton)
{
    key_change_t *change = baton;
    const uk_key_rules_t rules = cli_key_rules(change->cli);
    int was_leaked = uk_key_is_leaked(key);

    uk_key_change_validate(pool, &rules, change->spec, key, &change->errors);
    if (change->errors->nelts > 0) {
        return UK_REFUSED;
    }
    return was_leaked && key->disabled_at == UK_INSTANT_NONE ? UK_CONFLICT
                                                             : UK_OK;
}

static cli_status_e refuse_leaked(const cli_t *cli)
{
    const char *rotate =
        apr_pstrcat(cli->pool, "key rotate ", cli->args[0], NULL);

    return cli_fail(cli->pool,
                    "the key leaked, so it is not enabled again; rotate it, "
                    "which gives it a new secret and enables it: %s",
                    cli_format_command(cli, rotate));
}

static cli_status_e change_key(cli_t *cli, const uk_key_spec_t *spec)
{
    key_change_t change = {cli, spec, NULL};
    unsigned changed;
    uk_key_t *key;

    if (cli_require_key_id(cli) != CLI_DONE) {
        return CLI_FAILED;
    }
    switch (uk_change_key(&cli->db, &cli->actor, &uk_own_cache_none, NULL,
                          cli->args[0], edit_key, &change, &key, &changed)) {
    case UK_OK:
        return CLI_DONE;
    case UK_NOT_FOUND:
        return cli_no_key(cli);
    case UK_CONFLICT:
        return refuse_leaked(cli);
    case UK_REFUSED:
        return cli_fail_validation(cli, change.errors);
    default:
        return cli_unavailable(cli);
    }
}

static int is_only(const apr_array_header_t *list, const char *word)
{
    return list->nelts == 1
           && strcmp(APR_ARRAY_IDX(list, 0, const char *), word) == 0;
}

cli_status_e cli_key_edit(cli_t *cli)
{
    uk_key_spec_t spec = cli_key_spec(cli);

    if (!spec.sent) {
        return cli_usage_error(cli, "key edit",
                               "key edit needs one of --name, --scope, "
                               "--expires, --address");
    }
    if (spec.expires && strcmp(spec.expires, "never") == 0) {
        spec.expires = NULL;
    }
    if (is_only(spec.addresses, "any")) {
        spec.addresses = NULL;
    }
    return change_key(cli, &spec);
}

cli_status_e cli_key_disable(cli_t *cli)
{
    const uk_key_spec_t spec = {.sent = UK_SPEC_DISABLED, .disabled = 1};

    return change_key(cli, &spec);
}

cli_status_e cli_key_enable(cli_t *cli)
{
    const uk_key_spec_t spec = {.sent = UK_SPEC_DISABLED, .disabled = 0};

    return change_key(cli, &spec);
}
