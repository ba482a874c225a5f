/* SPDX-License-Identifier: Apache-2.0 */
/* What to do about an error of a driver, a database or a pooler. */
#include "check/remedies.h"

#include <apr_strings.h>
#include <string.h>

#include "core/one_line.h"
#include "db/connection.h"
#include "check/check_triggers.h"

#define OWNS_THE_FILE                                                          \
    "only the user who owns the file and its folder can do that"
#define NO_OPTIONS                                                             \
    "a PgBouncer in between refuses options=; remove that from DBDParams, "    \
    "and " UK_ADVICE_ROLE_LIMIT
#define NO_NAMES                                                               \
    "a pooler in between gives each transaction another session; with "        \
    "ODBC " UK_ADVICE_ODBC_POOL ", else " UK_ADVICE_SESSION_POOL
#define RIGHT_PASSWORD                                                         \
    "make user and password in DBDParams those that the database knows"
#define RIGHT_DATABASE "create it, or make DBDParams name another one"
#define RIGHT_ROLE "create it, or make DBDParams name another one"
#define RIGHTS                                                                 \
    "grant the user of DBDParams the rights that the first file in "           \
    "conf/schema/ lists"
#define MORE_CONNECTIONS                                                       \
    "allow more connections there, or make DBDMax less; every process of "     \
    "httpd may have DBDMax connections"
#define LARGER_POOL                                                            \
    "the pool in between has fewer connections than its clients need; make "   \
    "it larger (PgBouncer: default_pool_size), or DBDMax less"

/* Known parts of error messages, the more special ones first. */
static const struct {
    const char *error, *advice;
} remedies[] = {
    {"readonly database", OWNS_THE_FILE},
    {"unable to open database file", OWNS_THE_FILE},
    {"database is locked",
     "another program keeps it for itself; try again when that has ended"},
    {"file is not a database", "this file is something else; name another one"},
    {"disk is full", "make room and try again"},

    {"unsupported startup parameter", NO_OPTIONS},
    {"transaction blocks not allowed",
     "a pooler in between gives each statement another session, which is of "
     "no use here; make it a pool of transactions or sessions (PgBouncer: "
     "pool_mode=transaction)"},
    {"statement pooling mode",
     "make the pool in between one of transactions or sessions (PgBouncer: "
     "pool_mode=transaction)"},
    {"prepared statement", NO_NAMES},
    {"query_wait_timeout", LARGER_POOL},
    {"no answer to a new connection", LARGER_POOL},
    {"max_client_conn",
     "allow the pooler in between more clients (PgBouncer: max_client_conn)"},
    {"no such database",
     "add it to [databases] of the PgBouncer in between, or make DBDParams "
     "name another one"},
    {"no such user", "add the user to auth_file of the PgBouncer in between"},

    {UK_STANDBY_ERROR, UK_ADVICE_PRIMARY},
    {"session is read-only", UK_ADVICE_PRIMARY},
    {"hot standby mode", UK_ADVICE_PRIMARY},
    {"during recovery", UK_ADVICE_PRIMARY},
    {"read-only transaction",
     "this database takes no writes; " UK_ADVICE_PRIMARY
     ", or if it was made read-only, end that"},
    {"--read-only option",
     "this server takes no writes; name the one that does in DBDParams, or if "
     "it was made read-only, end that: SET GLOBAL read_only = 0"},
    {"log_bin_trust_function_creators", UK_CHECK_TRIGGERS_ADVICE},

    {"password authentication failed", RIGHT_PASSWORD},
    {"no password supplied", RIGHT_PASSWORD},
    {"SASL authentication failed", RIGHT_PASSWORD},
    {"Access denied for user", RIGHT_PASSWORD},
    {"no pg_hba.conf entry",
     "add a line for this user, database and address to pg_hba.conf of the "
     "server, and reload it"},
    {"Unknown database", RIGHT_DATABASE},
    {"the search path has no schema", "create the schema, or correct the "
                                      "search_path in DBDParams or DBDInitSQL, "
                                      "or that of the role"},
    {"too many clients", MORE_CONNECTIONS},
    {"too many connections", MORE_CONNECTIONS},
    {"Too many connections", MORE_CONNECTIONS},
    {"connection slots are reserved", MORE_CONNECTIONS},
    {"permission denied for", RIGHTS},
    {"command denied to user", RIGHTS},
    {"Can't open lib",
     "install this ODBC driver, or make DRIVER= one of those that `odbcinst "
     "-q -d` lists"},
    {"Data source name not found",
     "make DRIVER= one of those that `odbcinst -q -d` lists"},
};

/* Errors in two parts, with something in between. */
static const struct {
    const char *error, *rest, *advice;
} split_remedies[] = {
    {"Access denied for user", "to database", RIGHTS},
    {"database \"", "\" does not exist", RIGHT_DATABASE},
    {"role \"", "\" does not exist", RIGHT_ROLE},
};

/* Parts of the errors that end by themselves when the server is back. */
static const char *const passing[] = {
    "Connection refused",
    "Is the server running",
    "onnection timed out",
    "timeout expired",
    "No route to host",
    "Network is unreachable",
    "starting up",
    "shutting down",
    "not yet accepting connections",
    "terminating connection",
    "closed the connection",
    "no connection to the server",
    "Can't connect to",
    "gone away",
    "Lost connection",
    "not yet prepared node",
};

static int is_passing(const char *error)
{
    size_t i;

    for (i = 0; i < sizeof(passing) / sizeof(passing[0]); i++) {
        if (strstr(error, passing[i])) {
            return 1;
        }
    }
    return 0;
}

static const char *split_remedy(const char *error)
{
    size_t i;

    for (i = 0; i < sizeof(split_remedies) / sizeof(split_remedies[0]); i++) {
        const char *found = strstr(error, split_remedies[i].error);

        if (found && strstr(found, split_remedies[i].rest)) {
            return split_remedies[i].advice;
        }
    }
    return NULL;
}

const char *uk_check_remedy(const char *error)
{
    const char *advice = split_remedy(error);
    size_t i;

    for (i = 0; i < sizeof(remedies) / sizeof(remedies[0]) && !advice; i++) {
        if (strstr(error, remedies[i].error)) {
            advice = remedies[i].advice;
        }
    }
    return advice;
}

const char *uk_check_explain(apr_pool_t *pool, const char *error)
{
    const char *advice = uk_check_remedy(error);

    if (!advice) {
        advice = is_passing(error)
                     ? "see that it runs and that DBDParams names its host and "
                       "port; keys work as soon as it can"
                     : "keys work when that is put right";
    }
    return apr_psprintf(pool, "the database cannot be used (%s); %s",
                        uk_one_line(pool, error), advice);
}
