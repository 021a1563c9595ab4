# SPDX-License-Identifier: Apache-2.0
"""Tests of scripts/check_skips.py."""
import sys
import tempfile
import unittest
import unittest.mock
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import check_skips  # noqa: E402

REPORT = """<?xml version="1.0"?>
<testsuite tests="2" skipped="1">
  <testcase name="Shape.A" status="run"><system-out>ok</system-out></testcase>
  <testcase name="Cifar.B" status="notrun">
    <skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/>
    <system-out>[  SKIPPED ] needs SLUICE_DATA</system-out>
  </testcase>
</testsuite>
"""


class CheckSkips(unittest.TestCase):
    def test_an_absent_thing_excuses_the_tests_that_name_it(self):
        excused, faults = check_skips.judge([("A", "needs SLUICE_DATA")], {"SLUICE_DATA"})
        self.assertEqual((dict(excused), faults), ({"SLUICE_DATA": 1}, []))

    def test_a_present_thing_excuses_nothing(self):
        excused, faults = check_skips.judge([("A", "needs SLUICE_DATA")], {"build/venv"})
        self.assertEqual((dict(excused), faults), ({}, ["A"]))

    def test_a_skip_without_a_reason_is_a_fault(self):
        self.assertEqual(check_skips.judge([("A", "")], {"SLUICE_DATA"})[1], ["A"])

    def test_a_program_that_no_path_has_is_absent(self):
        with unittest.mock.patch("shutil.which", lambda name: None if name == "iverilog" else name):
            self.assertIn("iverilog", check_skips.absent())
            self.assertNotIn("verilator", check_skips.absent())

    def test_skipped_tests_are_read_from_the_report(self):
        with tempfile.NamedTemporaryFile("w", suffix=".xml") as file:
            file.write(REPORT)
            file.flush()
            skipped = list(check_skips.skipped_tests(file.name))
        self.assertEqual(skipped, [("Cifar.B", "[  SKIPPED ] needs SLUICE_DATA")])


if __name__ == "__main__":
    unittest.main()
