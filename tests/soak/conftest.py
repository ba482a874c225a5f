# SPDX-License-Identifier: Apache-2.0
"""Finds the harness, the proxy of tests/faults, and the history checker."""

import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path[1:1] = [str(TESTS / name)
                 for name in ("soak", "consistency", "httpd", "faults")]
