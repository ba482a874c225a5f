# SPDX-License-Identifier: Apache-2.0
"""Clients that create, use and delete keys at random, and log all of it."""

import http.client
import json
import random
import threading
import time
from dataclasses import dataclass

from history import CREATE, DELETE, NO_ANSWER, USE, Operation

CLIENTS = 12
DELETING = 5            # at most so many clients at once: each waits a lease
FEWEST, MOST = 6, 16    # keys
CREATES, DELETES = 0.05, 0.08   # of what a client does
# A server that deletes has no copies left, and would hide what else is wrong
# with it: of the deletes so many go past the one in trouble.
PAST_TROUBLE = 0.9
OF_DYING = 0.4          # of the keys that are used
DYING_FOR = 3.0         # seconds after the answer to their delete
REQUESTS = 15           # of a connection
PAUSE = 0.005
SCOPE = "monitors:read"


@dataclass
class Known:
    """A key that a client got."""

    id: str
    text: str
    forgotten_at: float = float("inf")


class Keys:
    """Those that the clients know of."""

    def __init__(self):
        self._lock = threading.Lock()
        self._living = []
        self._dying = []

    def __len__(self):
        return len(self._living)

    def add(self, key):
        with self._lock:
            self._living.append(key)

    def doom(self, chance):
        """One to delete: nobody else deletes it meanwhile."""
        with self._lock:
            if len(self._living) <= FEWEST:
                return None
            key = self._living.pop(chance.randrange(len(self._living)))
            self._dying.append(key)
            return key

    def spare(self, key):
        """It may still be there."""
        with self._lock:
            self._dying.remove(key)
            self._living.append(key)

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

    def _run(self):
        try:
            while not self._crowd.ends.is_set():
                self._act()
                time.sleep(PAUSE)
        except Exception as error:      # pylint: disable=broad-except
            self.error = error          # for who waits for us
        finally:
            self._connections.close()

    def _act(self):
        keys, choice = self._crowd.keys, self._chance.random()
        if len(keys) < FEWEST or (choice < CREATES and len(keys) < MOST):
            self._create()
        elif choice < CREATES + DELETES:
            self._delete()
        else:
            key = keys.pick(self._chance)
            for _ in range(self._chance.randint(1, 3)):
                self._use(key, self._server())

    def _server(self):
        return self._chance.randrange(len(self._crowd.pair.servers))

    def _log(self, kind, key, began, status, where, identity=None):
        self._crowd.history.append(Operation(
            kind, key, began, time.monotonic(), status, identity, where))

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
        for server in self._crowd.pair.servers:
            server.keep_secret(key.text)
        self._log(CREATE, key.id, began, status, f"server {where}")
        self._crowd.keys.add(key)

    def _use(self, key, where):
        if key is None:
            return
        began = time.monotonic()
        status, identity, _ = self._connections.ask(
            where, "GET", "/t/x", key.text)
        self._log(USE, key.id, began, status, f"server {where}", identity)

    def _delete(self):
        if not self._crowd.deleting.acquire(blocking=False):
            return
        try:
            key = self._crowd.keys.doom(self._chance)
            if key is not None:
                self._delete_key(key)
        finally:
            self._crowd.deleting.release()

    def _ways(self, servers):
        """What a key may be deleted by: a server's number, or the tool."""
        ways = [*servers, "tool"]
        if self._chance.random() < PAST_TROUBLE:
            ways = [way for way in ways if way != self._crowd.in_trouble]
        return ways

    def _delete_key(self, key):
        servers = list(range(len(self._crowd.pair.servers)))
        # What nobody has a copy of is no danger.
        for where in servers:
            self._use(key, where)
        where = self._chance.choice(self._ways(servers))
        began = time.monotonic()
        if where == "tool":
            done = self._crowd.pair.database.tool("key", "delete", key.id,
                                                  check=False)
            status = 200 if done.returncode == 0 else NO_ANSWER
            self._log(DELETE, key.id, began, status, "tool")
        else:
            status, _, _ = self._connections.ask(
                where, "DELETE", f"/keys/{key.id}", self._crowd.admin)
            self._log(DELETE, key.id, began, status, f"server {where}")
        if status in (200, 404):
            key.forgotten_at = time.monotonic() + DYING_FOR
        else:
            self._crowd.keys.spare(key)
        for where in self._chance.sample(servers * 3, 3 * len(servers)):
            self._use(key, where)


class Crowd:
    """Clients at work while its context lasts."""

    def __init__(self, pair, seed):
        self.pair = pair
        self.seed = seed
        self.admin = pair.database.import_key("api-keys:write", SCOPE).text
        for server in pair.servers:
            server.keep_secret(self.admin)
        self.keys = Keys()
        self.deleting = threading.BoundedSemaphore(DELETING)
        self.ends = threading.Event()
        self.in_trouble = None      # the server that had the last fault
        self.history = []
        self._clients = [Client(self, number) for number in range(CLIENTS)]

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
