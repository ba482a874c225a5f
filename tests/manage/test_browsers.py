# SPDX-License-Identifier: Apache-2.0
"""Protection against other sites, and the headers of every answer."""

import pytest
from harness import assert_refused
from harness.answers import assert_problem
from managed import (
    BASIC,
    KEYS,
    OPEN,
    SAFETY_HEADERS,
    Client,
    basic,
    key_spec,
)

OWN = "http://{host}"
FROM_HERE = {
    "no browser": {},
    "same origin": {"Sec-Fetch-Site": "same-origin"},
    "same origin, said twice": {"Sec-Fetch-Site": "same-origin",
                                "Origin": OWN},
    "typed in": {"Sec-Fetch-Site": "none"},
    "own origin": {"Origin": OWN},
    "own origin in capitals": {"Origin": "HTTP://{host}"},
    "TLS ends at a proxy": {"Host": "keys.example.com",
                            "Origin": "https://keys.example.com"},
    "own name in capitals": {"Host": "keys.example.com",
                             "Origin": "https://KEYS.example.COM"},
    "another host's name": {"Host": "keys.example.com:8443",
                            "Origin": "https://keys.example.com:8443"},
    "referer alone": {"Referer": "http://evil.example/"},
    "own origin, other referer": {"Origin": OWN,
                                  "Referer": "http://evil.example/"},
}
FROM_ELSEWHERE = {
    "cross-site": {"Sec-Fetch-Site": "cross-site"},
    "same-site": {"Sec-Fetch-Site": "same-site"},
    "cross-site with the right origin": {"Sec-Fetch-Site": "cross-site",
                                         "Origin": OWN},
    "unknown site": {"Sec-Fetch-Site": "other"},
    "two sites": {"Sec-Fetch-Site": "same-origin, cross-site"},
    "another origin": {"Origin": "http://evil.example"},
    "opaque origin": {"Origin": "null"},
    "another port": {"Origin": "http://127.0.0.1:1"},
    "no port": {"Origin": "http://127.0.0.1"},
    "another name": {"Origin": "http://localhost:{port}"},
    "beginning alike": {"Origin": OWN + ".evil.example"},
    "more digits of port": {"Origin": OWN + "0"},
    "as a user": {"Origin": OWN + "@evil.example"},
    "in a path": {"Origin": "http://evil.example/{host}"},
    "ending alike": {"Origin": "http://evil{host}"},
    "subdomain": {"Host": "keys.example.com",
                  "Origin": "https://evil.keys.example.com"},
    "parent": {"Host": "keys.example.com", "Origin": "https://example.com"},
    "two origins": {"Origin": OWN + " http://evil.example"},
    "two origins, joined": {"Origin": OWN + ", http://evil.example"},
    "two origins, the first opaque": {"Origin": "null, " + OWN},
    "other scheme, other host": {"Origin": "file://"},
    "extension": {"Origin": "chrome-extension://abcdefgh"},
    "no URL": {"Origin": "{host}"},
    "nothing in it": {"Origin": ""},
}


def filled(headers, server):
    host = f"127.0.0.1:{server.port}"
    return {name: value.format(host=host, port=server.port)
            for name, value in headers.items()}


@pytest.fixture
def key(server, clean):
    return server.database.import_key("monitors:read")


@pytest.mark.parametrize("origin", FROM_HERE)
def test_request_from_here_is_served(server, olga, key, origin):
    headers = filled(FROM_HERE[origin], server)
    created = olga.call("POST", json=key_spec(), headers=headers)
    assert created.status_code == 201
    deleted = olga.call("DELETE", f"/{key.id}", headers=headers)
    assert deleted.status_code == 200


@pytest.mark.parametrize("origin", FROM_ELSEWHERE)
@pytest.mark.parametrize("who", ["olga", "key"])
def test_change_from_elsewhere_is_refused(server, holder, key, who, origin):
    client = Client(server, user=who)
    if who == "key":
        client = holder("api-keys:read", "api-keys:write", "monitors:read")
    before = server.slots()
    headers = filled(FROM_ELSEWHERE[origin], server)
    for answer in (
            client.call("POST", json=key_spec(), headers=headers),
            client.call("DELETE", f"/{key.id}", headers=headers)):
        assert_problem(answer, 403)
    assert server.slots() == before


@pytest.mark.parametrize("origin", FROM_ELSEWHERE)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_reading_from_elsewhere_changes_nothing(server, olga, key, method,
                                                origin):
    headers = filled(FROM_ELSEWHERE[origin], server)
    for path in ("", f"/{key.id}", "/scopes", "/openapi.json"):
        answer = olga.call(method, path, headers=headers)
        assert answer.status_code == 200
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_repeated_headers_do_not_hide_where_a_request_is_from(server, olga):
    def answer(*headers):
        return server.exchange(
            b"\r\n".join([
                f"DELETE {BASIC}/key_01jzzzzzzzzzzzzzzzzzzzzzzz HTTP/1.1"
                .encode(), f"Host: 127.0.0.1:{server.port}".encode(),
                b"Connection: close",
                f"Authorization: {basic('olga')}".encode(),
                *(header.encode() for header in headers), b"", b""]),
            ["DELETE"])[0].status_code

    own, other = f"Origin: http://127.0.0.1:{server.port}", "Origin: null"
    assert answer(own) == 404
    assert answer(own, other) == answer(other, own) == 403
    assert answer("Sec-Fetch-Site: same-origin",
                  "Sec-Fetch-Site: cross-site") == 403


# The headers of every answer

ID = "key_01jzzzzzzzzzzzzzzzzzzzzzzz"
FAILURES = {
    "malformed id": (400, "validation-error",
                     lambda olga: olga.read("key_1")),
    "no JSON": (400, "bad-request", lambda olga: olga.post(b"{")),
    "bad page": (400, "bad-request",
                 lambda olga: olga.asking("perPage=0").list()),
    "bad field": (400, "validation-error", lambda olga: olga.create(name="")),
    "member": (403, "forbidden",
               lambda olga: Client(olga.server, user="mia",
                                   location=olga.location).list()),
    "outsider": (404, "not-found",
                 lambda olga: Client(olga.server, user="otto",
                                     location=olga.location).list()),
    "cross-site": (403, "forbidden",
                   lambda olga: olga.call(
                       "POST", json=key_spec(),
                       headers={"Sec-Fetch-Site": "cross-site"})),
    "unknown key": (404, "not-found", lambda olga: olga.read(ID)),
    "unknown location": (404, "not-found", lambda olga: olga.read("a/b")),
    "method": (405, "method-not-allowed", lambda olga: olga.call("PUT")),
    "too large": (413, "payload-too-large",
                  lambda olga: olga.post(b" " * 65537)),
    "type": (415, "unsupported-media-type",
             lambda olga: olga.post(b"{}", "text/plain")),
    "no credentials": (401, "unauthorized",
                       lambda olga: Client(olga.server,
                                           location=olga.location).list()),
}


def assert_safety_headers(answer):
    for name, value in SAFETY_HEADERS.items():
        assert answer.headers[name] == value, name


@pytest.mark.parametrize("failure", FAILURES)
def test_every_problem_carries_its_headers(olga, failure):
    status, name, ask = FAILURES[failure]
    answer = ask(olga)
    assert_safety_headers(answer)
    assert_problem(answer, status, name=name)


@pytest.mark.parametrize("location", [BASIC, KEYS, OPEN])
def test_every_challenge_carries_its_headers(server, location):
    answer = Client(server, location=location).list()
    assert answer.status_code == 401
    assert_safety_headers(answer)


def test_every_success_carries_its_headers(olga, key):
    for answer in (olga.list(), olga.create(), olga.read(key.id),
                   olga.call("HEAD"), olga.delete(key.id),
                   olga.call("GET", "/scopes"),
                   olga.call("GET", "/openapi.json")):
        assert answer.status_code in (200, 201)
        assert_safety_headers(answer)


@pytest.mark.parametrize("failure", FAILURES)
def test_problem_types_begin_as_configured(olga, failure):
    status, name, ask = FAILURES[failure]
    assert_problem(ask(olga.at("/problems/keys")), status, name=name,
                   base="https://errors.example.com/")


@pytest.mark.parametrize("failure", FAILURES)
def test_problem_can_be_found_in_the_error_log(server, olga, failure):
    _, _, ask = FAILURES[failure]
    instance = ask(olga).json()["instance"]
    (line,) = [line for line in server.error_log.ours()
               if instance.removeprefix("urn:uuid:") in line.text]
    assert line.level == "info"


def test_limit_can_be_found_in_the_error_log(server, olga):
    for _ in range(10):
        olga.make()
    problem = assert_problem(olga.create(), 400, name="limit-exceeded")
    (line,) = [line for line in server.error_log.ours()
               if problem["instance"].removeprefix("urn:uuid:") in line.text]
    assert line.level == "info"


def test_key_never_travels_back(server, olga, holder):
    """Neither the client's own key nor a new one."""
    client = holder("api-keys:read", "api-keys:write", "monitors:read")
    made = client.make()
    for answer in (client.list(), client.read(made.id),
                   client.read("key_1"), client.delete(made.id),
                   client.read(made.id)):
        text = str(answer.headers) + answer.text
        assert made.text[15:] not in text
        assert client.key.text[15:] not in text
    assert_refused(server.get(KEYS, made), 401, "invalid_token")
