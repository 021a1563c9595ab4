# SPDX-License-Identifier: Apache-2.0
"""golden, diff and simulate on published networks, no part of the project: see SLUICE_DATA."""
import json
import os
from pathlib import Path

from program import ROOT, FolderTest, main, sluice

DATA = Path(os.environ.get("SLUICE_DATA", ROOT / "../shared/data")).resolve()
RESNET = DATA / "models/cifar10/mlperftiny_resnet8_int8.tflite"
PERSON = DATA / "models/tiny/person_detect_int8.tflite"
DUMPS = DATA / "golden/runtime"


class Published(FolderTest):
    def setUp(self):
        for path in (RESNET, PERSON, DUMPS):
            if not path.exists():
                print(f"SKIPPED: no {path}: set SLUICE_DATA")
                self.skipTest("SLUICE_DATA")
        super().setUp()

    def run_json(self, code, *args):
        result = sluice(*args, "--json")
        self.assertEqual(result.returncode, code, result.stderr)
        return json.loads(result.stdout)

    def golden(self, arithmetic):
        path = self.folder / arithmetic
        summary = self.run_json(0, "golden", RESNET, "--input",
                                DUMPS / "resnet8_cifar10_int8/input.npy", "-o", path,
                                "--arithmetic", arithmetic)
        self.assertEqual(summary["layers"], 25)
        return path

    def test_golden_data_verify_and_a_flipped_byte_is_found(self):
        path = self.golden("tflite-double")
        self.assertEqual(self.run_json(0, "golden", "--verify", path)["layers"], 25)
        file = next(path.glob("*_accumulators.bin"))
        content = bytearray(file.read_bytes())
        content[100] ^= 8
        file.write_bytes(content)
        result = sluice("golden", "--verify", path)
        self.assertEqual(result.returncode, 1)
        self.assertIn(file.name, result.stderr)

    def test_double_against_single_rounding_is_explained_whole(self):
        twice, once = self.golden("tflite-double"), self.golden("tflite-single")
        self.assertEqual(self.run_json(0, "diff", twice, twice)["different_layers"], 0)
        for model in ((), ("--model", RESNET)):
            report = self.run_json(1, "diff", twice, once, *model)
            own = [layer["own"] for layer in report["layers"] if "own" in layer]
            self.assertGreater(sum(x["count"] for x in own), 50)
            for layer in own:
                causes = layer["causes"]
                explained = causes.get("double-rounding", 0) + causes.get("tie", 0)
                self.assertEqual(explained, layer["count"])

    def test_dumps_of_tensorflow_lite_micro_are_equal_and_detected(self):
        for model, name in ((RESNET, "resnet8_cifar10_int8"), (PERSON, "person_detect_int8")):
            report = self.run_json(0, "diff", model, DUMPS / name, "--arithmetic",
                                   "tflite-double")
            self.assertGreater(len(report["layers"]), 15)
            report = self.run_json(0, "diff", model, DUMPS / name, "--arithmetic", "detect")
            self.assertEqual(report["reproduced"]["tflite-double"], len(report["layers"]))
            self.assertLess(report["reproduced"]["tflite-single"], len(report["layers"]))

    def test_an_archive_is_a_dump_too(self):
        report = self.run_json(0, "diff", PERSON, DUMPS / "person_detect_int8/tensors.npz",
                               "--arithmetic", "tflite-double")
        self.assertEqual(report["different_layers"], 0)

    def test_accumulators_over_images_stay_within_what_is_proven(self):
        images = DATA / "datasets/cifar10/test_2000.bin"
        report = self.run_json(0, "simulate", RESNET, "--accumulators", "--data", images,
                               "--preprocess", "cifar10-raw", "--limit", "4")
        self.assertEqual(report["inputs"], 4)
        self.assertEqual(len(report["layers"]), 10)
        for layer in report["layers"]:
            self.assertLessEqual(layer["proven"][0], layer["observed"][0])
            self.assertGreaterEqual(layer["proven"][1], layer["observed"][1])


if __name__ == "__main__":
    main()
