# SPDX-License-Identifier: Apache-2.0
"""The memory of a cached key, and the growth of a child under load."""

import re
from dataclasses import replace
from pathlib import Path

from client import statuses
from wrk import timed_wrk, wrk
from ring import LONG_INTERVAL, Ring
from rows import ROWS
from server import MeasuredHttpd, cores, running

MEBIBYTE = 1024 * 1024
# Requests between two measurements of the children's memory.
STEP, QUICK_STEP = 200_000, 40_000
STEPS = 6
# Enough connections to keep all threads busy; httpd closes some of them.
CONNECTIONS = 200
# To tell httpd's growth from this module's.
GROWING = {"open": "without this module", "cached": "cached key"}
# Far more keys than a cache of a mebibyte can hold.
KEYS = 20_000


def kept_keys(ring):
    """How many of these keys are in a cache of a mebibyte at the end.

    They are counted while the table is unavailable, so that only cached keys
    are accepted.
    """
    row = replace(ROWS["cached"], authorization=ring.fill,
                  settings=ROWS["cached"].settings + LONG_INTERVAL
                  + f"UptimeKeysCacheSize {MEBIBYTE}\n")
    server = MeasuredHttpd(row, processes=1)
    with running([server]):
        requests = ring.authorizations
        assert set(statuses(server, requests)) == {200}
        with server.database.unavailable():
            return list(statuses(server, requests, reconnect=1)).count(200)


def child_memory(server):
    """Kilobytes of the children: resident, and the private part of it."""
    texts = [Path(f"/proc/{child}/smaps_rollup").read_text(encoding="ascii")
             for child in server.children()]
    sums = [sum(int(number) for number in re.findall(
                rf"^{field}: +(\d+) kB$", text, re.M)) for text in texts
            for field in ("Rss", "Private_(?:Clean|Dirty)")]
    return sum(sums[::2]), sum(sums[1::2])


def load_at_least(server, requests):
    done = 0
    while done < requests:
        done += timed_wrk(server, 2)["requests"]
    return done


def growth(servers, step):
    """The memory of each server's children, by the number of requests.

    A thread allocates memory when it first serves, so all have served before.
    """
    requests = [0] * len(servers)
    for server in servers:
        wrk(server, 5, CONNECTIONS, None)
    for _ in range(STEPS + 1):
        print(f"{requests[0]:,} requests", flush=True)
        yield requests[:], [child_memory(server) for server in servers]
        requests = [sofar + load_at_least(server, step)
                    for sofar, server in zip(requests, servers)]


def measure(options):
    keys = kept_keys(Ring(KEYS))
    print("bytes per key counted", flush=True)
    with running([MeasuredHttpd(ROWS[name], cores())
                  for name in GROWING]) as servers:
        looks = list(growth(servers,
                            QUICK_STEP if options.quick else STEP))
    lines = [f"A cache of 1 MiB keeps {keys:,} keys: {MEBIBYTE / keys:.0f} "
             "bytes for each.", "",
             "".join(f"| {title}: requests | resident, {cores()} children "
                     "| private " for title in GROWING.values()) + "|",
             "|" + " ---: |" * 3 * len(GROWING),
             *("".join(f"| {number:,} | {resident:,} KiB | {private:,} KiB "
                       for number, (resident, private) in zip(*look)) + "|"
               for look in looks)]
    return "\n".join(lines) + "\n", {"keys": keys, "growth": looks}
