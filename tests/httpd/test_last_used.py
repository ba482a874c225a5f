# SPDX-License-Identifier: Apache-2.0
"""last_used_at: written once for each interval, asynchronously, and never in
the way of a request."""

import itertools
import sqlite3
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness import AUTHZ_FAILED, UK_CHECKED, eventually, only_on
from harness.database import now_ms
from harness.raw import request

pytestmark = [pytest.mark.waits, pytest.mark.backend]

GUARD = """
<Location "/t/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Location>
"""


def count_writes(database):
    database.execute("CREATE TABLE writes (id VARCHAR(30), at BIGINT)")
    database.create_trigger(
        "count_writes", "AFTER", "UPDATE OF last_used_at", "uptime_keys",
        "INSERT INTO writes VALUES (NEW.id, NEW.last_used_at)")


def refuse_writes(database):
    database.create_trigger("refuse_writes", "BEFORE",
                            "UPDATE OF last_used_at", "uptime_keys")


def writes_for(server, key):
    return [at for at, in server.database.rows(
        "SELECT at FROM writes WHERE id = ?", key.id)]


@pytest.fixture
def server(new_httpd):
    """A server for one test, which stops it to see what it wrote."""
    server = new_httpd(GUARD, start=False)
    count_writes(server.database)
    return server.start()


@pytest.mark.mpm
def test_first_use_is_written(server):
    key = server.database.create_key("monitors:read")
    assert server.database.last_used(key) is None
    before = now_ms()
    server.get("/t/x", key)
    after = now_ms()
    used = eventually(lambda: server.database.last_used(key))
    assert before <= used <= after


def test_forbidden_use_counts(server):
    server.expect_log(AUTHZ_FAILED)
    key = server.database.create_key("alerts:read")
    assert server.get("/t/x", key).status_code == 403
    eventually(lambda: server.database.last_used(key))


def test_refused_use_does_not_count(server):
    key = server.database.import_key("monitors:read", expiresAt=now_ms() - 1)
    assert server.get("/t/x", key).status_code == 401
    server.stop()
    assert server.database.last_used(key) is None


@pytest.mark.mpm
def test_graceful_stop_loses_nothing(server):
    keys = [server.database.create_key("monitors:read") for _ in range(5)]
    for key in keys:
        server.get("/t/x", key)
    server.stop()
    assert all(server.database.last_used(key) for key in keys)


@pytest.mark.mpm
def test_many_parallel_requests_make_one_write(server):
    key = server.database.create_key("monitors:read")
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: server.get("/t/x", key),
                                range(160)))
    assert {answer.status_code for answer in answers} == {200}
    server.stop()
    assert len(writes_for(server, key)) == 1


def test_graceful_stop_writes_what_still_waits(server):
    server.expect_log("UK")
    keys = [server.database.create_key("monitors:read") for _ in range(3)]
    unlock = server.database.lock_keys()
    for key in keys:
        server.get("/t/x", key)
    release = threading.Timer(0.5, unlock)
    release.start()
    server.stop()
    release.join()
    assert all(server.database.last_used(key) for key in keys)


def test_not_written_again_within_the_interval(server):
    recently = now_ms() - 5_000
    key = server.database.import_key("monitors:read", lastUsedAt=recently)
    server.get("/t/x", key)
    server.stop()
    assert server.database.last_used(key) == recently


def test_recent_use_is_no_attempt_to_write(server):
    """A view cannot be written."""
    key = server.database.import_key("monitors:read", lastUsedAt=now_ms())
    eventually(lambda: server.error_log.count(UK_CHECKED))
    with server.database.unavailable():
        server.database.execute(
            "CREATE VIEW uptime_keys AS SELECT * FROM uptime_keys_renamed")
        assert server.get("/t/x", key).status_code == 200
        server.stop()
        server.database.execute("DROP VIEW uptime_keys")
    assert not server.error_log.ours("warn", "error")


def test_written_again_after_the_interval(server):
    long_ago = now_ms() - 3_600_000
    key = server.database.import_key("monitors:read", lastUsedAt=long_ago)
    before = now_ms()
    server.get("/t/x", key)
    eventually(lambda: server.database.last_used(key) >= before)


def test_never_moves_backwards(server):
    """Another server's clock may be ahead."""
    ahead = now_ms() + 3_600_000
    key = server.database.import_key("monitors:read", lastUsedAt=ahead)
    server.get("/t/x", key)
    server.stop()
    assert server.database.last_used(key) == ahead


def test_interval_can_be_set(new_httpd):
    server = new_httpd(GUARD + "UptimeKeysLastUsedInterval 1\n", start=False)
    count_writes(server.database)
    server.start()
    key = server.database.create_key("monitors:read")

    def written_twice():
        assert server.get("/t/x", key).status_code == 200
        return len(writes_for(server, key)) >= 2

    eventually(written_twice, every=0.1)
    server.stop()
    times = writes_for(server, key)
    assert all(later - earlier >= 1000
               for earlier, later in itertools.pairwise(times))


def test_failing_write_harms_no_request(server):
    server.expect_log("UK")
    refuse_writes(server.database)
    key = server.database.create_key("monitors:read")
    for _ in range(20):
        assert server.get("/t/x", key).status_code == 200
    server.stop()
    assert server.database.last_used(key) is None


@only_on("sqlite3", reason="locks SQLite's file")
def test_key_that_cannot_be_written_harms_no_other(server):
    """Uses that are recorded during a write share the next transaction."""
    server.expect_log("UK")
    server.database.execute(
        "CREATE TRIGGER curse BEFORE UPDATE OF last_used_at ON uptime_keys "
        "WHEN NEW.name = 'cursed' BEGIN "
        "SELECT RAISE(ABORT, 'made by the test'); END")
    keys = [server.database.create_key(
        "monitors:read", name="cursed" if number == 2 else "n")
        for number in range(6)]
    writer = sqlite3.connect(server.database.file, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    server.exchange(b"".join(
        request("/t/x", f"Authorization: Bearer {key}", close=key is keys[-1])
        for key in keys), ["GET"] * len(keys))
    writer.close()
    for key in keys[:2] + keys[3:]:
        eventually(lambda key=key: server.database.last_used(key))
    assert server.database.last_used(keys[2]) is None


def test_use_is_written_when_the_database_writes_again(server):
    server.expect_log("UK")
    refuse_writes(server.database)
    key = server.database.create_key("monitors:read")
    server.get("/t/x", key)
    eventually(lambda: server.error_log.ours("warn"))
    server.database.drop_trigger("refuse_writes", "uptime_keys")
    eventually(lambda: server.database.last_used(key))


@pytest.mark.mpm
def test_locked_database_delays_no_request(server):
    """Readers are not blocked by a writer, not even by the one of their own
    use, which each key has.  A busy machine may delay some of them."""
    server.expect_log("UK")
    keys = [server.database.import_key("monitors:read") for _ in range(9)]
    unlock = server.database.lock_keys()
    try:
        for _ in range(5):
            assert statistics.median(
                timed(lambda key=key: server.get("/t/x", key))
                for key in keys) < 1
    finally:
        unlock()
    server.stop()
    assert all(server.database.last_used(key) for key in keys)


def timed(ask):
    start = time.monotonic()
    assert ask().status_code == 200
    return time.monotonic() - start
