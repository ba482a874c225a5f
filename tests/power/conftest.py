# SPDX-License-Identifier: Apache-2.0
"""Finds the harness and the two checkers, of the history and of rows."""

import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path[1:1] = [str(TESTS / name)
                 for name in ("power", "consistency", "httpd", "faults")]
