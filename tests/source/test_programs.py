# SPDX-License-Identifier: Apache-2.0
"""Programs that build/test does not run: they find all that they import."""

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("program", [
    "bench/bench.py", "consistency/run.py", "consistency/plant.py",
    "poolers/run.py", "poolers/breakages.py", "../build/pictures"])
def test_program_prints_its_help(program):
    done = subprocess.run([sys.executable, TESTS / program, "--help"],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "usage" in done.stdout.lower(), done
