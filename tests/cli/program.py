# SPDX-License-Identifier: Apache-2.0
"""Runs the program under test; its path is the script's first argument."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DIGITS = ROOT / "models/digits/digits.onnx"
TEST_IMAGES = ROOT / "examples/digits/t10k-images-idx3-ubyte"
TRAIN_IMAGES = ROOT / "examples/digits/train-images-idx3-ubyte"
PROGRAM = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT / "build/release/sluice"


def sluice(*args, cwd=None, timeout=120):
    """The finished process, its output as text."""
    return subprocess.run([PROGRAM, *map(str, args)], cwd=cwd, timeout=timeout, text=True,
                          capture_output=True, check=False)


class FolderTest(unittest.TestCase):
    """A test with a folder of its own, self.folder."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def check_error(self, args, code, *parts):
        """One sentence on stderr, with these parts, and that exit code."""
        result = sluice(*args)
        self.assertEqual(result.returncode, code, result.stderr)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        for part in parts:
            self.assertIn(part, result.stderr)


def main():
    unittest.main(argv=sys.argv[:1], verbosity=2)
