# SPDX-License-Identifier: Apache-2.0
"""UptimeKeysRecheck: an answer that is under way ends with its key."""

import threading
import time

import pytest
from harness import UK_LOOKUP, challenge, environment, eventually
from harness.answers import assert_problem
from harness.database import now_ms
from streams import BROKEN_OFF, FILE_SIZE, TICKS, Events, StreamHttpd, ways

pytestmark = pytest.mark.waits

ENDED = "UK0021"
INTERVAL = 1        # seconds, of the locations below /r/
# While the database is away, which all servers of this file have in common.
COMPLAINTS = [r"UK00(11|52)", r"AH0062\d", r"AH0063\d", r"AH0265\d"]
PLACES = """
LoadModule deflate_module "${MODULES}/mod_deflate.so"
LoadModule file_cache_module "${MODULES}/mod_file_cache.so"
MMapFile "${ROOT}/htdocs/r/mapped.txt"
LoadModule ratelimit_module "${MODULES}/mod_ratelimit.so"
<Location "/">
    AuthType uptime-key
    AuthName "Uptime"
    Require valid-user
</Location>
ProxyPassMatch "^/(?:r|off|hour|r/filtered)/(events|silent|late)$" \\
    "${BACKEND}/$1" flushpackets=on
ScriptAliasMatch "^/(?:r|off|hour)/script$" "${ROOT}/cgi/slow"
AliasMatch "^/(?:r|off|hour|r/filtered)/file$" "${ROOT}/htdocs/large"
AliasMatch "^/(?:r|off|hour)/small" "${ROOT}/htdocs/answer.txt"
Alias "/r/ssi/" "${ROOT}/htdocs/ssi/"
<Location "/r/">
    UptimeKeysRecheck 1
</Location>
<Location "/r/filtered/">
    SetEnv rate-limit 400
    SetOutputFilter DEFLATE;RATE_LIMIT
</Location>
<Location "/hour/">
    UptimeKeysRecheck 3600
</Location>
<Location "/r/keys">
    SetHandler uptime-keys
</Location>
Alias "/r/moved/" "${ROOT}/htdocs/moved/"
Alias "/off/moved/" "${ROOT}/htdocs/moved/"
<Directory "${ROOT}/htdocs/moved">
    RewriteEngine On
    RewriteRule "^(.*)/(.*)$" "/$1/$2" [PT]
</Directory>
"""


@pytest.fixture(scope="module")
def backend():
    events = Events()
    yield events
    events.close()


@pytest.fixture(scope="module")
def start(new_httpd, backend):
    def make(config=""):
        server = new_httpd(PLACES + config, kind=StreamHttpd, start=False,
                           expect_log=COMPLAINTS,
                           defines={"BACKEND": backend.url})
        server.write("htdocs/moved/index.html", "")
        return server.start()

    return make


@pytest.fixture(scope="module")
def server(start):
    return start()


@pytest.fixture(scope="module")
def caching(start):
    return start("UptimeKeysCache On\n")


@pytest.fixture(autouse=True)
def quiet_backend(backend):
    backend.reset()
    yield
    backend.spoken.set()
    backend.finished.set()


@pytest.fixture
def key(server):
    return server.database.import_key("monitors:read", "api-keys:write")


def delete(server, key):
    server.database.execute("DELETE FROM uptime_keys WHERE id = ?", key.id)


def set_column(server, key, column, value):
    server.database.execute(
        f"UPDATE uptime_keys SET {column} = ? WHERE id = ?", value, key.id)


def look_ups(server):
    return server.error_log.count(UK_LOOKUP)


def await_looks(server, answer, count=3, before=None):
    """Read on until the key was looked up so many times more, than now or than
    before."""
    before = look_ups(server) if before is None else before
    deadline = time.monotonic() + 30
    while look_ups(server) < before + count:
        answer.read(1)
        assert time.monotonic() < deadline


def await_no_looks(server, answer, seconds):
    """Read on until the key was not looked up for so long."""
    deadline = time.monotonic() + 40
    began, before = time.monotonic(), look_ups(server)
    while time.monotonic() < began + seconds:
        answer.read(1)
        if look_ups(server) != before:
            began, before = time.monotonic(), look_ups(server)
        assert time.monotonic() < deadline


def the_end(server, key):
    """The reason in the one line of the log."""
    (line,) = [line for line in server.error_log.ours() if line.id == ENDED]
    assert line.level == "info" and key.id in line.text
    return line.text


# It ends.

@pytest.mark.slow
@pytest.mark.mpm
@pytest.mark.parametrize("way", ways())
@pytest.mark.parametrize("source", ["events", "script", "file",
                                    "mapped.txt"])
def test_answer_ends_with_its_key(server, backend, key, source, way):
    answer = server.open(f"/r/{source}", key, way)
    answer.read(1)
    delete(server, key)
    time.sleep(1.1 * INTERVAL if source in ("file", "mapped.txt") else 0)
    assert answer.status() == BROKEN_OFF[way]
    assert answer.length < FILE_SIZE
    assert "unknown or deleted" in the_end(server, key)
    if source == "events":
        assert backend.gone.wait(10)


@pytest.mark.slow
@pytest.mark.parametrize("source,accepted", [("events", "gzip"),
                                             ("file", "identity")])
@pytest.mark.parametrize("way", ways())
def test_other_filters_change_nothing(server, key, source, accepted, way):
    answer = server.open(f"/r/filtered/{source}", key, way, "-H",
                         f"Accept-Encoding: {accepted}")
    first = answer.read(10)
    assert first.startswith(b"\x1f\x8b") == (accepted == "gzip")
    delete(server, key)
    assert answer.status() == BROKEN_OFF[way]
    assert "unknown or deleted" in the_end(server, key)


@pytest.mark.parametrize("change,reason", [
    (("disabled_at", 1), "disabled"), (("expires_at", 2), "expired")])
def test_change_that_refuses_a_key_ends_its_answer(server, key, change,
                                                   reason):
    answer = server.open("/r/events", key)
    answer.read(1)
    set_column(server, key, *change)
    assert answer.status() == BROKEN_OFF["http1"]
    assert f": {reason}," in the_end(server, key)


def rotate(server, key, ends_at):
    """Give the key another secret; the old one goes on until then."""
    server.database.execute(
        "UPDATE uptime_keys SET previous_hash = key_hash, previous_prefix = "
        "key_prefix, previous_ends_at = ?, key_hash = ? WHERE id = ?",
        ends_at, key.id.ljust(64, "0"), key.id)


@pytest.mark.parametrize("caches", [False, True])
def test_answer_to_an_old_secret_goes_on_until_the_overlap_ends(
        request, caches):
    server = request.getfixturevalue("caching" if caches else "server")
    key = server.database.import_key("monitors:read")
    answer = server.open("/r/events", key)
    answer.read(1)
    end = now_ms() + 3000
    rotate(server, key, end)
    assert answer.status() == BROKEN_OFF["http1"]
    assert now_ms() >= end
    assert "an old secret" in the_end(server, key)


@pytest.mark.parametrize("caches", [False, True])
def test_answer_ends_when_its_key_expires(request, caches):
    server = request.getfixturevalue("caching" if caches else "server")
    key = server.database.import_key("monitors:read")
    answer = server.open("/r/events", key)
    answer.read(1)
    end = now_ms() + 2500
    set_column(server, key, "expires_at", end)
    assert answer.status() == BROKEN_OFF["http1"]
    assert now_ms() >= end
    assert ": expired," in the_end(server, key)


def test_key_of_another_id_with_the_same_secret_does_not_count(server, key):
    answer = server.open("/r/events", key)
    answer.read(1)
    set_column(server, key, "id", "key_01jzzzzzzzzzzzzzzzzzzzzzzz")
    assert answer.status() == BROKEN_OFF["http1"]


@pytest.mark.slow
def test_silent_stream_stays_open_and_says_nothing_more(server, backend, key):
    answer = server.open("/r/silent", key)
    assert answer.read(len(TICKS)) == TICKS
    delete(server, key)
    time.sleep(1.1 * INTERVAL)
    assert answer.process.poll() is None
    backend.spoken.set()
    assert answer.rest() == (b"", BROKEN_OFF["http1"])


@pytest.mark.slow
@pytest.mark.parametrize("way", ways())
def test_answer_that_has_not_begun_is_a_refusal(server, backend, key, way):
    answer = server.open("/r/late", key, way, "-w", " %{http_code}")
    assert backend.asked.wait(20)
    delete(server, key)
    time.sleep(1.1 * INTERVAL)
    backend.spoken.set()
    content, status = answer.rest()
    assert status == 0
    assert b'"status":401' in content and content.endswith(b" 401")
    assert not [line for line in server.error_log.ours() if line.id == ENDED]
    assert server.error_log.count(f"UK0010: .*unknown or deleted, key {key.id}")


def test_late_refusal_is_complete(server, backend, key):
    def speak():
        assert backend.asked.wait(20)
        delete(server, key)
        time.sleep(1.1 * INTERVAL)
        backend.spoken.set()

    threading.Thread(target=speak).start()
    answer = server.get("/r/late", key)
    assert_problem(answer, 401)
    assert challenge(answer)["error"] == "invalid_token"


def test_answer_after_an_internal_redirect_ends(server, key):
    """The place that answers in the end counts."""
    answer = server.open("/off/moved/r/events", key)
    answer.read(1)
    delete(server, key)
    assert answer.status() == BROKEN_OFF["http1"]
    assert "unknown or deleted" in the_end(server, key)


# It goes on.

@pytest.mark.slow
@pytest.mark.mpm
@pytest.mark.parametrize("way", ways())
def test_answer_to_a_good_key_is_complete(server, backend, key, way):
    answer = server.open("/r/events", key, way)
    await_looks(server, answer)
    backend.finished.set()
    assert answer.status() == 0


@pytest.mark.slow
@pytest.mark.parametrize("way", ways())
def test_large_file_for_a_slow_client_is_complete(server, key, way):
    """Each time it reads more than what is under way to it."""
    before = look_ups(server)
    answer = server.open("/r/file", key, way)
    for _ in range(3):
        answer.read(FILE_SIZE // 8)
        time.sleep(1.1 * INTERVAL)
    assert answer.status() == 0
    assert answer.length == FILE_SIZE
    assert look_ups(server) - before >= 3


@pytest.mark.parametrize("place", ["off", "hour", "r/moved/off"])
def test_answer_goes_on_where_it_is_off_or_not_yet_due(server, key, place):
    answer = server.open(f"/{place}/events", key)
    answer.read(1)
    delete(server, key)
    before, began = look_ups(server), time.monotonic()
    while time.monotonic() < began + 2 * INTERVAL:
        answer.read(1)
    assert look_ups(server) == before
    answer.drop()


def test_key_is_looked_up_once_in_the_interval(server, key):
    answer = server.open("/r/events", key)
    answer.read(1)
    # Its interval may have begun earlier.
    began, before = time.monotonic() - INTERVAL, look_ups(server)
    await_looks(server, answer)
    assert look_ups(server) - before <= (time.monotonic() - began) / INTERVAL
    answer.drop()


def test_cache_saves_the_look_ups(caching):
    key = caching.database.import_key("monitors:read", expiresAt=now_ms() + 10**9)
    answer = caching.open("/r/events", key)
    # The first ones are look-ups, and others may be, if the machine is so busy
    # that the lease does not hold.
    await_no_looks(caching, answer, 3.5 * INTERVAL)
    before = look_ups(caching)
    set_column(caching, key, "name", "another name")
    await_looks(caching, answer, 1, before)
    delete(caching, key)
    assert answer.status() == BROKEN_OFF["http1"]
    assert "unknown or deleted" in the_end(caching, key)


@pytest.mark.parametrize("caches", [False, True])
def test_changes_that_refuse_nobody_end_nothing(request, backend, caches):
    server = request.getfixturevalue("caching" if caches else "server")
    key = server.database.import_key("monitors:read",
                                     expiresAt=now_ms() + 10**9)
    answer = server.open("/r/events", key)
    answer.read(1)
    for column, value in {
            "name": "renamed", "last_used_at": now_ms(), "scopes": "[]",
            "addresses": '["192.0.2.1"]', "expires_at": None}.items():
        set_column(server, key, column, value)
        began = time.monotonic()
        while time.monotonic() < began + 1.1 * INTERVAL:
            answer.read(1)
    backend.finished.set()
    assert answer.status() == 0


@pytest.mark.backend
@pytest.mark.parametrize("caches", [
    False, pytest.param(True, marks=pytest.mark.skipif(
        environment.BACKEND == "sqlite3", reason="a file can still be read"))])
def test_answer_goes_on_while_the_database_is_away(request, backend, caches):
    server = request.getfixturevalue("caching" if caches else "server")
    key = server.database.import_key("monitors:read")
    answer = server.open("/r/events", key)
    answer.read(1)
    database = server.database
    with (database.unavailable() if environment.BACKEND == "sqlite3"
          else database.unreachable()):
        eventually(lambda: answer.read(1) and server.error_log.count("UK0011"))
        began = time.monotonic()
        while time.monotonic() < began + 2 * INTERVAL:
            answer.read(1)
        before = look_ups(server)
    await_looks(server, answer, 1, before)
    delete(server, key)
    assert answer.status() == BROKEN_OFF["http1"]
    assert "unknown or deleted" in the_end(server, key)


def test_recheck_is_no_use_of_the_key(server, backend, key):
    answer = server.open("/r/events", key)
    answer.read(1)
    began = now_ms()
    await_looks(server, answer)
    backend.finished.set()
    assert answer.status() == 0
    assert eventually(lambda: server.database.last_used(key)) <= began


def test_key_that_deletes_itself_gets_the_answer(server, key):
    """Although that may take longer than the interval."""
    server.database.execute("INSERT INTO uptime_servers VALUES ('other', ?)",
                            now_ms())
    try:
        answer = server.request("DELETE", f"/r/keys/{key.id}", key)
    finally:
        server.database.execute("DELETE FROM uptime_servers")
    assert answer.status_code == 200


# Short answers.

def test_short_answers_are_as_ever(server, key):
    plain = server.get("/off/small", key)
    found = server.get("/r/small", key)
    assert (found.status_code, found.content) == (200, plain.content)
    assert found.headers["Content-Length"] == plain.headers["Content-Length"]
    head = server.request("HEAD", "/r/small", key)
    assert head.headers["Content-Length"] == plain.headers["Content-Length"]
    unchanged = server.get("/r/small", key, headers={
        "If-None-Match": found.headers["ETag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")


@pytest.mark.parametrize("part,length", [
    ("bytes=5-9", 5), ("bytes=-70000", 70000), ("bytes=0-65535", 65536),
    ("bytes=1-65537", 65537)])
def test_ranges(server, key, part, length):
    found = server.get("/r/file", key, headers={"Range": part})
    assert (found.status_code, found.content) == (206, bytes(length))


def test_connection_is_kept(server, key):
    head = (f"GET /r/small HTTP/1.1\r\nHost: x\r\n"
            f"Authorization: Bearer {key}\r\n")
    server.keep_secret(key)
    answers = server.exchange(
        (2 * (head + "\r\n") + head + "Connection: close\r\n\r\n").encode(),
        ("GET",) * 3)
    assert [answer.status_code for answer in answers] == [200] * 3


def test_included_parts(server, key):
    server.write("htdocs/ssi/page.shtml",
                 'a <!--#include virtual="/r/small" --> z')
    assert server.get("/r/ssi/page.shtml", key).text == "a answer\n z"


def test_error_document_and_missing_file(server, key):
    assert server.get("/r/nothing", key).status_code == 404
