# SPDX-License-Identifier: Apache-2.0
"""Keys are changed, disabled and enabled, and tested against addresses."""

import hashlib
import time

import pytest

from harness import only_on
from uptime_tool import end_of_day, row

ONCE = only_on("sqlite3", reason="how words are read is the same")
NOBODY = "key_01h455vb4pex5vsknk084sn02q"
FORMS = ("2030-12-31", "2030-12-31T18:00:00+01:00", "+90d")


def actions(tool):
    return [action for (action,) in tool.rows(
        "SELECT action FROM uptime_audit WHERE key_id IS NOT NULL "
        "ORDER BY id")]


def counter(tool):
    return tool.rows("SELECT counter FROM uptime_changes")[0][0]


@pytest.mark.backend
def test_what_is_given_changes_and_the_rest_stays(tool):
    key = tool.key("--expires", "2999-12-31", "--address", "192.0.2.0/24",
                   scopes=["monitors:read", "alerts:read"])
    before = tool.listed()
    tool.execute("UPDATE uptime_keys SET last_used_at = 5")
    changes = [
        (["--name", " New\u200b "], {"name": "New"}),
        (["--scope", "teams:read", "invites:read", "teams:read"],
         {"scopes": ["teams:read", "invites:read"]}),
        (["--expires", "2998-01-01T00:00:00Z"],
         {"expiresAt": 32440608000000}),
        (["--address", "2001:DB8:0::/32", "198.51.100.7/32"],
         {"addresses": ["2001:db8::/32", "198.51.100.7"]}),
    ]
    expected = {**before, "lastUsedAt": 5}
    for words, members in changes:
        assert tool.good("key", "edit", before["id"], *words) == ""
        expected |= members
        assert tool.listed() == expected
    tool.good("key", "edit", before["id"], "--expires", "never", "--address",
              "any")
    del expected["addresses"]
    assert tool.listed() == expected | {"expiresAt": None}
    assert actions(tool) == ["key.create"] + ["key.change"] * 5
    assert tool.rows("SELECT key_hash FROM uptime_keys") == [
        (hashlib.sha256(key.encode()).hexdigest(),)]


@pytest.mark.backend
def test_all_at_once(tool):
    tool.key()
    ident = tool.listed()["id"]
    tool.good("key", "edit", ident, "--name=N", "--scope", "alerts:read",
              "--address", "10.0.0.0/8", "::1", "--expires", "+1d")
    key = tool.listed()
    assert (key["name"], key["scopes"], key["addresses"]) == (
        "N", ["alerts:read"], ["10.0.0.0/8", "::1"])
    assert abs(key["expiresAt"] - end_of_day(1)) in (0, 86_400_000)
    assert actions(tool) == ["key.create", "key.change"]


@pytest.mark.backend
def test_a_change_raises_the_counter_and_none_does_not(tool):
    tool.key(name="N")
    ident = tool.listed()["id"]
    before = counter(tool)
    tool.good("key", "edit", ident, "--name", "N")
    assert (counter(tool), actions(tool)) == (before, ["key.create"])
    tool.good("key", "edit", ident, "--name", "M")
    assert counter(tool) > before


def test_an_expired_key_is_revived_by_a_later_expiry(tool):
    tool.key()
    tool.execute("UPDATE uptime_keys SET expires_at = 1000")
    assert "EXPIRED" in tool.good("key", "list", "acme")
    tool.good("key", "edit", tool.listed()["id"], "--expires", "2999-12-31")
    assert "EXPIRED" not in tool.good("key", "list", "acme")


@ONCE
def test_nothing_to_change_is_wrong_usage(tool):
    tool.key()
    line = tool.refused("key", "edit", tool.listed()["id"], status=2)
    assert "--name, --scope, --expires, --address" in line
    assert line.endswith("for help: uptime-keys key edit --help")


BAD = {
    "a blank name": (["--name", " \u200b\ufeff\u3000"], "--name: "),
    "an unknown scope": (["--scope", "alerts:read", "monitors:raed"],
                         "--scope monitors:raed: no such scope; did you mean"),
    "an expiry in the past": (["--expires", "2001-01-01"],
                              "--expires: an expiry lies in the future"),
    "host bits": (["--address", "10.0.0.0/8", "192.0.2.1/24"],
                  "--address 192.0.2.1/24: "),
    "everything": (["--address", "0.0.0.0/0"], "--address 0.0.0.0/0: "),
    "a host's name": (["--address", "localhost"], "--address localhost: "),
    "any and more": (["--address", "any", "::1"], "--address any: "),
    "IPv4-mapped": (["--address", "::ffff:192.0.2.1"], "--address ::ffff:"),
    "too many": (["--address", *(f"10.0.0.{n}" for n in range(51))],
                 "--address: a key has at most 50 addresses"),
}


@ONCE
@pytest.mark.parametrize("words, problem", BAD.values(), ids=BAD.keys())
def test_what_is_refused_changes_nothing(tool, words, problem):
    tool.key()
    before = tool.rows("SELECT * FROM uptime_keys")
    line = tool.refused("key", "edit", tool.listed()["id"], *words,
                        "--name=other" if "--name" not in words else
                        "--scope=alerts:read")
    assert problem in line
    assert tool.rows("SELECT * FROM uptime_keys") == before
    assert problem in tool.refused("key", "create", "acme",
                                   *([] if "--name" in words else
                                     ["--name", "N"]),
                                   *([] if "--scope" in words else
                                     ["--scope", "alerts:read"]), *words)


@ONCE
@pytest.mark.parametrize("when", ["soon", "+90", "90d", "+d", "+-1d", "+1w",
                                  "+36501d", "+99999999999d", "Never"])
def test_a_wrong_expiry_is_told_each_form(tool, when):
    tool.key()
    for words in (["edit", tool.listed()["id"]],
                  ["create", "acme", "--name", "N", "--scope", "alerts:read"]):
        line = tool.refused("key", *words, f"--expires={when}")
        assert line.startswith("--expires: ")
        assert all(form in line for form in FORMS)


@ONCE
@pytest.mark.parametrize("days", [0, 1, 90, 36500])
def test_days_from_now_end_with_their_day(tool, days):
    before = end_of_day(days)
    tool.key("--expires", f"+{days}d")
    assert before <= tool.listed()["expiresAt"] <= end_of_day(days)


@ONCE
def test_never_is_for_edit_alone(tool):
    """A new key without --expires has the default lifetime."""
    assert "--expires: " in tool.refused("key", "create", "acme", "--name",
                                         "N", "--scope", "alerts:read",
                                         "--expires", "never")


@pytest.mark.backend
def test_disable_and_enable(tool):
    tool.key()
    ident = tool.listed()["id"]
    begin = time.time()
    before = counter(tool)
    assert tool.good("key", "disable", ident) == ""
    key = tool.listed()
    assert key["disabledReason"] == "manual"
    assert begin - 1 <= key["disabledAt"] / 1000 <= time.time() + 1
    assert counter(tool) > before
    tool.good("key", "disable", ident)
    assert tool.listed() == key
    assert tool.good("key", "enable", ident) == ""
    assert not {"disabledAt", "disabledReason"} & set(tool.listed())
    tool.good("key", "enable", ident)
    assert actions(tool) == ["key.create", "key.disable", "key.enable"]


def test_a_disabled_key_counts_and_can_be_changed(tool):
    for _ in range(10):
        tool.key()
    keys = tool.json("key", "list", "acme")
    for key in keys:
        tool.good("key", "disable", key["id"])
    assert "10 of 10" in tool.refused("key", "create", "acme", "--name", "N",
                                      "--scope", "alerts:read")
    tool.good("key", "edit", keys[-1]["id"], "--name", "changed")
    (changed,) = (key for key in tool.json("key", "list", "acme")
                  if key["name"] == "changed")
    assert changed["disabledReason"] == "manual"


@pytest.mark.backend
def test_a_key_that_leaked_is_not_enabled(tool):
    tool.key()
    ident = tool.listed()["id"]
    tool.execute("UPDATE uptime_keys SET disabled_at = 5, "
                 "disabled_reason = 'leaked'")
    line = tool.refused("key", "enable", ident)
    assert "leaked" in line and "rotate it" in line
    tool.good("key", "disable", ident)
    assert (tool.listed()["disabledAt"], tool.listed()["disabledReason"]) == (
        5, "leaked")
    *_, words = line.split("key rotate ")
    tool.good("key", "rotate", *words.split())
    assert "disabledAt" not in tool.listed()


COMMANDS = [["edit", None, "--name", "N"], ["disable", None],
            ["enable", None], ["rotate", None], ["test-address", None, "::1"]]


@pytest.mark.backend
@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_an_id_that_is_none_or_nobodys(tool, words):
    secret = tool.key()
    before = tool.rows("SELECT * FROM uptime_keys")
    for ident, hint in ((NOBODY, "there is no key"),
                        (NOBODY.upper(), "is not the id"),
                        ("", "is not the id"),
                        (secret, "this takes the id of a key, not the key")):
        line = tool.refused("key", *(word if word is not None else ident
                                     for word in words))
        assert hint in line and "key list TEAM" in line
        assert secret[20:] not in line
    assert tool.rows("SELECT * FROM uptime_keys") == before


ADDRESSES = ["192.0.2.0/24", "2001:db8::/32", "198.51.100.7"]


@ONCE
@pytest.mark.parametrize("address, answer", [
    ("192.0.2.0", "is allowed, by 192.0.2.0/24"),
    ("192.0.2.255", "is allowed, by 192.0.2.0/24"),
    ("::ffff:192.0.2.9", "is allowed, by 192.0.2.0/24"),
    ("2001:db8:ffff::", "is allowed, by 2001:db8::/32"),
    ("198.51.100.7", "is allowed, by 198.51.100.7"),
    ("198.51.100.8", None), ("192.0.3.0", None), ("2001:db9::", None),
    ("::1", None), ("::192.0.2.9", None)])
def test_address_is_tested_against_the_key(tool, address, answer):
    tool.key("--address", *ADDRESSES)
    done = tool.run("key", "test-address", tool.listed()["id"], address)
    assert (done.returncode, done.stdout, done.stderr) == (
        (0, f"{address} {answer}\n", "") if answer else
        (3, f"{address} is refused: the key may be used from "
            f"{' '.join(ADDRESSES)}\n", ""))


def test_a_key_without_addresses_may_be_used_from_anywhere(tool):
    tool.key()
    ident = tool.listed()["id"]
    words = ["key", "test-address", ident, "203.0.113.5"]
    line = "203.0.113.5 is allowed: the key may be used from anywhere"
    assert tool.good(*words) == f"{line}\n"
    tool.execute("UPDATE uptime_keys SET expires_at = 1")
    assert tool.good(*words) == f"{line}; but the key has expired\n"
    tool.good("key", "disable", ident)
    assert tool.good(*words) == f"{line}; but the key is disabled\n"


@ONCE
@pytest.mark.parametrize("address", ["", "localhost", "192.0.2.0/24",
                                     "fe80::1%eth0", "192.0.2.1.", "1",
                                     "010.0.0.1"])
def test_what_is_no_address(tool, address):
    tool.key("--address", "::1")
    assert "is not an address" in tool.refused(
        "key", "test-address", tool.listed()["id"], address)


@ONCE
def test_an_imported_list_of_addresses_is_canonical_too(tool):
    tool.import_rows([row(1, addresses=["2001:DB8:0:0::/32", "10.1.2.3/32"])])
    assert tool.listed()["addresses"] == ["2001:db8::/32", "10.1.2.3"]
