# SPDX-License-Identifier: Apache-2.0
"""The database settings: from options or from httpd's configuration."""

import os
import resource

import pytest

from harness import only_on
from harness.environment import REPOSITORY

pytestmark = only_on("sqlite3", reason="how words are read is the same")

READ = {
    "plain": 'DBDriver sqlite3\nDBDParams {file}\n',
    "any letter case": 'dBdRiVeR sqlite3\nDbDpArAmS {file}\n',
    "double quotes": 'DBDriver "sqlite3"\nDBDParams "{file}"\n',
    "single quotes": "DBDriver 'sqlite3'\nDBDParams '{file}'\n",
    "leading spaces and tabs": '  DBDriver sqlite3\n\t DBDParams\t{file}  \n',
    "comments": '# DBDriver pgsql\n   #DBDParams no\n'
                'DBDriver sqlite3\nDBDParams {file}\n',
    "a continued line": 'DBDriver \\\n sqlite3\nDBDPar\\\nams {file}\n',
    "a continued comment": '# no more \\\nDBDriver pgsql\n'
                           'DBDriver sqlite3\nDBDParams {file}\n',
    "CR LF": 'DBDriver \\\r\n sqlite3\r\nDBDParams {file}\r\n',
    "no newline at the end": 'DBDriver sqlite3\nDBDParams {file}',
    "inside sections": '<VirtualHost *:80>\n <IfModule mod_dbd.c>\n'
                       '  DBDriver sqlite3\n  DBDParams {file}\n'
                       ' </IfModule>\n</VirtualHost>\n',
    "the same twice": 'DBDriver sqlite3\nDBDParams {file}\n' * 2,
    "Define": 'Define FILE {file}\nDBDriver sqlite3\nDBDParams ${{FILE}}\n',
    "the environment": 'DBDriver sqlite3\nDBDParams "${{FOLDER}}/keys.db"\n',
    "among other directives": 'Listen 80\nDBDMax 5\nDBDriver sqlite3\n'
                              'DBDParamsX x y z\nDBDParams {file}\nInclude x\n',
}


@pytest.mark.parametrize("text", READ.values(), ids=READ.keys())
def test_database_from_a_configuration_file(tool, text):
    text = text.format(file=tool.file)
    tool.where = ["-c", tool.write("httpd.conf", text.encode())]
    env = {**os.environ, "FOLDER": str(tool.folder)}
    assert "acme" in tool.good("team", "list", env=env)


def test_a_word_of_very_many_variables(tool):
    """A level of the stack, and a copy of the rest, for each was too much."""
    text = f"X{'${FOLDER}' * 50000}\nDBDriver sqlite3\nDBDParams {tool.file}\n"
    tool.where = ["-c", tool.write("httpd.conf", text)]
    assert "acme" in tool.good(
        "team", "list", env={**os.environ, "FOLDER": "a"},
        preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_STACK, (1 << 20, 1 << 20)))


def test_quotes_and_backslashes_as_httpd_reads_them(bare):
    for written, name in [(r'"a b.db"', "a b.db"),
                          (r'"a\"b.db"', 'a"b.db'),
                          (r"'a\'b.db'", "a'b.db"),
                          (r'"a\'b.db"', r"a\'b.db"),
                          (r'"a\\b.db"', r"a\b.db"),
                          (r'a\\b.db', r"a\b.db"),
                          (r'a"b.db', 'a"b.db'),
                          (r'"open.db', "open.db")]:
        conf = f"DBDriver sqlite3\nDBDParams {written}\n"
        bare.where = ["-c", bare.write("httpd.conf", conf)]
        bare.good("init")
        assert (bare.folder / name).exists(), written


REFUSED = {
    "no such file": (None, "cannot read"),
    "nothing in it": ("Listen 80\n", "Include"),
    "only an Include": ("Include other.conf\n", "Include"),
    "no DBDParams": ("DBDriver sqlite3\n", "DBDParams"),
    "no DBDriver": ("DBDParams keys.db\n", "DBDriver"),
    "two databases": ("DBDriver sqlite3\nDBDParams a.db\n\nDBDParams b.db\n",
                      "lines 2 and 4"),
    "two drivers": ("DBDriver sqlite3\nDBDParams a.db\nDBDriver pgsql\n",
                    "lines 1 and 3"),
    "too many arguments": ("DBDriver sqlite3\nDBDParams a b\n", "line 2"),
    "too few arguments": ("DBDriver\n", "line 1"),
    "an unknown variable": ("DBDriver sqlite3\nDBDParams ${{NO_SUCH}}\n",
                            "line 2"),
    "a bad scope": ('DBDriver sqlite3\nDBDParams {file}\n'
                    'UptimeKeysScope Bad "x"\n', "line 3"),
    "a scope without description": ("UptimeKeysScope a:b\n", "line 1"),
    "a limit of 0": ("DBDriver sqlite3\nDBDParams {file}\n"
                     "UptimeKeysMaxPerTeam 0\n", "line 3"),
    "a limit that is no number": ("UptimeKeysMaxPerTeam ten\n", "line 1"),
    "a limit with a tail": ("UptimeKeysMaxPerTeam 10x\n", "line 1"),
    "two limits": ("DBDriver sqlite3\nDBDParams {file}\n"
                   "UptimeKeysMaxPerTeam 5\nUptimeKeysMaxPerTeam 6\n",
                   "lines 3 and 4"),
}


@pytest.mark.parametrize("text, hint", REFUSED.values(), ids=REFUSED.keys())
def test_configuration_file_is_refused(tool, text, hint):
    path = tool.folder / "httpd.conf"
    if text is not None:
        tool.write("httpd.conf", text.format(file=tool.file))
    tool.where = ["-c", path]
    line = tool.refused("team", "list")
    assert hint in line and str(path) in line


@pytest.mark.parametrize("case", ["two databases", "nothing in it"])
def test_refusal_tells_the_way_out_and_it_works(tool, case):
    tool.write("httpd.conf", REFUSED[case][0])
    conf = ["-c", tool.folder / "httpd.conf"]
    where, tool.where = tool.where, conf
    assert "--driver and --params" in tool.refused("team", "list")
    tool.where = conf + where
    assert "acme" in tool.good("team", "list")


def test_a_folder_is_not_a_configuration_file(tool):
    tool.where = ["-c", tool.folder]
    assert "cannot read" in tool.refused("team", "list")


def test_a_huge_file_is_not_a_configuration_file(tool):
    tool.where = ["-c", tool.write("big", "#\n" * (512 * 1024 + 1))]
    assert "too long" in tool.refused("team", "list")
    tool.where = ["-c", tool.write("big", "#\n" * (512 * 1024 - 100)
                                   + f"DBDriver sqlite3\n"
                                     f"DBDParams {tool.file}\n")]
    assert "acme" in tool.good("team", "list")


def test_limit_from_the_configuration_file(tool):
    tool.where = ["-c", tool.write(
        "httpd.conf", f"DBDriver sqlite3\nDBDParams {tool.file}\n"
                      "UptimeKeysMaxPerTeam 2\n")]
    tool.key()
    tool.key()
    assert "2 of 2 keys" in tool.refused(
        "key", "create", "acme", "--name", "N", "--scope", "monitors:read")


def test_scope_from_the_configuration_file(tool):
    arguments = ["key", "create", "acme", "--name", "N", "--scope",
                 "reports:read"]
    tool.refused(*arguments)
    tool.where = ["-c", tool.write(
        "httpd.conf", f"DBDriver sqlite3\nDBDParams {tool.file}\n"
                      'UptimeKeysScope reports:read "See reports" Business\n')]
    tool.good(*arguments)


def test_no_database_named_is_wrong_usage(bare):
    if any(os.path.exists(path) for path in
           ("/etc/apache2/mods-enabled/uptime_keys.conf",
            "/etc/httpd/conf.d/uptime_keys.conf")):
        pytest.skip("this machine has a configuration file of its own")
    bare.where = []
    line = bare.refused("team", "list", status=2)
    assert "-c FILE" in line and "--driver NAME" in line


@pytest.mark.parametrize("driver, hint", [
    ("sqlite4", "sqlite3"),
    ("", "sqlite3"),
    ("../evil", "sqlite3"),
    ("oracle-thick", "pgsql"),
])
def test_unknown_driver_names_the_known_ones(tool, driver, hint):
    tool.where = ["--driver", driver, "--params", "x"]
    line = tool.refused("team", "list")
    assert f"no database driver {driver}" in line and hint in line


@pytest.mark.release("what a driver that was unloaded has leaked cannot be told "
                     "from our own")
@pytest.mark.parametrize("driver", ["pgsql", "mysql", "odbc"])
def test_missing_driver_names_its_package(tool, driver):
    tool.where = ["--driver", driver, "--params", "host=/nowhere"]
    line = tool.refused("team", "list")
    if "no database driver" not in line and "not installed" not in line:
        pytest.skip(f"the driver {driver} is installed")
    assert f"libaprutil1-dbd-{driver}" in line


def test_shipped_configuration_can_be_read(tool):
    tool.where = ["-c", REPOSITORY / "conf" / "uptime_keys.conf", *tool.where]
    assert "monitors:read" in tool.good("scope", "list")
