#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times emulated number formats against our own float32, interleaved, medians.

Usage: compare.py RUNNER MODEL.onnx… [--formats …] [--batches 1 16] [--threads 1 2] [--rounds 15] [--json FILE]  # noqa: E501
"""
import argparse
import json
import pathlib
import statistics
import sys
import tempfile
import time

import numpy as np
import onnx

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from contender import Runner  # noqa: E402

FORMATS = ["fixed16", "fixed8", "bfp8-layer", "bfp8-channel"]


def input_shape(model, batch):
    dims = onnx.load(model, load_external_data=False).graph.input[0].type.tensor_type.shape.dim
    return [batch] + [d.dim_value for d in dims[1:]]


def check(name, answer, exact):
    """An emulated network is near its float32 self, and not the same."""
    error = float(np.sqrt(((answer - exact) ** 2).mean() / (exact ** 2).mean()))
    if not 0 < error < 1.5:
        raise SystemExit(f"{name}: relative error {error} against float32")
    return error


def compare(program, model, batch, threads, formats, rounds, directory):
    input_path, output_path = str(directory / "input.f32"), str(directory / "output.f32")
    x = np.random.default_rng(7).standard_normal(input_shape(model, batch)).astype(np.float32)
    x.tofile(input_path)
    runners, outputs, times = {}, {}, {}
    try:
        for name in ["float32", *formats]:
            runners[name] = Runner(program, model, batch, threads, input_path, name)
            runners[name].run()
            runners[name].save(output_path)
            outputs[name] = np.fromfile(output_path, np.float32)
            times[name] = []
        for _ in range(rounds):
            for name, runner in runners.items():
                time.sleep(0.02)  # the waiting threads of the one before go to sleep
                times[name].append(runner.run())
    finally:
        for runner in runners.values():
            runner.close()
    rows = []
    for name in formats:
        ratio = statistics.median(t / f for t, f in zip(times[name], times["float32"]))
        rows.append({"model": pathlib.Path(model).stem, "batch": batch, "threads": threads, "format": name,  # noqa: E501
                     "relative_error": check(name, outputs[name], outputs["float32"]),
                     "float32_ms": statistics.median(times["float32"]),
                     "emulated_ms": statistics.median(times[name]), "time_ratio": ratio})
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runner")
    parser.add_argument("models", nargs="+")
    parser.add_argument("--formats", nargs="+", default=FORMATS)
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 16])
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json")
    args = parser.parse_args()
    results = []
    print("model | batch | threads | format | relative error | float32 ms | emulated ms | time ratio")  # noqa: E501
    with tempfile.TemporaryDirectory() as directory:
        for model in args.models:
            for batch in args.batches:
                for threads in args.threads:
                    for row in compare(args.runner, model, batch, threads, args.formats, args.rounds,  # noqa: E501
                                       pathlib.Path(directory)):
                        results.append(row)
                        print("{model} | {batch} | {threads} | {format} | {relative_error:.1e} | {float32_ms:.2f} | "  # noqa: E501
                              "{emulated_ms:.2f} | {time_ratio:.2f}".format(**row), flush=True)
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
