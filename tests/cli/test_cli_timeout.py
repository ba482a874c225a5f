# SPDX-License-Identifier: Apache-2.0
"""--timeout: no command waits for the database for ever."""

import contextlib
import socket
import sys
from pathlib import Path

import pytest

from harness import environment, only_on
from harness.odbc import connect_string

sys.path.insert(0, str(Path(__file__).parents[1] / "faults"))

# pylint: disable=wrong-import-position
from proxy import Proxy  # noqa: E402

pytestmark = pytest.mark.backend

SERVERS = ("pgsql", "mysql", "odbc-pgsql", "odbc-mysql")
# Seconds in which a busy machine has connected for certain.
CONNECTED = "5"


@contextlib.contextmanager
def silent_listener():
    """The port of a listener that lets clients in and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def params_for(port):
    return {
        "pgsql": f"host=127.0.0.1 port={port} user=u dbname=d",
        "mysql": f"host=127.0.0.1 port={port} user=u dbname=d reconnect=0",
        "odbc-pgsql": connect_string(
            "PostgreSQL Unicode", Servername="127.0.0.1", Port=port,
            Database="d", UserName="u"),
        "odbc-mysql": connect_string(
            "MariaDB Unicode", SERVER="127.0.0.1", PORT=port, UID="u",
            DATABASE="d"),
    }[environment.BACKEND]


@only_on(*SERVERS, reason="a listener")
def test_listener_that_never_answers(bare):
    with silent_listener() as port:
        bare.where[-1] = params_for(port)
        line = bare.refused("team", "list", "--timeout", "1")
    assert line.startswith("no answer from the database in 1 second while "
                           "connecting to it; "), line
    assert "default_pool_size" in line


@only_on("pgsql", reason="a listener")
def test_import_has_a_limit_only_if_given(bare):
    with silent_listener() as port:
        bare.where[-1] = params_for(port)
        line = bare.refused("key", "import", "-", "--timeout", "1", input="")
    assert "in 1 second while connecting" in line


@only_on("pgsql", reason="a listener")
def test_check_prints_what_it_found_before(bare):
    with silent_listener() as port:
        bare.where[-1] = params_for(port) + " connect_timeout=10"
        done = bare.run("check", "--timeout", "1")
    assert done.returncode == 1
    assert done.stdout.startswith("ok options: "), done
    assert "while connecting" in done.stderr


@only_on(*SERVERS, reason="a table that can be locked against readers")
def test_database_that_does_not_answer_a_statement(tool):
    with tool.database.locked("uptime_teams"):
        line = tool.refused("team", "list", "--timeout", CONNECTED)
    assert line.startswith("no answer from the database in 5 seconds while it "
                           "was asked; a pool that lets clients in "), line
    assert "--timeout" in line
    assert "acme" in tool.good("team", "list", "--timeout", "60")


@only_on("pgsql", reason="a proxy")
def test_connection_that_is_silent_from_a_statement_on(tool):
    with contextlib.closing(Proxy(tool.database.server.port)) as proxy:
        tool.lead_through(proxy)
        proxy.silent_at(b"uptime_teams")
        line = tool.refused("team", "list", "--timeout", CONNECTED)
        assert "in 5 seconds while it was asked; " in line
        assert "acme" in tool.good("team", "list")


@only_on(*SERVERS, reason="writers that wait for a lock")
def test_write_that_was_under_way_is_not_half_done(tool):
    tool.key(name="before")
    unlock = tool.database.lock_keys()
    try:
        line = tool.refused("team", "delete", "acme", "--timeout",
                            CONNECTED)
        assert "nothing is half done" in line
    finally:
        unlock()
    assert [key["name"] for key in tool.json("key", "list", "acme")] == [
        "before"]
    tool.key(name="after")
    assert len(tool.json("key", "list", "acme")) == 2


@only_on("sqlite3", reason="its lock")
def test_file_that_another_program_locks(tool):
    unlock = tool.database.lock_keys()
    try:
        line = tool.refused("team", "create", "late", "--timeout", "1")
    finally:
        unlock()
    assert line == ("no answer from the database in 1 second while another "
                    "program locked it; try again when that has ended")
    tool.good("team", "create", "late")


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "30s", "", "86401",
                                   "99999999999999999999"])
def test_timeout_is_a_number_of_seconds(tool, value):
    line = tool.refused("team", "list", "--timeout", value, status=2)
    assert "--timeout takes a number of seconds from 1 to 86400" in line
