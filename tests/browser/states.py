# SPDX-License-Identifier: Apache-2.0
"""Every state of the page, and a function that brings it on the screen.

Such a function gets a function that begins a visit, and the server; it returns
the visit.
"""

import time

from browser import js

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


def deleted(visit, server):
    key = import_keys(server)
    page = visit("olga")
    page.delete(key)
    return page


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
    deleted, no_such_key, member, member_of_two, user_without_team, limit,
    too_late,
    many)}
# The states that look different without scripts.
WITHOUT_SCRIPTS = {name: STATES[name] for name in (
    "keys", "form errors", "new key")}
