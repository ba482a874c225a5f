# SPDX-License-Identifier: Apache-2.0
"""Which requests are accepted, and how the others are refused."""

import datetime
import re
import time
from types import SimpleNamespace

import pytest
from harness import (
    AUTHZ_FAILED,
    UK_ANY,
    assert_ends_at,
    assert_refused,
    assert_unavailable,
    challenge,
    eventually,
    key_digits,
    make_key,
    seal,
)
from harness.database import now_ms
from harness.raw import request

CONFIG = """
<LocationMatch "^/(t|cgi)/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</LocationMatch>
<Location "/t/quoted">
    AuthName "Say \\"please\\""
</Location>
<Location "/t/problem-base">
    UptimeKeysProblemBase https://errors.example.com/
</Location>
"""

# Seconds after which a further failure is logged as a new outage.
OUTAGE_END = 5.1
ONE_PROCESS = """
StartServers 1
<IfModule !mpm_prefork_module>
    ServerLimit 1
    MaxSpareThreads 16
    MaxRequestWorkers 16
</IfModule>
"""

UNSAFE_CONFIG = "HttpProtocolOptions Unsafe\n" + CONFIG

NO_KEY = 'Bearer realm="Uptime"'


@pytest.fixture(scope="module")
def server(new_httpd):
    return new_httpd(CONFIG)


@pytest.fixture(scope="module")
def keys(server):
    """One key for each verdict."""
    database = server.database
    database.create_team("gone")
    made = SimpleNamespace(
        good=database.create_key("monitors:read"),
        lacking=database.create_key("alerts:read", "cron-jobs:ping"),
        expired=database.import_key("monitors:read", expiresAt=now_ms() - 1),
        deleted=database.create_key("monitors:read"),
        orphan=database.create_key("monitors:read", team="gone"))
    database.delete_key(made.deleted)
    database.tool("team", "delete", "gone")
    return made


def other_digits(text, count):
    """A key with a correct checksum, but not of 64 digits."""
    digits = key_digits(text)
    return "uptime_" + (digits + "0")[:count]


BAD_CREDENTIALS = {
    "unknown": lambda keys: f"Bearer {make_key()}",
    "wrong checksum": lambda keys: f"Bearer {make_key()[:63]}00000000",
    "63 digits": lambda keys: f"Bearer {other_digits(make_key(), 63)}",
    "65 digits": lambda keys: f"Bearer {other_digits(make_key(), 65)}",
    "upper case": lambda keys: f"Bearer {keys.good.text.upper()}",
    "upper-case digits": lambda keys:
        f"Bearer uptime_{key_digits(keys.good.text).upper()}",
    "expired": lambda keys: f"Bearer {keys.expired}",
    "deleted": lambda keys: f"Bearer {keys.deleted}",
    "deleted team": lambda keys: f"Bearer {keys.orphan}",
    "Bearer alone": lambda keys: "Bearer",
    "no scheme": lambda keys: keys.good.text,
    "junk": lambda keys: "Bearer ?!$%",
    "two words": lambda keys: f"Bearer {keys.good} {keys.good}",
    "something behind": lambda keys: f"Bearer {keys.good}x",
    "digits alone": lambda keys: f"Bearer {key_digits(keys.good.text)}",
    "8 KB": lambda keys: "Bearer " + "a" * 8000,
    "8 KB that begin like a key": lambda keys: "Bearer uptime_" + "a" * 8000,
    "bytes above 127": lambda keys: "Bearer uptime_\xff\xfe\x80" + "0" * 60,
    "tab inside": lambda keys: f"Bearer {keys.good.text[:40]}\t0",
}

CONTROL_CHARACTERS = {
    "bell": "Bearer \x07" + "0" * 63,
    "escape": "Bearer uptime_\x1b[31m" + "0" * 59,
    "delete": "Bearer uptime_\x7f" + "0" * 63,
}


def ask(server, *headers, path="/t/monitors", method="GET"):
    (answer,) = server.exchange(request(path, *headers, method=method),
                                methods=(method,))
    return answer


def without_instance(answer):
    """What a client sees of an answer, without what differs each time."""
    headers = sorted((name, value) for name, value in answer.headers.items()
                     if name != "Date")
    body = answer.content.replace(
        answer.json()["instance"].encode(), b"INSTANCE")
    return answer.status_code, headers, body


@pytest.mark.mpm
def test_good_key_gets_the_resource(server, keys):
    answer = server.get("/t/monitors", keys.good)
    assert (answer.status_code, answer.text) == (200, "answer\n")
    assert "WWW-Authenticate" not in answer.headers


@pytest.mark.mpm
def test_no_key_is_challenged_without_an_error_code(server):
    answer = server.get("/t/monitors")
    assert_refused(answer, 401)
    assert answer.headers["WWW-Authenticate"] == NO_KEY


@pytest.mark.parametrize("credentials", [
    "Basic dXNlcjpwYXNzd29yZA==", 'Digest username="u", realm="r"',
    "Negotiate abcdef", "ApiKey 12345"])
def test_another_scheme_is_no_key(server, credentials):
    """RFC 6750 section 3.1: no error code if nothing was presented."""
    answer = server.get("/t/monitors",
                        headers={"Authorization": credentials})
    assert_refused(answer, 401)
    assert answer.headers["WWW-Authenticate"] == NO_KEY


@pytest.mark.mpm
@pytest.mark.parametrize("kind", BAD_CREDENTIALS)
def test_bad_credentials_all_get_the_same_answer(server, keys, kind):
    """A key without a scheme is a bad key."""
    reference = ask(server, f"Authorization: Bearer {make_key()}")
    answer = ask(server, f"Authorization: {BAD_CREDENTIALS[kind](keys)}")
    assert_refused(answer, 401, "invalid_token")
    assert list(challenge(answer)) == ["realm", "error", "error_description"]
    assert without_instance(answer) == without_instance(reference)
    assert all(len(line.text) < 600 for line in server.error_log.ours())


@pytest.fixture(scope="module")
def unsafe_server(new_httpd):
    return new_httpd(UNSAFE_CONFIG)


@pytest.mark.parametrize("kind", CONTROL_CHARACTERS)
def test_control_characters_are_a_bad_key(unsafe_server, kind):
    reference = ask(unsafe_server, f"Authorization: Bearer {make_key()}")
    answer = ask(unsafe_server, f"Authorization: {CONTROL_CHARACTERS[kind]}")
    assert without_instance(answer) == without_instance(reference)
    assert not re.search("[\x01-\x08\x0b-\x1f\x7f]",
                         unsafe_server.error_log.text())


@pytest.mark.parametrize("kind", CONTROL_CHARACTERS)
def test_control_characters_never_fail_the_server(server, kind):
    answer = ask(server, f"Authorization: {CONTROL_CHARACTERS[kind]}")
    assert answer.status_code in (400, 401)


@pytest.mark.parametrize("before_key", [
    "bearer ", "BEARER ", "bEaReR ", "Bearer  ", "Bearer     ", " Bearer "])
def test_scheme_in_any_case_and_with_more_spaces(server, keys, before_key):
    answer = ask(server, f"Authorization: {before_key}{keys.good}")
    assert answer.status_code == 200


@pytest.mark.mpm
@pytest.mark.parametrize("join", [
    lambda one, two: [f"Authorization: {one}", f"Authorization: {two}"],
    lambda one, two: [f"Authorization: {one}, {two}"],
    lambda one, two: [f"Authorization: {one},{two}"],
], ids=["two headers", "comma", "comma without space"])
@pytest.mark.parametrize("pair", [
    ("Bearer {good}", "Bearer {other}"), ("Bearer {other}", "Bearer {good}"),
    ("Bearer {good}", "Basic dTpw"), ("Basic dTpw", "Bearer {good}")],
    ids=["good first", "good last", "Basic last", "Basic first"])
def test_two_credentials_are_a_bad_request(server, keys, join, pair):
    lines = join(*(credentials.format(good=keys.good, other=make_key())
                   for credentials in pair))
    assert_refused(ask(server, *lines), 400, "invalid_request")


@pytest.mark.mpm
def test_missing_scope_is_forbidden_and_named(server, keys):
    server.expect_log(AUTHZ_FAILED)
    answer = server.get("/t/monitors", keys.lacking)
    problem = assert_refused(answer, 403, "insufficient_scope")
    assert challenge(answer)["scope"] == "monitors:read"
    assert "monitors:read" in problem["detail"]


def test_the_realm_is_quoted(server):
    answer = server.get("/t/quoted")
    assert answer.headers["WWW-Authenticate"] == \
        'Bearer realm="Say \\"please\\""'


def test_problem_type_begins_with_the_configured_base(server, keys):
    server.expect_log(AUTHZ_FAILED)
    base = "https://errors.example.com/"
    path = "/t/problem-base"
    assert_refused(server.get(path), 401, base=base)
    assert_refused(server.get(path, keys.lacking), 403, "insufficient_scope",
                   base=base)


@pytest.mark.parametrize("header,status", [
    (None, 401), ("unknown", 401), ("lacking", 403), ("two", 400)])
def test_instance_of_a_problem_is_found_in_the_log(
        server, keys, header, status):
    server.expect_log(AUTHZ_FAILED)
    lines = {None: [], "unknown": [f"Authorization: Bearer {make_key()}"],
             "lacking": [f"Authorization: Bearer {keys.lacking}"],
             "two": ["Authorization: Bearer a, Bearer b"]}[header]
    answer = ask(server, *lines)
    assert answer.status_code == status
    instance = answer.json()["instance"].removeprefix("urn:uuid:")
    assert instance in server.error_log.text()
    assert instance not in ask(server, *lines).text


@pytest.mark.parametrize("kind,reason,identity", [
    ("expired", "expired", lambda key: f"{key.prefix}|{key.id}"),
    ("deleted", "", lambda key: key.prefix),
    ("lacking", "monitors:read", lambda key: f"{key.prefix}|{key.id}"),
])
def test_reason_is_logged_at_info_with_the_key_named_safely(
        server, keys, kind, reason, identity):
    server.expect_log(AUTHZ_FAILED)
    key = getattr(keys, kind)
    server.get("/t/monitors", key)
    lines = [line.text for line in server.error_log.ours("info")]
    assert any(reason in line and re.search(identity(key), line)
               for line in lines), lines
    assert not server.error_log.ours("warn", "error", "crit", "notice")


def test_wrong_checksum_is_named_in_the_log(server):
    server.get("/t/monitors", make_key()[:63] + "00000000")
    assert any("checksum" in line.text
               for line in server.error_log.ours("info"))


@pytest.mark.mpm
def test_key_dies_at_the_instant_of_its_expiry(server):
    expires = now_ms() + 1500
    key = server.database.import_key("monitors:read", expiresAt=expires)
    assert_ends_at(server, key, expires, "/t/monitors")


def test_key_made_by_the_tool_with_an_expiry(server):
    soon = datetime.datetime.now(datetime.UTC).replace(
        microsecond=0) + datetime.timedelta(seconds=3)
    key = server.database.create_key(
        "monitors:read", expires=soon.strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert_ends_at(server, key, int(soon.timestamp() * 1000), "/t/monitors")


@pytest.mark.mpm
def test_deleted_key_is_refused_at_once(server):
    key = server.database.create_key("monitors:read")
    assert server.get("/t/monitors", key).status_code == 200
    server.database.delete_key(key)
    assert_refused(server.get("/t/monitors", key), 401, "invalid_token")


def test_key_without_its_checksum_is_refused(server):
    zeros = "uptime_" + 64 * "0"
    assert seal(56 * "0") != zeros
    assert_refused(server.get("/t/monitors", zeros), 401, "invalid_token")


@pytest.mark.mpm
def test_unavailable_database_is_503_and_recovers(server, keys):
    server.expect_log(UK_ANY)
    with server.database.unavailable():
        assert_unavailable(server.get("/t/monitors", keys.good))
        assert_unavailable(server.get("/t/monitors", make_key()))
        assert server.get("/t/monitors").status_code == 401
        assert server.get("/t/monitors", "junk").status_code == 401
    eventually(lambda:
               server.get("/t/monitors", keys.good).status_code == 200)
    assert server.error_log.ours("error")


def test_unavailable_database_does_not_fill_the_log(server, keys):
    server.expect_log(UK_ANY)
    with server.database.unavailable():
        for _ in range(20):
            assert_unavailable(server.get("/t/monitors", keys.good))
    assert len(server.error_log.ours("error")) < 10


def test_unavailable_database_is_an_error_also_after_a_warning(new_httpd):
    server = new_httpd(ONE_PROCESS + CONFIG)
    server.expect_log(UK_ANY)
    key = server.database.create_key("monitors:read")
    with server.database.refusing("UPDATE", "uptime_keys"):
        assert server.get("/t/monitors", key).status_code == 200
        eventually(lambda: server.error_log.ours("warn"))
    with server.database.unavailable():
        assert_unavailable(server.get("/t/monitors", key))
    assert len(server.error_log.ours("error")) == 1


@pytest.mark.slow
def test_unavailable_database_is_logged_again_after_it_was_back(new_httpd):
    server = new_httpd(ONE_PROCESS + CONFIG)
    server.expect_log(UK_ANY)
    key = server.database.create_key("monitors:read")

    def outage_lines():
        with server.database.unavailable():
            for _ in range(3):
                assert_unavailable(server.get("/t/monitors", key))
        return len(server.error_log.ours("error"))

    assert outage_lines() == 1
    time.sleep(OUTAGE_END)
    assert outage_lines() == 2


@pytest.mark.parametrize("kind", ["none", "unknown", "lacking", "good"])
def test_head_is_answered_like_get_but_for_the_body(server, keys, kind):
    server.expect_log(AUTHZ_FAILED)
    key = {"none": None, "unknown": make_key(), "lacking": keys.lacking,
           "good": keys.good}[kind]
    get = server.request("GET", "/t/monitors", key)
    head = server.request("HEAD", "/t/monitors", key)
    assert head.status_code == get.status_code
    assert head.content == b""
    for name in ("WWW-Authenticate", "Content-Type", "Cache-Control"):
        assert head.headers.get(name) == get.headers.get(name)


@pytest.mark.mpm
def test_pipelined_requests_each_get_their_own_verdict(server, keys):
    server.expect_log(AUTHZ_FAILED)
    lines = [f"Authorization: Bearer {key}" for key in
             (make_key(), keys.good, keys.lacking, keys.good, "junk")]
    data = b"".join(request("/t/monitors", line, close=line == lines[-1])
                    for line in lines)
    answers = server.exchange(data, methods=["GET"] * 5)
    assert [a.status_code for a in answers] == [401, 200, 403, 200, 401]


def test_a_good_key_leaves_nothing_behind_on_the_connection(server, keys):
    data = request("/t/monitors", f"Authorization: Bearer {keys.good}",
                   close=False) + request("/t/monitors")
    first, second = server.exchange(data, methods=("GET", "GET"))
    assert first.status_code == 200
    assert second.headers["WWW-Authenticate"] == NO_KEY


@pytest.mark.mpm
@pytest.mark.parametrize("body,header", [
    (b"5\r\nhello\r\n0\r\n\r\n", "Transfer-Encoding: chunked"),
    (b"hello" * 2000, "Content-Length: 10000")],
    ids=["chunked", "sized"])
def test_body_of_a_refused_request_is_not_the_next_request(
        server, keys, body, header):
    data = request("/cgi/environ.cgi", header, method="POST", body=body,
                   close=False)
    data += request("/t/monitors", f"Authorization: Bearer {keys.good}")
    refused, good = server.exchange(data, methods=("POST", "GET"))
    assert_refused(refused, 401)
    assert good.status_code == 200


@pytest.mark.mpm
def test_body_of_a_request_that_was_let_in_arrives(server, keys):
    answer = server.request("POST", "/cgi/environ.cgi", keys.good,
                            data=iter([b"hel", b"lo"]))
    assert answer.json()["body"] == "hello"
