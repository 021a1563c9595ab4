# SPDX-License-Identifier: Apache-2.0
"""The reference pages written by hand name everything the code has."""
import re
import tomllib
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


class Reference(unittest.TestCase):
    def test_every_number_format_has_a_row(self):
        spellings = re.findall(r'FormatDoc\{\s*"([^"]+)"', read("sluice/numeric/format.cpp"))
        self.assertGreater(len(spellings), 5)
        page = read("docs/reference/formats.md")
        for spelling in spellings:
            self.assertIn(f"| `{spelling}` |", page)

    def test_every_integer_format_has_a_row(self):
        spellings = re.findall(r'FormatDoc\{"([^"]+)"', read("sluice/quant/integer_format.cpp"))
        self.assertGreater(len(spellings), 5)
        page = read("docs/reference/quantization.md")
        for spelling in spellings:
            self.assertIn(f"| `{spelling}` |", page)

    def test_every_error_code_has_a_row(self):
        body = re.search(r"enum class ErrorCode[^{]*\{(.*?)\};", read("sluice/base/result.hpp"),
                         re.S)[1]
        codes = re.findall(r"^\s*(\w+),", body, re.M)
        self.assertGreater(len(codes), 5)
        page = read("docs/reference/errors.md")
        for code in codes:
            self.assertIn(f"\n| `{code}` |", page)

    def test_every_rounding_and_overflow_mode_is_explained(self):
        page = read("docs/reference/formats.md")
        modes = re.findall(r'Named<\w+>\{"(\w+)"', read("sluice/numeric/format.cpp"))
        self.assertEqual(len(modes), 12)
        for mode in modes:
            self.assertIn(f"`{mode}`", page)
            self.assertIn(f"`AP_{mode.upper()}`", page)

    def test_every_device_has_its_row(self):
        page = read("docs/reference/devices.md")
        files = sorted((ROOT / "devices").glob("*.toml"))
        self.assertEqual(len(files), len(re.findall(r"^\| `[^|]*`( \|[^|]*){7,} \|$", page, re.M)))
        for file in files:
            device = tomllib.loads(file.read_text(encoding="utf-8"))
            system = device["system"]
            cells = [f"`{file.stem}`", device["device"]["part"],
                     *(f"{count:,}" for count in device["resources"].values()),
                     f"{system['clock_mhz']}", f"{system['memory_gbps']:g}"]
            self.assertIn(f"| {' | '.join(cells)} |\n", page)

    def test_the_example_of_a_device_is_one_of_ours(self):
        page = read("docs/reference/devices.md")
        example = tomllib.loads(re.search(r"```toml\n(.*?)```", page, re.S)[1])
        del example["ethernet"]
        self.assertEqual(example, tomllib.loads(read("devices/zcu104.toml")))

    def test_every_module_with_coefficients_is_explained(self):
        names = re.findall(r'\{"(\w+)", \{\d', read("sluice/hw/coefficients.cpp"))
        self.assertGreater(len(names), 10)
        page = read("docs/reference/coefficients.md")
        for name in names:
            self.assertIn(f"\n### {name}\n", page)


if __name__ == "__main__":
    unittest.main()
