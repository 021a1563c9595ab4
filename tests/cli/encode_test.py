# SPDX-License-Identifier: Apache-2.0
"""encode: ratios of weights and activations, the coded weights, and mistakes."""
import json
import signal
import subprocess
import time

from program import DIGITS, PROGRAM, ROOT, TEST_IMAGES, FolderTest, main, sluice

QUANTIZED = ROOT / "tests/data/fuzz/tflite/quantized_int8.tflite"
IMAGES = ["--data", TEST_IMAGES, "--preprocess", "mnist"]


def read_bits(path, word_bits):
    """The bits of a .mem file as a string, first bit first."""
    return "".join(f"{int(line, 16):0{word_bits}b}" for line in path.read_text().split())


def read_npy(path):
    """The integers of a small .npy file of int8, in its order."""
    content = path.read_bytes()
    start = 10 + int.from_bytes(content[8:10], "little")
    assert b"'|i1'" in content[:start]
    return [byte - 256 if byte > 127 else byte for byte in content[start:]]


def canonical(table):
    """Word → code of a table, as docs/reference/encoding.md says."""
    words, word, codes = {}, 0, iter(table["codes"])
    for length, count in enumerate(table["words_by_length"]):
        word *= 2
        for _ in range(count):
            words[f"{word:0{length}b}"] = next(codes)
            word += 1
    return words


def decode_huffman(bits, table):
    words, codes, word = canonical(table), [], ""
    for bit in bits:
        word += bit
        if word in words:
            codes.append(words[word])
            word = ""
    assert word == ""
    return codes


def decode_runs(bits, value_bits, length_bits):
    codes = []
    for at in range(0, len(bits), value_bits + length_bits):
        value = int(bits[at:at + value_bits], 2)
        value -= (value >> (value_bits - 1)) << value_bits
        length = int(bits[at + value_bits:at + value_bits + length_bits], 2)
        codes += [value] * (length + 1)
    return codes


def in_stream_order(codes, shape, axes):
    """Codes of row-major order with their dimensions permuted."""
    strides = [1] * len(shape)
    for d in range(len(shape) - 2, -1, -1):
        strides[d] = strides[d + 1] * shape[d + 1]
    places = [0]
    for axis in axes:
        places = [at + i * strides[axis] for at in places for i in range(shape[axis])]
    return [codes[at] for at in places]


class Encode(FolderTest):
    def report(self, *args):
        result = sluice("encode", *args, "--json", "--quiet")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stderr, "")
        return json.loads(result.stdout)

    def test_every_layer_with_weights_has_its_ratios(self):
        report = self.report(DIGITS, "--formats", "fixed8,q8", *IMAGES, "--limit", "5")
        self.assertEqual(report["format"], "sluice.encoding/1")
        self.assertEqual(report["encodings"], ["huffman", "rle2", "rle4"])
        self.assertEqual(report["images"], 5)
        for number_format in report["number_formats"]:
            self.assertEqual(len(number_format["layers"]), 7)
            for layer in number_format["layers"]:
                self.assertEqual([tensor["role"] for tensor in layer["tensors"]],
                                 ["weights", "input", "output"])

    def test_threads_change_nothing(self):
        arguments = [DIGITS, "--formats", "bfp8-channel", *IMAGES, "--limit", "7"]
        self.assertEqual(self.report(*arguments, "--threads", "1"),
                         self.report(*arguments, "--threads", "3"))

    def test_published_rules_cost_a_little_more(self):
        def mean(*args):
            report = self.report(DIGITS, "--formats", "fixed8", "--codes", "huffman", *args)
            return report["number_formats"][0]["mean_ratios"][0]["encodings"][0]["plain"]
        published = mean("--compat", "fpgaconvnet")
        self.assertGreater(published, 0.5)
        self.assertLess(published, 1.01)

    def test_streams_decode_by_the_page_alone(self):
        for word_bits in (8, 20, 32):
            result = sluice("encode", DIGITS, "--formats", "bfp8-layer", "--codes",
                            "huffman,huffman8,rle3", "--word-bits", word_bits, "-o", "weights",
                            cwd=self.folder)
            self.assertEqual(result.returncode, 0, result.stderr)
            folder = self.folder / "weights"
            manifest = json.loads((folder / "encoded.json").read_text())
            self.assertEqual(len(manifest["layers"]), 7)
            for layer in manifest["layers"]:
                codes = in_stream_order(read_npy(folder / layer["codes"]["file"]),
                                        layer["shape"], layer["stream_axes"])
                for stream in layer["streams"]:
                    bits = read_bits(folder / stream["file"], manifest["word_bits"])
                    self.assertNotIn("1", bits[stream["bits"]:])
                    bits = bits[:stream["bits"]]
                    if "table" in stream:
                        decoded = decode_huffman(bits, stream["table"])
                    else:
                        decoded = decode_runs(bits, layer["bits"], 3)
                    self.assertEqual(decoded, codes)

    def test_verify_decodes_a_folder(self):
        folder = self.folder / "weights"
        sluice("encode", QUANTIZED, "--codes", "huffman,rle4", "-o", folder)
        result = sluice("encode", "--verify", folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("6 streams decode to the weights", result.stdout)
        result = sluice("encode", "--verify", folder, "--json")
        self.assertEqual(json.loads(result.stdout),
                         {"format": "sluice.encoded_summary/1", "streams": 6})
        stream = next(folder.glob("000_*_rle4.mem"))
        stream.write_text(stream.read_text().replace("0", "1", 1))
        self.check_error(["encode", "--verify", folder], 1, stream.name, "SHA-256")
        stream.unlink()
        self.check_error(["encode", "--verify", folder], 3, stream.name)

    def test_mistakes_say_what_to_do(self):
        def check(args, code, *parts):
            self.check_error(["encode", *args], code, *parts)
        fixed = [DIGITS, "--formats", "fixed8"]
        check([], 2, "MODEL", "--verify")
        check([DIGITS], 2, "float32", "--formats")
        check([DIGITS, "--formats", "fixd8"], 2, 'did you mean "fixed8"?')
        check([DIGITS, "--formats", "float32"], 2, "float32 has no codes")
        check([*fixed, "--codes", "hufman"], 2, 'did you mean "huffman"?')
        check([*fixed, "--codes", "rle0"], 2, "1 to 32 bits")
        check([*fixed, "--codes", "rle33"], 2, "1 to 32 bits")
        check([*fixed, "--codes", "huffman57"], 2, "1 to 56 bits")
        check([*fixed, "--codes", "huffman3"], 2, "allow longer ones")
        check([*fixed, "--data", TEST_IMAGES], 2, "--preprocess")
        check([*fixed, "--limit", "3"], 2, "--data")
        check([*fixed, "--limit", "0", *IMAGES], 2, "--limit")
        check([*fixed, "--batch", "4", *IMAGES], 2, "--compat fpgaconvnet")
        check([*fixed, "--data", self.folder / "nowhere", "--preprocess", "mnist"], 3, "nowhere")
        check([*fixed, "--data", TEST_IMAGES, "--preprocess", "imagnet"], 2, "imagenet")
        check([*fixed, "--word-bits", "0", "-o", self.folder / "x"], 2, "--word-bits")
        check([self.folder / "nowhere.onnx", "--formats", "fixed8"], 3, "nowhere.onnx")
        check([QUANTIZED, "--formats", "fixed8"], 2, "leave --formats away")
        check([QUANTIZED, "--compat", "fpgaconvnet"], 2, "is quantized")
        check([DIGITS, "--formats", "fixed8,q8", "-o", self.folder / "x"], 2, "one format")
        check([*fixed, "--compat", "fpgaconvnet", "--codes", "huffman9"], 2, "no limit")
        (self.folder / "mine.txt").touch()
        check([*fixed, "-o", self.folder], 2, "other things than coded weights")
        self.assertTrue((self.folder / "mine.txt").exists())

    def test_ctrl_c_stops_and_leaves_nothing_half_written(self):
        slow = ["--engine", "reference", "--threads", "1",
                "--codes", ",".join(f"rle{bits}" for bits in range(1, 33))]
        arguments = [str(part) for part in
                     [PROGRAM, "encode", DIGITS, "--formats", "fixed8", *IMAGES, *slow,
                      "-o", self.folder / "weights"]]
        with subprocess.Popen(arguments, stderr=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True) as process:
            time.sleep(0.5)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, errors)
        self.assertEqual(list(self.folder.iterdir()), [])


if __name__ == "__main__":
    main()
