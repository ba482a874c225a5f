# SPDX-License-Identifier: Apache-2.0
"""The breakages apply to the source as it is today."""

import subprocess
import sys
from pathlib import Path

BREAKAGES = Path(__file__).with_name("breakages.py")


def test_every_breakage_applies_to_the_source():
    done = subprocess.run([sys.executable, BREAKAGES, "--check"], text=True,
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
