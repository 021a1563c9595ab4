# SPDX-License-Identifier: Apache-2.0
"""emit: what lies in the folder, and what it refuses. cosim_test.py simulates what it writes."""
import json
import re
import struct

from program import DIGITS, ROOT, TRAIN_IMAGES, FolderTest, main, sluice
from rtl_networks import IMAGES, EmittedDigits, contents, succeed


class Emission(EmittedDigits):
    def test_the_same_seed_gives_the_same_bytes_on_any_number_of_threads(self):
        first = contents(self.emit("a", "--threads", "1"))
        self.assertEqual(first, contents(self.emit("b", "--threads", "3")))
        other = contents(self.emit("c", "--seed", "2"))
        self.assertNotEqual(first["vectors/x.mem"], other["vectors/x.mem"])
        self.assertEqual(first["digits_q8.sv"], other["digits_q8.sv"])

    def test_the_manifest_names_every_file_and_stream(self):
        folder = self.emit("rtl", *IMAGES, "--images", "2")
        manifest = json.loads((folder / "emission.json").read_text(encoding="utf-8"))
        self.assertEqual(manifest["format"], "sluice.emission/1")
        self.assertEqual(manifest["model"]["name"], "digits_q8.onnx")
        self.assertEqual(set(manifest["files"]) | {"emission.json"}, set(contents(folder)))
        kinds = [stream["kind"] for stream in manifest["streams"]]
        self.assertEqual((kinds.count("input"), kinds.count("output")), (1, 1))
        for stream in manifest["streams"]:
            words = (folder / f"vectors/{stream['name']}.mem").read_text().split()
            self.assertEqual(len(words), 2 * stream["frame_words"], stream["name"])
            digits = -(-stream["lanes"] * stream["bits"] // 4)
            self.assertEqual({len(word) for word in words}, {digits}, stream["name"])

    def test_the_list_of_files_has_all_modules_before_those_that_use_them(self):
        folder = self.emit()
        listed = (folder / "files.f").read_text().split()
        seen = set()
        for name in listed:
            text = (folder / name).read_text()
            used = set(re.findall(r"^ +(sl_\w+) #\(", text, re.M))
            self.assertLessEqual(used, seen, name)
            seen |= set(re.findall(r"^module (\w+)", text, re.M))
        self.assertIn("digits_q8", seen)
        modules = {name for name in listed if name.startswith("library/")}
        self.assertEqual(modules, {f"library/{path.name}" for path in (ROOT / "rtl").glob("*.sv")})

    def test_the_readme_says_what_is_there(self):
        folder = self.emit()
        text = (folder / "README.md").read_text(encoding="utf-8")
        for part in ("digits_q8.sv", "make icarus", "make verilator", "SL PASS", "logits/codes"):
            self.assertIn(part, text)

    def test_the_top_only_instantiates(self):
        text = (self.emit() / "digits_q8.sv").read_text(encoding="utf-8")
        for word in ("always", "reg ", "initial", "function"):
            self.assertNotRegex(text, rf"^\s*{word}")
        self.assertRegex(text, r"SHA-256 [0-9a-f]{64}")

    def test_json_has_what_the_manifest_has(self):
        printed = json.loads(succeed(self, "emit", self.model, "-o", self.folder / "rtl", "--json"))
        manifest = json.loads((self.folder / "rtl/emission.json").read_text(encoding="utf-8"))
        for key, value in printed.items():
            self.assertEqual(manifest[key], value, key)
        text = succeed(self, "emit", self.model, "-o", self.folder / "rtl")
        self.assertIn(f"{printed['instances']} instances", text)

    def test_a_name_of_its_own(self):
        folder = self.emit("rtl", "--name", "my_net")
        self.assertIn("module my_net", (folder / "my_net.sv").read_text())
        self.assertIn("my_net.sv", (folder / "files.f").read_text())

    def test_axi_streams_around_the_module_on_request(self):
        folder = self.emit("rtl", "--name", "my_net", "--axis")
        wrapper = (folder / "my_net_axis.sv").read_text()
        self.assertIn("module my_net_axis", wrapper)
        self.assertIn("s_axis_tlast", wrapper)
        self.assertIn("my_net_axis.sv\n", (folder / "files.f").read_text())
        manifest = json.loads((folder / "emission.json").read_text(encoding="utf-8"))
        self.assertEqual(manifest["axis_module"], "my_net_axis")
        plain = self.emit("plain", "--name", "my_net")
        self.assertFalse((plain / "my_net_axis.sv").exists())
        self.assertEqual((plain / "my_net.sv").read_text(), (folder / "my_net.sv").read_text())

    def test_a_given_input_is_what_the_bench_sends(self):
        image = self.folder / "image.npy"
        head = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 8, 8), }"
        head += b" " * (117 - len(head)) + b"\n"
        image.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head
                          + struct.pack("<64f", *(i / 64 for i in range(64))))
        golden = self.folder / "golden"
        succeed(self, "golden", self.model, "--input", image, "-o", golden, "--formats", "mem")
        codes = (golden / "000_image_quantize_output.mem").read_text()
        folder = self.emit("rtl", "--input", image, design=False)
        self.assertEqual((folder / "vectors/x.mem").read_text().split(), codes.split())

    def test_an_emission_is_replaced_whole(self):
        folder = self.emit("rtl", "--name", "old")
        (folder / "obj_dir").mkdir()
        (folder / "obj_dir/bench").touch()
        (folder / "bench.vvp").touch()
        self.emit("rtl")
        self.assertFalse((folder / "old.sv").exists() or (folder / "obj_dir").exists())
        self.assertTrue((folder / "digits_q8.sv").exists())

    def test_other_folders_are_left_alone(self):
        folder = self.emit()
        for path, why in ((self.folder, "holds other things than an emission"),
                          (folder, "holds notes.txt, which is no part of an emission")):
            (path / "notes.txt").write_text("mine")
            self.check_error(["emit", self.model, "-o", path], 2, why)
            self.assertEqual((path / "notes.txt").read_text(), "mine")


class Shifts(FolderTest):
    def test_a_network_of_shifts_moves_their_codes_without_multipliers(self):
        network, codes = self.folder / "tiny.onnx", self.folder / "tiny_int8.onnx"
        succeed(self, "zoo", "export", "diracdeltanet_tiny", "--input-size", "8", "-o", network)
        succeed(self, "quantize", network, "--data", TRAIN_IMAGES, "--preprocess", "mnist", "-o",
                codes)
        layers = json.loads(succeed(self, "estimate", codes, "--device", "zcu104", "--json"))
        shifts = [layer for partition in layers["partitions"] for layer in partition["layers"]
                  if layer["kind"] == "pixel shift"]
        self.assertGreater(len(shifts), 5)
        for layer in shifts:
            self.assertEqual(layer["resources"]["dsp"], 0)
        succeed(self, "emit", codes, "-o", self.folder / "rtl")
        top = (self.folder / "rtl" / "tiny_int8.sv").read_text(encoding="utf-8")
        self.assertEqual(top.count("sl_pixel_shift #("), len(shifts))


class Refusals(EmittedDigits):
    def refuse(self, code, *parts, model=None, args=()):
        self.check_error(["emit", model or self.model, "-o", self.folder / "rtl", *args], code,
                         *parts)
        self.assertFalse((self.folder / "rtl").exists())

    def refuse_design(self, change, code, *parts):
        self.refuse(code, *parts, args=["--design", self.changed_design(change)])

    def test_a_network_of_real_numbers(self):
        self.refuse(2, "digits.onnx", "sluice quantize", model=DIGITS)

    def test_a_design_of_another_network(self):
        def rename(document):
            document["partitions"][0]["layers"][3]["name"] = "nowhere"
        self.refuse_design(rename, 2, "changed.json", "nowhere")

    def test_a_folding_that_does_not_divide(self):
        def fold(document):
            document["partitions"][0]["layers"][0]["folding"]["coarse_out"] = 3
        self.refuse_design(fold, 2, "changed.json", "coarse_out")

    def test_several_partitions(self):
        design = self.folder / "two.json"
        succeed(self, "explore", self.model, "--device", "artix7-35t", "--share", "0.25",
                "--partitions", "3", "--batch", "256", "-o", design)
        count = len(json.loads(design.read_text())["partitions"])
        self.assertGreater(count, 1)
        self.refuse(3, f"has {count} partitions", "--partitions 1", args=["--design", design])

    def test_weights_off_chip(self):
        def move(document):
            document["partitions"][0]["layers"][0]["weights"]["blocks_off_chip"] = 1
        held = sluice("emit", self.model, "--design", self.changed_design(move),
                      "-o", self.folder / "held")
        self.assertEqual(held.returncode, 0, held.stderr)
        self.assertIn("off chip; the module holds them", held.stderr)

    def test_a_design_by_other_rules(self):
        self.refuse_design(lambda document: document.update(rules="fpgaconvnet"), 3, "--compat")

    def test_a_broken_design(self):
        path = self.folder / "broken.json"
        path.write_text("{")
        self.refuse(3, "broken.json", "line 1", args=["--design", path])

    def test_a_name_that_is_no_identifier(self):
        for name in ("2 nets", "module", "sl_dot"):
            self.refuse(2, f'"{name}"', "letters", args=["--name", name])

    def test_a_model_called_like_a_keyword(self):
        model = self.folder / "wire.onnx"
        model.write_bytes(self.model.read_bytes())
        succeed(self, "emit", model, "-o", self.folder / "rtl")
        self.assertIn("module net_wire", (self.folder / "rtl/net_wire.sv").read_text())

    def test_options_that_exclude_each_other(self):
        self.refuse(2, "--input", args=["--input", "x.npy", *IMAGES])
        self.refuse(2, "--images", args=["--images", "0"])
        self.refuse(2, "preprocess", args=["--data", str(DIGITS)])

    def test_an_older_version_of_the_model_is_noted(self):
        def change(document):
            document["model"]["sha256"] = "0" * 64
        result = sluice("emit", self.model, "--design", self.changed_design(change), "-o",
                        self.folder / "rtl")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("another version of the model", result.stderr)


del EmittedDigits  # has no tests of its own

if __name__ == "__main__":
    main()
