# SPDX-License-Identifier: Apache-2.0
"""The database server is restarted or ends its sessions; httpd recovers
without a restart."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from harness import (
    UK_ANY,
    assert_refused,
    assert_unavailable,
    environment,
    eventually,
    only_on,
)
from harness.database import now_ms

pytestmark = [
    pytest.mark.backend,
    pytest.mark.skipif(environment.BACKEND == "sqlite3",
                       reason="SQLite has no server")]

GUARD = """
DBDMin 4
DBDKeep 4
DBDMax 8
UptimeKeysLastUsedInterval 86400
<Location "/t/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Location>
"""

# This module's log ids, and those of mod_dbd when it cannot connect.
COMPLAINTS = [UK_ANY, r"AH0062\d", r"AH0063\d", r"AH0265\d"]


@pytest.fixture(scope="module")
def server(new_httpd):
    return new_httpd(GUARD, expect_log=COMPLAINTS)


@pytest.fixture
def key(server):
    """Its uses are not due: one that is written while the database is away
    would make the next request one of an outage."""
    return server.database.import_key("monitors:read", lastUsedAt=now_ms())


def fill_pool(server, key):
    """Use every connection of the pools once.  A process that found the
    database unavailable does not try again for a moment."""
    def all_are_let_in():
        with ThreadPoolExecutor(16) as many:
            answers = list(many.map(lambda _: server.get("/t/x", key),
                                    range(64)))
        return {answer.status_code for answer in answers} == {200}

    eventually(all_are_let_in)


def test_restart_between_two_requests_costs_no_request(server, key):
    """However often: a success resets the count of failures."""
    for _ in range(6):
        fill_pool(server, key)
        with server.database.unreachable():
            pass
        for _ in range(40):
            assert server.get("/t/x", key).status_code == 200


def test_unavailable_is_503_and_recovered_is_200(server, key):
    fill_pool(server, key)
    with server.database.unreachable():
        for _ in range(10):
            assert_unavailable(server.get("/t/x", key))
    fill_pool(server, key)


def test_deleted_key_stays_deleted_over_a_restart(server, key):
    fill_pool(server, key)
    server.database.delete_key(key)
    with server.database.unreachable():
        pass
    for _ in range(10):
        assert server.get("/t/x", key).status_code == 401


@only_on("mysql", reason="sessions without autocommit")
def test_session_without_autocommit_sees_what_is_committed(new_httpd):
    """By default a transaction reads the snapshot of its first read."""
    server = new_httpd(GUARD + 'DBDInitSQL "SET autocommit = 0"\n',
                       expect_log=[UK_ANY])
    first = server.database.create_key("monitors:read")
    assert server.get("/t/x", first).status_code == 200
    second = server.database.create_key("monitors:read")
    assert server.get("/t/x", second).status_code == 200
    server.database.delete_key(first)
    assert_refused(server.get("/t/x", first), 401, "invalid_token")
