# SPDX-License-Identifier: Apache-2.0
"""Runs TFLite models with LiteRT's reference kernels and keeps what they give.

usage: litert_outputs.py FOLDER

For each FOLDER/NAME.tflite: inputs from NAME.in0.npy, NAME.in1.npy, …; outputs to NAME.out0.npy, ….
A model that LiteRT refuses gets NAME.error with its message instead.
"""

import pathlib
import sys

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType


# The optimized kernels stand in where the reference ones lack an operator.
RESOLVERS = (OpResolverType.BUILTIN_REF, OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES)


def interpreter_of(model):
    for resolver in RESOLVERS:
        try:
            return Interpreter(
                str(model), experimental_op_resolver_type=resolver, num_threads=1
            )
        except ValueError as error:
            if "Didn't find op" not in str(error) or resolver is RESOLVERS[-1]:
                raise
    return None


def outputs_of(model):
    interpreter = interpreter_of(model)
    details = interpreter.get_input_details()
    inputs = [np.load(model.with_suffix(f".in{i}.npy")) for i in range(len(details))]
    for detail, content in zip(details, inputs):
        if tuple(detail["shape"]) != content.shape:
            interpreter.resize_tensor_input(detail["index"], content.shape, strict=True)
    interpreter.allocate_tensors()
    for detail, content in zip(details, inputs):
        interpreter.set_tensor(detail["index"], content)
    interpreter.invoke()
    return [interpreter.get_tensor(d["index"]) for d in interpreter.get_output_details()]


def main():
    for model in sorted(pathlib.Path(sys.argv[1]).glob("*.tflite")):
        try:
            outputs = outputs_of(model)
        except (RuntimeError, ValueError) as error:
            model.with_suffix(".error").write_text(str(error), encoding="utf-8")
            continue
        for i, output in enumerate(outputs):
            np.save(model.with_suffix(f".out{i}.npy"), output)


if __name__ == "__main__":
    main()
