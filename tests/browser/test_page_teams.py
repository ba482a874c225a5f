# SPDX-License-Identifier: Apache-2.0
"""Users in several teams, and what their role in each allows."""

import pytest
from managed import BASIC
from visit import Listed

pytestmark = pytest.mark.slow


@pytest.fixture
def scripts():
    """Scripts have nothing to do with teams."""
    return False


def choose(page, team):
    page.page.get_by_role("combobox", name="Team", exact=True).select_option(
        team)
    page.button("Show").click()
    page.page.wait_for_url(f"**{BASIC}?team={team}")


def offered(page):
    return page.page.get_by_role("combobox", name="Team", exact=True)


def test_keys_of_the_chosen_team_are_managed(visit, server, sam, scripts):
    theirs = server.database.import_key("monitors:read", name="acme's")
    page = visit("sam", scripts=scripts)
    assert page.names() == ["acme's"]
    choose(page, "beta")
    assert offered(page).input_value() == "beta"
    assert page.page.get_by_role("table", name="API keys of beta").count() \
        or "No keys yet" in page.text()
    key = page.create("beta's")
    page.done()
    assert offered(page).input_value() == "beta"
    assert page.names() == ["beta's"]
    made, = sam.asking("team=beta").keys()
    page.delete(Listed("beta's", key[:15]))
    assert offered(page).input_value() == "beta"
    assert "The key was deleted" in page.status()
    assert sam.read(made["id"]).status_code == 404
    assert [kept["id"] for kept in sam.keys()] == [theirs.id]


def test_errors_stay_with_the_chosen_team(visit, sam, scripts):
    page = visit("sam", query="?team=beta", scripts=scripts)
    page.fill("beta's", []).submit().wait_for("The key was not made", 2)
    assert offered(page).input_value() == "beta"
    page.scope("monitors:read").check()
    page.submit().revealed()
    assert [key["name"] for key in sam.asking("team=beta").keys()] == \
        ["beta's"]
    assert sam.keys() == []


def test_question_stays_with_the_chosen_team(visit, server):
    key = server.database.import_key("monitors:read", name="CI", team="beta")
    page = visit("sam", query="?team=beta", scripts=False)
    page.begin_to_delete(key)
    page.link("Keep it").click()
    page.wait_for("API keys")
    assert page.names() == ["CI"]


def test_those_in_one_team_choose_none(visit):
    assert offered(visit("olga")).count() == 0


def test_member_of_one_team_finds_the_other(visit, scripts):
    page = visit("sue", scripts=scripts)
    assert page.answered() == 403
    page.wait_for("You cannot manage the API keys of acme")
    choose(page, "beta")
    page.wait_for("API keys")
    page.create("Sue's")


@pytest.mark.parametrize("team", ["zeta", "nowhere"])
def test_other_teams_do_not_exist(visit, server, team):
    server.database.import_key("monitors:read", name="hidden", team="zeta")
    page = visit("olga", query=f"?team={team}")
    assert page.answered() == 404
    assert "hidden" not in page.content()


def test_pinned_location_manages_its_team(visit, server):
    server.database.import_key("monitors:read", name="acme's")
    page = visit("sam", base="/pinned/keys")
    assert page.names() == []
    assert offered(page).count() == 0
    page.create("beta's")
    page.done()
    assert page.names() == ["beta's"]


@pytest.mark.parametrize("base", ["/nested/a/b/keys", "/matched/one/keys"])
def test_page_works_wherever_it_is_put(visit, server, olga, base, scripts):
    page = visit("olga", base=base, scripts=scripts)
    key = page.create("CI")
    page.done().delete(Listed("CI", key[:15]))
    assert page.page.url().startswith(page.origin + base)
    assert olga.keys() == []


def test_page_works_with_a_slash_at_the_end(visit, scripts):
    page = visit("olga", "/", scripts=scripts)
    page.create("CI")
    page.done()
    assert page.names() == ["CI"]


def test_role_is_looked_at_when_the_form_is_sent(visit, server, olga):
    page = visit("adam")
    page.fill()
    server.database.execute(
        "UPDATE uptime_members SET role = 'member' WHERE user_name = 'adam'")
    page.submit().wait_for("You cannot manage the API keys of acme")
    assert page.answered() == 403
    assert olga.keys() == []


def test_creator_of_a_key_is_audited(visit, server, scripts):
    page = visit("adam", scripts=scripts)
    key = page.create("CI")
    page.done().delete(Listed("CI", key[:15]))
    assert [actor for actor, in server.database.rows(
        "SELECT actor FROM uptime_audit")] == ["adam", "adam"]
