# SPDX-License-Identifier: Apache-2.0
"""A key is rotated on the page: the question, and the new secret, shown once."""

import datetime
import re
import time

import pytest
from browser import js
from harness import eventually
from managed import BASIC
from states import DAY, audit_rotation, import_lives, set_columns
from test_page_life import works
from test_page_secret import everything, go
from visit import KEY, ask

ISO = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? UTC")
OVERLAPS = ["Not at all", "For 1 hour", "For 1 day", "For 7 days",
            "For 30 days"]
LABELS = js("""(radios) => radios.map(
    (radio) => radio.closest("label").querySelector(".label").innerText)""")


def begin(visit, key, **options):
    return visit("olga", f"/{key.id}/rotate", **options).wait_for(
        "Rotate this key?")


def overlaps(page):
    return page.group("How long may the old secret go on?").get_by_role(
        "radio")


def state_of(olga):
    api_key, = olga.keys()
    return api_key


def test_key_is_rotated_and_both_secrets_work(server, visit, olga, scripts):
    """From the list and back to it, with what a user needs to read."""
    key = server.database.import_key("monitors:read", name="CI")
    page = visit("olga", scripts=scripts)
    page.rotate_link(key).click()
    page.wait_for("Rotate this key?")
    assert "CI" in page.text() and key.prefix in page.text()
    page.rotate()
    assert page.answered() == 200
    secret = page.secret()
    assert "only time" in page.text()
    assert f"old secret, {key.prefix}, works until" in page.text()
    assert ISO.search(page.text())
    assert works(server, secret) and works(server, key)
    page.done()
    row = page.row("CI")
    assert secret[:15] in row[1] and f"old: {key.prefix}" in row[1]
    assert row[3].startswith(("Never ", "less than a minute ago"))
    assert re.search("Old secret (last|still|not) used", row[3])
    assert state_of(olga)["previous"]["keyPrefix"] == key.prefix


def test_old_secret_can_end_at_once(server, visit, scripts):
    key = server.database.import_key("monitors:read", name="CI")
    page = begin(visit, key, scripts=scripts).rotate("Not at all")
    assert f"{key.prefix}, has ended" in page.text()
    assert "works until" not in page.text()
    assert works(server, page.secret()) and not works(server, key)


@pytest.mark.slow
def test_choice_begins_with_what_is_preset(new_managed, visit, server):
    key = server.database.import_key("monitors:read")
    page = begin(visit, key)
    assert overlaps(page).evaluate_all(LABELS) == OVERLAPS
    assert page.choice("For 1 day").is_checked()
    for seconds, label, labels in (
            (0, "Not at all", OVERLAPS),
            (2592000, "For 30 days", OVERLAPS),
            (43200, "For 12 hours",
             OVERLAPS[:2] + ["For 12 hours"] + OVERLAPS[2:]),
            (90, "For 90 seconds",
             OVERLAPS[:1] + ["For 90 seconds"] + OVERLAPS[1:])):
        other = new_managed(f"UptimeKeysRotateOverlap {seconds}")
        key = other.database.import_key("monitors:read")
        page = visit("olga", f"/{key.id}/rotate", at=other)
        assert overlaps(page).evaluate_all(LABELS) == labels
        assert page.choice(label).is_checked()
        other.stop()


@pytest.mark.slow
def test_overlap_ends_with_the_key(visit, server):
    end = int(time.time() * 1000) + 2 * DAY
    key = server.database.import_key("monitors:read", expiresAt=end)
    page = begin(visit, key)
    for label in OVERLAPS[1:]:
        said = page.choice(label).evaluate(
            js("(e) => e.closest('label').innerText"))
        assert ("until the key expires" in said) == (
            label in ("For 7 days", "For 30 days")), said
    page.rotate("For 30 days")
    shown = page.page.locator("time").first()
    assert shown.evaluate(js("(e) => Date.parse(e.dateTime)")) == end


@pytest.mark.slow
def test_second_rotation_says_what_it_ends(server, visit, scripts):
    key = server.database.import_key("monitors:read", name="CI")
    page = begin(visit, key, scripts=scripts).rotate()
    second = page.secret()
    page = begin(visit, key, scripts=scripts)
    page.wait_for("This key was rotated before", 2)
    notice = page.page.locator(".notice").inner_text()
    assert key.prefix in notice and "ends at once" in notice
    page.rotate("For 1 hour")
    assert f"older secret, {key.prefix}, has ended" in page.text()
    assert f"old secret, {second[:15]}, works until" in page.text()
    assert not works(server, key)
    assert works(server, second) and works(server, page.secret())


@pytest.mark.slow
def test_both_secrets_can_end_at_once(server, visit):
    key = server.database.import_key("monitors:read", name="CI")
    second = begin(visit, key).rotate().secret()
    page = begin(visit, key).rotate("Not at all")
    for prefix in (key.prefix, second[:15]):
        assert f"{prefix}, has ended" in page.text()
    assert not works(server, key) and not works(server, second)


def test_reload_rotates_no_second_time(server, visit, olga, scripts):
    key = server.database.import_key("monitors:read", name="CI")
    page = begin(visit, key, scripts=scripts).rotate()
    before = state_of(olga)
    page.page.reload()
    page.wait_for("Nothing was changed")
    assert page.answered() == 409
    assert "it was rotated before" in page.text()
    assert not KEY.search(page.content())
    assert state_of(olga) == before
    page.link("Look at the key").click()
    page.wait_for("This key was rotated before", 2)


@pytest.mark.slow
def test_stale_page_rotates_nothing(server, visit, olga, scripts):
    key = server.database.import_key("monitors:read", name="CI")
    left = begin(visit, key, scripts=scripts)
    right = left.tab().open(f"/{key.id}/rotate")
    secret = left.rotate().secret()
    before = state_of(olga)
    right.button("Rotate key").click()
    right.wait_for("Nothing was changed")
    assert state_of(olga) == before
    assert works(server, secret)


@pytest.mark.slow
def test_double_click_rotates_once(server, visit, olga, scripts):
    key = server.database.import_key("monitors:read", name="CI")
    page = begin(visit, key, scripts=scripts)
    page.button("Rotate key").dblclick()
    page.heading("Your new secret").or_(
        page.heading("Nothing was changed")).wait_for()
    assert works(server, key)
    assert state_of(olga)["previous"]["keyPrefix"] == key.prefix


@pytest.mark.slow
def test_going_back_shows_no_secret(server, visit, scripts):
    key = server.database.import_key("monitors:read", name="CI")
    page = begin(visit, key, scripts=scripts).rotate().done()
    go(page, "back")
    assert not KEY.search(everything(page))


@pytest.mark.slow
def test_copy_button_copies_the_new_secret(server, visit):
    key = server.database.import_key("monitors:read", name="CI")
    page = begin(visit, key)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.rotate().button("Copy").click()
    page.page.get_by_text("Copied").first().wait_for()
    assert page.page.evaluate(
        js("() => navigator.clipboard.readText()")) == page.secret()


@pytest.mark.slow
def test_leaked_key_says_what_happens(server, visit, olga, scripts):
    key = import_lives(server)["Everything"]
    page = begin(visit, key, scripts=scripts)
    page.wait_for("The secret of this key leaked", 2)
    assert "both old secrets end now" in page.text()
    assert "enables the key again" in page.text()
    assert page.page.get_by_role("radio").count() == 0
    page.rotate()
    assert f"{key.prefix}, has ended" in page.text()
    assert "uptime_0ldf00d5, has ended" in page.text()
    page.done()
    assert "Leaked" not in " ".join(page.row("Everything"))


@pytest.mark.slow
@pytest.mark.parametrize("name, what", [
    ("Disabled", "Enable it first"), ("Expired", "later expiry first")])
def test_page_says_what_to_do_first(server, visit, scripts, name, what):
    page = begin(visit, import_lives(server)[name], scripts=scripts)
    page.wait_for("This key cannot be rotated now", 2)
    assert what in page.text()
    assert page.button("Rotate key").count() == 0
    page.link("Edit it").click()
    page.wait_for("Edit this key")


@pytest.mark.slow
def test_shorter_life_is_announced(new_managed, visit):
    server = new_managed("UptimeKeysMaxLifetime 90")
    long, short = (server.database.import_key("monitors:read", name=name)
                   for name in ("long", "short"))
    set_columns(server, short, expires_at=int(time.time() * 1000) + DAY)
    page = visit("olga", f"/{long.id}/rotate", at=server)
    page.wait_for("Its expiry changes", 2)
    assert "at most 90 days" in page.text()
    page.rotate().done()
    ends = datetime.datetime.now(datetime.timezone.utc).date() + \
        datetime.timedelta(days=90)
    assert page.row("long")[4].startswith(str(ends))
    page = visit("olga", f"/{short.id}/rotate", at=server)
    assert page.heading("Its expiry changes", 2).count() == 0


@pytest.mark.slow
def test_way_to_a_new_secret_is_short(server, visit, scripts,
                                      record_property):
    """Counts a user's clicks and keystrokes, and asserts nothing of them."""
    key = server.database.import_key("monitors:read", name="CI")
    begun = time.monotonic()
    page = visit("olga", scripts=scripts)
    page.rotate_link(key).click()
    page.wait_for("Rotate this key?").rotate()
    steps = ["open the page", "Rotate", "Rotate key"]
    if scripts:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.button("Copy").click()
        steps.append("copy")
    else:
        page.box("API key").click()
        page.page.keyboard.press("Control+c")
        steps += ["select the secret", "copy"]
    assert works(server, page.secret()) and works(server, key)
    seconds = time.monotonic() - begun
    record_property("steps", f"{len(steps)} steps ({', '.join(steps)})")
    record_property("seconds", f"{seconds:.2f}")


# The list

@pytest.mark.slow
def test_list_says_the_state_of_each_key(visit, server, scripts):
    import_lives(server)
    page = visit("olga", scripts=scripts)
    for name, column, said in (
            ("Disabled", 0, "Disabled Disabled 3 days ago"),
            ("Leaked", 0, "Leaked Leaked 10 minutes ago"),
            ("Old secret in use", 3, "Old secret still used 3 minutes ago"),
            ("Old secret in use", 3, "works until 20"),
            ("Old secret in use", 1, "old: uptime_0ldf00d5"),
            ("Old secret unused", 3,
             "Old secret not used since the rotation, works until 20"),
            ("At the office", 2,
             "Only from 192.0.2.0/24, 2001:db8::/32, 198.51.100.7"),
            ("Expired", 4, "Expired"),
            ("Everything", 0, "Leaked"),
            ("Everything", 3, "would work until 20"),
            ("Everything", 4, "Expires soon")):
        row = page.row(name)
        assert said in row[column], row
    assert page.row("Active")[3].startswith("2 hours ago (20")
    assert "Old" not in " ".join(page.row("Active"))
    assert page.page.get_by_role("link", name=re.compile(
        r"^Rotate ")).count() == 8


@pytest.mark.slow
def test_use_before_the_rotation_is_no_use_after_it(server, visit):
    """Uses are written once a minute: in that minute nobody knows."""
    now = int(time.time() * 1000)
    said = {}
    for name, used in {"before": now - DAY - 3_600_000,
                       "just before": now - DAY - 20_000,
                       "after": now - DAY + 1000}.items():
        key = server.database.import_key("monitors:read", name=name)
        audit_rotation(server, key, now - DAY)
        set_columns(server, key, previous_used_at=used)
    page = visit("olga")
    for name in ("before", "just before", "after"):
        row, = [row for row in page.rows() if row[0] == name]
        said[name] = row[3]
    assert "Old secret not used since the rotation" in said["before"]
    assert "Old secret last used 1 day ago" in said["just before"]
    assert "Old secret still used" in said["after"]


@pytest.mark.slow
def test_real_use_of_an_old_secret_is_shown(server, visit, olga):
    key = server.database.import_key("monitors:read", name="CI")
    begin(visit, key).rotate()
    assert works(server, key)
    eventually(lambda: state_of(olga)["previous"]["lastUsedAt"])
    page = visit("olga")
    assert "Old secret still used less than a minute ago" in page.row("CI")[3]
    assert page.row("CI")[3].startswith("Never")


@pytest.mark.slow
def test_end_of_an_overlap_ends_what_the_list_says(server, visit):
    key = import_lives(server)["Old secret in use"]
    set_columns(server, key,
                previous_ends_at=int(time.time() * 1000) - 1000)
    page = visit("olga")
    assert "Old secret" not in page.row("Old secret in use")[3]
    assert "old" not in page.row("Old secret in use")[1]
    assert begin(visit, key).heading("This key was rotated before",
                                     2).count() == 0


@pytest.mark.slow
def test_soon_is_what_the_server_says(new_managed, visit):
    now = int(time.time() * 1000)
    for days, soon in ((0, 0), (3, 1), (30, 2)):
        server = new_managed(f"UptimeKeysExpirySoon {days}")
        for expires in (now + 2 * DAY, now + 20 * DAY, now + 40 * DAY):
            server.database.import_key("monitors:read", expiresAt=expires)
        page = visit("olga", at=server)
        assert page.page.get_by_text("Expires soon").count() == soon
        server.stop()


def test_nobody_sees_a_page_without_signing_in(server):
    key = server.database.import_key("monitors:read", name="CI")
    for tail in ("rotate", "edit"):
        answer = ask(server, "GET", f"{BASIC}/{key.id}/{tail}")
        assert answer.status_code == 401
        assert "CI" not in answer.text and key.prefix not in answer.text
