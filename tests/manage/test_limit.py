# SPDX-License-Identifier: Apache-2.0
"""Ten keys a team, however many are created at the same time."""

import re

import pytest
from harness.answers import assert_problem
from harness.database import now_ms
from managed import Client, key_spec
from parallel import ALL_SLOTS, LIMIT, create, kind, tally, together

pytestmark = pytest.mark.backend

# A connection for every thread, so that requests compete for slots only.
POOL = "DBDMax 16\n"


@pytest.fixture(scope="module")
def server(new_managed):
    return new_managed(POOL)


@pytest.fixture(scope="module")
def small(new_managed):
    return new_managed("UptimeKeysMaxPerTeam 3\n")


def processes(server):
    """The process ids of children that created keys in this test."""
    return {re.search(r"pid (\d+)", line.text)[1]
            for line in server.error_log.ours("notice")}


# In sequence

def test_eleventh_key_is_one_too_many(server, olga):
    for _ in range(LIMIT):
        olga.make()
    for _ in range(2):
        assert_problem(olga.create(), 400, name="limit-exceeded")
    assert server.slots() == ALL_SLOTS


def test_expired_keys_count(server, olga):
    for _ in range(LIMIT):
        server.database.import_key("monitors:read",
                                   expiresAt=now_ms() - 1000)
    assert_problem(olga.create(), 400, name="limit-exceeded")


@pytest.mark.parametrize("which", [0, 4, 9])
def test_deleted_key_makes_room_for_one(server, olga, which):
    made = [olga.make() for _ in range(LIMIT)]
    olga.delete(made[which].id)
    olga.make()
    assert_problem(olga.create(), 400, name="limit-exceeded")
    assert server.slots() == ALL_SLOTS


def test_teams_have_limits_of_their_own(server, olga, bert):
    for _ in range(LIMIT):
        olga.make()
    assert_problem(olga.create(), 400, name="limit-exceeded")
    assert bert.create().status_code == 201


def test_keys_that_make_keys_count(server, holder):
    client = holder("api-keys:write", "monitors:read")
    for _ in range(LIMIT - 1):
        client.make()
    assert_problem(client.create(), 400, name="limit-exceeded")


def test_limit_is_as_configured(small):
    small.reset()
    olga = Client(small, user="olga")
    made = [olga.make() for _ in range(3)]
    assert_problem(olga.create(), 400, name="limit-exceeded")
    assert olga.delete(made[1].id).status_code == 200
    olga.make()
    assert_problem(olga.create(), 400, name="limit-exceeded")
    assert small.slots() == [1, 2, 3]


def test_more_keys_than_the_limit_leave_no_room(small):
    small.reset()
    olga = Client(small, user="olga")
    keys = [small.database.import_key("monitors:read") for _ in range(5)]
    assert olga.list().json()["meta"]["pagination"]["total"] == 5
    for key in keys[:3]:
        assert_problem(olga.create(), 400, name="limit-exceeded")
        assert olga.delete(key.id).status_code == 200
    assert olga.create().status_code == 201
    assert_problem(olga.create(), 400, name="limit-exceeded")


# At the same time

@pytest.mark.mpm
@pytest.mark.parametrize("creators,each,runs", [(8, 3, 8), (64, 1, 4)])
def test_creators_at_once_make_exactly_ten(server, olga, creators, each,
                                           runs):
    for _ in range(runs):
        outcomes = tally(together([create(olga, each)] * creators))
        assert outcomes == {201: LIMIT,
                            "limit-exceeded": creators * each - LIMIT}
        assert server.slots() == ALL_SLOTS
        assert len(olga.keys()) == LIMIT
        server.reset()
    assert len(processes(server)) > 1


@pytest.mark.parametrize("room", [1, 3])
def test_few_free_slots_are_all_found(server, olga, room):
    for _ in range(4):
        for key in [olga.make() for _ in range(LIMIT)][:room]:
            olga.delete(key.id)
        outcomes = tally(together([create(olga)] * 24))
        assert outcomes == {201: room, "limit-exceeded": 24 - room}
        assert server.slots() == ALL_SLOTS
        server.reset()


def test_teams_do_not_stand_in_each_others_way(server, olga, bert):
    zoe = Client(server, user="zoe")
    outcomes = tally(together([create(client)
                               for client in (olga, bert, zoe)] * 12))
    assert outcomes == {201: 3 * LIMIT, "limit-exceeded": 3 * 2}
    for team in ("acme", "beta", "zeta"):
        assert server.slots(team) == ALL_SLOTS


def test_two_servers_with_one_database_make_exactly_ten(server, new_managed,
                                                        olga):
    other = new_managed(POOL, start=False)
    other.database = server.database
    other.start()
    elsewhere = Client(other, user="olga")
    for _ in range(3):
        outcomes = tally(together([create(olga), create(elsewhere)] * 12))
        assert outcomes == {201: LIMIT, "limit-exceeded": 24 - LIMIT}
        assert server.slots() == ALL_SLOTS
        server.reset()


def test_limit_holds_while_others_delete(server, olga):
    keys = [olga.make() for _ in range(LIMIT)]

    def create_and_delete():
        outcomes = []
        for _ in range(4):
            answer = olga.call("POST", json=key_spec())
            outcomes.append(kind(answer))
            if answer.status_code == 201:
                key_id = answer.json()["data"]["apiKey"]["id"]
                outcomes.append(("deleted", kind(olga.delete(key_id))))
        return outcomes

    def delete(key):
        return lambda: [("deleted", kind(olga.delete(key.id)))]

    outcomes = tally(together([create_and_delete] * 16
                              + [delete(key) for key in keys[:6]]))
    assert set(outcomes) <= {201, "limit-exceeded", ("deleted", 200)}
    assert outcomes["deleted", 200] == outcomes[201] + 6
    assert len(server.slots()) == LIMIT - 6
    assert set(server.slots()) <= set(ALL_SLOTS)
    outcomes = tally(together([create(olga)] * 16))
    assert outcomes == {201: 6, "limit-exceeded": LIMIT}
