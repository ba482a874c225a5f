# SPDX-License-Identifier: Apache-2.0
"""AuthBasicProvider uptime-key, for clients that know only Basic."""

import base64

import pytest
from harness import (
    AUTHZ_FAILED,
    UK_ANY,
    assert_unavailable,
    eventually,
    make_key,
)

# The log ids of mod_auth_basic for a wrong password and an unknown user.
WRONG_PASSWORD, UNKNOWN_USER = "AH01617", "AH01618"


def location(name, text):
    return (f'<Location "/{name}">\n    AuthType Basic\n'
            f'    AuthName "Basic realm"\n'
            f'    AuthUserFile "${{ROOT}}/conf/passwords"\n{text}\n'
            '</Location>\n')


KEY_ONLY = "AuthBasicProvider uptime-key\n"
SCOPE = "Require uptime-scope monitors:read\n"
CONFIG = "".join([
    location("t/key", KEY_ONLY + SCOPE),
    location("t/anybody", KEY_ONLY + "Require valid-user"),
    location("t/key-then-file",
             "AuthBasicProvider uptime-key file\nRequire valid-user"),
    location("t/file-then-key",
             "AuthBasicProvider file uptime-key\nRequire valid-user"),
    location("t/chained-scope", "AuthBasicProvider file uptime-key\n" + SCOPE),
    "<AuthnProviderAlias uptime-key keys>\n</AuthnProviderAlias>\n",
    location("t/alias", "AuthBasicProvider keys\nRequire valid-user"),
    location("cgi/", KEY_ONLY + SCOPE),
    location("backend/", "AuthBasicProvider file uptime-key\n"
             "Require valid-user"),
    location("pages/", KEY_ONLY + SCOPE),
]) + """
ProxyPass "/backend/" "${BACKEND}/"
<Directory "${ROOT}/htdocs">
    DirectoryIndex index.shtml
</Directory>
"""

# htpasswd -sb passwords olga secret
PASSWORDS = "olga:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n"
OLGA = ("olga", "secret")


@pytest.fixture(scope="module")
def server(new_httpd, new_backend):
    server = new_httpd(CONFIG, defines={"BACKEND": new_backend().url})
    server.write("conf/passwords", PASSWORDS)
    server.write("htdocs/pages/index.shtml",
                 'page <!--#include virtual="/pages/part.txt" -->')
    server.write("htdocs/pages/part.txt", "part")
    return server


@pytest.fixture(scope="module")
def key(server):
    return server.database.create_key("monitors:read")


@pytest.fixture(scope="module")
def lacking(server):
    return server.database.create_key("alerts:read")


def ask(server, path, user, password):
    """A Basic request; no log may contain its key, encoded or not."""
    credentials = base64.b64encode(f"{user}:{password}".encode()).decode()
    for text in (user, password):
        if text.startswith("uptime_"):
            server.keep_secret(text)
            server.keep_secret(credentials)
    return server.get(path, headers={"Authorization": f"Basic {credentials}"})


@pytest.mark.mpm
@pytest.mark.parametrize("user", ["", "x", "olga", "api key", "Zoë"])
def test_key_is_the_password_and_the_user_is_ignored(server, key, user):
    assert ask(server, "/t/key", user, str(key)).status_code == 200


@pytest.mark.mpm
@pytest.mark.parametrize("password", [
    make_key(), make_key()[:63] + "00000000", "secret", "", "a" * 5000],
    ids=["unknown key", "wrong checksum", "password", "nothing", "long"])
def test_bad_key_gets_a_basic_challenge(server, password):
    server.expect_log(WRONG_PASSWORD, UNKNOWN_USER)
    answer = ask(server, "/t/key", "olga", password)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="Basic realm"'
    assert "no-store" in answer.headers["Cache-Control"]


def test_no_credentials_get_a_basic_challenge(server):
    answer = server.get("/t/key")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="Basic realm"'


def test_missing_scope_is_forbidden(server, lacking):
    server.expect_log(AUTHZ_FAILED)
    answer = ask(server, "/t/key", "x", str(lacking))
    assert answer.status_code == 403
    assert "monitors:read" in answer.json()["detail"]
    assert ask(server, "/t/anybody", "x", str(lacking)).status_code == 200


@pytest.mark.parametrize("path", ["/t/key-then-file", "/t/file-then-key"])
def test_chained_with_a_password_file(server, key, path):
    server.expect_log(WRONG_PASSWORD, UNKNOWN_USER)
    assert ask(server, path, *OLGA).status_code == 200
    assert ask(server, path, "x", str(key)).status_code == 200
    assert ask(server, path, "olga", "wrong").status_code == 401
    assert ask(server, path, "x", make_key()).status_code == 401


@pytest.mark.parametrize("path", ["/t/key", "/t/key-then-file",
                                  "/t/file-then-key"])
def test_bad_key_is_no_line_at_error(server, path):
    """mod_auth_basic logs that it does not ask other providers about a key."""
    assert ask(server, path, "x", make_key()).status_code == 401


def test_alias_of_the_provider(server, key):
    server.expect_log(WRONG_PASSWORD, UNKNOWN_USER)
    assert ask(server, "/t/alias", "x", str(key)).status_code == 200
    assert ask(server, "/t/alias", "x", make_key()).status_code == 401
    assert ask(server, "/t/alias", "x", "secret").status_code == 401


def test_alias_lets_nobody_in_while_the_database_is_unavailable(server, key):
    server.expect_log(UK_ANY)
    with server.database.unavailable():
        assert ask(server, "/t/alias", "x", str(key)).status_code >= 500


def test_user_of_the_file_holds_no_scope(server, key, lacking):
    """401, as the user may know a key; a key without the scope gets 403."""
    server.expect_log(AUTHZ_FAILED)
    path = "/t/chained-scope"
    assert ask(server, path, "x", str(key)).status_code == 200
    assert ask(server, path, "x", str(lacking)).status_code == 403
    answer = ask(server, path, *OLGA)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="Basic realm"'


@pytest.mark.parametrize("path", ["/t/key", "/t/key-then-file"])
def test_unavailable_database_is_503(server, key, path):
    server.expect_log(UK_ANY)
    with server.database.unavailable():
        assert_unavailable(ask(server, path, "x", str(key)))
    eventually(lambda: ask(server, path, "x", str(key)).status_code == 200)


def test_environment_is_that_of_a_key(server, key):
    answer = ask(server, "/cgi/environ.cgi", "whoever", str(key))
    known = answer.json()["environment"]
    assert known["REMOTE_USER"] == key.id
    assert known["UPTIME_KEY_ID"] == key.id
    assert known["UPTIME_TEAM"] == "acme"
    assert "HTTP_AUTHORIZATION" not in known


def test_backend_sees_a_password_but_no_key(server, key):
    """This module removes keys only, no other passwords."""
    def sent(answer):
        assert answer.status_code == 200
        return dict(answer.json()["headers"]).get("Authorization")

    assert sent(ask(server, "/backend/", "x", str(key))) is None
    assert sent(ask(server, "/backend/", *OLGA)).startswith("Basic ")


def test_sub_requests_inherit_the_result(server, key):
    answer = ask(server, "/pages/", "x", str(key))
    assert (answer.status_code, answer.text) == (200, "page part")


@pytest.mark.mpm
@pytest.mark.parametrize("path", ["/t/key", "/t/key-then-file",
                                  "/t/file-then-key"])
@pytest.mark.parametrize("password", ["", "x"])
def test_key_sent_as_the_user_name_is_in_no_log(server, path, password):
    """As "curl -u KEY:" sends it, accepted or not."""
    server.expect_log(WRONG_PASSWORD, UNKNOWN_USER)
    key = server.database.import_key("monitors:read")
    answer = ask(server, path, str(key), password)
    assert answer.status_code in (200, 401)
    assert str(key) not in answer.text
    eventually(lambda: f"GET {path} " in server.access_log())
