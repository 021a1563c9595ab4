#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails when a test was skipped that had all it needs. Usage: check_skips.py ctest.xml

A test may skip only when something it needs is absent, and its message must name that thing by its
key below. So the number of tests skipped is what the machine explains: none where all is present.
"""
import os
import shutil
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def absent():
    """The keys of the things that are not on this machine."""
    needs = {
        "SLUICE_DATA": Path(os.environ.get("SLUICE_DATA", ROOT / "../shared/data")),
        "build/venv": ROOT / "build/venv/bin/python",
    }
    programs = {name for name in ("verilator", "iverilog", "yosys") if shutil.which(name) is None}
    return programs | {key for key, path in needs.items() if not path.exists()}


def judge(skipped, missing):
    """(how many tests each missing key excuses, the names of those that nothing excuses)"""
    excused, faults = Counter(), []
    for name, message in skipped:
        keys = [key for key in missing if key in message]
        if keys:
            excused[keys[0]] += 1
        else:
            faults.append(name)
    return excused, faults


def skipped_tests(path):
    """Name and output of each test that ctest's JUnit report at `path` calls skipped."""
    for case in ElementTree.parse(path).iter("testcase"):
        if case.find("skipped") is not None or case.get("status") == "notrun":
            yield case.get("name"), case.findtext("system-out") or ""


def main():
    missing = absent()
    excused, faults = judge(skipped_tests(sys.argv[1]), missing)
    for key, number in sorted(excused.items()):
        print(f"skips: {number} tests skipped, {key} is absent")
    for name in faults:
        print(f"skips: {name} skipped without naming an absent thing")
    if not excused and not faults:
        print("skips: none")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
