# SPDX-License-Identifier: Apache-2.0
"""Paths on this machine, and the user that runs httpd and the tool."""

import functools
import os
import platform
import pwd
import re
import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
OUT = Path(os.environ.get("UPTIME_KEYS_OUT") or REPOSITORY / "build" / "out")
MODULE = OUT / "mod_uptime_keys.so"
TOOL = OUT / "uptime-keys"
# Another build of it, which sets the scenes: with sanitizers it is slow to start.
SCENE_TOOL = os.environ.get("UPTIME_KEYS_SCENE_TOOL")
MPM = os.environ.get("UPTIME_KEYS_MPM") or "event"
PRELOAD = os.environ.get("UPTIME_KEYS_PRELOAD")
BACKEND = os.environ.get("UPTIME_KEYS_DRIVER") or "sqlite3"
# A newer server that build/servers has unpacked, instead of the system's.
SERVER = os.environ.get("UPTIME_KEYS_SERVER")
SERVERS = Path(os.environ.get("UPTIME_KEYS_SERVERS")
               or REPOSITORY / "build" / "out" / "servers")
KEEP = os.environ.get("UPTIME_KEYS_KEEP")       # do not remove ServerRoots


@functools.cache
def version():
    return subprocess.run([REPOSITORY / "build" / "version"], check=True,
                          text=True, capture_output=True).stdout.strip()


@functools.cache
def apxs(name):
    return subprocess.run(["apxs", "-q", name], check=True, text=True,
                          capture_output=True).stdout.strip()


def httpd_binary():
    return Path(apxs("SBINDIR")) / apxs("progname")


def libexecdir():
    return Path(apxs("LIBEXECDIR"))


@functools.cache
def server_program(name):
    """A program of the database server under test; None: it has none.  On
    Debian each version of PostgreSQL has a folder of programs, and usr/bin has
    scripts that choose among them."""
    top = SERVERS / SERVER if SERVER else Path("/")
    assert top.is_dir(), f"build/servers has not unpacked {SERVER}"
    found = [file for file in (top / "usr/sbin" / name, top / "usr/bin" / name)
             if file.exists()] + sorted(
                 top.glob(f"usr/lib/postgresql/*/bin/{name}"))
    return found[-1] if found else Path(shutil.which(name))


def version_of(program):
    """The first version number in what a program says of itself."""
    said = subprocess.run([program, "--version"], check=True, text=True,
                          capture_output=True).stdout
    return re.search(r"\d+\.\d+(\.\d+)*",
                     said.removeprefix(str(program)))[0]


@functools.cache
def built_in_modules():
    listing = subprocess.run([httpd_binary(), "-l"], check=True, text=True,
                             capture_output=True).stdout
    return {line.strip() for line in listing.splitlines()}


@functools.cache
def ordinary_user():
    """The user that httpd runs as if the tests are run by root, else None."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _is_debian_12():
    system = platform.freedesktop_os_release()
    return (system["ID"], system.get("VERSION_ID")) == ("debian", "12")


NEEDS_DEBIAN_12 = pytest.mark.skipif(
    not _is_debian_12(), reason="needs Debian 12's packages")


def only_on(*backends, reason):
    """Skip a test on all other kinds of database."""
    return pytest.mark.skipif(
        BACKEND not in backends, reason=f"{' and '.join(backends)}: {reason}")


def rarely_on(*backends):
    """Leave a test that takes long to build/test --everywhere on these."""
    return (pytest.mark.everywhere if BACKEND in backends
            else lambda function: function)


def as_ordinary_user(*command):
    user = ordinary_user()
    if user is None:
        return [str(part) for part in command]
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}",
            "--clear-groups", "--", *(str(part) for part in command)]


def give_to_ordinary_user(path):
    user = ordinary_user()
    if user is not None:
        os.chown(path, user.pw_uid, user.pw_gid)


def process_environment(preload=False):
    """A minimal environment; preload adds libasan, for httpd itself, which
    was built without it."""
    names = ("PATH", "HOME", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS",
             "LSAN_OPTIONS", "TSAN_OPTIONS", "LLVM_PROFILE_FILE",
             "GCOV_PREFIX")
    environment = {n: os.environ[n] for n in names if n in os.environ}
    environment["LC_ALL"] = "C.UTF-8"
    if PRELOAD:
        environment.setdefault("ASAN_OPTIONS", "detect_leaks=0")
        environment.setdefault("UBSAN_OPTIONS", "print_stacktrace=1")
        if preload:
            environment["LD_PRELOAD"] = PRELOAD
    return environment
