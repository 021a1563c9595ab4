# SPDX-License-Identifier: Apache-2.0
"""sparsity --search: thresholds found, what is written, and searches that were killed."""
import json
import random
import signal
import sqlite3
import subprocess
import time

from program import DIGITS, PROGRAM, TEST_IMAGES, TRAIN_IMAGES, FolderTest, main, sluice

IMAGES = ["--data", TEST_IMAGES, "--preprocess", "mnist", "--calibration", TRAIN_IMAGES,
          "--calibration-images", "32", "--formats", "fixed16", "--limit", "60", "--quiet"]
SEARCH = [DIGITS, *IMAGES, "--search", "--device", "zedboard", "--trials", "8"]


class ThresholdSearch(FolderTest):
    def search(self, *args, code=0):
        result = sluice("sparsity", *SEARCH, *args)
        self.assertEqual(result.returncode, code, result.stderr)
        return result.stdout

    def check_refused(self, args, code, *parts):
        self.check_error(["sparsity", *args], code, *parts)

    def test_tables_say_what_was_reached(self):
        text = self.search()
        for word in ("policy joint, 8 trials", "zeros not skipped", "weight threshold", "front"):
            self.assertIn(word, text)

    def test_json_is_what_is_written_and_threads_do_not_matter(self):
        printed = []
        for threads in ("1", "3"):
            out = self.folder / f"out{threads}"
            printed.append(self.search("--json", "-o", out, "--threads", threads))
            self.assertEqual((out / "search.json").read_text(encoding="utf-8"), printed[-1])
        self.assertEqual(printed[0], printed[1])
        for name in ("network.onnx", "design.json", "front.svg"):
            one, other = (self.folder / f"out{threads}" / name for threads in "13")
            self.assertEqual(one.read_bytes(), other.read_bytes(), name)

    def test_estimate_and_explore_say_the_same_speed_of_what_is_written(self):
        out = self.folder / "out"
        report = json.loads(self.search("--json", "-o", out))
        fps = report["trials"][report["best"]["trial"]]["fps"]
        network, design = out / "network.onnx", out / "design.json"
        estimate = json.loads(sluice("estimate", network, "--design", design, "--json").stdout)
        self.assertEqual(estimate["fps"], fps)
        explored = json.loads(sluice("explore", network, "--device", "zedboard", "--batch", "256",
                                     "--json").stdout)
        self.assertEqual(explored["estimate"]["fps"], fps)
        again = json.loads(self.search("--json", "--policy", "slowest-node", "--design", design))
        self.assertTrue(again["has_fixed_design"])

    def test_the_journal_is_a_database_to_ask(self):
        out = self.folder / "out"
        report = json.loads(self.search("--json", "-o", out))
        with sqlite3.connect(f"{out}.sqlite") as database:
            rows = database.execute("SELECT number, fps, lost_points, thresholds FROM trials "
                                    "ORDER BY number").fetchall()
        self.assertEqual([row[:3] for row in rows],
                         [(trial["number"], trial["fps"], trial["lost_points"])
                          for trial in report["trials"]])
        self.assertEqual([json.loads(row[3]) for row in rows],
                         [trial["thresholds"] for trial in report["trials"]])

    def test_killed_at_random_moments_it_ends_as_if_it_had_not_been(self):
        expected = self.search("--json")
        journal = self.folder / "j.sqlite"
        command = [PROGRAM, "sparsity", *map(str, SEARCH), "--json", "--journal", journal,
                   "--resume"]
        moments = random.Random(5)
        for _ in range(12):
            with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
                time.sleep(moments.uniform(0.02, 0.8))
                process.kill()
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
        self.assertEqual(done.stdout, expected)

    def test_control_c_prints_the_best_so_far(self):
        command = [PROGRAM, "sparsity", *map(str, SEARCH[:-1]), "100000", "--json",
                   "-o", self.folder / "out"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True) as process:
            try:
                process.wait(1.5)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, err)
        self.assertFalse((self.folder / "out").exists())
        if out:
            self.assertFalse(json.loads(out)["is_complete"])

    def test_options_of_the_search_need_it(self):
        for option in (["--device", "zedboard"], ["--policy", "joint"], ["--tolerance", "1"],
                       ["--trials", "3"], ["--resume"], ["--journal", "j"], ["--batch-size", "2"],
                       ["--design", "d"]):
            result = sluice("sparsity", DIGITS, *IMAGES, *option)
            self.assertEqual(result.returncode, 2, option)
            self.assertIn("--search", result.stderr)
        self.assertEqual(sluice("sparsity", *SEARCH, "--annotate", "x.onnx").returncode, 2)

    def test_what_makes_no_sense_is_refused(self):
        without_device = [DIGITS, *IMAGES, "--search"]
        self.check_refused(without_device, 2, "--device")
        self.check_refused([*SEARCH, "--policy", "jont"], 2, "joint")
        self.check_refused([*SEARCH, "--tolerance", "-1"], 2, "--tolerance")
        self.check_refused([*SEARCH, "--tolerance", "nan"], 2, "--tolerance")
        self.check_refused([*SEARCH, "--resume"], 2, "--journal")
        self.check_refused([*SEARCH, "--weight-threshold", "0.1"], 2, "--weight-threshold")
        self.check_refused([*SEARCH, "--compat", "fpgaconvnet"], 2, "--compat")

    def test_journals_of_others_are_refused(self):
        journal = self.folder / "j.sqlite"
        self.search("--journal", journal, "--policy", "uniform")
        self.check_refused([*SEARCH, "--journal", journal, "--resume"], 2, "another model")
        journal.write_bytes(journal.read_bytes()[:5000])
        self.check_refused([*SEARCH, "--journal", journal, "--resume"], 3, "journal")
        journal.write_text("this is no database, however long it may be\n" * 50, encoding="utf-8")
        self.check_refused([*SEARCH, "--journal", journal], 3, "journal")
        journal.unlink()
        with sqlite3.connect(journal) as database:
            database.execute("CREATE TABLE birds (name TEXT)")
        self.check_refused([*SEARCH, "--journal", journal, "--resume"], 3, "journal")


if __name__ == "__main__":
    main()
