# SPDX-License-Identifier: Apache-2.0
"""Virtual hosts with databases of their own, and with a shared one."""

import re

import pytest
from harness import (
    UK_ANY,
    UK_BROKEN,
    UK_DEGRADED,
    assert_refused,
    assert_unavailable,
    eventually,
    make_key,
    only_on,
)
from harness.authn_dbd import BY_DBD, OLGA, add_users

pytestmark = pytest.mark.backend

START = """
StartServers 1
LoadModule authn_dbd_module ${MODULES}/mod_authn_dbd.so
<Location "/t/guarded">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Location>
"""
# Another module that uses mod_dbd.
AUTHN_DBD = f"""
    <Location "/t/users">{BY_DBD}</Location>
"""


def host(name, database=None, more=""):
    """A virtual host; without a database it inherits the main server's."""
    own = (f"DBDriver {database.driver}\n"
           f'DBDParams "{database.params}"\n') if database else ""
    return (f"<VirtualHost *:${{PORT}}>\nServerName {name}.example\n"
            f"{own}{more}</VirtualHost>\n")


class Hosts:
    """main and same share a database, own has one of its own, bare and bald
    share one without the tables."""

    def __init__(self, server):
        self.server = server
        self.main = server.database
        self.own = server.another_database("own")
        self.bare = server.another_database("bare")
        self.own.init()
        self.own.create_team("acme")
        add_users(self.bare)
        server.configure(
            START + host("main") + host("same", self.main)
            + host("own", self.own) + host("bare", self.bare, AUTHN_DBD)
            + host("bald", self.bare))

    def get(self, name, *key, path="/t/guarded", **options):
        return self.server.get(path, *key, **options,
                               headers={"Host": f"{name}.example"})


@pytest.fixture(scope="module")
def hosts(new_httpd):
    server = new_httpd(start=False, expect_log=[UK_ANY])
    made = Hosts(server)
    server.start()
    made.start = [line for line in server.error_log.ours()
                  if line.id in (UK_BROKEN, UK_DEGRADED)]
    return made


@pytest.mark.parametrize("database, good, bad", [
    ("main", ("main", "same"), "own"), ("own", ("own",), "main")])
def test_keys_are_good_where_their_database_is(hosts, database, good, bad):
    key = getattr(hosts, database).create_key("monitors:read")
    for name in good:
        assert hosts.get(name, key).status_code == 200
    assert_refused(hosts.get(bad, key), 401, "invalid_token")


def test_key_that_is_deleted_on_one_host_is_deleted_on_the_other(hosts):
    key = hosts.main.create_key("monitors:read")
    assert hosts.get("same", key).status_code == 200
    hosts.main.delete_key(key)
    for name in ("main", "same"):
        assert_refused(hosts.get(name, key), 401, "invalid_token")


def test_uses_are_written_where_their_keys_are(hosts):
    """Those that wait for a lock are written together: of each database its own."""
    databases = {"main": hosts.main, "own": hosts.own, "same": hosts.main}
    keys = [(name, database.create_key("monitors:read"), database)
            for _ in range(3) for name, database in databases.items()]
    unlock = hosts.main.lock_keys()
    try:
        for name, key, _ in keys:
            assert hosts.get(name, key).status_code == 200
    finally:
        unlock()
    for _, key, database in keys:
        eventually(lambda key=key, database=database: database.last_used(key))


def test_tables_missing_on_one_host_close_that_host_alone(hosts):
    key = hosts.own.create_key("monitors:read")
    for name in ("bare", "bald"):
        assert_unavailable(hosts.get(name, key))
    assert hosts.get("own", key).status_code == 200


def test_other_users_of_a_database_without_our_tables_are_unharmed(hosts):
    for _ in range(5):
        assert_unavailable(hosts.get("bare", make_key()))
        answer = hosts.get("bare", path="/t/users", auth=OLGA)
        assert answer.status_code == 200


def test_one_line_at_start_for_each_database_that_lacks_something(hosts):
    (line,) = hosts.start
    assert line.level == "error" and line.id == UK_BROKEN
    assert re.search(r"virtual host ba(re|ld)\.example, version: the database "
                     "has no tables", line.text)


def test_database_that_cannot_be_reached_closes_its_host_alone(new_httpd):
    server = new_httpd(start=False, expect_log=[UK_ANY, r"AH006[23]\d"])
    server.configure(START + host("main") + host("gone", more="""
        DBDriver sqlite3
        DBDParams "${ROOT}/nowhere/keys.db"
        """))
    server.start()
    key = server.database.create_key("monitors:read")
    for _ in range(5):
        answer = server.get("/t/guarded", key, headers={"Host": "gone.example"})
        assert_unavailable(answer)
        answer = server.get("/t/guarded", key, headers={"Host": "main.example"})
        assert answer.status_code == 200


def test_a_host_without_a_database_is_no_fault(new_httpd):
    """If another host has one."""
    server = new_httpd(driver=False, start=False)
    server.configure(START + host("none") + host("own", server.database))
    server.start()
    key = server.database.create_key("monitors:read")
    answer = server.get("/t/guarded", key, headers={"Host": "own.example"})
    assert answer.status_code == 200
    assert not server.error_log.ours("warn", "error", "crit")


def test_the_smallest_pool_of_hosts_with_one_database_counts(new_httpd):
    server = new_httpd(start=False)
    server.expect_log(UK_DEGRADED)
    server.configure(START + host("main") + host("same", more="DBDMax 3\n"))
    server.start()
    (line,) = server.error_log.ours("warn", "error", "crit")
    assert "UK0004: pool: DBDMax 3 is less than" in line.text


def test_what_a_standby_may_answer_is_not_cached_for_other_hosts(new_httpd):
    """Each database has a cache and a check of its own."""
    server = new_httpd(start=False)
    server.configure(START + host("main") + host(
        "same", more="UptimeKeysAllowStandby On\n"))
    server.start()
    assert any("UK0005: databases checked: 2" in line.text
               for line in server.error_log.ours())


INIT_SQL = """DBDInitSQL "DELETE FROM uptime_servers WHERE id = 'nobody'"\n"""


@pytest.mark.parametrize("more, said", [
    (INIT_SQL, True),
    (INIT_SQL + "DBDMax 17\n", False),
    (INIT_SQL + "DBDExptime 301\n", False),
    (INIT_SQL + "DBDPersist Off\n", False),
    ("", False),
])
def test_init_sql_that_mod_dbd_never_runs_is_logged(new_httpd, more, said):
    server = new_httpd(start=False)
    server.expect_log(UK_DEGRADED)
    server.configure(START + host("main") + host("same", more=more))
    server.start()
    lines = server.error_log.ours("warn", "error", "crit")
    assert len(lines) == said
    if said:
        assert ("UK0004: virtual host same.example, init: DBDInitSQL of this "
                "server is never executed") in lines[0].text


def test_trouble_with_a_pool_that_hosts_share_is_logged_once(new_httpd):
    server = new_httpd(start=False)
    server.expect_log(UK_ANY)
    # A host without directives of this module uses the main server's
    # configuration itself.
    server.configure(START + "".join(
        host(name, more="UptimeKeysMaxPerTeam 9\n") for name in "abcdef"))
    server.start()
    with server.database.unavailable():
        for name in "abcdef":
            assert_unavailable(server.get(
                "/t/guarded", make_key(),
                headers={"Host": f"{name}.example"}))
    assert len([line for line in server.error_log.ours()
                if line.id == "UK0011"]) == 1


@only_on("pgsql", reason="a schema is selected for each connection")
@pytest.mark.parametrize("pool", ["DBDMax {}", "DBDPersist Off"])
def test_hosts_whose_init_sql_selects_a_schema(new_httpd, pool):
    """One role and one DBDParams, and tenants whose tables differ."""
    server = new_httpd(start=False, expect_log=[UK_ANY])
    tenants = {"main": server.database, "own": server.another_database("own")}
    tenants["own"].init()
    tenants["own"].create_team("acme")
    role, schema = server.database.user, tenants["own"].user
    tenants["own"].execute(
        f"GRANT USAGE ON SCHEMA {schema} TO {role};"
        f"GRANT ALL ON ALL TABLES IN SCHEMA {schema} TO {role}")
    server.configure(START + "".join(
        host(name, server.database, pool.format(20 + number)
             + f'\nDBDInitSQL "SET search_path TO {database.user}"\n')
        for number, (name, database) in enumerate(tenants.items())))
    server.start()
    for name, database in tenants.items():
        key = database.create_key("monitors:read")
        for other in tenants:
            answer = server.get("/t/guarded", key,
                                headers={"Host": f"{other}.example"})
            assert answer.status_code == (200 if other == name else 401)


@only_on("pgsql", reason="DBDInitSQL is read once more")
def test_init_sql_that_cannot_be_run_twice(new_httpd):
    server = new_httpd(start=False)
    server.configure(
        START + 'DBDInitSQL "CREATE TEMP TABLE seen (role TEXT)"\n'
        + 'DBDInitSQL "PREPARE seen (TEXT) AS SELECT * FROM seen"\n')
    server.start()
    key = server.database.create_key("monitors:read")
    for _ in range(3):
        assert server.get("/t/guarded", key).status_code == 200
