#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares exact integer inference with LiteRT (TFLite models) or ONNX Runtime, turn by turn.

The answers must be the same: ours in the arithmetic of XNNPACK, which LiteRT computes with, byte
for byte; of ONNX models, whose outputs are real, in ONNX Runtime's, within float32's precision. The
speed ratio is the peer's time by ours: above 1 we are faster. recorded_ms is ours in the arithmetic
that the file records, of which the peer has no fast kernels.
"""
import os
import pathlib
import statistics
import sys
import time

import numpy as np
import onnxruntime
from ai_edge_litert.interpreter import Interpreter

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import contender  # noqa: E402

COLUMNS = {"model": "{}", "batch": "{}", "threads": "{}", "peer_ms": "{:.3f}",
           "ours_ms": "{:.3f}", "speed_ratio": "{:.2f}", "recorded_ms": "{:.3f}"}


class Litert:
    arithmetic = "xnnpack"

    def __init__(self, model, threads, x):
        self.interpreter = Interpreter(model, num_threads=threads)
        self.interpreter.allocate_tensors()
        self.interpreter.set_tensor(self.interpreter.get_input_details()[0]["index"], x)

    def run(self):
        start = time.perf_counter()
        self.interpreter.invoke()
        return 1e3 * (time.perf_counter() - start)

    def output(self):
        self.run()
        outputs = [self.interpreter.get_tensor(d["index"])
                   for d in self.interpreter.get_output_details()]
        return np.concatenate([output.ravel() for output in outputs])

    @staticmethod
    def random_input(model):
        detail = Interpreter(model).get_input_details()[0]
        limits = np.iinfo(detail["dtype"])
        random = np.random.default_rng(7)
        return random.integers(limits.min, limits.max + 1, detail["shape"], detail["dtype"])

    @staticmethod
    def equal(ours, theirs):
        return np.array_equal(ours, theirs)


class OnnxRuntime:
    arithmetic = "onnxruntime"

    def __init__(self, model, threads, x):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(model, options,
                                                    providers=["CPUExecutionProvider"])
        self.feed = {self.session.get_inputs()[0].name: x}

    def run(self):
        start = time.perf_counter()
        self.outputs = self.session.run(None, self.feed)
        return 1e3 * (time.perf_counter() - start)

    def output(self):
        self.run()
        return np.concatenate([output.ravel() for output in self.outputs])

    @staticmethod
    def random_input(model):
        session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        shape = [size if isinstance(size, int) else 1 for size in session.get_inputs()[0].shape]
        return contender.random_input(shape)

    @staticmethod
    def equal(ours, theirs):
        # A code that differed anywhere would show: steps of the output are far larger.
        return np.allclose(ours, theirs, rtol=0, atol=1e-5 * np.abs(theirs).max())


def compare(options, model, batch, threads):
    if batch != 1:
        return
    os.sched_setaffinity(0, range(threads))
    kind = OnnxRuntime if model.endswith(".onnx") else Litert
    x = kind.random_input(model)
    peer = kind(model, threads, x)
    runners = {name: contender.Runner(options.runner, model, threads, x, name)
               for name in (kind.arithmetic, "recorded")}
    try:
        answer = peer.output()
        if not kind.equal(runners[kind.arithmetic].output(answer.dtype), answer):
            raise SystemExit(f"{model}: the answers are not the same")
        measures = {"peer": peer.run, **{name: r.run for name, r in runners.items()}}
        times = contender.take_turns(measures, options.rounds)
    finally:
        for runner in runners.values():
            runner.close()
    yield {"peer_ms": statistics.median(times["peer"]),
           "ours_ms": statistics.median(times[kind.arithmetic]),
           "speed_ratio": contender.median_ratio(times["peer"], times[kind.arithmetic]),
           "recorded_ms": statistics.median(times["recorded"])}


if __name__ == "__main__":
    contender.main(__doc__, COLUMNS, compare)
