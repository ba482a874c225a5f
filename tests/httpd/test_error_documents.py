# SPDX-License-Identifier: Apache-2.0
"""An ErrorDocument replaces the problem document, but not the headers of a
refusal."""

import pytest
from harness import AUTHZ_FAILED, UK_ANY, UK_LOOKUP, challenge, make_key
from harness.database import now_ms

CONFIG = """
<Location "/t/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Location>
<Location "/t/text">
    ErrorDocument 401 "Please bring a key."
    ErrorDocument 403 "Not with this key."
    ErrorDocument 503 "Come back later."
</Location>
<Location "/t/page">
    ErrorDocument 401 /sorry.html
    ErrorDocument 403 /sorry.html
    ErrorDocument 503 /sorry.html
</Location>
<Location "/t/inside">
    ErrorDocument 401 /t/behind-the-door
    ErrorDocument 403 /t/behind-the-door
</Location>
<Location "/t/inside/forwarded">
    UptimeKeysForwardKey On
</Location>
"""

SORRY = "<p>Sorry.</p>"


@pytest.fixture(scope="module")
def server(new_httpd):
    server = new_httpd(CONFIG)
    server.write("htdocs/sorry.html", SORRY)
    return server


@pytest.fixture(scope="module")
def lacking(server):
    return server.database.create_key("alerts:read")


def assert_refused_with(answer, status, error, text):
    assert (answer.status_code, answer.text) == (status, text)
    assert challenge(answer).get("error") == error
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("path,text", [
    ("/t/text", "Please bring a key."), ("/t/page", SORRY)])
def test_error_document_without_a_good_key(server, path, text):
    assert_refused_with(server.get(path), 401, None, text)
    assert_refused_with(server.get(path, make_key()), 401, "invalid_token",
                        text)


@pytest.mark.parametrize("path,text", [
    ("/t/text", "Not with this key."), ("/t/page", SORRY)])
def test_error_document_of_a_missing_scope(server, lacking, path, text):
    server.expect_log(AUTHZ_FAILED)
    assert_refused_with(server.get(path, lacking), 403, "insufficient_scope",
                        text)


@pytest.mark.parametrize("path,text", [
    ("/t/text", "Come back later."), ("/t/page", SORRY)])
def test_error_document_while_the_database_is_unavailable(
        server, lacking, path, text):
    server.expect_log(UK_ANY)
    with server.database.unavailable():
        answer = server.get(path, lacking)
    assert (answer.status_code, answer.text) == (503, text)
    assert "Retry-After" in answer.headers
    assert "no-store" in answer.headers["Cache-Control"]


def test_error_document_with_the_same_requirement_is_not_served(server,
                                                                lacking):
    server.expect_log(AUTHZ_FAILED)
    for key, status, error in ((None, 401, None),
                               (make_key(), 401, "invalid_token"),
                               (lacking, 403, "insufficient_scope")):
        answer = server.get("/t/inside", key)
        assert answer.status_code == status
        assert challenge(answer).get("error") == error
        assert "answer" not in answer.text


def test_error_document_inherits_a_refusal_without_a_second_look_up(server):
    key = server.database.import_key("monitors:read", expiresAt=now_ms() - 1)
    assert server.get("/t/inside/forwarded", key).status_code == 401
    assert server.error_log.count(UK_LOOKUP) == 1
