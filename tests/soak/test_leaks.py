# SPDX-License-Identifier: Apache-2.0
"""The rule finds leaks, and takes neither noise nor a plateau for one."""

import math
import random
import time

import leaks
import pytest
from history import FAULT, Operation
from logreader import LogReader

MEMORY = "children, private KiB"
FILES = "children, descriptors"


def samples(value, name=MEMORY, number=80, every=5):
    return [{"at": float(i * every), name: value(i * every),
             "generation": (1, 2)} for i in range(number)]


def found(value, name=MEMORY, **options):
    return [leak.name for leak in leaks.of_stretch(
        samples(value, name, **options), "stretch 1")]


def noise(size, seed=1):
    rng = random.Random(seed)
    return lambda at: 60_000 + rng.uniform(-size, size)


@pytest.mark.parametrize("value", [
    lambda at: 60_000, noise(3000), noise(20_000),
    # A plateau; a step at the end; a saw; one value that is far off.
    lambda at: 60_000 - 50_000 * math.exp(-at / 60),
    lambda at: 60_000 + 20_000 * (at > 300),
    lambda at: 60_000 + at % 90 * 100,
    lambda at: 60_000 + 500_000 * (at == 350),
    lambda at: 80_000 - at * 50])
def test_what_is_no_leak(value):
    assert found(value) == []


@pytest.mark.parametrize("value", [
    lambda at: 60_000 + at * 50,
    lambda at: 60_000 + at * 50 + at % 90 * 30,
    # Beside a plateau.
    lambda at: 60_000 - 50_000 * math.exp(-at / 60) + at * 50])
def test_leak_is_found(value):
    assert found(value) == [MEMORY]


def test_leak_of_descriptors_is_found():
    assert found(lambda at: 190 + at // 5, FILES) == [FILES]
    rng = random.Random(1)
    assert found(lambda at: 190 + rng.randrange(-8, 9), FILES) == []


def test_short_stretch_is_judged_mildly():
    assert found(lambda at: 40_000 + at * 100, number=26) == []
    assert found(lambda at: 40_000 + at * 500, number=26) == [MEMORY]


def test_restarts_divide_stretches():
    first, second = samples(lambda at: 1), samples(lambda at: 1)
    for sample in second:
        sample["generation"] = (3, 4)
    both = leaks.stretches(first + second)
    assert [len(one) for one in both] == [80, 80]
    # In a fault the processes may not be known.
    del first[5]["generation"]
    assert [len(one) for one in leaks.stretches(first + second)] == [80, 80]
    assert leaks.stretches(first[:10] + second[:10]) == []


def test_leak_from_restart_to_restart_is_found():
    name = "shared mappings"
    several = [samples(lambda at, n=n: 74 + n, name) for n in range(5)]
    for number, one in enumerate(several):
        for sample in one:
            sample["at"] += number * 1000
    assert [leak.name for leak in leaks.over_all(several)] == [name]
    assert not list(leaks.over_all([several[0]] * 5))


def test_key_in_a_log_is_found(tmp_path):
    secret = "0123456789abcdef" * 4
    for line, times in (("prefix uptime_01234567, id key_0", 0),
                        (f"the key uptime_{secret}", 2),
                        (f"half of it: uptime_{secret[:20]}", 1),
                        (f"its digits {secret.upper()}", 1)):
        log = tmp_path / "error_log"
        log.write_text(line + "\n")
        reader = LogReader(log)
        reader.secrets.add(secret)
        with reader:
            pass
        assert len(reader.leaks()) == times, line


def test_serious_line_is_found(tmp_path):
    log = tmp_path / "error_log"
    lines = ["[x] [core:notice] [pid 1:tid 1] AH00052: child pid 2 exit signal"
             " Killed (9)", "[x] [core:alert] [pid 1] all is lost",
             "[x] [core:notice] AH00052: child pid 2 exit signal "
             "Segmentation fault (11)", "[x] [core:error] AH00001: no"]
    log.write_text("\n".join(lines) + "\n")
    with LogReader(log) as reader:
        pass
    assert reader.killed == 1 and len(reader.serious(faults=[])) == 2
    assert reader.said == {("error", "AH00001"): 1}


def test_child_without_a_database_is_explained_by_a_fault(tmp_path):
    log = tmp_path / "error_log"
    log.write_text("[x] [dbd:crit] [pid 2] AH00636: child init failed!\n"
                   "[x] [core:alert] [pid 1] all is lost\n")
    with LogReader(log) as reader:
        pass
    now = time.monotonic()
    before, during = (Operation(FAULT, None, began, ended, 0, holds_from=ended)
                      for began, ended in ((now - 90, now - 60),
                                           (now - 60, now + 1)))
    assert len(reader.serious([before])) == 2
    (line,) = reader.serious([before, during])
    assert "all is lost" in line


def test_what_was_read_is_freed(tmp_path):
    log = tmp_path / "error_log"
    log.write_bytes(b"line\n" * 100_000)
    with LogReader(log) as reader:
        pass
    assert reader.bytes == log.stat().st_size == 500_000
    assert log.stat().st_blocks * 512 < 10_000
