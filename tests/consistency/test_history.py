# SPDX-License-Identifier: Apache-2.0
"""The judge of histories, on histories written by hand."""

import pytest
from history import (
    CREATE,
    DELETE,
    IS_ANOTHER,
    IS_REFUSED,
    LIVES_ON,
    NO_ANSWER,
    USE,
    Operation,
    violations,
)


def create(began, ended, status=201, key="a"):
    return Operation(CREATE, key, began, ended, status)


def use(began, ended, status=200, key="a", identity=...):
    if identity is ...:
        identity = key if status == 200 else None
    return Operation(USE, key, began, ended, status, identity)


def delete(began, ended, status=200, key="a"):
    return Operation(DELETE, key, began, ended, status)


def rules(*history):
    found = [violation.rule for violation in violations(history)]
    # The order in the log is not the order of what happened.
    assert found == [violation.rule for violation
                     in violations(reversed(history))]
    return found


def test_nothing_is_wrong_with_nothing():
    assert rules() == []


def test_life_of_a_key():
    assert rules(create(0, 1), use(2, 3), delete(4, 5), use(6, 7, 401)) == []


def test_deleted_key_is_let_in():
    assert rules(create(0, 1), delete(2, 3), use(4, 5)) == [LIVES_ON]


def test_deleted_key_that_was_there_before_is_let_in():
    assert rules(delete(2, 3), use(4, 5)) == [LIVES_ON]


@pytest.mark.parametrize("status", [201, 401, 403, 404, 500, 503, NO_ANSWER])
def test_only_200_to_a_delete_promises_something(status):
    assert rules(create(0, 1), delete(2, 3, status), use(4, 5)) == []


@pytest.mark.parametrize("status", [200, 401])
@pytest.mark.parametrize("began,ended", [
    (1, 2.5), (1, 9), (2.1, 2.9), (2.5, 9), (3, 9)])
def test_either_is_right_while_it_is_deleted(began, ended, status):
    assert rules(create(0, 0.5), delete(2, 3),
                 use(began, ended, status)) == []


def test_the_first_delete_that_is_confirmed_counts():
    assert rules(delete(1, 2, NO_ANSWER), use(3, 4), delete(5, 6),
                 use(7, 8), delete(9, 10), use(11, 12)) == [LIVES_ON] * 2


def test_overlapping_deletes_count_from_the_first_answer():
    assert rules(delete(1, 9), delete(2, 3), use(4, 5)) == [LIVES_ON]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500, 502, 504])
def test_key_is_refused(status):
    history = [create(0, 1), use(2, 3, status)]
    assert rules(*history) == [IS_REFUSED]
    assert rules(*history, delete(4, 5)) == [IS_REFUSED]


@pytest.mark.parametrize("status", [503, NO_ANSWER])
def test_what_is_not_a_refusal(status):
    assert rules(create(0, 1), use(2, 3, status)) == []


@pytest.mark.parametrize("began,ended", [(0.2, 0.8), (0.5, 2), (1, 2)])
def test_key_may_be_refused_until_it_was_handed_out(began, ended):
    assert rules(create(0, 1), use(began, ended, 401)) == []


@pytest.mark.parametrize("status", [200, 503, NO_ANSWER])
def test_key_may_be_refused_once_somebody_tried_to_delete_it(status):
    assert rules(create(0, 1), delete(3, 4, status), use(2, 3, 401),
                 use(5, 6, 401)) == []


def test_create_that_failed_promises_nothing():
    assert rules(create(0, 1, 503), use(2, 3, 401)) == []
    assert rules(create(0, 1, NO_ANSWER, key=None)) == []


@pytest.mark.parametrize("identity", ["b", "", None])
def test_key_is_taken_for_another(identity):
    assert rules(create(0, 1), use(2, 3, identity=identity)) == [IS_ANOTHER]


def test_deleted_key_is_let_in_as_another():
    assert sorted(rules(delete(2, 3), use(4, 5, identity="b"))) == [
        LIVES_ON, IS_ANOTHER]


def test_keys_have_lives_of_their_own():
    assert rules(create(0, 1), create(0, 1, key="b"), delete(2, 3),
                 use(4, 5, key="b"), use(4, 5, 401)) == []


def test_violations_come_in_the_order_in_which_they_ended():
    found = violations([delete(0, 1), use(5, 6), use(2, 8), use(3, 4)])
    assert [violation.operation.ended for violation in found] == [4, 6, 8]
    assert all(violation.witness == delete(0, 1) for violation in found)
    assert "although" in str(found[0])
