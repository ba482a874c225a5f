# SPDX-License-Identifier: Apache-2.0
"""conf/examples/: each is loaded and works on a real server, over TLS."""

import re

import pytest
from harness import environment, eventually, only_on

pytestmark = pytest.mark.backend

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


@pytest.fixture
def server(new_httpd):
    return new_httpd(database=False, driver=False, start=False)


@only_on("sqlite3", reason="its sample")
def test_sqlite3_sample(server):
    assert_works(server, example("sqlite3", FILE=server.database.file))


@only_on("pgsql", reason="its sample")
def test_pgsql_sample_finds_the_server_among_hosts_by_tls(server,
                                                          monkeypatch):
    monkeypatch.setenv("HOME", str(server.root))
    port = server.database.server.port
    text = example("pgsql", HOSTS="127.0.0.1,127.0.0.1", PORTS=f"1,{port}",
                   DATABASE="postgres", USER=server.database.user,
                   CA=server.database.server.certificate)
    assert_works(server, text)


@only_on("mysql", reason="its sample")
def test_mysql_sample_with_its_group_and_tls(server, monkeypatch):
    database = server.database
    server.write(".my.cnf", f"""[uptime-keys]
host = 127.0.0.1
port = {database.server.port}
user = root
ssl-ca = {database.server.certificate}
ssl-verify-server-cert
""")
    monkeypatch.setenv("HOME", str(server.root))
    assert_works(server, example("mysql", DATABASE=database.name))


@only_on("odbc-pgsql", reason="its sample")
def test_odbc_sample(server, monkeypatch):
    database = server.database
    (server.root / ".postgresql").mkdir()
    server.write(".postgresql/root.crt",
                 database.server.certificate.read_text())
    monkeypatch.setenv("HOME", str(server.root))
    assert_works(server, example(
        "odbc", HOST="127.0.0.1", PORT=database.server.port,
        DATABASE="postgres", USER=database.user))
