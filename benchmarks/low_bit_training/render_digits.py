#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Renders digits as 32 x 32 colour images in CIFAR-10's binary form: strokes turned, sheared, moved
and scaled by chance, of any width, on a sloping background, with noise.

Usage: render_digits.py FOLDER [--train N] [--test N] [--seed S]; needs NumPy.
Writes FOLDER/train.bin and FOLDER/test.bin, the same bytes for the same arguments.
"""
import argparse
from pathlib import Path

import numpy as np

SIZE = 32
# Polylines in a box of 2 wide and 4 high, y downwards.
STROKES = [
    [[(0, 1), (1, 0), (2, 1), (2, 3), (1, 4), (0, 3), (0, 1)]],
    [[(0.3, 1), (1.2, 0), (1.2, 4)]],
    [[(0, 1), (1, 0), (2, 1), (2, 1.5), (0, 4), (2, 4)]],
    [[(0, 0), (2, 0), (0.9, 1.6), (2, 2.6), (1.2, 4), (0, 3.6)]],
    [[(1.5, 4), (1.5, 0), (0, 2.7), (2, 2.7)]],
    [[(2, 0), (0.2, 0), (0, 1.8), (1.3, 1.6), (2, 2.7), (1.2, 4), (0, 3.7)]],
    [[(1.8, 0), (0.3, 1.7), (0, 3), (1, 4), (2, 3), (1.2, 2), (0.1, 2.6)]],
    [[(0, 0), (2, 0), (0.7, 4)]],
    [[(1, 1.9), (0.1, 1), (1, 0), (1.9, 1), (1, 1.9), (0, 3), (1, 4), (2, 3), (1, 1.9)]],
    [[(1.9, 1.4), (0.9, 2), (0, 1), (1, 0), (1.9, 1), (1.7, 2.6), (0.4, 4)]],
]


def segments(digit):
    """Ends of the digit's lines, centred: [n, 2, 2]."""
    lines = [(a, b) for stroke in STROKES[digit] for a, b in zip(stroke, stroke[1:])]
    return (np.array(lines, dtype=np.float64) - [1, 2]) / 4


def render(digit, rng):
    """One image, [3, SIZE, SIZE] bytes."""
    turn, shear = rng.uniform(-0.4, 0.4), rng.uniform(-0.3, 0.3)
    scale = rng.uniform(0.55, 0.95, 2) * SIZE
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    warp = rotation @ np.array([[1, shear], [0, 1]]) @ np.diag(scale)
    ends = segments(digit) @ warp.T + SIZE / 2 + rng.uniform(-3, 3, 2)
    ends += rng.normal(0, 0.5, ends.shape)
    start, along = ends[:, 0], ends[:, 1] - ends[:, 0]
    y, x = np.mgrid[0:SIZE, 0:SIZE] + 0.5
    pixels = np.stack([x, y], -1)[:, :, None]
    part = ((pixels - start) * along).sum(-1) / np.maximum((along**2).sum(-1), 1e-9)
    nearest = start + np.clip(part, 0, 1)[..., None] * along
    distance = np.sqrt(((pixels - nearest) ** 2).sum(-1)).min(-1)
    ink = np.clip(rng.uniform(0.8, 2.2) - distance + 0.5, 0, 1)
    paper = rng.uniform(0, 255, 3)
    colour = rng.uniform(0, 255, 3)
    while np.abs(colour - paper).max() < 70:
        colour = rng.uniform(0, 255, 3)
    slope = rng.uniform(-1.5, 1.5, (3, 2))
    image = np.empty((3, SIZE, SIZE))
    for c in range(3):
        background = paper[c] + slope[c, 0] * (x - SIZE / 2) + slope[c, 1] * (y - SIZE / 2)
        image[c] = background * (1 - ink) + colour[c] * ink
    image += rng.normal(0, rng.uniform(2, 18), image.shape)
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)


def write(path, count, rng):
    with open(path, "wb") as file:
        for digit in rng.permutation(np.arange(count) % 10):
            file.write(bytes([digit]) + render(digit, rng).tobytes())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--train", type=int, default=20000)
    parser.add_argument("--test", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(options.seed)
    write(options.folder / "train.bin", options.train, rng)
    write(options.folder / "test.bin", options.test, rng)


if __name__ == "__main__":
    main()
