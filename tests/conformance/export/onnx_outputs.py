# SPDX-License-Identifier: Apache-2.0
"""Has ONNX's checker look at models, runs them with ONNX Runtime and keeps what they give.

usage: onnx_outputs.py FOLDER

For each FOLDER/NAME.onnx: inputs from NAME.in0.npy, NAME.in1.npy, …; outputs to NAME.out0.npy, ….
A model that the checker refuses gets NAME.refused with its message instead, one that ONNX Runtime
does not run NAME.error.
"""

import pathlib
import sys

import numpy as np
import onnx
import onnxruntime


def outputs_of(path):
    """Graph optimisations would fuse layers into kernels of their own arithmetic."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    feeds = {
        one.name: np.load(path.with_suffix(f".in{i}.npy"))
        for i, one in enumerate(session.get_inputs())
    }
    return session.run(None, feeds)


def main():
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*.onnx")):
        try:
            onnx.checker.check_model(path, full_check=True)
        except Exception as error:  # of several kinds, without a common one
            path.with_suffix(".refused").write_text(str(error), encoding="utf-8")
            continue
        try:
            outputs = outputs_of(path)
        except Exception as error:
            path.with_suffix(".error").write_text(str(error), encoding="utf-8")
            continue
        for i, output in enumerate(outputs):
            np.save(path.with_suffix(f".out{i}.npy"), output)


if __name__ == "__main__":
    main()
