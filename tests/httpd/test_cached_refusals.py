# SPDX-License-Identifier: Apache-2.0
"""The refusals that the cache keeps for a moment: what they save, and what makes
a key good again."""

import threading
import time

import pytest
from caching import (
    CACHED,
    cache,
    is_hit,
    is_refused_hit,
    look_ups,
    refused_until_accepted,
)
from harness import (
    UK_ANY,
    assert_refused,
    assert_unavailable,
    eventually,
    figures,
    key_hash,
    make_key,
)
from harness.database import now_ms
from harness.raw import request

pytestmark = pytest.mark.waits

# Seconds, see core/refusals.h.
LOOK_UP = 0.11
LIFETIME = 0.2
HOSTS = """
<VirtualHost *:${PORT}>
    ServerName 127.0.0.1
</VirtualHost>
<VirtualHost *:${PORT}>
    ServerName lenient.example
    UptimeKeysRequireChecksum Off
</VirtualHost>
"""


@pytest.fixture(scope="module")
def server(new_httpd):
    return new_httpd(CACHED + figures.PLACE + HOSTS)


@pytest.fixture(scope="module", name="admin")
def key_that_manages(server):
    return server.database.import_key("monitors:read", "api-keys:write")


def deleted(server):
    key = server.database.import_key("monitors:read")
    server.database.execute("DELETE FROM uptime_keys WHERE id = ?", key.id)
    return key


def disabled(server):
    return server.database.import_key("monitors:read", disabledAt=now_ms(),
                                      disabledReason="manual")


def expired(server):
    return server.database.import_key("monitors:read",
                                      expiresAt=now_ms() - 1)


def knock(server, key):
    """Wait until requests are refused without a look-up."""
    eventually(lambda: is_refused_hit(server, key))


@pytest.mark.backend
@pytest.mark.mpm
@pytest.mark.parametrize("make", [deleted, disabled, expired],
                         ids=lambda make: make.__name__)
def test_refused_key_that_keeps_coming_is_looked_up_seldom(server, make):
    """And again and again, by one request at a time."""
    key = make(server)

    def is_looked_up_seldom():
        """Unless a poll was late, and every request was looked up."""
        knock(server, key)
        began, before = time.monotonic(), look_ups(server)
        for _ in range(30):
            assert_refused(server.get("/t/x", key), 401, "invalid_token")
        took = time.monotonic() - began
        # One more for the poll that finds the deletion.
        return look_ups(server) - before <= took / LOOK_UP + 2

    eventually(is_looked_up_seldom)
    eventually(lambda: not is_refused_hit(server, key), every=0)


@pytest.mark.parametrize("make", [deleted, disabled, expired],
                         ids=lambda make: make.__name__)
def test_refusal_is_the_same_from_the_cache(server, make):
    """The answer, and the reason in the log, with the key's id or prefix."""
    key = make(server)
    asked = server.get("/t/x", key)
    knock(server, key)
    cached = server.get("/t/x", key)
    problems = [assert_refused(answer, 401, "invalid_token")
                for answer in (asked, cached)]
    for problem in problems:
        del problem["instance"]
    assert problems[0] == problems[1]
    for answer in (asked, cached):
        answer.headers.pop("Date")
    assert asked.headers == cached.headers
    shown = key.prefix if make is deleted else key.id
    lines = [line.text.partition("UK0010")[2].partition("urn:uuid")[0]
             for line in server.error_log.ours("info")
             if shown in line.text and "UK0010" in line.text]
    assert len(lines) >= 3 and len(set(lines)) == 1, lines


@pytest.mark.backend
def test_key_that_is_enabled_by_its_own_server_is_let_in(server, admin):
    for _ in range(3):
        key = disabled(server)
        knock(server, key)
        answer = server.request("PATCH", f"/keys/{key.id}", admin,
                                json={"disabled": False})
        assert answer.status_code == 200, answer.text
        assert [server.get("/t/x", key).status_code
                for _ in range(6)] == [200] * 6


@pytest.mark.backend
def test_key_that_is_enabled_elsewhere_is_let_in(server):
    """By the tool, as by any other server."""
    key = disabled(server)
    knock(server, key)
    server.database.tool("key", "enable", key.id)
    assert server.get("/t/x", key).status_code == 200


@pytest.mark.backend
def test_key_that_is_imported_again_is_let_in(server):
    """When the tool has ended, though it is presented all the time."""
    key = deleted(server)
    knock(server, key)
    ended = threading.Event()

    def keep_knocking():
        while not ended.is_set():
            server.get("/t/x", key)

    knocking = threading.Thread(target=keep_knocking)
    knocking.start()
    try:
        server.database.import_rows({
            "team": key.team, "name": key.name, "scopes": list(key.scopes),
            "keyHash": key_hash(key.text), "keyPrefix": key.prefix})
        assert server.get("/t/x", key).status_code == 200
    finally:
        ended.set()
        knocking.join()


def test_key_with_a_later_expiry_is_let_in(server, admin):
    key = expired(server)
    knock(server, key)
    answer = server.request("PATCH", f"/keys/{key.id}", admin,
                            json={"expiresAt": None})
    assert answer.status_code == 200, answer.text
    assert server.get("/t/x", key).status_code == 200


@pytest.mark.backend
def test_key_that_sql_creates_is_let_in_within_a_lease(server):
    """No counter says so."""
    text = make_key()
    other = server.database.import_key("monitors:read")
    knock(server, text)
    server.database.execute(
        "INSERT INTO uptime_keys (id, team_id, slot, name, key_hash, "
        "key_prefix, scopes, created_at) "
        "SELECT 'key_01jzzzzzzzzzzzzzzzzzzzzzzz', team_id, 900, name, ?, ?, scopes, "
        "created_at FROM uptime_keys WHERE id = ?", key_hash(text), text[:15],
        other.id)
    refused_until_accepted(lambda: server.get("/t/x", text))
    assert server.get("/t/x", text).status_code == 200


def test_verdict_is_that_of_the_hosts_own_rules(server):
    """A key without a checksum is not looked up by a strict host."""
    text = "uptime_" + "0" * 62 + "42"
    eventually(lambda: is_refused_hit(
        server, text, headers={"Host": "lenient.example"}))
    server.error_log.start_here()
    assert_refused(server.get("/t/x", text), 401, "invalid_token")
    assert server.error_log.count("checksum") == 1


def test_failure_is_not_kept_and_ends_what_is(server):
    server.expect_log(UK_ANY)
    key = disabled(server)
    knock(server, key)
    with server.database.unavailable():
        time.sleep(LIFETIME)
        assert_unavailable(server.get("/t/x", key))
    assert server.get("/t/x", key).status_code == 401


def test_remembered_refusal_is_counted_like_any_other(server):
    key = disabled(server)
    server.keep_secret(key)

    def counted():
        scraped = figures.scrape(server)
        return {**figures.named(scraped, "uptime_keys_requests_total"),
                **figures.named(scraped, "uptime_keys_cache_lookups_total")}

    def is_refused_without_a_look_up():
        """httpd counts a request before it closes the connection."""
        before = look_ups(server)
        (answer,) = server.exchange(request(
            "/t/x", f"Authorization: Bearer {key}"))
        assert answer.status_code == 401
        return look_ups(server) == before

    def is_counted():
        eventually(is_refused_without_a_look_up)
        before = counted()
        if not is_refused_without_a_look_up():
            return False
        figures.await_rise(counted, before, {"disabled": 1, "shared": 1})
        return True

    eventually(is_counted)


def test_management_asks_the_database(server):
    key = disabled(server)
    knock(server, key)
    before = look_ups(server)
    for _ in range(3):
        assert_refused(server.get("/keys", key), 401, "invalid_token")
    assert look_ups(server) == before + 3


def test_junk_evicts_neither_accepted_nor_refused_keys(server):
    accepted = server.database.import_key("monitors:read")
    refused = disabled(server)

    def is_hit_after_junk():
        cache(server, accepted)
        knock(server, refused)
        for _ in range(40):
            assert_refused(server.get("/t/x", make_key()), 401,
                           "invalid_token")
        return is_hit(server, accepted)

    eventually(is_hit_after_junk)
    knock(server, refused)
