# SPDX-License-Identifier: Apache-2.0
"""SetHandler uptime-keys-verify, without a server in front."""

import pytest
from harness import (
    AUTHZ_FAILED,
    UK_ANY,
    Httpd,
    assert_refused,
    assert_unavailable,
    eventually,
    make_key,
    only_on,
)
from harness.raw import request

pytestmark = only_on("sqlite3", reason="the database does not matter")
UK_OPEN_PLACE = "UK0075"
UK_CLIMBING = "UK0076"
PREFIX = "X-Uptime"
NAMES = ("-Key-Id", "-Key-Name", "-Team", "-Scopes")
PLACES = """
<Location "/verify">
    SetHandler uptime-keys-verify
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Location>
<Location "/verify/write">
    UptimeKeysIdentityHeaders X-Other
    Require uptime-scope monitors:write
</Location>
<Location "/verify/200">
    SetEnv uptime-keys-verify-200
</Location>
<Location "/verify/preflight">
    UptimeKeysPreflight On
</Location>
<Location "/verify/open">
    Require all granted
</Location>
<Location "/verify/either">
    <RequireAny>
        Require ip 127.0.0.1
        Require uptime-scope monitors:read
    </RequireAny>
</Location>
<Location "/verify/nothing">
    AuthType None
    Require all granted
</Location>
<Location "/keys">
    SetHandler uptime-keys
    AuthType uptime-key
    AuthName "Uptime"
    Require valid-user
</Location>
<Location "/keys/verify">
    SetHandler uptime-keys-verify
</Location>
<Location "/verify/users">
    AuthType Basic
    AuthName "users"
    AuthBasicProvider uptime-key file
    AuthUserFile "${ROOT}/conf/users"
    Require valid-user
</Location>
"""
# The values of httpd's own defaults.
TRACING = "TraceEnable On\n"
# htpasswd -sb users olga secret
USERS = "olga:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n"


@pytest.fixture(scope="module")
def server(new_httpd):
    server = new_httpd(TRACING + PLACES, start=False)
    server.write("conf/users", USERS)
    return server.start()


@pytest.fixture(scope="module")
def key(server):
    return server.database.create_key("monitors:read", "alerts:read",
                                      name="Büro „7“")


def identity(answer, prefix=PREFIX):
    return [answer.headers.get(prefix + name) for name in NAMES]


def assert_accepted(answer, key, prefix=PREFIX, status=204):
    assert answer.status_code == status
    assert identity(answer, prefix) == [
        key.id, key.name.encode().decode("latin-1"), key.team,
        " ".join(key.scopes)]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content == b""
    assert "Content-Type" not in answer.headers


@pytest.mark.mpm
@pytest.mark.parametrize("method", [
    "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND",
    "LOCK", "ANYTHING"])
@pytest.mark.parametrize("path", ["/verify", "/verify/a/b?c=d", "/verify/%e4"])
def test_place_judges_every_method_and_path(server, key, method, path):
    assert_accepted(server.request(method, path, key), key)
    assert_refused(server.request("POST", path, make_key()), 401,
                   "invalid_token")


def test_place_without_a_key(server):
    assert_refused(server.get("/verify"), 401)


def test_scope_is_missing(server, key):
    server.expect_log(AUTHZ_FAILED)
    answer = server.get("/verify/write/x", key)
    assert_refused(answer, 403, "insufficient_scope")
    assert identity(answer) == identity(answer, "X-Other") == [None] * 4


def test_prefix_is_the_directives(server):
    key = server.database.import_key("monitors:write")
    answer = server.get("/verify/write", key)
    assert_accepted(answer, key, "X-Other")
    assert identity(answer) == [None] * 4


def test_200_for_those_who_need_it(server, key):
    answer = server.get("/verify/200", key)
    assert_accepted(answer, key, status=200)
    assert answer.headers["Content-Length"] == "0"
    assert server.get("/verify/200", make_key()).status_code == 401


def test_database_is_unavailable(server, key):
    server.expect_log(UK_ANY)
    with server.database.unavailable():
        assert_unavailable(server.get("/verify", key))


def test_deleted_key(server):
    key = server.database.import_key("monitors:read")
    assert server.get("/verify", key).status_code == 204
    server.database.delete_key(key)
    assert_refused(server.get("/verify", key), 401, "invalid_token")


def test_headers_about_the_client_are_not_read(server, key):
    headers = {"X-Forwarded-Method": "DELETE", "X-Forwarded-Uri": "/t/x",
               "X-Original-URL": "/t/x", "X-Forwarded-For": "192.0.2.1",
               "X-Uptime-Key-Id": "forged", "X-HTTP-Method-Override": "PUT"}
    assert_accepted(server.get("/verify", key, headers=headers), key)
    server.database.tool("key", "edit", key.id, "--address", "127.0.0.1")
    assert_accepted(server.get("/verify", key, headers=headers), key)
    server.database.tool("key", "edit", key.id, "--address", "any")


def test_conditions_of_the_client_change_nothing(server, key):
    headers = {"If-None-Match": "*", "If-Modified-Since":
               "Sat, 01 Jan 2022 00:00:00 GMT", "Range": "bytes=0-0",
               "If-Match": '"x"', "Accept": "text/html", "TE": "trailers"}
    assert_accepted(server.get("/verify", key, headers=headers), key)


def test_body_is_dropped_and_the_connection_kept(server, key):
    server.keep_secret(key)
    authorization = f"Authorization: Bearer {key}"
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    answers = server.exchange(
        request("/verify", authorization, "Content-Length: 1000000",
                method="POST", body=b"x" * 1000000, close=False)
        + request("/verify", authorization, "Transfer-Encoding: chunked",
                  method="POST", body=chunk * 20 + b"0\r\n\r\n", close=False)
        + request("/verify", authorization), ["POST", "POST", "GET"])
    assert [answer.status_code for answer in answers] == [204] * 3


def test_trace_is_no_yes(server, key):
    """httpd would answer it with 200, without asking for a key."""
    for path in ("/verify", "/verify/x", "/verify/200"):
        assert server.request("TRACE", path).status_code == 405
        assert server.request("TRACE", path, key).status_code == 405
    assert server.request("TRACE", "/t/x").status_code == 200


def test_trace_where_the_whole_server_verifies(new_httpd):
    server = new_httpd("SetHandler uptime-keys-verify\n" + TRACING)
    assert server.request("TRACE", "/").status_code == 405


@pytest.mark.parametrize("path", [
    "/verify/write/../x", "/verify/write/%2e%2e/x", "/verify/x/..",
    "/verify/x/.%2E/y", "/t/../verify", "/verify/a%2f..%2fb",
    "/verify/x/../../verify?q"])
def test_path_that_leaves_its_place_is_refused(server, key, path):
    server.keep_secret(key)
    answer, = server.exchange(request(path, f"Authorization: Bearer {key}"))
    assert answer.status_code in (400, 404)
    assert "X-Uptime-Key-Id" not in answer.headers
    # httpd itself answers 404 to %2f.
    if answer.status_code == 400:
        assert answer.headers["Cache-Control"] == "no-store"
        assert server.error_log.count(UK_CLIMBING) == 1


def test_place_below_the_management_is_none_of_its(server, key):
    server.keep_secret(key)
    answer, = server.exchange(request("/keys/verify/../verify",
                                      f"Authorization: Bearer {key}"))
    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("text/html")
    assert server.error_log.count("UK0041") == 0


@pytest.mark.parametrize("path", [
    "/verify/x..", "/verify/..x/y", "/verify/x?/../", "/verify/...",
    "/verify//x", "/verify/./x"])
def test_path_with_other_dots_is_none_of_these(server, key, path):
    server.keep_secret(key)
    answer, = server.exchange(request(path, f"Authorization: Bearer {key}"))
    assert answer.status_code == 204


@pytest.mark.parametrize("path", ["/verify/open", "/verify/either",
                                  "/verify/nothing"])
def test_place_that_needs_no_key_answers_yes_to_nobody(server, key, path):
    server.expect_log(UK_OPEN_PLACE)
    for presented in (None, key, make_key()):
        answer = server.get(path, presented)
        assert answer.status_code == 500
        assert answer.headers["Cache-Control"] == "no-store"
        assert identity(answer) == [None] * 4
    assert server.error_log.count(UK_OPEN_PLACE) == 3


def test_place_that_needs_no_key_cannot_fill_the_log(new_httpd):
    server = new_httpd(PLACES)
    server.expect_log(UK_OPEN_PLACE)
    for _ in range(50):
        assert server.get("/verify/open").status_code == 500
    levels = [line.level for line in server.error_log.lines()
              if UK_OPEN_PLACE in str(line)]
    assert len(levels) == 50
    # One for each of the children that there can be.
    assert 1 <= levels.count("error") <= 4


def test_user_with_a_password_is_no_key(server, key):
    server.keep_secret(key)
    answer = server.get("/verify/users", auth=("olga", "secret"))
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="users"'
    assert identity(answer) == [None] * 4
    assert_accepted(server.get("/verify/users", auth=("any", str(key))), key)


def test_preflight(server):
    headers = {"Origin": "https://a.example",
               "Access-Control-Request-Method": "GET"}
    answer = server.request("OPTIONS", "/verify/preflight", headers=headers)
    assert answer.status_code == 204
    # Empty, so that a gateway replaces what the client sent.
    assert identity(answer) == [""] * 4
    assert server.request("OPTIONS", "/verify",
                          headers=headers).status_code == 401


def test_use_is_recorded(server):
    key = server.database.import_key("monitors:read")
    assert server.get("/verify", key).status_code == 204
    eventually(lambda: server.database.last_used(key))
    eventually(lambda: f"status=204 \"GET /verify HTTP/1.1\" id={key.id}" in
               server.access_log())


@pytest.mark.parametrize("section", [
    '<Directory "${ROOT}/htdocs">', '<Files "x">', '<FilesMatch "x">',
    '<Location "/x">\n<If "true">', '<Proxy "*">', "htaccess"])
def test_sections_that_come_too_late(new_httpd, section):
    names = [name.strip('<').split()[0] for name in section.split("\n")]
    text = "\n".join([section, "SetHandler uptime-keys-verify",
                      *(f"</{name}>" for name in reversed(names))])
    if section == "htaccess":
        text = ('<Directory "${ROOT}/htdocs">\nAllowOverride FileInfo\n'
                "</Directory>")
    server = Httpd(text)
    try:
        if section != "htaccess":
            assert "is for a <Location>" in server.config_test().stderr
            return
        server.write("htdocs/.htaccess", "SetHandler uptime-keys-verify\n")
        server.database.init()
        server.start()
        assert server.get("/answer.txt").status_code == 500
    finally:
        server.stop()
        server.remove()


def test_add_handler_does_not_enable_it(new_httpd):
    server = new_httpd("AddHandler uptime-keys-verify .txt")
    assert server.get("/answer.txt").text == "answer\n"
