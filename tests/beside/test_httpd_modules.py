# SPDX-License-Identifier: Apache-2.0
"""Keys beside modules of httpd that have something to do with requests."""

import html

import pytest
from beside import BesideHttpd, PreforkHttpd, bundled, load, managed
from harness import (
    AUTHZ_DENIED,
    AUTHZ_FAILED,
    AUTHZ_NO_USER,
    UK_LOOKUP,
    assert_refused,
    make_key,
)
from page import shown

KEYED = """
<Location "/t/">
    AuthType uptime-key
    AuthName "Uptime"
    UptimeKeysHeader X-API-Key
    Require uptime-scope monitors:read
</Location>
"""
BASE = "/settings/api-keys"


# Require expr

@pytest.fixture(scope="module")
def expr(new_httpd):
    line = shown("Require expr")
    server = new_httpd(
        'AliasMatch "^/(?:acme|early)/" "${ROOT}/htdocs/answer.txt"\n' + line
        + line.replace("/acme/", "/early/").replace(
            "%{REMOTE_USER} != '' && ", ""))
    server.database.create_team("beta")
    return server


def test_expression_about_the_key(expr):
    expr.expect_log(AUTHZ_NO_USER, AUTHZ_DENIED, AUTHZ_FAILED)
    ours = expr.database.create_key("monitors:read")
    others = expr.database.create_key("monitors:read", team="beta")
    assert expr.get("/acme/x", ours).status_code == 200
    assert_refused(expr.get("/acme/x", others), 403, realm="Acme")
    assert_refused(expr.get("/acme/x"), 401, realm="Acme")
    assert_refused(expr.get("/acme/x", make_key()), 401, "invalid_token",
                   realm="Acme")


def test_expression_without_the_user_is_judged_too_early(expr):
    """Before authentication: a good key is not even looked up."""
    expr.expect_log(AUTHZ_DENIED)
    key = expr.database.import_key("monitors:read")
    assert expr.get("/early/x", key).status_code == 403
    assert expr.error_log.count(UK_LOOKUP) == 0


# mod_cache

@pytest.mark.parametrize("header", ["Authorization", "X-API-Key"])
@pytest.mark.parametrize("quick", ["On", "Off"])
def test_answer_to_a_key_is_in_no_cache(new_httpd, header, quick):
    server = new_httpd(
        shown("mod_cache", cache="${ROOT}/cache") + KEYED
        + f"CacheQuickHandler {quick}\nCacheHeader On\nCacheMinExpire 600\n")
    server.write("htdocs/public.txt", "public")
    key = server.database.create_key("monitors:read")
    sent = {header: f"Bearer {key}" if header == "Authorization" else
            str(key)}
    for _ in range(2):
        answer = server.get("/t/x", headers=sent)
        assert answer.status_code == 200
        assert "HIT" not in answer.headers.get("X-Cache", "")
    assert_refused(server.get("/t/x"), 401)
    # It does cache.
    server.get("/public.txt")
    assert server.get("/public.txt").headers["X-Cache"].startswith("HIT")
    server.ask_to_stop()


# mod_remoteip

@pytest.mark.parametrize("place", ["main server", "virtual host"])
def test_audit_row_has_the_address_of_the_client(new_httpd, place):
    lines = shown("mod_remoteip") + managed(BASE)
    if place == "virtual host":
        lines = f"<VirtualHost *>\n{lines}</VirtualHost>\n"
    server = new_httpd(bundled("remoteip") + "\n" + lines, kind=BesideHttpd,
                       start=False)
    server.make_users()
    server.start()
    made = server.request(
        "POST", BASE, auth=("olga", "secret"),
        headers={"X-Forwarded-For": "203.0.113.9"},
        json={"name": "a key", "scopes": ["monitors:read"]})
    assert made.status_code == 201
    server.keep_secret(made.json()["data"]["key"])
    assert server.database.rows(
        "SELECT source FROM uptime_audit WHERE actor = 'olga'") == [
        ("203.0.113.9",)]
    server.ask_to_stop()


# mod_status, mod_info

@pytest.fixture(scope="module")
def status(new_httpd):
    return new_httpd("\n".join([
        bundled("status", "info"), "ExtendedStatus On", KEYED,
        shown("mod_status and mod_info")]))


def test_status_and_info_have_no_key(status):
    key = status.database.create_key("monitors:read")
    other = make_key()
    assert status.get("/t/x", key).status_code == 200
    assert status.get("/t/x", other).status_code == 401
    for path in ("/server-status", "/server-info"):
        text = status.get(path).text
        assert key.text[15:] not in text and other[15:] not in text


def test_info_prints_the_parameters_of_the_database(status):
    """So a password does not belong there."""
    text = html.unescape(status.get("/server-info").text)
    assert status.database.params in text


# mpm-itk

def test_mpm_itk_is_refused(new_httpd):
    """It forks a process for each connection out of one with threads."""
    server = new_httpd(load("mpm_itk", "mpm_itk") + KEYED, kind=PreforkHttpd,
                       start=False)
    done = server.config_test()
    assert done.returncode == 0, done.stderr
    with pytest.raises(AssertionError, match="did not start"):
        server.start()
    server.expect_log("UK0001")
    assert "UK0001" in server.stderr() + server.error_log.text()
