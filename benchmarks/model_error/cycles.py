#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the simulated and the modelled cycles of networks, as docs/reference/estimate.md has them.

  benchmarks/model_error/cycles.py [--sluice build/release/sluice] [NETWORK...]

Each network is quantized where it is not, mapped to its device as fast as may be, emitted, and
simulated in Verilator on three feature maps of codes that are drawn; every word must be the exact
engine's. Networks that are no part of the project are looked for in SLUICE_DATA, and left out where
they are not there.
"""
import argparse
import array
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("SLUICE_DATA", ROOT / "../shared/data")).resolve()
DIGITS = ["--data", ROOT / "examples/digits/train-images-idx3-ubyte", "--preprocess", "mnist"]
MNIST = ["--data", DATA / "datasets/mnist/t10k-images-idx3-ubyte.gz", "--preprocess", "mnist"]
DRAWN = None  # ranges of one input that is drawn

# Name, file or architecture of the zoo, what ranges are taken from (() where it has codes), device,
# share.
NETWORKS = [
    ("digits", ROOT / "models/digits/digits.onnx", DIGITS, "zedboard", []),
    ("lenet", DATA / "models/fpgaconvnet/lenet.onnx", MNIST, "zedboard", []),
    ("lenet-tenth", DATA / "models/fpgaconvnet/lenet.onnx", MNIST, "zedboard",
     ["--share", "dsp=0.1"]),
    ("keywords", DATA / "models/tiny/kws_dscnn_int8.tflite", (), "zedboard", []),
    ("resnet8", DATA / "models/cifar10/mlperftiny_resnet8_int8.tflite", (), "zedboard", []),
    ("diracdeltanet_tiny", "diracdeltanet_tiny", DRAWN, "zedboard", []),
    ("unet", DATA / "models/segmentation/unet_lgg_f8_128.onnx", DRAWN, "zcu104", []),
    ("unet-zc706", DATA / "models/segmentation/unet_lgg_f8_128.onnx", DRAWN, "zc706", []),
]


class Cycles:
    def __init__(self, sluice, folder):
        self.sluice, self.folder = sluice, folder

    def run(self, *args):
        done = subprocess.run([self.sluice, *map(str, args), "--quiet"], cwd=self.folder,
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"sluice {args[0]}: {done.stderr.strip()}")
        return done.stdout

    def quantized(self, model, ranges):
        """The network on codes."""
        if ranges == ():
            return model
        if isinstance(model, str):
            self.run("zoo", "export", model, "-o", "network.onnx")
            model = "network.onnx"
        if ranges is DRAWN:
            image = next(iter(json.loads(self.run("info", model, "--json"))["inputs"]))
            write_npy(self.folder / "drawn.npy", [1, *image["shape"][1:]])
            ranges = ["--input", "drawn.npy"]
        self.run("quantize", model, *ranges, "--format", "q8", "-o", "network.sluice")
        return "network.sluice"

    def measure(self, name, model, ranges, device, share):
        model = self.quantized(model, ranges)
        self.run("explore", model, "--device", device, *share, "--partitions", "1",
                 "-o", "design.json")
        report = json.loads(self.run("cosim", model, "--design", "design.json", "--images", "3",
                                     "--no-stalls", "--no-taps", "--json"))
        assert report["equal"]
        cycles = [f"{round(report[key]):,}" for key in (
            "latency_cycles", "model_latency_cycles", "interval_cycles", "model_interval_cycles")]
        print(f"| {name} ({device}) | {' | '.join(cycles)} |", flush=True)


def write_npy(path, shape):
    """Numbers from 0 to 1, spread evenly, in an order that looks like none."""
    size = 1
    for extent in shape:
        size *= extent
    words = array.array("f", ((i * 2654435761 % 4294967296) / 4294967296 for i in range(size)))
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {tuple(shape)}, }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode()
                     + words.tobytes())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--sluice", type=Path, default=ROOT / "build/release/sluice")
    parser.add_argument("network", nargs="*", help="only these")
    args = parser.parse_args()
    for name, model, *rest in NETWORKS:
        if args.network and name not in args.network:
            continue
        if isinstance(model, Path) and not model.exists():
            print(f"{name}: no {model}: set SLUICE_DATA", file=sys.stderr)
            continue
        with tempfile.TemporaryDirectory() as folder:
            Cycles(args.sluice.resolve(), Path(folder)).measure(name, model, *rest)


if __name__ == "__main__":
    main()
