# SPDX-License-Identifier: Apache-2.0
"""conf/scanning/: real scanners find keys by these files, and nothing else."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from harness import environment, make_key

SCANNING = environment.REPOSITORY / "conf" / "scanning"
README = (SCANNING / "README.md").read_text("utf-8")

# A file that has the key in it, each with a key of its own.
FOUND = {
    "a.env": "API_KEY={}\n",
    "quoted.env": 'export API_KEY="{}"\n',
    "a.yaml": "token: {}\n",
    "a.toml": "token = '{}'\n",
    "a.json": '{{"token":"{}"}}',
    "escaped.json": '{{"text":"a line\\n{}\\nanother"}}',
    "url.txt": "https://example.com/?x=a%3D{}&b=1\n",
    "a.sh": "curl -H 'Authorization: Bearer {}' https://example.com/\n",
    "a.diff": "-x\n+{}\n",
    "a.log": "[info] key={}, refused\n",
    "alone": "{}",
    "inside a line": "It is {}.\n",
}
# What looks like a key and is none.
MISSED = {
    "one digit less": lambda key: key[:-1],
    "one digit more": lambda key: key + "0",
    "a letter more": lambda key: key + "x",
    "upper case": str.upper,
    "digits in upper case": lambda key: key[:7] + key[7:].upper(),
    "a digit that is none": lambda key: key[:40] + "g" + key[41:],
    "a dash": lambda key: key.replace("_", "-"),
    "no scheme": lambda key: key[7:],
    "two lines": lambda key: key[:30] + "\n" + key[30:],
    "prefix": lambda key: key[:15],
    "id": lambda key: "key_01h455vb4pex5vsknk084sn02q",
}


def scanner(folder, name):
    path = environment.SERVERS / folder / "usr" / "bin" / name
    if not path.exists():
        pytest.skip(f"build/servers has not unpacked {folder}")
    return path


def run(command, cwd):
    return subprocess.run(list(map(str, command)), cwd=cwd, check=False,
                          capture_output=True, text=True, timeout=120,
                          env={**environment.process_environment(),
                               "HOME": str(cwd)})


def gitleaks(folder):
    def scan(files, tmp_path):
        report = tmp_path / "report.json"
        done = run([scanner(folder, "gitleaks"), "detect", "--no-git",
                    "--no-banner", "--config", SCANNING / "gitleaks.toml",
                    "--source", files, "--report-path", report], tmp_path)
        assert done.returncode in (0, 1), done.stderr
        return [(Path(found["File"]).name, found["Secret"])
                for found in json.loads(report.read_text())
                if found["RuleID"] == "uptime-key"]

    return scan


def trufflehog(files, tmp_path):
    done = run([scanner("scanners", "trufflehog"), "--no-update",
                "--no-verification", "--json", "--config",
                SCANNING / "trufflehog.yaml", "filesystem", files], tmp_path)
    # Its status is 1 now and then, after a scan that found everything.
    assert '"finished scanning"' in done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return [(Path(one["SourceMetadata"]["Data"]["Filesystem"]["file"]).name,
             one["Raw"]) for one in found
            if (one["ExtraData"] or {}).get("name") == "uptime-key"]


def pattern(files, _tmp_path):
    """The one of the page."""
    bare = re.search(r"^    (uptime_\S+)$", README, re.M)[1]
    return [(file.name, text) for file in files.iterdir()
            for text in re.findall(bare, file.read_text())]


@pytest.mark.parametrize("scan", [
    gitleaks("gitleaks-8.16"), gitleaks("scanners"), trufflehog, pattern],
    ids=["gitleaks-8.16", "gitleaks-sid", "trufflehog", "pattern"])
def test_scanner_finds_the_keys_and_nothing_else(tmp_path, scan):
    files = tmp_path / "files"
    files.mkdir()
    keys = {}
    for name, text in FOUND.items():
        keys[name] = make_key()
        (files / name).write_text(text.format(keys[name]))
    for name, change in MISSED.items():
        (files / f"{name}.txt").write_text(change(make_key()) + "\n")
    assert sorted(scan(files, tmp_path)) == sorted(keys.items())


def test_checksum_of_the_page_is_that_of_keys():
    page = {}
    exec(re.search(r"```python\n(.*?)```", README, re.S)[1], page)
    key = make_key()
    assert page["is_key"](key)
    wrong = key[:-1] + ("0" if key[-1] != "0" else "1")
    assert not page["is_key"](wrong)


def test_rule_of_trufflehog_sends_keys_nowhere():
    assert "verify:" not in (SCANNING / "trufflehog.yaml").read_text()
