# SPDX-License-Identifier: Apache-2.0
"""Writes images and what Pillow makes of them, for pillow_test.cpp to compare with.

usage: pillow_cases.py OUT_DIR [IMAGE...]

OUT_DIR/cases.json lists {"kind": "decode", "file", "expected"}, {"kind": "resize", "file",
"height", "width", "filter", "expected"} and, for the images given, {"kind": "imagenet", "file",
"expected"}: preprocessed as torchvision does it. `expected` is a .npy file.

Of the steps of augmentation there are {"kind": "brightness" | "contrast" | "saturation" | "hue",
"file", "amount", "expected"} and {"kind": "crop_and_resize", "file", "top", "left", "box_height",
"box_width", "height", "width", "expected"}.
"""

import io
import json
import pathlib
import random
import sys
import zlib

import numpy as np
import PIL
from PIL import Image, ImageEnhance

FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "box": Image.Resampling.BOX,
    "bilinear": Image.Resampling.BILINEAR,
    "hamming": Image.Resampling.HAMMING,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}

ENHANCERS = {
    "brightness": ImageEnhance.Brightness,
    "contrast": ImageEnhance.Contrast,
    "saturation": ImageEnhance.Color,
}


class Cases:
    def __init__(self, folder):
        self.folder = folder
        self.list = []

    def add(self, kind, file, expected, **facts):
        name = f"{len(self.list)}.npy"
        np.save(self.folder / name, expected)
        self.list.append({"kind": kind, "file": file, "expected": name, **facts})

    def add_decode(self, name, data):
        (self.folder / name).write_bytes(data)
        image = Image.open(io.BytesIO(data)).convert("RGB")
        self.add("decode", name, np.asarray(image))


def resized(image, width, height, resample):
    """From version 13 on, Pillow takes the vertical pass first for some shapes; one side at a time
    gives the order of the versions before, which published accuracies were measured with."""
    if int(PIL.__version__.split(".")[0]) >= 13 and resample != Image.Resampling.NEAREST:
        image = image.resize((width, image.height), resample)
    return image.resize((width, height), resample)


def imagenet_input(image):
    """Short side 256, centre 224, normalised: torchvision's arithmetic in float32."""
    width, height = image.size
    if width <= height:
        image = resized(image, 256, int(256 * height / width), Image.Resampling.BILINEAR)
    else:
        image = resized(image, int(256 * width / height), 256, Image.Resampling.BILINEAR)
    left, top = (int(round((size - 224) / 2.0)) for size in image.size)
    pixels = np.asarray(image.crop((left, top, left + 224, top + 224)))
    values = pixels.transpose(2, 0, 1).astype(np.float32) / np.float32(255)
    mean = np.array([0.485, 0.456, 0.406], np.float32).reshape(3, 1, 1)
    deviation = np.array([0.229, 0.224, 0.225], np.float32).reshape(3, 1, 1)
    return (values - mean) / deviation


def picture(rng, height, width, channels):
    """Smooth colours with noise and sharp edges on top."""
    y, x = np.mgrid[0:height, 0:width]
    planes = []
    for _ in range(channels):
        wave = 90 * np.sin(x / rng.uniform(2, 30)) + 90 * np.cos(y / rng.uniform(2, 30))
        noise = rng.normal(0, 25, (height, width))
        edge = 80.0 * ((x * rng.integers(1, 4) + y) % 37 < 9)
        planes.append(np.clip(wave + noise + edge + 90, 0, 255))
    return np.stack(planes, axis=-1).astype(np.uint8)


def encoded(image, **options):
    buffer = io.BytesIO()
    image.save(buffer, **options)
    return buffer.getvalue()


def png_chunk(kind, body):
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


def raw_png(height, width, depth, color, row_bytes, rng, interlace=0):
    """Random samples of any depth and colour type: Pillow itself cannot write them all."""
    rows = b"".join(b"\0" + rng.bytes(row_bytes) for _ in range(height))
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    header += bytes([depth, color, 0, 0, interlace])
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + (png_chunk(b"PLTE", rng.bytes(3 * 2 ** min(depth, 8))) if color == 3 else b"")
        + (png_chunk(b"tRNS", rng.bytes(2)) if color == 0 else b"")
        + png_chunk(b"IDAT", zlib.compress(rows))
        + png_chunk(b"IEND", b"")
    )


def add_jpegs(cases, rng):
    for height, width in [(1, 1), (7, 5), (8, 8), (33, 17), (64, 100), (127, 255), (375, 500)]:
        rgb = Image.fromarray(picture(rng, height, width, 3))
        for subsampling in (0, 1, 2):
            for progressive in (False, True):
                options = {"subsampling": subsampling, "progressive": progressive}
                data = encoded(rgb, format="jpeg", quality=85, **options)
                cases.add_decode(f"{height}x{width}_{subsampling}_{progressive}.jpg", data)
        for quality in (5, 50, 100):
            data = encoded(rgb, format="jpeg", quality=quality)
            cases.add_decode(f"{height}x{width}_q{quality}.jpg", data)
        cases.add_decode(f"{height}x{width}_grey.jpg", encoded(rgb.convert("L"), format="jpeg"))
        cmyk = Image.fromarray(picture(rng, height, width, 4), mode="CMYK")
        cases.add_decode(f"{height}x{width}_cmyk.jpg", encoded(cmyk, format="jpeg"))
        exif = Image.Exif()
        exif[0x0112] = 6
        data = encoded(rgb, format="jpeg", exif=exif, restart_marker_blocks=3)
        cases.add_decode(f"{height}x{width}_rotated.jpg", data)
        cases.add_decode(f"{height}x{width}_rgb.jpg", encoded(rgb, format="jpeg", keep_rgb=True))


def add_pngs(cases, rng):
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
    all_depths = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
    for color, depths in all_depths.items():
        for depth in depths:
            for height, width in [(1, 1), (13, 21), (64, 33)]:
                row_bytes = (width * samples[color] * depth + 7) // 8
                data = raw_png(height, width, depth, color, row_bytes, rng)
                cases.add_decode(f"{color}_{depth}_{height}x{width}.png", data)
    rgb = Image.fromarray(picture(rng, 50, 70, 3))
    cases.add_decode("written.png", encoded(rgb, format="png"))


def add_interlaced(cases, rng):
    """Adam7, eight by eight pixels: the seven passes hold 1, 1, 2, 4, 8, 16 and 32 of them."""
    shapes = [(1, 1), (1, 1), (1, 2), (2, 2), (2, 4), (4, 4), (4, 8)]
    rows = b"".join((b"\0" + rng.bytes(3 * width)) * height for height, width in shapes)
    header = (8).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 1])
    data = (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", zlib.compress(rows))
        + png_chunk(b"IEND", b"")
    )
    cases.add_decode("interlaced.png", data)


def add_resizes(cases, rng, choose):
    for index in range(60):
        height, width = choose.randint(1, 120), choose.randint(1, 120)
        channels = 1 if index % 4 == 0 else 3
        pixels = picture(rng, height, width, channels)
        image = Image.fromarray(pixels[:, :, 0] if channels == 1 else pixels)
        source = f"source{index}.npy"
        np.save(cases.folder / source, pixels)
        for name, resample in FILTERS.items():
            for _ in range(4):
                size = {"height": choose.randint(1, 200), "width": choose.randint(1, 200)}
                if choose.random() < 0.15:
                    size["height"] = height
                if choose.random() < 0.15:
                    size["width"] = width
                scaled = np.asarray(resized(image, size["width"], size["height"], resample))
                expected = scaled.reshape(size["height"], size["width"], channels)
                cases.add("resize", source, expected, filter=name, **size)


def hue_turned(image, turns):
    """torchvision's adjust_hue of a Pillow image: cut to an integer, added modulo 256."""
    if image.mode == "L":
        return image
    hue, saturation, value = image.convert("HSV").split()
    turned = np.asarray(hue) + np.array([int(turns * 255) % 256], np.uint8)
    return Image.merge("HSV", (Image.fromarray(turned), saturation, value)).convert("RGB")


def add_augmentations(cases, rng, choose):
    """Smooth pictures, and noise in which every hue and saturation occurs."""
    for index in range(24):
        height, width = choose.randint(1, 150), choose.randint(1, 150)
        channels = 1 if index % 6 == 0 else 3
        pixels = picture(rng, height, width, channels)
        if index % 3 == 1:
            pixels = rng.integers(0, 256, (height, width, channels), np.uint8)
        image = Image.fromarray(pixels[:, :, 0] if channels == 1 else pixels)
        source = f"augmented{index}.npy"
        np.save(cases.folder / source, pixels)
        for kind, enhancer in ENHANCERS.items():
            for factor in (0.0, 1.0, choose.random(), 1 + choose.random(), choose.uniform(2, 9)):
                made = np.asarray(enhancer(image).enhance(factor)).reshape(pixels.shape)
                cases.add(kind, source, made, amount=factor)
        for turns in (-0.5, 0.0, 0.5, *(choose.uniform(-0.5, 0.5) for _ in range(4))):
            made = np.asarray(hue_turned(image, turns)).reshape(pixels.shape)
            cases.add("hue", source, made, amount=turns)
        for _ in range(6):
            box_height, box_width = choose.randint(1, height), choose.randint(1, width)
            top, left = choose.randint(0, height - box_height), choose.randint(0, width - box_width)
            size = {"height": choose.randint(1, 120), "width": choose.randint(1, 120)}
            box = image.crop((left, top, left + box_width, top + box_height))
            made = np.asarray(
                resized(box, size["width"], size["height"], Image.Resampling.BILINEAR)
            )
            place = {"top": top, "left": left, "box_height": box_height, "box_width": box_width}
            made = made.reshape(size["height"], size["width"], channels)
            cases.add("crop_and_resize", source, made, **place, **size)


def main():
    cases = Cases(pathlib.Path(sys.argv[1]))
    rng = np.random.default_rng(1)
    add_jpegs(cases, rng)
    add_pngs(cases, rng)
    add_interlaced(cases, rng)
    add_resizes(cases, rng, random.Random(2))
    add_augmentations(cases, rng, random.Random(3))
    for path in sys.argv[2:]:
        image = Image.open(path).convert("RGB")
        cases.add("decode", path, np.asarray(image))
        cases.add("imagenet", path, imagenet_input(image))
    (cases.folder / "cases.json").write_text(json.dumps(cases.list))


if __name__ == "__main__":
    main()
