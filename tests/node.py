# SPDX-License-Identifier: Apache-2.0
"""Programs from npm, in the versions of a folder's package-lock.json.

There are two sets, because the quick tests need only the small one.
"""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

from harness.environment import REPOSITORY

HERE = Path(__file__).parent
OUT = REPOSITORY / "build" / "out" / "node"
LOCK = "package-lock.json"
INSTALL = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
SILENT = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
          "NO_UPDATE_NOTIFIER": "1", "NO_COLOR": "1"}


class Packages:
    """The packages of one folder's package.json, installed in build/out."""

    def __init__(self, source):
        self.source = source
        self.folder = OUT / source.name
        self.modules = self.folder / "node_modules"

    def install(self):
        """Install once for each package-lock.json, in the first process."""
        self.folder.mkdir(parents=True, exist_ok=True)
        done = self.folder / "installed.json"
        with open(self.folder / "lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            wanted = (self.source / LOCK).read_bytes()
            if done.exists() and done.read_bytes() == wanted:
                return
            for name in ("package.json", LOCK):
                shutil.copy(self.source / name, self.folder)
            run(*INSTALL, cwd=self.folder)
            done.write_bytes(wanted)

    def program(self, name):
        return self.modules / ".bin" / name


CLIENT = Packages(HERE / "manage" / "client")
BROWSER = Packages(HERE / "browser")


def run(*command, cwd):
    """Run a command; returns its output, which a failure shows."""
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, capture_output=True,
        text=True, timeout=300, check=False, env={**os.environ, **SILENT})
    assert done.returncode == 0, \
        f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout
