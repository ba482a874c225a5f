# SPDX-License-Identifier: Apache-2.0
"""A MariaDB Galera cluster of two nodes on the loopback."""

import os
import shutil
from pathlib import Path

from harness.database import Database
from harness.mysql import MariaDatabase, MariaServer, usr
from harness.servers import free_port

HERE = Path(__file__).parent
PROVIDER = usr() / "lib/galera/libgalera_smm.so"


class GaleraNode(MariaServer):
    name = "galera"

    def __init__(self, first=None):
        self.first = first      # None: this is the first
        self.group_port = free_port()
        self.transfer_port = free_port()
        super().__init__()

    def make(self):
        shutil.copy(HERE / "wsrep_sst_same", self.folder)
        if self.first is None:
            super().make()
            return
        self.run("cp", "-a", self.first.data, self.data)
        for name in ("galera.cache", "gvwstate.dat"):
            (self.data / name).unlink(missing_ok=True)

    def command(self):
        provider = ";".join((
            f"gmcast.listen_addr=tcp://127.0.0.1:{self.group_port}",
            f"ist.recv_addr=127.0.0.1:{self.transfer_port}",
            "gcache.size=16M", "pc.recovery=false"))
        group = ["--wsrep-new-cluster", "--wsrep-cluster-address=gcomm://"]
        if self.first is not None:
            group = ["--wsrep-cluster-address=gcomm://127.0.0.1:"
                     f"{self.first.group_port}"]
        return ["env", f"PATH={self.folder}:{os.environ['PATH']}",
                *super().command(), *group,
                "--binlog-format=ROW", "--innodb-autoinc-lock-mode=2",
                "--wsrep-on=ON", f"--wsrep-provider={PROVIDER}",
                f"--wsrep-provider-options={provider}",
                "--wsrep-cluster-name=uptime",
                "--wsrep-node-address=127.0.0.1",
                "--wsrep-sst-method=same"]

    def status(self, name):
        connection = self.connect()
        try:
            with connection.cursor() as cursor:
                cursor.execute("SHOW STATUS LIKE %s", (name,))
                return cursor.fetchone()[1]
        finally:
            connection.close()

    def answers(self):
        try:
            return self.status("wsrep_local_state_comment") == "Synced"
        except Exception:       # pylint: disable=broad-except
            return False        # not ready yet


def start_pair(nodes):
    """Start two nodes and append each to a list, so that it is removed even
    if the other one fails."""
    first = GaleraNode()
    nodes.append(first)
    # Only the data of a node that was in the cluster can make another node.
    first.start().stop()
    second = GaleraNode(first)
    nodes.append(second)
    first.start()
    second.start()
    assert second.status("wsrep_cluster_size") == "2"


class GaleraDatabase(MariaDatabase):
    """One database, through one node."""

    def __init__(self, node, name):
        # pylint: disable=super-init-not-called,non-parent-init-called
        Database.__init__(self)
        self.server = node
        self.name = name
