# SPDX-License-Identifier: Apache-2.0
"""The module's directives, the table in README.md and conf/ agree."""

import re
import subprocess
from pathlib import Path

import pytest
from harness import Httpd
from harness.environment import MODULE, REPOSITORY

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
CONF = (REPOSITORY / "conf" / "uptime_keys.conf").read_text(encoding="utf-8")
LOAD = (REPOSITORY / "conf" / "uptime_keys.load").read_text(encoding="utf-8")

# | `UptimeKeysHeader NAME` | server, directory | `None` | … |
ROW = re.compile(r"^\| `(\w+)[^|]*?(?:\\\|[^|]*?)*` \| ([^|]+) \| ([^|]+) \|",
                 re.M)
LISTED = re.compile(r"^(\w+) \(mod_uptime_keys\.c\)\n\t.*\n\tAllowed in (.*)",
                    re.M)
PLACES = {"server": "only outside", "main server": "only outside",
          "server, directory": "anywhere",
          "directory": "only inside"}


class BareHttpd(Httpd):
    """Loads only the modules that distributions always load."""

    base = Path(__file__).parent / "bare.conf"
    modules = ("mpm_event", "unixd", "log_config", "watchdog")


@pytest.fixture
def check():
    """check(CONFIG, CLASS): runs httpd -t on a configuration."""
    servers = []

    def run(config, kind=BareHttpd, option="-t"):
        server = kind(config, driver=False, without=("uptime_keys",))
        servers.append(server)
        return server.config_test(option)

    yield run
    for server in servers:
        server.remove()


def assert_good(done):
    assert done.returncode == 0 and "Syntax OK" in done.stderr, done.stderr


def documented():
    """The directives in README.md: name -> (context, default)."""
    table = README[README.index("\n## Directives"):]
    table = table[:table.index("\n## Answers")]
    return {name: (where, default.strip("`"))
            for name, where, default in ROW.findall(table)
            if name.startswith("UptimeKeys")}


def settings():
    """The directives in conf, commented out or not: name -> arguments."""
    return dict(re.findall(r"^#?(UptimeKeys\w+) +(.*)$", CONF, re.M))


def exemplified():
    """Directives in conf's examples: those for directories only."""
    return set(re.findall(r"^# +(UptimeKeys\w+) ", CONF, re.M))


def load_text():
    """conf/uptime_keys.load with the built module, after its dependencies."""
    depends = re.search(r"^# Depends: (.*)$", LOAD, re.M)[1].split()
    lines = [f"LoadModule {name}_module ${{MODULES}}/mod_{name}.so"
             for name in depends]
    ours = re.sub(r"\S+/mod_uptime_keys\.so", str(MODULE), LOAD)
    assert str(MODULE) in ours
    return "\n".join(lines) + "\n" + ours


def conf_text(text=CONF):
    return text.replace("/var/lib/uptime_keys/", "${ROOT}/db/")


def test_readmes_rows_are_those_of_the_settings():
    done = subprocess.run([REPOSITORY / "build" / "directives", "--check"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_readme_lists_the_directives_that_the_module_has(check):
    done = check(load_text(), option="-L")
    listed = {name: places for name, places in LISTED.findall(done.stdout)
              if name.startswith("UptimeKeys")}
    assert listed.keys() == documented().keys()
    for name, (where, _) in documented().items():
        assert PLACES[where] in listed[name], name


def test_conf_has_the_directives_that_readme_lists():
    assert settings().keys() | exemplified() == documented().keys()


def test_conf_shows_the_defaults_that_readme_states():
    """Except for directives that are not commented out."""
    in_effect = set(re.findall(r"^(UptimeKeys\w+) ", CONF, re.M))
    defaults = {name: default for name, (_, default) in documented().items()
                if default != "–" and name not in in_effect}
    assert in_effect == {"UptimeKeysCache"}
    assert defaults == {name: settings()[name] for name in defaults}


def test_conf_as_shipped_is_accepted(check):
    assert_good(check(load_text() + conf_text()))


@pytest.fixture
def shipped():
    """A server with the shipped configuration only, and its database."""
    server = BareHttpd(driver=False, without=("uptime_keys",))
    conf = CONF.replace("/var/lib/uptime_keys/", f"{server.root}/db/")
    server.configure(load_text() + conf)
    server.database.tool("init", config=server.root / "conf" / "test.conf")
    yield server
    server.stop()
    server.remove()


def test_conf_as_shipped_starts_without_a_complaint(shipped):
    shipped.start()
    assert not shipped.complaints()


def test_conf_with_every_commented_directive_is_accepted(check):
    active = re.sub(r"^#(?=\w)", "", CONF, flags=re.M)
    assert active.count("\nUptimeKeys") == len(settings())
    assert_good(check(load_text() + conf_text(active)))


def examples():
    """The examples in conf's comments, each as a configuration."""
    indented = re.findall(r"^(?:#     .*\n)+", CONF, re.M)
    texts = [re.sub(r"^#     ", "", block, flags=re.M) for block in indented]
    texts += re.findall(r"^# .*:  +(Require .*)$", CONF, re.M)
    return [text if text.startswith("<")
            else f'<Location "/example">\n{text}\n</Location>\n'
            for text in texts if not text.startswith("uptime-keys ")]


def test_examples_in_conf_are_accepted(check):
    assert len(examples()) >= 5
    for example in examples():
        assert_good(check(load_text() + conf_text() + example, Httpd))


@pytest.mark.parametrize("line", [
    "AuthType uptime-key", "Require uptime-scope monitors:read alerts:read",
    "Require uptime-team acme globex", "AuthBasicProvider uptime-key"])
def test_readmes_other_rows_are_accepted(check, line):
    words = " ".join(line.split()[:2])
    assert f"| `{words}" in README
    example = f'<Location "/example">\n{line}\n</Location>\n'
    assert_good(check(load_text() + conf_text() + example, Httpd))
