# SPDX-License-Identifier: Apache-2.0
"""The markers of all Python tests."""

import os

import pytest


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "mpm: essential; repeated on the worker and prefork MPMs")
    config.addinivalue_line(
        "markers", "backend: about the database; to be chosen by hand")
    config.addinivalue_line(
        "markers", "slow: takes seconds; left out by build/test --quick")
    config.addinivalue_line(
        "markers", "waits: for leases, overlaps, builds and the like; left out "
        "by build/test --quick")
    config.addinivalue_line(
        "markers", "faults: a database in trouble under load; slow")
    config.addinivalue_line(
        "markers", "cluster: several servers of one database; slow")
    config.addinivalue_line(
        "markers", "beside: with other modules, from Debian's packages; slow")
    config.addinivalue_line(
        "markers", "everywhere: takes long, or needs what few have; left out "
        "unless build/test --everywhere")
    config.addinivalue_line(
        "markers", "browser: needs Chromium")
    config.addinivalue_line(
        "markers", "release(reason): for the release build; with sanitizers it "
        "cannot be run, or shows nothing more")


# Their files take longest: a worker that began one last would go on alone.
LONGEST = ("poolers", "browser", "consistency", "faults")
# About what is built, not about the code that is sanitized.
OF_THE_RELEASE = ("manual", "package", "readme", "source")


# Before pytest selects by markers.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Let the longest files begin first."""
    def rank(item):
        folder = item.path.parent.name
        return LONGEST.index(folder) if folder in LONGEST else len(LONGEST)

    items.sort(key=rank)
    for item in items:
        if item.path.parent.name in OF_THE_RELEASE:
            item.add_marker(pytest.mark.release("about what is built"))


def pytest_runtest_setup(item):
    release = item.get_closest_marker("release")
    if release and os.environ.get("UPTIME_KEYS_PRELOAD"):
        pytest.skip(*release.args)
