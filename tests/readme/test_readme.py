# SPDX-License-Identifier: Apache-2.0
"""The commands in README.md, and those that build/run prints, work."""

import re

import pytest
from checkout import Checkout
from harness import eventually
from harness.environment import REPOSITORY

pytestmark = pytest.mark.waits

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
# A body may lack a newline at its end.
ANSWER = re.compile(r"HTTP/1\.1 (\d{3}) .*?(?=HTTP/1\.1 |\Z)", re.S)
# "# 403, insufficient_scope: …" and the command below it.
PRINTED = re.compile(r"^# (\d{3}), (.+)\n(curl (?:.*\\\n)*.*)$", re.M)
PROMISES = ('{"pong":true}', '"key"', "insufficient_scope", "invalid_token")

# A reader takes a moment before the next block, in which httpd reads its
# configuration. Bounded, for a busy machine.
MOMENT = """
for moment in {{1..100}}; do
    [ "$(curl -so /dev/null -w '%{{http_code}}' {url})" = 404 ] || break
    sleep 0.1
done
"""


SAMPLE = re.compile(r'^(?:    )?(uptime_keys_\w+\{verdict="\w+"\}) \d+$', re.M)


def section(title):
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", README,
                     re.M | re.S)[1]


TOUR = section("A tour in five minutes")


def blocks():
    return re.findall(r"^```sh\n(.*?)^```$", TOUR, re.M | re.S)


def answers(text):
    """Status and full text of every answer that `curl -i` printed."""
    return [(int(found[1]), found[0]) for found in ANSWER.finditer(
        text.replace("\r\n", "\n"))]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    clone = Checkout(tmp_path_factory.mktemp("clone") / "mod_uptime_keys")
    yield clone
    clone.clean_up()


@pytest.fixture(scope="module")
def printed(checkout):
    """The output of build/run, which keeps running."""
    return checkout.start()


def test_build_run_prints_commands_that_answer_as_it_says(checkout, printed):
    commands = PRINTED.findall(printed)
    assert {int(status) for status, _, _ in commands} >= {200, 401, 403}
    assert len(commands) == printed.count("\ncurl ")
    for status, promise, command in commands:
        ((actual, answer),) = answers(checkout.bash(command))
        assert actual == int(status), (command, answer)
        assert_kept(promise, answer)


def assert_kept(promise, answer):
    for words in PROMISES:
        assert words not in promise or words in answer, (promise, answer)
    assert "HTTP/1.1 401" not in answer or \
        "\nWWW-Authenticate: Bearer " in answer, (promise, answer)


def tour_script(checkout):
    """The blocks in order, with the port of build/run."""
    url = f"http://127.0.0.1:{checkout.port}/status/index.json"
    for block in blocks():
        yield block.replace("8080", checkout.port)
        if "USR1" in block:
            yield MOMENT.format(url=url)


def test_tour_answers_as_the_text_says(checkout, printed):
    text = TOUR[TOUR.index("\nThat is "):]
    statuses = [int(status) for status in re.findall(r"\b[1-5]\d\d\b", text)]
    challenge, error = re.findall(r"`([^`]*=\"[^`]*)`", text)
    assert statuses == [200, 401, 403]

    got = answers(checkout.bash(*tour_script(checkout)))
    # Then with both secrets of a rotated key, and of a deleted team.
    assert [status for status, _ in got] == [*statuses, 200, 200, 401]
    assert '{"status":"up"}' in got[0][1]
    assert f"\n{challenge}\n" in got[1][1]
    assert error in got[2][1]
    assert '{"status":"up"}' in got[4][1]
    assert "invalid_token" in got[5][1]


def test_figures_are_those_of_the_text(checkout, printed):
    text = section("Figures")
    (block,) = re.findall(r"^```sh\n(.*?)^```$", text, re.M | re.S)
    promised = SAMPLE.findall(text)
    assert len(promised) == 3

    def got():
        """httpd counts after it has answered."""
        return SAMPLE.findall(checkout.bash(
            block.replace("8080", checkout.port)))

    eventually(lambda: got()[:3] == promised)
    assert len(got()) == 13


def test_a_second_build_run_finds_its_database_again(checkout, printed):
    checkout.bash("build/out/uptime-keys -c build/out/demo/httpd.conf "
                  "team create kept")
    assert checkout.processes()
    assert checkout.stop() == 0
    assert_all_gone(checkout)

    assert PRINTED.findall(checkout.start())
    teams = checkout.bash("build/out/uptime-keys "
                          "-c build/out/demo/httpd.conf team list")
    assert "kept" in teams and "demo" in teams
    assert checkout.stop() == 0
    assert_all_gone(checkout)


def assert_all_gone(checkout):
    """Assert that its processes end."""
    eventually(lambda: not checkout.processes())
