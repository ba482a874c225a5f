/* SPDX-License-Identifier: Apache-2.0 */
/* The session of a connection: what has to be known and set up before its first
 * statement.
 *
 * On PostgreSQL the schema that holds the tables is resolved once, in a
 * transaction of its own, and stands before the name of each table from then
 * on. Behind a pooler another client may change the search path of the session
 * that a statement runs in; it would then read another tenant's tables. */
#ifndef UK_DB_SESSION_H
#define UK_DB_SESSION_H

#include "db/connection.h"

/* The hex digits of a session's name. */
#define UK_SESSION_NAME_LEN 32

/* Lives as long as the connection. */
typedef struct {
    int is_set_up;
    apr_pool_t *pool; /* of dialect and schema; cleared by the next set-up */
    /* of SQL: "pgsql", as in conf/schema/pgsql/; NULL: unknown */
    const char *dialect;
    /* what stands before a table's name in a statement, where "%" is written
     * twice: "acme."; "" if there are no schemas */
    const char *schema;
    /* Random, so that no other session, process, server or version of this
     * module has it: behind a pooler they may share one session of the
     * database, and a name means what anyone prepared under it. */
    char name[UK_SESSION_NAME_LEN + 1];
    /* of the last statement; never used twice, because PostgreSQL keeps the
     * name of a forgotten statement until the session ends */
    int count;
    int has_names;        /* 1: the statements below have names in the server */
    int allows_standby;   /* 1: they may run on a standby */
    apr_hash_t *prepared; /* for db/statements.c, and */
    int times_forgotten;  /* how often it has emptied it */
} uk_session_t;

/** @return the session of a connection, which may not be set up yet */
uk_session_t *uk_session_of(uk_connection_t *connection);

/**
 * Set up the session of a connection, if that has not happened yet: run the
 * SQL of its driver, learn the dialect, and resolve the schema.
 *
 * @return the session; NULL with connection->error
 */
uk_session_t *uk_session_begin(uk_connection_t *connection);

/** @return 1 if the database is known to be PostgreSQL, else 0 */
int uk_session_is_pgsql(const uk_session_t *session);

/** @return 1 if a line of DBDInitSQL may select a schema (in MySQL: USE), or the
 *  role that has one: it says so, or it calls a function; else 0 */
int uk_session_is_about_schema(const char *sql);

/** The session may be a new one: set it up again before the next statement. */
void uk_session_forget(uk_connection_t *connection);

/**
 * Select the schema that connection->endpoint leads to, for the transaction
 * that is open on this connection. Nothing is done if the database has no
 * search path.
 *
 * @return 0, or -1 with connection->error
 */
int uk_session_select_schema(uk_connection_t *connection)
    __attribute__((warn_unused_result));

#endif
