# SPDX-License-Identifier: Apache-2.0
"""Every state of the page, and a function that brings it on the screen.

Such a function gets a function that begins a visit, and the server; it returns
the visit.
"""

import time

from browser import js
from events import add, add_many

DAY = 86_400_000


def import_keys(server):
    """Import keys of every kind that the list distinguishes."""
    now = int(time.time() * 1000)
    for name, times in {
            "Deploys (production)": {},
            "Status page": {"lastUsedAt": now - 200_000},
            "Old backups": {"expiresAt": now - 3 * DAY,
                            "lastUsedAt": now - 40 * DAY},
            "Contractor, until the end of the month": {
                "expiresAt": now + 5 * DAY, "lastUsedAt": now - 5 * DAY},
            "Next year": {"expiresAt": now + 300 * DAY},
            "W" * 255: {}}.items():
        server.database.import_key(
            "monitors:read", "dns-monitors:read", "cron-jobs:ping",
            name=name, **times)
    return server.database.import_key("alerts:read", name="Alerts")


def audit_rotation(server, key, at):
    """As if it had been rotated then, with an overlap of two days."""
    server.database.execute(
        "UPDATE uptime_keys SET previous_hash = ?, previous_prefix = ?, "
        "previous_ends_at = ? WHERE id = ?",
        (key.id * 3)[:64], "uptime_0ldf00d5", at + 2 * DAY, key.id)
    server.database.execute(
        "INSERT INTO uptime_audit (at, actor, source, action, team_id, key_id)"
        " VALUES (?, 'olga', '127.0.0.1', 'key.rotate', 'acme', ?)",
        at, key.id)


def set_columns(server, key, **columns):
    server.database.execute(
        "UPDATE uptime_keys SET " + ", ".join(f"{name} = ?"
                                              for name in columns)
        + " WHERE id = ?", *columns.values(), key.id)


def import_lives(server):
    """Import a key of every state that a key can be in; returns them."""
    now = int(time.time() * 1000)
    names = ("Active", "Disabled", "Leaked", "Old secret in use",
             "Old secret unused", "At the office", "Expired", "Everything")
    keys = {name: server.database.import_key(
        "monitors:read", "alerts:read", name=name, lastUsedAt=now - 7_200_000,
        **({"expiresAt": now - DAY} if name == "Expired" else {}))
        for name in names}
    set_columns(server, keys["Disabled"], disabled_at=now - 3 * DAY,
                disabled_reason="manual")
    set_columns(server, keys["Leaked"], disabled_at=now - 600_000,
                disabled_reason="leaked")
    for name in ("Old secret in use", "Old secret unused", "Everything"):
        audit_rotation(server, keys[name], now - DAY)
    for name in ("Old secret in use", "Everything"):
        set_columns(server, keys[name], previous_used_at=now - 190_000)
    set_columns(server, keys["At the office"],
                addresses='["192.0.2.0/24","2001:db8::/32","198.51.100.7"]')
    set_columns(server, keys["Everything"], disabled_at=now - 600_000,
                disabled_reason="leaked", expires_at=now + 3 * DAY, addresses=
                '["192.0.2.0/24","2001:db8:1:2:3:4:5:6"]')
    return keys


def import_activity(server):
    """Events of every kind, and names of every length."""
    now = int(time.time() * 1000)
    about = {"key_id": "key_01h455vb4pex5vsknk084sn02q",
             "key_name": "Deploys (production)", "key_prefix": "uptime_a1b2c3d4"}
    long = {**about, "key_name": "Z\u00fcrich " + "long name " * 12}
    add(server.database, *(
        {"at": now - (20 - number) * 3_700_000, "source": "192.0.2.7", **event}
        for number, event in enumerate([
            {"action": "team.create", "actor": "cli:root",
             "source": "server.example",
             "detail": '{"name":"Acme Ltd.","owner":"olga"}'},
            {"action": "member.set", "actor": "cli:root",
             "source": "server.example",
             "detail": '{"user":"adam","role":"admin","oldRole":"member"}'},
            {"action": "key.import", **about},
            {"action": "key.create", "actor": "adam", **long},
            {"action": "key.change", "actor": "adam", **about, "detail":
             '{"changed":["name","scopes","expiresAt"],"oldName":"Deploys"}'},
            {"action": "key.rotate", "actor": about["key_id"], **about,
             "detail": '{"oldPrefix":"uptime_00112233",'
                       '"overlapSeconds":86400}'},
            {"action": "key.disable", **about},
            {"action": "key.leak", "actor": "leak report",
             "source": "2001:db8:1:2:3:4:5:6", **about,
             "detail": '{"secret":"previous"}'},
            {"action": "key.delete", "key_id": about["key_id"]},
        ])))


def empty(visit, server):
    return visit("olga")


def keys(visit, server):
    import_keys(server)
    return visit("olga")


def teams(visit, server):
    import_keys(server)
    return visit("sam")


def form_errors(visit, server):
    import_keys(server)
    page = visit("olga")
    page.page.locator("form").evaluate_all(
        js("(forms) => forms.forEach((form) => { form.noValidate = true; })"))
    page.fill("", [], "On a date", "2020-02-29").submit()
    return page.wait_for("The key was not made", 2)


def new_key(visit, server):
    page = visit("olga")
    page.create("Deploys (production)", expiry="In 90 days")
    return page


def made_already(visit, server):
    page = new_key(visit, server)
    page.page.reload()
    return page.wait_for("This key was made already")


def question(visit, server):
    """The question before a deletion, which is a page without scripts."""
    key = import_keys(server)
    page = visit("olga", f"/{key.id}")
    return page.wait_for("Delete this key?")


def dialog(visit, server):
    key = import_keys(server)
    return visit("olga").begin_to_delete(key)


def activity(visit, server):
    import_activity(server)
    return visit("olga", "/audit")


def no_activity(visit, server):
    return visit("sam", "/audit")


def activity_filtered(visit, server):
    import_activity(server)
    add_many(server.database, 60)
    return visit("olga", "/audit", "?action=key.change&since=1970-01-01"
                                   "&cursor=a1020.999999999")


def deleted(visit, server):
    key = import_keys(server)
    page = visit("olga")
    page.delete(key)
    return page


def lives(visit, server):
    """Keys in every state."""
    import_lives(server)
    return visit("olga")


def page_of(name, tail, heading):
    """A state: the page of such a key."""
    def way(visit, server):
        key = import_lives(server)[name]
        return visit("olga", f"/{key.id}/{tail}").wait_for(heading)
    return way


ROTATIONS = {f"rotate {name.lower()}": page_of(name, "rotate",
                                               "Rotate this key?")
             for name in ("Active", "Disabled", "Leaked", "Expired",
                          "Old secret in use", "Everything")}
EDITS = {f"edit {name.lower()}": page_of(name, "edit", "Edit this key")
         for name in ("Active", "Disabled", "Leaked", "Everything")}


def rotated(visit, server):
    page = page_of("Old secret in use", "rotate", "Rotate this key?")(
        visit, server)
    return page.rotate()


def rotated_at_once(visit, server):
    page = page_of("Old secret in use", "rotate", "Rotate this key?")(
        visit, server)
    return page.rotate("Not at all")


def rotated_already(visit, server):
    page = rotated(visit, server)
    page.page.reload()
    return page.wait_for("Nothing was changed")


def edit_errors(visit, server):
    page = EDITS["edit active"](visit, server)
    page.without_the_browsers_help()
    page.box("Name").fill("")
    page.box("Addresses").fill("192.0.2.7/24, everywhere")
    page.choice("On a date").check()
    page.date().fill("2020-02-29")
    page.button("Save changes").click()
    return page.wait_for("The key was not changed", 2)


def edit_stale(visit, server):
    key = import_lives(server)["Active"]
    page = visit("olga", f"/{key.id}/edit")
    set_columns(server, key, name="Renamed meanwhile")
    page.box("Name").fill("Mine")
    page.button("Save changes").click()
    return page.wait_for("Nothing was changed", 2)


def saved(visit, server):
    page = EDITS["edit active"](visit, server)
    page.button("Save changes").click()
    return page.wait_for("API keys")


def no_such_key(visit, server):
    return visit("olga", "/key_01jzzzzzzzzzzzzzzzzzzzzzzz")


def member(visit, server):
    return visit("mia")


def member_of_two(visit, server):
    return visit("sue")


def user_without_team(visit, server):
    return visit("otto")


def limit(visit, server):
    import_keys(server)
    for number in range(3):
        server.database.import_key("monitors:read", name=f"key {number}")
    return visit("olga")


def too_late(visit, server):
    page = visit("olga")
    for number in range(10):
        server.database.import_key("monitors:read", name=f"key {number}")
    page.fill("slower").submit()
    return page.wait_for("Limit Exceeded")


def many(visit, server):
    """More keys than one page of the list holds."""
    server.database.import_rows(*(
        {"team": "acme", "name": f"key {number}",
         "scopes": ["monitors:read"], "keyHash": f"{number:064x}",
         "keyPrefix": f"uptime_{number:08x}", "createdAt": number + 1}
        for number in range(60)))
    page = visit("olga")
    page.link("Older keys").wait_for()
    return page


STATES = {way.__name__.replace("_", " "): way for way in (
    empty, keys, teams, form_errors, new_key, made_already, question, dialog,
    deleted, lives, rotated, rotated_at_once, rotated_already, edit_errors,
    edit_stale, saved, no_such_key, member, member_of_two, user_without_team,
    limit, too_late, many, activity, no_activity, activity_filtered)} | ROTATIONS | EDITS
# The states that look different without scripts.
WITHOUT_SCRIPTS = {name: STATES[name] for name in (
    "keys", "form errors", "new key", "lives", "rotate active", "rotated",
    "edit active", "edit errors", "edit stale")}
