# SPDX-License-Identifier: Apache-2.0
"""The page and the tests of this folder are about the same."""

import re
from pathlib import Path

import page
from crossing import INTERFACES
from harness.environment import REPOSITORY

TESTS = "".join(path.read_text("utf-8")
                for path in Path(__file__).parent.glob("*.py"))
# Whose configurations other folders run.
ELSEWHERE = {"Beside other modules and servers"}


def headings():
    """Those with configurations, up to the part about databases."""
    mine, _, _ = page.PAGE.read_text("utf-8").partition(
        "\n## Between the server and the database")
    return [name for name, blocks in page.blocks().items()
            if blocks and f"# {name}\n" in mine and name not in ELSEWHERE]


def test_every_configuration_of_the_page_is_run():
    assert len(headings()) > 20
    run = set(re.findall(r'shown\(\s*"([^"]+)"|^SECTION = "([^"]+)"', TESTS,
                         re.M))
    names = {name for pair in run for name in pair} | {
        interface.name for interface in INTERFACES}
    assert [name for name in headings() if name not in names] == []


def test_every_interface_has_a_row():
    rows = re.findall(r"(?m)^\| (\S+) \| `", page.PAGE.read_text("utf-8"))
    assert rows == [interface.name for interface in INTERFACES]


def test_other_documents_name_the_page():
    for file in ("README.md", "mod_uptime_keys/README.md"):
        assert "docs/BESIDE.md" in (REPOSITORY / file).read_text("utf-8")
