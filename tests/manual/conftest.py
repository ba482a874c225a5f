# SPDX-License-Identifier: Apache-2.0
"""Finds the harness, and what "make -C build docs" has made."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "httpd"))

# pylint: disable=wrong-import-position
from harness import Httpd  # noqa: E402
from manual import DOCS, MADE  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def made():
    """The documents are there, and newer than what they are made of."""
    stale = [name for name, sources in MADE.items()
             if not (DOCS / name).exists() or (DOCS / name).stat().st_mtime
             < max(source.stat().st_mtime for source in sources)]
    assert stale == [], "run make -C build docs"


class ExampleHttpd(Httpd):
    """With all modules whose directives are in the manual."""

    modules = (*Httpd.modules, "status")


@pytest.fixture(scope="module")
def httpd():
    server = ExampleHttpd(driver=False)
    yield server
    server.remove()
