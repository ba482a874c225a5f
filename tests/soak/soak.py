#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Soaks one httpd for any length of time: see docs/SOAK.md and build/soak.

The exit status is 1 if anything was wrong.  SIGINT and SIGTERM end a run early,
with its report.
"""

import argparse
import collections
import random
import signal
import sys
import threading
import time

import conftest     # noqa: F401, pylint: disable=unused-import  # finds modules
import row_rules
from clients import Client, Workload
from harness import environment
from history import FAULT, Operation, violations
from report import Report
from sampling import Sampler
from scene import Scene
from visitors import Visitor, counters, crowd

ROUND = 600             # seconds, at the most
STORM = 0.35            # share of a round with restarts and killed children
RECOVERY = 5.0          # seconds after a fault, at LogLevel trace8
SETTLED = 60            # seconds after which a deleted key is asked for no more
# The rules that writers by plain SQL do not keep.
BY_SQL = ("rotated",)
QUIET = 8.0             # seconds without a fault at the end


class History(list):
    """Counts what threads append; what is judged and settled is removed."""

    def __init__(self):
        super().__init__()
        self._lock = threading.Lock()
        self.counts = collections.Counter()     # (kind, status)
        # Of (key, kind), by what leaves events.
        self.done = collections.Counter()
        self.unknown = collections.Counter()

    def append(self, operation):
        super().append(operation)
        with self._lock:
            self._count(operation)

    def _count(self, operation):
        self.counts[operation.kind, operation.status] += 1
        if operation.is_write and operation.where not in ("sql", "nobody"):
            certain = self.done if operation.is_done else self.unknown
            certain[operation.key, operation.kind] += 1


class SteadyClient(Client):
    """One that leaves time for the others."""

    pause = 0.03


class Crowd(Workload):
    """The clients of tests/consistency, and visitors of all kinds."""

    client = SteadyClient

    def __init__(self, pair, seed):
        super().__init__(pair, seed)
        self.history = History()
        self.answers = counters()
        self.wrong = []
        self.found = []         # violations
        self._clients += list(crowd(self, len(self._clients)))

    def settle(self, is_end=False):
        """Judge what was done to keys that nobody uses any more, and forget
        it."""
        until = time.monotonic() - SETTLED
        history = list(self.history)
        last = {}
        for operation in history:
            last[operation.key] = max(last.get(operation.key, 0),
                                      operation.ended)
        active = set() if is_end else self.keys_in_use()
        settled = {key for key, ended in last.items()
                   if key is not None and key not in active
                   and (is_end or ended < until)}
        self.found += violations([
            operation for operation in history
            if operation.key in settled or operation.kind == FAULT])
        self.history[:len(history)] = [
            operation for operation in history
            if operation.key not in settled]

    def visitors(self):
        return [client for client in self._clients
                if isinstance(client, Visitor)]

    def keys_in_use(self):
        return self.keys.ids() | {
            key_id for client in self._clients
            for key_id in getattr(client, "own_keys", list)()}


class Soak:
    """One run."""

    def __init__(self, minutes, seed, samples=None):
        self.samples = samples
        self.seconds = minutes * 60
        self.rng = random.Random(f"{seed} faults")
        self.scene = Scene()
        self.faults = collections.Counter()
        self.killed = 0
        self.is_calm = True
        self.workload = None
        self.sampler = None
        self.ends = threading.Event()       # before its time

    def run(self):
        scene = self.scene
        # Clients may only begin when all people are known.
        with scene:
            row_rules.watch(scene.database)
            self.workload = Crowd(scene, self.rng.random())
            probe = scene.database.import_key("monitors:read", name="probe")
            scene.requests = self._requests
            scene.is_calm = lambda: self.is_calm
            scene.start()
            for client in self.workload.visitors():
                client.port = scene.server.port
            self.sampler = Sampler(scene, probe.text,
                                   2 if self.seconds < 900 else 5,
                                   self.samples)
            with self.sampler, self.workload:
                self._inject(time.monotonic() + self.seconds)
                time.sleep(QUIET)
            self.workload.settle(is_end=True)
            scene.stop()
            complaints = row_rules.check(scene.database, without=BY_SQL)
            report = Report(self, complaints)
        return report

    def _requests(self):
        return sum(self.workload.history.counts.values()) + sum(
            sum(answers.values())
            for answers in self.workload.answers.values())

    def _inject(self, end):
        """Rounds of a storm and a calm."""
        number = max(round(self.seconds / ROUND), 1)
        length = self.seconds / number
        for which in range(number):
            begin = end - (number - which) * length
            self._storm(begin + length * STORM)
            self._calm(begin + length)

    def _storm(self, until):
        names = ["kill_child", "restart", "kill_child", "stop_poller",
                 "kill_poller", *self.scene.faults_of_database()]
        self._several(until, names, (2, 12))

    def _calm(self, until):
        """No process begins or ends but for sessions of the database."""
        self._several(until, self.scene.faults_of_database(), (4, 20))

    def _several(self, until, names, pause):
        shuffled = []
        while time.monotonic() < until and not self.ends.is_set():
            self.workload.settle()
            self.ends.wait(min(self.rng.uniform(*pause),
                               max(until - time.monotonic(), 0.1)))
            if time.monotonic() < until and not self.ends.is_set():
                shuffled = shuffled or self.rng.sample(names, len(names))
                self._fault(shuffled.pop())

    def _fault(self, name):
        began = time.monotonic()
        self.is_calm = False
        done = getattr(self.scene, name)(self.scene.server, self.rng)
        self.is_calm = True
        ended = time.monotonic()
        self.workload.history.append(Operation(
            FAULT, None, began, ended, 0, holds_from=ended + RECOVERY))
        self.faults[name if done else f"{name} (no such process)"] += 1
        if done and name in ("kill_child", "kill_poller"):
            self.killed += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int,
                        default=random.randrange(1_000_000))
    parser.add_argument("--samples", type=argparse.FileType("w"),
                        help="a file for all samples, a line of JSON each")
    args = parser.parse_args()
    assert environment.BACKEND == "pgsql", "UPTIME_KEYS_DRIVER must be pgsql"
    print(f"seed {args.seed}, {args.minutes:g} minutes", flush=True)
    soak = Soak(args.minutes, args.seed, args.samples)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: soak.ends.set())
    report = soak.run()
    print(report)
    return 1 if report.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
