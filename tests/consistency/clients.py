# SPDX-License-Identifier: Apache-2.0
"""Clients that create, use and delete keys at random, and log all of it."""

import contextlib
import http.client
import itertools
import json
import random
import threading
import time
from dataclasses import dataclass

from caching import LEASE
from harness.keys import key_hash, make_key
from history import (
    CHANGE,
    CREATE,
    DELETE,
    LET_IN,
    NO_ANSWER,
    REFUSED,
    USE,
    Operation,
    violations,
)

CLIENTS = 12
TAKING = 5              # at most so many clients at once: each waits a lease
FEWEST, MOST = 6, 16    # keys
# Of what a client does.
CREATES, DELETES, TEAMS, CHANGES = 0.05, 0.08, 0.01, 0.03
# A server that deletes has no copies left, and would hide what else is wrong
# with it: of the deletes so many go past the one in trouble.
PAST_TROUBLE = 0.9
OF_DYING = 0.4          # of the keys that are used
DYING_FOR = 3.0         # seconds after the answer to their delete
REQUESTS = 15           # of a connection
PAUSE = 0.005
SCOPE, OTHER_SCOPE = "monitors:read", "alerts:read"
FORBIDDEN = 403
ID_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
TEAM_KEYS = 2           # of a team that is deleted as a whole
EXPIRES_IN = -1.0, 1.0  # seconds
CHANGED_FOR = 1.5       # seconds, before it is changed back
# Milliseconds are cut off on both ends of a lease.
SQL_HOLDS_AFTER = LEASE + 0.002


@dataclass
class Known:
    """A key that a client got."""

    id: str
    text: str
    team: str = None        # one that is deleted as a whole
    forgotten_at: float = float("inf")


class Keys:
    """Those that the clients know of."""

    def __init__(self):
        self._lock = threading.Lock()
        self._living = []
        self._dying = []

    def __len__(self):
        return len(self._living)

    def add(self, *keys):
        with self._lock:
            self._living += keys

    def take(self, chance, is_team=False):
        """Some to delete or change, one or all of a team: nobody else does
        so meanwhile."""
        with self._lock:
            several = [key for key in self._living
                       if bool(key.team) == is_team]
            if len(self._living) <= FEWEST or not several:
                return []
            one = chance.choice(several)
            taken = [key for key in several
                     if key is one or (is_team and key.team == one.team)]
            self._living = [key for key in self._living if key not in taken]
            self._dying += taken
            return taken

    def give_back(self, keys):
        """They may still be there."""
        with self._lock:
            self._dying = [key for key in self._dying if key not in keys]
            self._living += keys

    def pick(self, chance):
        """One to use."""
        now = time.monotonic()
        with self._lock:
            self._dying = [key for key in self._dying
                           if key.forgotten_at > now]
            either = [self._living, self._dying]
            if chance.random() < OF_DYING:
                either.reverse()
            keys = either[0] or either[1]
            return chance.choice(keys) if keys else None


class Connections:
    """A client's own, one to each server."""

    def __init__(self, servers):
        self._servers = servers
        self._open = {}

    def ask(self, number, method, path, key, body=None):
        """Status, the header, the body's bytes; NO_ANSWER if none came."""
        connection, left = self._open.pop(number, (None, 0))
        if left == 0:
            if connection:
                connection.close()
            connection, left = http.client.HTTPConnection(
                "127.0.0.1", self._servers[number].port, timeout=60), REQUESTS
        headers = {"Authorization": f"Bearer {key}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            data = answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            return NO_ANSWER, None, b""
        self._open[number] = connection, left - 1
        return answer.status, answer.getheader("X-Key-Id"), data

    def close(self):
        for connection, _ in self._open.values():
            connection.close()


class Client:
    """At work in a thread of its own."""

    def __init__(self, crowd, number):
        self.thread = threading.Thread(target=self._run, daemon=True)
        self._crowd = crowd
        self._chance = random.Random(f"{crowd.seed} client {number}")
        self._connections = Connections(crowd.pair.servers)
        self.error = None
        self.logged_until = 0.0

    def _run(self):
        try:
            while not self._crowd.ends.is_set():
                self.logged_until = time.monotonic()
                self._act()
                time.sleep(PAUSE)
        except Exception as error:      # pylint: disable=broad-except
            self.error = error          # for who waits for us
        finally:
            self._connections.close()

    def _act(self):
        (act,) = self._chance.choices(
            [self._create, self._create_team, self._delete,
             self._delete_team, self._change, self._use_some],
            [CREATES, TEAMS, DELETES, TEAMS, CHANGES,
             1 - CREATES - TEAMS - DELETES - TEAMS - CHANGES])
        is_create = act in (self._create, self._create_team)
        if len(self._crowd.keys) < FEWEST and not is_create:
            act = self._create
        elif len(self._crowd.keys) >= MOST and is_create:
            act = self._use_some
        act()

    def _server(self):
        return self._chance.randrange(len(self._crowd.pair.servers))

    def _log(self, kind, key, began, status, where, **more):
        self._crowd.history.append(Operation(
            kind, key, began, time.monotonic(), status, where=where, **more))

    def _sql(self, statement, *values):
        """A status, past the servers and the tool."""
        try:
            self._crowd.pair.database.execute(statement, *values)
            return 200
        except Exception:       # pylint: disable=broad-except
            return NO_ANSWER    # each module has errors of its own

    def _tool(self, *arguments):
        """A status likewise."""
        done = self._crowd.pair.database.tool(*arguments, check=False)
        return 200 if done.returncode == 0 else NO_ANSWER

    def _create(self):
        where = self._server()
        began = time.monotonic()
        status, _, data = self._connections.ask(
            where, "POST", "/keys", self._crowd.admin,
            json.dumps({"name": "a key", "scopes": [SCOPE]}))
        if status != 201:
            self._log(CREATE, None, began, status, f"server {where}")
            return
        data = json.loads(data)["data"]
        key = Known(data["apiKey"]["id"], data["key"])
        self._crowd.keep_secret(key)
        self._log(CREATE, key.id, began, status, f"server {where}")
        self._crowd.keys.add(key)

    def _create_team(self):
        """With keys: nobody creates one there while it is deleted."""
        team = f"team{next(self._crowd.numbers)}"
        keys = [Known(make_id(self._chance), make_key(), team)
                for _ in range(TEAM_KEYS)]
        self._crowd.keep_secret(*keys)
        began = time.monotonic()
        done = self._crowd.pair.database.import_rows(*(
            {"id": key.id, "team": team, "name": "a key", "scopes": [SCOPE],
             "keyHash": key_hash(key.text), "keyPrefix": key.text[:15]}
            for key in keys), check=False)
        status = 201 if done.returncode == 0 else NO_ANSWER
        for key in keys:
            self._log(CREATE, key.id, began, status, "tool")
        if status == 201:
            self._crowd.keys.add(*keys)

    def _use_some(self):
        key = self._crowd.keys.pick(self._chance)
        if key is not None:
            for _ in range(self._chance.randint(1, 3)):
                self._use(key, self._server())

    def _use(self, key, where):
        began = time.monotonic()
        status, identity, _ = self._connections.ask(
            where, "GET", "/t/x", key.text)
        self._log(USE, key.id, began, status, f"server {where}",
                  identity=identity)

    def _use_everywhere(self, keys, times=1):
        servers = list(range(len(self._crowd.pair.servers))) * times
        for key in keys:
            for where in self._chance.sample(servers, len(servers)):
                self._use(key, where)

    @contextlib.contextmanager
    def _taking(self, is_team=False):
        """Keys to take away; nobody else does."""
        if not self._crowd.taking.acquire(blocking=False):
            yield []
            return
        try:
            keys = self._crowd.keys.take(self._chance, is_team)
            # What nobody has a copy of is no danger.
            self._use_everywhere(keys)
            yield keys
            self._use_everywhere(keys, times=3)
        finally:
            self._crowd.taking.release()

    def _delete(self):
        with self._taking() as keys:
            for key in keys:
                self._delete_by(self._way(), [key])

    def _delete_team(self):
        with self._taking(is_team=True) as keys:
            if keys:
                self._delete_by(self._chance.choice(["tool", "sql"]), keys)

    def _way(self):
        """What a key is deleted by: a server's number, or past them."""
        ways = [*range(len(self._crowd.pair.servers)), "tool", "sql"]
        if self._chance.random() < PAST_TROUBLE:
            ways = [way for way in ways if way != self._crowd.in_trouble]
        return self._chance.choice(ways)

    def _delete_by(self, way, keys):
        """One key, or all of a team."""
        kind, name = (("team", keys[0].team) if keys[0].team
                      else ("key", keys[0].id))
        began = time.monotonic()
        if way == "tool":
            status = self._tool(kind, "delete", name)
        elif way == "sql":
            status = self._sql(f"DELETE FROM uptime_{kind}s WHERE id = ?",
                               name)
        else:
            status, _, _ = self._connections.ask(
                way, "DELETE", f"/keys/{name}", self._crowd.admin)
        where = way if way in ("tool", "sql") else f"server {way}"
        for key in keys:
            self._log(DELETE, key.id, began, status, where,
                      holds_from=holds_from(where))
            if status in (200, 404):
                key.forgotten_at = time.monotonic() + DYING_FOR
        if status not in (200, 404):
            self._crowd.keys.give_back(keys)

    def _change(self):
        """By SQL; what a key may do, or for how long, and back."""
        with self._taking() as keys:
            for key in keys:
                change = self._chance.choice([self._lose_scope, self._expire])
                change(key)
                self._use_everywhere([key], times=3)
                self._write(key, LET_IN)
            self._crowd.keys.give_back(keys)

    def _lose_scope(self, key):
        self._write(key, FORBIDDEN, scope=OTHER_SCOPE)
        self._use_until(key, time.monotonic() + CHANGED_FOR)

    def _expire(self, key):
        seconds = self._chance.uniform(*EXPIRES_IN)
        instant = int((time.time() + seconds) * 1000)
        then = time.monotonic() + seconds
        self._write(key, REFUSED, expires_at=instant, not_before=then)
        self._use_until(key, max(then, time.monotonic()) + CHANGED_FOR)

    def _use_until(self, key, then):
        while time.monotonic() < then:
            self._use(key, self._server())
            time.sleep(PAUSE)

    def _write(self, key, leads_to, scope=SCOPE, expires_at=None,
               not_before=0):
        """All that may change: what was written before may not be there."""
        began = time.monotonic()
        status = self._sql(
            "UPDATE uptime_keys SET scopes = ?, expires_at = ? WHERE id = ?",
            json.dumps([scope]), expires_at, key.id)
        self._log(CHANGE, key.id, began, status, "sql", leads_to=leads_to,
                  holds_from=max(holds_from("sql"), not_before))


def holds_from(where):
    """From when what ends now must be seen by everybody."""
    return time.monotonic() + (SQL_HOLDS_AFTER if where == "sql" else 0)


def make_id(chance):
    return "key_0" + "".join(chance.choices(ID_DIGITS, k=25))


class Crowd:
    """Clients at work while its context lasts."""

    def __init__(self, pair, seed):
        self.pair = pair
        self.seed = seed
        self.admin = pair.database.import_key("api-keys:write", SCOPE).text
        self.keys = Keys()
        self.numbers = itertools.count(1)   # of teams
        self.taking = threading.BoundedSemaphore(TAKING)
        self.ends = threading.Event()
        self.in_trouble = None      # the server that had the last fault
        self.history = []
        self._clients = [Client(self, number) for number in range(CLIENTS)]

    def violations(self):
        """Those so far.  What is still going on may explain what was seen."""
        logged_until = min(client.logged_until for client in self._clients)
        return [violation for violation in violations(list(self.history))
                if violation.operation.ended < logged_until]

    def keep_secret(self, *keys):
        for server in self.pair.servers:
            for key in keys:
                server.keep_secret(key.text)

    def __enter__(self):
        for client in self._clients:
            client.thread.start()
        return self

    def __exit__(self, *_):
        self.ends.set()
        for client in self._clients:
            client.thread.join(120)
        assert not any(client.thread.is_alive()
                       for client in self._clients)
        for client in self._clients:
            if client.error:
                raise client.error
