# SPDX-License-Identifier: Apache-2.0
"""The planted breakages apply to the source as it is today."""

import subprocess
import sys
from pathlib import Path

PLANT = Path(__file__).with_name("plant.py")


def test_every_breakage_applies_to_the_source():
    done = subprocess.run([sys.executable, PLANT, "--check"], text=True,
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
