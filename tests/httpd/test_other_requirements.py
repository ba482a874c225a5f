# SPDX-License-Identifier: Apache-2.0
"""A key that the Require line of another module refuses is answered like one
that ours refuse; what is no matter of authorization stays httpd's."""

import pytest
from harness import (
    AUTHZ_DENIED,
    AUTHZ_FAILED,
    AUTHZ_NO_USER,
    assert_refused,
    make_key,
)
from harness.answers import assert_problem

SCOPE = "Require uptime-scope monitors:read"


def all_of(*lines):
    return "\n".join(["<RequireAll>", SCOPE, *lines, "</RequireAll>"])


# Each refuses every key.
REFUSING = {
    "user": "Require user olga",
    "scope-and-user": all_of("Require user olga"),
    "not-user": all_of("Require not valid-user"),
    "expr": all_of("Require expr \"%{HTTP:X-Open} == 'yes'\""),
    "expr-user": "Require expr \"%{REMOTE_USER} == 'olga'\"",
    "scope-and-expr-user":
        all_of("Require expr \"%{REMOTE_USER} == 'olga'\""),
    "ip": all_of("Require ip 192.0.2.1"),
    "ip-alone": "Require ip 192.0.2.1",
    "env": all_of("Require env NOWHERE"),
    "method": all_of("Require method POST"),
    "none": all_of("<RequireNone>", "Require valid-user", "</RequireNone>"),
    "denied": "Require all denied",
    "group": "AuthGroupFile ${ROOT}/conf/groups\nRequire group people",
    "off": "AuthzSendForbiddenOnFailure Off\nRequire user olga",
}
# These refuse whoever asks, before there can be a user.
EARLY = {"ip", "ip-alone", "env", "method", "denied", "expr"}

HEAD = 'AuthType uptime-key\nAuthName "Uptime"\n'
BASIC = ('AuthType Basic\nAuthName "Uptime"\nAuthBasicProvider '
         'uptime-key\n')


def location(path, *lines):
    return "\n".join([f'<Location "{path}">', *lines, "</Location>\n"])


CONFIG = "".join([
    *(location(f"/t/{name}", HEAD, lines) for name, lines in REFUSING.items()),
    *(location(f"/basic/t/{name}", BASIC, lines)
      for name, lines in REFUSING.items()),
    location("/t/text", HEAD, "Require user olga",
             'ErrorDocument 401 "Who?"', 'ErrorDocument 403 "No."'),
    location("/t/based", HEAD, "Require user olga",
             "UptimeKeysProblemBase https://errors.example.com/"),
    location("/t/either", HEAD, "Require user olga", SCOPE),
    location("/t/rewritten", HEAD, SCOPE, "RewriteEngine On",
             'RewriteRule ".*" "-" [F]'),
    location("/t/redirected", HEAD, SCOPE, "Redirect 403"),
    location("/listing/", HEAD, SCOPE),
    location("/people", 'AuthType Basic\nAuthName "People"',
             "AuthBasicProvider file uptime-key",
             'AuthUserFile "${ROOT}/conf/users"', "Require user root"),
    location("/people/far", "AuthMerging Off", "Require ip 192.0.2.1"),
    location("/t/preflight", HEAD, "UptimeKeysPreflight On",
             "AuthzSendForbiddenOnFailure On", all_of("Require user olga")),
    """
    LoadModule authz_groupfile_module "${MODULES}/mod_authz_groupfile.so"
    LoadModule autoindex_module "${MODULES}/mod_autoindex.so"
    RewriteEngine On
    RewriteRule "^/t/either/rewritten-early$" "-" [F]
    Alias "/basic/t/" "${ROOT}/htdocs/"
    Alias "/files/" "${ROOT}/htdocs/files/"
    <Directory "${ROOT}/htdocs/files">
        AllowOverride AuthConfig
    </Directory>
    """])


@pytest.fixture(scope="module")
def server(new_httpd):
    server = new_httpd(CONFIG)
    server.write("conf/groups", "people: olga\n")
    # htpasswd -sb users olga secret
    server.write("conf/users", "olga:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n")
    server.write("htdocs/listing/x", "x")
    server.write("htdocs/files/x", "x")
    server.write("htdocs/files/.htaccess", HEAD + "Require user olga\n")
    return server


@pytest.fixture(scope="module")
def key(server):
    return server.database.create_key("monitors:read")


@pytest.fixture(autouse=True)
def expected(server):
    server.expect_log(AUTHZ_FAILED, AUTHZ_NO_USER, AUTHZ_DENIED)


def assert_forbidden(answer):
    problem = assert_refused(answer, 403)
    assert "is not allowed here" in problem["detail"]
    return problem


@pytest.mark.mpm
@pytest.mark.parametrize("name", REFUSING)
def test_key_is_forbidden_by_a_problem(server, key, name):
    problem = assert_forbidden(server.get(f"/t/{name}", key))
    (line,) = server.error_log.ours("info")
    assert problem["instance"] in line.text
    assert "refused with 403" in line.text
    if name not in EARLY:
        assert key.id in line.text


@pytest.mark.parametrize("name", REFUSING)
def test_key_by_basic_is_forbidden_by_a_problem(server, key, name):
    """There is no Bearer in the challenges of Basic, and no other password
    would do."""
    server.keep_secret(key)
    answer = server.get(f"/basic/t/{name}", auth=("x", str(key)))
    assert_problem(answer, 403)
    assert "WWW-Authenticate" not in answer.headers


@pytest.mark.parametrize("name", REFUSING)
def test_without_a_key(server, name):
    answer = server.get(f"/t/{name}")
    if name in EARLY:
        assert_forbidden(answer)
    else:
        assert_refused(answer, 401)


@pytest.mark.parametrize("name", sorted(set(REFUSING) - EARLY))
def test_bad_key_is_not_found_out_to_be_forbidden(server, name):
    assert_refused(server.get(f"/t/{name}", make_key()), 401, "invalid_token")


def test_preflight_that_another_line_refuses(server):
    answer = server.request("OPTIONS", "/t/preflight", headers={
        "Origin": "https://example.com",
        "Access-Control-Request-Method": "GET"})
    assert_forbidden(answer)


def test_in_htaccess(server, key):
    assert_forbidden(server.get("/files/x", key))


def test_head_is_answered_alike(server, key):
    answer = server.request("HEAD", "/t/user", key)
    assert answer.status_code == 403
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Uptime"'
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_error_document_is_that_of_403(server, key):
    answer = server.get("/t/text", key)
    assert (answer.status_code, answer.text) == (403, "No.")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Uptime"'


def test_base_of_the_type(server, key):
    assert_problem(server.get("/t/based", key), 403,
                   base="https://errors.example.com/")


def test_scope_is_named_where_it_would_do(server):
    lacking = server.database.import_key("alerts:read")
    assert_refused(server.get("/t/either", lacking), 403,
                   "insufficient_scope")


def test_key_that_another_line_lets_in_carries_no_challenge(server, key):
    answer = server.get("/t/either", key)
    assert answer.status_code == 200
    assert "WWW-Authenticate" not in answer.headers


@pytest.mark.parametrize("path", ["/t/rewritten", "/t/redirected",
                                  "/t/either/rewritten-early", "/listing/"])
def test_what_another_module_refuses_stays_its_own(server, key, path):
    server.expect_log("AH01276", "cannot serve directory")
    if path == "/listing/":
        server.expect_log("AH01277")
    answer = server.get(path, key)
    assert answer.status_code == 403
    assert "WWW-Authenticate" not in answer.headers
    assert answer.headers["Content-Type"].startswith("text/html")
    assert not server.error_log.count("UK0010")


def test_users_are_answered_as_httpd_does(server):
    answer = server.get("/people", auth=("olga", "secret"))
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="People"'
    assert answer.headers["Content-Type"].startswith("text/html")


def test_users_are_denied_as_httpd_does(server):
    answer = server.get("/people/far", auth=("olga", "secret"))
    assert answer.status_code == 403
    assert answer.headers["Content-Type"].startswith("text/html")


def test_key_among_users_is_forbidden(server, key):
    server.keep_secret(key)
    answer = server.get("/people", auth=("x", str(key)))
    assert_problem(answer, 403)
    assert "WWW-Authenticate" not in answer.headers
