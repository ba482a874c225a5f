/* SPDX-License-Identifier: Apache-2.0 */
/* Changing a key, in one transaction. */
#include "store/change.h"

#include <string.h>

#include "core/json_values.h"
#include "store/rows.h"

typedef struct {
    const uk_actor_t *actor;
    const char *team;
    const char *id;
    uk_key_edit_t *edit;
    void *baton;
    uk_key_t *key;      /* receives the key */
    unsigned changed;   /* receives UK_CHANGED_… */
    const char *detail; /* of UK_CHANGED_FIELDS */
} change_t;

static int differs(apr_pool_t *pool, const uk_key_t *before,
                   const uk_key_t *after, uk_key_field_e field)
{
    const char *old = uk_row_field(pool, before, field);
    const char *new = uk_row_field(pool, after, field);

    return !old != !new || (old && strcmp(old, new) != 0);
}

/* The names of the fields that have other values, as in the API. */
static json_t *name_changed(apr_pool_t *pool, const uk_key_t *before,
                            const uk_key_t *after)
{
    static const uk_key_field_e fields[] = {
        UK_KEY_FIELD_name, UK_KEY_FIELD_scopes, UK_KEY_FIELD_expires_at,
        UK_KEY_FIELD_addresses};
    json_t *names = json_array();
    size_t i;

    for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (differs(pool, before, after, fields[i])) {
            json_array_append_new(names,
                                  json_string(uk_key_fields[fields[i]].member));
        }
    }
    return names;
}

static void compare(apr_pool_t *pool, const uk_key_t *before, change_t *change)
{
    const uk_key_t *after = change->key;
    int was_disabled = before->disabled_at != UK_INSTANT_NONE;
    int is_disabled = after->disabled_at != UK_INSTANT_NONE;
    json_t *detail =
        json_pack("{s:o}", "changed", name_changed(pool, before, after));

    change->changed = 0;
    if (was_disabled != is_disabled) {
        change->changed =
            is_disabled ? UK_CHANGED_DISABLED : UK_CHANGED_ENABLED;
    }
    if (json_array_size(json_object_get(detail, "changed")) > 0) {
        change->changed |= UK_CHANGED_FIELDS;
    }
    if (differs(pool, before, after, UK_KEY_FIELD_name)) {
        json_object_set_new(detail, "oldName", uk_json_string(before->name));
    }
    change->detail = uk_json_dump(pool, detail);
}

/* A later expiry does not prolong the old secret: it ends when it was to end. */
static void keep_previous_end(const uk_key_t *before, uk_key_t *after)
{
    uk_instant_t end = uk_key_previous_end(before);

    after->previous_ends_at = uk_key_previous_end(after);
    if (end < after->previous_ends_at) {
        after->previous_ends_at = end;
    }
}

static uk_outcome_e add_audit(uk_connection_t *connection, apr_pool_t *pool,
                              const change_t *change)
{
    static const struct {
        unsigned bit;
        const char *action;
    } actions[] = {
        {UK_CHANGED_FIELDS, "key.change"},
        {UK_CHANGED_DISABLED, "key.disable"},
        {UK_CHANGED_ENABLED, "key.enable"},
    };
    uk_outcome_e outcome = UK_OK;
    size_t i;

    for (i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (outcome == UK_OK && change->changed & actions[i].bit) {
            outcome = uk_audit_add_key(
                connection, pool, change->actor, actions[i].action, change->key,
                actions[i].bit == UK_CHANGED_FIELDS ? change->detail : NULL);
        }
    }
    return outcome;
}

static uk_outcome_e change_work(uk_connection_t *connection, apr_pool_t *pool,
                                void *baton)
{
    change_t *change = baton;
    uk_outcome_e outcome = uk_row_lock_key(connection, pool, change->team,
                                           change->id, &change->key);
    uk_key_t before;

    if (outcome != UK_OK) {
        return outcome;
    }
    before = *change->key;
    outcome = change->edit(pool, change->key, change->baton);
    if (outcome != UK_OK) {
        return outcome;
    }
    keep_previous_end(&before, change->key);
    compare(pool, &before, change);
    if (!change->changed) {
        return UK_OK;
    }
    outcome = uk_row_change_key(connection, pool, change->key);
    return outcome == UK_OK ? add_audit(connection, pool, change) : outcome;
}

uk_outcome_e uk_change_key(uk_database_t *db, const uk_actor_t *actor,
                           const uk_own_cache_t *own, const char *team,
                           const char *id, uk_key_edit_t *edit, void *baton,
                           uk_key_t **key, unsigned *changed)
{
    change_t change = {actor, team, id, edit, baton, NULL, 0, NULL};
    uk_outcome_e outcome =
        uk_database_transact(db, UK_DATABASE_ATTEMPTS, change_work, &change);

    *key = outcome == UK_OK ? change.key : NULL;
    *changed = outcome == UK_OK ? change.changed : 0;
    if (outcome == UK_OK && !change.changed) {
        /* Whoever changed it may have done so just now, and still wait. Nobody
         * can void the cache by asking again: this server waits for its own
         * poll as for those of others. */
        own = &uk_own_cache_none;
    }
    /* What widens a key holds everywhere then, too. */
    return outcome == UK_OK || outcome == UK_UNAVAILABLE
               ? uk_revoke_everywhere(db, own, outcome)
               : outcome;
}
