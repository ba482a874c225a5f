# SPDX-License-Identifier: Apache-2.0
"""The manual, read as XML, and what is made of it."""

import xml.etree.ElementTree as tree

from harness.environment import OUT, REPOSITORY

SOURCE = REPOSITORY / "mod_uptime_keys"
XML = SOURCE / "docs" / "manual" / "mod_uptime_keys.xml"
DOCS = OUT / "docs"
BUILD = REPOSITORY / "build" / "manual"
# What "make -C build docs" makes, and of which files.
MADE = {"mod_uptime_keys.html": [XML, BUILD / "html.xsl", BUILD / "common.xsl",
                                 BUILD / "style.css"],
        "uptime_keys.conf.5": [XML, BUILD / "man.xsl", BUILD / "common.xsl"],
        "uptime-keys.1": [BUILD / "man.c", SOURCE / "cli" / "commands.c"],
        "uptime-keys.bash": [BUILD / "completion.bash",
                             BUILD / "completion.c",
                             SOURCE / "cli" / "commands.c"]}
PAGE = tree.parse(XML).getroot()


def text(element):
    """All text in an element, with single blanks; "" if there is none."""
    return "" if element is None else " ".join("".join(
        element.itertext()).split())


DIRECTIVES = {text(one.find("name")): one
              for one in PAGE.findall("directivesynopsis")}


def section(name):
    return PAGE.find(f"section[@id='{name}']")


def rows(name, number=0):
    """The cells of a table in a section, without its headings."""
    table = section(name).findall("table")[number]
    return [[text(cell) for cell in row.findall("td")]
            for row in table.findall("tr") if row.find("td") is not None]


def examples(language):
    """(where it stands, text) of every example."""
    for part in PAGE.findall("section") + PAGE.findall("directivesynopsis"):
        name = part.get("id") or text(part.find("name"))
        for number, block in enumerate(
                one for one in part.iter("highlight")
                if one.get("language") == language):
            yield f"{name} {number + 1}", block.text
