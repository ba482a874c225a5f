# SPDX-License-Identifier: Apache-2.0
"""conf/systemd/: systemd knows every word, and the services are confined."""

import re
import shlex
import shutil
import subprocess

import pytest
from harness import environment
from harness.environment import REPOSITORY

UNITS = REPOSITORY / "conf" / "systemd"
SERVICES = sorted(file.name for file in UNITS.glob("*.service"))

pytestmark = pytest.mark.skipif(not shutil.which("systemd-analyze"),
                                reason="needs systemd")


def analyze(*arguments):
    return subprocess.run(["systemd-analyze", *arguments], text=True,
                          capture_output=True, timeout=60, check=False)


@pytest.fixture
def units(tmp_path):
    """The units, with programs that are there."""
    for file in UNITS.iterdir():
        (tmp_path / file.name).write_text(file.read_text().replace(
            "/usr/bin/uptime-keys ", f"{environment.TOOL} "))
    return tmp_path


def test_systemd_knows_every_word(units):
    files = sorted(units.iterdir())
    assert len(files) == 2 * len(SERVICES) > 0
    said = analyze("verify", "--man=no", *files)
    assert (said.returncode, said.stderr) == (0, "")
    (units / SERVICES[0]).write_text("[Service]\nProtectSistem=strict\n"
                                     "ExecStart=/bin/true\n")
    assert "ProtectSistem" in analyze(
        "verify", "--man=no", units / SERVICES[0]).stderr


@pytest.mark.parametrize("service", SERVICES)
def test_service_is_confined(units, service):
    said = analyze("security", "--offline=true", "--threshold=15",
                   units / service)
    assert said.returncode == 0, said.stdout


def commands():
    """What the services run, after -c FILE."""
    for service in SERVICES:
        line, = re.findall(r"(?m)^ExecStart=(.*)$",
                           (UNITS / service).read_text())
        text = line.replace("%%", "%").partition(
            "/usr/bin/uptime-keys ")[2].rstrip("'")
        yield shlex.split(text)[2:]


def test_tool_has_their_commands():
    for command in commands():
        done = subprocess.run(
            [environment.TOOL, *command[:2], "--help"], text=True,
            capture_output=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        for option in command[2:]:
            if option.startswith("--"):
                assert option in done.stdout, option
