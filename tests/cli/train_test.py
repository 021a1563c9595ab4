# SPDX-License-Identifier: Apache-2.0
"""train: learns, goes on after being killed to the same bytes, and says what cannot be."""
import json
import random
import signal
import subprocess
import time

from program import DIGITS, PROGRAM, TEST_IMAGES, TRAIN_IMAGES, FolderTest, main, sluice

COMMON = ["--data", TRAIN_IMAGES, "--preprocess", "mnist", "--device", "cpu", "--quiet"]


def accuracy(network):
    result = sluice("eval", network, "--data", TEST_IMAGES, "--preprocess", "mnist", "--formats",
                    "float32", "--json")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)["rows"][0]["top1_percent"]


class Learns(FolderTest):
    def test_a_pruned_network_recovers(self):
        pruned = self.folder / "pruned.onnx"
        self.assertEqual(sluice("prune", DIGITS, "--sparsity", "0.9", "-o", pruned).returncode, 0)
        before = accuracy(pruned)
        folder = self.folder / "trained"
        result = sluice("train", pruned, *COMMON, "--validation", TEST_IMAGES, "--epochs", "4",
                        "--batch", "32", "--rate", "0.02", "--augment", "crop=1", "--json", "-o",
                        folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        report = json.loads(result.stdout)
        self.assertEqual(report, json.loads((folder / "train.json").read_text()))
        self.assertEqual(len(report["rows"]), 4)
        after = accuracy(folder / "network.onnx")
        self.assertGreater(after, before + 5)
        # What it says of the last epoch is what eval finds in the file.
        self.assertAlmostEqual(after, report["rows"][-1]["validation_top1_percent"], delta=0.15)
        best = max(report["rows"], key=lambda row: row["validation_top1_percent"])
        self.assertEqual(report["best_epoch"], best["epoch"])
        self.assertAlmostEqual(accuracy(folder / "best.onnx"), best["validation_top1_percent"],
                               delta=0.15)
        log = (folder / "log.csv").read_text().splitlines()
        self.assertEqual(len(log), 5)
        for name in ("loss.svg", "accuracy.svg"):
            self.assertIn("</svg>", (folder / name).read_text())

    def test_integers_are_what_training_saw(self):
        folder = self.folder / "w4a4"
        result = sluice("train", DIGITS, *COMMON, "--validation", TEST_IMAGES, "--epochs", "4",
                        "--batch", "32", "--rate", "0.01", "--weight-bits", "4", "--act-bits", "4",
                        "--json", "-o", folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        rows = json.loads(result.stdout)["rows"]
        self.assertGreater(rows[-1]["validation_top1_percent"], 93)
        for name, row in (("network.onnx", rows[-1]),
                          ("best.onnx", max(rows, key=lambda r: r["validation_top1_percent"]))):
            result = sluice("eval", folder / name, "--data", TEST_IMAGES, "--preprocess", "mnist",
                            "--json")
            self.assertEqual(result.returncode, 0, result.stderr)
            exact, = json.loads(result.stdout)["rows"]
            self.assertEqual(exact["top1_percent"], row["validation_top1_percent"])
        # It goes on to hardware as it is, and the weights behind it are kept.
        for verb in (["estimate", "--device", "zcu104"], ["emit", "-o", self.folder / "rtl"]):
            result = sluice(verb[0], folder / "network.onnx", *verb[1:])
            self.assertEqual(result.returncode, 0, result.stderr)
        self.assertGreater(accuracy(folder / "network_float.onnx"), 90)

    def test_so_they_are_of_other_quantizers_with_any_steps(self):
        w4a4 = ["--weight-bits", "4", "--act-bits", "4", "--steps", "any"]
        for number, more in enumerate((
                ["--weight-quantizer", "lsq+", "--act-quantizer", "lsq+", "--weights-by", "tensor"],
                ["--weight-quantizer", "tanh", "--act-quantizer", "normalized-pact"],
                ["--weight-quantizer", "dorefa", "--act-quantizer", "dorefa", "--edge-bits", "7"])):
            folder = self.folder / f"any{number}"
            result = sluice("train", DIGITS, *COMMON, "--validation", TEST_IMAGES, "--epochs", "1",
                            "--batch", "32", "--rate", "0.005", "--clip-norm", "1", *w4a4, *more,
                            "--json", "-o", folder)
            self.assertEqual(result.returncode, 0, result.stderr)
            report = json.loads(result.stdout)
            self.assertEqual(report["recipe"]["quantization"]["steps"], "any")
            for engine in ("fast", "reference"):
                result = sluice("eval", folder / "network.onnx", "--data", TEST_IMAGES, "--engine",
                                engine, "--preprocess", "mnist", "--json")
                self.assertEqual(result.returncode, 0, result.stderr)
                exact, = json.loads(result.stdout)["rows"]
                self.assertEqual(exact["top1_percent"],
                                 report["rows"][-1]["validation_top1_percent"])
            # And to hardware.
            for verb in (["estimate", "--device", "zcu104"], ["emit", "-o", folder / "rtl"]):
                result = sluice(verb[0], folder / "network.onnx", *verb[1:])
                self.assertEqual(result.returncode, 0, result.stderr)

    def test_a_teacher_takes_the_place_of_labels(self):
        result = sluice("train", DIGITS, *COMMON, "--teacher", DIGITS, "--epochs", "1", "--rate",
                        "0", "--json", "-o", self.folder / "a")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(json.loads(result.stdout)["teacher"], "digits.onnx")

    def test_a_network_of_the_zoo_begins_with_random_weights(self):
        folder = self.folder / "tiny"
        result = sluice("train", "diracdeltanet_tiny", "--input-size", "8", "--classes", "10",
                        *COMMON, "--learn-clips", "--epochs", "2", "--batch", "64", "--json", "-o",
                        folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        report = json.loads(result.stdout)
        self.assertLess(report["rows"][1]["loss"], report["rows"][0]["loss"])
        # The taps of shifts stay what they are, also in a file of the network.
        shifts = len(report["recipe"]["frozen"])
        self.assertGreater(shifts, 0)
        result = sluice("train", folder / "network.onnx", *COMMON, "--epochs", "1", "--rate",
                        "0.002", "--weight-bits", "8", "--act-bits", "8", "--json", "-o",
                        self.folder / "w8a8")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(len(json.loads(result.stdout)["recipe"]["frozen"]), shifts)
        self.check_error(["train", "diracdeltanet_tiny", *COMMON, "--learn-clips", "--weight-bits",
                          "8", "--act-bits", "8", "-o", self.folder / "both"], 2, "normalized-pact")
        weights = self.folder / "tiny.safetensors"
        again = sluice("train", "diracdeltanet_tiny", "--from", weights, *COMMON, "-o",
                       self.folder / "again")
        self.assertEqual(again.returncode, 3, again.stderr)


class Resumes(FolderTest):
    ARGS = ["train", DIGITS, *COMMON, "--epochs", "10", "--batch", "16", "--rate", "0.01",
            "--augment", "crop=1,flip", "--average", "0.9", "--save-every", "0.05", "--seed", "7",
            "--weight-bits", "4", "--act-bits", "4"]

    def start(self, folder, *more):
        return subprocess.Popen([PROGRAM, *map(str, self.ARGS), *more, "-o", str(folder)],
                                text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def test_killed_at_ten_moments_it_ends_with_the_same_bytes(self):
        whole, cut = self.folder / "whole", self.folder / "cut"
        with self.start(whole) as process:
            self.assertEqual(process.wait(timeout=300), 0)
        moments = random.Random(5)
        kills = 0
        for _ in range(60):
            with self.start(cut, "--resume") as process:
                try:
                    if kills < 10:
                        # Most of a second goes by before the first step.
                        process.wait(timeout=moments.uniform(0.2, 1.5))
                    code = process.wait(timeout=0 if kills < 10 else 300)
                    self.assertEqual(code, 0)
                    break
                except subprocess.TimeoutExpired:
                    process.send_signal(signal.SIGKILL)
                    kills += 1
        self.assertGreater(kills, 5)
        self.assertEqual((whole / "network.onnx").read_bytes(),
                         (cut / "network.onnx").read_bytes())

    def test_ctrl_c_saves_and_says_how_to_go_on(self):
        folder = self.folder / "stopped"
        with self.start(folder) as process:
            deadline = time.monotonic() + 60
            while not (folder / "state.safetensors").exists():
                self.assertLess(time.monotonic(), deadline)
                self.assertIsNone(process.poll(), "finished before it could be stopped")
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, errors)
        self.assertIn("--resume goes on", errors)
        with self.start(folder, "--resume") as process:
            self.assertEqual(process.wait(timeout=300), 0)

    def test_the_state_of_another_training_is_refused(self):
        folder = self.folder / "a"
        done = sluice(*self.ARGS, "-o", folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.check_error([*self.ARGS, "--momentum", "0.5", "--resume", "-o", folder], 2,
                         "another network, other images or options")
        self.check_error([*self.ARGS, "-o", folder], 2, "holds a training already", "--resume")
        leftover = folder / "state.safetensors.tmp123"
        leftover.write_bytes(b"half of one")
        self.assertEqual(sluice(*self.ARGS, "--resume", "-o", folder).returncode, 0)
        self.assertFalse(leftover.exists())
        state = folder / "state.safetensors"
        state.write_bytes(state.read_bytes()[:1000])
        self.check_error([*self.ARGS, "--resume", "-o", folder], 3, "state.safetensors")


class BadInput(FolderTest):
    def check(self, code, *args, parts=()):
        self.check_error(["train", DIGITS, *COMMON, "-o", self.folder / "new", *args], code, *parts)
        self.assertFalse((self.folder / "new").exists())

    def test_options_outside_their_bounds(self):
        self.check(2, "--rate", "-1", parts=["learning rate"])
        self.check(2, "--rate", "nan", parts=["learning rate"])
        self.check(2, "--momentum", "2", parts=["momentum"])
        self.check(2, "--optimizer", "sdg", parts=["did you mean \"sgd\""])
        self.check(2, "--schedule", "cosinus", parts=["did you mean \"cosine\""])
        self.check(2, "--augment", "crops=4", parts=["crop"])
        self.check(2, "--batch", "100000", parts=["fewer than a batch"])
        self.check(2, "--freeze", "nothing", parts=["no weights"])
        self.check(2, "--warm-up", "1000", parts=["warming up"])
        self.check(2, "--weight-bits", "9", "--act-bits", "4", parts=["weights have 1 to 8 bits"])
        self.check(2, "--weight-bits", "4", parts=["--act-bits"])
        w4a4 = ["--weight-bits", "4", "--act-bits", "4"]
        self.check(2, *w4a4, "--act-quantizer", "tanh", parts=["or dorefa, not by tanh"])
        self.check(2, *w4a4, "--act-quantizer", "dorefa", parts=["fixed", "let steps be any"])
        self.check(2, *w4a4, "--weight-quantizer", "dorefa", "--steps", "any",
                   parts=["weights of the first layer have 8 bits", "7 or fewer"])
        self.check(2, *w4a4, "--step-start", "mean", parts=["published, percentile or mse"])
        self.check(2, *w4a4, "--first-bits", "0", parts=["first layer have 1 to 8 bits"])

    def test_files_that_are_none(self):
        self.check_error(["train", self.folder / "no.onnx", *COMMON, "-o", self.folder / "new"], 3,
                         "no.onnx")
        self.check_error(["train", "resnet19", *COMMON, "-o", self.folder / "new"], 2,
                         "did you mean")
        self.check(2, "--classes", "7", parts=["networks of the zoo"])
        self.check(3, "--validation", str(self.folder / "none"), parts=["none"])

    def test_a_folder_with_other_files_is_left_alone(self):
        (self.folder / "thesis.tex").write_text("x")
        self.check_error(["train", DIGITS, *COMMON, "-o", self.folder], 2, "thesis.tex",
                         "another folder")

    def test_divergence_is_told_with_advice(self):
        result = sluice("train", DIGITS, *COMMON, "--rate", "1e30", "--epochs", "3",
                        "--batch", "32", "-o", self.folder / "new")
        self.assertEqual(result.returncode, 1, result.stderr)
        for part in ("no number any more at step", "lower learning rate", "last good state"):
            self.assertIn(part, result.stderr)


if __name__ == "__main__":
    if not (PROGRAM.parent / "sluice-train").exists():
        print("SKIPPED: sluice-train is not built (SLUICE_TRAIN)")
    else:
        main()
