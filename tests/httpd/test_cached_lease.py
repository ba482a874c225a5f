# SPDX-License-Identifier: Apache-2.0
"""The lease on cached keys: which child polls, and what ends the lease."""

import contextlib
import os
import re
import signal

import pytest
from caching import (
    CACHED,
    accepted_until_refused,
    announced,
    cache,
    is_hit,
    look_ups,
)
from harness import (
    MPM,
    UK_ANY,
    assert_refused,
    assert_unavailable,
    environment,
    eventually,
    make_key,
    stopped,
)

pytestmark = [pytest.mark.waits,
              pytest.mark.skipif(environment.BACKEND != "sqlite3",
                                 reason="changes tables in SQLite's words")]

RUNNING = re.compile(r"pid (\d+).*Singleton Watchdog \(uptime_keys_.*running")
DOWN, UP = "UK0052", "UK0053"


@pytest.fixture
def server(new_httpd):
    return new_httpd(CACHED)


@pytest.fixture
def key(server):
    key = server.database.create_key("monitors:read")
    cache(server, key)
    return key


def pollers(server):
    """The process ids of the polling children, in order."""
    return [int(found[1]) for line in server.error_log.lines()
            if (found := RUNNING.search(line.text))]


@contextlib.contextmanager
def without(database, table):
    database.execute(f"ALTER TABLE {table} RENAME TO {table}_renamed")
    try:
        yield
    finally:
        database.execute(f"ALTER TABLE {table}_renamed RENAME TO {table}")


def hits_until_asked(server, key):
    """Ask until a key is looked up; requests that start a lease from now, or
    later, must be looked up."""
    accepted_until_refused(
        lambda: server.get("/t/x", key), refused=503)


@pytest.mark.mpm
def test_another_child_takes_over_from_a_killed_one(server, key):
    eventually(lambda: pollers(server))
    (poller,) = pollers(server)
    os.kill(poller, signal.SIGKILL)
    eventually(lambda: len(pollers(server)) == 2)
    assert pollers(server)[1] != poller
    cache(server, key)
    server.database.execute("DELETE FROM uptime_keys WHERE id = ?", key.id)
    accepted_until_refused(lambda: server.get("/t/x", key))


@pytest.mark.skipif(MPM == "prefork", reason="it may be the child that answers")
def test_stopped_child_ends_the_lease(server, key):
    server.expect_log(UK_ANY)
    eventually(lambda: pollers(server))
    (poller,) = pollers(server)
    cache(server, key)
    # A look-up that fails would end the use of the cache as well.
    with server.database.unavailable(), stopped(poller):
        hits_until_asked(server, key)
    cache(server, key)


def test_failing_polls_end_the_lease(server, key):
    """Although look-ups still succeed."""
    server.expect_log(DOWN)
    with without(server.database, "uptime_changes"):
        eventually(lambda: server.error_log.count(DOWN))
        eventually(lambda: not is_hit(server, key))
        for _ in range(20):
            assert server.get("/t/x", key).status_code == 200
            assert not is_hit(server, key)
        assert server.error_log.count(DOWN) == 1
    cache(server, key)
    assert server.error_log.count(UP) == 1


def test_database_that_comes_back_may_be_another_with_the_same_counter(
        server, key):
    server.expect_log(DOWN)
    with without(server.database, "uptime_changes"):
        eventually(lambda: server.error_log.count(DOWN))
        server.database.execute("DELETE FROM uptime_keys WHERE id = ?", key.id)
        server.database.execute(
            "UPDATE uptime_changes_renamed SET counter = counter - 1")
    eventually(lambda: server.error_log.count(UP))
    assert_refused(server.get("/t/x", key), 401, "invalid_token")


def test_server_whose_announcement_is_gone_announces_itself_again(server, key):
    """As after a restore of an old backup."""
    server.database.execute("DELETE FROM uptime_servers")
    eventually(lambda: announced(server.database))
    cache(server, key)
    server.database.delete_key(key)
    assert_refused(server.get("/t/x", key), 401, "invalid_token")


def test_unavailable_database_is_503_after_the_lease(server, key):
    server.expect_log(UK_ANY)
    with server.database.unavailable(), without(server.database, "uptime_changes"):
        hits_until_asked(server, key)
        assert_unavailable(server.get("/t/x", make_key()))
    cache(server, key)


def test_server_that_cannot_announce_itself_does_not_cache(new_httpd):
    """As with a read-only database."""
    server = new_httpd(CACHED, start=False, expect_log=[DOWN])
    server.database.execute(
        "CREATE TRIGGER nobody BEFORE INSERT ON uptime_servers "
        "BEGIN SELECT RAISE(ABORT, 'refused by the test'); END")
    server.start()
    key = server.database.create_key("monitors:read")
    assert server.get("/t/x", key).status_code == 200
    eventually(lambda: server.error_log.count(DOWN))
    for _ in range(10):
        assert server.get("/t/x", key).status_code == 200
        assert not is_hit(server, key)
    assert server.error_log.count(DOWN) == 1


@pytest.mark.mpm
def test_graceful_restart_begins_anew(server, key):
    (before,) = announced(server.database)
    server.restart_gracefully()
    eventually(lambda: server.get("/t/x", key).status_code == 200
               and announced(server.database)
               and before not in announced(server.database))
    cache(server, key)
    assert len(announced(server.database)) == 1
    server.database.execute("DELETE FROM uptime_keys WHERE id = ?", key.id)
    accepted_until_refused(lambda: server.get("/t/x", key))


@pytest.mark.mpm
def test_restarts_under_load_let_no_deleted_key_in(server, key):
    for _ in range(3):
        server.restart_gracefully()
        key = server.database.import_key("monitors:read")
        for _ in range(10):
            assert server.get("/t/x", key).status_code == 200
        server.database.delete_key(key)
        assert {server.get("/t/x", key).status_code
                for _ in range(6)} == {401}


@pytest.mark.mpm
def test_graceful_stop_leaves_no_announcement(server, key):
    assert len(announced(server.database)) == 1
    server.stop()
    assert not announced(server.database)


def test_server_without_cache_announces_nothing(new_httpd):
    server = new_httpd(CACHED.replace("Cache On", "Cache Off"))
    key = server.database.create_key("monitors:read")
    for number in range(1, 6):
        assert server.get("/t/x", key).status_code == 200
        assert look_ups(server) == number
    assert not announced(server.database)


@pytest.mark.skipif("mod_watchdog.c" in environment.built_in_modules(),
                    reason="mod_watchdog is built into this httpd")
def test_missing_watchdog_is_logged_and_harms_nobody(new_httpd):
    server = new_httpd(CACHED, expect_log=["UK0050"])
    key = server.database.create_key("monitors:read")
    assert server.error_log.count("UK0050") == 1
    for _ in range(3):
        assert not is_hit(server, key)
        assert server.get("/t/x", key).status_code == 200


def test_missing_socache_is_logged_and_harms_nobody(new_httpd):
    server = new_httpd(CACHED, expect_log=["UK0054"], without=("socache_shmcb",))
    key = server.database.create_key("monitors:read")
    assert server.error_log.count(r"UK0054.*LoadModule socache_shmcb_module")
    for _ in range(3):
        assert server.get("/t/x", key).status_code == 200
    server.database.delete_key(key)
    assert server.get("/t/x", key).status_code == 401
