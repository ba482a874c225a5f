/* SPDX-License-Identifier: Apache-2.0 */
/* uptime-keys key import: reads lines and adds them in batches. */
#include <apr_file_io.h>
#include <apr_strings.h>
#include <stdio.h>
#include <string.h>

#include "store/import.h"
#include "store/revoke.h"
#include "cli/input.h"
#include "cli/line_reader.h"
#include "cli/progress.h"

/* Bad lines that are reported one by one; more would hide the first ones. */
#define REPORTED_MAX 20

/* A line of the current batch. */
typedef struct {
    uk_import_line_t import;
    apr_int64_t number;
    const char *error; /* why it is refused; NULL: it is not, so far */
} line_t;

typedef struct {
    cli_t *cli;
    cli_line_reader_t *lines;
    uk_importer_t *importer;
    apr_pool_t *pool;          /* of the current batch */
    apr_array_header_t *batch; /* of line_t * */
    apr_int64_t added, present, refused;
    apr_int64_t old_secrets;    /* keys that had one, where they come from */
    apr_int64_t unknown_scopes; /* keys with a scope that is not known */
    const char *unknown_scope;  /* the first such scope */
    int batch_size;
    cli_progress_t progress;
} import_t;

static const char *const reasons[] = {
    [UK_IMPORT_ADDED] = NULL,
    [UK_IMPORT_PRESENT] = NULL,
    [UK_IMPORT_HASH_TAKEN] =
        "another team's key has this keyHash, or a key had "
        "it before it was rotated",
    [UK_IMPORT_ID_TAKEN] = "another key has this id",
    [UK_IMPORT_OVER_LIMIT] = "the team has as many keys as it may have; "
                             "--over-limit takes it all the same",
    [UK_IMPORT_OVER_LIFETIME] = "the key lives longer than "
                                "UptimeKeysMaxLifetime allows; "
                                "--over-lifetime takes it all the same",
};

static apr_int64_t lines_done(const import_t *import)
{
    return import->added + import->present + import->refused;
}

static int is_dry_run(const import_t *import)
{
    return cli_given(import->cli, CLI_DRY_RUN);
}

static void refuse_line(import_t *import, const line_t *line)
{
    import->refused++;
    if (import->refused <= REPORTED_MAX) {
        cli_progress_clear(&import->progress);
        cli_report(import->pool, "line %" APR_INT64_T_FMT ": %s", line->number,
                   line->error);
    }
}

static void note_unknown_scopes(import_t *import, const uk_key_t *key)
{
    int i;

    for (i = 0; i < key->scopes->nelts; i++) {
        const char *scope = APR_ARRAY_IDX(key->scopes, i, const char *);

        if (uk_catalogue_find(import->cli->settings.catalogue, scope) >= 0) {
            continue;
        }
        if (!import->unknown_scopes++) {
            import->unknown_scope = apr_pstrdup(import->cli->pool, scope);
        }
        return;
    }
}

static void tally(import_t *import, line_t *line, uk_import_e result)
{
    switch (result) {
    case UK_IMPORT_ADDED:
        import->added++;
        import->old_secrets += line->import.has_previous;
        note_unknown_scopes(import, &line->import.key);
        break;
    case UK_IMPORT_PRESENT:
        import->present++;
        break;
    default:
        line->error = reasons[result];
        break;
    }
}

static void begin_batch(import_t *import)
{
    apr_pool_clear(import->pool);
    import->batch =
        apr_array_make(import->pool, import->batch_size, sizeof(line_t *));
}

/* The lines of the batch that are not refused so far. */
static apr_array_header_t *good_lines(const import_t *import)
{
    apr_array_header_t *good = apr_array_make(
        import->pool, import->batch->nelts, sizeof(uk_import_line_t *));
    int i;

    for (i = 0; i < import->batch->nelts; i++) {
        line_t *line = APR_ARRAY_IDX(import->batch, i, line_t *);

        if (!line->error) {
            APR_ARRAY_PUSH(good, uk_import_line_t *) = &line->import;
        }
    }
    return good;
}

/* Count and report all lines of the batch in their order, also those that were
 * refused before. */
static void tally_batch(import_t *import, const uk_import_e *results)
{
    int i, next = 0;

    for (i = 0; i < import->batch->nelts; i++) {
        line_t *line = APR_ARRAY_IDX(import->batch, i, line_t *);

        if (!line->error) {
            tally(import, line, results[next++]);
        }
        if (line->error) {
            refuse_line(import, line);
        }
    }
}

static uk_outcome_e finish_batch(import_t *import)
{
    const apr_array_header_t *good = good_lines(import);
    uk_import_e *results = apr_palloc(
        import->pool, sizeof(*results) * ((apr_size_t)good->nelts + 1));
    uk_outcome_e outcome =
        is_dry_run(import) ? uk_importer_try(import->importer, good, results)
                           : uk_importer_add(import->importer, good, results);

    if (outcome == UK_OK) {
        tally_batch(import, results);
        begin_batch(import);
    }
    return outcome;
}

/* Some editors, and PowerShell, begin a text with it. */
static void skip_byte_order_mark(cli_line_t *line)
{
    static const char mark[] = "\xef\xbb\xbf";
    const size_t len = sizeof(mark) - 1;

    if (line->number == 1 && line->text && line->len >= len
        && memcmp(line->text, mark, len) == 0) {
        line->text += len;
        line->len -= len;
    }
}

static int is_blank_line(const cli_line_t *line)
{
    return line->text && strspn(line->text, " \t\r") >= line->len;
}

static void add_line(import_t *import, const cli_line_t *read)
{
    line_t *line = apr_pcalloc(import->pool, sizeof(*line));

    line->number = read->number;
    if (!read->text) {
        line->error = apr_psprintf(import->pool, "longer than %d bytes",
                                   UK_IMPORT_LINE_MAX);
    }
    else if (uk_import_line_read(import->pool, read->text, read->len,
                                 &line->import, &line->error)
             == 0) {
        line->error = NULL;
    }
    APR_ARRAY_PUSH(import->batch, line_t *) = line;
}

static cli_status_e stop_import(import_t *import, const char *why)
{
    cli_progress_clear(&import->progress);
    return cli_fail(import->cli->pool,
                    "stopped after %" APR_INT64_T_FMT " lines: %s%s",
                    lines_done(import), why,
                    is_dry_run(import) ? ""
                                       : "; what was added stays, so run this "
                                         "again to go on");
}

static cli_status_e read_lines(import_t *import)
{
    char reason[120];
    cli_line_t line;
    apr_status_t rv;

    while ((rv = cli_line_reader_next(import->lines, &line)) == APR_SUCCESS) {
        skip_byte_order_mark(&line);
        if (!is_blank_line(&line)) {
            add_line(import, &line);
        }
        cli_progress_show(&import->progress,
                          lines_done(import) + import->batch->nelts,
                          cli_line_reader_position(import->lines));
        if (import->batch->nelts == import->batch_size
            && finish_batch(import) != UK_OK) {
            return stop_import(import, cli_database_error(import->cli));
        }
    }
    if (finish_batch(import) != UK_OK) {
        return stop_import(import, cli_database_error(import->cli));
    }
    cli_progress_clear(&import->progress);
    return rv == APR_EOF
               ? CLI_DONE
               : stop_import(import, apr_strerror(rv, reason, sizeof(reason)));
}

static const char *keys_have(apr_int64_t count)
{
    return count == 1 ? "key has" : "keys have";
}

static void warn_of_keys(const import_t *import)
{
    apr_pool_t *pool = import->cli->pool;

    if (import->old_secrets) {
        cli_report(pool,
                   "warning: %" APR_INT64_T_FMT " %s a previous secret, "
                   "which an import does not take over: only their current "
                   "one works here",
                   import->old_secrets, keys_have(import->old_secrets));
    }
    if (import->unknown_scopes) {
        cli_report(pool,
                   "warning: %" APR_INT64_T_FMT " %s scopes that "
                   "grant nothing, like %s: UptimeKeysScope can add them",
                   import->unknown_scopes, keys_have(import->unknown_scopes),
                   import->unknown_scope);
    }
}

static cli_status_e summarise(const import_t *import)
{
    const char *would = is_dry_run(import) ? "would be " : "";

    if (import->refused > REPORTED_MAX) {
        cli_report(import->cli->pool, "and %" APR_INT64_T_FMT " more lines",
                   import->refused - REPORTED_MAX);
    }
    warn_of_keys(import);
    printf("%" APR_INT64_T_FMT " lines: %" APR_INT64_T_FMT
           " %sadded, %" APR_INT64_T_FMT " already there, %" APR_INT64_T_FMT
           " %srefused\n",
           lines_done(import), import->added, would, import->present,
           import->refused, would);
    return import->refused ? CLI_FAILED : CLI_DONE;
}

static cli_status_e run_import(import_t *import)
{
    cli_status_e status;

    apr_pool_create(&import->pool, import->cli->pool);
    begin_batch(import);
    status = read_lines(import);
    /* Also if another import has stored the keys just now, and still waits. */
    if (!is_dry_run(import)) {
        uk_revoke_refusals(&import->cli->db);
    }
    return status == CLI_DONE ? summarise(import) : status;
}

cli_status_e cli_key_import(cli_t *cli)
{
    const int limit = cli_given(cli, CLI_OVER_LIMIT) ? 0 : cli->settings.limit;
    const uk_lifetimes_t none = {0, 0};
    const uk_lifetimes_t *lifetimes =
        cli_given(cli, CLI_OVER_LIFETIME) ? &none : &cli->settings.lifetimes;
    import_t import = {.cli = cli, .batch_size = UK_IMPORT_BATCH};
    apr_file_t *file;

    if (cli_input_open(cli, cli->args[0], &file) != CLI_DONE) {
        return CLI_FAILED;
    }
    if (cli_connection_file(cli->connection)) {
        import.batch_size = UK_IMPORT_BATCH_FILE;
    }
    cli_connection_bulk_mode(cli->connection);
    cli_progress_begin(&import.progress, file);
    import.lines = cli_line_reader_create(cli->pool, file, UK_IMPORT_LINE_MAX);
    import.importer =
        uk_importer_create(&cli->db, &cli->actor, limit, lifetimes);
    return run_import(&import);
}
