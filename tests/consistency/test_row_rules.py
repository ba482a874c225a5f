# SPDX-License-Identifier: Apache-2.0
"""The checker of rows finds nothing in sound tables, and each planted fault."""

import collections
import contextlib
import json
import shutil
import tempfile
from pathlib import Path

import pytest
import row_rules
from harness import environment, make_key
from harness.backends import open_database
from harness.database import now_ms

pytestmark = [
    pytest.mark.backend,
    pytest.mark.waits,
    pytest.mark.skipif(environment.BACKEND.startswith("odbc"),
                       reason="the rows are the same behind another driver")]
FUTURE = 4_000_000_000_000


@pytest.fixture(name="folder", scope="module")
def folder_fixture():
    path = Path(tempfile.mkdtemp(prefix="uk-rows-"))
    path.chmod(0o755)
    environment.give_to_ordinary_user(path)
    yield path
    shutil.rmtree(path)


class Sound:
    """A database in which something of every kind has happened."""

    def __init__(self, folder):
        self.database = open_database(folder)
        self.database.init()
        self.database.create_team("acme")
        self.database.tool("member", "set", "acme", "olga", "owner")
        row_rules.watch(self.database)
        self.key, self.rotated, self.gone, self.disabled = (
            self.database.create_key("monitors:read") for _ in range(4))
        self.imported = self.database.import_key("alerts:read")
        self.database.tool("key", "rotate", self.rotated.id)
        self.database.tool("key", "edit", self.key.id, "--name", "other")
        self.database.tool("key", "disable", self.disabled.id)
        self.database.delete_key(self.gone)

    def set(self, **columns):
        """Change the first key by plain SQL."""
        self.of(self.key, **columns)

    def of(self, key, **columns):
        self.database.execute(
            "UPDATE uptime_keys SET "
            + ", ".join(f"{name} = ?" for name in columns) + " WHERE id = ?",
            *columns.values(), key.id)

    def unchecked(self, statement):
        """Run a statement that foreign keys would refuse."""
        if self.database.dialect == "sqlite3":
            self.database.execute(statement)
            return
        name, off = ((self.database.name, "SET FOREIGN_KEY_CHECKS = 0")
                     if self.database.dialect == "mysql" else
                     ("admin", f"SET search_path = {self.database.user}; "
                               "SET session_replication_role = replica"))
        with contextlib.closing(self.database.server.connect(name)) as admin:
            cursor = admin.cursor()
            cursor.execute(off)
            cursor.execute(statement)

    def event(self, action, key_id, at=None):
        self.database.execute(
            "INSERT INTO uptime_audit (at, actor, source, action, team_id, "
            "key_id) VALUES (?, 'x', 'x', ?, 'acme', ?)",
            at or now_ms(), action, key_id)


@pytest.fixture(name="sound", scope="module")
def sound_fixture(folder):
    """One for all tests: each asks what a fault adds to those before it."""
    return Sound(folder)


def without_trigger(sound):
    sound.database.lose_trigger("uptime_keys_changed", "uptime_keys")
    sound.set(name="another name")


def two_owners(sound):
    sound.database.lose_index("uptime_members_owner", "uptime_members")
    sound.database.execute("INSERT INTO uptime_members (team_id, user_name, "
                           "role) VALUES ('acme', 'adam', 'owner')")


def second_secret(sound):
    (digest,), = sound.database.rows(
        "SELECT key_hash FROM uptime_keys WHERE id = ?", sound.key.id)
    sound.of(sound.rotated, previous_hash=digest)


def execute(statement):
    return lambda sound: sound.database.execute(statement)


def setting(**columns):
    return lambda sound: sound.set(**columns)


# The rule that must complain, and what is done to sound tables.
PLANTED = [
    ("ids", setting(key_prefix="uptime_ABCDEFGH")),
    ("ids", setting(key_hash="x" * 64)),
    ("teams", lambda sound: sound.unchecked(
        "UPDATE uptime_keys SET team_id = 'nowhere' "
        f"WHERE id = '{sound.imported.id}'")),
    ("owners", two_owners),
    ("slots", setting(slot=11)),
    ("secrets", second_secret),
    ("rotations", lambda sound: sound.of(sound.rotated,
                                         previous_ends_at=None)),
    ("rotations", lambda sound: sound.of(sound.disabled,
                                         previous_hash="b" * 64)),
    ("rotations", setting(previous_used_at=1)),
    ("disabling", setting(disabled_at=1)),
    ("disabling", lambda sound: sound.of(sound.disabled,
                                         disabled_reason="tired")),
    ("lists", setting(scopes="[]")),
    ("lists", setting(scopes='["monitors:read", "monitors:read"]')),
    ("lists", setting(scopes="monitors:read")),
    ("lists", setting(addresses=json.dumps([]))),
    ("times", setting(created_at=FUTURE)),
    ("times", setting(last_used_at=1)),
    ("counter", execute("UPDATE uptime_changes SET counter = counter + 5")),
    ("counter", execute("DELETE FROM uptime_log WHERE number = 2")),
    ("counter", execute("DELETE FROM uptime_log WHERE number = 1")),
    ("changes", execute("UPDATE uptime_log SET key_hash = '" + "a" * 64
                        + "' WHERE number = 4")),
    ("changes", without_trigger),
    ("events", lambda sound: sound.event("key.change", sound.gone.id)),
    ("events", lambda sound: sound.event("key.delete", sound.key.id)),
    ("events", lambda sound: sound.event("key.create", sound.key.id)),
    ("events", lambda sound: sound.event("key.change", sound.key.id, 1)),
    ("events", lambda sound: sound.event("key.lost", sound.key.id)),
    ("events", execute("DELETE FROM uptime_audit "
                       "WHERE action IN ('key.create', 'key.import')")),
    ("rotated", execute("DELETE FROM uptime_audit "
                        "WHERE action = 'key.rotate'")),
    ("versions", execute("INSERT INTO uptime_schema (version) "
                         "VALUES (99)")),
    ("versions", execute("DELETE FROM uptime_schema")),
    ("servers", execute("INSERT INTO uptime_servers (id, seen_at) "
                        f"VALUES ('x', {FUTURE})")),
    # Without a counter nothing else is said of it: this is the last.
    ("counter", execute("DELETE FROM uptime_changes")),
]


def test_sound_tables_are_sound(sound):
    assert row_rules.check(sound.database) == []


def test_every_rule_is_planted_against():
    assert {rule.__name__ for rule in row_rules.RULES} == {
        name for name, _ in PLANTED}


def test_events_are_what_clients_were_answered(sound):
    done = collections.Counter({(sound.key.id, "create"): 1,
                                (sound.gone.id, "delete"): 1,
                                (sound.imported.id, "create"): 1,
                                (sound.rotated.id, "rotate"): 1})
    nothing = collections.Counter()
    assert row_rules.audit(sound.database, done, nothing) == []
    # It may have happened, and did, or did not.
    assert row_rules.audit(sound.database, nothing, done) == []
    assert row_rules.audit(sound.database, done, done) == []
    for key, kind in done:
        assert row_rules.audit(sound.database, collections.Counter(
            {(key, kind): 2}), nothing)
    assert row_rules.audit(sound.database, collections.Counter(
        {("key_0" + "0" * 25, "delete"): 1}), nothing)


def test_secret_of_one_key_is_not_anothers_twice(sound):
    """Two keys with new secrets are sound."""
    text = make_key()
    sound.database.import_key("alerts:read", text=text)
    assert row_rules.check(sound.database) == []


@pytest.mark.parametrize(
    "rule, plant", PLANTED,
    ids=[f"{name}{number}" for number, (name, _) in enumerate(PLANTED)])
def test_planted_fault_is_found(sound, rule, plant):
    before = row_rules.check(sound.database)
    plant(sound)
    found = set(row_rules.check(sound.database)) - set(before)
    assert rule in {complaint.split(":")[0] for complaint in found}, found
