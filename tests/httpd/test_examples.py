# SPDX-License-Identifier: Apache-2.0
"""conf/examples/: each is loaded and works on a real server, which lets its
user in over TLS and with a password alone."""

import contextlib
import re
import socket

import pytest
from harness import (
    UK_ANY,
    assert_unavailable,
    environment,
    eventually,
    only_on,
)

pytestmark = pytest.mark.backend

PASSWORD = "open-sesame"
# Seconds: more than any of a sample's time-outs, 3, and less than all that a
# request would take if it was asked again after each.  Without them whoever
# asks waits for ever.
ENOUGH = 12
GUARD = """
<Location "/t/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Location>
"""


def example(name, **defines):
    """A sample in which only what it defines is replaced."""
    text = (environment.REPOSITORY / "conf" / "examples" /
            f"{name}.conf").read_text()
    for word, value in defines.items():
        text, count = re.subn(f"(?m)^Define UPTIME_KEYS_{word} .*$",
                              f"Define UPTIME_KEYS_{word} {value}", text)
        assert count == 1, word
    return text


def assert_works(server, text):
    server.configure(text + GUARD)
    config = server.root / "conf" / "test.conf"
    server.database.tool("init", config=config)
    server.database.tool("team", "create", "acme", config=config)
    checked = server.database.tool("check", config=config).stdout
    assert all(line.startswith("ok ") for line in checked.splitlines())
    server.start()
    key = server.database.create_key("monitors:read")
    assert eventually(lambda: server.get("/t/x", key)).status_code == 200
    return key


def assert_nobody_waits_for_ever(server, key):
    """The database hangs for longer than the sample's time-outs."""
    server.expect_log(UK_ANY)
    with server.database.locked("uptime_keys"):
        assert_unavailable(server.get("/t/x", key, timeout=ENOUGH))


def assert_gets_no_connection(server, text):
    server.configure(text)
    done = server.database.tool("init", check=False, timeout=ENOUGH,
                                config=server.root / "conf" / "test.conf")
    assert done.returncode == 1 and done.stderr


@pytest.fixture
def silent_port():
    """Somebody listens there, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture(params=["another authority", "wrong password", "no answer"])
def wrong(request, silent_port):
    """What a sample cannot live with."""
    return {"another authority": {"whose": "another's"},
            "wrong password": {"password": "guessed"},
            "no answer": {"port": silent_port}}[request.param]


@pytest.fixture
def server(new_httpd, monkeypatch):
    server = new_httpd(database=False, driver=False, start=False)
    monkeypatch.setenv("HOME", str(server.root))
    return server


def write_private(server, name, text):
    path = server.write(name, text)
    path.chmod(0o600)
    environment.give_to_ordinary_user(path)
    return path


def certificate_of(server, whose):
    """The server's own, or one that looks like it."""
    if whose == "its own":
        return server.database.server.certificate
    made = server.database.server.folder / "other.pem"
    server.database.server.certify(made.with_suffix(".key"), made)
    return made


@only_on("sqlite3", reason="its sample")
def test_sqlite3_sample(server):
    assert_works(server, example("sqlite3", FILE=server.database.file))


def demand_tls_and_password(database):
    """Of PostgreSQL's user, by TCP."""
    file = database.server.data / "pg_hba.conf"
    file.write_text(f"hostssl all {database.user} all scram-sha-256\n"
                    f"host all {database.user} all reject\n"
                    + file.read_text())
    with contextlib.closing(database.server.connect()) as admin:
        cursor = admin.cursor()
        cursor.execute(f"ALTER ROLE {database.user} PASSWORD '{PASSWORD}'")
        cursor.execute("SELECT pg_reload_conf()")
    eventually(lambda: is_refused(database, sslmode="require"))
    assert is_refused(database, sslmode="disable", password=PASSWORD)


def is_refused(database, **options):
    import psycopg2     # pylint: disable=import-outside-toplevel
    try:
        psycopg2.connect(host="127.0.0.1", port=database.server.port,
                         user=database.user, dbname="postgres",
                         **options).close()
    except psycopg2.OperationalError:
        return True
    return False


def pgsql_sample(server, whose="its own", password=PASSWORD, port=None):
    demand_tls_and_password(server.database)
    port = port or server.database.server.port
    file = write_private(server, "pgpass", f"*:*:*:*:{password}\n")
    return example("pgsql", HOSTS="127.0.0.1,127.0.0.1", PORTS=f"1,{port}",
                   DATABASE="postgres", USER=server.database.user,
                   PASSFILE=file, CA=certificate_of(server, whose))


@only_on("pgsql", reason="its sample")
def test_pgsql_sample_finds_the_server_among_hosts_by_tls(server):
    key = assert_works(server, pgsql_sample(server))
    assert_nobody_waits_for_ever(server, key)


@only_on("pgsql", reason="its sample")
def test_pgsql_sample_gets_no_connection(server, wrong):
    assert_gets_no_connection(server, pgsql_sample(server, **wrong))


def mysql_sample(server, whose="its own", password=PASSWORD, port=None):
    database = server.database
    user = f"u{database.name}"
    database.execute(f"CREATE USER {user} IDENTIFIED BY '{PASSWORD}' "
                     "REQUIRE SSL")
    database.execute(f"GRANT ALL ON {database.name}.* TO {user}")
    write_private(server, ".my.cnf", f"""[uptime-keys]
host = 127.0.0.1
port = {port or database.server.port}
user = {user}
password = "{password}"
ssl-ca = {certificate_of(server, whose)}
ssl-verify-server-cert
connect-timeout = 3
""")
    return example("mysql", DATABASE=database.name)


@only_on("mysql", reason="its sample")
def test_mysql_sample_with_its_group_and_tls(server):
    key = assert_works(server, mysql_sample(server))
    assert_nobody_waits_for_ever(server, key)


@only_on("mysql", reason="its sample")
def test_mysql_sample_gets_no_connection(server, wrong):
    assert_gets_no_connection(server, mysql_sample(server, **wrong))


def odbc_sample(server, whose="its own", password=PASSWORD, port=None):
    database = server.database
    demand_tls_and_password(database)
    (server.root / ".postgresql").mkdir()
    server.write(".postgresql/root.crt",
                 certificate_of(server, whose).read_text())
    write_private(server, ".pgpass", f"*:*:*:*:{password}\n")
    return example("odbc", HOST="127.0.0.1",
                   PORT=port or database.server.port,
                   DATABASE="postgres", USER=database.user)


@only_on("odbc-pgsql", reason="its sample")
def test_odbc_sample(server):
    key = assert_works(server, odbc_sample(server))
    assert_nobody_waits_for_ever(server, key)


@only_on("odbc-pgsql", reason="its sample")
def test_odbc_sample_gets_no_connection(server, wrong):
    assert_gets_no_connection(server, odbc_sample(server, **wrong))
