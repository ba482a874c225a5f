# SPDX-License-Identifier: Apache-2.0
"""Teams do not see each other; a user in several teams picks one."""

import pytest
from harness import assert_refused
from harness.answers import assert_problem
from managed import KEYS, Client

UNKNOWN_ID = "key_01jzzzzzzzzzzzzzzzzzzzzzzz"


@pytest.fixture
def acme_key(server, clean):
    return server.database.import_key("monitors:read", name="of acme")


@pytest.fixture
def beta_key(server, clean):
    return server.database.import_key("monitors:read", team="beta",
                                      name="of beta")


def names(client):
    return [key["name"] for key in client.keys()]


def escaped(text):
    return "".join(f"%{ord(letter):02x}" for letter in text)


SPELLINGS = {
    "as it is": lambda key_id: key_id,
    "percent-encoded": escaped,
    "first letter encoded": lambda key_id: "%6B" + key_id[1:],
    "upper-case": str.upper,
    "upper-case digits": lambda key_id: "key_" + key_id[4:].upper(),
    "upper-case, encoded": lambda key_id: escaped(key_id.upper()),
}


@pytest.mark.mpm
@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
@pytest.mark.parametrize("who", ["olga", "adam", "sam", "key"])
def test_key_of_another_team_does_not_exist(server, holder, beta_key, who,
                                            method, spelling):
    if who == "key":
        client = holder("api-keys:read", "api-keys:write")
    else:
        client = Client(server, user=who)
    path = "/" + SPELLINGS[spelling](beta_key.id)
    answer = client.call(method, path)
    assert answer.status_code == 404
    if method != "HEAD":
        unknown = client.call(method, "/" + UNKNOWN_ID).json()
        told = assert_problem(answer, 404)
        del told["instance"], unknown["instance"]
        assert told == unknown
    assert len(server.slots("beta")) == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_no_method_tells_a_foreign_key_from_an_unknown_one(
        olga, acme_key, beta_key, method):
    told = []
    for key_id in (acme_key.id, beta_key.id, UNKNOWN_ID):
        problem = olga.call(method, "/" + key_id).json()
        del problem["instance"]
        told.append(problem)
    assert told[0] == told[1] == told[2]


@pytest.mark.parametrize("spelling", ["percent-encoded",
                                      "first letter encoded"])
def test_encoded_id_is_the_same_id(server, olga, acme_key, spelling):
    path = "/" + SPELLINGS[spelling](acme_key.id)
    assert olga.call("GET", path).json()["data"]["apiKey"]["id"] == \
        acme_key.id
    assert olga.call("DELETE", path).status_code == 200
    assert server.slots() == []


@pytest.mark.parametrize("spelling", [name for name in SPELLINGS
                                      if "upper" in name])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_upper_case_id_is_no_id(server, olga, acme_key, method, spelling):
    answer = olga.call(method, "/" + SPELLINGS[spelling](acme_key.id))
    assert_problem(answer, 404)
    assert server.slots() == [1]


# Picking a team

@pytest.mark.parametrize("user,query,expected", [
    ("olga", "team=acme", "of acme"),
    ("olga", "team=%61cme", "of acme"),
    ("olga", "other=beta", "of acme"),
    ("olga", "team=beta", 404),
    ("olga", "team=nowhere", 404),
    ("olga", "team=ACME", 404),
    ("olga", "team=acme%00", 400),
    ("olga", "team=acme%20", 404),
    ("olga", "team=acme%27--", 404),
    ("sam", "x=", "of acme"),
    ("sam", "team=acme", "of acme"),
    ("sam", "team=beta", "of beta"),
    ("sam", "team=zeta", 404),
    ("sue", "x=", 403),
    ("sue", "team=acme", 403),
    ("sue", "team=beta", "of beta"),
    ("sue", "team=zeta", 404),
    ("otto", "team=acme", 404),
])
def test_user_picks_a_team(server, acme_key, beta_key, user, query,
                             expected):
    client = Client(server, user=user).asking(query)
    if isinstance(expected, str):
        assert names(client) == [expected]
    else:
        assert_problem(client.list(), expected)


def test_all_that_a_user_does_is_done_in_the_picked_team(
        server, sam, acme_key, beta_key):
    sam = sam.asking("team=beta")
    made = sam.make(name="by sam")
    assert made.team == "beta"
    assert names(sam) == ["by sam", "of beta"]
    assert sam.read(beta_key.id).status_code == 200
    assert sam.read(acme_key.id).status_code == 404
    assert sam.delete(acme_key.id).status_code == 404
    assert sam.delete(beta_key.id).status_code == 200
    assert (len(server.slots("acme")), len(server.slots("beta"))) == (1, 1)


def test_location_leads_to_the_key_in_the_picked_team(server, sam):
    answer = sam.asking("team=beta").create(name="by sam")
    path = path_of(server, answer.headers["Location"])
    answer = server.request("GET", path, auth=("sam", "sam's password"))
    assert answer.status_code == 200
    assert answer.json()["data"]["apiKey"]["name"] == "by sam"


@pytest.mark.parametrize("query", ["team=beta", "team=nowhere"])
def test_key_cannot_pick_another_team(server, holder, beta_key, query):
    client = holder("api-keys:read", "api-keys:write").asking(query)
    for answer in (client.list(), client.create(), client.read(beta_key.id),
                   client.delete(beta_key.id)):
        assert_problem(answer, 404)
    assert (server.slots("acme"), server.slots("beta")) == ([1], [1])


def test_key_may_name_its_own_team(holder):
    assert names(holder("api-keys:read").asking("team=acme")) == \
        ["imported key"]


# Pinned locations

@pytest.mark.parametrize("user,query,expected", [
    ("bert", "", "of beta"),
    ("sam", "", "of beta"),
    ("sam", "?team=beta", "of beta"),
    ("sue", "", "of beta"),
    ("sam", "?team=acme", 404),
    ("olga", "", 404),
    ("olga", "?team=acme", 404),
    ("olga", "?team=beta", 404),
    ("otto", "", 404),
])
def test_pinned_location_knows_one_team(server, acme_key, beta_key, user,
                                        query, expected):
    client = Client(server, user=user).at("/pinned/keys", query)
    if isinstance(expected, str):
        assert names(client) == [expected]
        assert client.read(beta_key.id).status_code == 200
        assert client.read(acme_key.id).status_code == 404
        assert client.make().team == "beta"
    else:
        for answer in (client.list(), client.create(),
                       client.read(acme_key.id), client.read(beta_key.id),
                       client.delete(acme_key.id)):
            assert_problem(answer, expected)


def test_pinned_location_knows_keys_of_its_team_alone(server, holder):
    ours = holder("api-keys:read", "api-keys:write", team="beta")
    theirs = holder("api-keys:read", "api-keys:write", team="acme")
    assert len(ours.at("/pinned/api/keys").keys()) == 1
    theirs = theirs.at("/pinned/api/keys")
    for answer in (theirs.list(), theirs.create(),
                   theirs.read(theirs.key.id), theirs.read(ours.key.id),
                   theirs.delete(ours.key.id)):
        assert_problem(answer, 404)


@pytest.mark.parametrize("user", ["olga", "bert", "sam", "otto"])
def test_location_pinned_to_no_team_is_empty(server, user):
    client = Client(server, user=user).at("/pinned/nowhere/keys")
    assert_problem(client.list(), 404)
    assert_problem(client.create(), 404)


@pytest.mark.parametrize("location", ["/nested/a/b/keys", "/matched/one/keys",
                                   "/matched/two/keys"])
def test_any_location_can_manage_keys(server, olga, location):
    olga = olga.at(location)
    answer = olga.create(name="there")
    assert answer.status_code == 201
    made = answer.json()["data"]
    path = path_of(server, answer.headers["Location"])
    assert path == f"{location}/{made['apiKey']['id']}"
    assert names(olga) == ["there"]
    assert olga.read(made["apiKey"]["id"]).status_code == 200
    assert olga.call("GET", "/scopes").status_code == 200
    assert olga.delete(made["apiKey"]["id"]).status_code == 200
    assert_refused(server.get(KEYS, made["key"]), 401, "invalid_token")


def path_of(server, location):
    return location.removeprefix(f"http://127.0.0.1:{server.port}")
