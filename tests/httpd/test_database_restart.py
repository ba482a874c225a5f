# SPDX-License-Identifier: Apache-2.0
"""The database server goes away and comes back, and its sessions; nobody
restarts httpd."""

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

pytestmark = [
    pytest.mark.backend,
    pytest.mark.skipif(environment.BACKEND == "sqlite3",
                       reason="SQLite has no server")]

GUARD = """
DBDMin 4
DBDKeep 4
DBDMax 8
<Location "/t/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Location>
"""

# Ours, and mod_dbd's own about connections that it cannot open.
COMPLAINTS = [UK_ANY, r"AH0062\d", r"AH0063\d", r"AH0265\d"]


@pytest.fixture(scope="module")
def server(new_httpd):
    return new_httpd(GUARD, expect_log=COMPLAINTS)


@pytest.fixture
def key(server):
    return server.database.create_key("monitors:read")


def fill_pool(server, key):
    """Every connection of the pools is in use once.  A process that found the
    database unavailable does not ask it again for a moment."""
    def all_are_let_in():
        with ThreadPoolExecutor(16) as many:
            answers = list(many.map(lambda _: server.get("/t/x", key),
                                    range(64)))
        return {answer.status_code for answer in answers} == {200}

    eventually(all_are_let_in)


def test_restart_between_two_requests_costs_no_request(server, key):
    """However often: what did not work before something worked is over."""
    for _ in range(6):
        fill_pool(server, key)
        with server.database.unreachable():
            pass
        for _ in range(40):
            assert server.get("/t/x", key).status_code == 200


def test_away_is_503_and_back_is_200(server, key):
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
    """By default a transaction there sees what was when it began."""
    server = new_httpd(GUARD + 'DBDInitSQL "SET autocommit = 0"\n',
                       expect_log=[UK_ANY])
    first = server.database.create_key("monitors:read")
    assert server.get("/t/x", first).status_code == 200
    second = server.database.create_key("monitors:read")
    assert server.get("/t/x", second).status_code == 200
    server.database.delete_key(first)
    assert_refused(server.get("/t/x", first), 401, "invalid_token")
