# SPDX-License-Identifier: Apache-2.0
"""uptime_log: each change of a key, under the number that it gave the counter,
with the secrets that the key had before. Servers forget those.

A change that may be about any key leaves a gap in the numbers.
"""

import contextlib
import random
import shutil
import tempfile
import threading
from pathlib import Path

import pytest

from harness import only_on
from schema_steps import load_files, steps_of
from uptime_tool import PATIENCE, Tool, give_to_ordinary_user

pytestmark = [pytest.mark.backend, only_on(
    "sqlite3", "pgsql", "mysql", reason="triggers do not know the driver")]

KEPT = 1000
# As store/sql.c has it: what one statement sees belongs together.
READ = ("SELECT changes.counter, logged.number, logged.key_hash "
        "FROM uptime_changes changes LEFT JOIN uptime_log logged "
        "ON logged.number > {} AND logged.number <= changes.counter "
        "WHERE changes.id = 1")


def add_keys(tool, numbers, team="acme"):
    """Keys "key_N" with the hashes hN and, those with an even number, pN."""
    for number in numbers:
        previous = "NULL" if number % 2 else f"'p{number}'"
        tool.execute(
            "INSERT INTO uptime_keys (id, team_id, slot, name, key_hash, "
            "key_prefix, scopes, created_at, previous_hash) VALUES "
            f"('key_{number}', '{team}', {number}, 'N', 'h{number}', "
            f"'uptime_a', '[]', 1, {previous})")


def add_many_keys(tool, count):
    """Without previous hashes, in one statement."""
    values = ", ".join(f"('key_{i}', 'acme', {i}, 'N', 'h{i}', 'uptime_a', "
                       "'[]', 1)" for i in range(1, count + 1))
    tool.execute("INSERT INTO uptime_keys (id, team_id, slot, name, key_hash, "
                 f"key_prefix, scopes, created_at) VALUES {values}")


def counter(tool):
    return tool.rows("SELECT counter FROM uptime_changes")[0][0]


class Since:
    """What has been logged since then."""

    def __init__(self, tool):
        self.tool = tool
        self.start = counter(tool)

    def entries(self):
        """(key_hash, previous_hash) in order, or None if a number is missing;
        then come those of what follows."""
        now = counter(self.tool)
        rows = [tuple(row) for row in self.tool.rows(
            "SELECT number, key_hash, previous_hash FROM uptime_log "
            "WHERE number > ? ORDER BY number", self.start)]
        complete = [row[0] for row in rows] == list(
            range(self.start + 1, now + 1))
        self.start = now
        return [row[1:] for row in rows] if complete else None


@pytest.fixture(scope="module")
def shared():
    """One database for all, as none depends on what was logged before."""
    folder = Path(tempfile.mkdtemp(prefix="uptime-keys-cli-"))
    give_to_ordinary_user(folder)
    tool = Tool(folder)
    tool.good("init")
    yield tool
    shutil.rmtree(folder)


@pytest.fixture
def tool(shared):
    """That database, with the team acme and no key."""
    shared.execute("DELETE FROM uptime_teams")
    shared.execute("INSERT INTO uptime_teams VALUES ('acme', 'Acme', 1)")
    return shared


@pytest.fixture
def keys(tool):
    """Four keys."""
    add_keys(tool, range(1, 5))
    return tool


ONE, TWO, THREE, FOUR = (
    ("h1", None), ("h2", "p2"), ("h3", None), ("h4", "p4"))


def test_each_change_is_logged_once_with_the_secrets_of_before(keys):
    log = Since(keys)
    for sql, entries in (
            ("DELETE FROM uptime_keys WHERE id = 'key_1'", [ONE]),
            ("DELETE FROM uptime_keys WHERE id = 'key_1'", []),
            ("UPDATE uptime_keys SET name = 'x', slot = 9, expires_at = 7 "
             "WHERE id = 'key_2'", [TWO]),
            ("UPDATE uptime_keys SET previous_hash = key_hash, key_hash = 'n', "
             "disabled_at = 1 WHERE id = 'key_2'", [TWO]),
            ("UPDATE uptime_keys SET name = 'y' WHERE id = 'key_2'",
             [("n", "h2")]),
            ("UPDATE uptime_keys SET last_used_at = 5, previous_used_at = 5",
             []),
            ("UPDATE uptime_keys SET name = 'z' WHERE id = 'nobody'", []),
            ("INSERT INTO uptime_teams VALUES ('other', 'O', 1)", []),
            ("UPDATE uptime_keys SET team_id = 'other' WHERE id = 'key_3'",
             [THREE])):
        keys.execute(sql)
        assert log.entries() == entries, sql
    keys.execute("UPDATE uptime_keys SET name = 'w'")
    assert sorted(log.entries()) == [THREE, FOUR, ("n", "h2")]
    keys.execute("DELETE FROM uptime_teams WHERE id = 'acme'")
    assert sorted(log.entries()) == [FOUR, ("n", "h2")]
    add_keys(keys, [7], team="other")
    assert log.entries() == []


def test_what_the_tool_changes_is_logged(tool):
    log = Since(tool)
    key = tool.key()
    hashes = [row[0] for row in tool.rows("SELECT key_hash FROM uptime_keys")]
    assert log.entries() == []
    number = tool.id_of(key)
    tool.good("key", "rotate", number)
    hashes += [row[0] for row in tool.rows("SELECT key_hash FROM uptime_keys")]
    assert log.entries() == [(hashes[0], None)]
    tool.good("key", "edit", number, "--name", "other")
    tool.good("key", "delete", number)
    assert log.entries() == [(hashes[1], hashes[0])] * 2
    tool.key()
    tool.good("team", "delete", "acme")
    assert len(log.entries()) == 1


def test_what_is_rolled_back_is_not_logged(keys):
    log = Since(keys)
    with contextlib.closing(connect(keys)) as connection:
        run(connection, "DELETE FROM uptime_keys WHERE id = 'key_1'")
        connection.rollback()
    assert log.entries() == []
    keys.execute("DELETE FROM uptime_keys WHERE id = 'key_2'")
    assert log.entries() == [TWO]


def test_a_counter_that_somebody_raises_leaves_a_gap(keys):
    log = Since(keys)
    keys.execute("DELETE FROM uptime_keys WHERE id = 'key_1'")
    keys.execute("UPDATE uptime_changes SET counter = counter + 1")
    assert log.entries() is None
    keys.execute("DELETE FROM uptime_keys WHERE id = 'key_2'")
    assert log.entries() == [TWO]


def test_a_counter_that_was_set_back_leaves_no_entries_to_come(keys):
    """They would be about other changes."""
    keys.execute("UPDATE uptime_keys SET name = 'x'")
    end = counter(keys)
    keys.execute("UPDATE uptime_changes SET counter = counter - 3")
    log = Since(keys)
    keys.execute("DELETE FROM uptime_keys WHERE id = 'key_1'")
    assert log.entries() == [ONE]
    keys.execute("UPDATE uptime_changes SET counter = ?", end)
    assert log.entries() is None


def test_a_change_without_a_row_for_the_counter_is_no_error(keys):
    """Its poll fails, so nobody caches; keys must still be deleted."""
    keys.execute("DELETE FROM uptime_changes")
    keys.execute("DELETE FROM uptime_keys WHERE id = 'key_1'")
    keys.execute("UPDATE uptime_keys SET name = 'x'")
    keys.execute("INSERT INTO uptime_changes (id, counter) VALUES (1, 0)")
    log = Since(keys)
    keys.execute("DELETE FROM uptime_keys WHERE id = 'key_2'")
    assert log.entries() == [("h2", "p2")]


def test_the_last_thousand_changes_are_kept(keys):
    log = Since(keys)
    with contextlib.closing(connect(keys)) as connection:
        for number in range(KEPT + 3):
            run(connection, "UPDATE uptime_keys "
                            f"SET name = 'n{number}' WHERE id = 'key_1'")
        connection.commit()
    end = counter(keys)
    assert end == log.start + KEPT + 3
    assert [row[0] for row in keys.rows(
        "SELECT number FROM uptime_log ORDER BY number")] == list(
            range(end - KEPT + 1, end + 1))


def test_one_statement_may_change_as_many_as_the_log_keeps(tool):
    add_many_keys(tool, KEPT)
    log = Since(tool)
    tool.execute("UPDATE uptime_keys SET name = 'x'")
    assert sorted(log.entries()) == sorted(
        (f"h{i}", None) for i in range(1, KEPT + 1))


@only_on("pgsql", reason="its triggers are for statements")
def test_more_changes_than_the_log_keeps_leave_a_gap(tool):
    """Elsewhere each row has a number, and the first ones are not kept."""
    add_many_keys(tool, KEPT + 1)
    log = Since(tool)
    for sql in ("UPDATE uptime_keys SET name = 'x'", "DELETE FROM uptime_keys"):
        before = counter(tool)
        tool.execute(sql)
        assert counter(tool) == before + 1
        assert log.entries() is None
    add_keys(tool, [1])
    tool.execute("DELETE FROM uptime_keys")
    assert log.entries() == [ONE]


@only_on("pgsql", reason="TRUNCATE fires a trigger")
def test_truncate_leaves_a_gap(keys):
    log = Since(keys)
    keys.execute("TRUNCATE uptime_keys")
    assert log.entries() is None


@only_on("pgsql", reason="its statements in statements")
def test_a_statement_in_a_statement_is_logged(keys):
    log = Since(keys)
    keys.execute("WITH gone AS (DELETE FROM uptime_keys WHERE id = 'key_1') "
                 "UPDATE uptime_keys SET name = 'x' WHERE id = 'key_2'")
    assert sorted(log.entries()) == [ONE, TWO]
    keys.database.create_trigger(
        "cascade", "AFTER", "UPDATE", "uptime_keys",
        "DELETE FROM uptime_keys WHERE id = 'key_3'")
    keys.execute("UPDATE uptime_keys SET name = 'y' WHERE id = 'key_2'")
    assert sorted(log.entries()) == [TWO, THREE]
    # No UPDATE OF would know.
    keys.database.drop_trigger("cascade", "uptime_keys")
    keys.database.create_trigger(
        "before", "BEFORE", "UPDATE", "uptime_keys", "NEW.expires_at := 9")
    keys.execute("UPDATE uptime_keys SET last_used_at = 1 WHERE id = 'key_4'")
    assert log.entries() == [FOUR]
    keys.execute("INSERT INTO uptime_keys SELECT * FROM uptime_keys "
                 "WHERE id = 'key_4' ON CONFLICT (id) "
                 "DO UPDATE SET expires_at = 10, slot = 77")
    assert log.entries() == [FOUR]
    keys.database.drop_trigger("before", "uptime_keys")


@only_on("pgsql", reason="its search path")
def test_another_search_path_logs_to_the_schema_of_the_keys(keys):
    log = Since(keys)
    keys.execute(f"SET search_path = pg_catalog; DELETE FROM "
                 f"{keys.database.user}.uptime_keys WHERE id = 'key_1'")
    assert log.entries() == [ONE]


@only_on("sqlite3", reason="OR REPLACE")
def test_what_is_deleted_for_another_row_leaves_a_gap(keys):
    """No trigger knows which rows go."""
    log = Since(keys)
    for sql in ("UPDATE OR REPLACE uptime_keys SET slot = 2 "
                "WHERE id = 'key_1'",
                "UPDATE OR REPLACE uptime_keys SET previous_hash = 'p4' "
                "WHERE id = 'key_3'",
                "INSERT OR REPLACE INTO uptime_keys SELECT 'key_9', team_id, 9,"
                " name, key_hash, key_prefix, scopes, created_at, created_by, "
                "NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL "
                "FROM uptime_keys WHERE id = 'key_1'"):
        keys.execute(sql)
        assert log.entries() is None, sql
    assert [row[0] for row in keys.rows(
        "SELECT id FROM uptime_keys ORDER BY id")] == ["key_3", "key_9"]


@only_on("mysql", reason="REPLACE fires triggers")
def test_what_is_replaced_is_logged(keys):
    log = Since(keys)
    keys.execute("REPLACE INTO uptime_keys (id, team_id, slot, name, key_hash, "
                 "key_prefix, scopes, created_at) VALUES "
                 "('key_1', 'acme', 2, 'x', 'h3', 'uptime_a', '[]', 1)")
    assert sorted(log.entries()) == [ONE, TWO, THREE]


# Several at once.

def connect(tool):
    """A connection, in a transaction after its first statement."""
    database = tool.database
    if database.dialect == "sqlite3":
        import sqlite3      # pylint: disable=import-outside-toplevel
        return sqlite3.connect(database.file)
    name = database.user if database.dialect == "pgsql" else database.name
    connection = database.server.connect(name)
    if database.dialect == "pgsql":
        connection.autocommit = False
    else:
        connection.autocommit(False)
    return connection


def run(connection, sql):
    cursor = connection.cursor()
    cursor.execute(sql)
    return cursor.fetchall() if cursor.description else None


def write(tool, writer, committed, polled):
    """Transactions about keys of one's own, with polls in between; adds what
    was committed."""
    draw = random.Random(writer)
    with contextlib.closing(connect(tool)) as connection:
        for turn in range(20):
            changed = draw.sample((2 * writer + 1, 2 * writer + 2),
                                  draw.randint(1, 2))
            for number in changed:
                run(connection, f"UPDATE uptime_keys SET name = 'n{turn}' "
                                f"WHERE id = 'key_{number}'")
            if draw.random() < 0.3:
                connection.rollback()
            else:
                connection.commit()
                committed += [f"h{number}" for number in changed]
            if turn % 5 == 4:
                polled.clear()
                assert polled.wait(PATIENCE)


def read(tool, since, is_over, polled, polls):
    """Add (since, counter, numbers, hashes) of each poll; the last one begins
    when all is over."""
    was_over = False
    with contextlib.closing(connect(tool)) as connection:
        while not was_over:
            was_over = is_over.is_set()
            rows = run(connection, READ.format(since))
            connection.rollback()
            entries = [row[1:] for row in rows if row[1] is not None]
            polls.append((since, rows[0][0], *(
                [entry[column] for entry in entries] for column in (0, 1))))
            since = rows[0][0]
            polled.set()


@only_on("pgsql", "mysql", reason="writers that do not lock the whole file")
def test_whoever_polls_sees_every_commit_once_and_in_order(tool):
    add_keys(tool, range(1, 17))
    committed, polls = [], []
    is_over, polled = threading.Event(), threading.Event()
    reader = threading.Thread(
        target=read, args=(tool, counter(tool), is_over, polled, polls))
    writers = [threading.Thread(target=write,
                                args=(tool, number, committed, polled))
               for number in range(8)]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    is_over.set()
    reader.join()
    for since, end, numbers, _ in polls:
        assert sorted(numbers) == list(range(since + 1, end + 1))
    assert sorted(name for poll in polls for name in poll[3]) == \
        sorted(committed)
    assert len(committed) > 80 and sum(bool(poll[2]) for poll in polls) > 2


@only_on("pgsql", reason="privileges of a table")
def test_who_may_raise_the_counter_may_write_the_log(bare):
    """Also if the privileges are older than the log."""
    database = bare.database
    other = f"{database.user}_httpd"
    load_files(bare, [step for step in steps_of(database)
                      if int(step.stem) < 6])
    with contextlib.closing(database.server.connect()) as admin:
        run(admin, f"CREATE ROLE {other} LOGIN; "
                   f"GRANT USAGE ON SCHEMA {database.user} TO {other}; "
                   "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES "
                   f"IN SCHEMA {database.user} TO {other}")
    bare.good("init")
    bare.good("team", "create", "acme")
    add_keys(bare, [1])
    log = Since(bare)
    with contextlib.closing(database.server.connect(other)) as connection:
        run(connection, f"DELETE FROM {database.user}.uptime_keys")
        assert run(connection, "SELECT key_hash FROM "
                               f"{database.user}.uptime_log") == [("h1",)]
    assert log.entries() == [ONE]
