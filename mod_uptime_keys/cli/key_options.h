/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands about a key have in common: its ID, the options that
 * describe it, and the printing of its secret. */
#ifndef UK_CLI_KEY_OPTIONS_H
#define UK_CLI_KEY_OPTIONS_H

#include "core/key_spec.h"
#include "core/token.h"
#include "cli/commands.h"

/** Check that the first argument has the form of a key's ID. @return CLI_DONE;
 *  else a failure was reported */
cli_status_e cli_require_key_id(const cli_t *cli);

/** Report that there is no key with that ID. @return CLI_FAILED */
cli_status_e cli_no_key(const cli_t *cli);

/** The rules for a new or changed key, by the settings. */
uk_key_rules_t cli_key_rules(const cli_t *cli);

/** Read --name, --scope, --expires and --address; the bits of those that were
 *  given are in sent. */
uk_key_spec_t cli_key_spec(const cli_t *cli);

/** Report uk_field_error_ts of a specification, all on one line. @return
 *  CLI_FAILED */
cli_status_e cli_fail_validation(const cli_t *cli,
                                 const apr_array_header_t *errors);

/** Whether standard output can be written to, as far as that can be told
 *  without writing to it. @return 0, or an errno */
int cli_output_error(void);

/** Print a secret, alone, on standard output, and close that. @return 0, or an
 *  errno */
int cli_print_token(const char token[UK_TOKEN_LEN + 1]);

#endif
