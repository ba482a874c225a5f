# SPDX-License-Identifier: Apache-2.0
"""Playwright for Python programs, by way of driver.js.

A Remote has the methods that Playwright documents for JavaScript, in snake
case; keyword arguments become the last argument, an object of options:

    page.get_by_role("button", name="Copy", exact=True).click()
"""

import json
import re
import select
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import node
from harness import environment

DRIVER = Path(__file__).parent / "driver.js"
CALL_TIMEOUT_S = 120            # for one call of the driver
TIMEOUT_MS = 60_000             # for an element to appear in a page
NAMES = "--host-resolver-rules=MAP *.example 127.0.0.1"


class BrowserError(AssertionError):
    """An error that Playwright reported."""


@dataclass(frozen=True)
class js:       # noqa: N801, reads as a mark
    """The source of a function, to be called in the page or by Playwright."""

    source: str


class Remote:
    """A Playwright object."""

    def __init__(self, driver, handle):
        self._driver = driver
        self._handle = handle

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return _Method(self, _camel(name))


class _Method:
    def __init__(self, remote, path):
        self._remote = remote
        self._path = path

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return _Method(self._remote, f"{self._path}.{_camel(name)}")

    def __call__(self, *arguments, **options):
        if options:
            options = {_camel(name): value for name, value in options.items()}
            arguments = (*arguments, options)
        # pylint: disable=protected-access
        return self._remote._driver.call(
            self._remote._handle, self._path, arguments)


class Driver:
    """A running driver.js, and the browsers that it started."""

    def __init__(self):
        node.BROWSER.install()
        self._complaints = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            ["node", DRIVER, node.BROWSER.modules], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self._complaints,
            start_new_session=True, env=environment.process_environment())
        self.tools = Remote(self, 0)
        self._browsers = {}

    def browser(self, **options):
        """The browser with these options, launched at first use."""
        key = json.dumps(options, sort_keys=True)
        if key not in self._browsers:
            self._browsers[key] = self.tools.launch(args=[NAMES], **options)
        return self._browsers[key]

    def call(self, handle, path, arguments):
        message = {"on": handle, "call": path,
                   "with": [_encoded(argument) for argument in arguments]}
        self._process.stdin.write(json.dumps(message).encode() + b"\n")
        self._process.stdin.flush()
        outcome = json.loads(self._next_line(path))
        if "error" in outcome:
            raise BrowserError(f"{path}{arguments}: {outcome['error']}")
        if "handles" in outcome:
            return [Remote(self, number) for number in outcome["handles"]]
        if "handle" in outcome:
            return Remote(self, outcome["handle"])
        return outcome["value"]

    def _next_line(self, path):
        """The one line that answers a call."""
        output = self._process.stdout
        ready, _, _ = select.select([output], [], [], CALL_TIMEOUT_S)
        line = output.readline() if ready else b""
        if not line:
            self._process.kill()
            self._complaints.seek(0)
            raise BrowserError(f"no answer to {path}; the driver said: "
                               f"{self._complaints.read().decode()}")
        return line

    def close(self):
        """Close the driver's input, at which it ends."""
        try:
            self._process.stdin.close()
            self._process.wait(20)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._complaints.close()


def _camel(name):
    first, *others = name.split("_")
    return first + "".join(word.upper() if word == "url"
                           else word.capitalize() for word in others)


def _encoded(value):
    # pylint: disable=protected-access
    if isinstance(value, Remote):
        return {"$handle": value._handle}
    if isinstance(value, js):
        return {"$js": value.source}
    if isinstance(value, re.Pattern):
        flags = "i" if value.flags & re.IGNORECASE else ""
        return {"$regex": [value.pattern, flags]}
    if isinstance(value, dict):
        return {name: _encoded(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_encoded(item) for item in value]
    return value
