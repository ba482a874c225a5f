# SPDX-License-Identifier: Apache-2.0
"""init and check."""

import os
import stat
import subprocess

import pytest

from uptime_tool import REPOSITORY, USER, one_line

SCHEMA = (REPOSITORY / "conf" / "schema" / "sqlite3.sql").read_text()


def objects(tool):
    return set(tool.rows("SELECT type, name, sql FROM sqlite_master"))


def wrong(tool):
    """The lines of a check that finds something, without their beginning."""
    done = tool.run("check")
    assert done.returncode == 1, done
    return [one_line(line + "\n") for line in done.stderr.splitlines()]


def test_init_makes_the_shipped_schema_in_wal_mode(bare, folder):
    bare.good("init")
    by_hand = folder / "by-hand.db"
    subprocess.run(["sqlite3", by_hand], input=SCHEMA, text=True, check=True)
    made = objects(bare)
    bare.file = by_hand
    assert made == objects(bare) and len(made) > 10
    bare.file = folder / "keys.db"
    assert bare.rows("PRAGMA journal_mode") == [("wal",)]


def test_init_again_says_up_to_date_and_changes_nothing(tool):
    tool.key()
    before = tool.rows("SELECT * FROM uptime_keys")
    assert "up to date" in tool.good("init")
    assert tool.rows("SELECT * FROM uptime_keys") == before


@pytest.mark.parametrize("umask, mode", [(0o000, 0o660), (0o022, 0o640),
                                         (0o077, 0o600)])
def test_init_keeps_others_out(bare, umask, mode):
    bare.good("init", umask=umask)
    assert stat.S_IMODE(bare.file.stat().st_mode) == mode


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_root_gives_the_file_to_the_owner_of_the_folder(bare):
    subprocess.run(bare.bare_command("init"), check=True, capture_output=True)
    assert bare.file.owner() == USER
    bare.good("team", "create", "acme")


def test_init_reports_a_folder_that_is_not_there(bare):
    bare.where[-1] = str(bare.folder / "none" / "keys.db")
    assert "cannot make" in bare.refused("init")


def test_init_reports_a_folder_it_may_not_write(bare):
    bare.where[-1] = "/proc/keys.db"
    assert "cannot make" in bare.refused("init")


@pytest.mark.parametrize("words", [
    ["check"], ["team", "list"], ["key", "list", "acme"],
    ["team", "create", "acme"], ["key", "import", "-"],
], ids=" ".join)
def test_without_init_commands_are_refused_and_make_no_file(bare, words):
    line = bare.refused(*words)
    assert str(bare.file) in line and line.endswith(" init")
    assert not bare.file.exists()


def test_an_empty_file_is_a_database_without_tables(bare):
    bare.write("keys.db", "")
    assert "no tables yet; run: " in bare.refused("team", "list")
    bare.good("init")
    bare.good("team", "list")


def test_a_file_that_is_no_database_is_left_alone(bare):
    bare.write("keys.db", "Dear diary, " * 100).chmod(0o600)
    for command in ("init", "check"):
        done = bare.run(command)
        assert done.returncode == 1
        assert "not a database" in one_line(done.stderr)
    assert bare.file.read_text() == "Dear diary, " * 100


@pytest.mark.parametrize("words", [["init"], ["team", "list"]], ids=" ".join)
def test_a_newer_schema_is_refused(tool, words):
    tool.execute("INSERT INTO uptime_schema VALUES (99)")
    line = tool.refused(*words)
    assert "version 99" in line and "newer" in line


def test_check_of_a_good_database(tool):
    lines = tool.good("check").splitlines()
    assert len(lines) == 6
    assert all(line.startswith("ok ") for line in lines)


WRONG = {
    "a trigger": ("DROP TRIGGER uptime_keys_deleted", "uptime_keys_deleted"),
    "an index": ("DROP INDEX uptime_members_owner", "uptime_members_owner"),
    "a table": ("DROP TABLE uptime_audit", "uptime_audit"),
    "the counter": ("DROP TABLE uptime_changes", "uptime_changes"),
    "the counter's row": ("DELETE FROM uptime_changes",
                          "row of uptime_changes"),
}


@pytest.mark.parametrize("sql, name", WRONG.values(), ids=WRONG.keys())
def test_check_misses_and_init_restores(tool, sql, name):
    tool.execute(sql)
    (line,) = wrong(tool)
    assert line.startswith("tables: missing: ") and name in line
    tool.good("init")
    tool.good("check")


def test_check_wants_wal_and_init_sets_it(tool):
    tool.execute("PRAGMA journal_mode=DELETE")
    (line,) = wrong(tool)
    assert line.startswith("journal: delete: ")
    tool.good("init")
    tool.good("check")


def test_check_wants_others_out(tool):
    tool.file.chmod(0o644)
    (line,) = wrong(tool)
    assert f"chmod o= {tool.file}" in line


def test_check_wants_the_file_writable(tool):
    tool.file.chmod(0o400)
    assert any(line.startswith("rights: ") and str(tool.file) in line
               for line in wrong(tool))


def test_check_wants_the_folder_writable(tool):
    tool.folder.chmod(0o500)
    lines = wrong(tool)
    tool.folder.chmod(0o700)
    assert any(line.startswith("rights: ") and f"in {tool.folder}," in line
               for line in lines)


def test_check_wants_the_whole_path_in_the_configuration(tool):
    conf = tool.write("httpd.conf", "DBDriver sqlite3\nDBDParams keys.db\n")
    tool.where = ["-c", conf]
    (line,) = wrong(tool)
    assert line.startswith("path: ") and "DBDParams" in line
    tool.write("httpd.conf", f"DBDriver sqlite3\nDBDParams {tool.file}\n")
    assert "ok path: " in tool.good("check")


def test_a_database_that_cannot_be_written_says_who_can(tool):
    tool.file.chmod(0o400)
    assert "user who owns the file" in tool.refused("team", "create", "late")
    assert "acme" in tool.good("team", "list")
