# SPDX-License-Identifier: Apache-2.0
"""The httpd that is soaked, its database behind a proxy, and their faults."""

import base64
import contextlib
import hashlib

import outages
from caching import CACHED
from harness import figures
from logreader import LogReader
from pair import Member, Pair
from proxy import Proxy

PEOPLE = "/people"
PLACES = 40             # for the figures of keys
PROBE_LIMIT = 100       # requests in ten seconds, for one key
CONFIG = """
# At trace2 mod_http2 logs every header before there is a request: no module can
# keep a key from it.
LogLevel trace8 http2:info
<IfFile "${MODULES}/mod_http2.so">
    LoadModule http2_module "${MODULES}/mod_http2.so"
    Protocols h2c http/1.1
</IfFile>
LoadModule status_module "${MODULES}/mod_status.so"
ExtendedStatus On
MaxKeepAliveRequests 0
MaxConnectionsPerChild 0
StartServers 8
ServerLimit 32
ThreadsPerChild 8
MinSpareThreads 48
MaxSpareThreads 64
MaxRequestWorkers 64
DBDMax 6
UptimeKeysServerStatus On
<Location "/status">
    SetHandler server-status
</Location>
<Location "/leaked">
    SetHandler uptime-keys-leaked
</Location>
<Location "/t/">
    UptimeKeysRateLimit 1000000/60
    Header always set X-Key-Id "%{UPTIME_KEY_ID}e"
</Location>
<Location "/people">
    SetHandler uptime-keys
    AuthType Basic
    AuthName "People"
    AuthUserFile "${ROOT}/conf/passwords"
    Require valid-user
</Location>
""" + f"""
UptimeKeysMetricsPerKey {PLACES}
<Location "/t/probe">
    UptimeKeysRateLimit {PROBE_LIMIT}/10
</Location>
""" + CACHED + figures.PLACE


class SoakedHttpd(Member):
    """Its logs are read while it writes them."""

    reader = None

    def poller(self):
        pid = self.reader.poller
        return pid if pid in self.children() else None

    def keep_secret(self, secret):
        digits = str(secret).removeprefix("uptime_")
        super().keep_secret(secret)
        self.reader.secrets.add(digits)

    @property
    def pid(self):
        return self._process.pid


class Scene(Pair):
    """One server; what a Pair has for two is as it is there."""

    def __init__(self):     # pylint: disable=super-init-not-called
        server = SoakedHttpd(without=("cgi", "cgid"), driver=False)
        self.database = server.database
        self.proxy = Proxy(self.database.server.port)
        self._let_sessions_tell()
        params = outages.params(self.database, self.proxy.port)
        server.configure(f"DBDriver {self.database.driver}\n"
                         f'DBDParams "{params}"\n' + CONFIG)
        logs = server.root / "logs"
        self.reader = server.reader = LogReader(
            logs / "error_log", logs / "access_log", logs / "stderr")
        self.server = server
        self.servers = [server]
        self._people = []

    def __enter__(self):
        self.database.init()
        self.database.create_team("acme")
        self.reader.__enter__()
        return self

    def _let_sessions_tell(self):
        """What pg_log_backend_memory_contexts() asks them."""
        with contextlib.closing(self.database.server.connect()) as admin:
            admin.cursor().execute(f"ALTER ROLE {self.database.user} "
                                   "SET log_min_messages = 'log'")

    def add_person(self, user, team):
        """An owner of a team, before the server starts."""
        self.database.tool("team", "create", team, "--owner", user)
        digest = hashlib.sha1(password(user).encode()).digest()
        self._people.append(f"{user}:{{SHA}}"
                            f"{base64.b64encode(digest).decode()}\n")

    def start(self):
        self.server.write("conf/passwords", "".join(self._people))
        self.server.start(await_checks=False)

    def stop(self):
        """Stop httpd gracefully."""
        self.server.stop()

    def __exit__(self, *_):
        with contextlib.ExitStack() as every_one:
            every_one.callback(self.server.remove)
            every_one.callback(self.reader.__exit__)
            every_one.callback(self.proxy.close)
            every_one.callback(self.server.stop)

    def faults_of_database(self):
        return ["cut", "black_hole", "restart_database", "reset"]

    def reset(self, _server, _rng):
        """Reset every connection to the database, and accept new ones."""
        self.proxy.reset()
        return True


def password(user):
    return f"{user}'s password"


def basic(user):
    """The value of a user's Authorization header."""
    return "Basic " + base64.b64encode(
        f"{user}:{password(user)}".encode()).decode()
