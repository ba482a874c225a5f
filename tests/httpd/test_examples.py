# SPDX-License-Identifier: Apache-2.0
"""conf/examples/: each works on a real server, which requires TLS and a
password."""

import contextlib
import os
import re
import select
import socket
import threading
from pathlib import Path

import pytest
from harness import (
    UK_ANY,
    assert_unavailable,
    environment,
    eventually,
    only_on,
)
from harness.authn_dbd import BY_DBD

pytestmark = pytest.mark.backend

PASSWORD = "open-sesame"
# Seconds: more than one of a sample's timeouts, which are 3, and less than
# several in a row.  Without the timeouts a request would hang.
ENOUGH = 12
# httpd's default number of threads.
GUARD = """
<IfModule !mpm_prefork_module>
    ThreadsPerChild 25
    MaxRequestWorkers 50
</IfModule>
<Location "/t/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Location>
"""
# Nearly the longest row that is possible.
LONG_NAME = "\N{MUSICAL SYMBOL G CLEF}" * 255
LONG_SCOPES = ("monitors:read", *(f"{'x' * 60}{n}:y" for n in range(10, 68)))
# A name of the server that is not in its certificate.  For "localhost"
# MariaDB's client would use a socket.
NAMELESS = "LOCALHOST"


def read_example(name):
    return (environment.REPOSITORY / "conf" / "examples" /
            f"{name}.conf").read_text()


def shown_in(name):
    """The directives in the comments of a sample."""
    return "".join(re.findall(r"(?m)^#     (.*\n)", read_example(name)))


def example(name, **defines):
    """A sample with other values for the names that it Defines."""
    text = read_example(name)
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
    key = server.database.import_key(*LONG_SCOPES, name=LONG_NAME)
    server.start()
    assert server.get("/t/x", key, timeout=ENOUGH).status_code == 200
    assert not server.error_log.ours("warn", "error", "crit")
    return key


def assert_nobody_waits_for_ever(server, key):
    """Although the database hangs for longer than the sample's timeouts."""
    server.expect_log(UK_ANY)
    with server.database.locked("uptime_keys"):
        assert_unavailable(server.get("/t/x", key, timeout=ENOUGH))


def check(server, text):
    """The output of the tool's check of a configuration."""
    server.configure(text)
    done = server.database.tool("check", check=False, timeout=ENOUGH,
                                config=server.root / "conf" / "test.conf")
    return done.stdout + done.stderr


def assert_gets_no_connection(server, text):
    assert " connection: the database cannot be used " in check(server, text)


@pytest.fixture
def silent_port():
    """A port that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture(params=["another authority", "another name",
                        "wrong password", "no answer"])
def wrong(request, silent_port):
    """Arguments with which a sample must not connect."""
    return {"another authority": {"whose": "another's"},
            "another name": {"host": NAMELESS},
            "wrong password": {"password": "guessed"},
            "no answer": {"port": silent_port}}[request.param]


@pytest.fixture
def server(new_httpd, monkeypatch):
    server = new_httpd(database=False, driver=False, start=False)
    monkeypatch.setenv("HOME", str(server.root))
    yield server
    # What still waits for the database reports it in this test.
    server.stop()


def write_private(server, name, text):
    path = server.write(name, text)
    path.chmod(0o600)
    environment.give_to_ordinary_user(path)
    return path


def certificate_of(server, whose):
    """The server's own certificate, or one of another authority."""
    if whose == "its own":
        return server.database.server.certificate
    made = server.database.server.folder / "other.pem"
    server.database.server.certify(made.with_suffix(".key"), made)
    return made


@only_on("sqlite3", reason="its sample")
def test_sqlite3_sample(server):
    assert_works(server, example("sqlite3", FILE=server.database.file))


def demand_tls_and_password(database):
    """Require both from PostgreSQL's user, over TCP."""
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


def alter_user(database, setting):
    with contextlib.closing(database.server.connect()) as admin:
        admin.cursor().execute(f"ALTER ROLE {database.user} SET {setting}")


def pgsql_sample(server, whose="its own", password=PASSWORD, port=None,
                 host="127.0.0.1"):
    demand_tls_and_password(server.database)
    port = port or server.database.server.port
    file = write_private(server, "pgpass", f"*:*:*:*:{password}\n")
    return example("pgsql", HOSTS=f"{host},{host}", PORTS=f"1,{port}",
                   DATABASE="postgres", USER=server.database.user,
                   PASSFILE=file, CA=certificate_of(server, whose))


@only_on("pgsql", reason="its sample")
def test_pgsql_sample_wants_a_server_that_takes_writes(server):
    sample = pgsql_sample(server)
    alter_user(server.database, "default_transaction_read_only = on")
    assert_gets_no_connection(server, sample)


@only_on("pgsql", reason="its sample")
def test_pgsql_sample_wants_strings_in_utf8(server):
    sample = pgsql_sample(server)
    server.database.init()
    alter_user(server.database, "client_encoding = LATIN1")
    assert "ok encoding: UTF8\n" in check(server, sample)


def keepalives(port):
    """Seconds until the next keepalive probe of each idle connection to a
    port: timer 2 in /proc/net/tcp, see proc(5)."""
    rows = [line.split() for line in
            Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return [int(row[5].partition(":")[2], 16) / os.sysconf("SC_CLK_TCK")
            for row in rows if row[2].endswith(f":{port:04X}")
            and row[5].startswith("02:")]


@only_on("pgsql", reason="its sample")
def test_pgsql_sample_looks_after_idle_connections(server):
    assert_works(server, pgsql_sample(server))
    found = eventually(lambda: keepalives(server.database.server.port))
    assert all(seconds <= 30 for seconds in found), found


def create_tls_user(database):
    user = f"u{database.name}"
    database.execute(f"CREATE USER {user} IDENTIFIED BY '{PASSWORD}' "
                     "REQUIRE SSL")
    database.execute(f"GRANT ALL ON {database.name}.* TO {user}")
    return user


def option_file(**values):
    """The option file in the sample's comments, with other values."""
    text = shown_in("mysql").partition("uptime-keys -c")[0]
    for name, value in values.items():
        text, count = re.subn(f"(?m)^{name} = .*$", f"{name} = {value}", text)
        assert count == 1, name
    return text


def mysql_sample(server, whose="its own", password=PASSWORD, port=None,
                 host="127.0.0.1"):
    database = server.database
    text = option_file(host=host, user=create_tls_user(database),
                       password=f'"{password}"',
                       **{"ssl-ca": certificate_of(server, whose)})
    write_private(server, ".my.cnf",
                  f"{text}port = {port or database.server.port}\n")
    return example("mysql", DATABASE=database.name)


@only_on("mysql", reason="its sample")
def test_mysql_sample_wants_strings_in_utf8(server):
    """Even if an option file has another character set."""
    sample = mysql_sample(server)
    server.database.init()
    with (server.root / ".my.cnf").open("a") as file:
        file.write("default-character-set = latin1\n")
    assert "ok encoding: utf8mb4\n" in check(server, sample)


def odbc_sample(server, whose="its own", password=PASSWORD, port=None,
                host="127.0.0.1"):
    database = server.database
    demand_tls_and_password(database)
    (server.root / ".postgresql").mkdir()
    server.write(".postgresql/root.crt",
                 certificate_of(server, whose).read_text())
    write_private(server, ".pgpass", f"*:*:*:*:{password}\n")
    return example("odbc", HOST=host,
                   PORT=port or database.server.port,
                   DATABASE="postgres", USER=database.user)


def odbc_mariadb(server, whose="its own", password=PASSWORD, port=None,
                 host="127.0.0.1"):
    """The sample with the connect string in its comments."""
    database = server.database
    shown = "".join(re.search(r"(?s)DRIVER=.*\}", shown_in("odbc"))[0].split(
        "\n"))
    for value in (host, port or database.server.port, database.name,
                  f"{create_tls_user(database)};PWD={password}",
                  certificate_of(server, whose)):
        shown = shown.replace("…", str(value), 1)
    text, count = re.subn(r"(?s)CONNECT='.*?'",
                          lambda _: f"CONNECT='{shown}'", example("odbc"))
    assert count == 1 and "…" not in shown
    return text


SAMPLES = {"pgsql": pgsql_sample, "mysql": mysql_sample,
           "odbc-pgsql": odbc_sample, "odbc-mysql": odbc_mariadb}


@pytest.fixture
def sample():
    """The function that makes the sample for the server under test."""
    return SAMPLES[environment.BACKEND]


@only_on(*SAMPLES, reason="its sample")
def test_sample_finds_the_server_by_tls(server, sample):
    """PostgreSQL's has several hosts, MariaDB's a group of an option file."""
    key = assert_works(server, sample(server))
    assert_nobody_waits_for_ever(server, key)


@contextlib.contextmanager
def slow_look_ups(database):
    """A context in which each look-up of a key takes half a minute.  Not by SLEEP():
    where MySQL reads a row by its key, an interrupted one is no error."""
    database.execute("RENAME TABLE uptime_keys TO uptime_keys_renamed")
    database.execute(
        "CREATE VIEW uptime_keys AS SELECT * FROM uptime_keys_renamed "
        "WHERE BENCHMARK(50000000, SHA2('x', 512)) = 0")
    try:
        yield
    finally:
        database.execute("DROP VIEW uptime_keys")
        database.execute("RENAME TABLE uptime_keys_renamed TO uptime_keys")


@only_on("mysql", "odbc-mysql", reason="a look-up that waits for no lock")
def test_sample_limits_a_look_up_that_takes_long(server, sample):
    key = assert_works(server, sample(server))
    server.expect_log(UK_ANY)
    with slow_look_ups(server.database):
        assert_unavailable(server.get("/t/x", key, timeout=ENOUGH))
    assert server.get("/t/x", key).status_code == 200


MANAGED = """
<Location "/keys">
    SetHandler uptime-keys
    AuthType uptime-key
    AuthName "Uptime"
    Require valid-user
</Location>
"""


@only_on(*SAMPLES, reason="its sample")
def test_sample_limits_a_change_that_waits_for_a_lock(server, sample):
    database = server.database
    assert_works(server, sample(server) + MANAGED)
    key = database.create_key("api-keys:write")
    server.expect_log(UK_ANY)
    unlock = database.lock_keys()
    try:
        assert_unavailable(server.request("DELETE", f"/keys/{key.id}", key,
                                          timeout=ENOUGH))
    finally:
        unlock()
    assert server.request("DELETE", f"/keys/{key.id}", key).status_code == 200


@only_on(*SAMPLES, reason="its sample")
def test_sample_gets_no_connection(server, sample, wrong):
    assert_gets_no_connection(server, sample(server, **wrong))


class Narrow:
    """A proxy that reads only so many bytes of each client, so that a longer
    statement hangs."""

    MOST = 4000

    def __init__(self, port):
        self._upstream = ("127.0.0.1", port)
        self._listener = socket.socket()
        # The smallest receive buffer that the kernel allows.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen()
        self.port = self._listener.getsockname()[1]
        self._clients = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                self._clients.append(self._listener.accept()[0])
                threading.Thread(target=self._serve, daemon=True,
                                 args=self._clients[-1:]).start()

    def _serve(self, client):
        with client, socket.create_connection(self._upstream) as server, \
                contextlib.suppress(OSError):
            room = self.MOST
            while True:
                heard = select.select(
                    [server, client] if room else [server], [], [])[0]
                if client in heard:
                    data = client.recv(room)
                    server.sendall(data)
                    room -= len(data)
                else:
                    data = server.recv(65536)
                    client.sendall(data)
                    room = self.MOST
                if not data:
                    return

    def close(self):
        """Close the connections of clients that still wait."""
        self._listener.close()
        for client in self._clients:
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)


# A user whose query is longer than that.
AUTHN_DBD = """
LoadModule authn_dbd_module ${MODULES}/mod_authn_dbd.so
LimitRequestFieldSize 65536
<Location "/t/users">
""" + BY_DBD + """
</Location>
"""


@only_on("pgsql", "odbc-pgsql", "odbc-mysql",
         reason="a time-out for what is not taken")
def test_sample_gives_up_a_connection_that_takes_nothing(server, sample):
    server.database.execute("CREATE TABLE users (name TEXT, password TEXT)")
    with contextlib.closing(Narrow(server.database.server.port)) as network:
        server.configure(sample(server, port=network.port) + AUTHN_DBD)
        server.expect_log(UK_ANY, r"AH\d{5}")
        server.start()
        for name in ("x", "x" * 20000):
            # Any answer will do: mod_authn_dbd's is 401 to both.
            server.get("/t/users", auth=(name, "y"), timeout=ENOUGH)
