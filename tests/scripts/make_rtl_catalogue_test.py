# SPDX-License-Identifier: Apache-2.0
"""Tests of scripts/make_rtl_catalogue.py, which writes rtl/README.md."""
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import make_rtl_catalogue  # noqa: E402

MODULE = """// SPDX-License-Identifier: Apache-2.0
//
// sl_copy: copies a stream, word
// by word.
//
//   y = x
//
// Latency: 1 cycle, or 2. Throughput: 1 word per cycle.
// Does not think.
// Test: tests/rtl/sl_copy_test.cpp.

module sl_copy #(
  parameter int Width = 8,  // bits
  parameter bit Signed = 1'b1,
  parameter logic signed [Width-1:0] Fill = '0,
  parameter     File = "a.mem",
  localparam int Half = Width / 2
) (
  input logic clk_i
);
endmodule : sl_copy
"""


class MakeRtlCatalogue(unittest.TestCase):
    def row(self, module):
        """The catalogue's rows of a library of one module."""
        with tempfile.TemporaryDirectory() as folder:
            rtl = Path(folder) / "rtl"
            rtl.mkdir()
            (rtl / "sl_copy.sv").write_text(module, encoding="utf-8")
            (rtl / "sl.f").write_text("// Level 0\nsl_copy.sv\n", encoding="utf-8")
            page = make_rtl_catalogue.page(Path(folder))
        return [line for line in page.splitlines() if "sl_copy" in line]

    def test_a_module_is_a_row(self):
        self.assertEqual(self.row(MODULE), [
            "| [sl_copy](sl_copy.sv) ([test](../tests/rtl/sl_copy_test.cpp)) "
            "| copies a stream, word by word; `y = x` "
            "| `Width = 8`, `Signed = 1'b1`, `Fill = '0`, `File = \"a.mem\"` "
            "| 1 cycle, or 2 | 1 word per cycle |"])

    def test_a_head_without_latency_is_refused(self):
        with self.assertRaisesRegex(SystemExit, "no 'Latency: ...'"):
            self.row(MODULE.replace("Latency", "Delay"))

    def test_a_head_that_names_another_module_is_refused(self):
        with self.assertRaisesRegex(SystemExit, "no 'sl_copy: ...'"):
            self.row(MODULE.replace("// sl_copy:", "// sl_move:"))

    def test_a_parameter_it_cannot_read_is_refused(self):
        with self.assertRaisesRegex(SystemExit, "a parameter is not written"):
            self.row(MODULE.replace("Width = 8,  // bits", "Width\n    = 8,"))


if __name__ == "__main__":
    unittest.main()
