# SPDX-License-Identifier: Apache-2.0
"""Errors of the database: 503, and no key is shown or left behind."""

import contextlib
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness import UK_DEGRADED, assert_unavailable, environment, only_on
from managed import Client

pytestmark = pytest.mark.backend

UK_UNAVAILABLE = "UK0011"

# Connections check foreign keys at commit.  There are few, so that a request
# gets the same one again.
CONFIG = """
DBDMin 1
DBDKeep 1
DBDMax 2
"""
if environment.BACKEND == "sqlite3":
    CONFIG += 'DBDInitSQL "PRAGMA foreign_keys = ON"\n'

# A row in debts violates a foreign key at commit.
UNPAYABLE = ("CREATE TABLE nowhere (id VARCHAR(9) PRIMARY KEY)",
             "CREATE TABLE debts (id VARCHAR(9) REFERENCES nowhere (id) "
             "DEFERRABLE INITIALLY DEFERRED)")
OWE = "INSERT INTO debts VALUES ('x')"
deferring = only_on("sqlite3", "pgsql", "odbc-pgsql",
                    reason="constraints that are checked by a commit")
SQLITE_HOWS = ["FAIL", "ROLLBACK"] if environment.BACKEND == "sqlite3" else []


@pytest.fixture(scope="module")
def server(new_managed):
    return new_managed(CONFIG, expect_log=[UK_DEGRADED])


@pytest.fixture
def key(server, clean):
    return server.database.import_key("api-keys:read", "api-keys:write",
                                      "monitors:read")


@contextlib.contextmanager
def trouble(server, event, table, how="ABORT"):
    statement = None if how == "ABORT" else \
        f"SELECT RAISE({how}, 'made by the test')"
    server.database.create_trigger("trouble", "BEFORE", event, table,
                                   statement)
    try:
        yield
    finally:
        server.database.drop_trigger("trouble", table)


@contextlib.contextmanager
def commit_fails(server, event, table):
    for sql in UNPAYABLE:
        server.database.execute(sql)
    server.database.create_trigger("trouble", "AFTER", event, table, OWE)
    try:
        yield
    finally:
        server.database.drop_trigger("trouble", table)
        for name in ("debts", "nowhere"):
            server.database.execute(f"DROP TABLE {name}")


def counts(server):
    """The numbers of keys, and of audit rows without the tool's."""
    return server.database.rows(
        "SELECT (SELECT count(*) FROM uptime_keys), (SELECT count(*) "
        "FROM uptime_audit WHERE actor NOT LIKE 'cli:%')")[0]


def assert_no_key_in(answer):
    assert_unavailable(answer)
    assert "uptime_" not in answer.text.replace("uptime_keys", "")


def requests_of(client, key_id):
    return [client.list, client.create, lambda: client.read(key_id),
            lambda: client.delete(key_id)]


@pytest.mark.parametrize("who", ["olga", "key"])
def test_nothing_is_answered_while_the_keys_are_unavailable(server, key, who):
    server.expect_log(UK_UNAVAILABLE)
    client = Client(server, key=key) if who == "key" else \
        Client(server, user=who)
    with server.database.unavailable():
        for request in requests_of(client, key.id):
            assert_no_key_in(request())
    assert client.list().status_code == 200
    assert counts(server) == (1, 0)


@pytest.mark.parametrize("table", ["uptime_members", "uptime_teams"])
def test_unknown_users_are_not_taken_for_outsiders(server, key, table):
    server.expect_log(UK_UNAVAILABLE)
    server.database.execute(f"ALTER TABLE {table} RENAME TO away")
    try:
        for request in requests_of(Client(server, user="olga"), key.id):
            answer = request()
            if answer.status_code >= 400:
                assert_no_key_in(answer)
            else:
                assert table == "uptime_teams"
    finally:
        server.database.execute(f"ALTER TABLE away RENAME TO {table}")


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("how", ["ABORT", *SQLITE_HOWS])
def test_key_that_could_not_be_inserted_is_not_shown(server, olga, how,
                                                     full):
    server.expect_log(UK_UNAVAILABLE)
    for _ in range(9 if full else 0):
        server.database.import_key("monitors:read")
    before = counts(server)
    with trouble(server, "INSERT", "uptime_keys", how):
        for _ in range(3):
            assert_no_key_in(olga.create())
        assert counts(server) == before
    olga.make()
    assert counts(server) == (before[0] + 1, 1)


@pytest.mark.parametrize("how", ["ABORT", *SQLITE_HOWS[1:]])
def test_create_that_could_not_be_written_down_did_not_happen(server, olga,
                                                              how):
    server.expect_log(UK_UNAVAILABLE)
    with trouble(server, "INSERT", "uptime_audit", how):
        for _ in range(3):
            assert_no_key_in(olga.create())
        assert counts(server) == (0, 0)
        assert olga.keys() == []
    olga.make()
    assert counts(server) == (1, 1)


@pytest.mark.parametrize("event,table", [
    ("INSERT", "uptime_audit"), ("DELETE", "uptime_keys"),
    ("UPDATE", "uptime_changes")])
def test_delete_that_failed_leaves_the_key(server, olga, key, event, table):
    server.expect_log(UK_UNAVAILABLE)
    with trouble(server, event, table):
        for _ in range(3):
            assert_unavailable(olga.delete(key.id))
        assert counts(server) == (1, 0)
        assert server.get("/t/x", key).status_code == 200
    assert olga.delete(key.id).status_code == 200
    assert counts(server) == (0, 1)


@deferring
@pytest.mark.parametrize("table", ["uptime_keys", "uptime_audit"])
def test_key_whose_commit_failed_is_not_shown(server, olga, bert, table):
    server.expect_log(UK_UNAVAILABLE)
    with commit_fails(server, "INSERT", table):
        for _ in range(4):
            assert_no_key_in(olga.create())
            assert counts(server) == (0, 0)
            # Nor does any connection of the pool see it.
            for _ in range(4):
                assert olga.keys() == bert.keys() == []
    assert counts(server) == (0, 0)
    olga.make()
    assert counts(server) == (1, 1)


@deferring
@pytest.mark.parametrize("event,table", [
    ("DELETE", "uptime_keys"), ("INSERT", "uptime_audit")])
def test_delete_whose_commit_failed_is_not_claimed(server, olga, key, event,
                                                   table):
    server.expect_log(UK_UNAVAILABLE)
    with commit_fails(server, event, table):
        for _ in range(4):
            assert_unavailable(olga.delete(key.id))
            for _ in range(4):
                assert [found["id"] for found in olga.keys()] == [key.id]
        assert counts(server) == (1, 0)
        assert server.get("/t/x", key).status_code == 200
    assert olga.delete(key.id).status_code == 200
    assert counts(server) == (0, 1)


@only_on("sqlite3", reason="a file and its locks")
@pytest.mark.parametrize("how", ["create", "delete"])
def test_failed_commit_locks_nobody_out(server, olga, key, how):
    server.expect_log(UK_UNAVAILABLE)
    event = "INSERT" if how == "create" else "DELETE"
    act = olga.create if how == "create" else lambda: olga.delete(key.id)
    with commit_fails(server, event, "uptime_keys"):
        assert_unavailable(act())
        with contextlib.closing(sqlite3.connect(
                server.database.file, timeout=1)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.rollback()


@only_on("sqlite3", reason="a file and its locks")
@pytest.mark.slow
def test_locked_database_is_unavailable_for_changes_alone(server, olga, key):
    server.expect_log(UK_UNAVAILABLE)
    with contextlib.closing(sqlite3.connect(
            server.database.file, timeout=1)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert len(olga.keys()) == 1
        began = time.monotonic()
        with ThreadPoolExecutor(2) as pool:
            created = pool.submit(olga.create)
            deleted = pool.submit(olga.delete, key.id)
        assert_no_key_in(created.result())
        assert_unavailable(deleted.result())
        assert time.monotonic() - began < 30
        other.rollback()
    assert counts(server) == (1, 0)
    olga.make()
    assert olga.delete(key.id).status_code == 200


@only_on("sqlite3", reason="a file and its locks")
def test_short_lock_is_waited_for(server, olga):
    other = sqlite3.connect(server.database.file, timeout=1,
                            check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.3, other.rollback)
    timer.start()
    assert olga.create().status_code == 201
    timer.join()
    other.close()


@pytest.fixture
def restarted(server, clean):
    """restarted(CHANGE): restarts the server after a change of its file."""
    saved = server.database.file.with_suffix(".saved")

    def restart(change):
        server.stop()
        server.database.file.rename(saved)
        change(server.database.file, saved)
        server.start()

    yield restart
    server.stop()
    server.database.file.unlink(missing_ok=True)
    saved.rename(server.database.file)
    server.start()


def make_unreadable(file, saved):
    file.write_bytes(saved.read_bytes())
    file.chmod(0)


def make_garbage(file, _):
    file.write_bytes(b"this is no database " * 1000)
    environment.give_to_ordinary_user(file)


def make_empty(file, _):
    file.touch()
    environment.give_to_ordinary_user(file)


@only_on("sqlite3", reason="a file and its locks")
@pytest.mark.parametrize("change", [make_unreadable, make_garbage,
                                    make_empty])
def test_file_that_is_no_use_is_unavailable(server, restarted, change):
    server.expect_log(r"AH\d{5}", r"UK\d{4}", "dbd")
    restarted(change)
    for request in requests_of(Client(server, user="olga"),
                               "key_01jzzzzzzzzzzzzzzzzzzzzzzz"):
        assert_no_key_in(request())


@only_on("sqlite3", reason="a file and its locks")
def test_file_that_cannot_be_written_can_be_read(server, restarted):
    server.expect_log(r"AH\d{5}", r"UK\d{4}", "dbd")

    def make_read_only(file, saved):
        file.write_bytes(saved.read_bytes())
        with contextlib.closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
        environment.give_to_ordinary_user(file)
        file.chmod(0o444)

    restarted(make_read_only)
    olga = Client(server, user="olga")
    assert olga.list().status_code == 200
    assert_no_key_in(olga.create())
    assert olga.keys() == []
