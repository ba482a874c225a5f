# SPDX-License-Identifier: Apache-2.0
"""The index of an open directory needs a key.  mod_dir asks for it by a
sub-request, and answers the status of that, and nothing else of it."""

import pytest
from harness import AUTHZ_FAILED, assert_refused, make_key, only_on
from harness.answers import assert_problem, challenge
from harness.figures import PLACE, await_rise, verdicts
from limits import assert_limited

pytestmark = only_on("sqlite3", reason="the database does not matter")

GUARD = """
        AuthType uptime-key
        AuthName "Uptime"
        Require uptime-scope monitors:read
"""
CONFIG = PLACE + f"""
<Directory "${{ROOT}}/htdocs/d">
    DirectoryIndex none.html index.html
    FallbackResource /d/index.html
    <Files "index.html">{GUARD}</Files>
</Directory>
<Directory "${{ROOT}}/htdocs/d/limited">
    FallbackResource disabled
    <Files "index.html">
        UptimeKeysRateLimit 1/3600
    </Files>
</Directory>
<Directory "${{ROOT}}/htdocs/d/basic">
    <Files "index.html">
        AuthType Basic
        AuthBasicProvider uptime-key
    </Files>
</Directory>
<Directory "${{ROOT}}/htdocs/d/page">
    ErrorDocument 401 /sorry.html
    ErrorDocument 403 "Not you."
</Directory>
RewriteEngine On
RewriteRule "^/to/index$" "/d/" [PT]
<Directory "${{ROOT}}/htdocs/from">
    RewriteEngine On
    RewriteRule "^here$" "/d/"
    RewriteRule "^refused$" "-" [F]
</Directory>
"""
PATHS = ["/d/", "/d/nothing", "/to/index", "/from/here"]


@pytest.fixture(scope="module")
def server(new_httpd):
    server = new_httpd(CONFIG, expect_log=[AUTHZ_FAILED, "AH01617"])
    for folder in ("", "limited/", "basic/", "page/"):
        server.write(f"htdocs/d/{folder}index.html", "index\n")
    server.write("htdocs/sorry.html", "sorry\n")
    server.write("htdocs/from/x", "")
    return server


@pytest.fixture(scope="module")
def key(server):
    return server.database.import_key("monitors:read")


@pytest.fixture(scope="module")
def lacking(server):
    return server.database.import_key("alerts:read")


@pytest.mark.parametrize("path", PATHS)
def test_refusal_is_answered_and_counted_like_any_other(server, lacking, path):
    before = verdicts(server)
    assert_refused(server.get(path), 401)
    assert_refused(server.get(path, make_key()), 401, "invalid_token")
    answer = server.get(path, lacking)
    problem = assert_refused(answer, 403, "insufficient_scope")
    assert challenge(answer)["scope"] == "monitors:read"
    assert "monitors:read" in problem["detail"]
    assert server.error_log.count("UK0010.*monitors:read") == 1
    await_rise(lambda: verdicts(server), before,
               {"no_key": 1, "invalid": 1, "scope": 1})


@pytest.mark.parametrize("path", PATHS)
def test_good_key_gets_the_index(server, key, path):
    before = verdicts(server)
    assert server.get(path, key).text == "index\n"
    await_rise(lambda: verdicts(server), before, {"ok": 1})


def test_limited_index(server, key):
    before = verdicts(server)
    assert server.get("/d/limited/", key).status_code == 200
    answer = server.get("/d/limited/", key)
    assert_problem(answer, 429)
    assert_limited(answer)
    await_rise(lambda: verdicts(server), before, {"ok": 1, "limited": 1})


def test_index_with_a_key_as_a_password(server):
    """The challenge is that of mod_auth_basic, which mod_dir passes on."""
    before = verdicts(server)
    answer = server.get("/d/basic/", auth=("x", str(make_key())))
    assert_problem(answer, 401)
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="Uptime"'
    await_rise(lambda: verdicts(server), before, {"invalid": 1})


def test_error_document_of_the_directory(server, lacking):
    before = verdicts(server)
    answer = server.get("/d/page/")
    assert (answer.status_code, answer.text) == (401, "sorry\n")
    assert challenge(answer) == {"realm": "Uptime"}
    answer = server.get("/d/page/", lacking)
    assert (answer.status_code, answer.text) == (403, "Not you.")
    assert challenge(answer)["error"] == "insufficient_scope"
    await_rise(lambda: verdicts(server), before, {"no_key": 1, "scope": 1})


def test_what_others_refuse_stays_theirs(server, lacking):
    answer = server.get("/from/refused", lacking)
    assert answer.status_code == 403
    assert "WWW-Authenticate" not in answer.headers
