/* SPDX-License-Identifier: Apache-2.0 */
/* Importing keys in batches, for example from another product. */
#include "store/import.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "core/keyid.h"
#include "store/rows.h"

struct uk_importer_t {
    uk_database_t *db;
    const uk_actor_t *actor;
    int limit;
    uk_lifetimes_t lifetimes;
};

/* The slots of a team during an attempt. */
typedef struct {
    const int *taken; /* slots that had a key before, in ascending order */
    int taken_count;
    int passed;    /* how many of them are below the candidate */
    int candidate; /* no slot below this one is free */
    int keys;      /* in the team, those added in this attempt included */
} team_t;

/* One attempt at a batch. */
typedef struct {
    const uk_importer_t *importer;
    uk_connection_t *connection;
    apr_pool_t *pool;
    apr_hash_t *teams; /* id -> team_t * */
} attempt_t;

typedef struct {
    const uk_importer_t *importer;
    const apr_array_header_t *batch;
    uk_import_e *results;
} work_t;

static uk_outcome_e select_rows(const attempt_t *attempt, uk_sql_e sql,
                                const char *arg, apr_array_header_t **rows)
{
    return uk_connection_select(attempt->connection, attempt->pool,
                                &uk_sql[sql], (const char *[]){arg}, rows)
               ? UK_UNAVAILABLE
               : UK_OK;
}

static uk_outcome_e insert_team(const attempt_t *attempt, const char *id)
{
    const uk_actor_t *actor = attempt->importer->actor;
    uk_outcome_e outcome = uk_row_write(
        attempt->connection, attempt->pool, UK_SQL_TEAM_INSERT,
        (const char *[]){id, id, uk_row_number(attempt->pool, actor->now)});

    return outcome == UK_OK ? uk_audit_add(attempt->connection, attempt->pool,
                                           actor, "team.create", id, NULL)
                            : outcome;
}

static uk_outcome_e read_slots(const attempt_t *attempt, const char *id,
                               team_t *team)
{
    apr_array_header_t *rows;
    int *taken;
    int i;

    if (select_rows(attempt, UK_SQL_SLOTS_OF_TEAM, id, &rows) != UK_OK) {
        return UK_UNAVAILABLE;
    }
    taken = apr_palloc(attempt->pool,
                       sizeof(*taken) * ((apr_size_t)rows->nelts + 1));
    for (i = 0; i < rows->nelts; i++) {
        taken[i] = atoi(APR_ARRAY_IDX(rows, i, const char **)[0]);
    }
    team->taken = taken;
    team->taken_count = team->keys = rows->nelts;
    return UK_OK;
}

/* Read a team from the database, or create it if it is missing. */
static uk_outcome_e find_team(const attempt_t *attempt, const char *id,
                              team_t **found)
{
    team_t *team = apr_hash_get(attempt->teams, id, APR_HASH_KEY_STRING);
    apr_array_header_t *rows;
    uk_outcome_e outcome;

    *found = team;
    if (team) {
        return UK_OK;
    }
    if (select_rows(attempt, UK_SQL_TEAM_BY_ID, id, &rows) != UK_OK) {
        return UK_UNAVAILABLE;
    }
    team = apr_pcalloc(attempt->pool, sizeof(*team));
    team->candidate = 1;
    outcome =
        rows->nelts ? read_slots(attempt, id, team) : insert_team(attempt, id);
    apr_hash_set(attempt->teams, id, APR_HASH_KEY_STRING, team);
    *found = team;
    return outcome;
}

/* @return the lowest free slot; 0 if the limit leaves none */
static int next_free_slot(team_t *team, int limit)
{
    while (team->passed < team->taken_count
           && team->taken[team->passed] <= team->candidate) {
        team->candidate += team->taken[team->passed] == team->candidate;
        team->passed++;
    }
    return limit && (team->keys >= limit || team->candidate > limit)
               ? 0
               : team->candidate;
}

static uk_instant_t created_at(const attempt_t *attempt, const uk_key_t *key)
{
    return key->created_at == UK_INSTANT_NONE ? attempt->importer->actor->now
                                              : key->created_at;
}

/* Costs a query more than INSERT ... WHERE NOT EXISTS, for which SQLite keeps a
 * journal for each row. @return UK_OK; UK_EXISTS: a row has this hash or id */
static uk_outcome_e require_absent(const attempt_t *attempt, uk_sql_e sql,
                                   const char *value)
{
    apr_array_header_t *rows;
    uk_outcome_e outcome = select_rows(attempt, sql, value, &rows);

    return outcome == UK_OK && rows->nelts ? UK_EXISTS : outcome;
}

static uk_outcome_e add_key(const attempt_t *attempt,
                            const uk_import_line_t *import, team_t *team,
                            int slot)
{
    uk_key_t key = import->key;
    char new_id[UK_KEYID_LEN + 1];
    uk_outcome_e outcome;

    key.created_at = created_at(attempt, &key);
    if (!key.id) {
        uk_keyid_make(key.created_at, new_id);
        key.id = new_id;
    }
    outcome =
        uk_row_insert_key(attempt->connection, attempt->pool, &key,
                          attempt->importer->actor->name, slot, import->hash);
    if (outcome != UK_OK) {
        return outcome;
    }
    team->candidate++;
    team->keys++;
    return uk_audit_add_key(attempt->connection, attempt->pool,
                            attempt->importer->actor, "key.import", &key, NULL);
}

/* A line that was imported before is no error; any other secret must be new.
 * @return UK_OK; UK_EXISTS, and the result of the line; UK_UNAVAILABLE */
static uk_outcome_e find_hash(const attempt_t *attempt,
                              const uk_import_line_t *import,
                              uk_import_e *result)
{
    apr_array_header_t *rows;
    const char **row;

    if (uk_connection_select(
            attempt->connection, attempt->pool, &uk_sql[UK_SQL_OWNER_OF_HASH],
            (const char *[]){import->hash, import->hash}, &rows)) {
        return UK_UNAVAILABLE;
    }
    if (rows->nelts == 0) {
        return UK_OK;
    }
    row = APR_ARRAY_IDX(rows, 0, const char **);
    *result = strcmp(row[1], import->key.team) == 0 && !(row[2] && *row[2])
                  ? UK_IMPORT_PRESENT
                  : UK_IMPORT_HASH_TAKEN;
    return UK_EXISTS;
}

static uk_outcome_e import_key(const attempt_t *attempt,
                               const uk_import_line_t *import,
                               uk_import_e *result)
{
    const uk_importer_t *importer = attempt->importer;
    const uk_key_t *key = &import->key;
    uk_outcome_e outcome;
    team_t *team;
    int slot;

    outcome = find_hash(attempt, import, result);
    if (outcome == UK_OK && key->id) {
        *result = UK_IMPORT_ID_TAKEN;
        outcome = require_absent(attempt, UK_SQL_ID_EXISTS, key->id);
    }
    if (outcome != UK_OK) {
        return outcome == UK_EXISTS ? UK_OK : outcome;
    }
    if (uk_lifetime_is_too_long(&importer->lifetimes, importer->actor->now,
                                key->expires_at)) {
        *result = UK_IMPORT_OVER_LIFETIME;
        return UK_OK;
    }
    if (find_team(attempt, key->team, &team) != UK_OK) {
        return UK_UNAVAILABLE;
    }
    slot = next_free_slot(team, importer->limit);
    *result = slot ? UK_IMPORT_ADDED : UK_IMPORT_OVER_LIMIT;
    return slot ? add_key(attempt, import, team, slot) : UK_OK;
}

static uk_outcome_e import_work(uk_connection_t *connection, apr_pool_t *pool,
                                void *baton)
{
    const work_t *work = baton;
    attempt_t attempt = {work->importer, connection, NULL, NULL};
    uk_outcome_e outcome = UK_OK;
    int i;

    apr_pool_create(&attempt.pool, pool);
    attempt.teams = apr_hash_make(attempt.pool);
    for (i = 0; outcome == UK_OK && i < work->batch->nelts; i++) {
        outcome = import_key(
            &attempt, APR_ARRAY_IDX(work->batch, i, const uk_import_line_t *),
            &work->results[i]);
    }
    apr_pool_destroy(attempt.pool);
    return outcome;
}

uk_importer_t *uk_importer_create(uk_database_t *db, const uk_actor_t *actor,
                                  int limit, const uk_lifetimes_t *lifetimes)
{
    uk_importer_t *importer = apr_palloc(db->pool, sizeof(*importer));

    *importer = (uk_importer_t){db, actor, limit, *lifetimes};
    return importer;
}

uk_outcome_e uk_importer_add(uk_importer_t *importer,
                             const apr_array_header_t *batch,
                             uk_import_e *results)
{
    work_t work = {importer, batch, results};

    return uk_database_transact(importer->db, UK_DATABASE_ATTEMPTS, import_work,
                                &work);
}
