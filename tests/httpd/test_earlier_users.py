# SPDX-License-Identifier: Apache-2.0
"""A user name that is set before authentication, like that of a client
certificate, keeps nobody from being authenticated by a key."""

import subprocess

import pytest
import requests
from harness import (
    AUTHZ_DENIED,
    AUTHZ_FAILED,
    Httpd,
    assert_refused,
    environment,
    make_key,
)
from harness.servers import free_port

CONFIG = """
LoadModule ssl_module "${MODULES}/mod_ssl.so"
Listen 127.0.0.1:${TLS}
SSLCertificateFile "${ROOT}/conf/server.pem"
SSLCertificateKeyFile "${ROOT}/conf/server.key"
SSLCACertificateFile "${ROOT}/conf/olga.pem"
SSLVerifyClient optional
SSLUserName SSL_CLIENT_S_DN_CN
SSLSessionCache none
# Whoever connects has a name, with or without a certificate.
<Location "/named/">
    SSLUserName SSL_PROTOCOL
</Location>
<VirtualHost 127.0.0.1:${TLS}>
    SSLEngine On
</VirtualHost>
# The other port has no TLS, so that a name is missing there.
LogLevel trace8 ssl:error

UptimeKeysHeader X-API-Key
ScriptAlias "/fake-basic" "${ROOT}/cgi/environ.cgi"
ScriptAliasMatch \\
    "^/(named/)?(scope|valid|user|open|either|basic|chained|among|fake)$" \\
    "${ROOT}/cgi/environ.cgi"
<LocationMatch "/(scope|valid|user|open|either|basic|chained|among|fake)$">
    AuthType uptime-key
    AuthName "Uptime"
</LocationMatch>
<LocationMatch "/(scope|basic|chained|fake)$">
    Require uptime-scope monitors:read
</LocationMatch>
<LocationMatch "/(valid|among)$">
    Require valid-user
</LocationMatch>
<LocationMatch "/user$">
    Require user olga
</LocationMatch>
<LocationMatch "/open$">
    Require all granted
</LocationMatch>
<LocationMatch "/either$">
    Require user olga
    Require uptime-scope monitors:read
</LocationMatch>
<LocationMatch "/(basic|chained|among)$">
    AuthType Basic
    AuthBasicProvider uptime-key
</LocationMatch>
<LocationMatch "/(chained|among)$">
    AuthBasicProvider file uptime-key
    AuthUserFile "${ROOT}/conf/users"
</LocationMatch>
# mod_ssl replaces Authorization by the name in the certificate.
<LocationMatch "/fake(-basic)?$">
    SSLOptions +FakeBasicAuth
</LocationMatch>
<Location "/fake-basic">
    AuthType Basic
    AuthName "Uptime"
    AuthBasicProvider uptime-key
    Require uptime-scope monitors:read
</Location>
<Location "/rewritten">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Location>
<Directory "${ROOT}/htdocs/rewritten">
    RewriteEngine On
    RewriteRule "^x$" "/named/open" [PT]
</Directory>
"""


class TlsHttpd(Httpd):
    """Requests go to the port with TLS; olga has a certificate."""

    def __init__(self, config="", **options):
        self.tls = free_port()
        super().__init__(config, defines={"TLS": self.tls}, **options)
        self.certify("server", "127.0.0.1")
        self.certify("olga", "olga")

    def certify(self, name, common_name):
        folder = self.root / "conf"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", f"/CN={common_name}",
             "-addext", "subjectAltName=IP:127.0.0.1",
             "-keyout", folder / f"{name}.key", "-out",
             folder / f"{name}.pem"], check=True, capture_output=True)
        for suffix in ("key", "pem"):
            environment.give_to_ordinary_user(folder / f"{name}.{suffix}")

    def ask(self, path, key=None, olga=False, **options):
        folder = self.root / "conf"
        headers = {}
        if key is not None:
            self.keep_secret(key)
            headers["Authorization"] = f"Bearer {key}"
        with requests.Session() as session:
            session.trust_env = False
            return session.get(
                f"https://127.0.0.1:{self.tls}{path}",
                headers=options.pop("headers", headers), timeout=60,
                verify=str(folder / "server.pem"),
                cert=(str(folder / "olga.pem"), str(folder / "olga.key"))
                if olga else None, **options)


@pytest.fixture(scope="module")
def server(new_httpd):
    server = new_httpd(CONFIG, kind=TlsHttpd)
    server.write("conf/users", "root:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n")
    server.write("htdocs/rewritten/x", "")
    return server


@pytest.fixture(scope="module")
def key(server):
    return server.database.create_key("monitors:read")


@pytest.fixture(params=[("", True), ("/named", False)],
                ids=["by a certificate", "always"])
def named(request, server):
    """ask(PATH, …) with a name that mod_ssl sets."""
    prefix, olga = request.param

    def ask(path, *arguments, **options):
        return server.ask(prefix + path, *arguments, olga=olga, **options)

    return ask


def user_of(answer):
    assert answer.status_code == 200, answer.text
    known = answer.json()["environment"]
    return known.get("REMOTE_USER"), known.get("AUTH_TYPE"), known.get(
        "UPTIME_KEY_ID")


@pytest.mark.mpm
@pytest.mark.parametrize("path", ["/scope", "/valid", "/either"])
def test_key_takes_the_place_of_the_name(named, key, path):
    assert user_of(named(path, key)) == (key.id, "uptime-key", key.id)


@pytest.mark.parametrize("path", ["/basic", "/chained", "/among"])
def test_key_by_basic_takes_the_place_of_the_name(named, server, key, path):
    server.keep_secret(key)
    answer = named(path, auth=("x", str(key)))
    assert user_of(answer) == (key.id, "uptime-key", key.id)


@pytest.mark.mpm
@pytest.mark.parametrize("path", ["/scope", "/valid", "/either"])
def test_bad_key_is_refused_whatever_the_name(named, path):
    assert_refused(named(path, make_key()), 401, "invalid_token")


def test_name_alone_is_no_key(named):
    assert_refused(named("/scope"), 401)
    assert named("/basic").headers["WWW-Authenticate"] == \
        'Basic realm="Uptime"'


def test_key_without_the_scope_is_forbidden(named, server):
    server.expect_log(AUTHZ_FAILED)
    lacking = server.database.import_key("alerts:read")
    assert_refused(named("/scope", lacking), 403, "insufficient_scope")


def test_name_is_a_user_where_no_key_is_presented(server):
    """As without this module."""
    assert user_of(server.ask("/valid", olga=True))[0] == "olga"
    assert user_of(server.ask("/user", olga=True))[0] == "olga"
    assert user_of(server.ask("/either", olga=True))[0] == "olga"
    assert user_of(server.ask("/open", olga=True))[0] == "olga"


def test_name_stays_where_no_key_is_needed(server, key):
    """Nobody looks at the key, so it replaces nothing."""
    user, _, key_id = user_of(server.ask("/open", key, olga=True))
    assert (user, key_id) == ("olga", None)


def test_name_in_place_of_the_credential_hides_no_key(server, key):
    answer = server.ask("/fake", key, olga=True)
    assert user_of(answer) == (key.id, "uptime-key", key.id)
    assert_refused(server.ask("/fake", make_key(), olga=True), 401,
                   "invalid_token")
    assert_refused(server.ask("/fake", olga=True), 401)


def test_name_in_place_of_the_credential_hides_no_key_by_basic(server, key):
    server.keep_secret(key)
    answer = server.ask("/fake-basic", auth=("x", str(key)), olga=True)
    assert user_of(answer) == (key.id, "uptime-key", key.id)
    assert server.ask("/fake-basic", olga=True).status_code == 401


def test_user_line_counts_the_key_and_not_the_name(server, key):
    server.expect_log(AUTHZ_FAILED)
    assert_refused(server.ask("/user", key, olga=True), 403)
    assert_refused(server.ask("/user", key), 403)


@pytest.mark.parametrize("path", ["/scope", "/valid", "/either"])
def test_without_a_name_nothing_else_happens(server, key, path):
    server.expect_log(AUTHZ_DENIED)
    assert user_of(server.ask(path, key)) == (key.id, "uptime-key", key.id)
    assert_refused(server.ask(path), 401)


def test_redirect_inherits_the_key_and_not_a_name(server, key):
    answer = server.ask("/rewritten/x", key, olga=True)
    assert user_of(answer) == (key.id, "uptime-key", key.id)
