#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Plants faults: the model, or ThreadSanitizer, must find each.

    /usr/bin/python3 tests/races/planted.py [--traces] [NAME…]
    /usr/bin/python3 tests/races/planted.py --check

Each fault is planted in a copy of the source in build/out/.  The exit
status is 1 if one is not found.  Those that need an httpd under load take
long, and are run by their names alone.

With --check nothing is built or run: the exit status is 1 if a fault does not
apply to today's source.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "consistency"))

import plant    # noqa: E402, pylint: disable=wrong-import-position

PLANTED = ROOT / "build" / "out" / "races" / "planted"
# For a program that counts, which takes one or two.
SECONDS = 20
TRIES = 4
FOLDERS = ("core", "db", "store", "httpd")
CACHE = "httpd/cache.c"
LEASE = "httpd/lease.c"
STATE = "core/lease_state.c"
SERVERS = "store/servers.c"
REVOKE = "store/revoke.c"
REFUSED = "httpd/cache_refused.c"
# For each name: the scenario that finds it, and for each file strings that are
# there exactly once, and what replaces them.
FAULTS = {
    "recorded before it is voided": ("a thread has the entry for itself", {
        LEASE: [(
            "    void_changed(lease, &changes);\n"
            "    uk_lease_state_record_poll(lease->state, began, "
            "changes.counter);",
            "    uk_lease_state_record_poll(lease->state, began, "
            "changes.counter);\n"
            "    void_changed(lease, &changes);")]}),
    "a poll counts from its end": ("the tool ends a key", {LEASE: [(
        "uk_lease_state_record_poll(lease->state, began,",
        "uk_lease_state_record_poll(lease->state, uk_clock_now(),")]}),
    "stored with the round after the look-up": (
        "a look-up is overtaken", {CACHE: [(
            "    entry_header_t header = {.round = look_up->round};",
            "    entry_header_t header = {.round = 0};\n"
            "    (void)uk_lease_holds(uk_server_state(r->server)->lease,\n"
            "                         &header.round);")]}),
    "entries are not compared": ("the server itself ends a key", {STATE: [(
        "    return round >= atomic_load(&state->valid_from)\n",
        "    return 1 || round >= atomic_load(&state->valid_from)\n")]}),
    "another group is voided": ("the server itself ends a key", {STATE: [(
        "void_earlier(state, &state->group_valid_from[group % "
        "UK_LEASE_GROUPS])",
        "void_earlier(state, &state->group_valid_from[group ^ 3])")]}),
    "only the first change of a poll is voided": ("two keys end", {LEASE: [(
        "i < changes->hashes->nelts; i++",
        "i < changes->hashes->nelts && i < 1; i++")]}),
    "gaps of the log are accepted": ("the log loses entries", {SERVERS: [(
        "|| changes->counter - since != entries", "")]}),
    "no wait by the tool": ("the tool ends a key", {REVOKE: [(
        "        uk_clock_sleep_until(until);", "        (void)until;")]}),
    "a lease that sleeps goes on": (
        "the lease goes to sleep", {LEASE: [(
            "    uk_lease_state_withdraw(lease->state);\n", "")]}),
    "its row is deleted first": (
        "the lease goes to sleep", {LEASE: [(
            "    uk_lease_state_withdraw(lease->state);\n"
            "    uk_dbd_open(&db, lease->server, pool);\n"
            "    return uk_store_server_withdraw(&db, lease->id, seen_at);",
            "    uk_outcome_e outcome;\n\n"
            "    uk_dbd_open(&db, lease->server, pool);\n"
            "    outcome = uk_store_server_withdraw(&db, lease->id, seen_at);\n"
            "    uk_lease_state_withdraw(lease->state);\n"
            "    return outcome;")]}),
    "a lease that wakes voids nothing": (
        "the lease goes to sleep, and wakes", {
            STATE: [("    if (last == 0) {", "    if (0) {")],
            LEASE: [("    if (!changes->is_complete) {\n",
                     "    if (!changes->is_complete\n"
                     "        && atomic_load(&lease->state->poll_began) == 0) "
                     "{\n        return;\n    }\n"
                     "    if (!changes->is_complete) {\n")]}),
    "the child that ends reads too late what it announced": (
        "the polling process ends when it was long announced", {LEASE: [(
            "(void)!withdraw(lease, seen_at, pool);",
            "(void)!withdraw(lease, atomic_load(&lease->state->announced) "
            "+ 0 * seen_at,\n pool);")]}),
    "the announcement is read after the poll": (
        "the polling process has ended", {STATE: [(
            "    view.announced_at = atomic_load(&state->announced_at);\n", ""), (
            "    view.round = atomic_load(&state->round);\n",
            "    view.round = atomic_load(&state->round);\n"
            "    view.announced_at = atomic_load(&state->announced_at);\n")]}),
    "refusals are not void after a change": (
        "the server itself enables a key", {REFUSED: [(
            "        || !uk_lease_is_valid(",
            "        || 0 > uk_lease_is_valid(")]}),
    "an import does not wait for refusals": ("the tool imports a key", {REVOKE: [(
        "UK_REFUSAL_LIFETIME_MS + UK_REFUSAL_MARGIN_MS", "0")]}),
}

TOP = "core/top.c"
USAGE = "httpd/usage.c"
UNLOCK = "        pthread_mutex_unlock(&top->lock);"
COUNT = """    atomic_fetch_add_explicit(
        &(place ? place->counts : top->others)[number % UK_TOP_PARTS].value, 1,
        memory_order_relaxed);"""
# What ThreadSanitizer finds where many processes count, and in an httpd.
COUNTING = {
    "a counter that is not atomic": {TOP: [(
        COUNT, "    *(apr_uint64_t *)&(place ? place->counts : top->others)\n"
        "        [number % UK_TOP_PARTS].value += 1;")]},
    "no lock": {TOP: [
        ("pthread_mutex_trylock(&top->lock)", "0"), (UNLOCK, "")]},
    "a lock that is taken with relaxed order": {TOP: [
        ("static int try_lock(uk_top_t *top)\n{\n",
         "static _Atomic int flag;\nstatic int try_lock(uk_top_t *top)\n{\n"),
        ("pthread_mutex_trylock(&top->lock)",
         "atomic_exchange_explicit(&flag, 1, memory_order_relaxed)"),
        (UNLOCK,
         "        atomic_store_explicit(&flag, 0, memory_order_relaxed);")]},
}
HTTPD = {
    "the thread is started after a look without the lock": {USAGE: [(
        "    apr_thread_mutex_lock(writer.lock);\n    if (!writer.notes) {",
        "    if (writer.notes && !writer.thread) {\n"
        "        return DECLINED;\n    }\n"
        "    apr_thread_mutex_lock(writer.lock);\n"
        "    if (!writer.notes) {")]},
}
FEW = ["stored with the round after the look-up", "entries are not compared",
       "a lease that sleeps goes on", "its row is deleted first",
       "the child that ends reads too late what it announced",
       "refusals are not void after a change", "a counter that is not atomic",
       "no lock"]
ALL = {**{name: fault[1] for name, fault in FAULTS.items()}, **COUNTING,
       **HTTPD}


def copy_broken(name, folder):
    """Copy the source, with a fault; LookupError if it does not apply."""
    shutil.rmtree(folder, ignore_errors=True)
    for part in FOLDERS:
        shutil.copytree(ROOT / "mod_uptime_keys" / part, folder / part)
    change(name, folder)


def breakage_files(name):
    """The files of a fault, by their names in mod_uptime_keys/."""
    return plant.broken_source(ALL[name], ROOT / "mod_uptime_keys")


def change(name, folder):
    """Plant a fault in a copy of the source."""
    for file, source in breakage_files(name).items():
        (folder / file).write_text(source)


def build(name, what):
    """Plant a fault and build; the folder of the source, which has that."""
    folder = PLANTED / name.replace(" ", "-")
    copy_broken(name, folder)
    subprocess.run([ROOT / "build" / "races", what, folder, folder / "built"],
                   check=True, capture_output=True)
    return folder


def ask_model(name):
    folder = build(name, "--build-model")
    done = subprocess.run(
        [folder / "built" / "model", "--states", "3000000", FAULTS[name][0]],
        text=True, capture_output=True, check=False, timeout=300)
    shutil.rmtree(folder)
    return (done.stdout,
            re.search(r"^VIOLATION: (.*)\n((?: .*\n)*)", done.stdout, re.M))


def count(name):
    """What a fault breaks may make the program go round for ever before
    ThreadSanitizer has seen it: it is tried again."""
    folder = build(name, "--build-counting")
    for _ in range(TRIES):
        said, found = until_found(folder / "built" / "counting")
        if found:
            break
    shutil.rmtree(folder)
    return said, found


def until_found(program):
    said, found = "", None
    with subprocess.Popen(
            [program], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            text=True, start_new_session=True) as process:
        limit = threading.Timer(SECONDS, os.killpg, (process.pid, signal.SIGKILL))
        limit.start()
        for line in process.stderr:
            said += line
            found = re.match(r"SUMMARY: (.*? in \w+)()",
                             re.sub(r" /\S*/", " ", line))
            if found:
                break
        limit.cancel()
        os.killpg(process.pid, signal.SIGKILL)
    return said, found


def run_httpd(name):
    """As build/races httpd; the objects are those of the last one."""
    folder = plant.copy_source(name, "build/out/tsan/obj")
    change(name, folder / "mod_uptime_keys")
    subprocess.run(["make", "--silent", "-C", folder / "build", "VARIANT=tsan",
                    "all"], check=True, capture_output=True)
    done = subprocess.run(
        [sys.executable, ROOT / "tests/races/httpd.py", "--seconds", "15"],
        text=True, capture_output=True, check=False, timeout=300,
        env={**os.environ, "UPTIME_KEYS_OUT": str(folder / "build/out/tsan")})
    shutil.rmtree(folder)
    return done.stdout + done.stderr, re.search(
        r"^SUMMARY: (.*? in \w+)()", re.sub(r" /\S*/", " ", done.stdout), re.M)


def find(name):
    """What is said of a fault, and a match if it was found."""
    run = (ask_model if name in FAULTS else count if name in COUNTING
           else run_httpd)
    return run(name)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME",
                        default=[*FAULTS, *COUNTING], help=", ".join(ALL))
    parser.add_argument("--few", action="store_true",
                        help="only some faults, those that are found soonest")
    parser.add_argument("--traces", action="store_true",
                        help="print the steps that lead to each violation")
    parser.add_argument("--check", action="store_true",
                        help="only tell whether all apply to the source")
    args = parser.parse_args()
    if args.check:
        for name in ALL:
            breakage_files(name)
        return 0
    if args.few:
        args.names = FEW
    missed = 0
    with ThreadPoolExecutor(2) as pool:
        for name, (said, found) in zip(args.names,
                                       pool.map(find, args.names)):
            steps = found[2].count("\n    ") if found else 0
            print(f"{name}: " + (f"{found[1]}, {steps} steps" if steps
                                 else found[1] if found
                                 else f"NOT FOUND\n{said}"), flush=True)
            if args.traces and found:
                print(found[2], end="")
            missed += not found
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
