# SPDX-License-Identifier: Apache-2.0
"""Every enumerator has a row in its table: the compiler does not notice a
missing designated initialiser."""

import re

import pytest
from harness.environment import REPOSITORY

SOURCE = REPOSITORY / "mod_uptime_keys"
# The header and the type of the names, the file with their rows, and names
# without a row: the number of names, a success.
TABLES = [
    ("core/verdict.h", "uk_verdict_e", "httpd/problem.c",
     {"UK_ACCEPTED", "UK_VERDICTS"}),
    ("httpd/problem_types.h", "uk_problem_e", "httpd/problem_types.c",
     {"UK_PROBLEMS"}),
]


def names(header, kind):
    """The enumerators of a type."""
    text = (SOURCE / header).read_text(encoding="utf-8")
    (body,) = re.findall(rf"typedef enum {{([^}}]*)}} {kind};", text)
    return re.findall(r"\bUK_\w+", re.sub(r"/\*.*?\*/", "", body, flags=re.S))


# Those that are counted: the header, the type, and names without a row.
COUNTED = [
    ("core/verdict.h", "uk_verdict_e", {"UK_VERDICTS"}),
    ("db/database.h", "uk_failure_e", {"UK_FAILURES"}),
    ("httpd/figures.h", "uk_decided_e", {"UK_DECIDED_COUNT"}),
    ("httpd/figures.h", "uk_cache_result_e", {"UK_CACHE_COUNT"}),
    ("httpd/figures.h", "uk_manage_action_e", {"UK_MANAGE_COUNT"}),
    ("httpd/figures.h", "uk_managed_e", {"UK_MANAGED_COUNT"}),
]


def rows(source):
    text = (SOURCE / source).read_text(encoding="utf-8")
    return re.findall(r"^    \[(UK_\w+)\] =", text, re.M)


@pytest.mark.parametrize("header,kind,source,others", TABLES)
def test_every_name_has_a_row(header, kind, source, others):
    assert set(rows(source)) == set(names(header, kind)) - others


@pytest.mark.parametrize("header,kind,others", COUNTED)
def test_every_name_is_counted(header, kind, others):
    text = (SOURCE / "httpd/figures.c").read_text(encoding="utf-8")
    found = set(re.findall(r"\[(UK_\w+)\] =", text))
    assert set(names(header, kind)) - others <= found
