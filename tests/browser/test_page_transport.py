# SPDX-License-Identifier: Apache-2.0
"""The headers of the page, content negotiation, and who may send forms."""

import re
import urllib.parse

import pytest
from browser import js
from harness import eventually
from managed import BASIC
from visit import FORM, HTML, ask

pytestmark = pytest.mark.slow


@pytest.fixture
def scripts():
    """Headers are the same with and without scripts."""
    return True

JSON = "application/json"
PROBLEM = "application/problem+json"
ASSET = re.compile(re.escape(BASIC) +
                   r"/assets/[a-z]+\.[0-9a-zA-Z_-]{8,}\.(css|js|svg)")
ID = "key_01jzzzzzzzzzzzzzzzzzzzzzzz"


def kind(answer):
    return answer.headers["Content-Type"].partition(";")[0]


def varies(answer):
    return "accept" in [word.strip().lower() for word
                        in answer.headers.get("Vary", "").split(",")]


# Content negotiation

WANTS_HTML = [HTML, "text/html", "TEXT/HTML", "text/*", "*/*;q=0.8,text/html",
              "application/json;q=0.5, text/html",
              "application/json;q=0.9,text/html;q=0.91", "text/html;q=1.0",
              "text/html ; q=0.9 , application/json;q=0.8",
              "text/html;charset=utf-8,application/xhtml+xml"]
WANTS_JSON = ["*/*", None, "", JSON, "application/json, text/html;q=0.9",
              "text/html;q=0", "text/html;q=0, */*", "text/html;q=0.000",
              "text/*;q=0.1, application/json", "application/xml",
              "text/html;q=0.5, application/json;q=0.5", "nonsense",
              "text/html;q=0.2, application/*;q=0.3", "text/htmlx",
              "xtext/html", "application/problem+json", ",", ";q=1", "text/",
              "image/avif,image/webp,*/*"]


@pytest.mark.parametrize("accept", WANTS_HTML)
def test_browser_gets_the_page(server, accept):
    answer = ask(server, "GET", BASIC, "olga", accept)
    assert answer.status_code == 200
    assert kind(answer) == "text/html"
    assert varies(answer)


@pytest.mark.parametrize("accept", WANTS_JSON)
def test_program_gets_json(server, accept):
    answer = ask(server, "GET", BASIC, "olga", accept)
    assert answer.status_code == 200
    assert kind(answer) == JSON
    assert varies(answer)
    assert answer.json()["data"]["apiKeys"] == []


@pytest.mark.parametrize("user, path, status", [
    ("mia", "", 403), ("otto", "", 404), ("olga", f"/{ID}", 404),
    ("olga", "/nowhere", 400), ("olga", "?team=zeta", 404)])
def test_refusals_are_pages_for_browsers_alone(server, user, path, status):
    page = ask(server, "GET", BASIC + path, user)
    problem = ask(server, "GET", BASIC + path, user, accept="*/*")
    assert (page.status_code, problem.status_code) in \
        {(status, status), (404, status)}
    assert (kind(page), kind(problem)) == ("text/html", PROBLEM)
    assert varies(page) and varies(problem)


def test_head_is_like_get(server):
    answer = ask(server, "HEAD", BASIC, "olga")
    assert answer.status_code == 200
    assert kind(answer) == "text/html"
    assert answer.content == b""


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_other_methods_are_refused(server, method):
    answer = ask(server, method, BASIC, "olga")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


# Headers that protect the page

ANSWERS = {
    "list": ("olga", "GET", "", 200), "question": ("olga", "GET", "/{id}", 200),
    "member": ("mia", "GET", "", 403), "no team": ("otto", "GET", "", 404),
    "no such key": ("olga", "GET", "/" + ID, 404),
    "bad form": ("olga", "POST", "", 400),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_page_is_kept_to_itself(server, case):
    key = server.database.import_key("monitors:read")
    user, method, path, status = ANSWERS[case]
    answer = ask(server, method, BASIC + path.format(id=key.id), user,
                 data="name=" if method == "POST" else None,
                 headers={"Content-Type": FORM} if method == "POST" else {})
    assert answer.status_code == status
    assert_kept_to_itself(answer)


def assert_kept_to_itself(answer):
    assert answer.headers["Content-Type"].lower() == "text/html; charset=utf-8"
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] in ("no-referrer", "same-origin")
    policy = dict(part.strip().partition(" ")[::2] for part
                  in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self'"
    for sources in policy.values():
        assert "unsafe" not in sources and "*" not in sources
        assert "http:" not in sources and "data:" not in sources


def test_new_key_is_kept_to_itself(server, visit):
    page = visit("olga")
    answer = page.send(page.fill().fields())
    assert answer.status_code == 201
    server.keep_secret(re.search(r"uptime_[0-9a-f]{64}", answer.text)[0])
    assert_kept_to_itself(answer)


def test_page_is_shown_in_no_frame(server, visit):
    server.write("htdocs/frame.html",
                 f'<!DOCTYPE html><title>x</title><iframe src="{BASIC}">'
                 "</iframe>")
    page = visit("olga")
    page.allowed.append("frame-ancestors|Refused to|chrome-error|[Ff]ram")
    page.page.goto(page.origin + "/frame.html")
    assert page.page.frame_locator("iframe").get_by_role(
        "heading", name="API keys").count() == 0
    eventually(lambda: any("frame-ancestors" in message["text"]
                           for message in page.story()["console"]))


# Assets

def assets(page):
    return [urllib.parse.urlsplit(request["url"]).path
            for request in page.story()["requests"]
            if "/assets/" in request["url"]]


def test_assets_are_kept_for_a_year(server, visit):
    page = visit("olga")
    linked = set(re.findall(r'(?:href|src)="([^"]*/assets/[^"]*)"',
                            page.source()))
    assert {path.rpartition(".")[2] for path in linked} >= {"css", "js"}
    assert set(assets(page)) <= linked
    for path in linked:
        assert ASSET.fullmatch(path), path
        answer = ask(server, "GET", path, "olga", accept="*/*")
        assert answer.status_code == 200
        control = answer.headers["Cache-Control"]
        assert "max-age=31536000" in control and "immutable" in control
        assert "no-store" not in control
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert kind(answer) == {
            "css": "text/css", "js": "text/javascript",
            "svg": "image/svg+xml"}[path.rpartition(".")[2]]
        assert ask(server, "HEAD", path, "olga").status_code == 200


def test_asset_is_fetched_once(server, visit):
    """By adam, who fetches nothing in other tests: httpd writes a line after
    the answer, maybe when the next test has begun."""
    page = visit("adam").open().open()
    paths = set(assets(page))

    def fetched():
        return [line.split()[4] for line in server.access_log().splitlines()
                if " user=adam " in line]

    eventually(lambda: fetched().count(BASIC) == 3 and paths <= set(fetched()))
    assert {path: fetched().count(path) for path in paths} == \
        dict.fromkeys(paths, 1)


OTHER_ASSETS = (
    lambda path: path.replace(path.split(".")[-2], "0" * 12),
    lambda path: path.replace("." + path.split(".")[-2], ""),
    lambda path: path + ".map", lambda path: path.rpartition("/")[0] + "/",
    lambda path: path.rpartition("/")[0],
    lambda path: path.rpartition("/")[0] + "/../../../etc/passwd")


def test_other_assets_do_not_exist(server, visit):
    known = assets(visit("olga"))[0]
    for change in OTHER_ASSETS:
        for accept in (HTML, "*/*"):
            answer = ask(server, "GET", change(known), "olga", accept)
            assert 400 <= answer.status_code <= 404, change(known)
            assert "immutable" not in answer.headers.get("Cache-Control", "")


def test_page_needs_little(visit):
    """No fonts and no frameworks: a few small files from the same server."""
    page = visit("olga")
    assert len(page.story()["requests"]) <= 6


# Who may send a form

def test_page_works_without_tls_under_a_name(server, visit, olga, scripts):
    """There browsers send no Sec-Fetch headers; only Origin counts."""
    page = visit("olga", scripts=scripts, host="keys.example")
    key = page.create("CI")
    sent = page.documents()[-1]
    assert sent["method"] == "POST"
    assert "sec-fetch-site" not in sent["headers"]
    page.done()
    listed, = olga.keys()
    assert listed["keyPrefix"] == key[:15]
    page.page.get_by_role("link", name="Delete").click()
    page.button("Delete key").click()
    page.page.get_by_text("The key was deleted").first().wait_for()
    assert olga.keys() == []


def test_copy_button_works_without_tls_under_a_name(visit):
    """There browsers have no navigator.clipboard."""
    page = visit("olga", host="keys.example")
    key = page.create()
    page.button("Copy").click()
    page.page.get_by_role("status").filter(has_text="Copied").wait_for()
    page.done()
    page.box("Name").focus()
    page.page.keyboard.press("Control+v")
    assert page.box("Name").input_value() == key
    page.box("Name").fill("")


def trap(server, name, action, fields):
    """A page with a button that sends a form to another site."""
    inputs = "".join(
        f'<input type="hidden" name="{field}" value="{value}">'
        for field, value in fields)
    server.write(f"htdocs/{name}.html",
                 "<!DOCTYPE html><title>Win a prize</title>"
                 f'<form method="post" action="{action}">{inputs}'
                 "<button>Win</button></form>")
    return f"/{name}.html"


@pytest.mark.parametrize("elsewhere", ["localhost", "evil.example"])
def test_form_on_another_site_creates_nothing(server, visit, olga, scripts,
                                              elsewhere):
    page = visit("olga", scripts=scripts)
    page.allowed.append("a request to http://" + elsewhere)
    fields = page.fill("planted").fields()
    path = trap(server, "create", page.origin + BASIC, fields)
    page.page.goto(f"http://{elsewhere}:{server.port}{path}")
    page.button("Win").click()
    page.heading("").wait_for()
    assert page.documents()[-1]["method"] == "POST"
    assert page.answered() == 403
    assert olga.keys() == []


@pytest.mark.parametrize("host", ["127.0.0.1", "keys.example"])
def test_form_on_another_site_deletes_nothing(server, visit, olga, host):
    key = server.database.import_key("monitors:read", name="CI")
    page = visit("olga", f"/{key.id}", scripts=False, host=host)
    page.allowed.append("a request to http://localhost")
    form = page.page.locator("form").filter(has=page.button("Delete key"))
    action = urllib.parse.urljoin(
        page.page.url(), form.get_attribute("action") or "")
    fields = form.evaluate(js("(form) => [...new FormData(form)]"))
    path = trap(server, "delete", action, fields)
    page.page.goto(f"http://localhost:{server.port}{path}")
    page.button("Win").click()
    page.heading("").wait_for()
    assert page.answered() == 403
    assert len(olga.keys()) == 1


def test_form_of_another_type_creates_nothing(visit, olga):
    page = visit("olga")
    fields = page.fill().fields()
    for content_type in ("text/plain", "multipart/form-data",
                         "application/json", None, "nonsense"):
        answer = page.send(fields, headers={"Content-Type": content_type})
        assert 400 <= answer.status_code < 500, content_type
    assert olga.keys() == []


FOREIGN = ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
           {"Origin": "http://evil.example"}, {"Origin": "null"})


def test_origin_of_a_form_is_looked_at(server, visit, olga):
    page = visit("olga")
    fields = page.fill().fields()
    for headers in FOREIGN:
        answer = page.send(fields, headers=headers)
        assert answer.status_code == 403, headers
        assert kind(answer) == "text/html"
    assert olga.keys() == []
    answer = page.send(fields, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 201
    for key in re.findall(r"uptime_[0-9a-f]{64}", answer.text):
        server.keep_secret(key)


def test_origin_of_a_delete_is_looked_at(server, visit, olga):
    key = server.database.import_key("monitors:read")
    page = visit("olga")
    for headers in FOREIGN:
        answer = page.send([], f"/{key.id}", headers=headers)
        assert answer.status_code == 403, headers
    assert len(olga.keys()) == 1
    assert page.send([], f"/{key.id}").status_code == 303
    assert olga.keys() == []


def test_key_sees_no_page_of_a_user(server):
    """Also if a program with a key asks for HTML."""
    key = server.database.import_key("api-keys:read")
    answer = ask(server, "GET", "/api/v1/keys", accept=HTML,
                 headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code in (200, 403, 406)
    assert varies(answer)
