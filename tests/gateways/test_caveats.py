# SPDX-License-Identifier: Apache-2.0
"""What docs/GATEWAYS.md warns of: a sample, with one thing changed."""

import contextlib
import subprocess

import pytest
import requests
from gateways import Caddy, Haproxy, Nginx, verify_conf
from harness import environment, servers

FORGED = {"X-Uptime-Key-Id": "forged"}
ALIAS = {"X_Uptime_Key_Id": "forged"}


@pytest.fixture(scope="module")
def verify(new_httpd):
    port = servers.free_port()
    return new_httpd(verify_conf(port)), port


@pytest.fixture(scope="module")
def key(verify):
    return verify[0].database.create_key("monitors:read", "monitors:write")


@pytest.fixture(scope="module")
def application(new_backend):
    return new_backend()


@pytest.fixture
def changed(verify, application):
    """changed(KIND, OLD, NEW, …): a gateway with these texts replaced; its
    ask() returns the answer, its seen() the names and values of the last
    request."""
    def start(kind, *replacements):
        def change(text):
            for old, new in replacements:
                if old in text:
                    text = text.replace(old, new)
                    used.add(old)
            return text

        used = set()
        gateway = kind(verify[1], application.url, change)
        stack.callback(gateway.remove)
        gateway.start()
        assert used == {old for old, _ in replacements}
        return Changed(gateway, verify[0], application)

    with contextlib.ExitStack() as stack:
        yield start


class Changed:
    def __init__(self, gateway, httpd, application):
        self.gateway, self.httpd = gateway, httpd
        self.application = application

    def ask(self, key=None, path="/api/x", method="GET", **headers):
        headers = {name.replace("__", "-"): value
                   for name, value in headers.items()}
        if key:
            self.httpd.keep_secret(key)
            headers["Authorization"] = f"Bearer {key}"
        with requests.Session() as session:
            session.trust_env = False
            return session.request(
                method, f"https://127.0.0.1:{self.gateway.port}{path}",
                headers=headers, verify=self.gateway.certificate, timeout=30)

    def raw(self, path, *options):
        """The status of a path that is sent as it is."""
        done = subprocess.run(
            ["curl", "-sS", "--path-as-is",
             "--cacert", self.gateway.certificate, "-o", "/dev/null",
             "-w", "%{http_code}", *options,
             f"https://127.0.0.1:{self.gateway.port}{path}"],
            capture_output=True, text=True, timeout=30, check=True,
            env=environment.process_environment())
        return done.stdout

    def seen(self, name):
        return [value for header, value in self.application.requests[-1][1]
                if header == name]


def test_nginx_location_with_a_header_of_its_own(changed, key):
    """It inherits no other proxy_set_header."""
    site = changed(Nginx, ("    location / {\n", "    location / {\n"
                           "        proxy_set_header X-Any thing;\n"))
    assert site.ask(key, **{"X-Uptime-Key-Id": "forged"}).status_code == 200
    assert site.seen("X-Uptime-Key-Id") == ["forged"]
    assert site.seen("Authorization")


def test_nginx_answers_return_before_it_asks(changed):
    site = changed(Nginx, ("    location / {\n", "    location / {\n"
                           "        return 200 secret;\n"))
    answer = site.ask()
    assert (answer.status_code, answer.text) == (200, "secret")


def test_nginx_that_is_told_to_take_underscores(changed, key):
    site = changed(Nginx, ("    server_name", "    underscores_in_headers on;\n"
                           "    server_name"))
    assert site.ask(key, X_Uptime_Key_Id="forged").status_code == 200
    assert site.seen("X_Uptime_Key_Id") == ["forged"]


def test_nginx_makes_500_of_what_it_does_not_know(changed, verify, key):
    site = changed(Nginx, ("    error_page", "    # error_page"))
    verify[0].expect_log(r"UK\d{4}")
    with verify[0].database.unavailable():
        assert site.ask(key).status_code == 500
    assert site.ask().status_code == 401


def test_nginx_keeps_its_own_refusals(changed, key):
    site = changed(Nginx, ("    location / {\n", "    location = /api/denied {\n"
                           "        deny all;\n    }\n    location / {\n"))
    assert site.ask(key, "/api/denied").status_code == 403
    assert site.ask(key).status_code == 200


def test_nginx_sends_the_challenge_of_a_401_by_itself(changed):
    site = changed(Nginx, ("    ~401$ ", "    never "))
    assert site.ask().headers["WWW-Authenticate"].count("Bearer") == 2


def test_caddy_puts_directives_in_its_own_order(changed, key):
    """Headers are removed after they are set, without route."""
    site = changed(Caddy, ("\troute {", "\thandle {"))
    assert site.ask(key).status_code == 200
    assert site.seen("X-Uptime-Key-Id") == []


def test_caddy_without_the_removal(changed, key):
    site = changed(Caddy, ("request_header -X-Uptime*", "# -X-Uptime*"),
                   ("request_header -X_Uptime*", "# -X_Uptime*"))
    assert site.ask(key, **FORGED, **ALIAS).status_code == 200
    assert site.seen("X-Uptime-Key-Id") == [key.id]
    assert [value for name, value in site.application.requests[-1][1]
            if name.lower() == "x_uptime_key_id"] == ["forged"]


def test_haproxy_goes_on_if_lua_fails(changed):
    """The sample's next line is what refuses."""
    fail = ("local answer = ask(txn, place)", "error('fails')")
    assert changed(Haproxy, fail).ask().status_code == 503
    site = changed(Haproxy, fail, ("http-request deny", "# http-request deny"))
    assert site.ask().status_code == 200


def test_path_of_the_client_behind_that_of_a_place(changed, verify):
    """The client would choose the place."""
    site = changed(Haproxy, ("url = VERIFY .. place",
                             "url = VERIFY .. place .. txn.sf:path()"))
    reader = verify[0].database.create_key("monitors:read")
    verify[0].keep_secret(reader)
    for path, status in (("/x", "403"), ("/../read", "400"),
                         ("/%2e%2e/read/x", "400")):
        assert site.raw(path, "-X", "POST", "-H",
                        f"Authorization: Bearer {reader}") == status, path
