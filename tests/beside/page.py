# SPDX-License-Identifier: Apache-2.0
"""The configurations in BESIDE.md: the tests run what the page shows."""

import functools
import re

from harness.environment import REPOSITORY

PAGE = REPOSITORY / "mod_uptime_keys" / "docs" / "BESIDE.md"


def shown(heading, number=0, **others):
    """The indented block of this number below a heading.

    others are values of this machine for some of WORDS.
    """
    return replaced(blocks()[heading][number], others)


def shown_all(heading, **others):
    """All the blocks below a heading."""
    return replaced("\n".join(blocks()[heading]), others)


def replaced(text, others):
    for name, value in others.items():
        text, count = re.subn(WORDS[name], lambda _, value=value: str(value),
                              text)
        assert count, f"no {name} in:\n{text}"
    return text


# What the page has in the place of names and paths of a machine.
WORDS = {
    "port": r"(?<=127\.0\.0\.1:)\d+",
    "apache": r"/etc/apache2(?=/)",
    "app": r"/srv/app(?=[/\"\s])",
    "svn": r"/srv/svn(?=[/\"\s])",
    "files": r"/srv/files(?=[/\"\s])",
    "cache": r"/var/cache/apache2/mod_cache_disk",
    "program": r"\bprogram\b",
    "php_cgi": r"/usr/bin/php-cgi8\.2",
    "ajp_secret": r"(?<=secret=)\S+",
}


@functools.cache
def blocks():
    """Heading -> its indented blocks, without the indentation."""
    found = {}
    for part in re.split(r"(?m)^(?=#+ )", PAGE.read_text("utf-8")):
        heading, _, rest = part.partition("\n")
        found[heading.lstrip("# ")] = [
            re.sub(r"(?m)^    ", "", block).strip("\n") + "\n" for block in
            re.findall(r"(?m)(?:^    .*\n(?:^\n(?=    ))*)+", rest)]
    return found
