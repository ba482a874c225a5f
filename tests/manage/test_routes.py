# SPDX-License-Identifier: Apache-2.0
"""Endpoints and methods: those that exist, and the answers of others."""

import pytest
from harness import eventually
from harness.answers import assert_problem
from harness.raw import request
from managed import BASIC, basic, key_spec

ENDPOINTS = {
    "": {"GET", "HEAD", "POST"},
    "/": {"GET", "HEAD", "POST"},
    "/{id}": {"GET", "HEAD", "PATCH", "DELETE"},
    "/{id}/rotate": {"POST"},
    "/self": {"GET", "HEAD"},
    "/scopes": {"GET", "HEAD"},
    "/openapi.json": {"GET", "HEAD"},
}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS",
           "PROPFIND", "MKCOL", "MOVE", "LOCK", "PURGE", "BREW", "QUERY")


@pytest.fixture
def key(server, clean):
    return server.database.import_key("monitors:read")


@pytest.mark.parametrize("path,method", [
    (path, method) for path, allowed in ENDPOINTS.items()
    for method in METHODS if method not in allowed])
def test_other_method_is_not_allowed(server, olga, key, path, method):
    answer = olga.call(method, path.format(id=key.id))
    assert answer.status_code == 405
    if method != "HEAD":
        assert_problem(answer, 405)
    assert {name.strip() for name in answer.headers["Allow"].split(",")} == \
        ENDPOINTS[path]
    assert server.slots() == [1]


@pytest.mark.parametrize("method", ["get", "Get", "delete", "post"])
def test_method_in_lower_case_is_another_one(server, key, method):
    path = f"{BASIC}/{key.id}"
    (answer,) = server.exchange(
        request(path, "Authorization: " + basic("olga"), method=method),
        ["GET"])
    assert_problem(answer, 405)
    assert server.slots() == [1]


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_other_method_is_not_allowed_with_a_body_either(server, olga, key,
                                                        method):
    answer = olga.call(method, "/" + key.id, json=key_spec())
    assert_problem(answer, 405)
    assert server.slots() == [1]


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override",
                                    "X-HTTP-Method", "X-Method-Override"])
def test_method_is_not_overridden(server, olga, key, header):
    for method in ("GET", "POST"):
        olga.call(method, "/" + key.id, headers={header: "DELETE"})
    olga.asking("_method=DELETE").call("GET", "/" + key.id)
    assert server.slots() == [1]


@pytest.mark.parametrize("path", [
    "/{id}/", "/{id}/x", "/{id}/rotate/", "/{id}/rotate/x", "/rotate/{id}",
    "/self/x", "/{id}/self", "/scopes/x", "/openapi.json/x", "/a/b",
    "/scopes/{id}", "/{id}/{id}", "/{id}/scopes",
])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_what_is_not_there_is_not_found(server, olga, key, method, path):
    answer = olga.call(method, path.format(id=key.id))
    assert_problem(answer, 404)
    assert server.slots() == [1]


@pytest.mark.parametrize("path", ["/x", "/Scopes", "/openapi", "/api.json",
                                  "/openapi.yaml", "/index.html"])
def test_other_name_is_no_key(olga, path):
    assert olga.call("GET", path).status_code in (400, 404)


@pytest.mark.parametrize("path", ["", "/"])
def test_slash_behind_makes_no_difference(server, olga, path):
    answer = olga.call("POST", path, json=key_spec(name="here"))
    assert answer.status_code == 201
    key_id = answer.json()["data"]["apiKey"]["id"]
    assert answer.headers["Location"].endswith(f"{BASIC}/{key_id}")
    listed = olga.call("GET", path).json()["data"]["apiKeys"]
    assert [listed_key["name"] for listed_key in listed] == ["here"]


@pytest.mark.parametrize("path", [*ENDPOINTS, "/{id}x", "/nothing/here"])
def test_head_is_get_without_its_body(server, olga, key, path):
    path = path.format(id=key.id)
    get, head = olga.call("GET", path), olga.call("HEAD", path)
    assert head.status_code == get.status_code
    assert head.content == b""
    for name in ("Content-Type", "Cache-Control", "Allow", "Link"):
        assert head.headers.get(name) == get.headers.get(name)
    # The time in a body is shorter if its milliseconds are 0.
    eventually(lambda: len({
        olga.call(method, path).headers["Content-Length"]
        for method in ("GET", "HEAD")}) == 1)


def test_nothing_follows_the_answer_to_head(server, clean):
    who = "Authorization: " + basic("olga")
    head = request(BASIC, who, method="HEAD", close=False)
    answers = server.exchange(head + head + request(BASIC, who),
                              ["HEAD", "HEAD", "GET"], [BASIC] * 3)
    assert [answer.status_code for answer in answers] == [200] * 3


@pytest.mark.parametrize("accept", [
    None, "*/*", "application/json", "application/*", "application/xml", "",
    "text/plain", "application/problem+json", "nonsense", "image/png, */*",
    "application/json, text/html;q=0.5",
])
def test_answer_is_json_unless_a_page_is_asked_for(olga, accept):
    answer = olga.call("GET", headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].partition(";")[0] == \
        "application/json"
    assert_problem(olga.call("GET", "/a/b", headers={"Accept": accept}), 404)


def test_scopes_are_listed_with_groups_and_descriptions(olga, holder):
    answer = olga.call("GET", "/scopes")
    scopes = answer.json()["data"]["scopes"]
    assert len(scopes) == 23
    assert all(set(scope) == {"name", "group", "description"}
               and all(scope.values()) for scope in scopes)
    groups = {scope["name"]: scope["group"] for scope in scopes}
    for name, group in {
            "monitors:read": "Monitoring", "tcp-monitors:write": "Monitoring",
            "cron-jobs:ping": "Scheduled tasks",
            "maintenance:write": "Alerts & status",
            "team-domains:read": "Team management",
            "api-keys:write": "API key management"}.items():
        assert groups[name] == group
    assert len(set(groups.values())) == 5
    assert len({scope["description"] for scope in scopes}) == 23
    of_key = holder("api-keys:read").call("GET", "/scopes").json()
    assert of_key["data"] == answer.json()["data"]


@pytest.mark.parametrize("path", ["/scopes", "/openapi.json"])
def test_what_has_no_page_is_json_in_a_browser_too(olga, path):
    answer = olga.call("GET", path, headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()
