# SPDX-License-Identifier: Apache-2.0
"""Two httpds that cache the keys of one database, and what befalls them."""

import contextlib
import os
import re
import signal
import time
from pathlib import Path

import places
from caching import CACHED
from harness import Httpd, environment
from harness.logs import NEVER
from proxy import Proxy

# Children enough that some go on when one is killed or stopped.
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
<Location "/t/">
    Header always set X-Key-Id "%{UPTIME_KEY_ID}e"
</Location>
""" + CACHED
BEHIND_PROXY = 1        # of the two
POLLING = re.compile(r"pid (\d+).*Singleton Watchdog \(uptime_keys_.*running")
# The one signal that is ours.
KILLED = "exit signal Killed (9)"
LOOK_UP = "UK0020"


class Member(Httpd):
    """One of the two."""

    def children(self):
        pid = self._process.pid
        return [int(child) for child in Path(
            f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def poller(self):
        """The child that looks at the counter, or nobody for the moment."""
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
    """A context; the servers run while it lasts."""

    def __init__(self):
        without = ("cgi", "cgid")
        self.proxy = None
        self.servers = [Member(CONFIG, without=without)]
        self.database = self.servers[0].database
        if environment.BACKEND == "sqlite3":
            self.servers.append(Member(CONFIG, without=without))
        else:
            self.proxy = Proxy(self.database.server.port)
            places.let_in(self.database)
            params = places.params(self.database, self.proxy.port)
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

    # Faults.  Each says whether it happened.

    def kill_child(self, server, chance):
        """Any child but the one that polls."""
        children = [pid for pid in server.children()
                    if pid != server.poller()]
        return bool(children) and kill(chance.choice(children),
                                       signal.SIGKILL)

    def kill_poller(self, server, _chance):
        return kill(server.poller(), signal.SIGKILL)

    def restart(self, server, _chance):
        server.restart_gracefully()
        return True

    def stop_poller(self, server, chance):
        poller = server.poller()
        if not kill(poller, signal.SIGSTOP):
            return False
        try:
            time.sleep(chance.uniform(1.5, 2.5))
        finally:
            kill(poller, signal.SIGCONT)
        return True

    def cut(self, _server, chance):
        with self.proxy.cut():
            time.sleep(chance.uniform(1.5, 2.5))
        return True

    def black_hole(self, _server, chance):
        with self.proxy.black_hole():
            time.sleep(chance.uniform(1.5, 2.5))
        return True

    def restart_database(self, _server, chance):
        """Of both."""
        with self.database.server.stopped():
            time.sleep(chance.uniform(0.2, 1.5))
        return True

    def faults(self):
        """The names of those that can be made here, in every round."""
        of_database = ["restart_database"] if self.proxy else []
        return ["stop_poller", "kill_child", "restart", *self.partitions(),
                *of_database]

    def partitions(self):
        """Those of BEHIND_PROXY alone."""
        return ["cut", "black_hole"] if self.proxy else []


def kill(pid, number):
    if pid is None:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
        return True
    return False
