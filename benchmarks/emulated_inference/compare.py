#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares inference emulated in number formats with our own float32 inference, turn by turn.

The time ratio is what the format costs: 1 is nothing.
"""
import pathlib
import statistics
import sys

import numpy as np
import onnx

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import contender  # noqa: E402

COLUMNS = {"model": "{}", "batch": "{}", "threads": "{}", "format": "{}",
           "relative_error": "{:.1e}", "float32_ms": "{:.2f}", "emulated_ms": "{:.2f}",
           "time_ratio": "{:.2f}"}
FORMATS = ["fixed16", "fixed8", "bfp8-layer", "bfp8-channel"]


def input_shape(model, batch):
    dims = onnx.load(model, load_external_data=False).graph.input[0].type.tensor_type.shape.dim
    return [batch] + [d.dim_value for d in dims[1:]]


def relative_error(name, answer, exact):
    """An emulated network is near its float32 self, and not the same."""
    error = float(np.sqrt(((answer - exact) ** 2).mean() / (exact ** 2).mean()))
    if not 0 < error < 1.5:
        raise SystemExit(f"{name}: relative error {error} against float32")
    return error


def compare(options, model, batch, threads):
    x = contender.random_input(input_shape(model, batch))
    runners = {}
    try:
        for name in ["float32", *FORMATS]:
            runners[name] = contender.Runner(options.runner, model, threads, x, name)
        exact = runners["float32"].output()
        errors = {name: relative_error(name, runners[name].output(), exact) for name in FORMATS}
        times = contender.take_turns({name: runner.run for name, runner in runners.items()},
                                     options.rounds)
    finally:
        for runner in runners.values():
            runner.close()
    for name in FORMATS:
        yield {"format": name, "relative_error": errors[name],
               "float32_ms": statistics.median(times["float32"]),
               "emulated_ms": statistics.median(times[name]),
               "time_ratio": contender.median_ratio(times[name], times["float32"])}


if __name__ == "__main__":
    contender.main(__doc__, COLUMNS, compare)
