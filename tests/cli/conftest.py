# SPDX-License-Identifier: Apache-2.0
"""Fixtures: a folder and a database for each test."""

import shutil
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "httpd"))

# pylint: disable=wrong-import-position
from uptime_tool import Tool, give_to_ordinary_user  # noqa: E402


@pytest.fixture
def folder():
    path = Path(tempfile.mkdtemp(prefix="uptime-keys-cli-"))
    give_to_ordinary_user(path)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def bare(folder):
    """The tool, without a database."""
    return Tool(folder)


@pytest.fixture
def empty(bare):
    """A database without a team."""
    bare.prepare("init")
    return bare


@pytest.fixture
def tool(empty):
    """A database with the team acme, whose owner is olga."""
    empty.prepare("team", "create", "acme", "--owner", "olga")
    return empty
