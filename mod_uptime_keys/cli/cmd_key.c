/* SPDX-License-Identifier: Apache-2.0 */
/* uptime-keys key delete, key test-address. */
#include <apr_strings.h>
#include <stdio.h>

#include "core/networks.h"
#include "store/revoke.h"
#include "cli/key_options.h"

cli_status_e cli_key_delete(cli_t *cli)
{
    if (cli_require_key_id(cli) != CLI_DONE) {
        return CLI_FAILED;
    }
    switch (uk_revoke_key(&cli->db, &cli->actor, &uk_own_cache_none, NULL,
                          cli->args[0])) {
    case UK_OK:
        return CLI_DONE;
    case UK_NOT_FOUND:
        return cli_no_key(cli);
    default:
        return cli_unavailable(cli);
    }
}

/* The network of the key that an address lies in; NULL: none. */
static const char *find_network(const uk_key_t *key,
                                const uk_address_t *address)
{
    int i;

    for (i = 0; i < key->addresses->nelts; i++) {
        const char *network = APR_ARRAY_IDX(key->addresses, i, const char *);

        if (uk_networks_contain(network, address)) {
            return network;
        }
    }
    return NULL;
}

/* Why a request is refused wherever it comes from, as the end of a sentence. */
static const char *state_of(const cli_t *cli, const uk_key_t *key)
{
    if (key->disabled_at != UK_INSTANT_NONE) {
        return "; but the key is disabled";
    }
    return uk_instant_is_over(key->expires_at, cli->actor.now)
               ? "; but the key has expired"
               : "";
}

static cli_status_e test_address(const cli_t *cli, const uk_key_t *key,
                                 const uk_address_t *address)
{
    const char *typed = cli->args[1];
    const char *network;

    if (!key->addresses) {
        printf("%s is allowed: the key may be used from anywhere%s\n", typed,
               state_of(cli, key));
        return CLI_DONE;
    }
    network = find_network(key, address);
    if (network) {
        printf("%s is allowed, by %s%s\n", typed, network, state_of(cli, key));
        return CLI_DONE;
    }
    printf("%s is refused: the key may be used from %s\n", typed,
           apr_array_pstrcat(cli->pool, key->addresses, ' '));
    return CLI_NOTICED;
}

cli_status_e cli_key_test_address(cli_t *cli)
{
    uk_address_t address;
    uk_key_t *key;

    if (cli_require_key_id(cli) != CLI_DONE) {
        return CLI_FAILED;
    }
    if (uk_address_parse(cli->args[1], &address) != 0) {
        return cli_fail(cli->pool,
                        "%s is not an address; it takes one like 192.0.2.7 or "
                        "2001:db8::7",
                        cli->args[1]);
    }
    switch (uk_store_key_by_id(&cli->db, cli->args[0], &key)) {
    case UK_OK:
        return test_address(cli, key, &address);
    case UK_NOT_FOUND:
        return cli_no_key(cli);
    default:
        return cli_unavailable(cli);
    }
}
