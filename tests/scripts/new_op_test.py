# SPDX-License-Identifier: Apache-2.0
"""Tests of scripts/new_op.py: the skeleton compiles, facet by facet, and is well-formed."""
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import new_op  # noqa: E402


class NewOperator(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        shutil.copytree(ROOT / "sluice", self.root / "sluice")

    def read(self, path):
        return (self.root / path).read_text(encoding="utf-8")

    def compile(self, paths):
        """Each unit compiles under the project's warnings, seeing the changed headers."""
        for path in paths:
            if not path.endswith(".cpp"):
                continue
            command = ["g++", "-std=c++20", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
                       "-Wno-missing-field-initializers", "-fsyntax-only", f"-I{self.root}",
                       str(self.root / path)]
            done = subprocess.run(command, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, f"{path}\n{done.stderr}")

    def format_changes(self, paths):
        files = [str(self.root / path) for path in paths if path.endswith(("pp"))]
        shutil.copy(ROOT / ".clang-format", self.root)
        done = subprocess.run(["clang-format-14", "--dry-run", "--Werror", *files],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_skeleton_in_a_family_that_exists_compiles(self):
        paths = new_op.add_operator(self.root, "Cosh", "unary")
        self.assertEqual(len(paths), 7)
        self.compile(paths)
        self.format_changes(paths)

    def test_a_skeleton_in_a_new_family_compiles(self):
        paths = new_op.add_operator(self.root, "GridSample", "sample")
        self.compile(paths)
        self.format_changes(paths)
        for layer in ("ir", "runtime", "import", "hw"):
            self.assertIn("/sample.cpp", self.read(f"sluice/{layer}/CMakeLists.txt"))

    def test_the_list_of_operators_stays_sorted_within_the_family(self):
        new_op.add_operator(self.root, "Cosh", "unary")
        names = re.findall(r"SL_OP\((\w+), unary\)", self.read("sluice/ir/ops.def"))
        self.assertIn("Cosh", names)
        self.assertEqual(names, sorted(names))

    def test_a_name_that_exists_is_refused(self):
        with self.assertRaisesRegex(new_op.Refused, "exists already"):
            new_op.add_operator(self.root, "Relu", "unary")

    def test_an_ill_formed_name_is_refused(self):
        with self.assertRaisesRegex(new_op.Refused, "named as in ONNX"):
            new_op.add_operator(self.root, "grid_sample", "sample")
        with self.assertRaisesRegex(new_op.Refused, "snake_case"):
            new_op.add_operator(self.root, "GridSample", "../sample")


if __name__ == "__main__":
    unittest.main()
