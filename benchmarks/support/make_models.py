#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes ONNX models of the shapes of ResNet-18 and -50, MobileNetV2 and EfficientNet-lite0.

Usage: make_models.py OUTPUT_DIR. The weights are random but seeded, the batch is symbolic, and
batch normalisation is part of the convolutions already, as exporters write models for inference.
"""
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class Net:
    """A model under construction; every method returns the name of its result."""

    def __init__(self, name, seed):
        self.name, self.rng = name, np.random.default_rng(seed)
        self.nodes, self.weights, self.count = [], [], 0

    def add(self, op, inputs, **attributes):
        self.count += 1
        output = f"{op.lower()}_{self.count}"
        self.nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def weight(self, array):
        self.count += 1
        name = f"weight_{self.count}"
        self.weights.append(numpy_helper.from_array(array.astype(np.float32), name))
        return name

    def conv_values(self, shape):
        """Weights of this shape and the bias of a convolution."""
        w = self.rng.standard_normal(shape) * (2 / np.prod(shape[1:])) ** 0.5
        return w, self.rng.standard_normal(shape[0]) * 0.01

    def classifier_values(self, shape):
        """Weights of this shape and the bias of the last layer."""
        return self.rng.standard_normal(shape) / shape[1] ** 0.5, np.zeros(shape[0])

    def pads(self, kernel, stride):
        """Rows above, columns on the left, rows below, columns on the right."""
        return [kernel // 2] * 4

    def conv(self, x, channels_in, channels_out, kernel, stride=1, group=1):
        w, b = self.conv_values((channels_out, channels_in // group, kernel, kernel))
        return self.add("Conv", [x, self.weight(w), self.weight(b)], kernel_shape=[kernel, kernel],
                        strides=[stride, stride], pads=self.pads(kernel, stride), group=group)

    def classifier(self, x, features, classes=1000):
        x = self.add("Flatten", [self.add("GlobalAveragePool", [x])], axis=1)
        w, b = self.classifier_values((classes, features))
        return self.add("Gemm", [x, self.weight(w), self.weight(b)], transB=1)

    def save(self, output, path):
        graph = helper.make_graph(
            self.nodes, self.name,
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", 3, 224, 224])],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["N", 1000])], self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
        onnx.checker.check_model(model)
        onnx.save(model, path)


def stem(net):
    x = net.add("Relu", [net.conv("input", 3, 64, 7, 2)])
    return net.add("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])


def resnet18(seed=18):
    net = Net("resnet18", seed)
    x, channels = stem(net), 64
    for width, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
        for block in range(2):
            s = stride if block == 0 else 1
            y = net.add("Relu", [net.conv(x, channels, width, 3, s)])
            y = net.conv(y, width, width, 3)
            skip = net.conv(x, channels, width, 1, s) if s != 1 or channels != width else x
            x, channels = net.add("Relu", [net.add("Add", [y, skip])]), width
    return net, net.classifier(x, channels)


def resnet50(seed=50):
    net = Net("resnet50", seed)
    x, channels = stem(net), 64
    for width, stride, blocks in ((64, 1, 3), (128, 2, 4), (256, 2, 6), (512, 2, 3)):
        for block in range(blocks):
            s = stride if block == 0 else 1
            y = net.add("Relu", [net.conv(x, channels, width, 1)])
            y = net.add("Relu", [net.conv(y, width, width, 3, s)])
            y = net.conv(y, width, 4 * width, 1)
            skip = net.conv(x, channels, 4 * width, 1, s) if block == 0 else x
            x, channels = net.add("Relu", [net.add("Add", [y, skip])]), 4 * width
    return net, net.classifier(x, channels)


MOBILENETV2_BLOCKS = (  # expansion, channels, blocks, stride of the first, kernel
    (1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 32, 3, 2, 3), (6, 64, 4, 2, 3), (6, 96, 3, 1, 3),
    (6, 160, 3, 2, 3), (6, 320, 1, 1, 3))
EFFICIENTNET_LITE0_BLOCKS = (
    (1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3), (6, 112, 3, 1, 5),
    (6, 192, 4, 2, 5), (6, 320, 1, 1, 3))


def inverted_residuals(net, blocks_of):
    low, high = net.weight(np.array(0.0)), net.weight(np.array(6.0))

    def relu6(x):
        return net.add("Clip", [x, low, high])

    x, channels = relu6(net.conv("input", 3, 32, 3, 2)), 32
    for expansion, width, blocks, stride, kernel in blocks_of:
        for block in range(blocks):
            s = stride if block == 0 else 1
            hidden = channels * expansion
            y = x if expansion == 1 else relu6(net.conv(x, channels, hidden, 1))
            y = relu6(net.conv(y, hidden, hidden, kernel, s, group=hidden))
            y = net.conv(y, hidden, width, 1)
            x = net.add("Add", [x, y]) if s == 1 and channels == width else y
            channels = width
    x = relu6(net.conv(x, channels, 1280, 1))
    return net, net.classifier(x, 1280)


def mobilenetv2(seed=2):
    return inverted_residuals(Net("mobilenetv2", seed), MOBILENETV2_BLOCKS)


def efficientnet_lite0(seed=3):
    return inverted_residuals(Net("efficientnet_lite0", seed), EFFICIENTNET_LITE0_BLOCKS)


def main():
    directory = pathlib.Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    for build in (resnet18, resnet50, mobilenetv2, efficientnet_lite0):
        net, output = build()
        net.save(output, directory / f"{net.name}.onnx")


if __name__ == "__main__":
    main()
