# SPDX-License-Identifier: Apache-2.0
"""GET …/audit page by page, newest first; and who gets it."""

import urllib.parse

import pytest
from events import (actors, add, add_many, ask, events_of, found, pagination,
                    walk)
from harness.answers import assert_problem
from managed import BASIC

TIMES = {"apart": lambda number: 1000 + number,
         "all at once": lambda number: 1000,
         "in threes": lambda number: 1000 + number // 3}


@pytest.mark.backend
@pytest.mark.parametrize("times", TIMES)
def test_pages_hold_every_event_once_newest_first(server, olga, times):
    add_many(server.database, 23, at=TIMES[times])
    add_many(server.database, 5, at=TIMES[times], team="beta", first=100)
    expected = [f"e{number}" for number in range(22, -1, -1)]
    for per_page in 1, 5, 22, 23, 24, 200:
        forth = walk(olga, perPage=per_page)
        assert sum(forth, []) == expected
        assert all(len(page) == per_page for page in forth[:-1])
    assert found(olga) == expected


@pytest.mark.backend
@pytest.mark.parametrize("times", TIMES)
@pytest.mark.parametrize("per_page", [4, 7, 23])
def test_the_way_back_shows_the_same_pages(server, olga, times, per_page):
    add_many(server.database, 23, at=TIMES[times])
    forth = walk(olga, perPage=per_page)
    cursor, answer = None, ask(olga, perPage=per_page)
    while pagination(answer)["next"]:
        cursor = pagination(answer)["next"]
        answer = ask(olga, perPage=per_page, cursor=cursor)
    back = walk(olga, "prev", perPage=per_page,
                **({"cursor": cursor} if cursor else {}))
    assert back == forth[::-1]


def test_page_has_50_events_unless_told(server, olga):
    add_many(server.database, 60)
    answer = ask(olga)
    assert len(events_of(answer)) == pagination(answer)["perPage"] == 50
    assert pagination(answer)["prev"] is None


@pytest.mark.backend
def test_more_events_than_are_read_at_once(server, olga):
    add_many(server.database, 450, at=TIMES["all at once"])
    pages = walk(olga, perPage=200)
    assert [len(page) for page in pages] == [200, 200, 50]
    assert sum(pages, []) == [f"e{n}" for n in range(449, -1, -1)]


def test_links_keep_filters_and_team(server, sam):
    add_many(server.database, 9, team="beta")
    add_many(server.database, 9, first=100)
    answer = ask(sam, team="beta", perPage=2, since=1002, action="key.change")
    told = [actors(answer)]
    while "next" in pagination(answer)["links"]:
        target = pagination(answer)["links"]["next"]
        assert urllib.parse.urlsplit(target).path == BASIC + "/audit"
        answer = sam.at(target).call("GET")
        told.append(actors(answer))
    assert told == [["e8", "e7"], ["e6", "e5"], ["e4", "e3"], ["e2"]]


def test_events_that_come_move_nothing(server, olga):
    add_many(server.database, 10)
    first = ask(olga, perPage=4)
    add_many(server.database, 3, first=50)
    second = ask(olga, perPage=4, cursor=pagination(first)["next"])
    assert actors(second) == ["e5", "e4", "e3", "e2"]
    back = ask(olga, perPage=4, cursor=pagination(second)["prev"])
    assert actors(back) == ["e9", "e8", "e7", "e6"]
    assert pagination(back)["prev"]
    # Where there are fewer than a page, it is the first page.
    newer = ask(olga, perPage=4, cursor=pagination(back)["prev"])
    assert actors(newer) == ["e52", "e51", "e50", "e9"]
    assert pagination(newer)["prev"] is None


def test_cursor_outlives_its_event(server, olga):
    add_many(server.database, 10)
    cursor = pagination(ask(olga, perPage=4))["next"]
    server.database.execute("DELETE FROM uptime_audit WHERE actor = 'e6'")
    assert found(olga, cursor=cursor) == [f"e{n}" for n in range(5, -1, -1)]
    server.database.execute("DELETE FROM uptime_audit")
    answer = ask(olga, cursor=cursor)
    assert actors(answer) == [] and pagination(answer)["next"] is None
    answer = ask(olga, cursor=pagination(answer)["prev"])
    assert actors(answer) == []
    assert pagination(answer)["next"] is pagination(answer)["prev"] is None


# Who may see them

def test_page_whose_events_are_gone_leads_back(server, olga):
    add_many(server.database, 9)
    second = ask(olga, perPage=3, cursor=pagination(ask(olga, perPage=3))["next"])
    server.database.execute("DELETE FROM uptime_audit WHERE at < 1003")
    third = pagination(ask(olga, perPage=3, cursor=pagination(second)["next"]))
    assert third["next"] is None
    back = ask(olga, perPage=3, cursor=third["prev"])
    assert actors(back) == ["e5", "e4", "e3"]


def test_keys_need_the_scope_to_read(server, holder, olga):
    add(server.database, {"actor": "somebody"})
    assert "somebody" in found(holder("api-keys:read"))
    for scopes in ["api-keys:write"], ["monitors:read"]:
        answer = ask(holder(*scopes))
        assert "api-keys:read" in assert_problem(answer, 403)["detail"]


def test_events_are_not_counted_and_not_written_down(server, olga):
    add_many(server.database, 3)
    for _ in range(3):
        ask(olga)
    assert len(server.database.rows("SELECT id FROM uptime_audit")) == 3


def test_events_are_never_stored(olga, holder):
    for client in olga, holder("api-keys:read"):
        assert ask(client).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("location", ["/nested/a/b/keys", "/matched/one/keys",
                                      "/problems/keys"])
def test_every_location_has_them(server, olga, location):
    add_many(server.database, 3)
    answer = ask(olga.at(location), perPage=2)
    assert actors(answer) == ["e2", "e1"]
    (target,) = pagination(answer)["links"].values()
    assert target.startswith(location + "/audit?")


@pytest.mark.backend
def test_events_that_cannot_be_read_are_no_empty_list(server, olga):
    server.expect_log("UK0011")
    add_many(server.database, 3)
    server.database.execute("ALTER TABLE uptime_audit RENAME TO away")
    try:
        for accept in "application/json", "text/html":
            answer = olga.call("GET", "/audit", headers={"Accept": accept})
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) > 0
            assert answer.headers["Cache-Control"] == "no-store"
    finally:
        server.database.execute("ALTER TABLE away RENAME TO uptime_audit")
    assert found(olga) == ["e2", "e1", "e0"]
