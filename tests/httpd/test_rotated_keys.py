# SPDX-License-Identifier: Apache-2.0
"""The two secrets of a key that was rotated: what each may do, and until when."""

import json
import subprocess
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest
from caching import CACHED, GUARDED, is_hit
from harness import (
    MPM,
    assert_ends_at,
    assert_refused,
    environment,
    eventually,
)
from harness.answers import assert_problem
from harness.database import now_ms

pytestmark = pytest.mark.waits

MORE = """
UptimeKeysHeader X-API-Key
UptimeKeysIdentityHeaders X-Uptime
ScriptAliasMatch "^/script/" "${ROOT}/cgi/environ.cgi"
<Location "/script/">
    AuthType uptime-key
    AuthName "Uptime"
    Require valid-user
</Location>
<Location "/basic/">
    AuthType Basic
    AuthName "Uptime"
    AuthBasicProvider uptime-key
    Require valid-user
</Location>
Alias "/basic/" "${ROOT}/htdocs/"
LogFormat "%U %{UPTIME_KEY_ID}e %{UPTIME_KEY_PREFIX}e %{UPTIME_KEY_ROTATED}e %{UPTIME_KEY_EXPIRES}e" rotated
CustomLog "${ROOT}/logs/rotated_log" rotated
"""
HTTP2 = """
LoadModule http2_module ${MODULES}/mod_http2.so
LogLevel trace8 http2:info
Protocols h2c http/1.1
"""
DAY_MS = 86_400_000
# An end that is reached in a test, but not before a request to rotate a key.
SOON_MS = 4000


@pytest.fixture(scope="module", params=["asked", "cached"])
def server(request, new_httpd):
    """One that asks the database each time, and one that caches."""
    server = new_httpd((CACHED if request.param == "cached" else GUARDED)
                       + MORE)
    server.is_caching = request.param == "cached"
    return server


@pytest.fixture(scope="module")
def admin(server):
    return server.database.import_key(
        "api-keys:write", "api-keys:read", "monitors:read", "alerts:read")


@pytest.fixture
def rotate(server, admin):
    def ask(key, status=200, **members):
        """Rotate a key; returns it with its new secret, and the data."""
        answer = server.request("POST", f"/keys/{key.id}/rotate", admin,
                                json=members or None)
        assert answer.status_code == status, answer.text
        data = answer.json()["data"]
        server.keep_secret(data["key"])
        return replace(key, text=data["key"]), data

    return ask


@pytest.fixture
def change(server, admin):
    def ask(key, **members):
        answer = server.request("PATCH", f"/keys/{key.id}", admin,
                                json=members)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]["apiKey"]

    return ask


@pytest.fixture
def key(server):
    return server.database.import_key("monitors:read")


def statuses(server, *keys):
    return [server.get("/t/x", key).status_code for key in keys]


def let_cache(server, *keys, end=None):
    """Wait until the keys are cached, or have ended at that millisecond."""
    if server.is_caching:
        for key in keys:
            eventually(lambda key=key: is_hit(server, key)
                       or end and now_ms() >= end)


def set_columns(server, key, **columns):
    server.database.execute(
        "UPDATE uptime_keys SET "
        + ", ".join(f"{name} = ?" for name in columns) + " WHERE id = ?",
        *columns.values(), key.id)


@pytest.mark.mpm
@pytest.mark.backend
def test_both_secrets_work_during_the_overlap(server, rotate, key):
    new, _ = rotate(key)
    for _ in range(3):
        assert statuses(server, key, new) == [200, 200]
    let_cache(server, key, new)
    assert statuses(server, key, new) == [200, 200]


@pytest.mark.mpm
@pytest.mark.backend
def test_old_secret_ends_to_the_millisecond(server, rotate, key):
    before = now_ms()
    new, data = rotate(key, overlapSeconds=2)
    end = data["apiKey"]["previous"]["endsAt"]
    assert before <= end - 2000 <= now_ms()
    let_cache(server, key, end=end)
    assert_ends_at(server, key, end)
    assert statuses(server, key, new) == [401, 200]


@pytest.mark.backend
def test_short_overlap_is_answered_when_it_has_ended_elsewhere(server, rotate,
                                                               key):
    """A second server caches the old secret for less than a lease."""
    let_cache(server, key)
    _, data = rotate(key, overlapSeconds=1)
    assert_ends_at(server, key, data["apiKey"]["previous"]["endsAt"])


@pytest.mark.backend
def test_both_secrets_end_with_the_key(server, rotate, key):
    end = now_ms() + SOON_MS
    set_columns(server, key, expires_at=end)
    new, data = rotate(key)
    assert data["apiKey"]["previous"]["endsAt"] == end
    let_cache(server, key, new, end=end)
    assert_ends_at(server, key, end)
    assert_refused(server.get("/t/x", new), 401, "invalid_token")


@pytest.mark.backend
def test_earlier_expiry_ends_the_old_secret_too(server, rotate, change, key):
    set_columns(server, key, expires_at=now_ms() + DAY_MS)
    new, _ = rotate(key)
    let_cache(server, key, new)
    end = now_ms() + SOON_MS
    expiry = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(end // 1000)) + \
        f".{end % 1000:03}Z"
    assert change(key, expiresAt=expiry)["previous"]["endsAt"] == end
    assert_ends_at(server, key, end)
    assert_refused(server.get("/t/x", new), 401, "invalid_token")


@pytest.mark.backend
def test_old_secret_stays_ended_when_the_key_lives_longer(server, rotate, key):
    end = now_ms() + SOON_MS
    set_columns(server, key, expires_at=end)
    new, _ = rotate(key)
    assert_ends_at(server, key, end)
    # By the tool's door, plain SQL, nothing but the expiry is changed.
    set_columns(server, key, expires_at=None)
    eventually(lambda: statuses(server, new) == [200])
    assert statuses(server, key) == [401]


@pytest.mark.backend
def test_ended_secret_is_refused_as_any_bad_key(server, rotate, key):
    other = server.get("/t/x", key.text[:-8] + "00000000")
    rotate(key, overlapSeconds=0)
    answer = server.get("/t/x", key)
    problem = assert_refused(answer, 401, "invalid_token")
    neutral = assert_refused(other, 401, "invalid_token")
    del problem["instance"], neutral["instance"]
    assert problem == neutral
    (line,) = [line.text for line in server.error_log.ours("info")
               if key.id in line.text]
    assert "rotated" in line


@pytest.mark.backend
@pytest.mark.parametrize("columns,expected", [
    ({"previous_ends_at": None}, 401), ({"previous_ends_at": 0}, 401),
    ({"previous_ends_at": -1}, 401), ({"previous_ends_at": 1}, 401),
    ({"previous_ends_at": 2**62}, 200),
    ({"previous_ends_at": 2**62, "disabled_at": 1}, 401),
    ({"previous_ends_at": 2**62, "expires_at": 1}, 401),
])
def test_old_secret_by_plain_sql(server, rotate, key, columns, expected):
    """One without an end has ended."""
    rotate(key)
    set_columns(server, key, **columns)
    eventually(lambda: statuses(server, key) == [expected])


# What a request knows

def environment_of(server, key):
    answer = server.get("/script/x", key)
    assert answer.status_code == 200
    return {name: value
            for name, value in answer.json()["environment"].items()
            if name.startswith(("UPTIME_", "REMOTE_USER", "HTTP_X_UPTIME"))}


@pytest.mark.mpm
def test_environment_tells_the_old_secret_from_the_new(server, rotate, key):
    plain = environment_of(server, key)
    assert "UPTIME_KEY_ROTATED" not in plain
    new, _ = rotate(key)
    # Elsewhere an entry that is older than the rotation is used for a lease.
    old = eventually(lambda: (found := environment_of(server, key))
                     and "UPTIME_KEY_ROTATED" in found and found)
    assert old.pop("UPTIME_KEY_ROTATED") == "1"
    assert old.pop("UPTIME_KEY_PREFIX") == key.prefix
    assert old.pop("UPTIME_KEY_EXPIRES")
    current = environment_of(server, new)
    assert current.pop("UPTIME_KEY_PREFIX") == new.prefix
    del plain["UPTIME_KEY_PREFIX"]
    assert old == current == plain


def test_access_log_finds_who_uses_the_old_secret(server, rotate, key):
    new, _ = rotate(key)
    eventually(lambda: "UPTIME_KEY_ROTATED" in environment_of(server, key))
    statuses(server, key, new)

    def logged():
        lines = (line.split() for line in
                 (server.root / "logs/rotated_log").read_text().splitlines())
        return sorted(line[2:4] for line in lines
                      if line[:2] == ["/t/x", key.id])

    expected = sorted([[key.prefix, "1"], [new.prefix, "-"]])
    eventually(lambda: logged() == expected)


def test_client_cannot_pretend_to_have_an_old_secret(server, key):
    answer = server.get("/script/x", key,
                        headers={"UPTIME_KEY_ROTATED": "1",
                                 "Uptime-Key-Rotated": "1"})
    assert "UPTIME_KEY_ROTATED" not in answer.json()["environment"]


@pytest.mark.parametrize("how", ["header", "basic"])
def test_old_secret_works_wherever_a_key_does(server, rotate, key, how):
    new, _ = rotate(key)
    for secret in (key, new):
        server.keep_secret(secret)
        if how == "header":
            answer = server.get("/t/x", headers={"X-API-Key": secret.text})
        else:
            answer = server.get("/basic/answer.txt", auth=("x", secret.text))
        assert answer.status_code == 200
    rotate(key, overlapSeconds=0)
    for secret in (key, new):
        if how == "header":
            answer = server.get("/t/x", headers={"X-API-Key": secret.text})
        else:
            answer = server.get("/basic/answer.txt", auth=("x", secret.text))
        assert answer.status_code == 401


# Last uses

def uses(server, key):
    ((current, previous),) = server.database.rows(
        "SELECT last_used_at, previous_used_at FROM uptime_keys "
        "WHERE id = ?", key.id)
    return current, previous


@pytest.mark.mpm
@pytest.mark.backend
def test_each_secret_has_its_own_last_use(server, rotate, key):
    new, _ = rotate(key)
    assert uses(server, key) == (None, None)
    before = now_ms()
    statuses(server, key)
    eventually(lambda: uses(server, key)[1])
    current, previous = uses(server, key)
    assert current is None
    assert before <= previous <= now_ms()
    before = now_ms()
    statuses(server, new)
    eventually(lambda: uses(server, key)[0])
    assert uses(server, key)[0] >= before
    assert uses(server, key)[1] == previous


@pytest.mark.backend
def test_last_use_goes_on_with_its_secret(server, rotate, key):
    used = now_ms() - 7_200_000
    set_columns(server, key, last_used_at=used)
    _, data = rotate(key)
    assert data["apiKey"]["lastUsedAt"] is None
    assert data["apiKey"]["previous"]["lastUsedAt"] == used
    assert uses(server, key) == (None, used)


# A trigger by which uses cannot be written, but a rotation can.
NOT_WRITABLE = {
    "sqlite3": "SELECT RAISE(ABORT, 'made by the test') WHERE "
               "NEW.last_used_at IS NOT OLD.last_used_at "
               "AND NEW.last_used_at IS NOT NULL",
    "pgsql": "IF NEW.last_used_at IS DISTINCT FROM OLD.last_used_at "
             "AND NEW.last_used_at IS NOT NULL "
             "THEN RAISE EXCEPTION 'made by the test'; END IF",
    "mysql": "IF NOT NEW.last_used_at <=> OLD.last_used_at "
             "AND NEW.last_used_at IS NOT NULL "
             "THEN SIGNAL SQLSTATE '45000' "
             "SET MESSAGE_TEXT = 'made by the test'; END IF",
}


@contextmanager
def unwritable_uses(server):
    server.database.create_trigger(
        "keep_uses", "BEFORE", "UPDATE OF last_used_at", "uptime_keys",
        NOT_WRITABLE[server.database.dialect])
    try:
        yield
    finally:
        server.database.drop_trigger("keep_uses", "uptime_keys")


@pytest.mark.backend
def test_use_before_a_rotation_is_the_old_secrets_also_if_written_later(
        server, rotate, key):
    server.expect_log("UK0011")
    with unwritable_uses(server):
        before = now_ms()
        assert statuses(server, key) == [200]
        after = now_ms()
        rotate(key)
    assert before <= eventually(lambda: uses(server, key)[1]) <= after
    assert uses(server, key)[0] is None


@pytest.mark.backend
def test_use_of_a_secret_that_is_gone_is_nobodys(server, rotate, key):
    server.expect_log("UK0011")
    other = server.database.import_key("monitors:read")
    with unwritable_uses(server):
        assert statuses(server, key) == [200]
        rotate(key)
        rotate(key)
    # The writer is done when it has written what came later.
    assert statuses(server, other) == [200]
    eventually(lambda: uses(server, other)[0])
    assert uses(server, key) == (None, None)


@pytest.mark.backend
def test_old_secret_that_has_ended_is_not_used(server, rotate, key):
    other = server.database.import_key("monitors:read")
    rotate(key, overlapSeconds=0)
    statuses(server, key, other)
    eventually(lambda: uses(server, other)[0])
    assert uses(server, key) == (None, None)


# The cache

def test_old_secret_is_cached_like_any_other(server, rotate, key):
    if not server.is_caching:
        pytest.skip("about the cache")
    new, _ = rotate(key)
    let_cache(server, key, new)
    # Until the server has seen that the key changed, it may forget them again.
    eventually(lambda: is_hit(server, key) and is_hit(server, new))


def test_rotation_costs_the_new_secret_one_look_up(server, rotate, key):
    new, _ = rotate(key)
    before = server.error_log.count("UK0020")
    assert statuses(server, new) == [200]
    assert server.error_log.count("UK0020") == before + 1


# Management

@pytest.mark.parametrize("method,path", [
    ("POST", "/keys"), ("GET", "/keys"), ("DELETE", "/keys/{id}"),
    ("PATCH", "/keys/{id}"), ("POST", "/keys/{id}/rotate")])
def test_old_secret_manages_nothing(server, rotate, method, path):
    key = server.database.import_key("api-keys:write", "api-keys:read")
    _, data = rotate(key)
    answer = server.request(method, path.format(id=key.id), key,
                            json={"name": "n"})
    assert_problem(answer, 403)
    told = server.request("GET", "/keys/self", key)
    assert told.status_code == 200
    assert told.json()["data"]["apiKey"]["previous"]["endsAt"] == \
        data["apiKey"]["previous"]["endsAt"]


# HTTP/2

@pytest.fixture(scope="module")
def http2(new_httpd):
    if MPM == "prefork" or \
            not (environment.libexecdir() / "mod_http2.so").exists():
        pytest.skip("needs mod_http2")
    return new_httpd(GUARDED + HTTP2)


@pytest.mark.parametrize("body,content_type", [
    (None, None), ("", "application/json"), ("{}", "application/json"),
    ('{"overlapSeconds": 60}', "application/json")])
def test_rotation_by_http2_needs_no_length(http2, body, content_type):
    """curl sends what it reads from a pipe without a length."""
    admin = http2.database.import_key("api-keys:write", "monitors:read")
    key = http2.database.import_key("monitors:read")
    options = [] if body is None else ["-T", "-"]
    if content_type:
        options += ["-H", f"Content-Type: {content_type}"]
    done = subprocess.run(
        ["curl", "-sS", "--http2-prior-knowledge", "--max-time", "30",
         "-X", "POST", "-H", f"Authorization: Bearer {admin}", *options,
         f"http://127.0.0.1:{http2.port}/keys/{key.id}/rotate"],
        input=body, capture_output=True, text=True, check=True)
    data = json.loads(done.stdout)["data"]
    http2.keep_secret(data["key"])
    assert statuses(http2, key, data["key"]) == [200, 200]
