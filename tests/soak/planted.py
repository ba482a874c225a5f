#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Breaks the product on purpose: a soak must find each breakage.

    /usr/bin/python3 tests/soak/planted.py [--minutes N] [NAME…]
    /usr/bin/python3 tests/soak/planted.py --check

Each is built from a copy of the source and soaked.  The exit status is 1 if one
is not found, and with --check if one does not apply to today's source.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import conftest     # noqa: F401, pylint: disable=unused-import  # finds modules
import plant

SOAK = Path(__file__).with_name("soak.py")
RATE = "mod_uptime_keys/httpd/rate.c"
CREATE = "mod_uptime_keys/manage/act_create.c"
CREATED = '    uk_outcome_log(ctx, "created", key->id);\n'
# The breakage as tests/consistency/plant.py has it, and what a soak says of it.
BREAKAGES = {
    "a pool is not destroyed": ({RATE: [
        ("    return rate && !rate->count.is_allowed\n",
         "    if (limit) {\n        apr_pool_t *lost;\n"
         "        apr_pool_create(&lost, NULL);\n    }\n"
         "    return rate && !rate->count.is_allowed\n")]},
        r"leak: children, private KiB rises"),
    "a file is not closed": ({CREATE: [
        ('#include "manage/actions.h"\n',
         '#include "manage/actions.h"\n#include <fcntl.h>\n'),
        (CREATED, CREATED + '    (void)!open("/dev/null", O_RDONLY);\n')]},
        r"leak: children, descriptors rises"),
    "a log line has a key": ({CREATE: [
        (CREATED, CREATED + "    ap_log_rerror(APLOG_MARK, APLOG_TRACE8, 0, "
         'ctx->r, "new key %s",\n                  token);\n')]},
        r"a key in a log: "),
    "a slot is not given back": ({RATE: [
        ("        uk_rate_table_give_back(table, &state->rate->request);\n",
         "")]}, r"slots: a limit was not given back"),
    "an entry is not void": (
        plant.BREAKAGES["a change voids nothing"], r"violation: "),
}


def find(name, minutes):
    """Whether the breakage is found, and what was said."""
    breakage, sign = BREAKAGES[name]
    folder = plant.copy_source(name)
    plant.build_broken(folder, breakage)
    done = subprocess.run(
        [sys.executable, SOAK, "--minutes", str(minutes)], text=True,
        capture_output=True, check=False,
        env={**os.environ, "UPTIME_KEYS_DRIVER": "pgsql",
             "UPTIME_KEYS_OUT": str(folder / "build" / "out")})
    shutil.rmtree(folder)
    said = done.stdout + done.stderr
    found = re.search(f".*{sign}.*", said)
    return bool(found), found[0].strip()[:200] if found else said


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME",
                        default=list(BREAKAGES), help=", ".join(BREAKAGES))
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--check", action="store_true",
                        help="only tell whether all apply to the source")
    args = parser.parse_args()
    if args.check:
        for breakage in BREAKAGES.values():
            plant.broken_source(breakage[0])
        return 0
    is_all_found = True
    for name in args.names:
        is_found, said = find(name, args.minutes)
        print(f"{name}: {'' if is_found else 'NOT FOUND: '}{said}", flush=True)
        is_all_found &= is_found
    return 0 if is_all_found else 1


if __name__ == "__main__":
    sys.exit(main())
