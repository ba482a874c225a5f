# SPDX-License-Identifier: Apache-2.0
"""Clients that create, rotate, disable, delete and import until the power is
cut, and log what they were answered."""

import http.client
import json
import random
import tempfile
import threading
import time

from clients import make_id
from harness import environment, eventually
from harness.keys import key_hash, make_key
from history import (
    CREATE,
    DELETE,
    DISABLE,
    ENABLE,
    ENABLED,
    ENDED,
    NEVER,
    NO_ANSWER,
    ROTATE,
    SECRET,
    UNAVAILABLE,
    USE,
    End,
    Operation,
)

WRITERS = 5             # by httpd; one more uses the tool
IMPORTED = 4            # keys of an import
OVERLAP = 3600
SCOPE = "monitors:read"


class Known:
    """A key and all secrets that are known."""

    def __init__(self, key_id, text):
        self.id = key_id
        self.texts = [text]

    @property
    def text(self):
        return self.texts[-1]


class Round:
    """The time between two cuts."""

    def __init__(self, victim, admin, seed):
        self.victim = victim
        self.admin = admin
        self.history = []
        self.keys = []          # everybody's
        self.is_over = threading.Event()
        self._threads = [
            threading.Thread(target=kind(self, f"{seed} {number}").run,
                             daemon=True)
            for number, kind in enumerate([Writer] * WRITERS + [Importer])]
        self.errors = []

    def start(self):
        for thread in self._threads:
            thread.start()

    def end(self):
        """After the cut nobody writes again."""
        self.is_over.set()

    def join(self):
        for thread in self._threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in self._threads)
        for error in self.errors:
            raise error

    def log(self, kind, key_id, began, status, **more):
        self.history.append(Operation(
            kind, key_id, began, time.monotonic(), status, **more))


class Writer:
    """By httpd's JSON API."""

    def __init__(self, of_round, seed):
        self._round = of_round
        self._rng = random.Random(seed)
        self._own = []
        self._connection = None

    def run(self):
        try:
            while not self._round.is_over.is_set():
                self._act()
        except Exception as error:      # pylint: disable=broad-except
            self._round.errors.append(error)    # raised by Round.join()
        finally:
            if self._connection:
                self._connection.close()

    def _act(self):
        if len(self._own) < 2 or self._rng.random() < 0.4:
            self._create()
            return
        key = self._own.pop(self._rng.randrange(len(self._own)))
        act = self._rng.choice([self._delete, self._delete, self._rotate,
                                self._disable])
        if act(key):
            self._own.append(key)

    def _ask(self, method, path, body=None):
        self._connection = self._connection or http.client.HTTPConnection(
            "127.0.0.1", self._round.victim.server.port, timeout=60)
        try:
            self._connection.request(
                method, "/keys" + path,
                None if body is None else json.dumps(body),
                {"Authorization": f"Bearer {self._round.admin}",
                 "Content-Type": "application/json"})
            answer = self._connection.getresponse()
            return answer.status, json.loads(answer.read()).get("data")
        except (OSError, ValueError, http.client.HTTPException):
            self._connection.close()
            self._connection = None
            time.sleep(0.01)
            return NO_ANSWER, None

    def _create(self):
        began = time.monotonic()
        status, data = self._ask("POST", "", {"name": "a key",
                                              "scopes": [SCOPE]})
        if status != 201:
            self._round.log(CREATE, None, began, status)
            return
        key = Known(data["apiKey"]["id"], data["key"])
        self._round.log(CREATE, key.id, began, status, secret=key.text[:15])
        self._round.keys.append(key)
        self._own.append(key)

    def _delete(self, key):
        began = time.monotonic()
        status, _ = self._ask("DELETE", f"/{key.id}")
        self._round.log(DELETE, key.id, began, status)

    def _disable(self, key):
        for value, kind, end in ((True, DISABLE, ENDED),
                                 (None, ENABLE, NEVER)):
            began = time.monotonic()
            status, _ = self._ask("PATCH", f"/{key.id}", {"disabled": value})
            self._round.log(kind, key.id, began, status, sets={ENABLED: end})
            if status != 200 or self._rng.random() < 0.5:
                return status == 200 and kind == ENABLE
        return True

    def _rotate(self, key):
        overlap = self._rng.choice([0, OVERLAP])
        began = time.monotonic()
        status, data = self._ask("POST", f"/{key.id}/rotate", {
            "overlapSeconds": overlap, "ifPrefix": key.text[:15]})
        sets = {(SECRET, text[:15]): ENDED for text in key.texts}
        latest = time.monotonic() if status == 200 else float("inf")
        sets[SECRET, key.text[:15]] = End(began + overlap, latest + overlap)
        if status == 200:
            sets[SECRET, data["key"][:15]] = NEVER
            key.texts.append(data["key"])
        self._round.log(ROTATE, key.id, began, status, sets=sets)
        return status == 200


class Importer(Writer):
    """By the tool, which imports a file and deletes some of its keys."""

    def _act(self):
        keys = [Known(make_id(self._rng), make_key())
                for _ in range(IMPORTED)]
        self._round.keys += keys
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
            file.writelines(json.dumps({
                "id": key.id, "team": "acme", "name": "a key",
                "scopes": [SCOPE], "keyHash": key_hash(key.text),
                "keyPrefix": key.text[:15]}) + "\n" for key in keys)
            file.flush()
            environment.give_to_ordinary_user(file.name)
            began = time.monotonic()
            done = self._round.victim.tool.run(
                "key", "import", "--over-limit", file.name)
        status = 201 if done == 0 else NO_ANSWER
        for key in keys:
            self._round.log(CREATE, key.id, began, status,
                            secret=key.text[:15])
        if status == 201 and not self._round.is_over.is_set():
            began = time.monotonic()
            done = self._round.victim.tool.run("key", "delete", keys[0].id)
            self._round.log(DELETE, keys[0].id, began,
                            200 if done == 0 else NO_ANSWER)


def use(of_round, key, text):
    """Use one secret, after the power came back; logs and returns it.  Each
    child finds out by itself that the database is back, and answers 503 till
    then."""
    server = of_round.victim.server
    answered = []

    def ask():
        began = time.monotonic()
        answer = server.get("/t/x", text)
        answered[:] = [Operation(
            USE, key.id, began, time.monotonic(), answer.status_code,
            identity=answer.headers.get("X-Key-Id"), secret=text[:15])]
        return answer.status_code != UNAVAILABLE

    eventually(ask)
    of_round.history += answered
    return answered[0]
