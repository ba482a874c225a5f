# SPDX-License-Identifier: Apache-2.0
"""Two tenants in one database and one pool, with the same role: each has a
schema of its own, which DBDInitSQL selects."""

import collections
import contextlib
import random
import threading
import time

from clients import Connections
from harness.keys import make_key
from history import NO_ANSWER, UNAVAILABLE
from pooled import PooledDatabase

STRANGERS = 4


class TenantsDatabase(PooledDatabase):
    """A schema that is not the role's own."""

    def __init__(self, node, user, schema):
        super().__init__(node, user, schema)
        self._params = self.direct(
            node.port, host=node.folder, options=f"'-c search_path={schema}'")

    @property
    def init_sql(self):
        return f'DBDInitSQL "SET search_path TO {self.schema}"\n'

    def _run(self, sql, values):
        connection = self.server.connect(
            self.user, options=f"-c search_path={self.schema}")
        cursor = connection.cursor()
        try:
            cursor.execute(sql.replace("%", "%%").replace("?", "%s"), values)
            return cursor.fetchall() if cursor.description else None
        finally:
            connection.close()


class Strangers:
    """Use keys of one tenant at the other's server, and unknown ones, until
    the context ends; every answer but 401 and 503 is wrong."""

    def __init__(self, servers, keys_of):
        self.servers = servers
        self.answers = collections.Counter()
        self.wrong = []
        self._keys_of = keys_of     # lists, in the order of the servers
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(number,),
                                          daemon=True)
                         for number in range(STRANGERS)]

    def _run(self, number):
        rng = random.Random(number)
        with contextlib.closing(Connections(self.servers)) as connections:
            while not self._stopping.is_set():
                where = rng.randrange(2)
                key = rng.choice([*self._keys_of[1 - where], make_key()])
                status, identity, _ = connections.ask(where, "GET", "/t/x",
                                                      key)
                self.answers[status] += 1
                if status not in (401, UNAVAILABLE, NO_ANSWER):
                    self.wrong.append(f"{status} as {identity} at {where}")
                time.sleep(0.005)

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stopping.set()
        for thread in self._threads:
            thread.join(60)
