# SPDX-License-Identifier: Apache-2.0
"""Tests of scripts/tidy.py: a file's key changes with all that its findings depend on."""
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import tidy  # noqa: E402


class Key(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name).resolve()
        (self.root / "sluice").mkdir()
        self.write("sluice/a.cpp", '#include "sluice/a.hpp"\n')
        self.write("sluice/a.hpp", '#include <span>\n#  include "sluice/b.hpp"\n')
        self.write("sluice/b.hpp", '#include "sluice/a.hpp"\n')
        patch = mock.patch.object(tidy, "ROOT", self.root)
        patch.start()
        self.addCleanup(patch.stop)
        self.before = self.key()

    def write(self, name, text):
        (self.root / name).write_text(text, encoding="utf-8")

    def key(self, command="c++ a.cpp", salt=b"checks"):
        return tidy.key(self.root / "sluice/a.cpp", command, salt, {})

    def test_nothing_changed(self):
        self.assertEqual(self.key(), self.before)

    def test_a_header_included_by_a_header_matters(self):
        self.write("sluice/b.hpp", "int changed;\n")
        self.assertNotEqual(self.key(), self.before)

    def test_a_file_not_included_does_not_matter(self):
        self.write("sluice/c.hpp", "int other;\n")
        self.assertEqual(self.key(), self.before)

    def test_the_command_matters(self):
        self.assertNotEqual(self.key(command="c++ -DX a.cpp"), self.before)

    def test_the_checks_matter(self):
        self.assertNotEqual(self.key(salt=b"other checks"), self.before)

    def test_the_place_of_the_tree_does_not_matter(self):
        self.assertEqual(self.key(command=f"c++ {self.root}"), self.key(command="c++ "))


if __name__ == "__main__":
    unittest.main()
