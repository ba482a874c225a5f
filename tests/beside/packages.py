# SPDX-License-Identifier: Apache-2.0
"""Debian's packages of other modules, unpacked in build/out and not installed:
their installation would change and restart the system's apache2."""

import fcntl
import functools
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from harness.environment import REPOSITORY

OUT = REPOSITORY / "build" / "out" / "beside"
MODULES = (
    "libapache2-mod-php8.2", "php8.2-fpm", "php8.2-cgi", "php8.2-common",
    "libapache2-mod-perl2", "libapache2-mod-wsgi-py3", "libpython3.11",
    "libapache2-mod-fcgid",
    "uwsgi-core", "uwsgi-plugin-python3", "libapache2-mod-uwsgi",
    "libyajl2", "libyaml-0-2", "libpcre3",
    "libapache2-mod-security2", "modsecurity-crs", "liblua5.1-0",
    "libapache2-mod-svn", "libsvn1", "subversion", "libutf8proc2",
    "libserf-1-1",
    "cadaver", "libneon27-gnutls",
    "libapache2-mod-evasive", "libapache2-mpm-itk",
)
TOMCAT = (
    "tomcat10", "tomcat10-common", "libtomcat10-java", "tomcat10-user",
    "libeclipse-jdt-core-java", "openjdk-17-jre-headless",
)


class Debs:
    """Some packages, as this machine's apt knows them."""

    def __init__(self, *names):
        self._names = names

    @property
    @functools.cache
    def root(self):
        """The folder with their files, unpacked once for each set of
        versions."""
        OUT.mkdir(parents=True, exist_ok=True)
        with open(OUT / "lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                return self._unpacked(APT)
            except subprocess.CalledProcessError:
                # The lists of the machine are missing, or older than the
                # archive: use some of our own.
                for name in ("lists/partial", "cache/archives/partial"):
                    (OUT / name).mkdir(parents=True, exist_ok=True)
                run(*OWN_APT, "update")
                return self._unpacked(OWN_APT)

    def _unpacked(self, apt):
        known = run(*apt, "download", "--print-uris", *self._names)
        folder = OUT / hashlib.sha256(known.encode()).hexdigest()[:16]
        if not folder.exists():
            self._unpack(apt, folder)
        return folder

    def _unpack(self, apt, folder):
        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        run(*apt, "download", *self._names, cwd=part)
        for deb in part.glob("*.deb"):
            run("dpkg", "-x", deb, part)
            deb.unlink()
        part.chmod(0o755)
        for link in part.rglob("*"):
            relink(link, part)
        part.rename(folder)

    @property
    def environment(self):
        """Where programs and modules look for their libraries."""
        library = self.root / "usr" / "lib" / "x86_64-linux-gnu"
        return {"LD_LIBRARY_PATH": library,
                "PERL5LIB": library / "perl5" / "5.36"}


def relink(path, root):
    """Let a link to a file of this machine point to the unpacked one."""
    if path.is_symlink() and path.readlink().is_absolute():
        target = root / path.readlink().relative_to("/")
        if target.exists():
            path.unlink()
            path.symlink_to(os.path.relpath(target, path.parent))


APT = ("apt-get", "-qq")
OWN_APT = (*APT, "-o", f"Dir::State::lists={OUT}/lists",
           "-o", f"Dir::Cache={OUT}/cache", "-o", "APT::Sandbox::User=root")
MODULE_DEBS = Debs(*MODULES)
TOMCAT_DEBS = Debs(*TOMCAT)


def run(*command, cwd=Path("/")):
    """Run a command; returns its output.  Its errors are pytest's to show."""
    return subprocess.run(
        [str(word) for word in command], cwd=cwd, stdout=subprocess.PIPE,
        text=True, timeout=300, check=True).stdout
