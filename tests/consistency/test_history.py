# SPDX-License-Identifier: Apache-2.0
"""The checker, on histories written by hand."""

from dataclasses import replace

import pytest
from history import (
    ADDRESSES,
    CHANGE,
    CREATE,
    DELETE,
    DISABLE,
    ELSEWHERE,
    ENABLE,
    ENABLED,
    ENDED,
    EXPIRY,
    FAULT,
    IS_ACCEPTED,
    IS_CONFUSED,
    IS_EARLY,
    IS_LATE,
    IS_NOBODYS,
    IS_REFUSED,
    IS_STALE,
    IS_UNAVAILABLE,
    LEAK,
    NEVER,
    NO_ANSWER,
    READ,
    ROTATE,
    SCOPES,
    SECRET,
    USE,
    End,
    Operation,
    violations,
)

CHANGES = {200: {SCOPES: NEVER}, 403: {SCOPES: ENDED},
           ELSEWHERE: {(ADDRESSES, ""): ENDED}, 401: {EXPIRY: ENDED}}


def create(began, ended, status=201, key="a", secret=""):
    return Operation(CREATE, key, began, ended, status, secret=secret)


def use(began, ended, status=200, key="a", identity=..., secret=""):
    if identity is ...:
        identity = key if status == 200 else None
    return Operation(USE, key, began, ended, status, identity, secret=secret)


def delete(began, ended, status=200, key="a", **more):
    return Operation(DELETE, key, began, ended, status, **more)


def change(began, ended, leads_to, holds_from=None, status=200):
    return Operation(CHANGE, "a", began, ended, status,
                     sets=CHANGES[leads_to], holds_from=holds_from)


def disable(began, ended, status=200, kind=DISABLE, end=ENDED):
    return Operation(kind, "a", began, ended, status, sets={ENABLED: end})


def rotate(began, ended, old_ends, status=200, old="old", new="new",
           holds_from=None, **more):
    """From one secret to another; more secrets with their ends."""
    ends = {old: old_ends, new: NEVER, **more}
    return Operation(ROTATE, "a", began, ended, status, holds_from=holds_from,
                     sets={(SECRET, name): end for name, end in ends.items()})


def fault(began, ended, where="", holds_from=None):
    return Operation(FAULT, None, began, ended, 0, where=where,
                     holds_from=holds_from)


def rules(*history):
    found = [violation.rule for violation in violations(history)]
    # The order of the log does not matter.
    assert found == [violation.rule for violation
                     in violations(reversed(history))]
    return found


def test_nothing_is_wrong_with_nothing():
    assert rules() == []


def test_life_of_a_key():
    assert rules(create(0, 1), use(2, 3), delete(4, 5), use(6, 7, 401)) == []


def test_deleted_key_is_accepted():
    assert rules(create(0, 1), delete(2, 3), use(4, 5)) == [IS_ACCEPTED]


def test_deleted_key_from_before_the_log_is_accepted():
    assert rules(delete(2, 3), use(4, 5)) == [IS_ACCEPTED]


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
                 use(7, 8), delete(9, 10), use(11, 12)) == [IS_ACCEPTED] * 2


def test_overlapping_deletes_count_from_the_first_answer():
    assert rules(delete(1, 9), delete(2, 3), use(4, 5)) == [IS_ACCEPTED]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500, 502, 504])
def test_key_is_refused(status):
    history = [create(0, 1), use(2, 3, status)]
    assert rules(*history) == [IS_REFUSED]
    assert rules(*history, delete(4, 5)) == [IS_REFUSED]


def test_no_answer_is_not_a_refusal():
    assert rules(create(0, 1), use(2, 3, NO_ANSWER)) == []


def test_key_is_not_looked_up_though_nothing_is_wrong():
    assert rules(create(0, 1), use(2, 2.9, 503)) == [IS_UNAVAILABLE]
    assert rules(delete(0, 1), use(2, 2.9, 503)) == [IS_UNAVAILABLE]


def test_key_is_not_looked_up_after_waiting_for_a_connection():
    assert rules(create(0, 1), use(2, 3, 503)) == []


@pytest.mark.parametrize("began,ended,holds_from,where,want", [
    (1, 2, None, "", []),
    (1, 9, None, "", []),
    (2.5, 2.6, None, "", []),
    (2.9, 9, None, "", []),
    (0, 1, 2, "", []),
    (1, 9, None, "server 1", []),
    (3.1, 9, None, "", [IS_UNAVAILABLE]),
    (0, 1, 1.9, "", [IS_UNAVAILABLE]),
    (1, 9, None, "server 0", [IS_UNAVAILABLE])])
def test_fault_explains_what_it_overlaps(began, ended, holds_from, where,
                                          want):
    assert rules(fault(began, ended, where, holds_from), Operation(
        USE, "a", 2, 2.9, 503, where="server 1")) == want


@pytest.mark.parametrize("began,ended", [(0.2, 0.8), (0.5, 2), (1, 2)])
def test_key_may_be_refused_until_it_was_handed_out(began, ended):
    assert rules(create(0, 1), use(began, ended, 401)) == []


@pytest.mark.parametrize("status", [200, 503, NO_ANSWER])
def test_key_may_be_refused_once_somebody_tried_to_delete_it(status):
    assert rules(create(0, 1), delete(3, 4, status), use(2, 3, 401),
                 use(5, 6, 401)) == []


@pytest.mark.parametrize("began,status,want", [
    (4, 200, []), (4, 401, []), (5, 200, []), (5.1, 200, [IS_ACCEPTED]),
    (5.1, 401, [])])
def test_delete_that_holds_later(began, status, want):
    assert rules(create(0, 1), delete(2, 3, holds_from=5),
                 use(began, 9, status)) == want


@pytest.mark.parametrize("began,ended,status,want", [
    (1.1, 1.9, 403, [IS_REFUSED]),
    (1.1, 2, 403, []),
    (4, 5, 200, []),
    (4, 5, 403, []),
    (4, 5, 401, [IS_STALE]),
    (4.1, 5, 200, [IS_LATE]),
    (4.1, 5, 403, [])])
def test_change_is_seen_everywhere_once_it_holds(began, ended, status, want):
    assert rules(create(0, 1), change(2, 3, 403, holds_from=4),
                 use(began, ended, status)) == want


@pytest.mark.parametrize("leads_to,status,want", [
    (ELSEWHERE, ELSEWHERE, []), (ELSEWHERE, 200, [IS_LATE]),
    (ELSEWHERE, 403, [IS_STALE]), (403, ELSEWHERE, [IS_STALE]),
    (401, 401, []), (401, 200, [IS_LATE]), (200, 403, [IS_EARLY])])
def test_each_change_has_an_answer_of_its_own(leads_to, status, want):
    assert rules(create(0, 1), change(2, 3, leads_to),
                 use(4, 5, status)) == want


@pytest.mark.parametrize("several,status", [
    ((403, ELSEWHERE), ELSEWHERE), ((403, 401), 401), ((ELSEWHERE, 401), 401),
    ((200, ELSEWHERE), ELSEWHERE)])
def test_first_part_that_stands_in_the_way_decides(several, status):
    history = [create(0, 1)] + [
        change(2 * number, 2 * number + 1, leads_to)
        for number, leads_to in enumerate(several, 1)]
    assert rules(*history, use(8, 9, status)) == []
    for other in {200, 401, 403, ELSEWHERE} - {status}:
        assert rules(*history, use(8, 9, other)) == [
            IS_LATE if other == 200 else IS_STALE]


@pytest.mark.parametrize("began,status,want", [
    (6, 403, []), (6, 200, []), (6, 401, [IS_STALE]), (7, 403, []),
    (7.1, 403, [IS_EARLY]), (7.1, 200, [])])
def test_change_back_is_seen_likewise(began, status, want):
    assert rules(create(0, 1), change(2, 3, 403, holds_from=4),
                 change(5, 6, 200, holds_from=7),
                 use(began, 9, status)) == want


@pytest.mark.parametrize("status", [200, 403])
def test_change_that_may_have_failed_promises_nothing(status):
    assert rules(create(0, 1), change(2, 3, 403, status=NO_ANSWER),
                 use(5, 6, status)) == []


def test_either_change_may_be_the_last_of_two_that_overlap():
    for status in (200, 403):
        assert rules(create(0, 1), change(2, 5, 403), change(3, 4, 200),
                     use(6, 7, status)) == []


def test_change_that_was_not_confirmed_may_happen_later():
    history = [create(0, 1), change(2, 3, 403, status=503),
               change(4, 5, 200)]
    for status in (200, 403):
        assert rules(*history, use(6, 7, status)) == []


def test_no_change_brings_a_deleted_key_back():
    for maybe in (200, NO_ANSWER):
        assert rules(create(0, 1), delete(2, 3, maybe), change(4, 5, 403),
                     use(6, 7, 401)) == []
    assert rules(create(0, 1), delete(2, 3), change(4, 5, 200),
                 use(6, 7)) == [IS_ACCEPTED]


def test_deletion_is_final():
    """Although a creation that was not confirmed might be late."""
    assert rules(create(0, 1, NO_ANSWER), delete(2, 3),
                 use(4, 5)) == [IS_ACCEPTED]


def test_create_that_failed_promises_nothing():
    assert rules(create(0, 1, 503), use(2, 3, 401)) == []
    assert rules(create(0, 1, NO_ANSWER, key=None)) == []


@pytest.mark.parametrize("identity", ["b", "", None])
def test_key_is_taken_for_another(identity):
    assert rules(create(0, 1), use(2, 3, identity=identity)) == [IS_CONFUSED]


def test_deleted_key_is_accepted_as_another():
    assert sorted(rules(delete(2, 3), use(4, 5, identity="b"))) == [
        IS_ACCEPTED, IS_CONFUSED]


def test_keys_have_lives_of_their_own():
    assert rules(create(0, 1), create(0, 1, key="b"), delete(2, 3),
                 use(4, 5, key="b"), use(4, 5, 401)) == []


def test_violations_come_in_the_order_in_which_they_ended():
    found = violations([delete(0, 1), use(5, 6), use(2, 8), use(3, 4)])
    assert [violation.operation.ended for violation in found] == [4, 6, 8]
    assert all(violation.witness == delete(0, 1) for violation in found)
    assert "although" in str(found[0])


@pytest.mark.parametrize("began,ended,status,want", [
    (2, 2.9, 200, []), (2, 2.9, 401, [IS_EARLY]),
    (2, 3, 200, []), (2, 3, 401, []), (2.9, 9, 200, []),
    (3, 3.1, 200, [IS_LATE]), (3, 3.1, 401, []), (8, 9, 200, [IS_LATE])])
def test_old_secret_is_accepted_until_its_very_end(began, ended, status, want):
    assert rules(create(0, 0.5, secret="old"), rotate(1, 1.5, End(3, 3)),
                 use(began, ended, status, secret="old")) == want


@pytest.mark.parametrize("began,ended,status,want", [
    (2, 2.9, 401, [IS_EARLY]), (2, 3, 401, []), (3.1, 9, 200, []),
    (3.2, 9, 200, [IS_LATE])])
def test_end_may_be_known_as_an_interval(began, ended, status, want):
    assert rules(create(0, 0.5, secret="old"), rotate(1, 1.5, End(3, 3.2)),
                 use(began, ended, status, secret="old")) == want


def test_old_secret_ends_late_if_its_end_holds_late():
    """As after plain SQL, and a server does not know the end yet."""
    history = [create(0, 0.5, secret="old"),
               rotate(1, 1.5, End(2, 2), holds_from=3)]
    assert rules(*history, use(3, 4, secret="old")) == []
    assert rules(*history, use(3.1, 4, secret="old")) == [IS_LATE]
    assert rules(*history, use(1.5, 1.9, 401, secret="old")) == [IS_EARLY]


@pytest.mark.parametrize("began,ended,status,want", [
    (1, 1.5, 200, []), (1, 1.5, 401, []), (1.5, 2, 401, []),
    (1.6, 2, 401, [IS_EARLY]), (1.6, 2, 200, [])])
def test_new_secret_is_accepted_from_the_answer_on(began, ended, status, want):
    assert rules(create(0, 0.5, secret="old"), rotate(1, 1.5, ENDED),
                 use(began, ended, status, secret="new")) == want


def test_secret_that_never_was_is_accepted():
    history = [create(0, 0.5, secret="old"), rotate(2, 2.5, ENDED)]
    assert rules(*history, use(4, 5, secret="x")) == [IS_NOBODYS]
    assert rules(*history, use(1, 1.9, secret="new")) == [IS_NOBODYS]
    assert rules(*history, use(4, 5, 401, secret="x")) == []


def test_secret_before_the_last_two_ends_with_the_rotation():
    history = [create(0, 0.5, secret="first"),
               rotate(1, 1.5, End(9, 9), old="first", new="second"),
               rotate(2, 2.5, End(9, 9), old="second", new="third",
                      first=ENDED)]
    assert rules(*history, *(use(3, 4, status, secret=secret) for
                             secret, status in (("first", 401),
                                                ("second", 200),
                                                ("third", 200)))) == []
    assert rules(*history, use(3, 4, secret="first")) == [IS_LATE]
    assert rules(*history, use(3, 4, 401, secret="second")) == [IS_EARLY]


@pytest.mark.parametrize("status", [503, NO_ANSWER])
def test_rotation_that_may_have_failed(status):
    """The old secret goes on for the overlap, whatever happened."""
    history = [create(0, 0.5, secret="old"),
               rotate(1, 1.5, End(3, float("inf")), status)]
    assert rules(*history, use(2, 2.9, 401, secret="old")) == [IS_EARLY]
    for answer in (200, 401):
        assert rules(*history, use(2, 3, answer, secret="old")) == []
        assert rules(*history, use(2, 3, answer, secret="new")) == []


def test_rotation_that_happened_tells_that_another_did_not():
    """Both were from the same secret."""
    history = [create(0, 0.5, secret="old"), rotate(1, 1.5, ENDED, 503,
                                                    new="lost"),
               rotate(2, 2.5, End(9, 9))]
    assert rules(*history, use(3, 4, 401, secret="old")) == [IS_EARLY]
    assert rules(*history, use(3, 4, secret="new")) == []


@pytest.mark.parametrize("began,ended,status,want", [
    (1, 2.5, 401, []), (1, 1.9, 401, [IS_REFUSED]), (3, 4, 200, []),
    (3.1, 4, 200, [IS_LATE]), (3.1, 4, 401, [])])
def test_disabled_key_is_refused(began, ended, status, want):
    assert rules(create(0, 0.5), disable(2, 3),
                 use(began, ended, status)) == want


def test_each_address_is_judged_by_itself():
    history = [create(0, 1), Operation(
        CHANGE, "a", 2, 3, 200, sets={(ADDRESSES, "x"): NEVER,
                                      (ADDRESSES, "y"): ENDED})]
    for source, status, want in (("x", 200, []), ("y", ELSEWHERE, []),
                                 ("x", ELSEWHERE, [IS_EARLY]),
                                 ("y", 200, [IS_LATE])):
        assert rules(*history, replace(use(4, 5, status),
                                       source=source)) == want


def test_enabled_key_is_accepted():
    history = [create(0, 1), disable(2, 3),
               disable(4, 5, kind=ENABLE, end=NEVER)]
    assert rules(*history, use(5.1, 6)) == []
    assert rules(*history, use(5.1, 6, 401)) == [IS_EARLY]


def test_leaked_key_is_enabled_by_a_rotation_alone():
    history = [create(0, 0.5, secret="old"), disable(1, 2, kind=LEAK)]
    assert rules(*history, use(3, 4, secret="old")) == [IS_LATE]
    history.append(Operation(
        ROTATE, "a", 5, 6, 200, sets={
            (SECRET, "old"): ENDED, (SECRET, "new"): NEVER, ENABLED: NEVER}))
    assert rules(*history, use(7, 8, secret="new")) == []
    assert rules(*history, use(7, 8, secret="old")) == [IS_LATE]


def test_old_secret_that_leaked_ends_alone():
    history = [create(0, 0.5, secret="old"), rotate(1, 1.5, End(9, 9)),
               Operation(LEAK, "a", 2, 3, 200,
                         sets={(SECRET, "old"): ENDED})]
    assert rules(*history, use(4, 5, secret="old")) == [IS_LATE]
    assert rules(*history, use(4, 5, 401, secret="new")) == [IS_EARLY]


def test_deleted_key_takes_all_its_secrets_along():
    history = [create(0, 0.5, secret="old"), rotate(1, 1.5, End(9, 9)),
               delete(2, 3)]
    for secret in ("old", "new"):
        assert rules(*history, use(4, 5, secret=secret)) == [IS_ACCEPTED]


def test_any_secret_reads_a_key():
    assert rules(create(0, 0.5, secret="old"), rotate(1, 1.5, ENDED),
                 disable(1.6, 1.7), read(2, 3)) == []


def read(began, ended, status=200, key="a", identity=...):
    if identity is ...:
        identity = key if status == 200 else None
    return Operation(READ, key, began, ended, status, identity)


def test_life_of_a_key_that_is_read():
    assert rules(create(0, 1), read(2, 3), delete(4, 5),
                 read(6, 7, 404)) == []


def test_created_key_is_not_found():
    assert rules(create(0, 1), read(2, 3, 404)) == [IS_REFUSED]


def test_deleted_key_is_read():
    assert rules(create(0, 1), delete(2, 3), read(4, 5)) == [IS_ACCEPTED]


def test_changed_key_can_be_read():
    assert rules(create(0, 1), change(2, 3, 401), read(4, 5),
                 use(6, 7, 401)) == []


def test_another_key_is_read():
    assert rules(create(0, 1), read(2, 3, identity="b")) == [IS_CONFUSED]


def test_reader_is_refused():
    """The key that reads is good, so 401 and 403 are wrong."""
    assert rules(create(0, 1), read(2, 3, 401)) == [IS_REFUSED]
    assert rules(create(0, 1), delete(2, 3), read(4, 5, 401)) == [IS_STALE]
