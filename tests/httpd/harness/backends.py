# SPDX-License-Identifier: Apache-2.0
"""The backends, by the name that UPTIME_KEYS_DRIVER has for them.

A module of this folder defines one by a class with a name of its own in
"backend".
"""

import importlib
import pkgutil
from pathlib import Path

from . import environment
from .database import Database

DEFAULT = "sqlite3"


def find():
    """(name, class) of every backend."""
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if module.name != "backends":
            found = importlib.import_module(f".{module.name}", __package__)
            for value in vars(found).values():
                if isinstance(value, type) and issubclass(value, Database) \
                        and "backend" in vars(value) and value.backend:
                    yield value.backend, value


def open_database(directory, backend=environment.BACKEND):
    """A database of its own, in which nothing is yet."""
    return dict(find())[backend](directory)


def print_title():
    """For build/stages: the database under test, with its version."""
    print(dict(find())[environment.BACKEND].title())


def print_others():
    """For build/stages: all but the default."""
    print(*sorted(dict(find()).keys() - {DEFAULT}), sep="\n")
