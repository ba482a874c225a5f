# SPDX-License-Identifier: Apache-2.0
"""No two sessions use a name for a statement: through a pooler it would mean
what the other has prepared under it."""

import collections
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness import UK_ANY
from harness.pgsql import PostgresServer
from pooled import PooledDatabase, PooledHttpd

# 128 random bits, and a number.
NAME = re.compile(r"uk_[0-9a-f]{32}_[0-9]+")


class TalkativeServer(PostgresServer):
    """Logs every statement, also those that are prepared by the protocol."""

    def command(self):
        return [*super().command(), "-clog_min_messages=log",
                "-clog_statement=all",
                "-clog_line_prefix=%p "]

    def prepared(self):
        """The names of statements, and the sessions that prepared each."""
        text = (self.folder / "log").read_text(errors="replace")
        by_sql = re.findall(r"(?m)^(\d+) LOG:  statement: PREPARE (\S+)",
                            text)
        by_protocol = re.findall(r"(?m)^(\d+) LOG:  execute ([^<:]+):", text)
        found = collections.defaultdict(list)
        for session, name in by_sql:
            found[name].append(session)
        return found, {name for _, name in by_protocol}


@pytest.fixture(scope="module")
def node():
    server = TalkativeServer()
    try:
        yield server.start()
    finally:
        server.remove()


def use(database, httpds, driver):
    """Two httpds, one of them restarted, and the tool."""
    key = database.import_key("monitors:read", "api-keys:read",
                              "api-keys:write")
    servers = [PooledHttpd(database.through(database.server, driver),
                           expect_log=[UK_ANY]) for _ in range(2)]
    for server in (*servers, servers[0]):
        if server not in httpds:
            httpds.append(server)
        server.stop()
        server.start()
        with ThreadPoolExecutor(8) as many:
            for path in "/t/x", "/keys", f"/keys/{key.id}":
                assert set(many.map(
                    lambda _, path=path: server.get(path, key).status_code,
                    range(16))) == {200}
    servers[0].database.tool("team", "list")


def test_every_session_has_names_of_its_own(node, httpds):
    database = PooledDatabase(node)
    database.init()
    database.create_team("acme")
    use(database, httpds, "pgsql")
    found, _ = node.prepared()
    assert len(found) > 10
    assert not [name for name in found if not NAME.fullmatch(name)]
    assert not {name: sessions for name, sessions in found.items()
                if len(sessions) > 1}
    # No two sessions share the random part, either.
    owners = {(name.split("_")[1], session)
              for name, sessions in found.items() for session in sessions}
    assert len(owners) == len({random for random, _ in owners})
    assert len(owners) == len({session for _, session in owners})


def test_odbc_uses_no_names(node, httpds):
    """Its driver would take an address for a name."""
    database = PooledDatabase(node)
    database.init()
    database.create_team("acme")
    before, _ = node.prepared()
    use(database, httpds, "odbc")
    after, of_protocol = node.prepared()
    assert not [name for name in of_protocol if name.startswith("_PLAN")]
    assert all(NAME.fullmatch(name) for name in set(after) - set(before))
