# SPDX-License-Identifier: Apache-2.0
"""The manual: its form, its examples, its tables, and its links."""

import gzip
import json
import os
import re
import shlex
import shutil
import subprocess
from html.parser import HTMLParser

import pytest
from harness.environment import REPOSITORY, TOOL
from harness.packages import unpacked
from manual import DOCS, PAGE, SOURCE, XML, examples, rows, section, text

HTTPD = "https://httpd.apache.org/docs/2.4/"
# For the named characters of XHTML, of which the manual uses none.
CATALOG = """<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">
<rewriteSystem systemIdStartString="http://www.w3.org/TR/xhtml1/DTD/"
               rewritePrefix="file://{}/"/>
</catalog>"""


@pytest.fixture(scope="module")
def apache2_doc():
    """httpd's own manual; the first test that needs it downloads it."""
    return unpacked("apache2-doc") / "usr/share/doc/apache2-doc/manual"


@pytest.fixture(scope="module")
def style(apache2_doc, tmp_path_factory):
    """The folder of its DTDs, of which Debian compresses some."""
    folder = tmp_path_factory.mktemp("style")
    for file in (apache2_doc / "style").iterdir():
        if file.name.endswith(".gz"):
            (folder / file.stem).write_bytes(gzip.decompress(
                file.read_bytes()))
        elif file.is_file():
            shutil.copy(file, folder)
    for name in ("xhtml-lat1.ent", "xhtml-symbol.ent", "xhtml-special.ent"):
        (folder / name).touch()
    (folder / "catalog.xml").write_text(CATALOG.format(folder))
    return folder


@pytest.mark.slow
def test_it_is_valid_by_httpds_dtd(style):
    done = subprocess.run(
        ["xmllint", "--nonet", "--noout", "--dtdvalid",
         style / "modulesynopsis.dtd", XML], capture_output=True, text=True,
        env={**os.environ, "XML_CATALOG_FILES": str(style / "catalog.xml")},
        check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("config", [
    pytest.param(block, id=place) for place, block in examples("config")])
def test_httpd_takes_the_example(httpd, config):
    httpd.configure(config.replace("/var/log/apache2/", "logs/"))
    done = httpd.config_test()
    assert done.returncode == 0, done.stderr


def test_every_example_says_what_it_is():
    languages = {block.get("language") for block in PAGE.iter("highlight")}
    assert languages == {"config", "sh"}
    assert all(len(block) == 0 for block in PAGE.iter("highlight"))
    assert PAGE.find(".//pre") is None


def test_the_commands_make_a_key(tmp_path):
    """The first example for sh, with the database of the first for httpd."""
    (_, config), *_ = examples("config")
    ((_, commands),) = examples("sh")
    file = tmp_path / "httpd.conf"
    file.write_text(config.replace("/var/lib/uptime_keys", str(tmp_path)))
    done = subprocess.run(
        ["sh", "-euc", commands.replace("uptime-keys", shlex.quote(str(TOOL)))
         .replace("FILE", shlex.quote(str(file)))],
        capture_output=True, text=True, check=True)
    assert re.search(r"^uptime_[0-9a-f]{64}\n\Z", done.stdout, re.M)


# --- Tables ------------------------------------------------------------------

def read(file):
    return (SOURCE / file).read_text("utf-8")


def test_variables_are_those_that_the_module_sets():
    named = {name for name, _ in rows("environment")}
    ours = {f"UPTIME_{name}" for name in re.findall(
        r'(?<!define )\bVARIABLE "(\w+)"', read("httpd/identity.c"))}
    assert len(ours) == 7
    assert named == ours | {"REMOTE_USER", "AUTH_TYPE"}


def test_the_variable_that_it_reads_is_named():
    (name,) = re.findall(r'#define WANTS_200 "(.*)"',
                         read("httpd/verify_handler.c"))
    assert name in text(section("environment"))


STATUSES = {
    "BAD_REQUEST": 400, "UNAUTHORIZED": 401, "FORBIDDEN": 403,
    "NOT_FOUND": 404, "METHOD_NOT_ALLOWED": 405, "REQUEST_TIME_OUT": 408,
    "CONFLICT": 409, "PRECONDITION_FAILED": 412,
    "REQUEST_ENTITY_TOO_LARGE": 413, "UNSUPPORTED_MEDIA_TYPE": 415,
    "TOO_MANY_REQUESTS": 429, "INTERNAL_SERVER_ERROR": 500,
    "SERVICE_UNAVAILABLE": 503}


def test_problems_are_those_of_the_module():
    types = {(name, STATUSES[status]) for status, name in re.findall(
        r'\{\s*HTTP_(\w+),\s*"([\w-]+)"', read("httpd/problem_types.c"))}
    assert len(types) > 14
    assert types == {(name, int(status)) for name, statuses
                     in rows("answers", 1)
                     for status in re.findall(r"\d+", statuses)}


def test_handlers_are_those_of_the_module():
    handlers = {name for path in SOURCE.rglob("*.h") for name in re.findall(
        r'#define UK\w*_HANDLER "(.*)"', path.read_text("utf-8"))}
    described = {text(one.find("title")).partition("SetHandler ")[2]
                 for one in PAGE.findall("section")} - {""}
    assert len(handlers) == 4 and described == handlers


def test_scopes_are_those_of_the_tool():
    listed = json.loads(subprocess.run(
        [TOOL, "scope", "list", "--json"], check=True,
        capture_output=True).stdout)
    groups = {}
    for scope in listed:
        groups.setdefault(scope["group"], []).append(scope["name"])
    assert {group: names.split(", ") for group, names in rows("scopes")} == \
        groups


def test_log_lines_are_those_of_operating_with_their_levels():
    entries = re.findall(r"^### (UK\d{4})\n\n(\w+)", read("docs/OPERATING.md"),
                         re.M)
    assert len(entries) > 20
    assert [(name, level) for name, level, _ in rows("log")] == entries


def test_require_providers_are_those_of_the_module():
    providers = re.findall(r'AUTHZ_PROVIDER_GROUP, "(.*)"',
                           read("mod_uptime_keys.c"))
    assert len(providers) == 2
    assert [text(one).split()[1] for one
            in section("requirements").iter("dt")] == providers


# --- Links -------------------------------------------------------------------

class Links(HTMLParser):
    """The targets and the links of a page, and what it would load."""

    def __init__(self, page):
        super().__init__()
        self.ids, self.links, self.loads = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.ids += [found[name] for name in ("id", "name")
                     if name in found and tag != "meta"]
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if tag in ("link", "script", "img", "iframe") or "src" in found:
            self.loads.append(tag)


@pytest.fixture(scope="module")
def html():
    return Links((DOCS / "mod_uptime_keys.html").read_text("utf-8"))


def test_the_html_loads_nothing(html):
    assert html.loads == []
    page = (DOCS / "mod_uptime_keys.html").read_text("utf-8")
    assert "url(" not in page and "@import" not in page


def test_links_inside_resolve(html):
    inside = {link[1:] for link in html.links if link.startswith("#")}
    assert len(html.ids) == len(set(html.ids))
    assert len(inside) > 30 and inside <= set(html.ids)


@pytest.mark.slow
def test_links_to_httpds_manual_resolve(html, apache2_doc):
    outside = {link for link in html.links if not link.startswith("#")}
    others = {link for link in outside if not link.startswith(HTTPD)}
    assert others == {"https://www.apache.org/licenses/LICENSE-2.0"}
    pages = {}
    for link in outside - others:
        file, _, anchor = link.removeprefix(HTTPD).partition("#")
        if file.endswith("/"):
            file += "index.html"
        if file not in pages:
            pages[file] = Links((apache2_doc / "en" / file).read_text(
                "utf-8", "replace")).ids
        assert not anchor or anchor in pages[file], link


def test_the_page_has_the_version():
    (version,) = re.findall(r'UK_VERSION "(.*)"', read("core/version.h"))
    for name in ("mod_uptime_keys.html", "uptime_keys.conf.5",
                 "uptime-keys.1"):
        assert f"mod_uptime_keys {version}" in (DOCS / name).read_text("utf-8")


def test_readme_and_manual_name_the_same_variables():
    readme = (REPOSITORY / "README.md").read_text("utf-8")
    for name, _ in rows("environment"):
        assert f"`{name}" in readme
