# SPDX-License-Identifier: Apache-2.0
"""UptimeKeysRateLimit: what is counted, for whom, and what is answered.  The
limits are of hours, so that nothing comes back during a test."""

import subprocess

import pytest
from caching import CACHED, GUARDED
from harness import (AUTHZ_FAILED, MPM, UK_LOOKUP, Httpd, assert_refused,
                     environment, eventually, make_key, only_on)
from harness.answers import assert_problem
from limits import assert_limited, limit_of, used
from streams import Events, StreamHttpd

pytestmark = only_on("sqlite3", reason="no limit is in the database")

KEYED = 'AuthType uptime-key\nAuthName "Uptime"\n'
VALID = KEYED + "Require valid-user\n"


def place(path, text, limit="2/7200"):
    return (f'<Location "{path}">\n{text}'
            f"UptimeKeysRateLimit {limit}\n</Location>\n")


PLACES = "".join([
    place("/t/", "", "5/3600"),
    place("/t/same", "", "5/3600"),
    place("/t/small", "", "2/7200"),
    '<Location "/t/small/inherits">\nUptimeKeysPreflight On\n</Location>\n',
    place("/t/small/none", "", "None"),
    place("/t/small/none/large", "", "1000000/86400"),
    place("/keys", "", "3/3600"),
    place("/u/valid", VALID),
    place("/u/nobody", KEYED + "Require user nobody\n"),
    place("/u/forbidden", KEYED + "<RequireAll>\nRequire valid-user\n"
          "<RequireNone>\nRequire valid-user\n</RequireNone>\n"
          "</RequireAll>\n"),
    place("/u/either", KEYED + "<RequireAny>\nRequire method POST\n"
          "Require valid-user\n</RequireAny>\n"),
    place("/u/preflight", VALID + "UptimeKeysPreflight On\n"),
    place("/u/text", VALID + 'ErrorDocument 429 "Slow down."\n'),
    place("/u/page", VALID + "ErrorDocument 429 /sorry.html\n"),
    place("/u/keyed-page", VALID + "ErrorDocument 429 /u/sorry-keyed\n"),
    place("/u/script-page", VALID + "ErrorDocument 429 /cgi/environ.cgi\n"),
    place("/u/denied-page", KEYED + "Require uptime-scope alerts:read\n"
          "ErrorDocument 403 /sorry.html\n"),
    place("/u/sorry-keyed", VALID, "1/7200"),
    place("/backend/", VALID),
    place("/open-backend/", VALID, "None"),
    place("/pages/", VALID, "9/7200"),
    place("/pages/unlimited", "", "None"),
    place("/basic/", 'AuthType Basic\nAuthName "Uptime"\n'
          "AuthBasicProvider uptime-key\nRequire valid-user\n"),
    place("/alias/", 'AuthType Basic\nAuthName "Uptime"\n'
          "AuthBasicProvider keys\nRequire valid-user\n"),
    place("/mixed/", 'AuthType Basic\nAuthName "Uptime"\n'
          'AuthUserFile "${ROOT}/conf/passwords"\n'
          "AuthBasicProvider file uptime-key\nRequire valid-user\n"),
    place("/people", 'SetHandler uptime-keys\nAuthType Basic\n'
          'AuthName "People"\nAuthUserFile "${ROOT}/conf/passwords"\n'
          "Require valid-user\n", "1/7200"),
])
CONFIG = """
<AuthnProviderAlias uptime-key keys>
</AuthnProviderAlias>
""" + PLACES + """
AliasMatch "^/(?:u|basic|alias|mixed)/" "${ROOT}/htdocs/answer.txt"
ProxyPass "/backend/" "${BACKEND}/"
ProxyPass "/open-backend/" "${BACKEND}/"
<Directory "${ROOT}/htdocs/pages">
    DirectoryIndex index.shtml
    RewriteEngine On
    RewriteRule "^rewritten$" "/pages/part.txt"
    RewriteRule "^unlimited/rewritten$" "/pages/part.txt"
    ErrorDocument 404 /pages/index.shtml
</Directory>
<Directory "${ROOT}/htdocs/open">
    RewriteEngine On
    RewriteRule "^rewritten$" "/pages/part.txt"
    ErrorDocument 404 /pages/part.txt
</Directory>
"""
PART = '<!--#include virtual="/pages/part.txt" -->'
FILES = {
    "htdocs/pages/index.shtml": "index" + 3 * PART,
    "htdocs/open/page.shtml": "open" + 3 * PART,
    "htdocs/pages/unlimited/index.shtml": "unlimited" + 3 * PART,
    "htdocs/pages/part.txt": "part",
    "htdocs/sorry.html": "sorry",
    "conf/passwords": "olga:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n",
}
OLGA = ("olga", "secret")
PREFLIGHT = {"Origin": "https://app.example",
             "Access-Control-Request-Method": "POST"}
# A backend with limits of its own.
OTHERS = {"RateLimit": '"key";r=7;t=8', "RateLimit-Policy": '"key";q=9;w=10',
          "X-RateLimit-Limit": "11"}


@pytest.fixture(scope="module")
def backend(new_backend):
    return new_backend(headers=OTHERS)


@pytest.fixture(scope="module", params=["asked", "cached"])
def server(request, new_httpd, backend):
    """One that asks the database each time, and one that caches."""
    server = new_httpd(
        (CACHED if request.param == "cached" else GUARDED) + CONFIG,
        defines={"BACKEND": backend.url})
    for name, text in FILES.items():
        server.write(name, text)
    return server


@pytest.fixture(scope="module")
def admin(server):
    return server.database.import_key("api-keys:write", "api-keys:read",
                                      "monitors:read")


@pytest.fixture
def key(server):
    return server.database.import_key("monitors:read")


def basic(server, path, key):
    server.keep_secret(key)
    return server.get(path, auth=("x", str(key)))


# The limit.

@pytest.mark.mpm
def test_requests_of_the_limit_pass_and_more_are_refused(server, key):
    for number in range(1, 6):
        answer = server.get("/t/x", key)
        assert answer.status_code == 200
        limit = limit_of(answer)
        assert (limit.requests, limit.seconds) == (5, 3600)
        assert limit.remaining == 5 - number
        assert 720 * (number - 1) < limit.reset <= 720 * number
        assert "Retry-After" not in answer.headers
    for _ in range(3):
        answer = server.get("/t/x", key)
        assert_problem(answer, 429)
        assert 2880 < assert_limited(answer).reset <= 3600
        assert 0 < int(answer.headers["Retry-After"]) <= 720
    assert f" id={key.id} " in eventually(
        lambda: [line for line in server.access_log().splitlines()
                 if "status=429" in line and key.id in line])[-1]


def test_refusal_is_one_line_at_level_info(server, key):
    for _ in range(3):
        answer = server.get("/t/small", key)
    (line,) = [line for line in server.error_log.ours("info")
               if line.id == "UK0010"]
    assert f"refused with 429: rate limited, key {key.id}" in line.text
    assert answer.json()["instance"] in line.text


def test_each_key_has_its_own(server, key):
    other = server.database.import_key("monitors:read")
    assert [used(server.get("/t/x", k)) for k in (key, key, other, key)] == [
        1, 2, 1, 3]


def test_places_with_the_same_numbers_share_them(server, key):
    assert [used(server.get(path, key)) for path in
            ("/t/x", "/t/same", "/t/small", "/t/same", "/t/small")] == [
                1, 2, 1, 3, 2]


@pytest.mark.parametrize("path,limit", [
    ("/t/x", (5, 3600)), ("/t/small", (2, 7200)), ("/t/small/none", None),
    ("/t/small/inherits", (2, 7200)),
    ("/t/small/none/large", (1000000, 86400))])
def test_innermost_limit_counts(server, key, path, limit):
    found = limit_of(server.get(path, key))
    assert limit == (found and (found.requests, found.seconds))


def test_nothing_is_counted_inside_none(server, key):
    for _ in range(5):
        assert server.get("/t/small/none", key).status_code == 200
    assert used(server.get("/t/small", key)) == 1


def test_both_secrets_of_a_rotated_key_share_it(server, admin, key):
    assert used(server.get("/t/x", key)) == 1
    rotated = server.request("POST", f"/keys/{key.id}/rotate", admin)
    assert rotated.status_code == 200
    new = rotated.json()["data"]["key"]
    server.keep_secret(new)
    assert used(server.get("/t/x", new)) == 2
    assert used(server.get("/t/x", key)) == 3


# Who and what is counted.

@pytest.mark.parametrize("path", ["/u/nobody", "/u/forbidden"])
def test_refusal_by_any_require_line_counts(server, key, path):
    server.expect_log(AUTHZ_FAILED)
    answer = server.get(path, key)
    assert_refused(answer, 403)
    assert used(answer) == 1
    assert used(server.get("/u/valid", key)) == 2
    assert_limited(server.get(path, key))


def test_missing_scope_counts(server):
    server.expect_log(AUTHZ_FAILED)
    lacking = server.database.import_key("alerts:read")
    answer = server.get("/t/x", lacking)
    assert_refused(answer, 403, "insufficient_scope")
    assert used(answer) == 1


@pytest.mark.parametrize("path", ["/t/x", "/u/valid", "/basic/x"])
def test_nothing_is_counted_without_a_good_key(server, path):
    for key in (None, make_key(), make_key()[:-1]):
        for _ in range(6):
            answer = (basic(server, path, key) if key and "basic" in path
                      else server.get(path, key))
            assert answer.status_code == 401
            assert limit_of(answer) is None


def test_nothing_is_counted_where_no_key_is_looked_at(server, key):
    for _ in range(4):
        answer = server.request("POST", "/u/either", key)
        assert answer.status_code == 200
        assert limit_of(answer) is None
    assert used(server.get("/u/either", key)) == 1


def test_preflight_is_not_counted(server, key):
    for presented in (None, key) * 3:
        answer = server.request("OPTIONS", "/u/preflight", presented,
                                headers=PREFLIGHT)
        assert (answer.status_code, limit_of(answer)) == (200, None)
    assert used(server.get("/u/preflight", key)) == 1


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "OPTIONS"])
def test_every_method_is_counted(server, key, method):
    server.request(method, "/t/x", key)
    assert used(server.get("/t/x", key)) == 2


@pytest.mark.mpm
@pytest.mark.parametrize("path,text,status", [
    ("/pages/", "index" + 3 * "part", 200),         # and mod_dir's request
    ("/pages/index.shtml", "index" + 3 * "part", 200),
    ("/pages/rewritten", "part", 200),
    ("/pages/nothing", "index" + 3 * "part", 404),  # an ErrorDocument
])
def test_request_with_its_parts_counts_once(server, key, path, text, status):
    answer = server.get(path, key)
    assert (answer.status_code, answer.text.strip()) == (status, text)
    assert used(answer) == 1
    assert used(server.get("/pages/part.txt", key)) == 2


@pytest.mark.parametrize("path,text", [
    ("/open/page.shtml", "open" + 3 * "part"),
    ("/open/rewritten", "part")])
def test_part_counts_where_the_page_needs_no_key(server, key, path, text):
    answer = server.get(path, key)
    assert answer.text.strip() == text
    assert used(server.get("/pages/part.txt", key)) == 2


@pytest.mark.parametrize("path", ["/pages/unlimited/",
                                  "/pages/unlimited/rewritten"])
def test_place_that_asks_for_the_key_decides(server, key, path):
    answer = server.get(path, key)
    assert answer.status_code == 200 and "part" in answer.text
    assert limit_of(answer) is None
    assert used(server.get("/pages/part.txt", key)) == 1


def test_refused_part_stays_refused(server, key):
    server.expect_log("unable to include")
    for _ in range(9):
        server.get("/pages/part.txt", key)
    answer = server.get("/open/page.shtml", key)
    assert answer.status_code == 200
    assert "part" not in answer.text


def test_error_document_of_an_open_place_is_not_counted(server, key):
    answer = server.get("/open/nothing", key)
    assert (answer.status_code, answer.text) == (404, "part")
    assert limit_of(answer) is None
    assert used(server.get("/pages/part.txt", key)) == 1


def test_second_look_at_a_key_is_no_request(new_httpd):
    """Of UptimeKeysRecheck, while an answer goes out."""
    backend = Events()
    server = new_httpd(
        'ProxyPass "/events" "${BACKEND}/events" flushpackets=on\n'
        + place("/", VALID + "UptimeKeysRecheck 1\n", "5/3600"),
        kind=StreamHttpd, defines={"BACKEND": backend.url})
    key = server.database.import_key("monitors:read")
    answer = server.open("/events", key)
    eventually(lambda: answer.read(1)
               and server.error_log.count(UK_LOOKUP) >= 3)
    answer.drop()
    backend.close()
    assert used(server.get("/t/x", key)) == 2


# What is answered.

@pytest.mark.parametrize("path,text", [
    ("/u/text", "Slow down."), ("/u/page", "sorry"),
    ("/u/keyed-page", "answer\n"), ("/u/script-page", None)])
def test_error_document(server, key, path, text):
    for _ in range(2):
        assert server.get(path, key).status_code == 200
    for _ in range(2):
        answer = server.get(path, key)
        assert_limited(answer)
        assert text in (None, answer.text)
        assert str(key) not in answer.text


def test_error_document_of_another_refusal_has_the_fields(server, key):
    server.expect_log(AUTHZ_FAILED)
    answer = server.get("/u/denied-page", key)
    assert (answer.status_code, answer.text) == (403, "sorry")
    assert used(answer) == 1


def test_error_of_the_resource_has_the_fields(server, key):
    answer = server.get("/pages/part.txt/none", key)
    assert answer.status_code == 404
    assert used(answer) == 1


def test_fields_are_in_the_place_of_a_backends(server, backend, key):
    """Each is there once; what others call theirs stays."""
    answer = server.get("/backend/x", key)
    assert used(answer) == 1
    assert answer.headers["X-RateLimit-Limit"] == "11"
    server.get("/backend/x", key)
    before = len(backend.requests)
    assert_limited(server.get("/backend/x", key))
    assert len(backend.requests) == before
    answer = server.get("/open-backend/x", key)
    assert answer.headers["RateLimit"] == OTHERS["RateLimit"]


def test_unchanged_and_partial_answers(server, key):
    first = server.get("/t/x", key)
    part = server.get("/t/x", key, headers={"Range": "bytes=0-1"})
    assert (part.status_code, used(part)) == (206, 2)
    unchanged = server.get("/t/x", key,
                           headers={"If-None-Match": first.headers["ETag"]})
    assert (unchanged.status_code, used(unchanged)) == (304, 3)


def test_management_has_its_limit(server, admin):
    key = server.database.import_key("api-keys:read", "api-keys:write")
    answers = [server.get("/keys", key) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert_problem(answers[3], 429)
    assert_limited(answers[3])
    assert answers[3].headers["X-Content-Type-Options"] == "nosniff"
    assert used(answers[0]) == 1


@pytest.mark.parametrize("path", ["/people", "/mixed/x"])
def test_users_are_not_limited(server, path):
    for _ in range(4):
        answer = server.get(path, auth=OLGA)
        assert answer.status_code != 429
        assert limit_of(answer) is None


# Basic authentication.

@pytest.mark.parametrize("path", ["/basic/x", "/alias/x", "/mixed/x"])
def test_key_as_a_password(server, key, path):
    server.expect_log("AH01618")        # of mod_auth_basic: not olga
    for number in (1, 2):
        answer = basic(server, path, key)
        assert (answer.status_code, used(answer)) == (200, number)
    answer = basic(server, path, key)
    assert_problem(answer, 429)
    assert_limited(answer)


# HTTP/2.

HTTP2 = """
LoadModule http2_module ${MODULES}/mod_http2.so
LogLevel trace8 http2:info
Protocols h2c http/1.1
"""
needs_http2 = pytest.mark.skipif(
    MPM == "prefork"
    or not (environment.libexecdir() / "mod_http2.so").exists(),
    reason="mod_http2 does not work with prefork, or is not there")


@pytest.fixture(scope="module")
def http2(new_httpd):
    return new_httpd(HTTP2 + place("/t/", VALID))


@needs_http2
@pytest.mark.parametrize("how", ["--http2-prior-knowledge", "--http2"])
def test_http2_counts_once(http2, how):
    """Also a request that upgrades the connection, which is run twice."""
    key = http2.database.import_key("monitors:read")
    http2.keep_secret(key)

    def ask():
        return subprocess.run(
            ["curl", "-sS", how, "--max-time", "30", "-D", "-", "-o",
             "/dev/null", "-H", f"Authorization: Bearer {key}",
             f"http://127.0.0.1:{http2.port}/t/x"],
            capture_output=True, text=True, check=True).stdout.lower()

    for remaining in (1, 0):
        headers = ask()
        assert "http/2 200" in headers
        assert f'\nratelimit: "key";r={remaining};t=' in headers
    headers = ask()
    assert " 429" in headers
    assert "\nretry-after: 3600" in headers
    assert '\nratelimit-policy: "key";q=2;w=7200' in headers


# Beside mod_cache.

SHARED = {"Cache-Control": "public, max-age=60, s-maxage=60",
          "Last-Modified": "Sun, 01 Jan 2023 00:00:00 GMT", **OTHERS}


def test_cached_answer_has_the_fields(new_httpd, new_backend):
    server = new_httpd("""
CacheQuickHandler Off
CacheSocache shmcb
CacheLock off
CacheEnable socache "/c/"
ProxyPass "/c/" "${BACKEND}/"
""" + place("/c/", KEYED + "<RequireAny>\nRequire expr \"%{HTTP:X-Open} == '1'"
            '"\nRequire valid-user\n</RequireAny>\n'),
                       defines={"BACKEND": new_backend(headers=SHARED).url})
    key = server.database.import_key("monitors:read")

    def number():
        return server.get("/c/x", headers={"X-Open": "1"}).json()["number"]

    cached = eventually(lambda: (found := number()) == number() and found)
    answer = server.get("/c/x", key)
    assert answer.json()["number"] == cached
    assert used(answer) == 1
    server.get("/c/x", key)
    assert_limited(server.get("/c/x", key))


# The whole server, and virtual hosts.

def test_limit_of_a_server_holds_in_its_places(new_httpd):
    server = new_httpd(
        "UptimeKeysRateLimit 3/3600\n" + GUARDED
        + place("/t/none", "", "None") + """
<VirtualHost *:${PORT}>
    ServerName main
</VirtualHost>
<VirtualHost *:${PORT}>
    ServerName other
    UptimeKeysRateLimit 4/3600
</VirtualHost>
""")
    key = server.database.import_key("monitors:read")

    def ask(host, path="/t/x"):
        return limit_of(server.get(path, key, headers={"Host": host}))

    assert [ask("main").remaining for _ in range(3)] == [2, 1, 0]
    assert ask("other").remaining == 3
    assert ask("main", "/t/none") is None


# Without shared memory.

class WithoutSharedMemory(Httpd):
    """mmap() of so much memory at a time fails, and nothing else does."""

    # Before asan's library, so not with it.
    SOURCE = """
#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
void *mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset)
{
    if (size > 2 << 20 && flags & MAP_SHARED && flags & MAP_ANONYMOUS) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    return (void *)syscall(SYS_mmap, at, size, prot, flags, fd, offset);
}
"""

    def _command(self, *arguments):
        library = self.root / "run" / "mmap.so"
        subprocess.run(
            ["gcc", "-shared", "-fPIC", "-x", "c", "-o", library, "-"],
            input=self.SOURCE, text=True, check=True)
        self.wrapper = ["env", f"LD_PRELOAD={library}"]
        return super()._command(*arguments)


@pytest.mark.release("asan's library must be the first")
def test_without_shared_memory_nothing_is_limited_and_nothing_said(new_httpd):
    server = new_httpd(PLACES.partition("<Location \"/backend/")[0] + GUARDED,
                       kind=WithoutSharedMemory, expect_log=["UK0065"])
    key = server.database.import_key("monitors:read")
    (line,) = [line for line in server.error_log.ours("warn")
               if line.id == "UK0065"]
    assert "UptimeKeysRateLimit" in line.text
    for _ in range(7):
        answer = server.get("/t/x", key)
        assert (answer.status_code, limit_of(answer)) == (200, None)
