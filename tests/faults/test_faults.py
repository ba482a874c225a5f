# SPDX-License-Identifier: Apache-2.0
"""The database in every kind of trouble, under load: 200 or 503, no 401."""

import time

import places
import pytest
from harness import UK_ANY, assert_unavailable, environment, eventually
from load import Load, record

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(environment.BACKEND == "sqlite3",
                       reason="SQLite has no server")]

GUARD = places.POOL + """
DBDMin 1
DBDKeep 4
DBDMax 4
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
"""
COMPLAINTS = [UK_ANY, r"AH0062\d", r"AH0063\d", r"AH0265\d"]
BACK_WITHIN = 1.0       # seconds: the back-off is half of one
DRIVERS_OWN = 4         # requests: DBDMax, each may hang with its connection
GATE = 1.0


@pytest.fixture(scope="module")
def server(new_httpd, proxies):
    server = new_httpd(start=False, driver=False, expect_log=COMPLAINTS)
    database = server.database
    places.let_in(database)
    server.proxy = proxies(database.server.port)
    server.configure(
        f"DBDriver {database.driver}\n"
        f'DBDParams "{places.params(database, server.proxy.port)}"\n'
        + GUARD)
    return server.start()


@pytest.fixture
def key(server):
    return server.database.import_key("monitors:read", "api-keys:read",
                                      "api-keys:write")


def put(server, fault):
    """The trouble, for as long as it lasts."""
    database, proxy = server.database, server.proxy
    if fault == "stopped for 2 s":
        with database.unreachable():
            time.sleep(2)
    elif fault == "all sessions killed":
        places.kill_sessions(database)
    elif fault == "network cut for 2 s":
        with proxy.cut():
            time.sleep(2)
    elif fault == "black hole for 3 s":
        with proxy.black_hole():
            time.sleep(3)
    elif fault == "old connections orphaned for 3 s":
        with proxy.orphaned():
            time.sleep(3)
    elif fault == "table locked for 3 s":
        with places.locked(database):
            time.sleep(3)


HANGING = ["black hole for 3 s", "old connections orphaned for 3 s",
           "table locked for 3 s"]


@pytest.mark.parametrize("fault", [
    "stopped for 2 s", "all sessions killed", "network cut for 2 s",
    *HANGING])
def test_only_200_and_503_and_back_by_itself(server, key, fault,
                                             record_property):
    with Load(server, "/t/x", f"Bearer {key}") as load:
        eventually(lambda: len(load.answers) > 100)
        begin = time.monotonic()
        put(server, fault)
        back = time.monotonic()
        time.sleep(BACK_WITHIN + 1.5)
    record(record_property, "mod_uptime_keys", fault, load, begin, back)
    assert {answer.status for answer in load.answers} <= {200, 503}
    assert all(answer.retry_after for answer in load.answers
               if answer.status == 503)
    after = load.between(back + BACK_WITHIN, float("inf"))
    assert {answer.status for answer in after} == {200}
    if fault in HANGING:
        # Who has a connection waits with it; nobody waits with them.
        waited = [answer for answer in load.between(begin, back)
                  if answer.seconds > GATE + 0.9]
        assert len(waited) <= DRIVERS_OWN + 1


def test_restart_between_requests(server, key, record_property):
    assert server.get("/t/x", key).status_code == 200
    with server.database.unreachable():
        begin = back = time.monotonic()
    with Load(server, "/t/x", f"Bearer {key}") as load:
        time.sleep(3)
    record(record_property, "mod_uptime_keys", "restarted between requests",
           load, begin, back)
    # Somebody may have asked while it was down: whoever writes the last use of
    # keys does.  Then the back-off is still on.
    assert {answer.status for answer in load.answers} <= {200, 503}
    after = load.between(back + BACK_WITHIN, float("inf"))
    assert {answer.status for answer in after} == {200}


def test_while_it_is_down_nobody_waits(server, key):
    with server.database.unreachable():
        assert_unavailable(server.get("/t/x", key))
        with Load(server, "/t/x", f"Bearer {key}") as load:
            time.sleep(2)
    assert {answer.status for answer in load.answers} == {503}
    # Had each tried to connect, one behind the other, or waited for another
    # at the gate, there would be a few.
    assert len(load.answers) > 20 * 2
    eventually(lambda: server.get("/t/x", key).status_code == 200, 5)


def test_read_only_database_still_checks_keys(server, key):
    with places.read_only(server.database):
        eventually(lambda: server.request(
            "POST", "/keys", key, json={"name": "k", "scopes": [
                "monitors:read"]}).status_code == 503, 5)
        lines = len(server.error_log.ours("warn", "error"))
        assert lines <= 2
        for _ in range(5):
            assert server.get("/t/x", key).status_code == 200
            assert server.get("/keys", key).status_code == 200
            assert_unavailable(server.request("DELETE", f"/keys/{key.id}",
                                              key))
    eventually(lambda: server.request(
        "DELETE", f"/keys/{key.id}", key).status_code == 200, 5)
    assert server.get("/t/x", key).status_code == 401
