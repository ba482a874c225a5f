# SPDX-License-Identifier: Apache-2.0
"""The samples of servers that Debian 12 does not have, Envoy and Traefik, by the
types that npm has.  They are not run."""

import os
import re
import shutil
import subprocess

import node
import pytest
from gateways import EXAMPLES, sample

IDENTITY = {f"x-uptime-{name}" for name in ("key-id", "key-name", "team",
                                           "scopes")}


@pytest.fixture(scope="module")
def types():
    packages = node.Packages(node.HERE / "gateways" / "types")
    packages.install()
    for program in packages.source.glob("*.js"):
        shutil.copy(program, packages.folder)
    return packages.folder


def problems(folder, program, file):
    done = subprocess.run(["node", folder / program, file], text=True,
                          capture_output=True, timeout=120, check=False,
                          env=os.environ)
    assert not done.stderr, done.stderr
    return done.stdout.splitlines()


@pytest.mark.everywhere
@pytest.mark.parametrize("name", ["envoy", "traefik"])
def test_sample_has_the_names_that_the_server_knows(types, tmp_path, name):
    assert problems(types, f"{name}.js", EXAMPLES / f"{name}.yaml") == []
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(re.sub(r"normalize_path|authRequestHeaders", "another",
                            sample(f"{name}.yaml")))
    assert any("another" in line for line in problems(
        types, f"{name}.js", wrong))


def test_envoy_replaces_each_header_of_the_identity():
    """And removes each where no key is needed."""
    text = sample("envoy.yaml")
    for name in IDENTITY:
        assert f"- {{ exact: {name} }}" in text
        assert re.search(rf"(?m)^ *- {name}$", text)


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile", "haproxy.lua"])
def test_each_header_of_the_identity_is_in_the_sample(name):
    text = sample(name).lower().replace("_", "-")
    assert all(header in text for header in IDENTITY)


@pytest.mark.parametrize("name", ["traefik.yaml", "envoy.yaml"])
def test_places_are_those_of_verify_conf(name):
    asked = re.findall(r"/verify/\w+", sample(name))
    places = re.findall(r'<Location "(/verify/\w+)">', sample("verify.conf"))
    assert asked and set(asked) <= set(places)
