# SPDX-License-Identifier: Apache-2.0
"""HTTP/2 behaves like HTTP/1.1."""

import json
import subprocess

import pytest
from harness import AUTHZ_FAILED, MPM, environment, eventually, make_key

CONFIG = """
LoadModule http2_module ${MODULES}/mod_http2.so
# At trace2 mod_http2 logs every header before there is a request: no module
# can keep a key from it.
LogLevel trace8 http2:info
Protocols h2c http/1.1
<Location "/t/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Location>
UptimeKeysHeader X-API-Key
UptimeKeysIdentityHeaders X-Uptime
SetEnvIf Request_URI "^/script/logged$" LOGGED
LogFormat "%{UPTIME_KEY_ID}e|%{Authorization}i|%{X-API-Key}i" seen
CustomLog "${ROOT}/logs/seen_log" seen env=LOGGED
ScriptAliasMatch "^/script/" "${ROOT}/cgi/environ.cgi"
<Location "/script/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
    ErrorDocument 401 /cgi/environ.cgi
</Location>
<Location "/script/forwarded/">
    UptimeKeysForwardKey On
</Location>
<Location "/script/basic/">
    AuthType Basic
    AuthBasicProvider uptime-key
</Location>
"""


def http2_is_here():
    module = environment.libexecdir() / "mod_http2.so"
    curl = subprocess.run(["curl", "--version"], capture_output=True,
                          text=True, check=False)
    return module.exists() and "HTTP2" in curl.stdout


pytestmark = [
    pytest.mark.skipif(MPM == "prefork",
                       reason="mod_http2 does not work with prefork"),
    pytest.mark.skipif(not http2_is_here(),
                       reason="needs mod_http2 and a curl that knows it"),
]


@pytest.fixture(scope="module")
def server(new_httpd):
    return new_httpd(CONFIG)


@pytest.fixture(scope="module")
def key(server):
    return server.database.create_key("monitors:read")


def ask(server, *options, how="--http2-prior-knowledge", path="/t/x"):
    """Send one request; returns status, headers and body."""
    done = subprocess.run(
        ["curl", "-sS", how, "--max-time", "30",
         "-w", "\\n%{http_version} %{http_code} %{header_json}", *options,
         f"http://127.0.0.1:{server.port}{path}"],
        capture_output=True, text=True, check=True)
    body, _, about = done.stdout.partition("\n2 ")
    assert about, f"not answered by HTTP/2: {done.stdout}"
    status, _, headers = about.partition(" ")
    return int(status), json.loads(headers), body


def bearer(key):
    return "-H", f"Authorization: Bearer {key}"


def test_good_key(server, key):
    status, _, body = ask(server, *bearer(key))
    assert (status, body) == (200, "answer\n")


@pytest.mark.parametrize("kind,status,error", [
    ("none", 401, None), ("unknown", 401, "invalid_token"),
    ("lacking", 403, "insufficient_scope"), ("two", 400, "invalid_request")])
def test_refusals_are_those_of_http_1(server, kind, status, error):
    server.expect_log(AUTHZ_FAILED)
    options = {
        "none": (), "unknown": bearer(make_key()),
        "lacking": bearer(server.database.import_key("alerts:read")),
        "two": bearer("a") + bearer("b")}[kind]
    got, headers, body = ask(server, *options)
    assert got == status
    (challenge,) = headers["www-authenticate"]
    assert challenge.startswith('Bearer realm="Uptime"')
    assert (f'error="{error}"' in challenge) == (error is not None)
    assert headers["cache-control"] == ["no-store"]
    assert json.loads(body)["status"] == status


def test_head(server):
    status, headers, body = ask(server, "--head", "-o", "/dev/null")
    assert status == 401
    assert headers["content-type"][0].startswith("application/problem+json")
    assert body == ""


# Upgrade: h2c.  mod_http2 runs the request that was upgraded once more.

def upgrade(server, *options, path="/script/"):
    """Returns status and body of a request that was upgraded."""
    status, _, body = ask(server, *options, how="--http2", path=path)
    return status, json.loads(body)


def sent_as(way, key):
    return {"bearer": bearer(key),
            "header": ("-H", f"X-API-Key: {key}"),
            "both": bearer(key) + ("-H", f"X-API-Key: {key}"),
            "basic": ("-u", f"x:{key}")}[way]


@pytest.mark.mpm
@pytest.mark.parametrize("way", ["bearer", "header", "both", "basic"])
def test_upgrade_of_a_request_with_a_good_key(server, key, way):
    path = "/script/basic/" if way == "basic" else "/script/"
    status, answer = upgrade(server, *sent_as(way, key), path=path)
    assert status == 200
    known = answer["environment"]
    assert known["SERVER_PROTOCOL"] == "HTTP/2.0"
    assert known["UPTIME_KEY_ID"] == known["REMOTE_USER"] == key.id
    assert known["HTTP_X_UPTIME_KEY_ID"] == key.id
    assert "HTTP_AUTHORIZATION" not in known
    assert "HTTP_X_API_KEY" not in known
    assert str(key) not in json.dumps(answer)


def test_upgrade_where_the_key_is_forwarded(server, key):
    status, answer = upgrade(server, *bearer(key), path="/script/forwarded/")
    assert status == 200
    assert answer["environment"]["HTTP_AUTHORIZATION"] == f"Bearer {key}"


def test_upgraded_request_is_logged_without_its_key(server, key):
    """Twice: as the upgrade, and as the request of HTTP/2."""
    log = server.root / "logs" / "seen_log"
    status, _ = upgrade(server, *sent_as("both", key), path="/script/logged")
    assert status == 200
    eventually(lambda: log.read_text() == 2 * f"{key.id}|-|-\n")


@pytest.mark.parametrize("kind,status", [("none", 401), ("unknown", 401),
                                         ("lacking", 403)])
def test_upgrade_lets_no_bad_key_in(server, kind, status):
    """httpd refuses it before it upgrades: the answer is one of HTTP/1.1."""
    server.expect_log(AUTHZ_FAILED)
    options = {"none": (), "unknown": bearer(make_key()),
               "lacking": bearer(server.database.import_key("alerts:read")),
               }[kind]
    done = subprocess.run(
        ["curl", "-sS", "--http2", "--max-time", "30", *options,
         "-w", "\n%{http_version} %{http_code}",
         f"http://127.0.0.1:{server.port}/t/x"],
        capture_output=True, text=True, check=True)
    document, _, about = done.stdout.rpartition("\n")
    assert about == f"1.1 {status}"
    assert json.loads(document)["status"] == status


def test_error_document_is_not_upgraded_to_a_success(server):
    done = subprocess.run(
        ["curl", "-sS", "--http2", "--max-time", "30", *bearer(make_key()),
         "-w", "\n%{http_version} %{http_code}",
         f"http://127.0.0.1:{server.port}/script/"],
        capture_output=True, text=True, check=True)
    document, _, about = done.stdout.rpartition("\n")
    assert about == "1.1 401"
    assert json.loads(document)["environment"]["REDIRECT_STATUS"] == "401"


def test_offer_that_httpd_declines_shows_no_key(server, key):
    """With a body there is no upgrade, and the script gets the request."""
    answer = server.request(
        "POST", "/script/", key, data=b"body", headers={
            "Upgrade": "h2c", "Connection": "Upgrade, HTTP2-Settings",
            "HTTP2-Settings": "AAMAAABkAAQAoAAAAAIAAAAA"})
    assert answer.status_code == 200
    assert answer.json()["body"] == "body"
    assert str(key) not in answer.text
