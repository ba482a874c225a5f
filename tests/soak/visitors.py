# SPDX-License-Identifier: Apache-2.0
"""Other clients than those of tests/consistency: people, HTTP/2, slow bodies,
broken requests and wrong keys.

What a key is answered is logged in the one history.  A wrong key is one that was
deleted before it was ever used.
"""

import collections
import contextlib
import http.client
import json
import re
import socket
import subprocess
import time
from urllib.parse import urlencode

from clients import Client, make_id
from harness.keys import make_key
from history import (
    CREATE,
    DELETE,
    DISABLE,
    ELSEWHERE,
    ENABLE,
    ENABLED,
    ENDED,
    FORBIDDEN,
    NEVER,
    NO_ANSWER,
    ROTATE,
    SECRET,
    USE,
    End,
)
from known_keys import KnownKey
from lives import SCOPE
from scene import PEOPLE, basic

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
KEY = re.compile(r"uptime_[0-9a-f]{64}")
ETAG = re.compile(r'name="etag" value="([^"]*)"')
KEYS = 6                # of a person
OVERLAP = 3600
PAUSE = 0.05            # seconds between two operations
TIDY = 0.03             # share of a person's operations


class Visitor(Client):
    """A client with a connection of its own, which counts its answers."""

    kind = "visitor"
    pause = PAUSE

    def __init__(self, workload, number):
        super().__init__(workload, number)
        self.port = workload.pair.servers[0].port
        self.answers = workload.answers[self.kind]
        self.wrong = workload.wrong
        self._connection = None
        self._last = ""         # the last answer

    def send(self, method, path, body=None, **headers):
        """Returns status and body; NO_ANSWER if there is none."""
        if self._connection is None or self._rng.random() < 0.1:
            self.close()
            self._connection = http.client.HTTPConnection(
                "127.0.0.1", self.port, timeout=60)
        status, data = NO_ANSWER, ""
        try:
            self._connection.request(
                method, path, body,
                {name.replace("_", "-"): value
                 for name, value in headers.items()})
            answer = self._connection.getresponse()
            data = answer.read().decode("utf-8", "replace")
            status = answer.status
        except (OSError, http.client.HTTPException):
            self.close()
        self.answers[status] += 1
        return status, data

    def close(self):
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def expect(self, what, status, *wanted):
        """503 is judged for the uses of keys, where it is the same."""
        if status not in (*wanted, NO_ANSWER, 503):
            self.wrong.append(f"{self.kind}: {what}: {status}")


class Person(Visitor):
    """The owner of a team, with the forms of the page."""

    kind = "person, forms"

    def __init__(self, workload, number):
        super().__init__(workload, number)
        self.user, self.team = f"user{number}", f"people{number}"
        workload.pair.add_person(self.user, self.team)
        self._keys = {}         # by id; those whose state is known

    def own_keys(self):
        return list(self._keys)

    def call(self, method, path="", body=None, **headers):
        return self.send(method, PEOPLE + path, body,
                         Authorization=basic(self.user), **headers)

    def page(self, path="", **fields):
        """A page, or with fields what is answered to its form."""
        if not fields:
            return self.call("GET", path, Accept="text/html")
        return self.call("POST", path, urlencode(fields), Accept="text/html",
                         Content_Type=FORM, Sec_Fetch_Site="same-origin")

    def _act(self):
        acts = [self._create] if len(self._keys) < 2 else [
            self._create, self._read, self._rotate, self._disable,
            self._delete]
        if self._rng.random() < TIDY:
            acts = [self._tidy]
        key = self._rng.choice([*self._keys.values()]) if self._keys else None
        act = self._rng.choice(acts)
        if act in (self._create, self._read, self._tidy):
            act()
        else:
            act(key)
            for text in key.secrets():
                self.use(key, 0, text)

    # How it is done, which JsonPerson does otherwise.  Each returns the status
    # of a success, or another one, and the key's new secret.

    def do_create(self, key_id):
        status, text = self.page(id=key_id, name="a person's key", scope=SCOPE)
        self.expect("create", status, 201, 400)
        return status, one_key(text)

    def do_rotate(self, key, overlap):
        status, text = self.page(f"/{key.id}/rotate", overlap=overlap,
                                 ifPrefix=key.text[:15])
        self.expect("rotate", status, 200)
        return status, one_key(text)

    def do_disable(self, key, is_disabled):
        _, text = self.page(f"/{key.id}/edit")
        found = ETAG.search(text)
        if not found:
            return NO_ANSWER
        status, _ = self.page(f"/{key.id}/edit", etag=found[1].replace(
            "&quot;", '"'), disabled="true" if is_disabled else "false")
        # A use may have come between, and changes no ETag; nobody else writes.
        self.expect("disable", status, 200, 303)
        return 200 if status == 303 else status

    def do_delete(self, key_id):
        status, _ = self.page(f"/{key_id}", confirm="yes")
        self.expect("delete", status, 200, 303, 404)
        return 200 if status == 303 else status

    # What is done.

    def _read(self):
        path = self._rng.choice(["", "/audit", "/scopes"])
        status, text = self.page(path)
        self.expect("page", status, 200)
        if one_key(text):
            self.wrong.append(f"{self.kind}: a page shows a key again")

    def _create(self):
        if len(self._keys) >= KEYS:
            self._read()
            return
        key_id = make_id(self._rng)
        began = time.monotonic()
        status, text = self.do_create(key_id)
        if text:
            self.keep_secret(text)
        if status != 201 or not text:
            return              # _tidy() removes it, if it was made
        self.log(CREATE, key_id, began, status, "server 0", secret=text[:15])
        key = self._keys[key_id] = KnownKey(key_id, text)
        self.use(key, 0, text)

    def _rotate(self, key):
        overlap = self._rng.choice([0, OVERLAP])
        began = time.monotonic()
        status, text = self.do_rotate(key, overlap)
        ended = time.monotonic()
        latest = ended if status == 200 else float("inf")
        sets = {(SECRET, key.text[:15]): End(
            began + overlap, latest + overlap) if overlap else (
                ENDED if status == 200 else End(began, float("inf")))}
        if key.previous:
            sets[SECRET, key.previous[:15]] = ENDED
        if text:
            self.keep_secret(text)
            sets[SECRET, text[:15]] = NEVER
        self.log(ROTATE, key.id, began, status, "server 0", sets=sets)
        if status == 200:
            key.succeed(text, overlap > 0)
        else:
            self._keys.pop(key.id)

    def _disable(self, key):
        for kind, end in ((DISABLE, ENDED), (ENABLE, NEVER)):
            began = time.monotonic()
            status = self.do_disable(key, kind == DISABLE)
            self.log(kind, key.id, began, status, "server 0",
                     sets={ENABLED: end})
            for text in key.secrets():
                self.use(key, 0, text)
            if status != 200:
                self._keys.pop(key.id)
                return

    def _delete(self, key):
        self._keys.pop(key.id)
        self._delete_id(key.id)

    def _delete_id(self, key_id):
        began = time.monotonic()
        status = self.do_delete(key_id)
        self.log(DELETE, key_id, began, status, "server 0")

    def _tidy(self):
        """Delete the keys whose state is not known."""
        status, text = self.call("GET", "?perPage=200", Accept=JSON)
        if status != 200:
            return
        for key in json.loads(text)["data"]["apiKeys"]:
            if key["id"] not in self._keys:
                self._delete_id(key["id"])


class JsonPerson(Person):
    """The same by the JSON API."""

    kind = "person, JSON"

    def do_create(self, _key_id):
        status, text = self.call("POST", "", json.dumps(
            {"name": "a person's key", "scopes": [SCOPE]}), Content_Type=JSON)
        self.expect("create", status, 201, 400)
        return status, one_key(text)

    def _create(self):
        """Only the answer has the id."""
        if len(self._keys) >= KEYS:
            self._read()
            return
        began = time.monotonic()
        status, _ = self.do_create(None)
        if status != 201:
            return
        data = json.loads(self._last)["data"]
        key = KnownKey(data["apiKey"]["id"], data["key"])
        self.keep_secret(key.text)
        self.log(CREATE, key.id, began, status, "server 0",
                 secret=key.text[:15])
        self._keys[key.id] = key
        self.use(key, 0, key.text)

    def call(self, method, path="", body=None, **headers):
        status, self._last = super().call(method, path, body, **headers)
        return status, self._last

    def do_rotate(self, key, overlap):
        status, text = self.call("POST", f"/{key.id}/rotate", json.dumps(
            {"overlapSeconds": overlap, "ifPrefix": key.text[:15]}),
            Content_Type=JSON)
        self.expect("rotate", status, 200)
        return status, one_key(text)

    def do_disable(self, key, is_disabled):
        status, _ = self.call("PATCH", f"/{key.id}", json.dumps(
            {"disabled": is_disabled}), Content_Type=JSON)
        self.expect("disable", status, 200)
        return status

    def do_delete(self, key_id):
        status, _ = self.call("DELETE", f"/{key_id}")
        self.expect("delete", status, 200, 404)
        return status

    def _read(self):
        path = self._rng.choice(["", "?perPage=2", "/audit?perPage=5",
                                 "/scopes", "/openapi.json"])
        status, text = self.call("GET", path, Accept=JSON)
        self.expect("read", status, 200)
        if one_key(text):
            self.wrong.append(f"{self.kind}: a list shows a key again")


class Http2(Visitor):
    """One request on a connection of HTTP/2, by curl: curl 7.88 breaks off
    all but the first without TLS ("HTTP2 framing layer")."""

    kind = "HTTP/2"

    def _act(self):
        key = self._workload.keys.pick(self._rng)
        if key is None:
            return
        text = self._any_of(key.secrets())
        how = self._rng.choice(["--http2", "--http2-prior-knowledge"])
        began = time.monotonic()
        done = subprocess.run(
            ["curl", "-s", how, "--max-time", "60", "-H", "@-",
             "-o", "/dev/null", "-w", CURL_SAYS, f"http://127.0.0.1:{self.port}/t/x"],
            input=f"Authorization: Bearer {text}\n", text=True,
            capture_output=True, check=False, timeout=90)
        for status, identity in curl_answers(done.stdout):
            self.answers[status] += 1
            self.log(USE, key.id, began, status, "server 0",
                     identity=identity, secret=text[:15], source="127.0.0.1")


# Answers of several streams come mixed, so no body is looked at.
CURL_SAYS = "%{http_code} %header{x-key-id}|%header{www-authenticate}\n"
CURL_SAID = re.compile(r"(\d{3}) (\S*)\|(.*)\n")


def curl_answers(text):
    for status, identity, challenge in CURL_SAID.findall(text):
        status = int(status)
        if status == FORBIDDEN and "insufficient_scope" not in challenge:
            status = ELSEWHERE
        yield status, identity or None


class Slow(JsonPerson):
    """Sends bodies in pieces, and gives up midway through some."""

    kind = "slow bodies"

    def do_create(self, _key_id):
        body = json.dumps({"name": "a slow key", "scopes": [SCOPE]}).encode()
        head = (f"POST {PEOPLE} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                f"Authorization: {basic(self.user)}\r\n"
                f"Content-Type: {JSON}\r\nContent-Length: {len(body)}\r\n\r\n")
        cut = len(body) if self._rng.random() < 0.6 else len(body) // 2
        status, self._last = NO_ANSWER, ""
        with contextlib.suppress(OSError, http.client.HTTPException), \
                socket.create_connection(("127.0.0.1", self.port), 60) as peer:
            peer.sendall(head.encode())
            for start in range(0, cut, 8):
                peer.sendall(body[start:min(start + 8, cut)])
                time.sleep(self._rng.uniform(0.05, 0.3))
            if cut == len(body):
                answer = http.client.HTTPResponse(peer)
                answer.begin()
                self._last = answer.read().decode()
                status = answer.status
        self.answers[status] += 1
        self.expect("create", status, 201, 400)
        return status, one_key(self._last)


class Wrong(Visitor):
    """Presents keys that never were, again and again."""

    kind = "wrong keys"

    def log(self, kind, key, began, status, where, **more):
        super().log(kind, key, began, status, where, **more)
        if kind == USE:
            self.answers[status] += 1

    def _act(self):
        key = KnownKey(make_id(self._rng), make_key())
        self.keep_secret(key.text)
        now = time.monotonic()
        for kind, status in ((CREATE, 201), (DELETE, 200)):
            self.log(kind, key.id, now, status, "nobody",
                     secret=key.text[:15])
        for _ in range(self._rng.randint(1, 20)):
            self.use(key, 0, key.text)
            time.sleep(0.01)


def broken_requests(key, admin):
    """(what, bytes, the statuses that may be answered)."""
    host = b"Host: x\r\nConnection: close\r\n"
    bearer = b"Authorization: Bearer " + key.encode() + b"\r\n"
    manage = b"Authorization: Bearer " + admin.encode() + b"\r\n" + host
    json_ = manage + b"Content-Type: application/json\r\n"

    def post(head, body, path=b"/keys"):
        return (b"POST " + path + b" HTTP/1.1\r\n" + head
                + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    yield "no request", b"\0\x01\x02\r\n\r\n", (400,)
    yield "a version", b"GET /t/x HTTP/9.9\r\n\r\n", (400, 505)
    yield "two keys", (b"GET /t/x HTTP/1.1\r\n" + host + bearer
                       + bearer.replace(key[-8:].encode(), b"00000000")
                       + b"\r\n"), (400,)
    yield "no scheme", (b"GET /t/x HTTP/1.1\r\n" + host + b"Authorization: "
                        b"Bearer\r\n\r\n"), (401,)
    yield "capitals", (b"GET /t/x HTTP/1.1\r\n" + host
                       + b"Authorization: Bearer " + key.upper().encode()
                       + b"\r\n\r\n"), (401,)
    yield "a long header", (b"GET /t/x HTTP/1.1\r\n" + host + b"X: "
                            + b"y" * 9000 + b"\r\n\r\n"), (400, 431)
    yield "many headers", (b"GET /t/x HTTP/1.1\r\n" + host
                           + b"X: y\r\n" * 150 + b"\r\n"), (400, 431)
    yield "a half request", b"GET /t/x HTT", (400,)
    yield "a half body", (b"POST /keys HTTP/1.1\r\n" + json_
                          + b"Content-Length: 500\r\n\r\n{"), (400,)
    yield "no JSON", post(json_, b'{"name": '), (400,)
    yield "wrong members", post(json_, b'{"name": 1, "scopes": {}}'), (400,)
    yield "a member twice", post(json_, b'{"name":"a","name":"b"}'), (400,)
    yield "no UTF-8", post(json_, b'{"name":"\xff"}'), (400,)
    yield "too much", post(json_, b" " * 70000), (413,)
    yield "another type", post(manage + b"Content-Type: text/plain\r\n",
                               b"{}"), (415,)
    yield "chunks", (b"POST /keys HTTP/1.1\r\n" + json_ + b"Transfer-Encoding:"
                     b" chunked\r\n\r\nzz\r\n"), (400,)
    yield "a method", b"PUT /keys HTTP/1.1\r\n" + manage + b"\r\n", (405,)
    yield "an id", (b"GET /keys/key_x HTTP/1.1\r\n" + manage
                    + b"\r\n"), (400, 404)
    yield "nobody", post(host + b"Content-Type: application/json\r\n", b"{}",
                         b"/people"), (401,)
    yield "leaked", post(host + b"Content-Type: application/json\r\n",
                         b'{"credentials": "x"}', b"/leaked"), (400,)


class Broken(Visitor):
    """Sends what is no proper request."""

    kind = "broken requests"

    def _act(self):
        what, data, wanted = self._rng.choice([*broken_requests(
            make_key(), self._workload.admin)])
        status = NO_ANSWER
        with contextlib.suppress(OSError, http.client.HTTPException), \
                socket.create_connection(("127.0.0.1", self.port), 60) as peer:
            peer.sendall(data)
            peer.shutdown(socket.SHUT_WR)
            answer = http.client.HTTPResponse(peer)
            answer.begin()
            answer.read()
            status = answer.status
        self.answers[status] += 1
        self.expect(what, status, *wanted)
        time.sleep(0.05)


# How many of each, besides the clients of tests/consistency.
CROWD = ((Person, 4), (JsonPerson, 3), (Http2, 3), (Slow, 3), (Broken, 3),
         (Wrong, 2))


def crowd(workload, first):
    """Visitors of all kinds, numbered from the first."""
    number = first
    for kind, several in CROWD:
        for _ in range(several):
            yield kind(workload, number)
            number += 1


def one_key(text):
    found = KEY.search(text or "")
    return found and found[0]


def counters():
    return collections.defaultdict(collections.Counter)
