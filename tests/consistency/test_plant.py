# SPDX-License-Identifier: Apache-2.0
"""The planted breakages apply to the source as it is today."""

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]


@pytest.mark.parametrize("program", [
    "consistency/plant.py", "power/planted.py", "races/planted.py",
    "soak/planted.py"])
def test_every_breakage_applies_to_the_source(program):
    done = subprocess.run([sys.executable, TESTS / program, "--check"],
                          text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
