# SPDX-License-Identifier: Apache-2.0
"""A user whom httpd's authentication vouches for may manage keys, whichever
module it was; a name that was taken out of a header may not."""

import contextlib
import socketserver
import struct
import subprocess
import threading

import pytest
import requests
from harness import environment
from harness.answers import assert_problem
from harness.servers import free_port
from managed import password

CONFIG = """
LoadModule lua_module "${MODULES}/mod_lua.so"
LoadModule authnz_fcgi_module "${MODULES}/mod_authnz_fcgi.so"
<LocationMatch "^/(vouched|taken)/">
    SetHandler uptime-keys
    AuthType Basic
    AuthName "People"
    Require valid-user
</LocationMatch>

# They check the password.
<Location "/vouched/lua">
    # mod_auth_basic comes first, knows nobody, and leaves it to others.
    AuthUserFile "${ROOT}/conf/nobody"
    AuthBasicAuthoritative Off
    LuaHookCheckUserID "${ROOT}/conf/people.lua" check
</Location>
AuthnzFcgiDefineProvider authn people fcgi://127.0.0.1:${FASTCGI}/
<Location "/vouched/fcgi">
    AuthnzFcgiCheckAuthnProvider people RequireBasicAuth On
</Location>
<Location "/vouched/fcgi-provider">
    AuthBasicProvider people
</Location>
<Location "/vouched/redirected">
    AuthnzFcgiCheckAuthnProvider people RequireBasicAuth On
    RewriteEngine On
    RewriteCond "%{QUERY_STRING}" "!again"
    RewriteRule ".*" "/vouched/redirected?again"
</Location>
<Location "/vouched/file">
    AuthUserFile "${ROOT}/conf/passwords"
</Location>
<Location "/vouched/before">
    LuaHookAccessChecker "${ROOT}/conf/people.lua" name early
</Location>

# Nobody checks the password.
<Location "/taken/needless">
    Require all granted
    LuaHookAccessChecker "${ROOT}/conf/people.lua" look early
</Location>
<Location "/taken/valid-user">
    LuaHookAccessChecker "${ROOT}/conf/people.lua" look early
</Location>
<Location "/taken/fixups">
    Require all granted
    LuaHookFixups "${ROOT}/conf/people.lua" look
</Location>
# An internal redirect within a section inherits the name, but not the note of
# who has set it.
<Location "/taken/redirected">
    Require all granted
    LuaHookAccessChecker "${ROOT}/conf/people.lua" look early
    RewriteEngine On
    RewriteCond "%{QUERY_STRING}" "!again"
    RewriteRule ".*" "/taken/redirected?again"
</Location>
"""

PEOPLE = """
function check(r)
    local password = r.basic_auth_pw
    if r.user and password == r.user .. "'s password" then
        return apache2.OK
    end
    return 401
end

function look(r)
    local password = r.basic_auth_pw
    return apache2.DECLINED
end

-- Like mod_ssl for a certificate: the name is in no header.
function name(r)
    r.user = "olga"
    return apache2.DECLINED
end
"""

# FastCGI 1.0, section 8.
BEGIN_REQUEST, END_REQUEST, PARAMS, STDOUT = 1, 3, 4, 6
HEADER = struct.Struct(">BBHHBx")


class Authorizer(socketserver.StreamRequestHandler):
    """Accepts a user with the right password."""

    def handle(self):
        params = b""
        while True:
            _, kind, number, length, padding = HEADER.unpack(
                self.rfile.read(HEADER.size))
            content = self.rfile.read(length + padding)[:length]
            if kind == PARAMS and not content:
                break
            if kind == PARAMS:
                params += content
        pairs = dict(name_value_pairs(params))
        right = pairs.get("REMOTE_PASSWD") == password(
            pairs.get("REMOTE_USER"))
        status = b"200 OK" if right else b"401 Unauthorized"
        self.send(STDOUT, number, b"Status: " + status + b"\r\n\r\n")
        self.send(STDOUT, number, b"")
        self.send(END_REQUEST, number, bytes(8))

    def send(self, kind, number, content):
        self.wfile.write(HEADER.pack(1, kind, number, len(content), 0)
                         + content)


def name_value_pairs(data):
    while data:
        lengths = []
        for _ in range(2):
            size = 4 if data[0] & 0x80 else 1
            lengths.append(int.from_bytes(data[:size], "big") & 0x7FFFFFFF)
            data = data[size:]
        name, data = data[:lengths[0]], data[lengths[0]:]
        value, data = data[:lengths[1]], data[lengths[1]:]
        yield name.decode(), value.decode()


@pytest.fixture(scope="module")
def fastcgi():
    """The port of an authorizer."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(
            socketserver.ThreadingTCPServer(("127.0.0.1", 0), Authorizer))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        stack.callback(server.shutdown)
        yield server.server_address[1]


@pytest.fixture(scope="module")
def server(new_managed, fastcgi):
    for name in ("lua", "authnz_fcgi"):
        if not (environment.libexecdir() / f"mod_{name}.so").exists():
            pytest.skip(f"needs mod_{name}")
    server = new_managed(CONFIG, start=False, defines={"FASTCGI": fastcgi})
    server.write("conf/people.lua", PEOPLE)
    server.write("conf/nobody", "")
    # httpd finds the same sections again for a file that exists.
    for folder in ("taken", "vouched"):
        server.write(f"htdocs/{folder}/redirected", "")
    return server.start()


VOUCHED = ["lua", "fcgi", "fcgi-provider", "redirected", "file"]


@pytest.mark.parametrize("module", VOUCHED)
def test_user_of_any_module_manages_keys(server, module):
    answer = server.get(f"/vouched/{module}", auth=("olga", password("olga")))
    assert answer.status_code == 200
    assert answer.json()["data"]["apiKeys"] == []
    answer = server.get(f"/vouched/{module}", auth=("mia", password("mia")))
    assert_problem(answer, 403)


@pytest.mark.parametrize("module", VOUCHED)
def test_wrong_password_is_nobody(server, module):
    server.expect_log("AH01617")
    answer = server.get(f"/vouched/{module}", auth=("olga", "wrong"))
    assert_problem(answer, 401)
    assert "apiKeys" not in answer.text


def test_name_that_is_set_before_authentication_is_a_user(server):
    answer = server.get("/vouched/before")
    assert answer.status_code == 200
    assert answer.json()["data"]["apiKeys"] == []


@pytest.mark.parametrize("place", ["needless", "valid-user", "fixups",
                                   "redirected"])
@pytest.mark.parametrize("sent", ["wrong", password("olga")])
def test_name_taken_out_of_a_header_is_nobody(server, place, sent):
    answer = server.get(f"/taken/{place}", auth=("olga", sent))
    assert_problem(answer, 401)
    assert "apiKeys" not in answer.text


# Client certificates

CERTIFICATES = """
LoadModule ssl_module "${MODULES}/mod_ssl.so"
SSLSessionCache none
SSLCertificateFile "${ROOT}/conf/server.pem"
SSLCertificateKeyFile "${ROOT}/conf/server.key"
SSLCACertificateFile "${ROOT}/conf/known.pem"
LogLevel ssl:error
Listen 127.0.0.1:${TLS}
<VirtualHost 127.0.0.1:${TLS}>
    SSLEngine On
    SSLVerifyClient optional_no_ca
    SSLUserName SSL_CLIENT_S_DN_CN
</VirtualHost>
<LocationMatch "^/certified/">
    SetHandler uptime-keys
    AuthType Basic
    AuthName "People"
    AuthUserFile "${ROOT}/conf/passwords"
    Require valid-user
</LocationMatch>
<Location "/certified/all">
    Require all granted
</Location>
"""


def certify(server, name, common_name):
    folder = server.root / "conf"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={common_name}", "-addext",
         "subjectAltName=IP:127.0.0.1", "-keyout", folder / f"{name}.key",
         "-out", folder / f"{name}.pem"], check=True, capture_output=True)
    for suffix in ("key", "pem"):
        environment.give_to_ordinary_user(folder / f"{name}.{suffix}")


@pytest.fixture(scope="module")
def certified(new_managed):
    """ask(PATH, CERTIFICATE) of a server with TLS."""
    tls = free_port()
    server = new_managed(CERTIFICATES, start=False, defines={"TLS": tls})
    certify(server, "server", "127.0.0.1")
    for name in ("known", "unknown"):
        certify(server, name, "olga")
    server.start()

    def ask(path, name):
        folder = server.root / "conf"
        with requests.Session() as session:
            session.trust_env = False
            return session.get(
                f"https://127.0.0.1:{tls}{path}", timeout=60,
                verify=str(folder / "server.pem"),
                cert=name and (str(folder / f"{name}.pem"),
                               str(folder / f"{name}.key")))

    return ask


@pytest.mark.parametrize("place", ["/certified/user", "/certified/all"])
def test_name_in_a_certificate_counts_once_it_is_verified(certified, place):
    """SSLVerifyClient optional_no_ca lets any certificate in."""
    assert certified(place, "known").status_code == 200
    for name in ("unknown", None):
        answer = certified(place, name)
        assert_problem(answer, 401)
        assert "apiKeys" not in answer.text
