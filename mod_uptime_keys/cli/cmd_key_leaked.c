/* SPDX-License-Identifier: Apache-2.0 */
/* uptime-keys key leaked: finds the keys in a text, and ends them. */
#include <apr_hash.h>
#include <apr_strings.h>
#include <stdio.h>
#include <string.h>

#include "core/json_values.h"
#include "core/token.h"
#include "store/leak.h"
#include "cli/input.h"
#include "cli/terminal.h"
#include "cli/time_limit.h"

/* Secrets that are looked up with one connection. */
#define BATCH 1000

/* A secret that was found in the text. */
typedef struct {
    uk_leak_t leak;
    char prefix[UK_TOKEN_PREFIX_LEN + 1];
    int has_checksum;
} secret_t;

typedef struct {
    cli_t *cli;
    apr_hash_t *hashes;          /* of secrets, each once */
    apr_array_header_t *secrets; /* secret_t *s, as they stand in the text */
} search_t;

#define SECRET(search, i) APR_ARRAY_IDX((search)->secrets, (i), secret_t *)

static void note_token(void *baton, const char *token, int has_checksum)
{
    search_t *search = baton;
    apr_pool_t *pool = search->cli->pool;
    char hash[UK_HASH_LEN + 1];
    secret_t *secret;

    if (!has_checksum && !search->cli->settings.accepts_any_checksum) {
        return;
    }
    uk_secret_hash(token, UK_TOKEN_LEN, hash);
    if (apr_hash_get(search->hashes, hash, UK_HASH_LEN)) {
        return;
    }
    secret = apr_pcalloc(pool, sizeof(*secret));
    memcpy(secret->leak.hash, hash, sizeof(hash));
    uk_token_prefix(token, UK_TOKEN_LEN, secret->prefix);
    secret->has_checksum = has_checksum;
    apr_hash_set(search->hashes, secret->leak.hash, UK_HASH_LEN, secret);
    APR_ARRAY_PUSH(search->secrets, secret_t *) = secret;
}

/* Look up a batch, in the memory of the database's pool. */
static uk_outcome_e find_batch(const search_t *search, uk_database_t *db,
                               int first, int count)
{
    apr_array_header_t *leaks =
        apr_array_make(db->pool, count, sizeof(uk_leak_t));
    uk_outcome_e outcome;
    int i;

    for (i = 0; i < count; i++) {
        APR_ARRAY_PUSH(leaks, uk_leak_t) = SECRET(search, first + i)->leak;
    }
    outcome = uk_leaks_find(db, search->cli->actor.now, leaks);
    for (i = 0; i < count && outcome == UK_OK; i++) {
        uk_leak_t *leak = &SECRET(search, first + i)->leak;

        *leak = APR_ARRAY_IDX(leaks, i, uk_leak_t);
        leak->id = apr_pstrdup(search->cli->pool, leak->id);
        leak->team =
            leak->id ? apr_pstrdup(search->cli->pool, leak->team) : NULL;
    }
    return outcome;
}

static uk_outcome_e find_all(const search_t *search)
{
    cli_t *cli = search->cli;
    uk_database_t db = cli->db;
    uk_outcome_e outcome = UK_OK;
    int first;

    apr_pool_create(&db.pool, cli->pool);
    for (first = 0; first < search->secrets->nelts && outcome == UK_OK;
         first += BATCH) {
        int left = search->secrets->nelts - first;

        apr_pool_clear(db.pool);
        outcome = find_batch(search, &db, first, left < BATCH ? left : BATCH);
    }
    cli->db.error = apr_pstrdup(cli->pool, db.error);
    apr_pool_destroy(db.pool);
    return outcome;
}

/* End those that were found, all in one transaction. */
static uk_outcome_e end_all(const search_t *search)
{
    cli_t *cli = search->cli;
    apr_array_header_t *leaks = apr_array_make(cli->pool, 4, sizeof(uk_leak_t));
    uk_outcome_e outcome;
    int i, next = 0;

    for (i = 0; i < search->secrets->nelts; i++) {
        if (SECRET(search, i)->leak.id) {
            APR_ARRAY_PUSH(leaks, uk_leak_t) = SECRET(search, i)->leak;
        }
    }
    outcome = uk_leaks_end(&cli->db, &cli->actor, &uk_own_cache_none, leaks);
    for (i = 0; i < search->secrets->nelts && outcome == UK_OK; i++) {
        if (SECRET(search, i)->leak.id) {
            SECRET(search, i)->leak = APR_ARRAY_IDX(leaks, next++, uk_leak_t);
        }
    }
    return outcome;
}

/* A string without a checksum that is nobody's key is just a string. */
static int is_worth_telling(const secret_t *secret)
{
    return secret->has_checksum || secret->leak.id;
}

static const char *state_cell(const secret_t *secret, int dry_run)
{
    const uk_leak_t *leak = &secret->leak;

    if (!leak->id) {
        return "not a key of this database";
    }
    if (!leak->was_active) {
        return "was not active";
    }
    if (dry_run) {
        return leak->is_previous ? "active, the old secret" : "active";
    }
    return leak->is_previous ? "was active; the old secret, which ends now"
                             : "was active; the key is disabled now";
}

static const char **cells_of(const cli_t *cli, const secret_t *secret)
{
    const uk_leak_t *leak = &secret->leak;
    const char **cells = apr_palloc(cli->pool, sizeof(*cells) * 4);

    cells[0] = secret->prefix;
    cells[1] = leak->id ? leak->id : "-";
    cells[2] = leak->id ? leak->team : "-";
    cells[3] = state_cell(secret, cli_given(cli, CLI_DRY_RUN));
    return cells;
}

static void print_secrets(const search_t *search)
{
    static const cli_column_t columns[] = {
        {"PREFIX", 0}, {"ID", 0}, {"TEAM", 0}, {"STATE", 0}};
    apr_pool_t *pool = search->cli->pool;
    apr_array_header_t *rows = apr_array_make(pool, 4, sizeof(char **));
    int i;

    for (i = 0; i < search->secrets->nelts; i++) {
        if (is_worth_telling(SECRET(search, i))) {
            APR_ARRAY_PUSH(rows, const char **) =
                cells_of(search->cli, SECRET(search, i));
        }
    }
    if (rows->nelts) {
        cli_terminal_table(pool, columns, 4, rows);
    }
    else {
        puts("No key was found.");
    }
}

static json_t *json_of(const secret_t *secret)
{
    const uk_leak_t *leak = &secret->leak;
    int is_ours = leak->id != NULL;

    return json_pack("{s:s, s:s?, s:s?, s:b, s:b}", "keyPrefix", secret->prefix,
                     "id", leak->id, "team", is_ours ? leak->team : NULL,
                     "isPrevious", is_ours && leak->is_previous, "wasActive",
                     is_ours && leak->was_active);
}

static void print_json_secrets(const search_t *search)
{
    json_t *array = json_array();
    int i;

    for (i = 0; i < search->secrets->nelts; i++) {
        if (is_worth_telling(SECRET(search, i))) {
            json_array_append_new(array, json_of(SECRET(search, i)));
        }
    }
    puts(uk_json_dump(search->cli->pool, array));
}

static cli_status_e deal_with(const search_t *search)
{
    cli_t *cli = search->cli;
    uk_outcome_e outcome;

    /* Reading the text may have taken any time. */
    cli_time_limit_restart();
    cli->actor.now = uk_instant_from_apr(apr_time_now());
    outcome = find_all(search);
    if (outcome == UK_OK && !cli_given(cli, CLI_DRY_RUN)) {
        outcome = end_all(search);
    }
    if (outcome != UK_OK) {
        return cli_unavailable(cli);
    }
    if (cli_given(cli, CLI_JSON)) {
        print_json_secrets(search);
    }
    else {
        print_secrets(search);
    }
    return CLI_DONE;
}

static cli_status_e fail_reading(const cli_t *cli, apr_status_t rv)
{
    char reason[120];

    return cli_fail(cli->pool,
                    "cannot read all of %s: %s; this is about what could be "
                    "read",
                    cli->args[0], apr_strerror(rv, reason, sizeof(reason)));
}

cli_status_e cli_key_leaked(cli_t *cli)
{
    search_t search = {.cli = cli,
                       .hashes = apr_hash_make(cli->pool),
                       .secrets =
                           apr_array_make(cli->pool, 8, sizeof(secret_t *))};
    apr_file_t *file;
    apr_status_t rv;
    cli_status_e status;

    if (cli_input_open(cli, cli->args[0], &file) != CLI_DONE) {
        return CLI_FAILED;
    }
    rv = cli_input_find_tokens(cli->pool, file, note_token, &search);
    status = deal_with(&search);
    return status == CLI_DONE && rv != APR_EOF ? fail_reading(cli, rv) : status;
}
