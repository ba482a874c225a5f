# SPDX-License-Identifier: Apache-2.0
"""Reads httpd's logs and finds unexpected lines and secrets."""

import re
from dataclasses import dataclass

LINE = re.compile(r"\[[^]]*\] \[(?P<module>\w*):(?P<level>\w+)\] "
                  r"(?P<text>.*)")
CHECKED = re.compile(r"\bUK0005: ")     # at start: databases were checked
LOG_ID = re.compile(r"\b(?:AH\d{5}|UK\d{4})\b")
ALARMING = {"warn", "error", "crit", "alert", "emerg"}
# That LeakSanitizer may hang is a warning of gcc 16's where processes cannot be
# traced, and nothing that it found.
NEVER = re.compile(r"AddressSanitizer|LeakSanitizer(?! may hang)"
                   r"|ThreadSanitizer"
                   r"|runtime error:|exit signal|Assertion .* failed")

HEX_RUN = re.compile(r"[0-9a-f]{16,}")


@dataclass(frozen=True)
class Line:
    module: str
    level: str
    text: str

    @property
    def id(self):
        found = LOG_ID.search(self.text)
        return found and found[0]

    @property
    def is_ours(self):
        return self.module == "uptime_keys"

    def __str__(self):
        return f"[{self.module}:{self.level}] {self.text}"


def parse(text):
    """Lines of an error log; a line without httpd's format has no level."""
    for raw in text.splitlines():
        found = LINE.match(raw)
        yield Line(**found.groupdict()) if found else Line("", "", raw)


class ErrorLog:
    """The part of the error log that the running test wrote."""

    def __init__(self, path):
        self.path = path
        self._start = 0

    def text(self):
        if not self.path.exists():
            return ""
        with self.path.open("rb") as file:
            file.seek(self._start)
            return file.read().decode("utf-8", "replace")

    def lines(self):
        return list(parse(self.text()))

    def ours(self, *levels):
        """This module's lines that have a log id, of these levels or any."""
        return [line for line in self.lines()
                if line.is_ours and (line.id or "").startswith("UK")
                and (not levels or line.level in levels)]

    def count(self, pattern):
        return sum(1 for line in self.lines()
                   if re.search(pattern, line.text))

    def start_here(self):
        self._start = self.path.stat().st_size if self.path.exists() else 0

    def unexpected(self, expected):
        return [str(line) for line in self.lines()
                if NEVER.search(line.text) or (
                    line.level in ALARMING and not any(
                        re.search(pattern, line.text)
                        for pattern in expected))]


def secrets_in(text, secrets):
    """The first characters of each secret that the text contains.

    There may be hundreds of keys and many megabytes, so hexadecimal secrets
    are searched only in the text's runs of hexadecimal digits.
    """
    text = text.lower()
    runs = "\n".join(set(HEX_RUN.findall(text)))
    return sorted({
        secret[:12] + "…" for secret in map(str.lower, secrets)
        if secret in (runs if HEX_RUN.fullmatch(secret) else text)})
