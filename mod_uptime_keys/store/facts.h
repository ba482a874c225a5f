/* SPDX-License-Identifier: Apache-2.0 */
/* What a database says about the session that a client has in it, and what is
 * in between. */
#ifndef UK_STORE_FACTS_H
#define UK_STORE_FACTS_H

#include "db/database.h"

/* What can be asked. The values have these forms, where a database knows them:
 */
typedef enum {
    UK_FACT_BACKEND, /* which session this is: different for any two */
    UK_FACT_SERVER, /* "5432 3s": the server's own port, 0 for a socket, and the
                        limit of time of statements, 0 for none */
    UK_FACT_WRITES, /* "": it takes writes; "standby"; or "read-only" */
    UK_FACT_CLUSTER, /* "wsrep_on ON wsrep_provider PATH wsrep_sync_wait 0", or
                        less of it */
    UK_FACT_COUNT
} uk_fact_e;

/**
 * Ask one.
 *
 * @param value receives the columns of all rows, with a space between two; in
 *              db->pool; NULL unless UK_OK
 * @return UK_OK; UK_NOT_FOUND: this kind of database has nothing like that;
 *         UK_UNAVAILABLE
 */
uk_outcome_e uk_facts_ask(uk_database_t *db, uk_fact_e fact, const char **value)
    __attribute__((warn_unused_result));

/**
 * Find out whether connections that are open at once share sessions, as those of
 * a pool do that gives each transaction or statement another one. It is asked a
 * number of times, because on a busy pool they may do so only now and then.
 *
 * @param other another database, with connections of its own to the same place
 * @param same  receives 1 or 0
 * @return as uk_facts_ask()
 */
uk_outcome_e uk_facts_share_session(uk_database_t *db, uk_database_t *other,
                                    int *same)
    __attribute__((warn_unused_result));

#endif
