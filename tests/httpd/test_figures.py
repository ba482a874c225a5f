# SPDX-License-Identifier: Apache-2.0
"""Each client's request to a place that asks for a key is counted once, by how
it was decided in the end."""

import base64
import subprocess

import pytest
from harness import (
    AUTHZ_DENIED,
    AUTHZ_FAILED,
    MPM,
    UK_ANY,
    environment,
    make_key,
)
from harness.database import now_ms
from harness.figures import PLACE, await_rise, named, scrape, verdicts

pytestmark = pytest.mark.skipif(environment.BACKEND != "sqlite3",
                                reason="about what is counted, not where")

GUARD = """
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
"""
CONFIG = PLACE + f"""
UptimeKeysHeader X-API-Key
AliasMatch "^/(limited|page|url|text|basic|alias|far|others|team|alerts)/x" \
    "${{ROOT}}/htdocs/answer.txt"
<Location "/t/">{GUARD}</Location>
<Location "/t/free">
    UptimeKeysPreflight On
</Location>
<Location "/page/">{GUARD}
    ErrorDocument 401 /sorry.html
    ErrorDocument 403 /t/behind-the-door
    ErrorDocument 404 /t/x
</Location>
<Location "/url/">{GUARD}
    ErrorDocument 403 http://www.example.com/sorry
</Location>
<Location "/url/others/">
    Require user olga
</Location>
<Location "/text/">{GUARD}
    ErrorDocument 401 "Please bring a key."
</Location>
<Location "/alerts/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope alerts:read
</Location>
<Location "/limited/">{GUARD}
    UptimeKeysRateLimit 1/3600
</Location>
<Location "/team/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-team globex
</Location>
<Location "/others/">
    AuthType uptime-key
    AuthName "Uptime"
    Require user olga
</Location>
<Location "/far/">
    AuthType uptime-key
    AuthName "Uptime"
    Require ip 192.0.2.1
</Location>
<Location "/near/">
    AuthType uptime-key
    AuthName "Uptime"
    <RequireAny>
        Require uptime-scope monitors:read
        Require ip 127.0.0.1
    </RequireAny>
</Location>
<AuthnProviderAlias uptime-key keys>
</AuthnProviderAlias>
<Location "/basic/">
    AuthType Basic
    AuthName "Uptime"
    AuthBasicProvider uptime-key file
    AuthUserFile "${{ROOT}}/conf/users"
    Require valid-user
</Location>
<Location "/alias/">
    AuthType Basic
    AuthName "Uptime"
    AuthBasicProvider keys
    Require valid-user
</Location>
ScriptAlias "/cgi/" "${{ROOT}}/cgi/"
<Location "/t/acted">
    Action acted /alerts/x virtual
    SetHandler acted
</Location>
<Directory "${{ROOT}}/htdocs">
    Options +Includes
    DirectoryIndex index.html
</Directory>
<Location "/dir/">{GUARD}</Location>
RewriteEngine On
RewriteRule "^/open/inside" "/t/x" [PT]
<Location "/open/redirected">
    Action redirected /t/x virtual
    SetHandler redirected
</Location>
ErrorDocument 404 /t/x
UptimeKeysMetricsPerKey 3
"""
EXPECTED_LOG = [UK_ANY, AUTHZ_FAILED, AUTHZ_DENIED, "AH0161[78]", "AH01630",
                "unable to include"]
OLGA = ("olga", "secret")
OLGA_LINE = "olga:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n"    # of "secret"


@pytest.fixture(scope="module")
def server(new_httpd):
    server = new_httpd(CONFIG, expect_log=EXPECTED_LOG)
    server.database.create_team("globex")
    server.write("conf/users", OLGA_LINE)
    server.write("htdocs/sorry.html", "sorry\n")
    server.write("htdocs/dir/index.html", "index\n")
    server.write("htdocs/list.shtml", "".join(
        f'<!--#include virtual="/t/{name}" -->' for name in "xxyz"))
    return server


def basic(password):
    word = base64.b64encode(f"any:{password}".encode()).decode()
    return {"Authorization": f"Basic {word}"}


def wrong_checksum():
    text = make_key()
    return text[:-1] + ("0" if text[-1] != "0" else "1")


@pytest.fixture(scope="module")
def keys(server):
    """A key in each state, by the name of the state."""
    database = server.database

    def made(columns="", *values):
        key = database.import_key("monitors:read")
        if columns:
            database.execute(f"UPDATE uptime_keys SET {columns} WHERE id = ?",
                             *values, key.id)
        return key.text

    old = database.import_key("monitors:read")
    server.keep_secret(database.tool("key", "rotate", old.id,
                                     "--overlap", "0s").stdout.strip())
    return {
        "good": made(),
        "expired": made("expires_at = ?", now_ms() - 1),
        "disabled": made("disabled_at = ?, disabled_reason = 'manual'",
                         now_ms()),
        "rotated": old.text,
        "address": made("addresses = '[\"192.0.2.7\"]'"),
        "scope": database.import_key("dns-monitors:read").text,
        "malformed": "uptime_not-a-key",
        "checksum": wrong_checksum(),
        "unknown": make_key(),
    }


# verdict, status, path, key, headers or method.
REQUESTS = [
    ("ok", 200, "/t/x", "good", {}),
    ("ok", 404, "/page/missing", "good", {}),
    ("ok", 405, "/t/x", "good", {"method": "PUT"}),
    ("ok", 200, "/t/x", "good", {"method": "HEAD"}),
    ("ok", 200, "/t/x", None, {"X-API-Key": "good"}),
    ("ok", 200, "/basic/x", None, {"Basic": "good"}),
    ("ok", 200, "/alias/x", None, {"Basic": "good"}),
    ("ok", 404, "/alias/missing", None, {"Basic": "good"}),
    ("ok", 200, "/dir/", "good", {}),
    ("ok", 200, "/open/inside", "good", {}),
    ("no_key", 401, "/t/x", None, {}),
    ("no_key", 401, "/t/x", None, {"method": "HEAD"}),
    ("no_key", 401, "/text/x", None, {}),
    ("no_key", 401, "/page/x", None, {}),
    ("ok", 200, "/open/redirected", "good", {}),
    ("no_key", 401, "/open/inside", None, {}),
    ("no_key", 401, "/open/redirected", None, {}),
    ("no_key", 401, "/t/x", None, {
        "method": "OPTIONS", "Origin": "http://a.example",
        "Access-Control-Request-Method": "GET"}),
    ("invalid", 401, "/t/x", "malformed", {}),
    ("invalid", 401, "/t/x", "checksum", {}),
    ("invalid", 401, "/t/x", "unknown", {}),
    ("invalid", 401, "/basic/x", None, {"Basic": "unknown"}),
    ("invalid", 401, "/alias/x", None, {"Basic": "unknown"}),
    ("expired", 401, "/t/x", "expired", {}),
    ("disabled", 401, "/t/x", "disabled", {}),
    ("rotated", 401, "/t/x", "rotated", {}),
    ("address", 403, "/t/x", "address", {}),
    ("address", 401, "/alias/x", None, {"Basic": "address"}),
    ("scope", 403, "/t/x", "scope", {}),
    ("scope", 403, "/page/x", "scope", {}),
    ("scope", 302, "/url/x", "scope", {}),
    ("scope", 403, "/t/acted", "good", {}),
    ("team", 403, "/team/x", "good", {}),
    ("forbidden", 403, "/others/x", "good", {}),
    ("forbidden", 403, "/far/x", "good", {}),
    ("forbidden", 403, "/far/x", None, {}),
    ("forbidden", 302, "/url/others/x", "good", {}),
    ("conflict", 400, "/t/x", "good", {"X-API-Key": "unknown"}),
    # No key was asked for.
    (None, 200, "/answer.txt", None, {}),
    (None, 200, "/answer.txt", "good", {}),
    (None, 404, "/near/x", None, {}),
    (None, 200, "/basic/x", None, {"auth": OLGA}),
    (None, 401, "/basic/x", None, {"auth": ("olga", "wrong")}),
    (None, 401, "/basic/x", None, {}),
    (None, 200, "/t/free", None, {
        "method": "OPTIONS", "Origin": "http://a.example",
        "Access-Control-Request-Method": "GET"}),
    # Sub-requests, and the ErrorDocument of an open place.
    (None, 200, "/list.shtml", "good", {}),
    (None, 200, "/list.shtml", None, {}),
    (None, 404, "/nowhere", None, {}),
    (None, 404, "/nowhere", "good", {}),
]


def send(server, keys, path, key, more):
    more = dict(more)
    method = more.pop("method", "GET")
    auth = more.pop("auth", None)
    headers = {}
    for name, value in more.items():
        text = keys.get(value, value)
        headers.update(basic(text) if name == "Basic" else {name: text})
    return server.request(method, path, keys.get(key), headers=headers,
                          auth=auth)


@pytest.mark.mpm
@pytest.mark.parametrize("verdict,status,path,key,more", REQUESTS)
def test_each_request_is_counted_once(server, keys, verdict, status, path,
                                      key, more):
    before = verdicts(server)
    assert send(server, keys, path, key, more).status_code == status
    if verdict is None:
        # What comes later is counted later.
        send(server, keys, "/t/x", "good", {})
        verdict = "ok"
    await_rise(lambda: verdicts(server), before, {verdict: 1})


def test_request_beyond_a_limit_is_counted(server):
    key = server.database.import_key("monitors:read")
    before = verdicts(server)
    assert [server.get("/limited/x", key).status_code
            for _ in range(3)] == [200, 429, 429]
    await_rise(lambda: verdicts(server), before, {"ok": 1, "limited": 2})


def test_nothing_was_counted_twice(server, keys):
    """Behind all others: nothing came too late to be noticed."""
    before = verdicts(server)
    for _, _, path, key, more in REQUESTS:
        send(server, keys, path, key, more)
    expected = {}
    for verdict, *_ in REQUESTS:
        if verdict:
            expected[verdict] = expected.get(verdict, 0) + 1
    await_rise(lambda: verdicts(server), before, expected)


@pytest.mark.mpm
def test_an_unavailable_database(server, keys):
    before = scrape(server)
    with server.database.unavailable():
        for path, status, more in (
                ("/t/x", 503, {}), ("/page/x", 503, {}),
                ("/alias/x", 500, {"Basic": "good"})):
            key = None if more else "good"
            assert send(server, keys, path, key, more).status_code == status
        await_rise(lambda: verdicts(server),
                   named(before, "uptime_keys_requests_total"),
                   {"unavailable": 3})
        during = scrape(server)
        assert during["uptime_keys_database_up",] == 0
    errors = "uptime_keys_database_errors_total"
    await_rise(lambda: named(during, errors), named(before, errors),
               {"other": 3})
    assert send(server, keys, "/t/x", "good", {}).status_code == 200
    assert scrape(server)["uptime_keys_database_up",] == 1


def test_a_database_that_cannot_be_reached(new_httpd):
    server = new_httpd(PLACE + f'<Location "/t/">{GUARD}</Location>'
                       "\nDBDPersist Off\n", expect_log=[UK_ANY, r"AH0062\d"])
    key = server.database.import_key("monitors:read")
    with server.database.unreachable():
        assert server.get("/t/x", key).status_code == 503
        figures = scrape(server)
    assert named(figures, "uptime_keys_database_errors_total")["connect"] > 0
    assert figures["uptime_keys_database_up",] == 0


def test_all_databases_must_be_up(new_httpd):
    server = new_httpd(start=False, expect_log=[UK_ANY])
    other = server.another_database("other")
    other.init()
    other.create_team("acme")
    host = "<VirtualHost *:${PORT}>\nServerName %s.example\n%s</VirtualHost>\n"
    server.configure(PLACE + f'<Location "/t/">{GUARD}</Location>\n' + host % (
        "one", "") + host % ("two", f'DBDParams "{other.params}"\n'))
    server.start()

    def up_after(*names):
        for name in names:
            server.get("/t/x", make_key(), headers={"Host": f"{name}.example"})
        return scrape(server)["uptime_keys_database_up",]

    assert up_after("one", "two") == 1
    with other.unavailable():
        assert up_after("one") == 1
        assert up_after("two", "two", "one") == 0
        assert up_after("one") == 0
    assert up_after("one") == 0
    assert up_after("two") == 1


@pytest.mark.skipif(MPM == "prefork", reason="mod_http2 needs threads")
@pytest.mark.parametrize("how", ["--http2", "--http2-prior-knowledge"])
@pytest.mark.parametrize("forward", ["On", "Off"])
def test_http2_and_an_upgrade_to_it(new_httpd, how, forward):
    """mod_http2 runs a request once more after the upgrade."""
    server = new_httpd(PLACE + f"""
LoadModule http2_module ${{MODULES}}/mod_http2.so
LogLevel trace8 http2:info
Protocols h2c http/1.1
UptimeKeysForwardKey {forward}
<Location "/t/">{GUARD}</Location>""")
    key = server.database.import_key("monitors:read")
    done = subprocess.run(
        ["curl", "-sS", how, "--max-time", "30", "-w", "%{http_version}",
         "-o", "/dev/null", "-H", f"Authorization: Bearer {key}",
         f"http://127.0.0.1:{server.port}/t/x"],
        capture_output=True, text=True, check=True)
    assert done.stdout == "2"
    await_rise(lambda: verdicts(server), {}, {"ok": 1})


def per_key(server):
    return named(scrape(server), "uptime_keys_key_requests_total")


def test_the_most_used_keys_are_counted_one_by_one(new_httpd):
    server = new_httpd(PLACE + f"""
<Location "/t/">{GUARD}</Location>
<Location "/open/redirected">
    Action redirected /t/x virtual
    SetHandler redirected
</Location>
UptimeKeysMetricsPerKey 2""", expect_log=[AUTHZ_FAILED])
    first, second, third = (server.database.import_key("monitors:read")
                            for _ in range(3))
    lacking = server.database.import_key("alerts:read")
    for key in (first, second, first):
        server.get("/t/x", key)
    server.get("/open/redirected", first)
    await_rise(lambda: per_key(server), {}, {
        ("acme", first.id): 3, ("acme", second.id): 1})
    # A third one is among the others, or takes the place of the second.
    for _ in range(20):
        server.get("/t/x", third)
    before = per_key(server)
    await_rise(lambda: {"all": sum(per_key(server).values())}, {}, {"all": 24})
    assert before["acme", first.id] == 3
    # A use that is forbidden is a use.
    server.get("/t/x", lacking)
    server.get("/t/x", make_key())
    await_rise(lambda: {"all": sum(per_key(server).values())}, {}, {"all": 25})


def test_figures_contain_no_key(server, keys):
    text = server.get("/figures").text
    assert "uptime_keys_key_requests_total{" in text
    for key in keys.values():
        assert key not in text and key[7:15] not in text
