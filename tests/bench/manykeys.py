# SPDX-License-Identifier: Apache-2.0
"""Many clients with many keys: a large cache, a small one, and none."""

from dataclasses import replace

from ring import LONG_INTERVAL, Ring
from rows import BY_KEY, CACHED, CACHING, ROWS, Row

KEYS = 100_000
# A tenth of this cache is not below the smallest size that is accepted.
QUICK_KEYS = 40_000
BYTES = 300     # of cache for each key


def cache(ring, part):
    return f"{CACHING}UptimeKeysCacheSize {len(ring) * BYTES // part}\n"


def rows(quick):
    """The same keys are sent in every row, with and without a guard."""
    ring = Ring(QUICK_KEYS if quick else KEYS)
    caches = {"a cache for all of them": cache(ring, 1),
              "a cache for a tenth of them": cache(ring, 10),
              "no cache": ""}
    return [replace(ROWS["open"], keys=ring)] + [
        Row(f"{name}, {driver}", f"200, {len(ring):,} keys, {database}, {name}",
            CACHED, BY_KEY, "open", 200, driver, ring.fill,
            settings + LONG_INTERVAL, keys=ring)
        for driver, database in (("sqlite3", "SQLite"),
                                 ("pgsql", "PostgreSQL"))
        for name, settings in caches.items()]
