# SPDX-License-Identifier: Apache-2.0
"""Values come back as they were stored, in every database."""

import pytest

from uptime_tool import row

pytestmark = pytest.mark.backend

NAMES = [
    "a" * 255, "é" * 255, "鍵" * 255, "🔑" * 255,
    "e\u0301 is not é", "ß ẞ ss SS", "İ ı I i", "עברית ثلاثة",
    "👩\u200d👩\u200d👧\u200d👦", "\ufeffbegins with a mark",
    "ends with a space ", " begins with one", "NULL", "%s %lld ? $1 :a",
    "'; DROP TABLE uptime_keys; --", 'quotes " \' `', "\\n \\u0041 \\\\ \\'",
]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_name_comes_back_byte_for_byte(tool, name):
    tool.key(name=name)
    name = name.strip("\ufeff ")    # white space at both ends is taken off
    (key,) = tool.json("key", "list", "acme")
    assert key["name"].encode() == name.encode()
    assert tool.rows("SELECT name FROM uptime_keys") == [(name,)]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_name_that_sql_wrote_is_read(tool, name):
    tool.key()
    tool.execute("UPDATE uptime_keys SET name = ?", name)
    (key,) = tool.json("key", "list", "acme")
    assert key["name"].encode() == name.encode()


# Instants begin in 1970; the seconds of 2038 exceed 32 bits, and the year 9999
# is the last that RFC 3339 can express.
INSTANTS = [1, 999, 1000, 1_700_000_000_001, 2**31 * 1000 - 1,
            2**31 * 1000, 2**32 * 1000 + 7, 253_402_300_799_999]


@pytest.mark.parametrize("instant", INSTANTS)
def test_an_instant_comes_back_to_the_millisecond(tool, instant):
    done = tool.import_rows([row(1, createdAt=instant, expiresAt=instant,
                                 lastUsedAt=instant)])
    assert done.returncode == 0, done.stderr
    (key,) = tool.json("key", "list", "acme")
    assert [key["createdAt"], key["expiresAt"], key["lastUsedAt"]] == \
        3 * [instant]
    assert tool.rows("SELECT created_at, expires_at, last_used_at "
                     "FROM uptime_keys") == [(instant, instant, instant)]


def test_no_instant_is_null_and_no_other(tool):
    assert tool.import_rows([row(1)]).returncode == 0
    (key,) = tool.json("key", "list", "acme")
    assert (key["expiresAt"], key["lastUsedAt"]) == (None, None)
    assert tool.rows("SELECT expires_at, last_used_at FROM uptime_keys "
                     "WHERE expires_at IS NULL AND last_used_at IS NULL") == [
        (None, None)]


def key_id(end):
    return "key_01jzzzzzzzzzzzzzzzzzzzzz" + end


def test_keys_are_sorted_by_instant_and_then_by_the_bytes_of_their_id(tool):
    newest_first = [(5, "z0"), (5, "a0"), (5, "9z"), (5, "0a"),
                    (4, "zz"), (3, "m1"), (3, "m0"), (1, "00")]
    rows = [row(number, createdAt=created, id=key_id(end))
            for number, (created, end) in enumerate(sorted(newest_first))]
    assert tool.import_rows(rows).returncode == 0
    assert [(key["createdAt"], key["id"])
            for key in tool.json("key", "list", "acme")] == [
        (created, key_id(end)) for created, end in newest_first]


def test_teams_are_sorted_by_the_bytes_of_their_id(empty):
    teams = ["a", "a-b", "a-z", "a0", "aa", "ab", "b", "z"]
    for team in reversed(teams):
        empty.good("team", "create", team)
    assert [team["id"] for team in empty.json("team", "list")] == teams


def test_users_are_sorted_by_the_bytes_of_their_name(tool):
    users = ["Zoe", "a b", "a-b", "a.b", "ab", "aé", "zoe", "é", "鍵", "🔑"]
    for user in reversed(users):
        tool.good("member", "set", "acme", user, "member")
    assert [member["user"] for member in tool.json("member", "list", "acme")
            if member["user"] != "olga"] == users
