# SPDX-License-Identifier: Apache-2.0
"""Help, and one line for wrong usage."""

import os
import re
import subprocess

import pytest
from harness import environment, only_on

COMMANDS = ["init", "check", "team create", "team list", "team delete",
            "member set", "member remove", "member list", "key create",
            "key list", "key edit", "key disable", "key enable", "key rotate",
            "key delete", "key test-address", "key leaked", "key import",
            "audit list", "audit prune", "scope list"]


def test_help_names_every_command(bare):
    text = bare.good("--help")
    for command in COMMANDS:
        assert re.search(rf"^  {command} +\S", text, re.MULTILINE), command


def test_help_fits_a_terminal(bare):
    pages = [bare.good("--help"),
             *(bare.good(*command.split(), "--help") for command in COMMANDS)]
    for line in "".join(pages).splitlines():
        assert len(line) <= 80, line
        assert line == line.rstrip(), line


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_has_usage_and_example(bare, command):
    text = bare.good(*command.split(), "--help")
    assert text.startswith(f"Usage: uptime-keys {command}")
    example = text.split("\nExample:\n")[1]
    assert "uptime-keys" in example and command in example


def test_help_of_a_group_shows_its_commands(bare):
    text = bare.good("member", "--help")
    assert re.findall("^Usage: uptime-keys (member [a-z]+)", text,
                      re.MULTILINE) == ["member set", "member remove",
                                        "member list"]


def test_help_needs_no_database_and_makes_none(bare):
    bare.good("init", "--help")
    assert "no tables" in bare.refused("team", "list") or not (
        bare.file.exists())


@pytest.mark.parametrize("digits", [8, 9, 10, 11, 12, 64])
def test_what_looks_like_a_key_is_cut_in_an_error(bare, digits):
    """Also if it becomes longer by that."""
    key = "UPTIME_0123456789abcdef".ljust(71, "f")[:7 + digits]
    cut = key if digits == 8 else key[:15] + "..."
    line = bare.refused(f"{key},{key}x", status=2)
    assert f"there is no command {cut},{cut}x; " in line


def test_short_help(bare):
    assert bare.good("-h") == bare.good("--help")


def test_version(bare):
    assert bare.good("--version") == f"uptime-keys {environment.version()}\n"


WRONG = {
    "no command": [],
    "an unknown command": ["frobnicate"],
    "half a command": ["team"],
    "an unknown second word": ["team", "make"],
    "an unknown option": ["team", "list", "--verbose"],
    "an unknown letter": ["-x", "team", "list"],
    "an option of another command": ["team", "list", "--name", "N"],
    "--json where nothing is listed": ["init", "--json"],
    "a value for what takes none": ["team", "list", "--json=yes"],
    "an option without its value": ["team", "create", "acme", "--name"],
    "an option in place of a value": ["team", "create", "late", "--name",
                                      "--owner"],
    "an option twice": ["team", "create", "acme", "--name", "a", "--name",
                        "b"],
    "init with an argument": ["init", "now"],
    "check with an argument": ["check", "now"],
    "team create without ID": ["team", "create"],
    "team create with two": ["team", "create", "acme", "umbrella"],
    "team list with an argument": ["team", "list", "acme"],
    "team delete without ID": ["team", "delete"],
    "member set without ROLE": ["member", "set", "acme", "olga"],
    "member set with too much": ["member", "set", "acme", "olga", "admin",
                                 "x"],
    "member remove without USER": ["member", "remove", "acme"],
    "member list without TEAM": ["member", "list"],
    "key create without TEAM": ["key", "create", "--name", "N", "--scope",
                                "monitors:read"],
    "key create without --name": ["key", "create", "acme", "--scope",
                                  "monitors:read"],
    "key create without --scope": ["key", "create", "acme", "--name", "N"],
    "key create with two teams": ["key", "create", "acme", "umbrella",
                                  "--name", "N", "--scope", "monitors:read"],
    "key list without TEAM": ["key", "list"],
    "key list with two": ["key", "list", "acme", "umbrella"],
    "key list --json without TEAM": ["key", "list", "--json"],
    "key edit without ID": ["key", "edit", "--name", "N"],
    "key edit without a change": ["key", "edit", "key_1"],
    "key disable without ID": ["key", "disable"],
    "key enable with an option": ["key", "enable", "key_1", "--name", "N"],
    "key rotate without ID": ["key", "rotate"],
    "key rotate with an empty --overlap": ["key", "rotate", "key_1",
                                           "--overlap"],
    "key test-address without ADDRESS": ["key", "test-address", "key_1"],
    "key leaked without FILE": ["key", "leaked"],
    "key leaked with two": ["key", "leaked", "a", "b"],
    "--over-lifetime elsewhere": ["key", "create", "acme", "--name", "N",
                                  "--scope", "x", "--over-lifetime"],
    "key delete without ID": ["key", "delete"],
    "key delete with two": ["key", "delete", "a", "b"],
    "key import without FILE": ["key", "import"],
    "scope list with an argument": ["scope", "list", "all"],
}


@pytest.mark.parametrize("words", WRONG.values(), ids=WRONG.keys())
def test_wrong_usage_is_one_line_with_the_way_to_help(tool, words):
    before = tool.rows("SELECT COUNT(*) FROM uptime_audit")
    line = tool.refused(*words, status=2)
    help_words = re.search("for help: uptime-keys (.*--help)$", line)
    assert help_words, line
    tool.good(*help_words[1].split())
    assert tool.rows("SELECT COUNT(*) FROM uptime_audit") == before


@pytest.mark.parametrize("where", [
    ["--driver", "sqlite3"],
    ["--params", "keys.db"],
    ["-c"],
], ids=["driver alone", "params alone", "-c without FILE"])
def test_half_a_database_is_wrong_usage(tool, where):
    tool.where = where
    assert "--help" in tool.refused("team", "list", status=2)


def test_options_may_stand_anywhere(tool):
    where, tool.where = tool.where, []
    assert "acme" in tool.good("team", *where, "list")
    assert "acme" in tool.good("team", "list", *where)


def test_words_after_two_hyphens_are_arguments(tool):
    tool.good("member", "set", "--", "acme", "--json", "admin")
    assert {"user": "--json", "role": "admin"} in tool.json(
        "member", "list", "acme")


HOSTILE = {
    "escape": "a\033[31mred", "newline": "a\nb", "bidi": "a\u202eb",
    "c1": "a\x9bb", "separator": "a\u2028b",
}


@pytest.mark.parametrize("word", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_was_typed_comes_back_harmless(tool, word):
    for words in (["team", "delete", word], ["key", "delete", word],
                  ["key", "list", word], ["key", "import", word]):
        assert tool.refused(*words).isprintable()
    assert tool.refused(word, status=2).isprintable()


def test_bytes_that_are_not_utf8_come_back_harmless(tool):
    line = tool.refused("team", "delete", b"a\xff\xfeb".decode(
        errors="surrogateescape"))
    assert r"a\xff\xfeb" in line


def test_a_key_on_the_command_line_is_not_repeated(tool):
    key = tool.key()
    for words, status in [(["key", "delete", key], 1),
                          (["key", "list", key], 1),
                          (["key", "list", key, "--disabled"], 1),
                          (["key", "edit", key, "--name", "N"], 1),
                          (["key", "rotate", key], 1),
                          (["key", "rotate", key, "--overlap", key], 1),
                          (["key", "test-address", key, "::1"], 1),
                          (["key", "leaked", f"/{key}"], 1),
                          (["key", "create", "acme", "--name", "N", "--scope",
                            "alerts:read", "--address", key], 1),
                          (["key", "create", "acme", "--name", "N", "--scope",
                            "alerts:read", "--expires", key], 1),
                          (["team", "create", key], 1),
                          (["key", "import", f"/{key}"], 1),
                          ([key], 2), ([f"--{key}"], 2),
                          (["key", "create", "acme", "--name", "N",
                            "--scope", key], 1),
                          (["key", "create", "acme", "--name", key,
                            "--scope", "x"], 1)]:
        assert key[20:] not in tool.refused(*words, status=status)


def test_without_a_place_to_write_a_list_has_failed(tool):
    with open("/dev/full", "w") as full:
        for words in (["team", "list"], ["scope", "list"], ["--help"],
                      ["key", "list", "acme", "--json"],
                      ["key", "leaked", "/dev/null"]):
            done = tool.run(*words, capture_output=False, stdout=full,
                            stderr=-1)
            assert (done.returncode, done.stderr) == (
                1, "uptime-keys: cannot write to standard output: "
                   "No space left on device\n")


@only_on("sqlite3", reason="names a file as one likes")
@pytest.mark.parametrize("name", ["keys of 2026.db", "Olga's $(keys).db", "'"])
def test_command_that_is_shown_can_be_given_to_a_shell(bare, name):
    bare.where[-1] = str(bare.folder / name)
    shown = bare.refused("team", "list").partition("make it with: ")[2]
    command = environment.as_ordinary_user("sh", "-c", shown)
    done = subprocess.run(command, capture_output=True, text=True, check=False,
                          env=os.environ | {"PATH": f"{bare.program.parent}:"
                                               + os.environ["PATH"]},
                          timeout=60)
    assert done.returncode == 0, (shown, done)
    assert bare.json("team", "list") == []
