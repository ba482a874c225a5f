# SPDX-License-Identifier: Apache-2.0
"""Start-up checks: one clear line each; requests with keys are refused, and
others are served."""

import contextlib
import socket
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness import (
    UK_ANY,
    UK_CHECKED,
    assert_unavailable,
    eventually,
    make_key,
    only_on,
)
from harness.authn_dbd import BY_DBD, OLGA, add_users

pytestmark = pytest.mark.backend

GUARDED = """
<Location "/t/guarded">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Location>
"""

# Another module that uses mod_dbd, with the same database.
AUTHN_DBD = GUARDED + """
LoadModule authn_dbd_module ${MODULES}/mod_authn_dbd.so
<Location "/t/users">
""" + BY_DBD + """
</Location>
"""

# This module's log ids, and those of mod_dbd when it cannot connect.
COMPLAINTS = [UK_ANY, r"AH0062\d", r"AH0063\d", r"AH0265\d"]


@contextlib.contextmanager
def held_open(database):
    """Keep a reader open: the last connection to close a WAL database takes a
    lock, and mod_dbd does not wait for it when it prepares statements."""
    if database.dialect != "sqlite3":
        yield
        return
    with database.connection() as connection:
        connection.execute("SELECT * FROM users").fetchall()
        yield


def startup_lines(server):
    """This module's lines at warn and above that belong to no request."""
    return [line.text for line in
            server.error_log.ours("warn", "error", "crit")
            if "[client " not in line.text]


def assert_closed_but_alive(server):
    assert_unavailable(server.get("/t/guarded", make_key()))
    assert server.get("/t/guarded").status_code == 401
    assert server.get("/t/open").status_code == 200


def assert_closed_with_one_complaint(server, words):
    """Keys are refused, other locations work, and one line says why."""
    eventually(lambda: startup_lines(server))
    assert_closed_but_alive(server)
    assert_one_complaint(server, words)


def assert_one_complaint(server, words):
    eventually(lambda: startup_lines(server))
    matching = [line for line in startup_lines(server) if words in line]
    assert len(matching) == 1, startup_lines(server)


def assert_opens_after_init(server):
    server.database.init()
    server.database.create_team("later")
    key = server.database.create_key("monitors:read", team="later")
    eventually(lambda:
               server.get("/t/guarded", key).status_code == 200)


def test_all_is_well(new_httpd):
    """Control: nothing is logged if everything is in place."""
    server = new_httpd(GUARDED)
    assert not server.error_log.ours("warn", "error", "crit")
    key = server.database.create_key("monitors:read")
    assert server.get("/t/guarded", key).status_code == 200


def test_mod_dbd_not_loaded(new_httpd):
    server = new_httpd(GUARDED, database=False, without=("dbd",),
                       expect_log=COMPLAINTS)
    assert_closed_with_one_complaint(server, "mod_dbd")


def test_no_driver_configured(new_httpd):
    server = new_httpd(GUARDED, database=False, driver=False,
                       expect_log=COMPLAINTS)
    assert_closed_with_one_complaint(server, "UK0006: no database is configured")


@pytest.mark.parametrize("asks", [
    'AuthType uptime-key\nAuthName "Uptime"\nRequire valid-user',
    'AuthType Basic\nAuthName "Uptime"\nAuthBasicProvider file uptime-key',
    "SetHandler uptime-keys-leaked",
])
def test_no_driver_is_an_error_where_keys_are_asked_for(new_httpd, asks):
    server = new_httpd(f'<Location "/t/x">\n{asks}\n</Location>',
                       database=False, driver=False, expect_log=COMPLAINTS)
    assert_one_complaint(server, "UK0006: no database is configured")


def test_no_driver_is_told_once_where_nothing_asks_for_keys(new_httpd):
    """Installed and enabled, and no more: it is in nobody's way."""
    server = new_httpd('UptimeKeysCache On\n<Location "/t/open">\n'
                       "AuthName uptime-key\n</Location>",
                       database=False, driver=False)
    assert server.get("/t/open").status_code == 200
    eventually(lambda: server.error_log.ours("notice"))
    (line,) = server.error_log.ours("notice", "warn", "error", "crit")
    assert line.id == "UK0085"


def test_database_unreachable(new_httpd):
    server = new_httpd(GUARDED, database=False, start=False,
                       expect_log=COMPLAINTS)
    with server.database.unreachable():
        server.start()
        assert_closed_with_one_complaint(server, "database cannot be used")
    assert_opens_after_init(server)


def test_requests_do_not_each_try_an_unreachable_database(new_httpd):
    """Between two attempts of their process they are refused at once."""
    server = new_httpd(GUARDED, database=False, start=False,
                       expect_log=COMPLAINTS)
    with server.database.unreachable():
        server.start()
        for _ in range(60):
            assert_unavailable(server.get("/t/guarded", make_key()))
        attempts = server.error_log.count("AH00629")
    assert 0 < attempts < 60


@only_on("sqlite3", reason="a file")
def test_database_file_unreadable(new_httpd):
    server = new_httpd(GUARDED, start=False, expect_log=COMPLAINTS)
    server.database.file.chmod(0)
    server.start()
    assert_closed_with_one_complaint(server, "database cannot be used")
    server.database.file.chmod(0o644)
    key = server.database.create_key("monitors:read")
    eventually(lambda:
               server.get("/t/guarded", key).status_code == 200)


def test_schema_absent(new_httpd):
    server = new_httpd(AUTHN_DBD, database=False, start=False,
                       expect_log=COMPLAINTS)
    add_users(server.database)
    server.start()
    assert_closed_with_one_complaint(server, " init")
    assert server.get("/t/users", auth=OLGA).status_code == 200
    assert_opens_after_init(server)


def test_schema_older(new_httpd):
    """Keys may still work with older tables; what counts
    is the line in the log."""
    server = new_httpd(AUTHN_DBD, start=False, expect_log=COMPLAINTS)
    add_users(server.database)
    server.database.execute("UPDATE uptime_schema SET version = 1")
    with held_open(server.database):
        server.start()
        assert_one_complaint(server, "tables of an older version; run: ")
        assert server.get("/t/users", auth=OLGA).status_code == 200
        assert_opens_after_init(server)


@contextlib.contextmanager
def exclusive(database):
    """The lock of the last connection that closes a WAL database."""
    connection = sqlite3.connect(database.file, isolation_level=None)
    with contextlib.closing(connection):
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")


@only_on("sqlite3", reason="its locks")
def test_short_lock_is_no_outage(new_httpd):
    """For example of "uptime-keys key create" while httpd starts."""
    server = new_httpd(GUARDED, start=False)
    key = server.database.create_key("monitors:read")
    with ThreadPoolExecutor(4) as pool:
        with exclusive(server.database):
            server.start(await_checks=False)
            answers = [pool.submit(server.get, "/t/guarded", key)
                       for _ in range(4)]
            time.sleep(0.2)
        assert [answer.result().status_code for answer in answers] == 4 * [200]
    assert not startup_lines(server)


def test_first_child_serves_while_a_database_is_silent(new_httpd):
    """It accepts a connection and never says anything; DBDMin 0 keeps mod_dbd
    from connecting when a child starts."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = new_httpd(
            "DBDriver pgsql\nDBDMin 0\nStartServers 1\nDBDParams "
            f'"host=127.0.0.1 port={silent.getsockname()[1]} '
            'connect_timeout=30"\n',
            start=False, driver=False, expect_log=COMPLAINTS)
        server.start(await_checks=False)
        assert server.get("/answer.txt").status_code == 200
        assert not server.error_log.count(UK_CHECKED)
    eventually(lambda: server.error_log.count(UK_CHECKED))


def test_start_tries_a_database_that_refuses_once(new_httpd):
    """And says why.  DBDMin 0 keeps mod_dbd from trying it for itself."""
    server = new_httpd(
        "DBDriver pgsql\nDBDMin 0\nDBDMax 25\nStartServers 1\nDBDParams "
        '"host=127.0.0.1 port=1 connect_timeout=3"\n',
        start=False, driver=False, expect_log=COMPLAINTS)
    server.start()
    (line,) = [line for line in startup_lines(server) if "UK0003" in line]
    assert "Connection refused" in line
    assert r"\n" not in line and r"\u" not in line
    assert not server.error_log.count("AH00629")


def start_beside_silent_databases(new_httpd, first, second, more="",
                                  seconds=2):
    """Two listeners: the databases of the main server and of a virtual host.
    After so many seconds the check of one is over."""
    main, other = [
        "DBDriver pgsql\nDBDMin 0\nDBDParams \"host=127.0.0.1 "
        f"port={listener.getsockname()[1]} connect_timeout={seconds}\"\n"
        for listener in (first, second)]
    server = new_httpd(
        f"StartServers 1\n{more}{main}<VirtualHost *>\n{other}"
        "</VirtualHost>\n",
        start=False, driver=False, expect_log=COMPLAINTS)
    server.start(await_checks=False)
    return server


def test_child_that_ends_begins_no_further_check(new_httpd):
    with socket.create_server(("127.0.0.1", 0)) as first, \
            socket.create_server(("127.0.0.1", 0)) as second:
        # Enough for a busy machine to stop the server in.
        server = start_beside_silent_databases(new_httpd, first, second,
                                               seconds=6)
        connection, _ = first.accept()
        with connection:
            server.stop()
        second.setblocking(False)
        with pytest.raises(BlockingIOError):
            second.accept()
        assert not server.error_log.count(UK_CHECKED)


def ends_a_child_until(server, listener):
    """A child ends; whether another one, or it, connects to the listener."""
    server.get("/answer.txt")
    try:
        listener.accept()[0].close()
    except TimeoutError:
        return False
    return True


@pytest.mark.waits
def test_next_child_checks_what_an_ended_one_did_not(new_httpd):
    with socket.create_server(("127.0.0.1", 0)) as first, \
            socket.create_server(("127.0.0.1", 0)) as second:
        server = start_beside_silent_databases(
            new_httpd, first, second, "MaxConnectionsPerChild 1\n")
        second.settimeout(5)
        assert any(ends_a_child_until(server, second) for _ in range(10))
        server.stop()


@pytest.mark.mpm
def test_other_users_of_mod_dbd_work_beside_us(new_httpd):
    server = new_httpd(AUTHN_DBD, start=False)
    add_users(server.database)
    key = server.database.create_key("monitors:read")
    with held_open(server.database):
        server.start()
        for _ in range(20):
            assert server.get("/t/guarded", key).status_code == 200
            assert server.get("/t/users", auth=OLGA).status_code == 200


def test_graceful_restart_and_stop_are_quiet(new_httpd):
    server = new_httpd(GUARDED)
    key = server.database.create_key("monitors:read")
    assert server.get("/t/guarded", key).status_code == 200
    server.restart_gracefully()
    eventually(lambda: server.error_log.count("resuming normal") == 2)
    assert server.get("/t/guarded", key).status_code == 200
    server.stop()
    assert not server.error_log.ours("warn", "error", "crit")
