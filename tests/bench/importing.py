# SPDX-License-Identifier: Apache-2.0
"""How long "key import" takes, beside the database's own way to load the same
rows into a table with the same indexes, and how much memory."""

import csv
import hashlib
import json
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from against import built
from harness import environment
from harness.backends import open_database
from rows import DATABASES

LINES, QUICK_LINES = 100_000, 20_000
MANY = 1_000_000
QUICK_ROUNDS = 3
TEAM = 10                   # keys of a team, which stand together
OURS = "`key import`"
# All but those that are NULL in every row.
COLUMNS = ("id, team_id, slot, name, key_hash, key_prefix, scopes, created_at, "
           "created_by, last_used_at, expires_at")
LOADERS = {"sqlite3": "`.import`", "pgsql": "`\\copy`",
           "mysql": "`LOAD DATA`"}


def write_lines(path, count):
    with open(path, "w", encoding="ascii") as file:
        for number in range(count):
            digest = hashlib.sha256(b"%d" % number).hexdigest()
            file.write(json.dumps({
                "team": f"team-{number // TEAM}", "name": f"key {number}",
                "scopes": ["monitors:read", "alerts:read"],
                "keyHash": digest, "keyPrefix": "uptime_" + digest[:8],
                "createdAt": 1_700_000_000_000 + number * 1000,
                "lastUsedAt": 1_750_000_000_000,
                "expiresAt": 1_900_000_000_000}) + "\n")
    environment.give_to_ordinary_user(path)
    return path


@dataclass(frozen=True)
class Figures:
    """Of one run; the processor time is also the server's."""

    seconds: float
    cpu: float
    memory: float       # MiB: the most that the client used


def cpu_of(server):
    """Seconds that a server and its processes that have ended have used."""
    if server is None:
        return 0
    fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2]
    ticks = sum(int(field) for field in fields.split()[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def cpu_of_children():
    used = os.times()
    return used.children_user + used.children_system


def timed(command, server, **options):
    """Run a command that must succeed."""
    most, used = 0, cpu_of(server) + cpu_of_children()
    began = time.monotonic()
    with subprocess.Popen(
            [str(word) for word in command], stdout=subprocess.DEVNULL,
            **options) as process:
        # What wait4() says may be the memory of the one that forked.
        status = Path(f"/proc/{process.pid}/status")
        while process.poll() is None:
            found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
            most = max(most, int(found[1]) if found else 0)
            time.sleep(0.005)
        took = time.monotonic() - began
    assert process.returncode == 0, command
    time.sleep(0.1)     # the process of PostgreSQL that served it ends
    return Figures(took, cpu_of(server) + cpu_of_children() - used,
                   most / 1024)


class Place:
    """A new database, for one import."""

    def __init__(self, driver, folder, tool):
        self.folder = Path(tempfile.mkdtemp(dir=folder))
        environment.give_to_ordinary_user(self.folder)
        self.driver, self.made_by = driver, tool
        self.database = open_database(self.folder, driver)
        self.server = getattr(self.database, "server", None)
        self.run(tool, "init")

    def run(self, tool, *words):
        return timed(environment.as_ordinary_user(
            tool, "--driver", self.database.driver, "--params",
            self.database.params, *words), self.server,
            env=environment.process_environment())

    def load(self, lines):
        return self.run(self.made_by, "key", "import", lines)

    def rows(self, path):
        """Write the rows as the database's own way reads them."""
        with open(path, "w", encoding="ascii", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(
                self.database.rows(f"SELECT {COLUMNS} FROM uptime_keys"))
        environment.give_to_ordinary_user(path)

    def copy(self, path):
        """Make a table like uptime_keys, and load the rows into it."""
        make, load = getattr(self, "copy_" + self.driver)(path)
        for sql in make:
            self.database.execute(sql)
        command = [*self.database.client(), *load]
        if self.driver == "sqlite3":
            load, command = command[-1], command[:-1]
            command += ["-csv", load]
        took = timed(command, self.server)
        ((count,),) = self.database.rows("SELECT COUNT(*) FROM peer")
        ((expected,),) = self.database.rows("SELECT COUNT(*) FROM uptime_keys")
        assert count == expected
        return took

    def copy_sqlite3(self, path):
        """.import wants a field for each column; the later ones are NULL."""
        ((table,),) = self.database.rows(
            "SELECT sql FROM sqlite_master WHERE name = 'uptime_keys'")
        columns = table[:table.index("disabled_at")].strip(", \n")
        return ([f"{columns}, UNIQUE (team_id, slot))".replace(
            "uptime_keys", "peer", 1)], [f".import {path} peer"])

    def copy_pgsql(self, path):
        return (["CREATE TABLE peer (LIKE uptime_keys INCLUDING ALL)"],
                ["-c", f"\\copy peer ({COLUMNS}) FROM '{path}' CSV"])

    def copy_mysql(self, path):
        return (["CREATE TABLE peer LIKE uptime_keys"],
                ["--local-infile=1", "-e",
                 f"LOAD DATA LOCAL INFILE '{path}' INTO TABLE peer "
                 "FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"' "
                 f"ESCAPED BY '' ({COLUMNS})"])

    def remove(self):
        if self.driver == "pgsql":
            self.database.execute(f"DROP SCHEMA {self.database.user} CASCADE")
        elif self.driver == "mysql":
            self.database.execute(f"DROP DATABASE {self.database.name}")
        shutil.rmtree(self.folder)


def one_round(driver, folder, tools, lines):
    """{name: Figures}, in new databases."""
    found = {}
    for name, tool in tools.items():
        place = Place(driver, folder, tool)
        found[name] = place.load(lines)
        if name == OURS:
            rows = folder / "rows.csv"
            place.rows(rows)
            found[LOADERS[driver]] = place.copy(rows)
        place.remove()
    return found


def cell(name, rounds, loader, figure):
    """The median in seconds, and of the ratios to the database's own way."""
    values = [getattr(one[name], figure) for one in rounds]
    text = f"{statistics.median(values):.2f} s"
    if name == loader:
        return text
    ratios = [value / getattr(one[loader], figure)
              for value, one in zip(values, rounds)]
    return (f"{text} ({statistics.median(ratios):.2f}; {min(ratios):.2f}"
            f"–{max(ratios):.2f})")


def line(name, rounds, loader):
    memory = max(one[name].memory for one in rounds)
    cells = (cell(name, rounds, loader, figure)
             for figure in ("seconds", "cpu"))
    return f"{name} | {' | '.join(cells)} | {memory:.0f} MiB |\n"


def measure(options):
    """Each way in turns, and a million lines into PostgreSQL once."""
    table = ("| database | way | time | CPU | memory |\n"
             "| --- | --- | ---: | ---: | ---: |\n")
    result = {}
    tools = {OURS: environment.TOOL}
    if options.against:
        build = built(options.against)
        tools[f"{OURS} of {build.name}"] = build.tool
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        environment.give_to_ordinary_user(folder)
        lines = write_lines(folder / "keys.jsonl",
                            QUICK_LINES if options.quick else LINES)
        for driver, loader in LOADERS.items():
            rounds = [one_round(driver, folder, tools, lines) for _ in range(
                QUICK_ROUNDS if options.quick else options.rounds)]
            result[driver] = [{way: asdict(found)
                               for way, found in one.items()}
                              for one in rounds]
            for way in (loader, *tools):
                text = f"| {DATABASES[driver]} | {line(way, rounds, loader)}"
                table += text
                print(text, end="", flush=True)
        if not options.quick:
            table += many(folder, result)
    return table, result


def many(folder, result):
    place = Place("pgsql", folder, environment.TOOL)
    found = place.load(write_lines(folder / "many.jsonl", MANY))
    result["many"] = asdict(found)
    place.remove()
    text = (f"| PostgreSQL | {OURS}, {MANY:,} lines | {found.seconds:.1f} s "
            f"| {found.cpu:.1f} s | {found.memory:.0f} MiB |\n")
    print(text, end="", flush=True)
    return text
