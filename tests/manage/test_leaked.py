# SPDX-License-Identifier: Apache-2.0
"""SetHandler uptime-keys-leaked: whoever holds a secret may end it."""

import json
import secrets
import shutil
import time

import node
import pytest
from description import Description
from harness import UK_ANY, environment, eventually, key_hash, make_key
from harness.answers import assert_problem, assert_unavailable
from harness.database import now_ms
from managed import KEYS, SAFETY_HEADERS, assert_invalid, basic

PLACE = "/leaked"
FILE = environment.REPOSITORY / "conf" / "scanning" / "leaked.openapi.json"
DESCRIPTION = Description(json.loads(FILE.read_text("utf-8")))
LEASE = 1.0
CONFIG = """
<Location "/leaked">
    SetHandler uptime-keys-leaked
    Require all granted
</Location>
<Location "/leaked/by-user">
    AuthType Basic
    AuthName "People"
    AuthUserFile "${ROOT}/conf/passwords"
    Require valid-user
</Location>
<Location "/leaked/small">
    LimitRequestBody 1000
</Location>
<Location "/leaked/forbidden">
    Require all denied
</Location>
<Directory "${ROOT}/htdocs/site">
    AllowOverride All
</Directory>
"""


@pytest.fixture(scope="module")
def server(new_managed):
    return new_managed(CONFIG)


@pytest.fixture
def key(server, clean):
    return server.database.import_key("monitors:read")


def judge(method, answer):
    for name, value in SAFETY_HEADERS.items():
        assert answer.headers[name] == value
    DESCRIPTION.check(method, "/", answer)


def post(server, data, path=PLACE, headers=None, **options):
    headers = {"Content-Type": "application/json", **(headers or {})}
    answer = server.request("POST", path, data=data, headers=headers,
                            **options)
    judge("POST", answer)
    return answer


def report(server, *credentials, **options):
    for credential in map(str, credentials):
        if len(credential) == 71 and len(set(credential)) > 9:
            server.keep_secret(credential)
    return post(server, json.dumps(
        {"credentials": [str(credential) for credential in credentials]}),
        **options)


def assert_received(answer):
    assert answer.status_code == 202
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.content == b'{"data":{"received":true}}\n'


def disabled(server, key):
    (row,) = server.database.rows(
        "SELECT disabled_at, disabled_reason FROM uptime_keys WHERE id = ?",
        key.id)
    return row


def audited(server):
    return server.database.rows(
        "SELECT actor, source, action, team_id, key_id FROM uptime_audit "
        "ORDER BY id")


def rotate(server, key, ends_at):
    """Give the key a new secret; returns it."""
    new = make_key()
    server.keep_secret(new)
    server.database.execute(
        "UPDATE uptime_keys SET previous_hash = key_hash, previous_prefix = "
        "key_prefix, previous_ends_at = ?, key_hash = ?, key_prefix = ? "
        "WHERE id = ?", ends_at, key_hash(new),
        new[:15], key.id)
    return new


# What is found.

def test_key_is_disabled_before_the_answer(server, key):
    other = server.database.import_key("monitors:read")
    assert server.get("/t/x", key).status_code == 200
    server.database.execute("DELETE FROM uptime_audit")
    assert_received(report(server, key))
    assert server.get("/t/x", key).status_code == 401
    assert server.get("/t/x", other).status_code == 200
    at, reason = disabled(server, key)
    assert abs(at - now_ms()) < 60_000 and reason == "leaked"
    assert audited(server) == [
        ("leak report", "127.0.0.1", "key.leak", "acme", key.id)]


def test_report_is_logged_by_id(server, key):
    report(server, key)
    (line,) = server.error_log.ours("notice")
    assert line.id == "UK0040"
    assert f"key {key.id} of team acme disabled, because it leaked, reported " \
        "by leak report" in line.text


def test_second_report_changes_nothing(server, key):
    assert_received(report(server, key))
    before = disabled(server, key), audited(server)
    assert_received(report(server, key))
    assert (disabled(server, key), audited(server)) == before
    assert len(server.error_log.ours("notice")) == 1


def test_key_that_was_disabled_by_hand_has_leaked_now(server, key):
    server.database.execute("UPDATE uptime_keys SET disabled_at = 5, "
                            "disabled_reason = 'manual' WHERE id = ?", key.id)
    assert_received(report(server, key))
    assert disabled(server, key) == (5, "leaked")


def test_old_secret_of_an_overlap_ends_alone(server, key):
    new = rotate(server, key, now_ms() + 3_600_000)
    assert server.get("/t/x", key).status_code == 200
    assert_received(report(server, key))
    assert server.get("/t/x", key).status_code == 401
    assert server.get("/t/x", new).status_code == 200
    assert disabled(server, key)[0] is None
    (line,) = server.error_log.ours("notice")
    assert f"key {key.id} of team acme lost its old secret" in line.text


def test_whole_report_is_carried_out(server, key):
    keys = [key] + [server.database.import_key("monitors:read", team=team)
                    for team in ("acme", "beta", "beta")]
    assert_received(report(server, make_key(), *keys, "x", *keys, make_key()))
    assert {disabled(server, each)[1] for each in keys} == {"leaked"}
    assert sorted(row[4] for row in audited(server)
                  if row[2] == "key.leak") == sorted(each.id for each in keys)


def test_user_who_reports_is_named(server, key):
    report(server, key, path="/leaked/by-user",
           headers={"Authorization": basic("otto")})
    assert audited(server)[-1][0] == "otto"


@pytest.mark.parametrize("credentials", [
    [], ["x"], ["uptime_" + "0" * 64], [""], ["uptime_"],
    ["é" * 71], ["uptime_" + "A" * 64]])
def test_what_is_no_key_gets_the_same_answer(server, credentials):
    assert_received(report(server, *credentials))


def test_unknown_key_gets_the_same_answer(server):
    assert_received(report(server, make_key()))


def test_other_members_are_ignored(server, key):
    assert_received(post(server, json.dumps(
        {"source": {"url": "x"}, "credentials": [str(key)]})))
    assert disabled(server, key)[1] == "leaked"


# Checksums.

def without_checksum(server):
    return server.database.import_key(
        "monitors:read", text="uptime_" + secrets.token_hex(28) + "0" * 8)


def test_wrong_checksum_is_not_looked_up(server, clean):
    """Whatever the database says: it is not even asked."""
    key = without_checksum(server)
    with server.database.unavailable():
        assert_received(report(server, key, "uptime_", "x" * 71))
    assert disabled(server, key)[0] is None


def test_keys_without_a_checksum_are_looked_up_where_they_are_accepted(
        new_managed):
    server = new_managed("UptimeKeysRequireChecksum Off\n" + CONFIG)
    key = without_checksum(server)
    assert_received(report(server, key))
    assert disabled(server, key)[1] == "leaked"


# Bodies that are refused.

def test_at_most_a_thousand(server, key):
    thousand = [make_key() for _ in range(999)] + [str(key)]
    problem = assert_invalid(report(server, *thousand, "x"), "/credentials")
    assert problem["errors"][0]["code"] == "too-many"
    assert disabled(server, key)[0] is None
    assert_received(report(server, *thousand))
    assert disabled(server, key)[1] == "leaked"


def body_of(size):
    return b'{"credentials": []' + b" " * (size - 19) + b"}"


def test_at_most_256_kib(server):
    assert_received(post(server, body_of(262_144)))
    problem = assert_problem(post(server, body_of(262_145)), 413)
    assert "262144 bytes" in problem["detail"]

    def chunks():
        yield body_of(262_145)

    assert_problem(post(server, chunks()), 413)


def test_limit_of_httpd_is_named(server):
    problem = assert_problem(
        post(server, body_of(1001), "/leaked/small"), 413)
    assert "1000 bytes" in problem["detail"]


@pytest.mark.parametrize("body", [
    b"", b"{", b"uptime_", b'{"credentials": ["\xff"]}', b"[]", b'"x"', b"1",
    b'{"credentials": []} x', b'{"credentials": [], "credentials": []}',
    rb'{"credentials": ["\u0000"]}', b"[" * 200_000])
def test_what_is_no_json_object_is_refused(server, body):
    assert_problem(post(server, body), 400)


@pytest.mark.parametrize("body,pointers", [
    ({}, ["/credentials"]), ({"credentials": None}, ["/credentials"]),
    ({"credentials": "x"}, ["/credentials"]),
    ({"credentials": {"0": "x"}}, ["/credentials"]),
    ({"credentials": ["x", 1, None, "y", ["z"]]},
     ["/credentials/1", "/credentials/2", "/credentials/4"])])
def test_wrong_types_are_named(server, body, pointers):
    assert_invalid(post(server, json.dumps(body)), *pointers)


def test_wrong_types_beside_a_key_end_nothing(server, key):
    assert_invalid(post(server, json.dumps({"credentials": [str(key), 1]})),
                   "/credentials/1")
    assert disabled(server, key)[0] is None


@pytest.mark.parametrize("sent", [
    "text/plain", "application/x-www-form-urlencoded", "multipart/form-data",
    "application/jsonx", ""])
def test_other_media_types_are_refused(server, key, sent):
    answer = post(server, json.dumps({"credentials": [str(key)]}),
                  headers={"Content-Type": sent})
    assert_problem(answer, 415)
    assert disabled(server, key)[0] is None


def test_parameters_of_the_media_type_are_accepted(server, key):
    assert_received(report(server, key, headers={
        "Content-Type": "application/json; charset=utf-8"}))


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE",
                                    "OPTIONS"])
def test_other_methods(server, method):
    answer = server.request(method, PLACE)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"
    judge(method, answer)
    if method != "HEAD":
        assert_problem(answer, 405)


@pytest.mark.parametrize("headers,status", [
    ({"Sec-Fetch-Site": "cross-site"}, 403), ({"Sec-Fetch-Site": "none"}, 202),
    ({"Origin": "https://elsewhere.example"}, 403)])
def test_request_from_another_site(server, key, headers, status):
    assert report(server, key, headers=headers).status_code == status
    assert (disabled(server, key)[1] == "leaked") == (status == 202)


def test_errors_of_httpd_are_problems(server, key):
    answer = report(server, key, path="/leaked/forbidden",
                    headers={"Accept": "text/html"})
    server.expect_log("AH01630")
    assert_problem(answer, 403)
    assert disabled(server, key)[0] is None


def test_browser_gets_json(server):
    assert_received(report(server, headers={"Accept": "text/html"}))


# The database.

def test_database_that_is_away(server, key):
    server.expect_log(UK_ANY)
    with server.database.unavailable():
        assert_unavailable(report(server, key, make_key()))
    assert disabled(server, key)[0] is None
    assert_received(report(server, key))


def test_nothing_is_half_done(server, key):
    """The audit row of the second key cannot be written."""
    server.expect_log(UK_ANY)
    other = server.database.import_key("monitors:read")
    before = audited(server)
    with server.database.refusing("INSERT", "uptime_audit"):
        assert_unavailable(report(server, key, other))
    assert disabled(server, key)[0] is disabled(server, other)[0] is None
    assert audited(server) == before
    assert server.get("/t/x", key).status_code == 200


def seconds(act):
    start = time.monotonic()
    act()
    return time.monotonic() - start


def test_answer_waits_for_servers_that_cache(server, key):
    """Also for a report of what another report has just ended."""
    server.database.execute("INSERT INTO uptime_servers VALUES ('other', ?)",
                            now_ms())
    try:
        assert seconds(lambda: report(server, key)) >= LEASE
        assert seconds(lambda: report(server, key)) >= LEASE
        eventually(lambda: seconds(lambda: report(server, make_key())) < LEASE)
    finally:
        server.database.execute("DELETE FROM uptime_servers")


def test_cached_key_is_refused_after_the_answer(new_managed):
    server = new_managed("UptimeKeysCache On\n" + CONFIG)
    key = server.database.import_key("monitors:read")

    def is_cached():
        before = server.error_log.count("UK0020")
        assert server.get("/t/x", key).status_code == 200
        return server.error_log.count("UK0020") == before

    eventually(is_cached)
    assert_received(report(server, key))
    assert server.get("/t/x", key).status_code == 401


# Configuration.

@pytest.mark.parametrize("line,status", [
    ("SetHandler uptime-keys-leaked", 500),
    ("SetHandler UPTIME-KEYS-LEAKED", 500),
    ("AddHandler uptime-keys-leaked .txt", 200)])
def test_htaccess_does_not_enable_it(server, key, line, status):
    server.write("htdocs/site/answer.txt", "answer\n")
    server.write("htdocs/site/.htaccess", line + "\n")
    if status == 500:
        server.expect_log("is for the server's configuration")
    server.keep_secret(key)
    answer = server.request(
        "POST", "/site/answer.txt", json={"credentials": [str(key)]})
    assert answer.status_code == status
    assert disabled(server, key)[0] is None


@pytest.mark.slow
def test_public_linter_finds_nothing_wrong(tmp_path):
    node.CLIENT.install()
    shutil.copy(FILE, tmp_path / "openapi.json")
    report = json.loads(node.run(
        node.CLIENT.program("redocly"), "lint", "openapi.json",
        "--format=json", "--extends=recommended-strict", cwd=tmp_path))
    assert report["totals"] == {"errors": 0, "warnings": 0, "ignored": 0}


def test_management_does_not_answer_there(server):
    assert server.get(PLACE + "/openapi.json").status_code == 405
    assert server.get(KEYS).status_code == 401
