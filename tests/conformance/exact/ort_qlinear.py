# SPDX-License-Identifier: Apache-2.0
"""Writes one-operator models in ONNX's QOperator form and what ONNX Runtime makes of them.

usage: ort_qlinear.py FOLDER [MODEL INPUT.npy]...

For each operator and type of codes FOLDER/NAME.onnx, its inputs NAME.in0.npy, … in the graph's
order, and the output NAME.out.npy. Each MODEL is run too, its output goes to STEM.out.npy.
"""

import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

OPSET = 13
MICROSOFT = "com.microsoft"
element_type = helper.np_dtype_to_tensor_dtype


class Maker:
    def __init__(self, folder, codes, seed):
        self.folder = folder
        self.codes = codes
        self.rng = np.random.default_rng(seed)

    def scale(self, size=None, low=-6.0, high=-2.0):
        return np.float32(2.0 ** self.rng.uniform(low, high, size))

    def zero_point(self):
        info = np.iinfo(self.codes)
        return np.array(self.rng.integers(info.min, info.max + 1), self.codes)

    def data(self, *shape):
        info = np.iinfo(self.codes)
        return self.rng.integers(info.min, info.max + 1, shape).astype(self.codes)

    def weights(self, *shape):
        return self.rng.integers(-127, 128, shape).astype(np.int8)

    def bias(self, size):
        return self.rng.integers(-5000, 5000, size).astype(np.int32)

    def operand(self, content):
        return [content, self.scale(), self.zero_point()]

    def filters(self, content, channels):
        return [content, self.scale(channels, -10, -6), np.zeros(channels, np.int8)]

    def output(self):
        return [self.scale(), self.zero_point()]

    def write(self, op_type, arguments, given=1, name=None, domain=MICROSOFT, real=False,
              **attributes):
        """`arguments` in the operator's order, None where absent; those at the multiples of 3 that
        `given` counts are graph inputs (of the concatenation: behind the output's two)."""
        first = 2 if op_type == "QLinearConcat" else 0
        graph_inputs = [first + 3 * i for i in range(given)]
        names = ["" if a is None else f"a{i}" for i, a in enumerate(arguments)]
        inputs = [(names[i], arguments[i]) for i in graph_inputs]
        constants = [(n, a) for i, (n, a) in enumerate(zip(names, arguments))
                     if n and i not in graph_inputs]
        node = helper.make_node(op_type, names, ["y"], name="node", domain=domain, **attributes)
        output = np.float32 if real else self.codes
        graph = helper.make_graph(
            [node], "one",
            [helper.make_tensor_value_info(n, element_type(a.dtype), a.shape) for n, a in inputs],
            [helper.make_tensor_value_info("y", element_type(np.dtype(output)), None)],
            [numpy_helper.from_array(np.asarray(a), n) for n, a in constants])
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)])
        model.ir_version = 8
        path = self.folder / f"{name or op_type}_{np.dtype(self.codes).name}.onnx"
        onnx.save(model, path)
        for i, (_, a) in enumerate(inputs):
            np.save(path.with_suffix(f".in{i}.npy"), a)
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        np.save(path.with_suffix(".out.npy"), session.run(None, dict(inputs))[0])

    def write_layers(self):
        x = self.data(1, 8, 17, 13)
        for name, shape, attributes in (
                ("conv", (12, 8, 3, 3), {"pads": [1, 1, 1, 1]}),
                ("conv_strided", (12, 8, 5, 3), {"strides": [2, 3], "pads": [2, 0, 1, 1]}),
                ("conv_dilated", (5, 8, 3, 3), {"dilations": [2, 2]}),
                ("conv_depthwise", (8, 1, 3, 3), {"group": 8, "pads": [1, 1, 1, 1]}),
                ("conv_grouped", (12, 4, 1, 1), {"group": 2})):
            layer = self.operand(x) + self.filters(self.weights(*shape), shape[0]) + self.output()
            self.write("QLinearConv", layer + [self.bias(shape[0])], name=name, domain="",
                       **attributes)
        rows = self.operand(self.data(37, 50))
        product = [self.weights(50, 21), self.scale(None, -10, -6), np.int8(0)]
        self.write("QLinearMatMul", rows + product + self.output(), domain="")
        dense = rows + self.filters(self.weights(21, 50), 21) + [self.bias(21)]
        self.write("QGemm", dense + self.output(), transB=1)
        self.write("QGemm", dense, transB=1, name="gemm_to_reals", real=True)

    def write_others(self):
        a, b = self.operand(self.data(1, 6, 40, 40)), self.operand(self.data(1, 6, 40, 40))
        for op_type in ("QLinearAdd", "QLinearMul"):
            self.write(op_type, a + b + self.output(), given=2)
        self.write("QLinearConcat", self.output() + a + b, given=2, axis=1)
        unary = a + self.output()
        self.write("QLinearGlobalAveragePool", unary, channels_last=0)
        self.write("QLinearAveragePool", unary, kernel_shape=[3, 3], strides=[2, 2],
                   pads=[1, 1, 1, 1])
        self.write("QLinearLeakyRelu", unary, alpha=0.1)
        lowest = np.array(np.iinfo(self.codes).min, self.codes)
        share = a + [np.float32(1 / 256), lowest]
        self.write("QLinearSigmoid", share)
        self.write("QLinearSoftmax", self.operand(self.data(30, 40)) + share[3:], opset=13, axis=-1)


def main():
    folder = pathlib.Path(sys.argv[1])
    for seed, codes in enumerate((np.int8, np.uint8)):
        maker = Maker(folder, codes, seed)
        maker.write_layers()
        maker.write_others()
    for model, image in zip(sys.argv[2::2], sys.argv[3::2]):
        session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        output = session.run(None, {session.get_inputs()[0].name: np.load(image)})[0]
        np.save(folder / f"{pathlib.Path(model).stem}.out.npy", output)


if __name__ == "__main__":
    main()
