#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Proves, for all words and all pauses, that modules of rtl/ keep the rules of streams, and that
those that only carry words lose, change, repeat and reorder none. Usage: prove_rtl.py [MODULE...]

A module stands between sources that show anything and sinks that wait at any time, beside the
modules of rtl/formal, whose assertions are what is proven. Yosys makes an and-inverter graph of
it, and ABC, which comes with Yosys, proves that no state of it that can be reached fails one
(property-directed reachability: without a bound on time). Words are of few bits, maps of few
pixels: what differs with them is data, which modules do not look at, and the ends of counters.
Exit 1 if an assertion can fail, 4 without Yosys. Test: tests/scripts/prove_rtl_test.py.
"""
import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

RTL = Path(__file__).resolve().parent.parent / "rtl"
LIMIT_SECONDS = 300  # of a proof


@dataclass
class Port:
    """Streams of one port, side by side."""
    name: str
    width: int
    count: int = 1


@dataclass
class Order:
    """What sl_formal_order is told; each output carries all that comes in at x."""
    width: int
    capacity: int
    lanes_in: int = 1
    lanes_out: int = 1


@dataclass
class Case:
    module: str
    parameters: dict
    inputs: list = field(default_factory=lambda: [Port("x", 2)])
    outputs: list = field(default_factory=lambda: [Port("y", 2)])
    order: Order | None = None
    files: dict = field(default_factory=dict)  # by name: what $readmemh reads

    def name(self):
        values = " ".join(f"{key}={value}" for key, value in self.parameters.items())
        return f"{self.module} {values}".strip()


def regroup(lanes_in, lanes_out, beats, capacity):
    return Case("sl_regroup", {"Width": 1, "LanesIn": lanes_in, "LanesOut": lanes_out,
                               "Beats": beats},
                [Port("x", lanes_in)], [Port("y", lanes_out)],
                Order(1, capacity, lanes_in, lanes_out))


def window(module, **parameters):
    """Windows of 2 x 2 words of a bit in maps of 3 x 2."""
    words = 4 if module == "sl_window_slide" else 2 if "Columns" in parameters else 1
    return Case(module, {"Width": 1, "Rows": 3, "Cols": 2, "KernelRows": 2, "KernelCols": 2,
                         "OutCols": 1, **parameters}, [Port("x", 1)], [Port("y", words)])


CASES = [
    Case("sl_stage", {"Width": 2}, order=Order(2, 1)),
    Case("sl_register", {"Width": 2}, order=Order(2, 2)),
    *(Case("sl_fifo", {"Width": 1, "Depth": depth}, [Port("x", 1)], [Port("y", 1)],
           Order(1, depth)) for depth in (2, 3, 4, 6)),
    *(Case("sl_fork", {"Width": 1, "Outputs": outputs}, [Port("x", 1)], [Port("y", 1, outputs)],
           Order(1, 1)) for outputs in (1, 2, 3)),
    Case("sl_parts", {"Width": 1, "Parts": 3}, [Port("x", 3)], [Port("y", 1)]),
    regroup(1, 3, 3, 5), regroup(2, 1, 1, 2), regroup(4, 2, 1, 4), regroup(2, 4, 2, 6),
    regroup(2, 3, 3, 6), regroup(3, 2, 2, 6),
    Case("sl_concat", {"Width": 1, "Inputs": 2, "Beats": "{16'd2, 16'd1}"}, [Port("x", 1, 2)],
         [Port("y", 1)]),
    Case("sl_chop", {"Width": 1, "Outputs": 2, "Beats": "{16'd1, 16'd2}"}, [Port("x", 1)],
         [Port("y", 1, 2)]),
    Case("sl_clip", {"Width": 3, "Lowest": -1, "Highest": 2}, [Port("x", 3)], [Port("y", 3)]),
    Case("sl_add", {"AWidth": 2, "BWidth": 2, "SumWidth": 3}, [Port("a", 2), Port("b", 2)],
         [Port("y", 3)]),
    Case("sl_table", {"XWidth": 2, "YWidth": 2, "File": '"table.mem"'},
         files={"table.mem": "1\n0\n3\n2\n"}),
    Case("sl_repeat", {"Width": 1, "Rows": 2, "Cols": 2}, [Port("x", 1)], [Port("y", 1)]),
    Case("sl_spread", {"Width": 1, "Rows": 2, "Cols": 2}, [Port("x", 1)], [Port("y", 1)]),
    Case("sl_shuffle", {"Width": 1, "Channels": 4, "Groups": 2}, [Port("x", 1)], [Port("y", 1)]),
    Case("sl_shuffle", {"Width": 1, "Lanes": 2, "Channels": 4, "Groups": 2}, [Port("x", 2)],
         [Port("y", 2)]),
    window("sl_window_taps", PadTop=1, PadLeft=0, OutRows=3),
    window("sl_window_taps", Columns="1'b1", PadTop=0, PadLeft=1, OutRows=2),
    window("sl_window_slide", PadTop=1, PadLeft=0, OutRows=3),
    Case("sl_pixel_shift", {"Width": 1, "Rows": 2, "Cols": 2, "Beats": 1, "Period": 1,
                            "Taps": "4'd1"}, [Port("x", 1)], [Port("y", 1)]),
    Case("sl_dot", {"XWidth": 1, "XSigned": "1'b0", "WeightWidth": 2, "AccWidth": 4, "Beats": 2,
                    "Filters": 2, "WeightsFile": '"weights.mem"', "BiasFile": '"bias.mem"'},
         [Port("x", 1)], [Port("y", 4)],
         files={"weights.mem": "1\n3\n2\n1\n", "bias.mem": "2\nd\n"}),
    Case("sl_requantize", {"XWidth": 3, "YWidth": 2, "Depth": 2, "MultiplierWidth": 2,
                           "OffsetWidth": 3, "ProductWidth": 6, "Shift": 2, "Lowest": -2,
                           "Highest": 1, "File": '"lines.mem"'},
         [Port("x", 3)], [Port("y", 2)], files={"lines.mem": "09\n12\n"}),
    Case("sl_shift_round", {"XWidth": 3, "YWidth": 2, "Shift": 1, "Lowest": -2, "Highest": 1},
         [Port("x", 3)], [Port("y", 2)]),
    Case("sl_bisect", {"XWidth": 2, "File": '"thresholds.mem"'}, [Port("x", 2)], [Port("y", 3)],
         files={"thresholds.mem": "1\n"}),
    Case("sl_mul", {"AWidth": 2, "BWidth": 2, "ProductWidth": 4}, [Port("a", 2), Port("b", 2)],
         [Port("y", 4)]),
    Case("sl_reduce_max", {"Width": 2, "Words": 3, "Parts": 2}, [Port("x", 6)]),
    Case("sl_reduce_sum", {"Width": 1, "Words": 3, "Parts": 2, "SumWidth": 4}, [Port("x", 3)],
         [Port("y", 4)]),
    Case("sl_frame_max", {"Width": 2, "Positions": 3, "Beats": 2}),
    Case("sl_frame_sum", {"Width": 1, "Positions": 3, "Beats": 2, "SumWidth": 3}, [Port("x", 1)],
         [Port("y", 3)]),
    Case("sl_axis_in", {"Width": 2, "FrameWords": 3}, [Port("x", 9)]),
    Case("sl_axis_out", {"Width": 2, "FrameWords": 3}, outputs=[Port("y", 9)]),
]


def streams(case):
    """(port, index of the stream in it, whether it goes in) of each stream."""
    for ports, is_input in ((case.inputs, True), (case.outputs, False)):
        for port in ports:
            for index in range(port.count):
                yield port, index, is_input


def harness(case):
    """The module `prove` about the case."""
    free = ["input logic clk_i"]
    body = ["  logic rst_ni = 1'b0;", "  always_ff @(posedge clk_i) rst_ni <= 1'b1;"]
    parameters = ", ".join(f".{key}({value})" for key, value in case.parameters.items())
    pins = [".clk_i", ".rst_ni"]
    for port in case.inputs + case.outputs:
        name, last = port.name, port.count * port.width - 1
        body.append(f"  logic [{port.count - 1}:0] {name}_valid, {name}_ready;")
        body.append(f"  logic [{last}:0] {name};")
        to, back = ("i", "o") if port in case.inputs else ("o", "i")
        pins += [f".{name}_valid_{to}({name}_valid)", f".{name}_ready_{back}({name}_ready)",
                 f".{name}_{to}({name})"]
    body.append(f"  {case.module} #({parameters}) u_module ({', '.join(pins)});")
    for port, index, is_input in streams(case):
        name, width = port.name, port.width
        signals = f"{name}_valid[{index}]", f"{name}_ready[{index}]", \
            f"{name}[{index * width} +: {width}]"
        if is_input:
            free += [f"input logic any_valid_{name}{index}",
                     f"input logic [{width - 1}:0] any_{name}{index}"]
            body.append(
                f"  sl_formal_source #(.Width({width})) u_{name}{index} (.clk_i, .rst_ni, "
                f".any_valid_i(any_valid_{name}{index}), .any_i(any_{name}{index}), "
                f".y_valid_o({signals[0]}), .y_ready_i({signals[1]}), .y_o({signals[2]}));")
            continue
        free.append(f"input logic any_ready_{name}{index}")
        body.append(f"  assign {signals[1]} = any_ready_{name}{index};")
        body.append(
            f"  sl_formal_stream #(.Width({width})) u_{name}{index} (.clk_i, .rst_ni, "
            f".x_valid_i({signals[0]}), .x_ready_i({signals[1]}), .x_i({signals[2]}));")
        if case.order:
            order = case.order
            count_width = (order.capacity + order.lanes_in + order.lanes_out - 1).bit_length() + 1
            free += [f"input logic any_begin_{name}{index}",
                     f"input logic [{count_width - 1}:0] any_lane_{name}{index}"]
            body.append(
                f"  sl_formal_order #(.Width({order.width}), .LanesIn({order.lanes_in}), "
                f".LanesOut({order.lanes_out}), .Capacity({order.capacity})) u_order{index} ("
                f".clk_i, .rst_ni, .any_begin_i(any_begin_{name}{index}), "
                f".any_lane_i(any_lane_{name}{index}), .x_valid_i(x_valid[0]), "
                f".x_ready_i(x_ready[0]), .x_i(x), .y_valid_i({signals[0]}), "
                f".y_ready_i({signals[1]}), .y_i({signals[2]}));")
    return "module prove (\n  " + ",\n  ".join(free) + "\n);\n" + "\n".join(body) + "\nendmodule\n"


def run(command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False,
                          timeout=2 * LIMIT_SECONDS)
    return done.returncode, done.stdout + done.stderr


def prove(case, rtl=RTL):
    """None where all assertions hold; else what was said."""
    files = [rtl / line for line in (rtl / "sl.f").read_text().split() if line.endswith(".sv")]
    files += sorted((RTL / "formal").glob("*.sv"))
    with tempfile.TemporaryDirectory() as folder:
        for name, text in {"prove.sv": harness(case), **case.files}.items():
            Path(folder, name).write_text(text)
        script = (f"read_verilog -sv -formal -defer -I{rtl} {' '.join(map(str, files))} prove.sv; "
                  "prep -flatten -top prove; memory_map; opt -fast; techmap; dffunmap; opt_clean; "
                  "setundef -undriven -anyseq; aigmap; write_aiger -zinit prove.aig")
        code, said = run(["yosys", "-q", "-p", script], folder)
        if code != 0:
            return said
        code, said = run(["yosys-abc", "-q",
                          f"read_aiger prove.aig; orpos; pdr -T {LIMIT_SECONDS}"], folder)
        return None if "Property proved" in said else said


def main():
    arguments = argparse.ArgumentParser(description="Proves modules of rtl/.")
    arguments.add_argument("module", nargs="*", help="only these")
    chosen = arguments.parse_args().module
    if shutil.which("yosys") is None or shutil.which("yosys-abc") is None:
        print("prove_rtl: no yosys on this machine: run scripts/setup.sh test", file=sys.stderr)
        return 4
    failed = 0
    for case in CASES:
        if chosen and case.module not in chosen:
            continue
        begin = time.monotonic()
        said = prove(case)
        print(f"{'proven' if said is None else 'FAILED'} {case.name()} "
              f"({time.monotonic() - begin:.1f} s)", flush=True)
        if said is not None:
            failed += 1
            print(said)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
