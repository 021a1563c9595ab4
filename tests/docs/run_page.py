#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the `sh` blocks of a page and compares what they print with the page.

Usage: run_page.py PAGE SLUICE. The blocks run in order in one scratch folder, in which the tree's
entries are linked and `sluice` is the given program. A `text` block right after a `sh` block states
its standard output: `…` in a line stands for anything, a line of nothing else for any lines.
"""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```sh\n(.*?)^```\n(?:\n?```text\n(.*?)^```\n)?", re.M | re.S)


def blocks(text):
    """(commands, stated output or None) of each sh block."""
    return [(match[1], match[2]) for match in BLOCK.finditer(text)]


def matches(stated, printed):
    """Whether `printed` is what a text block states."""
    pattern = ""
    for line in stated.splitlines():
        if line.strip() == "…":
            pattern += r"(?:.*\n)*"
        else:
            pattern += ".*".join(re.escape(part.rstrip()) for part in line.split("…")) + r"\s*\n"
    return re.fullmatch(pattern, printed) is not None


def run(commands, folder, sluice):
    environment = dict(os.environ, PATH=f"{sluice.parent}:{os.environ['PATH']}", LC_ALL="C.UTF-8")
    return subprocess.run(["bash", "-euo", "pipefail", "-c", commands], cwd=folder, text=True,
                          env=environment, capture_output=True, timeout=600)


def check(page, sluice):
    """Problems of the page, one text each."""
    found = blocks(page.read_text(encoding="utf-8"))
    if not found:
        return [f"{page}: has no sh block"]
    with tempfile.TemporaryDirectory() as folder:
        for entry in ROOT.iterdir():
            (Path(folder) / entry.name).symlink_to(entry)
        for commands, stated in found:
            done = run(commands, folder, sluice)
            if done.returncode != 0:
                return [f"{page}: exit {done.returncode}:\n{commands}{done.stderr}"]
            if stated is not None and not matches(stated, done.stdout):
                return [f"{page}: printed\n{done.stdout}\nbut the page says\n{stated}"]
    return []


def main():
    problems = check(Path(sys.argv[1]), Path(sys.argv[2]).resolve())
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
