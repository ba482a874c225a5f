# SPDX-License-Identifier: Apache-2.0
"""URLs in answers are escaped, whatever the path of the place holds."""

import re

import pytest
from harness.raw import request
from managed import ESCAPED, FORGED, basic

PAGE = {"Accept": "text/html"}
LINK = re.compile(r"<([^?>]*)\?[^>]*>; rel=\"next\"")
URL = re.compile(r' (?:href|src|action)="([^"#]+)"')


@pytest.fixture(params=[ESCAPED, FORGED])
def place(request):
    return request.param


@pytest.fixture
def there(olga, place):
    return olga.at(place)


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


def status_of(server, url):
    (answer,) = server.exchange(request(
        url, "Authorization: " + basic("olga")))
    return answer.status_code


def test_page_leads_to_nothing_else(server, there):
    key = there.make()
    for path in ("", f"/{key.id}"):
        urls = URL.findall(there.call("GET", path, headers=PAGE).text)
        assert len(urls) >= 6
        assert all(url.startswith(there.base) for url in urls)
        assert {status_of(server, url) for url in urls} == {200}


def test_page_leads_back_after_a_delete(there):
    key = there.make()
    answer = there.call("POST", f"/{key.id}", headers=PAGE)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{there.base}?deleted=1"
