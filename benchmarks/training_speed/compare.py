#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares a step of training, and inference, with PyTorch: answers first, then turn by turn.

Needs PyTorch and NumPy. The speed ratio is above 1 where ours is the faster one.
"""
import argparse
import json
import pathlib
import statistics
import struct
import subprocess
import sys
import tempfile
import time

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import contender  # noqa: E402
import networks  # noqa: E402

CLASSES = 1000
CASES = [  # name in the zoo, pixels, images a batch, the same in PyTorch
    ("shufflenetv2_x1_0", 32, 64, networks.ShuffleNetV2),
    ("diracdeltanet_cifar", 32, 16, lambda n: networks.DiracDeltaNet(n, stem="full")),
    ("shufflenetv2_x1_0", 224, 16, networks.ShuffleNetV2),
    ("diracdeltanet", 224, 8, networks.DiracDeltaNet),
]
RATE = 1e-3
# Of the largest answer; float32 sums of another order, and after a step their gradients' too.
MAX_DIFFERENCE = {"inference": 1e-4, "training": 1e-3}


def state_dict(path):
    """The float32 tensors of a safetensors file."""
    data = path.read_bytes()
    size, = struct.unpack("<Q", data[:8])
    state = {}
    for name, entry in json.loads(data[8:8 + size]).items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            values = np.frombuffer(data[8 + size + begin:8 + size + end], np.float32)
            state[name] = torch.from_numpy(values.copy().reshape(entry["shape"]))
    return state


def load(net, path):
    own = net.state_dict()
    given = {name: tensor.reshape(own[name].shape) for name, tensor in state_dict(path).items()}
    missing = net.load_state_dict(given, strict=False)
    absent = [name for name in missing.missing_keys if "num_batches_tracked" not in name]
    if absent or missing.unexpected_keys:
        raise SystemExit(f"{path}: {absent} missing, {missing.unexpected_keys} left over")


class Pytorch:
    """Their side: step() and infer() give milliseconds."""

    def __init__(self, net, images):
        self.net, self.images = net, torch.from_numpy(images)
        self.labels = torch.arange(len(images))
        weights = [p for p in net.parameters() if p.dim() > 1]
        others = [p for p in net.parameters() if p.dim() == 1]
        self.optimizer = torch.optim.SGD(
            [{"params": weights, "weight_decay": 4e-5}, {"params": others, "weight_decay": 0}],
            lr=RATE, momentum=0.9)

    def step(self):
        self.net.train()
        start = time.perf_counter()
        self.optimizer.zero_grad(set_to_none=True)
        loss = torch.nn.functional.cross_entropy(self.net(self.images), self.labels)
        loss.backward()
        loss.item()  # which we look at as well
        self.optimizer.step()
        return (time.perf_counter() - start) * 1e3

    def scores(self):
        self.net.eval()
        with torch.inference_mode():
            return self.net(self.images).numpy()

    def infer(self):
        self.net.eval()
        start = time.perf_counter()
        self.scores()
        return (time.perf_counter() - start) * 1e3


def check(what, kind, ours, theirs):
    difference = float(np.abs(ours.reshape(theirs.shape) - theirs).max() / np.abs(theirs).max())
    if not difference <= MAX_DIFFERENCE[kind]:
        raise SystemExit(f"{what}: answers of {kind} differ by {difference:.2e} of the largest")
    return difference


def compare(options, folder, case):
    name, pixels, batch, make = case
    model, weights = folder / f"{name}_{pixels}.onnx", folder / f"{name}_{pixels}.safetensors"
    for path in (model, weights):
        subprocess.run([options.sluice, "zoo", "export", name, "--classes", str(CLASSES),
                        "--input-size", str(pixels), "-o", str(path)], check=True,
                       stdout=subprocess.DEVNULL)
    images = contender.random_input([batch, 3, pixels, pixels])
    net = make(CLASSES)
    load(net, weights)
    theirs = Pytorch(net, images)
    for kind, program, last, measure in (
            ("inference", options.bench_runner, "float32", theirs.infer),
            ("training", options.step_runner, str(RATE), theirs.step)):
        ours = contender.Runner(program, model, 1, images, last)
        try:
            answers = ours.output()  # of training: after its first step
            if kind == "training":
                theirs.step()
            difference = check(name, kind, answers, theirs.scores())
            times = contender.take_turns({"sluice": ours.run, "pytorch": measure}, options.rounds)
        finally:
            ours.close()
        yield {"network": name, "pixels": pixels, "batch": batch, "kind": kind,
               "difference": difference,
               "sluice": 1e3 * batch / statistics.median(times["sluice"]),
               "pytorch": 1e3 * batch / statistics.median(times["pytorch"]),
               "speed_ratio": contender.median_ratio(times["pytorch"], times["sluice"])}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path, help="build/benchmark, with -DSLUICE_TRAIN=ON")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--only", help="networks whose name contains this")
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    options.sluice = options.build / "sluice"
    options.bench_runner = options.build / "benchmarks/support/bench_runner"
    options.step_runner = options.build / "benchmarks/training_speed/step_runner"
    torch.set_num_threads(1)
    rows = []
    print("| network | pixels | batch | kind | largest difference | Sluice, images/s | "
          "PyTorch, images/s | speed ratio |\n|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for case in CASES:
            if options.only and options.only not in case[0]:
                continue
            for row in compare(options, pathlib.Path(folder), case):
                rows.append(row)
                print("| {network} | {pixels} | {batch} | {kind} | {difference:.1e} | "
                      "{sluice:.1f} | {pytorch:.1f} | {speed_ratio:.2f} |".format(**row),
                      flush=True)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
