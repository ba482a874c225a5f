# SPDX-License-Identifier: Apache-2.0
"""Programs that build/test does not run: they find all that they import."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("program", [
    "bench/bench.py", "consistency/run.py", "consistency/plant.py",
    "poolers/run.py", "poolers/breakages.py", "../build/pictures"])
def test_program_prints_its_help(program):
    done = subprocess.run([sys.executable, TESTS / program, "--help"],
                          capture_output=True, text=True, timeout=60,
                          check=False)
    assert done.returncode == 0 and "usage" in done.stdout.lower(), done


def test_modules_have_names_of_their_own():
    """Several folders are on the path at once, of pytest and of pylint."""
    names = Counter(path.stem for path in TESTS.glob("*/*.py")
                    if "__main__" not in path.read_text("utf-8"))
    del names["conftest"]
    assert [name for name, number in names.items() if number > 1] == []
