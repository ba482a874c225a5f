#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Breaks the protocol on purpose, and looks whether the checker finds it.

    /usr/bin/python3 tests/consistency/plant.py [NAME…]

Each breakage is built in a copy of its own, in build/out/planted/, and run
until it is found.  UPTIME_KEYS_DRIVER chooses the database.  The exit status is
1 where something is not found.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLANTED = ROOT / "build" / "out" / "planted"
RUN = Path(__file__).with_name("run.py")
LEASE = "mod_uptime_keys/httpd/lease.c"
TRIGGERS = {
    "conf/schema/sqlite3/0001.sql": [
        ("AFTER DELETE ON uptime_keys\n",
         "AFTER DELETE ON uptime_keys WHEN 0\n")],
    "conf/schema/pgsql/0002.sql": [
        ("AFTER DELETE OR TRUNCATE ON uptime_keys\n",
         "AFTER TRUNCATE ON uptime_keys\n")],
    "conf/schema/mysql/0002.sql": [
        ("AFTER DELETE ON uptime_keys FOR EACH ROW\n"
         "UPDATE uptime_changes SET counter = counter + 1 WHERE id = 1;",
         "AFTER DELETE ON uptime_keys FOR EACH ROW\n"
         "UPDATE uptime_changes SET counter = counter WHERE id = 1;")],
}
# Name: file: what stands there once, and what instead.
BREAKAGES = {
    "no generation check": {"mod_uptime_keys/httpd/cache.c": [
        ("|| head.generation != look_up->generation", "")]},
    "generation not raised on a change": {LEASE: [
        ("        atomic_fetch_add(&words->generation, 1);\n"
         "        atomic_store(&words->counter, counter);",
         "        atomic_store(&words->counter, counter);")]},
    "generation raised after the look is said to be taken": {LEASE: [
        ("    if (last == 0 || counter != atomic_load(&words->counter)) {",
         "    atomic_store(&words->poll_began, began);\n"
         "    apr_sleep(POLL_INTERVAL * 3);\n"
         "    if (last == 0 || counter != atomic_load(&words->counter)) {")]},
    "no wait by the servers": {LEASE: [
        ("        wait_until(then);",
         "        wait_until(then - UK_LEASE_MS - UK_LEASE_MARGIN_MS);")]},
    "no wait by the tool": {"mod_uptime_keys/cli/settle.c": [
        ("apr_sleep(SETTLE)", "apr_sleep(SETTLE - SETTLE)")]},
    "lease ignored": {LEASE: [
        ("return !is_older(began, now, UK_LEASE_MS)",
         "return !is_older(began, now, 60 * UK_LEASE_MS)")]},
    "no trigger": TRIGGERS,
    "expiry not compared": {"mod_uptime_keys/httpd/cache.c": [
        ("(grant->expires_at == UK_INSTANT_NONE\n",
         "(1\n")]},
}


def copy(name):
    """What a build needs, with what was built already."""
    folder = PLANTED / name.replace(" ", "-")
    shutil.rmtree(folder, ignore_errors=True)
    for part in ("mod_uptime_keys", "conf", "build/out/obj"):
        if (ROOT / part).exists():
            shutil.copytree(ROOT / part, folder / part)
    for part in ("Makefile", "embed", "exports.map"):
        shutil.copy2(ROOT / "build" / part, folder / "build" / part)
    return folder


def break_copy(folder, breakage):
    for file, substitutions in breakage.items():
        text = (folder / file).read_text()
        for old, new in substitutions:
            assert text.count(old) == 1, f"{file} has not once: {old}"
            text = text.replace(old, new)
        (folder / file).write_text(text)
    subprocess.run(["make", "--silent", "-C", folder / "build", "all"],
                   check=True)


def find(name, seconds, seed):
    """The report of a run, and whether it found something."""
    folder = copy(name)
    break_copy(folder, BREAKAGES[name])
    done = subprocess.run(
        [sys.executable, RUN, "--until-found", "--seconds", str(seconds),
         "--seed", str(seed)], text=True, capture_output=True, check=False,
        env={**os.environ, "UPTIME_KEYS_OUT": str(folder / "build" / "out")})
    shutil.rmtree(folder)
    is_found = bool(re.search(r"violations: [1-9]", done.stdout))
    return done.stdout + done.stderr, is_found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME",
                        default=list(BREAKAGES), help=", ".join(BREAKAGES))
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", type=int, default=1)
    wishes = parser.parse_args()
    is_all_found = True
    for name in wishes.names:
        report, is_found = find(name, wishes.seconds, wishes.seed)
        first = re.search("within .*", report)
        print(f"{name}: {first[0] if is_found and first else report}",
              flush=True)
        is_all_found &= is_found
    return 0 if is_all_found else 1


if __name__ == "__main__":
    sys.exit(main())
