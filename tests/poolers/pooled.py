# SPDX-License-Identifier: Apache-2.0
"""httpds whose database is behind a pooler, and clients that judge them."""

import collections
import contextlib
import copy
import itertools
import json
import os
import random
import re
import threading
import time

from clients import Client, Connections, Workload
from harness import environment
from harness.database import Database
from harness.odbc import connect_string
from harness.pgsql import PostgresDatabase
from history import CONNECTION_TIMEOUT, NO_ANSWER, READ, UNAVAILABLE
from pair import Member

DIRECT = "127.0.0.1"
# A busy child of the event MPM, without an idle thread, closes connections that
# are kept alive: so there are more threads than clients.  On a busy machine a
# connection takes seconds, so most are made at the start.
CONFIG = """
LogLevel info
MaxKeepAliveRequests 0
DBDMin 12
DBDKeep 32
DBDMax 32
UptimeKeysMaxPerTeam 1000
StartServers 2
<IfModule !mpm_prefork_module>
    ServerLimit 2
    ThreadsPerChild 32
    MaxSpareThreads 64
    MaxRequestWorkers 64
</IfModule>
<Location "/leaked">
    SetHandler uptime-keys-leaked
</Location>
<Location "/t/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
    Header always set X-Key-Id "%{UPTIME_KEY_ID}e"
    Header always set X-Key-Name "%{UPTIME_KEY_NAME}e"
    Header always set X-Key-Expires "%{UPTIME_KEY_EXPIRES}e"
    Header always set X-Key-Scopes "%{UPTIME_KEY_SCOPES}e"
</Location>
<Location "/keys">
    SetHandler uptime-keys
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope api-keys:write
</Location>
"""
NAMES = itertools.count(1)
SCOPES = "monitors:read", "api-keys:read", "api-keys:write"
FIXED_TEAM = "fixed"
FIXED = 8               # keys that nobody changes
WITNESSES = 4
PAUSE = 0.005
READS = 0.12            # share of the operations of a client


class PooledDatabase(PostgresDatabase):
    """A role and a schema on one server; statements of the test go there
    directly."""

    # pylint: disable=super-init-not-called,non-parent-init-called
    def __init__(self, node, user=None, schema=None):
        Database.__init__(self)
        self.server = node
        self.user = user or f"p{os.getpid()}_{next(NAMES)}"
        self.schema = schema or self.user
        self._params = self.direct(node.port, host=node.folder)
        self.itself = self
        with contextlib.closing(node.connect()) as admin:
            cursor = admin.cursor()
            if not user:
                cursor.execute(f"CREATE ROLE {self.user} LOGIN")
            cursor.execute(f"CREATE SCHEMA {self.schema} "
                           f"AUTHORIZATION {self.user}")

    def direct(self, port, **words):
        words = {"host": DIRECT, "port": port, "dbname": "postgres",
                 "user": self.user, "connect_timeout": 5, "sslmode": "disable",
                 **words}
        return " ".join(f"{name}={value}" for name, value in words.items())

    def odbc(self, port, **words):
        return connect_string(
            "PostgreSQL Unicode", Servername=DIRECT, Port=port,
            Database="postgres", UserName=self.user, MaxVarcharSize=254,
            **words)

    @property
    def params(self):
        return self._params

    def through(self, pooler, driver="pgsql", **words):
        """The same database, as httpd and the tool reach it."""
        other = copy.copy(self)
        make = self.direct if driver == "pgsql" else self.odbc
        other.driver = driver
        # pylint: disable=protected-access
        other._params = make(pooler.port, **words)
        return other

    def import_key(self, *scopes, **values):
        """What tests prepare does not go through the pooler."""
        if self is not self.itself:
            return self.itself.import_key(*scopes, **values)
        return super().import_key(*scopes, **values)


class PooledHttpd(Member):
    """The module may be another one than that of the tests."""

    def __init__(self, database, config="", module=None, expect_log=()):
        self._module = module
        super().__init__(CONFIG + config, without=("cgi", "cgid"),
                         expect_log=expect_log)
        self.database = database

    def _load_module(self, name):
        line = super()._load_module(name)
        return (line.replace(str(environment.MODULE), str(self._module))
                if line and self._module else line)

    def whole_configuration(self):
        """One file for the tool, which follows no Include."""
        text = (self.root / "conf" / "test.conf").read_text()
        return self.write("conf/whole.conf", f"""
DBDriver {self.database.driver}
DBDParams "{self.database.params}"
{text}""")

    def reasons(self):
        """The different reasons in the log for which keys were not checked,
        without numbers."""
        found = re.findall(r"UK0011: .*?\((.*)\); `uptime-keys",
                           self.error_log.text())
        return collections.Counter(
            re.sub(r"[0-9a-f]*\d[0-9a-f]*", "N", text) for text in found)


class Pooled:
    """What Workload runs on: httpds of one database, which run until the
    context ends."""

    def __init__(self, database, servers):
        self.database = database
        self.servers = servers
        self.proxy = None

    def __enter__(self):
        with contextlib.ExitStack() as undo:
            undo.callback(self.remove)
            for server in self.servers:
                server.start(await_checks=False)
            undo.pop_all()
        return self

    def __exit__(self, *_):
        self.remove()

    def remove(self):
        with contextlib.ExitStack() as every_one:
            for server in self.servers:
                every_one.callback(server.remove)
            for server in self.servers:
                every_one.callback(server.stop)
            for server in self.servers:
                server.ask_to_stop()


class PooledClient(Client):
    """Also reads the keys themselves."""

    def _act(self):
        if self._rng.random() < READS:
            self._read()
        else:
            super()._act()

    def _read(self):
        key = self._workload.keys.pick(self._rng)
        if key is None or key.team:     # which the admin's key cannot see
            return
        where = self._server()
        began = time.monotonic()
        status, _, body = self._connections.ask(
            where, "GET", f"/keys/{key.id}", self._workload.admin)
        self.log(READ, key.id, began, status, f"server {where}",
                  identity=(json.loads(body)["data"]["apiKey"]["id"]
                            if status == 200 else None))


class PooledWorkload(Workload):
    client = PooledClient


class Fixed:
    """A key that nobody changes, and all that is known about it."""

    def __init__(self, database, number):
        self.expires = 1_900_000_000_000 + number * 86_400_000
        self.key = database.import_key(
            *SCOPES, team=FIXED_TEAM, name=f"fixed key {number}",
            expiresAt=self.expires)
        self.text, self.id = self.key.text, self.key.id
        self.headers = {
            "X-Key-Id": self.id, "X-Key-Name": self.key.name,
            "X-Key-Expires": time.strftime(
                "%Y-%m-%dT%H:%M:%S", time.gmtime(self.expires / 1000)),
            "X-Key-Scopes": " ".join(SCOPES)}


class Witness:
    """Uses keys that nobody changes, in a thread of its own, and compares
    every answer as a whole."""

    def __init__(self, witnesses, number):
        self.thread = threading.Thread(target=self._run, daemon=True)
        self._witnesses = witnesses
        self._rng = random.Random(number)
        self._connections = Connections(witnesses.servers)
        self.error = None

    def _run(self):
        try:
            while not self._witnesses.stopping.is_set():
                fixed = self._rng.choice(self._witnesses.keys)
                where = self._rng.randrange(len(self._witnesses.servers))
                act = self._rng.choice([self._use, self._use, self._read,
                                        self._list])
                act(fixed, where)
                time.sleep(PAUSE)
        except Exception as error:      # pylint: disable=broad-except
            self.error = error
        finally:
            self._connections.close()

    def _ask(self, where, path, fixed):
        """Status, headers and body."""
        began = time.monotonic()
        status, headers, body = self._connections.ask_all(
            where, "GET", path, fixed.text)
        is_late = time.monotonic() - began >= CONNECTION_TIMEOUT
        # The checker of the history forgives these, too.
        if status == UNAVAILABLE and is_late:
            self._witnesses.late += 1
        else:
            self._witnesses.answers[status] += 1
        return status, headers, body

    def _note(self, what, status, is_right, seen):
        if status not in (UNAVAILABLE, NO_ANSWER) and not is_right:
            self._witnesses.wrong.append(f"{what}: {status} {seen}")

    def _use(self, fixed, where):
        status, headers, _ = self._ask(where, "/t/x", fixed)
        seen = {name: headers.get(name, "").partition(".")[0]
                .removesuffix("Z") for name in fixed.headers}
        self._note("use", status, status == 200 and seen == fixed.headers,
                   f"{seen} for {fixed.headers}")

    def _read(self, fixed, where):
        status, _, body = self._ask(where, f"/keys/{fixed.id}", fixed)
        seen = body.decode()[:400]
        is_right = status == 200 and shown(
            json.loads(body)["data"]["apiKey"]) == shown_as(fixed)
        self._note("read", status, is_right, f"{seen} for {shown_as(fixed)}")

    def _list(self, fixed, where):
        status, _, body = self._ask(where, "/keys?perPage=100", fixed)
        is_right = status == 200 and sorted(
            map(shown, json.loads(body)["data"]["apiKeys"])) == sorted(
                map(shown_as, self._witnesses.keys))
        self._note("list", status, is_right, body.decode()[:400])


def shown(api_key):
    return (api_key["id"], api_key["name"], api_key["keyPrefix"],
            api_key["expiresAt"], tuple(api_key["scopes"]))


def shown_as(fixed):
    return (fixed.id, fixed.key.name, fixed.text[:15], fixed.expires, SCOPES)


class Witnesses:
    """They run until the context ends."""

    def __init__(self, database, servers):
        self.servers = servers
        self.keys = [Fixed(database, number) for number in range(FIXED)]
        for server in servers:
            for fixed in self.keys:
                server.keep_secret(fixed.text)
        self.stopping = threading.Event()
        self.answers = collections.Counter()
        self.late = 0           # 503 because the machine was busy
        self.wrong = []
        self._threads = [Witness(self, number)
                         for number in range(WITNESSES)]

    def __enter__(self):
        for witness in self._threads:
            witness.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for witness in self._threads:
            witness.thread.join(120)
            if witness.error:
                raise witness.error
