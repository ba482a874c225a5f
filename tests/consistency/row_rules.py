# SPDX-License-Identifier: Apache-2.0
"""The checker of rows: what must hold in the tables, whatever happened.

check() looks at any database of keys, of every kind.  watch() makes it count
the changes of keys by triggers of its own, written again from what docs/CACHE.md
says, so that the product's counter and log can be compared with them.  audit()
compares the events with what clients were answered.
"""

import collections
import json
import re
import time

ACTIONS = {"key.create", "key.import", "key.change", "key.disable",
           "key.enable", "key.rotate", "key.leak", "key.delete"}
BIRTHS = {"key.create", "key.import"}
LOGGED = 1000           # changes
ID = re.compile(r"key_[0-7][0-9a-hjkmnp-tv-z]{25}")
HASH = re.compile(r"[0-9a-f]{64}")
PREFIX = re.compile(r"uptime_[0-9a-f]{8}")
TEAM = re.compile(r"[a-z0-9][a-z0-9_-]*")
SCOPE = re.compile(r"[a-z][a-z0-9-]*:[a-z][a-z0-9-]*")
REASONS = {"manual", "leaked"}
CLOCKS = 10_000         # milliseconds that clocks may differ
# Columns that are no change.
USES = {"last_used_at", "previous_used_at"}
KEY = ("id", "team_id", "slot", "name", "key_hash", "key_prefix", "scopes",
       "created_at", "created_by", "last_used_at", "expires_at", "disabled_at",
       "disabled_reason", "addresses", "previous_hash", "previous_prefix",
       "previous_ends_at", "previous_used_at")

WATCH = {
    "pgsql": ["""
        CREATE FUNCTION watched() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' OR
                to_jsonb(OLD) - 'last_used_at' - 'previous_used_at'
                IS DISTINCT FROM
                to_jsonb(NEW) - 'last_used_at' - 'previous_used_at'
            THEN
                EXECUTE format('INSERT INTO %I.watched_changes (key_hash) '
                               'VALUES ($1)', TG_TABLE_SCHEMA)
                USING OLD.key_hash;
            END IF;
            RETURN NULL;
        END $$""", """
        CREATE TRIGGER watched AFTER UPDATE OR DELETE ON uptime_keys
        FOR EACH ROW EXECUTE PROCEDURE watched()"""],
    # SQLite's trigger of the product counts what is set, also to what it was.
    "sqlite3": ["""
        CREATE TRIGGER watched_delete AFTER DELETE ON uptime_keys BEGIN
            INSERT INTO watched_changes (key_hash) VALUES (OLD.key_hash);
        END""", """
        CREATE TRIGGER watched_update AFTER UPDATE OF {columns} ON uptime_keys
        BEGIN
            INSERT INTO watched_changes (key_hash) VALUES (OLD.key_hash);
        END"""],
    "mysql": ["""
        CREATE TRIGGER watched_delete AFTER DELETE ON uptime_keys FOR EACH ROW
            INSERT INTO watched_changes (key_hash) VALUES (OLD.key_hash)""", """
        CREATE TRIGGER watched_update AFTER UPDATE ON uptime_keys FOR EACH ROW
            INSERT INTO watched_changes (key_hash)
            SELECT OLD.key_hash FROM DUAL WHERE NOT ({same})"""],
}
NUMBERED = {"pgsql": "BIGSERIAL PRIMARY KEY",
            "sqlite3": "INTEGER PRIMARY KEY AUTOINCREMENT",
            "mysql": "BIGINT AUTO_INCREMENT PRIMARY KEY"}


def watch(database):
    """Count every change of a key from now on."""
    (counted,), = database.rows("SELECT counter FROM uptime_changes")
    database.execute(
        "CREATE TABLE watched_changes "
        f"(number {NUMBERED[database.dialect]}, key_hash VARCHAR(64))")
    database.execute("CREATE TABLE watched_from (counter BIGINT)")
    database.execute("INSERT INTO watched_from VALUES (?)", counted)
    columns = [name for name in KEY if name not in USES]
    for statement in WATCH[database.dialect]:
        if database.dialect != "pgsql":
            statement = statement.format(
                columns=", ".join(columns),
                same=" AND ".join(f"OLD.{name} <=> NEW.{name}"
                                  for name in columns))
        database.execute(statement)


def watch_again(database):
    """Forget what was counted."""
    database.execute("DELETE FROM watched_changes")
    database.execute("UPDATE watched_from SET counter = "
                     "(SELECT counter FROM uptime_changes)")


def _is_watched(database):
    try:
        return database.rows("SELECT counter FROM watched_from")
    except Exception:       # pylint: disable=broad-except
        return []           # each module has errors of its own


class Tables:
    """What is in them, read one after the other."""

    def __init__(self, database, limit):
        self.database = database
        self.limit = limit
        self.now = time.time() * 1000 + CLOCKS
        self.keys = [dict(zip(KEY, row)) for row in database.rows(
            f"SELECT {', '.join(KEY)} FROM uptime_keys")]
        self.teams = {team for team, in database.rows(
            "SELECT id FROM uptime_teams")}
        self.events = database.rows(
            "SELECT id, at, action, team_id, key_id FROM uptime_audit "
            "ORDER BY id")
        self.log = database.rows(
            "SELECT number, key_hash, previous_hash FROM uptime_log "
            "ORDER BY number")
        self.counters = [number for number, in database.rows(
            "SELECT counter FROM uptime_changes")]


# The rules: each yields what contradicts it.

def ids(tables):
    """Ids, hashes and prefixes have their form."""
    for key in tables.keys:
        for column, form in (("id", ID), ("team_id", TEAM),
                             ("key_hash", HASH), ("key_prefix", PREFIX)):
            if not form.fullmatch(key[column] or ""):
                yield f"{column} of {key['id']} is {key[column]!r}"


def teams(tables):
    """Each key and each member has a team."""
    for key in tables.keys:
        if key["team_id"] not in tables.teams:
            yield f"{key['id']} is of no team, {key['team_id']}"
    for team, user, role in tables.database.rows(
            "SELECT team_id, user_name, role FROM uptime_members"):
        if team not in tables.teams:
            yield f"{user} is a member of no team, {team}"
        if role not in ("owner", "admin", "member"):
            yield f"{user} is {role!r} of {team}"


def owners(tables):
    """A team has one owner at most."""
    found = tables.database.rows(
        "SELECT team_id, COUNT(*) FROM uptime_members WHERE role = 'owner' "
        "GROUP BY team_id HAVING COUNT(*) > 1")
    for team, several in found:
        yield f"{team} has {several} owners"


def slots(tables):
    """As many slots as keys, none of them twice, from 1 to the limit."""
    of_team = collections.defaultdict(list)
    for key in tables.keys:
        of_team[key["team_id"]].append(key["slot"])
    for team, several in sorted(of_team.items()):
        if len(set(several)) != len(several):
            yield f"{team} has {len(several)} keys in slots {sorted(several)}"
        if not 1 <= min(several) <= max(several) <= tables.limit:
            yield f"{team} has slots {sorted(several)}, of {tables.limit}"


def secrets(tables):
    """No secret is one of two keys, nor current and previous."""
    found = collections.Counter(
        key[column] for key in tables.keys
        for column in ("key_hash", "previous_hash") if key[column])
    for digest, number in found.items():
        if number > 1:
            yield f"the secret {digest[:12]}… is there {number} times"


def rotations(tables):
    """The previous secret is there as a whole or not at all."""
    for key in tables.keys:
        parts = [key[f"previous_{name}"] is not None
                 for name in ("hash", "prefix", "ends_at")]
        if len(set(parts)) > 1:
            yield f"half a rotation of {key['id']}"
        if key["previous_used_at"] is not None and not parts[0]:
            yield f"{key['id']} has a use of a previous secret and no such"
        if parts[0] and not (HASH.fullmatch(key["previous_hash"])
                             and PREFIX.fullmatch(key["previous_prefix"]
                                                  or "")):
            yield f"the previous secret of {key['id']} has not its form"


def disabling(tables):
    """A disabled key has an instant and a reason."""
    for key in tables.keys:
        at, reason = key["disabled_at"], key["disabled_reason"]
        if (at is None) != (reason is None) or (
                reason is not None and reason not in REASONS):
            yield f"{key['id']} is disabled at {at}, for {reason}"


def lists(tables):
    """Scopes and addresses are arrays, with something in them."""
    for key in tables.keys:
        for column, is_needed in (("scopes", True), ("addresses", False)):
            if key[column] is None and not is_needed:
                continue
            try:
                found = json.loads(key[column] or "")
            except ValueError:
                found = None
            if (not isinstance(found, list) or not found
                    or not all(isinstance(one, str) for one in found)
                    or len(set(found)) != len(found)):
                yield f"{column} of {key['id']} are {key[column]!r}"
            elif column == "scopes" and not all(map(SCOPE.fullmatch, found)):
                yield f"{column} of {key['id']} are {key[column]!r}"


def times(tables):
    """Nothing happened in the future, and no use before a creation."""
    for key in tables.keys:
        for column in ("created_at", "last_used_at", "previous_used_at",
                       "disabled_at"):
            if key[column] is not None and not (
                    0 < key[column] <= tables.now):
                yield f"{column} of {key['id']} is {key[column]}"
        used = key["last_used_at"]
        if used is not None and used + CLOCKS < key["created_at"]:
            yield f"{key['id']} was used before it was created"


def counter(tables):
    """One counter; the log ends with it, and has no gap."""
    if len(tables.counters) != 1:
        yield f"{len(tables.counters)} counters"
        return
    numbers = [number for number, _, _ in tables.log]
    last, = tables.counters
    first = max(last - LOGGED, 0) + 1
    if numbers and numbers != list(range(numbers[0], last + 1)):
        yield f"the log has {numbers[:3]}…{numbers[-3:]} up to {last}"
    if last and (not numbers or numbers[0] > first):
        yield f"the log begins with {numbers[:1]}, not {first}"
    for number, digest, previous in tables.log:
        if not HASH.fullmatch(digest) or (
                previous is not None and not HASH.fullmatch(previous)):
            yield f"number {number} of the log has no hash"


def changes(tables):
    """The counter and the log are what watch() counted."""
    watched = _is_watched(tables.database)
    if not watched or len(tables.counters) != 1:
        return
    began, seen = watched[0][0], [digest for digest, in tables.database.rows(
        "SELECT key_hash FROM watched_changes ORDER BY number")]
    if tables.counters[0] - began != len(seen):
        yield (f"the counter rose by {tables.counters[0] - began}, "
               f"{len(seen)} rows were changed")
    logged = collections.Counter(
        digest for number, digest, _ in tables.log if number > began)
    over = logged - collections.Counter(seen)
    if over or (len(seen) <= LOGGED and sum(logged.values()) != len(seen)):
        yield (f"the log has {sum(logged.values())} of {len(seen)} changes, "
               f"and {sum(over.values())} others")


def events(tables):
    """Each key has its events in order: it is made once, first, and nothing
    happens to it once it was deleted."""
    of_key = collections.defaultdict(list)
    for _, at, action, _, key_id in tables.events:
        if at > tables.now:
            yield f"{action} of {key_id} is in the future"
        if key_id is not None:
            of_key[key_id].append((at, action))
            if action not in ACTIONS:
                yield f"{action} of {key_id} is no event of a key"
    for key in tables.keys:
        if not BIRTHS & {action for _, action in of_key[key["id"]]}:
            yield f"{key['id']} has no event of its creation"
    exist = {key["id"] for key in tables.keys}
    for key_id, several in of_key.items():
        yield from _of_one_key(key_id, several, key_id in exist)


def _of_one_key(key_id, several, exists):
    actions = [action for _, action in several]
    if any(action in BIRTHS for action in actions[1:]):
        yield f"{key_id} is made later or twice: {actions}"
    if "key.delete" in actions and (
            exists or actions.index("key.delete") != len(actions) - 1):
        yield f"{key_id} goes on after its deletion: {actions}"
    if any(later + CLOCKS < earlier for (earlier, _), (later, _)
           in zip(several, several[1:])):
        yield f"the events of {key_id} are not in their order"


def rotated(tables):
    """A key with a previous secret has the event, unless SQL did it."""
    keys = {key_id for _, _, action, _, key_id in tables.events
            if action == "key.rotate"}
    for key in tables.keys:
        if key["previous_prefix"] is not None and key["id"] not in keys:
            yield f"{key['id']} has no event of its rotation"


def versions(tables):
    """One version of the schema."""
    found = tables.database.rows("SELECT version FROM uptime_schema")
    if len(found) != 1:
        yield f"{len(found)} versions of the schema"


def servers(tables):
    """No announcement from the future, none twice."""
    for name, seen_at in tables.database.rows(
            "SELECT id, seen_at FROM uptime_servers"):
        if not 0 < seen_at <= tables.now:
            yield f"the server {name} was seen at {seen_at}"


RULES = (ids, teams, owners, slots, secrets, rotations, disabling, lists, times,
         counter, changes, events, rotated, versions, servers)


def check(database, limit=10, without=()):
    """What contradicts the rules; without some that do not apply."""
    tables = Tables(database, limit)
    return [f"{rule.__name__}: {complaint}" for rule in RULES
            if rule.__name__ not in without for complaint in rule(tables)]


# What a client was answered that leaves an event, once for each answer.
EVENTS = {"create": BIRTHS, "rotate": {"key.rotate"}, "delete": {"key.delete"}}


def audit(database, done, unknown):
    """What contradicts the answers: done and unknown count (key, kind) of what
    was confirmed, and of what may have happened."""
    found = collections.Counter(
        (key_id, action) for key_id, action in database.rows(
            "SELECT key_id, action FROM uptime_audit "
            "WHERE key_id IS NOT NULL"))
    complaints = []
    for key_id, kind in {*done, *unknown}:
        if kind not in EVENTS:
            continue
        number = sum(found[key_id, action] for action in EVENTS[kind])
        least = done[key_id, kind]
        most = least + unknown[key_id, kind]
        if not least <= number <= most:
            complaints.append(
                f"audit: {number} times {kind} of {key_id}, which was "
                f"answered {least} times and may have happened {most} times")
    return complaints
