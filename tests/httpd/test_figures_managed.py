# SPDX-License-Identifier: Apache-2.0
"""Management calls are counted by what they were for and how they ended."""

import pytest
from harness import UK_ANY, environment
from harness.figures import PLACE, await_rise, named, scrape, verdicts

pytestmark = pytest.mark.skipif(environment.BACKEND != "sqlite3",
                                reason="about what is counted, not where")

CONFIG = PLACE + """
<Location "/keys">
    SetHandler uptime-keys
    AuthType uptime-key
    AuthName "Uptime"
    Require valid-user
</Location>
<Location "/leaked">
    SetHandler uptime-keys-leaked
    Require all granted
</Location>
<VirtualHost *:${PORT}>
    ServerName 127.0.0.1
</VirtualHost>
<VirtualHost *:${PORT}>
    ServerName few.example
    UptimeKeysMaxPerTeam 2
</VirtualHost>
"""
SPEC = {"name": "made", "scopes": ["monitors:read"]}


@pytest.fixture(scope="module")
def server(new_httpd):
    return new_httpd(CONFIG, expect_log=[UK_ANY])


@pytest.fixture(scope="module")
def admin(server):
    return server.database.import_key("api-keys:read", "api-keys:write",
                                      "monitors:read")


@pytest.fixture
def key(server):
    key = server.database.import_key("monitors:read")
    yield key
    server.database.execute("DELETE FROM uptime_keys WHERE id = ?", key.id)


def managed(server):
    return named(scrape(server), "uptime_keys_manage_total")


HTML = {"Accept": "text/html"}
# action, result, status, method, path, more.
CALLS = [
    ("list", "ok", 200, "GET", "", {}),
    ("list", "ok", 200, "GET", "", {"headers": HTML}),
    ("list", "invalid", 400, "GET", "?perPage=0", {}),
    ("list", "refused", 404, "GET", "?team=globex", {}),
    ("create", "ok", 201, "POST", "", {"json": SPEC}),
    ("create", "invalid", 400, "POST", "", {"json": {"name": "x"}}),
    ("create", "invalid", 400, "POST", "", {"data": "{", "headers": {
        "Content-Type": "application/json"}}),
    ("create", "invalid", 415, "POST", "", {"data": "x", "headers": {
        "Content-Type": "text/plain"}}),
    ("create", "invalid", 413, "POST", "", {"data": "x" * 70000, "headers": {
        "Content-Type": "application/json"}}),
    ("create", "limit", 400, "POST", "", {"json": SPEC, "headers": {
        "Host": "few.example"}}),
    ("create", "refused", 403, "POST", "", {"json": SPEC, "headers": {
        "Sec-Fetch-Site": "cross-site"}}),
    ("create", "refused", 403, "POST", "", {
        "json": {"name": "more", "scopes": ["teams:write"]}}),
    ("read", "ok", 200, "GET", "/{id}", {}),
    ("read", "ok", 200, "GET", "/self", {}),
    ("read", "ok", 200, "GET", "/scopes", {}),
    ("read", "ok", 200, "GET", "/openapi.json", {}),
    ("read", "invalid", 400, "GET", "/key_x", {}),
    ("update", "ok", 200, "PATCH", "/{id}", {"json": {"name": "other"}}),
    ("update", "invalid", 400, "PATCH", "/{id}", {"json": {}}),
    ("update", "refused", 412, "PATCH", "/{id}", {
        "json": {"name": "other"}, "headers": {"If-Match": '"old"'}}),
    ("rotate", "ok", 200, "POST", "/{id}/rotate", {}),
    ("rotate", "refused", 409, "POST", "/{id}/rotate", {
        "json": {"ifPrefix": "uptime_00000000"}}),
    ("delete", "ok", 200, "DELETE", "/{id}", {}),
    ("delete", "refused", 404, "DELETE",
     "/key_01h455vb4pex5vsknk084sn02q", {}),
    # There is no such route.
    (None, None, 405, "PUT", "/{id}", {}),
    (None, None, 404, "GET", "/{id}/nothing", {}),
]


@pytest.mark.parametrize("action,result,status,method,path,more", CALLS)
def test_each_call_is_counted_once(server, admin, key, action, result, status,
                                   method, path, more):
    before, keyed = managed(server), verdicts(server)
    answer = server.request(method, "/keys" + path.format(id=key.id), admin,
                            **more)
    assert answer.status_code == status, answer.text
    await_rise(lambda: managed(server), before,
               {(action, result): 1} if action else {})
    await_rise(lambda: verdicts(server), keyed, {"ok": 1})


def test_a_scope_that_is_missing_is_one(server, key):
    before, keyed = managed(server), verdicts(server)
    assert server.get("/keys", key).status_code == 403
    await_rise(lambda: managed(server), before, {("list", "refused"): 1})
    await_rise(lambda: verdicts(server), keyed, {"scope": 1})


def test_without_a_key_the_handler_is_not_reached(server):
    before, keyed = managed(server), verdicts(server)
    assert server.get("/keys").status_code == 401
    await_rise(lambda: verdicts(server), keyed, {"no_key": 1})
    assert managed(server) == before


@pytest.mark.parametrize("result,status,body", [
    ("ok", 202, {"credentials": ["uptime_x"]}), ("invalid", 400, {}),
    ("ok", 202, "key")])
def test_reports_of_leaked_keys(server, key, result, status, body):
    before = managed(server)
    if body == "key":
        body = {"credentials": [key.text]}
    assert server.request("POST", "/leaked", json=body).status_code == status
    await_rise(lambda: managed(server), before, {("leak", result): 1})


def test_what_is_no_report_is_not_counted(server):
    before = managed(server)
    assert server.get("/leaked").status_code == 405
    assert server.request("POST", "/leaked", json={}).status_code == 400
    await_rise(lambda: managed(server), before, {("leak", "invalid"): 1})


def test_an_unavailable_database(server, admin):
    before = managed(server)
    with server.database.unavailable():
        leak = {"credentials": [admin.text]}
        assert server.request("POST", "/leaked", json=leak).status_code == 503
        await_rise(lambda: managed(server), before,
                   {("leak", "unavailable"): 1})


def test_reading_works_while_changes_fail(server, admin, key):
    """Keys can still be checked, so the database is up."""
    before = managed(server)
    with server.database.refusing("UPDATE", "uptime_keys"):
        assert server.request("PATCH", f"/keys/{key.id}", admin,
                              json={"name": "new"}).status_code == 503
    await_rise(lambda: managed(server), before, {("update", "unavailable"): 1})
    assert scrape(server)["uptime_keys_database_up",] == 1
