# SPDX-License-Identifier: Apache-2.0
"""Programs of the npm registry, as client/package-lock.json pins them."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

from harness.environment import REPOSITORY

CLIENT = Path(__file__).parent / "client"
FOLDER = REPOSITORY / "build" / "out" / "node"
MODULES = FOLDER / "node_modules"
LOCK = "package-lock.json"
INSTALL = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
SILENT = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
          "NO_UPDATE_NOTIFIER": "1", "NO_COLOR": "1"}


def install():
    """Once for each package-lock.json, whichever process comes first."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    done = FOLDER / "installed.json"
    with open(FOLDER / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = (CLIENT / LOCK).read_bytes()
        if done.exists() and done.read_bytes() == wanted:
            return
        for name in ("package.json", LOCK):
            shutil.copy(CLIENT / name, FOLDER)
        run(*INSTALL, cwd=FOLDER)
        done.write_bytes(wanted)


def program(name):
    return MODULES / ".bin" / name


def run(*command, cwd):
    """What the command printed; a failure shows everything it printed."""
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, capture_output=True,
        text=True, timeout=300, check=False, env={**os.environ, **SILENT})
    assert done.returncode == 0, \
        f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout
