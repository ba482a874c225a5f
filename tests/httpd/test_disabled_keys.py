# SPDX-License-Identifier: Apache-2.0
"""A key that is disabled: refused as any bad key, and let in again when it is
enabled."""

import pytest
from caching import (
    CACHED,
    GUARDED,
    accepted_until_refused,
    cache,
    refused_until_accepted,
)
from harness import assert_refused, eventually, make_key
from harness.database import now_ms


@pytest.fixture(scope="module", params=["asked", "cached"])
def server(request, new_httpd):
    server = new_httpd(CACHED if request.param == "cached" else GUARDED)
    server.is_caching = request.param == "cached"
    return server


@pytest.fixture
def key(server):
    """It was used just now: that it is presented here is not written later."""
    key = server.database.import_key("monitors:read", lastUsedAt=now_ms())
    if server.is_caching:
        cache(server, key)
    return key


def set_columns(server, key, **columns):
    server.database.execute(
        "UPDATE uptime_keys SET "
        + ", ".join(f"{name} = ?" for name in columns) + " WHERE id = ?",
        *columns.values(), key.id)


@pytest.mark.mpm
@pytest.mark.backend
@pytest.mark.parametrize("reason", ["manual", "leaked", None])
def test_disabled_key_is_refused_as_any_bad_key(server, key, reason):
    neutral = assert_refused(server.get("/t/x", make_key()), 401,
                             "invalid_token")
    set_columns(server, key, disabled_at=now_ms(), disabled_reason=reason)
    answer = accepted_until_refused(lambda: server.get("/t/x", key))
    problem = assert_refused(answer, 401, "invalid_token")
    assert "disabled" not in answer.text
    del problem["instance"], neutral["instance"]
    assert problem == neutral
    (line,) = [line.text for line in server.error_log.ours("info")
               if key.id in line.text]
    assert "UK0010" in line and "disabled" in line


@pytest.mark.mpm
@pytest.mark.backend
def test_key_that_is_enabled_again_is_let_in(server, key):
    """By SQL: within a lease, where keys are cached."""
    set_columns(server, key, disabled_at=now_ms(), disabled_reason="manual")
    accepted_until_refused(lambda: server.get("/t/x", key))
    set_columns(server, key, disabled_at=None, disabled_reason=None)
    if server.is_caching:
        refused_until_accepted(lambda: server.get("/t/x", key))
    assert server.get("/t/x", key).status_code == 200


@pytest.mark.backend
@pytest.mark.parametrize("at", [1, -5, 0, 9_999_999_999_999])
def test_any_moment_disables(server, key, at):
    """It is no date from which the key is disabled."""
    set_columns(server, key, disabled_at=at)
    accepted_until_refused(lambda: server.get("/t/x", key))


@pytest.mark.backend
def test_disabled_key_is_not_used(server, key):
    set_columns(server, key, last_used_at=None, disabled_at=1)
    accepted_until_refused(lambda: server.get("/t/x", key))
    other = server.database.import_key("monitors:read")
    set_columns(server, key, last_used_at=None)
    assert server.get("/t/x", key).status_code == 401
    assert server.get("/t/x", other).status_code == 200
    eventually(lambda: server.database.last_used(other))
    assert server.database.last_used(key) is None


def test_disabled_and_expired_key_is_refused(server, key):
    set_columns(server, key, disabled_at=1, expires_at=1)
    accepted_until_refused(lambda: server.get("/t/x", key))
    set_columns(server, key, disabled_at=None)
    assert_refused(server.get("/t/x", key), 401, "invalid_token")
