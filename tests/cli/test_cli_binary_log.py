# SPDX-License-Identifier: Apache-2.0
"""init and check where the database has a binary log, and lets only its
administrators create triggers."""

import pytest

from harness import environment, mysql
from schema_steps import wrong
from uptime_tool import Tool

pytestmark = [
    pytest.mark.backend,
    pytest.mark.skipif(environment.BACKEND not in ("mysql", "odbc-mysql"),
                       reason="MariaDB or MySQL: their binary log")]

ADVICE = "SET GLOBAL log_bin_trust_function_creators = 1"


class LoggingServer(mysql.server_class()):
    def command(self):
        return [*super().command(), f"--log-bin={self.folder / 'binlog'}"]


@pytest.fixture(scope="module")
def logging_server():
    server = LoggingServer().start()
    yield server
    server.remove()


@pytest.fixture
def plain(logging_server, folder, monkeypatch):
    """The tool, as a user with all rights to one database."""
    monkeypatch.setattr(mysql, "server", lambda: logging_server)
    tool = Tool(folder)
    user = f"plain_{tool.database.name}"
    tool.execute(f"CREATE USER {user}@localhost")
    tool.execute(f"GRANT ALL ON {tool.database.name}.* TO {user}@localhost")
    tool.where[-1] = tool.where[-1].replace(
        "user=root", f"user={user}").replace("UID=root", f"UID={user}")
    trust(tool, 0)
    return tool


def trust(tool, value):
    tool.execute(f"SET GLOBAL log_bin_trust_function_creators = {value}")


def test_init_and_check_say_who_may_create_triggers(plain):
    for _ in range(2):
        assert ADVICE in plain.refused("init")
        triggers, version = wrong(plain)
        assert triggers.startswith("triggers: ") and ADVICE in triggers
        assert version.startswith("version: ") and version.endswith(" init")


def test_what_they_say_helps(plain):
    plain.refused("init")
    trust(plain, 1)
    assert "Made the tables" in plain.good("init")
    trust(plain, 0)
    assert "up to date" in plain.good("init")
    assert "triggers: " not in plain.good("check")


def test_administrator_completes_what_init_began(plain):
    plain.refused("init")
    as_root = Tool(plain.folder, [*plain.where[:-1], plain.database.params])
    assert "Made the tables" in as_root.good("init")
    assert "up to date" in plain.good("init")
    plain.good("check")


def test_lost_trigger_is_reported_with_who_may_create_it(plain):
    trust(plain, 1)
    plain.good("init")
    trust(plain, 0)
    plain.execute("DROP TRIGGER uptime_keys_deleted")
    triggers, tables = wrong(plain)
    assert triggers.startswith("triggers: ") and ADVICE in triggers
    assert tables.startswith("tables: missing: uptime_keys_deleted")
