# SPDX-License-Identifier: Apache-2.0
"""Runs a quantized TFLite model with LiteRT and keeps every tensor it makes.

usage: litert_dump.py MODEL FOLDER COUNT reference|default

For i < COUNT: FOLDER/i.input.npy, a synthetic image, and FOLDER/i.npz with the tensors, whose names
FOLDER/names.json gives in their order. `default` computes with XNNPACK where that can.
"""

import json
import pathlib
import sys

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType

RESOLVERS = {"reference": OpResolverType.BUILTIN_REF, "default": OpResolverType.AUTO}
CODES = (schema.TensorType.INT8, schema.TensorType.UINT8)


def with_all_outputs(path):
    """The model with every tensor of codes an output, so that no delegate hides one."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(path.read_bytes()))
    network = model.subgraphs[0]
    codes = [model.operatorCodes[op.opcodeIndex].builtinCode for op in network.operators]
    # An importer may merge TRANSPOSEs; the operators after them tell whether it did so rightly.
    made = [
        index
        for op, code in zip(network.operators, codes)
        for index in op.outputs
        if code != schema.BuiltinOperator.TRANSPOSE
    ]
    given_up = set(network.outputs) - set(made)
    made += sorted(given_up)
    network.outputs = [index for index in made if network.tensors[index].type in CODES]
    for tensor in network.tensors:
        # Old converters gave biases the dimension of their weights, which LiteRT refuses.
        if tensor.quantization is not None and tensor.shape is not None and len(tensor.shape) == 1:
            tensor.quantization.quantizedDimension = 0
    builder = flatbuffers.Builder()
    builder.Finish(model.Pack(builder), b"TFL3")
    names = [network.tensors[index].name.decode() for index in network.outputs]
    return bytes(builder.Output()), names


def picture(rng, shape, dtype):
    """Smooth waves, edges and noise of random strength over the whole range of the type."""
    axes = np.indices(shape[1:]).astype(np.float64)
    wave = sum(np.sin(a / rng.uniform(1, 40) + rng.uniform(0, 6)) for a in axes)
    edges = rng.uniform(0, 2) * ((axes.sum(0) * rng.integers(1, 4)) % 37 < 9)
    noise = rng.normal(0, rng.uniform(0, 1), shape[1:])
    values = wave + edges + noise
    values = (values - values.min()) / (np.ptp(values) + 1e-9)
    limits = np.iinfo(dtype)
    scaled = limits.min + values * (limits.max - limits.min)
    return np.rint(scaled).astype(dtype)[None]


def main():
    model, folder, count, kernels = sys.argv[1:]
    folder = pathlib.Path(folder)
    content, names = with_all_outputs(pathlib.Path(model))
    interpreter = Interpreter(
        model_content=content,
        num_threads=1,
        experimental_op_resolver_type=RESOLVERS[kernels],
    )
    interpreter.allocate_tensors()
    (source,) = interpreter.get_input_details()
    rng = np.random.default_rng(1)
    for i in range(int(count)):
        image = picture(rng, source["shape"], source["dtype"])
        np.save(folder / f"{i}.input.npy", image)
        interpreter.set_tensor(source["index"], image)
        interpreter.invoke()
        tensors = [interpreter.get_tensor(d["index"]) for d in interpreter.get_output_details()]
        np.savez(folder / f"{i}.npz", **{str(k): tensor for k, tensor in enumerate(tensors)})
    (folder / "names.json").write_text(json.dumps(names), encoding="utf-8")


if __name__ == "__main__":
    main()
