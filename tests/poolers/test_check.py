# SPDX-License-Identifier: Apache-2.0
"""What check finds by itself about real poolers and proxies."""

import contextlib
import threading

import pytest
from pooled import PooledDatabase
from pools import HAProxy, PgBouncer

WORDS = {"UseServerSidePrepare": 0}     # for ODBC


@pytest.fixture(scope="module")
def database(nodes):
    made = PooledDatabase(nodes[0])
    made.init()
    return made


@pytest.fixture(scope="module", params=[
    "bookworm", "trixie", pytest.param("sid", marks=pytest.mark.everywhere)])
def pgbouncer(request, nodes, database):
    """pgbouncer(MODE, …): one that is running."""
    with contextlib.ExitStack() as stack:
        def make(mode, **settings):
            made = PgBouncer(request.param, nodes[:1], mode,
                             users=("admin", database.user), **settings)
            stack.callback(made.remove)
            return made.start()

        yield make


@pytest.fixture(scope="module")
def of_transactions(pgbouncer):
    return pgbouncer("transaction")


def findings(database, *lines):
    """What check says, by name; with lines of a configuration file."""
    config = None
    if lines:
        config = database.server.folder / "keys.conf"
        config.write_text("\n".join((
            f"DBDriver {database.driver}", f'DBDParams "{database.params}"',
            "DBDMax 25", *lines, "")))
    done = database.tool("check", config=config, check=False)
    said = [line.removeprefix("uptime-keys: ").split(": ", 1)
            for line in (done.stdout + done.stderr).splitlines()]
    wrong = [line for line in said if not line[0].startswith("ok ")]
    assert done.returncode == (1 if wrong else 0), done
    return dict(said)


def test_pool_of_sessions(pgbouncer, database):
    said = findings(database.through(pgbouncer("session")))
    assert said["ok pooler"] == "each connection keeps its session"
    assert "a proxy or a pool is in between" in said["ok proxy"]


def test_pool_of_transactions(of_transactions, database):
    said = findings(database.through(of_transactions))
    assert "which needs nothing else here" in said["ok pooler"]
    assert "ok writes" in said and "ok clock" in said


def test_pool_of_transactions_and_odbc(of_transactions, database):
    said = findings(database.through(of_transactions, "odbc", **WORDS))
    assert "which needs nothing else here" in said["ok pooler"]
    said = findings(database.through(of_transactions, "odbc"))
    assert "add UseServerSidePrepare=0" in said["pooler"]
    assert "add UseServerSidePrepare=0" in said["options"]


def test_pool_of_transactions_and_init_sql(of_transactions, database):
    pooled = database.through(of_transactions)
    said = findings(pooled, 'DBDInitSQL "SELECT 1"')
    assert "ok pooler" in said and "ok init" in said
    said = findings(pooled, 'DBDInitSQL "SET statement_timeout = 3000"')
    assert "ALTER ROLE" in said["pooler"]
    # Directly there is nothing wrong with it.
    said = findings(database, 'DBDInitSQL "SET statement_timeout = 3000"')
    assert "keeps its session" in said["ok pooler"]


def test_pool_of_transactions_before_init(of_transactions, database):
    """In a schema without tables."""
    said = findings(database.through(of_transactions),
                    'DBDInitSQL "SET search_path TO nowhere, public"')
    assert "the database has no tables yet" in said["version"]


def test_busy_pool_of_transactions(of_transactions, database):
    """Others then use the session that was free a moment ago."""
    stopping = threading.Event()

    def use():
        with contextlib.closing(of_transactions.connect(
                user=database.user)) as other:
            while not stopping.is_set():
                other.cursor().execute("SELECT 1")

    others = [threading.Thread(target=use) for _ in range(8)]
    for other in others:
        other.start()
    try:
        said = findings(database.through(of_transactions))
    finally:
        stopping.set()
        for other in others:
            other.join()
    assert "each transaction another session" in said["ok pooler"]


@pytest.mark.parametrize("driver", ["pgsql", "odbc"])
def test_pool_of_statements(pgbouncer, database, driver):
    said = findings(database.through(pgbouncer("statement"), driver))
    (line,) = [said[name] for name in ("connection", "pooler")
               if name in said and "cannot be used" in said[name]]
    assert "transaction blocks not allowed" in line
    assert line.endswith("(PgBouncer: pool_mode=transaction)")


def test_options_that_are_refused(of_transactions, database):
    said = findings(database.through(
        of_transactions, options="'-c statement_timeout=3000'"))
    assert "unsupported startup parameter" in said["connection"]
    assert "ALTER ROLE ... SET statement_timeout" in said["connection"]


def test_options_that_are_dropped(pgbouncer, database):
    deaf = pgbouncer("session", ignore_startup_parameters=(
        "extra_float_digits, options"))
    said = findings(database.through(
        deaf, options="'-c statement_timeout=3000'"))
    assert said["proxy"].startswith("a proxy has dropped the options")
    assert "ALTER ROLE ... SET statement_timeout" in said["proxy"]


def test_pool_without_a_session_left(pgbouncer, database):
    """It lets clients in, and does not answer them."""
    small = pgbouncer("session", default_pool_size=1)
    said = findings(database.through(small))
    assert "no answer to a new connection" in said["pooler"]
    assert "default_pool_size" in said["pooler"]


def test_proxy_that_leads_to_a_standby_in_turn(nodes, database):
    """One connection at least leads there, whichever is the first."""
    proxy = HAProxy("bookworm", nodes)
    try:
        proxy.start()
        for _ in range(2):
            said = findings(database.through(proxy))
            assert said["writes"].startswith("a standby answers"), said
            # The next time the other server comes first.
            proxy.connect(user=database.user).close()
    finally:
        proxy.remove()
