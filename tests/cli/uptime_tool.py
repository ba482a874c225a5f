# SPDX-License-Identifier: Apache-2.0
"""The tool on one database, run as an ordinary user."""

import datetime
import hashlib
import json
import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from harness import open_database
from harness.environment import (
    SCENE_TOOL,
    TOOL,
    as_ordinary_user,
    give_to_ordinary_user,
)

PATIENCE = 300      # seconds; sanitizers are slow
USER = "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
NO_KEY = "uptime_" + "0" * 64


def one_line(text):
    """Assert that standard error is one line; returns it without its end."""
    assert text.endswith("\n") and text.count("\n") == 1, text
    assert text.startswith("uptime-keys: "), text
    return text[len("uptime-keys: "):-1]


@dataclass
class Tool:
    folder: Path
    where: list = None      # options of the database; None: those of the file
    program: Path = TOOL

    def __post_init__(self):
        self.database = open_database(self.folder)
        if self.where is None:
            self.where = ["--driver", self.database.driver,
                          "--params", self.database.params]

    @property
    def file(self):
        """SQLite's file."""
        return self.database.file

    def lead_through(self, proxy):
        """Reach PostgreSQL by a proxy, which must see the words: without TLS."""
        server = self.database.server
        self.where[-1] = self.database.params.replace(
            f"host={server.folder} port={server.port}",
            f"host=127.0.0.1 port={proxy.port} sslmode=disable")

    def bare_command(self, *words):
        return [self.program, *self.where, *words]

    def command(self, *words):
        return as_ordinary_user(*self.bare_command(*words))

    def run(self, *words, **options):
        options = {"capture_output": True, "text": True, "timeout": PATIENCE,
                   "cwd": self.folder, **options}
        return subprocess.run(self.command(*words), check=False, **options)

    def start(self, *words, **options):
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE,
                   "text": True, "cwd": self.folder, **options}
        return subprocess.Popen(self.command(*words), **options)

    def good(self, *words, **options):
        """Run a command that must succeed; returns its output."""
        done = self.run(*words, **options)
        assert (done.returncode, done.stderr) == (0, ""), done
        return done.stdout

    def prepare(self, *words):
        """Run a command that sets the scene of a test."""
        program = SCENE_TOOL or self.program
        subprocess.run(as_ordinary_user(program, *self.where, *words),
                       check=True, stdout=subprocess.DEVNULL, timeout=PATIENCE)

    def refused(self, *words, status=1, **options):
        """Run a command that must fail; returns its error message."""
        done = self.run(*words, **options)
        assert (done.returncode, done.stdout) == (status, ""), done
        return one_line(done.stderr)

    def json(self, *words):
        return json.loads(self.good(*words, "--json"))

    def key(self, *words, team="acme", name="a key",
            scopes=("monitors:read",)):
        return self.good("key", "create", team, "--name", name, "--scope",
                         *scopes, *words).removesuffix("\n")

    def listed(self, prefix=None, team="acme"):
        """The key of a prefix, or the only one, as a list shows it."""
        (found,) = (key for key in self.json("key", "list", team)
                    if prefix in (None, key["keyPrefix"]))
        return found

    def id_of(self, key):
        """The ID of a key."""
        return self.listed(key[:15])["id"]

    def configure(self, *lines):
        """Use a configuration file with the database and more lines."""
        self.where = ["-c", self.write("httpd.conf", "\n".join((
            f"DBDriver {self.database.driver}",
            f'DBDParams "{self.database.params}"', *lines, "")))]

    def rows(self, sql, *values):
        return self.database.rows(sql, *values)

    def execute(self, sql, *values):
        self.database.execute(sql, *values)

    def write(self, name, content):
        path = self.folder / name
        mode = "wb" if isinstance(content, bytes) else "w"
        with open(path, mode) as file:
            file.write(content)
        give_to_ordinary_user(path)
        return path

    def import_rows(self, rows, *words):
        """Import rows, each a dict or a line."""
        lines = [row if isinstance(row, str) else json.dumps(row)
                 for row in rows]
        return self.run("key", "import", "-", *words,
                        input="".join(line + "\n" for line in lines))


def row(number, team="acme", **members):
    """The number-th line of an import; None removes a member."""
    digest = hashlib.sha256(b"%d" % number).hexdigest()
    members = {"team": team, "name": f"key {number}",
               "scopes": ["monitors:read"], "keyHash": digest,
               "keyPrefix": "uptime_" + digest[:8],
               "createdAt": 1_700_000_000_000 + number, **members}
    return {name: value for name, value in members.items()
            if value is not None}


def end_of_day(days):
    """In so many days, UTC, in milliseconds."""
    today = datetime.datetime.now(datetime.timezone.utc).date()
    start = datetime.datetime.combine(
        today + datetime.timedelta(days=days + 1), datetime.time(),
        datetime.timezone.utc)
    return int(start.timestamp()) * 1000 - 1
