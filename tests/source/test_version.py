# SPDX-License-Identifier: Apache-2.0
"""Every place that states the version states the same one."""

import datetime
import json
import re
import subprocess

import pytest
from c_source import SOURCE

ROOT = SOURCE.parent
VERSION = subprocess.run([ROOT / "build" / "version"], check=True, text=True,
                         capture_output=True).stdout
# A file, and the expression whose first match has the version.
STATED = {
    "mod_uptime_keys/core/version.h": r'^#define UK_VERSION "(.*)"$',
    "README.md": r"\*\*Status:\*\* version ([\d.]+)\.",
    ".github/SECURITY.md": r"^\| version \| supported \|\n.*\n\| (.*) \| yes \|$",
    "mod_uptime_keys/CHANGES.md": r"^## (.*), ",
    "mod_uptime_keys/manage/assets/openapi.json": r'"version": "(.*)"',
}
ENTRY = re.compile(r"^## (.*)$", re.M)


def test_the_version_is_three_numbers_in_one_line():
    assert re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}\n", VERSION)


@pytest.mark.parametrize("file,expression", STATED.items(), ids=str)
def test_the_version_is_stated(file, expression):
    found = re.search(expression, (ROOT / file).read_text("utf-8"), re.M)
    assert found and found[1] == VERSION.strip()


def test_openapi_has_the_version_in_its_info():
    page = (SOURCE / "manage/assets/openapi.json").read_text("utf-8")
    assert json.loads(page)["info"]["version"] == VERSION.strip()


def test_changes_have_versions_and_dates_newest_first():
    entries = [heading.split(", ") for heading in ENTRY.findall(
        (SOURCE / "CHANGES.md").read_text("utf-8"))]
    order = [(datetime.date.fromisoformat(date),
              [int(part) for part in version.split(".")])
             for version, date in entries]
    assert len(order) > 1
    assert order == sorted(order, reverse=True)
