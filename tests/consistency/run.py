#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Looks for a key that outlives its delete, for as long as one likes.

    /usr/bin/python3 tests/consistency/run.py --seconds 300 --seed N

UPTIME_KEYS_DRIVER is pgsql or mysql for those, UPTIME_KEYS_MPM another MPM.
The exit status is 1 when a violation was found, or a crash, or a key in a log.
The same seed throws the same faults at the same clients; what overlaps with
what is chance.
"""

import argparse
import random
import sys

import conftest     # noqa: F401, pylint: disable=unused-import  # finds modules
from experiment import BACKENDS, run
from harness import environment


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int,
                        default=random.randrange(1_000_000))
    parser.add_argument("--until-found", action="store_true",
                        help="end with the first violation")
    wishes = parser.parse_args()
    if environment.BACKEND not in BACKENDS:
        parser.error(f"UPTIME_KEYS_DRIVER is one of {BACKENDS}")
    print(f"seed {wishes.seed}", flush=True)
    report = run(wishes.seconds, wishes.seed, wishes.until_found)
    print(report)
    return 1 if report.violations or report.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
