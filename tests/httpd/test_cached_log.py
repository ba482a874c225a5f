# SPDX-License-Identifier: Apache-2.0
"""A change voids the cached entries of its key, and not those of others."""

import pytest
from caching import CACHED, accepted_until_refused, cache, is_hit
from harness import eventually, key_hash, make_key

pytestmark = pytest.mark.waits

OTHERS = 10
GROUPS = 16384      # into which secrets fall by the beginning of their hash
MORE_THAN_LOGGED = 1100


def group(text):
    return int(key_hash(text)[:4], 16) % GROUPS


@pytest.fixture(scope="module")
def server(new_httpd):
    return new_httpd(CACHED)


@pytest.fixture
def others(server):
    """Some keys, each of a group of its own."""
    keys = []
    while len(keys) < OTHERS:
        keys.append(key_beside(server, keys))
    return keys


def key_beside(server, others):
    """A key of another group than these."""
    taken = {group(other.text) for other in others}
    text = next(text for text in iter(make_key, None)
                if group(text) not in taken)
    return server.database.import_key("monitors:read", text=text)


def count_hits(server, keys):
    return sum(is_hit(server, key) for key in keys)


def cache_all(server, keys):
    for key in keys:
        cache(server, key)


def assert_voids_one_alone(server, others, change):
    """A change of one key: the others are answered from the cache after it,
    unless a poll was late."""

    def are_hits():
        key = key_beside(server, others)
        cache_all(server, [key, *others])
        change(server, key)
        accepted_until_refused(lambda: server.get("/t/x", key))
        return count_hits(server, others) == OTHERS

    eventually(are_hits)


def delete_by_sql(server, key):
    server.database.execute("DELETE FROM uptime_keys WHERE id = ?", key.id)


def disable_by_sql(server, key):
    server.database.execute(
        "UPDATE uptime_keys SET disabled_at = 1 WHERE id = ?", key.id)


@pytest.mark.parametrize("change", [delete_by_sql, disable_by_sql])
def test_change_by_anybody_voids_that_key_alone(server, others, change):
    assert_voids_one_alone(server, others, change)


def test_change_by_the_server_voids_that_key_alone(server, others):
    admin = server.database.import_key("api-keys:write", "monitors:read")

    def delete(server, key):
        answer = server.request("DELETE", f"/keys/{key.id}", admin)
        assert answer.status_code == 200
        assert server.get("/t/x", key).status_code == 401

    assert_voids_one_alone(server, others, delete)


def test_use_of_a_key_voids_nothing(server, others):
    def use_all_and_delete(server, key):
        server.database.execute("UPDATE uptime_keys SET last_used_at = 5")
        delete_by_sql(server, key)

    assert_voids_one_alone(server, others, use_all_and_delete)


def raise_counter(server):
    server.database.execute(
        "UPDATE uptime_changes SET counter = counter + 1")


def empty_log(server):
    """After which a change has its number alone."""
    server.database.execute("DELETE FROM uptime_log")
    raise_counter(server)


def change_more_than_is_logged(server):
    server.database.execute(
        "UPDATE uptime_keys SET created_at = created_at + 1 "
        "WHERE team_id = 'globex'")


@pytest.fixture(scope="module")
def crowd(server):
    server.database.create_team("globex")
    server.database.import_rows(*(
        {"team": "globex", "name": "one of many", "scopes": ["monitors:read"],
         "keyHash": key_hash(text), "keyPrefix": text[:15]}
        for text in (make_key() for _ in range(MORE_THAN_LOGGED))))


@pytest.mark.parametrize("change", [raise_counter, empty_log,
                                    change_more_than_is_logged])
@pytest.mark.usefixtures("crowd")
def test_change_that_the_log_does_not_tell_voids_every_key(server, others,
                                                           change):
    def are_looked_up_once():
        """Unless a poll was late."""
        cache_all(server, others)
        change(server)
        eventually(lambda: not is_hit(server, others[0]))
        return (count_hits(server, others[1:]) == 0
                and count_hits(server, others) == OTHERS)

    eventually(are_looked_up_once)


@pytest.mark.usefixtures("crowd")
def test_many_changes_at_once_are_not_missed(server, others):
    cache_all(server, others)
    server.database.execute("UPDATE uptime_keys SET disabled_at = 1")
    for key in others:
        accepted_until_refused(lambda one=key: server.get("/t/x", one))
