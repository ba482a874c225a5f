# SPDX-License-Identifier: Apache-2.0
"""A standby lets nobody in, however a session got there; one whose price the
administrator pays does."""

import pytest
from harness import (
    UK_ANY,
    assert_unavailable,
    environment,
    eventually,
    first_answer,
    make_key,
)
from harness.answers import assert_refused
from pooled import PooledDatabase, PooledHttpd
from pools import DATABASE, HAProxy, Pgpool

SAYS_STANDBY = "standby"
# As older versions of Pgpool-II had it by default: then no other function is
# taken for one that writes.
LIST = {"write_function_list": "nextval,setval"}
LIBPQ_BALANCES = 160000     # the first version with load_balance_hosts


def libpq_balances():
    """UPTIME_KEYS_PRELOAD may name a newer libpq than the system's."""
    import psycopg2     # pylint: disable=import-outside-toplevel
    return ("libpq" in (environment.PRELOAD or "")
            or psycopg2.extensions.libpq_version() >= LIBPQ_BALANCES)


@pytest.fixture(scope="module")
def database(nodes):
    made = PooledDatabase(nodes[0])
    made.init()
    made.create_team("acme")
    return made


@pytest.fixture(scope="module")
def deleted(nodes, database):
    """A key that only the standby still has."""
    key = database.import_key("monitors:read", "api-keys:read",
                              "api-keys:write")
    nodes[1].lag()
    database.delete_key(key)
    assert nodes[1].ask(f"SELECT count(*) FROM {database.schema}.uptime_keys "
                        f"WHERE id = '{key.id}'") == 1
    return key


@pytest.fixture(scope="module")
def key(database, deleted):
    """A key that only the primary has."""
    return database.import_key("monitors:read", "api-keys:read",
                               "api-keys:write")


@pytest.fixture
def reached(database, httpds):
    """reached(PARAMS, CONFIG): an httpd, started."""
    def make(params, config="", driver="pgsql", **options):
        view = database.through(database.server, driver)
        view._params = params       # pylint: disable=protected-access
        server = PooledHttpd(view, config, expect_log=[UK_ANY, r"AH\d{5}"])
        httpds.append(server)
        return server.start(**options)

    return make


def both(database, nodes, **words):
    """DBDParams with the standby first, and the primary."""
    return database.direct(
        f"{nodes[1].port},{nodes[0].port}",
        **{"host": "127.0.0.1,127.0.0.1", **words})


def checked(server):
    """What the tool's check says, and whether all is well."""
    done = server.database.tool(
        "check", check=False, config=server.whole_configuration())
    return done.stdout + done.stderr, done.returncode == 0


@pytest.mark.parametrize("cache", ["On", "Off"])
@pytest.mark.parametrize("driver", ["pgsql", "odbc"])
def test_session_on_a_standby_answers_503(reached, database, nodes, deleted,
                                          key, driver, cache):
    params = (both(database, nodes) if driver == "pgsql"
              else database.odbc(nodes[1].port))
    server = reached(params, f"UptimeKeysCache {cache}", driver)
    for presented in (deleted, key, make_key()):
        assert_unavailable(server.get("/t/x", presented))
        assert_unavailable(server.get("/keys", presented))
    assert SAYS_STANDBY in server.error_log.text()
    said, is_well = checked(server)
    assert SAYS_STANDBY in said and not is_well, said


def test_standbys_are_told_at_start(reached, database, nodes, deleted):
    server = reached(both(database, nodes))
    assert any(SAYS_STANDBY in line.text for line in
               server.error_log.ours("warn", "error")), \
        server.error_log.text()


def test_administrator_may_allow_standbys(reached, database, nodes, deleted,
                                          key):
    server = reached(both(database, nodes), "UptimeKeysAllowStandby On")
    assert server.get("/t/x", deleted).status_code == 200
    assert_refused(server.get("/t/x", key), 401, "invalid_token")


def test_sessions_on_both_never_accept_a_deleted_key(reached, database, nodes,
                                                     deleted, key):
    """HAProxy gives them out in turn."""
    proxy = HAProxy("bookworm", nodes)
    try:
        proxy.start()
        server = reached(database.direct(proxy.port))
        statuses = {presented: {server.get("/t/x", presented).status_code
                                for _ in range(40)}
                    for presented in (deleted, key)}
    finally:
        proxy.remove()
    assert statuses[deleted] <= {401, 503}
    assert statuses[key] <= {200, 503}


@pytest.mark.skipif(not libpq_balances(), reason="libpq does not balance")
def test_balanced_hosts_never_accept_a_deleted_key(reached, database, nodes,
                                                   deleted, key):
    server = reached(both(database, nodes, load_balance_hosts="random"))
    for _ in range(40):
        assert server.get("/t/x", deleted).status_code in (401, 503)
        assert server.get("/t/x", key).status_code in (200, 503)


def test_target_session_attrs_leads_to_the_primary(reached, database, nodes,
                                                   deleted, key):
    server = reached(both(database, nodes,
                          target_session_attrs="read-write"))
    assert_refused(server.get("/t/x", deleted), 401, "invalid_token")
    assert server.get("/t/x", key).status_code == 200


@pytest.mark.parametrize("release", [
    "trixie", pytest.param("bookworm", marks=pytest.mark.everywhere),
    pytest.param("sid", marks=pytest.mark.everywhere)])
@pytest.mark.parametrize("settings", [
    {}, {"memory_cache_enabled": "on"},
    {**LIST, "database_redirect_preference_list": f"{DATABASE}:primary"}],
    ids=["usual", "cache", "list"])
def test_pgpool_asks_the_primary(reached, database, nodes, deleted, key,
                                 release, settings):
    if "memory_cache_enabled" in settings:
        settings = {**settings, "memqcache_oiddir": nodes[0].folder / "oids"}
    pgpool = Pgpool(release, nodes, **settings)
    try:
        pgpool.start()
        for driver in "pgsql", "odbc":
            params = (database.direct if driver == "pgsql"
                      else database.odbc)(pgpool.port)
            server = reached(params, driver=driver)
            assert_refused(server.get("/t/x", deleted), 401, "invalid_token")
            assert server.get("/t/x", key).status_code == 200
            made = server.request("POST", "/keys", key, json={
                "name": "a key", "scopes": ["monitors:read"]})
            assert made.status_code == 201, made.text
            server.keep_secret(made.json()["data"]["key"])
            assert server.get(made.headers["Location"],
                              key).status_code == 200
    finally:
        pgpool.remove()


def test_pgpool_that_takes_the_condition_for_harmless(reached, database, nodes,
                                                      deleted, key):
    pgpool = Pgpool("trixie", nodes, **LIST)
    try:
        pgpool.start()
        server = reached(database.direct(pgpool.port))
        for _ in range(10):
            assert server.get("/t/x", deleted).status_code in (401, 503)
            assert server.get("/t/x", key).status_code in (200, 503)
    finally:
        pgpool.remove()


def test_primary_that_is_read_only_on_purpose_checks_keys(reached, database,
                                                          deleted, key):
    admin = database.server.connect()
    admin.cursor().execute(f"ALTER ROLE {database.user} "
                           "SET default_transaction_read_only = on")
    try:
        server = reached(database.direct(database.server.port))
        assert server.get("/t/x", key).status_code == 200
        assert_refused(server.get("/t/x", deleted), 401, "invalid_token")
        assert SAYS_STANDBY not in server.error_log.text()
    finally:
        admin.cursor().execute(f"ALTER ROLE {database.user} "
                               "RESET default_transaction_read_only")
        admin.close()


def test_standby_that_becomes_the_primary_goes_on(reached, database, nodes,
                                                  deleted, key):
    """Last, because there is no way back."""
    server = reached(database.direct(nodes[1].port))
    assert_unavailable(server.get("/t/x", key))
    nodes[1].ask("SELECT pg_wal_replay_resume() IS NULL")
    eventually(lambda: nodes[1].ask(
        f"SELECT count(*) FROM {database.schema}.uptime_keys "
        f"WHERE id = '{key.id}'") == 1)
    nodes[1].promote()
    eventually(lambda: server.get("/t/x", key).status_code == 200)
    assert_refused(first_answer(server, deleted), 401, "invalid_token")
