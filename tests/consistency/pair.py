# SPDX-License-Identifier: Apache-2.0
"""Two httpds that cache the keys of one database, and their faults."""

import contextlib
import os
import re
import signal
import time

import outages
from caching import CACHED
from harness import Httpd, environment
from harness.logs import NEVER
from proxy import Proxy

# Enough children, so that some go on when one is killed or stopped.
CONFIG = """
LogLevel warn watchdog:debug uptime_keys:debug
MaxKeepAliveRequests 0
UptimeKeysMaxPerTeam 1000
StartServers 3
<IfModule !mpm_prefork_module>
    ServerLimit 10
    ThreadsPerChild 8
    MinSpareThreads 17
    MaxSpareThreads 40
    MaxRequestWorkers 40
</IfModule>
<Location "/leaked">
    SetHandler uptime-keys-leaked
</Location>
<Location "/t/">
    Header always set X-Key-Id "%{UPTIME_KEY_ID}e"
</Location>
""" + CACHED
BEHIND_PROXY = 1        # the number of the server behind the proxy
POLLING = re.compile(r"pid (\d+).*Singleton Watchdog \(uptime_keys_.*running")
# The only signal that the faults send to end a process.
KILLED = "exit signal Killed (9)"
LOOK_UP = "UK0020"


class Member(Httpd):
    """One of the two servers."""

    def poller(self):
        """The process id of the child that polls, or None at the moment."""
        found = POLLING.findall(self.error_log.text())
        return (int(found[-1]) if found and int(found[-1]) in self.children()
                else None)

    def crashes(self):
        text = self.error_log.text() + self.stderr()
        return [line for line in text.splitlines()
                if NEVER.search(line) and KILLED not in line]

    def look_ups(self):
        return self.error_log.text().count(LOOK_UP)


class Pair:
    """The two servers, which run until the context ends."""

    def __init__(self):
        without = ("cgi", "cgid")
        self.proxy = None
        self.servers = [Member(CONFIG, without=without)]
        self.database = self.servers[0].database
        if environment.BACKEND == "sqlite3":
            self.servers.append(Member(CONFIG, without=without))
        else:
            self.proxy = Proxy(self.database.server.port)
            outages.grant_tcp_access(self.database)
            params = outages.params(self.database, self.proxy.port)
            self.servers.append(Member(
                f"DBDriver {self.database.driver}\n"
                f'DBDParams "{params}"\n' + CONFIG,
                without=without, driver=False))
        self.servers[1].database = self.database

    def __enter__(self):
        self.database.init()
        self.database.create_team("acme")
        for server in self.servers:
            server.start()
        return self

    def __exit__(self, *_):
        with contextlib.ExitStack() as every_one:
            if self.proxy:
                every_one.callback(self.proxy.close)
            for server in self.servers:
                every_one.callback(server.remove)
            for server in self.servers:
                every_one.callback(server.stop)
            for server in self.servers:
                server.ask_to_stop()

    # Faults.  Each returns whether it happened.

    def kill_child(self, server, rng):
        """Kill a child that does not poll."""
        children = [pid for pid in server.children()
                    if pid != server.poller()]
        return bool(children) and kill(rng.choice(children),
                                       signal.SIGKILL)

    def kill_poller(self, server, _rng):
        return kill(server.poller(), signal.SIGKILL)

    def restart(self, server, _rng):
        server.restart_gracefully()
        return True

    def stop_poller(self, server, rng):
        poller = server.poller()
        if not kill(poller, signal.SIGSTOP):
            return False
        try:
            time.sleep(rng.uniform(1.5, 2.5))
        finally:
            kill(poller, signal.SIGCONT)
        return True

    def cut(self, _server, rng):
        with self.proxy.cut():
            time.sleep(rng.uniform(1.5, 2.5))
        return True

    def black_hole(self, _server, rng):
        with self.proxy.black_hole():
            time.sleep(rng.uniform(1.5, 2.5))
        return True

    def restart_database(self, _server, rng):
        """Restart the database of both servers."""
        with self.database.server.stopped():
            time.sleep(rng.uniform(0.2, 1.5))
        return True

    def faults(self):
        """The names of the faults of every round."""
        of_database = ["restart_database"] if self.proxy else []
        return ["stop_poller", "kill_child", "restart", *self.partitions(),
                *of_database]

    def partitions(self):
        """The names of the faults that only BEHIND_PROXY can have."""
        return ["cut", "black_hole"] if self.proxy else []


def kill(pid, number):
    if pid is None:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
        return True
    return False
