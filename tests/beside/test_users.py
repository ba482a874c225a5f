# SPDX-License-Identifier: Apache-2.0
"""Users of the management endpoints, authenticated by other modules."""

import stat
import subprocess

import pytest
import requests
from beside import APPS, BesideHttpd, bundled, load
from harness import AUTHZ_DENIED, environment, make_key, servers
from page import shown

BASE = "/settings/api-keys"
CREATE = {"name": "a key", "scopes": ["monitors:read"]}
KEYED = """
<Location "/t/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Location>
<Location "/cgi/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Location>
"""


def start(new_httpd, *config, **options):
    server = new_httpd("\n".join(config), kind=BesideHttpd, start=False,
                       **options)
    server.make_users()
    return server


def program(server, name, text):
    path = server.write(name, text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXOTH)


# mod_auth_form

FORM = bundled("request", "session", "session_cookie", "session_crypto",
               "auth_form")
LOGIN = {"httpd_username": "olga", "httpd_password": "secret"}


@pytest.fixture(scope="module")
def form(new_httpd):
    """The page's lines, but for TLS: the cookie would need it."""
    lines = shown("mod_auth_form", apache="${ROOT}/conf").replace(
        ";secure", "")
    server = start(new_httpd, FORM, lines)
    program(server, "conf/session-passphrase",
            "#!/bin/sh\necho a-passphrase-of-this-test\n")
    server.write("htdocs/login.html", "log in")
    return server.start()


def log_in(server, password="secret"):
    """Returns the cookies, or none."""
    answer = server.request("POST", "/login", data={
        **LOGIN, "httpd_password": password})
    assert answer.status_code == 302
    return dict(answer.cookies)


def test_form_leads_to_the_login_and_back(form):
    answer = form.get(BASE)
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith("/login.html")
    cookies = log_in(form)
    assert form.get(BASE, cookies=cookies).json()["data"]["apiKeys"] == []


def test_form_lets_the_user_manage(form):
    cookies = log_in(form)
    made = form.request("POST", BASE, cookies=cookies, json=CREATE)
    assert made.status_code == 201
    form.keep_secret(made.json()["data"]["key"])
    place = f"{BASE}/{made.json()['data']['apiKey']['id']}"
    assert form.request("DELETE", place, cookies=cookies).status_code == 200


def test_form_refuses_a_wrong_password(form):
    form.expect_log("AH01807")
    assert log_in(form, "wrong") == {}


def test_session_has_no_readable_password(form):
    (session,) = log_in(form).values()
    assert "secret" not in session


INLINE = """
<Location "/settings/api-keys">
    SetHandler uptime-keys
    AuthType form
    AuthName "settings"
    AuthFormProvider file
    AuthUserFile "${ROOT}/conf/users"
    ErrorDocument 401 /login.html
    Session On
    SessionCookieName session path=/
    SessionCryptoPassphrase a-passphrase-of-this-test
    Require valid-user
</Location>
"""


def test_login_sent_to_the_page_itself_creates_no_key(new_httpd):
    server = start(new_httpd, FORM, INLINE).start()
    answer = server.request("POST", BASE, data=LOGIN)
    assert answer.status_code != 201
    assert server.database.rows("SELECT id FROM uptime_keys") == []


def test_key_as_a_login_would_be_in_the_cookie(new_httpd):
    """Why "AuthFormProvider uptime-key" is not for keys."""
    server = start(new_httpd, FORM, INLINE.replace(
        "AuthFormProvider file", "AuthFormProvider uptime-key").replace(
        "    SessionCryptoPassphrase a-passphrase-of-this-test\n", "")).start()
    text = make_key()
    server.database.import_key("api-keys:read", text=text)
    server.database.secrets.discard(text)   # httpd logs its session
    answer = server.request("POST", BASE, data={
        "httpd_username": "x", "httpd_password": text})
    assert text in answer.headers.get("Set-Cookie", "")


# Client certificates

class TlsHttpd(BesideHttpd):
    """With a second port, for TLS, and certificates of olga's and mia's."""

    def __init__(self, config="", **options):
        self.tls_port = servers.free_port()
        super().__init__(config, **options)
        self.certify("server", "127.0.0.1", "-addext",
                     "subjectAltName=IP:127.0.0.1")
        for name in ("olga", "mia"):
            self.certify(name, name)
        self.write("conf/clients.pem", "".join(
            (self.root / "conf" / f"{name}.pem").read_text()
            for name in ("olga", "mia")))

    def certify(self, file, name, *extensions):
        base = self.root / "conf" / file
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
             f"/CN={name}", "-keyout", f"{base}.key", "-out", f"{base}.pem",
             *extensions], check=True, capture_output=True, timeout=60)
        environment.give_to_ordinary_user(f"{base}.key")

    def configuration(self):
        return (self.root / "conf" / "test.conf").read_text()

    def ask(self, method, path, certificate=None, **options):
        conf = self.root / "conf"
        pair = certificate and tuple(
            f"{conf / certificate}.{kind}" for kind in ("pem", "key"))
        with requests.Session() as session:
            session.trust_env = False
            return session.request(
                method, f"https://127.0.0.1:{self.tls_port}{path}",
                cert=pair, verify=str(conf / "server.pem"), timeout=60,
                allow_redirects=False, **options)


def tls(new_httpd, number):
    # A warning where there is no certificate.
    server = new_httpd(start=False, kind=TlsHttpd, expect_log=["AH02227"])
    server.configure("\n".join([
        bundled("ssl"), KEYED, f"Listen 127.0.0.1:{server.tls_port} https",
        f"<VirtualHost 127.0.0.1:{server.tls_port}>", "SSLEngine on",
        'SSLCertificateFile "${ROOT}/conf/server.pem"',
        'SSLCertificateKeyFile "${ROOT}/conf/server.key"',
        shown("Client certificates", number, apache="${ROOT}/conf"),
        "</VirtualHost>"]))
    server.make_users()
    # FakeBasicAuth has the whole name, and the word "password".
    server.write("conf/certificates", "".join(
        f"/CN={name}:{{SHA}}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n"
        for name in ("olga", "mia")))
    server.database.tool("member", "set", "acme", "/CN=olga", "admin")
    server.database.tool("member", "set", "acme", "/CN=mia", "member")
    return server.start()


@pytest.fixture(scope="module", params=[0, 1],
                ids=["SSLUserName", "FakeBasicAuth"])
def certified(request, new_httpd):
    return tls(new_httpd, request.param)


def test_certificate_of_an_admin(certified):
    made = certified.ask("POST", BASE, "olga", json=CREATE)
    assert made.status_code == 201
    certified.keep_secret(made.json()["data"]["key"])
    place = f"{BASE}/{made.json()['data']['apiKey']['id']}"
    assert certified.ask("DELETE", place, "olga").status_code == 200


def test_certificate_of_a_member(certified):
    assert certified.ask("GET", BASE, "mia").status_code == 403


def test_no_certificate(certified):
    certified.expect_log(AUTHZ_DENIED)
    assert certified.ask("GET", BASE).status_code == (
        401 if "FakeBasicAuth" in certified.configuration() else 403)


@pytest.mark.parametrize("certificate", [None, "olga"])
def test_key_beside_a_certificate(certified, certificate):
    """A place for keys: the certificate neither lets in nor keeps out, and
    the user is the key."""
    key = certified.database.import_key("monitors:read")
    bearer = {"Authorization": f"Bearer {key}"}
    answer = certified.ask("GET", "/cgi/environ.cgi", certificate,
                           headers=bearer)
    assert answer.status_code == 200
    known = answer.json()["environment"]
    assert known["REMOTE_USER"] == known["UPTIME_KEY_ID"] == key.id
    answer = certified.ask("GET", "/t/x", certificate)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Uptime"'


# mod_perl

def test_user_whom_a_perl_handler_authenticates(new_httpd):
    server = start(
        new_httpd, load("perl"), f"PerlSwitches -I{APPS}",
        "PerlModule Login", shown("mod_perl as an authenticator",
                                  program="Login")).start()
    assert server.get(BASE, auth=("olga", "secret")).status_code == 200
    for user, password in (("olga", "wrong"), ("mia", "secret")):
        answer = server.get(BASE, auth=(user, password))
        assert answer.status_code == 401
