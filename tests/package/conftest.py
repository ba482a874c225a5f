# SPDX-License-Identifier: Apache-2.0
"""Finds the harness of the httpd tests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "httpd"))
