# SPDX-License-Identifier: Apache-2.0
"""A browser for each process, a management server for each file.

Every visit of every test is checked: the content security policy blocks
nothing, scripts have no errors, no request goes to another origin, and no key
is in a URL, in a request or in the browser's storage.
"""

import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
sys.path[1:1] = [str(TESTS / "httpd"), str(TESTS / "manage")]
pytest.register_assert_rewrite("managed", "description", "visit", "states")

# pylint: disable=wrong-import-position
from browser import BrowserError, Driver  # noqa: E402
from harness.environment import REPOSITORY  # noqa: E402
from harness.fixtures import (  # noqa: E402, F401, pytest looks for them here
    httpds,
    checked_logs,
    new_httpd,
)
from managed_fixtures import (  # noqa: E402, F401, here too
    adam,
    bert,
    clean,
    mia,
    new_managed,
    olga,
    otto,
    sam,
    server,
    sue,
)
from visit import Visit  # noqa: E402

PICTURES = REPOSITORY / "build" / "out" / "test" / "browser"


def pytest_itemcollected(item):
    item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def driver():
    driver = Driver()
    yield driver
    driver.close()


@pytest.fixture(params=[
    pytest.param(True, id="scripts"),
    pytest.param(False, id="no scripts", marks=pytest.mark.everywhere)])
def scripts(request):
    """Whether the browser runs scripts; a test with it runs twice, each day with
    scripts. What forms do without them, tests/manage tries each day."""
    return request.param


@pytest.fixture
def visits():
    """The visits of this test."""
    return []


@pytest.fixture
def visit(driver, server, clean, visits, checked_logs):  # noqa: F811
    """visit(USER, …): begins a Visit, at the list unless path is None."""

    def begin(user, path="", query="", at=server, **options):
        visits.append(Visit(driver, at, user, **options))
        return (visits[-1] if path is None
                else visits[-1].open(path, query))

    yield begin
    complaints = []
    for one in visits:
        complaints += one.complaints()
        one.close()
    assert not complaints, "\n".join(complaints)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """Show the pages and the server's log for a failure."""
    report = (yield).get_result()
    if not report.failed or report.when != "call":
        return
    for number, one in enumerate(item.funcargs.get("visits", ())):
        report.sections.append((f"page of {one.user}",
                                picture(one, f"{item.name}-{number}")))
    for server in item.funcargs.get("httpds", ()):  # noqa: F811
        lines = [str(line) for line in server.error_log.lines()
                 if "trace" not in line.level]
        report.sections.append((f"error log of {server.root}",
                                "\n".join(lines[-40:])))


def pytest_terminal_summary(terminalreporter):
    """Print what tests counted."""
    for report in terminalreporter.getreports("passed"):
        told = dict(report.user_properties)
        if "steps" in told:
            terminalreporter.write_line(
                f"{report.nodeid.rpartition('::')[2]}: {told['steps']}, "
                f"{told['seconds']} s")


def picture(one, name):
    """Take a screenshot; returns its path and the text of the page."""
    try:
        PICTURES.mkdir(parents=True, exist_ok=True)
        path = PICTURES / f"{name.replace('/', '_')[:100]}.png"
        one.page.screenshot(path=str(path), full_page=True)
        return f"{one.page.url()}, see {path}\n{one.outline()}"
    except (BrowserError, OSError) as error:
        return str(error)
