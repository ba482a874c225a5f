# SPDX-License-Identifier: Apache-2.0
"""At start httpd logs the findings of `uptime-keys check`, once."""

import re
import subprocess

import pytest
from harness import (
    UK_ANY,
    UK_BROKEN,
    UK_DEGRADED,
    assert_unavailable,
    environment,
    eventually,
    only_on,
)

pytestmark = pytest.mark.backend

# One child: when it answers, it has made all checks.
GUARDED = """
StartServers 1
<Location "/t/guarded">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Location>
"""


# The log ids of mod_dbd when it cannot connect.
MOD_DBDS = r"AH006[23]\d"


def findings(server):
    """The lines about databases, without httpd's prefix."""
    return [line.text[line.text.index(line.id):]
            for line in server.error_log.ours()
            if line.id in (UK_BROKEN, UK_DEGRADED)]


def start_and_expect(server, *beginnings):
    """Assert exactly these findings, and that httpd serves; returns the last
    one."""
    server.expect_log(UK_BROKEN, UK_DEGRADED, MOD_DBDS)
    server.start()
    found = findings(server)
    assert len(found) == len(beginnings), found
    for line, beginning in zip(found, beginnings):
        assert line.startswith(beginning), found
    assert server.get("/t/open").status_code == 200
    return found[-1] if found else None


def assert_keys_work(server):
    key = server.database.create_key("monitors:read")
    assert server.get("/t/guarded", key).status_code == 200


@pytest.fixture
def server(new_httpd):
    return new_httpd(GUARDED, start=False)


def use_params(server, params):
    server.configure(GUARDED + f"DBDriver {server.database.driver}\n"
                               f'DBDParams "{params}"\n')


@pytest.mark.mpm
def test_nothing_is_said_where_nothing_is_wrong(server):
    server.start()
    assert_keys_work(server)
    assert findings(server) == []


def test_fewer_connections_than_threads(server):
    server.configure(GUARDED + "DBDMax 15")
    line = start_and_expect(server, "UK0004: pool: DBDMax 15 is less than "
                                    "ThreadsPerChild 16")
    assert line.endswith("make it 16")
    assert_keys_work(server)


@pytest.mark.parametrize("pool, advice", [
    ("DBDMax 1", "make it DBDKeep 1"), ("DBDMin 8", "make it DBDMin 2")])
def test_pool_that_mod_dbd_cannot_make(server, pool, advice):
    server.configure(GUARDED + pool)
    server.expect_log(UK_ANY)
    line = start_and_expect(server, "UK0003: pool: DBD")
    assert line.endswith(advice)
    key = server.database.create_key("monitors:read")
    assert_unavailable(server.get("/t/guarded", key))


def test_smallest_pool_that_mod_dbd_makes_by_itself(server):
    server.configure(GUARDED + "DBDMax 2")
    start_and_expect(server, "UK0004: pool: DBDMax 2 is less than")
    assert_keys_work(server)


def test_without_a_pool_its_size_does_not_matter(server):
    server.configure(GUARDED + "DBDMax 1\nDBDPersist Off")
    server.start()
    assert_keys_work(server)
    assert findings(server) == []


def test_it_is_said_once_a_start(server):
    server.configure(GUARDED + "StartServers 3\nDBDMax 15\n")
    server.expect_log(UK_DEGRADED)
    server.start()
    eventually(lambda: findings(server))
    server.restart_gracefully()
    eventually(lambda: server.error_log.count("resuming normal") == 2)
    eventually(lambda: len(findings(server)) > 1)
    assert_keys_work(server)
    server.stop()
    assert len(findings(server)) == 2


@only_on("pgsql", "mysql", "odbc-pgsql", "odbc-mysql",
         reason="options that hurt")
def test_options_that_hurt(server):
    params = server.database.params
    for option in server.database.wanted:
        params = params.replace(option, "")
    use_params(server, params)
    line = start_and_expect(server, "UK0004: options: ")
    assert all(advice in line for advice in server.database.wanted.values())
    assert_keys_work(server)


@only_on("pgsql", reason="a password that nobody asks for")
def test_no_password_is_logged(server):
    password = "correct-horse-battery-staple"
    server.keep_secret(password)
    use_params(server, f"user=nobody password={password}")
    start_and_expect(server, "UK0004: options: ", "UK0003: connection: ")


def test_init_sql_that_fails(server):
    server.configure(GUARDED + 'DBDInitSQL "NONSENSE"\n')
    line = start_and_expect(server, "UK0004: init: DBDInitSQL number 1 fails (")
    assert "no reason given" not in line
    assert_keys_work(server)


@pytest.fixture
def read_only(server):
    """The database, while it takes no writes."""
    user = server.database.user

    def set_role(what):
        admin = server.database.server.connect()
        admin.cursor().execute(f"ALTER ROLE {user} {what}")
        admin.close()

    set_role("SET default_transaction_read_only = on")
    yield server.database
    server.stop()
    set_role("RESET default_transaction_read_only")


@only_on("pgsql", "odbc-pgsql", reason="its settings")
def test_database_that_is_read_only_on_purpose(server, request):
    key = server.database.create_key("monitors:read")
    request.getfixturevalue("read_only")
    server.expect_log(UK_ANY)
    line = start_and_expect(server, "UK0004: writes: the database is read-only")
    assert "default_transaction_read_only" in line
    assert server.get("/t/guarded", key).status_code == 200


def httpd_patch():
    """N of httpd 2.4.N."""
    told = subprocess.run([environment.httpd_binary(), "-v"], check=True,
                          capture_output=True, text=True).stdout
    return int(re.search(r"Apache/2\.4\.(\d+)", told)[1])


@pytest.mark.parametrize("where", ["VirtualHost *:81", "IfModule !no_such"])
def test_proxy_list_that_httpd_may_not_obey(server, where):
    """In a virtual host it is obeyed only since httpd 2.4.71."""
    server.configure(GUARDED + f"""
LoadModule remoteip_module ${{MODULES}}/mod_remoteip.so
<{where}>
    <IfModule remoteip_module>
        RemoteIPTrustedProxy 10.0.0.1
    </IfModule>
</{where.split()[0]}>
""")
    if "Virtual" in where and httpd_patch() < 71:
        line = start_and_expect(server, "UK0004: remoteip: RemoteIPTrustedP")
        assert "conf/test.conf, in a virtual host, is not obeyed" in line
    else:
        start_and_expect(server)
    assert_keys_work(server)


@only_on("sqlite3", reason="a file")
def test_file_that_depends_on_where_httpd_was_started(server):
    use_params(server, "keys.db")
    line = start_and_expect(server, "UK0004: path: ", "UK0003: connection: ")
    assert "cannot be used" in line


def test_tables_of_a_newer_version(server):
    server.database.execute("INSERT INTO uptime_schema VALUES (99)")
    line = start_and_expect(server, "UK0004: version: ")
    assert "version 99" in line and "install the newer one" in line


INDEXES = {
    "sqlite3": ("uptime_members_owner", "uptime_members"),
    "pgsql": ("uptime_keys_key_hash_key", "uptime_keys"),
    "mysql": ("uptime_keys_hash", "uptime_keys"),
}


def test_missing_index(server):
    name, table = INDEXES[server.database.dialect]
    server.database.lose_index(name, table)
    line = start_and_expect(server, f"UK0004: tables: missing: {name}; ")
    assert " run: uptime-keys -c FILE init" in line
    assert_keys_work(server)


def test_missing_trigger(server):
    server.database.lose_trigger("uptime_keys_deleted", "uptime_keys")
    start_and_expect(server, "UK0004: tables: missing: uptime_keys_deleted; ")
    assert_keys_work(server)


def test_missing_table(server):
    server.database.execute("DROP TABLE uptime_audit")
    line = start_and_expect(server, "UK0003: tables: missing: uptime_audit")
    assert " run: uptime-keys -c FILE init" in line


@only_on("sqlite3", reason="its journal")
def test_journal_that_makes_requests_wait(server):
    server.database.execute("PRAGMA journal_mode=DELETE")
    line = start_and_expect(server, "UK0004: journal: delete: ")
    assert " run: uptime-keys -c FILE init" in line
    assert_keys_work(server)


@only_on("pgsql", reason="a client's encoding")
def test_strings_that_are_not_utf8(server):
    use_params(server, server.database.params + " client_encoding=LATIN1")
    line = start_and_expect(server, "UK0004: encoding: ")
    assert "LATIN1" in line and "client_encoding=UTF8" in line


@only_on("pgsql", "odbc-pgsql", reason="a clock that can be shifted")
@pytest.mark.parametrize("seconds, words", [
    (60, "s ahead of"), (-60, "s behind")])
def test_clock_that_differs(server, seconds, words):
    server.database.shift_clock(seconds)
    line = start_and_expect(server, "UK0004: clock: ")
    assert words in line and "NTP" in line
    assert_keys_work(server)


@only_on("mysql", "odbc-mysql", reason="the time of a session")
def test_time_of_the_sessions_that_differs(server):
    server.configure(GUARDED + 'DBDInitSQL "SET timestamp = 1000000000"')
    line = start_and_expect(server, "UK0004: clock: ")
    assert "s behind" in line


TRIGGERS = {"uptime_keys_deleted": "uptime_keys",
            "uptime_keys_changed": "uptime_keys",
            "uptime_changes_logged": "uptime_changes",
            "uptime_changes_trimmed": "uptime_changes",
            "uptime_teams_keys": "uptime_teams",
            "uptime_teams_members": "uptime_teams"}


def use_plain_user(server):
    """A user with the privileges that the schema file lists for httpd."""
    database = server.database
    user = f"plain_{database.name}"
    database.execute(f"CREATE USER {user}")
    database.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON "
                     f"{database.name}.* TO {user}")
    use_params(server, database.params.replace("user=root", f"user={user}"))


def lose_triggers(server, *names):
    for name in names:
        server.database.lose_trigger(name, TRIGGERS[name])


@only_on("mysql", reason="its users")
def test_user_with_no_more_rights_than_needed(server):
    use_plain_user(server)
    server.start()
    assert_keys_work(server)
    assert findings(server) == []


@only_on("mysql", reason="it may hide triggers")
def test_triggers_count_only_for_who_may_see_them(server):
    lose_triggers(server, *TRIGGERS)
    start_and_expect(server, "UK0004: tables: missing: uptime_teams_keys")
    server.stop()
    server.begin_test()
    use_plain_user(server)
    server.start()
    assert_keys_work(server)
    assert findings(server) == []
