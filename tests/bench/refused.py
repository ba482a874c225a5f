# SPDX-License-Identifier: Apache-2.0
"""A deleted and a disabled key that keep coming, in turns: how often the
database is asked for each, and how soon the disabled one works when it is
enabled."""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from client import statuses
from harness import figures, key_hash, make_key
from harness.database import now_ms
from wrk import timed_wrk, wrk
from ring import Ring
from rows import BY_KEY, CACHED, CACHING, DATABASES, Row
from server import MeasuredHttpd, cores, running

ROUNDS, QUICK_ROUNDS = 3, 1
SECONDS = 5
# PostgreSQL's sessions tell what they did after ten idle seconds at the latest.
PGSQL_TELLS = 11
CALIBRATION = 50
METRICS = """
<Location "/figures">
    SetHandler uptime-keys-metrics
</Location>
"""
SCANS = ("SELECT coalesce(seq_scan, 0) + coalesce(idx_scan, 0) FROM "
         "pg_stat_user_tables WHERE relid = 'uptime_keys'::regclass")
EXECUTED = "SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'"


class RefusingHttpd(MeasuredHttpd):
    """Counts the look-ups of its keys, by what its database says."""

    def __init__(self, row):
        super().__init__(row, cores())
        self.good = {"Authorization":
                     f"Bearer {self.database.create_key('monitors:read')}"}
        self.per_look_up = 1
        self.polls = 0          # of what is counted, a second

    def _count(self):
        if self.row.database == "sqlite3":
            # There is no server that could count: our own misses.
            return figures.scrape(self, headers=self.good)[
                "uptime_keys_cache_lookups_total", "miss"]
        if self.row.database == "mysql":
            return int(self.database.rows(EXECUTED)[0][1])
        self._await_statistics()
        return int(self.database.rows(SCANS)[0][0])

    def _await_statistics(self):
        """Without letting the lease sleep, before which all is looked up."""
        until = time.monotonic() + PGSQL_TELLS
        while time.monotonic() < until:
            assert list(statuses(self, [self.good])) == [200]
            time.sleep(0.5)

    def look_ups_of(self, act):
        """What act() returns, and how many keys were looked up meanwhile."""
        before, began = self._count(), time.monotonic()
        result = act()
        polls = self.polls * (time.monotonic() - began)
        return result, (self._count() - before - polls) / self.per_look_up

    def calibrate(self):
        """Count what a second of polls is, and look-ups of unknown keys."""
        self.assert_right()
        figures.scrape(self, headers=self.good)
        if self.row.database == "mysql":
            self.polls = self.look_ups_of(partial(time.sleep, 3))[1] / 3
        unknown = [{"Authorization": f"Bearer {make_key()}"}
                   for _ in range(CALIBRATION)]
        answers, counted = self.look_ups_of(
            lambda: set(statuses(self, unknown)))
        assert answers == {401}
        self.per_look_up = round(counted / CALIBRATION)
        assert self.per_look_up > 0, f"{self.row.name}: nothing is counted"

    def set_disabled(self, at):
        self.database.execute(
            "UPDATE uptime_keys SET disabled_at = ? WHERE key_hash = ?", at,
            key_hash(self.row.keys.texts[1]))

    def until_enabled(self, enable):
        """Milliseconds from the end of enable() to the beginning of the first
        request that is accepted."""
        headers = self.row.keys.authorizations[1]
        with ThreadPoolExecutor(1) as pool:
            load = pool.submit(wrk, self, 4, 16, None)
            time.sleep(0.5)
            enable()
            began = time.monotonic()
            while True:
                asked = time.monotonic() - began
                if list(statuses(self, [headers])) == [200]:
                    break
                assert asked < 5, f"{self.row.name}: it stays refused"
            load.result()
        return asked * 1000

    def enable_by_tool(self):
        ((ident,),) = self.database.rows(
            "SELECT id FROM uptime_keys WHERE key_hash = ?",
            key_hash(self.row.keys.texts[1]))
        self.database.tool("key", "enable", ident)


def fill(ring, database):
    """The first key is deleted, the second one disabled."""
    database.import_rows({
        "team": "acme", "name": "disabled", "scopes": ["monitors:read"],
        "keyHash": key_hash(ring.texts[1]), "keyPrefix": ring.texts[1][:15],
        "disabledAt": now_ms(), "disabledReason": "manual"})
    return f"Bearer {ring.texts[0]}"


def rows(build):
    ring = Ring(2)
    for driver, database in DATABASES.items():
        row = Row(driver, database, CACHED, BY_KEY, None, 401, driver,
                  partial(fill, ring), CACHING + METRICS, keys=ring)
        yield row
        if build:
            yield replace(row, name=f"{driver}@{build.name}", build=build,
                          title=f"{database}, commit {build.name}")


def one_round(server):
    result, looked_up = server.look_ups_of(partial(timed_wrk, server, SECONDS))
    result["look_ups"] = looked_up / SECONDS / len(server.row.keys)
    return result


def enabling(server):
    by_sql = server.until_enabled(partial(server.set_disabled, None))
    server.set_disabled(now_ms())
    time.sleep(1)       # a lease
    return {"by SQL": by_sql,
            "by the tool": server.until_enabled(server.enable_by_tool)}


def measure_driver(servers, rounds):
    with running(servers):
        for server in servers:
            server.calibrate()
            timed_wrk(server, 1)
        results = {server.row.title: [] for server in servers}
        for number in range(rounds):
            for server in servers[::1 if number % 2 == 0 else -1]:
                results[server.row.title].append(one_round(server))
        for server in servers:
            print(f"{server.row.title} measured", flush=True)
            yield server.row.title, {
                "rounds": results[server.row.title],
                **{what: statistics.median(one[what] for one
                                           in results[server.row.title])
                   for what in ("rps", "p50", "p99", "look_ups")},
                **enabling(server)}


def line_of(title, found):
    return (f"| {title} | {found['rps']:,.0f} | {found['p50'] / 1000:.2f} ms | "
            f"{found['p99'] / 1000:.2f} ms | {found['look_ups']:,.1f} | "
            f"{found['by SQL']:.0f} ms | {found['by the tool']:.0f} ms |")


def measure(options, build=None):
    rounds = QUICK_ROUNDS if options.quick else ROUNDS
    wanted = list(rows(build))
    found = {}
    for driver in DATABASES:
        found |= measure_driver([RefusingHttpd(row) for row in wanted
                                 if row.database == driver], rounds)
    lines = ["| a deleted and a disabled key | requests/s | p50 | p99 | "
             "look-ups/s of each | enabled by SQL | by the tool |",
             "| --- |" + " ---: |" * 6,
             *(line_of(title, one) for title, one in found.items())]
    return "\n".join(lines) + "\n", found
