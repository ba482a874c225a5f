# SPDX-License-Identifier: Apache-2.0
"""Events: putting them into the database, and reading them at each door."""

import csv
import io
import json
import re
import urllib.parse
from html.parser import HTMLParser

ID = "key_01jzzzzzzzzzzzzzzzzzzzzzzz"
OTHER = "key_01h455vb4pex5vsknk084sn02q"
MOMENT = 1_700_000_000_123      # 2023-11-14T22:13:20.123Z

MEMBERS = ("id", "at", "action", "actor", "source", "keyId", "keyName",
           "keyPrefix", "detail")
COLUMNS = ("at", "actor", "source", "action", "team_id", "key_id", "key_name",
           "key_prefix", "detail")
LINK = re.compile(r'<([^>]*)>; *rel="?(next|prev)"?')


def add(database, *events, team="acme"):
    """Insert rows, the oldest first; what is not given is as usual."""
    for event in events:
        row = {"at": 1000, "actor": "olga", "source": "192.0.2.1",
               "action": "key.change", "team_id": team, "key_id": None,
               "key_name": None, "key_prefix": None, "detail": None, **event}
        database.execute(
            f"INSERT INTO uptime_audit ({', '.join(COLUMNS)}) VALUES "
            f"({', '.join('?' * len(COLUMNS))})",
            *(row[column] for column in COLUMNS))


def add_many(database, total, first=0, at=lambda number: 1000 + number,
             team="acme", action="key.change"):
    """Many rows, whose actors are e0, e1 …, the oldest first."""
    for start in range(first, first + total, 500):
        values = ", ".join(
            f"({at(number)}, 'e{number}', 'x', '{action}', '{team}')"
            for number in range(start, min(start + 500, first + total)))
        database.execute("INSERT INTO uptime_audit (at, actor, source, action,"
                         f" team_id) VALUES {values}")


def ask(client, path="/audit", **query):
    return client.asking(urllib.parse.urlencode(query)).call("GET", path)


def found(client, **query):
    """The actors of a page of events."""
    return actors(ask(client, **query))


def walk(client, way="next", **query):
    """The actors of every page, to the end."""
    pages = []
    while True:
        answer = ask(client, **query)
        pages.append(actors(answer))
        query["cursor"] = pagination(answer)[way]
        if query["cursor"] is None:
            return pages
        assert len(pages) < 50, "there is no end"


def page(client, **query):
    """The page that a browser gets."""
    answer = client.asking(urllib.parse.urlencode(query)).call(
        "GET", "/audit", headers={"Accept": "text/html"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/html")
    return answer


def events_of(answer):
    assert answer.status_code == 200, answer.text
    events = answer.json()["data"]["events"]
    for event in events:
        assert tuple(sorted(event)) == tuple(sorted(MEMBERS))
    return events


def actors(answer):
    return [event["actor"] for event in events_of(answer)]


def pagination(answer):
    found = answer.json()["meta"]["pagination"]
    assert set(found) == {"next", "prev", "perPage"}
    links = {relation: target for target, relation
             in LINK.findall(answer.headers.get("Link", ""))}
    for relation in ("next", "prev"):
        assert (relation in links) == (found[relation] is not None)
    return {**found, "links": links}


class Table(HTMLParser):
    """The cells of the table of a page, as lists of the texts in them; and the
    tags of the page, with the names of their attributes."""

    def __init__(self, page):
        super().__init__()
        self.rows = []
        self.tags = []
        self._cell = None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, *(name for name, _ in attrs)))
        if tag == "tr":
            self.rows.append([])
        if tag == "td":
            self._cell = []
            self.rows[-1].append(self._cell)

    def handle_endtag(self, tag):
        if tag == "td":
            self._cell = None

    def handle_data(self, data):
        if self._cell is not None and data.strip():
            self._cell.append(data)


def read_csv(text):
    """Records as dicts."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


def from_csv(record):
    """An event as JSON has it; a spreadsheet swallows the apostrophe."""
    record = {name: value[1:] if re.match("'[=+@\t\r-]", value) else value
              for name, value in record.items()}
    return {**{name: record[name] or None for name in MEMBERS},
            "at": int(record["at"]),
            "detail": json.loads(record["detail"] or "null")}
