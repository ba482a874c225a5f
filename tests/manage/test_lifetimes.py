# SPDX-License-Identifier: Apache-2.0
"""The lifetimes of keys: a maximum and a default."""

import pytest
from harness.answers import assert_problem
from harness.database import now_ms
from managed import Client, assert_invalid, iso

DAY = 86_400_000


def end_of_day(days):
    """Of the day so many days from today, in UTC."""
    return (now_ms() // DAY + days + 1) * DAY - 1


@pytest.fixture(scope="module")
def maximum(new_managed):
    return new_managed("UptimeKeysMaxLifetime 7\n")


@pytest.fixture(scope="module")
def preset(new_managed):
    return new_managed("UptimeKeysDefaultLifetime 3\n")


@pytest.fixture(scope="module")
def both(new_managed):
    return new_managed("UptimeKeysMaxLifetime 7\n"
                       "UptimeKeysDefaultLifetime 3\n")


def olga_of(server):
    server.reset()
    return Client(server, user="olga")


def holder_of(server, expires_at):
    key = server.database.import_key("api-keys:write", "monitors:read")
    server.set_columns(key, expires_at=expires_at)
    return Client(server, key=key)


def expiry(answer):
    assert answer.status_code in (200, 201), answer.text
    return answer.json()["data"]["apiKey"]["expiresAt"]


NOTHING_ASKED = [{}, {"expiresAt": None}]


# A maximum alone

def test_expiry_up_to_the_end_of_the_last_day_is_taken(maximum):
    olga = olga_of(maximum)
    for at in (now_ms() // 1000 * 1000 + 60_000, end_of_day(0) + 1,
               end_of_day(7)):
        assert expiry(olga.create(expiresAt=iso(at))) == at


@pytest.mark.parametrize("members", [
    *NOTHING_ASKED, {"expiresAt": lambda: end_of_day(7) + 1},
    {"expiresAt": "9999-12-31T23:59:59Z"}])
def test_longer_life_is_refused_to_new_keys_and_changes(maximum, members):
    olga = olga_of(maximum)
    members = {name: iso(value()) if callable(value) else value
               for name, value in members.items()}
    (error,) = assert_invalid(olga.create(**members), "/expiresAt")["errors"]
    assert "7 days" in error["message"]
    key = maximum.database.import_key("monitors:read")
    before = maximum.rows()
    if members:
        assert_invalid(olga.change(key.id, **members), "/expiresAt")
    assert maximum.rows() == before


def test_message_names_the_last_instant(maximum):
    (error,) = assert_invalid(olga_of(maximum).create(),
                              "/expiresAt")["errors"]
    assert iso(end_of_day(7))[:23].replace("+00:00", "") in error["message"]


def test_key_that_was_there_stays_as_it_is(maximum):
    """Also when something else of it is changed."""
    olga = olga_of(maximum)
    for expires_at in (None, end_of_day(8), end_of_day(4000)):
        key = maximum.database.import_key("monitors:read")
        maximum.set_columns(key, expires_at=expires_at)
        assert expiry(olga.change(
            key.id, name="new", scopes=["alerts:read"],
            addresses=["127.0.0.1"], disabled=True)) == expires_at
        assert expiry(olga.change(key.id, disabled=False)) == expires_at


def test_expiry_of_a_key_can_be_made_earlier(maximum):
    olga = olga_of(maximum)
    key = maximum.database.import_key("monitors:read")
    at = end_of_day(7)
    assert expiry(olga.change(key.id, expiresAt=iso(at))) == at


@pytest.mark.backend
@pytest.mark.parametrize("expires_at", [None, lambda: end_of_day(8),
                                        lambda: 2**45])
def test_rotation_shortens_a_life_that_is_too_long(maximum, expires_at):
    olga = olga_of(maximum)
    key = maximum.database.import_key("monitors:read")
    maximum.set_columns(
        key, expires_at=expires_at and expires_at())
    _, data = olga.renew(key, overlapSeconds=30 * 86_400)
    assert data["apiKey"]["expiresAt"] == end_of_day(7)
    assert data["apiKey"]["previous"]["endsAt"] == end_of_day(7)
    assert maximum.rows()[key.id][7] == end_of_day(7)


@pytest.mark.parametrize("days", [0, 3, 7])
def test_rotation_prolongs_no_life(maximum, days):
    olga = olga_of(maximum)
    key = maximum.database.import_key("monitors:read")
    maximum.set_columns(key, expires_at=end_of_day(days))
    assert olga.renew(key)[1]["apiKey"]["expiresAt"] == end_of_day(days)


@pytest.mark.parametrize("members", NOTHING_ASKED)
def test_child_inherits_an_end_that_is_allowed(maximum, members):
    maximum.reset()
    end = end_of_day(7)
    assert expiry(holder_of(maximum, end).create(**members)) == end


@pytest.mark.parametrize("expires_at", [None, lambda: end_of_day(8)])
@pytest.mark.parametrize("members", NOTHING_ASKED)
def test_child_of_a_key_that_lives_too_long_has_to_say_when(
        maximum, expires_at, members):
    maximum.reset()
    maker = holder_of(maximum, expires_at and expires_at())
    assert_invalid(maker.create(**members), "/expiresAt")
    end = end_of_day(7)
    assert expiry(maker.create(expiresAt=iso(end))) == end
    assert_invalid(maker.create(expiresAt=iso(end + 1)), "/expiresAt")


# A default

@pytest.mark.parametrize("which", ["preset", "both"])
@pytest.mark.parametrize("members", NOTHING_ASKED)
def test_default_is_the_end_of_a_day(request, which, members):
    server = request.getfixturevalue(which)
    olga = olga_of(server)
    assert expiry(olga.create(**members)) == end_of_day(3)
    maker = holder_of(server, None)
    assert expiry(maker.create(**members)) == end_of_day(3)


@pytest.mark.parametrize("which", ["preset", "both"])
@pytest.mark.parametrize("maker,child", [
    (lambda: end_of_day(3) - 1, lambda: end_of_day(3) - 1),
    (lambda: now_ms() // 1000 * 1000 + 60_000, None),
    (lambda: end_of_day(3) + 1, lambda: end_of_day(3)),
    (lambda: end_of_day(50), lambda: end_of_day(3))])
def test_default_of_a_child_is_the_earlier_of_two(request, which, maker,
                                                  child):
    server = request.getfixturevalue(which)
    server.reset()
    end = maker()
    assert expiry(holder_of(server, end).create()) == \
        (child() if child else end)


def test_default_is_no_maximum(preset):
    olga = olga_of(preset)
    at = end_of_day(4000)
    key = olga.make(expiresAt=iso(at))
    assert olga.show(key)["expiresAt"] == at
    assert expiry(olga.change(key.id, expiresAt=None)) is None


def test_default_is_no_way_to_outlive_the_maker(preset):
    preset.reset()
    maker = holder_of(preset, end_of_day(1))
    assert_problem(maker.create(expiresAt=iso(end_of_day(1) + 1)), 403)


@pytest.mark.parametrize("which", ["preset", "both"])
def test_default_is_not_for_changes(request, which):
    """A change to no expiry asks for none."""
    server = request.getfixturevalue(which)
    olga = olga_of(server)
    key = olga.make()
    answer = olga.change(key.id, expiresAt=None)
    if which == "both":
        assert_invalid(answer, "/expiresAt")
    else:
        assert expiry(answer) is None
    assert expiry(olga.change(key.id, expiresAt=iso(end_of_day(7)))) == \
        end_of_day(7)


def test_rotation_knows_no_default(preset):
    olga = olga_of(preset)
    key = preset.database.import_key("monitors:read")
    assert olga.renew(key)[1]["apiKey"]["expiresAt"] is None


def test_without_either_a_key_lives_for_ever(server, olga):
    assert expiry(olga.create()) is None
    assert expiry(olga.create(expiresAt="9999-12-31T23:59:59Z"))
