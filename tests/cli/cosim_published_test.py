# SPDX-License-Identifier: Apache-2.0
"""cosim of published networks, no part of the project: see SLUICE_DATA."""
import json
import os
from pathlib import Path

from program import ROOT, FolderTest, main
from rtl_networks import absent_simulators, succeed

DATA = Path(os.environ.get("SLUICE_DATA", ROOT / "../shared/data")).resolve()
RESNET = DATA / "models/cifar10/mlperftiny_resnet8_int8.tflite"
KEYWORDS = DATA / "models/tiny/kws_dscnn_int8.tflite"


def missing():
    return absent_simulators() + [f"{path}: set SLUICE_DATA" for path in (RESNET, KEYWORDS)
                                  if not path.exists()]


class Published(FolderTest):
    def simulate(self, model, device, *args):
        """The report of a design that fits the device; every word must be equal."""
        design = self.folder / "design.json"
        succeed(self, "explore", model, "--device", device, "-o", design)
        report = json.loads(succeed(self, "cosim", model, "--design", design, "--json", "--quiet",
                                    *args, timeout=600))
        self.assertTrue(report["equal"])
        self.assertEqual(report["mismatches"], [])
        return report

    def check_cycles(self, report, latency_off):
        self.assertEqual(report["interval_cycles"], report["model_interval_cycles"])
        off = report["latency_cycles"] / report["model_latency_cycles"] - 1
        self.assertLess(abs(off), latency_off)


if __name__ == "__main__":
    if missing():
        print(f"SKIPPED: no {', no '.join(missing())}")
    else:
        main()
