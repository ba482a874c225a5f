# SPDX-License-Identifier: Apache-2.0
"""Pools that cannot serve: nobody waits for long, and words say why."""

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness import UK_ANY, assert_unavailable, eventually
from harness.pgsql import PostgresServer
from pooled import PooledDatabase, PooledHttpd
from pools import PgBouncer

# Seconds: far less than query_wait_timeout of PgBouncer, which is 120.
ENOUGH = 20
TOOLS_LIMIT = 30        # of the tool's --timeout
RELEASES = ["bookworm", pytest.param("trixie",
                                     marks=pytest.mark.everywhere),
            pytest.param("sid", marks=pytest.mark.everywhere)]


@pytest.fixture(scope="module")
def node():
    server = PostgresServer()
    try:
        yield server.start()
    finally:
        server.remove()


@pytest.fixture(scope="module")
def database(node):
    made = PooledDatabase(node)
    made.init()
    made.create_team("acme")
    return made


@pytest.fixture(scope="module", params=RELEASES)
def release(request):
    return request.param


@pytest.fixture
def pooler(release, node, database):
    """pooler(MODE, …): one that is running."""
    with contextlib.ExitStack() as stack:
        def make(mode, **settings):
            made = PgBouncer(release, [node], mode,
                             users=("admin", database.user), **settings)
            stack.callback(made.remove)
            return made.start()

        yield make


@pytest.fixture
def reached(database, httpds):
    def make(pooler, config="", driver="pgsql", **words):
        server = PooledHttpd(database.through(pooler, driver, **words),
                             config, expect_log=[UK_ANY, r"AH\d{5}"])
        httpds.append(server)
        return server

    return make


def checked(server, *options):
    """What the tool's check says, its status, and how long it took."""
    began = time.monotonic()
    done = server.database.tool(
        "check", *options, check=False, timeout=ENOUGH + 20,
        config=server.whole_configuration())
    return (done.stdout + done.stderr, done.returncode,
            time.monotonic() - began)


@contextlib.contextmanager
def taken(pooler, database, number):
    """A context in which other clients have so many sessions."""
    with contextlib.ExitStack() as stack:
        for _ in range(number):
            session = stack.enter_context(contextlib.closing(
                pooler.connect(user=database.user)))
            session.cursor().execute("SELECT 1")
        yield


def test_session_pool_that_is_too_small(pooler, reached, database):
    key = database.import_key("monitors:read")
    small = pooler("session", default_pool_size=2)
    # One process has few connections, and soon meets the first one again.
    server = reached(small, "StartServers 1\nServerLimit 1\n"
                     "MaxRequestWorkers 32\n")
    with taken(small, database, 2):
        server.start(await_checks=False)
        began = time.monotonic()
        assert_unavailable(server.get("/t/x", key, timeout=ENOUGH))
        assert time.monotonic() - began < ENOUGH
        eventually(lambda: "a pooler may have no session left"
                   in server.error_log.text(), ENOUGH)
        said, status, took = checked(server, "--timeout", "4")
        assert status != 0 and took < ENOUGH
        assert "default_pool_size" in said, said
    eventually(lambda: server.get("/t/x", key).status_code == 200, ENOUGH)


@pytest.mark.everywhere
def test_session_pool_whose_sessions_httpd_has_all(pooler, reached, database):
    """As many connections as threads, and fewer sessions."""
    key = database.import_key("monitors:read")
    small = pooler("session", default_pool_size=2, query_wait_timeout=3)
    server = reached(small, "StartServers 1\n").start(await_checks=False)
    with ThreadPoolExecutor(16) as many:
        began = time.monotonic()
        answers = list(many.map(
            lambda _: server.get("/t/x", key, timeout=60).status_code,
            range(64)))
        took = time.monotonic() - began
    assert set(answers) <= {200, 503}
    assert took < 4 * ENOUGH
    said, status, took = checked(server)
    assert took < TOOLS_LIMIT + 5
    assert status == 0 or "default_pool_size" in said, said


def test_statement_pool_is_refused(pooler, reached, database):
    key = database.import_key("monitors:read")
    server = reached(pooler("statement")).start()
    assert_unavailable(server.get("/t/x", key))
    said, status, _ = checked(server)
    assert status != 0 and "pool_mode=transaction" in said, said
    assert any("pool_mode=transaction" in line.text or
               "statement" in line.text
               for line in server.error_log.ours("warn", "error"))


def test_transaction_pool_needs_nothing_else(pooler, reached, database):
    key = database.import_key("monitors:read")
    server = reached(pooler("transaction")).start()
    assert server.get("/t/x", key).status_code == 200
    said, status, _ = checked(server)
    assert status == 0 and "ok pooler: " in said, said


@pytest.mark.parametrize("config,driver,advice", [
    ('DBDInitSQL "SET search_path TO {schema}, public"\n', "pgsql",
     "ALTER ROLE"),
    ("", "odbc", "UseServerSidePrepare=0")], ids=["set", "odbc"])
def test_check_tells_what_a_transaction_pool_needs(pooler, reached, database,
                                                   config, driver, advice):
    server = reached(pooler("transaction", default_pool_size=1),
                     config.format(schema=database.schema), driver).start()
    said, _, _ = checked(server)
    assert "uptime-keys: pooler: " in said and advice in said, said
    assert any(advice in line.text
               for line in server.error_log.ours("warn", "error"))


def test_options_that_a_pooler_refuses(pooler, reached, database):
    """With the words of PgBouncer, and what to write instead."""
    server = reached(pooler("transaction"),
                     options="'-c statement_timeout=3000'").start()
    said, status, _ = checked(server)
    assert status != 0 and "ALTER ROLE" in said, said


def test_options_that_a_pooler_drops(pooler, reached, database):
    server = reached(
        pooler("transaction",
               ignore_startup_parameters="extra_float_digits, options"),
        options="'-c statement_timeout=3000'").start()
    said, _, _ = checked(server)
    assert "uptime-keys: proxy: " in said and "ALTER ROLE" in said, said
