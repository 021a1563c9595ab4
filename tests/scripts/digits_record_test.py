# SPDX-License-Identifier: Apache-2.0
"""The record of the digits network's training belongs to the files that lie in the tree."""
import hashlib
import json
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RECORD = json.loads((ROOT / "models/digits/training_record.json").read_text())


def sha256(path):
    return hashlib.sha256((ROOT / path).read_bytes()).hexdigest()


class DigitsRecord(unittest.TestCase):
    def test_the_script_is_the_one_that_ran(self):
        self.assertEqual(sha256(RECORD["script"]["path"]), RECORD["script"]["sha256"])

    def test_the_model_is_the_one_it_wrote(self):
        self.assertEqual(sha256("models/digits/digits.onnx"), RECORD["model_sha256"])

    def test_the_images_are_the_ones_it_used(self):
        files = {path.name for path in (ROOT / "examples/digits").glob("*-ubyte")}
        self.assertEqual(files, set(RECORD["data_sha256"]))
        for name, digest in RECORD["data_sha256"].items():
            self.assertEqual(sha256(f"examples/digits/{name}"), digest, name)

    def test_a_thousand_test_images_are_no_training_images(self):
        def images(name):
            text = (ROOT / f"examples/digits/{name}-images-idx3-ubyte").read_bytes()[16:]
            return [text[i:i + 64] for i in range(0, len(text), 64)]

        train, test = images("train"), images("t10k")
        self.assertGreaterEqual(len(test), 1000)
        self.assertFalse(set(train) & set(test))

    def test_the_page_states_what_was_measured(self):
        page = (ROOT / "models/digits/README.md").read_text()
        self.assertIn(f"{RECORD['test']['top1_percent']} % top-1", page)
        self.assertIn(f"({RECORD['test']['num_correct']} right)", page)
        self.assertIn(f"{RECORD['num_parameters']:,}", page)


if __name__ == "__main__":
    unittest.main()
