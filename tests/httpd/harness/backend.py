# SPDX-License-Identifier: Apache-2.0
"""A web server behind the proxy that records its requests."""

import http.server
import json
import threading


class Backend:
    """Answers every request with the headers received, as JSON pairs."""

    def __init__(self, headers=()):
        self.requests = []
        self.headers = dict(headers)
        self._server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever,
                         daemon=True).start()

    @property
    def url(self):
        return "http://127.0.0.1:%d" % self._server.server_address[1]

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def _handler(backend):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                # A client whose body was not read may see a reset instead.
                self.rfile.read(int(self.headers["Content-Length"] or 0))
                pairs = self.headers.items()
                backend.requests.append((self.path, pairs))
                body = json.dumps({"number": len(backend.requests),
                                   "headers": pairs}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                for name, value in backend.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, *_):
                pass

        return Handler
