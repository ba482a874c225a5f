# SPDX-License-Identifier: Apache-2.0
"""The steps of conf/schema/, loaded past the tool, and what they lead to."""

import re
import subprocess

from harness.environment import REPOSITORY

from uptime_tool import one_line

SCHEMAS = REPOSITORY / "conf" / "schema"
END = ";\n\n"       # of a statement
LATEST = max(int(step.stem) for step in SCHEMAS.glob("sqlite3/*.sql"))


def wrong(tool):
    """The lines of a check that finds something, without their beginning."""
    done = tool.run("check")
    assert done.returncode == 1, done
    return [one_line(line + "\n") for line in done.stderr.splitlines()]


def steps_of(database, schemas=SCHEMAS):
    """The files, in their order."""
    return sorted((schemas / database.dialect).glob("*.sql"))


def statements(step):
    """A file cut as the tool cuts it."""
    return [part + END for part in step.read_text().rstrip("\n;").split(END)]


def made_objects(database, schemas=SCHEMAS):
    """Every (kind, name, table) that the steps lead to, by their markers; of a
    column that exists already a step may change the type."""
    objects = {}
    for step in steps_of(database, schemas):
        for part in statements(step):
            marker = re.search(
                r"^-- (makes|restores|drops): (\w+) (\S+)( \S)?", part, re.M)
            table = re.search(r"\b(?:ON|TABLE) (uptime_\w+)", part)
            if marker:
                verb, kind, name, has_type = marker.groups()
                made = ("column type" if has_type else kind, name)
                objects[made] = table[1] if table else None
                if verb == "drops":
                    del objects[made]
    return [(*made, table) for made, table in objects.items()]


def load_by_hand(tool, sql):
    database = tool.database
    done = subprocess.run(database.client(), text=True, check=False,
                          capture_output=True, input=sql)
    assert (done.returncode, done.stderr) == (0, "")
    if database.dialect == "sqlite3":
        database.execute("PRAGMA journal_mode=WAL")
        database.file.chmod(0o660)


def load_files(tool, steps):
    for step in steps:
        load_by_hand(tool, step.read_text())


def squeezed(text):
    """Without comments, and with one space for many."""
    return " ".join(re.sub(r"--.*", "", str(text)).split())


def sqlite3_catalogue(database):
    """SQLite keeps the SQL of everything."""
    return [(kind, name, squeezed(sql)) for kind, name, sql in database.rows(
        "SELECT type, name, sql FROM sqlite_master")]


def pgsql_catalogue(database):
    columns = ("table_name, rank() OVER (PARTITION BY table_name "
               "ORDER BY ordinal_position), column_name, data_type, "
               "character_maximum_length, is_nullable, column_default, "
               "collation_name, is_identity")
    queries = [
        f"SELECT {columns} FROM information_schema.columns "
        "WHERE table_schema = ?",
        "SELECT tablename, indexname, indexdef FROM pg_indexes "
        "WHERE schemaname = ?",
        "SELECT conname, contype, pg_get_constraintdef(oid) "
        # Since PostgreSQL 18 a column that is NOT NULL has one, too.
        "FROM pg_constraint WHERE connamespace = to_regnamespace(?) "
        "AND contype <> 'n'",
        "SELECT tgname, pg_get_triggerdef(pg_trigger.oid), tgenabled "
        "FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
        "WHERE NOT tgisinternal AND relnamespace = to_regnamespace(?)",
        "SELECT proname, prosrc FROM pg_proc "
        "WHERE pronamespace = to_regnamespace(?)"]
    return [tuple(squeezed(value).replace(database.user + ".", "")
                  for value in row)
            for sql in queries for row in database.rows(sql, database.user)]


def mysql_catalogue(database):
    tables = [row[0] for row in database.rows("SHOW TABLES")]
    lines = [(table, line.strip().rstrip(",")) for table in tables
             for line in re.sub(
                 r" AUTO_INCREMENT=\d+", "",
                 database.rows(f"SHOW CREATE TABLE {table}")[0][1]
             ).splitlines()]
    order = [(table, str([row[0] for row in
                          database.rows(f"SHOW COLUMNS FROM {table}")]))
             for table in tables]
    triggers = database.rows(
        "SELECT trigger_name, action_timing, event_manipulation, "
        "event_object_table, action_statement "
        "FROM information_schema.triggers WHERE event_object_schema = ?",
        database.name)
    return lines + order + [tuple(map(squeezed, row)) for row in triggers]


def catalogue(tool):
    """Tables, columns, indexes and triggers, to be compared."""
    database = tool.database
    found = {"sqlite3": sqlite3_catalogue, "pgsql": pgsql_catalogue,
             "mysql": mysql_catalogue}[database.dialect](database)
    assert len(found) > 10
    return sorted(tuple(map(str, row)) for row in found)


def in_any_order(found):
    """A catalogue without the order of columns in their tables: one that is
    made again is the last."""
    columns = 9     # of a row that is about a column of PostgreSQL
    rows = [row[:1] + row[2:] if len(row) == columns else row
            for row in found]
    return sorted(sorted(part.strip(" '") for part in
                         re.split(r"[,()\[\]]", " , ".join(row)))
                  for row in rows)


def add_rows(tool):
    """A team, an owner and a key, as every version had them."""
    tool.execute("INSERT INTO uptime_teams VALUES ('acme', 'Acme', 1)")
    tool.execute("INSERT INTO uptime_members (team_id, user_name, role) "
                 "VALUES ('acme', 'olga', 'owner')")
    tool.execute(
        "INSERT INTO uptime_keys (id, team_id, slot, name, key_hash, "
        "key_prefix, scopes, created_at, created_by, last_used_at, "
        "expires_at) VALUES ('key_1', 'acme', 1, 'N', 'hash', 'uptime_a', "
        "'[]', 1, 'olga', 2, 3)")
    tool.execute("UPDATE uptime_changes SET counter = 7")


def assert_rows(tool, counter=7):
    """Those, and that the counter went so far at least."""
    assert [tuple(row) for row in tool.rows(
        "SELECT id, team_id, slot, name, key_hash, key_prefix, scopes, "
        "created_at, created_by, last_used_at, expires_at "
        "FROM uptime_keys")] == [
            ("key_1", "acme", 1, "N", "hash", "uptime_a", "[]", 1, "olga", 2,
             3)]
    assert "olga" in tool.good("member", "list", "acme")
    assert tool.rows("SELECT counter FROM uptime_changes")[0][0] >= counter
