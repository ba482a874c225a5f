/* SPDX-License-Identifier: Apache-2.0 */
/* Real SQLite behind a provider and a driver that count, and fail as told. */
#ifndef UK_TESTS_FAKE_H
#define UK_TESTS_FAKE_H

#include "db/database.h"

/* What the driver shall do wrong, and what it saw. Begins as all zeros; for
 * one connection at a time. */
typedef struct {
    int fail_selects; /* so many selects fail, the next ones work */
    int fail_writes;
    int fail_prepares;
    int fail_entries;       /* as ODBC's columns that cannot be read */
    int fail_begins;        /* with nothing begun, as ODBC's does */
    int fail_commits;       /* and leave the transaction open */
    int broken;             /* so many connections fail their check */
    int nulls_are_empty;    /* as PostgreSQL's driver has them */
    int is_odbc;            /* by its name; random access fails */
    const char *odbc_says;  /* after the last row; NULL: that there is none */
    int is_unknown;         /* by its name, of which we have no schema */
    const char *error;      /* the text of the failures; NULL: a default */
    int code;               /* a code of SQLite's for them, and its text */
    void (*on_begin)(void); /* somebody else acts before a transaction */
    int prepares;
    int kept; /* pools that statements still hold */
    int begins;
    int commits;
    int rollbacks;
    int checks;
} fake_faults_t;

extern fake_faults_t fake_faults;

/* Provides one connection, over and over; counts. */
typedef struct {
    const char *params; /* the file, or ":memory:" */
    int is_plain;       /* with SQLite's own driver: for threads */
    int dead;           /* so many attempts end in APR_EAGAIN */
    int unavailable;    /* no attempt succeeds */
    const char *unavailable_error;
    int acquired; /* successful attempts */
    int released;
    int out;      /* now */
    int out_most; /* at once */
    int opened;   /* connections in all */
    uk_connection_t connection;
    apr_pool_t *pool;
} fake_provider_t;

/** A database over a provider of its own, both in the pool.
 *
 *  @param params a file's name, or ":memory:"
 *  @param provider receives the provider if not NULL
 */
uk_database_t *fake_database(apr_pool_t *pool, const char *params,
                             fake_provider_t **provider);

/** The same with the schema of the product in it. */
uk_database_t *fake_database_with_schema(apr_pool_t *pool, const char *params,
                                         fake_provider_t **provider);

/** End the provider's connection: what comes next has a new one. */
void fake_disconnect(fake_provider_t *provider);

/** Run SQL on the provider's connection, as somebody else who holds it; fails
 *  the test if it fails. */
void fake_execute(fake_provider_t *provider, const char *sql);

/** The first column of the first row, "NULL" or "none"; likewise. */
const char *fake_ask(fake_provider_t *provider, const char *sql);

#endif
