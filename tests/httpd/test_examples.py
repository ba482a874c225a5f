# SPDX-License-Identifier: Apache-2.0
"""conf/examples/: each is loaded and works on a real server, which lets its
user in over TLS and with a password alone."""

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
from harness.people import BY_DBD

pytestmark = pytest.mark.backend

PASSWORD = "open-sesame"
# Seconds: more than any of a sample's time-outs, 3, and less than all that a
# request would take if it was asked again after each.  Without them whoever
# asks waits for ever.
ENOUGH = 12
# As many threads as httpd has where nobody says how many.
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
# Of the longest row that there can be, nearly.
LONG_NAME = "\N{MUSICAL SYMBOL G CLEF}" * 255
LONG_SCOPES = ("monitors:read", *(f"{'x' * 60}{n}:y" for n in range(10, 68)))
# The server, by a name that its certificate does not have.
NAMELESS = "LOCALHOST"      # in small letters MariaDB's client takes a socket


def read_example(name):
    return (environment.REPOSITORY / "conf" / "examples" /
            f"{name}.conf").read_text()


def shown_in(name):
    """What the comments of a sample show, as it stands there."""
    return "".join(re.findall(r"(?m)^#     (.*\n)", read_example(name)))


def example(name, **defines):
    """A sample in which only what it defines is replaced."""
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
    """The database hangs for longer than the sample's time-outs."""
    server.expect_log(UK_ANY)
    with server.database.locked("uptime_keys"):
        assert_unavailable(server.get("/t/x", key, timeout=ENOUGH))


def check(server, text):
    """What the tool has to say of a configuration, all in one."""
    server.configure(text)
    done = server.database.tool("check", check=False, timeout=ENOUGH,
                                config=server.root / "conf" / "test.conf")
    return done.stdout + done.stderr


def assert_gets_no_connection(server, text):
    assert " connection: the database cannot be used " in check(server, text)


@pytest.fixture
def silent_port():
    """Somebody listens there, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture(params=["another authority", "another name",
                        "wrong password", "no answer"])
def wrong(request, silent_port):
    """What a sample cannot live with."""
    return {"another authority": {"whose": "another's"},
            "another name": {"host": NAMELESS},
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
def test_pgsql_sample_wants_texts_in_utf8(server):
    sample = pgsql_sample(server)
    server.database.init()
    alter_user(server.database, "client_encoding = LATIN1")
    assert "ok encoding: UTF8\n" in check(server, sample)


def keepalives(port):
    """In how many seconds the kernel asks for a sign of life, for each idle
    connection to a port: the timer of kind 2 in proc(5)'s /proc/net/tcp."""
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
    """The one that the sample shows, with other values."""
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
def test_mysql_sample_wants_texts_in_utf8(server):
    """Whatever an option file says."""
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
    """The sample, with the other connect string that it shows."""
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
    """What makes the one of this server."""
    return SAMPLES[environment.BACKEND]


@only_on(*SAMPLES, reason="its sample")
def test_sample_finds_the_server_by_tls(server, sample):
    """PostgreSQL's among several hosts, MariaDB's by its group."""
    key = assert_works(server, sample(server))
    assert_nobody_waits_for_ever(server, key)


@only_on(*SAMPLES, reason="its sample")
def test_sample_gets_no_connection(server, sample, wrong):
    assert_gets_no_connection(server, sample(server, **wrong))


class Narrow:
    """A network before a server that brings so many bytes of a question; what
    is longer waits, and nobody says so."""

    MOST = 4000

    def __init__(self, port):
        self._upstream = ("127.0.0.1", port)
        self._listener = socket.socket()
        # As little as the kernel lets it be, of every connection.
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
        """Whoever still waits is told now."""
        self._listener.close()
        for client in self._clients:
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)


# Who asks what is longer than that.
PEOPLE = """
LoadModule authn_dbd_module ${MODULES}/mod_authn_dbd.so
LimitRequestFieldSize 65536
<Location "/t/people">
""" + BY_DBD + """
</Location>
"""


@only_on("pgsql", "odbc-pgsql", "odbc-mysql",
         reason="a time-out for what is not taken")
def test_sample_gives_up_a_connection_that_takes_nothing(server, sample):
    server.database.execute("CREATE TABLE people (name TEXT, password TEXT)")
    with contextlib.closing(Narrow(server.database.server.port)) as network:
        server.configure(sample(server, port=network.port) + PEOPLE)
        server.expect_log(UK_ANY, r"AH\d{5}")
        server.start()
        for name in ("x", "x" * 20000):
            # That there is an answer is all: mod_authn_dbd's is 401 to both.
            server.get("/t/people", auth=(name, "y"), timeout=ENOUGH)
