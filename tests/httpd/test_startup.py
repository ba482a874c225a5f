# SPDX-License-Identifier: Apache-2.0
"""Start-up checks: one clear line each, nobody let in, nobody else harmed."""

import pytest
from harness import UK_ANY, assert_unavailable, eventually, make_key

GUARDED = """
<Location "/t/guarded">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Location>
"""

# Another user of mod_dbd, over the same database.
PEOPLE = GUARDED + """
LoadModule authn_dbd_module ${MODULES}/mod_authn_dbd.so
<Location "/t/people">
    AuthType Basic
    AuthName "People"
    AuthBasicProvider dbd
    AuthDBDUserPWQuery "SELECT password FROM people WHERE name = %s"
    Require valid-user
</Location>
"""
OLGA = ("olga", "secret")
OLGAS_HASH = "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="    # of "secret"

# mod_dbd's own complaints about a database that it cannot open.
DBD_COMPLAINTS = r"AH0062\d|AH0063\d|AH01653|AH01656|AH0176\d"


def add_people(database):
    database.execute("CREATE TABLE people (name TEXT, password TEXT)")
    database.execute("INSERT INTO people VALUES (?, ?)", "olga", OLGAS_HASH)


def startup_lines(server, pattern):
    """Our lines at warn and above that say this, in any process."""
    return [line for line in server.error_log.ours("warn", "error", "crit")
            if pattern in line.text.lower()]


def assert_closed_but_alive(server):
    assert_unavailable(server.get("/t/guarded", make_key()))
    assert server.get("/t/guarded").status_code == 401
    assert server.get("/t/open").status_code == 200


def assert_opens_after_init(server):
    server.database.init()
    server.database.create_team("acme")
    key = server.database.create_key("monitors:read")
    eventually(lambda:
               server.get("/t/guarded", key).status_code == 200)


def test_all_is_well(new_httpd):
    """Control: with everything in place nothing is complained about."""
    server = new_httpd(GUARDED)
    assert not server.error_log.ours("warn", "error", "crit")
    key = server.database.create_key("monitors:read")
    assert server.get("/t/guarded", key).status_code == 200


def test_mod_dbd_not_loaded(new_httpd):
    server = new_httpd(GUARDED, database=False, without=("dbd",))
    server.expect_log(UK_ANY)
    assert len(startup_lines(server, "mod_dbd")) == 1
    assert_closed_but_alive(server)


def test_no_driver_configured(new_httpd):
    server = new_httpd(GUARDED, database=False, driver=False)
    server.expect_log(UK_ANY, DBD_COMPLAINTS)
    assert len(startup_lines(server, "dbdriver")) == 1
    assert_closed_but_alive(server)


def test_database_unreachable(new_httpd):
    server = new_httpd(GUARDED, database=False, start=False)
    (server.root / "db").chmod(0)
    server.start()
    server.expect_log(UK_ANY, DBD_COMPLAINTS)
    assert len(startup_lines(server, "database")) == 1
    assert_closed_but_alive(server)
    (server.root / "db").chmod(0o755)
    assert_opens_after_init(server)


def test_database_file_unreadable(new_httpd):
    server = new_httpd(GUARDED, start=False)
    server.database.file.chmod(0)
    server.start()
    server.expect_log(UK_ANY, DBD_COMPLAINTS)
    assert len(startup_lines(server, "database")) == 1
    assert_closed_but_alive(server)
    server.database.file.chmod(0o644)
    key = server.database.create_key("monitors:read")
    eventually(lambda:
               server.get("/t/guarded", key).status_code == 200)


def test_schema_absent(new_httpd):
    server = new_httpd(PEOPLE, database=False, start=False)
    add_people(server.database)
    server.start()
    server.expect_log(UK_ANY)
    (line,) = startup_lines(server, "schema")
    assert "uptime-keys" in line.text and "init" in line.text
    assert_closed_but_alive(server)
    assert server.get("/t/people", auth=OLGA).status_code == 200
    assert_opens_after_init(server)
    assert server.get("/t/people", auth=OLGA).status_code == 200


def test_schema_older(new_httpd):
    server = new_httpd(PEOPLE, start=False)
    add_people(server.database)
    key = server.database.create_key("monitors:read")
    server.database.execute("UPDATE uptime_schema SET version = 0")
    server.start()
    server.expect_log(UK_ANY)
    (line,) = startup_lines(server, "schema")
    assert "uptime-keys" in line.text and "init" in line.text
    assert_unavailable(server.get("/t/guarded", key))
    assert server.get("/t/people", auth=OLGA).status_code == 200
    server.database.init()
    eventually(lambda:
               server.get("/t/guarded", key).status_code == 200)


def test_nobody_is_complained_to_who_guards_nothing(new_httpd):
    """Silence of the contract: the module loaded by a package, before any
    configuration, is no reason for an error at start."""
    server = new_httpd(database=False, without=("dbd",))
    assert not server.error_log.ours("error", "crit")
    assert server.get("/t/open").status_code == 200


@pytest.mark.mpm
def test_other_users_of_mod_dbd_work_beside_us(new_httpd):
    server = new_httpd(PEOPLE, start=False)
    add_people(server.database)
    server.start()
    key = server.database.create_key("monitors:read")
    for _ in range(20):
        assert server.get("/t/guarded", key).status_code == 200
        assert server.get("/t/people", auth=OLGA).status_code == 200


def test_graceful_restart_and_stop_are_quiet(new_httpd):
    server = new_httpd(GUARDED)
    key = server.database.create_key("monitors:read")
    server.restart_gracefully()
    eventually(lambda: server.error_log.count("AH00489") == 2)
    assert server.get("/t/guarded", key).status_code == 200
    server.stop(graceful=True)
    assert not server.error_log.ours("warn", "error", "crit")
