#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares image_input with Pillow and NumPy on the same images: first that the inputs are equal to
the last bit, then the processor time of one thread, turn by turn.

usage: compare.py IMAGE_INPUT FILE...      (with the Python of build/venv)
"""

import json
import subprocess
import sys
import tempfile
import time

import numpy as np
from PIL import Image

ROUNDS = 5
MEAN = np.array([0.485, 0.456, 0.406], np.float32).reshape(3, 1, 1)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32).reshape(3, 1, 1)


def decode(file):
    return Image.open(file).convert("RGB")


def network_input(image):
    width, height = image.size
    if width <= height:
        size = (256, int(256 * height / width))
    else:
        size = (int(256 * width / height), 256)
    image = image.resize(size, Image.Resampling.BILINEAR)
    left, top = (round((side - 224) / 2) for side in size)
    pixels = np.asarray(image.crop((left, top, left + 224, top + 224)))
    return (pixels.transpose(2, 0, 1).astype(np.float32) / np.float32(255) - MEAN) / DEVIATION


def check_equal(program, files):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, "--write", folder, *files], check=True)
        for index, file in enumerate(files):
            ours = np.load(f"{folder}/{index}.npy")[0]
            if not np.array_equal(ours, network_input(decode(file))):
                sys.exit(f"compare: {file}: the inputs differ, so their times say nothing")


def measure_pillow(files):
    decoding, whole = [], []
    for _ in range(ROUNDS):
        decoding.append(0.0)
        whole.append(0.0)
        for file in files:
            start = time.thread_time()
            image = decode(file)
            decoded = time.thread_time()
            network_input(image)
            decoding[-1] += decoded - start
            whole[-1] += time.thread_time() - start
    medians = (1e3 * sorted(times)[ROUNDS // 2] / len(files) for times in (decoding, whole))
    return dict(zip(("decode_ms", "whole_ms"), medians))


def main():
    program, files = sys.argv[1], sys.argv[2:]
    check_equal(program, files)
    for _ in range(2):
        ours = json.loads(subprocess.run([program, *files], check=True, capture_output=True).stdout)
        theirs = measure_pillow(files)
        for what in ours:
            ratio = theirs[what] / ours[what]
            print(f"{what}: sluice {ours[what]:.3f}, pillow {theirs[what]:.3f}, ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
