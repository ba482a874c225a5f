# SPDX-License-Identifier: Apache-2.0
"""The parameters of GET …/audit."""

import pytest
from events import (ID, MOMENT, OTHER, add, add_many, ask, events_of, found,
                    walk)
from harness.answers import assert_problem


@pytest.fixture
def mixed(server, clean):
    """Events that differ in one respect each from the first."""
    add(server.database,
        {"at": MOMENT, "actor": "olga", "key_id": ID, "key_name": "K"},
        {"at": MOMENT - 1, "actor": "olga", "key_id": ID},
        {"at": MOMENT, "actor": "Olga", "key_id": ID},
        {"at": MOMENT, "actor": "olga", "key_id": OTHER},
        {"at": MOMENT, "actor": "olga", "key_id": ID, "action": "key.rotate"},
        {"at": MOMENT, "actor": "olga", "action": "team.create"})


def marked(client, **query):
    """(at, actor, keyId, action) of what is found, without what is usual."""
    return [(event["at"] - MOMENT, event["actor"], event["keyId"],
             event["action"]) for event in events_of(ask(client, **query))]


FIRST, EARLY, NAMED, KEYED, ACTED, TEAM = range(6)
WHICH = {(0, "olga", ID, "key.change"): FIRST,
         (-1, "olga", ID, "key.change"): EARLY,
         (0, "Olga", ID, "key.change"): NAMED,
         (0, "olga", OTHER, "key.change"): KEYED,
         (0, "olga", ID, "key.rotate"): ACTED,
         (0, "olga", None, "team.create"): TEAM}


@pytest.mark.backend
@pytest.mark.parametrize("query,expected", [
    ({}, {FIRST, EARLY, NAMED, KEYED, ACTED, TEAM}),
    ({"keyId": ID}, {FIRST, EARLY, NAMED, ACTED}),
    ({"keyId": OTHER}, {KEYED}),
    ({"actor": "olga"}, {FIRST, EARLY, KEYED, ACTED, TEAM}),
    ({"actor": "Olga"}, {NAMED}),
    ({"action": "key.rotate"}, {ACTED}),
    ({"action": "key.delete"}, set()),
    ({"actor": "olga", "action": "key.change"}, {FIRST, EARLY, KEYED}),
    ({"keyId": ID, "actor": "olga"}, {FIRST, EARLY, ACTED}),
    ({"keyId": ID, "actor": "olga", "action": "key.change"}, {FIRST, EARLY}),
    ({"since": MOMENT}, {FIRST, NAMED, KEYED, ACTED, TEAM}),
    ({"until": MOMENT - 1}, {EARLY}),
    ({"since": MOMENT - 1, "until": MOMENT - 1}, {EARLY}),
    ({"since": MOMENT + 1}, set()),
    ({"since": MOMENT, "keyId": ID, "actor": "olga"}, {FIRST, ACTED}),
    ({"until": MOMENT - 1, "action": "key.change", "actor": "olga"}, {EARLY}),
    ({"since": MOMENT, "until": MOMENT - 1}, set()),
    ({"actor": ""}, {FIRST, EARLY, NAMED, KEYED, ACTED, TEAM}),
    ({"since": "", "until": "", "keyId": "", "action": ""},
     {FIRST, EARLY, NAMED, KEYED, ACTED, TEAM}),
])
def test_filters(mixed, olga, query, expected):
    told = [WHICH[one] for one in marked(olga, **query)]
    assert len(told) == len(set(told))
    assert set(told) == expected
    # Page by page, forth and back, it is the same.
    forth = walk(olga, perPage=1, **query)
    assert len(sum(forth, [])) == len(told)


@pytest.mark.parametrize("value,since", [
    (MOMENT, 0), (MOMENT + 1, None), ("2023-11-14T22:13:20.123Z", 0),
    ("2023-11-14T23:13:20.124+01:00", None), ("2023-11-14", 0),
    ("2023-11-15", None), ("2023-11-14t22:13:20z", 0), ("0", 0),
    ("253402300799999", None), ("999999999999999", None),
])
def test_since_is_an_instant_or_a_day(server, olga, value, since):
    add(server.database, {"at": MOMENT})
    assert len(found(olga, since=value)) == (since is not None)


@pytest.mark.parametrize("value,is_there", [
    (MOMENT, True), (MOMENT - 1, False), ("2023-11-14T22:13:20.123Z", True),
    ("2023-11-14T22:13:20Z", False), ("2023-11-14", True),
    ("2023-11-13", False), ("0", False), ("999999999999999", True),
])
def test_until_is_an_instant_or_a_day(server, olga, value, is_there):
    add(server.database, {"at": MOMENT})
    assert len(found(olga, until=value)) == is_there


BAD = {
    "since": ["yesterday", "-1", "1.5", "2023-11-14T22:13:20", "2023-13-01",
              "1000000000000000", "' OR 1=1 --", "2023-02-30", "1e3", " 1"],
    "until": ["soon", "2023-11-14T22:13", "0x10"],
    "keyId": ["key_1", "x", ID + "0", ID[:-1], "' OR '1'='1", ID.upper(), "%"],
    "action": ["key", "key.create'", "KEY.CREATE", "nothing", "%", "key.*"],
    "perPage": ["0", "201", "-1", "", "abc", "1.5", "99999999999999999999"],
    "cursor": ["", "x", "a", "a1", "a1.", "a.1", "c1.1", "a-1.1", "a1.-1",
               "a1.1x", "b1.1.1", "a1.key_1", "a" * 5000, "a1.1' OR 1=1",
               "a9999999999999999999.1", "a1.9999999999999999999", "1.1"],
}


@pytest.mark.parametrize("name,value", [
    (name, value) for name, values in BAD.items() for value in values])
def test_bad_values_are_refused_and_named(olga, name, value):
    problem = assert_problem(ask(olga, **{name: value}), 400,
                             name="bad-request")
    assert name in problem["detail"]


def test_unknown_parameters_are_ignored(server, olga):
    add_many(server.database, 3)
    assert len(found(olga, offset=1, page=7, team_id="beta", key_id=ID)) == 3


def test_method_is_get(olga):
    for method in "POST", "PUT", "DELETE", "PATCH":
        answer = olga.call(method, "/audit")
        assert_problem(answer, 405)
        assert answer.headers["Allow"] == "GET, HEAD"
    assert olga.call("GET", "/audit/x").status_code == 404
