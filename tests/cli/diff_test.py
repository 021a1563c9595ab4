# SPDX-License-Identifier: Apache-2.0
"""diff: golden data against each other and against their model."""
import json

from program import DIGITS, ROOT, TRAIN_IMAGES, FolderTest, main, sluice

QUANTIZED = ROOT / "tests/data/fuzz/tflite/quantized_int8.tflite"


class Diff(FolderTest):
    def golden(self, name, *args):
        result = sluice("golden", QUANTIZED, "-o", self.folder / name, "--formats", "npy", *args)
        self.assertEqual(result.returncode, 0, result.stderr)
        return self.folder / name

    def test_equal_data_are_exit_0(self):
        a = self.golden("a")
        for args in ((a, a), (QUANTIZED, a), (a, a, "--model", QUANTIZED)):
            result = sluice("diff", *args)
            self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
            self.assertIn("\n0 of ", result.stdout)

    def test_different_data_are_exit_1_and_counted(self):
        a, b = self.golden("a"), self.golden("b", "--seed", "2")
        result = sluice("diff", a, b, "--json")
        self.assertEqual(result.returncode, 1)
        self.assertIn("layers differ", result.stderr)
        report = json.loads(result.stdout)
        self.assertEqual(report["format"], "sluice.diff/1")
        self.assertGreater(report["different_layers"], 0)

    def test_detect_finds_the_arithmetic(self):
        for arithmetic in ("tflite-single", "xnnpack"):
            path = self.golden("a", "--arithmetic", arithmetic)
            result = sluice("diff", QUANTIZED, path, "--arithmetic", "detect", "--json")
            self.assertEqual(result.returncode, 0, result.stderr)
            report = json.loads(result.stdout)
            self.assertEqual(report["reproduced"][arithmetic], len(report["layers"]))

    def test_a_dump_of_npy_files_is_named_after_values(self):
        golden = self.golden("a")
        dump = self.folder / "dump"
        dump.mkdir()
        manifest = json.loads((golden / "golden.json").read_text())
        for layer in manifest["layers"]:
            for array in layer["arrays"]:
                if array["role"] in ("input", "output"):
                    name = array["value"].replace("/", "_")
                    (dump / f"{name}.npy").write_bytes(
                        (golden / array["files"][0]["file"]).read_bytes())
        result = sluice("diff", QUANTIZED, dump)
        self.assertEqual(result.returncode, 0, result.stderr + result.stdout)

    def test_a_network_of_shifts_with_a_real_input(self):
        model, golden = self.folder / "q6.onnx", self.folder / "g"
        result = sluice("quantize", DIGITS, "--data", TRAIN_IMAGES, "--preprocess", "mnist",
                        "--format", "q6", "-o", model)
        self.assertEqual(result.returncode, 0, result.stderr)
        result = sluice("golden", model, "-o", golden, "--fold", "4")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(sluice("golden", "--verify", golden).returncode, 0)
        result = sluice("diff", model, golden)
        self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
        detected = sluice("diff", model, golden, "--arithmetic", "detect", "--json")
        report = json.loads(detected.stdout)
        self.assertEqual(report["unexplained"], 0)
        self.assertLess(report["reproduced"]["tflite-double"], len(report["layers"]))

    def test_mistakes_say_what_to_do(self):
        a = self.golden("a")
        self.check_error(["diff", a], 2, "B is required")
        self.check_error(["diff", a, self.folder / "nowhere"], 3, "nowhere")
        self.check_error(["diff", QUANTIZED, self.folder / "nowhere"], 3, "nowhere")
        (self.folder / "empty").mkdir()
        self.check_error(["diff", a, self.folder / "empty"], 2, "--model")
        self.check_error(["diff", QUANTIZED, self.folder / "empty"], 2, "named after")
        self.check_error(["diff", DIGITS, a], 2, "not quantized")
        self.check_error(["diff", a, a, "--arithmetic", "detect"], 2, "is no model")
        (a / "golden.json").write_text("[")
        self.check_error(["diff", a, a], 3, "golden.json", "line 1")

    def test_an_array_of_another_shape_is_bad_input(self):
        a, b = self.golden("a"), self.golden("b")
        outputs = sorted(b.glob("*_output.npy"))
        outputs[2].write_bytes(outputs[-1].read_bytes())
        self.check_error(["diff", a, b], 3, outputs[2].name)
        self.check_error(["diff", QUANTIZED, b], 3, outputs[2].name)


if __name__ == "__main__":
    main()
