# SPDX-License-Identifier: Apache-2.0
"""What the comparisons share: our program as a process, and rounds in which all take turns."""
import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile
import time

import numpy as np


class Runner:
    """A network loaded by bench_runner: run() gives milliseconds, output() all outputs' values."""

    def __init__(self, program, model, threads, x, number_format="float32"):
        self.folder = tempfile.TemporaryDirectory()
        np.save(self._file("input.npy"), x)
        command = [program, model, len(x), threads, self._file("input.npy"), number_format]
        self.process = subprocess.Popen([str(word) for word in command], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self.process.stdout.readline().strip() != "ready":
            raise SystemExit(f"{program} cannot run {model}")

    def _file(self, name):
        return str(pathlib.Path(self.folder.name) / name)

    def _ask(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def run(self):
        return float(self._ask("run"))

    def output(self, dtype=np.float32):
        self.run()
        self._ask("save " + self._file("output.bin"))
        return np.fromfile(self._file("output.bin"), dtype)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def random_input(shape):
    return np.random.default_rng(7).standard_normal(shape).astype(np.float32)


def take_turns(contenders, rounds):
    """Milliseconds of each of {name: callable giving milliseconds}, after a round to warm up."""
    times = {name: [] for name in contenders}
    for _ in range(rounds + 1):
        for name, measure in contenders.items():
            time.sleep(0.3)  # until the threads of the one before no longer spin for work
            measure()        # wakes its own
            times[name].append(measure())
    return {name: values[1:] for name, values in times.items()}


def median_ratio(above, below):
    return statistics.median(a / b for a, b in zip(above, below))


def main(description, columns, compare):
    """Prints the rows of compare(options, model, batch, threads) for all that is asked for."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("runner", help="build/benchmark/benchmarks/support/bench_runner")
    parser.add_argument("models", nargs="+", help="ONNX files with an open batch")
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 16])
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json")
    options = parser.parse_args()
    print(" | ".join(columns))
    rows = []
    for model in options.models:
        for batch in options.batches:
            for threads in options.threads:
                for measured in compare(options, model, batch, threads):
                    row = {"model": pathlib.Path(model).stem, "batch": batch, "threads": threads,
                           **measured}
                    rows.append(row)
                    print(" | ".join(columns[name].format(row[name]) for name in columns),
                          flush=True)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(rows, indent=2) + "\n")
