# SPDX-License-Identifier: Apache-2.0
"""Debian's Prometheus, unpacked and not installed, and its promtool."""

import subprocess

import requests
from harness import environment, servers
from harness.packages import unpacked

CONFIG = """
global:
  # Longer than a busy machine may take: a scrape may not take longer, and
  # after one that failed there are no values.
  scrape_interval: 2s
  evaluation_interval: 250ms
rule_files:
  - {rules}
scrape_configs:
  - job_name: httpd
    metrics_path: /figures
    static_configs:
      - targets: ["127.0.0.1:{port}"]
"""
RULES = (environment.REPOSITORY / "conf" / "prometheus"
         / "uptime-keys.rules.yml")


def program(name):
    return unpacked("prometheus") / "usr" / "bin" / name


def promtool(*arguments, **options):
    """Run promtool; returns what it says, and must not complain."""
    done = subprocess.run(
        [program("promtool"), *map(str, arguments)], capture_output=True,
        text=True, check=False, timeout=120, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


class Prometheus(servers.Server):
    """A server that scrapes an httpd."""

    name = "prometheus"

    def __init__(self, httpd):
        self._httpd = httpd
        super().__init__()

    def make(self):
        (self.folder / "prometheus.yml").write_text(
            CONFIG.format(rules=RULES, port=self._httpd.port))

    def command(self):
        return (program("prometheus"),
                f"--config.file={self.folder}/prometheus.yml",
                f"--storage.tsdb.path={self.data}",
                f"--web.listen-address=127.0.0.1:{self.port}")

    def connect(self, **options):
        """It answers when it is ready."""
        answer = self._get("/-/ready", **options)
        answer.raise_for_status()
        return answer

    def _get(self, path, **parameters):
        with requests.Session() as session:
            session.trust_env = False
            return session.get(f"http://127.0.0.1:{self.port}{path}",
                               params=parameters, timeout=60)

    def ask(self, path, **parameters):
        answer = self._get(f"/api/v1/{path}", **parameters).json()
        assert answer["status"] == "success", answer
        return answer["data"]

    def value(self, expression):
        """The value of an expression that has one; None: it has none."""
        result = self.ask("query", query=expression)["result"]
        return float(result[0]["value"][1]) if len(result) == 1 else None
