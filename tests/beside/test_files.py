# SPDX-License-Identifier: Apache-2.0
"""Keys for files: mod_dav, Subversion, mod_autoindex, mod_dir."""

import pytest
from beside import BesideHttpd, bundled, load, run
from harness import (
    AUTHZ_FAILED,
    AUTHZ_NO_USER,
    UK_LOOKUP,
    environment,
    make_key,
)
from packages import MODULE_DEBS
from page import shown

DAV = bundled("dav", "dav_fs") + "\nDavLockDB ${ROOT}/run/DavLock\n"


@pytest.fixture(scope="module")
def server(new_httpd):
    server = new_httpd("\n".join([
        DAV, bundled("autoindex"), load("dav_svn"), load("authz_svn"),
        'Alias "/files/" "${ROOT}/files/"',
        shown("mod_dav"),
        shown("Subversion", svn="${ROOT}/svn"),
        '<Location "/svn/ruled/">',
        shown("Subversion", 1, svn="${ROOT}/svn"), "</Location>",
        shown("mod_autoindex", files="${ROOT}/htdocs/listed"),
    ]), kind=BesideHttpd, start=False)
    for name in ("files", "svn", "htdocs/listed"):
        (server.root / name).mkdir()
        environment.give_to_ordinary_user(server.root / name)
    for number in range(50):
        server.write(f"htdocs/listed/{number}.txt", "x")
    for name in ("open", "ruled"):
        run(server, MODULE_DEBS.root / "usr/bin/svnadmin", "create",
            server.root / "svn" / name, debs=MODULE_DEBS)
    server.write("svn/access", "[/]\n")
    return server.start()


@pytest.fixture(scope="module")
def reader(server):
    return server.database.create_key("monitors:read")


@pytest.fixture(scope="module")
def writer(server):
    return server.database.create_key("monitors:write")


# mod_dav

def put(server, key, path="/files/new.txt"):
    return server.request("PUT", path, key, data="new").status_code


def test_dav_by_bearer(server, reader, writer):
    server.expect_log(AUTHZ_FAILED)
    assert put(server, reader) == 403
    assert put(server, writer) in (201, 204)
    assert server.get("/files/new.txt", reader).text == "new"
    assert server.request("PROPFIND", "/files/", reader,
                          headers={"Depth": "1"}).status_code == 207
    assert server.request("DELETE", "/files/new.txt", reader
                          ).status_code == 403
    for method, status in (("MKCOL", 201), ("DELETE", 204)):
        assert server.request(method, "/files/folder/", writer
                              ).status_code == status


@pytest.mark.parametrize("good", [True, False])
def test_one_look_up_for_a_listing(server, reader, good):
    """PROPFIND and mod_autoindex make a sub-request for each file."""
    server.expect_log(AUTHZ_NO_USER)
    key = reader if good else make_key()
    for method, path in (("PROPFIND", "/files/"), ("GET", "/listed/")):
        server.error_log.start_here()
        answer = server.request(method, path, key, headers={"Depth": "1"})
        assert answer.status_code == ({"GET": 200, "PROPFIND": 207}[method]
                                      if good else 401)
        assert server.error_log.count(UK_LOOKUP) == 1


def test_listing_names_all_files(server, reader):
    text = server.get("/listed/", reader).text
    assert all(f'href="{number}.txt"' in text for number in range(50))


def test_cadaver_by_basic(server, writer):
    """It reads the password from ~/.netrc."""
    netrc = server.write("cache/.netrc", "machine 127.0.0.1\n"
                         f"login any\npassword {writer}\n")
    environment.give_to_ordinary_user(netrc)
    script = server.write("cache/script", "mkcol made\nls\n"
                          "put .netrc made/copy\nget made/copy back\n")
    done = run(server, "sh", "-c",
               f"exec {MODULE_DEBS.root}/usr/bin/cadaver "
               f"http://127.0.0.1:{server.port}/files/ < {script}",
               debs=MODULE_DEBS)
    assert "succeeded" in done.stdout and "failed" not in done.stdout
    assert (server.root / "files" / "made" / "copy").exists()


# Subversion

def svn(server, key, *arguments, check=True):
    return run(server, MODULE_DEBS.root / "usr/bin/svn", *arguments,
               "--non-interactive", "--no-auth-cache", "--username", "any",
               "--password", key, check=check, debs=MODULE_DEBS)


def repository(server, name):
    return f"http://127.0.0.1:{server.port}/svn/{name}"


def test_svn_commits_and_reads(server, reader, writer):
    place = repository(server, "open")
    svn(server, writer, "mkdir", "-m", "made by a key", f"{place}/trunk")
    assert svn(server, reader, "ls", place).stdout == "trunk/\n"
    svn(server, reader, "checkout", "-q", place, "copy")
    log = svn(server, reader, "log", place).stdout
    assert f"| {writer.id} |" in log, "the author is the key's id"


def test_svn_with_a_key_that_only_reads(server, reader):
    server.expect_log(AUTHZ_FAILED)
    done = svn(server, reader, "mkdir", "-m", "no",
               repository(server, "open") + "/no", check=False)
    assert done.returncode and "E175013" in done.stderr


def test_svn_with_a_bad_key(server):
    done = svn(server, make_key(), "ls", repository(server, "open"),
               check=False)
    assert done.returncode and "Authentication failed" in done.stderr


def test_svn_access_file_names_keys(server, reader, writer):
    """A user of it is the id of a key."""
    server.expect_log(AUTHZ_FAILED, "AH03\\d+", "Access denied")
    server.write("svn/access", f"[/]\n{writer.id} = rw\n")
    place = repository(server, "ruled")
    svn(server, writer, "ls", place)
    assert svn(server, reader, "ls", place, check=False).returncode
