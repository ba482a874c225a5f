# SPDX-License-Identifier: Apache-2.0
"""Packages of Debian that tests use without installing them."""

import fcntl
import shutil
import subprocess

import pytest

from . import environment

FOLDER = environment.OUT / "packages"


def unpacked(name):
    """The folder that a package is unpacked in; the test is skipped on other
    systems."""
    if not shutil.which("apt-get"):
        pytest.skip(f"{name} is a package of Debian")
    folder = FOLDER / name
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(FOLDER / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _unpack(name, folder)
    return folder


def _unpack(name, folder):
    new = FOLDER / f"{name}.new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    subprocess.run(["apt-get", "-q", "download", name], check=True, cwd=new,
                   capture_output=True, timeout=300)
    (archive,) = new.glob("*.deb")
    subprocess.run(["dpkg", "-x", archive, new], check=True, timeout=60)
    archive.unlink()
    new.rename(folder)
