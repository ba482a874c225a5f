#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Breaks the protocol of the cache on purpose: the checker must find it.

    /usr/bin/python3 tests/consistency/plant.py [NAME…]
    /usr/bin/python3 tests/consistency/plant.py --check [NAME…]

Each breakage is built from a copy of the source in build/out/planted/ and run
until a violation is found.  UPTIME_KEYS_DRIVER chooses the database.  The exit
status is 1 if a breakage is not found.

With --check nothing is built or run: the exit status is 1 if a breakage does
not apply to today's source.
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
CACHE = "mod_uptime_keys/httpd/cache.c"
LEASE = "mod_uptime_keys/core/lease_state.c"
REVOKE = "mod_uptime_keys/store/revoke.c"
WAIT = "        uk_clock_sleep_until(until);"
VERIFY = "mod_uptime_keys/store/verify.c"
FINDING = "mod_uptime_keys/httpd/finding.c"
CHANGE = "mod_uptime_keys/store/change.c"
ROTATE = "mod_uptime_keys/store/rotate.c"
LEAK = "mod_uptime_keys/store/leak.c"
STEPS = {name: f"conf/schema/{name}/0004.sql"
         for name in ("sqlite3", "pgsql", "mysql")}
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
# For each name and file: strings of the source, each found there exactly once,
# and what replaces them.
BREAKAGES = {
    "no generation check": {CACHE: [
        ("|| header.generation != look_up->generation", "")]},
    "generation not raised on a change": {LEASE: [
        ("        atomic_fetch_add(&state->generation, 1);\n"
         "        atomic_store(&state->counter, counter);",
         "        atomic_store(&state->counter, counter);")]},
    # Three polls pass in 600 ms.
    "generation raised after the poll is recorded": {LEASE: [
        ("    if (last == 0 || counter != atomic_load(&state->counter)) {",
         "    atomic_store(&state->poll_began, began);\n"
         "    uk_clock_sleep_until(uk_clock_now() + 600);\n"
         "    if (last == 0 || counter != atomic_load(&state->counter)) {")]},
    # The tool has no cache of its own, and so no server id.
    "no wait by the servers": {REVOKE: [
        (WAIT, "        if (!*own->server)\n    " + WAIT)]},
    "no wait by the tool": {REVOKE: [
        (WAIT, "        if (*own->server)\n    " + WAIT)]},
    "lease ignored": {LEASE: [
        ("uk_clock_is_within(view->poll_began, now, UK_LEASE_MS)",
         "uk_clock_is_within(view->poll_began, now, 60 * UK_LEASE_MS)")]},
    "no trigger": TRIGGERS,
    "expiry not compared": {CACHE: [
        ("(principal->expires_at == UK_INSTANT_NONE\n",
         "(1\n")]},
    "end of an overlap not compared": {CACHE: [
        ("(principal->expires_at == UK_INSTANT_NONE\n",
         "(principal->is_previous || principal->expires_at == 0\n")]},
    "end of an overlap not stored": {CACHE: [
        ("    /* Only this request has last_used_at written;",
         "    if (stored.is_previous) {\n"
         "        stored.expires_at = UK_INSTANT_NONE;\n"
         "    }\n"
         "    /* Only this request has last_used_at written;")]},
    "no wait after a change": {CHANGE: [
        ("return outcome == UK_OK || outcome == UK_UNAVAILABLE\n",
         "return 0\n")]},
    "no wait after a change that was made before": {CHANGE: [
        ("return outcome == UK_OK ||", "return change.changed ||")]},
    "no wait after a rotation": {ROTATE: [
        ("&& has_to_wait(rotated))", "&& has_to_wait(rotated) && 0)")]},
    "no wait after a leak": {LEAK: [
        ("    return uk_revoke_everywhere(db, own, outcome);",
         "    return end.leaks ? outcome : "
         "uk_revoke_everywhere(db, own, outcome);")]},
    "previous secrets not watched": {
        **{STEPS[name]: [
            ("addresses,\n    previous_hash, previous_prefix, "
             "previous_ends_at\n", "addresses\n")]
           for name in ("sqlite3", "pgsql")},
        STEPS["mysql"]: [
            ("    AND NEW.previous_hash <=> OLD.previous_hash\n", ""),
            ("\n    AND NEW.previous_ends_at <=> OLD.previous_ends_at);",
             ");")]},
    "disabling not watched": {
        **{STEPS[name]: [("disabled_at, disabled_reason, addresses,",
                          "addresses,")]
           for name in ("sqlite3", "pgsql")},
        STEPS["mysql"]: [
            ("    NEW.disabled_at <=> OLD.disabled_at\n"
             "    AND CAST(NEW.disabled_reason AS BINARY)\n"
             "        <=> CAST(OLD.disabled_reason AS BINARY)\n", "    TRUE\n")]},
    "addresses not watched": {
        **{STEPS[name]: [("disabled_reason, addresses,\n    previous_hash,",
                          "disabled_reason,\n    previous_hash,")]
           for name in ("sqlite3", "pgsql")},
        STEPS["mysql"]: [
            ("    AND CAST(NEW.addresses AS BINARY) "
             "<=> CAST(OLD.addresses AS BINARY)\n", "")]},
    "addresses not judged for a cached key": {FINDING: [
        ("    if (finding->verdict == UK_ACCEPTED",
         "    if (is_new && finding->verdict == UK_ACCEPTED")]},
    "disabled keys accepted": {VERIFY: [
        ("    if (principal->is_disabled) {",
         "    if (0 && principal->is_disabled) {")]},
}


def broken_source(breakage):
    """The files of a breakage with their new contents.

    LookupError if a string is not in its file exactly once.
    """
    files = {}
    for file, substitutions in breakage.items():
        source = (ROOT / file).read_text()
        for old, new in substitutions:
            if source.count(old) != 1:
                raise LookupError(f"{file}: found {source.count(old)} times, "
                                  f"not once: {old}")
            source = source.replace(old, new)
        files[file] = source
    return files


def misfits(names):
    """Why breakages do not apply to the source; empty if all of them do."""
    for name in names:
        try:
            broken_source(BREAKAGES[name])
        except (LookupError, OSError) as error:
            yield f"{name}: {error}"


def copy_source(name):
    """What a build needs, together with the objects that are up to date."""
    folder = PLANTED / name.replace(" ", "-")
    shutil.rmtree(folder, ignore_errors=True)
    for part in ("mod_uptime_keys", "conf", "build/out/obj"):
        if (ROOT / part).exists():
            shutil.copytree(ROOT / part, folder / part)
    for part in ("Makefile", "embed", "exports.map"):
        shutil.copy2(ROOT / "build" / part, folder / "build" / part)
    return folder


def build_broken(folder, breakage):
    for file, source in broken_source(breakage).items():
        (folder / file).write_text(source)
    subprocess.run(["make", "--silent", "-C", folder / "build", "all"],
                   check=True)


def find(name, seconds, seed):
    """Run with one breakage; the report, and whether a violation was found."""
    folder = copy_source(name)
    build_broken(folder, BREAKAGES[name])
    done = subprocess.run(
        [sys.executable, RUN, "--until-found", "--seconds", str(seconds),
         "--seed", str(seed)], text=True, capture_output=True, check=False,
        env={**os.environ, "UPTIME_KEYS_OUT": str(folder / "build" / "out")})
    shutil.rmtree(folder)
    is_found = bool(re.search(r"violations: [1-9]", done.stdout))
    return done.stdout + done.stderr, is_found


def run_all(names, seconds, seed):
    """Whether every breakage was found; prints each as it is done."""
    is_all_found = True
    for name in names:
        report, is_found = find(name, seconds, seed)
        first = re.search("within .*", report)
        print(f"{name}: {first[0] if is_found and first else report}",
              flush=True)
        is_all_found &= is_found
    return is_all_found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME",
                        default=list(BREAKAGES), help=", ".join(BREAKAGES))
    parser.add_argument("--check", action="store_true",
                        help="only tell whether they apply to the source")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    unknown = set(args.names) - set(BREAKAGES)
    if unknown:
        parser.error(f"no such breakage: {', '.join(sorted(unknown))}")
    if args.check:
        complaints = list(misfits(args.names))
        print("\n".join(complaints), end="\n" if complaints else "")
        return 1 if complaints else 0
    return 0 if run_all(args.names, args.seconds, args.seed) else 1


if __name__ == "__main__":
    sys.exit(main())
