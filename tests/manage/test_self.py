# SPDX-License-Identifier: Apache-2.0
"""GET …/self: a key asks about itself."""

import pytest
from harness import AUTHZ_FAILED, assert_refused
from harness.answers import assert_problem
from harness.database import now_ms
from managed import BASIC, KEYS, SCOPED, Client


@pytest.fixture
def self_of(server):
    """self_of(KEY): what the key is told about itself."""

    def ask(key, location=KEYS):
        answer = Client(server, key=key, location=location).call("GET",
                                                                 "/self")
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert set(body) == {"data", "meta"}
        return body["data"]

    return ask


@pytest.mark.mpm
@pytest.mark.backend
@pytest.mark.parametrize("scopes", [
    ["monitors:read"], ["api-keys:read"], ["api-keys:write", "teams:read"]])
def test_any_key_is_told_about_itself(server, olga, self_of, scopes):
    key = olga.make(scopes=scopes, addresses=["127.0.0.1"],
                    expiresAt="2098-01-01T00:00:00Z")
    told = self_of(key)
    assert told["team"] == "acme"
    shown = olga.show(key)
    del told["apiKey"]["lastUsedAt"], shown["lastUsedAt"]
    assert told == {"apiKey": shown, "team": "acme"}


def test_key_of_another_team_is_told_its_own(server, self_of):
    server.database.import_key("monitors:read")
    key = server.database.import_key("monitors:read", team="beta")
    told = self_of(key)
    assert (told["team"], told["apiKey"]["id"]) == ("beta", key.id)


@pytest.mark.parametrize("user", ["olga", "adam", "mia", "otto"])
@pytest.mark.parametrize("location", [BASIC, "/nested/a/b/keys"])
def test_people_are_not_keys(server, user, location):
    client = Client(server, user=user, location=location)
    assert_problem(client.call("GET", "/self"), 404)


def test_place_that_asks_for_a_scope_refuses_other_keys(server, holder):
    server.expect_log(AUTHZ_FAILED)
    assert holder("monitors:read").at(SCOPED).call(
        "GET", "/self").status_code == 403
    assert holder("api-keys:read").at(SCOPED).call(
        "GET", "/self").status_code == 200


def test_self_behind_basic_is_the_key_in_the_password(server, olga):
    key = olga.make()
    answer = server.request("GET", "/basic-key/keys/self",
                            auth=("olga", key.text))
    assert answer.json()["data"]["apiKey"]["id"] == key.id


def test_place_of_another_team_has_nobody_there(server, holder):
    assert holder("monitors:read").at("/pinned/api/keys").call(
        "GET", "/self").status_code == 404
    assert holder("monitors:read").asking("team=beta").call(
        "GET", "/self").status_code == 404
    assert holder("monitors:read").asking("team=acme").call(
        "GET", "/self").status_code == 200


@pytest.mark.mpm
@pytest.mark.backend
def test_old_secret_is_told_when_it_ends(server, olga, self_of):
    key = olga.make()
    new, data = olga.renew(key)
    previous = data["apiKey"]["previous"]
    for secret in (key, new):
        told = self_of(secret)["apiKey"]
        assert told["id"] == key.id
        assert told["keyPrefix"] == new.prefix
        assert told["previous"]["keyPrefix"] == key.prefix
        assert told["previous"]["endsAt"] == previous["endsAt"] > now_ms()


@pytest.mark.backend
@pytest.mark.parametrize("columns", [
    "disabled_at = 1, disabled_reason = 'manual'",
    "disabled_at = 1, disabled_reason = 'leaked'",
    "disabled_at = 1", "disabled_at = 9999999999999",
    "expires_at = 1", None])
def test_key_that_is_no_longer_good_is_nobody(server, olga, columns):
    key = olga.make()
    new, _ = olga.renew(key)
    server.database.execute(f"UPDATE uptime_keys SET {columns}" if columns
                            else "DELETE FROM uptime_keys")
    for secret in (key, new):
        answer = Client(server, key=secret).call("GET", "/self")
        assert_refused(answer, 401, "invalid_token")


def test_old_secret_that_has_ended_is_nobody(server, olga):
    key = olga.make()
    olga.renew(key, overlapSeconds=0)
    answer = Client(server, key=key).call("GET", "/self")
    assert_refused(answer, 401, "invalid_token")


def test_nobody_is_told_nothing(server):
    assert_refused(Client(server, location=KEYS).call("GET", "/self"), 401)


# The old secret may do nothing else here

@pytest.mark.parametrize("location", [KEYS, SCOPED])
@pytest.mark.parametrize("method,path,body", [
    ("GET", "", None), ("POST", "", {"name": "n", "scopes": ["api-keys:read"]}),
    ("GET", "/{id}", None), ("PATCH", "/{id}", {"name": "n"}),
    ("DELETE", "/{id}", None), ("POST", "/{id}/rotate", None),
    ("GET", "/scopes", None), ("GET", "/openapi.json", None),
    ("GET", "/nothing/here", None), ("PUT", "/{id}", None),
])
@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_old_secret_does_not_manage(server, holder, olga, location, method,
                                    path, body, accept):
    key = holder("api-keys:read", "api-keys:write").key
    other = server.database.import_key("api-keys:read")
    new, _ = olga.renew(key)
    before = server.rows()
    audit = server.database.rows("SELECT * FROM uptime_audit ORDER BY id")
    for target in (key, other):
        answer = Client(server, key=key, location=location).call(
            method, path.format(id=target.id), json=body,
            headers={"Accept": accept})
        assert answer.status_code == 403
    assert server.rows() == before
    assert server.database.rows(
        "SELECT * FROM uptime_audit ORDER BY id") == audit
    assert Client(server, key=new).list().status_code == 200
