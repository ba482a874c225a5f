# SPDX-License-Identifier: Apache-2.0
"""SQLite's file is removed, or replaced by another."""

import contextlib

import pytest
from harness import (
    UK_ANY,
    assert_refused,
    assert_unavailable,
    environment,
    eventually,
    first_answer,
    stopped,
)

pytestmark = [pytest.mark.waits,
              pytest.mark.skipif(environment.BACKEND != "sqlite3",
                                 reason="a file of SQLite")]

CONFIG = """
StartServers 1
<IfModule !mpm_prefork_module>
    MinSpareThreads 1
</IfModule>
UptimeKeysCache {cache}
<Location "/t/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Location>
"""


@pytest.fixture(params=["On", "Off"])
def server(request, new_httpd):
    return new_httpd(CONFIG.format(cache=request.param), expect_log=[UK_ANY])


def status(server, key):
    return server.get("/t/x", key).status_code


def replace(database, name):
    """Move the database with the files that SQLite put beside it, and make
    another in its place."""
    for file in database.files():
        file.rename(file.with_name(file.name.replace("keys.db", name)))
    database.init()


def test_another_file_is_used_after_a_restart(server):
    old = server.database.create_key("monitors:read")
    assert status(server, old) == 200
    with contextlib.ExitStack() as meanwhile:
        # A child may open a connection, and SQLite take files of two databases
        # for one.
        for child in server.children():
            meanwhile.enter_context(stopped(child))
        replace(server.database, "old.db")
    server.database.create_team("acme")
    new = server.database.create_key("monitors:read")
    eventually(lambda: status(server, old) == 503)
    assert_unavailable(server.get("/t/x", new))
    (line,) = [line for line in server.error_log.ours("error")
               if line.id == "UK0011"]
    assert "restart httpd" in line.text
    server.restart_gracefully()
    eventually(lambda: status(server, new) == 200)
    assert_refused(first_answer(server, old), 401, "invalid_token")


def test_file_that_comes_back_is_used_after_a_restart(server):
    """Meanwhile some connections may have failed."""
    key = server.database.create_key("monitors:read")
    assert status(server, key) == 200
    file = server.database.file
    file.rename(file.with_name("away.db"))
    eventually(lambda: status(server, key) == 503)
    file.with_name("away.db").rename(file)
    server.restart_gracefully()
    eventually(lambda: status(server, key) == 200)
