# SPDX-License-Identifier: Apache-2.0
"""Require uptime-scope and uptime-team, alone and combined, everywhere."""

import pytest
from harness import (
    AUTHZ_DENIED,
    AUTHZ_FAILED,
    AUTHZ_NO_USER,
    assert_refused,
    challenge,
)

# The directives of each /t/NAME, besides AuthType and AuthName.
LOCATIONS = {
    "one": "Require uptime-scope monitors:read",
    "any-of": "Require uptime-scope monitors:write monitors:read",
    "two-lines": """
        Require uptime-scope monitors:read
        Require uptime-scope alerts:read""",
    "all": """
        <RequireAll>
            Require uptime-scope monitors:read
            Require uptime-scope alerts:read
        </RequireAll>""",
    "not": """
        <RequireAll>
            Require uptime-scope monitors:read
            Require not uptime-scope alerts:read
        </RequireAll>""",
    "none": """
        <RequireAll>
            Require valid-user
            <RequireNone>
                Require uptime-scope alerts:read
                Require uptime-team other
            </RequireNone>
        </RequireAll>""",
    "team": "Require uptime-team acme",
    "teams": "Require uptime-team nobody other",
    "similar-teams": "Require uptime-team acm acme-2",
    "team-and-scope": """
        <RequireAll>
            Require uptime-team acme
            Require uptime-scope monitors:read
        </RequireAll>""",
    "any-user": "Require valid-user",
    "some-user": "Require user olga",
    "all-with-far-ip": """
        <RequireAll>
            Require uptime-scope monitors:read
            Require ip 192.0.2.1
        </RequireAll>""",
    "all-with-near-ip": """
        <RequireAll>
            Require uptime-scope monitors:read
            Require ip 127.0.0.1
        </RequireAll>""",
    "off-before": """
        AuthzSendForbiddenOnFailure Off
        Require uptime-scope monitors:read""",
    "off-after": """
        Require uptime-scope monitors:read
        AuthzSendForbiddenOnFailure Off""",
    "off-in-child": "Require uptime-scope monitors:read",
    "off-in-child/here": "AuthzSendForbiddenOnFailure Off",
    "parent-off": """
        AuthzSendForbiddenOnFailure Off
        Require valid-user""",
    "parent-off/child": "Require uptime-scope monitors:read",
    "users": "Require uptime-scope monitors:read",
    "users/root": """
        AuthType Basic
        AuthName "People"
        AuthUserFile "${ROOT}/conf/users"
        Require user root""",
    "users/root-403": """
        AuthType Basic
        AuthName "People"
        AuthUserFile "${ROOT}/conf/users"
        AuthzSendForbiddenOnFailure On
        Require user root""",
    "scope-or-user": """
        Require uptime-scope monitors:read
        Require valid-user""",
    "scope-or-user/closed": "Redirect 403 /t/scope-or-user/closed",
    "scope-or-team": """
        Require uptime-scope monitors:read
        Require uptime-team acme""",
    "merge": "Require uptime-scope monitors:read",
    "merge/off": "Require uptime-scope alerts:read",
    "merge/and": """
        AuthMerging And
        Require uptime-scope alerts:read""",
}

# Location, scopes of the key (of team acme), status.
READ, ALERTS = ("monitors:read",), ("alerts:read",)
ROWS = [
    ("one", READ, 200), ("one", ALERTS, 403),
    ("one", ("monitors:write",), 403),          # write does not imply read
    ("one", ("dns-monitors:read",), 403),
    ("one", READ + ALERTS, 200),
    ("any-of", READ, 200), ("any-of", ("monitors:write",), 200),
    ("any-of", ALERTS, 403),
    ("two-lines", READ, 200), ("two-lines", ALERTS, 200),
    ("two-lines", ("monitors:write",), 403),
    ("all", READ, 403), ("all", ALERTS, 403), ("all", READ + ALERTS, 200),
    ("not", READ, 200), ("not", READ + ALERTS, 403), ("not", ALERTS, 403),
    ("none", READ, 200), ("none", ALERTS, 403),
    ("team", READ, 200), ("teams", READ, 403),
    ("similar-teams", READ, 403),
    ("team-and-scope", READ, 200), ("team-and-scope", ALERTS, 403),
    ("any-user", ALERTS, 200), ("some-user", READ, 403),
    ("all-with-far-ip", READ, 403), ("all-with-near-ip", READ, 200),
    ("all-with-near-ip", ALERTS, 403),
    ("off-before", ALERTS, 403), ("off-before", READ, 200),
    ("off-after", ALERTS, 403), ("off-in-child/here", ALERTS, 403),
    ("parent-off/child", ALERTS, 403), ("parent-off/child", READ, 200),
    ("merge", READ, 200), ("merge/off", READ, 403),
    ("merge/off", ALERTS, 200), ("merge/and", READ, 403),
    ("merge/and", READ + ALERTS, 200),
]
# Refused, but not because of a missing scope.
OTHER_REASONS = {"not", "none", "teams", "similar-teams", "some-user",
                 "all-with-far-ip"}
ESSENTIAL = {"one", "any-of", "all", "not", "off-before", "off-after"}

# Why a key of acme is refused: the directives of /t/why/NAME, and for the
# scopes of a key the scopes that the refusal names.  Instead of scopes:
TEAM = "belongs to another team"
EXCLUDED = "is not allowed here"
ONE_OF_TWO = """
    <RequireAny>
        Require uptime-scope alerts:read
        Require uptime-scope monitors:read
    </RequireAny>"""
WHY = {
    "any-then-team": (f"""
        <RequireAll>
            {ONE_OF_TWO}
            Require uptime-team globex
        </RequireAll>""", {
            READ: TEAM, ALERTS: TEAM, (): ["alerts:read", "monitors:read"]}),
    "any-then-user": (f"""
        <RequireAll>
            {ONE_OF_TWO}
            Require user root
        </RequireAll>""", {
            READ: EXCLUDED, (): ["alerts:read", "monitors:read"]}),
    "known-then-team": ("""
        <RequireAll>
            <RequireAny>
                Require uptime-scope alerts:read
                Require valid-user
            </RequireAny>
            Require uptime-team globex
        </RequireAll>""", {READ: TEAM, ALERTS: TEAM}),
    "known-then-scope": ("""
        <requireall>
            <requireany>
                Require uptime-scope alerts:read
                Require uptime-team globex
                Require valid-user
            </requireany>
            Require uptime-scope alerts:write
        </requireall>""", {READ: ["alerts:write"]}),
    "any-in-any-then-team": (f"""
        <RequireAll>
            <RequireAny>
                Require uptime-scope invites:read
                {ONE_OF_TWO}
            </RequireAny>
            Require uptime-team globex
        </RequireAll>""", {
            READ: TEAM,
            (): ["invites:read", "alerts:read", "monitors:read"]}),
    "all": ("""
        <RequireAll>
            Require uptime-scope monitors:read
            Require uptime-scope alerts:read
        </RequireAll>""", {
            READ: ["alerts:read"], ALERTS: ["monitors:read"]}),
    "all-in-any": ("""
        Require uptime-scope alerts:read
        <RequireAll>
            Require uptime-scope monitors:read
            Require uptime-scope invites:read
        </RequireAll>""", {
            READ: ["alerts:read", "invites:read"],
            (): ["alerts:read", "monitors:read"]}),
    "team-in-any": ("""
        Require uptime-scope alerts:read
        <RequireAll>
            Require uptime-scope monitors:read
            Require uptime-team globex
        </RequireAll>""", {READ: ["alerts:read"]}),
    "modules": (f"""
        <IfModule mod_authz_core.c>
            <RequireAll>
                <IfModule mod_authz_core.c>
                    {ONE_OF_TWO}
                </IfModule>
                Require uptime-team globex
            </RequireAll>
        </IfModule>""", {READ: TEAM}),
    "not-then-team": ("""
        <RequireAll>
            Require not uptime-scope alerts:write
            Require uptime-team globex
        </RequireAll>""", {READ: TEAM, ("alerts:write",): EXCLUDED}),
    "not-team-then-scope": ("""
        <RequireAll>
            Require not uptime-team globex
            Require uptime-scope alerts:read
        </RequireAll>""", {READ: ["alerts:read"]}),
    "scope-then-not-team": ("""
        <RequireAll>
            Require uptime-scope monitors:read
            Require not uptime-team acme
        </RequireAll>""", {READ: EXCLUDED}),
    "none-then-scope": ("""
        <RequireAll>
            <RequireNone>
                Require uptime-scope alerts:write
                <RequireAny>
                    Require uptime-team globex
                    Require uptime-scope alerts:read
                </RequireAny>
            </RequireNone>
            Require uptime-scope invites:read
        </RequireAll>""", {
            READ: ["invites:read"], ALERTS: EXCLUDED,
            ("alerts:write",): EXCLUDED}),
    "not-in-any": ("""
        <RequireAll>
            Require valid-user
            Require not uptime-scope monitors:read
        </RequireAll>
        Require uptime-scope alerts:read""", {READ: ["alerts:read"]}),
    "any-in-not": (f"""
        <RequireAll>
            {ONE_OF_TWO}
            Require not uptime-scope monitors:read
        </RequireAll>""", {READ: EXCLUDED}),
    "not-by-expression": ("""
        <RequireAll>
            Require valid-user
            Require not uptime-scope %{req:X-Kind}:read
        </RequireAll>""", {READ: EXCLUDED}),
}

OPEN_BRANCHES = {
    "env": ("SetEnvIf X-Open yes OPEN", "Require env OPEN"),
    "method": ("", "Require method GET"),
    "ip": ("", "Require ip 127.0.0.1"),
    "expr": ("", "Require expr \"%{HTTP:X-Open} == 'yes'\""),
}

NEEDED = {
    "expr-env": ("SetEnvIf X-Needed (.+) NEEDED=$1", "%{env:NEEDED}"),
    "expr-reqenv": ("SetEnvIf X-Needed (.+) NEEDED=$1", "%{reqenv:NEEDED}"),
    "expr-req": ("", "%{req:X-Needed}"),
    "expr-part": ("", "%{req:X-Kind}:read"),
    "expr-error": ("", "%{file:/no/such/file}"),
}


def location(name, text):
    return (f'<Location "/t/{name}">\n    AuthType uptime-key\n'
            f'    AuthName "Uptime"\n{text}\n</Location>\n')


def with_open_branch(setup, requirement, mandatory=""):
    return (f"{setup}\n<RequireAny>\n{requirement}\n"
            f"Require uptime-scope monitors:read\n</RequireAny>\n{mandatory}")


CONFIG = "".join(
    [location(name, text) for name, text in LOCATIONS.items()]
    + [location(f"open-{name}", with_open_branch(*branch))
       for name, branch in OPEN_BRANCHES.items()]
    + [location(name, f"{setup}\nRequire uptime-scope {needed}")
       for name, (setup, needed) in NEEDED.items()]
    + [location(f"why/{name}", text) for name, (text, _) in WHY.items()]) + """
Alias "/files/" "${ROOT}/htdocs/files/"
<Directory "${ROOT}/htdocs/files">
    AllowOverride AuthConfig
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
    <Files "special.txt">
        Require uptime-scope alerts:read
    </Files>
</Directory>
<Directory "${ROOT}/htdocs/files/listed">
    AllowOverride None
    AllowOverrideList AuthType AuthName Require
</Directory>
<Directory "${ROOT}/htdocs/files/or">
    AuthMerging Or
    Require uptime-scope alerts:read
</Directory>
<Directory "${ROOT}/htdocs/files/parent-off">
    AuthzSendForbiddenOnFailure Off
</Directory>
<VirtualHost *:${PORT}>
    ServerName 127.0.0.1
</VirtualHost>
<VirtualHost *:${PORT}>
    ServerName guarded.example
    <Location "/">
        AuthType uptime-key
        AuthName "Virtual"
        Require uptime-scope alerts:read
    </Location>
</VirtualHost>
"""

OLGA = ("olga", "secret")
OLGA_LINE = "olga:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n"    # of "secret"
HTACCESS = 'AuthType uptime-key\nAuthName "Uptime"\n'
FILES = {
    "htdocs/files/plain.txt": "plain",
    "htdocs/files/special.txt": "special",
    "htdocs/files/or/file.txt": "or",
    "htdocs/files/own/file.txt": "own",
    "htdocs/files/own/.htaccess":
        HTACCESS + "Require uptime-scope alerts:read\n",
    "htdocs/files/listed/file.txt": "listed",
    "htdocs/files/listed/.htaccess":
        HTACCESS + "Require uptime-scope alerts:read\n",
    "htdocs/files/off/file.txt": "off",
    "htdocs/files/off/.htaccess": "AuthzSendForbiddenOnFailure Off\n",
    "htdocs/files/off-first/file.txt": "off-first",
    "htdocs/files/off-first/.htaccess":
        "AuthzSendForbiddenOnFailure Off\n" + HTACCESS
        + "Require uptime-scope monitors:read\n",
    "htdocs/files/parent-off/file.txt": "parent-off",
    "htdocs/files/parent-off/.htaccess":
        HTACCESS + "Require uptime-scope monitors:read\n",
    "htdocs/files/why/file.txt": "why",
    "htdocs/files/why/.htaccess": HTACCESS + WHY["any-then-team"][0],
    "htdocs/files/typo/file.txt": "typo",
    "htdocs/files/typo/.htaccess": "Require uptime-scope monitor:read\n",
}


@pytest.fixture(scope="module")
def server(new_httpd):
    server = new_httpd(CONFIG, expect_log=[AUTHZ_FAILED])
    server.write("conf/users", OLGA_LINE)
    for name, text in FILES.items():
        server.write(name, text)
    return server


@pytest.fixture(scope="module")
def key_with(server):
    """key_with(scopes): a key of acme with exactly these scopes."""
    made = {}

    def find(scopes):
        if scopes not in made:
            made[scopes] = server.database.import_key(*scopes)
        return made[scopes]

    return find


def row_ids(rows):
    return ["%s with %s" % (row[0], "+".join(row[1])) for row in rows]


def table(rows):
    return [pytest.param(*row, id=name, marks=[pytest.mark.mpm]
                         if row[0] in ESSENTIAL else [])
            for row, name in zip(rows, row_ids(rows), strict=True)]


@pytest.mark.parametrize("path,scopes,status", table(ROWS))
def test_locations(server, key_with, path, scopes, status):
    if path == "all-with-far-ip":
        server.expect_log(AUTHZ_DENIED)
    answer = server.get(f"/t/{path}", key_with(scopes))
    assert answer.status_code == status
    if status == 403 and path not in OTHER_REASONS:
        assert_refused(answer, 403, "insufficient_scope")


@pytest.mark.parametrize("path", [
    "one", "all", "not", "none", "team", "any-user", "some-user",
    "off-before", "off-after", "off-in-child/here", "merge/and"])
def test_nobody_gets_in_without_a_key(server, path):
    server.expect_log(AUTHZ_NO_USER)
    assert_refused(server.get(f"/t/{path}"), 401)


@pytest.mark.mpm
@pytest.mark.parametrize("path,status", [
    ("users/root", 401), ("users/root-403", 403)])
def test_users_below_a_guarded_location_are_answered_as_httpd_does(
        server, path, status):
    """By default 401, so that a browser asks for another user."""
    server.expect_log(AUTHZ_FAILED)
    answer = server.get(f"/t/{path}", auth=OLGA)
    assert answer.status_code == status
    assert answer.headers.get("WWW-Authenticate") == \
        ('Basic realm="People"' if status == 401 else None)


@pytest.mark.parametrize("path,named", [
    ("one", ["monitors:read"]), ("any-of", ["monitors:write",
                                            "monitors:read"]),
    ("two-lines", ["monitors:read", "alerts:read"]),
    ("off-after", ["monitors:read"])])
def test_missing_scopes_are_named(server, key_with, path, named):
    """The challenge lists all of them, separated by
    spaces as in RFC 6750, and so does the detail."""
    answer = server.get(f"/t/{path}", key_with(("invites:read",)))
    problem = assert_refused(answer, 403, "insufficient_scope")
    assert challenge(answer)["scope"].split(" ") == named
    assert all(scope in problem["detail"] for scope in named)


def assert_told(answer, told):
    """Challenge and detail name what is missing, and nothing else."""
    error = None if told == EXCLUDED else "insufficient_scope"
    problem = assert_refused(answer, 403, error)
    if isinstance(told, str):
        assert "scope" not in challenge(answer)
        assert told in problem["detail"]
    else:
        assert challenge(answer)["scope"].split(" ") == told


@pytest.mark.parametrize("path,scopes,told", [
    pytest.param(f"/t/why/{name}", scopes, told, id=f"{name} {scopes}")
    for name, (_, rows) in WHY.items() for scopes, told in rows.items()]
    + [("/files/why/file.txt", READ, TEAM)])
def test_a_refusal_tells_what_was_missing(
        server, key_with, path, scopes, told):
    key = key_with(scopes or ("teams:read",))
    assert_told(server.get(path, key, headers={"X-Kind": "monitors"}), told)


@pytest.mark.parametrize("branch", OPEN_BRANCHES)
@pytest.mark.parametrize("scopes", [None, ALERTS, READ])
def test_another_branch_lets_in_without_a_challenge(
        server, key_with, branch, scopes):
    key = scopes and key_with(scopes)
    answer = server.get(f"/t/open-{branch}", key, headers={"X-Open": "yes"})
    assert answer.status_code == 200
    assert "WWW-Authenticate" not in answer.headers


@pytest.mark.mpm
@pytest.mark.parametrize("path", ["scope-or-user", "scope-or-team"])
def test_branch_behind_a_missing_scope_lets_in_without_a_challenge(
        server, key_with, path):
    answer = server.get(f"/t/{path}", key_with(ALERTS))
    assert answer.status_code == 200
    assert "WWW-Authenticate" not in answer.headers
    assert not server.error_log.ours("info")


def test_forbidden_for_another_reason_is_no_refusal_of_ours(
        server, key_with):
    answer = server.get("/t/scope-or-user/closed", key_with(ALERTS))
    assert answer.status_code == 403
    assert "WWW-Authenticate" not in answer.headers
    assert "problem" not in answer.headers["Content-Type"]


@pytest.mark.parametrize("branch", ["env", "expr"])
def test_closed_branch_leaves_the_scope_as_the_way_in(
        server, key_with, branch):
    path = f"/t/open-{branch}"
    assert server.get(path, key_with(READ)).status_code == 200
    assert_refused(server.get(path, key_with(ALERTS)), 403,
                   "insufficient_scope")
    server.expect_log(AUTHZ_NO_USER)
    assert_refused(server.get(path), 401)


@pytest.mark.parametrize("path", ["expr-env", "expr-reqenv", "expr-req"])
@pytest.mark.parametrize("needed,status", [
    ("monitors:read", 200), ("alerts:read", 403), ("no-such:scope", 403),
    ("junk", 403), (None, 403)])
def test_needed_scope_from_an_expression(
        server, key_with, path, needed, status):
    """An expression that names no scope refuses every key and logs a
    warning."""
    server.expect_log("UK.*expression")
    headers = {"X-Needed": needed} if needed else {}
    answer = server.get(f"/t/{path}", key_with(READ), headers=headers)
    assert answer.status_code == status


def test_expression_that_fails_lets_nobody_in(server, key_with):
    server.expect_log("expression")
    assert server.get("/t/expr-error", key_with(READ)).status_code == 500


@pytest.mark.parametrize("kind,status", [("monitors", 200), ("alerts", 403)])
def test_needed_scope_put_together_by_an_expression(
        server, key_with, kind, status):
    answer = server.get("/t/expr-part", key_with(READ),
                        headers={"X-Kind": kind})
    assert answer.status_code == status


@pytest.mark.parametrize("path,scopes,status", table([
    ("plain.txt", READ, 200), ("plain.txt", ALERTS, 403),
    ("special.txt", READ, 403), ("special.txt", ALERTS, 200),
    ("or/file.txt", READ, 200), ("or/file.txt", ALERTS, 200),
    ("or/file.txt", ("monitors:write",), 403),
    ("own/file.txt", READ, 403), ("own/file.txt", ALERTS, 200),
    ("listed/file.txt", READ, 403), ("listed/file.txt", ALERTS, 200),
    ("off/file.txt", READ, 200), ("off/file.txt", ALERTS, 403),
    ("off-first/file.txt", READ, 200), ("off-first/file.txt", ALERTS, 403),
    ("parent-off/file.txt", READ, 200), ("parent-off/file.txt", ALERTS, 403),
]))
def test_directories_and_htaccess(server, key_with, path, scopes, status):
    answer = server.get(f"/files/{path}", key_with(scopes))
    if status == 403:
        assert_refused(answer, 403, "insufficient_scope")
    assert answer.status_code == status
    assert server.get(f"/files/{path}").status_code == 401


def test_unknown_scope_in_htaccess_is_an_error_that_helps(server, key_with):
    server.expect_log("monitor:read")
    answer = server.get("/files/typo/file.txt", key_with(READ))
    assert answer.status_code == 500
    assert "monitors:read" in server.error_log.text()


@pytest.mark.parametrize("host,scopes,status", [
    ("127.0.0.1", None, 200), ("guarded.example", None, 401),
    ("guarded.example", READ, 403), ("guarded.example", ALERTS, 200)])
def test_virtual_host(server, key_with, host, scopes, status):
    answer = server.get("/t/vhost", scopes and key_with(scopes),
                        headers={"Host": host})
    assert answer.status_code == status
    if status != 200:
        assert challenge(answer)["realm"] == "Virtual"


def test_a_key_of_another_team_is_outside(server):
    server.database.create_team("other")
    key = server.database.create_key("monitors:read", team="other")
    assert server.get("/t/teams", key).status_code == 200
    assert server.get("/t/team", key).status_code == 403


def test_far_address_without_a_key_is_denied_as_httpd_does(server):
    """httpd sees without a user that <RequireAll> fails."""
    server.expect_log(AUTHZ_DENIED)
    assert server.get("/t/all-with-far-ip").status_code == 403
