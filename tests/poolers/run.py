#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs clients on two httpds behind a pooler and checks what they saw.

    /usr/bin/python3 tests/poolers/run.py                       the whole table
    /usr/bin/python3 tests/poolers/run.py --seconds 60 pgbouncer:bookworm
"""

import argparse
import sys

import conftest     # noqa: F401, pylint: disable=unused-import  # finds modules
import other_version
from experiments import CASES, FAULTY, TENANTS, run_case, run_tenants


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="CASE",
                        help=", ".join(CASES | FAULTY | TENANTS))
    parser.add_argument("--seconds", type=float, default=15)
    args = parser.parse_args()
    try:
        return run_all(args)
    finally:
        other_version.remove()


def run_all(args):
    """Whether a case is bad."""
    is_bad = False
    for name, case in (CASES | FAULTY | TENANTS).items():
        if not args.names or any(word in name for word in args.names):
            run = run_tenants if name in TENANTS else run_case
            result = run(name, case, args.seconds)
            print(result.row(), flush=True)
            for line in result.more():
                print("    " + line, file=sys.stderr, flush=True)
            is_bad |= not result.is_good
    return is_bad


if __name__ == "__main__":
    sys.exit(main())
