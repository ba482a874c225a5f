# SPDX-License-Identifier: Apache-2.0
"""What the tool and a starting httpd ask of the catalogue costs the same whatever
else a server holds: the databases of others are not read."""

import re

import pytest
from harness import only_on

pytestmark = [pytest.mark.backend,
              only_on("mysql", reason="MariaDB says how many databases it reads")]

OF_THE_CATALOGUE = re.compile(r" (?:Query|Execute)\t"
                              r"(SELECT .*FROM information_schema.*)")


def logged(tool, *arguments):
    """The questions about the catalogue that a command asks."""
    file = tool.database.server.folder / "neighbours"
    tool.execute(f"SET GLOBAL general_log_file = '{file}'")
    tool.execute("SET GLOBAL general_log = 1")
    try:
        tool.good(*arguments)
    finally:
        tool.execute("SET GLOBAL general_log = 0")
    return set(OF_THE_CATALOGUE.findall(file.read_text(errors="replace")))


@pytest.mark.parametrize("command", ["check", "init"])
def test_databases_of_others_are_not_read(tool, command):
    questions = logged(tool, command)
    plans = {question: str(tool.rows("EXPLAIN " + question))
             for question in questions}
    assert any("triggers" in question for question in questions)
    assert not [question for question, plan in plans.items()
                if "Scanned all databases" in plan]
