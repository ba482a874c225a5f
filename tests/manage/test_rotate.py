# SPDX-License-Identifier: Apache-2.0
"""Rotating a key: the same key with a new secret.

What the two secrets may do, and until when, is tested in
tests/httpd/test_rotated_keys.py; what a key may rotate in
test_escalation.py."""

import json

import pytest
from harness import make_key
from harness.answers import assert_problem
from harness.database import now_ms
from harness.raw import request
from managed import BASIC, Client, assert_invalid, basic, iso
from parallel import together

DAY = 86_400
MAX_OVERLAP = 30 * DAY
UNKNOWN_ID = "key_01jzzzzzzzzzzzzzzzzzzzzzzz"
JSON = "Content-Type: application/json"


@pytest.fixture
def key(server, clean):
    return server.database.import_key("monitors:read", "alerts:read",
                                      name="the key")


def works(server, *keys):
    return [server.get("/t/x", key).status_code == 200 for key in keys]


def disable(server, key, reason):
    server.set_columns(key, disabled_at=now_ms(), disabled_reason=reason)


def expire(server, key, at):
    server.set_columns(key, expires_at=at)


# The answer

@pytest.mark.mpm
@pytest.mark.backend
def test_key_gets_a_new_secret_and_stays_the_same(server, olga, key):
    shown, before = olga.show(key), server.rows()
    new, data = olga.renew(key)
    assert set(data) == {"apiKey", "key", "ended"}
    assert data["ended"] == []
    api_key = data["apiKey"]
    previous = api_key.pop("previous")
    assert (api_key.pop("keyPrefix"), api_key.pop("lastUsedAt")) == \
        (new.prefix, None)
    del shown["keyPrefix"], shown["lastUsedAt"]
    assert api_key == shown
    assert previous["keyPrefix"] == key.prefix
    assert previous["lastUsedAt"] is None
    assert {key_id: row[:11] for key_id, row in server.rows().items()} == {
        key_id: row[:11] for key_id, row in before.items()}
    assert works(server, key, new, make_key()) == [True, True, False]


def test_new_secret_is_a_key_like_any_other(server, olga, key):
    new, _ = olga.renew(key)
    assert new.text != key.text
    again, _ = olga.renew(new)
    assert len({key.text, new.text, again.text}) == 3


@pytest.mark.parametrize("members,overlap", [
    ({}, DAY), ({"overlapSeconds": 1}, 1), ({"overlapSeconds": 3600}, 3600),
    ({"overlapSeconds": MAX_OVERLAP}, MAX_OVERLAP),
])
def test_overlap_is_as_asked_or_a_day(olga, key, members, overlap):
    before = now_ms()
    _, data = olga.renew(key, **members)
    ends_at = data["apiKey"]["previous"]["endsAt"]
    assert before <= ends_at - overlap * 1000 <= now_ms()


@pytest.mark.backend
def test_without_overlap_the_old_secret_ends_at_once(server, olga, key):
    new, data = olga.renew(key, overlapSeconds=0)
    assert "previous" not in data["apiKey"]
    assert "previous" not in olga.show(key)
    assert data["ended"] == [key.prefix]
    assert works(server, key, new) == [False, True]


@pytest.mark.backend
def test_rotation_during_an_overlap_ends_the_older_secret(server, olga, key):
    second, _ = olga.renew(key)
    third, data = olga.renew(key)
    assert data["ended"] == [key.prefix]
    assert data["apiKey"]["previous"]["keyPrefix"] == second.prefix
    assert works(server, key, second, third) == [False, True, True]
    fourth, data = olga.renew(key, overlapSeconds=0)
    assert sorted(data["ended"]) == sorted([second.prefix, third.prefix])
    assert works(server, second, third, fourth) == [False, False, True]


def test_secret_that_had_ended_before_is_not_ended_again(olga, key):
    new, _ = olga.renew(key, overlapSeconds=0)
    assert olga.renew(new)[1]["ended"] == []


@pytest.mark.backend
def test_overlap_ends_with_the_key(server, olga, key):
    expiry = now_ms() + 60_000
    expire(server, key, expiry)
    _, data = olga.renew(key)
    assert data["apiKey"]["previous"]["endsAt"] == expiry
    assert data["apiKey"]["expiresAt"] == expiry


@pytest.mark.backend
@pytest.mark.parametrize("expires", ["2099-01-01T00:00:00Z", None])
def test_later_expiry_does_not_prolong_the_old_secret(server, olga, key,
                                                      expires):
    expiry = now_ms() + 60_000
    expire(server, key, expiry)
    olga.renew(key)
    assert olga.change(key.id, expiresAt=expires).status_code == 200
    assert olga.show(key)["previous"]["endsAt"] == expiry


def test_earlier_expiry_ends_the_old_secret_sooner_for_good(olga, key):
    olga.renew(key)
    assert olga.change(key.id,
                       expiresAt="2098-01-01T00:00:00Z").status_code == 200
    ends_at = olga.show(key)["previous"]["endsAt"]
    assert ends_at < now_ms() + 2 * DAY * 1000
    soon = now_ms() // 1000 * 1000 + 60_000
    assert olga.change(key.id, expiresAt=iso(soon)).status_code == 200
    assert olga.show(key)["previous"]["endsAt"] == soon
    assert olga.change(key.id, expiresAt=None).status_code == 200
    assert olga.show(key)["previous"]["endsAt"] == soon


def test_full_team_rotates(server, olga):
    keys = [server.database.import_key("monitors:read") for _ in range(10)]
    slots = server.slots()
    assert_problem(olga.create(), 400, name="limit-exceeded")
    new, _ = olga.renew(keys[4])
    assert works(server, keys[4], new) == [True, True]
    assert server.slots() == slots


def test_rotation_is_audited_and_logged_and_history_stays(server, olga):
    made = olga.make()
    olga.renew(made)
    rows = server.database.rows(
        "SELECT actor, source, action, team_id, key_id FROM uptime_audit "
        "WHERE key_id = ? ORDER BY id", made.id)
    assert [tuple(row) for row in rows] == [
        ("olga", "127.0.0.1", action, "acme", made.id)
        for action in ("key.create", "key.rotate")]
    line = server.error_log.ours("notice")[-1].text
    for word in ("UK0040", made.id, "acme", "rotated", "olga"):
        assert word in line


def test_refused_rotation_leaves_no_trace(server, olga, key):
    before = server.rows()
    assert olga.rotate(key.id, ifPrefix="x").status_code == 409
    assert olga.rotate(key.id, overlapSeconds=-1).status_code == 400
    assert server.rows() == before
    assert not server.error_log.ours("notice")
    assert not server.database.rows(
        "SELECT 1 FROM uptime_audit WHERE action = 'key.rotate'")


# What is asked

BAD_MEMBERS = {
    "negative": ({"overlapSeconds": -1}, "/overlapSeconds"),
    "too long": ({"overlapSeconds": MAX_OVERLAP + 1}, "/overlapSeconds"),
    "more than 32 bits": ({"overlapSeconds": 2**32 + 5}, "/overlapSeconds"),
    "more than 53 bits": ({"overlapSeconds": 2**62}, "/overlapSeconds"),
    "string": ({"overlapSeconds": "60"}, "/overlapSeconds"),
    "true": ({"overlapSeconds": True}, "/overlapSeconds"),
    "null": ({"overlapSeconds": None}, "/overlapSeconds"),
    "list": ({"overlapSeconds": [60]}, "/overlapSeconds"),
    "object": ({"overlapSeconds": {}}, "/overlapSeconds"),
    "prefix of a wrong type": ({"ifPrefix": 5}, "/ifPrefix"),
    "unknown": ({"overlap": 60}, "/overlap"),
    "case": ({"overlapseconds": 60}, "/overlapseconds"),
    "empty name": ({"": 1}, "/"),
    "of a change": ({"name": "x"}, "/name"),
    "slash and tilde": ({"a/b~c": 1}, "/a~1b~0c"),
}


@pytest.mark.parametrize("members,pointer", BAD_MEMBERS.values(),
                         ids=BAD_MEMBERS)
def test_bad_member_is_refused(server, olga, key, members, pointer):
    before = server.rows()
    assert_invalid(olga.rotate(key.id, **members), pointer)
    assert server.rows() == before


def test_every_bad_member_is_named(olga, key):
    assert_invalid(
        olga.rotate(key.id, overlapSeconds=0.5, ifPrefix=[], x=1, y=2),
        "/overlapSeconds", "/ifPrefix", "/x", "/y")


def post(client, key, body, content_type="application/json"):
    headers = {"Content-Type": content_type} if content_type else {}
    return client.call("POST", f"/{key.id}/rotate", data=body,
                       headers=headers)


@pytest.mark.parametrize("number", [
    "0.5", "1.0", "1e3", "1E0", "-0.0", "1e400", "-1e400", "9" * 40, "01",
    "+1", "0x10", "NaN", "Infinity", "1.",
])
def test_number_that_is_not_whole_is_refused(server, olga, key, number):
    before = server.rows()
    assert post(olga, key,
                f'{{"overlapSeconds": {number}}}').status_code == 400
    assert server.rows() == before


@pytest.mark.parametrize("body", [
    "[]", "null", "5", '"x"', "{", "{} {}", '{"overlapSeconds": 0, '
    '"overlapSeconds": 60}', '{"ifPrefix": "\\u0000"}', b'{"ifPrefix": "\xff"}',
    " ",
])
def test_body_that_is_no_json_object_is_refused(server, olga, key, body):
    before = server.rows()
    assert_problem(post(olga, key, body), 400)
    assert server.rows() == before


@pytest.mark.parametrize("content_type", [
    None, "text/plain", "application/merge-patch+json", "application/xml",
    "multipart/form-data; boundary=x",
])
def test_body_of_another_type_is_refused(server, olga, key, content_type):
    before = server.rows()
    assert_problem(post(olga, key, b"{}", content_type), 415)
    assert server.rows() == before


@pytest.mark.parametrize("body,headers", [
    (b"", []),
    (b"", ["Content-Length: 0"]),
    (b"", [JSON]),
    (b"", [JSON, "Content-Length: 0"]),
    (b"{}", [JSON, "Content-Length: 2"]),
    (b"{}", [JSON + "; charset=utf-8", "Content-Length: 2"]),
    (b"0\r\n\r\n", ["Transfer-Encoding: chunked"]),
    (b"0\r\n\r\n", [JSON, "Transfer-Encoding: chunked"]),
    (b"2\r\n{}\r\n0\r\n\r\n", [JSON, "Transfer-Encoding: chunked"]),
], ids=str)
def test_body_is_optional(server, key, body, headers):
    path = f"{BASIC}/{key.id}/rotate"
    (answer,) = server.exchange(
        request(path, "Authorization: " + basic("olga"), *headers,
                method="POST", body=body), ["POST"], [path])
    assert answer.status_code == 200
    assert answer.json()["data"]["apiKey"]["previous"]


def test_body_that_is_too_large_is_refused(server, olga, key):
    before = server.rows()
    body = json.dumps({"ifPrefix": "x" * 65536})
    assert_problem(post(olga, key, body), 413)
    assert server.rows() == before


# The prefix that was seen

def test_prefix_of_the_current_secret_is_right(olga, key):
    new, _ = olga.renew(key, ifPrefix=key.prefix)
    olga.renew(key, ifPrefix=new.prefix)


@pytest.mark.parametrize("prefix", [
    "", "uptime_00000000", "uptime_", "UPTIME_", "a" * 300,
    lambda key: key.prefix[:-1], lambda key: key.prefix + "0",
    lambda key: key.prefix.upper(), lambda key: key.prefix + " ",
    lambda key: key.text,
])
def test_other_prefix_changes_nothing(server, olga, key, prefix):
    prefix = prefix(key) if callable(prefix) else prefix
    before = server.rows()
    assert_problem(olga.rotate(key.id, ifPrefix=prefix), 409)
    assert server.rows() == before


def test_retry_rotates_once(server, olga, key):
    new, _ = olga.renew(key, ifPrefix=key.prefix)
    before = server.rows()
    problem = assert_problem(olga.rotate(key.id, ifPrefix=key.prefix), 409)
    assert "rotated" in problem["detail"]
    assert server.rows() == before
    assert works(server, key, new) == [True, True]


@pytest.mark.mpm
@pytest.mark.backend
def test_one_of_many_at_once_rotates(server, olga, key):
    answers = together([lambda: olga.rotate(key.id, ifPrefix=key.prefix)] * 20)
    assert sorted(answer.status_code for answer in answers) == \
        [200] + [409] * 19
    (data,) = (answer.json()["data"] for answer in answers
               if answer.status_code == 200)
    assert works(server, key, data["key"]) == [True, True]
    assert olga.show(key)["keyPrefix"] == data["key"][:15]


@pytest.mark.backend
def test_many_at_once_rotate_one_after_the_other(server, olga, key):
    """Each answer says what was there before and what it has ended."""
    answers = together([lambda: olga.rotate(key.id)] * 20)
    done = {}
    for answer in answers:
        assert answer.status_code == 200, answer.text
        data = answer.json()["data"]
        done[data["apiKey"]["previous"]["keyPrefix"]] = data
    order = [key.text]
    while order[-1][:15] in done:
        data = done[order[-1][:15]]
        assert data["ended"] == [text[:15] for text in order[-2:-1]]
        order.append(data["key"])
    assert len(order) == 21
    assert works(server, *order) == [False] * 19 + [True, True]
    assert len(server.database.rows(
        "SELECT 1 FROM uptime_audit WHERE action = 'key.rotate'")) == 20


def test_of_rotation_and_deletion_either_comes_first(server, olga):
    for _ in range(5):
        key = server.database.import_key("monitors:read")
        rotated, deleted = together([lambda key=key: olga.rotate(key.id),
                                     lambda key=key: olga.delete(key.id)])
        assert deleted.status_code == 200
        assert rotated.status_code in (200, 404)
        secrets = [key.text]
        if rotated.status_code == 200:
            secrets.append(rotated.json()["data"]["key"])
        assert not any(works(server, *secrets))
    assert server.slots() == []


# Keys that are not rotated

def test_disabled_key_is_not_rotated(server, olga, key):
    disable(server, key, "manual")
    before = server.rows()
    assert_problem(olga.rotate(key.id), 409)
    assert server.rows() == before


@pytest.mark.parametrize("expired_ago", [1, 1000, 10**10])
def test_expired_key_is_not_rotated(server, olga, key, expired_ago):
    expire(server, key, now_ms() - expired_ago)
    before = server.rows()
    assert_problem(olga.rotate(key.id), 409)
    assert server.rows() == before


def test_expired_key_that_leaked_is_not_rotated_either(server, olga, key):
    disable(server, key, "leaked")
    expire(server, key, now_ms() - 1)
    assert_problem(olga.rotate(key.id), 409)


@pytest.mark.backend
@pytest.mark.parametrize("members", [{}, {"overlapSeconds": 3600}])
def test_leaked_key_is_rotated_without_overlap_and_enabled(server, olga, key,
                                                           members):
    older = key
    key, _ = olga.renew(older)
    disable(server, key, "leaked")
    assert works(server, older, key) == [False, False]
    new, data = olga.renew(key, **members)
    assert not {"disabledAt", "disabledReason", "previous"} & \
        set(data["apiKey"])
    assert sorted(data["ended"]) == sorted([older.prefix, key.prefix])
    assert works(server, older, key, new) == [False, False, True]


def test_unknown_and_other_teams_key_is_not_found(server, olga, bert, key):
    beta = server.database.import_key("monitors:read", team="beta")
    for client, key_id in ((olga, UNKNOWN_ID), (olga, beta.id), (bert, key.id),
                           (olga, key.id.upper())):
        assert_problem(client.rotate(key_id), 404)
    assert works(server, key, beta) == [True, True]


@pytest.mark.parametrize("key_id", ["key_", "x", "self", "key_1", "scopes"])
def test_malformed_id_is_a_validation_error(olga, key_id):
    assert_invalid(olga.rotate(key_id), "/id")


def test_request_from_another_site_rotates_nothing(server, olga, key):
    before = server.rows()
    for headers in ({"Sec-Fetch-Site": "cross-site"},
                    {"Origin": "http://evil.example"}):
        assert_problem(olga.call("POST", f"/{key.id}/rotate",
                                 headers=headers), 403)
        assert_problem(olga.change(key.id, headers, name="x"), 403)
    assert server.rows() == before


@pytest.fixture(scope="module")
def overlapping(new_managed):
    return new_managed("UptimeKeysRotateOverlap 7\n")


def test_default_overlap_is_configured(overlapping):
    overlapping.reset()
    olga = Client(overlapping, user="olga")
    before = now_ms()
    _, data = olga.renew(olga.make())
    assert 0 <= data["apiKey"]["previous"]["endsAt"] - before - 7000 <= \
        now_ms() - before
