# SPDX-License-Identifier: Apache-2.0
"""Where a key is not forwarded, no variable holds a copy of what was
presented, whichever module made it before the key was checked."""

import base64
import json

import pytest
from harness import (
    AUTHZ_DENIED,
    AUTHZ_FAILED,
    assert_refused,
    environment,
    key_digits,
    make_key,
)
from harness.raw import request

GUARD = """
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
"""

CONFIG = f"""
# At trace levels other modules log what they copy.
LogLevel info uptime_keys:trace8
UptimeKeysHeader X-API-Key
UptimeKeysIdentityHeaders X-Uptime
# The first line is in Debian's configuration of PHP-FPM.
SetEnvIfNoCase ^Authorization$ "(.+)" HTTP_AUTHORIZATION=$1
SetEnvIf Authorization "^\\w+ (.+)$" COPY_OF_CREDENTIAL=$1
SetEnvIf Authorization "(.+)" "COPY_INSIDE=before $1 after"
SetEnvIf Authorization "(uptime_[0-9a-f]+)" COPY_OF_KEY=$1
SetEnvIf Authorization "^Bearer uptime_(.+)$" COPY_OF_DIGITS=$1
SetEnvIf Authorization "^\\w+ ([^=]+)" COPY_UNPADDED=$1
SetEnvIf X-API-Key "(.+)" COPY_OF_HEADER=$1 COPY_AGAIN=x=$1
SetEnvIfExpr "unbase64(%{{HTTP:Authorization}}) =~ /(.*)/" \\
    COPY_OF_NOTHING=$1
SetEnvIf Authorization "^Basic (.+)$" ENCODED=$1
RewriteEngine On
RewriteRule ".*" "-" [E=COPY_REWRITTEN:%{{HTTP:Authorization}}]
RewriteCond "expr=unbase64(req_novary('X-Encoded')) =~ /^(.*?):(.*)$/"
RewriteRule ".*" "-" [E=COPY_OF_PASSWORD:%2,E=COPY_OF_PAIR:%1:%2]
RequestHeader set X-Copy "expr=%{{HTTP:Authorization}}" early
RequestHeader set X-Copy-Again "expr=%{{HTTP:X-API-Key}}" early

LoadModule negotiation_module "${{MODULES}}/mod_negotiation.so"
LoadModule lua_module "${{MODULES}}/mod_lua.so"
LuaHookAccessChecker "${{ROOT}}/conf/copy.lua" copy early
RequestHeader set X-From-Note "expr=%{{note:copy}}"

SetEnvIf Request_URI "^" KEPT=1 KEPT_TOO=something-else
ScriptAliasMatch "^/(guarded|forwarded|optional|basic|among|far)/" \\
    "${{ROOT}}/cgi/environ.cgi"
<LocationMatch "^/(guarded|forwarded|optional|far)/">{GUARD}</LocationMatch>
<LocationMatch "^/basic/">{GUARD}
    AuthType Basic
    AuthBasicProvider uptime-key
</LocationMatch>
<LocationMatch "^/among/">
    AuthType Basic
    AuthName "Uptime"
    AuthBasicProvider file uptime-key
    AuthUserFile "${{ROOT}}/conf/users"
    Require valid-user
</LocationMatch>
<LocationMatch "^/(guarded|basic|among|far)/refused/">
    ErrorDocument 400 /cgi/environ.cgi
    ErrorDocument 401 /cgi/environ.cgi
    ErrorDocument 403 /cgi/environ.cgi
</LocationMatch>
# Without a place.
ErrorDocument 404 /cgi/environ.cgi
ErrorDocument 417 /cgi/environ.cgi
<Location "/forwarded/">
    UptimeKeysForwardKey On
</Location>
<LocationMatch "^/(optional|basic/optional)/">
    Require all granted
</LocationMatch>
<Location "/far/">
    <RequireAll>
        Require uptime-scope monitors:read
        Require ip 192.0.2.1
    </RequireAll>
</Location>
# Only the index needs a key, and takes the place of the folder.
<Directory "${{ROOT}}/htdocs/folder">
    DirectoryIndex index.cgi
    Options +ExecCGI +MultiViews
    MultiviewsMatch Handlers
    AddHandler cgi-script .cgi
    CGIPassAuth On
    <Files "index.cgi">{GUARD}</Files>
</Directory>
<Directory "${{ROOT}}/htdocs/folder/forwarded">
    UptimeKeysForwardKey On
</Directory>
<Directory "${{ROOT}}/htdocs/folder/basic">
    <Files "index.cgi">
        AuthType Basic
        AuthBasicProvider uptime-key
    </Files>
</Directory>
Alias "/guarded-page/" "${{ROOT}}/htdocs/"
<Location "/guarded-page/">{GUARD}</Location>
"""

COPY_IN_LUA = """
function copy(r)
    local sent = r.headers_in["Authorization"] or r.headers_in["X-API-Key"]
    if sent then
        r.notes["copy"] = "<" .. sent .. ">"
        r.subprocess_env["COPY_BY_LUA"] = "<" .. sent .. ">"
    end
    return apache2.DECLINED
end
"""


@pytest.fixture(scope="module")
def server(new_httpd):
    if not (environment.libexecdir() / "mod_lua.so").exists():
        pytest.skip("needs mod_lua")
    server = new_httpd(CONFIG, start=False)
    server.write("conf/copy.lua", COPY_IN_LUA)
    # htpasswd -sb users olga secret
    server.write("conf/users", "olga:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n")
    server.write("htdocs/part.shtml",
                 '<!--#include virtual="/cgi/environ.cgi" -->')
    script = (server.root / "cgi" / "environ.cgi").read_text()
    for folder in ("folder", "folder/forwarded", "folder/basic"):
        server.write(f"htdocs/{folder}/index.cgi", script).chmod(0o755)
    return server.start()


@pytest.fixture(scope="module")
def key(server):
    return server.database.create_key("monitors:read")


@pytest.fixture(scope="module")
def lacking(server):
    return server.database.create_key("alerts:read")


def ask(server, path, *headers):
    (answer,) = server.exchange(request(path, *headers))
    return answer


def encoded(user, password):
    return base64.b64encode(f"{user}:{password}".encode()).decode()


def basic(user, password):
    pair = encoded(user, password)
    return [f"Authorization: Basic {pair}", f"X-Encoded: {pair}"]


def sent_by(way, key):
    return {"bearer": [f"Authorization: Bearer {key}"],
            "odd case": [f"authorization: bEARER   {key}"],
            "header": [f"X-API-Key: {key}"],
            "both": [f"Authorization: Bearer {key}", f"X-API-Key: {key}"],
            "basic": basic("x", key),
            "padded": basic("xyz", key)}[way]


def copies_in(answer, *presented):
    """The names of variables that hold anything of what was presented."""
    known = json.loads(answer.text)["environment"]
    assert known["KEPT"] == "1" or known["REDIRECT_KEPT"] == "1"
    return {name for name, value in known.items()
            if any(str(text).rstrip("=") in value for text in presented)}


def hide(server, *texts):
    for text in texts:
        server.keep_secret(text)


@pytest.mark.mpm
@pytest.mark.parametrize("path", ["/guarded/x", "/guarded-page/part.shtml",
                                  "/optional/x"])
@pytest.mark.parametrize("way", ["bearer", "odd case", "header", "both"])
def test_script_sees_no_copy_of_a_key(server, key, path, way):
    answer = ask(server, path, *sent_by(way, key))
    assert answer.status_code == 200
    assert copies_in(answer, key, key_digits(str(key))) == set()
    assert "HTTP_AUTHORIZATION" not in answer.text


@pytest.mark.mpm
@pytest.mark.parametrize("path", ["/basic/x", "/basic/optional/x"])
@pytest.mark.parametrize("way", ["basic", "padded"])
def test_script_sees_no_copy_of_a_password(server, key, path, way):
    lines = sent_by(way, key)
    pair = lines[1].split()[1]
    hide(server, key, pair)
    answer = ask(server, path, *lines)
    assert answer.status_code == 200
    # This header is the test's, for mod_rewrite.
    assert copies_in(answer, key, pair) <= {"HTTP_X_ENCODED"}


@pytest.mark.parametrize("path", ["/folder/", "/folder/index"])
@pytest.mark.parametrize("way", ["bearer", "header", "both"])
def test_index_of_a_folder_sees_no_key(server, key, path, way):
    answer = ask(server, path, *sent_by(way, key))
    assert answer.status_code == 200
    assert copies_in(answer, key) == set()
    known = json.loads(answer.text)["environment"]
    assert known["UPTIME_KEY_ID"] == known["REMOTE_USER"] == key.id
    assert known["HTTP_X_UPTIME_KEY_ID"] == key.id


def test_index_of_a_folder_sees_no_password(server, key):
    lines = sent_by("basic", key)
    hide(server, key, lines[1].split()[1])
    answer = ask(server, "/folder/basic/", *lines)
    assert answer.status_code == 200
    assert copies_in(answer, key, lines[1].split()[1]) <= {"HTTP_X_ENCODED"}


def test_index_of_a_folder_sees_a_forwarded_key(server, key):
    answer = ask(server, "/folder/forwarded/", *sent_by("bearer", key))
    known = json.loads(answer.text)["environment"]
    assert known["HTTP_AUTHORIZATION"] == f"Bearer {key}"


def test_copies_are_there_where_the_key_is_forwarded(server, key):
    """Otherwise the other tests would prove nothing."""
    answer = ask(server, "/forwarded/x", *sent_by("both", key))
    assert copies_in(answer, key) == {
        "HTTP_AUTHORIZATION", "HTTP_X_API_KEY", "COPY_OF_CREDENTIAL",
        "COPY_INSIDE", "COPY_OF_KEY", "COPY_UNPADDED", "COPY_OF_HEADER",
        "COPY_AGAIN", "COPY_REWRITTEN", "HTTP_X_COPY", "HTTP_X_COPY_AGAIN",
        "COPY_BY_LUA", "HTTP_X_FROM_NOTE"}


BAD = {
    "unknown": lambda: (["Authorization: Bearer {}"], make_key()),
    "wrong checksum": lambda: (["Authorization: Bearer {}"],
                               make_key()[:63] + "00000000"),
    "too long": lambda: (["Authorization: Bearer {}"], make_key() + "0"),
    "no key": lambda: (["Authorization: Bearer {}"], "somebody's-password"),
    "short": lambda: (["Authorization: Bearer {}"], "Bearer secret"),
    "no scheme": lambda: (["Authorization: {}"], make_key()),
    "header": lambda: (["X-API-Key: {}"], make_key()),
    "header without a key": lambda: (["X-API-Key: {}"], "another-password"),
    "repeated": lambda: (["Authorization: Bearer {}"] * 2, make_key()),
    "with another": lambda: (["Authorization: Bearer {}, Bearer b"],
                             make_key()),
    "disagreeing": lambda: (["Authorization: Bearer {}", "X-API-Key: c"],
                            make_key()),
}


@pytest.mark.mpm
@pytest.mark.parametrize("kind", BAD)
def test_error_document_sees_no_copy_of_a_bad_key(server, kind):
    lines, text = BAD[kind]()
    hide(server, text)
    value = text.removeprefix("Bearer ")
    answer = ask(server, "/guarded/refused/x",
                 *(line.format(value) for line in lines))
    assert answer.status_code in (400, 401)
    assert copies_in(answer, text) == set()


# A client may not choose which headers vanish, so that a short string or one in
# a header without a scheme stays in other headers.
@pytest.mark.parametrize("kind", sorted(set(BAD) - {
    "short", "header without a key", "disagreeing"}))
def test_script_that_needs_no_key_sees_no_copy_of_a_bad_one(server, kind):
    lines, text = BAD[kind]()
    hide(server, text)
    answer = ask(server, "/optional/x", *(line.format(text)
                                          for line in lines))
    assert answer.status_code == 200
    assert copies_in(answer, text) == set()


def test_error_document_sees_no_copy_of_a_key_without_the_scope(
        server, lacking):
    server.expect_log(AUTHZ_FAILED)
    answer = ask(server, "/guarded/refused/x", *sent_by("both", lacking))
    assert answer.status_code == 403
    assert copies_in(answer, lacking) == set()


@pytest.mark.parametrize("way", ["bearer", "both"])
def test_error_document_sees_no_copy_of_a_key_that_was_not_looked_at(
        server, key, way):
    """Authorization refuses before there is a user."""
    server.expect_log(AUTHZ_DENIED)
    answer = ask(server, "/far/refused/x", *sent_by(way, key))
    assert answer.status_code == 403
    assert copies_in(answer, key) == set()


@pytest.mark.parametrize("password", [make_key(), "a long password"],
                         ids=["key", "words"])
def test_error_document_sees_no_copy_of_a_bad_password(server, password):
    lines = basic("x", password)
    hide(server, password, lines[1].split()[1])
    answer = ask(server, "/basic/refused/x", *lines)
    assert answer.status_code == 401
    assert copies_in(answer, password, encoded("x", password)) <= {
        "HTTP_X_ENCODED"}


@pytest.mark.parametrize("lines", [
    ["Authorization: Bearer {}"], ["Authorization: {}"], ["X-API-Key: {}"],
    ["Authorization: Basic eDp4", "X-API-Key: {}"],
    ["Authorization: Bearer {}", "X-API-Key: {}"]])
@pytest.mark.parametrize("path", ["/basic/refused/x", "/among/refused/x"])
def test_error_document_sees_no_key_that_was_not_the_password(
        server, key, path, lines):
    server.expect_log("AH01614", "AH01618")
    answer = ask(server, path, *(line.format(key) for line in lines))
    assert answer.status_code == 401
    assert copies_in(answer, key) == set()


def test_error_document_sees_no_key_that_was_the_name(server, key):
    server.expect_log("AH01618")
    lines = basic(key, "x")
    hide(server, key, lines[1].split()[1])
    answer = ask(server, "/among/refused/x", *lines)
    assert answer.status_code == 401
    assert copies_in(answer, key, encoded(key, "x")) <= {"HTTP_X_ENCODED"}


@pytest.mark.parametrize("path,user", [("/basic/x", "x"), ("/among/x", "x"),
                                       ("/among/x", "olga")])
def test_script_sees_no_header_that_another_key_came_in(server, key, path,
                                                        user):
    """Here only the password counts, but it is a header for keys."""
    password = "secret" if user == "olga" else key
    answer = ask(server, path, basic(user, password)[0],
                 f"X-API-Key: {make_key()}")
    assert answer.status_code == 200
    known = json.loads(answer.text)["environment"]
    assert known["REMOTE_USER"] == ("olga" if user == "olga" else key.id)
    assert "HTTP_X_API_KEY" not in known
    assert not any(name.startswith(("COPY_OF_HEADER", "COPY_AGAIN"))
                   for name in known)
    # Who is no key may be known to the backend.
    assert ("HTTP_AUTHORIZATION" in known) == (user == "olga")


@pytest.mark.parametrize("path,header", [("/guarded/a%2Fb", "X-Nothing: 1"),
                                         ("/guarded/x", "Expect: nothing")])
@pytest.mark.parametrize("way", ["bearer", "header", "both", "basic"])
def test_error_document_sees_no_key_of_a_request_without_a_place(
        server, key, path, header, way):
    lines = sent_by(way, key)
    if way == "basic":
        hide(server, key, lines.pop().split()[1])
    answer = ask(server, path, header, *lines)
    assert answer.status_code in (404, 417)
    assert copies_in(answer, key, encoded("x", key)) == set()


@pytest.mark.parametrize("sent", ["Bearer 1", "Bearer e", "Bearer ", "Bearer"])
def test_client_removes_no_variable_by_a_short_credential(server, sent):
    answer = ask(server, "/guarded/refused/x", f"Authorization: {sent}")
    known = json.loads(answer.text)["environment"]
    assert known["REDIRECT_KEPT"] == "1"
    assert known["REDIRECT_KEPT_TOO"] == "something-else"


def test_client_removes_no_header_by_a_credential(server):
    answer = ask(server, "/guarded/refused/x", "User-Agent: some program",
                 "X-API-Key: some program")
    known = json.loads(answer.text)["environment"]
    assert known["HTTP_USER_AGENT"] == "some program"


def test_prefix_of_a_key_stays(server, key):
    answer = ask(server, "/guarded/x", f"Authorization: Bearer {key}",
                 f"X-About: {key.prefix}")
    known = json.loads(answer.text)["environment"]
    assert known["UPTIME_KEY_PREFIX"] == known["HTTP_X_ABOUT"] == key.prefix


def test_refusal_is_the_same_with_copies(server):
    assert_refused(ask(server, "/guarded/x",
                       f"Authorization: Bearer {make_key()}"),
                   401, "invalid_token")
