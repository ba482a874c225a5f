# SPDX-License-Identifier: Apache-2.0
"""The list of keys, page by page, newest first."""

import re
import urllib.parse

import pytest
from harness.answers import assert_problem
from harness.database import now_ms
from harness.keys import key_hash, make_key
from managed import BASIC

pytestmark = pytest.mark.backend

TOTAL = 23
LINK = re.compile(r'<([^>]*)>; *rel="?(next|prev)"?')


@pytest.fixture(scope="module")
def server(new_managed):
    return new_managed("UptimeKeysMaxPerTeam 100\n")


def import_keys(server, total, team="acme", start=0):
    """Import keys from k0, the oldest; k5, k6 and k7 have the same age."""
    began = now_ms() - 10_000_000
    rows = []
    for number in range(start, start + total):
        text = make_key()
        moment = 6 if 5 <= number <= 7 else number
        rows.append({"team": team, "name": f"k{number}",
                     "scopes": ["monitors:read"], "keyHash": key_hash(text),
                     "keyPrefix": text[:15],
                     "createdAt": began + moment * 1000})
    server.database.import_rows(*rows)


@pytest.fixture
def many(server, clean):
    import_keys(server, TOTAL)


def page_of(client, **query):
    answer = client.asking(urllib.parse.urlencode(query)).list()
    assert answer.status_code == 200, answer.text
    body = answer.json()
    return names(body), body["meta"]["pagination"], links(answer)


def names(body):
    return [key["name"] for key in body["data"]["apiKeys"]]


def links(answer):
    return {relation: target for target, relation
            in LINK.findall(answer.headers.get("Link", ""))}


def pages(client, cursor=None, way="next", **query):
    """Every page from a cursor to the end."""
    found = []
    while True:
        extra = {"cursor": cursor} if cursor else {}
        listed, pagination, _ = page_of(client, **query, **extra)
        found.append(listed)
        cursor = pagination[way]
        if cursor is None:
            return found
        assert len(found) <= 100, "there is no end"


@pytest.mark.parametrize("per_page", [1, 2, 5, 7, 10, 22, 23, 24, 50, 200])
def test_pages_hold_every_key_once_newest_first(olga, many, per_page):
    everything = pages(olga, perPage=per_page)
    flat = [name for page in everything for name in page]
    assert all(len(page) == per_page for page in everything[:-1])
    assert 0 < len(everything[-1]) <= per_page
    assert len(flat) == len(set(flat)) == TOTAL
    assert flat[:15] == [f"k{number}" for number in range(22, 7, -1)]
    assert set(flat[15:18]) == {"k7", "k6", "k5"}
    assert flat[18:] == ["k4", "k3", "k2", "k1", "k0"]


@pytest.mark.parametrize("per_page", [1, 4, 5, 10, 22])
def test_the_way_back_shows_the_same_pages(olga, many, per_page):
    forth = pages(olga, perPage=per_page)
    cursor = None
    for _ in forth[1:]:
        extra = {"cursor": cursor} if cursor else {}
        cursor = page_of(olga, perPage=per_page, **extra)[1]["next"]
    last = page_of(olga, perPage=per_page, cursor=cursor)
    assert last[0] == forth[-1]
    back = pages(olga, last[1]["prev"], "prev", perPage=per_page)
    assert back == forth[-2::-1]


@pytest.mark.parametrize("per_page", [1, 5, 23, 200])
def test_every_page_says_where_it_stands(olga, many, per_page):
    _, first, _ = page_of(olga, perPage=per_page)
    assert set(first) == {"next", "prev", "perPage", "total"}
    assert first["prev"] is None
    assert (first["perPage"], first["total"]) == (per_page, TOTAL)
    assert (first["next"] is None) == (per_page >= TOTAL)


def test_page_has_50_keys_unless_told(server, olga, many):
    assert page_of(olga)[1]["perPage"] == 50
    import_keys(server, 40, start=TOTAL)
    listed, pagination, _ = page_of(olga)
    assert (len(listed), pagination["total"]) == (50, 63)
    assert len(page_of(olga, cursor=pagination["next"])[0]) == 13


def test_empty_team_has_an_empty_page(olga):
    listed, pagination, found = page_of(olga)
    assert (listed, found) == ([], {})
    assert pagination == {"next": None, "prev": None, "perPage": 50,
                          "total": 0}


@pytest.mark.parametrize("per_page", [1, 5, 10])
def test_link_header_leads_to_the_same_pages(server, olga, many, per_page):
    followed = []
    target = f"{BASIC}?perPage={per_page}"
    while target:
        answer = olga.at(target).list()
        pagination = answer.json()["meta"]["pagination"]
        found = links(answer)
        for relation in ("next", "prev"):
            assert (relation in found) == (pagination[relation] is not None)
        followed.append(names(answer.json()))
        assert len(followed) <= 100, "there is no end"
        target = urllib.parse.urljoin(target, found.get("next", ""))
        target = found.get("next") and target.removeprefix(
            f"http://127.0.0.1:{server.port}")
    assert followed == pages(olga, perPage=per_page)


def test_link_header_stays_in_the_picked_team(server, sam, many):
    import_keys(server, 3, team="beta", start=50)
    answer = sam.asking("team=beta&perPage=2").list()
    assert names(answer.json()) == ["k52", "k51"]
    target = urllib.parse.urljoin(BASIC, links(answer)["next"])
    answer = sam.at(target.removeprefix(
        f"http://127.0.0.1:{server.port}")).list()
    assert names(answer.json()) == ["k50"]
    target = urllib.parse.urljoin(BASIC, links(answer)["prev"])
    answer = sam.at(target.removeprefix(
        f"http://127.0.0.1:{server.port}")).list()
    assert names(answer.json()) == ["k52", "k51"]


def test_cursor_of_another_team_shows_nothing_of_it(server, olga, bert,
                                                    many):
    import_keys(server, 10, team="beta", start=50)
    cursor = page_of(bert, perPage=3)[1]["next"]
    answer = olga.asking(f"cursor={cursor}").list()
    if answer.status_code == 200:
        assert all(int(name[1:]) < 50 for name in names(answer.json()))
    else:
        assert_problem(answer, 400)


def test_key_pages_through_its_own_team(server, holder, many):
    import_keys(server, 10, team="beta", start=50)
    found = [name for page in pages(holder("api-keys:read"), perPage=5)
             for name in page]
    assert len(found) == TOTAL + 1
    assert not any(f"k{number}" in found for number in range(50, 60))


# While keys come and go

def key_id(server, name):
    ((found,),) = server.database.rows(
        "SELECT id FROM uptime_keys WHERE name = ?", name)
    return found


@pytest.mark.parametrize("deleted", [
    ["k18"], ["k17"], ["k22", "k21", "k20", "k19", "k18"],
    ["k18", "k17", "k16"],
])
def test_deleted_keys_move_nothing(server, olga, many, deleted):
    first, pagination, _ = page_of(olga, perPage=5)
    assert first == ["k22", "k21", "k20", "k19", "k18"]
    for name in deleted:
        assert olga.delete(key_id(server, name)).status_code == 200
    rest = [name for page in pages(olga, pagination["next"], perPage=5)
            for name in page]
    assert set(rest) == \
        {f"k{number}" for number in range(18)} - set(deleted)
    assert len(rest) == len(set(rest))


def test_created_keys_are_not_on_later_pages(olga, many):
    first, pagination, _ = page_of(olga, perPage=5)
    for number in range(3):
        olga.make(name=f"new{number}")
    rest = [name for page in pages(olga, pagination["next"], perPage=5)
            for name in page]
    assert len(first + rest) == TOTAL
    assert not any(name.startswith("new") for name in rest)
    newest, pagination, _ = page_of(olga, perPage=5)
    assert set(newest) == {"new0", "new1", "new2", "k22", "k21"}
    assert pagination["total"] == TOTAL + 3


def test_cursor_of_an_emptied_team_leads_to_an_empty_page(server, olga,
                                                          many):
    _, pagination, _ = page_of(olga, perPage=5)
    server.database.execute("DELETE FROM uptime_keys")
    listed, pagination, _ = page_of(olga, cursor=pagination["next"])
    assert (listed, pagination["total"]) == ([], 0)
    assert pagination["next"] is None


def test_way_back_reaches_keys_that_came_meanwhile(olga, many):
    """At least it omits no key that was there before."""
    _, pagination, _ = page_of(olga, perPage=20)
    second = page_of(olga, perPage=20, cursor=pagination["next"])
    olga.make(name="new")
    back = pages(olga, second[1]["prev"], "prev", perPage=20)
    found = {name for page in back for name in page}
    assert {f"k{number}" for number in range(3, TOTAL)} <= found


# Bad values

@pytest.mark.parametrize("value", [
    "0", "201", "-1", "1000", "", "abc", "5x", "x5", "1.5", "1e2", "0x10",
    "%2B5", "%205", "5%20", "5%00", "5,6", "99999999999999999999", "4294967301",
    "18446744073709551621", "%D9%A5", "null",
])
def test_bad_page_size_is_refused(olga, many, value):
    assert_problem(olga.asking(f"perPage={value}").list(), 400)


@pytest.mark.parametrize("value", ["1", "200", "%35", "0050"])
def test_good_page_size_is_taken(olga, value):
    answer = olga.asking(f"perPage={value}").list()
    if value.startswith("00"):
        assert answer.status_code in (200, 400)
    else:
        assert answer.status_code == 200


@pytest.mark.parametrize("value", [
    "x", "AAAA", "null", "1", "-1", "%00", "%27%20OR%201=1%20--", "a" * 5000,
    "key_01jzzzzzzzzzzzzzzzzzzzzzzz", "..%2F", "%FF%FE", "=", "+",
])
def test_bad_cursor_is_refused(olga, many, value):
    assert_problem(olga.asking(f"cursor={value}").list(), 400)


def test_damaged_cursor_is_refused_or_harmless(olga, many):
    cursor = page_of(olga, perPage=5)[1]["next"]
    for at in range(len(cursor)):
        for letter in "0zZ-":
            damaged = cursor[:at] + letter + cursor[at + 1:]
            answer = olga.asking(f"cursor={damaged}").list()
            assert answer.status_code in (200, 400)
    for damaged in (cursor[:-1], cursor + "0", cursor * 2):
        assert_problem(olga.asking(f"cursor={damaged}").list(), 400)


@pytest.mark.parametrize("query", ["x=1", "&&", "=", "%", "sort=name",
                                   "a" * 4000, "page=7", "offset=20"])
def test_unknown_parameters_are_ignored(olga, many, query):
    answer = olga.asking(query).list()
    assert answer.status_code == 200
    assert len(names(answer.json())) == TOTAL
