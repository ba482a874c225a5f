# SPDX-License-Identifier: Apache-2.0
"""PATCH: changing, disabling and enabling a key.

That what narrows a key holds on every server is tested in
tests/httpd/test_cached_servers.py; what a key may change in
test_escalation.py."""

import json

import pytest
from harness import eventually
from harness.answers import assert_problem
from harness.database import now_ms
from managed import COLUMNS, assert_invalid
from parallel import together

UNKNOWN_ID = "key_01jzzzzzzzzzzzzzzzzzzzzzzz"
MERGE_PATCH = "application/merge-patch+json"
LATER = "2098-12-31T23:59:59.999Z"
LATER_MS = 4_070_908_799_999


@pytest.fixture
def key(server, clean):
    """A key that has a value in everything that can be changed."""
    key = server.database.import_key(
        "monitors:read", "alerts:read", name="the key", expiresAt=LATER_MS,
        lastUsedAt=now_ms() - 1000)
    server.set_columns(key, addresses='["127.0.0.0/8","192.0.2.7"]')
    return key


def changed(olga, key, **members):
    """Change a key; returns it as it is then, which GET shows too."""
    answer = olga.change(key.id, **members)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert set(body) == {"data", "meta"}
    assert set(body["data"]) == {"apiKey"}
    read = olga.read(key.id)
    assert read.json()["data"] == body["data"]
    assert read.headers["ETag"] == answer.headers["ETag"]
    return body["data"]["apiKey"]


def actions(server, key):
    return [action for action, in server.database.rows(
        "SELECT action FROM uptime_audit WHERE key_id = ? "
        "AND action <> 'key.import' ORDER BY id", key.id)]


# What is sent is changed, and nothing else

CHANGES = {
    "name": ({"name": "new"}, {"name": "new"}),
    "trimmed name": ({"name": " \u3000new name\ufeff\n"},
                     {"name": "new name"}),
    "fewer scopes": ({"scopes": ["alerts:read"]},
                     {"scopes": ["alerts:read"]}),
    "other scopes": ({"scopes": ["teams:read", "teams:read",
                                 "monitors:read"]},
                     {"scopes": ["teams:read", "monitors:read"]}),
    "expiry": ({"expiresAt": "2097-01-01T01:00:00.5+01:00"},
               {"expiresAt": 4_007_836_800_500}),
    "no expiry": ({"expiresAt": None}, {"expiresAt": None}),
    "addresses": ({"addresses": ["2001:DB8:0::/32", "192.0.2.7/32"]},
                  {"addresses": ["2001:db8::/32", "192.0.2.7"]}),
    "no addresses": ({"addresses": []}, {"addresses": ...}),
    "null for addresses": ({"addresses": None}, {"addresses": ...}),
    "not disabled": ({"disabled": False}, {}),
    "null for disabled": ({"disabled": None}, {}),
    "everything": (
        {"name": "n", "scopes": ["teams:read"], "expiresAt": None,
         "addresses": ["::1"], "disabled": False},
        {"name": "n", "scopes": ["teams:read"], "expiresAt": None,
         "addresses": ["::1"]}),
}


@pytest.mark.backend
@pytest.mark.parametrize("members,expected", CHANGES.values(), ids=CHANGES)
def test_what_is_sent_is_changed_and_nothing_else(server, olga, key, members,
                                                  expected):
    before = olga.show(key)
    assert before["addresses"] == ["127.0.0.0/8", "192.0.2.7"]
    after = {**before, **expected}
    assert changed(olga, key, **members) == {
        name: value for name, value in after.items() if value is not ...}


@pytest.mark.parametrize("content_type", [
    MERGE_PATCH, "application/json", MERGE_PATCH + "; charset=utf-8",
    "Application/Merge-Patch+JSON"])
def test_either_type_of_body_is_taken(olga, key, content_type):
    answer = olga.patch(key.id, '{"name": "new"}', content_type)
    assert answer.status_code == 200
    assert answer.json()["data"]["apiKey"]["name"] == "new"


@pytest.mark.parametrize("content_type", [
    "text/plain", "application/json-patch+json", "", "application/jsonx",
    "application/x-www-form-urlencoded"])
def test_other_type_of_body_is_refused(server, olga, key, content_type):
    before = server.rows()
    assert_problem(olga.patch(key.id, '{"name": "new"}', content_type), 415)
    assert server.rows() == before


@pytest.mark.parametrize("body", [
    "", " ", "{}", "[]", "null", '"name"', "{", '{"name": "a"} {}',
    '[{"op": "remove", "path": "/name"}]', '{"name": "a", "name": "b"}',
    '{"name": "\\u0000"}', b'{"name": "\xff"}',
])
def test_body_that_is_no_change_is_refused(server, olga, key, body):
    before = server.rows()
    assert_problem(olga.patch(key.id, body), 400)
    assert server.rows() == before


BAD = {
    "null for name": ({"name": None}, ["/name"]),
    "empty name": ({"name": ""}, ["/name"]),
    "blank name": ({"name": " \u200b\u2003\t"}, ["/name"]),
    "number for name": ({"name": 1}, ["/name"]),
    "long name": ({"name": "a" * 256}, ["/name"]),
    "null for scopes": ({"scopes": None}, ["/scopes"]),
    "no scopes": ({"scopes": []}, ["/scopes"]),
    "string for scopes": ({"scopes": "alerts:read"}, ["/scopes"]),
    "unknown scope": ({"scopes": ["alerts:read", "x:y"]}, ["/scopes/1"]),
    "number among scopes": ({"scopes": [1, "alerts:read"]}, ["/scopes/0"]),
    "number for expiry": ({"expiresAt": LATER_MS}, ["/expiresAt"]),
    "empty expiry": ({"expiresAt": ""}, ["/expiresAt"]),
    "past expiry": ({"expiresAt": "2020-01-01T00:00:00Z"}, ["/expiresAt"]),
    "date for expiry": ({"expiresAt": "2098-01-01"}, ["/expiresAt"]),
    "string for addresses": ({"addresses": "::1"}, ["/addresses"]),
    "object for addresses": ({"addresses": {"0": "::1"}}, ["/addresses"]),
    "host bits": ({"addresses": ["::1", "192.0.2.1/24"]}, ["/addresses/1"]),
    "null among addresses": ({"addresses": [None]}, ["/addresses/0"]),
    "string for disabled": ({"disabled": "true"}, ["/disabled"]),
    "number for disabled": ({"disabled": 1}, ["/disabled"]),
    "list for disabled": ({"disabled": []}, ["/disabled"]),
    "unknown": ({"enabled": True}, ["/enabled"]),
    "member of the answer": ({"id": UNKNOWN_ID}, ["/id"]),
    "disabledAt": ({"disabledAt": 1}, ["/disabledAt"]),
    "team": ({"team": "beta"}, ["/team"]),
    "slot": ({"slot": 1}, ["/slot"]),
    "case": ({"Name": "x"}, ["/Name"]),
    "slash": ({"a/b": None}, ["/a~1b"]),
    "tilde": ({"~": None, "~1": 0}, ["/~0", "/~01"]),
    "both": ({"~/": None}, ["/~0~1"]),
    "no name": ({"": None}, ["/"]),
    "other letters": ({"ü\n": None}, ["/ü\n"]),
    "good and unknown": ({"name": "good", "nmae": "x"}, ["/nmae"]),
    "all at once": (
        {"name": "", "scopes": ["x:y", 1], "expiresAt": 5,
         "addresses": ["x", "0.0.0.0/0"], "disabled": "no", "more": 1},
        ["/name", "/scopes/0", "/scopes/1", "/expiresAt", "/addresses/0",
         "/addresses/1", "/disabled", "/more"]),
    "unknown, and a bad value": (
        {"more": 1, "scopes": ["alert:read"], "name": " "},
        ["/more", "/scopes/0", "/name"]),
}


@pytest.mark.parametrize("members,expected", BAD.values(), ids=BAD)
def test_every_bad_member_is_named_and_nothing_changed(server, olga, key,
                                                       members, expected):
    before = server.rows()
    assert_invalid(olga.change(key.id, **members), *expected)
    assert server.rows() == before
    assert actions(server, key) == []


def test_unknown_and_other_teams_key_is_not_found(server, olga, bert, key):
    beta = server.database.import_key("monitors:read", team="beta")
    before = server.rows()
    for client, key_id in ((olga, UNKNOWN_ID), (olga, beta.id), (bert, key.id),
                           (olga, key.id.upper())):
        assert_problem(client.change(key_id, name="x"), 404)
    assert server.rows() == before


def test_malformed_id_is_a_validation_error(olga):
    assert_invalid(olga.change("key_1", name="x"), "/id")


# Traces

def test_uses_and_creation_stay(server, olga, key):
    server.set_columns(key, last_used_at=7)
    olga.renew(key)
    server.set_columns(key, last_used_at=8)
    before = server.rows()[key.id]
    changed(olga, key, name="new", scopes=["teams:read"], addresses=None,
            disabled=True)
    kept = [index for index, name in enumerate(COLUMNS) if name not in
            ("name", "scopes", "addresses", "disabled_at", "disabled_reason")]
    after = server.rows()[key.id]
    assert [after[index] for index in kept] == \
        [before[index] for index in kept]
    assert [tuple(row) for row in server.database.rows(
        "SELECT last_used_at, previous_used_at FROM uptime_keys")] == [(8, 7)]


@pytest.mark.backend
@pytest.mark.parametrize("members,expected", [
    ({"name": "new"}, ["key.change"]),
    ({"disabled": True}, ["key.disable"]),
    ({"disabled": True, "scopes": ["alerts:read"]},
     ["key.change", "key.disable"]),
    ({"name": "the key"}, []),
    ({"disabled": False}, []),
    ({"scopes": ["monitors:read", "alerts:read"], "expiresAt": LATER,
      "addresses": ["127.0.0.0/8", "192.0.2.7"]}, []),
])
def test_each_kind_of_change_is_audited_and_logged(server, olga, key, members,
                                                   expected):
    changed(olga, key, **members)
    assert actions(server, key) == expected
    words = {"key.change": "changed", "key.disable": "disabled"}
    lines = [line.text for line in server.error_log.ours("notice")]
    assert len(lines) == len(expected)
    for line, action in zip(lines, expected):
        for word in ("UK0040", key.id, "acme", words[action], "olga"):
            assert word in line


def test_source_of_a_change_is_audited(server, olga, key):
    changed(olga, key, name="new")
    assert [tuple(found) for found in server.database.rows(
        "SELECT actor, source, action, team_id FROM uptime_audit "
        "WHERE action <> 'key.import'")] == [
            ("olga", "127.0.0.1", "key.change", "acme")]


# Disabling

@pytest.mark.mpm
@pytest.mark.backend
def test_key_is_disabled_and_enabled(server, olga, key):
    began = now_ms()
    shown = changed(olga, key, disabled=True)
    assert began <= shown["disabledAt"] <= now_ms()
    assert shown["disabledReason"] == "manual"
    assert server.get("/t/x", key).status_code == 401
    for value in (False, None):
        shown = changed(olga, key, disabled=value)
        assert not {"disabledAt", "disabledReason"} & set(shown)
        assert server.get("/t/x", key).status_code == 200
        changed(olga, key, disabled=True)
    assert actions(server, key) == ["key.disable", "key.enable"] * 2 + \
        ["key.disable"]
    words = ["disabled", "enabled"] * 2 + ["disabled"]
    lines = [line.text for line in server.error_log.ours("notice")]
    assert len(lines) == len(words)
    for line, word in zip(lines, words):
        assert f"key {key.id} of team acme {word} by olga" in line


def test_disabling_again_changes_nothing(server, olga, key):
    first = changed(olga, key, disabled=True)
    assert changed(olga, key, disabled=True) == first
    assert actions(server, key) == ["key.disable"]


def test_disabled_key_counts_in_the_limit(server, olga):
    keys = [olga.make() for _ in range(10)]
    changed(olga, keys[3], disabled=True)
    assert_problem(olga.create(), 400, name="limit-exceeded")


def test_disabled_key_can_be_changed_and_deleted(server, olga, key):
    disabled = changed(olga, key, disabled=True)
    assert changed(olga, key, name="new") == {**disabled, "name": "new"}
    assert olga.delete(key.id).status_code == 200


def leak(server, key):
    server.set_columns(key, disabled_at=now_ms(), disabled_reason="leaked")


@pytest.mark.backend
@pytest.mark.parametrize("members", [
    {"disabled": False}, {"disabled": None},
    {"disabled": False, "name": "new"}])
def test_key_that_leaked_is_not_enabled(server, olga, key, members):
    leak(server, key)
    before = server.rows()
    assert_problem(olga.change(key.id, **members), 409)
    assert server.rows() == before


def test_key_that_leaked_stays_so_whatever_is_changed(server, olga, key):
    leak(server, key)
    for members in ({"disabled": True}, {"name": "new"},
                    {"expiresAt": None, "addresses": None}):
        assert changed(olga, key, **members)["disabledReason"] == "leaked"
    assert server.get("/t/x", key).status_code == 401


def test_rotated_key_is_disabled_as_a_whole(server, olga, key):
    new, _ = olga.renew(key)
    changed(olga, key, disabled=True)
    assert [server.get("/t/x", secret).status_code
            for secret in (key, new)] == [401, 401]
    changed(olga, key, disabled=False)
    assert [server.get("/t/x", secret).status_code
            for secret in (key, new)] == [200, 200]


# Expired keys

@pytest.mark.backend
@pytest.mark.parametrize("expires", [LATER, None])
def test_later_expiry_revives_a_key(server, olga, key, expires):
    server.set_columns(key, expires_at=now_ms() - 1)
    assert server.get("/t/x", key).status_code == 401
    changed(olga, key, name="still expired")
    assert server.get("/t/x", key).status_code == 401
    changed(olga, key, expiresAt=expires)
    assert server.get("/t/x", key).status_code == 200


def test_old_secret_that_ended_with_the_key_is_not_revived(server, olga, key):
    new, _ = olga.renew(key)
    server.set_columns(key, expires_at=now_ms() - 1)
    shown = changed(olga, key, expiresAt=LATER)
    assert "previous" not in shown
    assert [server.get("/t/x", secret).status_code
            for secret in (key, new)] == [401, 200]


# Entity tags

def etag(answer):
    value = answer.headers["ETag"]
    assert value.startswith('"') and value.endswith('"') and len(value) > 10
    return value


def test_tag_follows_what_is_shown(olga, key):
    tags = [etag(olga.read(key.id))]
    for members in ({"name": "a"}, {"name": "b"}, {"disabled": True},
                    {"addresses": None}, {"expiresAt": None},
                    {"scopes": ["alerts:read"]}):
        tags.append(etag(olga.change(key.id, **members)))
        assert etag(olga.read(key.id)) == tags[-1]
    changed(olga, key, disabled=False)
    tags.append(etag(olga.rotate(key.id)))
    assert etag(olga.read(key.id)) == tags[-1]
    assert len(set(tags)) == len(tags)


def test_tag_is_the_keys_own(server, olga):
    one, other = (server.database.import_key("monitors:read")
                  for _ in range(2))
    assert etag(olga.read(one.id)) != etag(olga.read(other.id))


def test_use_of_either_secret_does_not_change_the_tag(server, olga):
    key = olga.make()
    new, _ = olga.renew(key)
    before = etag(olga.read(key.id))
    for secret in (key, new):
        assert server.get("/t/x", secret).status_code == 200
    eventually(lambda: olga.show(key)["lastUsedAt"]
               and olga.show(key)["previous"]["lastUsedAt"])
    assert etag(olga.read(key.id)) == before
    assert olga.change(key.id, {"If-Match": before},
                       name="new").status_code == 200


MATCHES = {
    "the tag": "{tag}",
    "in a list": '"x", {tag}',
    "first in a list": '{tag}, "x"',
    "list without spaces": '"x",{tag},"y"',
    "anything": "*",
    "after a weak one": 'W/"x", {tag}',
    "after a tag with a comma": '"x,y", {tag}',
}
DIFFERS = {
    "another": '"x"',
    "empty": '""',
    "without quotes": "{bare}",
    "weak": "W/{tag}",
    "weak in a list": 'W/{tag}, "x"',
    "longer": '"{bare}0"',
    "without its end": '"{bare}',
    "upper case": "{upper}",
    "part of a tag": '"x,{bare}"',
    "quoted asterisk": '"*"',
    "asterisk after a comma in a tag": '"x,*"',
    "list of others": '"x", "y", "z"',
    "inside another tag": "\"x, '{tag}\"",
}


def if_match(olga, key, form):
    tag = etag(olga.read(key.id))
    return {"If-Match": form.format(tag=tag, bare=tag.strip('"'),
                                    upper=tag.upper())}


@pytest.mark.parametrize("form", MATCHES.values(), ids=MATCHES)
def test_change_of_what_was_read_is_made(olga, key, form):
    headers = if_match(olga, key, form)
    assert olga.change(key.id, headers, name="new").status_code == 200


@pytest.mark.parametrize("form", DIFFERS.values(), ids=DIFFERS)
def test_change_of_something_else_is_refused(server, olga, key, form):
    before = server.rows()
    headers = if_match(olga, key, form)
    answer = olga.change(key.id, headers, name="new")
    assert_problem(answer, 412, name="conflict")
    assert server.rows() == before


def test_stale_change_is_refused(server, olga, adam, key):
    headers = if_match(olga, key, "{tag}")
    changed(adam, key, name="adam's")
    assert_problem(olga.change(key.id, headers, name="olga's"), 412,
                   name="conflict")
    assert olga.show(key)["name"] == "adam's"


def test_condition_on_a_key_that_is_not_there_is_not_found(olga, key):
    assert_problem(olga.change(UNKNOWN_ID, {"If-Match": "*"}, name="x"), 404)


# At the same time

MEMBERS = [{"name": "new"}, {"scopes": ["teams:read"]}, {"expiresAt": None},
           {"addresses": ["::1"]}, {"disabled": True}]


@pytest.mark.mpm
@pytest.mark.backend
def test_changes_of_different_members_all_hold(olga, key):
    answers = together([lambda members=members: olga.change(key.id, **members)
                        for members in MEMBERS])
    assert [answer.status_code for answer in answers] == [200] * len(MEMBERS)
    shown = olga.show(key)
    assert shown.pop("disabledAt")
    assert {name: shown[name] for name in
            ("name", "scopes", "expiresAt", "addresses", "disabledReason")} == {
        "name": "new", "scopes": ["teams:read"], "expiresAt": None,
        "addresses": ["::1"], "disabledReason": "manual"}


@pytest.mark.backend
def test_one_of_many_with_the_same_tag_is_made(server, olga, key):
    headers = if_match(olga, key, "{tag}")
    answers = together([
        lambda name=name: olga.change(key.id, headers, name=f"name {name}")
        for name in range(16)])
    assert sorted(answer.status_code for answer in answers) == \
        [200] + [412] * 15
    (made,) = (answer.json()["data"]["apiKey"]["name"] for answer in answers
               if answer.status_code == 200)
    assert olga.show(key)["name"] == made
    assert actions(server, key) == ["key.change"]


def test_rotation_and_change_both_hold(server, olga, key):
    changed(olga, key, addresses=None)
    rotated, answer = together([lambda: olga.rotate(key.id),
                                lambda: olga.change(key.id, name="new")])
    assert (rotated.status_code, answer.status_code) == (200, 200)
    shown = olga.show(key)
    assert shown["name"] == "new"
    assert shown["previous"]["keyPrefix"] == key.prefix
    assert server.get("/t/x", rotated.json()["data"]["key"]).status_code == 200


def test_of_change_and_deletion_either_comes_first(server, olga):
    for _ in range(5):
        key = server.database.import_key("monitors:read")
        answer, deleted = together([
            lambda key=key: olga.change(key.id, name="new"),
            lambda key=key: olga.delete(key.id)])
        assert deleted.status_code == 200
        assert answer.status_code in (200, 404)
    assert server.slots() == []


def test_large_body_is_refused(server, olga, key):
    before = server.rows()
    assert_problem(olga.patch(key.id, json.dumps({"name": "x" * 65536})), 413)
    assert server.rows() == before
