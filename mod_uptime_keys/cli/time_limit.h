/* SPDX-License-Identifier: Apache-2.0 */
/* The limit of time of the tool: whatever a driver waits for, the process ends.
 * Nothing but the end of the process stops a driver that waits for a server. */
#ifndef UK_CLI_TIME_LIMIT_H
#define UK_CLI_TIME_LIMIT_H

#include "db/database.h"

/* Seconds. */
#define CLI_TIME_LIMIT 30
#define CLI_TIME_LIMIT_MAX (24 * 60 * 60)

/**
 * Begin to count, once in a process. When the time has passed and the tool
 * waits for the database, or as soon after as it does, one line on standard
 * error says what it waited for, and the process ends with CLI_FAILED. It does
 * not end while it waits for something else, as for whoever reads its output.
 *
 * @param seconds_allowed 0: no limit
 * @param is_file         1: the database is a file
 */
void cli_time_limit_begin(int seconds_allowed, int is_file);

/** Begin to count anew, for a command that waited for something else before. */
void cli_time_limit_restart(void);

/**
 * Everything is done but closing connections: should that take until the limit,
 * the process ends silently, with this status.
 */
void cli_time_limit_finish(int status);

/** Watch the provider of a database: its place is taken by one, in the pool,
 *  that tells when the tool waits. */
void cli_time_limit_watch(apr_pool_t *pool, uk_database_t *db);

#endif
