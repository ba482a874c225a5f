# SPDX-License-Identifier: Apache-2.0
"""How many of 1,000 parallel requests pass where 100 in 60 seconds may: this
module, mod_qos, mod_evasive and nginx."""

import re
import selectors
import socket
import statistics
import sys
import time
from collections import Counter
from pathlib import Path

from harness import Httpd, environment
from harness.server import MODULES
from harness.waiting import eventually

sys.path.append(str(Path(__file__).parents[1] / "beside"))
from packages import Debs     # noqa: E402, pylint: disable=C0413

ROUNDS, QUICK_ROUNDS = 7, 3
CONNECTIONS, REQUESTS = 64, 1000
LIMIT, SECONDS = 100, 60
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.I)
# Debian's nginx, and modules for Debian's httpd.
OTHERS = Debs("libapache2-mod-qos", "libpcre3", "libapache2-mod-evasive",
              "nginx")

# All children from the start, and connections that stay.
CHILDREN = """
LogLevel crit
KeepAliveTimeout 60
MaxKeepAliveRequests 0
StartServers 4
<IfModule !mpm_prefork_module>
    MaxSpareThreads 1000
</IfModule>
<IfModule mpm_prefork_module>
    StartServers 64
    MaxSpareServers 1000
</IfModule>
"""
OURS = CHILDREN + f"""
UptimeKeysCache On
<Location "/t/">
    AuthType uptime-key
    AuthName "Uptime"
    Require valid-user
    UptimeKeysRateLimit {LIMIT}/{SECONDS}
</Location>
"""
# By address: to limit a key, each would need directives of its own.
QOS = CHILDREN + f"""
# It is not linked with it.
LoadFile "${{DEBS}}/lib/x86_64-linux-gnu/libpcre.so.3"
LoadModule qos_module "${{DEBS}}/usr/lib/apache2/modules/mod_qos.so"
QS_ErrorResponseCode 429
SetEnvIf Request_URI "^/t/" QS_Limit=1
QS_ClientEntries 1000
QS_ClientEventLimitCount {LIMIT} {SECONDS} QS_Limit
"""
EVASIVE = CHILDREN + f"""
LoadModule evasive20_module "${{DEBS}}/usr/lib/apache2/modules/mod_evasive20.so"
DOSPageCount {LIMIT}
DOSPageInterval {SECONDS}
DOSSiteCount 1000000
DOSSiteInterval 1
DOSBlockingPeriod {SECONDS}
"""
NGINX = """
daemon off;
pid {root}/run/nginx.pid;
error_log {root}/logs/error_log crit;
worker_processes 4;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {root}/run/body;
    proxy_temp_path {root}/run/proxy;
    fastcgi_temp_path {root}/run/fastcgi;
    uwsgi_temp_path {root}/run/uwsgi;
    scgi_temp_path {root}/run/scgi;
    keepalive_requests 100000;
    limit_req_zone $http_authorization zone=keys:1m rate={limit}r/m;
    limit_req_status 429;
    server {{
        listen 127.0.0.1:{port} backlog=512;
        location / {{
            limit_req zone=keys burst={burst} nodelay;
            root {root}/htdocs;
        }}
    }}
}}
"""


class Nginx(Httpd):
    """Debian's nginx, with the ServerRoot of an httpd."""

    def _command(self, *_):
        self.write("htdocs/t/x", "answer\n")
        file = self.write("conf/nginx.conf", NGINX.format(
            root=self.root, port=self.port, limit=LIMIT, burst=LIMIT - 1))
        return environment.as_ordinary_user(
            OTHERS.root / "usr/sbin/nginx", "-p", self.root, "-c", file,
            "-e", self.root / "logs" / "error_log")

    def ask_to_stop(self):
        if self._process is not None:
            self._process.terminate()


def with_libraries(*parts):
    """httpd, which finds the libraries of unpacked modules."""
    path = OTHERS.environment["LD_LIBRARY_PATH"]

    class Other(Httpd):
        modules = tuple(name for name in MODULES if name != "uptime_keys")
        wrapper = ("env", f"LD_LIBRARY_PATH={path}")

    return Other("".join(parts), driver=False, defines={"DEBS": OTHERS.root})


def with_mpm(mpm):
    class Ours(Httpd):
        modules = (f"mpm_{mpm}", *MODULES[1:])

    return Ours(OURS, without=("cgi", "cgid"))


CASES = {
    "`UptimeKeysRateLimit 100/60`, event": lambda: with_mpm("event"),
    "`UptimeKeysRateLimit 100/60`, worker": lambda: with_mpm("worker"),
    "`UptimeKeysRateLimit 100/60`, prefork": lambda: with_mpm("prefork"),
    "nginx, `limit_req` with a burst of 99": lambda: Nginx(driver=False),
    "mod_qos, `QS_ClientEventLimitCount 100 60`, by address":
        lambda: with_libraries(QOS),
    "mod_evasive, `DOSPageCount 100`, by address and page":
        lambda: with_libraries(EVASIVE),
}


class Peer:
    """A connection that sends the same request again and again."""

    def __init__(self, port, request):
        self._address, self._request = ("127.0.0.1", port), request
        self._received = b""
        self.socket = socket.create_connection(self._address, 30)

    def send(self):
        self._received = b""
        self.socket.sendall(self._request)

    def status(self):
        """Read on; the status of the answer, if it is complete; None: it is
        not; 0: httpd has closed the connection, and another is open."""
        try:
            part = self.socket.recv(65536)
        except ConnectionError:
            part = b""
        if not part:
            self.socket.close()
            self.socket = socket.create_connection(self._address, 30)
            return 0
        self._received += part
        head, end, body = self._received.partition(b"\r\n\r\n")
        length = LENGTH.search(head + b"\r\n")
        if not end or not length or len(body) < int(length[1]):
            return None
        return int(STATUS.match(head)[1])


def burst(port, request):
    """Send all requests at once; how many were answered with each status, and
    the seconds that it took."""
    peers = [Peer(port, request) for _ in range(CONNECTIONS)]
    statuses, sent = Counter(), 0
    began = time.monotonic()
    with selectors.DefaultSelector() as selector:
        for peer in peers:
            selector.register(peer.socket, selectors.EVENT_READ, peer)
            peer.send()
            sent += 1
        while sum(statuses.values()) < REQUESTS:
            ready = selector.select(30)
            assert ready, f"no answer: {statuses}"
            for key, _ in ready:
                status = key.data.status()
                if status == 0:
                    selector.unregister(key.fileobj)
                    selector.register(key.data.socket, selectors.EVENT_READ,
                                      key.data)
                    key.data.send()
                elif status:
                    statuses[status] += 1
                    if sent < REQUESTS:
                        key.data.send()
                        sent += 1
    took = time.monotonic() - began
    for peer in peers:
        peer.socket.close()
    return statuses, took


def credential(server):
    """The Authorization of a new key; others take any."""
    if "uptime_keys" not in server.modules or isinstance(server, Nginx):
        return "Bearer uptime_none"
    server.database.init()
    server.database.create_team("acme")
    return f"Bearer {server.database.create_key('monitors:read')}"


def one_round(make):
    """How many passed, how many might, and the seconds that it took."""
    server = make()
    try:
        authorization = credential(server)
        server.start(await_checks=False)
        request = ("GET /t/x HTTP/1.1\r\nHost: x\r\nAuthorization: "
                   f"{authorization}\r\n\r\n").encode()
        # Without a key nothing is counted; all children are there by then.
        eventually(lambda: len(server.children()) >= 4)
        statuses, took = burst(server.port, request)
    finally:
        server.stop()
        server.remove()
    unknown = set(statuses) - {200, 403, 429}
    assert not unknown, statuses
    return statuses[200], LIMIT + int(took * LIMIT / SECONDS), took


def row(name, rounds):
    passed, allowed, took = zip(*rounds)
    return (f"| {name} | {spread(passed)} | {spread(allowed)} "
            f"| {statistics.median(took):.2f} s |\n")


def spread(values):
    low, high = min(values), max(values)
    return f"{low}" if low == high else f"{low}–{high}"


def measure(options):
    """For the table, each case in servers of its own."""
    result = {}
    table = ("| limit | passed | might pass | time |\n"
             "| --- | ---: | ---: | ---: |\n")
    for name, make in CASES.items():
        result[name] = [one_round(make) for _ in range(
            QUICK_ROUNDS if options.quick else ROUNDS)]
        table += row(name, result[name])
        print(row(name, result[name]), end="", flush=True)
    return table, result
