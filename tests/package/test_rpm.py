# SPDX-License-Identifier: Apache-2.0
"""The rpm packages: what is in them, and what they ask for."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from harness.environment import (REPOSITORY, built_in_modules, httpd_binary,
                                 libexecdir, version)

pytestmark = [pytest.mark.slow, pytest.mark.skipif(
    not Path("/etc/debian_version").exists(), reason="built as on Debian")]

OUT = REPOSITORY / "build" / "out" / "rpm"
CONF = REPOSITORY / "conf"
README = (REPOSITORY / "README.md").read_text("utf-8")
RELEASE = f"{version()}-1"
MODULE = "/usr/lib64/httpd/modules/mod_uptime_keys.so"
LOAD = "/etc/httpd/conf.modules.d/10-uptime_keys.conf"
CONFIG = "/etc/httpd/conf.d/uptime_keys.conf"
# What a package has besides the links of its build ids.
FILES = {
    "mod_uptime_keys": {
        MODULE: "-rwxr-xr-x root root", LOAD: "-rw-r--r-- root root cn",
        CONFIG: "-rw-r--r-- root root cn",
        "/var/lib/uptime_keys": "drwx------ apache apache",
        "/usr/share/licenses/mod_uptime_keys": "drwxr-xr-x root root",
        "/usr/share/licenses/mod_uptime_keys/LICENSE": "-rw-r--r-- root root l"},
    "uptime-keys": {
        "/usr/bin/uptime-keys": "-rwxr-xr-x root root",
        "/usr/share/bash-completion/completions/uptime-keys":
            "-rw-r--r-- root root",
        "/usr/share/man/man1/uptime-keys.1.gz": "-rw-r--r-- root root d",
        "/usr/share/man/man5/uptime_keys.conf.5.gz": "-rw-r--r-- root root d",
        "/usr/share/doc/uptime-keys": "drwxr-xr-x root root",
        **{f"/usr/share/doc/uptime-keys/{name}": "-rw-r--r-- root root d"
           for name in ("CHANGES.md", "OPERATING.md", "README.md",
                        "mod_uptime_keys.html")},
        "/usr/share/licenses/uptime-keys": "drwxr-xr-x root root",
        "/usr/share/licenses/uptime-keys/LICENSE": "-rw-r--r-- root root l",
        "/usr/share/uptime-keys": "drwxr-xr-x root root",
        **{f"/usr/share/uptime-keys/{file.relative_to(CONF)}":
           "drwxr-xr-x root root" if file.is_dir() else "-rw-r--r-- root root"
           for file in CONF.rglob("*") if file.parent != CONF
           or file.is_dir()}},
}
LIBRARIES = {"libjansson", "libsodium", "libunistring", "libz"}
# As httpd-devel of Fedora defines them.
FEDORA = {"fedora": "42", "dist": ".fc42", "_enable_debug_packages": "1",
          "_httpd_mmn": "20120211x8664", "_httpd_apxs": "/usr/bin/apxs",
          "_httpd_modconfdir": "/etc/httpd/conf.modules.d",
          "_httpd_confdir": "/etc/httpd/conf.d",
          "_httpd_moddir": "/usr/lib64/httpd/modules"}


# Debian's rpm has its database below HOME.
ENVIRONMENT = {**os.environ, "HOME": str(OUT / "home"), "LC_ALL": "C.UTF-8"}


def run(*command, **options):
    return subprocess.run([str(word) for word in command], text=True,
                          **{"check": True, "timeout": 60, "env": ENVIRONMENT,
                             "stdout": subprocess.PIPE, **options}).stdout


@pytest.fixture(scope="module", name="packages")
def build_packages():
    """The packages by their names; "src" is the source package."""
    printed = run(REPOSITORY / "build/rpm/make", timeout=300)
    files = {re.sub(r"-\d.*", "", name): OUT / name
             for name in printed.split() if not name.endswith(".src.rpm")}
    (files["src"],) = OUT.glob("*.src.rpm")
    (OUT / "home").mkdir()
    return files


@pytest.fixture(scope="module", name="unpacked")
def unpack_packages(packages, tmp_path_factory):
    """A folder with the files of each package in a folder of its name."""
    top = tmp_path_factory.mktemp("unpacked")
    for name, package in packages.items():
        (top / name).mkdir()
        run("bash", "-euo", "pipefail", "-c", 'rpm2cpio "$1" | cpio -idm --quiet',
            "bash", package, cwd=top / name)
    return top


def asked(package, tags):
    """What a format of rpm says of a package, one line for each value."""
    return run("rpm", "-qp", "--qf", tags, package).splitlines()


def build_id(file):
    return re.search(r"Build ID: (\w+)", run("readelf", "-n", file))[1]


def test_the_packages_are_those(packages):
    assert {package.name for package in packages.values()} == {
        f"mod_uptime_keys-{RELEASE}.src.rpm"} | {
        f"{name}-{RELEASE}.x86_64.rpm"
        for name in ("mod_uptime_keys", "uptime-keys",
                     "mod_uptime_keys-debuginfo", "uptime-keys-debuginfo",
                     "mod_uptime_keys-debugsource")}


@pytest.mark.parametrize("name", FILES)
def test_a_package_has_its_files(packages, name):
    """With modes, owners and flags: (c)onfiguration that (n)ever is replaced,
    (d)ocuments and (l)icences."""
    lines = asked(packages[name], "[%{FILENAMES}|%{FILEMODES:perms} "
                  "%{FILEUSERNAME} %{FILEGROUPNAME} %{FILEFLAGS:fflags}\n]")
    assert {file: kind.rstrip() for file, kind in
            (line.split("|") for line in lines)
            if not file.startswith("/usr/lib/.build-id")} == FILES[name]


@pytest.mark.parametrize("name", FILES)
def test_a_package_runs_no_script(packages, name):
    assert run("rpm", "-qp", "--scripts", "--triggers", packages[name]) == ""


def test_the_module_needs_the_httpd_that_it_was_built_for(packages):
    header = run("apxs", "-q", "INCLUDEDIR").strip() + "/ap_mmn.h"
    number = re.search(r"MODULE_MAGIC_NUMBER_MAJOR (\d+)",
                       Path(header).read_text())[1]
    requires = set(run("rpm", "-qpR", packages["mod_uptime_keys"]).splitlines())
    assert f"httpd-mmn = {number}x8664" in requires
    assert LIBRARIES <= {line.partition(".so")[0] for line in requires}
    # They come with httpd.
    assert not any("libapr" in line for line in requires)


def test_the_module_is_no_library(packages):
    provided = run("rpm", "-qp", "--provides", packages["mod_uptime_keys"])
    assert ".so" not in provided and "mod_uptime_keys(x86-64)" in provided


def minimum(name):
    """What the README requires."""
    return re.search(rf"^\| {name}[^|]*\| ([\d.]+) \|", README, re.M)[1]


def test_versions_are_at_least_those_of_the_readme(packages):
    conflicts = run("rpm", "-qp", "--conflicts", packages["mod_uptime_keys"])
    assert conflicts == f"httpd < {minimum('Apache httpd')}\n"
    required = set(run("rpm", "-qpR", packages["src"]).splitlines())
    assert {f"httpd-devel >= {minimum('Apache httpd')}",
            f"apr-devel >= {minimum('APR ')}",
            f"apr-util-devel >= {minimum('APR-util')}"} <= required


def test_packages_of_one_build_recommend_each_other(packages):
    assert f"uptime-keys(x86-64) = {RELEASE}\n" in run(
        "rpm", "-qp", "--recommends", packages["mod_uptime_keys"])


@pytest.mark.parametrize("name,program", [
    ("mod_uptime_keys", MODULE), ("uptime-keys", "/usr/bin/uptime-keys")])
def test_symbols_for_debuggers_are_apart(unpacked, name, program):
    file = unpacked / name / program[1:]
    number = build_id(file)
    link = f"usr/lib/.build-id/{number[:2]}/{number[2:]}"
    assert (unpacked / name / link).resolve() == file.resolve()
    symbols = unpacked / f"{name}-debuginfo" / "usr/lib/debug" / ".build-id" / (
        f"{number[:2]}/{number[2:]}.debug")
    assert build_id(symbols) == number
    assert ".symtab" not in run("readelf", "-SW", file)
    assert {".symtab", ".debug_info"} <= set(
        re.findall(r"\.\w+", run("readelf", "-SW", symbols)))


def test_sources_for_debuggers_are_those_of_the_build(unpacked):
    top = unpacked / "mod_uptime_keys-debugsource/usr/src/debug"
    (folder,) = top.iterdir()
    assert folder.name == f"mod_uptime_keys-{RELEASE}.x86_64"
    for file in (REPOSITORY / "mod_uptime_keys").glob("*/*.c"):
        assert (folder / file.relative_to(REPOSITORY)).read_bytes() == (
            file.read_bytes())


def test_the_tool_is_that_of_the_version(unpacked):
    tool = unpacked / "uptime-keys/usr/bin/uptime-keys"
    assert run(tool, "--version") == f"uptime-keys {version()}\n"


def test_samples_are_those_of_the_repository(unpacked):
    folder = unpacked / "uptime-keys/usr/share/uptime-keys"
    for file in CONF.glob("*/**/*"):
        if file.is_file():
            assert (folder / file.relative_to(CONF)).read_bytes() == (
                file.read_bytes())


def test_the_configuration_names_no_database(unpacked):
    text = (unpacked / "mod_uptime_keys" / CONFIG[1:]).read_text("utf-8")
    assert "\n#DBDriver sqlite3\n" in text
    assert re.findall(r"^DBD.*", text, re.M) == []


def test_httpd_takes_the_module_and_its_configuration(unpacked, tmp_path):
    """With what Fedora's httpd loads before it, from this machine."""
    root = unpacked / "mod_uptime_keys"
    assert f"\nLoadModule uptime_keys_module {MODULE}\n" in (
        root / LOAD[1:]).read_text("utf-8")
    built_in = built_in_modules()
    lines = [f"LoadModule {name}_module {libexecdir()}/mod_{name}.so"
             for name in ("mpm_event", "unixd", "watchdog", "authn_core",
                          "authz_core", "dbd", "socache_shmcb")
             if f"mod_{name}.c" not in built_in]
    (tmp_path / "httpd.conf").write_text("\n".join([
        f'ServerRoot "{tmp_path}"', "ServerName localhost", "Listen 8080",
        f'DefaultRuntimeDir "{tmp_path}"', f'ErrorLog "{tmp_path}/log"', *lines,
        f'LoadModule uptime_keys_module "{root}{MODULE}"',
        f'Include "{root}{CONFIG}"']))
    done = subprocess.run(
        [httpd_binary(), "-t", "-f", tmp_path / "httpd.conf"], text=True,
        capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "Syntax OK\n"), done


def test_the_source_package_has_the_tarball_and_the_spec(unpacked):
    tarball = f"mod_uptime_keys-{version()}.tar.gz"
    assert {file.name for file in (unpacked / "src").iterdir()} == {
        tarball, "mod_uptime_keys.spec"}
    assert (unpacked / "src" / tarball).read_bytes() == (
        OUT / "SOURCES" / tarball).read_bytes()


def test_times_and_hosts_are_not_those_of_the_build(packages):
    day = re.search(r"^## [\d.]+, (\d{4}-\d\d-\d\d)$", (
        REPOSITORY / "mod_uptime_keys/CHANGES.md").read_text("utf-8"), re.M)[1]
    for package in packages.values():
        assert asked(package, "%{BUILDHOST} %{BUILDTIME}\n") == [
            "localhost " + run("date", "-u", "-d", day, "+%s").strip()]


def test_rpmlint_finds_nothing(packages):
    said = run("rpmlint", "-c", REPOSITORY / "build/rpm/rpmlint.toml",
               *packages.values(), OUT / "SPECS/mod_uptime_keys.spec")
    assert f" {len(packages)} packages and 1 specfiles checked; " \
        "0 errors, 0 warnings" in said, said


def test_the_macros_of_fedora_are_used(packages):
    """Had they other values, the packages would follow."""
    other = {**FEDORA, "_httpd_moddir": "/opt/modules", "_httpd_mmn": "7x8664",
             "_httpd_confdir": "/opt/conf.d", "_httpd_modconfdir": "/opt/load.d",
             "_httpd_apxs": "/opt/apxs", "bash_completions_dir": "/opt/bash"}
    defined = [word for name, value in other.items()
               for word in ("--define", f"{name} {value}")]
    spec = OUT / "SPECS" / "mod_uptime_keys.spec"
    text = run("rpmspec", "-P", *defined, spec)
    for line in ("Release:        1.fc42", "Requires:       httpd-mmn = 7x8664",
                 "/opt/modules/mod_uptime_keys.so",
                 "%config(noreplace) /opt/load.d/10-uptime_keys.conf",
                 "%config(noreplace) /opt/conf.d/uptime_keys.conf",
                 "/opt/bash/uptime-keys", "BuildRequires:  check-devel"):
        assert f"\n{line}\n" in text
    assert "APXS=/opt/apxs" in text and "/etc/httpd" not in text
    # Its own macros make the packages for debuggers.
    assert "%package debuginfo" not in text


@pytest.mark.everywhere
def test_packages_built_elsewhere_have_the_same_bytes(packages, tmp_path):
    elsewhere = tmp_path / "some" / "other" / "folder"
    shutil.unpack_archive(
        OUT / "SOURCES" / f"mod_uptime_keys-{version()}.tar.gz", elsewhere)
    (checkout,) = elsewhere.iterdir()
    run(checkout / "build/rpm/make", timeout=300, umask=0o077,
        env={**ENVIRONMENT, "TZ": "Asia/Tokyo"})
    assert {file.name: file.read_bytes() for file in
            (checkout / "build/out/rpm").glob("*.rpm")} == {
        file.name: file.read_bytes() for file in packages.values()}
