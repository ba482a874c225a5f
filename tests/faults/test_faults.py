# SPDX-License-Identifier: Apache-2.0
"""Faults of the database under load: answers are 200 or 503, never 401."""

import time

import outages
import peer
import pytest
from disk import full_disk
from harness import UK_ANY, assert_unavailable, environment, eventually
from harness.authn_dbd import add_users
from load import Load, Watch

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(environment.BACKEND == "sqlite3",
                       reason="SQLite has no server")]

GUARD = """
<Location "/t/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Location>
<Location "/keys">
    SetHandler uptime-keys
    AuthType uptime-key
    AuthName "Uptime"
    Require valid-user
</Location>
UptimeKeysMaxPerTeam 1000
"""
COMPLAINTS = [UK_ANY, r"AH0062\d", r"AH0063\d", r"AH0265\d"]
BACK_WITHIN = 1.5       # seconds: the back-off is half of one
DRIVERS_OWN = 4         # DBDMax: requests that may hang with a connection
LOCK_WAIT = 1.0         # seconds after which other requests give up
TRIES = 3
US = "mod_uptime_keys"


# The faults, and how long each lasts, in seconds.
FAULTS = {
    "stopped for 2 s": (lambda s: s.database.unreachable(), 2),
    "all sessions killed": (lambda s: outages.killing(s.database), 0),
    "network cut for 2 s": (lambda s: s.proxy.cut(), 2),
    "network silent for 3 s": (lambda s: s.proxy.black_hole(), 3),
    "old connections silent for 3 s": (lambda s: s.proxy.orphaned(), 3),
    "replaced behind a proxy": (outages.replaced, 0),
    "table locked for 3 s": (lambda s: outages.locked(s.database), 3),
    "read-only for 2 s": (lambda s: outages.read_only(s.database), 2),
    "disk full for 2 s": (lambda s: full_disk(s.database), 2),
}
HANGING = {"network silent for 3 s", "old connections silent for 3 s",
           "table locked for 3 s"}
HARMLESS = {"all sessions killed", "read-only for 2 s", "disk full for 2 s"}


def settings(database, port):
    return outages.POOL + f"""
DBDriver {database.driver}
DBDParams "{outages.params(database, port)}"
DBDMin 1
DBDKeep 4
DBDMax {DRIVERS_OWN}
"""


@pytest.fixture(scope="module")
def server(new_httpd, proxies):
    server = new_httpd(start=False, driver=False, expect_log=COMPLAINTS)
    database = server.database
    outages.grant_tcp_access(database)
    add_users(database)
    server.proxy = proxies(database.server.port)
    server.settings = settings(database, server.proxy.port)
    server.configure(server.settings + GUARD)
    return server.start()


@pytest.fixture(scope="module")
def beside(new_httpd, server):
    return new_httpd(server.settings + peer.GUARD, kind=peer.PeerHttpd,
                     start=False, driver=False, database=False,
                     expect_log=peer.COMPLAINTS)


@pytest.fixture
def key(server):
    return server.database.import_key("monitors:read", "api-keys:read",
                                      "api-keys:write")


@pytest.fixture
def watch(server, beside, key, request):
    """watch(FAULT): a load on both servers."""
    beside.start()
    return lambda fault: Watch(fault, request.node.user_properties, **{
        US: Load(server, "/t/x", f"Bearer {key}"),
        "mod_authn_dbd": Load(beside, "/t/x", peer.AUTHORIZATION)})


def statuses(answers):
    return {answer.status for answer in answers}


def suffer(server, watch, fault):
    put, seconds = FAULTS[fault]
    with watch(fault) as watched:
        with watched.trouble(), put(server):
            time.sleep(seconds)
        time.sleep(BACK_WITHIN + 1)
    return watched


@pytest.mark.parametrize("fault", FAULTS)
def test_only_200_and_503_and_back_by_itself(server, watch, fault):
    allowed = {200} if fault in HARMLESS else {200, 503}
    for _ in range(TRIES):
        watched = suffer(server, watch, fault)
        answers = watched.answers(US)
        # A busy machine may keep even a harmless fault's requests waiting, and
        # then refuses them.
        if not (fault in HARMLESS and statuses(answers) == {200, 503}
                and any(answer.seconds > LOCK_WAIT for answer in answers)):
            break
    assert statuses(answers) <= allowed
    assert all(answer.retry_after for answer in answers
               if answer.status == 503)
    assert statuses(watched.later(US, BACK_WITHIN)) == {200}
    if fault in HANGING:
        # Only requests that have a connection may wait; a busy machine delays
        # others, too.
        waited = [answer for answer in watched.meanwhile(US)
                  if answer.seconds > LOCK_WAIT + 1.3]
        assert len(waited) <= DRIVERS_OWN + 1


def test_restart_between_requests(server, watch):
    watched = watch("restarted between requests")
    with watched.trouble(), server.database.unreachable():
        pass
    with watched:
        time.sleep(3)
    # The writer of last_used_at may have tried while it was down; then the
    # back-off still lasts.
    assert statuses(watched.answers(US)) <= {200, 503}
    assert statuses(watched.later(US, BACK_WITHIN)) == {200}


def test_sessions_that_were_idle_for_too_long_cost_no_request(server, watch):
    with outages.impatient(server.database):
        with watch("idle sessions ended"):
            pass
        watched = watch("idle sessions ended")
        with watched.trouble():
            eventually(lambda: not outages.sessions(server.database))
        with watched:
            time.sleep(2)
    assert statuses(watched.answers(US)) == {200}


def test_while_it_is_down_nobody_waits(server, key):
    with server.database.unreachable():
        assert_unavailable(server.get("/t/x", key))
        with Load(server, "/t/x", f"Bearer {key}") as load:
            time.sleep(2)
    assert statuses(load.answers) == {503}
    # If each tried to connect in turn, or waited for the lock, there would be
    # only a few.
    assert len(load.answers) > 20 * 2
    eventually(lambda: server.get("/t/x", key).status_code == 200)


def test_read_only_database_still_checks_keys(server, key):
    made = {"name": "k", "scopes": ["monitors:read"]}
    with outages.read_only(server.database):
        eventually(lambda: server.request(
            "POST", "/keys", key, json=made).status_code == 503)
        for _ in range(5):
            assert server.get("/t/x", key).status_code == 200
            assert server.get("/keys", key).status_code == 200
            assert_unavailable(server.request("DELETE", f"/keys/{key.id}",
                                              key))
        warning, = server.error_log.ours("warn", "error")
        assert warning.level == "warn"
    eventually(lambda: server.request(
        "DELETE", f"/keys/{key.id}", key).status_code == 200)
    assert server.get("/t/x", key).status_code == 401
