# SPDX-License-Identifier: Apache-2.0
"""One table: pooler, mode and driver, and how httpds behind them answer under
load, with creates, deletes and rotations of the pool's sessions."""

import collections
import contextlib
import threading
import time
from dataclasses import dataclass, field

import psycopg2
from harness import eventually
from harness.pgsql import PostgresServer
from history import (
    CONNECTION_TIMEOUT,
    CREATE,
    DELETE,
    FAULT,
    IS_UNAVAILABLE,
    NO_ANSWER,
    UNAVAILABLE,
    violations,
)
from pooled import (
    Pooled,
    PooledDatabase,
    PooledHttpd,
    PooledWorkload,
    Witnesses,
)
import other_version
from tenants import Strangers, TenantsDatabase
from pools import Odyssey, PgBouncer, Pgpool
from replication import PostgresNode
from troubles import TROUBLES, bring_about

ROTATE_EVERY = 1.5      # seconds


@dataclass
class Case:
    pooler: type
    release: str
    mode: str = None
    driver: str = "pgsql"
    words: dict = field(default_factory=dict)       # of the connect string
    settings: dict = field(default_factory=dict)    # of the pooler
    has_standby: bool = False
    caches: tuple = ("On", "Off")
    has_two_versions: bool = False
    rotates: bool = True
    troubles: tuple = ()


def _cases():
    for release, version in (("bookworm", "1.18"), ("trixie", "1.24"),
                             ("sid", "1.26")):
        for mode in ("transaction", "session"):
            size = 100 if mode == "session" else 6
            for driver, words in (("pgsql", {}), ("odbc", {}),
                                  ("odbc", {"UseServerSidePrepare": 0})):
                name = (f"pgbouncer-{version} {mode} {driver}"
                        + (" USSP=0" if words else ""))
                yield name, Case(
                    PgBouncer, release, mode, driver, words,
                    {"default_pool_size": size})
        yield f"pgbouncer-{version} transaction two versions", Case(
            PgBouncer, release, "transaction", caches=("Off", "Off"),
            has_two_versions=True)
    for mode in ("transaction", "session"):
        for name, settings in (
                ("", {}),
                (" reserve", {"pool_reserve_prepared_statement": "yes"})):
            size = 100 if mode == "session" else 6
            yield f"odyssey-1.5 {mode} pgsql{name}", Case(
                Odyssey, "sid", mode, settings={**settings,
                                                "pool_size": size})
    for release, version in (("bookworm", "4.3"), ("trixie", "4.6"),
                             ("sid", "4.7")):
        for driver, words in (("pgsql", {}), ("odbc", {}),
                              ("odbc", {"UseServerSidePrepare": 0})):
            yield (f"pgpool-{version} lagging {driver}"
                   + (" USSP=0" if words else "")), Case(
                       Pgpool, release, None, driver, words,
                       has_standby=True)


CASES = dict(_cases())


@dataclass
class Result:
    name: str
    seconds: float
    history: list
    witnesses: list
    reasons: collections.Counter
    complaints: list
    lost: int               # keys that nobody deleted, or that came back
    statements: int         # prepared in one session of the server, at most

    @property
    def violations(self):
        return violations(self.history)

    def count(self, kind, status):
        return sum(operation.kind == kind and operation.status == status
                   for operation in self.history)

    def answers(self, *statuses):
        mine = sum(operation.status in statuses for operation in self.history
                   if operation.where.startswith("server")
                   and not is_late(operation))
        return mine + sum(number for witnesses in self.witnesses
                          for status, number in witnesses.answers.items()
                          if status in statuses)

    @property
    def total(self):
        return self.answers(*range(600))

    @property
    def wrong(self):
        return [str(violation) for violation in self.violations
                if violation.rule != IS_UNAVAILABLE] + [
                    text for each in self.witnesses for text in each.wrong]

    @property
    def tool_failed(self):
        """How often the tool could not do what it was told to."""
        return sum(operation.where == "tool" and operation.status == NO_ANSWER
                   for operation in self.history)

    @property
    def is_good(self):
        """Nothing is wrong, and no request failed.  Beside troubles the
        checker says which 503s they explain."""
        if any(operation.kind == FAULT for operation in self.history):
            return not (self.wrong or self.lost or self.complaints
                        or self.violations)
        return not (self.wrong or self.lost or self.complaints
                    or self.tool_failed
                    or self.answers(UNAVAILABLE, NO_ANSWER, 500))

    def row(self):
        return (f"| {self.name} | {self.total} | {self.answers(503)} | "
                f"{self.answers(NO_ANSWER, 500)} | {len(self.wrong)} | "
                f"{self.lost} | {self.tool_failed} | "
                f"{self.statements} |")

    def more(self):
        kinds = collections.Counter(
            (operation.kind, operation.status) for operation in self.history)
        yield str(dict(kinds))
        for witnesses in self.witnesses:
            yield str(dict(witnesses.answers))
        for text, number in self.reasons.most_common(12):
            yield f"{number} × {text}"
        rules = collections.Counter(v.rule for v in self.violations)
        yield str(dict(rules))
        yield from self.wrong[:6]
        yield from self.complaints[:6]


def is_late(operation):
    """Whether it may be 503 because the machine is busy."""
    return (operation.status == UNAVAILABLE
            and operation.ended - operation.began >= CONNECTION_TIMEOUT)


class LaggingNode(PostgresNode):
    def lag(self):
        """From now on answer as things are at this moment."""
        position = self.primary.ask("SELECT pg_current_wal_lsn()")
        eventually(lambda: self.ask(
            f"SELECT pg_last_wal_replay_lsn() >= '{position}'"))
        self.ask("SELECT pg_wal_replay_pause()")


@contextlib.contextmanager
def nodes_of(case):
    """A server, with its lagging standby if the case has one."""
    nodes = [LaggingNode() if case.has_standby else PostgresServer()]
    try:
        nodes[0].start()
        if case.has_standby:
            nodes.append(LaggingNode(nodes[0]))
            nodes[1].start()
        yield nodes
    finally:
        for node in reversed(nodes):
            node.remove()


@contextlib.contextmanager
def pooler_of(case, nodes, *users):
    mode = {"mode": case.mode} if case.mode else {}
    pooler = case.pooler(case.release, nodes, **mode, **case.settings)
    try:
        if case.pooler is PgBouncer:
            pooler.users += users
        yield pooler.start()
    finally:
        pooler.remove()


def run_case(name, case, seconds):
    with nodes_of(case) as nodes:
        database = PooledDatabase(nodes[0])
        database.init()
        database.create_team("acme")
        with pooler_of(case, nodes, database.user) as pooler:
            return _run(name, case, seconds, database, pooler)


class Rotation:
    """Replaces the sessions of a pool again and again, in a thread of its own,
    until the context ends: in the first half by hand, in the second because
    they get old.  And looks how many prepared statements they have."""

    def __init__(self, pooler, user, is_wanted, seconds):
        self.pooler = pooler
        self.user = user
        self.most = 0       # prepared statements in one session
        self._half = time.monotonic() + seconds / 2
        self._rotates = is_wanted and isinstance(pooler, PgBouncer)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        then = time.monotonic() + ROTATE_EVERY
        while not self._stopping.wait(0.1):
            self.most = max(self.most, prepared(self.pooler, self.user))
            if self._rotates and time.monotonic() > then:
                then = time.monotonic() + ROTATE_EVERY
                self._rotate()

    def _rotate(self):
        with contextlib.suppress(psycopg2.Error):
            if time.monotonic() < self._half:
                self.pooler.rotate()
            else:
                self.pooler.wear_out()

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stopping.set()
        self._thread.join(60)


def _run(name, case, seconds, database, pooler):
    through = database.through(pooler, case.driver, **case.words)
    modules = (None, other_version.module() if case.has_two_versions
               else None)
    servers = [PooledHttpd(through, f"UptimeKeysCache {cache}\n",
                           module=module)
               for cache, module in zip(case.caches, modules)]
    witnesses = Witnesses(database, servers)
    with Pooled(through, servers) as pooled:
        if case.has_standby:
            pooler.nodes[1].lag()
        workload = PooledWorkload(pooled, 8)
        with Rotation(pooler, database.user, case.rotates,
                      seconds) as rotation, workload, witnesses:
            if case.troubles:
                bring_about(case.troubles, pooler, database,
                            workload.history)
            else:
                time.sleep(seconds)
        lost = lost_keys(database, workload, witnesses)
        reasons, complaints = said_by(servers)
    return Result(name, seconds, list(workload.history), [witnesses], reasons,
                  complaints, lost, rotation.most)


def said_by(servers):
    reasons = sum((server.reasons() for server in servers),
                  collections.Counter())
    return reasons, [line for server in servers
                     for line in server.crashes() + server.leaks()]


def run_tenants(name, case, seconds):
    with nodes_of(case) as nodes:
        user = PooledDatabase(nodes[0]).user
        databases = [TenantsDatabase(nodes[0], user, f"{user}_{letter}")
                     for letter in "ab"]
        for database in databases:
            database.init()
            database.create_team("acme")
        with pooler_of(case, nodes, user) as pooler:
            return _run_tenants(name, case, seconds, databases, pooler)


def _run_tenants(name, case, seconds, databases, pooler):
    servers = [PooledHttpd(database.through(pooler), database.init_sql)
               for database in databases]
    witnesses = [Witnesses(database, [server])
                 for database, server in zip(databases, servers)]
    strangers = Strangers(servers, [[fixed.text for fixed in each.keys]
                                    for each in witnesses])
    with Pooled(databases[0], servers):
        workloads = [PooledWorkload(Pooled(database, [server]), seed)
                     for seed, database, server in zip(
                         (8, 9), databases, servers)]
        with contextlib.ExitStack() as together:
            rotation = together.enter_context(
                Rotation(pooler, databases[0].user, case.rotates, seconds))
            for each in (*workloads, *witnesses, strangers):
                together.enter_context(each)
            time.sleep(seconds)
        lost = sum(map(lost_keys, databases, workloads, witnesses))
        reasons, complaints = said_by(servers)
    history = [operation for workload in workloads
               for operation in workload.history]
    return Result(name, seconds, history, [*witnesses, strangers], reasons,
                  complaints, lost, rotation.most)


def lost_keys(database, workload, witnesses):
    """How many keys are not in the database although nobody deleted them, or
    are there although somebody did."""
    there = {key for key, in database.rows("SELECT id FROM uptime_keys")}
    done = {status: {operation.key for operation in workload.history
                     if operation.kind == kind and operation.status == status}
            for kind, status in ((CREATE, 201), (DELETE, 200))}
    tried = {operation.key for operation in workload.history
             if operation.kind == DELETE}
    expected = (done[201] - tried) | {fixed.id for fixed in witnesses.keys}
    return len(expected - there) + len(done[200] & there)


def prepared(pooler, user):
    """How many prepared statements one of the pool's sessions has."""
    with contextlib.suppress(psycopg2.Error):
        with contextlib.closing(pooler.connect(user=user)) as session:
            cursor = session.cursor()
            cursor.execute("SELECT count(*) FROM pg_prepared_statements")
            return cursor.fetchone()[0]
    return 0


TENANTS = {f"pgbouncer-{version} transaction two tenants":
           Case(PgBouncer, release, "transaction")
           for release, version in (("bookworm", "1.18"), ("trixie", "1.24"),
                                    ("sid", "1.26"))}


FAULTY = {f"{name} {mode} troubles":
          Case(pooler, release, mode, settings=settings, rotates=False,
               troubles=tuple(TROUBLES))
          for mode, size in (("transaction", 6), ("session", 100))
          for name, pooler, release, settings in (
              ("pgbouncer-1.18", PgBouncer, "bookworm",
               {"default_pool_size": size, "server_login_retry": 1}),
              ("pgbouncer-1.24", PgBouncer, "trixie",
               {"default_pool_size": size, "server_login_retry": 1}),
              ("pgbouncer-1.26", PgBouncer, "sid",
               {"default_pool_size": size, "server_login_retry": 1}),
              ("odyssey-1.5", Odyssey, "sid", {"pool_size": size}))}
