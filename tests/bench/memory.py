# SPDX-License-Identifier: Apache-2.0
"""What a cached key takes, and whether a child grows under load."""

import re
from dataclasses import replace
from pathlib import Path

from client import statuses
from load import run_wrk
from ring import LONG_INTERVAL, Ring
from rows import ROWS
from server import MeasuredHttpd, cores, running

MEBIBYTE = 1024 * 1024
# Requests between two looks at the children's memory.
STEP, QUICK_STEP = 200_000, 40_000
STEPS = 6
# Far more keys than a cache of a mebibyte can hold.
KEYS = 20_000


def kept_keys(ring):
    """How many of these keys a cache of a mebibyte still has at the end.

    They are counted while the table is away, when no other key is let in.
    """
    row = replace(ROWS["cached"], authorization=ring.fill,
                  settings=ROWS["cached"].settings + LONG_INTERVAL
                  + f"UptimeKeysCacheSize {MEBIBYTE}\n")
    server = MeasuredHttpd(row, processes=1)
    with running([server]):
        requests = ring.authorizations
        assert set(statuses(server, requests)) == {200}
        with server.database.away():
            return list(statuses(server, requests, reconnect=1)).count(200)


def child_memory(server):
    """Kilobytes of its children: resident, and private of these."""
    texts = [Path(f"/proc/{child}/smaps_rollup").read_text(encoding="ascii")
             for child in server.children()]
    sums = [sum(int(number) for number in re.findall(
                rf"^{field}: +(\d+) kB$", text, re.M)) for text in texts
            for field in ("Rss", "Private_(?:Clean|Dirty)")]
    return sum(sums[::2]), sum(sums[1::2])


def load_at_least(server, requests):
    done = 0
    while done < requests:
        done += run_wrk(server, 2)["requests"]
    return done


def growth(step):
    """After how many requests the children have how much memory."""
    server = MeasuredHttpd(ROWS["cached"], cores())
    with running([server]):
        requests = 0
        for _ in range(STEPS):
            requests += load_at_least(server, step)
            resident, private = child_memory(server)
            print(f"{requests:,} requests", flush=True)
            yield requests, resident, private


def measure(options):
    keys = kept_keys(Ring(KEYS))
    print("bytes per key counted", flush=True)
    looks = list(growth(QUICK_STEP if options.quick else STEP))
    lines = [f"A cache of 1 MiB keeps {keys:,} keys: {MEBIBYTE / keys:.0f} "
             "bytes for each.", "",
             f"| requests | resident, {cores()} children | private |",
             "| ---: | ---: | ---: |",
             *(f"| {requests:,} | {resident:,} KiB | {private:,} KiB |"
               for requests, resident, private in looks)]
    return "\n".join(lines) + "\n", {"keys": keys, "growth": looks}
