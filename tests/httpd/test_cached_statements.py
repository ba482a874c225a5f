# SPDX-License-Identifier: Apache-2.0
"""How many statements a look-up costs, counted in the log of the database."""

import contextlib

import pytest
from caching import CACHED
from harness import assert_refused, environment, eventually, make_key, only_on

pytestmark = [
    pytest.mark.backend,
    only_on("pgsql", "mysql", reason="they log every statement")]

REQUESTS = 10
IS_MYSQL = environment.BACKEND == "mysql"
# Sessions that begin later log all statements.
LOG_ALL = ("SET GLOBAL general_log_file = '{file}'; SET GLOBAL general_log = 1"
           if IS_MYSQL else
           "ALTER ROLE {user} SET log_statement = 'all'; "
           "ALTER ROLE {user} SET log_min_messages = 'log'")
LOG_NOTHING = ("SET GLOBAL general_log = 0" if IS_MYSQL else
               "ALTER ROLE {user} RESET ALL")
EXECUTED = "Execute" if IS_MYSQL else "execute"


def administer(database, statements, file):
    with contextlib.closing(database.server.connect()) as admin:
        for statement in statements.split("; "):
            admin.cursor().execute(statement.format(
                file=file, user=getattr(database, "user", "")))


class Statements:
    """The log of a database."""

    def __init__(self, database):
        folder = database.server.folder
        self._database = database
        self._file = folder / ("statements" if IS_MYSQL else "log")

    def __enter__(self):
        administer(self._database, LOG_ALL, self._file)
        return self

    def __exit__(self, *_):
        administer(self._database, LOG_NOTHING, self._file)

    def look_ups(self):
        """How often a prepared statement read keys."""
        text = self._file.read_text(errors="replace")
        return sum(EXECUTED in line and "SELECT" in line
                   and "uptime_keys" in line for line in text.splitlines())


@pytest.fixture(scope="module", params=["Off", "On"])
def server(request, new_httpd):
    server = new_httpd(CACHED.replace("Cache On", f"Cache {request.param}"),
                       start=False)
    with Statements(server.database) as statements:
        server.statements = statements
        yield server.start()


def cost(server, ask):
    """The look-ups of so many requests, which the database has logged when
    they are answered."""
    ask()       # one that may still prepare a statement
    before = server.statements.look_ups()
    for _ in range(REQUESTS):
        ask()
    return server.statements.look_ups() - before


def test_unknown_key_costs_one_statement(server):
    assert cost(server, lambda: assert_refused(
        server.get("/t/x", make_key()), 401, "invalid_token")) == REQUESTS


def test_lookalike_costs_none(server):
    assert cost(server, lambda: assert_refused(
        server.get("/t/x", make_key()[:-1] + "x"), 401,
        "invalid_token")) == 0


def test_either_secret_of_a_key_costs_one_statement_or_none(server):
    """None once it is in the cache."""
    admin = server.database.import_key("api-keys:write", "monitors:read")
    key = server.database.import_key("monitors:read")
    answer = server.request("POST", f"/keys/{key.id}/rotate", admin, json={})
    new = answer.json()["data"]["key"]
    server.keep_secret(new)
    for text in (key, new):
        assert server.get("/t/x", text).status_code == 200
        is_cached = "Cache On" in (server.root / "conf" / "test.conf"
                                   ).read_text()
        if is_cached:
            eventually(lambda: cost(server, lambda: server.get(
                "/t/x", text)) == 0)
        else:
            assert cost(server, lambda: server.get("/t/x", text)) == REQUESTS
