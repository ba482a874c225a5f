# SPDX-License-Identifier: Apache-2.0
"""Rules of the source that no compiler holds."""

import re
import statistics
from collections import Counter, defaultdict

import pytest
from c_source import (SOURCE, files, functions, percentile, without_comments,
                      without_strings)

# What a folder may include of the others, besides its own files.
ARROWS = {
    "core": set(),
    "db": {"core"},
    "store": {"core", "db"},
    "check": {"core", "db", "store"},
    "httpd": {"core", "db", "store", "check"},
    "manage": {"core", "db", "store", "httpd"},
    "cli": {"core", "db", "store", "check"},
    ".": {"core", "db", "store", "httpd", "manage"},
}
# Only the files of these patterns include these headers of others.
OWNERS = {
    "sodium.h": r"core/secret\.c",
    "zlib.h": r"core/token\.c",
    "jansson.h": r"core/json_values\.h",
    # mod_dbd.h needs it and does not include it.
    "apr_dbd.h": r"db/\w+\.c|httpd/dbd\.c",
    "mod_dbd.h": r"httpd/dbd\.c",
    "mod_watchdog.h": r"httpd/poller\.c",
    "ap_socache.h": r"httpd/cache_shared\.c",
}
# Headers of values alone, and of what several files implement or see.
WITHOUT_C_FILE = {"core/verdict.h", "core/version.h",
                  "httpd/lease_private.h", "httpd/module.h",
                  "httpd/settings.h", "manage/actions.h",
                  "manage/view.h"}

INCLUDE = re.compile(r'^#include (?:"(?P<own>[^"]+)"|<(?P<other>[^>]+)>)',
                     re.M)
LOG_ID = re.compile(r"\bUKLOGNO\((\d{4})\)")


def folder_of(file):
    return file.partition("/")[0] if "/" in file else "."


def includes(kind):
    return [(file, found[kind]) for file, text in files(".c", ".h")
            for found in INCLUDE.finditer(text) if found[kind]]


def test_no_include_goes_back_or_sideways():
    wrong = [f"{file} includes {own}" for file, own in includes("own")
             if folder_of(own) not in
             ARROWS[folder_of(file)] | {folder_of(file)}]
    assert wrong == []


def test_folders_and_arrows_are_the_same():
    folders = {path.name for path in SOURCE.iterdir()
               if path.is_dir() and any(path.glob("*.c"))}
    assert folders | {"."} == set(ARROWS)


def test_includes_form_no_circle():
    """Among folders the arrows see to that; among headers this does."""
    edges = defaultdict(set)
    for file, own in includes("own"):
        if file.endswith(".h"):
            edges[file].add(own)
    done, path = set(), []

    def visit(file):
        assert file not in path, " -> ".join(path + [file])
        if file not in done:
            path.append(file)
            for other in edges[file]:
                visit(other)
            done.add(path.pop())

    for file in list(edges):
        visit(file)


@pytest.mark.parametrize("header,owner", OWNERS.items())
def test_a_foreign_header_has_one_owner(header, owner):
    users = [file for file, other in includes("other") if other == header]
    assert users
    assert [file for file in users if not re.fullmatch(owner, file)] == []


def test_every_header_is_of_the_file_of_its_name():
    headers = {file for file, _ in files(".h")}
    without = {file for file in headers
               if not (SOURCE / file).with_suffix(".c").exists()}
    assert without == WITHOUT_C_FILE


def test_sql_stands_in_the_store_alone():
    """And in db/, for what a session, a transaction and many rows need."""
    sql = re.compile(r'"(?:SELECT|INSERT|UPDATE|DELETE|ALTER|CREATE) ')
    found = {file for file, text in files(".c", ".h")
             if sql.search(without_comments(text))}
    assert {file for file in found if folder_of(file) != "store"} <= {
        "db/driver.c", "db/libpq.c", "db/session.c", "db/sqlite.c",
        "db/statements.c", "db/transaction.c", "cli/connection.c"}


def test_log_ids_are_unique():
    ids = Counter(number for _, text in files(".c")
                  for number in LOG_ID.findall(without_comments(text)))
    assert ids
    assert [number for number, count in ids.items() if count > 1] == []


OPERATING = (SOURCE / "docs" / "OPERATING.md").read_text("utf-8")
ENTRY = re.compile(r"^### UK(\d{4})\n\n([^.]+)\.? ", re.M)
LEVELS = {"CRIT": "crit", "ERR": "error", "WARNING": "warn",
          "NOTICE": "notice", "INFO": "info", "DEBUG": "debug"}


def test_log_ids_are_documented():
    """Each once, in the order of their numbers."""
    used = {number for _, text in files(".c")
            for number in LOG_ID.findall(without_comments(text))}
    assert re.findall(r"^### UK(\d{4})$", OPERATING, re.M) == sorted(used)


def test_log_ids_are_documented_with_their_levels():
    """Those whose level is not a variable."""
    levels = {number: LEVELS[level] for _, text in files(".c")
              for level, number in re.findall(
                  r"APLOG_MARK,\s*APLOG_(\w+),[^;]*?\bUKLOGNO\((\d{4})\)",
                  without_comments(text))}
    documented = {number: re.match(r"\w+", text)[0]
                  for number, text in ENTRY.findall(OPERATING)}
    assert len(levels) > 20
    assert {number: documented.get(number) for number in levels} == levels


def test_links_to_log_ids_have_a_target():
    pages = [SOURCE.parent / "README.md", *SOURCE.rglob("*.md")]
    linked = {number for page in pages
              for number in re.findall(r"#uk(\d{4})\)", page.read_text("utf-8"))}
    assert linked and linked <= set(re.findall(r"^### UK(\d{4})$", OPERATING,
                                               re.M))


def enumerators(text, name):
    (body,) = re.findall(rf"typedef enum {{([^}}]*)}} {name};", text)
    return re.findall(r"\bUK_SQL_\w+", without_strings(body))


def test_every_statement_has_a_row_and_a_use():
    texts = dict(files(".c", ".h"))
    names = set(enumerators(texts["store/sql.h"], "uk_sql_e"))
    names.remove("UK_SQL_COUNT")
    rows = re.findall(r"^    \[(UK_SQL_\w+)\] = \{$", texts["store/sql.c"], re.M)
    assert Counter(rows) == Counter(names)
    used = {name for file, text in texts.items()
            if file not in ("store/sql.h", "store/sql.c")
            for name in re.findall(r"\bUK_SQL_\w+", text)}
    assert names - used == set()


def test_every_directive_of_ours_is_a_row_of_the_settings():
    """So that none is without a merge, and none without a default."""
    rows = re.findall(r'"(UptimeKeys\w+)"',
                      (SOURCE / "httpd/settings.h").read_text("utf-8"))
    assert len(rows) == len(set(rows)) >= 11
    commands = (SOURCE / "httpd/directives.c").read_text("utf-8")
    assert re.findall(r'AP_INIT_\w+\("(UptimeKeys\w+)"', commands) == []


def test_functions_are_short():
    lines = [function.lines for function in functions()]
    assert statistics.median(lines) <= 11
    assert percentile(lines, 0.9) <= 22


def test_no_function_is_long_or_deeply_nested():
    assert [function for function in functions()
            if function.lines > 59 or function.nesting > 3] == []


def test_files_are_short():
    assert [file for file, text in files(".c", ".h")
            if text.count("\n") > 400] == []


def test_names_of_static_functions_are_unique():
    """gdb and grep do not know folders."""
    names = Counter(function.name for function in functions())
    assert {name for name, count in names.items() if count > 1} == set()


def test_adding_names_files_that_exist():
    page = (SOURCE / "docs" / "ADDING.md").read_text("utf-8")
    named = re.findall(r"`((?:[\w*]+/)+[\w*]+(?:\.\w+)?/?)`", page)
    assert len(named) > 30
    missing = [name for name in named
               if "NAME" not in name and "NNNN" not in name
               and not any([*SOURCE.glob(name), *SOURCE.parent.glob(name)])]
    assert missing == []


def test_adding_names_tables_that_exist():
    """`rows` in `file`, as the page says it."""
    page = (SOURCE / "docs" / "ADDING.md").read_text("utf-8")
    named = re.findall(r"a row of `(\w+)`[^|`]*?\s+in\s+`([\w/.]+)`", page)
    named += [(table, file) for file, table in re.findall(
        r"\| `([\w/.]+)`[^|]*\| [^|]*?a row of `(\w+)`", page)]
    assert len(named) >= 12
    assert [(table, file) for table, file in named
            if not re.search(rf"\b{table}\b",
                             (SOURCE / file).read_text("utf-8"))] == []
