# SPDX-License-Identifier: Apache-2.0
"""Answers that take long: a backend that sends events, a script, a large file;
and a client that can be slow, over HTTP/1.1 or HTTP/2, with or without TLS."""

import http.server
import subprocess
import threading
from dataclasses import dataclass

from harness import Httpd, environment
from harness.servers import free_port

CONFIG = """
LoadModule ssl_module "${MODULES}/mod_ssl.so"
LogLevel trace4 ssl:error
<IfFile "${MODULES}/mod_http2.so">
    <IfModule !mpm_prefork_module>
        LoadModule http2_module "${MODULES}/mod_http2.so"
        LogLevel trace4 ssl:error http2:info
        Protocols h2 h2c http/1.1
    </IfModule>
</IfFile>
Listen 127.0.0.1:${TLS}
SSLCertificateFile "${ROOT}/conf/server.pem"
SSLCertificateKeyFile "${ROOT}/conf/server.key"
SSLSessionCache none
<VirtualHost 127.0.0.1:${TLS}>
    SSLEngine On
</VirtualHost>
# Without it httpd would wait for the client by itself.
EnableSendfile On
# A connection that is not closed is noticed.
KeepAliveTimeout 300
"""

TICKS = b"event: tick\n\n"
# Much more than what a socket and a pipe hold.
FILE_SIZE = 128 * 1024 * 1024
# The most that mod_file_cache maps.
MAPPED_SIZE = 16 * 1024 * 1024

SCRIPT = """#!/bin/sh
printf 'Content-Type: text/plain\\n\\n'
i=0
while [ $i -lt 3000 ]; do
    echo tick || exit 1
    sleep 0.02
    i=$((i + 1))
done
"""

# curl's exit status if an answer is not complete.
BROKEN_OFF = {"http1": 18, "tls": 18, "h2c": 92, "h2": 92}
WAYS = {
    "http1": ("http", ["--http1.1"]),
    "tls": ("https", ["--http1.1"]),
    "h2c": ("http", ["--http2-prior-knowledge"]),
    "h2": ("https", ["--http2"]),
}


class Events:
    """A backend: /events sends them until nobody listens or until finish();
    /silent sends one, and more after speak(); /late sends nothing before."""

    def __init__(self):
        self.spoken, self.finished = threading.Event(), threading.Event()
        self.asked, self.gone = threading.Event(), threading.Event()
        self._server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever,
                         daemon=True).start()

    @property
    def url(self):
        return "http://127.0.0.1:%d" % self._server.server_address[1]

    def reset(self):
        for event in (self.spoken, self.finished, self.asked, self.gone):
            event.clear()

    def close(self):
        self.spoken.set()
        self.finished.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(backend):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                backend.asked.set()
                try:
                    self._answer()
                except OSError:
                    backend.gone.set()
                self.close_connection = True

            def _answer(self):
                if self.path == "/late":
                    backend.spoken.wait(60)
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                self._send(TICKS)
                if self.path == "/silent":
                    backend.spoken.wait(60)
                while not backend.finished.wait(0.02):
                    self._send(TICKS)
                self.wfile.write(b"0\r\n\r\n")

            def _send(self, text):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(text), text))

            def log_message(self, *_):
                pass

        return Handler


class StreamHttpd(Httpd):
    def __init__(self, config="", defines=(), **options):
        self.tls = free_port()
        super().__init__(CONFIG + config,
                         defines={**dict(defines), "TLS": self.tls}, **options)
        folder = self.root / "conf"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", "/CN=127.0.0.1", "-keyout", folder / "server.key",
             "-out", folder / "server.pem"], check=True, capture_output=True)
        environment.give_to_ordinary_user(folder / "server.key")
        self.write("cgi/slow", SCRIPT).chmod(0o755)
        for name, size in (("large", FILE_SIZE), ("r/mapped.txt", MAPPED_SIZE)):
            with open(self.write(f"htdocs/{name}", ""), "wb") as file:
                file.truncate(size)

    def open(self, path, key, way="http1", *options):
        self.keep_secret(key)
        scheme, version = WAYS[way]
        port = self.tls if scheme == "https" else self.port
        return Answer(subprocess.Popen(
            ["curl", "-sSNk", *version, "--max-time", "60", *options,
             "-H", f"Authorization: Bearer {key}",
             f"{scheme}://127.0.0.1:{port}{path}"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE))


@dataclass
class Answer:
    """An answer that curl receives, as fast as it is read here."""

    process: subprocess.Popen
    length: int = 0

    def read(self, count):
        """Wait for so many bytes."""
        content = self.process.stdout.read(count)
        assert len(content) == count, self.process.stderr.read()
        self.length += count
        return content

    def rest(self):
        """Read to the end; returns it and curl's exit status."""
        content, _ = self.process.communicate(timeout=60)
        self.length += len(content)
        return content, self.process.returncode

    def status(self):
        """Read to the end; curl's exit status."""
        while part := self.process.stdout.read(1024 * 1024):
            self.length += len(part)
        self.process.stderr.close()
        return self.process.wait(60)

    def drop(self):
        self.process.kill()
        self.process.communicate()


def ways():
    """Those that httpd has with this MPM."""
    has_http2 = (environment.MPM != "prefork"
                 and (environment.libexecdir() / "mod_http2.so").exists())
    return [way for way in WAYS if has_http2 or "h2" not in way]
