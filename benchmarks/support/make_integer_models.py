#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Quantizes ONNX models as ONNX Runtime's users do, for comparisons with it.

Usage: make_integer_models.py OUTPUT_DIR MODEL... Each becomes STEM_int8.onnx: QDQ form, uint8
activations, int8 weights with a scale a channel, ranges of one random input.
"""
import pathlib
import sys

import contender
from onnxruntime import quantization


class OneInput(quantization.CalibrationDataReader):
    def __init__(self):
        self.inputs = iter([{"input": contender.random_input((1, 3, 224, 224))}])

    def get_next(self):
        return next(self.inputs, None)


def main():
    directory = pathlib.Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    for model in sys.argv[2:]:
        quantization.quantize_static(
            model, directory / f"{pathlib.Path(model).stem}_int8.onnx", OneInput(),
            quant_format=quantization.QuantFormat.QDQ, per_channel=True,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8)


if __name__ == "__main__":
    main()
