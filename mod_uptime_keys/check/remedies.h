/* SPDX-License-Identifier: Apache-2.0 */
/* What to do about an error of a driver, a database or a pooler. */
#ifndef UK_CHECK_REMEDIES_H
#define UK_CHECK_REMEDIES_H

#include <apr_pools.h>

/* Advice that is also given before there is an error. */
#define UK_ADVICE_PRIMARY                                                      \
    "name the server that takes writes in DBDParams (with several hosts: "     \
    "target_session_attrs=read-write)"
#define UK_ADVICE_ROLE_LIMIT                                                   \
    "set a time limit for the role: ALTER ROLE ... SET statement_timeout = "   \
    "'3s'"
#define UK_ADVICE_ODBC_POOL "add UseServerSidePrepare=0 to the connect string"
#define UK_ADVICE_SESSION_POOL                                                 \
    "use a pool of sessions (PgBouncer: pool_mode=session)"

/** @return what to do about an error (db->error), static; NULL if that is not
 *  known */
const char *uk_check_remedy(const char *error);

/** Say that the database cannot be used, why, and what to do about it.
 *
 *  @return one line, in the pool */
const char *uk_check_explain(apr_pool_t *pool, const char *error);

#endif
