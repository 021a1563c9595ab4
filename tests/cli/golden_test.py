# SPDX-License-Identifier: Apache-2.0
"""golden: writing a folder and verifying it."""
import json

from program import DIGITS, ROOT, FolderTest, main, sluice

QUANTIZED = ROOT / "tests/data/fuzz/tflite/quantized_int8.tflite"


class Folder(FolderTest):
    def write(self, name, *args, model=QUANTIZED):
        result = sluice("golden", model, "-o", self.folder / name, *args)
        self.assertEqual(result.returncode, 0, result.stderr)
        return self.folder / name


class Golden(Folder):
    def test_what_is_written_verifies(self):
        path = self.write("g", "--fold", "3", "--thresholds")
        result = sluice("golden", "--verify", path)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("layers", result.stdout)
        manifest = json.loads((path / "golden.json").read_text())
        self.assertEqual(manifest["format"], "sluice.golden/1")
        self.assertEqual(manifest["fold"], 3)
        files = {file["file"] for layer in manifest["layers"] for array in layer["arrays"]
                 for file in array["files"]}
        self.assertEqual(files | {"golden.json"}, {entry.name for entry in path.iterdir()})

    def test_a_flipped_byte_is_named_with_its_file(self):
        path = self.write("g")
        file = next(path.glob("*_output.bin"))
        content = bytearray(file.read_bytes())
        content[-1] ^= 1
        file.write_bytes(content)
        self.check_error(["golden", "--verify", path], 1, file.name, "element", "instead of")

    def test_the_same_seed_gives_the_same_bytes_on_any_number_of_threads(self):
        texts = [(self.write(name, "--threads", threads) / "golden.json").read_text()
                 for name, threads in (("a", "1"), ("b", "3"))]
        self.assertEqual(texts[0], texts[1])
        other = self.write("c", "--seed", "2") / "golden.json"
        self.assertNotEqual(texts[0], other.read_text())

    def test_only_the_formats_asked_for_are_written(self):
        path = self.write("g", "--formats", "mem,npy")
        self.assertEqual({entry.suffix for entry in path.iterdir()}, {".mem", ".npy", ".json"})

    def test_json_counts(self):
        result = sluice("golden", QUANTIZED, "-o", self.folder / "g", "--json")
        self.assertEqual(json.loads(result.stdout)["format"], "sluice.golden_summary/1")

    def test_mistakes_say_what_to_do(self):
        self.check_error(["golden", QUANTIZED], 2, "-o DIR")
        self.check_error(["golden"], 2, "--verify DIR")
        self.check_error(["golden", QUANTIZED, "--verify", "x"], 2, "no MODEL")
        self.check_error(["golden", DIGITS, "-o", self.folder / "g"], 2, "--input")
        self.check_error(["golden", QUANTIZED, "-o", self.folder / "g", "--formats", "nyp"], 2,
                         'did you mean "npy"')
        self.check_error(["golden", QUANTIZED, "-o", self.folder / "g", "--layers", "nowhere"], 2,
                         '"nowhere"')
        self.check_error(["golden", "--verify", self.folder / "nowhere"], 3, "nowhere")
        (self.folder / "golden.json").write_text("{")
        self.check_error(["golden", "--verify", self.folder], 3, "golden.json", "line 1")

    def test_other_folders_are_not_replaced(self):
        (self.folder / "notes.txt").write_text("mine")
        self.check_error(["golden", QUANTIZED, "-o", self.folder], 2, "holds other things")
        self.assertEqual((self.folder / "notes.txt").read_text(), "mine")


if __name__ == "__main__":
    main()
