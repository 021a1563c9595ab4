#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Accuracy of a float32 ImageNet network in ONNX Runtime on images read by Pillow.

Nothing of Sluice takes part, so that its own figures have something to be compared with.
"""
import argparse
import csv
import pathlib

import numpy as np
import onnxruntime
from PIL import Image

SIZE, SHORT_SIDE = 224, 256
# The filter, and mean and deviation of the three channels in pixels.
PREPROCESSINGS = {
    "lite0": (Image.Resampling.BICUBIC, [127] * 3, [128] * 3),
    "imagenet-tflite-bicubic": (Image.Resampling.BICUBIC, [127.5] * 3, [127.5] * 3),
    "imagenet": (Image.Resampling.BILINEAR, [123.675, 116.28, 103.53], [58.395, 57.12, 57.375])}


def network_input(path, filter_, mean, deviation):
    with Image.open(path) as file:
        image = file.convert("RGB")
    width, height = (SHORT_SIDE * side // min(image.size) for side in image.size)
    image = image.resize((width, height), filter_)
    left, top = round((width - SIZE) / 2), round((height - SIZE) / 2)
    pixels = np.asarray(image.crop((left, top, left + SIZE, top + SIZE)), np.float32)
    return ((pixels - np.float32(mean)) / np.float32(deviation)).transpose(2, 0, 1)[None]


def rank(scores, label):
    """How many classes come before the right one; of equal scores the lower class does."""
    return int((scores > scores[label]).sum() + (scores[:label] == scores[label]).sum())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("images", type=pathlib.Path, help="a .csv whose rows have file and class")
    parser.add_argument("--preprocess", choices=PREPROCESSINGS, required=True)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    session = onnxruntime.InferenceSession(options.model, settings)
    (name,) = [value.name for value in session.get_inputs()]
    ranks = []
    with open(options.images, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            x = network_input(options.images.parent / row["file"],
                              *PREPROCESSINGS[options.preprocess])
            ranks.append(rank(session.run(None, {name: x})[0].ravel(), int(row["class"])))
    top1, top5 = (sum(rank < n for rank in ranks) for n in (1, 5))
    print(f"top-1 {top1}, top-5 {top5} of {len(ranks)}")


if __name__ == "__main__":
    main()
