# SPDX-License-Identifier: Apache-2.0
"""A user at the API keys page, with a browser of their own.

Elements are found by what a user perceives: their roles and names.
"""

import re
import urllib.parse
from typing import NamedTuple

from browser import TIMEOUT_MS, BrowserError, js
from harness import Httpd
from managed import BASIC, password

KEY = re.compile(r"uptime_[0-9a-f]{64}")
HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
FORM = "application/x-www-form-urlencoded"

# What the browser's console shows for an answer that is no success.
FAILED_LOAD = re.compile(r"Failed to load resource: the server responded "
                         r"with a status of 4\d\d")

# Not the time zone of the page, and most of the time a day ahead of it.
ZONE = "Pacific/Kiritimati"

WHAT_A_PAGE_KEEPS = js("""async () => JSON.stringify([
    location.href, document.referrer, history.state, window.name,
    document.cookie, {...localStorage}, {...sessionStorage},
    await indexedDB.databases(),
    globalThis.caches ? await caches.keys() : [],
])""")
# The referrer is a page of this site, too.
NOTHING_KEPT = ',null,"","",{},{},[],[]]'
NO_VALIDATION = js("""(forms) => forms.forEach(
    (form) => { form.noValidate = true; })""")
FORM_FIELDS = js("""(form) => [...new FormData(form)]""")
TABLE = js("""(table) => [...table.tBodies].flatMap((body) =>
    [...body.rows].map((row) => [...row.cells].map(
        (cell) => cell.innerText.trim().replace(/\\s+/g, " "))))""")
IS_SHOWN_AS = js("""(name) => [...document.body.querySelectorAll("*")].some(
    (element) => element.textContent === name
        && element.getClientRects().length > 0)""")
SCROLLS = js("""() => document.scrollingElement.scrollWidth > innerWidth
    ? `${document.scrollingElement.scrollWidth} px wide in ${innerWidth}: ` +
        [...document.body.querySelectorAll("*")]
            .filter((e) => e.getBoundingClientRect().right > innerWidth)
            .slice(0, 4)
            .map((e) => `${e.tagName} ${e.className} ${e.textContent}`
                .slice(0, 60))
            .join("; ")
    : "" """)


class Listed(NamedTuple):
    """A key as the list shows it."""

    name: str
    prefix: str


def ask(server, method, path, user=None, accept=HTML, **options):
    """Send a request from a program; the answer is not checked as JSON."""
    headers = {"Accept": accept, **options.pop("headers", {})}
    if user:
        options["auth"] = (user, password(user))
    return Httpd.request(server, method, path,
                         headers={name: value for name, value
                                  in headers.items() if value is not None},
                         **options)


class Visit:
    """One browser context; its first page is at the list when opened."""

    def __init__(self, driver, server, user, scripts=True, width=1280,
                 scheme="light", base=BASIC, host="127.0.0.1",
                 browser_options=None, **options):
        self.server = server
        self.user = user
        self.scripts = scripts
        self.base = base
        self.origin = f"http://{host}:{server.port}"
        self.allowed = []       # patterns of complaints to ignore
        self._tools = driver.tools
        self.context = driver.tools.visit(
            driver.browser(**(browser_options or {})),
            {"javaScriptEnabled": scripts, "locale": "en-GB",
             "timezoneId": ZONE, "colorScheme": scheme,
             "viewport": {"width": width, "height": 800}, **options},
            TIMEOUT_MS)
        self.page = self.context.new_page()
        if user:
            self.log_in(user)

    # Getting there

    def log_in(self, user):
        """Log in; the browser remembers the password."""
        who = ":".join(urllib.parse.quote(word, safe="")
                       for word in (user, password(user)))
        self.page.goto(self.origin.replace("//", f"//{who}@") + self.base
                       + "/scopes")

    def open(self, path="", query=""):
        self.page.goto(self.origin + self.base + path + query)
        return self

    def tab(self):
        """Open another tab in the same browser."""
        other = object.__new__(Visit)
        other.__dict__.update(self.__dict__, page=self.context.new_page())
        return other

    def close(self):
        self.context.close()

    # The contents of the page

    def heading(self, text, level=1):
        return self.page.get_by_role("heading", name=text, level=level)

    def wait_for(self, text, level=1):
        """Wait for a page or a part of it, by its heading.  What stands behind
        the heading may come later, and scripts run after all of it."""
        try:
            self.heading(text, level).wait_for()
        except BrowserError as error:
            raise BrowserError(
                f'no heading "{text}" at {self.page.url()}, but:\n'
                f"{self.outline()}\n{error}") from None
        self.page.wait_for_load_state()
        return self

    def button(self, name):
        return self.page.get_by_role("button", name=name, exact=True)

    def link(self, name):
        return self.page.get_by_role("link", name=name, exact=True)

    def box(self, name):
        return self.page.get_by_role("textbox", name=name, exact=True)

    def date(self):
        return self.page.get_by_label("Date", exact=True)

    def scope(self, name):
        return self.page.get_by_role(
            "checkbox", name=re.compile("^" + re.escape(name) + r"(?!\S)"))

    def choice(self, name):
        """A radio button whose name begins so."""
        return self.page.get_by_role("radio", name=re.compile("^" + name))

    def group(self, name):
        return self.page.get_by_role("group", name=name, exact=True)

    def dialog(self):
        return self.page.get_by_role("dialog")

    def delete_link(self, key):
        return self.link(f"Delete {key.name} ({key.prefix})")

    def alert(self):
        """The announced errors."""
        return self.page.get_by_role("alert").inner_text()

    def status(self):
        """The announced results: live regions that are not empty."""
        regions = self.page.get_by_role("status").all_inner_texts()
        return " ".join(region for region in regions if region.strip())

    def text(self):
        return self.page.locator("body").inner_text()

    def content(self):
        return self.page.content()

    def outline(self):
        return self.page.locator("body").aria_snapshot()

    def rows(self):
        """The contents of the table's cells."""
        return self.page.get_by_role("table").evaluate(TABLE)

    def row(self, name):
        """The cells of the only row whose first cell begins with name."""
        found = [row for row in self.rows() if row[0].startswith(name)]
        assert len(found) == 1, self.rows()
        return found[0]

    def names(self):
        return ([row[0] for row in self.rows()]
                if self.page.get_by_role("table").count() else [])

    def shows(self, name):
        """Whether a visible element has exactly this text."""
        return self.page.evaluate(IS_SHOWN_AS, name)

    def scrolls_sideways(self):
        """The elements that are too wide, if any."""
        return self.page.evaluate(SCROLLS)

    def answered(self):
        """The status of the last document."""
        return self.documents()[-1]["status"]

    def story(self):
        return self._tools.story(self.context)

    def documents(self):
        return [request for request in self.story()["requests"]
                if request["type"] == "document"]

    def source(self):
        """The HTML that the server sent."""
        return self._tools.document(self.context)

    def accessibility_problems(self, rules=None):
        """By all of axe-core's rules, or by these."""
        return self._tools.axe(self.page, rules)

    def html_errors(self):
        return self._tools.html_errors(self.source())

    # A user's actions

    def fill(self, name="a key", scopes=("monitors:read",), expiry=None,
             date=None):
        if name is not None:
            self.box("Name").fill(name)
        for scope in scopes:
            self.scope(scope).check()
        if expiry:
            self.choice(expiry).check()
        if date:
            self.date().fill(date)
        return self

    def submit(self):
        self.button("Create key").click()
        return self

    def create(self, *arguments, **options):
        """Create a key; returns it as the page shows it."""
        self.fill(*arguments, **options).submit()
        return self.revealed()

    def revealed(self):
        self.wait_for("Your new key")
        key = self.box("API key").input_value()
        assert KEY.fullmatch(key)
        self.server.keep_secret(key)
        return key

    def without_the_browsers_help(self):
        """Switch off the browser's validation, to test the server's."""
        self.page.locator("form").evaluate_all(NO_VALIDATION)
        return self

    def wait_for_next(self, text, level=1):
        """After that: wait for a page that looks like the one before it."""
        self.page.locator("form:not([novalidate])").first().wait_for(
            state="attached")
        return self.wait_for(text, level)

    def rotate_link(self, key):
        return self.link(f"Rotate {key.name} ({key.prefix})")

    def edit_link(self, key):
        return self.link(f"Edit {key.name} ({key.prefix})")

    def rotate(self, overlap=None):
        """Send the form that rotates; the new secret is on the page then."""
        if overlap:
            self.choice(overlap).check()
        self.button("Rotate key").click()
        self.wait_for("Your new secret")
        secret = self.box("API key").input_value()
        assert KEY.fullmatch(secret)
        self.server.keep_secret(secret)
        return self

    def secret(self):
        """The new secret that the page shows."""
        return self.box("API key").input_value()

    def done(self):
        self.link("Done").click()
        return self.wait_for("API keys")

    def begin_to_delete(self, key):
        """Go as far as the question, on a page or in a dialog."""
        self.delete_link(key).click()
        return self.wait_for("Delete this key?", 1 if not self.scripts
                             else self.question_level())

    def question_level(self):
        """In a dialog the heading may stand at any level."""
        question = self.page.get_by_role("heading", name="Delete this key?")
        question.wait_for()
        return question.evaluate(js("(e) => Number(e.tagName.slice(1))"))

    def delete(self, key):
        self.begin_to_delete(key)
        self.button("Delete key").click()
        # Behind the dialog there is a list already.
        self.page.wait_for_url("**deleted=1")
        return self.wait_for("API keys")

    def fields(self):
        """The fields that the form to create would send, as pairs."""
        form = self.page.locator("form").filter(has=self.button("Create key"))
        return [tuple(pair) for pair in form.evaluate(FORM_FIELDS)]

    def send(self, fields, path="", user=None, headers=None):
        """Send such a form from a program, with any fields."""
        return ask(self.server, "POST", self.base + path, user or self.user,
                   data=urllib.parse.urlencode(list(fields)),
                   headers={"Content-Type": FORM, "Origin": self.origin,
                            **(headers or {})})

    # The check of every visit

    def complaints(self):
        """What was wrong in this visit."""
        story = self.story()
        found = story["errors"]
        found += [message["text"] for message in story["console"]
                  if message["type"] in ("error", "warning")
                  and not FAILED_LOAD.match(message["text"])]
        for request in story["requests"]:
            found += self._complaints_of(request)
        if self.scripts:
            for page in self.context.pages():
                found += self._kept_by(page)
        return [complaint for complaint in found if not any(
            re.search(pattern, complaint) for pattern in self.allowed)]

    def _complaints_of(self, request):
        url = re.sub("//[^/@]*@", "//", request["url"])
        if not url.startswith((self.origin + "/", "about:", "data:")):
            yield f"a request to {url}"
        told = [url, request["body"], *request["headers"].values()]
        if KEY.search(urllib.parse.unquote(" ".join(told))):
            yield f"a key in a request to {url}"
        if request["status"] is not None and request["status"] >= 500:
            yield f"{request['status']} from {url}"

    def _kept_by(self, page):
        if not page.url().startswith(self.origin):
            return
        kept = page.evaluate(WHAT_A_PAGE_KEEPS)
        if KEY.search(kept) or not kept.endswith(NOTHING_KEPT):
            yield f"kept by the page: {kept}"
