# SPDX-License-Identifier: Apache-2.0
"""init and check."""

import contextlib
import os
import stat
import subprocess
from pathlib import Path

import pytest

from harness import environment, only_on
from schema_steps import LATEST, load_by_hand, load_files, steps_of, wrong
from uptime_tool import USER, one_line

pytestmark = pytest.mark.backend


def test_shipped_schema_can_be_loaded_by_hand_again_and_again(bare):
    steps = steps_of(bare.database)
    # Two of the databases have no ADD COLUMN IF NOT EXISTS.
    again = [step for step in steps if "ADD COLUMN" not in step.read_text()]
    load_files(bare, steps)
    load_files(bare, again)
    bare.good("check")
    assert "up to date" in bare.good("init")
    bare.good("team", "create", "acme")
    load_files(bare, again)
    assert bare.json("key", "list", "acme") == []


# DIALECT-vN.sql: as it was when version N landed.
@pytest.mark.parametrize("version", [1, 2])
def test_init_brings_earlier_versions_up_to_date_and_keeps_all_rows(
        bare, version):
    earlier = Path(__file__).with_name(
        f"{bare.database.dialect}-v{version}.sql")
    if not earlier.exists():
        pytest.skip("only SQLite had a version 1")
    load_by_hand(bare, earlier.read_text())
    bare.execute("INSERT INTO uptime_teams VALUES ('acme', 'Acme', 1)")
    bare.execute("INSERT INTO uptime_members (team_id, user_name, role) "
                 "VALUES ('acme', 'olga', 'owner')")
    bare.execute("INSERT INTO uptime_keys (id, team_id, slot, name, key_hash, "
                 "key_prefix, scopes, created_at, created_by, last_used_at, "
                 "expires_at) VALUES ('key_1', 'acme', 1, 'N', 'hash', "
                 "'uptime_a', '[]', 1, 'olga', 2, 3)")
    bare.execute("UPDATE uptime_changes SET counter = 7")
    before = bare.rows("SELECT * FROM uptime_keys")
    assert "older version" in bare.refused("team", "list")
    assert bare.good("init") == \
        f"Brought the tables from version {version} to {LATEST}\n"
    bare.good("check")
    assert [row[:len(before[0])] for row in
            bare.rows("SELECT * FROM uptime_keys")] == before
    assert [tuple(row) for row in
            bare.rows("SELECT counter FROM uptime_changes")] == [(7,)]
    assert "olga" in bare.good("member", "list", "acme")


def counter(tool):
    return tool.rows("SELECT counter FROM uptime_changes")[0][0]


COUNTED = {
    "a delete": "DELETE FROM uptime_keys",
    "a name": "UPDATE uptime_keys SET name = 'other'",
    "a space": "UPDATE uptime_keys SET name = 'a key '",
    "scopes": "UPDATE uptime_keys SET scopes = '[]'",
    "an expiry": "UPDATE uptime_keys SET expires_at = 5",
    "its team": "DELETE FROM uptime_teams",
}


@pytest.mark.parametrize("sql", COUNTED.values(), ids=COUNTED.keys())
def test_plain_sql_that_changes_a_key_is_counted(tool, sql):
    tool.key()
    before = counter(tool)
    tool.execute(sql)
    assert counter(tool) > before


@only_on("mysql", "odbc-mysql", reason="columns that were narrower")
def test_init_widens_the_names_of_old_tables(tool):
    columns = [("uptime_keys", "name"), ("uptime_teams", "name"),
               ("uptime_members", "user_name"), ("uptime_audit", "actor")]
    for table, column in columns:
        tool.database.execute(
            f"ALTER TABLE {table} MODIFY {column} VARCHAR(255) NOT NULL")
    tool.good("init")
    assert set(tool.database.rows(
        "SELECT table_name, column_name, character_maximum_length, "
        "is_nullable FROM information_schema.columns "
        "WHERE table_schema = ? AND (column_name LIKE '%name' "
        "OR column_name = 'actor')", tool.database.name)) == {
            *((*column, 256, "NO") for column in columns),
            ("uptime_audit", "key_name", 256, "YES")}


@only_on("pgsql", "odbc-pgsql", reason="TRUNCATE with a trigger")
def test_truncate_is_counted(tool):
    before = counter(tool)
    tool.execute("TRUNCATE uptime_keys")
    assert counter(tool) > before


def test_a_use_is_not_counted(tool):
    tool.key()
    before = counter(tool)
    tool.execute("UPDATE uptime_keys SET last_used_at = 5")
    assert counter(tool) == before


def test_strings_differ_by_letter_case(tool):
    for user in ("mia", "Mia", "mía"):
        tool.good("member", "set", "acme", user, "member")
    assert [member["user"] for member in tool.json(
        "member", "list", "acme")] == ["Mia", "mia", "mía", "olga"]


def use_database_that_sorts_as_people_do(tool):
    database = tool.database
    admin = database.server.connect()
    with contextlib.closing(admin):
        if admin.server_version < 150000:
            pytest.skip("its databases sort as the system does")
        admin.cursor().execute(
            f"CREATE DATABASE {database.user} OWNER {database.user} "
            "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en'")
    tool.where[-1] = tool.where[-1].replace("dbname=postgres",
                                            f"dbname={database.user}")


@only_on("pgsql", reason="a database's own order of strings")
def test_strings_are_sorted_by_their_bytes(bare):
    use_database_that_sorts_as_people_do(bare)
    bare.good("init")
    bare.good("team", "create", "acme")
    for user in ("mia", "Zoe", "mía", "Mia"):
        bare.good("member", "set", "acme", user, "member")
    assert [member["user"] for member in bare.json(
        "member", "list", "acme")] == ["Mia", "Zoe", "mia", "mía"]


def test_init_again_says_up_to_date_and_changes_nothing(tool):
    tool.key()
    before = tool.rows("SELECT * FROM uptime_keys")
    assert "up to date" in tool.good("init")
    assert tool.rows("SELECT * FROM uptime_keys") == before


@only_on("sqlite3", reason="a file")
@pytest.mark.parametrize("umask, mode", [(0o000, 0o660), (0o022, 0o640),
                                         (0o077, 0o600)])
def test_init_keeps_others_out(bare, umask, mode):
    bare.good("init", umask=umask)
    assert stat.S_IMODE(bare.file.stat().st_mode) == mode


@only_on("sqlite3", reason="a file")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_root_gives_the_file_to_the_owner_of_the_folder(bare):
    subprocess.run(bare.bare_command("init"), check=True, capture_output=True)
    assert bare.file.owner() == USER
    bare.good("team", "create", "acme")


@only_on("sqlite3", reason="a file")
def test_init_reports_a_folder_that_is_not_there(bare):
    bare.where[-1] = str(bare.folder / "none" / "keys.db")
    assert "cannot make" in bare.refused("init")


@only_on("sqlite3", reason="a file")
def test_init_reports_a_folder_it_may_not_write(bare):
    bare.where[-1] = "/proc/keys.db"
    assert "cannot make" in bare.refused("init")


@only_on("sqlite3", reason="a file")
@pytest.mark.parametrize("words", [
    ["check"], ["team", "list"], ["key", "list", "acme"],
    ["team", "create", "acme"], ["key", "import", "-"],
], ids=" ".join)
def test_without_init_commands_are_refused_and_make_no_file(bare, words):
    line = bare.refused(*words)
    assert str(bare.file) in line and line.endswith(" init")
    assert not bare.file.exists()


@only_on("sqlite3", reason="a file")
def test_an_empty_file_is_a_database_without_tables(bare):
    bare.write("keys.db", "")
    assert "no tables yet; run: " in bare.refused("team", "list")
    bare.good("init")
    bare.good("team", "list")


@only_on("sqlite3", reason="a file")
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
    assert len(lines) >= 3
    assert all(line.startswith("ok ") for line in lines)


WRONG = {
    "a trigger": (None, "uptime_keys_deleted"),
    "a table": ("DROP TABLE uptime_audit", "uptime_audit"),
    "the counter": ("DROP TABLE uptime_changes", "uptime_changes"),
    "the counter's row": ("DELETE FROM uptime_changes",
                          "row of uptime_changes"),
}


@pytest.mark.parametrize("sql, name", WRONG.values(), ids=WRONG.keys())
def test_check_misses_and_init_restores(tool, sql, name):
    if sql:
        tool.execute(sql)
    else:
        tool.database.lose_trigger(name, "uptime_keys")
    (line,) = wrong(tool)
    assert line.startswith("tables: missing: ") and name in line
    tool.good("init")
    tool.good("check")


INDEXES = {
    "sqlite3": [("uptime_members_owner", "uptime_members"),
                ("uptime_audit_at", "uptime_audit")],
    "pgsql": [("uptime_members_owner", "uptime_members"),
              ("uptime_keys_key_hash_key", "uptime_keys"),
              ("uptime_keys_team_id_slot_key", "uptime_keys")],
    "mysql": [("uptime_members_owner", "uptime_members"),
              ("uptime_keys_hash", "uptime_keys"),
              ("uptime_audit_at", "uptime_audit")],
}


def test_check_misses_indexes_and_init_restores_them(tool):
    tool.key()
    for name, table in INDEXES[tool.database.dialect]:
        tool.database.lose_index(name, table)
        (line,) = wrong(tool)
        assert line.startswith("tables: missing: ") and name in line
        tool.good("init")
        tool.good("check")


@only_on("pgsql", reason="a clock that can be shifted")
@pytest.mark.parametrize("seconds, words", [
    (60, "s ahead of"), (-60, "s behind"), (3, None), (-3, None)])
def test_check_finds_a_clock_that_differs(tool, seconds, words):
    tool.database.shift_clock(seconds)
    if words:
        (line,) = wrong(tool)
        assert line.startswith("clock: ") and words in line and "NTP" in line
    else:
        assert "ok clock: " in tool.good("check")


def test_check_goes_on_after_tables_of_a_newer_version(tool):
    tool.execute("INSERT INTO uptime_schema VALUES (99)")
    (line,) = wrong(tool)
    assert line.startswith("version: ") and "install the newer one" in line
    assert "ok encoding: " in tool.run("check").stdout


def test_check_misses_nothing_in_tables_of_a_newer_version(tool):
    """Whoever followed its advice would find that init refuses them."""
    tool.execute("INSERT INTO uptime_schema VALUES (99)")
    tool.execute("DROP TABLE uptime_audit")
    (line,) = wrong(tool)
    assert line.startswith("version: ")


@only_on("sqlite3", reason="a file")
def test_check_wants_wal_and_init_sets_it(tool):
    tool.execute("PRAGMA journal_mode=DELETE")
    (line,) = wrong(tool)
    assert line.startswith("journal: delete: ")
    tool.good("init")
    tool.good("check")


@only_on("sqlite3", reason="a file")
def test_check_wants_others_out(tool):
    tool.file.chmod(0o644)
    (line,) = wrong(tool)
    assert f"chmod o= {tool.file}" in line


@only_on("sqlite3", reason="a file")
def test_check_wants_the_file_writable(tool):
    tool.file.chmod(0o400)
    assert any(line.startswith("rights: ") and str(tool.file) in line
               for line in wrong(tool))


@only_on("sqlite3", reason="a file")
def test_check_wants_the_folder_writable(tool):
    tool.folder.chmod(0o500)
    lines = wrong(tool)
    tool.folder.chmod(0o700)
    assert any(line.startswith("rights: ") and f"in {tool.folder}," in line
               for line in lines)


@only_on("sqlite3", reason="a file")
def test_check_wants_the_whole_path_in_the_configuration(tool):
    conf = tool.write("httpd.conf", "DBDriver sqlite3\nDBDParams keys.db\n")
    tool.where = ["-c", conf]
    (line,) = wrong(tool)
    assert line.startswith("path: ") and "DBDParams" in line
    tool.write("httpd.conf", f"DBDriver sqlite3\nDBDParams {tool.file}\n")
    assert "ok path: " in tool.good("check")


@only_on("sqlite3", reason="a file")
def test_a_database_that_cannot_be_written_says_who_can(tool):
    tool.file.chmod(0o400)
    assert "user who owns the file" in tool.refused("team", "create", "late")
    assert "acme" in tool.good("team", "list")


@only_on("pgsql", "mysql", "odbc-pgsql", "odbc-mysql",
         reason="options that hurt")
def test_check_finds_options_that_hurt(tool):
    params = tool.where[-1]
    for option, advice in tool.database.wanted.items():
        tool.where[-1] = params.replace(option, "")
        (line,) = wrong(tool)
        assert line.startswith("options: ") and advice in line


@pytest.mark.parametrize("lines, advice", [
    ("DBDMax 25\nThreadsPerChild 25", ""),
    ("DBDMax 24\nThreadsPerChild 25", "make it 25"),
    ("DBDMax 64\nThreadsPerChild 25", ""),
    ("ThreadsPerChild 25", "make it 25"),
    ("ThreadsPerChild 10", ""),
    ("DBDKeep 1\nDBDMax 1", ""),
    ("DBDMax 1", "make it DBDKeep 1"),
    ("DBDMax 2", ""),
    ("DBDMin 8", "make it DBDMin 2"),
    ("DBDMax 0", "make it as many as ThreadsPerChild"),
    ("DBDMin 8\nDBDKeep 8", ""),
])
def test_check_wants_a_connection_for_every_thread(tool, lines, advice):
    tool.where = ["-c", tool.write("httpd.conf", f"""
DBDriver {tool.database.driver}
DBDParams "{tool.database.params}"
{lines}
""")]
    if advice:
        (line,) = wrong(tool)
        assert line.startswith("pool: ") and line.endswith(advice)
    else:
        assert "ok pool: " in tool.good("check")


def test_check_wants_no_pool_where_there_is_none(tool):
    tool.where = ["-c", tool.write("httpd.conf", f"""
DBDriver {tool.database.driver}
DBDParams "{tool.database.params}"
DBDMax 1
DBDPersist Off
""")]
    assert "pool: " not in tool.good("check")


@only_on("pgsql", reason="a client's encoding")
def test_check_wants_strings_in_utf8(tool):
    tool.where[-1] += " client_encoding=LATIN1"
    (line,) = wrong(tool)
    assert line.startswith("encoding: ") and "LATIN1" in line


# A schema of PostgreSQL may have any name.

@pytest.mark.parametrize("name", [
    "Capitals", "two words", "apo'strophe", 'quo"te', "per%cent", "%s",
    "back\\slash", "semi;colon", "que?stion", "a,b", "new\nline", "$table"])
@only_on("pgsql", "odbc-pgsql", reason="a search path")
def test_tables_are_found_in_a_schema_of_any_name(bare, name):
    user = bare.database.user
    schema = '"' + name.replace('"', '""') + '"'
    with contextlib.closing(bare.database.server.connect()) as admin:
        cursor = admin.cursor()
        cursor.execute(f"CREATE SCHEMA {schema} AUTHORIZATION {user};"
                       f"ALTER ROLE {user} SET search_path = {schema}")
        bare.good("init")
        bare.good("team", "create", "acme")
        bare.good("check")
        assert "up to date" in bare.good("init")
        cursor.execute(f"SELECT id FROM {schema}.uptime_teams")
        assert cursor.fetchall() == [("acme",)]
        cursor.execute(f"DROP SCHEMA {schema} CASCADE")


@pytest.mark.parametrize("sql", [
    "SET search_path TO {other}", "SET  SCHEMA '{other}'",
    "set\tschema '{other}'", "SET ROLE {other}", "SET SESSION ROLE {other}",
    "SELECT set_config('role', '{other}', false)",
    "SELECT {other}.become('{other}')",
    "DO $$ BEGIN PERFORM {other}.become('{other}'); END $$"])
@only_on("pgsql", reason="a search path")
def test_init_sql_leads_to_another_schema(tool, sql):
    """Not to the tables that are found without it, which are a tenant's."""
    user = tool.database.user
    other = f"{user}_other"
    with contextlib.closing(tool.database.server.connect()) as admin:
        admin.cursor().execute(f"""
            CREATE ROLE {other}; GRANT {other} TO {user};
            CREATE SCHEMA {other} AUTHORIZATION {other};
            GRANT ALL ON SCHEMA {other} TO {user};
            CREATE FUNCTION {other}.become(name text) RETURNS void
                LANGUAGE plpgsql AS
                $$ BEGIN PERFORM set_config('search_path', name, false); END $$
            """)
    file = tool.write("httpd.conf", "\n".join((
        "DBDriver pgsql", f'DBDParams "{tool.database.params}"',
        f'DBDInitSQL "{sql.format(other=other)}"', "")))
    tool.where = ["-c", file]
    assert tool.good("init").startswith("Made the tables")
    assert "acme" not in tool.good("team", "list")
    tool.good("check")
