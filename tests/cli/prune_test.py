# SPDX-License-Identifier: Apache-2.0
"""Pruning the digits network: files, reports, accuracy, wrong use."""
import json
import signal
import subprocess

from program import DIGITS, PROGRAM, TEST_IMAGES, TRAIN_IMAGES, FolderTest, main, sluice

DATA = ["--data", TEST_IMAGES, "--preprocess", "mnist"]
STEM = "/stem/conv/Conv"


class Prune(FolderTest):
    def prune(self, *args, output="out.onnx", code=0):
        result = sluice("prune", DIGITS, "-o", output, "--json", *args, cwd=self.folder)
        self.assertEqual(result.returncode, code, result.stderr)
        return json.loads(result.stdout) if code == 0 else result.stderr

    def eval(self, model, *args):
        result = sluice("eval", model, *DATA, "--json", *args, cwd=self.folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout)

    def right(self, model):
        return self.eval(model, "--formats", "float32")["rows"][0]["top1"]

    def test_the_file_computes_what_eval_emulates(self):
        pruned = self.prune("--relu-threshold", "0.1")
        self.assertEqual(len(pruned["relus"]), 6)
        emulated = self.eval(DIGITS, "--formats", "float32", "--relu-threshold", "0.1")
        self.assertEqual(self.right("out.onnx"), emulated["rows"][0]["top1"])
        self.assertEqual(emulated["relu_threshold"], 0.1)
        self.assertIsNone(emulated["weight_threshold"])

    def test_eval_prunes_what_the_format_has(self):
        report = self.eval(DIGITS, "--formats", "float32,fixed8", "--calibration", TRAIN_IMAGES,
                           "--weight-threshold", "0.02", "--limit", "100")
        self.assertEqual(report["weight_threshold"], 0.02)
        for row in report["rows"]:
            self.assertEqual(row["weights"], 18640)
            self.assertGreater(row["zero_weights"], 100)

    def test_half_of_the_weights_are_exactly_half(self):
        report = self.prune("--sparsity", "0.5")["pruned_weights"]
        self.assertEqual(report["zeros"] * 2, report["weights"])
        self.assertGreaterEqual(self.right("out.onnx"), 950)

    def test_each_layer_may_lose_its_part(self):
        for layer in self.prune("--sparsity", "0.25", "--each-layer")["pruned_weights"]["layers"]:
            self.assertEqual(layer["zeros"] * 4, layer["weights"], layer["name"])

    def test_layers_have_values_of_their_own(self):
        report = self.prune("--threshold", "0", "--layer", f"{STEM}=1000")
        layers = report["pruned_weights"]["layers"]
        self.assertEqual([layer["name"] for layer in layers if layer["zeros"]], [STEM])

    def test_patterns_leave_layers_alone_where_told_to(self):
        report = self.prune("--nm", "2:4", "--skip")["pruned_weights"]
        self.assertEqual(report["zeros"] * 2, report["weights"])
        self.assertEqual(len(report["left_alone"]), 3)

    def test_channels_make_the_network_smaller(self):
        before = self.prune("--channels", "0", output="all.onnx")["pruned_channels"]
        after = self.prune("--channels", "0.1", "--channel-multiple", "4")["pruned_channels"]
        self.assertEqual(before["parameters"], before["parameters_before"])
        self.assertLess(after["parameters"], before["parameters"])
        for group in after["groups"]:
            self.assertTrue(group["kept"] % 4 == 0 or "left_alone" in group)
        self.assertLess((self.folder / "out.onnx").stat().st_size,
                        (self.folder / "all.onnx").stat().st_size)
        self.assertEqual(self.right("all.onnx"), self.right(DIGITS))
        self.right("out.onnx")

    def test_both_files_hold_the_same_network(self):
        self.prune("--sparsity", "0.6", output="p.sluice")
        self.prune("--sparsity", "0.6", output="p.onnx")
        self.assertEqual(self.right("p.sluice"), self.right("p.onnx"))

    def test_a_pruned_network_is_quantized_and_an_estimate_made_of_it(self):
        self.prune("--sparsity", "0.3", "--relu-threshold", "0.05")
        result = sluice("quantize", "out.onnx", "--data", TRAIN_IMAGES, "--preprocess", "mnist",
                        "--format", "q8", "-o", "q.sluice", cwd=self.folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertGreaterEqual(self.eval("q.sluice")["rows"][0]["top1"], 900)
        result = sluice("estimate", "out.onnx", "--device", "zcu104", cwd=self.folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        result = sluice("prune", "q.sluice", "--sparsity", "0.5", "-o", "x.sluice", cwd=self.folder)
        self.assertEqual(result.returncode, 2)
        self.assertIn("then quantize that", result.stderr)

    def test_sensitivity_has_a_row_a_layer(self):
        result = sluice("prune", DIGITS, "--sensitivity", *DATA, "--limit", "50", "--sparsities",
                        "0,1", "--json")
        self.assertEqual(result.returncode, 0, result.stderr)
        report = json.loads(result.stdout)
        self.assertEqual(len(report["layers"]), 7)
        for layer in report["layers"]:
            self.assertEqual(layer["top1"][0], report["top1"])
            self.assertLess(layer["top1"][1], report["top1"])

    def test_a_stopped_sweep_prints_what_is_known(self):
        with subprocess.Popen([PROGRAM, "prune", DIGITS, "--sensitivity", *DATA, "--json",
                               "--sparsities", ",".join(["0.5"] * 200)], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            try:
                process.wait(timeout=4)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, stderr)
        self.assertIn("stopped", stderr)
        if stdout:
            self.assertFalse(json.loads(stdout)["complete"])

    def test_wrong_use_is_explained_and_leaves_no_file(self):
        for args, words in (
                ([], "nothing to prune"),
                (["--threshold", "-0.1"], "0 or more, got -0.1"),
                (["--threshold", "nan"], "got nan"),
                (["--threshold", "inf"], "got inf"),
                (["--threshold", "big"], '"big" is no number'),
                (["--relu-threshold", "-1"], "a threshold of ReLUs"),
                (["--relu-threshold", "nan"], "got nan"),
                (["--relu-threshold", "1", "--relu-threshold", "2"], "second threshold"),
                (["--relu-threshold", "/Rleu=1"], 'did you mean "/Relu"'),
                (["--sparsity", "1.5"], "from 0 to 1, got 1.5"),
                (["--nm", "2:4"], f'"{STEM}": its sums go over 1 input channel'),
                (["--nm", "5:4"], "N must not exceed M"),
                (["--nm", "24"], "a pattern is N:M"),
                (["--channels", "1"], "from 0 to below 1"),
                (["--channels", "0.5", "--channel-multiple", "0"], "multiples of 1 or more"),
                (["--channels", "0", "--layer", "/classifier/Gemm=0.5"], "must stay"),
                (["--sparsity", "0.5", "--layer", "/stem/conv/Cnv=0.1"],
                 f'did you mean "{STEM}"'),
                (["--sparsity", "0.5", "--layer", "0.1"], "NAME=VALUE"),
                (["--layer", f"{STEM}=0.1"], "--layer needs"),
                (["--sparsity", "0.5", "--threshold", "0.1"], "exclude each other"),
                (["--threshold", "0.5", "--each-layer"], "--each-layer is for --sparsity"),
                (["--threshold", "0.5", "--skip"], "--skip is for --nm"),
                (["--threshold", "0.5", "--channel-multiple", "8"], "is for --channels"),
                (["--threshold", "0.5", "--data", TEST_IMAGES], "are for --sensitivity")):
            self.assertIn(words, self.prune(*args, code=2), args)
        self.assertIn(".onnx", self.prune("--sparsity", "0.5", output="o.tflite", code=2))
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_wrong_use_of_the_sweep_is_explained(self):
        for args, words in (([], "needs --data and --preprocess"),
                            ([*DATA, "-o", "x.onnx"], "writes no file"),
                            ([*DATA, "--sparsity", "0.5"], "--sparsities"),
                            ([*DATA, "--sparsities", "0.5,2"], "from 0 to 1, got 2"),
                            ([*DATA, "--sparsities", "0.5,"], "is no number")):
            result = sluice("prune", DIGITS, "--sensitivity", *args, cwd=self.folder)
            self.assertEqual(result.returncode, 2, result.stderr)
            self.assertIn(words, result.stderr)

    def test_wrong_thresholds_of_eval_are_explained(self):
        for args, words in ((["--weight-threshold", "-1"], "0 or more"),
                            (["--weight-threshold", "nan"], "got nan"),
                            (["--relu-threshold", "-1"], "a threshold of ReLUs"),
                            (["--exact", "int8", "--relu-threshold", "1"], "sluice prune")):
            result = sluice("eval", DIGITS, *DATA, *args, cwd=self.folder)
            self.assertEqual(result.returncode, 2, result.stderr)
            self.assertIn(words, result.stderr)


if __name__ == "__main__":
    main()
