# SPDX-License-Identifier: Apache-2.0
"""POST to a directory.  mod_dir looks its index up with a GET, which is
authorized like any other where a module is loaded that wants this for its own
hooks, as mod_evasive does, or where the index has a configuration of its own.
"""

import pytest
from beside import BesideHttpd, load
from harness import AUTHZ_FAILED
from page import shown

CGI = """
Alias "/jobs/" "${ROOT}/cgi/"
<Directory "${ROOT}/cgi">
    AddHandler cgi-script .cgi
</Directory>
"""
# The same, by methods alone: whoever may write may not read.
LIMITED = """
<Location "/jobs/">
    DirectoryIndex environ.cgi
    AuthType uptime-key
    AuthName "jobs"
    <Limit POST>
        Require uptime-scope cron-jobs:write
    </Limit>
    <LimitExcept POST>
        Require uptime-scope cron-jobs:read
    </LimitExcept>
</Location>
"""
OWN_SECTION = '<Files "environ.cgi">\n    SetEnv ANY thing\n</Files>\n'
REASONS = {"nothing": "", "a section": OWN_SECTION,
           "mod_evasive": load("evasive20", "mod_evasive20")}


@pytest.fixture(scope="module", params=REASONS)
def reason(request):
    return request.param


def start(new_httpd, reason, place):
    server = new_httpd("\n".join([CGI, REASONS[reason], place]),
                       kind=BesideHttpd)
    return server, server.database.create_key("cron-jobs:write")


def test_post_to_the_directory(new_httpd, reason):
    place = shown("mod_dir").replace("index.cgi", "environ.cgi")
    server, writer = start(new_httpd, reason, place)
    answer = server.request("POST", "/jobs/", writer, data="x")
    assert (answer.status_code, answer.json()["body"]) == (200, "x")
    server.expect_log(AUTHZ_FAILED)
    reader = server.database.import_key("cron-jobs:read")
    assert server.get("/jobs/", reader).status_code == 200
    assert server.request("POST", "/jobs/", reader).status_code == 403
    server.ask_to_stop()


def test_post_to_the_directory_where_writers_may_not_read(new_httpd, reason):
    server, writer = start(new_httpd, reason, LIMITED)
    server.expect_log(AUTHZ_FAILED)
    status = server.request("POST", "/jobs/", writer).status_code
    assert status == (200 if reason == "nothing" else 403)
    assert server.request("POST", "/jobs/environ.cgi", writer
                          ).status_code == 200
    server.ask_to_stop()
