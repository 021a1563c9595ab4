# SPDX-License-Identifier: Apache-2.0
"""The accuracy table: figures, interruption, resumption, bad images."""
import json
import shutil
import signal
import subprocess
import time

from program import DIGITS, PROGRAM, ROOT, TEST_IMAGES, TRAIN_IMAGES, FolderTest, main, sluice

OPTIONS = [DIGITS, "--data", TEST_IMAGES, "--calibration", TRAIN_IMAGES, "--preprocess", "mnist"]


class Table(FolderTest):
    def report(self, *args, code=0):
        result = sluice("eval", *OPTIONS, "--json", *args, cwd=self.folder)
        self.assertEqual(result.returncode, code, result.stderr)
        return json.loads(result.stdout)

    def test_float32_has_the_accuracy_the_training_recorded(self):
        record = json.loads((ROOT / "models/digits/training_record.json").read_text())
        right = record["test"]["num_correct"]
        row = self.report("--formats", "float32")["rows"][0]
        self.assertEqual(row["images"], 1000)
        self.assertLessEqual(abs(row["top1"] - right), 1)

    def test_one_row_a_format_in_the_order_asked_for(self):
        formats = ["float32", "fixed16", "fixed8", "bfp8-layer", "bfp8-channel"]
        rows = self.report()["rows"]
        self.assertEqual([row["number_format"] for row in rows], formats)
        self.assertLessEqual(abs(rows[1]["top1"] - rows[0]["top1"]), 3)
        for row in rows:  # eight bits are enough for so easy a task
            self.assertGreaterEqual(row["top1"], 970, row)

    def test_same_counts_with_other_threads_and_batches(self):
        def counts(report):
            return [(row["top1"], row["top5"]) for row in report["rows"]]

        first = counts(self.report("--formats", "float32,bfp8-layer", "--threads", "1"))
        self.assertEqual(first, counts(self.report("--formats", "float32,bfp8-layer",
                                                   "--threads", "2")))

    def test_engines_agree_on_accuracy(self):
        limit = ["--formats", "float32,fixed8", "--limit", "200"]
        fast = self.report(*limit)["rows"]
        reference = self.report(*limit, "--engine", "reference")["rows"]
        for a, b in zip(fast, reference):
            self.assertLessEqual(abs(a["top1"] - b["top1"]), 1)

    def test_report_goes_to_a_file_and_no_journal_stays(self):
        self.report("--formats", "float32", "-o", "report.json")
        self.assertEqual([path.name for path in self.folder.iterdir()], ["report.json"])
        self.assertEqual(json.loads((self.folder / "report.json").read_text())["format"],
                         "sluice.eval/1")

    def test_calibrating_on_the_evaluated_images_is_said(self):
        result = sluice("eval", DIGITS, "--data", TEST_IMAGES, "--preprocess", "mnist", "--formats",
                        "fixed8", "--limit", "64", cwd=self.folder)
        self.assertEqual(result.returncode, 0)
        self.assertIn("--calibration", result.stderr)


class Interruption(FolderTest):
    """The reference engine on one image at a time is slow enough to be stopped on the way."""

    slow = ["--engine", "reference", "--batch", "1", "--formats", "float32", "--limit", "300"]

    def setUp(self):
        super().setUp()
        self.journal = self.folder / "sluice-eval.journal"

    def start_and_stop(self, how):
        command = [PROGRAM, "eval", *OPTIONS, *self.slow]
        with subprocess.Popen([*map(str, command)], cwd=self.folder, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            deadline = time.monotonic() + 60
            while not self.journal.exists() or self.journal.read_text().count("\n") < 5:
                self.assertLess(time.monotonic(), deadline)
                self.assertIsNone(process.poll(), "finished before it could be stopped")
                time.sleep(0.005)
            process.send_signal(how)
            _, errors = process.communicate(timeout=60)
        return process.returncode, errors

    def resumed(self):
        result = sluice("eval", *OPTIONS, *self.slow, "--json", "--resume", cwd=self.folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout)["rows"]

    def uninterrupted(self):
        result = sluice("eval", *OPTIONS, *self.slow, "--json", cwd=self.folder)
        return json.loads(result.stdout)["rows"]

    def check_resumed(self):
        done = self.journal.read_text().count("\n")
        self.assertGreater(done, 4)
        rows = self.resumed()
        whole = self.uninterrupted()
        for key in ("images", "top1", "top5"):
            self.assertEqual(rows[0][key], whole[0][key])
        self.assertFalse(self.journal.exists())

    def test_ctrl_c_says_how_to_go_on_and_resume_does(self):
        code, errors = self.start_and_stop(signal.SIGINT)
        self.assertEqual(code, 130)
        self.assertIn("--resume", errors)
        self.check_resumed()

    def test_resumes_after_kill_9(self):
        code, _ = self.start_and_stop(signal.SIGKILL)
        self.assertEqual(code, -signal.SIGKILL)
        self.check_resumed()

    def test_resume_with_other_options_is_refused(self):
        self.start_and_stop(signal.SIGKILL)
        result = sluice("eval", *OPTIONS, *self.slow, "--resume", "--seed", "2", cwd=self.folder)
        self.assertEqual(result.returncode, 2)
        self.assertIn("sluice-eval.journal", result.stderr)


class BadImages(FolderTest):
    def setUp(self):
        super().setUp()
        shutil.copy(ROOT / "tests/cli/digit_0.png", self.folder / "good.png")
        (self.folder / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n truncated")
        (self.folder / "labels.csv").write_text("file,class\ngood.png,0\nbad.png,1\ngood.png,0\n")

    def evaluate(self, *args, formats="float32"):
        return sluice("eval", DIGITS, "--data", self.folder / "labels.csv", "--preprocess", "mnist",
                      "--formats", formats, "--batch", "1", *args, cwd=self.folder)

    def test_stop_names_the_file(self):
        result = self.evaluate()
        self.assertEqual(result.returncode, 3)
        self.assertIn("bad.png", result.stderr)

    def test_skip_goes_on_and_counts(self):
        result = self.evaluate("--on-bad-image", "skip", "--json")
        self.assertEqual(result.returncode, 0, result.stderr)
        row = json.loads(result.stdout)["rows"][0]
        self.assertEqual((row["images"], row["skipped"]), (2, 1))
        self.assertIn("bad.png", result.stderr)

    def test_skip_goes_on_while_calibrating_too(self):
        result = self.evaluate("--on-bad-image", "skip", "--json", formats="bfp8-layer")
        self.assertEqual(result.returncode, 0, result.stderr)
        row = json.loads(result.stdout)["rows"][0]
        self.assertEqual((row["images"], row["skipped"]), (2, 1))
        self.assertEqual(result.stderr.count("skipped"), 1)


if __name__ == "__main__":
    main()
