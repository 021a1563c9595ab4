# SPDX-License-Identifier: Apache-2.0
"""The modules of rtl/ are proven, and not by asserting nothing: faults made by hand are found."""
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import prove_rtl  # noqa: E402  (after the path to it)

# Streams whose other ports a module around them drives: proven inside of it.
WITHIN = {"sl_ping_pong": "sl_shuffle"}


def with_fault(module, right, wrong):
    """What is said of the module's cases where a part of its text is another."""
    with tempfile.TemporaryDirectory() as folder:
        rtl = Path(shutil.copytree(prove_rtl.RTL, Path(folder, "rtl")))
        text = (rtl / f"{module}.sv").read_text()
        assert text.count(right) == 1, f"{module}: {right}"
        (rtl / f"{module}.sv").write_text(text.replace(right, wrong))
        return [prove_rtl.prove(case, rtl) for case in prove_rtl.CASES if case.module == module]


class Cases(unittest.TestCase):
    def test_every_module_with_streams_has_one(self):
        files = (prove_rtl.RTL / "sl.f").read_text().split()
        streams = {name[:-3] for name in files if name.endswith(".sv")
                   and "valid_i" in (prove_rtl.RTL / name).read_text()}
        cases = {case.module for case in prove_rtl.CASES}
        self.assertEqual(streams - cases, set(WITHIN))
        self.assertLessEqual(set(WITHIN.values()), cases)


@unittest.skipIf(shutil.which("yosys") is None, "no yosys on this machine")
class Proofs(unittest.TestCase):
    def test_all_modules_keep_the_rules(self):
        for case in prove_rtl.CASES:
            with self.subTest(case.name()):
                self.assertIsNone(prove_rtl.prove(case))

    def assert_found(self, said):
        """In one case at least: not all of a module is in all."""
        self.assertTrue(any("was asserted in frame" in str(each) for each in said), said)

    def test_a_word_overwritten_is_found(self):
        self.assert_found(with_fault("sl_stage", "y_ready_i || !y_valid_o", "1'b1"))
        self.assert_found(with_fault("sl_fifo", "count_q != CountWidth'(Words)", "1'b1"))

    def test_a_word_lost_is_found(self):
        self.assert_found(with_fault("sl_register", "skid_valid_q <= 1'b1", "skid_valid_q <= 1'b0"))

    def test_a_word_repeated_is_found(self):
        self.assert_found(with_fault("sl_register", "skid_valid_q || x_valid_i", "1'b1"))

    def test_codes_in_another_order_are_found(self):
        self.assert_found(with_fault("sl_regroup", "{x_i, head_q} >> XWidth", "{head_q, x_i}"))

    def test_a_word_that_changes_while_it_waits_is_found(self):
        self.assert_found(with_fault("sl_clip", "      if (advance) begin\n        if (x <",
                                     "      begin\n        if (x <"))


if __name__ == "__main__":
    unittest.main()
