# SPDX-License-Identifier: Apache-2.0
"""Sub-requests and internal redirects inherit the result of one look-up."""

import pytest
from harness import AUTHZ_FAILED, UK_LOOKUP, assert_refused

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


def test_part_behind_the_same_door_is_not_authorized_anew(server, key):
    """As httpd does it, also where we made the 403 for the whole request."""
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
    """The page itself is let in: no challenge may be seen on it."""
    server.expect_log(AUTHZ_FAILED, "unable to include")
    answer = server.get("/guarded/other.shtml", key)
    assert answer.status_code == 200
    assert "alerts" not in answer.text
    assert "WWW-Authenticate" not in answer.headers


def test_each_request_on_a_connection_looks_up_for_itself(server, key):
    """Without this the counts above would prove nothing."""
    for _ in range(3):
        server.get("/guarded/plain.txt", key)
    assert look_ups(server) == 3
