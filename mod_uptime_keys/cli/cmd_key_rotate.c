/* SPDX-License-Identifier: Apache-2.0 */
/* uptime-keys key rotate: prints the new secret, or says that it is lost. */
#include <apr_strings.h>
#include <string.h>

#include "core/secret.h"
#include "store/rotate.h"
#include "cli/duration.h"
#include "cli/key_options.h"

#define BAD_OVERLAP                                                            \
    "--overlap: this takes 0, seconds like 90s, minutes like 30m, hours like " \
    "24h or days like 7d, at most 30d"

static const char *rotate_command(const cli_t *cli)
{
    return cli_format_command(
        cli, apr_pstrcat(cli->pool, "key rotate ", cli->args[0], NULL));
}

/* @return 0, or -1 if --overlap is none */
static int overlap_option(const cli_t *cli, int *overlap)
{
    const char *value = cli_value(cli, CLI_OVERLAP);
    apr_int64_t seconds = cli->settings.rotate_overlap;
    int failed = value && cli_duration_parse(value, UK_OVERLAP_MAX, &seconds);

    *overlap = (int)seconds;
    return failed ? -1 : 0;
}

/* The old secret may be in use still: what is said must let nobody end it
 * without a new one in hand. */
static cli_status_e lose_token(const cli_t *cli, const uk_key_t *key, int error)
{
    char until[UK_INSTANT_STRING_LEN + 1];
    const char *why = strerror(error);

    if (!uk_key_has_previous(key, uk_instant_from_apr(apr_time_now()))) {
        return cli_fail(cli->pool,
                        "the key was rotated, but its new secret could not be "
                        "printed (%s) and is lost; the old one has ended, so "
                        "the key has none that works: rotate it again, with a "
                        "standard output that can be written to: %s",
                        why, rotate_command(cli));
    }
    uk_instant_format(uk_key_previous_end(key), until);
    return cli_fail(cli->pool,
                    "the key was rotated, but its new secret could not be "
                    "printed (%s) and is lost; the old one, %s, goes on until "
                    "%s: before that rotate again, with a standard output that "
                    "can be written to, and replace the old one at once, as "
                    "that ends it: %s",
                    why, key->previous_prefix, until, rotate_command(cli));
}

static cli_status_e refuse_output(const cli_t *cli, int error)
{
    return cli_fail(cli->pool,
                    "the new secret could not be printed (%s), so the key was "
                    "not rotated; run this with a standard output that can be "
                    "written to",
                    strerror(error));
}

static cli_status_e rotate_and_print(cli_t *cli, const uk_rotation_t *rotation,
                                     char token[UK_TOKEN_LEN + 1])
{
    uk_rotated_t rotated;
    int error;

    switch (uk_rotate_key(&cli->db, &cli->actor, &uk_own_cache_none, rotation,
                          &rotated, token)) {
    case UK_OK:
        error = cli_print_token(token);
        return error ? lose_token(cli, rotated.key, error) : CLI_DONE;
    case UK_NOT_FOUND:
        return cli_no_key(cli);
    case UK_CONFLICT:
        return cli_fail(cli->pool, "%s was not rotated: %s", cli->args[0],
                        rotated.conflict);
    default:
        return cli_fail(cli->pool,
                        "%s; if the prefix of %s in key list is another one "
                        "now, it was rotated, and the new secret is lost: "
                        "rotate it again",
                        cli_database_error(cli), cli->args[0]);
    }
}

cli_status_e cli_key_rotate(cli_t *cli)
{
    uk_rotation_t rotation = {.id = cli->args[0],
                              .if_prefix = cli_value(cli, CLI_IF_PREFIX),
                              .lifetimes = cli->settings.lifetimes};
    char token[UK_TOKEN_LEN + 1];
    cli_status_e status;
    int error;

    if (cli_require_key_id(cli) != CLI_DONE) {
        return CLI_FAILED;
    }
    if (overlap_option(cli, &rotation.overlap) != 0) {
        return cli_fail(cli->pool, BAD_OVERLAP);
    }
    error = cli_output_error();
    if (error) {
        return refuse_output(cli, error);
    }
    status = rotate_and_print(cli, &rotation, token);
    uk_secret_wipe(token, sizeof(token));
    return status;
}
