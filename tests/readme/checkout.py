# SPDX-License-Identifier: Apache-2.0
"""A copy of the checkout, and build/run in it."""

import contextlib
import os
import random
import re
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from harness import eventually
from harness.environment import REPOSITORY

READY_SECONDS = 240         # build/run may have to build first
OUT = REPOSITORY / "build" / "out"
REUSED = {"obj", "mod_uptime_keys.so", "uptime-keys"}
OTHERS = shutil.ignore_patterns(".git", "node_modules", "__pycache__",
                                ".*cache", ".hypothesis")


def left_behind(folder, names):
    """Files not to copy: what a clone lacks, but for objects in build/out
    that save time."""
    if Path(folder) == OUT:
        return set(names) - REUSED
    return OTHERS(folder, names)


def processes_naming(text):
    """Process ids and command lines of processes that contain this text."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
        except OSError:
            continue
        if text.encode() in line:
            found.append((int(folder.name), line.decode(errors="replace")))
    return found


class Checkout:
    """A clone in which commands are run."""

    def __init__(self, folder):
        self.folder = folder
        self.port = None
        self._process = None
        shutil.copytree(REPOSITORY, folder, ignore=left_behind)

    def bash(self, *scripts):
        """Run the scripts as one; returns their output."""
        done = subprocess.run(
            ["bash", "-e"], input="\n".join(scripts), cwd=self.folder,
            capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    # build/run

    def start(self):
        """Start build/run; returns its output until it is ready."""
        output = self.folder.parent / "build-run.txt"
        with open(output, "w", encoding="utf-8") as file:
            self._process = subprocess.Popen(
                ["build/run"], cwd=self.folder, stdin=subprocess.DEVNULL,
                stdout=file, stderr=subprocess.STDOUT, start_new_session=True,
                env={**os.environ, "PORT": str(free_port())})
        eventually(lambda: "\nReady." in output.read_text()
                   or self._process.poll() is not None, READY_SECONDS)
        text = output.read_text()
        assert "\nReady." in text, text
        self.port = re.search(r"http://127\.0\.0\.1:(\d+)/", text)[1]
        return text

    def stop(self):
        """End it as Ctrl-C or an init system does; returns the exit status."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(60)

    def processes(self):
        return processes_naming(str(self.folder))

    def clean_up(self):
        """Kill all processes that are left."""
        if self._process and self._process.poll() is None:
            self.stop()
        for process, _ in self.processes():
            os.kill(process, signal.SIGKILL)


def free_port():
    """Below those that connections take: it is used only when all is built."""
    while True:
        port = random.randrange(20000, 32000)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
