# SPDX-License-Identifier: Apache-2.0
"""A thousand servers with caches on one PostgreSQL.

One httpd stands for them: its virtual hosts have the same database, by
DBDParams that differ in application_name. So each is a server of its own, with
an announcement and a lease, and each is polled by the module's own code.
"""

import contextlib
import re
import statistics
import threading
import time
from pathlib import Path

from harness import make_key
from harness.pgsql import PostgresDatabase, PostgresServer
from hosts import Hosts, ask, children_of, connection, cpu_seconds
from idle import ASLEEP, percentile, removing

SERVERS, QUICK_SERVERS = 1000, 100
SECONDS, QUICK_SECONDS = 20, 5
DELETIONS, QUICK_DELETIONS = 20, 3
PERIOD = 2              # seconds between two requests to a server
SPARE = 100             # sessions
# Seconds after which all sessions are open, and have told what they did before.
SETTLING = 25
# Servers that have cached a key when it is deleted, and are asked for it then.
HOLDERS = 10
MANAGED = """
<Location "/keys">
    SetHandler uptime-keys
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope api-keys:write
</Location>
"""
STATEMENTS = ("SELECT xact_commit + xact_rollback FROM pg_stat_database "
              "WHERE datname = current_database()")


class FleetServer(PostgresServer):
    """Each server has a session that polls, and one that looks a key up."""

    name = "fleet"
    sessions = 2 * SERVERS + SPARE


def ask_all(httpd, count, key, until):
    """Ask each server in turn, again and again."""
    with connection(httpd) as client:
        began = time.monotonic()
        number = 0
        while not until.is_set():
            status, _ = ask(client, number % count, key)
            assert status == 200, f"the answer is {status}"
            number += 1
            until.wait(max(began + number * PERIOD / count - time.monotonic(),
                           0))


@contextlib.contextmanager
def in_use(httpd, count, key):
    until = threading.Event()
    thread = threading.Thread(target=ask_all,
                              args=(httpd, count, key, until))
    thread.start()
    try:
        yield
        assert thread.is_alive(), "a request failed"
    finally:
        until.set()
        thread.join()


def load_of(database, httpd, seconds):
    """What PostgreSQL does: its share of a core, and its statements."""
    def look():
        ((statements,),) = database.rows(STATEMENTS)
        return (time.monotonic(), cpu_seconds(database.server.pid), statements,
                httpd.cpu_seconds())

    before = look()
    time.sleep(seconds)
    after = look()
    took, cpu, statements, own = (b - a for a, b in zip(before, after))
    return {"cpu": cpu / took, "statements": statements / took,
            "httpd": own / took}


def memory_of_sessions(database):
    """How many there are, and kilobytes that are private to one, on average."""
    private = []
    for pid in children_of(database.server.pid):
        with contextlib.suppress(OSError):      # it has ended meanwhile
            text = Path(f"/proc/{pid}/smaps_rollup").read_text(
                encoding="ascii")
            private.append(sum(int(size) for size in re.findall(
                r"^Private_(?:Clean|Dirty): +(\d+) kB$", text, re.M)))
    return len(private), statistics.mean(private)


def delete_one(httpd, database, count, admin, turn):
    """Milliseconds of a DELETE that all servers have to be waited for."""
    key = database.create_key("monitors:read")
    holders = [(turn * HOLDERS + number) % count for number in range(HOLDERS)]
    with connection(httpd) as client:
        for holder in holders:
            assert ask(client, holder, key)[0] == 200
        status, took = ask(client, 0, admin, "DELETE", f"/keys/{key.id}")
        assert status == 200, f"the answer is {status}"
        for holder in holders:
            assert ask(client, holder, key)[0] == 401, "a deleted key works"
    return took


def await_all(database, count):
    """Until each server has announced itself."""
    deadline = time.monotonic() + 60
    while database.rows("SELECT COUNT(*) FROM uptime_servers") != [(count,)]:
        assert time.monotonic() < deadline, "not all servers are announced"
        time.sleep(0.1)


def run(httpd, database, count, quick):
    key = database.create_key("monitors:read")
    admin = database.create_key("api-keys:write", "monitors:read")
    seconds = QUICK_SECONDS if quick else SECONDS
    with in_use(httpd, count, key):
        await_all(database, count)
        time.sleep(SETTLING)
        used = load_of(database, httpd, seconds)
        print(f"{count} servers in use measured", flush=True)
        took = [delete_one(httpd, database, count, admin, turn)
                for turn in range(QUICK_DELETIONS if quick else DELETIONS)]
        sessions = memory_of_sessions(database)
    time.sleep(ASLEEP)
    left = database.rows("SELECT COUNT(*) FROM uptime_servers")
    assert left == [(0,)], "not all servers sleep"
    return used, load_of(database, httpd, seconds), took, sessions


def measure(options):
    count = QUICK_SERVERS if options.quick else SERVERS
    database = PostgresDatabase(None, FleetServer().start())
    database.init()
    database.create_team("acme")
    httpd = Hosts("cache", "pgsql", [
        f"{database.params} application_name=server{number}"
        for number in range(count)], least=0, processes=1,
        extra=MANAGED + "UptimeKeysMaxPerTeam 200\n")
    httpd.keep_secret(make_key())
    with removing([httpd]):
        httpd.start(await_checks=False)
        used, idle, took, (sessions, private) = run(
            httpd, database, count, options.quick)
    cost = used["cpu"] / used["statements"] * 1e6
    table = [
        ("servers with a cache", f"{count:,}"),
        ("in use: CPU of PostgreSQL", f"{used['cpu'] * 100:.1f} % of a core"),
        ("in use: statements", f"{used['statements']:,.0f} a second"),
        ("in use: CPU of a statement", f"{cost:.0f} µs"),
        ("in use: CPU of httpd, with the requests",
         f"{used['httpd'] * 100:.1f} % of a core"),
        ("asleep: CPU of PostgreSQL", f"{idle['cpu'] * 100:.2f} % of a core"),
        ("asleep: statements", f"{idle['statements']:.1f} a second"),
        ("a DELETE, p50", f"{statistics.median(took):,.0f} ms"),
        ("a DELETE, p99", f"{percentile(took, 99):,.0f} ms"),
        ("processes of PostgreSQL", f"{sessions:,}"),
        ("memory of one of them alone", f"{private / 1024:.1f} MiB"),
    ]
    text = "".join(f"| {' | '.join(line)} |\n"
                   for line in [("fleet", ""), ("---", "---:"), *table])
    return text, {"in use": used, "asleep": idle, "deletions": took,
                  "sessions": sessions, "private kilobytes": private}
