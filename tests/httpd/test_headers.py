# SPDX-License-Identifier: Apache-2.0
"""The headers that carry a key, and what backends and scripts see of them."""

import datetime
import json

import pytest
from harness import (
    AUTHZ_FAILED,
    assert_refused,
    environment,
    eventually,
    key_hash,
    make_key,
)
from harness.database import now_ms
from harness.raw import request

GUARD = """
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
"""

CONFIG = f"""
LogFormat "authorization=%{{Authorization}}i x-api-key=%{{X-API-Key}}i" sent
SetEnvIf Request_URI "^/t/logged$" LOGGED
CustomLog "${{ROOT}}/logs/credentials_log" sent env=LOGGED
UptimeKeysHeader X-API-Key
<LocationMatch "^/(t|removed|forwarded)/">{GUARD}</LocationMatch>
ProxyPass "/removed/backend/" "${{BACKEND}}/"
ProxyPass "/forwarded/backend/" "${{BACKEND}}/"
Alias "/removed/page.shtml" "${{ROOT}}/htdocs/page.shtml"
Alias "/forwarded/page.shtml" "${{ROOT}}/htdocs/page.shtml"
<LocationMatch "^/(removed|forwarded)/cgi">
    SetHandler cgi-script
    Options +ExecCGI
    CGIPassAuth On
</LocationMatch>
AliasMatch "^/(removed|forwarded)/cgi" "${{ROOT}}/cgi/environ.cgi"
<Location "/removed/cgi/optional">
    <RequireAny>
        Require method GET
        Require uptime-scope monitors:read
    </RequireAny>
</Location>
<Location "/forwarded/">
    UptimeKeysForwardKey On
</Location>
<Location "/removed/">
    ErrorDocument 400 /cgi/environ.cgi
    ErrorDocument 401 /cgi/environ.cgi
    ErrorDocument 403 /cgi/environ.cgi
</Location>
<Location "/forwarded/backend/">
    UptimeKeysPreflight Off
</Location>
<Location "/t/no-header">
    UptimeKeysHeader X-Other-Key
</Location>
"""


@pytest.fixture(scope="module")
def backend(new_backend):
    return new_backend()


@pytest.fixture(scope="module")
def server(new_httpd, backend):
    server = new_httpd(CONFIG, defines={"BACKEND": backend.url})
    server.write("htdocs/page.shtml",
                 '<!--#include virtual="/cgi/environ.cgi" -->')
    return server


@pytest.fixture(scope="module")
def key(server):
    return server.database.create_key("monitors:read")


@pytest.fixture(scope="module")
def lacking(server):
    return server.database.create_key("alerts:read")


def ask(server, path, *headers):
    (answer,) = server.exchange(request(path, *headers))
    return answer


def sent_by(way, key):
    return {"bearer": {"Authorization": f"Bearer {key}"},
            "header": {"X-API-Key": str(key)},
            "odd case": {"x-aPi-keY": str(key)},
            "both": {"Authorization": f"Bearer {key}",
                     "X-API-Key": str(key)}}[way]


@pytest.mark.mpm
@pytest.mark.parametrize("way", ["bearer", "header", "odd case", "both"])
def test_ways_to_send_a_key(server, key, way):
    headers = sent_by(way, key)
    assert server.get("/t/x", headers=headers).status_code == 200


@pytest.mark.parametrize("way", ["header", "both"])
def test_bad_key_in_the_extra_header(server, way):
    answer = server.get("/t/x", headers=sent_by(way, make_key()))
    assert_refused(answer, 401, "invalid_token")


@pytest.mark.parametrize("headers", [
    ["Authorization: Bearer {good}", "X-API-Key: {other}"],
    ["Authorization: Bearer {other}", "X-API-Key: {good}"],
    ["Authorization: Bearer {good}", "X-API-Key: junk"],
    ["Authorization: Basic dTpw", "Authorization: Bearer {good}",
     "X-API-Key: {good}"],
    ["X-API-Key: {good}", "X-API-Key: {other}"],
    ["X-API-Key: {good}, {other}"],
])
def test_credentials_that_disagree_are_a_bad_request(server, key, headers):
    other = server.database.import_key("monitors:read")
    lines = [line.format(good=key, other=other) for line in headers]
    assert_refused(ask(server, "/t/x", *lines), 400, "invalid_request")


def test_another_header_in_a_location(server, key):
    """A location's own header replaces the server's."""
    path = "/t/no-header"
    assert server.get(path, headers={"X-Other-Key": str(key)}
                      ).status_code == 200
    assert server.get(path, headers={"X-API-Key": str(key)}
                      ).status_code == 401


CREDENTIAL_VARIABLES = ("HTTP_AUTHORIZATION", "HTTP_X_API_KEY")


def environment_of(answer):
    return json.loads(answer.text)["environment"]


@pytest.mark.mpm
@pytest.mark.parametrize("way", ["bearer", "header", "both"])
@pytest.mark.parametrize("reader", ["cgi", "page.shtml"])
def test_key_is_removed_before_a_script_sees_it(server, key, way, reader):
    answer = server.get(f"/removed/{reader}", headers=sent_by(way, key))
    assert answer.status_code == 200
    assert environment_of(answer)["UPTIME_KEY_ID"] == key.id
    assert not set(CREDENTIAL_VARIABLES) & set(environment_of(answer))
    assert str(key) not in answer.text


@pytest.mark.parametrize("way", ["bearer", "header", "both"])
def test_key_is_removed_where_another_branch_needs_none(server, key, way):
    """The key was not checked, and still no script may see it."""
    answer = server.get("/removed/cgi/optional", headers=sent_by(way, key))
    assert "UPTIME_KEY_ID" not in environment_of(answer)
    assert not set(CREDENTIAL_VARIABLES) & set(environment_of(answer))
    assert str(key) not in answer.text


@pytest.mark.parametrize("reader", ["cgi", "page.shtml"])
def test_key_is_forwarded_to_a_script_on_request(server, key, reader):
    answer = server.get(f"/forwarded/{reader}", headers=sent_by("both", key))
    known = environment_of(answer)
    assert known["HTTP_AUTHORIZATION"] == f"Bearer {key}"
    assert known["HTTP_X_API_KEY"] == str(key)


@pytest.mark.mpm
@pytest.mark.parametrize("way", ["bearer", "header", "odd case", "both"])
def test_key_is_removed_before_a_backend_sees_it(server, key, way):
    answer = server.get("/removed/backend/", headers=sent_by(way, key))
    assert answer.status_code == 200
    assert str(key) not in answer.text
    names = {name.lower() for name, _ in answer.json()["headers"]}
    assert not names & {"authorization", "x-api-key"}


@pytest.mark.parametrize("way", ["bearer", "header", "both"])
def test_key_is_forwarded_to_a_backend_on_request(server, key, way):
    sent = sent_by(way, key)
    answer = server.get("/forwarded/backend/", headers=sent)
    seen = dict(answer.json()["headers"])
    assert {name: seen.get(name) for name in sent} == sent


def test_removed_key_is_in_no_log_that_asks_for_the_header(server, key):
    log = server.root / "logs" / "credentials_log"
    server.get("/t/logged", headers=sent_by("both", key))
    assert eventually(log.read_text) == "authorization=- x-api-key=-\n"


@pytest.mark.parametrize("kind,status", [
    ("unknown", 401), ("junk", 401), ("lacking", 403), ("two", 400)])
def test_error_document_script_sees_no_credential(
        server, key, lacking, kind, status):
    server.expect_log(AUTHZ_FAILED)
    other = make_key()
    lines = {"unknown": [f"Authorization: Bearer {other}"],
             "junk": [f"X-API-Key: {key}x"],
             "lacking": [f"Authorization: Bearer {lacking}",
                         f"X-API-Key: {lacking}"],
             "two": [f"Authorization: Bearer {key}", f"X-API-Key: {other}"],
             }[kind]
    answer = ask(server, "/removed/x", *lines)
    assert answer.status_code == status
    assert environment_of(answer)["REDIRECT_STATUS"] == str(status)
    assert not set(CREDENTIAL_VARIABLES) & set(environment_of(answer))
    for secret in (key, lacking, other):
        assert str(secret) not in answer.text


def test_a_key_sent_where_nobody_asks_for_one_is_in_no_log(server, key):
    """No log at any level contains it, not even where httpd logs the headers
    of requests; the harness checks this at trace8."""
    answer = server.get("/answer.txt", headers=sent_by("both", key))
    assert answer.status_code == 200


# The environment of an accepted request

@pytest.mark.mpm
def test_environment_of_a_request_that_was_let_in(server):
    key = server.database.create_key(
        "monitors:read", "alerts:read", name="Zoë's “deploy” key")
    known = environment_of(server.get("/removed/cgi", key))
    assert known["UPTIME_KEY_ID"] == key.id
    assert known["UPTIME_KEY_NAME"] == key.name
    assert known["UPTIME_KEY_PREFIX"] == key.prefix
    assert sorted(known["UPTIME_KEY_SCOPES"].split(" ")) == \
        ["alerts:read", "monitors:read"]
    assert known["UPTIME_TEAM"] == "acme"
    assert "UPTIME_KEY_EXPIRES" not in known
    assert known["REMOTE_USER"] == key.id
    assert known["AUTH_TYPE"] == "uptime-key"


def test_expiry_in_the_environment(server):
    expires = now_ms() // 1000 * 1000 + 86_400_000
    key = server.database.import_key("monitors:read", expiresAt=expires)
    known = environment_of(server.get("/removed/cgi", key))
    said = datetime.datetime.fromisoformat(known["UPTIME_KEY_EXPIRES"])
    assert known["UPTIME_KEY_EXPIRES"][10] == "T"
    assert said.timestamp() * 1000 == expires


def test_access_log_knows_the_key_by_its_id(server, key):
    server.get("/t/for-the-log", key)
    line = eventually(lambda: next(
        (line for line in server.access_log().splitlines()
         if "/t/for-the-log" in line), None))
    for known in (f"user={key.id} ", f"id={key.id} ",
                  f"prefix={key.prefix} ", f'name="{key.name}"',
                  "team=acme ", 'scopes="monitors:read"', "expires=-"):
        assert known in line


def test_client_cannot_set_the_environment(server, key):
    answer = ask(server, "/cgi/environ.cgi", "UPTIME_TEAM: forged",
                 "Uptime-Key-Id: forged")
    known = environment_of(answer)
    assert "UPTIME_TEAM" not in known and "UPTIME_KEY_ID" not in known


@pytest.mark.parametrize("name", ["", "x" * 256, "a\nb", "a\tb", "a\x7fb"])
def test_tool_refuses_names_that_could_break_a_header(server, name):
    done = server.database.tool("key", "create", "acme", "--name", name,
                                "--scope", "monitors:read", check=False)
    assert done.returncode in (1, 2)
    assert done.stdout == ""


@pytest.mark.parametrize("name", ["a\r\nX-Evil: 1", "a\nX-Evil: 1", "a\0b"])
def test_import_refuses_names_that_could_break_a_header(server, name):
    text = make_key()
    row = {"team": "acme", "name": name, "scopes": ["monitors:read"],
           "keyHash": key_hash(text), "keyPrefix": text[:15]}
    server.database.import_rows(row, check=False)
    assert server.get("/t/x", text).status_code == 401


def test_server_status_shows_no_key(new_httpd):
    server = new_httpd("""
        LoadModule status_module ${MODULES}/mod_status.so
        ExtendedStatus On
        <Location "/server-status">
            SetHandler server-status
        </Location>
        <Location "/t/x">""" + GUARD + "</Location>")
    key = server.database.create_key("monitors:read")
    server.get("/t/x", key)
    assert key.text[15:] not in server.get("/server-status").text
    assert environment.MPM in server.get("/server-status").text
