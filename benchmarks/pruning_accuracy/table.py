#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Accuracy and sparsity as weights are pruned: the published table, with the true share of zeros.

Usage: table.py SLUICE MODEL PREPROCESS IMAGES [--calibration IMAGES] [--formats F] [--thresholds T]
Rows: quantized, with the zeros that its activations have (Q+AS), then pruned weights too (WS).
"""
import argparse
import json
import subprocess


def sparsity(options, threshold):
    """The rows of `sluice sparsity`, a format each; None for no threshold."""
    command = [options.sluice, "sparsity", options.model, "--preprocess", options.preprocess,
               "--data", options.images, "--formats", options.formats, "--json", "--quiet"]
    if options.calibration:
        command += ["--calibration", options.calibration]
    if threshold is not None:
        command += ["--weight-threshold", threshold]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["rows"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sluice")
    parser.add_argument("model")
    parser.add_argument("preprocess")
    parser.add_argument("images")
    parser.add_argument("--calibration")
    parser.add_argument("--formats", default="fixed16,bfp8-channel")
    parser.add_argument("--thresholds", default="0.005,0.010,0.015,0.020")
    options = parser.parse_args()
    print("| format | | top-1 % | zero weights % | zero inputs % | zero products % |")
    print("|---|---|---|---|---|---|")
    for threshold in [None, *options.thresholds.split(",")]:
        name = f"Q+AS+WS({threshold})" if threshold else "Q+AS"
        for row in sparsity(options, threshold):
            shares = [100 * row[key] for key in ("weight_sparsity", "input_sparsity", "sparsity")]
            print(f"| {row['number_format']} | {name} | {row['top1_percent']:.2f} | "
                  + " | ".join(f"{share:.2f}" for share in shares) + " |", flush=True)


if __name__ == "__main__":
    main()
