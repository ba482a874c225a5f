# SPDX-License-Identifier: Apache-2.0
"""Creating a key: the answer, the names and the scopes."""

import datetime
import json
import uuid

import pytest
from harness import (
    assert_ends_at,
    assert_refused,
    eventually,
    key_digits,
    key_hash,
    seal,
)
from harness.answers import assert_problem
from harness.database import now_ms
from managed import BASIC, KEYS, assert_invalid, iso

FIELDS = {"id", "name", "scopes", "createdAt", "lastUsedAt", "expiresAt",
          "keyPrefix"}
BUILT_IN = (
    "monitors:read monitors:write dns-monitors:read dns-monitors:write "
    "tcp-monitors:read tcp-monitors:write cron-jobs:read cron-jobs:write "
    "cron-jobs:ping alerts:read alerts:write status-pages:read "
    "status-pages:write maintenance:read maintenance:write teams:read "
    "teams:write invites:read invites:write team-domains:read "
    "team-domains:write api-keys:read api-keys:write").split()


def assert_meta(meta, *more):
    """Assert that meta has requestId, timestamp and these."""
    assert set(meta) == {"requestId", "timestamp", *more}
    assert str(uuid.UUID(meta["requestId"])) == meta["requestId"]
    stamp = datetime.datetime.fromisoformat(
        meta["timestamp"].replace("Z", "+00:00"))
    now = datetime.datetime.now(datetime.timezone.utc)
    assert abs(now - stamp) < datetime.timedelta(seconds=30)


@pytest.mark.mpm
def test_created_key_is_described_and_shown(server, olga):
    before = now_ms()
    answer = olga.create(name="Build server", scopes=["monitors:read",
                                                      "alerts:write"])
    after = now_ms()
    assert answer.status_code == 201
    assert answer.headers["Content-Type"].startswith("application/json")
    body = answer.json()
    assert set(body) == {"data", "meta"}
    assert set(body["data"]) == {"apiKey", "key"}
    key, described = body["data"]["key"], body["data"]["apiKey"]
    assert key == seal(key_digits(key)[:56])
    assert described.keys() == FIELDS
    assert before <= described["createdAt"] <= after
    assert sorted(described["scopes"]) == ["alerts:write", "monitors:read"]
    assert (described["name"], described["keyPrefix"]) == \
        ("Build server", key[:15])
    assert described["lastUsedAt"] is described["expiresAt"] is None
    assert_meta(body["meta"])
    assert answer.headers["Location"].endswith(
        f"{BASIC}/{described['id']}")


def test_every_answer_has_an_id_of_its_own(olga):
    ids = {olga.list().json()["meta"]["requestId"] for _ in range(3)}
    assert len(ids) == 3


def test_location_leads_to_the_key(server, olga):
    answer = olga.create()
    path = answer.headers["Location"].removeprefix(
        f"http://127.0.0.1:{server.port}")
    found = olga.at(path).list().json()
    assert found["data"]["apiKey"] == answer.json()["data"]["apiKey"]
    assert set(found["data"]) == {"apiKey"}
    assert_meta(found["meta"])


def test_key_is_shown_once_and_stored_nowhere(server, olga, holder):
    made = olga.make()
    reader = holder("api-keys:read")
    for client in (olga, reader):
        for answer in (client.list(), client.read(made.id)):
            assert answer.status_code == 200
            assert key_digits(made.text)[8:] not in answer.text
            assert key_hash(made.text) not in answer.text
            assert made.prefix in answer.text
    for path in server.database.files():
        assert key_digits(made.text)[8:].encode() not in path.read_bytes()


def test_only_its_hash_is_stored(server, olga):
    made = olga.make(name="stored")
    (row,) = server.database.rows(
        "SELECT id, team_id, name, key_hash, key_prefix, created_by, "
        "last_used_at, expires_at FROM uptime_keys")
    assert row == (made.id, "acme", "stored", key_hash(made.text),
                   made.prefix, "olga", None, None)


def test_creating_key_is_noted_as_the_maker(server, holder):
    client = holder("api-keys:write", "monitors:read")
    made = client.make()
    ((maker,),) = server.database.rows(
        "SELECT created_by FROM uptime_keys WHERE id = ?", made.id)
    assert maker == client.key.id


@pytest.mark.mpm
def test_new_key_works_at_once(server, olga):
    for _ in range(5):
        made = olga.make()
        assert server.get("/t/x", made).status_code == 200


def test_new_key_that_expires_works_until_then(server, olga):
    moment = now_ms() + 3000
    assert_ends_at(server, olga.make(expiresAt=iso(moment)), moment)


# Names

NAMES = {
    "one letter": "a",
    "255 letters": "a" * 255,
    "255 of two bytes": "é" * 255,
    "255 of three bytes": "鍵" * 255,
    "255 of four bytes": "🔑" * 255,
    "words": "Grafana – Büro 東京",
    "markup": "<b>&amp;\"'</b>",
    "SQL": "'); DROP TABLE uptime_keys; --",
    "percent": "100 % %s %n %d",
    "backslash": "C:\\temp\\n",
    "right to left": "مفتاح",
    "a digit": "0",
    "null": "null",
}


@pytest.mark.backend
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_name_is_kept_as_it_is(server, olga, name):
    made = olga.make(name=name)
    assert made.name == name
    assert olga.read(made.id).json()["data"]["apiKey"]["name"] == name
    assert [key["name"] for key in olga.keys()] == [name]


def test_names_need_not_differ(olga):
    ids = {olga.make(name="twin").id for _ in range(2)}
    assert len(ids) == 2


BAD_NAMES = {
    "empty": "",
    "256 letters": "a" * 256,
    "256 of four bytes": "🔑" * 256,
    "tab": "a\tb",
    "new line": "a\nb",
    "carriage return": "a\rb",
    "escape": "\x1b[31m",
    "DEL": "a\x7f",
    "C1 control": "a\x85b",
    "last C1 control": "a\x9f",
    "number": 5,
    "null": None,
    "list": ["a"],
    "object": {"a": "b"},
    "true": True,
    "missing": ...,
}


@pytest.mark.parametrize("name", BAD_NAMES.values(), ids=BAD_NAMES)
def test_bad_name_is_refused(server, olga, name):
    assert_invalid(olga.create(name=name), "/name")
    assert server.slots() == []


# Addresses; what is one is tested in tests/httpd/test_addresses.py

@pytest.mark.parametrize("addresses,stored", [
    (["2001:DB8::/32", "192.0.2.7/32", "2001:db8:0::/32"],
     ["2001:db8::/32", "192.0.2.7"]),
    ([], None), (None, None), (..., None)])
def test_addresses_are_stored_in_canonical_form(server, olga, addresses,
                                                stored):
    answer = olga.create(addresses=addresses)
    assert answer.status_code == 201
    assert answer.json()["data"]["apiKey"].get("addresses") == stored
    (key,) = olga.keys()
    assert key.get("addresses") == stored
    ((column,),) = server.database.rows("SELECT addresses FROM uptime_keys")
    assert (column and json.loads(column)) == stored


@pytest.mark.parametrize("addresses,expected", [
    ("192.0.2.7", ["/addresses"]), ({}, ["/addresses"]), (5, ["/addresses"]),
    (["192.0.2.7"] * 51, ["/addresses"]),
    ([5, "192.0.2.7", None], ["/addresses/0", "/addresses/2"]),
    (["192.0.2.7/24", "", "0.0.0.0/0", "::1"],
     ["/addresses/0", "/addresses/1", "/addresses/2"]),
])
def test_bad_addresses_are_refused(server, olga, addresses, expected):
    assert_invalid(olga.create(addresses=addresses), *expected)
    assert server.slots() == []


# Scopes

def test_every_scope_can_be_asked_for(server, olga):
    made = olga.make(scopes=BUILT_IN)
    assert sorted(made.scopes) == sorted(BUILT_IN)
    assert len(BUILT_IN) == 23


@pytest.mark.parametrize("scope", ["monitors:read", "cron-jobs:ping",
                                   "api-keys:write"])
def test_scope_is_what_the_key_holds(server, olga, scope):
    made = olga.make(scopes=[scope])
    line = server.get("/t/x", made)
    assert line.status_code == 200
    eventually(lambda: f'scopes="{scope}"' in server.access_log())


@pytest.mark.parametrize("asked,held", [
    (["monitors:read"] * 2, {"monitors:read"}),
    (["monitors:read", "alerts:read"] * 3, {"monitors:read", "alerts:read"}),
    (["monitors:read"] * 3000, {"monitors:read"}),
    (BUILT_IN * 20, set(BUILT_IN)),
])
def test_repeated_scopes_are_stored_once(server, olga, asked, held):
    made = olga.make(scopes=asked)
    assert len(made.scopes) == len(held)
    assert set(made.scopes) == held
    (key,) = olga.keys()
    assert sorted(key["scopes"]) == sorted(held)


@pytest.mark.parametrize("scopes,expected", [
    ([], ["/scopes"]),
    (..., ["/scopes"]),
    (None, ["/scopes"]),
    ("monitors:read", ["/scopes"]),
    (5, ["/scopes"]),
    (True, ["/scopes"]),
    ({"monitors:read": True}, ["/scopes"]),
    (["nope:read"], ["/scopes/0"]),
    (["monitors:read", ""], ["/scopes/1"]),
    (["Monitors:read"], ["/scopes/0"]),
    ([" monitors:read"], ["/scopes/0"]),
    (["monitors:read "], ["/scopes/0"]),
    (["monitors:*"], ["/scopes/0"]),
    (["*"], ["/scopes/0"]),
    (["monitors"], ["/scopes/0"]),
    (["monitors:read,alerts:read"], ["/scopes/0"]),
    (["monitors:read alerts:read"], ["/scopes/0"]),
    (["monitors:read", 7, "alerts:read", None, ["alerts:read"], {}],
     ["/scopes/1", "/scopes/3", "/scopes/4", "/scopes/5"]),
    (["no:a", "monitors:read", "no:b"], ["/scopes/0", "/scopes/2"]),
    (["a" * 5000], ["/scopes/0"]),
    (["ключ:read"], ["/scopes/0"]),
])
def test_bad_scopes_are_refused(server, olga, scopes, expected):
    assert_invalid(olga.create(scopes=scopes), *expected)
    assert server.slots() == []


@pytest.mark.parametrize("scope,meant", [
    ("monitor:read", "monitors:read"),
    ("monitors:reed", "monitors:read"),
    ("api-key:write", "api-keys:write"),
    ("cron-jobs:pin", "cron-jobs:ping"),
])
def test_unknown_scope_is_refused_with_the_nearest_known_one(olga, scope,
                                                             meant):
    problem = assert_invalid(olga.create(scopes=[scope]), "/scopes/0")
    assert meant in problem["errors"][0]["message"]


@pytest.mark.parametrize("changes,expected", [
    ({"name": "", "scopes": [], "expiresAt": "soon"},
     ["/name", "/scopes", "/expiresAt"]),
    ({"name": ..., "scopes": ..., "expiresAt": 5},
     ["/name", "/scopes", "/expiresAt"]),
    ({"name": ..., "scopes": ...}, ["/name", "/scopes"]),
    ({"name": 5, "scopes": ["a:b", "monitors:read", 5], "expiresAt": ""},
     ["/name", "/scopes/0", "/scopes/2", "/expiresAt"]),
    ({"Name": "a key", "name": ..., "SCOPES": ["monitors:read"],
      "scopes": ...}, ["/name", "/scopes"]),
])
def test_every_bad_field_is_named_at_once(server, olga, changes, expected):
    assert_invalid(olga.create(**changes), *expected)
    assert server.slots() == []


def test_unknown_members_are_ignored(server, olga):
    made = olga.make(
        id="key_01jzzzzzzzzzzzzzzzzzzzzzzz", team="beta", teamId="beta",
        slot=77, createdAt=0, lastUsedAt=1, key="uptime_" + "0" * 64,
        keyPrefix="uptime_00000000", created_by="adam", comment=None,
        nested={"a": [1, 2.5, {"b": None}]}, expires="2001-01-01")
    assert made.team == "acme"
    assert made.id != "key_01jzzzzzzzzzzzzzzzzzzzzzzz"
    (row,) = server.database.rows(
        "SELECT slot <= 10, created_by, expires_at FROM uptime_keys")
    assert row == (1, "olga", None)


def test_problem_does_not_repeat_a_key_that_was_sent(server, olga):
    made = olga.make()
    for changes in ({"name": made.text + "\n."}, {"scopes": [made.text]},
                    {"expiresAt": made.text}):
        answer = olga.create(**changes)
        assert_problem(answer, 400, name="validation-error")
        assert key_digits(made.text)[8:] not in answer.text
    assert_refused(server.get(KEYS), 401)
