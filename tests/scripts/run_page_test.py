# SPDX-License-Identifier: Apache-2.0
"""Tests of tests/docs/run_page.py, which runs the pages' commands."""
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/docs"))

import run_page  # noqa: E402


class RunPage(unittest.TestCase):
    def check(self, text):
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "page.md"
            page.write_text(text, encoding="utf-8")
            return run_page.check(page, Path("/bin/sh"))

    def test_blocks_run_in_order_in_one_folder(self):
        self.assertEqual(self.check("```sh\necho one >a\n```\ntext\n```sh\ncat a\n```\n"
                                    "```text\none\n```\n"), [])

    def test_a_failing_command_is_found(self):
        self.assertIn("exit 3", self.check("```sh\n(exit 3)\n```\n")[0])

    def test_another_output_than_stated_is_found(self):
        problems = self.check("```sh\necho two\n```\n\n```text\none\n```\n")
        self.assertIn("but the page says", problems[0])

    def test_an_ellipsis_stands_for_anything_in_its_line(self):
        self.assertEqual(self.check("```sh\necho a 1.5 s b\n```\n```text\na … s b\n```\n"), [])
        self.assertNotEqual(self.check("```sh\necho a 1.5 s c\n```\n```text\na … s b\n```\n"), [])

    def test_a_line_of_an_ellipsis_stands_for_any_lines(self):
        self.assertEqual(self.check("```sh\nseq 9\n```\n```text\n1\n…\n9\n```\n"), [])

    def test_a_page_without_commands_is_a_mistake_in_the_list(self):
        self.assertIn("no sh block", self.check("```console\nmake demo\n```\n")[0])


if __name__ == "__main__":
    unittest.main()
