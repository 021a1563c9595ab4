# SPDX-License-Identifier: Apache-2.0
"""simulate: runs in integers, and the width of accumulators."""
import json
import struct

from program import DIGITS, ROOT, TEST_IMAGES, FolderTest, main, sluice

QUANTIZED = ROOT / "tests/data/fuzz/tflite/quantized_int8.tflite"


class Simulate(FolderTest):
    def setUp(self):
        super().setUp()
        self.input = self.folder / "x.npy"
        header = "{'descr': '|i1', 'fortran_order': False, 'shape': (1, 4, 4, 2), }"
        header += " " * (-(len(header) + 11) % 64) + "\n"
        codes = bytes((i * 37 + 11) % 256 for i in range(32))
        self.input.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) +
                               header.encode() + codes)

    def check_error(self, args, code, *parts):
        super().check_error(["simulate", *args], code, *parts)

    def test_outputs_are_those_of_run(self):
        outputs = []
        for verb in ("run", "simulate"):
            path = self.folder / f"{verb}.npy"
            result = sluice(verb, QUANTIZED, "--input", self.input, "-o", path)
            self.assertEqual(result.returncode, 0, result.stderr)
            outputs.append(path.read_bytes())
        self.assertEqual(outputs[0], outputs[1])

    def test_accumulators_of_each_layer(self):
        result = sluice("simulate", QUANTIZED, "--input", self.input, "--accumulators", "--json")
        self.assertEqual(result.returncode, 0, result.stderr)
        report = json.loads(result.stdout)
        self.assertEqual(report["format"], "sluice.accumulators/1")
        self.assertEqual([layer["op"] for layer in report["layers"]], ["Conv", "Conv", "Gemm"])
        for layer in report["layers"]:
            self.assertLessEqual(layer["observed_bits"], layer["proven_bits"])
            self.assertEqual(layer["spare_bits"], 32 - layer["proven_bits"])

    def test_overflows_are_counted_and_exit_1(self):
        self.check_error([QUANTIZED, "--input", self.input, "--accumulators",
                          "--accumulator-bits", "4"], 1, "do not fit accumulators of 4 bits")

    def test_mistakes_say_what_to_do(self):
        self.check_error([QUANTIZED], 2, "--input")
        self.check_error([QUANTIZED, "--data", TEST_IMAGES], 2, "--accumulators")
        self.check_error([QUANTIZED, "--data", TEST_IMAGES, "--accumulators"], 2, "--preprocess")
        self.check_error([QUANTIZED, "--data", TEST_IMAGES, "--accumulators", "--input",
                          self.input], 2, "exclude each other")
        self.check_error([DIGITS, "--data", TEST_IMAGES, "--accumulators", "--preprocess",
                          "mnist"], 2, "not quantized")
        self.check_error([self.folder / "nowhere.tflite", "--input", self.input], 3, "nowhere")


if __name__ == "__main__":
    main()
