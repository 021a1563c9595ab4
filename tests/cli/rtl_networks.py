# SPDX-License-Identifier: Apache-2.0
"""Networks that tests emit: the digits on codes, their designs, and simulators."""
import json
import shutil
import subprocess

from program import DIGITS, TEST_IMAGES, TRAIN_IMAGES, FolderTest, sluice

IMAGES = ["--data", TEST_IMAGES, "--preprocess", "mnist", "--quiet"]
PROGRAMS = {"verilator": "verilator", "icarus": "iverilog"}


def absent_simulators():
    return [program for program in PROGRAMS.values() if shutil.which(program) is None]


def succeed(test, *args, **how):
    """The output of a run that must succeed."""
    result = sluice(*args, **how)
    test.assertEqual(result.returncode, 0, result.stderr)
    return result.stdout


class EmittedDigits(FolderTest):
    """The digits network in Q8, self.model, and its fastest design for a small device."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        holder = FolderTest()
        holder.setUp()
        cls.addClassCleanup(holder.doCleanups)
        cls.model = holder.folder / "digits_q8.onnx"
        cls.design = holder.folder / "design.json"
        succeed(holder, "quantize", DIGITS, "--data", TRAIN_IMAGES, "--preprocess", "mnist",
                "--format", "q8", "-o", cls.model)
        succeed(holder, "explore", cls.model, "--device", "artix7-35t", "-o", cls.design)

    def emit(self, name="rtl", *args, design=True):
        """The folder of an emission."""
        by = ["--design", self.design] if design else []
        succeed(self, "emit", self.model, *by, "-o", self.folder / name, *args)
        return self.folder / name

    def changed_design(self, change):
        """The design after `change` of its document."""
        document = json.loads(self.design.read_text(encoding="utf-8"))
        change(document)
        path = self.folder / "changed.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        return path


def make(folder, target):
    """What `make` of an emission prints, Sluice aside."""
    return subprocess.run(["make", "-C", folder, target], text=True, capture_output=True,
                          timeout=600, check=False)


def contents(folder):
    """The bytes of each file below a folder, by its name."""
    return {str(path.relative_to(folder)): path.read_bytes()
            for path in folder.rglob("*") if path.is_file()}
