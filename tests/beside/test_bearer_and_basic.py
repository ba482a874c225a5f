# SPDX-License-Identifier: Apache-2.0
"""conf/examples/bearer-and-basic.conf, with clients that know one of both."""

import hashlib

import pytest
from beside import run
from harness import (
    AUTHZ_FAILED,
    UK_ANY,
    UK_LOOKUP,
    assert_refused,
    assert_unavailable,
    environment,
    make_key,
)
from harness.answers import assert_problem

SAMPLE = (environment.REPOSITORY / "conf" / "examples" /
          "bearer-and-basic.conf").read_text()
GIT = """
SetEnv GIT_PROJECT_ROOT ${ROOT}/git
SetEnv GIT_HTTP_EXPORT_ALL
ScriptAlias "/files/git/" "/usr/lib/git-core/git-http-backend/"
<Directory "/usr/lib/git-core">
    Options +ExecCGI
    Require all granted
</Directory>
<Directory "${ROOT}/htdocs/files">
    DirectoryIndex index.txt
</Directory>
"""
WAYS = ("bearer", "basic")

@pytest.fixture(scope="module")
def server(new_httpd):
    server = new_httpd(SAMPLE + GIT, start=False)
    (server.root / "git").mkdir()
    environment.give_to_ordinary_user(server.root / "git")
    server.write("htdocs/files/index.txt", "the index")
    server.write("htdocs/files/one.txt", "one")
    run(server, "git", "init", "-q", "--bare", server.root / "git" /
        "project.git")
    make_archive(server)
    return server.start()


@pytest.fixture(scope="module")
def key(server):
    return server.database.create_key("monitors:read")


def url(server, user=""):
    return f"http://{user}127.0.0.1:{server.port}/files/"


def ask(server, path, way, key):
    server.keep_secret(key)
    if way == "bearer":
        return server.get(path, key)
    return server.get(path, auth=("any", str(key)))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("path", ["/files/", "/files/one.txt"])
def test_both_ways_lead_in(server, key, way, path):
    """The index is another request, which has no Authorization any more."""
    assert ask(server, path, way, key).status_code == 200
    assert server.error_log.count(UK_LOOKUP) == 1


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_letter_case_of_the_scheme(server, key, scheme):
    assert server.get("/files/", headers={
        "Authorization": f"{scheme} {key}"}).status_code == 200


def test_refused_keys(server):
    answer = ask(server, "/files/", "bearer", make_key())
    assert_refused(answer, 401, "invalid_token", realm="files")
    answer = ask(server, "/files/", "basic", make_key())
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="files"'


def test_without_a_key_basic_is_asked_for(server):
    answer = server.get("/files/")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="files"'


@pytest.mark.parametrize("way", WAYS)
def test_missing_scope(server, way):
    server.expect_log(AUTHZ_FAILED)
    lacking = server.database.import_key("alerts:read")
    problem = assert_problem(ask(server, "/files/", way, lacking), 403)
    assert "monitors:read" in problem["detail"]


@pytest.mark.parametrize("way", WAYS)
def test_database_is_unavailable(server, key, way):
    server.expect_log(UK_ANY)
    with server.database.unavailable():
        assert_unavailable(ask(server, "/files/", way, key))


# Real clients

def test_curl_with_a_bearer(server, key):
    done = run(server, "curl", "-sS", "--fail", "-H",
               f"Authorization: Bearer {key}", url(server) + "one.txt")
    assert done.stdout == "one"


def test_git_clones_and_pushes_with_basic(server, key):
    place = url(server, f"any:{key}@") + "git/project.git"
    run(server, "git", "clone", "-q", place, "copy")
    in_copy = ("git", "-C", "copy", "-c", "user.name=x", "-c", "user.email=y")
    run(server, *in_copy, "commit", "-q", "--allow-empty", "-m", "second")
    run(server, *in_copy, "push", "-q", "origin", "HEAD")
    assert run(server, *in_copy, "ls-remote", "origin", "HEAD").stdout


def test_git_is_refused_without_a_good_key(server):
    place = url(server, f"any:{make_key()}@") + "git/project.git"
    done = run(server, "git", "ls-remote", place, check=False,
               GIT_TERMINAL_PROMPT="0")
    assert done.returncode != 0 and "Authentication failed" in done.stderr


def make_archive(server):
    """An archive of Debian packages, with one package."""
    packages = b"""Package: sample
Version: 1.0
Architecture: all
Maintainer: nobody
Filename: sample.deb
Size: 1
SHA256: 0
Description: none
"""
    folder = server.write("htdocs/files/apt/dists/stable/main/binary-amd64/"
                          "Packages", packages.decode()).parents[2]
    (folder / "Release").write_text(
        "Suite: stable\nCodename: stable\nArchitectures: amd64\n"
        "Components: main\nSHA256:\n"
        f" {hashlib.sha256(packages).hexdigest()} {len(packages)} "
        "main/binary-amd64/Packages\n")


def apt_get(server, key, *arguments, check=True):
    """apt-get with a configuration and lists of its own."""
    folder = server.root / "cache" / "apt"
    for name in ("lists/partial", "archives/partial", "etc/auth.conf.d"):
        run(server, "mkdir", "-p", folder / name)
    auth = server.write(
        "cache/apt/etc/auth.conf.d/files.conf",
        f"machine {url(server)} login any password {key}\n")
    sources = server.write(
        "cache/apt/etc/sources.list",
        f"deb [trusted=yes arch=amd64] {url(server)}apt stable main\n")
    for file in (auth, sources):
        environment.give_to_ordinary_user(file)
    return run(server, "apt-get", "-q", "-o", f"Dir::Etc={folder}/etc",
               "-o", "Dir::Etc::sourceparts=-", "-o", f"Dir::State={folder}",
               "-o", f"Dir::Cache={folder}", "-o", "Acquire::Languages=none",
               "-o", "Acquire::Retries=0", "-o", "APT::Update::Error-Mode=any",
               "-o", "Acquire::http::Proxy=DIRECT", *arguments, check=check)


def test_apt_reads_an_archive_with_basic(server, key):
    apt_get(server, key, "update")
    assert apt_get(server, key, "--print-uris", "download", "sample"
                   ).stdout.startswith(f"'{url(server)}apt/sample.deb'")


def test_apt_is_refused_without_a_good_key(server):
    done = apt_get(server, make_key(), "update", check=False)
    assert done.returncode != 0 and "401  Unauthorized" in done.stderr
