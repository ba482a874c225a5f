/* SPDX-License-Identifier: Apache-2.0 */
/* What an import knows of the keys and teams that are there already, and of
 * those that it adds. */
#include "store/import_known.h"

#include <apr_strings.h>
#include <stdlib.h>

#include "store/rows.h"

/* Whose secret it is, if a key had it before it was rotated. */
#define NO_TEAM ""

struct uk_import_known_t {
    apr_pool_t *pool;
    int copies;
    apr_hash_t *owners; /* hash of a secret -> id of a team, or NO_TEAM */
    apr_hash_t *ids;    /* of keys */
    apr_hash_t *teams;  /* id -> uk_import_team_t * */
};

/* What read_in_parts() needs to look for strings. */
typedef struct {
    uk_import_known_t *known;
    uk_connection_t *connection;
    apr_pool_t *pool; /* cleared after each part */
    uk_sql_e sql;
    int times; /* how often the statement has the list of strings */
    void (*take)(uk_import_known_t *known, const char **row);
} reading_t;

uk_import_known_t *uk_import_known_create(apr_pool_t *pool, int copies)
{
    uk_import_known_t *known = apr_palloc(pool, sizeof(*known));

    *known = (uk_import_known_t){pool, copies, apr_hash_make(pool),
                                 apr_hash_make(pool), apr_hash_make(pool)};
    return known;
}

static const char *kept(const uk_import_known_t *known, const char *string)
{
    return known->copies ? apr_pstrdup(known->pool, string) : string;
}

static uk_import_team_t *team_of(uk_import_known_t *known, const char *id)
{
    uk_import_team_t *team =
        apr_hash_get(known->teams, id, APR_HASH_KEY_STRING);

    if (!team) {
        team = apr_pcalloc(known->pool, sizeof(*team));
        team->id = kept(known, id);
        team->taken = apr_array_make(known->pool, 0, sizeof(int));
        team->candidate = 1;
        apr_hash_set(known->teams, team->id, APR_HASH_KEY_STRING, team);
    }
    return team;
}

/* A row of UK_SQL_IMPORT_OWNERS. Those of current secrets come first. */
static void note_owner(uk_import_known_t *known, const char **row)
{
    const char *team = uk_row_is_null(row[2]) ? row[1] : NO_TEAM;

    if (!uk_import_known_owner(known, row[0])) {
        apr_hash_set(known->owners, apr_pstrdup(known->pool, row[0]),
                     APR_HASH_KEY_STRING, apr_pstrdup(known->pool, team));
    }
}

static void note_id(uk_import_known_t *known, const char **row)
{
    apr_hash_set(known->ids, apr_pstrdup(known->pool, row[0]),
                 APR_HASH_KEY_STRING, "");
}

/* A row of UK_SQL_IMPORT_SLOTS; the slot of a team without keys is 0. */
static void note_slot(uk_import_known_t *known, const char **row)
{
    uk_import_team_t *team =
        apr_hash_get(known->teams, row[0], APR_HASH_KEY_STRING);
    int slot = atoi(row[1]);

    if (team && !team->is_read) {
        team->is_there = 1;
        if (slot > 0) {
            APR_ARRAY_PUSH(team->taken, int) = slot;
            team->keys++;
        }
    }
}

/* Look for at most UK_IMPORT_LOOKUP strings, the last of which fills the rest
 * of the list. */
static uk_outcome_e read_known_part(const reading_t *reading, char **strings,
                                    int count)
{
    const char *args[2 * UK_IMPORT_LOOKUP];
    apr_array_header_t *rows;
    int i;

    for (i = 0; i < reading->times * UK_IMPORT_LOOKUP; i++) {
        int at = i % UK_IMPORT_LOOKUP;

        args[i] = strings[at < count ? at : count - 1];
    }
    if (uk_connection_select(reading->connection, reading->pool,
                             &uk_sql[reading->sql], args, &rows)) {
        return UK_UNAVAILABLE;
    }
    for (i = 0; i < rows->nelts; i++) {
        reading->take(reading->known, APR_ARRAY_IDX(rows, i, const char **));
    }
    apr_pool_clear(reading->pool);
    return UK_OK;
}

static uk_outcome_e read_in_parts(const reading_t *reading,
                                  const apr_array_header_t *strings)
{
    uk_outcome_e outcome = UK_OK;
    int at;

    for (at = 0; outcome == UK_OK && at < strings->nelts;
         at += UK_IMPORT_LOOKUP) {
        int rest = strings->nelts - at;

        outcome =
            read_known_part(reading, &APR_ARRAY_IDX(strings, at, char *),
                            rest < UK_IMPORT_LOOKUP ? rest : UK_IMPORT_LOOKUP);
    }
    return outcome;
}

/* What to look for, each an array of char *. */
typedef struct {
    apr_array_header_t *hashes, *ids, *teams;
} sought_t;

/* A team that an attempt has read in part is read anew. */
static void seek_team(uk_import_known_t *known, const char *id,
                      apr_hash_t *seen, apr_array_header_t *teams)
{
    uk_import_team_t *team = team_of(known, id);

    if (!team->is_read && !apr_hash_get(seen, team->id, APR_HASH_KEY_STRING)) {
        team->is_there = team->keys = 0;
        team->taken->nelts = 0;
        apr_hash_set(seen, team->id, APR_HASH_KEY_STRING, team);
        APR_ARRAY_PUSH(teams, const char *) = team->id;
    }
}

static sought_t list_sought(uk_import_known_t *known, apr_pool_t *pool,
                            const apr_array_header_t *lines)
{
    sought_t sought = {apr_array_make(pool, lines->nelts, sizeof(char *)),
                       apr_array_make(pool, 1, sizeof(char *)),
                       apr_array_make(pool, 1, sizeof(char *))};
    apr_hash_t *seen = apr_hash_make(pool);
    int i;

    for (i = 0; i < lines->nelts; i++) {
        const uk_import_line_t *line =
            APR_ARRAY_IDX(lines, i, const uk_import_line_t *);

        APR_ARRAY_PUSH(sought.hashes, const char *) = line->hash;
        if (line->key.id) {
            APR_ARRAY_PUSH(sought.ids, const char *) = line->key.id;
        }
        seek_team(known, line->key.team, seen, sought.teams);
    }
    return sought;
}

static void mark_read(const uk_import_known_t *known,
                      const apr_array_header_t *teams)
{
    int i;

    for (i = 0; i < teams->nelts; i++) {
        uk_import_known_team(known, APR_ARRAY_IDX(teams, i, const char *))
            ->is_read = 1;
    }
}

uk_outcome_e uk_import_known_read(uk_import_known_t *known,
                                  uk_connection_t *connection, apr_pool_t *pool,
                                  const apr_array_header_t *lines)
{
    sought_t sought = list_sought(known, pool, lines);
    reading_t reading = {.known = known, .connection = connection};
    uk_outcome_e outcome;

    /* Secrets come last: a key that another import adds meanwhile is there. Had
     * its slot been seen and not its secret, the team would look full. */
    apr_pool_create(&reading.pool, pool);
    reading.sql = UK_SQL_IMPORT_SLOTS;
    reading.times = 1;
    reading.take = note_slot;
    outcome = read_in_parts(&reading, sought.teams);
    reading.sql = UK_SQL_IMPORT_IDS;
    reading.take = note_id;
    if (outcome == UK_OK) {
        outcome = read_in_parts(&reading, sought.ids);
    }
    reading.sql = UK_SQL_IMPORT_OWNERS;
    reading.times = 2;
    reading.take = note_owner;
    if (outcome == UK_OK) {
        outcome = read_in_parts(&reading, sought.hashes);
    }
    if (outcome == UK_OK) {
        mark_read(known, sought.teams);
    }
    return outcome;
}

const char *uk_import_known_owner(const uk_import_known_t *known,
                                  const char *hash)
{
    return apr_hash_get(known->owners, hash, APR_HASH_KEY_STRING);
}

int uk_import_known_has_id(const uk_import_known_t *known, const char *id)
{
    return apr_hash_get(known->ids, id, APR_HASH_KEY_STRING) != NULL;
}

uk_import_team_t *uk_import_known_team(const uk_import_known_t *known,
                                       const char *id)
{
    return apr_hash_get(known->teams, id, APR_HASH_KEY_STRING);
}

void uk_import_known_add(uk_import_known_t *known, const uk_import_line_t *line)
{
    const uk_import_team_t *team = uk_import_known_team(known, line->key.team);

    apr_hash_set(known->owners, kept(known, line->hash), APR_HASH_KEY_STRING,
                 team->id);
    if (line->key.id) {
        apr_hash_set(known->ids, kept(known, line->key.id), APR_HASH_KEY_STRING,
                     "");
    }
}
