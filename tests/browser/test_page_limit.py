# SPDX-License-Identifier: Apache-2.0
"""At the limit of keys the form is closed and the page explains why."""

import pytest

pytestmark = pytest.mark.slow


def fill_team(server, count, team="acme"):
    for number in range(count):
        server.database.import_key("monitors:read", name=f"key {number}",
                                   team=team)


def test_form_is_closed_at_the_limit(visit, server, olga):
    fill_team(server, 10)
    page = visit("olga", scripts=False)
    assert len(page.names()) == 10
    assert page.button("Create key").count() == 0
    assert page.box("Name").count() == 0
    assert "10 keys" in page.text()
    olga.delete(olga.keys()[0]["id"])
    page.open()
    assert page.button("Create key").count() == 1
    assert "10 keys" not in page.page.get_by_role("main").inner_text() or \
        page.box("Name").count() == 1


def test_expired_keys_count_towards_the_limit(visit, server):
    fill_team(server, 9)
    server.database.import_key("monitors:read", expiresAt=1, name="old")
    page = visit("olga")
    assert page.button("Create key").count() == 0


def test_another_limit_is_the_one_explained(new_managed, visit):
    server = new_managed("UptimeKeysMaxPerTeam 2")
    fill_team(server, 2)
    page = visit("olga", at=server)
    assert page.button("Create key").count() == 0
    assert "2 keys" in page.text()


def test_form_that_comes_too_late_is_explained(visit, server, olga):
    fill_team(server, 9)
    page = visit("olga", scripts=False)
    olga.make(name="faster")
    page.fill("slower").submit()
    page.wait_for("Limit Exceeded")
    assert page.answered() == 400
    assert "10 keys" in page.text()
    assert page.button("Create key").count() == 0
    assert "slower" not in [key["name"] for key in olga.keys()]


def test_more_keys_than_the_limit_are_all_listed(visit, server):
    keys = [{"team": "acme", "name": f"key {number}",
             "scopes": ["monitors:read"], "keyHash": f"{number:064x}",
             "keyPrefix": f"uptime_{number:08x}", "createdAt": number + 1}
            for number in range(60)]
    server.database.import_rows(*keys)
    page = visit("olga")
    assert page.names() == [f"key {number}" for number in range(59, 9, -1)]
    page.link("Older keys").click()
    page.link("Newer keys").wait_for()
    assert page.names() == [f"key {number}" for number in range(9, -1, -1)]
