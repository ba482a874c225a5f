#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Kills the database at random moments, and looks what is left of what was
answered: see docs/SOAK.md and build/soak.

The exit status is 1 if anything was wrong.
"""

import argparse
import collections
import random
import sys
import time

import conftest     # noqa: F401, pylint: disable=unused-import  # finds modules
import row_rules
from harness import environment, eventually
from history import (
    ACCEPTED,
    CREATE,
    DELETE,
    DONE,
    FAULT,
    NO_ANSWER,
    REFUSED,
    Operation,
    violations,
)
from victims import Asynchronous, Postgres, Sqlite
from writers import Round, use

VICTIMS = {"sqlite": Sqlite, "pgsql": Postgres}
SECONDS = 0.05, 0.5     # between the first write and the cut
LIMIT = 10_000
FEWEST = 2              # confirmed writes before a cut
ADMIN = ("api-keys:read", "api-keys:write", "monitors:read")


class Cuts:
    """Many power cuts of one kind of database."""

    def __init__(self, victim, seed):
        self.victim = victim
        self.rng = random.Random(f"{seed} {victim.name}")
        self.counts = collections.Counter()
        self.complaints = []
        self._admin = None

    def run(self, times):
        database = self.victim.database
        database.init()
        database.create_team("acme")
        self._admin = database.import_key(*ADMIN)
        row_rules.watch(database)
        self.victim.begin()
        try:
            for number in range(times):
                self._once(number)
        finally:
            self.victim.close()

    def _once(self, number):
        of_round = Round(self.victim, self._admin.text, self.rng.random())
        of_round.start()
        eventually(lambda: sum(write.is_write and write.is_done for write
                               in list(of_round.history)) >= FEWEST,
                   every=0.002)
        time.sleep(self.rng.uniform(*SECONDS))
        began = time.monotonic()
        of_round.end()
        self.victim.cut()
        of_round.join()
        self.victim.restart()
        eventually(lambda: self.victim.server.get(
            "/t/x", self._admin.text).status_code == 200)
        of_round.history.append(Operation(
            FAULT, None, began, time.monotonic(), 0))
        self._look(number, of_round)
        self._forget()

    def _look(self, number, of_round):
        uses = [use(of_round, key, text)
                for key in of_round.keys for text in key.texts]
        history = of_round.history
        done, unknown = collections.Counter(), collections.Counter()
        for write in history:
            if write.is_write:
                certain = done if write.is_done else unknown
                certain[write.key, write.kind] += 1
        found = [*map(str, violations(history)),
                 *row_rules.check(self.victim.database, LIMIT),
                 *row_rules.audit(self.victim.database, done, unknown),
                 *self._halves(of_round, uses)]
        self.complaints += [f"cut {number + 1}: {one}" for one in found]
        self._count(of_round, uses, len(found))

    def _halves(self, of_round, uses):
        """Every known key has a row if and only if a secret is accepted, but
        for those that are disabled."""
        stored = dict(self.victim.database.rows(
            "SELECT id, disabled_at FROM uptime_keys"))
        accepted = {one.key for one in uses if one.status == ACCEPTED}
        for key in of_round.keys:
            if key.id in accepted and key.id not in stored:
                yield f"{key.id} is accepted and has no row"
            if (key.id in stored and stored[key.id] is None
                    and key.id not in accepted
                    and not self._is_rotating(of_round, key)):
                yield f"{key.id} has a row and is refused"

    @staticmethod
    def _is_rotating(of_round, key):
        """Whether its newest secret was in an answer that never came."""
        return any(write.key == key.id and write.kind == "rotate"
                   and write.status != DONE["rotate"]
                   for write in of_round.history)

    def _count(self, of_round, uses, number):
        history = of_round.history
        deleted = {write.key for write in history
                   if write.kind == DELETE and write.is_done}
        created = {write.key for write in history
                   if write.kind == CREATE and write.is_done}
        self.counts["cuts"] += 1
        self.counts["confirmed writes"] += sum(
            write.is_write and write.is_done for write in history)
        self.counts["in flight"] += sum(
            write.is_write and write.status == NO_ANSWER
            for write in history)
        self.counts["exist"] += len({
            one.key for one in uses if one.status == ACCEPTED
            and one.key in created - deleted})
        self.counts["refused"] += len({
            one.key for one in uses if one.status == REFUSED
            and one.key in deleted})
        self.counts["violations"] += number

    def _forget(self):
        """The next round begins with the first key alone."""
        database = self.victim.database
        database.execute("DELETE FROM uptime_keys WHERE id <> ?",
                         self._admin.id)
        database.execute("DELETE FROM uptime_audit WHERE key_id <> ?",
                         self._admin.id)
        row_rules.watch_again(database)

    def row(self, seconds):
        return "| " + " | ".join([self.victim.name, *(
            str(self.counts[name]) for name in COLUMNS),
            f"{seconds:.0f} s"]) + " |"


COLUMNS = ("cuts", "confirmed writes", "in flight", "exist", "refused",
           "violations")
HEAD = ("| database | " + " | ".join(COLUMNS) + " | took |\n| --- |"
        + " ---: |" * (len(COLUMNS) + 1))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=500)
    parser.add_argument("--only", choices=VICTIMS)
    parser.add_argument("--seed", type=int,
                        default=random.randrange(1_000_000))
    parser.add_argument("--asynchronous", action="store_true",
                        help="PostgreSQL answers before a commit is safe: "
                        "cuts must find it")
    args = parser.parse_args()
    # PostgreSQL's is told where its server is; the other one is the harness's own.
    assert environment.BACKEND == "sqlite3", "UPTIME_KEYS_DRIVER must be sqlite3"
    if args.asynchronous:
        VICTIMS["pgsql"] = Asynchronous
    print(f"seed {args.seed}", flush=True)
    lines, complaints = [HEAD], []
    for name, kind in VICTIMS.items():
        if args.only in (None, name):
            cuts = Cuts(kind(), args.seed)
            began = time.monotonic()
            cuts.run(args.times)
            lines.append(cuts.row(time.monotonic() - began))
            complaints += cuts.complaints
    print("\n".join(lines + complaints[:40]))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
