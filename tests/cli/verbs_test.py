# SPDX-License-Identifier: Apache-2.0
"""Help, mistakes and their exit codes, info and run."""
import hashlib
import json
import struct
import tempfile
import unittest
from pathlib import Path

from program import DIGITS, ROOT, TEST_IMAGES, FolderTest, main, sluice

# A small int8 network: convolutions, Add, Sigmoid, mean, fully connected, Softmax.
QUANTIZED = ROOT / "tests/data/fuzz/tflite/quantized_int8.tflite"


def write_npy(path, shape, values):
    """A float32 .npy file."""
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {tuple(shape)}, }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    data = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()
    path.write_bytes(data + struct.pack(f"<{len(values)}f", *values))


class Help(unittest.TestCase):
    def test_overview_lists_every_verb(self):
        result = sluice("help")
        self.assertEqual(result.returncode, 0)
        for verb in ("info", "run", "eval", "flow", "golden", "diff", "simulate", "estimate"):
            self.assertRegex(result.stdout, rf"(?m)^  {verb} ")

    def test_help_of_each_verb_shows_a_worked_line(self):
        for verb in ("info", "run", "eval", "flow", "golden", "diff", "simulate", "estimate"):
            result = sluice("help", verb)
            self.assertEqual(result.returncode, 0)
            self.assertIn(f"sluice {verb}", result.stdout)

    def test_no_arguments_is_wrong_use_but_helps(self):
        result = sluice()
        self.assertEqual(result.returncode, 2)
        self.assertIn("usage:", result.stdout)


class Mistakes(unittest.TestCase):
    def check(self, args, code, *parts):
        result = sluice(*args)
        self.assertEqual(result.returncode, code, result.stderr)
        self.assertEqual(result.stdout, "")
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        for part in parts:
            self.assertIn(part, result.stderr)

    def test_unknown_verb_gets_the_nearest(self):
        self.check(["evla"], 2, 'did you mean "eval"')

    def test_unknown_option_gets_the_nearest(self):
        self.check(["eval", DIGITS, "--fromats", "float32"], 2, 'did you mean "--formats"')

    def test_missing_argument_points_to_help(self):
        self.check(["info"], 2, "MODEL", "sluice help info")

    def test_sluice_file_with_other_data_or_a_broken_line_is_bad_input(self):
        graph = ('graph "g" {\n  input %x: int8[17]\n  const %w: int8[17] = data[0]\n'
                 '  %y: int8[17] = Add(%x, %w) "sum"\n  output %y\n}\n')
        data = bytes(range(17))
        head = f'sluice 1\ndata 17 sha256 "{hashlib.sha256(data).hexdigest()}"\n'
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "net.sluice"
            beside = Path(folder) / "net.sluice.data"
            path.write_text(head + graph, encoding="utf-8")
            beside.write_bytes(data)
            self.assertEqual(sluice("info", path).returncode, 0)
            beside.write_bytes(data[:-1] + b"!")
            self.check(["info", path], 3, "net.sluice: line 2: the data is not")
            beside.write_bytes(data)
            path.write_text(head + graph.replace("Add", "Ad"), encoding="utf-8")
            self.check(["info", path], 3, "net.sluice: line 6: there is no operator")
            beside.unlink()
            self.check(["info", path], 3, "net.sluice.data: cannot open")

    def test_missing_file_is_bad_input(self):
        self.check(["info", "nowhere.onnx"], 3, "nowhere.onnx", "No such file")

    def test_a_file_that_is_no_model_is_bad_input(self):
        with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
            file.write(b"this is not a model" * 9)
            file.flush()
            self.check(["info", file.name], 3, file.name)

    def test_unknown_format_gets_the_nearest(self):
        self.check(["eval", DIGITS, "--data", TEST_IMAGES, "--preprocess", "mnist", "--formats",
                    "fixd16"], 2, 'did you mean')

    def test_unknown_preprocessing_is_wrong_use(self):
        self.check(["eval", DIGITS, "--data", TEST_IMAGES, "--preprocess", "mnits"], 2,
                   'did you mean "mnist"')

    def test_flow_with_half_of_its_arguments_is_wrong_use(self):
        self.check(["flow", DIGITS], 2, "--data")

    def test_run_without_input_says_what_to_give(self):
        self.check(["run", DIGITS], 2, "--input")

    def test_run_names_an_input_of_the_wrong_type(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "x.npy"
            write_npy(path, (8, 8), [0.5] * 64)
            self.check(["run", DIGITS, "--input", path], 2, "x.npy", "2 dimensions")

    def test_unknown_arithmetic_gets_the_nearest(self):
        self.check(["run", DIGITS, "--arithmetic", "xnnpak"], 2, 'did you mean "xnnpack"')

    def test_an_arithmetic_is_for_quantized_networks(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "x.npy"
            write_npy(path, (1, 1, 8, 8), [0.5] * 64)
            self.check(["run", DIGITS, "--input", path, "--arithmetic", "onnx"], 2, "float32")

    def test_a_format_is_for_float_networks(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "x.npy"
            write_npy(path, (1, 4, 4, 2), [0.5] * 32)
            self.check(["run", QUANTIZED, "--input", path, "--format", "fixed8"], 2, "quantized")
            self.check(["eval", QUANTIZED, "--data", TEST_IMAGES, "--preprocess", "mnist",
                        "--formats", "fixed8"], 2, "--formats")


class Quantized(unittest.TestCase):
    def test_integers_are_the_same_however_they_are_run(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "x.npy"
            write_npy(path, (1, 4, 4, 2), [(i * 37 % 64) / 8 - 4 for i in range(32)])
            runs = [sluice("run", QUANTIZED, "--input", path, "--json", *args)
                    for args in ([], ["--engine", "reference"], ["--threads", "1"],
                                 ["--threads", "7"])]
        for run in runs:
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertEqual(run.stdout, runs[0].stdout)


class Info(unittest.TestCase):
    def test_table_names_layers_and_totals(self):
        result = sluice("info", DIGITS)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("Conv", result.stdout)
        self.assertRegex(result.stdout, r"\d+ layers, .* parameters")

    def test_json_adds_up(self):
        result = sluice("info", DIGITS, "--json")
        model = json.loads(result.stdout)
        self.assertEqual(model["format"], "sluice.info/1")
        self.assertEqual(model["macs"], sum(layer["macs"] for layer in model["layers"]))
        self.assertEqual(model["parameters"], sum(x["parameters"] for x in model["layers"]))


class Run(FolderTest):
    def setUp(self):
        super().setUp()
        self.input = self.folder / "x.npy"
        write_npy(self.input, (2, 1, 8, 8), [(i % 17) / 16 for i in range(128)])

    def output(self, name, *args):
        path = self.folder / name
        result = sluice("run", DIGITS, "--input", self.input, "-o", path, *args)
        self.assertEqual(result.returncode, 0, result.stderr)
        data = path.read_bytes()
        start = 10 + struct.unpack("<H", data[8:10])[0]
        return struct.unpack(f"<{(len(data) - start) // 4}f", data[start:])

    def test_the_engines_agree(self):
        fast = self.output("fast.npy")
        reference = self.output("reference.npy", "--engine", "reference")
        self.assertEqual(len(fast), 20)
        for a, b in zip(fast, reference):
            self.assertAlmostEqual(a, b, delta=1e-4)

    def test_an_emulated_format_changes_the_result_a_little(self):
        exact = self.output("float32.npy")
        coarse = self.output("bfp8.npy", "--format", "bfp8-layer", "--calibration", self.input)
        self.assertNotEqual(exact, coarse)
        self.assertLess(max(abs(a - b) for a, b in zip(exact, coarse)), 2)

    def test_a_format_that_needs_calibration_says_so(self):
        result = sluice("run", DIGITS, "--input", self.input, "--format", "fixed8")
        self.assertEqual(result.returncode, 2)
        self.assertIn("calibration", result.stderr)

    def test_a_network_beyond_the_memory_limit_is_bad_input(self):
        result = sluice("run", DIGITS, "--input", self.input, "--memory-limit", "1e-6")
        self.assertEqual(result.returncode, 3)
        self.assertIn("--memory-limit", result.stderr)

    def test_a_memory_limit_beyond_all_machines_is_wrong_use(self):
        result = sluice("run", DIGITS, "--input", self.input, "--memory-limit", "1e30")
        self.assertEqual(result.returncode, 2)
        self.assertIn("--memory-limit", result.stderr)

    def test_json_has_the_five_best_classes_of_one_image(self):
        one = self.folder / "one.npy"
        write_npy(one, (1, 1, 8, 8), [0.25] * 64)
        result = sluice("run", DIGITS, "--input", one, "--json")
        report = json.loads(result.stdout)
        self.assertEqual(len(report["outputs"][0]["best_classes"]), 5)


if __name__ == "__main__":
    main()
