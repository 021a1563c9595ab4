# SPDX-License-Identifier: Apache-2.0
"""What the program prints about hardware is what the schemas of schemas/ describe, no key more."""
import copy
import hashlib
import json
import os
from unittest import mock

from json_schema import Schemas
from program import DIGITS, PROGRAM, TEST_IMAGES, TRAIN_IMAGES, FolderTest, main, sluice

# One Softmax is left to the host, the other is in the way.
UNMAPPABLE = f"""sluice 1
data 0 sha256 "{hashlib.sha256().hexdigest()}"

graph "odd" {{
  input %x: float32[1x3x8x8]
  %a: float32[1x3x8x8] = Softmax(%x) {{axis=1}} "first"
  %b: float32[1x3x8x8] = Relu(%a) "relu"
  %y: float32[1x3x8x8] = Softmax(%b) {{axis=1}} "last"
  output %y
}}
"""

FAKE_YOSYS = """#!/bin/sh
if [ "$1" = -V ]; then echo 'Yosys 9.9 (fake)'; exit; fi
echo '{"design": {"num_cells_by_type": {"LUT4": 3}}}' >"${3%.ys}.json"
"""


FAKE_NEXTPNR = """#!/bin/sh
if [ "$1" = --version ]; then echo '"nextpnr-ecp5" -- Place and Route (Version 9.9)'; exit; fi
while [ "$1" != --report ]; do shift; done
echo '{"fmax": {"clk": {"achieved": 50.5}}, "critical_paths": [
  {"from": "posedge clk", "to": "posedge clk", "path": [{"net": "sum"}]}]}' >"$2"
"""


class SchemasTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.schemas = Schemas()

    def document(self, *args, code=0):
        result = sluice(*args, "--json")
        self.assertEqual(result.returncode, code, result.stderr)
        return json.loads(result.stdout)

    def check(self, name, documents):
        """Each is as the schema says, and together they have every key of it."""
        for document in documents:
            self.assertEqual(self.schemas.problems(document, name), [])
        self.assertEqual(self.schemas.unseen(name), [])

    def design_in_passes(self):
        """A design of the digits whose last layer has one of its ten filters a pass."""
        path = self.folder / "design.json"
        design = self.document("explore", DIGITS, "--device", "zcu104")["design"]
        partition, = design["partitions"]
        last = partition["layers"][-1]
        last["folding"]["coarse_out"] = 1
        partition["streams_out"] = [1]
        partition["reloading"] = {"layer": last["name"], "factor": 10}
        path.write_text(json.dumps(design), encoding="utf-8")
        return path

    def test_estimates(self):
        self.check("sluice.estimate-1.schema.json", [
            self.document("estimate", DIGITS, "--device", "zcu104"),
            self.document("estimate", DIGITS, "--device", "zcu104", "--compat", "fpgaconvnet"),
            self.document("estimate", DIGITS, "--device", "unit", code=1),
            self.document("estimate", DIGITS, "--design", self.design_in_passes())])

    def test_checks(self):
        model = self.folder / "odd.sluice"
        model.write_text(UNMAPPABLE, encoding="utf-8")
        model.with_suffix(".sluice.data").touch()
        self.check("sluice.check-1.schema.json", [
            self.document("info", DIGITS, "--check", "zcu104"),
            self.document("info", model, "--check", "zcu104", code=1)])

    def test_explorations(self):
        self.check("sluice.exploration-1.schema.json", [
            self.document("explore", DIGITS, "--device", "zedboard"),
            self.document("explore", DIGITS, "--device", "zedboard", "--pareto", "fps,dsp")])

    def test_designs(self):
        design = self.document("explore", DIGITS, "--device", "zedboard")["design"]
        self.check("sluice.design-1.schema.json", [design])

    def test_syntheses(self):
        # A program in Yosys's place, that finds the same in every module.
        yosys = self.folder / "yosys"
        for path, text in ((yosys, FAKE_YOSYS), (self.folder / "nextpnr-ecp5", FAKE_NEXTPNR)):
            path.write_text(text, encoding="utf-8")
            path.chmod(0o755)
        model = self.folder / "q8.onnx"
        self.document("quantize", DIGITS, "--data", TRAIN_IMAGES, "--preprocess", "mnist",
                      "--format", "q8", "--quiet", "-o", model)
        path = f"{self.folder}:{os.environ['PATH']}"
        with mock.patch.dict(os.environ, {"PATH": path}):
            placed = self.document("synth", model, "--yosys", yosys, "--family", "ecp5", "--place")
        self.assertEqual(placed["placement"]["fmax_mhz"], 50.5)
        self.check("sluice.synth-1.schema.json", [
            self.document("synth", model, "--yosys", yosys), placed])

    def test_encodings(self):
        images = ["--data", TEST_IMAGES, "--preprocess", "mnist", "--limit", "2", "--quiet"]
        self.check("sluice.encoding-1.schema.json", [
            self.document("encode", DIGITS, "--formats", "fixed8,q20", *images),
            self.document("encode", DIGITS, "--formats", "bfp8-channel", *images, "--compat",
                          "fpgaconvnet"),
            self.document("encode", DIGITS, "--formats", "q20", "--codes", "huffman")])

    def test_sparsities(self):
        images = ["--data", TEST_IMAGES, "--preprocess", "mnist", "--limit", "2", "--quiet"]
        self.check("sluice.sparsity-1.schema.json", [
            self.document("sparsity", DIGITS, "--formats", "fixed8", "--weight-threshold", "0.01",
                          "--relu-threshold", "0.1", *images),
            self.document("sparsity", DIGITS, "--exact", "int8", *images)])

    def test_searches_for_thresholds(self):
        self.check("sluice.sparsity-search-1.schema.json", [
            self.document("sparsity", DIGITS, "--data", TEST_IMAGES, "--preprocess", "mnist",
                          "--limit", "40", "--quiet", "--search", "--device", "zedboard",
                          "--trials", "4")])

    def test_prunings(self):
        def pruned(*args):
            return self.document("prune", DIGITS, "-o", self.folder / "out.onnx", *args)
        self.check("sluice.prune-1.schema.json", [
            pruned("--threshold", "0.1", "--layer", "/stem/conv/Conv=0"),
            pruned("--sparsity", "0.5"), pruned("--nm", "2:4", "--skip"),
            pruned("--channels", "0.1"), pruned("--relu-threshold", "0.1")])

    def test_sensitivities(self):
        self.check("sluice.sensitivity-1.schema.json", [
            self.document("prune", DIGITS, "--sensitivity", "--data", TEST_IMAGES, "--preprocess",
                          "mnist", "--limit", "20", "--sparsities", "0.5")])

    def test_the_zoo(self):
        self.check("sluice.zoo-1.schema.json", [self.document("zoo", "list")])
        weights = self.folder / "tiny.safetensors"
        export = ["zoo", "export", "diracdeltanet_tiny", "-o"]
        self.check("sluice.zoo_export-1.schema.json", [
            self.document(*export, weights),
            self.document(*export, self.folder / "tiny.onnx", "--from", weights)])

    def quantized(self):
        path = self.folder / "digits_q8.onnx"
        result = sluice("quantize", DIGITS, "--data", TRAIN_IMAGES, "--preprocess", "mnist",
                        "--format", "q8", "-o", path)
        self.assertEqual(result.returncode, 0, result.stderr)
        return path

    def test_emissions(self):
        folder = self.folder / "rtl"
        printed = self.document("emit", "--axis", self.quantized(), "-o", folder)
        kept = json.loads((folder / "emission.json").read_text(encoding="utf-8"))
        self.check("sluice.emission-1.schema.json", [printed, kept])

    def test_trainings(self):
        if not (PROGRAM.parent / "sluice-train").exists():
            self.skipTest("sluice-train is not built (SLUICE_TRAIN)")
        images = ["--data", TRAIN_IMAGES, "--preprocess", "mnist", "--epochs", "1", "--quiet"]
        self.check("sluice.training-1.schema.json", [
            self.document("train", DIGITS, *images, "-o", self.folder / "a"),
            self.document("train", DIGITS, *images, "--validation", TEST_IMAGES, "--schedule",
                          "step", "--step-at", "0.5", "-o", self.folder / "b",
                          "--weight-bits", "4", "--act-bits", "4")])

    def test_a_wrong_document_is_found_out(self):
        name = "sluice.estimate-1.schema.json"
        right = self.document("estimate", DIGITS, "--device", "zcu104")
        layer = ["partitions", 0, "layers", 0]
        for path, key, value in (([], "model", 1), ([], "fps", "fast"), ([], "fps", -1),
                                 ([], "format", "sluice.estimate/2"), ([], "more", 1),
                                 ([], "model_sha256", "0"), ([], "rules", "ours"),
                                 ([], "batch_size", 1.5), ([], "fits", 1), (layer, "in", {}),
                                 (layer, "share_of_interval", 2), (layer, "modules", {})):
            wrong = copy.deepcopy(right)
            at = wrong
            for step in path:
                at = at[step]
            at[key] = value
            self.assertNotEqual(self.schemas.problems(wrong, name), [], (path, key))
            del at[key]
            place = "".join(f"/{step}" for step in path)
            missing = [] if key == "more" else [f"{place}: {key} is missing"]
            self.assertEqual(self.schemas.problems(wrong, name), missing)


if __name__ == "__main__":
    main()
