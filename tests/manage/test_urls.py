# SPDX-License-Identifier: Apache-2.0
"""URLs in answers are escaped, whatever the location's path contains."""

import re

import pytest
from harness.raw import request
from managed import ESCAPED, FORGED, basic

PAGE = {"Accept": "text/html"}
LINK = re.compile(r"<([^?>]*)\?[^>]*>; rel=\"next\"")
URL = re.compile(r' (?:href|src|action)="([^"#]+)"')


@pytest.fixture(params=[ESCAPED, FORGED])
def location(request):
    return request.param


@pytest.fixture
def there(olga, location):
    return olga.at(location)


def test_location_leads_to_the_key(server, olga, there):
    answer = there.create()
    key_id = answer.json()["data"]["apiKey"]["id"]
    assert answer.headers["Location"] == f"{there.base}/{key_id}"
    assert olga.at(answer.headers["Location"]).list().status_code == 200


def test_link_leads_to_the_list(there):
    for _ in range(2):
        there.make()
    answer = there.asking("perPage=1").list()
    assert LINK.match(answer.headers["Link"])[1] == there.base
    assert "X" not in answer.headers


def test_document_names_the_server(there):
    document = there.call("GET", "/openapi.json").json()
    assert document["servers"] == [{"url": there.base}]


def status_of(server, url, *headers):
    (answer,) = server.exchange(request(
        url, "Authorization: " + basic("olga"), *headers))
    return answer.status_code


def test_page_leads_to_nothing_else(server, there):
    key = there.make()
    for path in ("", f"/{key.id}", f"/{key.id}/edit", f"/{key.id}/rotate"):
        urls = URL.findall(there.call("GET", path, headers=PAGE).text)
        assert len(urls) >= 6
        assert all(url.startswith(there.base) for url in urls)
        assert {status_of(server, url, "Accept: text/html")
                for url in urls} == {200}


def test_page_leads_back_after_a_delete(there):
    key = there.make()
    answer = there.call("POST", f"/{key.id}", headers=PAGE)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{there.base}?deleted=1"


@pytest.fixture
def odd_team(server):
    """As plain SQL can make it; the tool refuses such an id."""
    server.database.execute("INSERT INTO uptime_teams VALUES "
                            "('a&b=c>d', 'Odd', 1)")
    server.database.execute("INSERT INTO uptime_members (team_id, user_name, "
                            "role) VALUES ('a&b=c>d', 'olga', 'owner')")
    yield "a%26b%3dc%3ed"
    server.database.execute("DELETE FROM uptime_teams WHERE id = 'a&b=c>d'")


def test_team_is_escaped_in_link_and_location(server, olga, odd_team):
    there = olga.asking(f"team={odd_team}")
    location = there.create().headers["Location"]
    there.create()
    (answer,) = server.exchange(request(
        location, "Authorization: " + basic("olga")))
    assert answer.status_code == 200
    link = there.asking(f"perPage=1&team={odd_team}").list().headers["Link"]
    following = re.fullmatch(r"<([^<>]*)>; rel=\"next\"", link)[1]
    assert f"team={odd_team}" in re.split("[?&]", following.lower())
    assert status_of(server, following) == 200
