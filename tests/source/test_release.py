# SPDX-License-Identifier: Apache-2.0
"""build/release: which tarball it makes of what, and when it refuses."""

import hashlib
import os
import subprocess
import tarfile
from pathlib import Path

import pytest
from c_source import SOURCE

ROOT = SOURCE.parent
TARBALL = "mod_uptime_keys-{}.tar.gz"
PACKED = ('root=$(cd "$1" && pwd); . "$root/build/lib.sh"; '
          'set -o pipefail; source_tarball "$2"')
pytestmark = pytest.mark.waits

# Neither the user's configuration of git nor any other clone has a say.
ENVIRONMENT = {**{name: value for name, value in os.environ.items()
                  if not name.startswith("GIT_")},
               "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null",
               "LC_ALL": "C.UTF-8"}


def run(*command, cwd=None, **options):
    return subprocess.run([str(word) for word in command], cwd=cwd, text=True,
                          capture_output=True, timeout=60, env=ENVIRONMENT,
                          **{"check": True, **options})


def git(clone, *words):
    return run("git", "-c", "user.name=x", "-c", "user.email=x", *words,
               cwd=clone).stdout


def commit(clone):
    git(clone, "commit", "-q", "-a", "--allow-empty", "-m", "x")


def pack(folder, target):
    """The tarball of the files in a folder, with a clone or without."""
    target.mkdir(parents=True)
    name = run("bash", "-euc", PACKED, "bash", folder, target).stdout.strip()
    return target / name


def version_of(clone):
    return run(clone / "build/version").stdout.strip()


def replace(clone, file, old, new):
    path = clone / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A clone with one commit, which is tagged: the files as they are here."""
    folder = tmp_path_factory.mktemp("release")
    with tarfile.open(pack(ROOT, folder / "packed")) as tar:
        tar.extractall(folder)
    (clone,) = folder.glob("mod_uptime_keys-*")
    git(clone, "init", "-q", "-b", "main")
    git(clone, "add", "-A")
    commit(clone)
    git(clone, "tag", f"v{version_of(clone)}")
    return clone


@pytest.fixture(name="clone")
def make_clone(first, tmp_path):
    git(tmp_path, "clone", "-q", first, "clone")
    return tmp_path / "clone"


def release(clone, tag=None, **options):
    return run(clone / "build/release", tag or f"v{version_of(clone)}",
               **options)


def refusal(clone, tag=None):
    """The one line of a release that is refused, and makes nothing."""
    done = release(clone, tag, check=False)
    assert (done.returncode, done.stdout) == (1, ""), done
    assert not (clone / "build/out/release").exists()
    assert done.stderr.startswith("release: ") and done.stderr.count("\n") == 1
    return done.stderr


def released(clone):
    return clone / "build/out/release" / TARBALL.format(version_of(clone))


def test_a_release_has_the_files_of_the_tag_below_its_name(clone):
    release(clone)
    name = f"mod_uptime_keys-{version_of(clone)}"
    with tarfile.open(released(clone)) as tar:
        members = tar.getmembers()
    assert {(member.name, member.mode & 0o111 != 0) for member in members} == {
        (f"{name}/{line.split(maxsplit=3)[3]}", line.startswith("100755"))
        for line in git(clone, "ls-files", "-s").splitlines()}
    assert {(member.uid, member.gid, member.mtime, member.mode & ~0o111)
            for member in members} == {(0, 0, members[0].mtime, 0o644)}


def test_a_release_has_its_sum(clone):
    printed = release(clone).stdout
    tarball = released(clone)
    digest = hashlib.sha256(tarball.read_bytes()).hexdigest()
    assert printed == f"{digest}  {tarball.name}\n"
    assert Path(f"{tarball}.sha256").read_text() == printed


def test_a_release_made_again_has_the_same_bytes(clone, tmp_path):
    release(clone)
    other = tmp_path / "elsewhere" / "clone"
    run("git", "clone", "-q", clone, other, umask=0o077)
    release(other, umask=0o077)
    assert released(clone).read_bytes() == released(other).read_bytes()


def test_an_unpacked_release_needs_no_git(clone, tmp_path):
    """It knows its files, and what builds and tools have left there is none."""
    release(clone)
    with tarfile.open(released(clone)) as tar:
        tar.extractall(tmp_path)
    (unpacked,) = tmp_path.glob("mod_uptime_keys-*")
    for left in ("build/out/uptime-keys", "tests/x/__pycache__/x.pyc",
                 "tests/x/node_modules/x/x.js", ".pytest_cache/x"):
        (unpacked / left).parent.mkdir(parents=True)
        (unpacked / left).touch()
    assert pack(unpacked, tmp_path / "again").read_bytes() == (
        released(clone).read_bytes())
    assert "this is no clone" in run(
        unpacked / "build/release", "v1.0.0", check=False).stderr


def test_without_a_tag_nothing_is_released(clone):
    git(clone, "tag", "-d", f"v{version_of(clone)}")
    assert "there is no tag v" in refusal(clone)


def test_a_branch_is_no_tag(clone):
    tag = f"v{version_of(clone)}"
    git(clone, "tag", "-d", tag)
    git(clone, "checkout", "-q", "-b", tag)
    assert f"there is no tag {tag}" in refusal(clone)


def test_a_tag_must_be_checked_out(clone):
    commit(clone)
    assert "is not what is checked out" in refusal(clone)


def test_an_annotated_tag_is_one(clone):
    tag = f"v{version_of(clone)}"
    git(clone, "tag", "-f", "-a", "-m", "x", tag)
    release(clone)


def test_a_change_must_be_committed(clone):
    replace(clone, "README.md", "\n", " \n")
    assert "something is not committed" in refusal(clone)


def test_a_new_file_must_be_committed(clone):
    (clone / "conf/new.conf").touch()
    assert "something is not committed" in refusal(clone)


def test_a_tag_must_be_that_of_the_version(clone):
    git(clone, "tag", "v99.0.0")
    assert "v99.0.0 is not the tag of the version" in refusal(clone, "v99.0.0")


@pytest.mark.parametrize("entry,reason", [
    ("99.0.0, 2099-01-01", "begins with"),
    ("{}, not yet released", "has no date"),
    ("{}, 2026-02-31", "has no date"),
    ("{}, tomorrow", "has no date"),
])
def test_changes_must_begin_with_the_version_and_its_date(clone, entry, reason):
    entry = entry.format(version_of(clone))
    replace(clone, "mod_uptime_keys/CHANGES.md", "\n## ", f"\n## {entry}\n\n## ")
    commit(clone)
    git(clone, "tag", "-f", f"v{version_of(clone)}")
    assert reason in refusal(clone)
