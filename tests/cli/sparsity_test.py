# SPDX-License-Identifier: Apache-2.0
"""sparsity: zeros counted on images, in tables, JSON and arrays."""
import json
import signal
import subprocess

from program import DIGITS, PROGRAM, TEST_IMAGES, FolderTest, main, sluice


class Sparsity(FolderTest):
    args = [DIGITS, "--data", TEST_IMAGES, "--preprocess", "mnist"]

    def check_error(self, args, code, *parts):
        super().check_error(["sparsity", *args], code, *parts)

    def test_table_of_formats_and_layers(self):
        result = sluice("sparsity", *self.args, "--formats", "fixed8,mxint8", "--limit", "50",
                        "--exact", "int8")
        self.assertEqual(result.returncode, 0, result.stderr)
        for word in ("fixed8", "mxint8", "exact int8", "zero products %"):
            self.assertIn(word, result.stdout)

    def test_json_and_arrays_say_the_same(self):
        out = self.folder / "zeros"
        result = sluice("sparsity", *self.args, "--limit", "50", "--json", "-o", out)
        self.assertEqual(result.returncode, 0, result.stderr)
        report = json.loads(result.stdout)
        written = json.loads((out / "sparsity.json").read_text(encoding="utf-8"))
        files = written.pop("files")
        self.assertEqual(report, written)
        self.assertEqual(sorted(files + ["sparsity.json"]), sorted(p.name for p in out.iterdir()))
        layer = report["rows"][0]["layers"][0]
        self.assertEqual(sum(map(sum, layer["zeros_histogram"])) *
                         layer["kernel"][0] * layer["kernel"][1], layer["products"])

    def test_threads_do_not_matter(self):
        runs = [sluice("sparsity", *self.args, "--limit", "60", "--json", "--threads", threads)
                for threads in ("1", "2", "5")]
        self.assertEqual({run.returncode for run in runs}, {0})
        self.assertEqual(len({run.stdout for run in runs}), 1)

    def test_published_averages_are_less(self):
        shares = []
        for compat in ("none", "fpgaconvnet"):
            result = sluice("sparsity", *self.args, "--formats", "fixed16", "--limit", "40",
                            "--json", "--compat", compat)
            self.assertEqual(result.returncode, 0, result.stderr)
            shares.append(json.loads(result.stdout)["rows"][0]["sparsity"])
        self.assertLess(shares[1], shares[0])

    def test_control_c_prints_what_was_counted(self):
        with subprocess.Popen([PROGRAM, "sparsity", *map(str, self.args), "--json", "--batch",
                               "1", "--engine", "reference"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True) as process:
            try:
                process.wait(0.3)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGINT)
            out, _ = process.communicate(timeout=60)
        if process.returncode == 0:
            self.skipTest("was faster than the signal")
        self.assertEqual(process.returncode, 130)
        if out:  # not stopped before the first image
            report = json.loads(out)
            self.assertFalse(report["is_complete"])

    def test_mistakes_say_what_to_do(self):
        self.check_error([DIGITS], 2, "--data")
        self.check_error([*self.args, "--formats", "fixd16"], 2, "fixed16")
        self.check_error([*self.args[:-1], "mnits"], 2, "mnist")
        (self.folder / "thesis.tex").write_text("", encoding="utf-8")
        self.check_error([*self.args, "-o", self.folder], 2, "other things than sparsity")
        self.check_error([self.folder / "nowhere.onnx", *self.args[1:]], 3, "nowhere")


if __name__ == "__main__":
    main()
