# SPDX-License-Identifier: Apache-2.0
"""estimate and info --check: speed and cost on a device, drawings, mistakes."""
import json
import os
import shutil
import subprocess
import unittest
from html.parser import HTMLParser

from program import DIGITS, PROGRAM, FolderTest, main, sluice


class Estimate(FolderTest):
    def check_error(self, args, code, *parts):
        super().check_error(["estimate", *args], code, *parts)

    def estimate(self, *args):
        result = sluice("estimate", DIGITS, "--device", "zcu104", *args)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result

    def without_dot(self, *args):
        """Runs the program with a PATH that holds no Graphviz."""
        return subprocess.run([PROGRAM, "estimate", DIGITS, "--device", "zcu104", *map(str, args)],
                              env={**os.environ, "PATH": str(self.folder)}, text=True,
                              capture_output=True, check=False, timeout=120)

    def test_levels_go_further_down_one_by_one(self):
        outputs = [self.estimate("--level", level).stdout
                   for level in ("network", "partitions", "layers", "modules")]
        for shorter, longer in zip(outputs, outputs[1:]):
            self.assertLess(len(shorter), len(longer))
        for output in outputs:
            self.assertIn("median error", output)

    def test_json_has_all_levels_whatever_is_printed(self):
        report = json.loads(self.estimate("--json", "--level", "network").stdout)
        self.assertEqual(report["format"], "sluice.estimate/1")
        self.assertTrue(report["fits"])
        partition, = report["partitions"]
        self.assertEqual(max(layer["cycles"] for layer in partition["layers"]),
                         partition["interval_cycles"])
        for kind in ("lut", "ff", "dsp", "bram18", "uram"):
            total = sum(layer["resources"][kind] for layer in partition["layers"])
            self.assertAlmostEqual(total, partition["resources"][kind])
            for layer in partition["layers"]:
                parts = sum(module["resources"][kind] for module in layer["modules"])
                self.assertAlmostEqual(parts, layer["resources"][kind], msg=layer["name"])

    def test_output_is_what_json_prints(self):
        path = self.folder / "estimate.json"
        printed = self.estimate("--json", "-o", path).stdout
        self.assertEqual(path.read_text(encoding="utf-8"), printed)

    def test_clock_and_batch_are_taken(self):
        one = json.loads(self.estimate("--json").stdout)
        many = json.loads(self.estimate("--json", "--batch", "64", "--clock", "100").stdout)
        interval = one["partitions"][0]["interval_cycles"]
        self.assertAlmostEqual(many["cycles"] - one["cycles"], 63 * interval, delta=1)
        self.assertAlmostEqual(many["latency_s"], many["cycles"] / 100e6)
        self.assertAlmostEqual(many["fps"], 64 / many["latency_s"])

    def test_energy_is_a_proxy_and_says_so(self):
        report = json.loads(self.estimate("--json").stdout)
        self.assertGreater(report["energy_proxy_uj"], 0)
        self.assertEqual(report["energy_proxy_uj"], report["partitions"][0]["energy_proxy_uj"])
        slow = json.loads(self.estimate("--json", "--clock", "100").stdout)
        self.assertGreater(slow["energy_proxy_uj"], report["energy_proxy_uj"])
        page = self.folder / "design.html"
        for text in (self.estimate("--level", "network", "--draw", page).stdout,
                     page.read_text(encoding="utf-8"), report["energy_coefficients"]):
            self.assertIn("a proxy that ranks designs, not joules of a board", text)

    def test_compat_takes_other_rules(self):
        ours = json.loads(self.estimate("--json").stdout)
        theirs = json.loads(self.estimate("--json", "--compat", "fpgaconvnet").stdout)
        self.assertEqual(theirs["partitions"][0]["layers"][0]["name"], "Conv_0")
        # Its time to fill is weighed by the running product of the layers' words.
        self.assertGreater(theirs["partitions"][0]["fill_cycles"],
                           ours["partitions"][0]["fill_cycles"])

    def test_what_does_not_fit_is_printed_and_exit_1(self):
        result = sluice("estimate", DIGITS, "--device", "unit", "--json")
        self.assertEqual(result.returncode, 1)
        report = json.loads(result.stdout)
        self.assertFalse(report["fits"])
        violation = next(v for v in report["violations"] if v["what"] == "lut")
        self.assertEqual(violation["available"], 1)
        self.assertIn(f'needs {violation["needed"]:.0f} lut, the device has 1', result.stderr)

    def test_mistakes_say_what_to_do(self):
        self.check_error([DIGITS], 2, "--device")
        self.check_error([DIGITS, "--device", "zcu14"], 2, 'did you mean "zcu104"')
        device = [DIGITS, "--device", "zcu104"]
        self.check_error([*device, "--level", "layer"], 2, 'did you mean "layers"')
        self.check_error([*device, "--compat", "fpgaconvne"], 2, 'did you mean "fpgaconvnet"')
        self.check_error([*device, "--draw", "a.gif"], 2, ".svg, .png, .pdf or .html")
        self.check_error([*device, "--coefficients", self.folder / "none.json"], 3, "none.json")
        self.check_error([self.folder / "none.onnx", "--device", "zcu104"], 3, "none.onnx")

    def test_bad_files_are_refused_with_their_place(self):
        device = [DIGITS, "--device", "zcu104"]
        bad = self.folder / "bad.json"
        for text, place in (("{", "line 1"), ('{"formt": 1}', "/")):
            bad.write_text(text, encoding="utf-8")
            for option in ("--coefficients", "--config", "--design"):
                self.check_error([*device, option, bad], 3, "bad.json", place)
        self.check_error([*device, "--config", bad, "--design", bad], 2, "exclude each other")

    def test_a_page_needs_no_graphviz(self):
        path = self.folder / "design.html"
        result = self.without_dot("--draw", path)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("note: the page is without its drawing", result.stderr)
        page = path.read_text(encoding="utf-8")
        HTMLParser().feed(page)
        self.assertIn("Roofline", page)
        self.assertNotIn("<script", page)

    def test_a_drawing_without_graphviz_is_exit_4(self):
        result = self.without_dot("--draw", self.folder / "design.svg")
        self.assertEqual(result.returncode, 4)
        self.assertIn("apt-get install graphviz", result.stderr)
        self.assertEqual(list(self.folder.iterdir()), [])

    @unittest.skipUnless(shutil.which("dot"), "needs Graphviz")
    def test_drawings_of_all_kinds(self):
        for name, start in (("a.svg", b"<?xml"), ("a.png", b"\x89PNG"), ("a.PDF", b"%PDF")):
            path = self.folder / name
            self.estimate("--draw", path)
            self.assertTrue(path.read_bytes().startswith(start))
        path = self.folder / "a.html"
        self.estimate("--draw", path)
        page = path.read_text(encoding="utf-8")
        self.assertEqual(page.count("</svg>"), 3)
        self.assertNotIn("apt-get", page)


class Check(FolderTest):
    def test_a_network_that_maps_is_exit_0(self):
        result = sluice("info", DIGITS, "--check", "zcu104")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("every node can be mapped", result.stdout)
        self.assertIn("could all be on chip", result.stdout)

    def test_json_says_the_same(self):
        report = json.loads(sluice("info", DIGITS, "--check", "zcu104", "--json").stdout)
        self.assertEqual(report["format"], "sluice.check/1")
        self.assertTrue(report["mappable"])
        self.assertTrue(report["weights_fit_on_chip"])
        self.assertEqual(report["unmappable"], [])

    def test_an_unknown_device_gets_the_nearest(self):
        self.check_error(["info", DIGITS, "--check", "zcu14"], 2, 'did you mean "zcu104"')


if __name__ == "__main__":
    main()
