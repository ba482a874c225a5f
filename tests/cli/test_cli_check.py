# SPDX-License-Identifier: Apache-2.0
"""check: what is between httpd and the database, and the session there."""

import sys
from pathlib import Path

import pytest

from harness import environment, only_on

sys.path.insert(0, str(Path(__file__).parents[1] / "faults"))

# pylint: disable=wrong-import-position
from proxy import Proxy  # noqa: E402

pytestmark = pytest.mark.backend

POSTGRES = ("pgsql", "odbc-pgsql")
MARIA = ("mysql", "odbc-mysql")


def configure(tool, *lines):
    """Use a configuration file with the database and more lines."""
    tool.where = ["-c", tool.write("httpd.conf", "\n".join((
        f"DBDriver {tool.database.driver}",
        f'DBDParams "{tool.database.params}"', "DBDMax 25", *lines, "")))]
    return tool


def finding(tool, name, status=0):
    """What check says under a name, with its "ok"; None if nothing."""
    done = tool.run("check")
    assert done.returncode == status, done
    lines = [line.removeprefix("uptime-keys: ")
             for line in (done.stdout + done.stderr).splitlines()]
    found = [line for line in lines
             if line.removeprefix("ok ").startswith(f"{name}: ")]
    assert len(found) <= 1, lines
    return found[0] if found else None


# DBDInitSQL

NOTHING = {"sqlite3": "PRAGMA cache_size = 100", "pgsql": "SELECT 1",
           "mysql": "SET @x = 1"}


def harmless(tool):
    return f'DBDInitSQL "{NOTHING[tool.database.dialect]}"'


def test_init_sql_that_succeeds(tool):
    configure(tool, harmless(tool), harmless(tool))
    assert finding(tool, "init") == "ok init: DBDInitSQL succeeds"


def test_init_sql_that_fails(tool):
    configure(tool, harmless(tool), 'DBDInitSQL "SET NONSENSE"',
              'DBDInitSQL "MORE NONSENSE"')
    line = finding(tool, "init", status=1)
    assert line.startswith("init: DBDInitSQL number 2 fails ("), line
    assert "no reason given" not in line


def test_without_init_sql_nothing_is_said_about_it(tool):
    configure(tool)
    assert finding(tool, "init") is None


@only_on(*POSTGRES, reason="a setting that check looks at")
def test_init_sql_holds_for_the_other_checks(tool):
    sql = "SET default_transaction_read_only = on"
    configure(tool, f'DBDInitSQL "{sql}"')
    assert "read-only" in finding(tool, "writes", status=1)
    # mod_dbd leaves out what follows one that fails.
    configure(tool, 'DBDInitSQL "SET NONSENSE"', f'DBDInitSQL "{sql}"')
    assert "ok writes" in finding(tool, "writes", status=1)


@only_on(*POSTGRES, reason="its schemas")
def test_commands_find_the_schema_of_init_sql(bare):
    schema = f"{bare.database.user}_tenant"
    with bare.database.server.connect() as admin:
        admin.cursor().execute(f"CREATE SCHEMA {schema} AUTHORIZATION "
                               f"{bare.database.user}")
    admin.close()
    configure(bare, f'DBDInitSQL "SET search_path = {schema}"')
    assert "no tables yet" in finding(bare, "version", status=1)
    bare.good("init")
    bare.good("team", "create", "acme")
    assert bare.rows(f"SELECT id FROM {schema}.uptime_teams") == [("acme",)]
    assert "ok version" in finding(bare, "version")


def test_init_sql_of_several_servers_is_left_to_httpd(tool):
    configure(tool, harmless(tool), "<VirtualHost *:80>",
              'DBDInitSQL "SET NONSENSE"', "</VirtualHost>")
    line = finding(tool, "init")
    assert line.startswith("ok init: DBDInitSQL on line 6 is another server's")


SELECTS_SCHEMA = {"sqlite3": "SELECT 'search_path'",
                  "pgsql": "SET search_path TO elsewhere",
                  "mysql": "USE elsewhere"}


def test_no_command_guesses_which_schema_is_meant(tool):
    select = f'DBDInitSQL "{SELECTS_SCHEMA[tool.database.dialect]}"'
    for first, second in (select, harmless(tool)), (harmless(tool), select):
        configure(tool, first, "<VirtualHost *:80>", second, "</VirtualHost>")
        for command in ("check",), ("team", "list"), ("init",):
            line = tool.refused(*command)
            assert "on lines 4 and 6, and a schema may be selected" in line


@only_on("mysql", reason="USE")
def test_commands_use_the_database_that_init_sql_selects(tool):
    ours = tool.database.name
    tool.where = ["-c", tool.write("httpd.conf", "\n".join((
        "DBDriver mysql",
        'DBDParams "' + tool.database.params.replace(
            f"dbname={ours}", "dbname=information_schema") + '"',
        f'DBDInitSQL "USE {ours}"', "")))]
    assert "acme" in tool.good("team", "list")


def test_init_sql_of_one_virtual_host(tool):
    configure(tool, "<VirtualHost *:80>", 'DBDInitSQL "SET NONSENSE"',
              "</VirtualHost>")
    assert "number 1 fails" in finding(tool, "init", status=1)


# What is in between

@only_on(*POSTGRES, reason="its sessions")
def test_direct_connection(tool):
    assert finding(tool, "pooler") == ("ok pooler: each connection keeps its "
                                       "session")
    assert finding(tool, "proxy") is None


@pytest.fixture
def proxy(tool):
    made = Proxy(tool.database.server.port)
    yield made
    made.close()


@only_on("pgsql", reason="its parameters")
def test_proxy_on_another_port(tool, proxy):
    tool.lead_through(proxy)
    port = tool.database.server.port
    assert finding(tool, "proxy") == ("ok proxy: a proxy or a pool is in "
                                      "between: the server itself listens on "
                                      f"port {port}")


@only_on("pgsql", reason="its driver")
def test_connection_that_is_lost_where_a_transaction_begins(tool, proxy):
    """The driver then has a transaction without a connection."""
    tool.lead_through(proxy)
    proxy.reset_at(b"BEGIN")
    assert finding(tool, "connection") == "ok connection: pgsql"
    assert proxy.has_reset


@only_on("pgsql", reason="its options")
def test_options_that_are_not_dropped(tool):
    tool.where[-1] += " options='-c statement_timeout=30000'"
    assert finding(tool, "proxy") is None


# Writes

@only_on(*POSTGRES, reason="its settings")
def test_database_that_is_read_only_on_purpose(tool):
    assert finding(tool, "writes") == "ok writes: the server takes writes"
    tool.execute(f"ALTER ROLE {tool.database.user} "
                 "SET default_transaction_read_only = on")
    line = finding(tool, "writes", status=1)
    assert line.startswith("writes: the database is read-only: keys are "
                           "checked, but none can be made or deleted"), line


@only_on(*MARIA, reason="its settings")
def test_server_that_is_read_only_on_purpose(tool):
    tool.execute("SET GLOBAL read_only = ON")
    try:
        line = finding(tool, "writes", status=1)
    finally:
        tool.execute("SET GLOBAL read_only = OFF")
    assert "read-only" in line and "read_only" in line
    assert finding(tool, "writes") == "ok writes: the server takes writes"


@only_on(*MARIA, reason="its variables")
def test_server_without_galera(tool):
    assert finding(tool, "cluster") is None


# What stands beside the module in httpd

@pytest.mark.parametrize("name", [
    "RemoteIPTrustedProxy", "remoteipinternalproxylist"])
def test_proxy_list_in_a_virtual_host(tool, name):
    configure(tool, "<VirtualHost *:80>", f"{name} 10.0.0.1 10.0.0.2 10.0.0.3",
              "</VirtualHost>")
    line = finding(tool, "remoteip")
    assert line.lower().startswith(f"ok remoteip: {name} on line 5 of".lower())
    assert "since httpd 2.4.71" in line


def test_proxy_list_of_the_main_server(tool):
    configure(tool, "<VirtualHost *:80>", "</VirtualHost>",
              "RemoteIPTrustedProxy 10.0.0.1")
    assert finding(tool, "remoteip") is None


def test_mpm_that_forks_for_each_connection(tool):
    configure(tool, "LoadModule mpm_itk_module modules/mod_mpm_itk.so")
    line = finding(tool, "mpm", status=1)
    assert line.startswith("mpm: mpm-itk (mpm_itk_module on line 4 of ")
    assert line.endswith("use another MPM")
    configure(tool, "LoadModule dbd_module modules/mod_dbd.so")
    assert finding(tool, "mpm") is None


# Errors on one line

ERRORS = {
    "pgsql": [
        ("dbname=postgres", "dbname=nothing", "create it"),
        ("user=", "user=no", "create it"),
        ("host=", "host=/a,/b port=1 options=", "keys work as soon as it can"),
    ],
    "mysql": [
        ("user=root", "user=nobody", "make user and password in DBDParams"),
        ("dbname=", "dbname=no", "create it"),
        ("sock=", "sock=/nowhere", "keys work as soon as it can"),
    ],
    "odbc-pgsql": [
        ("Database=postgres", "Database=nothing", "create it"),
        ("PostgreSQL Unicode", "PostgreSQL Unicorn", "odbcinst"),
    ],
    "odbc-mysql": [
        ("UID=root", "UID=nobody", "make user and password in DBDParams"),
    ],
}


@pytest.mark.parametrize("old, new, advice",
                         ERRORS.get(environment.BACKEND, []))
def test_error_is_one_line_with_what_to_do(bare, old, new, advice):
    assert old in bare.where[-1]
    bare.where[-1] = bare.where[-1].replace(old, new, 1)
    line = finding(bare, "connection", status=1)
    assert line.startswith("connection: the database cannot be used ("), line
    assert advice in line.rpartition(");")[2], line
    assert "\\u{" not in line and "  " not in line
    assert "\\u{" not in bare.refused("team", "list")
