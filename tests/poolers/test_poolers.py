# SPDX-License-Identifier: Apache-2.0
"""Behind poolers no answer is wrong, and none is 503: with creates, deletes
and rotations of the pool's sessions, judged by the checker of
tests/consistency and by clients that compare whole answers.

run.py does the same for longer, and prints the table.
"""

import experiments
import other_version
import pytest
from experiments import CASES, FAULTY, TENANTS
from history import CHANGE, CREATE, DELETE, READ

SECONDS = 10
# Of a session of the database: each connection may leave a few before it
# notices that they are lost.
MOST_STATEMENTS = 150
# What each build/test runs; the rest is marked "everywhere".
USUAL = {
    "pgbouncer-1.18 transaction pgsql",
    "pgpool-4.6 lagging pgsql",
    "pgbouncer-1.18 transaction two tenants",
    "pgbouncer-1.24 transaction troubles",
}


def cases(several):
    return [pytest.param(name, id=name.replace(" ", "-"),
                         marks=[] if name in USUAL
                         else pytest.mark.everywhere)
            for name in several]


@pytest.fixture(scope="module", autouse=True)
def clean():
    yield
    other_version.remove()


def judge(result, record_property):
    for line in (result.row(), *result.more()):
        print(line)
    record_property("row", result.row())
    assert result.is_good, "\n".join(result.more())
    assert result.statements < MOST_STATEMENTS
    # Otherwise the test would prove nothing.
    for kind, status in ((CREATE, 201), (DELETE, 200), (CHANGE, 200),
                         (READ, 200), (READ, 404)):
        assert result.count(kind, status), kind


@pytest.mark.parametrize("name", cases(CASES))
def test_no_answer_is_wrong_or_503(name, record_property):
    judge(experiments.run_case(name, CASES[name], SECONDS), record_property)


@pytest.mark.parametrize("name", cases(FAULTY))
def test_trouble_makes_no_answer_wrong(name, record_property):
    judge(experiments.run_case(name, FAULTY[name], SECONDS), record_property)


@pytest.mark.parametrize("name", cases(TENANTS))
def test_no_key_opens_another_tenants_door(name, record_property):
    judge(experiments.run_tenants(name, TENANTS[name], SECONDS),
          record_property)
