# SPDX-License-Identifier: Apache-2.0
"""openapi.json: valid, complete, and about this server.

That it is true is tested everywhere: managed.ManagedHttpd compares every
answer of every test in this folder with it.
"""

import json

import jsonschema
import node
import pytest
from description import Description
from harness.keys import make_key
from managed import BASIC, KEYS, Client, key_spec

OWN_SCOPES = """
UptimeKeysScope backups:read "Read backups" "Backups"
UptimeKeysScope backups:write "Make \\"backups\\", and delete them" "Backups"
UptimeKeysScope monitors:read "Look at monitors"
"""
LOCATIONS = [BASIC, "/matched/one/keys", "/nested/a/b/keys", "/problems/keys"]


@pytest.fixture(scope="module")
def server(new_managed):
    return new_managed(OWN_SCOPES)


@pytest.fixture
def document(olga):
    return olga.call("GET", "/openapi.json").json()


def enums(node_):
    """Every list of allowed values in the document."""
    if isinstance(node_, dict):
        if isinstance(node_.get("enum"), list):
            yield node_["enum"]
        node_ = list(node_.values())
    if isinstance(node_, list):
        for part in node_:
            yield from enums(part)


@pytest.mark.slow
@pytest.mark.parametrize("location", LOCATIONS)
def test_public_linter_finds_nothing_wrong(olga, location, tmp_path):
    node.CLIENT.install()
    answer = olga.at(location).call("GET", "/openapi.json")
    assert answer.headers["Content-Type"].startswith("application/json")
    (tmp_path / "openapi.json").write_text(answer.text)
    report = json.loads(node.run(
        node.CLIENT.program("redocly"), "lint", "openapi.json",
        "--format=json",
        "--extends=recommended-strict", cwd=tmp_path))
    assert report["totals"]["errors"] == 0
    assert report["totals"]["warnings"] == 0


def test_document_is_openapi_3_1(document):
    assert document["openapi"].startswith("3.1.")
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_scopes_are_the_configured_ones(olga, document):
    catalogue = olga.call("GET", "/scopes").json()["data"]["scopes"]
    names = [scope["name"] for scope in catalogue]
    assert len(names) == len(set(names)) == 25
    assert {"backups:read", "backups:write", "api-keys:write"} <= set(names)
    assert [sorted(names)] == [
        sorted(values) for values in enums(document)
        if "monitors:read" in values]


def test_own_scopes_are_described_as_configured(server, olga):
    catalogue = olga.call("GET", "/scopes").json()["data"]["scopes"]
    described = {scope["name"]: scope for scope in catalogue}
    assert described["backups:write"] == {
        "name": "backups:write", "group": "Backups",
        "description": 'Make "backups", and delete them'}
    assert described["monitors:read"]["description"] == "Look at monitors"
    key = olga.make(scopes=["backups:read", "backups:write"])
    assert sorted(key.scopes) == ["backups:read", "backups:write"]
    assert server.get("/t/x", key).status_code == 200


@pytest.mark.parametrize("location", LOCATIONS)
def test_paths_are_those_of_the_requested_location(olga, location):
    document = olga.at(location).call("GET", "/openapi.json").json()
    (where,) = document["servers"]
    assert where["url"].endswith(location)
    assert set(document["paths"]) == {"/", "/{id}", "/{id}/rotate", "/audit",
                                      "/self", "/scopes", "/openapi.json"}


def test_key_is_told_the_same_as_a_user(server, holder, document):
    told = holder("api-keys:read").call("GET", "/openapi.json").json()
    assert told.pop("servers")[0]["url"].endswith(KEYS)
    del document["servers"]
    assert told == document


def test_every_operation_has_a_name_of_its_own(document):
    names = [operation["operationId"] for item in document["paths"].values()
             for method, operation in item.items() if method != "parameters"]
    assert len(names) == len(set(names)) == 10


def test_every_kind_of_failure_is_described(document):
    described = set()
    for item in document["paths"].values():
        for method, operation in item.items():
            if method != "parameters":
                described |= set(operation["responses"])
    assert described >= {"200", "201", "400", "401", "403", "404", "405", "408",
                         "409", "412", "413", "415", "429", "500", "503"}


# A check that accepts everything would prove nothing.

class Told:
    """An answer that was made up."""

    def __init__(self, status, body, content_type="application/json"):
        self.status_code = status
        self.headers = {"Content-Type": content_type}
        self._body = body

    def json(self):
        return self._body


META = {"requestId": "0b0e7a2e-35b6-4b4a-9a0f-6a3e4a1f0d11",
        "timestamp": "2030-01-01T00:00:00.000Z"}
LIES = {
    "undocumented status": ("GET", "/scopes", Told(418, {})),
    "undocumented method that succeeds": ("PUT", "", Told(200, {})),
    "undocumented location that succeeds": ("GET", "/a/b", Told(200, {})),
    "no data": ("GET", "", Told(200, {"meta": META})),
    "no meta": ("DELETE", "/key_x", Told(200, {"data": {"deleted": True}})),
    "another value": ("DELETE", "/key_x", Told(
        200, {"data": {"deleted": False}, "meta": META})),
    "another type": ("DELETE", "/key_x", Told(
        200, {"data": {"deleted": True}, "meta": META}, "text/html")),
    "no date": ("DELETE", "/key_x", Told(
        200, {"data": {"deleted": True},
              "meta": {**META, "timestamp": "today"}})),
    "no uuid": ("DELETE", "/key_x", Told(
        200, {"data": {"deleted": True},
              "meta": {**META, "requestId": "1"}})),
    "problem without a detail": ("GET", "", Told(
        404, {"type": "urn:x", "title": "x", "status": 404,
              "instance": "urn:y"}, "application/problem+json")),
}


@pytest.mark.parametrize("lie", LIES)
def test_answer_that_is_not_as_described_is_noticed(document, lie):
    with pytest.raises((AssertionError, jsonschema.ValidationError)):
        Description(document).check(*LIES[lie])


def test_truth_is_not_noticed(document):
    Description(document).check("DELETE", "/key_x", Told(
        200, {"data": {"deleted": True}, "meta": META}))


@pytest.mark.parametrize("body,described", [
    (key_spec(), True),
    (key_spec(expiresAt="2030-01-01T00:00:00Z"), True),
    (key_spec(expiresAt=None), True),
    (key_spec(comment="more"), True),
    (key_spec(name=""), False),
    (key_spec(name="a" * 256), False),
    (key_spec(scopes=[]), False),
    (key_spec(scopes=["nope:read"]), False),
    (key_spec(scopes="monitors:read"), False),
    (key_spec(name=...), False),
    (key_spec(expiresAt=5), False),
    (key_spec(expiresAt="tomorrow"), False),
    ([], False),
])
def test_body_is_taken_if_it_is_as_described(olga, document, body, described):
    schema = document["paths"]["/"]["post"]["requestBody"]["content"][
        "application/json"]["schema"]
    judge = Description(document)
    assert (olga.call("POST", json=body).status_code == 201) == described
    if described:
        judge.validate(body, schema)
    else:
        with pytest.raises(jsonschema.ValidationError):
            judge.validate(body, schema)


def test_user_without_a_team_gets_no_document(server, otto):
    assert otto.call("GET", "/openapi.json").status_code == 404
    nobody = Client(server)
    assert nobody.call("GET", "/openapi.json").status_code == 401
    unknown = Client(server, key=make_key())
    assert unknown.call("GET", "/openapi.json").status_code == 401
