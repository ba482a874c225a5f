# SPDX-License-Identifier: Apache-2.0
"""What tests want to know of the C source, which clang-format has laid out."""

import re
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "mod_uptime_keys"
COMMENT_OR_STRING = re.compile(r'"(?:\\.|[^"\\\n])*"|/\*.*?\*/', re.S)
# A function's brace stands alone in the first column, and so does its end.
FUNCTION = re.compile(r"^(?P<head>[A-Za-z][^;={}#]*?\b(?P<name>\w+)\([^;{}]*\))"
                      r"\n\{\n(?P<body>.*?)^\}\n", re.M | re.S)


def files(*suffixes, folder=SOURCE):
    """Those of the source, by path; as (path below it, text)."""
    return [(path.relative_to(folder).as_posix(), path.read_text("utf-8"))
            for path in sorted(folder.rglob("*")) if path.suffix in suffixes]


def without_comments(text):
    return COMMENT_OR_STRING.sub(
        lambda found: found[0] if found[0][0] == '"' else " ", text)


def without_strings(text):
    return COMMENT_OR_STRING.sub(" ", text)


@dataclass(frozen=True)
class Function:
    file: str
    name: str
    lines: int      # from its type to its last brace
    nesting: int    # blocks in blocks, its own not counted
    is_static: bool


def nesting(body):
    """How deep blocks stand in blocks where lines end."""
    depth = deepest = 0
    for line in without_strings(body).splitlines():
        depth += line.count("{") - line.count("}")
        deepest = max(deepest, depth)
    return deepest


def functions(folder=SOURCE):
    for file, text in files(".c", folder=folder):
        for found in FUNCTION.finditer(text):
            yield Function(file, found["name"], found[0].count("\n"),
                           nesting(found["body"]),
                           found["head"].startswith("static "))


def percentile(numbers, share):
    return sorted(numbers)[int(share * (len(numbers) - 1))]


def main():
    """Prints the measures of a source tree, given as an argument."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SOURCE
    all_functions = list(functions(folder))
    lines = [function.lines for function in all_functions]
    print(f"functions {len(lines)}, lines median {statistics.median(lines)}, "
          f"p90 {percentile(lines, 0.9)}, most {max(lines)}, "
          f"nesting at most {max(f.nesting for f in all_functions)}")
    counts = [text.count("\n") for _, text in files(".c", folder=folder)]
    print(f".c files {len(counts)}, lines median {statistics.median(counts)}, "
          f"most {max(counts)}, headers {len(files('.h', folder=folder))}")


if __name__ == "__main__":
    main()
