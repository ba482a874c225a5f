# SPDX-License-Identifier: Apache-2.0
"""A tenant whose tables have not been made does not see another's, whatever
search path a session of the pool was left with."""

import contextlib

import pytest
from harness import UK_ANY, assert_unavailable
from harness.pgsql import PostgresServer
from pooled import PooledDatabase, PooledHttpd
from pools import PgBouncer
from tenants import TenantsDatabase


@pytest.fixture
def node():
    server = PostgresServer()
    try:
        yield server.start()
    finally:
        server.remove()


@pytest.mark.parametrize("schema", ["empty", "nowhere"])
def test_tenant_without_tables(node, httpds, schema):
    other = PooledDatabase(node)
    other.init()
    other.create_team("acme")
    key = other.import_key("monitors:read")
    empty = TenantsDatabase(node, other.user, "empty")
    pooler = PgBouncer("bookworm", [node], "transaction",
                       users=("admin", other.user), default_pool_size=1)
    with contextlib.ExitStack() as undo:
        undo.callback(pooler.remove)
        pooler.start()
        server = PooledHttpd(
            empty.through(pooler),
            f'DBDInitSQL "SET search_path TO {schema}"\n',
            expect_log=[UK_ANY])
        httpds.append(server)
        # Before the pooler: a child may only now be looking for it.
        undo.callback(server.stop)
        server.start(await_checks=False)
        assert_unavailable(server.get("/t/x", key))
        with contextlib.closing(pooler.connect(user=other.user)) as client:
            client.cursor().execute(f"SET search_path TO {other.schema}")
        assert_unavailable(server.get("/t/x", key))
