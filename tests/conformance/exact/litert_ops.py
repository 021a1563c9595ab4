# SPDX-License-Identifier: Apache-2.0
"""Runs many small TFLite models with LiteRT's reference kernels and with its default ones.

usage: litert_ops.py FOLDER

For each FOLDER/NAME.tflite: inputs from NAME.in0.npy, …; outputs to NAME.reference.out0.npy, … and
NAME.default.out0.npy, …. What LiteRT refuses gets NAME.reference.error or NAME.default.error.
"""

import pathlib
import sys

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType

RESOLVERS = {"reference": OpResolverType.BUILTIN_REF, "default": OpResolverType.AUTO}


def with_output_shapes(content, shapes):
    """The model with these shapes of its outputs: delegates refuse operators that make others."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content))
    network = model.subgraphs[0]
    for index, shape in zip(network.outputs, shapes):
        network.tensors[index].shape = list(shape)
    builder = flatbuffers.Builder()
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def outputs_of(content, inputs, kernels):
    interpreter = Interpreter(
        model_content=content,
        num_threads=1,
        experimental_op_resolver_type=RESOLVERS[kernels],
    )
    interpreter.allocate_tensors()
    for detail, value in zip(interpreter.get_input_details(), inputs):
        interpreter.set_tensor(detail["index"], value)
    interpreter.invoke()
    return [interpreter.get_tensor(d["index"]) for d in interpreter.get_output_details()]


def run(path):
    content = path.read_bytes()
    count = len(list(path.parent.glob(f"{path.stem}.in*.npy")))
    inputs = [np.load(path.with_suffix(f".in{i}.npy")) for i in range(count)]
    for kernels in RESOLVERS:
        try:
            outputs = outputs_of(content, inputs, kernels)
        except (RuntimeError, ValueError) as error:
            path.with_suffix(f".{kernels}.error").write_text(str(error), encoding="utf-8")
            continue
        for i, output in enumerate(outputs):
            np.save(path.with_suffix(f".{kernels}.out{i}.npy"), output)
        content = with_output_shapes(content, [output.shape for output in outputs])


def main():
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*.tflite")):
        run(path)


if __name__ == "__main__":
    main()
