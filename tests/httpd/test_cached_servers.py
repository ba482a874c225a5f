# SPDX-License-Identifier: Apache-2.0
"""Servers that share a database: what narrows a key waits for others that
cache."""

import tempfile
import time
from datetime import datetime, timedelta, timezone

import pytest
from caching import (
    CACHED,
    GUARDED,
    LEASE,
    accepted_until_refused,
    announced,
    cache,
    wake,
)
from harness import AUTHZ_FAILED, UK_ANY, environment, eventually, make_key
from harness.database import now_ms

pytestmark = [pytest.mark.waits,
              pytest.mark.skipif(environment.BACKEND != "sqlite3",
                                 reason="two servers on one SQLite file")]

LEAKED = """
<Location "/leaked">
    SetHandler uptime-keys-leaked
</Location>
"""
MINUTE = 60_000
DAY = 24 * 60 * MINUTE


def second(new_httpd, first, config):
    """Another server on the same database."""
    server = new_httpd(config, database=False, start=False)
    server.database = first.database
    return server.start()


@pytest.fixture(scope="module")
def pair(new_httpd):
    first = new_httpd(CACHED + LEAKED)
    return first, second(new_httpd, first, CACHED + LEAKED)


@pytest.fixture(scope="module")
def plain(new_httpd):
    """A server without a cache."""
    return new_httpd(GUARDED + LEAKED)


@pytest.fixture(scope="module")
def alone(new_httpd):
    return new_httpd(CACHED + LEAKED)


def new_keys(server):
    """A key for the management endpoint, and one to delete or change."""
    return (server.database.import_key("api-keys:write", "monitors:read",
                                       "alerts:read"),
            server.database.import_key("monitors:read"))


def seconds(act):
    start = time.monotonic()
    act()
    return time.monotonic() - start


def delete(server, admin, key):
    answer = server.request("DELETE", f"/keys/{key.id}", admin)
    assert answer.status_code == 200


def delete_by_tool(server, _, key):
    server.database.delete_key(key)


def delete_team_by_tool(server, _, key):
    """Nothing else of it takes long."""
    database = server.database
    database.execute("INSERT INTO uptime_teams (id, name, created_at) "
                     "VALUES ('gone', 'gone', 1000)")
    database.execute("UPDATE uptime_keys SET team_id = 'gone' WHERE id = ?",
                     key.id)
    database.tool("team", "delete", "gone")


DELETIONS = [delete, delete_by_tool, delete_team_by_tool]


def patch(server, admin, key, **members):
    answer = server.request("PATCH", f"/keys/{key.id}", admin, json=members)
    assert answer.status_code == 200, answer.text


def lose_scope(server, admin, key):
    patch(server, admin, key, scopes=["alerts:read"])


def expire_soon(server, admin, key):
    """When it is answered, the key has expired."""

    def is_in_time():
        soon = datetime.now(timezone.utc) + timedelta(seconds=0.7)
        answer = server.request("PATCH", f"/keys/{key.id}", admin,
                                json={"expiresAt": soon.isoformat()})
        # It was read too late, when that was over.
        if answer.status_code == 400:
            return False
        assert answer.status_code == 200, answer.text
        return True

    eventually(is_in_time)


def be_limited_to_addresses(server, admin, key):
    patch(server, admin, key, addresses=["192.0.2.1"])


def disable(server, admin, key):
    patch(server, admin, key, disabled=True)


def disable_again(server, admin, key):
    """What somebody else has done just now, who may still wait."""
    server.database.execute("UPDATE uptime_keys SET disabled_at = 1000, "
                            "disabled_reason = 'manual' WHERE id = ?", key.id)
    disable(server, admin, key)


def leak(server, _, key):
    answer = server.request("POST", "/leaked",
                            json={"credentials": [key.text]})
    assert answer.status_code == 202, answer.text


def leak_again(server, _, key):
    """What somebody else has reported just now, who may still wait."""
    server.database.execute("UPDATE uptime_keys SET disabled_at = 1000, "
                            "disabled_reason = 'leaked' WHERE id = ?", key.id)
    leak(server, _, key)


def leak_by_tool(server, _, key):
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(f"a paste with {key.text} in it\n")
        file.flush()
        environment.give_to_ordinary_user(file.name)
        server.database.tool("key", "leaked", file.name)


def disable_by_tool(server, _, key):
    server.database.tool("key", "disable", key.id)


def rotate_by_tool(server, _, key):
    server.keep_secret(server.database.tool(
        "key", "rotate", key.id, "--overlap", "0").stdout.strip())


def rotate(server, admin, key, overlap=0):
    answer = server.request("POST", f"/keys/{key.id}/rotate", admin,
                            json={"overlapSeconds": overlap})
    assert answer.status_code == 200, answer.text
    text = answer.json()["data"]["key"]
    server.keep_secret(text)
    return text


def rotate_twice(server, admin, key):
    """The second time ends the first secret."""
    rotate(server, admin, key, 3600)
    rotate(server, admin, key, 3600)


NARROWINGS = [delete, delete_by_tool, lose_scope, expire_soon,
              be_limited_to_addresses, disable, disable_again,
              disable_by_tool, rotate, rotate_twice, rotate_by_tool, leak,
              leak_again, leak_by_tool]


def rename(server, admin, key):
    patch(server, admin, key, name="another name")


def enable(server, admin, key):
    server.database.execute("UPDATE uptime_keys SET disabled_at = 1000, "
                            "disabled_reason = 'manual' WHERE id = ?", key.id)
    patch(server, admin, key, disabled=False)


def rotate_for_less_than_a_lease(server, admin, key):
    rotate(server, admin, key, 1)


WAITING = [*DELETIONS, *NARROWINGS[2:], rename, enable,
           rotate_for_less_than_a_lease]


def waits(server, deletion):
    """Whether a deletion waits for a lease: one that does not may take as long
    now and then, but not each time."""
    return all(took(server, deletion) >= LEASE for _ in range(5))


def took(server, act):
    keys = new_keys(server)
    return seconds(lambda: act(server, *keys))


def announce(server, seen_at):
    server.database.execute("INSERT INTO uptime_servers VALUES (?, ?)",
                            f"elsewhere {seen_at}", seen_at)


@pytest.fixture
def forget(plain):
    yield
    plain.database.execute("DELETE FROM uptime_servers")


@pytest.mark.parametrize("narrow", [
    pytest.param(act, marks=[pytest.mark.mpm] if act in (delete, rotate)
                 else []) for act in NARROWINGS])
def test_narrowing_is_answered_when_no_server_lets_the_key_in(pair, narrow):
    for server in pair:
        server.expect_log(UK_ANY, AUTHZ_FAILED)
    wake(*pair)
    for one, other in (pair, pair[::-1]):
        admin, key = new_keys(one)
        for server in pair:
            cache(server, key)
        narrow(one, admin, key)
        answers = [server.get("/t/x", key)
                   for server in (other, one) for _ in range(4)]
        assert {answer.status_code for answer in answers} == {
            403 if narrow in (lose_scope, be_limited_to_addresses) else 401}


def test_secret_of_an_overlap_goes_on_until_a_later_rotation(pair):
    """And the new one works on every server once it was shown."""
    admin, key = new_keys(pair[0])
    for server in pair:
        cache(server, key)
    new = rotate(pair[0], admin, key, 3600)
    for text in (key, new):
        assert {server.get("/t/x", text).status_code
                for server in pair} == {200}
        for server in pair:
            cache(server, text)
    rotate(pair[1], admin, key)
    for text in (key, new):
        assert {server.get("/t/x", text).status_code
                for server in pair} == {401}


@pytest.mark.parametrize("overlap", [0, 1, 2])
def test_short_overlap_ends_on_every_server(pair, overlap):
    """The entry of the other one does not know of an end."""
    for one, other in (pair, pair[::-1]):
        admin, key = new_keys(one)
        for server in pair:
            cache(server, key)
        rotate(one, admin, key, overlap)
        answered = time.time()
        for server in (other, one):
            ((ends_at,),) = server.database.rows(
                "SELECT previous_ends_at FROM uptime_keys WHERE id = ?",
                key.id)
            assert ends_at / 1000 <= answered + overlap
            accepted_until_refused(
                lambda server=server: server.get("/t/x", key),
                max(ends_at / 1000 - time.time(), 0) + 0.001)


@pytest.mark.parametrize("narrow,widen", [
    (disable, {"disabled": None}), (lose_scope, {"scopes": ["monitors:read"]}),
    (be_limited_to_addresses, {"addresses": None})])
def test_widened_key_works_on_every_server(pair, narrow, widen):
    for server in pair:
        server.expect_log(UK_ANY, AUTHZ_FAILED)
    admin, key = new_keys(pair[0])
    narrow(pair[0], admin, key)
    assert {server.get("/t/x", key).status_code for server in pair} != {200}
    patch(pair[1], admin, key, **widen)
    assert {server.get("/t/x", key).status_code for server in pair} == {200}


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


@pytest.mark.parametrize("act", WAITING)
def test_nobody_waits_where_nobody_caches(plain, forget, act):
    assert not announced(plain.database)
    assert not waits(plain, act)


@pytest.mark.parametrize("act", WAITING)
def test_everybody_waits_for_a_server_that_caches(plain, forget, act):
    announce(plain, now_ms())
    assert took(plain, act) >= LEASE


def test_nobody_waits_for_the_end_of_an_overlap(plain, forget):
    """Servers learn of it in time."""
    announce(plain, now_ms())
    assert not waits(plain, lambda *keys: rotate(*keys, 3600))


def test_server_does_not_wait_for_itself(alone):
    alone.expect_log(AUTHZ_FAILED)
    wake(alone)
    assert not waits(alone, delete)


def test_server_waits_for_its_own_poll_if_another_wrote(alone):
    """Whoever repeats a report cannot void the cache."""
    _, key = new_keys(alone)
    cache(alone, key)
    leak_again(alone, None, key)
    assert alone.get("/t/x", key).status_code == 401


def test_tool_waits_for_every_server(alone):
    wake(alone)
    assert took(alone, delete_by_tool) >= LEASE


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
        assert took(plain, delete) >= LEASE
    finally:
        database.execute("ALTER TABLE servers_renamed RENAME TO uptime_servers")


def test_server_deletes_the_rows_of_servers_that_are_long_gone(new_httpd):
    server = new_httpd(CACHED, start=False)
    gone, recent = now_ms() - DAY - MINUTE, now_ms() - DAY + 10 * MINUTE
    announce(server, gone)
    announce(server, recent)
    server.start()

    def is_deleted():
        server.get("/t/x", make_key())
        return f"elsewhere {gone}" not in announced(server.database)

    eventually(is_deleted)
    assert f"elsewhere {recent}" in announced(server.database)


def test_refused_delete_does_not_wait(alone):
    announce(alone, now_ms())
    admin, _ = new_keys(alone)
    assert any(seconds(lambda: alone.request(
        "DELETE", "/keys/key_01jzzzzzzzzzzzzzzzzzzzzzzz", admin)) < LEASE
        for _ in range(5))
    alone.database.execute(
        "DELETE FROM uptime_servers WHERE id LIKE 'elsewhere%'")
