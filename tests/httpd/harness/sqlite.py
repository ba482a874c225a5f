# SPDX-License-Identifier: Apache-2.0
"""SQLite: a file."""

import contextlib
import sqlite3

from . import environment
from .database import Database


class SqliteDatabase(Database):
    backend = "sqlite3"
    driver = "sqlite3"
    dialect = "sqlite3"

    def __init__(self, directory):
        super().__init__()
        self.file = directory / "keys.db"

    @classmethod
    def title(cls):
        return f"SQLite {sqlite3.sqlite_version}"

    @property
    def params(self):
        return str(self.file)

    def files(self):
        return self.file.parent.glob(self.file.name + "*")

    @contextlib.contextmanager
    def connection(self):
        """A connection to the file, which stays the ordinary user's, as do
        those that SQLite puts beside it."""
        with contextlib.closing(
                sqlite3.connect(self.file, timeout=30)) as connection:
            environment.give_to_ordinary_user(self.file)
            with connection:
                yield connection
        for path in self.files():
            # Whoever closes the file last removes those beside it.
            with contextlib.suppress(FileNotFoundError):
                environment.give_to_ordinary_user(path)

    def rows(self, sql, *values):
        with self.connection() as connection:
            return connection.execute(sql, values).fetchall()

    def client(self):
        return environment.as_ordinary_user("sqlite3", self.file)

    def assert_sound(self):
        assert self.rows("PRAGMA integrity_check") == [("ok",)]

    def create_trigger(self, name, when, event, table, statement=None):
        statement = statement or "SELECT RAISE(ABORT, 'made by the test')"
        self.execute(f"CREATE TRIGGER {name} {when} {event} ON {table} "
                     f"BEGIN {statement}; END")

    def lock_keys(self):
        writer = sqlite3.connect(self.file, isolation_level=None,
                                 check_same_thread=False)
        writer.execute("BEGIN IMMEDIATE")
        return writer.close

    @contextlib.contextmanager
    def unreachable(self):
        self.file.parent.chmod(0)
        try:
            yield
        finally:
            self.file.parent.chmod(0o755)

    def execute(self, sql, *values):
        with self.connection() as connection:
            connection.execute(sql, values)
