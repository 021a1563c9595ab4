#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the seed corpus of onnx_fuzz: one tiny model an operator and a few of other kinds.

Usage: build/venv/bin/python scripts/make_onnx_fuzz_corpus.py [FOLDER]
"""
import sys
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64
X = [1, 4, 4, 4]

# op, opset, constant inputs by position, attributes, number of outputs
NODES = [
    ("Conv", 22, {1: np.ones([4, 4, 3, 3], "f")}, {"pads": [1, 1, 1, 1]}, 1),
    ("Conv", 7, {1: np.ones([4, 1, 2, 2], "f"), 2: np.ones(4, "f")},
     {"group": 4, "auto_pad": "SAME_UPPER", "dilations": [2, 1]}, 1),
    ("ConvTranspose", 11, {1: np.ones([4, 2, 2, 2], "f")},
     {"strides": [2, 2], "output_padding": [1, 1]}, 1),
    ("ConvTranspose", 11, {1: np.ones([4, 2, 3, 3], "f")},
     {"strides": [2, 2], "output_shape": [9, 9]}, 1),
    ("MatMul", 13, {1: np.ones([4, 2], "f")}, {}, 1),
    ("AveragePool", 19, {}, {"kernel_shape": [2, 2], "ceil_mode": 1, "strides": [2, 2]}, 1),
    ("MaxPool", 12, {}, {"kernel_shape": [2, 2], "storage_order": 1}, 2),
    ("LpPool", 18, {}, {"kernel_shape": [2, 2], "p": 3}, 1),
    ("GlobalAveragePool", 1, {}, {}, 1),
    ("BatchNormalization", 15, {i: np.ones(4, "f") for i in (1, 2, 3, 4)}, {}, 1),
    ("GroupNormalization", 21, {1: np.ones(4, "f"), 2: np.ones(4, "f")}, {"num_groups": 2}, 1),
    ("InstanceNormalization", 6, {1: np.ones(4, "f"), 2: np.ones(4, "f")}, {}, 1),
    ("Clip", 6, {}, {"min": 0.0, "max": 6.0}, 1),
    ("Clip", 13, {1: np.float32(0), 2: np.float32(6)}, {}, 1),
    ("Gelu", 20, {}, {"approximate": "tanh"}, 1),
    ("Add", 14, {1: np.ones([4, 1, 1], "f")}, {}, 1),
    ("PRelu", 16, {1: np.ones([4, 1, 1], "f")}, {}, 1),
    ("Where", 16, {0: np.ones([4], bool), 2: np.ones([1], "f")}, {}, 1),
    ("Sum", 13, {1: np.ones([4], "f"), 2: np.ones([1], "f")}, {}, 1),
    ("ArgMax", 13, {}, {"axis": 1, "keepdims": 0}, 1),
    ("ReduceMean", 13, {}, {"axes": [2, 3]}, 1),
    ("ReduceSum", 13, {1: np.array([-1, 1])}, {"keepdims": 0}, 1),
    ("Softmax", 11, {}, {"axis": 1}, 1),
    ("Concat", 13, {1: np.ones([1, 2, 4, 4], "f")}, {"axis": 1}, 1),
    ("DepthToSpace", 13, {}, {"blocksize": 2, "mode": "CRD"}, 1),
    ("SpaceToDepth", 13, {}, {"blocksize": 2}, 1),
    ("Expand", 13, {1: np.array([2, 4, 4, 4])}, {}, 1),
    ("Flatten", 13, {}, {"axis": 2}, 1),
    ("Gather", 13, {1: np.array([0, -1])}, {"axis": 1}, 1),
    ("Pad", 18, {1: np.array([1, 1, 1, 1]), 3: np.array([2, 3])}, {"mode": "reflect"}, 1),
    ("Pad", 2, {}, {"pads": [0, 0, 1, 1, 0, 0, -1, 1], "value": 1.0}, 1),
    ("Reshape", 14, {1: np.array([0, -1])}, {}, 1),
    ("Slice", 13, {i: np.array([v]) for i, v in enumerate([-1, -9, 2, -2], 1)}, {}, 1),
    ("Slice", 9, {}, {"starts": [1], "ends": [3], "axes": [1]}, 1),
    ("Split", 18, {}, {"axis": 1, "num_outputs": 3}, 3),
    ("Split", 11, {}, {"axis": 1, "split": [1, 3]}, 2),
    ("Squeeze", 11, {}, {"axes": [0]}, 1),
    ("Tile", 13, {1: np.array([1, 2, 1, 1])}, {}, 1),
    ("Transpose", 13, {}, {"perm": [0, 2, 3, 1]}, 1),
    ("Unsqueeze", 13, {1: np.array([0, -1])}, {}, 1),
    ("Upsample", 7, {}, {"scales": [1.0, 1.0, 2.0, 2.0]}, 1),
    ("Resize", 10, {1: np.array([1, 1, 2, 0.5], "f")}, {"mode": "linear"}, 1),
    ("Resize", 19, {3: np.array([7, 2])},
     {"mode": "cubic", "axes": [2, 3], "antialias": 1,
      "keep_aspect_ratio_policy": "not_larger"}, 1),
    ("Cast", 25, {}, {"to": TensorProto.FLOAT8E4M3FN}, 1),
    ("Dropout", 7, {}, {"ratio": 0.5}, 1),
    ("Shape", 15, {}, {"start": 1, "end": -1}, 1),
    ("QuantizeLinear", 21, {1: np.ones([1, 2, 4, 4], "f")},
     {"axis": 1, "block_size": 2, "output_dtype": TensorProto.INT4}, 1),
]


def model_of(nodes, opset, initializers=(), outputs=("y0",), shape=X):
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("x", FLOAT, shape)],
        [helper.make_empty_tensor_value_info(name) for name in outputs], list(initializers))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)],
                             ir_version=8, producer_name="")


def node_model(op, opset, constants, attributes, num_outputs):
    count = max([0, *constants]) + 1
    inputs = [f"c{i}" if i in constants else "" for i in range(count)]
    inputs[inputs.index("")] = "x"
    outputs = [f"y{i}" for i in range(num_outputs)]
    initializers = [numpy_helper.from_array(np.asarray(value), f"c{i}")
                    for i, value in constants.items()]
    return model_of([helper.make_node(op, inputs, outputs, **attributes)], opset, initializers,
                    outputs)


def other_models():
    node = helper.make_node
    constant = [("value_int", 3), ("value_floats", [1.0, 2.0]),
                ("value", helper.make_tensor("t", FLOAT, [2], [1.0, 2.0]))]
    for name, value in constant:
        yield f"constant_{name}", model_of(
            [node("Constant", [], ["c"], **{name: value}), node("Identity", ["c"], ["y0"])], 13)
    for dtype, name, data in [(TensorProto.INT4, "int4", [-8, 7, 1]),
                              (TensorProto.UINT4, "uint4", [15, 0, 1]),
                              (TensorProto.FLOAT8E5M2, "float8e5m2", [1.0, 2.0, 3.0]),
                              (TensorProto.FLOAT16, "float16", [1.0, 2.0, 3.0]),
                              (TensorProto.BOOL, "bool", [True, False, True]),
                              (TensorProto.DOUBLE, "float64", [1.0, 2.0, 3.0])]:
        tensor = helper.make_tensor("c", dtype, [3], data)
        yield f"tensor_{name}", model_of([node("Cast", ["c"], ["y0"], to=FLOAT)], 21, [tensor])
    shapes = [
        node("Shape", ["x"], ["s"]),
        node("Gather", ["s", "zero"], ["n"]),
        node("Unsqueeze", ["n", "zeros"], ["n1"]),
        node("Concat", ["n1", "rest"], ["shape"], axis=0),
        node("Reshape", ["x", "shape"], ["y0"]),
    ]
    yield "shape_arithmetic", model_of(shapes, 13, [
        helper.make_tensor("zero", INT64, [], [0]), helper.make_tensor("zeros", INT64, [1], [0]),
        helper.make_tensor("rest", INT64, [1], [-1])], shape=["N", 4, 4, 4])
    external = helper.make_tensor("c", FLOAT, [1], [1.0])
    external.ClearField("float_data")
    external.data_location = TensorProto.EXTERNAL
    for key, value in [("location", "w.bin"), ("offset", "0"), ("length", "4")]:
        external.external_data.add(key=key, value=value)
    yield "external_data", model_of([node("Add", ["x", "c"], ["y0"])], 13, [external])
    yield "cycle", model_of([node("Add", ["x", "b"], ["y0"]), node("Relu", ["y0"], ["b"])], 13)


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "tests/data/fuzz/onnx")
    folder.mkdir(parents=True, exist_ok=True)
    models = [(f"{op.lower()}_{opset}_{i}", node_model(op, opset, *rest))
              for i, (op, opset, *rest) in enumerate(NODES)]
    for name, model in [*models, *other_models()]:
        (folder / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))


if __name__ == "__main__":
    main()
