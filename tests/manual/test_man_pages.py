# SPDX-License-Identifier: Apache-2.0
"""The man pages: that of the tool says what the tool takes, and no formatter has
a complaint."""

import os
import re
import shutil
import subprocess

import pytest
from harness.environment import TOOL
from manual import DIRECTIVES, DOCS, PAGE, text

PAGES = ("uptime-keys.1", "uptime_keys.conf.5")
SECTIONS = {
    "uptime-keys.1": ["NAME", "SYNOPSIS", "OPTIONS", "COMMANDS",
                      "EXIT STATUS", "ENVIRONMENT", "FILES", "EXAMPLES",
                      "SEE ALSO"],
    "uptime_keys.conf.5": ["NAME", "DESCRIPTION", *(
        text(one.find("title")).upper() for one in PAGE.findall("section")),
        "DIRECTIVES", "FILES", "SEE ALSO"]}


def run(*command, **environment):
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True,
        check=False, env={**os.environ, "LC_ALL": "C.UTF-8", **environment})
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


@pytest.mark.parametrize("page", PAGES)
def test_man_and_groff_have_no_complaint(page):
    plain = run("man", "-l", "--warnings", DOCS / page, MANWIDTH="80",
                MAN_KEEP_FORMATTING="", GROFF_NO_SGR="1", PAGER="cat")
    assert len(plain.splitlines()) > 100
    assert "\u2010\n" not in plain, "a name is hyphenated"
    run("groff", "-ww", "-man", "-Tutf8", DOCS / page)


@pytest.mark.parametrize("page", PAGES)
def test_mandoc_has_no_complaint(page):
    """But that there is no date: the version says more."""
    if not shutil.which("mandoc"):
        pytest.skip("there is no mandoc")
    found = subprocess.run(["mandoc", "-Tlint", "-Wwarning", DOCS / page],
                           capture_output=True, text=True, check=False).stdout
    assert [line for line in found.splitlines()
            if 'missing date, using "": TH' not in line] == []


@pytest.mark.parametrize("page", PAGES)
def test_it_has_the_usual_sections(page):
    source = (DOCS / page).read_text("ascii")
    assert [name.strip('"') for name in re.findall(r"^\.SH (.*)$", source,
                                                   re.M)] == SECTIONS[page]


def test_every_directive_has_its_place():
    source = (DOCS / "uptime_keys.conf.5").read_text("ascii")
    assert re.findall(r"^\.SS (.*)$", source, re.M) == list(DIRECTIVES)
    for name, directive in DIRECTIVES.items():
        part = source.partition(f"\n.SS {name}\n")[2].partition("\n.SS ")[0]
        for word in ("syntax", "default", "contextlist"):
            shown = directive.find(word)
            assert shown is None or (
                ", ".join(text(one) for one in shown) if len(shown) and
                word == "contextlist" else text(shown)) in re.sub(
                    r"\\f[BIR]", "", part)


# --- The tool ----------------------------------------------------------------

def tools_help(*words):
    return run(TOOL, *words, "--help")


def commands():
    listed = tools_help().partition("\nCommands:\n")[2].partition("\n\n")[0]
    return re.findall(r"^  (\w+(?: [\w-]+)?)  ", listed, re.M)


def plain(source):
    """The text of a page, without roff."""
    source = re.sub(r"\\f[BIR]|\\&", "", source).replace("\\-", "-")
    return source.replace("\\e", "\\")


@pytest.fixture(scope="module")
def page():
    return (DOCS / "uptime-keys.1").read_text("ascii")


def parts(page):
    """command -> its part of the page"""
    listed = plain(page).partition("\n.SH COMMANDS\n.SS ")[2].partition(
        "\n.SH ")[0]
    return {part.partition("\n")[0]: part.partition("\n")[2]
            for part in listed.split("\n.SS ")}


def test_every_command_has_its_place(page):
    assert len(commands()) > 20
    assert list(parts(page)) == commands()


def words_of(text):
    """Without requests, quotes and white space."""
    return re.sub(r'^\.\w+ ?|"|\s+', " ", text, flags=re.M).split()


def test_the_help_of_every_command_is_there_word_by_word(page):
    for command, part in parts(page).items():
        usage, _, rest = tools_help(*command.split()).removeprefix(
            "Usage: ").partition("\n\n")
        assert words_of(part) == words_of(usage + "\n" + rest), command


def test_what_the_help_lists_is_a_list(page):
    """Terms of two blanks, and those inside of the text of one."""
    for command, part in parts(page).items():
        text = tools_help(*command.split()).partition("\n\n")[2]
        text = text.partition("\nExample:\n")[0]
        terms = [term for line in text.splitlines() for term in re.findall(
            r"(?:^  |(?<=  ))(?! )(\S+(?: \S+)*)(?=  )", line)]
        assert re.findall(r'^\.B "(.*)"$', part, re.M) == terms, command


def test_the_options_of_every_command_are_there(page):
    help_text = tools_help()
    listed = help_text.partition("command:\n")[2].partition("\n\n")[0]
    options = plain(page).partition(".SH OPTIONS\n")[2].partition(".SH ")[0]
    assert re.findall(r"^\.B \"(.*)\"$", options, re.M) == re.findall(
        r"^  (-.*?)  ", listed, re.M)


def test_exit_statuses_and_files_are_those_of_the_tool(page):
    help_text = tools_help()
    exits = help_text.partition("\nExit status:\n")[2].partition("\n\n")[0]
    shown = plain(page).partition('.SH "EXIT STATUS"\n')[2].partition(
        ".SH ")[0]
    assert words_of(shown) == exits.split()
    files = re.findall(r"^  (/\S+)$", help_text, re.M)
    assert len(files) == 2
    assert re.findall(r"^/\S+$", plain(page), re.M) == files
