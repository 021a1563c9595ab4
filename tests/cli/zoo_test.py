# SPDX-License-Identifier: Apache-2.0
"""sluice zoo: networks by name, and checkpoints that are not what they claim to be."""
import json
import os
import pickle
import struct
import zipfile
from pathlib import Path

import torch_files
from program import ROOT, FolderTest, main, sluice

DATA = Path(os.environ.get("SLUICE_DATA", ROOT.parent / "shared/data"))
RESNET20 = DATA / "models/cifar10/resnet20-12fca82f.th"
TEST_2000 = DATA / "datasets/cifar10/test_2000.bin"


class Call:
    """Pickled, it asks the reader to call a function."""

    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments

    def __reduce__(self):
        return self.function, self.arguments


class ZooTest(FolderTest):
    def export(self, network, *args, suffix=".onnx"):
        """The file the network was exported to."""
        path = self.folder / f"{network}{suffix}"
        result = sluice("zoo", "export", network, "-o", path, *args)
        self.assertEqual(result.returncode, 0, result.stderr)
        return path

    def check_refused(self, content, *parts):
        path = self.folder / "evil.pth"
        path.write_bytes(content)
        out = self.folder / "out.onnx"
        self.check_error(["zoo", "export", "resnet20", "--from", path, "-o", out], 3, "evil.pth",
                         *parts)
        self.assertFalse(out.exists())

    def test_lists_networks_with_their_counts(self):
        result = sluice("zoo", "list")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stdout, r"diracdeltanet +3x224x224 +1,000 +2,929,615 +269,229,440")
        networks = json.loads(sluice("zoo", "list", "--json").stdout)["networks"]
        self.assertEqual(len(networks), 13)

    def test_the_same_seed_gives_the_same_bytes_at_any_number_of_threads(self):
        first = self.export("diracdeltanet_tiny", "--seed", "3", "--threads", "1").read_bytes()
        again = self.export("diracdeltanet_tiny", "--seed", "3", "--threads", "2").read_bytes()
        other = self.export("diracdeltanet_tiny", "--seed", "4").read_bytes()
        self.assertEqual(first, again)
        self.assertNotEqual(first, other)

    def test_options_change_the_network(self):
        path = self.export("diracdeltanet", "--base", "32", "--blocks", "1,1,1", "--expansion",
                           "1.5", "--sizing", "even", "--classes", "7", "--input-size", "64")
        result = json.loads(sluice("info", path, "--json").stdout)
        self.assertEqual(result["inputs"][0]["shape"], [1, 3, 64, 64])
        self.assertEqual(result["outputs"][0]["shape"], [1, 7])

    def test_every_network_can_be_mapped_to_hardware(self):
        for name in ("shufflenetv2_x0_5", "diracdeltanet_tiny", "resnet20", "mobilenet_v2"):
            path = self.export(name)
            result = sluice("info", path, "--check", "zcu104")
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_what_pythons_own_pickler_writes_is_read_in_every_protocol(self):
        torch_files.install()
        weights = self.export("diracdeltanet_tiny", "--seed", "8", suffix=".safetensors")
        wanted = self.export("diracdeltanet_tiny", "--seed", "8").read_bytes()
        state = torch_files.state_dict(weights)
        parallel = {"epoch": 3, "optimizer": {"state": {}, "param_groups": [{"lr": 0.1}]},
                    "state_dict": {f"module.{name}": tensor for name, tensor in state.items()}}
        files = [torch_files.archive(state, 2, zipfile.ZIP_DEFLATED)]
        for protocol in (1, 2, 3, 4, 5):
            for content in (state, parallel):
                files.append(torch_files.archive(content, protocol))
                if protocol > 1:  # as old as those files may be
                    files.append(torch_files.legacy_file(content, protocol))
        for content in files:
            path = self.folder / "weights.pth"
            path.write_bytes(content)
            self.assertEqual(self.export("diracdeltanet_tiny", "--from", path).read_bytes(), wanted)

    def test_shufflenets_weights_go_by_torchvisions_names_too(self):
        ours = self.export("shufflenetv2_x0_5", "--seed", "2")
        wanted = ours.read_bytes()
        theirs = self.export("shufflenetv2_x0_5", "--seed", "2", "--names", "torchvision",
                             suffix=".safetensors")
        self.assertIn("stage2.0.branch1.0.weight", torch_files.state_dict(theirs))
        self.assertEqual(self.export("shufflenetv2_x0_5", "--from", theirs).read_bytes(), wanted)
        self.check_error(["zoo", "export", "resnet18", "--names", "torchvision", "-o", theirs], 2,
                         'no names of "torchvision"')
        self.check_error(["zoo", "export", "resnet18", "--names", "torchvision", "-o", ours], 2,
                         "--names is for .safetensors")

    def test_names_and_options_that_are_wrong_are_errors(self):
        out = ["-o", self.folder / "a.onnx"]
        self.check_error(["zoo", "export", "resnet2", *out], 2, 'did you mean "resnet20"?')
        self.check_error(["zoo", "export", *out], 2, "needs the name of a network")
        self.check_error(["zoo", "export", "resnet20"], 2, "needs -o FILE")
        self.check_error(["zoo", "train", "resnet20"], 2)
        self.check_error(["zoo", "export", "resnet20", "--base", "64", *out], 2, "diracdeltanet")
        self.check_error(["zoo", "export", "resnet20", "-o", "a.pth"], 2, '"a.pth"')
        self.check_error(["zoo", "export", "diracdeltanet", "--blocks", "4,8", *out], 2, '"4,8"')
        self.check_error(["zoo", "export", "diracdeltanet", "--sizing", "odd", *out], 2, '"odd"')
        self.check_error(["zoo", "export", "resnet20", "--class", "3", *out], 2,
                         'did you mean "--classes"?')

    def test_a_checkpoint_of_another_network_is_an_error(self):
        weights = self.export("diracdeltanet_tiny", suffix=".safetensors")
        self.check_error(["zoo", "export", "resnet20", "--from", weights, "-o",
                          self.folder / "a.onnx"], 3, "does not fit resnet20 of 10 classes",
                         "tensors are missing")
        self.check_error(["zoo", "export", "diracdeltanet_tiny", "--classes", "11", "--from",
                          weights, "-o", self.folder / "a.onnx"], 3, '"linear.bias" 10, not 11')

    def test_files_that_are_no_checkpoint_are_errors(self):
        self.check_refused(b"", "no checkpoint")
        self.check_refused(b"hello", "no checkpoint")
        self.check_refused(pickle.dumps([1, 2]), "none that torch.save wrote")

    def test_pickles_that_call_functions_are_refused(self):
        mark = self.folder / "executed"
        for function, arguments, name in (
                (os.system, (f"touch {mark}",), "system"), (eval, ("1",), "eval"),
                (exec, ("1",), "exec"), (getattr, (os, "system"), "getattr"),
                (open, (str(mark), "w"), "open")):
            try:
                contents = [pickle.dumps(Call(function, *arguments), protocol)
                            for protocol in range(6)]
            except TypeError:  # modules cannot be pickled: by its name then
                contents = [b"\x80\x02cbuiltins\ngetattr\n(cos\nsystem\nX\x01\0\0\0atR."]
            for content in contents:
                self.check_refused(content, name)
                with zipfile.ZipFile(self.folder / "evil.pth", "w") as archive:
                    archive.writestr("archive/data.pkl", content)
                self.check_refused((self.folder / "evil.pth").read_bytes(), "data.pkl", name)
        self.assertFalse(mark.exists())

    def test_memory_bombs_are_refused(self):
        self.check_refused(b"\x80\x04\x8d" + struct.pack("<Q", 1 << 60) + b"x.", "too early")
        self.check_refused(b"\x80\x02]" + b"2" * 5_000_000 + b".", "on its stack")
        storage = (b"(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpu"
                   b"\x8a\x08" + struct.pack("<q", 1 << 50) + b"tQ")
        sizes = b"(\x8a\x08" + struct.pack("<q", 1 << 50) + b"t"
        tensor = (b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"K\0" + sizes +
                  b"(K\1ttR")
        with zipfile.ZipFile(self.folder / "evil.pth", "w") as archive:
            archive.writestr("a/data.pkl", b"\x80\x02}X\x01\0\0\0w" + tensor + b"s.")
            archive.writestr("a/data/0", b"1234")
        self.check_refused((self.folder / "evil.pth").read_bytes(), '"w"')

    def test_structures_in_themselves_are_refused(self):
        with zipfile.ZipFile(self.folder / "evil.pth", "w") as archive:
            archive.writestr("a/data.pkl", b"\x80\x02}q\0X\x01\0\0\0ah\0s.")
        self.check_refused((self.folder / "evil.pth").read_bytes(), "in themselves")

    def test_the_published_resnet20_is_as_accurate_as_its_onnx_twin(self):
        if not RESNET20.exists() or not TEST_2000.exists():
            self.skipTest("SKIPPED: set SLUICE_DATA to the published models")
        path = self.export("resnet20", "--from", RESNET20)
        result = sluice("eval", path, "--data", TEST_2000, "--preprocess", "cifar10", "--formats",
                        "float32", "--json", "--quiet")
        self.assertEqual(result.returncode, 0, result.stderr)
        twin = sluice("eval", DATA / "models/cifar10/resnet20_cifar10.onnx", "--data", TEST_2000,
                      "--preprocess", "cifar10", "--formats", "float32", "--json", "--quiet")
        self.assertEqual([row["top1"] for row in json.loads(result.stdout)["rows"]],
                         [row["top1"] for row in json.loads(twin.stdout)["rows"]])


if __name__ == "__main__":
    main()
