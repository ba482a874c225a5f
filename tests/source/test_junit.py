# SPDX-License-Identifier: Apache-2.0
"""build/junit counts what pytest really reports, also what was tried again."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
JUNIT = ROOT / "build" / "junit"
RULES = re.findall(r'^IS_\w+ = "(a .*|the .*)"$',
                   (ROOT / "tests" / "consistency" / "history.py").read_text(),
                   re.MULTILINE)
TESTS = """
from pathlib import Path
import pytest

def is_second_time(name):
    mark = Path(__file__).with_name(name)
    was_there = mark.exists()
    mark.touch()
    return was_there

@pytest.fixture
def torn_down():
    yield
    assert is_second_time("torn down")

def test_passes():
    pass

def test_is_skipped():
    pytest.skip("Sanitizers are not needed")

def test_fails_once():
    assert is_second_time("call")

def test_fails_once_at_its_end(torn_down):
    pass
"""
ALWAYS = """
def test_fails_always():
    assert False, "MESSAGE"
"""


@pytest.fixture
def run(tmp_path):
    """run(NAME, ARGUMENT…) runs pytest on what is in tmp_path; its report."""
    def run_pytest(name, *arguments):
        report = tmp_path / name
        subprocess.run([sys.executable, "-m", "pytest", "-q", "-c", "/dev/null",
                        "-p", "xdist.plugin",
                        "--rootdir", tmp_path, "-o", f"cache_dir={tmp_path}/cache",
                        f"--junitxml={report}", *arguments, tmp_path],
                       check=False, timeout=60, stdout=subprocess.DEVNULL,
                       env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})
        return report
    return run_pytest


def junit(*arguments):
    return subprocess.run([JUNIT, *arguments], check=False, timeout=60,
                          capture_output=True, text=True)


def first_and_again(run, parallel):
    return (run("first.xml", *parallel), run("again.xml", "--last-failed"))


@pytest.mark.parametrize("parallel", [(), ("-n", "2")], ids=["one", "two"])
def test_what_passes_when_tried_again_has_passed(tmp_path, run, parallel):
    (tmp_path / "test_some.py").write_text(TESTS)
    first, again = first_and_again(run, parallel)
    assert junit("chance", first).returncode == 0
    alone = junit("totals", first)
    assert alone.stdout == "1 2 1\n"
    assert alone.stderr.count("FAILED: first.xml test_some test_fails_once") == 2
    both = junit("totals", first, again)
    assert both.stdout == "3 0 1\n"
    assert both.stderr == ("FAILED ONCE: first.xml test_some test_fails_once\n"
                           "FAILED ONCE: first.xml test_some "
                           "test_fails_once_at_its_end\n")


def test_what_fails_again_has_failed(tmp_path, run):
    (tmp_path / "test_some.py").write_text(TESTS + ALWAYS)
    both = junit("totals", *first_and_again(run, ()))
    assert both.stdout == "3 1 1\n"
    assert "FAILED: first.xml test_some test_fails_always\n" in both.stderr


@pytest.mark.parametrize("message", [
    "ERROR: AddressSanitizer: somewhere", "a.c:1:2: runtime error: of integers",
    "the error log contains the secret of a test",
    "child pid 1 exit signal Aborted (6)", *RULES])
def test_certain_faults_are_no_chance(tmp_path, run, message):
    (tmp_path / "test_some.py").write_text(ALWAYS.replace("MESSAGE", message))
    assert junit("chance", run("first.xml")).returncode == 1


def test_checker_of_histories_finds_nothing_by_chance(tmp_path, run):
    folder = tmp_path / "tests" / "consistency"
    folder.mkdir(parents=True)
    (folder / "test_history.py").write_text(ALWAYS)
    assert junit("chance", run("first.xml")).returncode == 1


def test_what_is_skipped_when_tried_again_has_failed(tmp_path, run):
    (tmp_path / "test_some.py").write_text(ALWAYS)
    first = run("first.xml")
    (tmp_path / "test_some.py").write_text(
        ALWAYS.replace("assert False, ", "import pytest; pytest.skip(").replace(
            '"MESSAGE"', '"MESSAGE")'))
    both = junit("totals", first, run("again.xml", "--last-failed"))
    assert both.stdout == "0 1 0\n"
    assert both.stderr == "FAILED: first.xml test_some test_fails_always\n"


def test_a_run_without_failures_is_not_tried_again(tmp_path, run):
    (tmp_path / "test_some.py").write_text(ALWAYS.replace("False", "True"))
    assert junit("chance", run("first.xml")).returncode == 1


def test_many_failures_are_no_chance(tmp_path, run):
    (tmp_path / "test_some.py").write_text("""
import pytest

@pytest.mark.parametrize("number", range(6))
def test_fails(number):
    assert False
""")
    assert junit("chance", run("first.xml")).returncode == 1
    assert junit("totals", run("first.xml")).stdout == "0 6 0\n"
