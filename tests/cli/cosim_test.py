# SPDX-License-Identifier: Apache-2.0
"""cosim, and the bench of an emission alone: every word, the cycles, and what goes wrong."""
import json
import os
import re
import subprocess

from json_schema import Schemas
from program import PROGRAM, main
from rtl_networks import IMAGES, EmittedDigits, absent_simulators, make, succeed


class Simulated(EmittedDigits):
    def run_bench(self, folder, *args):
        """What the bench that Icarus built prints, as lines."""
        done = subprocess.run(["vvp", "-n", "bench.vvp", *args], cwd=folder, text=True,
                              capture_output=True, timeout=600, check=True)
        return done.stdout.splitlines()

    def build_bench(self, folder):
        done = subprocess.run(
            ["iverilog", "-g2012", "-Ilibrary", "-s", "sl_bench_icarus", "-o", "bench.vvp",
             "bench/sl_bench_icarus.sv", *(folder / "files.f").read_text().split()],
            cwd=folder, text=True, capture_output=True, timeout=600, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)


class Bench(Simulated):
    """Of an emission, with nothing but a simulator."""

    def test_it_passes_in_both_simulators(self):
        folder = self.emit("rtl", *IMAGES)
        for target in ("icarus", "verilator"):
            done = make(folder, target)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("SL PASS\n", done.stdout)
            self.assertNotIn("SL MISMATCH", done.stdout)
        self.assertEqual(make(folder, "clean").returncode, 0)
        self.assertFalse((folder / "obj_dir").exists() or (folder / "bench.vvp").exists())

    def test_a_wrong_word_is_named(self):
        folder = self.emit("rtl", *IMAGES)
        self.build_bench(folder)
        path = folder / "vectors/y.mem"
        words = path.read_text().split()
        right = words[7]
        words[7] = f"{int(right, 16) ^ 1:02x}"
        path.write_text("\n".join(words) + "\n")
        lines = self.run_bench(folder, "+no_stalls")
        self.assertIn(f"SL MISMATCH y word 7 got {right} expected {words[7]}", lines)
        self.assertIn("SL FAIL", lines)
        self.assertNotIn("SL PASS", lines)

    def test_a_short_fifo_before_a_sum_is_found_and_shown(self):
        folder = self.emit("rtl", *IMAGES)
        top = folder / "digits_q8.sv"
        fifo = r"(sl_fifo #\(\s*\.Width *\(\d+\),\s*\.Depth *)\(\d+\)(?=\s*\) u_\w+_waiting\d )"
        text, count = re.subn(fifo, r"\1(2)", top.read_text())
        self.assertGreater(count, 0)
        top.write_text(text)
        self.build_bench(folder)
        lines = self.run_bench(folder, "+no_stalls")
        self.assertTrue(any(line.startswith("SL STALLED in cycle") for line in lines), lines[-30:])
        self.assertNotIn("SL PASS", lines)
        waiting = [line for line in lines if line.startswith("SL STREAM ")]
        self.assertEqual(waiting[0], "SL STREAM x valid 1 ready 0")
        self.assertEqual(len(waiting), len(json.loads(
            (folder / "emission.json").read_text())["streams"]))


class Cosim(Simulated):
    def test_every_word_is_equal_and_the_cycles_are_those_of_the_model(self):
        report = json.loads(succeed(self, "cosim", self.model, "--design", self.design, *IMAGES,
                                    "--images", "3", "--simulator", "icarus", "--json",
                                    timeout=600))
        self.assertEqual((report["format"], report["simulator"]), ("sluice.cosim/1", "icarus"))
        schemas, schema = Schemas(), "sluice.cosim-1.schema.json"
        self.assertEqual((schemas.problems(report, schema), schemas.unseen(schema)), ([], []))
        self.assertTrue(report["equal"])
        self.assertEqual((report["stalled"], report["mismatches"]), (False, []))
        compared = [stream for stream in report["streams"] if stream["kind"] != "input"]
        self.assertGreater(len(compared), 10)
        for stream in compared:  # on three images, with and without pauses
            self.assertEqual(stream["words"], 6 * stream["frame_words"], stream["name"])
        self.assertTrue(any("_waiting" in fifo["instance"] for fifo in report["fifos"]))
        for fifo in report["fifos"]:
            self.assertLessEqual(fifo["peak_words"], fifo["depth_words"], fifo["instance"])
        self.assertEqual(report["interval_cycles"], report["model_interval_cycles"])
        latency = report["latency_cycles"] / report["model_latency_cycles"]
        self.assertTrue(0.99 < latency < 1.01, latency)

    def test_it_prints_a_table_and_leaves_nothing_behind(self):
        scratch = self.folder / "scratch"
        scratch.mkdir()
        command = [PROGRAM, "cosim", self.model, "--design", self.design, "--simulator",
                   "icarus", "--no-stalls", "--no-taps"]
        done = subprocess.run(command, env={**os.environ, "TMPDIR": str(scratch)}, text=True,
                              capture_output=True, timeout=600, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"equal: 10 words of 1 streams on 1 images \(icarus, ")
        self.assertIn("first word in to last word out", done.stdout)
        self.assertEqual(list(scratch.iterdir()), [])

    def test_a_folder_that_was_asked_for_stays(self):
        folder = self.folder / "kept"
        succeed(self, "cosim", self.model, "--design", self.design, "--simulator", "icarus",
                "--no-stalls", "-o", folder, timeout=600)
        self.assertIn("SL PASS", self.run_bench(folder, "+seed=7"))


class Mistakes(Simulated):
    def test_a_simulator_that_is_not_there(self):
        for simulator, program in (("verilator", "verilator"), ("icarus", "iverilog")):
            done = subprocess.run(
                [PROGRAM, "cosim", self.model, "--simulator", simulator, "--quiet"],
                env={**os.environ, "PATH": str(self.folder)}, text=True, capture_output=True,
                timeout=120, check=False)
            self.assertEqual(done.returncode, 4, done.stderr)
            self.assertEqual(len(done.stderr.splitlines()), 1)
            self.assertIn(program, done.stderr)
            self.assertIn("apt-get install verilator iverilog", done.stderr)

    def test_a_simulator_that_is_not_known(self):
        self.check_error(["cosim", self.model, "--simulator", "verilater"], 2,
                         'did you mean "verilator"')

    def test_what_emit_refuses(self):
        self.check_error(["cosim", self.model, "--design", self.folder / "nowhere.json"], 3,
                         "nowhere.json")
        self.check_error(["cosim", self.model, "--name", "a-b"], 2, '"a-b"')


if __name__ == "__main__":
    if absent_simulators():
        print(f"SKIPPED: no {' and no '.join(absent_simulators())}")
    else:
        del Simulated, EmittedDigits  # have no tests of their own
        main()
