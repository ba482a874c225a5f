# SPDX-License-Identifier: Apache-2.0
"""Many at once, and ends in the middle."""

import collections
import contextlib
import json
import random
import signal
import sqlite3
import subprocess
import threading
import time
from pathlib import Path

import pytest

from harness import only_on
from schema_steps import (LATEST, add_rows, assert_rows, catalogue,
                          load_by_hand)
from uptime_tool import PATIENCE, one_line, row

pytestmark = pytest.mark.slow

CREATE = ["key", "create", "acme", "--name", "N", "--scope", "monitors:read"]
LIMIT = "team acme has 10 of 10 keys: "


def end(processes):
    """(status, output, error) of each."""
    results = []
    for process in processes:
        output, error = process.communicate(timeout=PATIENCE)
        results.append((process.returncode, output, error))
    return results


def killed(process):
    process.kill()
    process.communicate(timeout=PATIENCE)
    return process.returncode == -signal.SIGKILL


@pytest.fixture(scope="module")
def lines():
    return "".join(json.dumps(row(n, team=f"t{n // 10}")) + "\n"
                   for n in range(150_000))


def test_of_64_at_once_exactly_ten_get_a_key(tool):
    results = end([tool.start(*CREATE) for _ in range(64)])
    assert collections.Counter(status for status, _, _ in results) == {
        0: 10, 1: 54}
    keys = {output for status, output, _ in results if status == 0}
    assert len(keys) == 10
    for status, output, error in results:
        if status == 1:
            assert output == "" and one_line(error).startswith(LIMIT)
    assert sorted(tool.rows("SELECT slot FROM uptime_keys")) == [
        (n,) for n in range(1, 11)]


def test_creating_and_deleting_at_once_keeps_the_limit(tool):
    for _ in range(10):
        tool.key()
    ids = [key["id"] for key in tool.json("key", "list", "acme")]
    starts = [(CREATE, n) for n in range(16)] + [
        (["key", "delete", ident], n) for n, ident in enumerate(ids[:6])]
    random.shuffle(starts)
    results = end([tool.start(*words) for words, _ in starts])
    for (words, _), (status, _, error) in zip(starts, results):
        assert status == 0 or (words == CREATE
                               and one_line(error).startswith(LIMIT))
    made = sum(status == 0 for (words, _), (status, _, _)
               in zip(starts, results) if words == CREATE)
    assert len(tool.json("key", "list", "acme")) == 4 + made <= 10


def test_many_inits_at_once_make_one_schema(bare):
    results = end([bare.start("init") for _ in range(16)])
    assert [(status, error) for status, _, error in results] == [(0, "")] * 16
    bare.good("check")
    assert bare.rows("SELECT version FROM uptime_schema") == [(LATEST,)]
    assert bare.rows("SELECT id, counter FROM uptime_changes") == [(1, 0)]


@pytest.mark.parametrize("many", [2, 8])
def test_many_inits_at_once_upgrade_one_schema(bare, many):
    dialect = bare.database.dialect
    load_by_hand(bare, Path(__file__).with_name(
        f"{dialect}-v2.sql").read_text())
    add_rows(bare)
    results = end([bare.start("init") for _ in range(many)])
    assert [(status, error) for status, _, error in results] == [
        (0, "")] * many
    bare.good("check")
    assert bare.rows("SELECT MAX(version) FROM uptime_schema") == [(LATEST,)]
    assert_rows(bare)


def test_many_inits_at_once_restore_what_is_missing(empty):
    before = catalogue(empty)
    database = empty.database
    database.lose_index("uptime_audit_at", "uptime_audit")
    database.lose_trigger("uptime_keys_deleted", "uptime_keys")
    database.execute("DROP TABLE uptime_servers")
    results = end([empty.start("init") for _ in range(8)])
    assert [(status, error) for status, _, error in results] == [(0, "")] * 8
    empty.good("check")
    assert catalogue(empty) == before


LOCKS = {
    "pgsql": "SELECT pg_advisory_lock(7382734651)",
    "mysql": "SELECT GET_LOCK(CONCAT('uptime_keys ', SHA1(DATABASE())), 0)",
}


@contextlib.contextmanager
def installer(database):
    """Another one, that takes its time."""
    where = [database.name] if database.dialect == "mysql" else []
    with contextlib.closing(database.server.connect(*where)) as other:
        other.cursor().execute(LOCKS[database.dialect])
        yield


@only_on("pgsql", "odbc-pgsql", "mysql", "odbc-mysql", reason="its locks")
def test_init_waits_for_another_one(bare):
    with installer(bare.database):
        process = bare.start("init")
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.7)
    assert end([process]) == [
        (0, f"Made the tables: version {LATEST}\n", "")]


def test_one_team_made_by_many_at_once(empty):
    results = end([empty.start("team", "create", "acme", "--owner", f"u{n}")
                   for n in range(8)])
    assert sorted(status for status, _, _ in results) == [0] + [1] * 7
    assert all("already" in one_line(error)
               for status, _, error in results if status)
    assert len(empty.json("member", "list", "acme")) == 1


def test_one_owner_of_many_at_once(empty):
    empty.good("team", "create", "acme")
    results = end([empty.start("member", "set", "acme", f"u{n}", "owner")
                   for n in range(8)])
    assert sorted(status for status, _, _ in results) == [0] + [1] * 7
    assert [member["role"] for member in
            empty.json("member", "list", "acme")] == ["owner"]


@only_on("sqlite3", reason="a file and its locks")
def test_init_killed_at_any_moment_leaves_a_database_that_works(bare):
    hits = 0
    for step in range(40):
        for path in bare.folder.glob("keys.db*"):
            path.unlink()
        process = bare.start("init")
        time.sleep(step * 0.0005)
        hits += killed(process)
        if bare.file.exists():
            done = bare.run("team", "list")
            assert done.returncode == 0 or "init" in one_line(done.stderr)
        bare.good("init")
        bare.good("check")
    assert hits > 5


@contextlib.contextmanager
def fed(path):
    """A pipe with a file, but for its first line, that ends with the context:
    an import is under way until then, however fast it is."""
    with subprocess.Popen(["tail", "-f", "-n", "+2", path],
                          stdout=subprocess.PIPE) as feeder:
        try:
            yield feeder.stdout
        finally:
            feeder.kill()


def test_import_killed_and_run_again_is_complete(empty, lines):
    path = empty.write("keys.jsonl", lines)
    with fed(path) as pipe:
        process = empty.start("key", "import", "-", stdin=pipe)
        wait_for(lambda: count(empty) > 0)
        assert killed(process)
    found = count(empty)
    assert 0 < found < 150_000
    empty.database.assert_sound()
    assert empty.good("key", "import", path) == (
        f"150000 lines: {150_000 - found} added, {found} already there, "
        "0 refused\n")
    assert empty.rows("SELECT COUNT(*), COUNT(DISTINCT key_hash), "
                      "COUNT(DISTINCT id) FROM uptime_keys") == [
        (150_000,) * 3]


def count(tool):
    return tool.rows("SELECT COUNT(*) FROM uptime_keys")[0][0]


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_two_imports_of_one_file_at_once(empty, lines):
    some = "".join(lines.splitlines(keepends=True)[:20_000])
    path = empty.write("keys.jsonl", some)
    results = end([empty.start("key", "import", path) for _ in range(2)])
    assert [(status, error) for status, _, error in results] == [(0, "")] * 2
    assert sum(int(output.split()[2]) for _, output, _ in results) == 20_000
    assert count(empty) == 20_000


@only_on("sqlite3", reason="a file and its locks")
def test_readers_do_not_wait_for_an_import(tool, lines):
    path = tool.write("keys.jsonl", lines)
    look, reads = "SELECT COUNT(*) FROM uptime_teams", 0
    with sqlite3.connect(f"file:{tool.file}?mode=ro", uri=True,
                         timeout=0) as reader:
        # Whoever is the first to open the file locks it for a moment.
        reader.execute(look).fetchone()
        process = tool.start("key", "import", path)
        while process.poll() is None:
            reader.execute(look).fetchone()
            reads += 1
            time.sleep(0.005)
    reader.close()
    assert end([process])[0][0] == 0
    # A read that met a lock would have failed at once: its timeout is 0.
    assert reads > 10


def test_writers_get_their_turn_during_an_import(tool, lines):
    """After the first transaction, which may be longer than they wait."""
    path = tool.write("keys.jsonl", lines)
    with fed(path) as pipe:
        process = tool.start("key", "import", "-", stdin=pipe)
        wait_for(lambda: count(tool) > 0)
        for _ in range(10):
            tool.key()
        assert process.poll() is None
    assert end([process])[0][0] == 0


@only_on("sqlite3", reason="a file and its locks")
def test_a_lock_held_for_a_moment_is_waited_for(tool):
    with sqlite3.connect(tool.file, isolation_level=None,
                         check_same_thread=False) as writer:
        writer.execute("BEGIN IMMEDIATE")
        begin = time.monotonic()
        threading.Timer(1, writer.execute, ["COMMIT"]).start()
        tool.key()
        assert time.monotonic() - begin > 0.5
    writer.close()


@contextlib.contextmanager
def keeper(tool):
    """Somebody who locks out even those who only read."""
    with contextlib.closing(sqlite3.connect(
            tool.file, isolation_level=None,
            check_same_thread=False)) as connection:
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        connection.execute("UPDATE uptime_teams SET name = name")
        yield connection


@only_on("sqlite3", reason="a file and its locks")
def test_a_database_kept_by_one_program_is_waited_for(tool):
    begin = time.monotonic()
    with keeper(tool) as connection:
        threading.Timer(2, connection.close).start()
        tool.key()
        assert time.monotonic() - begin > 1.5


@only_on("sqlite3", reason="a file and its locks")
@pytest.mark.parametrize("words", [CREATE, ["key", "list", "acme"], ["check"],
                                   ["init"]], ids=" ".join)
def test_a_database_that_stays_locked_is_given_up(tool, words):
    with keeper(tool):
        done = tool.run(*words)
    assert done.returncode == 1
    assert "database is locked" in one_line(done.stderr)
    assert "; another program keeps it" in done.stderr


@only_on("sqlite3", reason="a file and its locks")
def test_a_writer_who_does_not_end_is_given_up(tool):
    with contextlib.closing(sqlite3.connect(
            tool.file, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        line = tool.refused(*CREATE)
    assert "database is locked" in line
    assert tool.json("key", "list", "acme") == []
