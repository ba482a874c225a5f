# SPDX-License-Identifier: Apache-2.0
"""nginx, HAProxy and Caddy, each with its sample, ask httpd with verify.conf."""

import json
import socket
import ssl
import subprocess

import pytest
import requests
from gateways import KINDS, verify_conf
from harness import (
    UK_ANY,
    assert_refused,
    assert_unavailable,
    environment,
    make_key,
    servers,
)
from harness.answers import PROBLEM_BASE, challenge

# 429 stands for a limit of rate: X-API-Key is what the samples pass on.
HTTPD = """
LoadModule remoteip_module ${MODULES}/mod_remoteip.so
UptimeKeysHeader X-API-Key
UptimeKeysCache On
LogFormat "%k" connections
CustomLog logs/connections_log connections
"""
LIMITED = """
LogLevel rewrite:info
RewriteEngine On
RewriteCond %{HTTP:X-API-Key} =limited
RewriteRule ^ - [R=429]
Header always set Retry-After 7 "expr=%{REQUEST_STATUS} == 429"
</VirtualHost>"""
IDENTITY = ("x-uptime-key-id", "x-uptime-key-name", "x-uptime-team",
            "x-uptime-scopes")
FORGED = {name: "forged" for name in (
    "X-Uptime-Key-Id", "X-Uptime-Team", "X-UPTIME-SCOPES", "x-uptime-key-name",
    "X_Uptime_Key_Id", "x_uptime_team", "X-Uptime_Key_Id", "X_UPTIME-Scopes",
    "X-Uptime-Key-Extra", "X-Real-IP", "X-Forwarded-For", "Forwarded")}


class Site:
    """A gateway, the httpd that it asks, and the application behind it."""

    def __init__(self, kind, httpd, verify, application, **options):
        self.httpd = httpd
        self.application = application
        self.gateway = kind(verify, application.url, **options)

    def request(self, method, path, key=None, headers=None, **options):
        headers = dict(headers or {})
        if key:
            self.httpd.keep_secret(key)
            headers["Authorization"] = f"Bearer {key}"
        with requests.Session() as session:
            session.trust_env = False
            return session.request(
                method, f"https://127.0.0.1:{self.gateway.port}{path}",
                headers=headers, verify=self.gateway.certificate,
                timeout=30, **options)

    def get(self, path="/api/x", key=None, **options):
        return self.request("GET", path, key, **options)

    def seen(self):
        """The headers of the last request, as the application takes them."""
        pairs = self.application.requests[-1][1]
        return {name.lower().replace("_", "-"): value for name, value in pairs}

    def curl(self, key, *options):
        """The JSON of the application, and HTTP's version and status."""
        self.httpd.keep_secret(key)
        done = subprocess.run(
            ["curl", "-sS", "--cacert", self.gateway.certificate,
             "-w", "\n%{http_version} %{http_code}",
             "-H", f"Authorization: Bearer {key}", *options,
             f"https://127.0.0.1:{self.gateway.port}/api/x"],
            capture_output=True, text=True, timeout=30, check=True,
            env=environment.process_environment())
        body, _, end = done.stdout.rpartition("\n")
        return json.loads(body), end

    def exchange(self, *lines):
        """The status of a request that is written by hand."""
        context = ssl.create_default_context(
            cafile=self.gateway.certificate)
        with socket.create_connection(("127.0.0.1", self.gateway.port), 30) \
                as plain, context.wrap_socket(
                    plain, server_hostname="127.0.0.1") as peer:
            peer.sendall("\r\n".join(
                [*lines, "Host: 127.0.0.1", "Connection: close", "", ""]
            ).encode("latin-1"))
            return int(peer.makefile("rb").readline().split()[1])


@pytest.fixture(scope="module")
def verify(new_httpd):
    port = servers.free_port()
    config = HTTPD + verify_conf(port).replace("</VirtualHost>", LIMITED)
    return new_httpd(config), port


@pytest.fixture(scope="module")
def application(new_backend):
    return new_backend()


@pytest.fixture(scope="module", params=KINDS)
def site(request, verify, application):
    site = Site(KINDS[request.param], *verify, application)
    site.gateway.start()
    yield site
    site.gateway.remove()


@pytest.fixture(scope="module")
def reader(verify):
    return verify[0].database.create_key("monitors:read", name="Büro №7")


@pytest.fixture(scope="module")
def writer(verify):
    return verify[0].database.create_key("monitors:write")


def assert_refused_with(answer, status, name, error=None):
    """The gateway's document has less, nginx' no detail and no instance."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    problem = answer.json()
    assert (problem["type"], problem["status"]) == (PROBLEM_BASE + name, status)
    if error is not None:
        assert challenge(answer)["realm"] == "api"
        assert challenge(answer).get("error") == (error or None)


def test_good_key_gets_to_the_application_with_its_identity(site, reader):
    answer = site.get("/api/x?q=1", reader)
    assert answer.status_code == 200, answer.text
    assert site.application.requests[-1][0] == "/api/x?q=1"
    seen = site.seen()
    assert [seen[name] for name in IDENTITY] == [
        reader.id, reader.name.encode().decode("latin-1"), "acme",
        "monitors:read"]
    assert "authorization" not in seen


def test_key_in_another_header(site, reader):
    site.httpd.keep_secret(reader)
    answer = site.get(headers={"X-API-Key": str(reader)})
    assert answer.status_code == 200
    assert site.seen()["x-uptime-key-id"] == reader.id
    assert "x-api-key" not in site.seen()


def test_no_key_and_a_bad_key(site):
    before = len(site.application.requests)
    assert_refused_with(site.get(), 401, "unauthorized", "")
    assert_refused_with(site.get(key=make_key()), 401, "unauthorized",
                        "invalid_token")
    assert len(site.application.requests) == before


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE",
                                    "PROPFIND"])
def test_what_only_reads_may_not_write(site, reader, method):
    before = len(site.application.requests)
    answer = site.request(method, "/api/x", reader)
    # HAProxy and others answer some methods by themselves.
    if method in ("TRACE", "PROPFIND") and answer.status_code in (405, 501):
        return
    assert_refused_with(answer, 403, "forbidden", "insufficient_scope")
    assert challenge(answer)["scope"] == "monitors:write"
    assert len(site.application.requests) == before


def test_what_writes_gets_its_body_through(site, writer):
    answer = site.request("POST", "/api/x", writer, data=b"x" * 100_000)
    assert answer.status_code == 200, answer.text
    assert site.seen()["content-length"] == "100000"
    assert_refused_with(site.get(key=writer), 403, "forbidden",
                        "insufficient_scope")


def test_forged_identity_is_replaced(site, reader):
    assert site.get(key=reader, headers=FORGED).status_code == 200
    forged = {name for name, value in site.seen().items()
              if value == "forged" and name.startswith("x-uptime-")}
    assert forged <= {"x-uptime-key-extra"}
    assert site.seen()["x-uptime-key-id"] == reader.id
    all_of = [name.lower() for name, value in
              site.application.requests[-1][1] if name.lower().replace(
                  "_", "-") in IDENTITY]
    assert sorted(all_of) == sorted(IDENTITY)


def test_identity_cannot_be_removed(site, reader):
    """Some servers remove what the client's Connection names (RFC 9110, section
    7.6.1), at whatever moment."""
    site.httpd.keep_secret(reader)
    status = site.exchange("GET /api/x HTTP/1.1",
                           f"Authorization: Bearer {reader}",
                           "Connection: x-uptime-key-id , X-Uptime-Team",
                           "Connection: X-UPTIME-SCOPES,X-Uptime-Key-Name")
    assert status == 200
    assert [site.seen().get(name) for name in IDENTITY] == [
        reader.id, reader.name.encode().decode("latin-1"), "acme",
        "monitors:read"]


@pytest.mark.parametrize("protocol", ["h2c", "other, H2C"])
def test_upgrade_to_http_2_does_not_get_through(site, reader, protocol):
    """Whatever came after it on this connection would be asked by nobody."""
    site.httpd.keep_secret(reader)
    status = site.exchange("GET /api/x HTTP/1.1",
                           f"Authorization: Bearer {reader}",
                           "Connection: Upgrade, HTTP2-Settings",
                           f"Upgrade: {protocol}",
                           "HTTP2-Settings: AAMAAABkAAQAAP__")
    assert status == 200
    assert "h2c" not in site.seen().get("upgrade", "").lower()


def test_forged_identity_where_no_key_is_needed(site):
    answer = site.get("/health", headers=FORGED)
    assert answer.status_code == 200
    if site.gateway.name != "caddy":    # it answers by itself
        assert not set(site.seen()) & set(IDENTITY)


@pytest.mark.parametrize("address, status", [
    ("127.0.0.2", "200"), ("127.0.0.1", "403"), ("192.0.2.1", "403")])
def test_address_of_the_client_counts(site, address, status):
    """Neither the gateway's nor one that the client names."""
    key = site.httpd.database.import_key("monitors:read", addresses=[address])
    _, end = site.curl(key, "--interface", "127.0.0.2",
                       "-H", "X-Real-IP: 192.0.2.1",
                       "-H", "Connection: X-Real-IP",
                       "-H", "X-Forwarded-For: 192.0.2.1")
    assert end.split()[1] == status


def test_deleted_key_is_refused_at_once(site):
    key = site.httpd.database.import_key("monitors:read")
    for _ in range(3):
        assert site.get(key=key).status_code == 200
    site.httpd.database.delete_key(key)
    assert_refused_with(site.get(key=key), 401, "unauthorized",
                        "invalid_token")


def test_limit_of_rate(site):
    answer = site.get(headers={"X-API-Key": "limited"})
    assert answer.status_code == 429, answer.text
    assert answer.headers["Retry-After"] == "7"
    assert "WWW-Authenticate" not in answer.headers


def test_two_credentials(site, reader):
    before = len(site.application.requests)
    site.httpd.keep_secret(reader)
    status = site.exchange("GET /api/x HTTP/1.1",
                           f"Authorization: Bearer {reader}",
                           f"Authorization: Bearer {make_key()}")
    assert status == 400
    assert len(site.application.requests) == before


def test_database_is_unavailable(site):
    key = site.httpd.database.import_key("monitors:read")
    site.httpd.expect_log(UK_ANY)
    before = len(site.application.requests)
    with site.httpd.database.unavailable():
        answer = site.get(key=key)
        assert_refused_with(answer, 503, "unavailable")
        assert int(answer.headers["Retry-After"]) > 0
        assert "WWW-Authenticate" not in answer.headers
    assert len(site.application.requests) == before
    assert site.get(key=key).status_code == 200


def hurried(text):
    """A sample that waits for httpd for a second or so."""
    return text.replace("10s", "1s").replace("= 3000", "= 300")


@pytest.mark.parametrize("listens", [False, True])
def test_httpd_does_not_answer(site, reader, listens):
    """Nobody gets in, and nobody is told that the key is bad."""
    before = len(site.application.requests)
    with socket.socket() as silent:
        # Bound in any case, so that nobody else gets the port.
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        if listens:
            silent.listen()
        alone = Site(type(site.gateway), site.httpd, port, site.application,
                     change=hurried)
        alone.gateway.start()
        try:
            answer = alone.get(key=reader)
            if site.gateway.name == "caddy":
                assert answer.status_code in (502, 504)
            else:
                assert answer.status_code == 503
                assert answer.headers["Retry-After"] == "1"
        finally:
            alone.gateway.remove()
    assert len(site.application.requests) == before


def test_the_place_cannot_be_asked_from_outside(site, reader):
    for path in ("/uptime-keys", "/verify/read"):
        answer = site.get(path, reader)
        assert answer.status_code in (200, 404)
        assert "X-Uptime-Key-Id" not in answer.headers


def test_path_of_the_client_chooses_no_place(site, reader):
    for path in ("/api/..%2f..%2fread", "/verify/read/../write", "//read"):
        status = site.exchange(f"POST {path} HTTP/1.1", "Content-Length: 0",
                               f"Authorization: Bearer {reader}")
        assert status in (400, 403), path


@pytest.mark.parametrize("path", [
    "/api/x/%2e%2e/%2e%2e/health", "/api/../health", "//health", "/health/",
    "/api%2f..%2fhealth", "/health%2f..%2fapi", "/health/%2e", "/health;/api"])
def test_path_that_resembles_an_open_one_is_none(site, path):
    """Or the application sees it as the gateway does: it may read it in another
    way, and find what needs a key."""
    before = len(site.application.requests)
    status = site.exchange(f"GET {path} HTTP/1.1")
    seen = {path for path, _ in site.application.requests[before:]}
    assert status in (200, 400, 401, 404)
    assert seen <= {"/health"}


def test_http_2(site, reader):
    told, end = site.curl(reader, "--http2", "-H", "X-Uptime-Key-Id: forged")
    assert end == "2 200"
    assert reader.id in [value for name, value in told["headers"]
                         if name.lower() == "x-uptime-key-id"]


def test_connections_to_httpd_are_kept(site, reader):
    log = site.httpd.root / "logs" / "connections_log"
    before = len(log.read_text().splitlines()) if log.exists() else 0
    for _ in range(20):
        assert site.get(key=reader).status_code == 200
    numbers = log.read_text().splitlines()[before:]
    # Of requests on their connections, from 0.
    assert len(numbers) >= 19 and numbers.count("0") <= 1, numbers
