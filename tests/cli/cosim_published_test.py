# SPDX-License-Identifier: Apache-2.0
"""cosim of published networks, no part of the project: see SLUICE_DATA."""
import json
import os
from pathlib import Path

from program import ROOT, FolderTest, main
from rtl_networks import absent_simulators, succeed

DATA = Path(os.environ.get("SLUICE_DATA", ROOT / "../shared/data")).resolve()
RESNET = DATA / "models/cifar10/mlperftiny_resnet8_int8.tflite"
IMAGES = DATA / "datasets/cifar10/test_2000.bin"
KEYWORDS = DATA / "models/tiny/kws_dscnn_int8.tflite"


def missing():
    return absent_simulators() + [f"{path}: set SLUICE_DATA" for path in (RESNET, IMAGES, KEYWORDS)
                                  if not path.exists()]


class Published(FolderTest):
    """In Verilator, with and without pauses; the cycles are those of the model."""

    def simulate(self, model, *args):
        """The report of the fastest design for a ZedBoard; every word must be equal."""
        design = self.folder / "design.json"
        succeed(self, "explore", model, "--device", "zedboard", "-o", design)
        report = json.loads(succeed(self, "cosim", model, "--design", design, "--json", "--quiet",
                                    *args, timeout=600))
        self.assertTrue(report["equal"])
        self.assertEqual((report["simulator"], report["mismatches"]), ("verilator", []))
        return report

    def check_cycles(self, report):
        self.assertEqual(report["interval_cycles"], report["model_interval_cycles"])
        latency = report["latency_cycles"] / report["model_latency_cycles"]
        self.assertTrue(0.99 < latency < 1.01, latency)

    def test_the_resnet_of_mlperf_tiny_on_real_images(self):
        report = self.simulate(RESNET, "--data", IMAGES, "--preprocess", "cifar10-raw",
                               "--images", "3")
        self.assertEqual(report["images"], 3)
        self.check_cycles(report)

    def test_its_keyword_spotter_on_codes_that_are_drawn(self):
        self.check_cycles(self.simulate(KEYWORDS, "--images", "3", "--seed", "5"))


if __name__ == "__main__":
    if missing():
        print(f"SKIPPED: no {', no '.join(missing())}")
    else:
        main()
