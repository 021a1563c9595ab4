# SPDX-License-Identifier: Apache-2.0
"""explore: designs that fit, that estimate reads back the same, and every no with its reason."""
import json
import signal
import subprocess
import time

from program import DIGITS, PROGRAM, FolderTest, main, sluice


# A search that prices leave open, so that it goes on.
OPEN = ["explore", DIGITS, "--device", "artix7-35t", "--share", "0.2"]


class Stopped(FolderTest):
    """A search that is stopped after a round: nothing is lost."""

    def stop(self, how):
        """A search's exit code, output and errors after the signal."""
        design, journal = self.folder / "d.json", self.folder / "d.json.journal"
        command = [PROGRAM, *map(str, OPEN), "--budget", "10m", "-o", str(design)]
        with subprocess.Popen(command, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as process:
            deadline = time.monotonic() + 60
            while not journal.exists():
                self.assertLess(time.monotonic(), deadline)
                self.assertIsNone(process.poll(), "finished before it could be stopped")
                time.sleep(0.005)
            process.send_signal(how)
            output, errors = process.communicate(timeout=60)
        return process.returncode, output, errors

    def resume(self):
        result = sluice(*OPEN, "--budget", "1s", "--resume", "--json", "-o",
                        self.folder / "d.json")
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout)

    def test_ctrl_c_gives_the_best_so_far_and_the_search_goes_on(self):
        code, output, errors = self.stop(signal.SIGINT)
        self.assertEqual(code, 130, errors)
        self.assertIn("best that was found so far", errors)
        self.assertIn("interrupted", output)
        design = json.loads((self.folder / "d.json").read_text())
        self.assertEqual(design["format"], "sluice.design/1")
        rounds = json.loads((self.folder / "d.json.journal").read_text())["rounds"]
        self.assertGreaterEqual(self.resume()["rounds"], rounds)

    def test_kill_loses_no_round_that_had_ended(self):
        code, output, _ = self.stop(signal.SIGKILL)
        self.assertEqual((code, output), (-signal.SIGKILL, ""))
        self.assertFalse((self.folder / "d.json").exists())
        noted = json.loads((self.folder / "d.json.journal").read_text())
        resumed = self.resume()
        self.assertGreaterEqual(resumed["rounds"], noted["rounds"])
        self.assertGreaterEqual(resumed["least_interval_cycles"], noted["least_interval_cycles"])

    def test_a_journal_of_another_search_is_refused(self):
        self.stop(signal.SIGKILL)
        result = sluice(*OPEN, "--batch", "2", "--budget", "1s", "--resume", "-o",
                        self.folder / "d.json")
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertIn("another model, device or options", result.stderr)


class Explore(FolderTest):
    def check_error(self, args, code, *parts):
        super().check_error(["explore", *args], code, *parts)

    def explore(self, *args, device="zedboard"):
        result = sluice("explore", DIGITS, "--device", device, *args)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result

    def test_the_design_is_estimated_as_it_was_explored(self):
        path = self.folder / "design.json"
        found = json.loads(self.explore("--json", "-o", path).stdout)
        again = sluice("estimate", DIGITS, "--design", path, "--json")
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertEqual(json.loads(again.stdout)["fps"], found["estimate"]["fps"])
        self.assertTrue(found["estimate"]["fits"])
        self.assertLessEqual(found["least_interval_cycles"],
                             found["estimate"]["partitions"][0]["interval_cycles"])

    def test_a_search_is_faster_than_no_search(self):
        plain = json.loads(sluice("estimate", DIGITS, "--device", "zedboard", "--json").stdout)
        found = json.loads(self.explore("--json").stdout)
        self.assertGreater(found["estimate"]["fps"], 10 * plain["fps"])

    def test_the_same_bytes_come_out_twice(self):
        designs = []
        for name in ("a.json", "b.json"):
            self.explore("-o", self.folder / name)
            designs.append((self.folder / name).read_bytes())
        self.assertEqual(*designs)

    def test_a_larger_device_is_no_slower(self):
        def fps_on(device):
            report = json.loads(self.explore("--json", "--clock", "200", device=device).stdout)
            return report["estimate"]["fps"]
        fps = [fps_on(device) for device in ("zybo", "zedboard", "zc706")]
        self.assertEqual(fps, sorted(fps))

    def test_required_fps_takes_less_of_the_device(self):
        fast = json.loads(self.explore("--json").stdout)["estimate"]
        slow = json.loads(self.explore("--json", "--objective", "resources", "--fps",
                                       str(fast["fps"] / 8)).stdout)["estimate"]
        self.assertGreaterEqual(slow["fps"], fast["fps"] / 8)
        self.assertLess(slow["partitions"][0]["resources"]["dsp"],
                        fast["partitions"][0]["resources"]["dsp"])

    def test_a_share_of_one_resource_is_kept(self):
        def dsp(*args):
            report = json.loads(self.explore("--json", *args).stdout)
            return report["estimate"]["partitions"][0]["resources"]["dsp"]
        self.assertGreater(dsp(), 22)
        self.assertLessEqual(dsp("--share", "dsp=0.1"), 22)
        self.assertGreater(dsp("--share", "0.05,lut=0.9,ff=0.9,bram18=0.9,dsp=0.5"), 11)

    def test_no_point_of_the_front_betters_another(self):
        front = json.loads(self.explore("--json", "--pareto", "fps,dsp,lut").stdout)["front"]
        self.assertGreater(len(front), 2)
        points = [(-p["fps"], p["resources"]["dsp"], p["resources"]["lut"]) for p in front]
        for a in points:
            for b in points:
                self.assertFalse(a != b and all(x <= y for x, y in zip(a, b)), (a, b))

    def test_what_does_not_fit_says_what_is_lacking_and_what_would_do(self):
        self.check_error([DIGITS, "--device", "unit"], 1, "lut are needed", "would do")
        self.check_error([DIGITS, "--device", "zedboard", "--objective", "resources", "--fps",
                          "1e9"], 1, "1e+09 fps are required")

    def test_a_search_says_why_it_ended(self):
        found = json.loads(self.explore("--json", "--budget", "100s").stdout)
        self.assertEqual(found["ended"], "proven")
        self.assertFalse((self.folder / "sluice-explore.journal").exists())

    def test_threads_do_not_change_the_design(self):
        designs = []
        for threads in ("1", "3"):
            self.explore("-o", self.folder / threads, "--threads", threads, device="ecp5-25k")
            designs.append((self.folder / threads).read_bytes())
        self.assertEqual(*designs)

    def test_mistakes_say_what_to_do(self):
        device = [DIGITS, "--device", "zedboard"]
        self.check_error([*device, "--budget", "5 parsecs"], 2, "--budget")
        self.check_error([*device, "--budget", "0"], 1, "give --budget more")
        self.check_error([*device, "--resume"], 2, "--budget")
        journal = self.folder / "j"
        journal.write_text("{}")
        self.check_error([*device, "--budget", "1s", "--resume", "--journal", journal], 3,
                         "delete the file")
        self.check_error([*device, "--objective", "speed"], 2, "throughput")
        self.check_error([*device, "--fps", "3"], 2, "--objective resources")
        self.check_error([*device, "--pareto", "fps,dsps"], 2, 'did you mean "dsp"')
        self.check_error([*device, "--share", "2"], 2, "--share", "from 0.01 to 1")
        self.check_error([*device, "--share", "0.8,dps=0.5"], 2, "--share", 'did you mean "dsp"')
        self.check_error([DIGITS, "--device", "zedbord"], 2, 'did you mean "zedboard"')
        self.check_error([*device, "-o", self.folder / "none" / "d.json"], 3, "none")

    def test_a_page_is_drawn(self):
        page = self.folder / "design.html"
        self.explore("--draw", page)
        self.assertIn("<svg", page.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
