#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Trains the built-in digits network and writes it with its data and the record of the run.

Needs Debian 12's own Python packages: apt-get install python3-torch python3-onnx, and the images,
which the package python3-sklearn carries. Usage:

  apt-get download python3-sklearn && dpkg -x python3-sklearn_*.deb sklearn
  scripts/train_digits.py sklearn/usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz

Same seed, same machine type: same bytes. models/digits/README.md tells the whole story.
"""
import argparse
import gzip
import hashlib
import json
import math
import struct
from pathlib import Path

import numpy
import onnx
import torch
from torch import nn
from torch.nn import functional

ROOT = Path(__file__).resolve().parent.parent
SEED = 1
NUM_TRAIN = 797  # the first ones in the source's order; the other 1,000 only measure
EPOCHS = 300
BATCH = 64
PEAK_RATE = 3e-3


class ConvNorm(nn.Module):
    """Convolution without bias, then batch normalization."""

    def __init__(self, inputs, outputs, size, stride=1, groups=1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, size, stride, size // 2, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x):
        return self.norm(self.conv(x))


class Residual(nn.Module):
    """relu(x + pointwise(relu(depthwise(x))))"""

    def __init__(self, channels):
        super().__init__()
        self.depthwise = ConvNorm(channels, channels, 3, groups=channels)
        self.pointwise = ConvNorm(channels, channels, 1)

    def forward(self, x):
        return functional.relu(x + self.pointwise(functional.relu(self.depthwise(x))))


class Digits(nn.Module):
    """8x8 gray images in [0, 1] to the logits of the ten digits."""

    def __init__(self):
        super().__init__()
        self.stem = ConvNorm(1, 32, 3)
        self.block1 = Residual(32)
        self.down = ConvNorm(32, 48, 3, stride=2)
        self.block2 = Residual(48)
        self.classifier = nn.Linear(48, 10)

    def forward(self, x):
        x = self.block1(functional.relu(self.stem(x)))
        x = self.block2(functional.relu(self.down(x)))
        return self.classifier(functional.adaptive_avg_pool2d(x, 1).flatten(1))


def moved(images, generator):
    """Each image shifted by up to a pixel, turned by up to 10 degrees, scaled by up to 10 %."""
    amount = torch.rand(len(images), 4, generator=generator) * 2 - 1
    angle, scale = amount[:, 0] * math.radians(10), 1 + 0.1 * amount[:, 1]
    cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
    shift = amount[:, 2:] * (2 / images.shape[-1])
    rows = torch.stack([cos, -sin, shift[:, 0], sin, cos, shift[:, 1]], dim=1).reshape(-1, 2, 3)
    grid = functional.affine_grid(rows, images.shape, align_corners=False)
    return functional.grid_sample(images, grid, align_corners=False)


def train(images, labels):
    """The trained network and its mean loss in every tenth epoch."""
    generator = torch.Generator().manual_seed(SEED)
    model = Digits()
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=1e-2)
    steps = EPOCHS * (len(images) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK_RATE, total_steps=steps)
    losses = []
    for epoch in range(EPOCHS):
        order, total = torch.randperm(len(images), generator=generator), 0.0
        for batch in order[:len(images) // BATCH * BATCH].split(BATCH):
            loss = functional.cross_entropy(model(moved(images[batch], generator)), labels[batch],
                                            label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
        if epoch % 10 == 9:
            losses.append(round(total / (len(images) // BATCH), 4))
            print(f"epoch {epoch + 1}: loss {losses[-1]}", flush=True)
    return model.eval(), losses


def num_correct(model, images, labels):
    with torch.no_grad():
        return int((model(images).argmax(1) == labels).sum())


def write_idx(path, array):
    """The format of the MNIST files: magic number with type and rank, sizes, bytes."""
    head = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    path.write_bytes(head + array.astype(numpy.uint8).tobytes())


def write_onnx(model, path):
    torch.onnx.export(model, torch.zeros(1, 1, 8, 8), str(path), opset_version=13,
                      training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False,
                      input_names=["image"], output_names=["logits"],
                      dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}})
    proto = onnx.load(str(path))
    proto.graph.name = "digits"
    onnx.checker.check_model(proto)
    onnx.save(proto, str(path))


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("source", type=Path, help="digits.csv.gz")
    source = arguments.parse_args().source
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)

    table = numpy.loadtxt(gzip.open(source), delimiter=",")
    pixels = numpy.rint(table[:, :64] * (255 / 16)).reshape(-1, 8, 8)
    labels = table[:, 64].astype(int)
    data = ROOT / "examples/digits"
    for name, part in (("train", slice(0, NUM_TRAIN)), ("t10k", slice(NUM_TRAIN, None))):
        write_idx(data / f"{name}-images-idx3-ubyte", pixels[part])
        write_idx(data / f"{name}-labels-idx1-ubyte", labels[part])

    images = torch.tensor(pixels / 255, dtype=torch.float32).unsqueeze(1)
    targets = torch.tensor(labels)
    model, losses = train(images[:NUM_TRAIN], targets[:NUM_TRAIN])
    path = ROOT / "models/digits/digits.onnx"
    write_onnx(model, path)

    num_test = len(images) - NUM_TRAIN
    correct = num_correct(model, images[NUM_TRAIN:], targets[NUM_TRAIN:])
    record = {
        "format": "sluice.training_record/1",
        "script": {"path": "scripts/train_digits.py", "sha256": sha256(Path(__file__))},
        "versions": {"torch": torch.__version__, "onnx": onnx.__version__,
                     "numpy": numpy.__version__},
        "seed": SEED, "epochs": EPOCHS, "batch": BATCH, "peak_learning_rate": PEAK_RATE,
        "source_sha256": sha256(source),
        "data_sha256": {file.name: sha256(file) for file in sorted(data.glob("*ubyte"))},
        "num_parameters": sum(p.numel() for p in model.parameters()),
        "loss_every_10_epochs": losses,
        "train": {"num_images": NUM_TRAIN,
                  "num_correct": num_correct(model, images[:NUM_TRAIN], targets[:NUM_TRAIN])},
        "test": {"num_images": num_test, "num_correct": correct,
                 "top1_percent": round(100 * correct / num_test, 2)},
        "model_sha256": sha256(path),
    }
    text = json.dumps(record, indent=2) + "\n"
    (ROOT / "models/digits/training_record.json").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
