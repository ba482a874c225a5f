/* SPDX-License-Identifier: Apache-2.0 */
/* What an import knows of the keys and teams that are there already, and of
 * those that it adds. */
#ifndef UK_STORE_IMPORT_KNOWN_H
#define UK_STORE_IMPORT_KNOWN_H

#include <apr_hash.h>

#include "db/database.h"
#include "store/import_line.h"

/* A team, and its slots. */
typedef struct {
    const char *id;
    int is_read;               /* 1: looked for in the database */
    int is_there;              /* 1: it was found, or is to be made */
    apr_array_header_t *taken; /* of int: slots that have a key, ascending */
    int passed;                /* how many of them are below the candidate */
    int candidate;             /* no slot below this one is free */
    int keys;                  /* in the team, those to be added included */
} uk_import_team_t;

typedef struct uk_import_known_t uk_import_known_t;

/** Know nothing yet. @param pool of all that is known @param copies 1: it lives
 *  longer than the lines, so their strings are copied */
uk_import_known_t *uk_import_known_create(apr_pool_t *pool, int copies);

/**
 * Look for what lines name in the database: their secrets, ids and teams.
 *
 * @param pool  for what is read meanwhile
 * @param lines uk_import_line_t *s
 * @return UK_OK; UK_UNAVAILABLE with connection->error, after which this may be
 *         called again for the same lines
 */
uk_outcome_e uk_import_known_read(uk_import_known_t *known,
                                  uk_connection_t *connection, apr_pool_t *pool,
                                  const apr_array_header_t *lines)
    __attribute__((warn_unused_result));

/** @return the id of the team whose key has the secret with this hash; "" if a
 *  key had it before it was rotated; NULL if neither is so */
const char *uk_import_known_owner(const uk_import_known_t *known,
                                  const char *hash);

/** @return 1 if a key has this id, else 0 */
int uk_import_known_has_id(const uk_import_known_t *known, const char *id);

/** @return a team that a line of the last uk_import_known_read() names */
uk_import_team_t *uk_import_known_team(const uk_import_known_t *known,
                                       const char *id);

/** From now on there is a key as in this line. */
void uk_import_known_add(uk_import_known_t *known,
                         const uk_import_line_t *line);

#endif
