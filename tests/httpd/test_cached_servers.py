# SPDX-License-Identifier: Apache-2.0
"""Servers that share a database: a deletion waits for others that cache."""

import time

import pytest
from caching import (
    CACHED,
    GUARDED,
    LEASE,
    accepted_until_refused,
    announced,
    cache,
)
from harness import environment, eventually
from harness.database import now_ms

pytestmark = pytest.mark.skipif(environment.BACKEND != "sqlite3",
                                reason="two servers on one SQLite file")

MINUTE = 60_000
DAY = 24 * 60 * MINUTE


def second(new_httpd, first, config):
    """Another server on the same database."""
    server = new_httpd(config, database=False, start=False)
    server.database = first.database
    return server.start()


@pytest.fixture(scope="module")
def pair(new_httpd):
    first = new_httpd(CACHED)
    return first, second(new_httpd, first, CACHED)


@pytest.fixture(scope="module")
def plain(new_httpd):
    """A server without a cache."""
    return new_httpd(GUARDED)


@pytest.fixture(scope="module")
def alone(new_httpd):
    return new_httpd(CACHED)


def new_keys(server):
    """A key for the management endpoint, and one to delete."""
    return (server.database.import_key("api-keys:write"),
            server.database.import_key("monitors:read"))


def seconds(act):
    start = time.monotonic()
    act()
    return time.monotonic() - start


def delete(server):
    admin, key = new_keys(server)
    answer = server.request("DELETE", f"/keys/{key.id}", admin)
    assert answer.status_code == 200


def delete_by_tool(server):
    _, key = new_keys(server)
    server.database.delete_key(key)


def delete_team_by_tool(server):
    server.database.create_team("gone")
    server.database.import_key("monitors:read", team="gone")
    server.database.tool("team", "delete", "gone")


DELETIONS = [delete, delete_by_tool, delete_team_by_tool]


def waits(server, deletion):
    """Whether a deletion waits for a lease; the fastest of three counts."""
    return min(seconds(lambda: deletion(server)) for _ in range(3)) >= LEASE


def announce(server, seen_at):
    server.database.execute("INSERT INTO uptime_servers VALUES (?, ?)",
                            f"elsewhere {seen_at}", seen_at)


@pytest.fixture
def forget(plain):
    yield
    plain.database.execute("DELETE FROM uptime_servers")


@pytest.mark.mpm
def test_delete_is_answered_when_no_server_lets_the_key_in(pair):
    eventually(lambda: len(announced(pair[0].database)) == 2)
    for one, other in (pair, pair[::-1], pair):
        admin, key = new_keys(one)
        for server in pair:
            cache(server, key)
        assert one.request("DELETE", f"/keys/{key.id}",
                           admin).status_code == 200
        answers = [server.get("/t/x", key)
                   for server in (other, one) for _ in range(4)]
        assert {answer.status_code for answer in answers} == {401}


def test_tool_returns_when_no_server_lets_the_key_in(pair):
    _, key = new_keys(pair[0])
    for server in pair:
        cache(server, key)
    pair[0].database.delete_key(key)
    assert {server.get("/t/x", key).status_code for server in pair} == {401}


def test_server_without_cache_waits_for_those_that_have_one(new_httpd, pair):
    plain = second(new_httpd, pair[0], GUARDED)
    admin, key = new_keys(plain)
    for server in pair:
        cache(server, key)
    assert plain.request("DELETE", f"/keys/{key.id}",
                         admin).status_code == 200
    assert {server.get("/t/x", key).status_code for server in pair} == {401}


def test_change_by_one_reaches_the_other_within_a_lease(pair):
    _, key = new_keys(pair[0])
    for server in pair:
        cache(server, key)
    pair[0].database.execute("DELETE FROM uptime_keys WHERE id = ?", key.id)
    accepted_until_refused(lambda: pair[1].get("/t/x", key))


@pytest.mark.parametrize("deletion", DELETIONS)
def test_nobody_waits_where_nobody_caches(plain, forget, deletion):
    assert not announced(plain.database)
    assert not waits(plain, deletion)


@pytest.mark.parametrize("deletion", DELETIONS)
def test_everybody_waits_for_a_server_that_caches(plain, forget, deletion):
    announce(plain, now_ms())
    assert seconds(lambda: deletion(plain)) >= LEASE


def test_server_does_not_wait_for_itself(alone):
    eventually(lambda: announced(alone.database))
    assert not waits(alone, delete)


def test_tool_waits_for_every_server(alone):
    eventually(lambda: announced(alone.database))
    assert seconds(lambda: delete_by_tool(alone)) >= LEASE


@pytest.mark.parametrize("age,want", [
    (9 * MINUTE, True), (11 * MINUTE, False), (-11 * MINUTE, True)])
def test_servers_clocks_may_differ(plain, forget, age, want):
    announce(plain, now_ms() - age)
    assert waits(plain, delete) == want


def test_server_that_cannot_find_out_waits(plain):
    plain.expect_log("UK")
    database = plain.database
    database.execute("ALTER TABLE uptime_servers RENAME TO servers_renamed")
    try:
        assert seconds(lambda: delete(plain)) >= LEASE
    finally:
        database.execute("ALTER TABLE servers_renamed RENAME TO uptime_servers")


def test_server_deletes_the_rows_of_servers_that_are_long_gone(new_httpd):
    server = new_httpd(CACHED, start=False)
    announce(server, now_ms() - DAY - MINUTE)
    announce(server, now_ms() - DAY + 10 * MINUTE)
    server.start()
    eventually(lambda: len(announced(server.database)) == 2)


def test_refused_delete_does_not_wait(alone):
    announce(alone, now_ms())
    admin, _ = new_keys(alone)
    took = min(seconds(lambda: alone.request(
        "DELETE", "/keys/key_01jzzzzzzzzzzzzzzzzzzzzzzz", admin))
        for _ in range(3))
    assert took < LEASE
    alone.database.execute(
        "DELETE FROM uptime_servers WHERE id LIKE 'elsewhere%'")
