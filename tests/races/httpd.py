#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs an httpd whose module was built with ThreadSanitizer, under load.

    /usr/bin/python3 tests/races/httpd.py [--seconds N]

UPTIME_KEYS_OUT names the folder of the build; build/out/tsan if it is not set.
Prints what was done and each report of ThreadSanitizer.  The exit status is 1 if
there is one, or if nothing was done.
"""

import argparse
import contextlib
import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OUT = os.environ.setdefault("UPTIME_KEYS_OUT",
                            str(ROOT / "build" / "out" / "tsan"))
LIBRARY = re.search(r"libtsan\S* => (\S+)", subprocess.run(
    ["ldd", f"{OUT}/mod_uptime_keys.so"], check=True, text=True,
    capture_output=True).stdout)[1]
os.environ["UPTIME_KEYS_PRELOAD"] = LIBRARY
sys.path.insert(0, str(ROOT / "tests" / "httpd"))

# pylint: disable=wrong-import-position
from caching import CACHED  # noqa: E402
from harness import Httpd, environment, eventually, make_key  # noqa: E402

# One child has most threads; the other one polls, or does not.
CONFIG = CACHED + """
LogLevel warn
UptimeKeysMaxPerTeam 1000
UptimeKeysMetricsPerKey 4
UptimeKeysLastUsedInterval 1
<Location "/t/limited">
    UptimeKeysRateLimit 50/60
</Location>
<Location "/metrics">
    SetHandler uptime-keys-metrics
    Require all granted
</Location>
"""
KEYS = 6
SCOPES = ("monitors:read", "api-keys:write", "api-keys:read")


class Load:
    """Clients that go on until the time is over."""

    def __init__(self, server, seconds):
        self.server = server
        self.until = time.monotonic() + seconds
        self.keys = [str(server.database.create_key(*SCOPES))
                     for _ in range(KEYS)]
        self.answers = Counter()
        self.lock = threading.Lock()

    def send(self, what, method, path, key=None, **options):
        with contextlib.suppress(OSError):
            answer = self.server.request(method, path, key, **options)
            with self.lock:
                self.answers[f"{what} {answer.status_code}"] += 1
            return answer
        return None

    def use(self, number):
        self.send("use", "GET", "/t/x", self.keys[number % KEYS])
        self.send("use", "GET", "/t/limited", self.keys[0])
        self.send("use", "GET", "/t/x", make_key())

    def scrape(self, _):
        self.send("scrape", "GET", "/metrics")

    def create_and_delete(self, number):
        answer = self.send("create", "POST", "/keys", self.keys[1],
                           json={"name": f"k{number}",
                                 "scopes": ["monitors:read"]})
        if answer is not None and answer.status_code == 201:
            data = answer.json()["data"]
            self.send("use", "GET", "/t/x", data["key"])
            self.send("delete", "DELETE", f"/keys/{data['apiKey']['id']}",
                      self.keys[1])
            self.send("use of a deleted key", "GET", "/t/x", data["key"])

    def repeat(self, do):
        number = 0
        while time.monotonic() < self.until:
            do(number)
            number += 1

    def run(self):
        workers = [threading.Thread(target=self.repeat, args=(do,))
                   for do in [self.use] * 5 + [self.scrape]
                   + [self.create_and_delete] * 2]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()


def count_lost(load):
    """How many requests were answered and not counted.  That is done after the
    answer was sent."""
    text = load.server.get("/metrics").text
    counted = sum(int(float(number)) for number in re.findall(
        r"^uptime_keys_requests_total\{.*\} (\S+)$", text, re.M))
    return sum(load.answers.values()) - counted - sum(
        count for what, count in load.answers.items()
        if what.startswith("scrape"))


def await_counts(load):
    with contextlib.suppress(AssertionError):
        eventually(lambda: count_lost(load) == 0)
    return count_lost(load)


def reports(server):
    """The reports of all processes that name code of ours, each once.  httpd hands
    memory from thread to thread in ways that ThreadSanitizer does not see."""
    found = {}
    for path in sorted((server.root / "run").glob("tsan.*")):
        for report in path.read_text(errors="replace").split(
                "==================\n"):
            summary = re.search(r"^SUMMARY: (.*)$", report, re.M)
            if summary and "mod_uptime_keys" in report:
                found.setdefault(summary[1], report)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20)
    args = parser.parse_args()
    server = Httpd(CONFIG, without=("cgi", "cgid"))
    os.environ["TSAN_OPTIONS"] = (
        f"{os.environ.get('TSAN_OPTIONS', '')} "
        f"log_path={server.root}/run/tsan")
    try:
        server.database.init()
        server.database.create_team("acme")
        load = Load(server.start(), args.seconds)
        load.run()
        server.restart_gracefully()
        load.until = time.monotonic() + 1
        load.run()
        lost = await_counts(load)
    finally:
        server.stop()
        found = reports(server)
        server.remove()
    print(f"{environment.OUT.name}, {args.seconds:.0f} s:",
          ", ".join(f"{what} {count}"
                    for what, count in sorted(load.answers.items())))
    print(f"{len(found)} reports, {lost} requests not counted")
    print("\n".join(found.values()))
    return 1 if found or lost or not load.answers["delete 200"] else 0


if __name__ == "__main__":
    sys.exit(main())
