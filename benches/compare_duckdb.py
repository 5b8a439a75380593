#!/usr/bin/env python3
"""Runs one job in `allowable price` and in DuckDB, checks that every total is the same, and prints time and memory.

    cargo build --release
    pip install duckdb numpy pyarrow
    benches/compare_duckdb.py [--binary PATH] [--data DIR] [--lines 1000000,10000000] [--runs 5]

The two take turns, A B A B …, after one run each that is not counted. Wall seconds are medians; CPU seconds (user +
system) say more on a busy machine; memory is the peak resident set of the process. Exit code 1 when a total differs.
"""
import argparse
import csv
import os
import pathlib
import statistics
import subprocess
import sys
import time
from decimal import Decimal

HERE = pathlib.Path(__file__).resolve().parent
KEYS = ("payer_id", "quarter", "pos", "carc")


def measure(command, stderr=None):
    """Wall and CPU seconds, and peak memory in MB, of one run."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=stderr)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"failed: {' '.join(map(str, command))}")
    # Linux counts kilobytes, macOS bytes.
    peak = usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    return wall, usage.ru_utime + usage.ru_stime, peak


def totals(path, ours):
    """{(payer, quarter, pos, carc): {measure: whole cents or count}}"""
    table = {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            if ours:
                row["quarter"] = str(4 * int(row["quarter"][:4]) + int(row["quarter"][-1]) - 1)
                for name in row:
                    if name.endswith("_amount") or name == "expected" or name.startswith("v_"):
                        row[name] = str(int(100 * Decimal(row[name])))
            table[tuple(row.pop(k) for k in KEYS)] = row
    return table


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=HERE.parent / "target/release/allowable", type=pathlib.Path)
    parser.add_argument("--data", default=HERE.parent / "target/compare", type=pathlib.Path)
    parser.add_argument("--lines", default="1000000,10000000")
    parser.add_argument("--runs", default=5, type=int)
    args = parser.parse_args()
    args.data.mkdir(parents=True, exist_ok=True)
    generate = [sys.executable, HERE / "generate_claims.py", args.data]
    if not (args.data / "fees.parquet").exists():
        subprocess.run([*generate, "fees"], check=True)
    print(f"{'input':<18}{'tool':<12}{'wall s':>8}{'CPU s':>8}{'peak MB':>9}{'ratio of walls (min–max)':>28}")
    differ = False
    for lines in args.lines.split(","):
        if not (args.data / f"{lines}.parquet").exists():
            subprocess.run([*generate, "lines", lines], check=True)
        for kind in ("csv", "parquet"):
            claims = args.data / f"{lines}.{kind}"
            outs = {"allowable": args.data / "allowable.csv", "duckdb": args.data / "duckdb.csv"}
            commands = {
                "allowable": [args.binary, "price", claims, "--fees", args.data / "fees.parquet", "--threads", "2",
                              "--group", ",".join(KEYS), "--out", outs["allowable"]],
                "duckdb": [sys.executable, HERE / "duckdb_job.py", claims, args.data / "fees.parquet", outs["duckdb"]],
            }
            runs = {tool: [] for tool in commands}
            for turn in range(args.runs + 1):
                for tool, command in commands.items():
                    run = measure(command)
                    if turn:
                        runs[tool].append(run)
            ratios = [d[0] / a[0] for a, d in zip(runs["allowable"], runs["duckdb"])]
            for tool, measured in runs.items():
                wall, cpu, peak = (statistics.median(column) for column in zip(*measured))
                note = f"{statistics.median(ratios):.1f}× ({min(ratios):.1f}–{max(ratios):.1f})" if tool == "allowable" else ""
                print(f"{claims.name:<18}{tool:<12}{wall:>8.2f}{cpu:>8.2f}{peak:>9.0f}{note:>28}")
            ours, theirs = totals(outs["allowable"], True), totals(outs["duckdb"], False)
            same = ours == theirs and bool(ours)
            differ |= not same
            print(f"{'':<18}{len(ours)} groups, totals {'identical' if same else 'DIFFER'}")
            for group in [g for g in ours.keys() | theirs.keys() if ours.get(g) != theirs.get(g)][:5]:
                print(f"  {group}: {ours.get(group)} here, {theirs.get(group)} in DuckDB")
    sys.exit(1 if differ else 0)


if __name__ == "__main__":
    main()
