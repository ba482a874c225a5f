# SPDX-License-Identifier: Apache-2.0
"""Who may do what at the management endpoints."""

import pytest
from harness import AUTHZ_FAILED, assert_refused, challenge
from harness.answers import assert_problem
from harness.keys import make_key
from managed import (
    BASIC,
    KEYS,
    OPEN,
    SCOPED,
    Client,
    basic,
    key_spec,
)

UNKNOWN_ID = "key_01jzzzzzzzzzzzzzzzzzzzzzzz"

# Every kind of request; {id} is a key of team acme.
REQUESTS = [
    ("GET", ""), ("HEAD", ""), ("POST", ""), ("GET", "/{id}"),
    ("HEAD", "/{id}"), ("DELETE", "/{id}"), ("PATCH", "/{id}"),
    ("POST", "/{id}/rotate"), ("GET", "/audit"), ("GET", "/scopes"),
    ("GET", "/openapi.json"),
]
# About the key that asks: neither a role nor a scope matters.
SELF = ("GET", "/self")
BODIES = {("POST", ""): key_spec(), ("PATCH", "/{id}"): {"name": "new"}}


@pytest.fixture
def acme_key(server, clean):
    return server.database.import_key("monitors:read", name="of acme")


@pytest.fixture
def beta_key(server, clean):
    return server.database.import_key("monitors:read", team="beta",
                                      name="of beta")


def ask(client, method, path, key):
    return client.call(method, path.format(id=key.id),
                       json=BODIES.get((method, path)))


def success(method, path):
    return 201 if (method, path) == ("POST", "") else 200


def prefixes(server):
    """Of all keys, with their names: what a change or rotation changes."""
    return server.database.rows(
        "SELECT id, key_prefix, name FROM uptime_keys ORDER BY id")


def count_keys(server, team="acme"):
    return len(server.slots(team))


def test_requests_are_all_that_is_documented(server):
    paths = Client(server, user="olga").call("GET", "/openapi.json") \
        .json()["paths"]
    documented = {(method.upper(), path.removesuffix("/"))
                  for path, methods in paths.items()
                  for method in methods if method != "parameters"}
    assert documented == {SELF} | {request for request in REQUESTS
                                   if request[0] != "HEAD"}


@pytest.mark.mpm
@pytest.mark.parametrize("method,path", REQUESTS)
@pytest.mark.parametrize("user", ["olga", "adam"])
def test_owner_and_admin_may_do_everything(server, acme_key, user, method,
                                           path):
    answer = ask(Client(server, user=user), method, path, acme_key)
    assert answer.status_code == success(method, path)


@pytest.mark.parametrize("method,path", REQUESTS)
@pytest.mark.parametrize("user,status", [("mia", 403), ("otto", 404)])
def test_member_and_outsider_may_do_nothing(server, acme_key, user, status,
                                            method, path):
    before = prefixes(server)
    answer = ask(Client(server, user=user), method, path, acme_key)
    assert answer.status_code == status
    if method != "HEAD":
        assert_problem(answer, status)
    assert prefixes(server) == before


@pytest.mark.parametrize("method,path", [*REQUESTS, SELF])
@pytest.mark.parametrize("location", [
    BASIC, KEYS, SCOPED, OPEN, "/open/basic/keys", "/open/key/keys",
    "/pretended/keys", "/nested/a/b/keys", "/matched/one/keys",
])
def test_nobody_may_do_anything(server, acme_key, location, method, path):
    before = prefixes(server)
    answer = ask(Client(server, location=location), method, path, acme_key)
    assert answer.status_code == 401
    if method != "HEAD":
        assert_problem(answer, 401)
    assert prefixes(server) == before


PRETENDED = {
    "Basic": {"Authorization": basic("olga")},
    "X-Remote-User": {"X-Remote-User": "olga"},
    "Remote-User": {"Remote-User": "olga"},
    "REMOTE_USER": {"REMOTE_USER": "olga"},
    "X-Forwarded-User": {"X-Forwarded-User": "olga"},
    "From": {"From": "olga"},
    "identity headers": {"Uptime-Team": "acme", "UPTIME_TEAM": "acme",
                         "UPTIME_KEY_SCOPES": "api-keys:read"},
}


@pytest.mark.parametrize("location", [OPEN, "/open/key/keys",
                                   "/pretended/keys"])
@pytest.mark.parametrize("pretence", PRETENDED)
def test_user_in_a_header_alone_is_nobody(server, location, pretence):
    answer = server.request("GET", location, headers=PRETENDED[pretence])
    assert_problem(answer, 401)


def test_wrong_password_is_nobody_where_none_is_needed(server):
    answer = server.request("GET", "/open/basic/keys",
                            auth=("olga", "wrong"))
    assert_problem(answer, 401)


def test_wrong_password_is_nobody(server):
    server.expect_log("AH01617", "AH01618")
    for user in ("olga", "nobody-at-all"):
        answer = server.request("GET", BASIC, auth=(user, "wrong"))
        assert_problem(answer, 401)
        assert "Basic" in answer.headers["WWW-Authenticate"]


def test_user_that_require_refuses_learns_nothing(server, adam, olga):
    server.expect_log(AUTHZ_FAILED)
    assert olga.at("/only-olga/keys").list().status_code == 200
    answer = adam.at("/only-olga/keys").list()
    assert_problem(answer, 401)


def test_role_is_read_on_every_call(server, adam, acme_key):
    member = ("member", "set", "acme", "adam")
    assert adam.list().status_code == 200
    server.database.tool(*member, "member")
    assert adam.list().status_code == 403
    assert adam.create().status_code == 403
    assert adam.delete(acme_key.id).status_code == 403
    server.database.tool("member", "remove", "acme", "adam")
    assert adam.list().status_code == 404
    assert adam.create().status_code == 404
    assert adam.delete(acme_key.id).status_code == 404
    server.database.tool(*member, "admin")
    assert adam.list().status_code == 200


def test_deleted_team_has_no_callers(server, olga, holder):
    key = holder("api-keys:read", "api-keys:write")
    assert olga.list().status_code == key.list().status_code == 200
    server.database.tool("team", "delete", "acme")
    for answer in (olga.list(), olga.create(), olga.read(UNKNOWN_ID)):
        assert_problem(answer, 404)
    for answer in (key.list(), key.create()):
        assert_refused(answer, 401, "invalid_token")


@pytest.mark.parametrize("path", ["", "/scopes", "/openapi.json",
                                  f"/{UNKNOWN_ID}"])
def test_outsider_cannot_tell_whether_a_team_exists(otto, path):
    told = [assert_problem(otto.asking(query).call("GET", path), 404)
            for query in ("team=acme", "team=nowhere", "x=")]
    for problem in told:
        del problem["instance"]
    assert told[0] == told[1] == told[2]


# Keys as clients

@pytest.mark.parametrize("location", [KEYS, SCOPED])
@pytest.mark.parametrize("scopes,allowed", [
    (["api-keys:read"], {"api-keys:read"}),
    (["api-keys:write"], {"api-keys:write"}),
    (["api-keys:read", "api-keys:write"], {"api-keys:read",
                                           "api-keys:write"}),
])
@pytest.mark.parametrize("method,path,needed", [
    ("GET", "", "api-keys:read"),
    ("HEAD", "", "api-keys:read"),
    ("GET", "/{id}", "api-keys:read"),
    ("GET", "/audit", "api-keys:read"),
    ("POST", "", "api-keys:write"),
    ("DELETE", "/{id}", "api-keys:write"),
    ("PATCH", "/{id}", "api-keys:write"),
    ("POST", "/{id}/rotate", "api-keys:write"),
])
def test_key_may_do_what_its_scopes_say(server, holder, acme_key, location,
                                        scopes, allowed, method, path,
                                        needed):
    client = holder(*scopes, "monitors:read").at(location)
    before = prefixes(server)
    answer = ask(client, method, path, acme_key)
    if needed in allowed:
        assert answer.status_code == success(method, path)
        return
    assert answer.status_code == 403
    assert challenge(answer) == {
        "realm": "Uptime", "error": "insufficient_scope", "scope": needed}
    if method != "HEAD":
        assert needed in assert_problem(answer, 403)["detail"]
    assert prefixes(server) == before


@pytest.mark.parametrize("scopes", [["api-keys:read"], ["api-keys:write"]])
@pytest.mark.parametrize("path", ["/scopes", "/openapi.json"])
def test_either_scope_lets_a_key_read_about_the_endpoints(holder, scopes,
                                                          path):
    assert holder(*scopes).call("GET", path).status_code == 200


@pytest.mark.parametrize("location", [KEYS, SCOPED])
@pytest.mark.parametrize("method,path", REQUESTS[:9])
def test_key_without_these_scopes_may_do_nothing(server, holder, acme_key,
                                                 location, method, path):
    server.expect_log(AUTHZ_FAILED)
    client = holder("monitors:read", "monitors:write", "teams:write")
    before = prefixes(server)
    answer = ask(client.at(location), method, path, acme_key)
    assert answer.status_code == 403
    parameters = challenge(answer)
    assert parameters["error"] == "insufficient_scope"
    assert "api-keys:" in parameters["scope"]
    assert prefixes(server) == before


@pytest.mark.parametrize("location", [KEYS, SCOPED])
def test_unknown_key_is_nobody(server, location):
    answer = server.get(location, make_key())
    assert_refused(answer, 401, "invalid_token")


def test_key_is_the_caller_behind_basic_whatever_name_it_comes_with(
        server, holder, acme_key):
    key = holder("api-keys:read").key
    server.keep_secret(key)
    for name in ("olga", "bert", "", UNKNOWN_ID):
        auth = (name, str(key))
        answer = server.request("GET", "/basic-key/keys", auth=auth)
        assert answer.status_code == 200
        assert {k["name"] for k in answer.json()["data"]["apiKeys"]} == \
            {"of acme", "imported key"}
        answer = server.request("POST", "/basic-key/keys", auth=auth,
                                json=key_spec())
        assert_problem(answer, 403)
    assert count_keys(server) == 2


def test_user_with_the_name_of_a_key_is_not_that_key(server, acme_key):
    user = UNKNOWN_ID
    server.database.execute(
        f"UPDATE uptime_keys SET id = '{user}', scopes = "
        "'[\"api-keys:read\",\"api-keys:write\"]'")
    client = Client(server, user=user)
    for answer in (client.list(), client.create(), client.delete(user)):
        assert_problem(answer, 404)
    assert count_keys(server) == 1


def test_password_is_not_read_as_a_key(server, holder):
    """At a location with Basic a key is just a wrong password."""
    server.expect_log("AH01617", "AH01618")
    key = holder("api-keys:read").key
    server.keep_secret(key)
    answer = server.request("GET", BASIC, auth=("olga", str(key)))
    assert_problem(answer, 401)


def test_both_kinds_see_the_same_keys(olga, holder, acme_key):
    client = holder("api-keys:read")
    mine = {key["id"] for key in client.keys()}
    assert mine == {key["id"] for key in olga.keys()}
    assert mine == {acme_key.id, client.key.id}


# A key never creates a stronger one

@pytest.mark.parametrize("asked", [
    ["monitors:read"], ["api-keys:write"],
    ["monitors:read", "alerts:read", "api-keys:write"],
])
def test_key_gives_away_what_it_holds(server, holder, asked):
    client = holder("api-keys:write", "monitors:read", "alerts:read")
    made = client.make(scopes=asked)
    assert (sorted(made.scopes), made.team) == (sorted(asked), "acme")
    assert server.get("/t/x", made).status_code == 200


@pytest.mark.parametrize("asked,lacking", [
    (["alerts:read"], ["alerts:read"]),
    (["monitors:write"], ["monitors:write"]),
    (["monitors:read", "api-keys:read"], ["api-keys:read"]),
    (["dns-monitors:read", "monitors:read", "alerts:read", "teams:write"],
     ["dns-monitors:read", "alerts:read", "teams:write"]),
])
def test_key_cannot_give_away_what_it_lacks(server, holder, asked, lacking):
    client = holder("api-keys:write", "monitors:read")
    problem = assert_problem(client.create(scopes=asked), 403)
    for scope in lacking:
        assert scope in problem["detail"]
    assert "api-keys:write" not in problem["detail"]
    assert count_keys(server) == 1


def test_key_that_lost_a_scope_no_longer_gives_it_away(server, holder):
    client = holder("api-keys:write", "monitors:read")
    assert client.create().status_code == 201
    server.database.execute(
        "UPDATE uptime_keys SET scopes = '[\"api-keys:write\"]'")
    assert_problem(client.create(), 403)
    server.database.execute("UPDATE uptime_keys SET scopes = '[]'")
    assert_problem(client.create(scopes=["api-keys:write"]), 403)


def test_children_of_a_key_are_no_stronger_either(server, holder):
    parent = holder("api-keys:write", "monitors:read", "alerts:read")
    child = Client(server, key=parent.make(
        scopes=["api-keys:write", "monitors:read"]))
    assert child.create(scopes=["monitors:read"]).status_code == 201
    assert_problem(child.create(scopes=["alerts:read"]), 403)
