# SPDX-License-Identifier: Apache-2.0
"""Runs clients on two httpds, injects faults, and checks the history."""

import collections
import functools
import itertools
import random
import time
from dataclasses import dataclass

import row_rules
from clients import Workload
from harness import environment
from history import (
    ACCEPTED,
    DELETE,
    DONE,
    ELSEWHERE,
    FAULT,
    FORBIDDEN,
    NEVER,
    REFUSED,
    ROTATE,
    SECRET,
    USE,
    Operation,
    violations,
)
from pair import BEHIND_PROXY, Pair

LIMIT = 1000            # UptimeKeysMaxPerTeam in pair.py
BACKENDS = ("sqlite3", "pgsql", "mysql")
PAUSE = 0.3, 1.5        # seconds between two faults
SELDOM = 4              # in each fourth round of faults a poller is killed, and
                        # in another one a server rests
# Seconds after which a server must have recovered from a fault, on a busy
# machine, with new children and connections.
RECOVERY = 3.0
QUIET = 2.0             # seconds without a fault at the end
FEWEST = 3              # faults, however long they take
LONGEST = 60            # seconds that are added until every kind of write was
                        # confirmed, on a busy machine


def plan(names, rng):
    """An endless sequence of faults, (pause, name, server): in each round
    every kind, in random order."""
    for number in itertools.count(1):
        several = list(names)
        rng.shuffle(several)
        # Seldom, as the cache may be unused for ten seconds after it.
        if number % SELDOM == 0:
            several.append("kill_poller")
        if number % SELDOM == 2:
            several.append("rest")
        for name in several:
            yield rng.uniform(*PAUSE), name, rng.randrange(2)


@dataclass(frozen=True)
class Report:
    seed: int
    began: float
    seconds: float
    history: list
    faults: collections.Counter
    look_ups: int
    complaints: list        # lines of the servers' logs

    @functools.cached_property
    def violations(self):
        return violations(self.history)

    @property
    def from_cache(self):
        """About how many uses were authenticated without a look-up: refused
        keys and requests to the management API are always looked up."""
        managed = sum(operation.is_write
                      and operation.where.startswith("server")
                      for operation in self.history)
        looked_up = (self.look_ups - managed - self.count(USE, REFUSED)
                     - self.count(USE, ELSEWHERE))
        return (self.count(USE, ACCEPTED) + self.count(USE, FORBIDDEN)
                - max(looked_up, 0))

    def count(self, kind, status=None):
        return sum(operation.kind == kind
                   and status in (None, operation.status)
                   for operation in self.history)

    @property
    def after_delete(self):
        """How many uses began after the deletion of their key held."""
        deleted = {}
        for operation in self.history:
            if operation.kind == DELETE and operation.is_done:
                deleted.setdefault(operation.key, operation.holds)
        return sum(operation.kind == USE and operation.began
                   > deleted.get(operation.key, float("inf"))
                   for operation in self.history)

    @property
    def by_old_secrets(self):
        """How many uses were accepted by the secret before a rotation."""
        rotated = {}
        for operation in self.history:
            if operation.kind == ROTATE and operation.is_done:
                for part, end in operation.sets.items():
                    if part[0] == SECRET and end != NEVER:
                        rotated.setdefault((operation.key, part[1]),
                                           operation.ended)
        return sum(operation.kind == USE and operation.status == ACCEPTED
                   and operation.began > rotated.get(
                       (operation.key, operation.secret), float("inf"))
                   for operation in self.history)

    def lines(self):
        yield (f"{environment.BACKEND}, {environment.MPM}, seed {self.seed}, "
               f"{self.seconds:.0f} s: "
               f"{len(self.history) - self.count(FAULT)} operations")
        for kind in (USE, *DONE):
            counts = collections.Counter(
                (operation.where, operation.status)
                for operation in self.history if operation.kind == kind)
            yield f"  {kind} {self.count(kind)}: " + ", ".join(
                f"{status or 'no answer'} by {where} {counts[where, status]}"
                for where, status in sorted(counts))
        yield (f"  of the uses {self.after_delete} began after a deletion, "
               f"{self.from_cache} were authenticated from the cache, "
               f"{self.by_old_secrets} by an old secret")
        yield "  faults: " + ", ".join(
            f"{name} {number}" for name, number in sorted(
                self.faults.items()))
        yield f"  violations: {len(self.violations)}"
        # One of each key is enough.
        first = {violation.operation.key: violation
                 for violation in reversed(self.violations)}
        for violation in sorted(first.values(), key=self.position)[:5]:
            yield (f"    within {self.position(violation)} operations and "
                   f"{violation.operation.ended - self.began:.1f} s: "
                   f"{violation}")
        for complaint in self.complaints[:20]:
            yield f"  log: {complaint}"

    def position(self, violation):
        """How many operations had ended with the violation."""
        return sum(operation.ended <= violation.operation.ended
                   and operation.kind != FAULT
                   for operation in self.history)

    def __str__(self):
        return "\n".join(self.lines())


def run(seconds, seed, until_found=False):
    """Run an experiment; with until_found it ends with the first violation."""
    faults = collections.Counter()
    rng = random.Random(f"{seed} faults")
    with Pair() as pair:
        row_rules.watch(pair.database)
        began = time.monotonic()
        with Workload(pair, seed) as workload:
            for name in inject_faults(workload, rng, began + seconds):
                faults[name] += 1
                if until_found and workload.violations():
                    break
            else:
                time.sleep(RECOVERY + QUIET)
        took = time.monotonic() - began
        complaints = [line for server in pair.servers
                      for line in server.crashes() + server.leaks()]
        # Plain SQL leaves no events.
        complaints += row_rules.check(pair.database, LIMIT, without=("rotated",))
        return Report(seed, began, took, list(workload.history), faults,
                      sum(server.look_ups() for server in pair.servers),
                      complaints)


def is_enough(history, end):
    """Whether it is time to end, and every kind of write was confirmed."""
    now = time.monotonic()
    return now >= end + LONGEST or (
        now >= end and {operation.kind for operation in list(history)
                        if operation.is_write and operation.is_done} == {*DONE})


def inject_faults(workload, rng, end):
    """Inject faults until the end; yields the name of each."""
    pair = workload.pair
    several = enumerate(plan(pair.faults(), rng))
    for injected, (pause, name, number) in several:
        if injected >= FEWEST:
            pause = min(pause, max(end - time.monotonic(), 0.1))
        time.sleep(pause)
        if injected >= FEWEST and is_enough(workload.history, end):
            return
        if name in pair.partitions():
            number = BEHIND_PROXY
        workload.faulty_server = number
        began = time.monotonic()
        fault = getattr(workload if name == "rest" else pair, name)
        done = fault(pair.servers[number], rng)
        ended = time.monotonic()
        workload.history.append(Operation(
            FAULT, None, began, ended, 0, holds_from=ended + RECOVERY,
            where="" if name == "restart_database" else f"server {number}"))
        yield name if done else f"{name} (no such process)"
