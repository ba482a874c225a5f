/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of a database and its settings, in one table. */
#include "check/check.h"

#include <apr_strings.h>
#include <string.h>

#include "db/driver.h"
#include "store/schema.h"
#include "check/check_beside.h"
#include "check/check_lifetimes.h"
#include "check/check_session.h"
#include "check/check_settings.h"
#include "check/check_triggers.h"
#include "check/remedies.h"

static uk_check_e report_unavailable(const uk_check_context_t *context,
                                     const char **message)
{
    *message = uk_check_explain(context->db->pool, context->db->error);
    return UK_CHECK_ERROR;
}

/* The result of a check that could not read what it checks. UK_NOT_FOUND: it is
 * not known how to ask this kind of database. */
static uk_check_e result_of_failure(const uk_check_context_t *context,
                                    uk_outcome_e outcome, const char **message)
{
    return outcome == UK_NOT_FOUND ? UK_CHECK_NOT_APPLICABLE
                                   : report_unavailable(context, message);
}

static int is_of_file(const uk_check_context_t *context)
{
    return uk_driver_is_file(context->driver);
}

static uk_check_e check_connection(const uk_check_context_t *context,
                                   const char **message)
{
    int version;

    if (uk_schema_version(context->db, &version) != UK_OK) {
        return report_unavailable(context, message);
    }
    *message = is_of_file(context)
                   ? apr_pstrcat(context->db->pool, context->driver, ", ",
                                 context->params, NULL)
                   : context->driver;
    return UK_CHECK_OK;
}

const char *uk_check_version_advice(apr_pool_t *pool, int version,
                                    const char *init)
{
    const int latest = uk_schema_latest();

    if (version == latest) {
        return NULL;
    }
    if (version > latest) {
        return apr_psprintf(pool,
                            "the tables are of version %d, made by a newer "
                            "uptime-keys; this one knows version %d: install "
                            "the newer one",
                            version, latest);
    }
    if (version == 0) {
        return apr_pstrcat(pool, "the database has no tables yet; run: ", init,
                           NULL);
    }
    return apr_psprintf(pool,
                        "%s missing: the database has tables of an older "
                        "version; run: %s",
                        uk_schema_steps(pool, NULL, version), init);
}

/* A newer schema may still have all that is needed, so it is no error. */
static uk_check_e check_version(const uk_check_context_t *context,
                                const char **message)
{
    int version;

    if (uk_schema_version(context->db, &version) != UK_OK) {
        return report_unavailable(context, message);
    }
    *message =
        uk_check_version_advice(context->db->pool, version, context->init);
    if (*message) {
        return version > uk_schema_latest() ? UK_CHECK_WARNING : UK_CHECK_ERROR;
    }
    *message = apr_psprintf(context->db->pool, "version %d", version);
    return UK_CHECK_OK;
}

/* Tables of a newer version may lack what this program knows. */
static uk_check_e check_tables(const uk_check_context_t *context,
                               const char **message)
{
    uk_missing_t missing;
    int version;
    uk_outcome_e outcome = uk_schema_version(context->db, &version);

    if (outcome == UK_OK && version > uk_schema_latest()) {
        return UK_CHECK_NOT_APPLICABLE;
    }
    if (outcome == UK_OK) {
        outcome = uk_schema_missing(context->db, &missing);
    }
    if (outcome != UK_OK) {
        return result_of_failure(context, outcome, message);
    }
    *message = "tables, indexes and triggers are all there";
    if (missing.names->nelts == 0) {
        return UK_CHECK_OK;
    }
    *message = apr_pstrcat(
        context->db->pool,
        "missing: ", apr_array_pstrcat(context->db->pool, missing.names, ' '),
        "; to put that right run: ", context->init, NULL);
    return missing.tables ? UK_CHECK_ERROR : UK_CHECK_WARNING;
}

static uk_check_e check_encoding(const uk_check_context_t *context,
                                 const char **message)
{
    const char *encoding;
    int is_utf8;
    uk_outcome_e outcome = uk_schema_encoding(context->db, &encoding, &is_utf8);

    if (outcome != UK_OK) {
        return result_of_failure(context, outcome, message);
    }
    *message = encoding;
    if (is_utf8) {
        return UK_CHECK_OK;
    }
    *message =
        apr_psprintf(context->db->pool,
                     "the character set of the connection is %s: names "
                     "would be corrupted; use a database in UTF-8, or say "
                     "so in DBDParams (pgsql: client_encoding=UTF8, odbc: "
                     "CHARSET=utf8mb4)",
                     encoding);
    return UK_CHECK_WARNING;
}

/* A file database has the clock of this machine. */
static uk_check_e check_clock(const uk_check_context_t *context,
                              const char **message)
{
    uk_instant_t theirs, before = context->clock(), after;
    uk_outcome_e outcome;

    if (is_of_file(context)) {
        return UK_CHECK_NOT_APPLICABLE;
    }
    outcome = uk_schema_clock(context->db, &theirs);
    if (outcome != UK_OK) {
        return result_of_failure(context, outcome, message);
    }
    after = context->clock();
    if (theirs >= before - UK_CLOCK_SKEW_MS
        && theirs <= after + UK_CLOCK_SKEW_MS) {
        *message = "the database's and this machine's agree";
        return UK_CHECK_OK;
    }
    *message = apr_psprintf(
        context->db->pool,
        "the database's is %" APR_INT64_T_FMT " s %s this machine's: one of "
        "them is wrong, and keys expire by this machine's; set both by NTP",
        (theirs > after ? theirs - after : before - theirs) / 1000,
        theirs > after ? "ahead of" : "behind");
    return UK_CHECK_WARNING;
}

static uk_check_e check_journal(const uk_check_context_t *context,
                                const char **message)
{
    const char *mode;

    if (!is_of_file(context)) {
        return UK_CHECK_NOT_APPLICABLE;
    }
    if (uk_schema_journal(context->db, &mode) != UK_OK) {
        return report_unavailable(context, message);
    }
    *message = "wal: readers do not wait for writers";
    if (strcmp(mode, "wal") == 0) {
        return UK_CHECK_OK;
    }
    *message = apr_psprintf(context->db->pool,
                            "%s: requests wait for every write, and some fail; "
                            "to make it wal stop httpd and run: %s",
                            mode, context->init);
    return UK_CHECK_WARNING;
}

static const struct {
    const char *name;
    uk_check_fn *run;
} checks[] = {
    {"mpm", uk_check_mpm},         {"remoteip", uk_check_remoteip},
    {"path", uk_check_path},       {"options", uk_check_options},
    {"pool", uk_check_pool},       {"connection", check_connection},
    {"init", uk_check_init_sql},   {"pooler", uk_check_pooler},
    {"proxy", uk_check_proxy},     {"writes", uk_check_writes},
    {"cluster", uk_check_cluster}, {"triggers", uk_check_triggers},
    {"version", check_version},    {"tables", check_tables},
    {"encoding", check_encoding},  {"clock", check_clock},
    {"journal", check_journal},    {"lifetimes", uk_check_lifetimes},
};

void uk_check_all(const uk_check_context_t *context, uk_check_report_t *report,
                  void *baton)
{
    uk_finding_t finding = {NULL, UK_CHECK_OK, NULL};
    size_t i;

    for (i = 0; i < sizeof(checks) / sizeof(checks[0])
                && finding.result != UK_CHECK_ERROR;
         i++) {
        finding = (uk_finding_t){checks[i].name, UK_CHECK_OK, ""};
        finding.result = checks[i].run(context, &finding.message);
        if (finding.result != UK_CHECK_NOT_APPLICABLE) {
            report(baton, &finding);
        }
    }
}
