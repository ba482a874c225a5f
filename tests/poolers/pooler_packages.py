# SPDX-License-Identifier: Apache-2.0
"""Programs of any Debian release, unpacked into a folder.

Nothing is installed: the packages are downloaded with an apt configuration of
its own, as an ordinary user, together with the libraries that they need, libc
included, and run by the release's own dynamic linker.  So they run on any
distribution that has apt.

The folder is kept for later runs; UPTIME_KEYS_UNPACKED names another one.
"""

import fcntl
import functools
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

MIRROR = "http://deb.debian.org/debian"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
FOLDER = Path(os.environ.get("UPTIME_KEYS_UNPACKED")
              or f"{tempfile.gettempdir()}/uptime-keys-{os.geteuid()}")
TIMEOUT = 300
APT_CONF = """
Dir::Etc::sourcelist "{folder}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State "{folder}";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}/cache";
Acquire::Languages "none";
Acquire::Check-Valid-Until "{check}";
APT::Sandbox::User "";
"""


def cache():
    """A folder that nobody else can write to."""
    FOLDER.mkdir(mode=0o755, exist_ok=True)
    assert FOLDER.stat().st_uid == os.geteuid(), f"{FOLDER} is not ours"
    return FOLDER


class Unpacked:
    """Packages in a folder; other releases' programs find their libraries
    there."""

    def __init__(self, folder):
        self.folder = folder

    def command(self, program):
        """How to run a program of it, such as /usr/sbin/pgbouncer."""
        # /lib64 has a link to it, which leads to this system's.
        linker = next(path for path in self.folder.glob(
            "**/ld-linux-x86-64.so.2") if not path.is_symlink())
        libraries = ":".join(str(self.folder / below) for below in (
            "lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu"))
        return [linker, "--library-path", libraries,
                f"{self.folder}{program}"]


@functools.cache
def unpacked(release, *packages):
    if shutil.which("apt-get") is None:
        pytest.skip("no apt on this system")
    folder = cache() / "-".join((release, *packages))
    with open(cache() / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _unpack(release, packages, folder)
    return Unpacked(folder)


def _unpack(release, packages, folder):
    apt = Apt(release)
    with tempfile.TemporaryDirectory(dir=cache()) as scratch:
        debs = Path(scratch) / "debs"
        made = Path(scratch) / "made"
        debs.mkdir()
        for package in apt.download(packages, debs):
            subprocess.run(["dpkg", "-x", package, made], check=True)
        made.chmod(0o755)
        made.rename(folder)


class Apt:
    """The lists of one release, kept beside what was unpacked."""

    def __init__(self, release):
        self.folder = cache() / f"apt-{release}"
        for below in "lists/partial", "cache/archives/partial":
            (self.folder / below).mkdir(parents=True, exist_ok=True)
        (self.folder / "status").touch()
        (self.folder / "sources.list").write_text(
            f"deb [signed-by={KEYRING}] {MIRROR} {release} main\n")
        # The files of sid are often older than they say they may be.
        (self.folder / "apt.conf").write_text(APT_CONF.format(
            folder=self.folder, check="false" if release == "sid" else "true"))

    def _run(self, *command, folder=None):
        done = subprocess.run(
            command, text=True, capture_output=True, check=False,
            timeout=TIMEOUT, cwd=folder or self.folder,
            env={**os.environ, "APT_CONFIG": str(self.folder / "apt.conf")})
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def _libraries(self):
        """The libraries that each package needs, from one listing."""
        found = {}
        for line in self._run("apt-cache", "dumpavail").splitlines():
            name, _, value = line.partition(": ")
            if name == "Package":
                found[value] = needed = []
            elif name in ("Depends", "Pre-Depends"):
                needed += re.findall(r"(?:^|, )(lib[^\s:,|]+)", value)
        return found

    def download(self, packages, folder):
        """The files of the packages, and of the libraries that they need."""
        self._run("apt-get", "-q", "update")
        libraries = self._libraries()
        wanted = set()
        waiting = list(packages)
        while waiting:
            package = waiting.pop()
            if package in libraries and package not in wanted:
                wanted.add(package)
                waiting += libraries[package]
        self._run("apt-get", "-q", "download", *sorted(wanted), folder=folder)
        return sorted(folder.glob("*.deb"))
