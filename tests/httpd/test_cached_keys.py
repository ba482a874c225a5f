# SPDX-License-Identifier: Apache-2.0
"""The cache of accepted keys: when it answers, and when it must not."""

import contextlib
import http.client
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from caching import (
    CACHED,
    LEASE,
    accepted_until_refused,
    cache,
    from_cache,
    is_hit,
    is_refused_hit,
    look_ups,
)
from harness import (
    AUTHZ_FAILED,
    UK_ANY,
    assert_ends_at,
    assert_refused,
    assert_unavailable,
    environment,
    eventually,
    key_hash,
    make_key,
)
from harness.database import now_ms
from harness.raw import request

pytestmark = [pytest.mark.waits,
              pytest.mark.skipif(environment.BACKEND != "sqlite3",
                                 reason="changes rows in SQLite's words")]

HOSTS = """
<Location "/cgi/">
    AuthType uptime-key
    AuthName "Uptime"
    Require valid-user
    UptimeKeysIdentityHeaders X-Uptime
</Location>
<Location "/missing">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
    ErrorDocument 404 /keys
</Location>
<VirtualHost *:${PORT}>
    ServerName 127.0.0.1
</VirtualHost>
<VirtualHost *:${PORT}>
    ServerName lenient.example
    UptimeKeysRequireChecksum Off
</VirtualHost>
<VirtualHost *:${PORT}>
    ServerName standby.example
    UptimeKeysAllowStandby On
</VirtualHost>
<VirtualHost *:${PORT}>
    ServerName other.example
    DBDriver sqlite3
    DBDParams "${ROOT}/db/other.db"
</VirtualHost>
"""


# mod_dbd gives such hosts pools of their own only if their settings differ.
ATTACHED = """
<VirtualHost *:${PORT}>
    ServerName 127.0.0.1
</VirtualHost>
<VirtualHost *:${PORT}>
    ServerName other.example
    DBDMax 7
    DBDInitSQL "ATTACH DATABASE '${ROOT}/db/other.db' AS other"
    DBDInitSQL "CREATE TEMP VIEW uptime_keys AS SELECT * FROM other.uptime_keys"
</VirtualHost>
"""


def rotate(server, overlap):
    """A key and its new secret; the old one is the key's text."""
    admin = server.database.import_key("api-keys:write", "monitors:read")
    key = server.database.import_key("monitors:read")
    answer = server.request("POST", f"/keys/{key.id}/rotate", admin,
                            json={"overlapSeconds": overlap})
    assert answer.status_code == 200, answer.text
    text = answer.json()["data"]["key"]
    server.keep_secret(text)
    return key, text


@pytest.fixture
def rotated(server):
    """The server, a key with its old secret, and the new one; both are in the
    cache."""
    key, text = rotate(server, 3600)
    time.sleep(LEASE)       # then the server has seen that the key changed
    for one in (key, text):
        cache(server, one)
    return server, key, text


def at(name):
    return {"Host": name + ".example"}


def with_other_database(server):
    other = type(server.database)(server.root / "db")
    other.file = server.root / "db" / "other.db"
    other.init()
    other.create_team("globex")
    server.other = other
    return server.start()


@contextlib.contextmanager
def unnoticed(server):
    """A context in which changes of a key raise no counter."""
    name, sql = server.database.rows(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' "
        "AND tbl_name = 'uptime_keys' AND sql LIKE '%AFTER UPDATE%'")[0]
    server.database.execute(f"DROP TRIGGER {name}")
    try:
        yield
    finally:
        server.database.execute(sql)


@pytest.fixture(scope="module")
def server(new_httpd):
    return with_other_database(new_httpd(CACHED + HOSTS, start=False))


@pytest.fixture
def key(server):
    """A key that is in the cache."""
    key = server.database.import_key("monitors:read", "alerts:read")
    cache(server, key)
    return key


def test_cached_key_manages_nothing_by_an_internal_redirect(server):

    def is_let_in_by_the_cache():
        key = server.database.import_key("monitors:read", "api-keys:read",
                                         "api-keys:write")
        cache(server, key)
        assert "apiKeys" not in server.get("/t/x", key).text
        assert "apiKeys" in server.get("/missing", key).text
        with unnoticed(server):
            server.database.execute("UPDATE uptime_keys SET disabled_at = 1 "
                                    "WHERE id = ?", key.id)
            is_hit_still = server.get("/t/x", key).status_code == 200
            assert "apiKeys" not in server.get("/missing", key).text
        return is_hit_still

    eventually(is_let_in_by_the_cache)


@pytest.mark.mpm
def test_hit_asks_no_database(server, key):
    server.expect_log(UK_ANY)
    unknown = server.database.import_key("monitors:read")

    def are_hits():
        asked = statuses_without_database(server, [key] * 10, unknown)
        return asked == [200] * 10

    eventually(are_hits)


def statuses_without_database(server, keys, unknown):
    """Of cached keys.  If a poll is late one is refused, and then all are:
    after a failure of the database nothing counts that was cached before."""
    for key in keys:
        cache(server, key)
    eventually(lambda: server.database.last_used(keys[0]))
    with server.database.unavailable():
        statuses = [server.get("/t/x", key).status_code for key in keys]
        assert_unavailable(server.get("/t/x", unknown))
    return statuses


def test_every_child_knows_what_one_has_looked_up(server):
    def are_hits():
        key = server.database.import_key("monitors:read")
        cache(server, key)
        before = look_ups(server)
        with ThreadPoolExecutor(32) as pool:
            answers = list(pool.map(lambda _: server.get("/t/x", key),
                                    range(96)))
        assert {answer.status_code for answer in answers} == {200}
        return look_ups(server) == before

    eventually(are_hits)


def test_identity_is_the_same_from_the_cache(server):
    """The name, the scopes in their order, and a scope that is not in this
    server's catalogue."""
    key = server.database.import_key(
        "monitors:read", "old-thing:read", "alerts:write", "alerts:read",
        name="Büro, 2. \"Stock\"", expiresAt=now_ms() + 3_600_000)

    def identity():
        known = server.get("/cgi/environ.cgi", key).json()["environment"]
        return {name: value for name, value in known.items()
                if "UPTIME" in name or name in ("REMOTE_USER", "AUTH_TYPE")}

    from_database = identity()
    assert from_cache(server, identity) == from_database
    assert from_database["UPTIME_KEY_SCOPES"] == " ".join(key.scopes)
    assert from_database["UPTIME_KEY_NAME"] == key.name


@pytest.mark.parametrize("name", ["x", "x" * 150, "x" * 255, "😀" * 255],
                         ids=len)
def test_name_of_any_length_is_cached(server, name):
    key = server.database.import_key("monitors:read", name=name)
    cache(server, key)
    answer = server.get("/cgi/environ.cgi", key).json()
    assert answer["environment"]["UPTIME_KEY_NAME"] == name


def test_missing_scope_is_forbidden_from_the_cache(server):
    server.expect_log(AUTHZ_FAILED)
    key = server.database.import_key("alerts:read")
    from_cache(server, lambda: assert_refused(
        server.get("/t/x", key), 403, "insufficient_scope"))


@pytest.mark.mpm
def test_deleted_key_is_refused_on_the_next_request(server):
    """Deleted by the server itself, on any of its children."""
    admin = server.database.import_key("api-keys:write")
    for _ in range(5):
        key = server.database.import_key("monitors:read")
        cache(server, key)
        assert server.request("DELETE", f"/keys/{key.id}",
                              admin).status_code == 200
        answers = [server.get("/t/x", key) for _ in range(6)]
        assert {answer.status_code for answer in answers} == {401}


@pytest.mark.mpm
@pytest.mark.slow
def test_look_up_on_its_way_does_not_bring_a_key_back(server):
    """Under load, requests that start after the deletion are refused."""
    admin = server.database.import_key("api-keys:write")
    for _ in range(15):
        key = server.database.import_key("monitors:read")
        seen, done = [], threading.Event()

        def hammer():
            while not done.is_set():
                start = time.monotonic()
                seen.append((start, server.get("/t/x", key).status_code))

        threads = [threading.Thread(target=hammer) for _ in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(random.uniform(0, 0.03))
        assert server.request("DELETE", f"/keys/{key.id}",
                              admin).status_code == 200
        answered = time.monotonic()
        eventually(lambda: len([1 for start, _ in seen
                                if start > answered]) > 20)
        done.set()
        for thread in threads:
            thread.join()
        assert {status for start, status in seen if start > answered} == {401}


# A look-up of a key of that name takes a second after its snapshot.
SLOW_VIEW = """
CREATE VIEW uptime_keys AS SELECT * FROM uptime_keys_renamed AS key
WHERE key.name <> 'slow' OR (
    WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c
                            WHERE n < 3000000)
    SELECT COUNT(*) + LENGTH(key.id) FROM c) > 0
"""


@pytest.mark.slow
def test_change_during_a_look_up_makes_what_it_found_void(server):
    """Some look-ups are made by the child that does not poll, so that they do
    not delay the poll."""
    server.expect_log(UK_ANY)

    def is_found_before_the_change():
        key = server.database.import_key("monitors:read", name="slow",
                                         lastUsedAt=now_ms())
        with server.database.unavailable():
            server.database.execute(SLOW_VIEW)
            with ThreadPoolExecutor(1) as pool:
                answer = pool.submit(server.get, "/t/x", key)
                time.sleep(0.15)
                server.database.execute(
                    "DELETE FROM uptime_keys_renamed WHERE id = ?", key.id)
                status = answer.result().status_code
            server.database.execute("DROP VIEW uptime_keys")
        accepted_until_refused(lambda: server.get("/t/x", key))
        assert server.get("/t/x", key).status_code == 401
        # On a busy machine the look-up may begin after the change.
        return status == 200

    for _ in range(6):
        eventually(is_found_before_the_change)


def test_tool_returns_when_the_key_is_gone(server, key):
    server.database.delete_key(key)
    assert server.get("/t/x", key).status_code == 401


def test_tool_returns_when_a_teams_keys_are_gone(server):
    server.database.create_team("short-lived")
    key = server.database.import_key("monitors:read", team="short-lived")
    cache(server, key)
    server.database.tool("team", "delete", "short-lived")
    assert server.get("/t/x", key).status_code == 401


# Changes by SQL, and the answer a lease later.
CHANGES = [
    ("DELETE FROM uptime_keys WHERE id = ?", 401),
    ("UPDATE uptime_keys SET expires_at = 1000 WHERE id = ?", 401),
    ("UPDATE uptime_keys SET scopes = '[\"alerts:read\"]' WHERE id = ?", 403),
    ("UPDATE uptime_keys SET scopes = '' WHERE id = ?", 403),
    ("UPDATE uptime_keys SET key_hash = 'x' || substr(key_hash, 2) "
     "WHERE id = ?", 401),
    ("UPDATE uptime_keys SET expires_at = 'x' WHERE id = ?", 401),
    ("UPDATE uptime_keys SET disabled_at = 1000 WHERE id = ?", 401),
    ("UPDATE uptime_keys SET disabled_at = 'x' WHERE id = ?", 401),
    ("UPDATE uptime_keys SET addresses = '[\"192.0.2.1\"]' WHERE id = ?", 403),
    ("UPDATE uptime_keys SET addresses = 'x' WHERE id = ?", 403),
    ("INSERT OR REPLACE INTO uptime_keys (id, team_id, slot, name, key_hash, "
     "key_prefix, scopes, created_at) SELECT id, team_id, slot, name, "
     "'y' || substr(key_hash, 2), key_prefix, scopes, created_at "
     "FROM uptime_keys WHERE id = ?", 401),
]


@pytest.mark.parametrize("sql,status", CHANGES,
                         ids=[sql[:40] for sql, _ in CHANGES])
def test_change_takes_effect_within_a_lease(server, key, sql, status):
    server.expect_log(AUTHZ_FAILED)
    server.database.execute(sql, key.id)
    accepted_until_refused(lambda: server.get("/t/x", key), refused=status)


# Of the old secret of a rotated key, while the new one goes on.
CHANGES_OF_PREVIOUS = [
    "previous_ends_at = 1000", "previous_ends_at = NULL",
    "previous_ends_at = 'x'", "previous_hash = NULL",
    "previous_ends_at = 'x', expires_at = 9999999999999",
    "previous_hash = 'x' || substr(previous_hash, 2)"]


@pytest.mark.parametrize("change", CHANGES_OF_PREVIOUS)
def test_change_of_an_old_secret_takes_effect_within_a_lease(rotated, change):
    server, key, new = rotated
    server.database.execute(f"UPDATE uptime_keys SET {change} WHERE id = ?",
                            key.id)
    accepted_until_refused(lambda: server.get("/t/x", key))
    cache(server, new)


@pytest.mark.parametrize("sql,status", CHANGES[:3] + CHANGES[5:10])
def test_change_takes_effect_for_an_old_secret_too(rotated, sql, status):
    server, key, new = rotated
    server.expect_log(AUTHZ_FAILED)
    server.database.execute(sql, key.id)
    for text in (key, new):
        accepted_until_refused(lambda: server.get("/t/x", text),
                               refused=status)


@pytest.mark.mpm
def test_old_secret_is_cached_like_any_other(rotated):
    server, key, new = rotated
    server.expect_log(UK_ANY)
    unknown = server.database.import_key("monitors:read")

    def are_hits():
        asked = statuses_without_database(server, [key, new] * 5, unknown)
        return asked == [200] * 10

    eventually(are_hits)


def test_identity_of_an_old_secret_is_the_same_from_the_cache(rotated):
    server, key, new = rotated

    def identity(text):
        known = server.get("/cgi/environ.cgi", text).json()["environment"]
        return [known.get(name) for name in (
            "UPTIME_KEY_ID", "UPTIME_KEY_PREFIX", "UPTIME_KEY_ROTATED")]

    assert from_cache(server, lambda: [identity(key), identity(new)]) == [
        [key.id, key.prefix, "1"], [key.id, new[:15], None]]


@pytest.mark.parametrize("sooner", ["previous_ends_at", "expires_at"])
def test_end_of_an_overlap_is_compared_on_every_hit(server, sooner):
    """Or the expiry of the key, if that is sooner."""
    def hits():
        key, new = rotate(server, 3600)
        end = now_ms() + 2_500
        server.database.execute(
            f"UPDATE uptime_keys SET {sooner} = ? WHERE id = ?", end, key.id)
        found = hits_until(server, key, end)
        assert server.get("/t/x", new).status_code == (
            200 if sooner == "previous_ends_at" else 401)
        return found

    eventually(hits)


def test_old_secret_that_has_ended_is_refused_like_any_other(server):
    key, new = rotate(server, 1)
    cache(server, new)
    eventually(lambda: is_refused_hit(server, key))

    def is_new_one_a_hit():
        assert_refused(server.get("/t/x", key), 401, "invalid_token")
        return is_hit(server, new)

    eventually(is_new_one_a_hit)


def test_key_that_is_refused_for_the_address_is_not_stored(server):
    """And it is no use of the key."""
    server.expect_log(UK_ANY)
    key = server.database.import_key("monitors:read")
    server.database.execute(
        "UPDATE uptime_keys SET addresses = '[\"192.0.2.1\"]' WHERE id = ?",
        key.id)
    before = look_ups(server)
    for _ in range(3):
        answer = server.get("/t/x", key)
        assert answer.status_code == 403
        assert answer.json()["type"].endswith(":address-not-allowed")
    assert look_ups(server) == before + 3
    # Another use was written after it, by the same thread.
    for _ in range(10):
        other = server.database.import_key("monitors:read")
        assert server.get("/t/x", other).status_code == 200
        eventually(lambda: server.database.last_used(other))
    assert server.database.last_used(key) is None


def test_address_is_judged_on_every_hit(server):
    server.expect_log(UK_ANY)
    key = server.database.import_key("monitors:read")
    server.database.execute(
        "UPDATE uptime_keys SET addresses = '[\"127.0.0.1\"]' WHERE id = ?",
        key.id)
    sources = ["127.0.0.2", "127.0.0.1"] * 4
    assert from_cache(server, lambda: [
        status_from(source, server, key) for source in sources]) == \
        [403, 200] * 4


def status_from(source, server, key):
    connection = http.client.HTTPConnection(
        "127.0.0.1", server.port, source_address=(source, 0), timeout=60)
    connection.request("GET", "/t/x",
                       headers={"Authorization": f"Bearer {key}"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def test_new_name_is_published_within_a_lease(server, key):
    server.database.execute(
        "UPDATE uptime_keys SET name = 'renamed' WHERE id = ?", key.id)
    time.sleep(LEASE)
    answer = server.get("/cgi/environ.cgi", key).json()
    assert answer["environment"]["UPTIME_KEY_NAME"] == "renamed"


def test_counter_that_falls_is_a_change_too(server, key):
    """As after an old backup was restored."""
    server.database.execute("UPDATE uptime_changes SET counter = 1000000")
    time.sleep(LEASE)
    cache(server, key)
    server.database.execute("DROP TRIGGER uptime_keys_deleted")
    with server.database.connection() as connection:
        connection.execute("DELETE FROM uptime_keys WHERE id = ?", (key.id,))
        connection.execute("UPDATE uptime_changes SET counter = 5")
    accepted_until_refused(lambda: server.get("/t/x", key))
    server.database.init()


def test_expiry_is_compared_on_every_hit(server):
    def hits():
        expiry = now_ms() + 2_500
        key = server.database.import_key("monitors:read", expiresAt=expiry)
        return hits_until(server, key, expiry)

    eventually(hits)


def hits_until(server, key, end):
    """How many requests the cache answers until this moment, to the
    millisecond."""
    before = look_ups(server)
    accepted = assert_ends_at(server, key, end)
    return max(accepted - (look_ups(server) - before), 0)


def test_unknown_key_is_let_in_once_it_was_imported(server):
    text = make_key()
    eventually(lambda: is_refused_hit(server, text))
    server.database.import_key("monitors:read", text=text)
    assert server.get("/t/x", text).status_code == 200


def test_failure_is_not_cached(server):
    server.expect_log(UK_ANY)
    key = server.database.import_key("monitors:read")
    with server.database.unavailable():
        assert_unavailable(server.get("/t/x", key))
    assert server.get("/t/x", key).status_code == 200


def test_key_cached_by_a_lenient_host_stays_refused_by_a_strict_one(server):
    key = server.database.import_key("monitors:read",
                                     text="uptime_" + "0" * 63 + "1")

    def is_hit_after_a_refusal():
        cache(server, key, headers=at("lenient"))
        assert_refused(server.get("/t/x", key), 401, "invalid_token")
        return is_hit(server, key, headers=at("lenient"))

    eventually(is_hit_after_a_refusal)


def test_hosts_with_one_database_share_its_keys(server):
    def is_shared():
        key = server.database.import_key("monitors:read")
        cache(server, key)
        return is_hit(server, key, headers=at("lenient"))

    eventually(is_shared)


def test_host_that_asks_a_standby_shares_none(server):
    """It may have cached a key that is deleted on the primary."""
    ours = server.database.import_key("monitors:read")
    cache(server, ours, headers=at("standby"))
    assert not is_hit(server, ours)
    cache(server, ours)
    cache(server, ours, headers=at("standby"))
    admin = server.database.import_key("api-keys:write")
    answer = server.request("DELETE", f"/keys/{ours.id}", admin)
    assert answer.status_code == 200
    for headers in ({}, at("standby")):
        assert_refused(server.get("/t/x", ours, headers=headers), 401,
                       "invalid_token")


def assert_not_shared(server):
    """A key of one host is refused by the other."""
    ours = server.database.import_key("monitors:read")
    theirs = server.other.import_key("monitors:read", team="globex")
    cache(server, ours)
    cache(server, theirs, headers=at("other"))
    for answer in (server.get("/t/x", ours, headers=at("other")),
                   server.get("/t/x", theirs)):
        assert_refused(answer, 401, "invalid_token")


def test_hosts_with_different_databases_share_none(server):
    assert_not_shared(server)


def test_hosts_may_differ_in_what_they_tell_a_database_first(new_httpd):
    """A view cannot be written, so uses are not recorded there."""
    assert_not_shared(with_other_database(
        new_httpd(CACHED + ATTACHED, start=False, expect_log=[UK_ANY])))


def test_same_string_is_another_key_in_another_database(server, key):
    server.other.import_key("monitors:read", text=key.text, team="globex")

    def team(**options):
        answer = server.get("/cgi/environ.cgi", key, **options).json()
        return answer["environment"]["UPTIME_TEAM"]

    for _ in range(4):
        assert team() == "acme"
        assert team(headers=at("other")) == "globex"


def test_management_requests_bypass_the_cache(server):
    """On every call."""
    admin = server.database.import_key("api-keys:write", "monitors:read")
    cache(server, admin)
    before = look_ups(server)
    assert server.get("/keys/scopes", admin).status_code == 200
    assert look_ups(server) == before + 1


def test_look_up_is_repeated_when_a_use_is_due_to_be_written(new_httpd):
    """And by no other request."""
    server = new_httpd(CACHED + "UptimeKeysLastUsedInterval 2\n")
    key = server.database.import_key("monitors:read")
    cache(server, key)

    def is_looked_up_for_each_use():
        """Unless a poll was late, and every request was looked up."""
        began, before = time.monotonic(), look_ups(server)
        while time.monotonic() < began + 4.5:
            assert server.get("/t/x", key).status_code == 200
        return look_ups(server) - before in (2, 3)

    eventually(is_looked_up_for_each_use)


@pytest.mark.slow
def test_full_cache_mixes_nobody_up(new_httpd):
    """More keys than fit, used in turn: each answer names the key that was
    sent, and some entries are found again."""
    server = new_httpd(
        CACHED + "UptimeKeysCacheSize 1M\nLogLevel info uptime_keys:debug\n"
        "UptimeKeysLastUsedInterval 86400\n"
        'Header set X-Id "%{UPTIME_KEY_ID}e"\nMaxKeepAliveRequests 0\n')
    texts = [make_key() for _ in range(16000)]
    rows = [{"team": "acme", "name": f"key {number}",
             "scopes": ["monitors:read"], "keyHash": key_hash(text),
             "keyPrefix": text[:15], "createdAt": 1000,
             "lastUsedAt": now_ms()} for number, text in enumerate(texts)]
    server.database.import_rows(*rows)
    for text in texts:
        server.keep_secret(text)
    ids = dict(server.database.rows("SELECT key_hash, id FROM uptime_keys"))
    time.sleep(LEASE)
    assert_known(server, texts, ids)
    assert_known(server, texts, ids)

    def are_some_found():
        before = look_ups(server)
        for _ in range(2):
            assert_known(server, texts, ids)
        found = 2 * len(texts) - (look_ups(server) - before)
        assert found < len(texts)
        # Without bimodal insertion none would be; fewer if polls were late.
        return found > len(texts) / 50

    eventually(are_some_found)


def assert_known(server, texts, ids):
    data = b"".join(
        request("/t/x", f"Authorization: Bearer {text}",
                close=text is texts[-1]) for text in texts)
    answers = server.exchange(data, ["GET"] * len(texts))
    assert [answer.headers["X-Id"] for answer in answers] == \
        [ids[key_hash(text)] for text in texts]
