/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with a database, and what to do: a table of looks. */
#include "check/check.h"

#include <apr_strings.h>
#include <string.h>

#include "store/schema.h"

/* What drivers say, and what helps. */
static const struct {
    const char *error, *advice;
} remedies[] = {
    {"readonly database",
     "only the user who owns the file and its folder can do that"},
    {"unable to open database file",
     "only the user who owns the file and its folder can do that"},
    {"database is locked",
     "another program keeps it for itself; try again when that has ended"},
    {"file is not a database", "this file is something else; name another one"},
    {"disk is full", "make room and try again"},
};

const char *uk_check_remedy(const char *error)
{
    size_t i;

    for (i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++) {
        if (strstr(error, remedies[i].error)) {
            return remedies[i].advice;
        }
    }
    return NULL;
}

static uk_check_e no_answer(const uk_checked_t *what, const char **text)
{
    const char *remedy = uk_check_remedy(what->db->error);

    *text = apr_psprintf(what->db->pool, "the database cannot be used (%s); %s",
                         what->db->error,
                         remedy ? remedy : "keys work as soon as it can");
    return UK_CHECK_BROKEN;
}

/* What a look comes to that found nothing out: a kind of database that is not
 * known has none of ours, and else there was no answer. */
static uk_check_e found_nothing(const uk_checked_t *what, uk_outcome_e outcome,
                                const char **text)
{
    return outcome == UK_NOT_FOUND ? UK_CHECK_NOT_APPLICABLE
                                   : no_answer(what, text);
}

static int is_file(const uk_checked_t *what)
{
    return strcmp(what->driver, "sqlite3") == 0;
}

static uk_check_e look_at_connection(const uk_checked_t *what,
                                     const char **text)
{
    int version;

    if (uk_schema_version(what->db, &version) != UK_OK) {
        return no_answer(what, text);
    }
    *text = is_file(what) ? apr_pstrcat(what->db->pool, what->driver, ", ",
                                        what->params, NULL)
                          : what->driver;
    return UK_CHECK_RIGHT;
}

const char *uk_check_version_advice(apr_pool_t *pool, int version,
                                    const char *init)
{
    if (version == UK_SCHEMA_VERSION) {
        return NULL;
    }
    if (version > UK_SCHEMA_VERSION) {
        return apr_psprintf(pool,
                            "the tables are of version %d, made by a newer "
                            "uptime-keys; this one knows version %d: install "
                            "the newer one",
                            version, UK_SCHEMA_VERSION);
    }
    return apr_psprintf(
        pool, "the database has %s; run: %s",
        version ? "tables of an older version" : "no tables yet", init);
}

/* A newer schema may have all that we need. */
static uk_check_e look_at_version(const uk_checked_t *what, const char **text)
{
    int version;

    if (uk_schema_version(what->db, &version) != UK_OK) {
        return no_answer(what, text);
    }
    *text = uk_check_version_advice(what->db->pool, version, what->init);
    if (*text) {
        return version > UK_SCHEMA_VERSION ? UK_CHECK_DEGRADED
                                           : UK_CHECK_BROKEN;
    }
    *text = apr_psprintf(what->db->pool, "version %d", version);
    return UK_CHECK_RIGHT;
}

static uk_check_e look_at_tables(const uk_checked_t *what, const char **text)
{
    uk_missing_t missing;
    uk_outcome_e outcome = uk_schema_missing(what->db, &missing);

    if (outcome != UK_OK) {
        return found_nothing(what, outcome, text);
    }
    *text = "tables, indexes and triggers are all there";
    if (missing.names->nelts == 0) {
        return UK_CHECK_RIGHT;
    }
    *text = apr_pstrcat(what->db->pool, "missing: ",
                        apr_array_pstrcat(what->db->pool, missing.names, ' '),
                        "; to put that right run: ", what->init, NULL);
    return missing.tables ? UK_CHECK_BROKEN : UK_CHECK_DEGRADED;
}

/* Each database has its own name for it. */
static int is_utf8(const char *encoding)
{
    static const char *const names[] = {"UTF8", "UTF-8", "utf8mb4"};
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(encoding, names[i]) == 0) {
            return 1;
        }
    }
    return 0;
}

static uk_check_e look_at_encoding(const uk_checked_t *what, const char **text)
{
    const char *encoding;
    uk_outcome_e outcome = uk_schema_encoding(what->db, &encoding);

    if (outcome != UK_OK) {
        return found_nothing(what, outcome, text);
    }
    *text = encoding;
    if (is_utf8(encoding)) {
        return UK_CHECK_RIGHT;
    }
    *text = apr_psprintf(what->db->pool,
                         "the connection's texts are %s: names would be "
                         "spoiled; use a database in UTF-8, or say so in "
                         "DBDParams (pgsql: client_encoding=UTF8, odbc: "
                         "CHARSET=utf8mb4)",
                         encoding);
    return UK_CHECK_DEGRADED;
}

/* A file's clock is this machine's. */
static uk_check_e look_at_clock(const uk_checked_t *what, const char **text)
{
    uk_instant_t theirs, before = what->clock(), after;
    uk_outcome_e outcome;

    if (is_file(what)) {
        return UK_CHECK_NOT_APPLICABLE;
    }
    outcome = uk_schema_clock(what->db, &theirs);
    if (outcome != UK_OK) {
        return found_nothing(what, outcome, text);
    }
    after = what->clock();
    if (theirs >= before - UK_CHECK_CLOCK_MS
        && theirs <= after + UK_CHECK_CLOCK_MS) {
        *text = "the database's and this machine's agree";
        return UK_CHECK_RIGHT;
    }
    *text = apr_psprintf(
        what->db->pool,
        "the database's is %" APR_INT64_T_FMT " s %s this machine's: one of "
        "them is wrong, and keys expire by this machine's; set both by NTP",
        (theirs > after ? theirs - after : before - theirs) / 1000,
        theirs > after ? "ahead of" : "behind");
    return UK_CHECK_DEGRADED;
}

static uk_check_e look_at_journal(const uk_checked_t *what, const char **text)
{
    const char *mode;

    if (!is_file(what)) {
        return UK_CHECK_NOT_APPLICABLE;
    }
    if (uk_schema_journal(what->db, &mode) != UK_OK) {
        return no_answer(what, text);
    }
    *text = "wal: who reads does not wait for who writes";
    if (strcmp(mode, "wal") == 0) {
        return UK_CHECK_RIGHT;
    }
    *text = apr_psprintf(what->db->pool,
                         "%s: requests wait for every write, and some fail; "
                         "to make it wal stop httpd and run: %s",
                         mode, what->init);
    return UK_CHECK_DEGRADED;
}

static const struct {
    const char *name;
    uk_look_t *look;
} looks[] = {
    {"path", uk_check_path},        {"options", uk_check_options},
    {"pool", uk_check_pool},        {"connection", look_at_connection},
    {"version", look_at_version},   {"tables", look_at_tables},
    {"encoding", look_at_encoding}, {"clock", look_at_clock},
    {"journal", look_at_journal},
};

apr_array_header_t *uk_check_all(const uk_checked_t *what)
{
    const size_t count = sizeof(looks) / sizeof(looks[0]);
    apr_array_header_t *findings =
        apr_array_make(what->db->pool, (int)count, sizeof(uk_finding_t));
    size_t i;

    for (i = 0; i < count; i++) {
        uk_finding_t finding = {looks[i].name, UK_CHECK_RIGHT, ""};

        finding.result = looks[i].look(what, &finding.text);
        if (finding.result != UK_CHECK_NOT_APPLICABLE) {
            APR_ARRAY_PUSH(findings, uk_finding_t) = finding;
        }
        if (finding.result == UK_CHECK_BROKEN) {
            break;
        }
    }
    return findings;
}
