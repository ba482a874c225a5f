# SPDX-License-Identifier: Apache-2.0
"""Runs fuzz targets in turns, and says what came of it (see build/fuzz)."""
import argparse
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = ROOT / "tests/fuzz"
OUT = ROOT / "build/out/fuzz"
CORPUS = OUT / "corpus"
CRASHES = OUT / "crashes"
RUNS = OUT / "runs"
COVERAGE = ROOT / "build/out/coverage"
# A target that takes longer than this for one input is reported as a crash.
INPUT_SECONDS = 10
MEMORY_MB = 1024
SANITIZERS = {
    "ASAN_OPTIONS": "strict_string_checks=1:quarantine_size_mb=16"
                    ":malloc_context_size=8:detect_stack_use_after_return=1"
                    ":allocator_release_to_os_interval_ms=1000",
    "UBSAN_OPTIONS": "print_stacktrace=1",
}
STAT = re.compile(rb"^stat::(\w+): +(\d+)", re.M)
PROGRESS = re.compile(rb"^#(\d+)\t.* cov: (\d+) ft: (\d+)", re.M)
ARTIFACT = re.compile(rb"Test unit written to (.+)")


class Target:
    """A file fuzz_NAME.c or httpd_NAME.c, and what its head says."""

    def __init__(self, source):
        self.kind, _, self.name = source.stem.partition("_")
        head = source.read_text(encoding="utf-8").partition("*/\n#include")[0]
        self.about = self.words(head, "About")
        self.options = self.words(head, "Options")
        self.seeds = HERE / "seeds" / self.name
        self.dictionary = HERE / f"{self.name}.dict"
        self.corpus = CORPUS / self.name

    @staticmethod
    def words(head, label):
        """The words after a label, which may go on in lines that are indented."""
        found = re.search(rf"\* {label}: ((?:.*\n \*   +)*[^*\n]*)", head)
        return re.sub(r"\n \*", " ", found[1]).split() if found else []

    def program(self, variant):
        """The command that runs it, to which inputs and options are added."""
        program = str(ROOT / "build" / self.file(variant))
        return [program] if self.kind == "fuzz" else [
            str(ROOT / "tests/in_httpd/run"), "--config",
            str(HERE / "httpd.conf"), program]

    def file(self, variant):
        """What make calls it."""
        ending = "" if self.kind == "fuzz" else ".so"
        return f"out/{variant}/fuzz/{self.name}{ending}"

    def inputs(self):
        return [str(folder) for folder in (self.corpus, self.seeds)
                if folder.is_dir()]

    def fuzz(self, seconds):
        """Run it for a time. Returns its figures."""
        self.corpus.mkdir(parents=True, exist_ok=True)
        command = [*self.program("fuzz"), f"-max_total_time={seconds}",
                   f"-timeout={INPUT_SECONDS}", f"-rss_limit_mb={MEMORY_MB}",
                   "-print_final_stats=1", "-verbosity=1", "-reload=0",
                   f"-artifact_prefix={CRASHES}/{self.name}-", *self.options]
        if self.dictionary.exists():
            command.append(f"-dict={self.dictionary}")
        began = time.monotonic()
        log = OUT / f"{self.name}.log"
        with open(log, "wb") as output:
            status = run_bounded(
                command + self.inputs(), seconds * 2 + 120, stdout=output,
                stderr=output, env=os.environ | SANITIZERS)
        figures = read_log(log.read_bytes())
        return figures | {"target": self.name, "status": status,
                          "seconds": round(time.monotonic() - began, 1)}


def run_bounded(command, seconds, **options):
    """Run a command; its exit status.  Whatever happens, it ends, and so does
    the httpd that it may have started."""
    with subprocess.Popen(command, start_new_session=True,
                          **options) as process:
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            return f"more than {seconds} seconds"
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)


def read_log(log):
    """What libFuzzer printed, in figures."""
    stats = {name.decode(): int(value) for name, value in STAT.findall(log)}
    progress = PROGRESS.findall(log) or [(b"0", b"0", b"0")]
    return {
        "executions": stats.get("number_of_executed_units",
                                int(progress[-1][0])),
        "edges": int(progress[-1][1]),
        "crashes": [name.decode() for name in ARTIFACT.findall(log)],
    }


def all_targets():
    sources = sorted(HERE.glob("fuzz_*.c")) + sorted(HERE.glob("httpd_*.c"))
    return [Target(source) for source in sources]


def chosen(names):
    targets = {target.name: target for target in all_targets()}
    unknown = set(names) - set(targets)
    if unknown:
        sys.exit(f"no such target: {', '.join(sorted(unknown))}; "
                 "build/fuzz --list prints their names")
    return [targets[name] for name in names] if names \
        else list(targets.values())


def make(targets, variant):
    """Build targets; the compiler says why if that fails."""
    made = subprocess.run(["make", "--silent", "-C", ROOT / "build",
                           f"-j{os.cpu_count()}", f"VARIANT={variant}",
                           *[target.file(variant) for target in targets]],
                          check=False)
    if made.returncode:
        sys.exit(made.returncode)


def print_row(*cells):
    print("|", " | ".join(str(cell) for cell in cells), "|", flush=True)


def print_head(*cells):
    print_row(*cells)
    print_row("---", *["---:"] * (len(cells) - 1))


def print_result(result):
    seconds = result["seconds"] or 1
    print_row(result["target"], f"{result['executions']:,}",
              f"{round(result['executions'] / seconds):,}", result["edges"],
              len(result["crashes"]))


def fuzz(targets, seconds):
    CRASHES.mkdir(parents=True, exist_ok=True)
    make(targets, "fuzz")
    share = max(1, seconds // len(targets))
    print_head("target", "executions", "per second", "edges", "crashes")
    failed = []
    for target in targets:
        result = target.fuzz(share)
        with open(RUNS, "a", encoding="utf-8") as runs:
            print(json.dumps(result), file=runs)
        print_result(result)
        if result["status"]:
            failed.append(result)
    for result in failed:
        print(f"FAILED: {result['target']}, status {result['status']}:",
              *result["crashes"] or [OUT / f"{result['target']}.log"])
    return 1 if failed else 0


def total():
    """All runs so far, one row a target."""
    if not RUNS.exists():
        sys.exit("nothing was run yet; build/fuzz runs all targets")
    sums = {}
    for line in RUNS.read_text(encoding="utf-8").splitlines():
        run = json.loads(line)
        row = sums.setdefault(run["target"], run | {"executions": 0,
                                                    "seconds": 0,
                                                    "crashes": []})
        row["executions"] += run["executions"]
        row["seconds"] += run["seconds"]
        row["crashes"] += run["crashes"]
        row["edges"] = max(row["edges"], run["edges"])
    print_head("target", "executions", "per second", "edges", "crashes")
    for name in sorted(sums):
        print_result(sums[name])
    executions = sum(row["executions"] for row in sums.values())
    print(f"{executions:,} executions in "
          f"{sum(row['seconds'] for row in sums.values()):,.0f} seconds")
    return 0


def gcov_of(name):
    """gcov's report, as JSON, of a file of mod_uptime_keys/."""
    notes = COVERAGE / "obj" / pathlib.Path(name).with_suffix(".gcno")
    report = subprocess.run(["gcov", "--branch-probabilities", "--json-format",
                             "--stdout", notes], check=True,
                            capture_output=True).stdout
    for entry in json.loads(report)["files"]:
        if entry["file"].endswith(name):
            return entry["lines"]
    return []


def percent(some, of):
    return f"{100 * some / of:.1f}% of {of}" if of else "-"


def cover(targets, show_lines):
    """What the inputs that are known reach."""
    make(targets, "coverage")
    print_head("target", "inputs", "file", "lines", "branches")
    missed = []
    for target in targets:
        for counts in COVERAGE.rglob("*.gcda"):
            counts.unlink()
        done = subprocess.run(
            [*target.program("coverage"), "--whole", *target.inputs()],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
        inputs = done.stdout.splitlines()[-1].split()[0].decode()
        for name in target.about:
            lines = gcov_of(name)
            branches = [way for line in lines for way in line["branches"]]
            print_row(target.name, inputs, name,
                      percent(sum(line["count"] > 0 for line in lines),
                              len(lines)),
                      percent(sum(way["count"] > 0 for way in branches),
                              len(branches)))
            missed += [(name, line) for line in lines
                       if not line["count"] or any(
                           not way["count"] for way in line["branches"])]
    if show_lines:
        print_lines(missed)
    return 0


def print_lines(missed):
    for name, line in missed:
        number = line["line_number"]
        text = (ROOT / "mod_uptime_keys" / name).read_text(
            encoding="utf-8").splitlines()[number - 1]
        print(f"{name}:{number}: {'line' if not line['count'] else 'branch'}:"
              f" {text.strip()}")


def main():
    parser = argparse.ArgumentParser(prog="build/fuzz")
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--coverage", action="store_true")
    parser.add_argument("--uncovered", action="store_true")
    parser.add_argument("--total", action="store_true")
    parser.add_argument("names", nargs="*")
    wanted = parser.parse_args()
    if wanted.total:
        return total()
    targets = chosen(wanted.names)
    if wanted.list:
        print("\n".join(target.name for target in targets))
        return 0
    if wanted.coverage or wanted.uncovered:
        return cover(targets, wanted.uncovered)
    return fuzz(targets, wanted.seconds)


if __name__ == "__main__":
    sys.exit(main())
