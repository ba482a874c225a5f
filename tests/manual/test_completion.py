# SPDX-License-Identifier: Apache-2.0
"""The completion, in a real bash: its function, and the Tab key of a terminal."""

import os
import pty
import re
import select
import subprocess
import time

import pytest
from harness.environment import TOOL
from manual import DOCS

FILE = DOCS / "uptime-keys.bash"
SEPARATORS = re.compile(r"([:=]+)")
EVERYWHERE = {"-c", "--driver", "--params", "--timeout", "--help",
              "--version"}
# Prints what bash would put in the place of the last part of the word.
CALL = """
COMP_WORDBREAKS=$' \\t\\n"\\'><=;|&(:'
source "$1"; shift
COMP_LINE=$1; shift
COMP_POINT=${#COMP_LINE} COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_uptime_keys
printf '%s\\n' "${COMPREPLY[@]}"
"""


def bash_words(line):
    """The words of a line as bash splits them, in COMP_WORDS."""
    words = [part for word in line.split(" ") for part in
             (SEPARATORS.split(word) if word else [""]) if part or not word]
    return words + ([""] if line.endswith(("=", ":")) else [])


def complete(line, folder=None):
    """What the last word can become, without what stands before it."""
    done = subprocess.run(
        ["bash", "--norc", "-uc", CALL, "bash", FILE, line,
         *bash_words(line)], capture_output=True, text=True, cwd=folder,
        check=False)
    assert (done.returncode, done.stderr) == (0, ""), done
    return set(done.stdout.splitlines()) - {""}


def help_of(*words):
    return subprocess.run([TOOL, *words, "--help"], check=True, text=True,
                          capture_output=True).stdout


def commands():
    listed = help_of().partition("\nCommands:\n")[2].partition("\n\n")[0]
    return re.findall(r"^  (\w+(?: [\w-]+)?)  ", listed, re.M)


def test_shellcheck_has_no_complaint():
    done = subprocess.run(["shellcheck", FILE], capture_output=True, text=True,
                          check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_first_words_are_those_of_the_tool():
    assert complete("uptime-keys ") == {name.split()[0]
                                        for name in commands()}


def test_second_words_are_those_of_the_tool():
    for first in {name.split()[0] for name in commands() if " " in name}:
        assert complete(f"uptime-keys {first} ") == {
            name.split()[1] for name in commands()
            if name.startswith(f"{first} ")}


def test_a_word_is_completed_from_its_beginning():
    assert complete("uptime-keys key re") == set()
    assert complete("uptime-keys key en") == {"enable"}
    assert complete("uptime-keys --driver sqlite3 --params x.db te") == {
        "team"}


@pytest.mark.parametrize("command", commands())
def test_options_are_those_of_the_help(command):
    usage = help_of(*command.split()).partition("\n\n")[0]
    options = set(re.findall(r"--[a-z-]+", usage.partition(command)[2]))
    assert complete(f"uptime-keys {command} -") == options | EVERYWHERE


def test_scopes_are_those_of_the_tool():
    scopes = set(re.findall(r"^ *([a-z-]+:[a-z-]+)", subprocess.run(
        [TOOL, "scope", "list"], check=True, capture_output=True,
        text=True).stdout, re.M))
    line = "uptime-keys key create acme --name N --scope "
    assert len(scopes) == 23
    assert complete(line) == scopes
    # One after the other, and what stands behind the colon.
    assert complete(line + "alerts:read mon") == {"monitors:read",
                                                  "monitors:write"}
    assert complete(line + "alerts:read monitors:w") == {"write"}
    assert complete(line + "alerts:read monitors:") == {"read", "write"}


def test_actions_are_those_of_the_help():
    named = set(re.findall(r"\b(?:key|team|member|audit)\.[a-z]+",
                           help_of("audit", "list").replace("\n", " ")))
    assert complete("uptime-keys audit list --action ") == named


def test_formats_are_those_of_the_help():
    values = complete("uptime-keys audit list acme --format ")
    assert values == complete("uptime-keys audit list --format=")
    assert len(values) == 3 and all(
        re.search(rf"\b{value}\b", help_of("audit", "list"))
        for value in values)


def test_roles_are_those_of_the_help():
    listed = help_of("member", "set").partition("\n  ROLE")[2]
    roles = set(re.findall(r"^ +(\w+)  ", listed, re.M))
    assert len(roles) == 3
    assert complete("uptime-keys member set acme adam ") == roles
    assert complete("uptime-keys member set acme ") == set()
    assert complete("uptime-keys member set acme adam admin ") == set()


def test_drivers_are_those_of_the_tool():
    done = subprocess.run([TOOL, "--driver", "none", "--params", "x", "init"],
                          capture_output=True, text=True, check=False)
    drivers = complete("uptime-keys --driver ")
    assert len(drivers) == 4
    assert all(driver in done.stderr for driver in drivers), done.stderr
    assert complete("uptime-keys --driver pg") == {"pgsql"}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "keys.jsonl").touch()
    (tmp_path / "keys dir").mkdir()
    return tmp_path


@pytest.mark.parametrize("before", [
    "-c", "--driver sqlite3 --params", "key import", "key leaked",
    "key import --over-limit", "team list -c"])
def test_files_are_completed_where_one_belongs(folder, before):
    assert complete(f"uptime-keys {before} ke", folder) == {
        "keys.jsonl", "keys dir"}


@pytest.mark.parametrize("before", [
    "key create", "team create acme --owner", "key edit key_1 --expires",
    "check", "key list --disabled acme"])
def test_nothing_is_completed_where_anything_may_stand(folder, before):
    assert complete(f"uptime-keys {before} ", folder) == set()


def test_the_name_of_an_option_may_be_in_front_of_its_value(folder):
    assert complete("uptime-keys --params=ke", folder) == {
        "keys.jsonl", "keys dir"}
    assert complete("uptime-keys key edit key_1 --scope=alerts:w") == {"write"}


# --- A terminal --------------------------------------------------------------

class Terminal:
    """An interactive bash that knows the completion, and the tool as a word."""

    def __init__(self, folder):
        self.process, self._terminal = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            os.execvpe("bash", ["bash", "--norc", "--noprofile", "-i"], {
                "PATH": os.environ["PATH"], "TERM": "dumb", "PS1": "ready> ",
                "LC_ALL": "C.UTF-8", "HOME": str(folder),
                "INPUTRC": "/dev/null"})
        self._seen = ""
        self.wait_for("ready> ")
        self.type(f"source '{FILE}'\n")
        self.wait_for("ready> ")

    def type(self, keys):
        self._seen = ""
        os.write(self._terminal, keys.encode())

    def wait_for(self, text, seconds=20):
        deadline = time.monotonic() + seconds
        while text not in self._seen:
            ready, _, _ = select.select(
                [self._terminal], [], [], max(0, deadline - time.monotonic()))
            assert ready, self._seen
            self._seen += os.read(self._terminal, 4096).decode()
        return self._seen

    def close(self):
        os.close(self._terminal)
        os.waitpid(self.process, 0)


@pytest.fixture
def terminal(folder):
    opened = Terminal(folder)
    yield opened
    opened.close()


def test_the_tab_key_completes(terminal):
    terminal.type("uptime-keys ke\tcre\tacme --sc\tmonitors:w\t")
    terminal.wait_for("uptime-keys key create acme --scope monitors:write ")


def test_the_tab_key_completes_a_file(terminal):
    terminal.type("uptime-keys key import keys.\t")
    terminal.wait_for("uptime-keys key import keys.jsonl ")
    terminal.type("\x15uptime-keys -c keys\\ \t")
    terminal.wait_for(r"uptime-keys -c keys\ dir/")


def test_the_tab_key_lists_what_there_is(terminal):
    terminal.type("uptime-keys audit list --format \t\t")
    terminal.wait_for("table")
    terminal.wait_for("csv")
