/* SPDX-License-Identifier: Apache-2.0 */
/* A provider and a driver over real SQLite, which count, and fail on demand. */
#ifndef UK_TESTS_FAKE_H
#define UK_TESTS_FAKE_H

#include "db/database.h"

/* What the driver does wrong, and what it has counted. Initially all zeros; for
 * one connection at a time. */
typedef struct {
    int fail_selects; /* this many selects fail, later ones succeed */
    int fail_writes;
    int fail_prepares;
    int fail_at;           /* the statement with this number fails; 0: none */
    int fail_after;        /* 1: and all that follow it */
    int fail_entries;      /* like an unreadable column with ODBC */
    int fail_begins;       /* with nothing begun, like ODBC's driver */
    int fail_commits;      /* and leave the transaction open */
    int broken;            /* this many connections fail their check */
    int nulls_are_empty;   /* NULL is "", as from PostgreSQL's driver */
    int is_odbc;           /* has ODBC's name, and no random access */
    const char *odbc_says; /* error after the last row; NULL: no more rows */
    int is_unknown;        /* has a name for which there is no schema */
    const char *error;     /* of the failures; NULL: a default */
    int code;              /* SQLite's code for them, with its error; 0: none */
    void (*on_begin)(void); /* called before a transaction begins; or NULL */
    int statements;         /* selects and writes, prepared or not */
    int prepares;
    int kept; /* pools of prepared statements not destroyed */
    int begins;
    int commits;
    int rollbacks;
    int checks;
} fake_faults_t;

extern fake_faults_t fake_faults;

/* A provider of one connection, which is opened when needed, and its counts. */
typedef struct {
    const char *params; /* a path, or ":memory:" */
    int is_plain;       /* 1: SQLite's own driver, which threads can use */
    int dead;           /* this many attempts to acquire return APR_EAGAIN */
    int unavailable;    /* 1: no attempt succeeds */
    const char *unavailable_error;
    apr_status_t unavailable_status; /* 0: APR_EGENERAL */
    int observed;                    /* pieces of work that have ended */
    uk_work_done_t done;             /* the last one */
    int acquired;                    /* successful attempts */
    int released;
    int out;      /* acquired now */
    int out_most; /* the maximum of out */
    int opened;   /* all connections that were opened */
    uk_connection_t connection;
    apr_pool_t *pool;
} fake_provider_t;

/** Create a database with its own provider, both in the pool.
 *
 *  @param params   a path, or ":memory:"
 *  @param provider NULL, or receives the provider */
uk_database_t *fake_database(apr_pool_t *pool, const char *params,
                             fake_provider_t **provider);

/** The same, and install the schema. Zeroes fake_faults. */
uk_database_t *fake_database_with_schema(apr_pool_t *pool, const char *params,
                                         fake_provider_t **provider);

/** Close the provider's connection; the next one to be acquired is new. */
void fake_disconnect(fake_provider_t *provider);

/** Run SQL on the provider's connection, without acquiring it. An error fails
 *  the test. */
void fake_execute(fake_provider_t *provider, const char *sql);

/** Run a query likewise. @return the first column of the first row; "NULL"; or
 *  "none" if there is no row */
const char *fake_ask(fake_provider_t *provider, const char *sql);

#endif
