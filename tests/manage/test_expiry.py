# SPDX-License-Identifier: Apache-2.0
"""An expiry that is not clearly an instant in the future is refused."""

import datetime

import pytest
from harness.database import now_ms
from managed import assert_invalid

UTC = datetime.timezone.utc


def milliseconds(*fields, minutes_east=0):
    zone = datetime.timezone(datetime.timedelta(minutes=minutes_east))
    return round(datetime.datetime(*fields, tzinfo=zone).timestamp() * 1000)


def from_now(minutes=0, offset="Z", **more):
    """UTC's time of day so many minutes from now, with any offset."""
    moment = datetime.datetime.now(UTC) + datetime.timedelta(
        minutes=minutes, **more)
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + offset


UNDERSTOOD = {
    "2030-12-31T18:30:15Z": milliseconds(2030, 12, 31, 18, 30, 15),
    "2030-12-31t18:30:15z": milliseconds(2030, 12, 31, 18, 30, 15),
    "2030-12-31T18:30:15+00:00": milliseconds(2030, 12, 31, 18, 30, 15),
    "2030-12-31T18:30:15+02:00": milliseconds(2030, 12, 31, 16, 30, 15),
    "2030-12-31T18:30:15-05:30": milliseconds(2031, 1, 1, 0, 0, 15),
    "2030-12-31T23:59:59-00:01": milliseconds(2031, 1, 1, 0, 0, 59),
    "2031-01-01T00:00:00+00:01": milliseconds(2030, 12, 31, 23, 59),
    "2030-12-31T18:30:15+23:59": milliseconds(2030, 12, 30, 18, 31, 15),
    "2030-12-31T18:30:15-23:59": milliseconds(2031, 1, 1, 18, 29, 15),
    "2030-12-31T18:30:15.5Z": milliseconds(2030, 12, 31, 18, 30, 15) + 500,
    "2030-12-31T18:30:15.25z": milliseconds(2030, 12, 31, 18, 30, 15) + 250,
    "2030-12-31T18:30:15.123Z": milliseconds(2030, 12, 31, 18, 30, 15) + 123,
    "2030-12-31T18:30:15.000000001Z": milliseconds(2030, 12, 31, 18, 30, 15),
    "2030-12-31T18:30:15.123456789+01:00":
        milliseconds(2030, 12, 31, 17, 30, 15) + 123,
    "2030-12-31T18:30:15.1" + "0" * 20 + "Z":
        milliseconds(2030, 12, 31, 18, 30, 15) + 100,
    "2032-02-29T00:00:00Z": milliseconds(2032, 2, 29),
    "2400-02-29T23:59:59Z": milliseconds(2400, 2, 29, 23, 59, 59),
    "2032-02-28T23:30:00-01:00": milliseconds(2032, 2, 29, 0, 30),
    "2038-01-19T03:14:08Z": 2 ** 31 * 1000,
    "2106-02-07T06:28:16Z": 2 ** 32 * 1000,
    "9999-12-31T23:59:59Z": milliseconds(9999, 12, 31, 23, 59, 59),
    "2030-01-31T00:00:00Z": milliseconds(2030, 1, 31),
    "2030-10-31T00:00:00Z": milliseconds(2030, 10, 31),
}


@pytest.mark.parametrize("text", UNDERSTOOD)
def test_instant_is_understood(server, olga, text):
    answer = olga.create(expiresAt=text)
    assert answer.status_code == 201, answer.text
    assert answer.json()["data"]["apiKey"]["expiresAt"] == UNDERSTOOD[text]
    (key,) = olga.keys()
    assert key["expiresAt"] == UNDERSTOOD[text]
    assert server.database.rows("SELECT expires_at FROM uptime_keys") == \
        [(UNDERSTOOD[text],)]


@pytest.mark.parametrize("minutes,offset", [
    (1, "Z"), (-30, "-01:00"), (-700, "-12:00"), (61, "+01:00"),
])
def test_instant_that_is_future_where_it_is_meant_is_taken(olga, minutes,
                                                           offset):
    answer = olga.create(expiresAt=from_now(minutes, offset))
    assert answer.status_code == 201
    assert answer.json()["data"]["apiKey"]["expiresAt"] > now_ms()


@pytest.mark.parametrize("changes", [{}, {"expiresAt": None}],
                         ids=["missing", "null"])
def test_no_expiry_can_be_asked_for(olga, changes):
    answer = olga.create(**changes)
    assert answer.status_code == 201
    assert answer.json()["data"]["apiKey"]["expiresAt"] is None


@pytest.mark.parametrize("minutes,offset", [
    (0, "Z"), (-1, "Z"), (30, "+01:00"), (-60, "+00:00"), (700, "+12:00"),
    (-90, "-01:00"),
])
def test_instant_that_is_past_where_it_is_meant_is_refused(server, olga,
                                                           minutes, offset):
    assert_invalid(olga.create(expiresAt=from_now(minutes, offset)),
                   "/expiresAt")
    assert server.slots() == []


DATES_THAT_DO_NOT_EXIST = """
2030-02-29 2030-02-30 2032-02-30 2100-02-29 2200-02-29 2030-04-31
2030-06-31 2030-09-31 2030-11-31 2030-12-32 2030-01-00 2030-00-10
2030-13-01 2030-99-99
""".split()

TIMES_THAT_DO_NOT_EXIST = """
24:00:00 24:00:01 25:00:00 23:60:00 23:59:61 99:99:99 -1:00:00
""".split()

MALFORMED = {
    "empty": "",
    "a space": " ",
    "words": "next year",
    "never": "never",
    "null in words": "null",
    "0": "0",
    "epoch": "1970-01-01T00:00:00Z",
    "past": "2020-01-01T00:00:00Z",
    "long past": "0001-01-01T00:00:00Z",
    "year 0": "0000-01-01T00:00:00Z",
    "five digits of year": "10000-01-01T00:00:00Z",
    "signed year": "+2030-01-01T00:00:00Z",
    "negative year": "-2030-01-01T00:00:00Z",
    "two digits of year": "30-01-01T00:00:00Z",
    "date alone": "2030-01-01",
    "no zone": "2030-01-01T00:00:00",
    "no seconds": "2030-01-01T00:00Z",
    "no hyphens": "20300101T000000Z",
    "week date": "2030-W01-1T00:00:00Z",
    "day of the year": "2030-001T00:00:00Z",
    "single digits": "2030-1-1T0:0:0Z",
    "no digits behind the point": "2030-01-01T00:00:00.Z",
    "comma": "2030-01-01T00:00:00,5Z",
    "two points": "2030-01-01T00:00:00.5.5Z",
    "fraction of minutes": "2030-01-01T00:00.5Z",
    "offset without colon": "2030-01-01T00:00:00+0200",
    "offset of hours": "2030-01-01T00:00:00+02",
    "offset of one digit": "2030-01-01T00:00:00+2:00",
    "offset of 24 hours": "2030-01-01T00:00:00+24:00",
    "offset of 60 minutes": "2030-01-01T00:00:00+02:60",
    "offset with seconds": "2030-01-01T00:00:00+02:00:00",
    "two zones": "2030-01-01T00:00:00Z+02:00",
    "two Z": "2030-01-01T00:00:00ZZ",
    "name of a zone": "2030-01-01T00:00:00 UTC",
    "zone in brackets": "2030-01-01T00:00:00Z[Europe/Berlin]",
    "space before": " 2030-01-01T00:00:00Z",
    "space behind": "2030-01-01T00:00:00Z ",
    "new line behind": "2030-01-01T00:00:00Z\n",
    "words behind": "2030-01-01T00:00:00Z or later",
    "HTTP date": "Tue, 01 Jan 2030 00:00:00 GMT",
    "American": "01/01/2030",
    "seconds as text": "1893456000",
    "milliseconds as text": "1893456000000",
    "wide digits": "２０３０-01-01T00:00:00Z",
    "wide hyphen": "2030‐01‐01T00:00:00Z",
    "minus sign": "2030-01-01T00:00:00\u221202:00",
    "cut off": "2030-01-01T00:00:0",
    "64 KB": "2030-01-01T00:00:00." + "0" * 60000,
    "number of seconds": 1893456000,
    "number of milliseconds": 1893456000000,
    "real": 1893456000.5,
    "zero": 0,
    "minus one": -1,
    "2 to the 63": 2 ** 63 - 1,
    "true": True,
    "false": False,
    "list": ["2030-01-01T00:00:00Z"],
    "empty list": [],
    "object": {"at": "2030-01-01T00:00:00Z"},
    "empty object": {},
    **{date: f"{date}T00:00:00Z" for date in DATES_THAT_DO_NOT_EXIST},
    **{time: f"2030-01-01T{time}Z" for time in TIMES_THAT_DO_NOT_EXIST},
}


@pytest.mark.parametrize("value", MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_instant_in_the_future_is_refused(server, olga, value):
    assert_invalid(olga.create(expiresAt=value), "/expiresAt")
    assert server.slots() == []


@pytest.mark.parametrize("value", [
    "2030-06-30T23:59:60Z",             # a leap second
    "2030-01-01 00:00:00Z",             # RFC 3339 lets applications choose
    "2030-01-01T00:00:00-00:00",        # an unknown local offset
    "9999-12-31T23:59:59-01:00",        # in the year 10000, in UTC
])
def test_what_may_be_an_instant_is_never_read_as_none(server, olga, value):
    answer = olga.create(expiresAt=value)
    if answer.status_code == 201:
        expiry = answer.json()["data"]["apiKey"]["expiresAt"]
        assert expiry is not None and expiry > now_ms()
    else:
        assert_invalid(answer, "/expiresAt")


# A key never creates one that expires later than itself

LIFE = milliseconds(2030, 6, 15, 12)


@pytest.fixture
def expiring(holder):
    return holder("api-keys:write", "api-keys:read", "monitors:read",
                  expiresAt=LIFE)


@pytest.mark.parametrize("changes,expected", [
    ({}, LIFE),
    ({"expiresAt": None}, LIFE),
    ({"expiresAt": "2030-06-15T12:00:00Z"}, LIFE),
    ({"expiresAt": "2030-06-15T14:00:00+02:00"}, LIFE),
    ({"expiresAt": "2030-06-15T11:59:59.999Z"}, LIFE - 1),
    ({"expiresAt": "2029-01-01T00:00:00Z"}, milliseconds(2029, 1, 1)),
])
def test_key_makes_keys_that_live_no_longer(expiring, changes, expected):
    answer = expiring.create(**changes)
    assert answer.status_code == 201
    assert answer.json()["data"]["apiKey"]["expiresAt"] == expected


@pytest.mark.parametrize("text", [
    "2030-06-15T12:00:00.001Z", "2030-06-15T12:00:01Z",
    "2030-06-15T12:00:00-00:01", "9999-12-31T23:59:59Z",
])
def test_key_cannot_make_one_that_lives_longer(server, expiring, text):
    answer = expiring.create(expiresAt=text)
    assert answer.status_code == 403
    assert len(server.slots()) == 1


def test_key_without_expiry_may_set_any(holder):
    client = holder("api-keys:write", "monitors:read")
    for changes, expected in (
            ({}, None), ({"expiresAt": None}, None),
            ({"expiresAt": "2030-06-15T12:00:00Z"}, LIFE)):
        answer = client.create(**changes)
        assert answer.json()["data"]["apiKey"]["expiresAt"] == expected
