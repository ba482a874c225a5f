# SPDX-License-Identifier: Apache-2.0
"""A lease that no request asks for sleeps, and what happens when it wakes."""

import itertools
import time

import pytest
from caching import CACHED, LEASE, announced, cache, look_ups
from harness import UK_ANY, assert_refused, environment, eventually, figures

pytestmark = pytest.mark.waits

# Seconds after the last request that asks for a lease.
SLEEP = 10
HELD = ("uptime_keys_cache_lease_held",)


class Sleeper:
    """A server that has cached a key, and two others."""

    def __init__(self, server):
        self.server = server
        self.database = server.database
        self.keys = [self.database.create_key("monitors:read")
                     for _ in range(2)]
        self.new = self.database.create_key("monitors:read")
        for key in self.keys:
            cache(server, key)
        assert len(announced(self.database)) == 1

    def is_asleep(self):
        return not announced(self.database)


@pytest.fixture(scope="module")
def sleepers(new_httpd):
    """All of them asleep, which takes as long as for one."""
    each = [Sleeper(new_httpd(CACHED + figures.PLACE)) for _ in range(4)]
    eventually(lambda: all(one.is_asleep() for one in each), SLEEP + 20, 0.1)
    return iter(each)


@pytest.fixture
def sleeper(sleepers):
    return next(sleepers)


def last_statement(database):
    """When PostgreSQL ended the last statement of httpd."""
    with database.server.connect() as admin, admin.cursor() as cursor:
        cursor.execute("SELECT max(state_change) FROM pg_stat_activity "
                       "WHERE usename = %s", (database.user,))
        return cursor.fetchone()[0]


def test_nothing_but_a_key_wakes_a_lease(sleeper):
    """It executes nothing, and counts as held: nobody has to do anything."""
    server = sleeper.server
    server.expect_log(UK_ANY)
    on_postgres = environment.BACKEND == "pgsql"
    before = on_postgres and last_statement(sleeper.database)
    until = time.monotonic() + LEASE
    while time.monotonic() < until:
        assert server.get("/t/x").status_code == 401
        assert figures.scrape(server)[HELD] == 1
        assert sleeper.is_asleep()
    assert before == (on_postgres and last_statement(sleeper.database))
    cache(server, sleeper.new)
    assert not sleeper.is_asleep()


def delete_by_sql(database, key):
    database.execute("DELETE FROM uptime_keys WHERE id = ?", key.id)


def delete_by_tool(database, key):
    """It need not wait for a server that sleeps: of some deletions one at least
    takes less than a lease."""
    others = (database.create_key("monitors:read") for _ in range(4))
    assert any(seconds_to_delete(database, one) < LEASE
               for one in itertools.chain([key], others))


def seconds_to_delete(database, key):
    began = time.monotonic()
    database.delete_key(key)
    return time.monotonic() - began


@pytest.mark.parametrize("delete", [delete_by_sql, delete_by_tool])
def test_key_deleted_meanwhile_is_refused_at_once(sleeper, delete):
    """The first request is looked up, and so are all until the lease holds."""
    server = sleeper.server
    server.expect_log(UK_ANY)
    gone, kept = sleeper.keys
    before = look_ups(server)
    delete(sleeper.database, gone)
    assert_refused(server.get("/t/x", gone), 401, "invalid_token")
    assert server.get("/t/x", kept).status_code == 200
    assert look_ups(server) == before + 2
    cache(server, kept)
    assert_refused(server.get("/t/x", gone), 401, "invalid_token")


def test_entries_from_before_are_void(sleeper):
    """Even if the change counter does not show that there was a change: the
    database may be another one by now."""
    server = sleeper.server
    server.expect_log(UK_ANY)
    gone, _ = sleeper.keys
    database = sleeper.database
    ((counter,),) = database.rows("SELECT counter FROM uptime_changes")
    delete_by_sql(database, gone)
    database.execute("UPDATE uptime_changes SET counter = ?", counter)
    cache(server, sleeper.new)
    assert_refused(server.get("/t/x", gone), 401, "invalid_token")
