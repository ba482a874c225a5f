# SPDX-License-Identifier: Apache-2.0
"""What Debian's packages are made of. tests/package/run tries the packages."""

import hashlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEBIAN = ROOT / "build" / "debian"

pytestmark = pytest.mark.skipif(
    not shutil.which("dpkg-buildpackage"), reason="not Debian")


def run(*command, cwd=ROOT):
    return subprocess.run(command, cwd=cwd, check=False, timeout=600, text=True,
                          capture_output=True)


def checkout(folder):
    """A copy of the project, without git and what was built."""
    folder.mkdir(parents=True)
    copied = run("bash", "-euo", "pipefail", "-c",
                 'root=$1; . "$root/build/lib.sh"; copy_project "$2"',
                 "bash", ROOT, folder)
    assert copied.returncode == 0, copied.stderr
    return folder


def debs(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.glob("*.deb")}


def test_changelog_begins_with_the_version():
    version = run("build/version").stdout.strip()
    newest = (DEBIAN / "changelog").read_text("utf-8").splitlines()[0]
    assert newest.startswith(f"mod-uptime-keys ({version}-")


def test_another_version_is_not_packaged(tmp_path):
    source = checkout(tmp_path / "source")
    header = source / "mod_uptime_keys" / "core" / "version.h"
    header.write_text('#define UK_VERSION "9.8.7"\n', "utf-8")
    ended = run("build/debian/make", "--source", tmp_path / "made", cwd=source)
    assert ended.returncode != 0
    assert "and the program is 9.8.7" in ended.stderr


def test_build_installs_what_the_packages_say_that_they_need():
    """build/packages names it for who builds, debian/control for Debian."""
    control = (DEBIAN / "control").read_text("utf-8")
    (needed,) = re.findall(r"^Build-Depends:(.*(?:\n[ \t].+)*)", control, re.M)
    names = set(re.findall(r"[a-z][a-z0-9.+-]+", re.sub(r"\(.*?\)", "", needed)))
    installed = set((ROOT / "build" / "packages").read_text("utf-8").split())
    installed |= {"debhelper-compat", "dh-apache2", "pkgconf"}
    assert names - {name.strip("'") for name in installed} == set()


@pytest.mark.slow
@pytest.mark.everywhere
def test_the_same_sources_are_the_same_bytes(tmp_path):
    """In folders of other names, of other depths, at other times."""
    built = []
    for name in ("a", "b/c/another-name"):
        source = checkout(tmp_path / name)
        ended = run("build/package", "deb", cwd=source)
        assert ended.returncode == 0, ended.stderr
        built.append(debs(source / "build" / "out" / "deb"))
    assert len(built[0]) == 4
    assert built[0] == built[1]
