# SPDX-License-Identifier: Apache-2.0
"""A database of keys, created by the project's own tool.

A subclass says how to connect, and reads and writes rows without the tool:
one module per kind of database, see backends.py.
"""

import contextlib
import json
import subprocess
import tempfile
import time
from dataclasses import dataclass

from . import environment
from .keys import key_hash, make_key


@dataclass(frozen=True)
class Key:
    text: str
    id: str
    team: str
    name: str
    scopes: tuple

    @property
    def prefix(self):
        return self.text[:15]

    def __str__(self):
        return self.text


class Database:
    """What every kind of database does through the tool."""

    backend = None      # for UPTIME_KEYS_DRIVER
    driver = None       # apr_dbd's name, for DBDriver
    dialect = None      # conf/schema/DIALECT/
    params = None       # for DBDParams
    wanted = {}         # parts of params, and the advice if one is missing
    program = None      # another build's, not environment.TOOL

    def __init__(self):
        self.secrets = set()

    @classmethod
    def title(cls):
        """The name and version of the database, for reports."""
        raise NotImplementedError

    def tool(self, *arguments, check=True, config=None, timeout=120,
             program=None):
        """Run uptime-keys; config is the file for -c."""
        where = ["-c", config] if config else [
            "--driver", self.driver, "--params", self.params]
        command = environment.as_ordinary_user(
            program or self.program or environment.TOOL, *where, *arguments)
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=timeout,
            check=False, env=environment.process_environment())
        assert not check or done.returncode == 0, \
            f"{arguments} ended with {done.returncode}: {done.stderr}"
        return done

    def init(self):
        self.tool("init", program=environment.SCENE_TOOL)

    def create_team(self, team):
        self.tool("team", "create", team, program=environment.SCENE_TOOL)

    def create_key(self, *scopes, team="acme", name="test key", expires=None):
        options = [word for scope in scopes for word in ("--scope", scope)]
        if expires is not None:
            options += ["--expires", expires]
        done = self.tool("key", "create", team, "--name", name, *options)
        return self._remember(done.stdout.strip(), team, name, scopes)

    def import_key(self, *scopes, text=None, team="acme", name="imported key",
                   **times):
        """Import a key; times are createdAt, expiresAt, lastUsedAt."""
        text = text or make_key()
        row = {"team": team, "name": name, "scopes": list(scopes),
               "keyHash": key_hash(text), "keyPrefix": text[:15],
               "createdAt": now_ms() - 3_600_000, **times}
        self.import_rows(row, program=environment.SCENE_TOOL)
        return self._remember(text, team, name, scopes)

    def import_rows(self, *rows, **options):
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
            file.flush()
            environment.give_to_ordinary_user(file.name)
            return self.tool("key", "import", "--over-limit", file.name,
                             **options)

    def delete_key(self, key):
        self.tool("key", "delete", key.id)

    def _remember(self, text, team, name, scopes):
        self.secrets.add(text)
        (row,) = self.rows("SELECT id FROM uptime_keys WHERE key_hash = ?",
                           key_hash(text))
        return Key(text, row[0], team, name, scopes)

    # Without the tool; ? stands for a value.

    def rows(self, sql, *values):
        raise NotImplementedError

    def execute(self, sql, *values):
        raise NotImplementedError

    def files(self):
        """All files that may contain data of this database."""
        return [path for path in self.server.data.rglob("*")
                if path.is_file()]

    def client(self):
        """The command line of the database's own client."""
        raise NotImplementedError

    def lose_trigger(self, name, _table):
        """Drop a trigger of the schema."""
        self.execute(f"DROP TRIGGER {name}")

    def lose_index(self, name, _table):
        """Drop an index of the schema."""
        self.execute(f"DROP INDEX {name}")

    def assert_sound(self):
        """Assert that the database finds nothing wrong with its files."""

    # Faults, for a single test.

    def create_trigger(self, name, when, event, table, statement=None):
        """Create a trigger that runs a statement; without one it refuses."""
        raise NotImplementedError

    def drop_trigger(self, name, table):
        self.execute(f"DROP TRIGGER {name}")

    @contextlib.contextmanager
    def refusing(self, event, table):
        """A context in which such a change of a table fails."""
        self.create_trigger("refuse", "BEFORE", event, table)
        try:
            yield
        finally:
            self.drop_trigger("refuse", table)

    def lock_keys(self):
        """Lock keys against writers; returns a function that unlocks them."""
        raise NotImplementedError

    def locked(self, *tables):
        """A context in which no other session can even read the tables."""
        raise NotImplementedError

    def unreachable(self):
        """A context in which connections fail."""
        raise NotImplementedError

    def last_used(self, key):
        (row,) = self.rows("SELECT last_used_at FROM uptime_keys "
                           "WHERE id = ?", key.id)
        return row[0]

    @contextlib.contextmanager
    def unavailable(self):
        """A context in which every statement about keys fails."""
        self.execute("ALTER TABLE uptime_keys RENAME TO uptime_keys_renamed")
        try:
            yield
        finally:
            self.execute("ALTER TABLE uptime_keys_renamed "
                         "RENAME TO uptime_keys")


def now_ms():
    return int(time.time() * 1000)
