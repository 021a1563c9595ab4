#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares our float32 inference with ONNX Runtime's CPU build: answers first, then turn by turn.

The speed ratio is above 1 where ours is the faster one.
"""
import pathlib
import statistics
import sys
import time

import numpy as np
import onnxruntime

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import contender  # noqa: E402

COLUMNS = {"model": "{}", "batch": "{}", "threads": "{}", "difference": "{:.1e}",
           "sluice_ms": "{:.2f}", "onnxruntime_ms": "{:.2f}", "speed_ratio": "{:.2f}"}
MAX_DIFFERENCE = 1e-4  # of the largest answer


def ort_session(model, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def compare(options, model, batch, threads):
    session = ort_session(model, threads)
    info = session.get_inputs()[0]
    x = contender.random_input([batch, *info.shape[1:]])

    def run_theirs():
        start = time.perf_counter()
        session.run(None, {info.name: x})
        return (time.perf_counter() - start) * 1e3

    ours = contender.Runner(options.runner, model, threads, x)
    try:
        expected = np.concatenate([y.ravel() for y in session.run(None, {info.name: x})])
        difference = np.abs(ours.output() - expected).max() / np.abs(expected).max()
        if not difference <= MAX_DIFFERENCE:
            raise SystemExit(f"{model}: answers differ by {difference:.2e} of the largest")
        times = contender.take_turns({"sluice": ours.run, "onnxruntime": run_theirs},
                                     options.rounds)
    finally:
        ours.close()
    yield {"difference": float(difference),
           "sluice_ms": statistics.median(times["sluice"]),
           "onnxruntime_ms": statistics.median(times["onnxruntime"]),
           "speed_ratio": contender.median_ratio(times["onnxruntime"], times["sluice"])}


if __name__ == "__main__":
    contender.main(__doc__, COLUMNS, compare)
