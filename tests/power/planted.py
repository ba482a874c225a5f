#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Answers before the commit, on purpose: power cuts must find it.

    /usr/bin/python3 tests/power/planted.py [--times N] [sqlite|pgsql]…
    /usr/bin/python3 tests/power/planted.py --check

For SQLite the source is changed: a key is inserted when its request has ended.
PostgreSQL itself answers before the commit is safe with synchronous_commit=off.
The exit status is 1 if a breakage is not found, and with --check if it does not
apply to today's source.
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

POWER = Path(__file__).with_name("power.py")
ISSUE = "mod_uptime_keys/store/issue.c"
LATER = """
typedef struct {
    uk_database_t *db;
    uk_actor_t actor;
    uk_key_t key;
    char hash[UK_HASH_LEN + 1];
    int limit;
} later_t;

static apr_status_t create_later(void *data)
{
    later_t *later = data;

    apr_sleep(5000);
    (void)!uk_store_key_create(later->db, &later->actor, &later->key,
                               later->hash, later->limit);
    return APR_SUCCESS;
}

uk_outcome_e uk_issue_key("""
NOW = "    outcome = uk_store_key_create(db, actor, key, hash, limit);\n"
PUT_OFF = """    later_t *later = apr_pcalloc(db->pool, sizeof(*later));

    *later = (later_t){db, *actor, *key, "", limit};
    apr_cpystrn(later->hash, hash, sizeof(later->hash));
    apr_pool_pre_cleanup_register(db->pool, later, create_later);
    outcome = UK_OK;
"""
BREAKAGE = {ISSUE: [("\nuk_outcome_e uk_issue_key(", LATER), (NOW, PUT_OFF)]}


def run(times, *options, **environment):
    done = subprocess.run(
        [sys.executable, POWER, "--times", str(times), *options], text=True,
        capture_output=True, check=False, env={**os.environ, **environment})
    said = done.stdout + done.stderr
    return re.search("cut .*", said), said


def in_sqlite(times):
    folder = plant.copy_source("answered before the commit")
    plant.build_broken(folder, BREAKAGE)
    try:
        return run(times, "--only", "sqlite",
                   UPTIME_KEYS_OUT=str(folder / "build" / "out"))
    finally:
        shutil.rmtree(folder)


def in_postgresql(times):
    return run(times, "--only", "pgsql", "--asynchronous")


PLANTED = {"sqlite": in_sqlite, "pgsql": in_postgresql}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=list(PLANTED))
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--check", action="store_true",
                        help="only tell whether it applies to the source")
    args = parser.parse_args()
    if args.check:
        plant.broken_source(BREAKAGE)
        return 0
    is_all_found = True
    for name in args.names:
        found, said = PLANTED[name](args.times)
        print(f"{name}: {found[0][:200] if found else 'NOT FOUND: ' + said}",
              flush=True)
        is_all_found &= bool(found)
    return 0 if is_all_found else 1


if __name__ == "__main__":
    sys.exit(main())
