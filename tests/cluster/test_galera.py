# SPDX-License-Identifier: Apache-2.0
"""Two Galera nodes, each with an httpd that writes to it."""

import contextlib
import re
import threading

import pytest
from galera import PROVIDER, GaleraDatabase, start_pair
from harness import UK_ANY, environment, eventually
from managed import Client
from parallel import ALL_SLOTS, LIMIT, create, tally, together

pytestmark = [pytest.mark.slow, pytest.mark.cluster,
              pytest.mark.skipif(not PROVIDER.exists(),
                                 reason="Galera is not installed")]

CREATORS = 64
RUNS = 6
# A commit is answered when its write set is on every node, but other nodes
# apply it a moment later.  With the sample's line a read waits for all earlier
# commits; without it other nodes would accept a deleted key in that moment.
SYNC_WAIT = re.search(
    r"(?m)^#(DBDInitSQL .*wsrep.*\n)",
    (environment.REPOSITORY / "conf/examples/mysql.conf").read_text())[1]
# All connections are made at the start: a request waits a second for one, and on a
# busy machine several in turn take longer.
POOL = "DBDMin 16\nDBDKeep 16\nDBDMax 16\n" + SYNC_WAIT


@pytest.fixture(scope="module")
def nodes():
    started = []
    try:
        start_pair(started)
        yield started
    finally:
        for node in reversed(started):
            node.remove()


@pytest.fixture(scope="module")
def servers(nodes, new_managed_on):
    admin = nodes[0].connect()
    admin.cursor().execute("CREATE DATABASE keys_of_two")
    admin.close()
    made = [new_managed_on(GaleraDatabase(node, "keys_of_two"), POOL,
                           expect_log=[UK_ANY])
            for node in nodes]
    made[0].database.init()
    made[0].reset()
    return [server.start() for server in made]


@pytest.fixture(autouse=True)
def clean(servers):
    servers[0].reset()


@contextlib.contextmanager
def busy_applier(database):
    """A context in which the other node lags behind: it applies one large
    write set after another, and later ones wait."""
    database.execute("CREATE TABLE load_rows (id INTEGER PRIMARY KEY, n INT)")
    database.execute("INSERT INTO load_rows SELECT seq, 0 "
                     "FROM seq_1_to_20000")
    done = threading.Event()

    def write():
        while not done.is_set():
            database.execute("UPDATE load_rows SET n = n + 1")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        done.set()
        writer.join()
        database.execute("DROP TABLE load_rows")


def test_creators_on_both_nodes_make_exactly_ten(servers, record_property):
    callers = [Client(server, user="olga") for server in servers]
    total = {}
    for _ in range(RUNS):
        outcomes = tally(together([create(client) for client in callers]
                                  * (CREATORS // len(callers))))
        for outcome, count in outcomes.items():
            total[outcome] = total.get(outcome, 0) + count
        assert set(outcomes) <= {201, "limit-exceeded", "unavailable"}
        # A key may exist although its answer was 503.
        eventually(lambda: [server.slots() for server in servers]
                   == [ALL_SLOTS] * 2)
        assert outcomes[201] == LIMIT
        servers[0].reset()
    record_property("answers", total)
    print(f"{RUNS} runs, {CREATORS} creators, 2 nodes: {total}")
    # A lost race is no 503, which means that the database is unavailable.
    assert "unavailable" not in total


def test_key_deleted_on_one_node_is_refused_on_the_other(servers):
    here, there = servers
    olga = Client(here, user="olga")
    with busy_applier(here.database):
        for _ in range(30):
            key = olga.make()
            assert there.get("/t/x", key).status_code == 200
            assert olga.delete(key.id).status_code == 200
            assert there.get("/t/x", key).status_code == 401


def test_check_wants_a_node_that_waits(servers):
    database = servers[0].database
    conf = servers[0].root / "conf" / "checked.conf"
    plain = f'DBDriver mysql\nDBDParams "{database.params}"\nDBDMax 16\n'
    conf.write_text(plain)
    done = database.tool("check", config=conf, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("uptime-keys: cluster: this node of Galera "
                                  "does not wait "), done.stderr
    conf.write_text(plain + SYNC_WAIT)
    assert "ok cluster: " in database.tool("check", config=conf).stdout


def test_check_tells_that_a_node_does_not_wait(servers):
    """The sample's line is what check asks for, and is content with."""
    here = servers[0]
    dbd = (f"DBDriver {here.database.driver}\n"
           f'DBDParams "{here.database.params}"\n')
    said = {}
    for name, text in (("without", dbd), ("with", dbd + SYNC_WAIT)):
        done = here.database.tool(
            "check", check=False, config=here.write(f"conf/{name}", text))
        said[name] = done.stdout + done.stderr
    assert "uptime-keys: cluster: " in said["without"], said
    assert "wsrep_sync_wait = 1" in said["without"], said
    assert "ok cluster: " in said["with"], said
