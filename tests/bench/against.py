# SPDX-License-Identifier: Apache-2.0
"""Another commit's build, to be measured in turns with this one."""

import functools
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BUILDS = REPOSITORY / "build" / "out" / "bench"


@dataclass(frozen=True)
class Build:
    """What was built of a commit.  A server of its rows (see Row.build) loads
    its module, and the server's database is made by its tool."""

    name: str       # in tables
    root: Path      # the project's folder
    module: Path    # where httpd's user can read it, and so is the tool
    tool: Path


def git(*arguments, **options):
    return subprocess.run(
        ["git", "-C", REPOSITORY, "-c", f"safe.directory={REPOSITORY}",
         *arguments], check=True, stdout=subprocess.PIPE, **options).stdout


@functools.cache
def built(commit):
    """The build of a commit (or of a tag or branch), below build/out/bench.

    It is built once, by its own Makefile.  What was interrupted is gone on
    with: git gives all files the time of the commit."""
    full = git("rev-parse", "--verify", f"{commit}^{{commit}}",
               text=True).strip()
    root = BUILDS / full
    out = root / "build" / "out"
    if not (out / "mod_uptime_keys.so").exists() \
            or not (out / "uptime-keys").exists():
        print(f"building {full}", flush=True)
        root.mkdir(parents=True, exist_ok=True)
        subprocess.run(["tar", "-x", "-C", root], check=True,
                       input=git("archive", full))
        subprocess.run(["make", "--silent", "-C", root / "build", "-j",
                        str(len(os.sched_getaffinity(0)))], check=True)
    return Build(full[:7], root, *_readable(out))


def _readable(out):
    """Copies of the module and the tool that an ordinary user can read.

    build/bench removes them with all its temporary files."""
    folder = Path(tempfile.mkdtemp(prefix="uk-build-"))
    folder.chmod(0o755)
    return [Path(shutil.copy(out / name, folder))
            for name in ("mod_uptime_keys.so", "uptime-keys")]
