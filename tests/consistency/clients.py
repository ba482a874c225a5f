# SPDX-License-Identifier: Apache-2.0
"""Clients that create, use, change and delete keys at random, and log it."""

import contextlib
import http.client
import itertools
import json
import random
import threading
import time

from doors import SQL, TOOL, Doors, name_of
from harness.keys import key_hash, make_key
from history import (
    CREATE,
    DELETE,
    ELSEWHERE,
    FORBIDDEN,
    NO_ANSWER,
    USE,
    Operation,
    violations,
)
from known_keys import FEWEST, Keys, KnownKey
from lives import OTHER_SCOPE, SCOPE, SOURCES, Lives, holds_from, turns

CLIENTS = 12
CHANGING = 5            # clients that change or delete at once: they wait
MOST = 16               # keys
# Shares of a client's operations; the rest are uses.
CREATES, DELETES, TEAMS, CHANGES = 0.05, 0.08, 0.01, 0.1
# A server that deletes a key voids its own entries, which would hide what the
# last fault did to it: of the deletions so many avoid that server.
AVOID_FAULTY = 0.9
USED_AFTER_DELETE = 3.0     # seconds after the answer to a deletion
USED_AFTER_SQL = 1.4    # the same for a deletion by SQL in solitude
REQUESTS = 15           # on a connection
PAUSE = 0.005
OF_CURRENT = 0.6        # share of the uses that are with the current secret
OF_OTHER_SOURCE = 0.2   # share of the uses
ID_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
TEAM_KEYS = 2           # of a team that is deleted as a whole
RESTS = 9.5, 12         # seconds without requests: then a lease sleeps


class Connections:
    """The connections of one client, one to each server."""

    def __init__(self, servers):
        self._servers = servers
        self._open = {}     # by the number of the server and the own address

    def ask(self, number, method, path, key, body=None, **options):
        """Send a request; returns status, X-Key-Id and body, or NO_ANSWER."""
        status, headers, data = self.ask_all(number, method, path, key, body,
                                             **options)
        return status, headers.get("X-Key-Id"), data

    def ask_all(self, number, method, path, key, body=None,
                content_type="application/json", source=SOURCES[0]):
        """The same with all headers of the answer."""
        connection, left = self._open.pop((number, source), (None, 0))
        if left == 0:
            if connection:
                connection.close()
            connection, left = http.client.HTTPConnection(
                "127.0.0.1", self._servers[number].port, timeout=60,
                source_address=(source, 0)), REQUESTS
        headers = {"Authorization": f"Bearer {key}"}
        if body is not None:
            headers["Content-Type"] = content_type
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            data = answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            return NO_ANSWER, {}, b""
        self._open[number, source] = connection, left - 1
        return answer.status, answer.headers, data

    def close(self):
        for connection, _ in self._open.values():
            connection.close()


class Client:
    """Sends requests in a thread of its own."""

    pause = PAUSE

    def __init__(self, workload, number):
        self.thread = threading.Thread(target=self._run, daemon=True)
        self._workload = workload
        self._rng = random.Random(f"{workload.seed} client {number}")
        self._connections = Connections(workload.pair.servers)
        self.doors = Doors(workload, self._connections)
        self._lives = Lives(self, self._rng)
        self.error = None
        self.logged_until = 0.0

    def _run(self):
        try:
            while not self._workload.stopping.is_set():
                self.logged_until = time.monotonic()
                self._act()
                time.sleep(self.pause)
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
        return self._workload.awake(
            self._rng.randrange(len(self._workload.pair.servers)))

    def log(self, kind, key, began, status, where, **more):
        self._workload.history.append(Operation(
            kind, key, began, time.monotonic(), status, where=where, **more))

    def _create(self):
        where = self._server()
        began = time.monotonic()
        status, _, data = self._connections.ask(
            where, "POST", "/keys", self._workload.admin,
            json.dumps({"name": "a key", "scopes": [SCOPE]}))
        if status != 201:
            self.log(CREATE, None, began, status, f"server {where}")
            return
        data = json.loads(data)["data"]
        key = KnownKey(data["apiKey"]["id"], data["key"])
        self.keep_secret(key.text)
        self.log(CREATE, key.id, began, status, f"server {where}",
                 secret=key.text[:15])
        self._workload.keys.add(key)

    def _create_team(self):
        """Create a team with its keys; no other key is ever added to it."""
        team = f"team{next(self._workload.numbers)}"
        keys = [KnownKey(make_id(self._rng), self.new_secret(), team)
                for _ in range(TEAM_KEYS)]
        began = time.monotonic()
        done = self._workload.pair.database.import_rows(*(
            {"id": key.id, "team": team, "name": "a key", "scopes": [SCOPE],
             "keyHash": key_hash(key.text), "keyPrefix": key.text[:15]}
            for key in keys), check=False)
        status = 201 if done.returncode == 0 else NO_ANSWER
        for key in keys:
            self.log(CREATE, key.id, began, status, TOOL,
                     secret=key.text[:15])
        if status == 201:
            self._workload.keys.add(*keys)

    def _use_some(self):
        key = self._workload.keys.pick(self._rng)
        if key is not None:
            for _ in range(self._rng.randint(1, 3)):
                self.use(key, self._server())

    def use(self, key, where=None, text=None):
        """Use one secret of a key; if it is not given, any of them."""
        where = (self._server() if where is None
                 else self._workload.awake(where))
        text = text or self._any_of(key.secrets())
        source = SOURCES[self._rng.random() < OF_OTHER_SOURCE]
        began = time.monotonic()
        status, identity, data = self._connections.ask(
            where, "GET", "/t/x", text, source=source)
        if status == FORBIDDEN and b"address-not-allowed" in data:
            status = ELSEWHERE
        self.log(USE, key.id, began, status, f"server {where}",
                 identity=identity, secret=text[:15], source=source)

    def _any_of(self, secrets):
        is_current = len(secrets) == 1 or self._rng.random() < OF_CURRENT
        return secrets[0] if is_current else self._rng.choice(secrets[1:])

    def use_for(self, key, seconds):
        then = time.monotonic() + seconds
        while time.monotonic() < then:
            self.use(key)

    def use_everywhere(self, keys, times=1):
        servers = list(range(len(self._workload.pair.servers))) * times
        for key in keys:
            for where in self._rng.sample(servers, len(servers)):
                for text in key.secrets():
                    self.use(key, where, text)

    def new_secret(self):
        text = make_key()
        self.keep_secret(text)
        return text

    def keep_secret(self, text):
        """It must be in no log."""
        for server in self._workload.pair.servers:
            server.keep_secret(text)

    @contextlib.contextmanager
    def _reserved(self, is_team=False):
        """A context with reserved keys, which are used before and after."""
        if (self._workload.is_quiet
                or not self._workload.changing.acquire(blocking=False)):
            yield []
            return
        try:
            keys = self._workload.keys.reserve(self._rng, is_team)
            # Only cached keys can be accepted too late.
            self.use_everywhere(keys)
            yield keys
            self.use_everywhere(keys, times=3)
        finally:
            self._workload.changing.release()

    def _delete(self):
        with self._reserved() as keys:
            for key in keys:
                self._delete_by(self.door(), [key])

    def _delete_team(self):
        with self._reserved(is_team=True) as keys:
            if keys:
                self._delete_by(self._rng.choice([TOOL, SQL]), keys)

    def door(self):
        """How to write: the number of a server, TOOL or SQL."""
        doors = [*{self._workload.awake(number) for number
                   in range(len(self._workload.pair.servers))}, TOOL, SQL]
        if self._rng.random() < AVOID_FAULTY:
            doors = [door for door in doors
                     if door != self._workload.faulty_server]
        return self._rng.choice(doors)

    def _delete_by(self, door, keys):
        """Delete one key, or all of a team."""
        kind, name = (("team", keys[0].team) if keys[0].team
                      else ("key", keys[0].id))
        began = time.monotonic()
        status = self.doors.delete(door, kind, name)
        for key in keys:
            self.log(DELETE, key.id, began, status, name_of(door),
                     holds_from=holds_from(door))
            if status in (200, 404):
                key.used_until = time.monotonic() + USED_AFTER_DELETE
        if status not in (200, 404):
            self._workload.keys.release(keys)

    def _change(self):
        """Whatever can happen to a key but its deletion, which follows if the
        outcome is not known."""
        with self._reserved() as keys:
            for key in keys:
                act, is_alone = next(self._workload.turns)
                with self._workload.quiet(is_alone) as is_alone:
                    self._live(key, act, is_alone)

    def _live(self, key, act, is_alone):
        if self._lives.live(key, act, is_alone):
            self._workload.keys.release([key])
            return
        self._delete_by(SQL if is_alone else self.door(), [key])
        if is_alone:
            self.use_for(key, USED_AFTER_SQL)


def make_id(rng):
    return "key_0" + "".join(rng.choices(ID_DIGITS, k=25))


class Locked:
    """An iterator that several threads share."""

    def __init__(self, iterator):
        self._iterator = iterator
        self._lock = threading.Lock()

    def __next__(self):
        with self._lock:
            return next(self._iterator)


class Workload:
    """The clients, which run until the context ends."""

    client = Client

    def __init__(self, pair, seed):
        self.pair = pair
        self.seed = seed
        self.admin = pair.database.import_key(
            "api-keys:read", "api-keys:write", SCOPE, OTHER_SCOPE).text
        self.keys = Keys()
        self.numbers = itertools.count(1)   # of teams
        self.changing = threading.BoundedSemaphore(CHANGING)
        self.turns = Locked(turns(random.Random(f"{seed} turns")))
        self._quiet = threading.Lock()
        self.is_quiet = False       # one wants to write alone
        self.stopping = threading.Event()
        self.faulty_server = None   # the number of the last one with a fault
        self.resting = None         # the number of one that is asked nothing
        self.history = []
        self._clients = [self.client(self, number)
                         for number in range(CLIENTS)]

    @contextlib.contextmanager
    def quiet(self, is_wanted):
        """A context, for one who may write, in which nobody else does, if
        that is possible; whether it is."""
        if not is_wanted or not self._quiet.acquire(blocking=False):
            yield False
            return
        self.is_quiet = True
        for _ in range(CHANGING - 1):
            self.changing.acquire()
        try:
            yield True
        finally:
            self.is_quiet = False
            for _ in range(CHANGING - 1):
                self.changing.release()
            self._quiet.release()

    def rest(self, server, rng):
        """Let a server sleep, and wake it while everybody asks it."""
        self.resting = self.pair.servers.index(server)
        try:
            time.sleep(rng.uniform(*RESTS))
        finally:
            self.resting = None
        return True

    def awake(self, number):
        """This server, or another one that is asked instead."""
        return ((number + 1) % len(self.pair.servers)
                if number == self.resting else number)

    def violations(self):
        """The violations so far, without those that an operation in progress
        may still explain."""
        logged_until = min(client.logged_until for client in self._clients)
        return [violation for violation in violations(list(self.history))
                if violation.operation.ended < logged_until]

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
