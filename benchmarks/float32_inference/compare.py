#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares our float32 executor with ONNX Runtime's CPU build: answers first, then interleaved rounds.  # noqa: E501

Usage: compare.py RUNNER MODEL.onnx… [--batches 1 16] [--threads 1 2] [--rounds 15] [--json FILE]
"""
import argparse
import json
import pathlib
import statistics
import sys
import tempfile
import time

import numpy as np
import onnxruntime

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from contender import Runner  # noqa: E402


def ort_session(model, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def compare(runner, model, batch, threads, rounds, directory):
    session = ort_session(model, threads)
    info = session.get_inputs()[0]
    shape = [batch] + [int(d) for d in info.shape[1:]]
    x = np.random.default_rng(7).standard_normal(shape).astype(np.float32)
    input_path, output_path = str(directory / "input.f32"), str(directory / "output.f32")
    x.tofile(input_path)
    ours = Runner(runner, model, batch, threads, input_path)
    try:
        theirs = session.run(None, {info.name: x})
        ours.run()
        ours.save(output_path)
        answer = np.fromfile(output_path, np.float32)
        expected = np.concatenate([t.ravel() for t in theirs])
        difference = float(np.abs(answer - expected).max() / max(np.abs(expected).max(), 1e-30))
        if difference > 1e-4:
            raise SystemExit(f"{model}: answers differ by {difference:.2e} of the largest")
        our_ms, their_ms = [], []
        for _ in range(rounds + 1):
            # A pause lets the other side's waiting threads go to sleep.
            time.sleep(0.02)
            our_ms.append(ours.run())
            time.sleep(0.02)
            start = time.perf_counter()
            session.run(None, {info.name: x})
            their_ms.append((time.perf_counter() - start) * 1e3)
    finally:
        ours.close()
    a, b = statistics.median(our_ms[1:]), statistics.median(their_ms[1:])
    ratio = statistics.median(t / o for o, t in zip(our_ms[1:], their_ms[1:]))
    return {"model": pathlib.Path(model).stem, "batch": batch, "threads": threads, "difference": difference,  # noqa: E501
            "sluice_ms": a, "onnxruntime_ms": b, "speed_ratio": ratio}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runner")
    parser.add_argument("models", nargs="+")
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 16])
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json")
    args = parser.parse_args()
    results = []
    print("model | batch | threads | largest difference | ours ms | ONNX Runtime ms | speed ratio")
    with tempfile.TemporaryDirectory() as directory:
        for model in args.models:
            for batch in args.batches:
                for threads in args.threads:
                    row = compare(args.runner, model, batch, threads, args.rounds, pathlib.Path(directory))  # noqa: E501
                    results.append(row)
                    print("{model} | {batch} | {threads} | {difference:.1e} | {sluice_ms:.2f} | "
                          "{onnxruntime_ms:.2f} | {speed_ratio:.2f}".format(**row), flush=True)
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
