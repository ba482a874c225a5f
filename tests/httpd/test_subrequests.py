# SPDX-License-Identifier: Apache-2.0
"""Sub-requests and internal redirects inherit the result of one look-up."""

import re

import pytest
from harness import (
    AUTHZ_FAILED,
    UK_LOOKUP,
    assert_refused,
    eventually,
    make_key,
)
from harness.database import now_ms

ENTRIES = 2000

OLGA = ("olga", "secret")
OLGA_LINE = "olga:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n"    # of "secret"

GUARD = """
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
"""

CONFIG = f"""
<Directory "${{ROOT}}/htdocs">
    AllowOverride FileInfo
    DirectoryIndex index.shtml
</Directory>
UptimeKeysHeader X-API-Key
ScriptAlias "/users/" "${{ROOT}}/cgi/"
<Location "/guarded/">{GUARD}</Location>
<Location "/also-guarded/">{GUARD}</Location>
<Location "/off/">{GUARD}
    AuthzSendForbiddenOnFailure Off
</Location>
<Location "/alerts/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope alerts:read
</Location>
<Location "/guarded/acted">
    Action acted /cgi/environ.cgi
    SetHandler acted
</Location>
<Location "/users/">
    AuthType Basic
    AuthName "People"
    AuthUserFile "${{ROOT}}/conf/users"
    Require user olga
</Location>
LoadModule autoindex_module "${{MODULES}}/mod_autoindex.so"
<Directory "${{ROOT}}/htdocs/listed">
    Options +Indexes
    IndexOptions FancyIndexing
    LogLevel info uptime_keys:debug
    <Files "*.txt">{GUARD}</Files>
    <Files "other-*.txt">
        UptimeKeysHeader X-Other-Key
    </Files>
</Directory>
RewriteEngine On
RewriteRule "^/guarded/passed-through$" "/also-guarded/plain.txt" [PT]
"""

FILES = {
    "htdocs/guarded/plain.txt": "plain",
    "htdocs/guarded/acted": "",
    "htdocs/also-guarded/plain.txt": "also",
    "htdocs/alerts/plain.txt": "alerts",
    "htdocs/guarded/.htaccess": """
        RewriteEngine On
        RewriteRule "^rewritten$" "/guarded/plain.txt"
        RewriteRule "^rewritten-elsewhere$" "/also-guarded/plain.txt"
        RewriteRule "^rewritten-to-alerts$" "/alerts/plain.txt"
        RewriteRule "^rewritten-to-users$" "/users/environ.cgi"
    """,
    "htdocs/open/.htaccess": """
        RewriteEngine On
        RewriteRule "^rewritten$" "/guarded/plain.txt"
    """,
    "htdocs/guarded/index.shtml":
        '<!--#include virtual="/guarded/plain.txt" -->'
        '<!--#include virtual="/also-guarded/plain.txt" -->'
        '<!--#echo var="UPTIME_TEAM" -->',
    "htdocs/off/plain.txt": "off",
    "htdocs/off/page.shtml": '<!--#include virtual="/off/plain.txt" -->',
    "htdocs/open/page.shtml":
        'before <!--#include virtual="/guarded/plain.txt" -->'
        '<!--#include virtual="/also-guarded/plain.txt" -->'
        '<!--#include virtual="/guarded/plain.txt" -->',
    "htdocs/open/sizes.shtml":
        '<!--#if expr="-A \\"/guarded/plain.txt\\"" -->yes<!--#endif -->'
        + '<!--#fsize virtual="/guarded/plain.txt" -->'
        + '<!--#include virtual="/open/part.txt" -->' * 8,
    "htdocs/open/part.txt": "part",
    "htdocs/guarded/other.shtml":
        '<!--#include virtual="/alerts/plain.txt" -->',
}


@pytest.fixture(scope="module")
def server(new_httpd):
    server = new_httpd(CONFIG)
    for name, text in FILES.items():
        server.write(name, text)
    return server


@pytest.fixture(scope="module")
def key(server):
    return server.database.create_key("monitors:read")


def look_ups(server):
    return server.error_log.count(UK_LOOKUP)


@pytest.mark.mpm
@pytest.mark.parametrize("path,text", [
    ("/guarded/plain.txt", "plain"),
    ("/guarded/rewritten", "plain"),
    ("/guarded/rewritten-elsewhere", "also"),
    ("/guarded/passed-through", "also"),
    ("/guarded/", "plainalsoacme"),
    ("/guarded/index.shtml", "plainalsoacme"),
    ("/open/rewritten", "plain"),
])
def test_one_look_up_for_the_whole_request(server, key, path, text):
    answer = server.get(path, key)
    assert (answer.status_code, answer.text) == (200, text)
    assert look_ups(server) == 1


def test_part_with_the_same_requirement_is_not_authorized_again(server, key):
    """As in httpd, also if this module made the 403 of the whole request."""
    assert server.get("/off/page.shtml", key).text == "off"
    assert server.error_log.count("AH01626.*uptime-scope.*: granted") == 1


def test_action_inherits_the_identity(server, key):
    known = server.get("/guarded/acted", key).json()["environment"]
    assert known["REMOTE_USER"] == key.id
    assert look_ups(server) == 1


@pytest.mark.parametrize("path", [
    "/guarded/plain.txt", "/guarded/rewritten", "/guarded/passed-through",
    "/guarded/", "/guarded/acted", "/open/rewritten"])
def test_no_way_in_without_a_key(server, path):
    assert_refused(server.get(path), 401)
    assert look_ups(server) == 0


def test_redirect_asks_for_the_scope_of_its_target(server, key):
    server.expect_log(AUTHZ_FAILED)
    path = "/guarded/rewritten-to-alerts"
    assert_refused(server.get(path, key), 403, "insufficient_scope")
    both = server.database.create_key("monitors:read", "alerts:read")
    answer = server.get(path, both)
    assert (answer.status_code, answer.text) == (200, "alerts")


def test_sub_request_asks_for_the_scope_of_its_target(server, key):
    """The page itself is allowed, so it carries no challenge."""
    server.expect_log(AUTHZ_FAILED, "unable to include")
    answer = server.get("/guarded/other.shtml", key)
    assert answer.status_code == 200
    assert "alerts" not in answer.text
    assert "WWW-Authenticate" not in answer.headers


def test_each_request_on_a_connection_looks_up_for_itself(server, key):
    """Otherwise the counts above would prove nothing."""
    for _ in range(3):
        server.get("/guarded/plain.txt", key)
    assert look_ups(server) == 3


def test_parts_of_an_open_page_cost_one_look_up(server, key):
    before = look_ups(server)
    answer = server.get("/open/page.shtml", key)
    assert answer.text.strip() == "before plainalsoplain"
    assert look_ups(server) == before + 1


@pytest.fixture(scope="module")
def listed(server):
    """Makes a request for each entry: the names of those that are shown."""
    folder = server.root / "htdocs" / "listed"
    folder.mkdir()
    for i in range(ENTRIES):
        (folder / f"{i}.txt").touch()

    def ask(**options):
        answer = server.get("/listed/", **options)
        assert answer.status_code == 200
        return set(re.findall(r'href="([^"/?]+[.]txt)"', answer.text))

    return ask


@pytest.mark.mpm
def test_accepted_key_is_looked_up_once_for_a_listing(server, listed, key):
    assert len(listed(key=key)) == ENTRIES
    assert look_ups(server) == 1


@pytest.mark.mpm
@pytest.mark.parametrize("kind", ["unknown", "expired"])
def test_refused_key_is_looked_up_once_for_a_listing(server, listed, kind):
    bad = make_key() if kind == "unknown" else server.database.import_key(
        "monitors:read", expiresAt=now_ms() - 1)
    assert listed(key=bad) == set()
    assert look_ups(server) == 1


def test_each_credential_of_a_request_is_looked_up_once(server, listed, key):
    """The entries of a listing ask for two, in turns."""
    for i in range(20):
        server.write(f"htdocs/listed/other-{i}.txt", "")
    lacking = make_key()
    server.keep_secret(lacking)
    shown = listed(headers={"X-API-Key": str(key), "X-Other-Key": lacking})
    assert len(shown) == ENTRIES
    assert look_ups(server) == 2
    for i in range(20):
        (server.root / f"htdocs/listed/other-{i}.txt").unlink()


@pytest.mark.parametrize("header", ["Authorization", "X-API-Key"])
def test_open_page_with_a_guarded_part_is_private(server, key, header):
    """The headers of the page have been sent before the part runs."""
    value = f"Bearer {key}" if header == "Authorization" else str(key)
    server.keep_secret(key)
    answer = server.get("/open/page.shtml", headers={header: value})
    assert "plain" in answer.text
    assert answer.headers["Cache-Control"] == "private"
    assert "Cache-Control" not in server.get("/open/part.txt").headers


def test_use_in_a_sub_request_that_is_over_is_written(server):
    """mod_include destroys the sub-request once it knows the size."""
    for _ in range(3):
        key = server.database.create_key("monitors:read")
        assert "yes" in server.get("/open/sizes.shtml", key).text
        eventually(lambda: server.database.last_used(key))  # noqa: B023


def test_redirect_to_other_authentication_keeps_its_user(server, key):
    server.write("conf/users", OLGA_LINE)
    server.keep_secret(key)
    answer = server.get("/guarded/rewritten-to-users",
                        headers={"X-API-Key": str(key)}, auth=OLGA)
    environment = answer.json()["environment"]
    assert environment["REMOTE_USER"] == "olga"
    assert environment["AUTH_TYPE"] == "Basic"
    assert "UPTIME_TEAM" not in environment
