#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares exact integer inference of TFLite models with LiteRT, turn by turn.

The answers must be the same bytes: ours in the arithmetic of XNNPACK, which LiteRT computes with.
The speed ratio is LiteRT's time by ours: above 1 we are faster. reference_ms is ours in the
arithmetic of TFLite's reference kernels, which LiteRT has no fast kernels for.
"""
import os
import pathlib
import statistics
import sys
import time

import numpy as np
from ai_edge_litert.interpreter import Interpreter

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import contender  # noqa: E402

COLUMNS = {"model": "{}", "batch": "{}", "threads": "{}", "litert_ms": "{:.3f}",
           "ours_ms": "{:.3f}", "speed_ratio": "{:.2f}", "reference_ms": "{:.3f}"}


class Litert:
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


def random_codes(model):
    detail = Interpreter(model).get_input_details()[0]
    limits = np.iinfo(detail["dtype"])
    random = np.random.default_rng(7)
    return random.integers(limits.min, limits.max + 1, detail["shape"], detail["dtype"])


def compare(options, model, batch, threads):
    if batch != 1:
        return
    os.sched_setaffinity(0, range(threads))
    x = random_codes(model)
    litert = Litert(model, threads, x)
    runners = {name: contender.Runner(options.runner, model, threads, x, name)
               for name in ("xnnpack", "recorded")}
    try:
        answer = litert.output()
        if not np.array_equal(runners["xnnpack"].output(answer.dtype), answer):
            raise SystemExit(f"{model}: the answers are not the same")
        measures = {"litert": litert.run, **{name: r.run for name, r in runners.items()}}
        times = contender.take_turns(measures, options.rounds)
    finally:
        for runner in runners.values():
            runner.close()
    yield {"litert_ms": statistics.median(times["litert"]),
           "ours_ms": statistics.median(times["xnnpack"]),
           "speed_ratio": contender.median_ratio(times["litert"], times["xnnpack"]),
           "reference_ms": statistics.median(times["recorded"])}


if __name__ == "__main__":
    contender.main(__doc__, COLUMNS, compare)
