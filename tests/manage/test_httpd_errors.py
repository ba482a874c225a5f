# SPDX-License-Identifier: Apache-2.0
"""httpd's own errors at management locations are problem documents too."""

import re

import pytest
from harness.answers import assert_problem
from managed import BROKEN, password

NAMES = {404: "not-found", 408: "request-timeout", 410: "bad-request",
         429: "rate-limited", 500: "internal", 502: "internal",
         503: "unavailable", 504: "internal", 507: "internal"}
CONFIG = "".join(f"""
<Location "/answered/{status}">
    SetHandler uptime-keys
    Require all granted
    Redirect {status}
</Location>
""" for status in NAMES) + """
<Location "/answered/307">
    SetHandler uptime-keys
    Require all granted
    Redirect 307 /t/x
</Location>
<Location "/answered/504/document">
    ErrorDocument 504 "Too late."
</Location>
""" + "".join(f"""
<Location "/limited/{limit}">
    SetHandler uptime-keys
    AuthType Basic
    AuthName "People"
    AuthUserFile "${{ROOT}}/conf/passwords"
    Require valid-user
    LimitRequestBody {limit}
</Location>
""" for limit in (0, 1000, 1000000))
PAGE = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def server(new_managed):
    return new_managed(CONFIG)


@pytest.mark.parametrize("method,path", [
    ("GET", ""), ("POST", ""), ("GET", "/key_01jzzzzzzzzzzzzzzzzzzzzzzz"),
    ("DELETE", "/key_01jzzzzzzzzzzzzzzzzzzzzzzz"), ("GET", "/scopes"),
    ("GET", "/openapi.json")])
def test_failure_is_told_as_described(server, method, path):
    server.expect_log("AH01620")
    answer = server.request(method, BROKEN + path,
                            auth=("olga", password("olga")))
    problem = assert_problem(answer, 500)
    assert "conf/nowhere" not in answer.text
    assert problem["instance"] in server.error_log.text()


@pytest.mark.parametrize("status,name", NAMES.items())
def test_every_error_is_a_problem(server, status, name):
    answer = server.get(f"/answered/{status}")
    assert_problem(answer, status, name=name)


@pytest.mark.parametrize("status", NAMES)
def test_every_error_is_a_page_of_ours(server, status):
    answer = server.get(f"/answered/{status}", headers=PAGE)
    assert answer.status_code == status
    assert "Content-Security-Policy" in answer.headers
    assert "In the server's log: " in answer.text


def test_redirection_is_no_problem(server):
    answer = server.get("/answered/307")
    assert answer.status_code == 307
    assert answer.headers["Content-Type"].startswith("text/html")


def test_administrators_document_wins(server):
    answer = server.get("/answered/504/document")
    assert (answer.status_code, answer.text) == (504, "Too late.")


@pytest.mark.parametrize("configured,size,limit", [
    (1000, 1001, 1000), (1000, 65537, 1000), (1000000, 65537, 65536),
    (1000000, 1000001, 65536), (0, 65537, 65536)])
@pytest.mark.parametrize("is_chunked", [False, True])
def test_limit_that_is_exceeded_is_named(
        server, configured, size, limit, is_chunked):
    server.expect_log("AH01587", "AH01591")
    body = b" " * size
    parts = (body[at:at + 8000] for at in range(0, size, 8000))
    answer = server.request(
        "POST", f"/limited/{configured}", auth=("olga", password("olga")),
        headers={"Content-Type": "application/json"},
        data=parts if is_chunked else body)
    problem = assert_problem(answer, 413)
    assert re.findall(r"\d+", problem["detail"]) == [str(limit)]
