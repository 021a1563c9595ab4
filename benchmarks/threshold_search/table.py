#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What each way of searching for thresholds reaches, with a design for each candidate and with one
that is kept: the network's own, where nothing but its own zeros is skipped.

Usage: table.py SLUICE MODEL PREPROCESS IMAGES [--calibration IMAGES] [--format F] [--device D]
"""
import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path


def sparsity(options, *more):
    """What `sluice sparsity` says, and how many seconds it took."""
    command = [options.sluice, "sparsity", options.model, "--preprocess", options.preprocess,
               "--data", options.images, "--formats", options.format, "--json", "--quiet"]
    if options.calibration:
        command += ["--calibration", options.calibration]
    start = time.monotonic()
    result = subprocess.run(command + list(more), check=True, capture_output=True)
    return json.loads(result.stdout), time.monotonic() - start


def own_design(options, folder):
    """The best design for the zeros that the network has without thresholds."""
    network, design = folder / "annotated.onnx", folder / "design.json"
    sparsity(options, "--annotate", str(network))
    subprocess.run([options.sluice, "explore", network, "--device", options.device, "--batch",
                    options.batch_size, "-o", design, "--quiet"], check=True, capture_output=True)
    return design


def row(options, policy, design):
    """A line of the table."""
    more = ["--design", str(design)] if design else []
    report, seconds = sparsity(options, "--search", "--device", options.device, "--batch-size",
                               options.batch_size, "--tolerance", options.tolerance, "--policy",
                               policy, "--trials", options.trials, *more)
    trials = {trial["number"]: trial for trial in report["trials"]}
    best, own = trials[report["best"]["trial"]], trials[0]
    return (f"| {policy} | {'kept' if design else 'searched for'} | {len(trials) - 1} "
            f"| {report['dense_fps']:,.0f} | {own['fps']:,.0f} | {best['fps']:,.0f} "
            f"| {best['speedup']:.2f} | {best['fps'] / own['fps']:.2f} "
            f"| {best['lost_points']:.2f} | {100 * best['zero_products']:.1f} | {seconds:.0f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sluice")
    parser.add_argument("model")
    parser.add_argument("preprocess")
    parser.add_argument("images")
    parser.add_argument("--calibration")
    parser.add_argument("--format", default="fixed16")
    parser.add_argument("--device", default="zedboard")
    parser.add_argument("--batch-size", default="256")
    parser.add_argument("--tolerance", default="1")
    parser.add_argument("--trials", default="100")
    options = parser.parse_args()
    print("| policy | design | trials | dense fps | own zeros fps | best fps | × dense "
          "| × own zeros | points lost | zero products % | seconds |")
    print("|---|---|---|---|---|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        kept = own_design(options, Path(folder))
        for design in (None, kept):
            for policy in ("joint", "uniform", "slowest-node"):
                print(row(options, policy, design), flush=True)


if __name__ == "__main__":
    main()
