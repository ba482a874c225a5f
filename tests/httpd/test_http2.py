# SPDX-License-Identifier: Apache-2.0
"""HTTP/2 behaves like HTTP/1.1."""

import json
import subprocess

import pytest
from harness import AUTHZ_FAILED, MPM, environment, make_key

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


def ask(server, *options):
    """Send one request; returns status, headers and body."""
    done = subprocess.run(
        ["curl", "-sS", "--http2-prior-knowledge", "--max-time", "30",
         "-w", "\\n%{http_version} %{http_code} %{header_json}", *options,
         f"http://127.0.0.1:{server.port}/t/x"],
        capture_output=True, text=True, check=True)
    body, _, about = done.stdout.partition("\n2 ")
    status, _, headers = about.partition(" ")
    return int(status), json.loads(headers), body


def bearer(key):
    return "-H", f"Authorization: Bearer {key}"


def test_good_key(server):
    key = server.database.create_key("monitors:read")
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
