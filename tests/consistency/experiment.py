# SPDX-License-Identifier: Apache-2.0
"""Clients on two httpds while faults are thrown in, and the verdict."""

import collections
import functools
import itertools
import random
import time
from dataclasses import dataclass

from clients import Crowd
from harness import environment
from history import (
    CHANGE,
    CREATE,
    DELETE,
    LET_IN,
    TROUBLE,
    USE,
    Operation,
    violations,
)
from pair import BEHIND_PROXY, Pair

BACKENDS = ("sqlite3", "pgsql", "mysql")
PAUSE = 0.3, 1.5        # seconds between two faults
SELDOM = 4              # rounds of faults until a poller is killed
# Seconds after which a server must have got over a fault, on a machine that is
# busy; its children may be new, and their connections.
RECOVERY = 3.0
QUIET = 2.0             # seconds in the end in which nothing is wrong
FEWEST = 3              # faults, however long they take


def plan(names, chance):
    """Faults without end, (pause, name, server): every kind in each round, in
    any order."""
    for number in itertools.count(1):
        several = list(names)
        chance.shuffle(several)
        # Nobody polls for up to ten seconds then, and nothing is cached.
        if number % SELDOM == 0:
            several.append("kill_poller")
        for name in several:
            yield chance.uniform(*PAUSE), name, chance.randrange(2)


@dataclass(frozen=True)
class Report:
    seed: int
    seconds: float
    history: list
    faults: collections.Counter
    look_ups: int
    complaints: list        # of the servers' logs

    @functools.cached_property
    def violations(self):
        return violations(self.history)

    @property
    def from_cache(self):
        """How many uses were let in without the database, about."""
        managed = sum(operation.kind in (CREATE, DELETE)
                      and operation.where.startswith("server")
                      for operation in self.history)
        return self.count(USE, LET_IN) - max(self.look_ups - managed, 0)

    def count(self, kind, status=None):
        return sum(operation.kind == kind
                   and status in (None, operation.status)
                   for operation in self.history)

    @property
    def after_delete(self):
        """How many uses could have found a deleted key alive."""
        gone = {}
        for operation in self.history:
            if operation.kind == DELETE and operation.is_done:
                gone.setdefault(operation.key, operation.holds)
        return sum(operation.kind == USE and operation.began
                   > gone.get(operation.key, float("inf"))
                   for operation in self.history)

    def lines(self):
        yield (f"{environment.BACKEND}, {environment.MPM}, seed {self.seed}, "
               f"{self.seconds:.0f} s: "
               f"{len(self.history) - self.count(TROUBLE)} operations")
        for kind in (CREATE, USE, DELETE, CHANGE):
            counts = collections.Counter(
                (operation.where, operation.status)
                for operation in self.history if operation.kind == kind)
            yield f"  {kind} {self.count(kind)}: " + ", ".join(
                f"{status or 'no answer'} by {where} {counts[where, status]}"
                for where, status in sorted(counts))
        yield (f"  of the uses {self.after_delete} began when a delete held, "
               f"{self.from_cache} were let in from the cache")
        yield "  faults: " + ", ".join(
            f"{name} {number}" for name, number in sorted(
                self.faults.items()))
        yield f"  violations: {len(self.violations)}"
        # One of each key tells enough.
        first = {violation.operation.key: violation
                 for violation in reversed(self.violations)}
        for violation in sorted(first.values(), key=self.position)[:5]:
            yield (f"    within {self.position(violation)} operations: "
                   f"{violation}")
        for complaint in self.complaints[:20]:
            yield f"  log: {complaint}"

    def position(self, violation):
        """How many operations had ended by then."""
        return sum(operation.ended <= violation.operation.ended
                   and operation.kind != TROUBLE
                   for operation in self.history)

    def __str__(self):
        return "\n".join(self.lines())


def run(seconds, seed, until_found=False):
    """until_found: it ends with the first violation."""
    faults = collections.Counter()
    chance = random.Random(f"{seed} faults")
    with Pair() as pair:
        began = time.monotonic()
        with Crowd(pair, seed) as crowd:
            for name in throw(crowd, chance, began + seconds):
                faults[name] += 1
                if until_found and crowd.violations():
                    break
            else:
                time.sleep(RECOVERY + QUIET)
        took = time.monotonic() - began
        complaints = [line for server in pair.servers
                      for line in server.crashes() + server.leaks()]
        return Report(seed, took, list(crowd.history), faults,
                      sum(server.look_ups() for server in pair.servers),
                      complaints)


def throw(crowd, chance, end):
    """The names of the faults, one after another, as they happen."""
    pair = crowd.pair
    several = enumerate(plan(pair.faults(), chance))
    for thrown, (pause, name, number) in several:
        if thrown >= FEWEST:
            pause = min(pause, max(end - time.monotonic(), 0))
        time.sleep(pause)
        if thrown >= FEWEST and time.monotonic() >= end:
            return
        if name in pair.partitions():
            number = BEHIND_PROXY
        crowd.in_trouble = number
        began = time.monotonic()
        done = getattr(pair, name)(pair.servers[number], chance)
        ended = time.monotonic()
        crowd.history.append(Operation(
            TROUBLE, None, began, ended, 0, holds_from=ended + RECOVERY,
            where="" if name == "restart_database" else f"server {number}"))
        yield name if done else f"{name} (nobody there)"
