# SPDX-License-Identifier: Apache-2.0
"""conf/examples/verify.conf by itself: nothing in it says yes but its places."""

import pytest
import requests
from gateways import verify_conf
from harness import make_key, servers


@pytest.fixture(scope="module")
def verify(new_httpd):
    port = servers.free_port()
    httpd = new_httpd(verify_conf(port) + "TraceEnable On\n")
    httpd.write("htdocs/index.html", "anybody")
    return httpd, port


@pytest.fixture(scope="module")
def keys(verify):
    return {name: verify[0].database.create_key(f"monitors:{name}")
            for name in ("read", "write")}


def ask(verify, path, key=None, method="GET"):
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, f"http://127.0.0.1:{verify[1]}{path}",
                               headers=headers, timeout=30).status_code


@pytest.mark.parametrize("path", [
    "/", "/index.html", "/answer.txt", "/verify", "/verify/", "/verify/other",
    "/verify/readable", "/verify/request*", "/cgi/environ.cgi", "/t/x"])
def test_nothing_else_says_yes(verify, keys, path):
    for key in (None, keys["read"], keys["write"], make_key()):
        for method in ("GET", "POST", "OPTIONS", "TRACE"):
            assert ask(verify, path, key, method) in (401, 403, 405)


@pytest.mark.parametrize("path, key, method, status", [
    ("/verify/read", "read", "POST", 204),
    ("/verify/read", "write", "GET", 403),
    ("/verify/write", "write", "GET", 204),
    ("/verify/write", "read", "POST", 403),
    ("/verify/request/api/x", "read", "GET", 200),
    ("/verify/request/api/x", "read", "HEAD", 200),
    ("/verify/request/api/a%2Fb", "read", "GET", 200),
    ("/verify/request/api/a%2F..%2Fb", "read", "GET", 400),
    ("/verify/request/api/x", "read", "POST", 403),
    ("/verify/request/api/x", "read", "ANYTHING", 403),
    ("/verify/request/api/x", "write", "DELETE", 200),
    ("/verify/request/api/x", "write", "GET", 200)])
def test_places(verify, keys, path, key, method, status):
    assert ask(verify, path, keys[key], method) == status


@pytest.mark.parametrize("place", ["read", "write", "request"])
def test_places_without_a_good_key(verify, place):
    for method in ("GET", "POST", "OPTIONS"):
        assert ask(verify, f"/verify/{place}", None, method) == 401
        assert ask(verify, f"/verify/{place}", make_key(), method) == 401
    assert ask(verify, f"/verify/{place}", None, "TRACE") == 405
