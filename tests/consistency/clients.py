# SPDX-License-Identifier: Apache-2.0
"""Clients that create, use, change and delete keys at random, and log it."""

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
    ACCEPTED,
    CHANGE,
    CREATE,
    DELETE,
    NO_ANSWER,
    REFUSED,
    USE,
    Operation,
    violations,
)

CLIENTS = 12
CHANGING = 5            # clients that change or delete at once: they wait
FEWEST, MOST = 6, 16    # keys
# Shares of a client's operations; the rest are uses.
CREATES, DELETES, TEAMS, CHANGES = 0.05, 0.08, 0.01, 0.03
# A server that deletes a key voids its own entries, which would hide what the
# last fault did to it: of the deletions so many avoid that server.
AVOID_FAULTY = 0.9
OF_DELETED = 0.4        # share of the uses
USED_AFTER_DELETE = 3.0     # seconds after the answer to a deletion
REQUESTS = 15           # on a connection
PAUSE = 0.005
SCOPE, OTHER_SCOPE = "monitors:read", "alerts:read"
FORBIDDEN = 403
ID_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
TEAM_KEYS = 2           # of a team that is deleted as a whole
EXPIRES_IN = -1.0, 1.0  # seconds
CHANGED_FOR = 1.5       # seconds until a change is reverted
# Both ends of a lease are truncated to milliseconds.
SQL_HOLDS_AFTER = LEASE + 0.002


@dataclass
class KnownKey:
    """A key that the clients created."""

    id: str
    text: str
    team: str = None        # if it is deleted with its team
    used_until: float = float("inf")


class Keys:
    """The keys that the clients use, and those deleted a moment ago."""

    def __init__(self):
        self._lock = threading.Lock()
        self._active = []
        self._deleted = []

    def __len__(self):
        return len(self._active)

    def add(self, *keys):
        with self._lock:
            self._active += keys

    def reserve(self, rng, is_team=False):
        """Choose one key, or all of a team, to delete or change; no other
        client does so until release()."""
        with self._lock:
            several = [key for key in self._active
                       if bool(key.team) == is_team]
            if len(self._active) <= FEWEST or not several:
                return []
            one = rng.choice(several)
            taken = [key for key in several
                     if key is one or (is_team and key.team == one.team)]
            self._active = [key for key in self._active if key not in taken]
            self._deleted += taken
            return taken

    def release(self, keys):
        """Make keys that may still exist available again."""
        with self._lock:
            self._deleted = [key for key in self._deleted if key not in keys]
            self._active += keys

    def pick(self, rng):
        """A key to use, or None."""
        now = time.monotonic()
        with self._lock:
            self._deleted = [key for key in self._deleted
                             if key.used_until > now]
            either = [self._active, self._deleted]
            if rng.random() < OF_DELETED:
                either.reverse()
            keys = either[0] or either[1]
            return rng.choice(keys) if keys else None


class Connections:
    """The connections of one client, one to each server."""

    def __init__(self, servers):
        self._servers = servers
        self._open = {}

    def ask(self, number, method, path, key, body=None):
        """Send a request; returns status, X-Key-Id and body, or NO_ANSWER."""
        status, headers, data = self.ask_all(number, method, path, key, body)
        return status, headers.get("X-Key-Id"), data

    def ask_all(self, number, method, path, key, body=None):
        """The same with all headers of the answer."""
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
            return NO_ANSWER, {}, b""
        self._open[number] = connection, left - 1
        return answer.status, answer.headers, data

    def close(self):
        for connection, _ in self._open.values():
            connection.close()


class Client:
    """Sends requests in a thread of its own."""

    def __init__(self, workload, number):
        self.thread = threading.Thread(target=self._run, daemon=True)
        self._workload = workload
        self._rng = random.Random(f"{workload.seed} client {number}")
        self._connections = Connections(workload.pair.servers)
        self.error = None
        self.logged_until = 0.0

    def _run(self):
        try:
            while not self._workload.stopping.is_set():
                self.logged_until = time.monotonic()
                self._act()
                time.sleep(PAUSE)
        except Exception as error:      # pylint: disable=broad-except
            self.error = error          # raised by Workload.__exit__()
        finally:
            self._connections.close()

    def _act(self):
        (act,) = self._rng.choices(
            [self._create, self._create_team, self._delete,
             self._delete_team, self._change, self._use_some],
            [CREATES, TEAMS, DELETES, TEAMS, CHANGES,
             1 - CREATES - TEAMS - DELETES - TEAMS - CHANGES])
        is_create = act in (self._create, self._create_team)
        if len(self._workload.keys) < FEWEST and not is_create:
            act = self._create
        elif len(self._workload.keys) >= MOST and is_create:
            act = self._use_some
        act()

    def _server(self):
        return self._rng.randrange(len(self._workload.pair.servers))

    def _log(self, kind, key, began, status, where, **more):
        self._workload.history.append(Operation(
            kind, key, began, time.monotonic(), status, where=where, **more))

    def _sql(self, statement, *values):
        """Run plain SQL; returns a status."""
        try:
            self._workload.pair.database.execute(statement, *values)
            return 200
        except Exception:       # pylint: disable=broad-except
            return NO_ANSWER    # each module has errors of its own

    def _tool(self, *arguments):
        """Run the tool; returns a status."""
        done = self._workload.pair.database.tool(*arguments, check=False)
        return 200 if done.returncode == 0 else NO_ANSWER

    def _create(self):
        where = self._server()
        began = time.monotonic()
        status, _, data = self._connections.ask(
            where, "POST", "/keys", self._workload.admin,
            json.dumps({"name": "a key", "scopes": [SCOPE]}))
        if status != 201:
            self._log(CREATE, None, began, status, f"server {where}")
            return
        data = json.loads(data)["data"]
        key = KnownKey(data["apiKey"]["id"], data["key"])
        self._workload.keep_secret(key)
        self._log(CREATE, key.id, began, status, f"server {where}")
        self._workload.keys.add(key)

    def _create_team(self):
        """Create a team with its keys; no other key is ever added to it."""
        team = f"team{next(self._workload.numbers)}"
        keys = [KnownKey(make_id(self._rng), make_key(), team)
                for _ in range(TEAM_KEYS)]
        self._workload.keep_secret(*keys)
        began = time.monotonic()
        done = self._workload.pair.database.import_rows(*(
            {"id": key.id, "team": team, "name": "a key", "scopes": [SCOPE],
             "keyHash": key_hash(key.text), "keyPrefix": key.text[:15]}
            for key in keys), check=False)
        status = 201 if done.returncode == 0 else NO_ANSWER
        for key in keys:
            self._log(CREATE, key.id, began, status, "tool")
        if status == 201:
            self._workload.keys.add(*keys)

    def _use_some(self):
        key = self._workload.keys.pick(self._rng)
        if key is not None:
            for _ in range(self._rng.randint(1, 3)):
                self._use(key, self._server())

    def _use(self, key, where):
        began = time.monotonic()
        status, identity, _ = self._connections.ask(
            where, "GET", "/t/x", key.text)
        self._log(USE, key.id, began, status, f"server {where}",
                  identity=identity)

    def _use_everywhere(self, keys, times=1):
        servers = list(range(len(self._workload.pair.servers))) * times
        for key in keys:
            for where in self._rng.sample(servers, len(servers)):
                self._use(key, where)

    @contextlib.contextmanager
    def _reserved(self, is_team=False):
        """A context with reserved keys, which are used before and after."""
        if not self._workload.changing.acquire(blocking=False):
            yield []
            return
        try:
            keys = self._workload.keys.reserve(self._rng, is_team)
            # Only cached keys can be accepted too late.
            self._use_everywhere(keys)
            yield keys
            self._use_everywhere(keys, times=3)
        finally:
            self._workload.changing.release()

    def _delete(self):
        with self._reserved() as keys:
            for key in keys:
                self._delete_by(self._way(), [key])

    def _delete_team(self):
        with self._reserved(is_team=True) as keys:
            if keys:
                self._delete_by(self._rng.choice(["tool", "sql"]), keys)

    def _way(self):
        """How to delete a key: the number of a server, "tool" or "sql"."""
        ways = [*range(len(self._workload.pair.servers)), "tool", "sql"]
        if self._rng.random() < AVOID_FAULTY:
            ways = [way for way in ways if way != self._workload.faulty_server]
        return self._rng.choice(ways)

    def _delete_by(self, way, keys):
        """Delete one key, or all of a team."""
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
                way, "DELETE", f"/keys/{name}", self._workload.admin)
        where = way if way in ("tool", "sql") else f"server {way}"
        for key in keys:
            self._log(DELETE, key.id, began, status, where,
                      holds_from=holds_from(where))
            if status in (200, 404):
                key.used_until = time.monotonic() + USED_AFTER_DELETE
        if status not in (200, 404):
            self._workload.keys.release(keys)

    def _change(self):
        """Change the scopes or the expiry by SQL, and change them back."""
        with self._reserved() as keys:
            for key in keys:
                change = self._rng.choice([self._lose_scope, self._expire])
                change(key)
                self._use_everywhere([key], times=3)
                self._write(key, ACCEPTED)
            self._workload.keys.release(keys)

    def _lose_scope(self, key):
        self._write(key, FORBIDDEN, scope=OTHER_SCOPE)
        self._use_until(key, time.monotonic() + CHANGED_FOR)

    def _expire(self, key):
        seconds = self._rng.uniform(*EXPIRES_IN)
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
        """Write all columns that may change, as the write before may have
        failed."""
        began = time.monotonic()
        status = self._sql(
            "UPDATE uptime_keys SET scopes = ?, expires_at = ? WHERE id = ?",
            json.dumps([scope]), expires_at, key.id)
        self._log(CHANGE, key.id, began, status, "sql", leads_to=leads_to,
                  holds_from=max(holds_from("sql"), not_before))


def holds_from(where):
    """When every server must have seen a write that ends now."""
    return time.monotonic() + (SQL_HOLDS_AFTER if where == "sql" else 0)


def make_id(rng):
    return "key_0" + "".join(rng.choices(ID_DIGITS, k=25))


class Workload:
    """The clients, which run until the context ends."""

    client = Client

    def __init__(self, pair, seed):
        self.pair = pair
        self.seed = seed
        self.admin = pair.database.import_key(
            "api-keys:read", "api-keys:write", SCOPE).text
        self.keys = Keys()
        self.numbers = itertools.count(1)   # of teams
        self.changing = threading.BoundedSemaphore(CHANGING)
        self.stopping = threading.Event()
        self.faulty_server = None   # the number of the last one with a fault
        self.history = []
        self._clients = [self.client(self, number)
                         for number in range(CLIENTS)]

    def violations(self):
        """The violations so far, without those that an operation in progress
        may still explain."""
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
        self.stopping.set()
        for client in self._clients:
            client.thread.join(120)
        assert not any(client.thread.is_alive()
                       for client in self._clients)
        for client in self._clients:
            if client.error:
                raise client.error
