# SPDX-License-Identifier: Apache-2.0
"""make install: which files it puts where."""

import subprocess

import pytest
from harness.environment import REPOSITORY, TOOL, libexecdir

CONF = REPOSITORY / "conf"
PLACES = {
    "debian": {"etc/apache2/mods-available/uptime_keys.load",
               "etc/apache2/mods-available/uptime_keys.conf"},
    "rhel": {"etc/httpd/conf.modules.d/10-uptime_keys.conf",
             "etc/httpd/conf.d/uptime_keys.conf"},
}
PAGES = {"uptime-keys.1": "share/man/man1/uptime-keys.1",
         "uptime_keys.conf.5": "share/man/man5/uptime_keys.conf.5",
         "uptime-keys.bash": "share/bash-completion/completions/uptime-keys",
         "mod_uptime_keys.html": "share/doc/uptime-keys/mod_uptime_keys.html"}
SAMPLES = {f"usr/share/uptime-keys/{file.relative_to(CONF)}": file
           for file in CONF.glob("*/**/*") if file.is_file()}

# Elsewhere there is nothing to install, or something else.
pytestmark = pytest.mark.skipif(TOOL.parent != REPOSITORY / "build" / "out",
                                reason="installs what make made")


def install(folder, *variables):
    """Installs what is built already, as an administrator whose files are
    private, and returns the files."""
    subprocess.run(["make", "--silent", "-C", REPOSITORY / "build", "-o", "all",
                    "install", f"DESTDIR={folder}", *variables],
                   check=True, umask=0o077, timeout=60)
    return {str(file.relative_to(folder)): file
            for file in folder.rglob("*") if file.is_file()}


def modes(files):
    return {name: file.stat().st_mode & 0o777 for name, file in files.items()}


@pytest.mark.parametrize("layout", PLACES)
def test_a_layout_has_its_files(tmp_path, layout):
    files = install(tmp_path, f"LAYOUT={layout}", f"DOCS={tmp_path}")
    module = f"{str(libexecdir())[1:]}/mod_uptime_keys.so"
    assert len(SAMPLES) > 40
    assert set(files) == PLACES[layout] | set(SAMPLES) | {
        module, "usr/bin/uptime-keys"}
    assert modes(files) == {**dict.fromkeys(files, 0o644),
                            "usr/bin/uptime-keys": 0o755}
    assert {file.stat().st_mode & 0o777 for file in tmp_path.rglob("*")
            if file.is_dir()} == {0o755}
    for name, sample in SAMPLES.items():
        assert files[name].read_bytes() == sample.read_bytes()


def test_paths_are_those_of_the_layout(tmp_path):
    files = install(tmp_path, "LAYOUT=rhel", "LIBEXECDIR=/usr/lib64/modules")
    load, conf = (files[name].read_text("utf-8")
                  for name in sorted(PLACES["rhel"], reverse=True))
    assert "\nLoadModule uptime_keys_module " \
        "/usr/lib64/modules/mod_uptime_keys.so\n" in load
    assert " -c /etc/httpd/conf.d/uptime_keys.conf init\n" in conf
    assert "apache2" not in load + conf


def test_debian_gets_the_configuration_as_it_is(tmp_path):
    files = install(tmp_path, "LAYOUT=debian")
    for name in PLACES["debian"]:
        assert files[name].read_bytes() == (
            CONF / files[name].name).read_bytes()


def test_a_configuration_that_is_there_stays(tmp_path):
    conf = tmp_path / "etc/apache2/mods-available/uptime_keys.conf"
    conf.parent.mkdir(parents=True)
    conf.write_text("# mine\n")
    install(tmp_path, "LAYOUT=debian")
    assert conf.read_text() == "# mine\n"


def test_pages_are_installed_if_they_were_made(tmp_path):
    made = tmp_path / "docs"
    made.mkdir()
    for page in PAGES:
        (made / page).write_text(page)
    files = install(tmp_path / "root", f"DOCS={made}", "PREFIX=/opt/keys")
    for page, place in PAGES.items():
        assert files[f"opt/keys/{place}"].read_text() == page
