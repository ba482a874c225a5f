# SPDX-License-Identifier: Apache-2.0
"""Another version of the module: its statements have the same labels, and
other texts."""

import functools
import os
import re
import shutil

import plant

HEADERS = ("mod_uptime_keys/core/principal.h", "mod_uptime_keys/core/key.h")
# Two columns of the same type: a version that took one for the other would
# see no error.
COLUMNS = re.compile(r" +NEXT\((last_used_at|expires_at|end), .*\\\n")


def with_other_columns(text):
    """The two columns change places in each list."""
    first, second = COLUMNS.finditer(text)
    changed = (text[:first.start()] + second[0]
               + text[first.end():second.start()] + first[0]
               + text[second.end():])
    return [(text, changed)]


NAME = f"another-version-{os.getpid()}"


@functools.cache
def module():
    """The path of the module, which is built at first use."""
    folder = plant.copy_source(NAME)
    plant.build_broken(folder, {
        header: with_other_columns((plant.ROOT / header).read_text())
        for header in HEADERS})
    return folder / "build" / "out" / "mod_uptime_keys.so"


def remove():
    shutil.rmtree(plant.PLANTED / NAME, ignore_errors=True)
