#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds a network trained for integers against ONNX Runtime, and against what training saw of it.

Usage: check_integers.py SLUICE FOLDER IMAGES; needs NumPy and ONNX Runtime. FOLDER is what `sluice
train --weight-bits …` wrote with --validation IMAGES, a file in CIFAR-10's binary form. All images
go through FOLDER/network.onnx in our exact engine and in ONNX Runtime, whose scores must be equal
to the last bit; the mean cross-entropy of these scores must be the one that training's own forward
pass had after its last epoch.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnxruntime

ROW = 1 + 3 * 32 * 32  # bytes of an image, its class first
MEAN = np.float32([0.4914, 0.4822, 0.4465]).reshape(3, 1, 1)
DEVIATION = np.float32([0.2023, 0.1994, 0.2010]).reshape(3, 1, 1)
BATCH = 500


def cross_entropy(scores, labels):
    scores = scores.astype(np.float64)
    most = scores.max(1)
    sums = np.exp(scores - most[:, None]).sum(1)
    return float((np.log(sums) + most - scores[np.arange(len(labels)), labels]).mean())


def exact_scores(sluice, model, images):
    """Ours: the batches one after the other, since a run keeps all values of a network."""
    parts = []
    with tempfile.TemporaryDirectory() as folder:
        source, target = (str(pathlib.Path(folder) / name) for name in ("in.npy", "out.npy"))
        for begin in range(0, len(images), BATCH):
            np.save(source, images[begin:begin + BATCH])
            subprocess.run([sluice, "run", str(model), "--input", source, "-o", target, "--quiet"],
                           check=True, stdout=subprocess.DEVNULL)
            parts.append(np.load(target))
    return np.concatenate(parts)


def runtime_scores(model, images):
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return np.concatenate([session.run(None, {name: images[i:i + BATCH]})[0]
                           for i in range(0, len(images), BATCH)])


def main():
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    folder = pathlib.Path(sys.argv[2])
    rows = np.fromfile(sys.argv[3], np.uint8).reshape(-1, ROW)
    labels = rows[:, 0].astype(np.int64)
    pixels = rows[:, 1:].reshape(-1, 3, 32, 32).astype(np.float32)
    images = (pixels / np.float32(255) - MEAN) / DEVIATION
    ours = exact_scores(sys.argv[1], folder / "network.onnx", images)
    theirs = runtime_scores(folder / "network.onnx", images)
    last = json.loads((folder / "train.json").read_text())["rows"][-1]
    ours_right, theirs_right = (int((scores.argmax(1) == labels).sum())
                                for scores in (ours, theirs))
    equal = int((ours == theirs).all(1).sum())
    loss = cross_entropy(ours, labels)
    print(f"right: {ours_right} in the exact engine, {theirs_right} in ONNX Runtime, "
          f"of {len(labels)}")
    print(f"images whose scores are equal to the last bit: {equal}")
    print(f"mean cross-entropy: {loss:.12f}; in training: {last['validation_loss']:.12f}")
    is_same = abs(loss - last["validation_loss"]) <= 1e-9 * loss
    raise SystemExit(0 if equal == len(labels) and ours_right == theirs_right and is_same else 1)


if __name__ == "__main__":
    main()
