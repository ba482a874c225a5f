# SPDX-License-Identifier: Apache-2.0
"""Cached keys while others are changed by SQL, as teams do all day."""

from dataclasses import replace

from ring import LONG_INTERVAL, Ring
from rows import BY_KEY, CACHED, CACHING, DATABASES, Row
from writer import renaming

KEYS = 20_000
SIZE = f"UptimeKeysCacheSize {KEYS * 300}\n"
RATES = (1, 5, 100)     # changes a second


def rows(quick, build=None):
    """For each database: no changes, changes, and no cache at all; and the same
    with another build, compared with itself."""
    ring = Ring(KEYS)
    rates = RATES[1:] if quick else RATES
    for driver in DATABASES:
        yield from rows_of(driver, ring, rates, None)
        if build:
            yield from rows_of(driver, ring, rates, build)


def rows_of(driver, ring, rates, build):
    name = f"{driver}@{build.name}" if build else driver
    database = DATABASES[driver] + (f", commit {build.name}" if build else "")
    still = Row(f"still-{name}", f"{database}, no changes", CACHED, BY_KEY,
                None, 200, driver, ring.fill, CACHING + SIZE + LONG_INTERVAL,
                keys=ring, build=build)
    yield still
    for rate in rates:
        yield replace(still, name=f"churn-{rate}-{name}",
                      title=f"{database}, changes a second: {rate}",
                      baseline=still.name, beside=renaming(rate, KEYS))
    yield replace(still, name=f"uncached-{name}",
                  title=f"{database}, no cache", baseline=still.name,
                  settings=LONG_INTERVAL)
