# SPDX-License-Identifier: Apache-2.0
"""Twenty answers that take long hold no connection to the database."""

import http.server
import threading
from concurrent.futures import ThreadPoolExecutor

import places
import pytest
from harness import UK_DEGRADED, eventually

pytestmark = [pytest.mark.slow, pytest.mark.backend]

HELD = 20


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
    server = new_httpd(places.POOL + f"""
        DBDMin 1
        DBDKeep 1
        DBDMax 1
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
