# SPDX-License-Identifier: Apache-2.0
"""The directives in the manual are those of the module: what httpd -L lists, what
httpd -t takes, the rows of httpd/settings.h, README.md and uptime_keys.conf."""

import re
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader

import pytest
from manual import DIRECTIVES, SOURCE, text
from harness.environment import REPOSITORY

LISTED = re.compile(r"^(UptimeKeys\w+) \(mod_uptime_keys\.c\)\n\t(.*)\n"
                    r"\tAllowed in (.*(?:\n\twhen .*)?)$", re.M)
SERVER = {"server config", "virtual host"}
# What httpd -L says of a place. It does not tell the main server from others.
PLACES = {"*.conf anywhere": SERVER | {"directory"},
          "*.conf only inside <Directory>, <Files>, <Location>, or <If>":
          {"directory"},
          "*.conf only outside <Directory>, <Files>, <Location>, or <If>":
          SERVER}
# As the rows of the settings say it.
CONTEXTS = {"server, directory": SERVER | {"directory"}, "server": SERVER,
            "directory": {"directory"}, "main server": {"server config"}}
WRAPPED = {"server config": "{}\n",
           "virtual host": "<VirtualHost *:1>\n{}\n</VirtualHost>\n",
           "directory": '<Location "/x">\n{}\n</Location>\n'}
# Of the command table: wrong arguments, and what httpd says then. It does not
# look at a second argument of a flag.
NEEDS = {"On|Off": ([""], "must be On or Off"),
         "1": (["", "one two"], "takes one argument"),
         "2-3": (["", "a:b", "a:b c d e"], "takes two or three arguments")}


def load(name):
    """build/directives, as a module."""
    loader = SourceFileLoader(name, str(REPOSITORY / "build" / name))
    module = module_from_spec(spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


ROWS = {name: (kind, parts)
        for name, kind, parts in load("directives").directives()}
README = dict(load("directives").rows())


def number(word):
    """The value of a macro or a product in a row of the settings."""
    if word.isdigit():
        return int(word)
    if "UK_MIB" in word:
        return (word.removesuffix("UK_MIB").strip(" *") or "1") + "M"
    (value,) = {found for path in SOURCE.rglob("*.h") for found in re.findall(
        rf"^#define {word} \(?(\d+)\)?$", path.read_text("utf-8"), re.M)}
    return int(value)


def contexts(directive):
    return {text(one) for one in directive.find("contextlist")}


def syntax(directive):
    """The arguments: "NAME|None" as the settings have it."""
    element = directive.find("syntax")
    return "".join([element.text or "", *(
        (part.text.upper() if part.tag == "var" else text(part))
        + (part.tail or "") for part in element)]).split(None, 1)[1]


def default(directive):
    found = directive.find("default")
    return None if found is None else text(found).split(None, 1)[1]


@pytest.fixture(scope="module")
def listed(httpd):
    httpd.configure("")
    done = httpd.config_test("-L")
    return {name: (description, place) for name, description, place
            in LISTED.findall(done.stdout)}


def test_directives_are_those_of_httpd(listed):
    assert list(DIRECTIVES) == sorted(listed)


def test_descriptions_are_those_of_httpd(listed):
    for name, (description, _) in listed.items():
        assert text(DIRECTIVES[name].find("description")) == \
            description[0].upper() + description[1:]


def test_contexts_and_overrides_are_those_of_httpd(listed):
    """None is for .htaccess, which -L would say with its AllowOverride."""
    for name, (_, place) in listed.items():
        taken = contexts(DIRECTIVES[name])
        assert taken == PLACES[place] or (
            PLACES[place] == SERVER and taken == {"server config"}), name
        assert DIRECTIVES[name].find("override") is None, name


def sample(name):
    """A directive as the first of the manual's examples has it."""
    usage = DIRECTIVES[name].find("usage")
    return re.search(rf"^ *({name} .*)$", "".join(usage.itertext()), re.M)[1]


def config_test(httpd, text):
    httpd.configure(text)
    return httpd.config_test()


@pytest.mark.parametrize("name", DIRECTIVES)
def test_httpd_takes_it_in_its_contexts_alone(httpd, name):
    taken = {context for context, wrapped in WRAPPED.items() if config_test(
        httpd, wrapped.format(sample(name))).returncode == 0}
    assert taken == contexts(DIRECTIVES[name])


@pytest.mark.parametrize("name", DIRECTIVES)
def test_httpd_takes_its_arguments(httpd, name):
    words = syntax(DIRECTIVES[name])
    kind = words if words == "On|Off" else "2-3" if "[" in words else "1"
    (context, *_) = contexts(DIRECTIVES[name]) & {"server config"} or \
        {"directory"}
    wrong, complaint = NEEDS[kind]
    for arguments in wrong:
        done = config_test(httpd, WRAPPED[context].format(
            f"{name} {arguments}"))
        assert f"{name} {complaint}" in done.stderr


def test_every_row_of_the_settings_is_here():
    assert set(ROWS) | {"UptimeKeysScope"} == set(DIRECTIVES)


@pytest.mark.parametrize("name", ROWS)
def test_it_is_as_the_settings_say(name):
    kind, parts = ROWS[name]
    directive = DIRECTIVES[name]
    assert syntax(directive) == ("On|Off" if kind == "FLAG" else
                                 parts[parts.index(name) + 1])
    shown, place, value = [cell.strip() for cell in re.split(
        r"(?<!\\)\|", README[name])[1:4]]
    assert contexts(directive) == CONTEXTS[place]
    assert shown.strip("`").replace("\\|", "|") == \
        f"{name} {syntax(directive)}"
    assert value.strip("`") == (default(directive) or "–")


@pytest.mark.parametrize("name", [
    name for name, (kind, _) in ROWS.items()
    if kind in ("NUMBER", "SIZE", "DAYS")])
def test_its_default_and_limits_are_those_of_the_code(name):
    kind, parts = ROWS[name]
    value, least, most = [number(word) for word in parts[1:4]]
    assert default(DIRECTIVES[name]) == (
        "None" if kind == "DAYS" and value == 0 else str(value))
    usage = text(DIRECTIVES[name].find("usage"))
    assert re.search(rf"\b[Ff]rom {least} to {most}\b", usage), (least, most)


def test_defaults_are_those_of_the_shipped_configuration():
    conf = (REPOSITORY / "conf" / "uptime_keys.conf").read_text("utf-8")
    shown = dict(re.findall(r"^#(UptimeKeys\w+) +(.*)$", conf, re.M))
    for name, directive in DIRECTIVES.items():
        if name in shown and default(directive):
            assert shown[name] == default(directive)
        else:
            assert name in conf
