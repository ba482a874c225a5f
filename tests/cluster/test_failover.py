# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL primary dies under load and its standby takes over."""

import random
import subprocess
import threading
import time
from collections import Counter

import pytest
from harness import UK_ANY, environment, eventually
from harness.database import now_ms
from managed import Client
from parallel import LIMIT, kind
from replication import PostgresNode, ReplicatedDatabase

pytestmark = [pytest.mark.slow, pytest.mark.cluster]

TEAMS = [f"team{number}" for number in range(80)]
READERS = 4
CREATORS = 4
BEFORE = 2              # seconds of load before the crash
AFTER = 3               # seconds of load after reads and writes work again
NOTICED = 2             # seconds until somebody promotes the standby
LONGEST_FAILOVER = 20   # seconds, on a slow machine
# The connections are made at the start: a request waits a second for one, and on a
# busy machine several in turn take longer.
POOL = f"DBDMin {READERS + CREATORS}\nDBDKeep 16\nDBDMax 16\n"
COMPLAINTS = [UK_ANY, r"AH0062\d", r"AH0063\d", r"AH0265\d"]


@pytest.fixture(scope="module")
def nodes():
    started = []
    try:
        started.append(PostgresNode())
        started[0].start()
        started.append(PostgresNode(started[0]))
        started[1].start()
        started[0].wait_for_standby()
        yield started
    finally:
        for node in reversed(started):
            node.remove()


@pytest.fixture(scope="module")
def server(nodes, new_managed_on):
    database = ReplicatedDatabase(*nodes)
    made = new_managed_on(database, POOL, expect_log=COMPLAINTS)
    database.init()
    made.reset()
    database.execute(
        "INSERT INTO uptime_teams (id, name, created_at) VALUES " +
        ", ".join(f"('{team}', '{team}', {now_ms()})" for team in TEAMS))
    database.execute(
        "INSERT INTO uptime_members (team_id, user_name, role) VALUES " +
        ", ".join(f"('{team}', 'olga', 'owner')" for team in TEAMS))
    return made.start()


class Load:
    """Sends requests until its context ends, and records the answers."""

    def __init__(self, server):
        self.server = server
        self.keys = []      # answered with 201
        self.reads = []     # (when, status)
        self.writes = []    # (when, status or problem)
        self.errors = []
        self._done = threading.Event()
        self._threads = [
            threading.Thread(target=self._repeat, args=(each,))
            for each in [self._read] * READERS + [self._create] * CREATORS]

    def __enter__(self):
        self._create()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        for thread in self._threads:
            thread.join()

    def _repeat(self, work):
        while not self._done.wait(0.02):
            try:
                work()
            except Exception as error:  # pylint: disable=broad-except
                self.errors.append(repr(error))

    def _read(self):
        answer = self.server.get("/t/x", random.choice(self.keys))
        self.reads.append((time.monotonic(), answer.status_code))

    def _create(self):
        client = Client(self.server, user="olga")
        team = random.choice(TEAMS)
        answer = client.asking(f"team={team}").create()
        if answer.status_code == 201:
            self.keys.append(answer.json()["data"]["key"])
        self.writes.append((time.monotonic(), kind(answer)))


def first_after(answers, moment, wanted):
    return next((when for when, what in list(answers)
                 if when > moment and what in wanted), None)


def lines_of_check(database, params):
    done = subprocess.run(
        environment.as_ordinary_user(
            environment.TOOL, "--driver", database.driver, "--params", params,
            "check"),
        capture_output=True, text=True, check=False, timeout=60)
    assert "\\u{" not in done.stderr
    return (done.stdout + done.stderr).splitlines()


def test_check_knows_a_standby(server, nodes):
    """It runs before the standby takes over."""
    database = server.database
    primary, standby = (
        f"host=127.0.0.1 port={node.port} dbname=postgres user=keys "
        "connect_timeout=2" for node in nodes)
    assert "ok writes: the server takes writes" in lines_of_check(
        database, primary)
    (line,) = [line for line in lines_of_check(database, standby)
               if line.startswith("uptime-keys: writes: ")]
    assert "a standby answers" in line
    assert "target_session_attrs=read-write" in line
    (line,) = [line for line in lines_of_check(
        database, standby + " target_session_attrs=read-write")
               if line.startswith("uptime-keys: connection: ")]
    assert "session is read-only" in line
    assert "name the server that takes writes" in line
    assert "ok writes: the server takes writes" in lines_of_check(
        database, database.params)


def test_standby_takes_over_and_no_key_is_lost(server, nodes,
                                               record_property):
    primary, standby = nodes
    with Load(server) as load:
        time.sleep(BEFORE)
        crash = time.monotonic()
        primary.crash()
        time.sleep(NOTICED)
        asked = time.monotonic()
        standby.promote()
        promoted = time.monotonic()
        server.database.server = standby
        eventually(lambda: first_after(load.reads, promoted, {200}),
                   LONGEST_FAILOVER)
        eventually(lambda: first_after(load.writes, promoted, {201}),
                   LONGEST_FAILOVER)
        time.sleep(AFTER)

    reads = Counter(what for _, what in load.reads)
    writes = Counter(what for _, what in load.writes)
    numbers = {
        "promotion": round(promoted - asked, 2),
        "failover, reads": round(
            first_after(load.reads, promoted, {200}) - crash, 2),
        "failover, writes": round(
            first_after(load.writes, promoted, {201}) - crash, 2),
        "keys": len(load.keys),
        "reads": dict(reads), "writes": dict(writes)}
    lost = [key for key in load.keys
            if server.get("/t/x", key).status_code != 200]
    numbers["lost"] = len(lost)
    for name, value in numbers.items():
        record_property(name, value)
    print(numbers)

    assert not load.errors
    assert numbers["lost"] == 0
    assert set(reads) == {200, 503}
    assert set(writes) <= {201, "limit-exceeded", "unavailable"}
    settled = load.writes[-1][0] - AFTER / 2
    assert all(what == 200 for when, what in load.reads
               if when < crash or when > settled)
    most = server.database.rows(
        "SELECT max(n) FROM (SELECT count(*) AS n FROM uptime_keys "
        "GROUP BY team_id) AS teams")[0][0]
    assert most <= LIMIT
