# SPDX-License-Identifier: Apache-2.0
"""Latency of a request with a key, by the number of keys in the database.

A single client uses keys that are spread evenly over the rows, each once.  All
rows were used just now, so that nothing is written.
"""

import shutil
import tempfile
import time
from dataclasses import replace

from harness import key_hash
from harness.database import now_ms
from wrk import timed_wrk
from ring import LONG_INTERVAL, Ring
from rows import DATABASES, ROWS
from server import MeasuredHttpd, cores, running

SIZES = (1000, 100_000, 1_000_000, 10_000_000)
QUICK_SIZES = SIZES[:3]
# More than a client uses in SECONDS.
USED = 50_000
SECONDS = 4
CHUNK = 500_000             # rows of one transaction
SPREAD_CHUNK = 5000
BYTES = 1500                # of disk for a row, with its indexes
# The hashes of most rows increase with the row's number i, which is fast to
# build and makes an index as deep as any; the table spread has the rows of
# keys that are used.
FILL = """
    INSERT INTO uptime_keys (id, team_id, slot, name, key_hash, key_prefix,
        scopes, created_at, last_used_at)
    SELECT 'key_' || {number}, 'acme', numbers.i, 'key ' || numbers.i,
        coalesce(spread.hash, {hash}), coalesce(spread.prefix, 'uptime_0'),
        '["monitors:read"]', 1, {now}
    FROM numbers LEFT JOIN spread ON spread.i = numbers.i"""
WORDS = {
    "sqlite3": (
        "WITH RECURSIVE numbers(i) AS (SELECT {first} UNION ALL "
        "SELECT i + 1 FROM numbers WHERE i < {last})" + FILL,
        "printf('%026d', numbers.i)",
        "printf('%012x', numbers.i * {step}) || lower(hex(randomblob(26)))"),
    "pgsql": (
        "WITH numbers AS (SELECT i FROM "
        "generate_series({first}, {last}) AS i)" + FILL,
        "lpad(numbers.i::text, 26, '0')",
        "lpad(to_hex(numbers.i::bigint * {step}), 12, '0') || "
        "md5(numbers.i::text) || substr(md5((-numbers.i)::text), 1, 20)"),
}


def spread(database, ring, first, last):
    """Assign the ring's keys evenly to the rows from first to last."""
    database.execute("DELETE FROM spread")
    values = [f"({first + (last - first + 1) * number // len(ring)}, "
              f"'{key_hash(text)}', '{text[:15]}')"
              for number, text in enumerate(ring.texts)]
    for at in range(0, len(values), SPREAD_CHUNK):
        database.execute("INSERT INTO spread VALUES "
                         + ", ".join(values[at:at + SPREAD_CHUNK]))


def fill(database, first, last):
    statement, number, hexadecimal = WORDS[database.driver]
    # All numbers have twelve hexadecimal digits.
    step = 16 ** 12 // (last + 1)
    for at in range(first, last + 1, CHUNK):
        part = {"first": at, "last": min(at + CHUNK - 1, last), "step": step}
        database.execute(statement.format(
            number=number, hash=hexadecimal.format(**part), now=now_ms(),
            **part))
    if database.driver == "pgsql":
        database.execute("ANALYZE uptime_keys")


def assert_disk_suffices(size):
    free = shutil.disk_usage(tempfile.gettempdir()).free
    assert free > size * BYTES, \
        f"{size:,} keys take {size * BYTES // 2 ** 30} GiB in " \
        f"{tempfile.gettempdir()}"


def latency(server, ring):
    """wrk's figures, after a second with other keys."""
    server.row = replace(server.row, keys=ring)
    server.headers = ring.authorizations[0]
    server.assert_right()
    done = timed_wrk(server, 1, connections=1, first=0)["requests"]
    return timed_wrk(server, SECONDS, connections=1, first=done)


def by_size(driver, sizes):
    """Size and figures for each size; the database grows."""
    server = MeasuredHttpd(replace(
        ROWS["key-" + driver], authorization=None, settings=LONG_INTERVAL),
        cores())
    with running([server]):
        server.database.execute("CREATE TABLE spread (i INTEGER PRIMARY KEY, "
                                "hash VARCHAR(64), prefix VARCHAR(15))")
        rows = 0
        for size in sizes:
            assert_disk_suffices(size - rows)
            began = time.monotonic()
            ring = Ring(min(USED, size - rows))
            spread(server.database, ring, rows + 1, size)
            fill(server.database, rows + 1, size)
            rows = size
            took = time.monotonic() - began
            result = latency(server, ring)
            print(f"{driver}: {size:,} keys, the last ones in {took:.0f} s; "
                  f"p50 {result['p50']} µs, p99 {result['p99']} µs",
                  flush=True)
            yield size, result


def measure(options):
    sizes = QUICK_SIZES if options.quick else SIZES
    found = {driver: dict(by_size(driver, sizes))
             for driver in ("sqlite3", "pgsql")}
    lines = ["| keys | database | p50 | p99 |", "| ---: | --- | ---: | ---: |"]
    lines += [f"| {size:,} | {DATABASES[driver]} | {result['p50'] / 1000:.2f} "
              f"ms | {result['p99'] / 1000:.2f} ms |"
              for driver, results in found.items()
              for size, result in results.items()]
    return "\n".join(lines) + "\n", found
