#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Mappings found by sluice explore against those of fpgaConvNet's optimiser and SAMO.

search_rows.py SLUICE BASELINE.json MODELS PLATFORMS.json COEFFICIENTS.json [--only NETWORK]

prints the table of README.md.

Each row of the baseline is searched for again: the same network, the totals of the same platform
file, clock, share of the device, coefficients and layer model (--compat fpgaconvnet), batch 256.
Compared are feature maps a second in the steady state: clock / (sum over partitions of interval
times passes), which leaves out the other model's filling time.
"""
import argparse
import json
import lzma
import pathlib
import resource
import subprocess
import sys
import tempfile

BATCH = 256
MULTI_PARTITIONS = 16
# By the configuration files of the earlier optimiser.
SHARE = {"single": 1.0, "multi": 0.9, "sa": 0.9, "sa_single": 1.0, "improve": 1.0}
SAMO_DIES = {"u250_1slr": ("u250", {"dsp": 2877, "bram18": 1000, "lut": 345000}),
             "u250_4slr": ("u250", {"dsp": 11508, "bram18": 4000, "lut": 1380000})}


def coefficients_for_us(theirs):
    """The earlier tool's linear coefficients as a file of ours, its constants included."""
    modules = {}
    for name, parts in theirs["chisel"].items():
        source = theirs["chisel_squeeze_override"] if name == "squeeze" else parts
        modules[name] = {part: source.get(part, source.get("others"))
                         for part in ("logic_lut", "lut_ram", "lut_sr", "ff")}
    constants = {"pad": (16, 35), "activation": (16, 35), "eltwise": (49, 23), "concat": (0, 0),
                 "resize": (0, 0)}
    for name, (lut, ff) in constants.items():
        modules[name] = {"logic_lut": [lut, 0], "lut_ram": [0], "lut_sr": [0], "ff": [ff, 0]}
    return {"format": "sluice.coefficients/1", "provenance": "fpgaConvNet's linear coefficients",
            "modules": modules}


def device_text(name, platforms):
    base, totals = SAMO_DIES.get(name, (name, {}))
    platform = platforms[base]
    lines = ["[device]", f'part = "{name}"', 'board = ""', 'family = "as the platform file"',
             'source = "the earlier optimiser\'s platform file"', "[resources]"]
    for ours, theirs in (("lut", "LUT"), ("ff", "FF"), ("dsp", "DSP"), ("bram18", "BRAM"),
                         ("uram", "URAM")):
        lines.append(f"{ours} = {totals.get(ours, platform.get(theirs, 0))}")
    lines += ["[system]", f'clock_mhz = {float(platform["freq_MHz"])}',
              f'memory_gbps = {float(platform["mem_bw_Gbps"])}',
              f'reconfiguration_s = {float(platform["reconf_s"])}',
              f'port_bits = {int(platform["port_width"])}', "[dsp]", "a_bits = 27", "b_bits = 18"]
    return "\n".join(lines) + "\n"


def rows_of(baseline):
    for row in baseline["fpgaconvnet_optimiser"]:
        fps = row.get("interval_bound_fps") if row.get("valid_solution") else None
        one = row["mode"] in ("single", "sa_single", "improve")
        yield {"tool": "optimiser " + row["optimiser"], "network": row["network"],
               "platform": row["platform"], "clock": row.get("freq_mhz") or 200,
               "share": SHARE[row["mode"]],
               "partitions": 1 if one else MULTI_PARTITIONS, "fps": fps, "cpu_s": row.get("cpu_s")}
    for row in baseline["samo"]:
        one = str(row.get("reconf")) != "true"
        yield {"tool": "samo " + row["optimiser"], "network": row["network"],
               "platform": row["platform"], "clock": 100, "share": 1.0,
               "partitions": 1 if one else MULTI_PARTITIONS,
               "fps": row.get("throughput_fps"), "cpu_s": row.get("cpu_s")}


def explore(program, model, device, coefficients, row):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = subprocess.run(
        [program, "explore", model, "--device", device, "--coefficients", coefficients, "--compat",
         "fpgaconvnet", "--batch", str(BATCH), "--partitions", str(row["partitions"]), "--share",
         str(row["share"]), "--clock", str(row["clock"]), "--json", "--quiet"],
        capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    if result.returncode != 0:
        return None, cpu_s, result.stderr.strip()[:100]
    return json.loads(result.stdout), cpu_s, ""


def steady_fps(report, clock_mhz):
    cycles = sum(p["interval_cycles"] * p["passes"]
                 for p in report["estimate"]["partitions"])
    return clock_mhz * 1e6 / cycles


def unpacked(models, network, folder):
    path = folder / f"{network}.onnx"
    if not path.exists():
        path.write_bytes(lzma.decompress((models / f"{network}.onnx.xz").read_bytes()))
    return path


def number(value, form):
    return format(value, form) if value else "–"


def line(row, ours, cpu_s, search_s):
    """Of the table in README.md."""
    ratio = ours / row["fps"] if row["fps"] and ours else 0
    cells = [row["network"], row["platform"], row["tool"], number(row["fps"], ".4g"),
             number(ours, ".4g"), number(ratio, ".2f"), number(row["cpu_s"], ".2f"),
             f"{cpu_s:.3f}", number(search_s, ".3f")]
    return "| " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser()
    for name in ("program", "baseline", "models", "platforms", "coefficients"):
        parser.add_argument(name, type=pathlib.Path)
    parser.add_argument("--only")
    args = parser.parse_args()
    platforms = json.loads(args.platforms.read_text(encoding="utf-8"))
    worse = 0
    columns = ["network", "platform", "tool", "its fps", "ours", "ratio", "its CPU s", "our CPU s",
               "search s"]
    print("| " + " | ".join(columns) + " |")
    print("|---" * len(columns) + "|")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        coefficients = folder / "coefficients.json"
        theirs = json.loads(args.coefficients.read_text(encoding="utf-8"))
        coefficients.write_text(json.dumps(coefficients_for_us(theirs)), encoding="utf-8")
        for row in rows_of(json.loads(args.baseline.read_text(encoding="utf-8"))):
            if args.only and row["network"] != args.only:
                continue
            device = folder / f"{row['platform']}.toml"
            device.write_text(device_text(row["platform"], platforms), encoding="utf-8")
            model = unpacked(args.models, row["network"], folder)
            report, cpu_s, error = explore(args.program, model, device, coefficients, row)
            ours = steady_fps(report, row["clock"]) if report else 0
            worse += not ours or bool(row["fps"]) and ours < row["fps"] * 0.999
            print(line(row, ours, cpu_s, report["search_s"] if report else 0), flush=True)
            if error:
                print(error, file=sys.stderr)
    print(f"{worse} rows without a design as good", file=sys.stderr)
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
