# SPDX-License-Identifier: Apache-2.0
"""Quantizing the digits network: files, accuracy, mixed formats, bad input."""
import json

from program import DIGITS, TEST_IMAGES, TRAIN_IMAGES, FolderTest, main, sluice

CALIBRATION = ["--data", TRAIN_IMAGES, "--preprocess", "mnist"]


class Quantize(FolderTest):
    def quantize(self, output, *args, code=0):
        result = sluice("quantize", DIGITS, *CALIBRATION, "-o", output, "--json", *args,
                        cwd=self.folder)
        self.assertEqual(result.returncode, code, result.stderr)
        return json.loads(result.stdout) if code == 0 else result.stderr

    def right(self, model, *args):
        result = sluice("eval", model, "--data", TEST_IMAGES, "--preprocess", "mnist", "--json",
                        *args, cwd=self.folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        return [row["top1"] for row in json.loads(result.stdout)["rows"]]

    def test_both_files_hold_the_same_network_and_are_as_good_as_float(self):
        for number_format in ("int8", "q8", "q16", "sbfp8-channel"):
            counts = []
            for name in ("q.onnx", "q.sluice"):
                report = self.quantize(name, "--format", number_format)
                self.assertEqual(report["number_format"], number_format)
                counts += self.right(name)
            self.assertEqual(counts[0], counts[1], number_format)
            self.assertGreaterEqual(counts[0], 980)

    def test_eval_gives_the_same_row_without_a_file(self):
        self.quantize("q.sluice", "--format", "q8")
        row = self.right(DIGITS, "--exact", "q8", "--calibration", TRAIN_IMAGES)
        self.assertEqual(row, self.right("q.sluice"))

    def test_parameters_shrink(self):
        report = self.quantize("q.sluice")
        self.assertLess(report["parameter_bytes"], 0.4 * report["parameter_bytes_before"])

    def test_layers_have_their_own_formats(self):
        layers = self.quantize("q.sluice", "--format", "q8")["layers"]
        name = next(layer["name"] for layer in layers if layer["operator"] == "Conv")
        (self.folder / "layers.json").write_text(json.dumps({"layers": {name: "q4"}}))
        mixed = self.quantize("q.sluice", "--format", "q8", "--layers", "layers.json")["layers"]
        changed = [a["name"] for a, b in zip(mixed, layers) if a != b]
        self.assertIn(name, changed)
        self.assertIn("4-bit", next(a["weights"] for a in mixed if a["name"] == name))

    def test_same_bytes_on_any_number_of_threads(self):
        self.quantize("a.sluice", "--threads", "1")
        self.quantize("b.sluice", "--threads", "2")
        self.assertEqual((self.folder / "a.sluice.data").read_bytes(),
                         (self.folder / "b.sluice.data").read_bytes())

    def test_bad_input_leaves_no_file(self):
        for args, code, words in (
                (["--format", "int9000"], 2, "no integer format"),
                (["--layers", "missing.json"], 3, "missing.json"),
                (["--arithmetic", "shift-floor"], 2, "powers of two")):
            self.assertIn(words, self.quantize("q.sluice", *args, code=code))
        (self.folder / "layers.json").write_text('{"layers": {"nosuch": "int4"}}')
        self.assertIn("no layer", self.quantize("q.sluice", "--layers", "layers.json", code=2))
        (self.folder / "layers.json").write_text('{"layers": {"nosuch": 4}}')
        self.assertIn("/layers/nosuch",
                      self.quantize("q.sluice", "--layers", "layers.json", code=3))
        self.assertIn(".onnx", self.quantize("q.tflite", code=2))
        self.assertEqual([path.name for path in self.folder.iterdir()], ["layers.json"])


if __name__ == "__main__":
    main()
