# SPDX-License-Identifier: Apache-2.0
"""What Prometheus makes of the figures, of the alert rules and of the
dashboard."""

import json
import re
import shutil
from pathlib import Path

import pytest
from harness import environment, eventually, make_key
from harness.figures import PLACE, parse
from prometheus_server import RULES, Prometheus, promtool

DASHBOARD = (environment.REPOSITORY / "conf" / "grafana"
             / "uptime-keys.json")
CONFIG = PLACE + """
UptimeKeysCache On
UptimeKeysMetricsPerKey 10
<Location "/t/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Location>
"""
# Grafana's own variables, as they could be.
VARIABLES = {"$__rate_interval": "5m", "$instance": ".+"}
NAME = re.compile(r"\b(?:uptime_keys|process)_\w+")


@pytest.fixture(scope="module")
def server(new_httpd):
    server = new_httpd(CONFIG)
    server.write("htdocs/t/x", "answer\n")
    return server


@pytest.fixture(scope="module")
def prometheus(server):
    made = Prometheus(server).start()
    yield made
    made.remove()


@pytest.fixture(scope="module")
def names(server):
    """Of all samples that are printed."""
    return {key[0] for key in parse(server.get("/figures").text)}


def test_promtool_finds_nothing_wrong_with_the_figures(server):
    said = promtool("check", "metrics", input=server.get("/figures").text)
    assert said == ""


def await_true(prometheus, condition):
    """Wait until a comparison holds; without its figures it has no value."""
    eventually(lambda: prometheus.value(condition) is not None)


def test_prometheus_scrapes_the_figures(server, prometheus):
    """It asks for OpenMetrics, and reads what it gets; promtool has read the
    other format."""
    key = server.database.import_key("monitors:read")
    for _ in range(5):
        assert server.get("/t/x", key).status_code == 200
    server.get("/t/x", make_key())
    for condition in (
            'uptime_keys_requests_total{verdict="ok"} == 5',
            'uptime_keys_requests_total{verdict="invalid"} == 1',
            f'uptime_keys_key_requests_total{{team="acme",key="{key.id}"}} == 5',
            "uptime_keys_database_up == 1",
            "histogram_quantile(0.5, uptime_keys_database_seconds_bucket) > 0",
            "time() - process_start_time_seconds < 600"):
        await_true(prometheus, condition)

    def target():
        (target,) = prometheus.ask("targets")["activeTargets"]
        return target["health"], target["lastError"]

    eventually(lambda: target() == ("up", ""))
    about = prometheus.ask("metadata", metric="uptime_keys_requests")
    assert about["uptime_keys_requests"][0]["type"] == "counter"


def test_prometheus_evaluates_the_rules(server, prometheus):
    def rules():
        (group,) = prometheus.ask("rules")["groups"]
        return group["rules"]

    eventually(lambda: all(rule["health"] == "ok" for rule in rules()))
    eventually(lambda: all(rule["state"] == "inactive" for rule in rules()))

    def is_alerting():
        # So that the server does not sleep, and goes on asking the database.
        server.get("/t/x", make_key())
        return prometheus.value(
            'ALERTS{alertname="UptimeKeysDatabaseDown"}') == 1

    server.expect_log("UK0011", "UK0052")
    rename = "ALTER TABLE uptime_{}changes RENAME TO uptime_{}changes"
    server.database.execute(rename.format("", "lost_"))
    eventually(is_alerting, every=5)
    server.database.execute(rename.format("lost_", ""))
    server.get("/t/x", make_key())
    await_true(prometheus, "uptime_keys_database_up == 1")


def test_promtool_finds_nothing_wrong_with_the_rules():
    assert "SUCCESS" in promtool("check", "rules", RULES)


def test_alerts_fire_when_they_must_and_only_then(tmp_path):
    shutil.copy(RULES, tmp_path)
    tests = shutil.copy(Path(__file__).parent / "uptime-keys.test.yml",
                        tmp_path)
    assert "SUCCESS" in promtool("test", "rules", tests)


def test_every_alert_is_tried():
    tried = (Path(__file__).parent / "uptime-keys.test.yml").read_text()
    alerts = re.findall(r"alert: (\w+)", RULES.read_text())
    assert len(alerts) > 10
    for alert in alerts:
        assert f'"{alert}"' in tried or f": {alert}\n" in tried, alert


def test_rules_name_figures_that_there_are(names):
    used = set(NAME.findall(RULES.read_text()))
    assert used and used <= names


def expressions():
    dashboard = json.loads(DASHBOARD.read_text())
    return [target["expr"] for panel in dashboard["panels"]
            for target in panel.get("targets", ())]


def test_the_dashboard_names_figures_that_there_are(names):
    used = {name for text in expressions() for name in NAME.findall(text)}
    assert used <= names
    # And leaves none out.
    parts = re.compile("_(bucket|sum|count)$")
    assert {parts.sub("", name) for name in used} == \
        {parts.sub("", name) for name in names}


def test_the_expressions_of_the_dashboard_parse(tmp_path):
    lines = ["groups:", "- name: dashboard", "  rules:"]
    for number, text in enumerate(expressions()):
        for variable, value in VARIABLES.items():
            text = text.replace(variable, value)
        assert "$" not in text
        lines += [f"  - record: panel:expression:{number}",
                  f"    expr: {json.dumps(text)}"]
    file = tmp_path / "dashboard.yml"
    file.write_text("\n".join(lines) + "\n")
    assert f"{len(expressions())} rules found" in promtool("check", "rules",
                                                           file)


def test_the_dashboard_is_one_of_grafana():
    dashboard = json.loads(DASHBOARD.read_text())
    panels = dashboard["panels"]
    ids = [panel["id"] for panel in panels]
    assert len(set(ids)) == len(ids) > 10
    variables = {variable["name"]
                 for variable in dashboard["templating"]["list"]}
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        assert panel["type"] == "row" or panel["description"]
        for target in panel.get("targets", ()):
            assert target["datasource"]["uid"] == "${datasource}"
    assert variables == {"datasource", "instance"}
    taken = [(x, y) for panel in panels for x in range(
        panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"],
                       panel["gridPos"]["y"] + panel["gridPos"]["h"])]
    assert len(set(taken)) == len(taken)
