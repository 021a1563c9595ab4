#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Synthesizes each module of rtl/ over a grid of parameters, and writes what each took.

  scripts/characterize_rtl.py --family xilinx7 --jobs 2 -o coefficients/measured/xilinx7.csv

A line of the file is a module, its parameters, and the cells that Yosys leaves. Parameters are
drawn with seeds of their own, so that the same grid comes out everywhere; lines that the file has
are not synthesized again, and an interrupted run goes on where it was. What fits the model's
coefficients to the file is build/release/benchmarks/model_error/fit_coefficients.
"""

import argparse
import concurrent.futures
import json
import math
import pathlib
import random
import subprocess
import sys
import tempfile

RTL = pathlib.Path(__file__).resolve().parent.parent / "rtl"
# Those of sluice/synth/yosys.cpp.
MAPPING = {
    "xilinx7": "synth_xilinx -family xc7 -flatten -noiopad -noclkbuf",
    "ecp5": "synth_ecp5",
    "ice40": "synth_ice40 -dsp",
}
# How wide the multipliers are that two products may share: also of that file.
DEFINES = {"xilinx7": "", "ecp5": "-DSL_MULTIPLIER_WIDTH=18 ", "ice40": "-DSL_MULTIPLIER_WIDTH=16 "}
BATCH = 12  # modules of a run


def bits(count):
    """What counts to `count`."""
    return max(0, math.ceil(math.log2(count)))


def widths(rng):
    """Words and weights."""
    return rng.choice([(8, 8), (8, 8), (8, 8), (16, 16), (4, 4), (8, 4), (6, 6), (12, 8)])


def dot(rng):
    while True:
        x_width, weight_width = widths(rng)
        fine = rng.choice([1, 1, 3, 9, 5, 25])
        groups = rng.choice([1, 1, 1, 2, 4])
        lanes_in = 1 if groups > 1 else rng.choice([1, 2, 3, 4, 8, 16])
        lanes_out = 1 if groups > 1 else rng.choice([1, 1, 2, 3, 4, 6, 8, 16])
        products = groups * fine * lanes_in * lanes_out
        beats = rng.choice([1, 2, 3, 4, 8, 9, 16, 32, 64])
        filters = rng.choice([1, 2, 4, 6, 8, 10, 16, 32, 64])
        sets = rng.choice([4, 8, 16, 32]) if groups > 1 or rng.random() < 0.1 else 1
        depth = beats * filters * sets
        weight_bits = depth * products * weight_width
        if products <= 72 and 2 <= depth <= 2048 and weight_bits <= 1 << 17:
            break
    acc_width = x_width + weight_width + bits(beats * fine * lanes_in) + rng.choice([-2, -1, 0])
    return {
        "XWidth": x_width, "XSigned": rng.choice([0, 1]), "WeightWidth": weight_width,
        "AccWidth": acc_width, "Fine": fine, "Groups": groups, "LanesIn": lanes_in,
        "LanesOut": lanes_out, "Beats": beats, "Filters": filters, "Sets": sets,
        "WeightsFile": (products * weight_width, depth),
        "BiasFile": (groups * lanes_out * acc_width, filters * sets),
    }


def window(rng, whole):
    width = rng.choice([4, 8, 8, 8, 16])
    lanes = rng.choice([1, 1, 2, 3, 4, 8])
    kernel = rng.choice([2, 3, 3, 3, 5, 7] if whole else [1, 2, 3, 3, 3, 5, 7])
    stride = rng.choice([1, 1, 2]) if kernel > 1 else 2
    pad = rng.choice([0, kernel // 2])
    rows = rng.choice([4, 7, 8, 14, 16, 28, 32, 56, 112])
    rows = max(rows, kernel)
    out = (rows + 2 * pad - kernel) // stride + 1
    beats = rng.choice([1, 2, 3, 4, 8, 16, 32, 64])
    result = {
        "Width": width, "Lanes": lanes, "Rows": rows, "Cols": rows, "Beats": beats,
        "KernelRows": kernel, "KernelCols": kernel, "StrideRows": stride, "StrideCols": stride,
        "PadTop": pad, "PadLeft": pad, "OutRows": out, "OutCols": out,
        "SpareRows": rng.choice([0, 1, 2]),
    }
    if not whole:
        result["Columns"] = rng.choice([0, 1])
    return result


def requantize(rng):
    x_width = rng.choice([16, 18, 20, 22, 24, 26, 30])
    multiplier = rng.choice([0, 8, 12, 15, 16, 17, 18, 24])
    shift = rng.choice([8, 12, 16, 20, 24])
    product = max(x_width + multiplier + 1, shift + 10)
    lanes = rng.choice([1, 1, 2, 4, 8])
    depth = rng.choice([1, 1, 2, 4, 8, 16, 32, 64])
    negative = rng.choice([0, 0, 1])
    tie = rng.choice([0, 0, 0, shift + 1])
    offset = min(product - 1, shift + 9)
    entry = multiplier + (2 if negative else 1) * offset + tie
    return {
        "XWidth": x_width, "YWidth": 8, "Lanes": lanes, "Depth": depth,
        "MultiplierWidth": multiplier, "OffsetWidth": offset, "HasNegative": negative,
        "TieWidth": tie, "ProductWidth": product, "Shift": shift, "Lowest": -128, "Highest": 127,
        "File": (lanes * entry, depth),
    }


def shift_round(rng):
    y_width = rng.choice([4, 8, 8, 16])
    top = 1 << (y_width - 1)
    lanes = rng.choice([1, 2, 3, 4, 8, 16])
    depth = rng.choice([1, 1, 1, 4, 16])
    result = {
        "XWidth": rng.choice([12, 16, 20, 24, 32, 36]), "YWidth": y_width, "Lanes": lanes,
        "Depth": depth, "ShiftWidth": 0 if depth == 1 else 4,
        "Shift": rng.choice([2, 4, 6, 8, 10]) if depth == 1 else 0,
        "Rounding": rng.choice([0, 1, 2]), "ZeroPoint": 0, "Lowest": -top, "Highest": top - 1,
    }
    if depth > 1:
        result["File"] = (lanes * 4, depth)
    return result


def clip(rng):
    width = rng.choice([4, 8, 8, 16])
    top = 1 << (width - 1)
    lowest = rng.choice([0, 0, -3])
    return {"Width": width, "Lanes": rng.choice([1, 2, 3, 4, 8, 16, 32]), "Lowest": lowest,
            "Highest": rng.choice([top - 1, top - 1, top // 2 + 1])}


def add(rng):
    width = rng.choice([4, 8, 8, 8, 16])
    factors = rng.choice([(1, 1), (1, 4), (2, 1), (331, 517), (723, 449), (1021, 256), (45, 59)])
    spread = bits(sum(factors))
    return {"AWidth": width, "BWidth": width, "Lanes": rng.choice([1, 2, 4, 8, 16]),
            "FactorA": factors[0], "FactorB": factors[1],
            "Constant": rng.choice([0, 0, 1234]) if spread > 4 else 0,
            "SumWidth": width + spread + 1}


def reduce(rng, sums):
    words = rng.choice([1, 2, 3, 4, 9, 5, 25])
    parts = rng.choice([1, 1, 2, 3, 9])
    if words * parts == 1:
        parts = 4
    width = rng.choice([4, 8, 8, 16])
    result = {"Width": width, "Lanes": rng.choice([1, 2, 4, 8]), "Words": words, "Parts": parts}
    if sums:
        result["SumWidth"] = width + bits(words * parts)
    return result


def frame_sum(rng):
    width = rng.choice([4, 8, 8, 16])
    positions = rng.choice([4, 16, 49, 64, 196, 256])
    return {"Width": width, "Lanes": rng.choice([1, 2, 4, 8]), "Positions": positions,
            "Beats": rng.choice([1, 2, 4, 8, 16, 32, 64, 256, 512]),
            "SumWidth": width + bits(positions)}


def frame_max(rng):
    return {"Width": rng.choice([4, 8, 8, 16]), "Signed": rng.choice([0, 1]),
            "Lanes": rng.choice([1, 2, 4, 8]), "Positions": rng.choice([4, 16, 49, 64, 196, 256]),
            "Beats": rng.choice([1, 2, 4, 8, 16, 32, 64, 256, 512])}


def spread(rng):
    size = rng.choice([4, 7, 8, 16, 32, 64])
    row_step, col_step = rng.choice([(2, 2), (2, 2), (2, 2), (1, 2), (2, 1), (3, 3), (4, 4)])
    return {"Width": rng.choice([4, 8, 8, 16]), "Lanes": rng.choice([1, 1, 2, 4, 8]),
            "Rows": size, "Cols": size, "Beats": rng.choice([1, 2, 4, 8, 16, 32, 64]),
            "RowStep": row_step, "ColStep": col_step,
            "Fill": "4'd%d" % rng.choice([0, 0, 3, 10])}


def table(rng):
    x_width = rng.choice([4, 5, 6, 7, 8, 8, 8, 8, 9, 10, 12])
    y_width = rng.choice([4, 6, 8, 8, 8, 10, 12, 16])
    return {"XWidth": x_width, "YWidth": y_width, "Lanes": rng.choice([1, 1, 2, 4, 8]),
            "File": (y_width, 1 << x_width)}


def mul(rng):
    a_width, b_width = rng.choice([(8, 8), (8, 8), (8, 8), (4, 4), (6, 6), (8, 4), (3, 3), (12, 12),
                                   (16, 16)])
    zeros = rng.choice([(0, 0), (0, 0), (3, -5), (0, -5), (7, 0)])
    has_zero = any(zeros)
    signs = rng.choice([(1, 1), (1, 1), (0, 1), (0, 0)])
    return {"AWidth": a_width, "ASigned": signs[0], "AZero": zeros[0], "BWidth": b_width,
            "BSigned": signs[1], "BZero": zeros[1], "Lanes": rng.choice([1, 1, 2, 4, 8]),
            "ProductWidth": a_width + b_width + (1 if has_zero or signs != (1, 1) else 0)}


def bisect(rng):
    while True:
        x_width = rng.choice([8, 12, 16, 20, 24, 28])
        lanes = rng.choice([1, 1, 1, 2, 4])
        depth = rng.choice([1, 1, 1, 2, 4, 8, 16, 32, 64])
        steps = rng.choice([4, 8, 8, 8, 8, 10])
        step = rng.randrange(steps)
        entries = depth << step
        if entries <= 4096 and lanes * (x_width + 1) * entries <= 1 << 17:
            break
    return {"XWidth": x_width, "XSigned": rng.choice([0, 1, 1]), "Lanes": lanes, "Depth": depth,
            "Step": step, "IsLast": int(step + 1 == steps), "YWidth": steps,
            "Lowest": -(1 << (steps - 1)),
            "File": (lanes * (x_width + 1), entries)}


def parts_beats(rng, count):
    beats = [rng.choice([1, 2, 4, 8, 16, 64]) for _ in range(count)]
    return "%d'h%s" % (16 * count, "".join("%04x" % each for each in beats))


def joined(rng, name):
    count = rng.choice([2, 2, 3, 4])
    return {"Width": rng.choice([4, 8, 8, 16]), "Lanes": rng.choice([1, 2, 4, 8]), name: count,
            "Beats": parts_beats(rng, count)}


def regroup(rng):
    lanes_in, lanes_out = rng.sample([1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 32], 2)
    pixel = math.lcm(lanes_in, lanes_out) * rng.choice([1, 2, 4])
    return {"Width": rng.choice([4, 8, 8, 16]), "LanesIn": lanes_in, "LanesOut": lanes_out,
            "Beats": pixel // lanes_in}


def repeat(rng):
    return {"Width": rng.choice([4, 8, 16]), "Lanes": rng.choice([1, 2, 4]),
            "Rows": 8, "Cols": rng.choice([4, 8, 16, 32, 64]),
            "Beats": rng.choice([1, 2, 4, 8, 16]), "RowScale": 2, "ColScale": 2}


def shuffle(rng):
    groups = rng.choice([2, 2, 3, 4])
    channels = groups * rng.choice([4, 8, 16, 29, 32, 64])
    lanes = rng.choice([each for each in (1, 2, 4) if channels % each == 0])
    return {"Width": rng.choice([4, 8, 16]), "Lanes": lanes, "Channels": channels, "Groups": groups}


def pixel_shift(rng):
    size = rng.choice([4, 8, 16, 32])
    return {"Width": rng.choice([4, 8, 16]), "Lanes": 1, "Rows": size, "Cols": size,
            "Beats": rng.choice([5, 10, 20, 40])}


def fifo(rng):
    return {"Width": rng.choice([4, 8, 16, 24, 32, 64, 128, 256]),
            "Depth": rng.choice([3, 4, 6, 8, 10, 12, 16, 20, 24, 32, 33, 34, 48, 64, 65, 100, 128,
                                 256, 512, 513, 1024, 2000, 4096])}


GRID = {
    "sl_dot": (dot, 160),
    "sl_window_taps": (lambda rng: window(rng, False), 56),
    "sl_window_slide": (lambda rng: window(rng, True), 24),
    "sl_requantize": (requantize, 32),
    "sl_shift_round": (shift_round, 40),
    "sl_fifo": (fifo, 20),
    "sl_add": (add, 26),
    "sl_clip": (clip, 16),
    "sl_parts": (lambda rng: {"Width": rng.choice([4, 8, 12, 16, 24, 32, 64]), "Parts":
                              rng.choice([2, 3, 5, 9])}, 8),
    "sl_reduce_max": (lambda rng: reduce(rng, False), 24),
    "sl_reduce_sum": (lambda rng: reduce(rng, True), 20),
    "sl_frame_sum": (frame_sum, 14),
    "sl_frame_max": (frame_max, 14),
    "sl_spread": (spread, 12),
    "sl_table": (table, 30),
    "sl_mul": (mul, 20),
    "sl_bisect": (bisect, 28),
    "sl_concat": (lambda rng: joined(rng, "Inputs"), 8),
    "sl_chop": (lambda rng: joined(rng, "Outputs"), 12),
    "sl_fork": (lambda rng: {"Width": rng.choice([4, 8, 16, 64]), "Outputs":
                             rng.choice([2, 2, 3, 4])}, 10),
    "sl_regroup": (regroup, 48),
    "sl_repeat": (repeat, 8),
    "sl_shuffle": (shuffle, 10),
    "sl_pixel_shift": (pixel_shift, 8),
    "sl_stage": (lambda rng: {"Width": rng.choice([4, 8, 16, 72, 128])}, 4),
    "sl_register": (lambda rng: {"Width": rng.choice([4, 8, 16, 72, 128])}, 4),
}


def text_of(parameters):
    return " ".join(f"{name}={value}" for name, value in parameters.items()
                    if not isinstance(value, tuple))


def points():
    """Each module with distinct parameters, and the words of its memories."""
    for module, (draw, count) in GRID.items():
        rng = random.Random(module)
        seen = set()
        for _ in range(count):
            parameters = draw(rng)
            if text_of(parameters) not in seen:
                seen.add(text_of(parameters))
                yield module, parameters


def verilog_value(folder, name, value, rng):
    """A parameter's; that of a memory is a file of random words."""
    if not isinstance(value, tuple):
        return str(value)
    width, depth = value
    words = folder / f"{name}{len(list(folder.iterdir()))}.mem"
    words.write_text("".join("%x\n" % rng.getrandbits(width) for _ in range(depth)))
    return f'"{words}"'


def synthesize(yosys, family, batch):
    """The cells of each module, by their types, or what was wrong. Instances of one design, which
    stay apart: most of the time of a small one is that of reading the family's cells."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        top = "module sl_jobs;\n"
        for i, (module, parameters) in enumerate(batch):
            rng = random.Random(text_of(parameters))
            given = ", ".join(f".{name}({verilog_value(folder, name, value, rng)})"
                              for name, value in parameters.items())
            top += f"  (* keep, keep_hierarchy *) {module} #({given}) u{i} ();\n"
        (folder / "top.sv").write_text(top + "endmodule\n")
        files = " ".join(str(RTL / line) for line in (RTL / "sl.f").read_text().split("\n")
                         if line.endswith(".sv"))
        script = (f"read_verilog -defer -sv {DEFINES[family]}-I{RTL} {files} {folder}/top.sv\n"
                  f"hierarchy -check -top sl_jobs\ntee -q -o {folder}/top.txt dump sl_jobs\n")
        if family == "ice40":
            script += "setattr -unset ram_style a:ram_style=distributed\n"
        script += f"{MAPPING[family]} -top sl_jobs\ntee -q -o {folder}/stat.json stat -json\n"
        (folder / "job.ys").write_text(script)
        done = subprocess.run([yosys, "-q", "-s", str(folder / "job.ys")], capture_output=True,
                              text=True, check=False)
        if done.returncode != 0:
            return None, f"{batch[0][0]} …: {done.stderr.strip()[-300:]}"
        lines = (folder / "top.txt").read_text().splitlines()
        types = dict(reversed(line.split()[1:]) for line in lines
                     if line.lstrip().startswith("cell "))
        modules = json.loads((folder / "stat.json").read_text())["modules"]
        return [modules[types[f"\\u{i}"]]["num_cells_by_type"] for i in range(len(batch))], None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--family", choices=MAPPING, default="xilinx7")
    parser.add_argument("--yosys", default="yosys")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", action="append", help="a module, again and again")
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    args = parser.parse_args()
    version = subprocess.run([args.yosys, "-V"], capture_output=True, text=True,
                             check=True).stdout.split(" (")[0].strip()
    head = f"# {version} {MAPPING[args.family]}\nmodule,parameters,cells\n"
    wanted = list(points())
    known = {}
    if args.output.exists():
        text = args.output.read_text()
        if not text.startswith(head):
            sys.exit(f"{args.output} is of another Yosys or family: remove it first")
        for line in text[len(head):].splitlines():
            module, parameters, cells = line.split(",")
            known[module, parameters] = cells
    missing = [(module, parameters) for module, parameters in wanted
               if (module, text_of(parameters)) not in known and
               (not args.only or module in args.only)]
    failed = 0

    def write():
        lines = [f"{module},{text_of(parameters)},{known[module, text_of(parameters)]}\n"
                 for module, parameters in wanted if (module, text_of(parameters)) in known]
        part = args.output.with_suffix(".part")
        part.write_text(head + "".join(lines))
        part.replace(args.output)

    args.output.parent.mkdir(parents=True, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        batches = [missing[at:at + BATCH] for at in range(0, len(missing), BATCH)]
        futures = {pool.submit(synthesize, args.yosys, args.family, batch): batch
                   for batch in batches}
        for count, future in enumerate(concurrent.futures.as_completed(futures), 1):
            cells, error = future.result()
            if error:
                failed += 1
                print(error, file=sys.stderr)
            else:
                for (module, parameters), each in zip(futures[future], cells):
                    known[module, text_of(parameters)] = " ".join(
                        f"{name}:{number}" for name, number in sorted(each.items()))
            write()
            print(f"\r{count}/{len(batches)} runs", end="", file=sys.stderr)
    print(file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
