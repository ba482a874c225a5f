# SPDX-License-Identifier: Apache-2.0
"""One connection to the database is enough: no request holds it while it
waits."""

import contextlib
import http.server
import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import outages
import pytest
from harness import (
    UK_ANY,
    UK_DEGRADED,
    assert_unavailable,
    eventually,
    make_key,
    only_on,
)

pytestmark = [pytest.mark.slow, pytest.mark.backend]

HELD = 20
ONE = outages.POOL + """
DBDMin 1
DBDKeep 1
DBDMax 1
"""
GUARD = """
<LocationMatch "^/(t|keys)">
    AuthType uptime-key
    AuthName "Uptime"
    Require valid-user
</LocationMatch>
"""
MANAGED = ONE + GUARD + """
<Location "/keys">
    SetHandler uptime-keys
</Location>
UptimeKeysMaxPerTeam 100
"""
KEY_SPEC = json.dumps({"name": "k", "scopes": ["monitors:read"]}).encode()


class Slow(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self):
        self.held = []
        self.may_answer = threading.Event()
        super().__init__(("127.0.0.1", 0), SlowHandler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class SlowHandler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.held.append(self.path)
        self.server.may_answer.wait(60)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def test_slow_answers_hold_no_connection(new_httpd):
    slow = Slow()
    server = new_httpd(ONE + f"""
        ProxyPass "/slow" "http://127.0.0.1:{slow.server_port}/"
        <LocationMatch "^/(t|slow)">
            AuthType uptime-key
            AuthName "Uptime"
            Require uptime-scope monitors:read
        </LocationMatch>""", expect_log=[UK_DEGRADED])
    key = server.database.import_key("monitors:read")
    try:
        with ThreadPoolExecutor(HELD) as many:
            answers = [many.submit(server.get, "/slow", key)
                       for _ in range(HELD)]
            try:
                eventually(lambda: len(slow.held) == HELD)
                assert server.get("/t/x", key).status_code == 200
                assert not any(answer.done() for answer in answers)
            finally:
                slow.may_answer.set()
            assert {a.result().status_code for a in answers} == {200}
    finally:
        slow.shutdown()
        slow.server_close()


class Silent:
    """Accepts connections and sends nothing."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self.connections = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                self.connections.append(self._listener.accept()[0])

    def close(self):
        self._listener.close()
        for connection in self.connections:
            connection.close()


@pytest.fixture(scope="module")
def silent():
    with contextlib.closing(Silent()) as made:
        yield made


@pytest.fixture(scope="module")
def unreachable(new_httpd, silent):
    """An httpd that fails to connect, after two or three seconds each time."""
    server = new_httpd(start=False, driver=False,
                       expect_log=[UK_ANY, r"AH006[23]\d"])
    server.configure(outages.POOL + f"""
        DBDriver pgsql
        DBDParams "host=127.0.0.1 port={silent.port} connect_timeout=3"
        DBDMax 48
        """ + GUARD)
    return server.start()


def be_refused(server):
    assert_unavailable(server.get("/t/x", make_key()))


@only_on("pgsql", reason="a time-out to connect")
def test_request_after_a_long_failed_attempt_makes_none(unreachable, silent):
    """After one attempt all requests are refused at once for half a second."""
    def attempts(times):
        before = len(silent.connections)
        for _ in range(times):
            be_refused(unreachable)
        return len(silent.connections) - before

    eventually(lambda: attempts(1))
    assert attempts(6) < 3


@only_on("pgsql", reason="a time-out to connect")
def test_nobody_waits_for_an_attempt_that_others_have_waited_for(unreachable,
                                                                  silent):
    """Otherwise one or two requests would wait a second behind another."""
    before = len(silent.connections)
    with ThreadPoolExecutor(1) as other:
        def attempt():
            trial = other.submit(be_refused, unreachable)
            eventually(lambda: trial.done()
                       or len(silent.connections) > before)
            return len(silent.connections) > before and trial

        trial = eventually(attempt)
        answers = 0
        while not trial.done():
            be_refused(unreachable)
            answers += 1
        trial.result()
    assert answers > 5


@pytest.fixture(scope="module")
def managed(new_httpd):
    return new_httpd(MANAGED)


@pytest.fixture
def manager(managed):
    return managed.database.import_key("monitors:read", "api-keys:read",
                                       "api-keys:write")


def test_no_call_needs_a_second_connection(managed, manager):
    made = managed.request("POST", "/keys", manager, json=json.loads(KEY_SPEC))
    managed.keep_secret(made.json()["data"]["key"])
    path = made.headers["Location"]
    assert managed.get(path, manager).status_code == 200
    assert managed.get("/keys", manager).status_code == 200
    assert managed.request("DELETE", path, manager).status_code == 200


def test_slow_bodies_hold_no_connection(managed, manager):
    head = (f"POST /keys HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            f"Authorization: Bearer {manager}\r\n"
            f"Content-Type: application/json\r\n"
            f"Content-Length: {len(KEY_SPEC)}\r\n"
            f"Expect: 100-continue\r\n\r\n").encode()
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(contextlib.closing(
            socket.create_connection(("127.0.0.1", managed.port), 30)))
            for _ in range(HELD)]
        for peer in slow:
            peer.sendall(head)
        # Each of them has been authorized, and its body is being read.
        for peer in slow:
            assert peer.recv(4096).startswith(b"HTTP/1.1 100 ")
        assert managed.get("/t/x", manager).status_code == 200
        for peer in slow:
            peer.sendall(KEY_SPEC)
        for peer in slow:
            answer = b"".join(iter(lambda peer=peer: peer.recv(65536), b""))
            head, body = answer.split(b"\r\n\r\n", 1)
            assert head.startswith(b"HTTP/1.1 201 ")
            managed.keep_secret(json.loads(body)["data"]["key"])
