/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of what is between httpd and the database, and of the session that
 * httpd has there. */
#include "check/check_session.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "check/remedies.h"
#include "db/driver.h"
#include "store/facts.h"

/* The result of a check that could not ask. UK_NOT_FOUND: this kind of database
 * has nothing like that. */
static uk_check_e result_without_answer(const uk_check_context_t *context,
                                        uk_outcome_e outcome,
                                        const char **message)
{
    if (outcome == UK_NOT_FOUND) {
        return UK_CHECK_NOT_APPLICABLE;
    }
    *message = uk_check_explain(context->db->pool, context->db->error);
    return UK_CHECK_ERROR;
}

uk_check_e uk_check_init_sql(const uk_check_context_t *context,
                             const char **message)
{
    const uk_single_t *single = context->single;

    if (!single || !single->endpoint.init_sql) {
        return UK_CHECK_NOT_APPLICABLE;
    }
    *message = "DBDInitSQL succeeds";
    if (!single->init_failed) {
        return UK_CHECK_OK;
    }
    *message = apr_psprintf(
        context->db->pool,
        "DBDInitSQL number %d fails (%s): httpd does not say so, and leaves it "
        "and all after it out; correct it",
        single->init_failed, single->init_error);
    return UK_CHECK_WARNING;
}

static uk_outcome_e nothing_work(uk_connection_t *connection, apr_pool_t *pool,
                                 void *baton)
{
    (void)connection;
    (void)pool;
    (void)baton;
    return UK_OK;
}

/* What must not be configured with a pool of transactions; NULL: nothing. */
static const char *explain_conflict(const uk_check_context_t *context)
{
    const char *init_sql =
        context->single ? context->single->endpoint.init_sql : NULL;

    if (uk_driver_named(context->driver)->is_odbc
        && !strcasestr(context->params, "UseServerSidePrepare=0")) {
        return "a pool gives each transaction another session, where the ODBC "
               "driver may execute what another client has "
               "prepared: " UK_ADVICE_ODBC_POOL;
    }
    if (init_sql && strcasestr(init_sql, "set")) {
        return "a pool gives each transaction another session: what DBDInitSQL "
               "sets is lost, or holds for another client; set it for the role "
               "instead (ALTER ROLE ... SET ...), or " UK_ADVICE_SESSION_POOL;
    }
    return NULL;
}

uk_check_e uk_check_pooler(const uk_check_context_t *context,
                           const char **message)
{
    uk_outcome_e outcome;
    const char *conflict;
    int shared;

    if (!context->another) {
        return UK_CHECK_NOT_APPLICABLE;
    }
    outcome = uk_facts_share_session(context->db, context->another, &shared);
    if (outcome != UK_OK) {
        return result_without_answer(context, outcome, message);
    }
    *message = "each connection keeps its session";
    if (!shared) {
        return UK_CHECK_OK;
    }
    outcome = uk_database_transact(context->db, 1, nothing_work, NULL);
    if (outcome != UK_OK) {
        return result_without_answer(context, outcome, message);
    }
    conflict = explain_conflict(context);
    *message = conflict ? conflict
                        : "a pool gives each transaction another session, "
                          "which needs nothing else here";
    return conflict ? UK_CHECK_WARNING : UK_CHECK_OK;
}

/* The port in DBDParams; 0: none, or several. */
static int port_of(const char *params)
{
    const char *port = strcasestr(params, "port=");
    char *end;
    long number;

    if (!port || (port > params && apr_isalnum(port[-1]))) {
        return 0;
    }
    number = strtol(port + strlen("port="), &end, 10);
    return *end == ',' ? 0 : (int)number;
}

uk_check_e uk_check_proxy(const uk_check_context_t *context,
                          const char **message)
{
    const char *server, *limit;
    uk_outcome_e outcome = uk_facts_ask(context->db, UK_FACT_SERVER, &server);
    int wanted = port_of(context->params), port;

    if (outcome != UK_OK) {
        return result_without_answer(context, outcome, message);
    }
    port = atoi(server);
    limit = strchr(server, ' ');
    if (strstr(context->params, "statement_timeout") && limit
        && strcmp(limit + 1, "0") == 0) {
        *message = "a proxy has dropped the options in DBDParams, so no "
                   "statement has a limit of time; " UK_ADVICE_ROLE_LIMIT;
        return UK_CHECK_WARNING;
    }
    if (port == 0 || wanted == 0 || port == wanted) {
        return UK_CHECK_NOT_APPLICABLE;
    }
    *message = apr_psprintf(context->db->pool,
                            "a proxy or a pool is in between: the server "
                            "itself listens on port %d",
                            port);
    return UK_CHECK_OK;
}

/* Two connections may lead to two servers. @param writes receives what the
 * first one says that is no primary, or "" */
static uk_outcome_e ask_for_writes(const uk_check_context_t *context,
                                   const char **writes)
{
    uk_outcome_e outcome = uk_facts_ask(context->db, UK_FACT_WRITES, writes);
    const char *others;

    if (outcome == UK_OK && !**writes && context->another
        && uk_facts_ask(context->another, UK_FACT_WRITES, &others) == UK_OK) {
        *writes = others;
    }
    return outcome;
}

static uk_check_e result_of_standby(const uk_check_context_t *context,
                                    const char **message)
{
    if (context->db->allows_standby) {
        *message = "a standby answers, and UptimeKeysAllowStandby is On: a "
                   "deleted key works until the standby has caught up";
        return UK_CHECK_OK;
    }
    *message = "a standby answers, which may know keys that were deleted, so "
               "no key is checked there; " UK_ADVICE_PRIMARY;
    return UK_CHECK_ERROR;
}

uk_check_e uk_check_writes(const uk_check_context_t *context,
                           const char **message)
{
    const char *writes;
    uk_outcome_e outcome = ask_for_writes(context, &writes);

    if (outcome != UK_OK) {
        return result_without_answer(context, outcome, message);
    }
    if (strcmp(writes, "standby") == 0) {
        return result_of_standby(context, message);
    }
    *message = "the server takes writes";
    if (!*writes) {
        return UK_CHECK_OK;
    }
    *message = "the database is read-only: keys are checked, but none can be "
               "made or deleted, and no last use is recorded; name the server "
               "that takes writes in DBDParams, or end that (PostgreSQL: "
               "default_transaction_read_only, MariaDB and MySQL: read_only)";
    return UK_CHECK_WARNING;
}

static int has_no_provider(const char *facts)
{
    return !strstr(facts, "wsrep_provider ")
           || strstr(facts, "wsrep_provider none")
           || strstr(facts, "wsrep_provider  ");
}

uk_check_e uk_check_cluster(const uk_check_context_t *context,
                            const char **message)
{
    const char *facts, *wait;
    uk_outcome_e outcome = uk_facts_ask(context->db, UK_FACT_CLUSTER, &facts);

    if (outcome != UK_OK) {
        return result_without_answer(context, outcome, message);
    }
    if (!strstr(facts, "wsrep_on ON") || has_no_provider(facts)) {
        return UK_CHECK_NOT_APPLICABLE;
    }
    wait = strstr(facts, "wsrep_sync_wait ");
    *message = "this node of Galera waits for what other nodes have written";
    if (wait && atoi(wait + strlen("wsrep_sync_wait ")) & 1) {
        return UK_CHECK_OK;
    }
    *message = "this node of Galera does not wait for what other nodes have "
               "written, so that a deleted key may be accepted; add "
               "DBDInitSQL \"SET SESSION wsrep_sync_wait = 1\"";
    return UK_CHECK_WARNING;
}
