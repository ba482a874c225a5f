# SPDX-License-Identifier: Apache-2.0
"""conf/examples/ for PgBouncer and Pgpool-II, with the real ones, which demand
TLS and a password; and a failover behind them."""

import contextlib
import re

import pytest
from experiments import LaggingNode
from harness import (
    UK_ANY,
    Httpd,
    assert_unavailable,
    environment,
    eventually,
    first_answer,
)
from harness.pgsql import PostgresServer
from pooled import PooledDatabase
from pools import DATABASE, PgBouncer, Pgpool
from test_examples import (
    ENOUGH,
    GUARD,
    NAMELESS,
    PASSWORD,
    demand_tls_and_password,
    example,
    write_private,
)

BOUNCERS = ["bookworm", pytest.param("trixie", marks=pytest.mark.everywhere),
            pytest.param("sid", marks=pytest.mark.everywhere)]
PGPOOLS = ["trixie", pytest.param("bookworm", marks=pytest.mark.everywhere),
           pytest.param("sid", marks=pytest.mark.everywhere)]
FAILOVER = 40           # seconds, on a busy machine


class SamplePgBouncer(PgBouncer):
    """Runs with conf/examples/pgbouncer.ini."""

    def __init__(self, release, nodes, user, password):
        self.user = user
        self.password = password
        super().__init__(release, nodes, users=())

    def command(self):
        text = (environment.REPOSITORY / "conf" / "examples" /
                "pgbouncer.ini").read_text()
        self.configure("users", f'"{self.user}" "{self.password}"\n')
        for name, value in {
                "uptime": f"host=127.0.0.1 port={self.nodes[0].port} "
                          f"dbname={DATABASE}",
                "listen_addr": "127.0.0.1", "listen_port": self.port,
                "auth_file": self.folder / "users",
                "client_tls_cert_file": self.certificate,
                "client_tls_key_file": self.secret_key,
                "server_tls_ca_file": self.nodes[0].certificate}.items():
            text, count = re.subn(f"(?m)^{name} = .*$", f"{name} = {value}",
                                  text)
            assert count == 1, name
        return self.run_by(self.configure(
            "pgbouncer.ini", text + "unix_socket_dir =\n"))

    def answers(self):
        return "process up" in self.log()


class SamplePgpool(Pgpool):
    def __init__(self, release, nodes, user, password, **settings):
        self.user = user
        self.password = password
        super().__init__(release, nodes, **settings)

    def command(self):
        self.configure("pool_passwd", f"{self.user}:TEXT{self.password}\n"
                                      "admin:TEXT\n")
        self.settings |= {
            "ssl": "on", "ssl_cert": self.certificate,
            "ssl_key": self.secret_key, "enable_pool_hba": "on",
            "pool_passwd": self.folder / "pool_passwd"}
        command = super().command()
        self.configure(
            "pool_hba.conf",
            f"hostssl all {self.user} all scram-sha-256\n"
            f"host all {self.user} all reject\n"
            "host all all all trust\n")
        return command


@pytest.fixture(scope="module")
def node():
    server = PostgresServer()
    try:
        yield server.start()
    finally:
        server.remove()


@pytest.fixture
def pair():
    """A primary and its standby, both up to date."""
    with contextlib.ExitStack() as stack:
        nodes = []
        for _ in range(2):
            nodes.append(LaggingNode(*nodes))
            stack.callback(nodes[-1].remove)
            nodes[-1].start()
        yield nodes


@pytest.fixture
def server(httpds, monkeypatch):
    made = Httpd(without=("cgi", "cgid"), driver=False, expect_log=[
        UK_ANY, r"AH\d{5}"])
    httpds.append(made)
    monkeypatch.setenv("HOME", str(made.root))
    return made


def prepared(node, limits=True):
    """A database that demands TLS and a password, with its tables."""
    database = PooledDatabase(node)
    database.init()
    database.create_team("acme")
    demand_tls_and_password(database)
    if limits:
        with contextlib.closing(node.connect()) as admin:
            admin.cursor().execute(f"ALTER ROLE {database.user} "
                                   "SET statement_timeout = '3s'")
    return database


def sample(name, server, database, pooler, password=PASSWORD,
           host="127.0.0.1", certificate=None):
    file = write_private(server, "pgpass", f"*:*:*:*:{password}\n")
    text = example(name, HOST=host, PORT=pooler.port,
                   DATABASE="uptime" if name == "pgbouncer" else DATABASE,
                   USER=database.user, PASSFILE=file,
                   CA=certificate or pooler.certificate)
    server.database = database
    server.configure(text + GUARD)
    return server.root / "conf" / "test.conf"


def assert_works(server, database, config):
    checked = database.tool("check", config=config).stdout
    assert all(line.startswith("ok ") for line in checked.splitlines()), \
        checked
    key = database.import_key("monitors:read")
    server.start()
    assert server.get("/t/x", key, timeout=ENOUGH).status_code == 200
    assert not server.error_log.ours("warn", "error", "crit")
    with database.locked("uptime_keys"):
        assert_unavailable(server.get("/t/x", key, timeout=ENOUGH))


@contextlib.contextmanager
def running(pooler):
    try:
        yield pooler.start()
    finally:
        pooler.remove()


@pytest.mark.parametrize("release", BOUNCERS)
def test_pgbouncer_sample(server, node, release):
    database = prepared(node)
    with running(SamplePgBouncer(release, [node], database.user,
                                 PASSWORD)) as pooler:
        assert_works(server, database,
                     sample("pgbouncer", server, database, pooler))


# The failover below uses the same sample.
@pytest.mark.everywhere
@pytest.mark.parametrize("release", PGPOOLS)
def test_pgpool_sample(server, node, release):
    database = prepared(node, limits=False)
    with running(SamplePgpool(release, [node], database.user,
                              PASSWORD)) as pooler:
        assert_works(server, database,
                     sample("pgpool", server, database, pooler))


@pytest.mark.parametrize("wrong", [
    {"password": "guessed"}, {"host": NAMELESS}, {"certificate": "node's"}],
    ids=["password", "name", "authority"])
def test_pgbouncer_sample_gets_no_connection(server, node, wrong):
    database = prepared(node)
    if "certificate" in wrong:
        wrong = {"certificate": node.certificate}
    with running(SamplePgBouncer("bookworm", [node], database.user,
                                 PASSWORD)) as pooler:
        config = sample("pgbouncer", server, database, pooler, **wrong)
        done = database.tool("check", config=config, check=False)
    assert " connection: the database cannot be used " in \
        done.stdout + done.stderr


@pytest.mark.parametrize("release", BOUNCERS)
def test_promotion_behind_pgbouncer(server, pair, release):
    """PgBouncer knew the server when it was a standby, and goes on saying
    so.  Nobody tells it that things have changed."""
    primary, standby = pair
    database = prepared(primary)
    key = database.import_key("monitors:read")
    deleted = database.import_key("monitors:read")
    database.delete_key(deleted)
    position = primary.ask("SELECT pg_current_wal_lsn()")
    eventually(lambda: standby.ask(
        f"SELECT pg_last_wal_replay_lsn() >= '{position}'"))
    allow_on(standby, database)
    with running(SamplePgBouncer(release, [standby], database.user,
                                 PASSWORD)) as pooler:
        sample("pgbouncer", server, database, pooler)
        server.start()
        assert_unavailable(server.get("/t/x", key))
        primary.crash()
        standby.promote()
        eventually(lambda: server.get("/t/x", key).status_code == 200,
                   FAILOVER)
        assert first_answer(server, deleted).status_code == 401


def allow_on(standby, database):
    """pg_hba.conf is no part of what a standby replays."""
    file = standby.data / "pg_hba.conf"
    file.write_text(f"hostssl all {database.user} all scram-sha-256\n"
                    + file.read_text())
    with contextlib.closing(standby.connect()) as admin:
        admin.cursor().execute("SELECT pg_reload_conf()")


@pytest.mark.parametrize("release", BOUNCERS)
def test_primary_dies_behind_pgbouncer(server, pair, release):
    primary, standby = pair
    database = prepared(primary)
    allow_on(standby, database)
    key = database.import_key("monitors:read")
    with running(SamplePgBouncer(release, [primary], database.user,
                                 PASSWORD)) as pooler:
        sample("pgbouncer", server, database, pooler)
        server.start()
        assert server.get("/t/x", key).status_code == 200
        caught_up(primary, standby)
        primary.crash()
        assert_unavailable(server.get("/t/x", key, timeout=ENOUGH))
        standby.promote()
        pooler.nodes = [standby]
        pooler.stop()
        pooler.start()
        eventually(lambda: server.get("/t/x", key,
                                      timeout=ENOUGH).status_code == 200,
                   FAILOVER)


def caught_up(primary, standby):
    position = primary.ask("SELECT pg_current_wal_lsn()")
    eventually(lambda: standby.ask(
        f"SELECT pg_last_wal_replay_lsn() >= '{position}'"))


@pytest.mark.parametrize("release", PGPOOLS)
def test_primary_dies_behind_pgpool(server, pair, release):
    """Pgpool-II finds the new primary by itself."""
    primary, standby = pair
    database = prepared(primary, limits=False)
    allow_on(standby, database)
    key = database.import_key("monitors:read")
    deleted = database.import_key("monitors:read")
    with running(SamplePgpool(
            release, pair, database.user, PASSWORD, sr_check_period=1,
            search_primary_node_timeout=30)) as pooler:
        sample("pgpool", server, database, pooler)
        server.start()
        assert server.get("/t/x", deleted).status_code == 200
        database.delete_key(deleted)
        caught_up(primary, standby)
        primary.crash()
        server.get("/t/x", key, timeout=ENOUGH)
        standby.promote()
        eventually(lambda: server.get("/t/x", key,
                                      timeout=ENOUGH).status_code == 200,
                   FAILOVER)
        assert first_answer(server, deleted, timeout=ENOUGH).status_code == 401
