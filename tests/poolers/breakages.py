#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Breaks on purpose what keeps poolers and standbys from mattering: the tests
of this folder must find it.

    /usr/bin/python3 tests/poolers/breakages.py [NAME…]
    /usr/bin/python3 tests/poolers/breakages.py --check

Each breakage is built from a copy of the source in build/out/planted/; then
the tests that it names are run.  The exit status is 1 if they pass.

With --check nothing is built or run: the exit status is 1 if a breakage does
not apply to today's source.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys

import conftest     # noqa: F401, pylint: disable=unused-import  # finds modules
import plant

HERE = "tests/poolers"
SESSION = "mod_uptime_keys/db/session.c"
STATEMENTS = "mod_uptime_keys/db/statements.c"
NAMING = "mod_uptime_keys/db/naming.c"
TAKEN = {STATEMENTS: [("&& !session->allows_standby\n",
                       "&& !session->allows_standby && 0\n")]}
# For each name: the substitutions (see plant.py), and the tests to run.
BREAKAGES = {
    "shared statement names": (
        {SESSION: [("        uk_secret_random(random, sizeof(random));",
                    "        memset(random, 0, sizeof(random));")]},
        ["test_names.py"]),
    "statement names never given up": (
        {NAMING: [("    if (now < from) {\n", "    if (1) {\n")]},
        ["test_poolers.py", "-k", "1.24-transaction-pgsql"]),
    "ODBC prepares in the server": (
        {SESSION: [("    uk_odbc_prepare_nothing(connection);\n", "")]},
        ["test_poolers.py", "-k", "1.18-transaction-odbc and not USSP"]),
    "ODBC names statements": (
        {SESSION: [("    uk_odbc_prepare_nothing(connection);\n", "")]},
        ["test_names.py", "-k", "odbc"]),
    "schema not qualified": (
        {STATEMENTS: [("sql, at == table ? session->schema : condition);",
                       'sql, at == table ? "" : condition);')]},
        ["test_poolers.py", "-k", "1.18 and tenants"]),
    "search path of another client": (
        {SESSION: [("        || select_schema(connection, pool)\n", "")]},
        ["test_poolers.py", "-k", "1.18 and tenants"]),
    "standby taken": (
        TAKEN,
        ["test_standby.py", "-k", "session_on_a_standby or asks_the_primary "
         "or sessions_on_both"]),
    "standby taken behind Pgpool-II": (
        TAKEN,
        ["test_poolers.py", "-k", "pgpool-4.6-lagging-pgsql"]),
    "first answer awaited for ever": (
        {"mod_uptime_keys/db/libpq.h": [
            ("#define UK_FIRST_ANSWER_MS 5000",
             "#define UK_FIRST_ANSWER_MS 500000")]},
        ["test_small_pool.py", "-k", "that_is_too_small and bookworm"]),
}


def find(name):
    """Run the tests with one breakage; what failed, or None."""
    files, tests = BREAKAGES[name]
    folder = plant.copy_source(name)
    plant.build_broken(folder, files)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--tb=short",
         f"{HERE}/{tests[0]}", *tests[1:]], text=True, cwd=plant.ROOT,
        capture_output=True, check=False,
        env={**os.environ, "UPTIME_KEYS_OUT": str(folder / "build" / "out")})
    shutil.rmtree(folder)
    failed = re.findall(r"(?m)^FAILED [^:]*::(\S+)(?: - (.*))?",
                        done.stdout)
    why = re.findall(r"(?m)^E +(.*)", done.stdout)
    return failed and [failed[0][0], *why[:3]]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME",
                        help=", ".join(BREAKAGES))
    parser.add_argument("--check", action="store_true",
                        help="only tell whether they apply to the source")
    args = parser.parse_args()
    unknown = set(args.names) - set(BREAKAGES)
    if unknown:
        parser.error(f"no such breakage: {', '.join(sorted(unknown))}")
    is_bad = False
    for name in args.names or BREAKAGES:
        if args.check:
            try:
                plant.broken_source(BREAKAGES[name][0])
                continue
            except (LookupError, OSError) as error:
                print(f"{name}: {error}")
                is_bad = True
                continue
        found = find(name)
        print(f"{name}: " + (" | ".join(found) if found else "NOT FOUND"),
              flush=True)
        is_bad |= not found
    return is_bad


if __name__ == "__main__":
    sys.exit(main())
