#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Looks for violations of the cache's guarantees, for any length of time.

    /usr/bin/python3 tests/consistency/run.py --seconds 300 --seed N

UPTIME_KEYS_DRIVER (pgsql, mysql) chooses the database, UPTIME_KEYS_MPM the MPM.
The exit status is 1 if a violation, a crash or a key in a log was found.  The
same seed gives the same faults and operations, but not the same timing.
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
    args = parser.parse_args()
    if environment.BACKEND not in BACKENDS:
        parser.error(f"UPTIME_KEYS_DRIVER is one of {BACKENDS}")
    print(f"seed {args.seed}", flush=True)
    report = run(args.seconds, args.seed, args.until_found)
    print(report)
    return 1 if report.violations or report.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
