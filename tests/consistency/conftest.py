# SPDX-License-Identifier: Apache-2.0
"""Finds the harness, and the proxy of tests/faults."""

import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path[1:1] = [str(TESTS / "httpd"), str(TESTS / "faults")]
