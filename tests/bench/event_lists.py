# SPDX-License-Identifier: Apache-2.0
"""Latency of lists of events, by the number of events in the database.

A single client asks a server with few events and one with many in turn.
"""

import http.client
import statistics
import time
from dataclasses import replace

from harness.database import now_ms
from ring import LONG_INTERVAL
from rows import DATABASES, ROWS
from server import MeasuredHttpd, cores, running

SIZES = (1000, 1_000_000)
QUICK_SIZES = (1000, 100_000)
ROUNDS = 200
CHUNK = 5000            # rows of one statement
PLACE = "/keys"
LOCATION = f"""
<Location "{PLACE}">
    SetHandler uptime-keys
</Location>
"""
RARE = 5                # events of the key, the user and the action sought
KEY = "key_01jzzzzzzzzzzzzzzzzzzzzzzz"


class Events:
    """Events in the order of their ids: a tenth of them, in the middle, has one
    time, as an import leaves them; and those that are sought are spread."""

    def __init__(self, size):
        self.size = size
        self.began = now_ms() - size * 1000
        self.same = range(size * 45 // 100, size * 55 // 100)

    def at(self, number):
        same = self.same.start if number in self.same else number
        return self.began + same * 1000

    def row(self, number):
        is_rare = number % (self.size // RARE) == self.size // RARE // 2
        key = KEY if is_rare else f"key_{number // 7:026}"
        return (f"({self.at(number)}, "
                f"'{'rare' if is_rare else f'user {number % 50}'}', "
                f"'192.0.2.{number % 250}', "
                f"'{'key.leak' if is_rare else 'key.change'}', "
                f"'{'beta' if number % 100 == 99 else 'acme'}', "
                f"'{key}', 'Build server {number // 7}', 'uptime_a1b2c3d4', "
                """'{"changed":["name","scopes"]}')""")

    def fill(self, database):
        database.execute("DELETE FROM uptime_audit")
        for start in range(0, self.size, CHUNK):
            database.execute(
                "INSERT INTO uptime_audit (at, actor, source, action, team_id,"
                " key_id, key_name, key_prefix, detail) VALUES " + ", ".join(
                    map(self.row, range(start, min(start + CHUNK,
                                                   self.size)))))
        # As autovacuum does, and InnoDB by itself.
        if database.driver != "sqlite3":
            database.execute("ANALYZE uptime_audit" if database.driver ==
                             "pgsql" else "ANALYZE TABLE uptime_audit")

    def queries(self, ident_of):
        middle = self.same.start + len(self.same) // 2
        return {
            "the newest": "",
            "the oldest, by a cursor":
                f"cursor=a{self.at(60)}.{ident_of(60)}",
            "in the middle of a tenth that has one time, by a cursor":
                f"cursor=a{self.at(middle)}.{ident_of(middle)}",
            "of a key": f"keyId={KEY}",
            "of a user with few": "actor=rare",
            "of a user with many": "actor=user+7",
            "of an action with few": "action=key.leak",
            "of an action with nearly all": "action=key.change",
            "of a minute in the middle":
                f"since={self.at(middle * 4 // 3)}"
                f"&until={self.at(middle * 4 // 3) + 60_000}",
            "of a key, a user and an action":
                f"keyId={KEY}&actor=rare&action=key.leak",
        }


class Place:
    """A server with so many events, and a connection to it."""

    def __init__(self, driver, size):
        self.events = Events(size)
        self.server = MeasuredHttpd(replace(
            ROWS["key-" + driver], authorization=None,
            settings=LOCATION + LONG_INTERVAL, guard=(
                "AuthType uptime-key\nAuthName x\n"
                "Require uptime-scope api-keys:read\n")),
            cores())
        key = self.server.database.create_key("api-keys:read")
        self.headers = {"Authorization": f"Bearer {key}"}
        began = time.monotonic()
        self.events.fill(self.server.database)
        print(f"{driver}: {size:,} events in "
              f"{time.monotonic() - began:.0f} s", flush=True)
        self.connection = None
        # Of the first row that was inserted.
        ((self.first,),) = self.server.database.rows(
            "SELECT MIN(id) FROM uptime_audit")

    def queries(self):
        return self.events.queries(lambda number: self.first + number)

    def ask(self, query):
        """Seconds until the whole answer is there; it is right."""
        if not self.connection:
            self.connection = http.client.HTTPConnection(
                "127.0.0.1", self.server.port)
        began = time.perf_counter()
        self.connection.request("GET", f"{PLACE}/audit?{query}",
                                headers=self.headers)
        answer = self.connection.getresponse()
        text = answer.read()
        took = time.perf_counter() - began
        assert answer.status == 200, text
        assert text.count(b'"keyName"') > 0, query
        return took


def latencies(driver, sizes, rounds):
    places = [Place(driver, size) for size in sizes]
    found = {}
    with running([place.server for place in places]):
        for name in places[0].queries():
            took = [[] for _ in places]
            for place in places * (rounds // 4):
                place.ask(place.queries()[name])
            for _ in range(rounds):
                for place, times in zip(places, took):
                    times.append(place.ask(place.queries()[name]))
            found[name] = [statistics.median(times) * 1000 for times in took]
            print(f"{driver}: {name}: "
                  + ", ".join(f"{one:.2f} ms" for one in found[name]),
                  flush=True)
    return found


def measure(options):
    sizes = QUICK_SIZES if options.quick else SIZES
    rounds = ROUNDS // 10 if options.quick else ROUNDS
    found = {driver: latencies(driver, sizes, rounds)
             for driver in ("sqlite3", "pgsql", "mysql")}
    heads = [f"{DATABASES[driver]}, {size:,}" for driver in found
             for size in sizes]
    lines = [f"| 50 events | {' | '.join(heads)} |",
             f"| --- |{' ---: |' * len(heads)}"]
    for name in found["sqlite3"]:
        cells = [f"{one:.2f} ms" for driver in found
                 for one in found[driver][name]]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n", found
