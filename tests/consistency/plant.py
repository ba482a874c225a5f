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
REFUSED = "mod_uptime_keys/httpd/cache_refused.c"
REFUSALS = "mod_uptime_keys/core/refusals.h"
LEASE = "mod_uptime_keys/httpd/lease.c"
STATE = "mod_uptime_keys/core/lease_state.c"
SERVERS = "mod_uptime_keys/store/servers.c"
SCHEDULE = "mod_uptime_keys/core/lease_schedule.h"
REVOKE = "mod_uptime_keys/store/revoke.c"
WAIT = "        uk_clock_sleep_until(until);"
VERIFY = "mod_uptime_keys/store/verify.c"
PRINCIPALS = "mod_uptime_keys/store/principals.c"
FINDING = "mod_uptime_keys/httpd/finding.c"
CHANGE = "mod_uptime_keys/store/change.c"
ROTATE = "mod_uptime_keys/store/rotate.c"
LEAK = "mod_uptime_keys/store/leak.c"
STEPS = {name: f"conf/schema/{name}/0006.sql"
         for name in ("sqlite3", "pgsql", "mysql")}
TRIGGERS = {
    STEPS["sqlite3"]: [
        ("AFTER DELETE ON uptime_keys\n",
         "AFTER DELETE ON uptime_keys WHEN 0\n")],
    STEPS["pgsql"]: [
        ("    IF TG_OP = 'DELETE' THEN\n",
         "    IF TG_OP = 'DELETE' THEN\n        RETURN NULL;\n")],
    STEPS["mysql"]: [
        ("AFTER DELETE ON uptime_keys FOR EACH ROW\n"
         "UPDATE uptime_changes SET logged = counter + 1, "
         "counter = counter + 1,\n"
         "    key_hash = OLD.key_hash, previous_hash = OLD.previous_hash\n"
         "WHERE id = 1;",
         "AFTER DELETE ON uptime_keys FOR EACH ROW\n"
         "UPDATE uptime_changes SET logged = counter WHERE id = 2;")],
}


def without(*columns):
    """Substitutions that hide columns from PostgreSQL's trigger."""
    hidden = "".join(f" - '{column}'" for column in columns)
    for rows in ("old_rows", "new_rows"):
        yield f"to_jsonb({rows})", f"to_jsonb({rows}){hidden}"


TRIMMED_EARLY = {
    STEPS["sqlite3"]: [
        ("number <= NEW.counter - 1000", "number <= NEW.counter - 1")],
    STEPS["pgsql"]: [
        ("BETWEEN $1 - $2 - 999 AND $1 - 1000", "BETWEEN $1 - 2000 AND $1 - 1")],
    STEPS["mysql"]: [
        ("number = NEW.counter - 1000", "number <= NEW.counter - 1")],
}
# For each name and file: strings of the source, each found there exactly once,
# and what replaces them.
BREAKAGES = {
    "void entries are used": {CACHE: [
        ("    return uk_lease_is_valid(uk_server_state(r->server)->lease, round,\n"
         "                             principal->group)\n"
         "           && (principal->", "    (void)round;\n"
         "    return (principal->")]},
    "a change voids nothing": {LEASE: [
        ("        uk_lease_state_void_group(\n", "        (void)(\n"),
        ("            lease->state,\n            uk_lease_group(",
         "            uk_lease_group(")]},
    "only the first change of a poll is voided": {LEASE: [
        ("i < changes->hashes->nelts; i++", "i < changes->hashes->nelts && i < 1; "
         "i++")]},
    # Polls pass in 600 ms.
    "voided after the poll is recorded": {LEASE: [
        ("    void_changed(lease, &changes);\n"
         "    uk_lease_state_record_poll(lease->state, began, changes.counter);",
         "    uk_lease_state_record_poll(lease->state, began, changes.counter);\n"
         "    uk_clock_sleep_until(uk_clock_now() + 600);\n"
         "    void_changed(lease, &changes);")]},
    "another group is voided": {STATE: [
        ("void_earlier(state, &state->group_valid_from[group % UK_LEASE_GROUPS])",
         "void_earlier(state, &state->group_valid_from[(group ^ 1) % "
         "UK_LEASE_GROUPS])")]},
    "stored with the round after the look-up": {CACHE: [
        ("    /* Only this request has last_used_at written;",
         "    uk_clock_sleep_until(uk_clock_now() + 250);\n"
         "    (void)!uk_lease_holds(uk_server_state(r->server)->lease,\n"
         "                          &header.round);\n"
         "    /* Only this request has last_used_at written;")]},
    "refusals are not void after a change": {REFUSED: [
        ("        || !uk_lease_is_valid(",
         "        || 0 > uk_lease_is_valid(")],
        REFUSALS: [
        ("#define UK_REFUSAL_LOOK_UP_MS 110",
         "#define UK_REFUSAL_LOOK_UP_MS 2000"),
        ("#define UK_REFUSAL_LIFETIME_MS 200",
         "#define UK_REFUSAL_LIFETIME_MS 2000")]},
    "an entry of the log is lost": {SERVERS: [
        ("        add_hash(changes->hashes, row[3]);\n",
         "        if (changes->counter % 4 == 3) {\n            continue;\n"
         "        }\n        add_hash(changes->hashes, row[3]);\n")]},
    "an entry of the log is read twice, and the next one not": {SERVERS: [
        ("APR_ARRAY_IDX(rows, i, const char **);",
         "APR_ARRAY_IDX(rows, i > 0 ? i - 1 : 0, const char **);"),
        ("is_there[place]++", "is_there[place] > 1")]},
    "the log is read from one number too late": {LEASE: [
        ("uk_lease_state_record_poll(lease->state, began, changes.counter);",
         "uk_lease_state_record_poll(lease->state, began, "
         "changes.counter + 1);")]},
    "the log is trimmed too early, and gaps are accepted": {
        SERVERS: [
            ("|| changes->counter - since != entries", ""),
            ("place < 0 || place >= entries || is_there[place]++",
             "place < 0 || is_there[0] > 1")],
        **TRIMMED_EARLY},
    "a lease that wakes voids nothing": {
        STATE: [("    if (last == 0) {\n        uk_lease_state_void_all(state);",
                 "    if (0) {\n        uk_lease_state_void_all(state);")],
        LEASE: [("    if (!changes->is_complete) {\n",
                 "    if (!changes->is_complete && changes->counter != 0\n"
                 "        && atomic_load(&lease->state->poll_began) == 0) {\n"
                 "        return;\n    }\n"
                 "    if (!changes->is_complete) {\n")]},
    # It sleeps every second, though it is in use.
    "a lease that sleeps goes on": {
        LEASE: [("    uk_lease_state_withdraw(lease->state);\n", "")],
        SCHEDULE: [("#define UK_LEASE_SLEEP_MS 8000",
                    "#define UK_LEASE_SLEEP_MS 500")]},
    "the log has no previous secrets": {SERVERS: [
        ("        add_hash(changes->hashes, row[4]);\n", "")]},
    # The tool has no cache of its own, and so no server id.
    "no wait by the servers": {REVOKE: [
        (WAIT, "        if (!*own->server)\n    " + WAIT)]},
    "no wait by the tool": {REVOKE: [
        (WAIT, "        if (*own->server)\n    " + WAIT)]},
    "lease ignored": {STATE: [
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
        STEPS["sqlite3"]: [
            ("addresses,\n    previous_hash, previous_prefix, "
             "previous_ends_at\n", "addresses\n")],
        STEPS["pgsql"]: [*without("previous_hash", "previous_prefix",
                                  "previous_ends_at")],
        STEPS["mysql"]: [
            ("    AND NEW.previous_hash <=> OLD.previous_hash\n", ""),
            ("\n    AND NEW.previous_ends_at <=> OLD.previous_ends_at);",
             ");")]},
    "disabling not watched": {
        STEPS["sqlite3"]: [("disabled_at, disabled_reason, addresses,",
                            "addresses,")],
        STEPS["pgsql"]: [*without("disabled_at", "disabled_reason")],
        STEPS["mysql"]: [
            ("    AND NEW.disabled_at <=> OLD.disabled_at\n"
             "    AND CAST(NEW.disabled_reason AS BINARY)\n"
             "        <=> CAST(OLD.disabled_reason AS BINARY)\n", "")]},
    "addresses not watched": {
        STEPS["sqlite3"]: [("disabled_reason, addresses,\n    previous_hash,",
                            "disabled_reason,\n    previous_hash,")],
        STEPS["pgsql"]: [*without("addresses")],
        STEPS["mysql"]: [
            ("    AND CAST(NEW.addresses AS BINARY) "
             "<=> CAST(OLD.addresses AS BINARY)\n", "")]},
    "addresses not judged for a cached key": {FINDING: [
        ("judge_address(r, look_up.verdict, *principal)",
         "look_up.verdict")]},
    # Their end is in the past, too.
    "disabled keys accepted": {PRINCIPALS: [
        ("principal->expires_at = end < 0 ? -end : end;",
         "principal->expires_at = principal->is_disabled ? UK_INSTANT_NONE\n"
         "                            : end < 0 ? -end : end;")], VERIFY: [
        ("    if (principal->is_disabled) {",
         "    if (0 && principal->is_disabled) {")]},
}


def broken_source(breakage, root=ROOT):
    """The files of a breakage, named from root, with their new contents.

    LookupError if a string is not in its file exactly once.
    """
    files = {}
    for file, substitutions in breakage.items():
        source = (root / file).read_text()
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


def copy_source(name, objects="build/out/obj"):
    """What a build needs, together with the objects that are up to date."""
    folder = PLANTED / name.replace(" ", "-")
    shutil.rmtree(folder, ignore_errors=True)
    for part in ("mod_uptime_keys", "conf", objects):
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
