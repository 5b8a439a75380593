#!/usr/bin/env python3
"""Times `allowable remits` as a whole process on a generated 835 and checks its sums. Usage: era.py [--megabytes 1000] [--runs 5]

Needs `cargo build --release` before, and GNU time. The file is made once, in target/compare/.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", HERE.parent / "target"))


def timed(command):
    """Wall seconds, CPU seconds, peak megabytes, and what was printed."""
    done = subprocess.run(["/usr/bin/time", "-f", "%e %U %S %M", *command], capture_output=True, text=True, check=True)
    wall, user, system, peak = done.stderr.split()[-4:]
    return float(wall), float(user) + float(system), int(peak) / 1024, done.stdout


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--megabytes", type=int, default=1000)
    options.add_argument("--runs", type=int, default=5)
    options = options.parse_args()
    folder = TARGET / "compare"
    folder.mkdir(parents=True, exist_ok=True)
    era, truth_file = folder / f"{options.megabytes}.835", folder / f"{options.megabytes}.truth.json"
    if not truth_file.exists():
        subprocess.run([sys.executable, HERE / "generate_835.py", era, str(options.megabytes), truth_file], check=True)
    truth = json.loads(truth_file.read_text())
    size = era.stat().st_size / 1e6
    program = str(TARGET / "release" / "allowable")
    jobs = {
        "sums and balances": [program, "remits", str(era), "--format", "json"],
        "sums, and rows to Parquet": [program, "remits", str(era), "--format", "json", "--out", str(folder / "era")],
    }
    print(f"{size:,.0f} MB, {truth['claims']:,} claims, {truth['service_lines']:,} lines; {os.cpu_count()} cores")
    for name, command in jobs.items():
        runs = []
        for run in range(options.runs + 1):
            wall, cpu, peak, printed = timed(command)
            file = json.loads(printed)["files"][0]
            wrong = {key: (value, file[key]) for key, value in truth.items() if file[key] != value}
            assert not wrong, wrong
            assert not file["findings"], file["findings"]
            # The first run warms the file system's cache.
            if run:
                runs.append((wall, cpu, peak))
        wall, cpu, peak = (statistics.median(column) for column in zip(*runs))
        low, high = min(r[0] for r in runs), max(r[0] for r in runs)
        print(f"{name:26} {wall:6.2f} s ({low:.2f}–{high:.2f})  {cpu:6.2f} s CPU  {size / wall:5.0f} MB/s  {peak:4.0f} MB peak")


if __name__ == "__main__":
    main()
