# SPDX-License-Identifier: Apache-2.0
"""A key may have any name; the page shows it without side effects."""

import itertools

import pytest
from browser import js

pytestmark = pytest.mark.slow

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "attribute": "\"><img src=x onerror=\"alert(1)\">",
    "single quotes": "' onmouseover='alert(1)' x='",
    "end of title": "</title></textarea><script>alert(1)</script>",
    "comment": "<!-- --><![CDATA[ ]]>",
    "entities": "&lt;b&gt; &amp;amp; &#60; &copy &nbsp;",
    "template": "${alert(1)} {{1+1}} %s %d %n $& $1",
    "right to left": "abc\u202egpj.exe\u202d",
    "isolates": "\u2066\u2067\u2068open",
    "Arabic and Latin": "مفتاح CI 12 مفتاح",
    "no width": "\u200b\u200d\u2060",
    "wide": "漢" * 255,
    "families": "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
                * 36,
    "one long word": "W" * 255,
    "marks": "Z" + "\u0351\u036b\u0343" * 80,
    "backslashes": "\\u003cscript\\u003e\\",
    "white space": "  two  spaces\u00a0\u3000 ",
}


def trimmed(name):
    """As it is stored: without white space at both ends."""
    blanks = "".join(chr(c) for c in range(0x3001) if chr(c).isspace())
    return name.strip(blanks + "\u200b\ufeff")


# For the innermost elements with exactly this text, whether each isolates the
# direction of the text from its surroundings.
ISOLATED = js("""(name) => [...document.body.querySelectorAll("*")]
    .filter((e) => e.textContent === name && e.childElementCount === 0
        && !e.matches("script, style, title"))
    .every((e) => {
        for (let at = e; at !== document.body; at = at.parentElement) {
            const { unicodeBidi, display } = getComputedStyle(at);
            if (/isolate|plaintext/.test(unicodeBidi)) return true;
            if (at.textContent !== name) return false;
            if (display === "table-cell") return true;
        }
        return false;
    })""")


def assert_well_shown(page, name):
    assert page.shows(name), page.outline()
    assert page.scrolls_sideways() == ""
    assert page.page.evaluate(ISOLATED, name)


CREATED = ("script", "attribute", "right to left", "families", "white space")


def without_scripts_of_others(page):
    return page.page.locator("main img, main b, body script:not([src])"
                             ).count() == 0


@pytest.mark.parametrize("case", CREATED)
def test_name_is_shown_as_it_is(visit, olga, case):
    name = HOSTILE[case]
    page = visit("olga", width=360)
    page.create(name)
    name = trimmed(name)
    api_key, = olga.keys()
    assert api_key["name"] == name
    assert_well_shown(page, name)
    page.done()
    assert_well_shown(page, name)
    page.page.get_by_role("link", name="Delete").first().click()
    page.wait_for("Delete this key?", page.question_level())
    assert_well_shown(page, name)
    assert without_scripts_of_others(page)


def test_names_of_others_are_harmless(visit, server):
    """In the list, and on the pages of a key."""
    keys = [server.database.import_key("monitors:read", name=name)
            for name in HOSTILE.values()]
    page = visit("olga", width=360)
    for key in keys:
        assert_well_shown(page, trimmed(key.name))
    assert without_scripts_of_others(page)
    for key, tail in itertools.product(keys, ("", "/edit", "/rotate")):
        page.open(f"/{key.id}{tail}")
        assert_well_shown(page, trimmed(key.name))
        assert without_scripts_of_others(page)


def test_name_comes_back_as_it_was_typed(visit):
    page = visit("olga", width=360)
    for name in HOSTILE.values():
        page.without_the_browsers_help()
        before = len(page.documents())
        page.fill(name, []).submit().wait_for_next("The key was not made", 2)
        assert len(page.documents()) == before + 1
        assert page.box("Name").input_value() == name
        assert page.scrolls_sideways() == ""


def test_hostile_team_and_query_are_harmless(visit):
    page = visit("olga")
    for query in ("?team=<script>alert(1)</script>", "?team=%00", "?team=a'b",
                  "?team=%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E",
                  "?cursor=<script>alert(1)</script>", "?team=" + "x" * 4000):
        page.open(query=query)
        assert page.answered() in (200, 400, 404)
        assert page.page.locator("main img, body script:not([src])"
                                 ).count() == 0


def test_hostile_address_is_harmless(visit):
    page = visit("olga", "/%3Cscript%3Ealert(1)%3C/script%3E")
    assert page.answered() in (400, 404)
    assert page.page.locator("body script:not([src])").count() == 0
