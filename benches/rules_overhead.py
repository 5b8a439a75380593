#!/usr/bin/env python3
"""Measures what `--rules` adds to `allowable price`, and checks that it changes nothing but the outcomes.

    cargo build --release
    pip install duckdb numpy pyarrow
    benches/rules_overhead.py [--binary PATH] [--data DIR] [--lines 10000000] [--runs 7]

Three jobs take turns on each file, after one round that is not counted: without rules, with the rules for all payers, and
with a project that tells the kinds of payers, so that all rules are asked. `N` has two unrelated lines to a claim, `N.days`
two to four lines of one day and place. CPU seconds (user + system) say more than wall seconds on a busy machine; the overhead
is the median of the rounds' ratios. Exit code 1 when lines, units or dollars of a group differ between the jobs, or when a
query in DuckDB (rules_duckdb.py) finds other lines that fall.
"""
import argparse
import csv
import itertools
import json
import pathlib
import statistics
import subprocess
import sys

from compare_duckdb import HERE, KEYS, measure

# The payers of generate_claims.py, which is not imported: its libraries would count as memory of the child at its birth.
KINDS = {
    "medicare": ("MCR",), "medicare-advantage": ("MA1", "MA2", "MA3"),
    "commercial": ("COM1", "COM2", "COM3", "COM4", "COM5"), "medicaid": ("MCD",), "medicaid-managed": ("MCO1", "MCO2"),
}
SAME = ("n", "units", "billed_amount", "allowed_amount", "paid_amount")
OUTCOMES = ("n_denied", "n_under", "n_over", "n_ok", "n_norate", "n_notpayable")


def write_project(path):
    """A project with the kinds of the generator's payers."""
    tables = (f'[[payer]]\nid = "{payer}"\nkind = "{kind}"\n' for kind, payers in KINDS.items() for payer in payers)
    path.write_text('title = "Rules in bulk"\nsynthetic = true\n' + "".join(tables))


def compare(without, with_rules):
    """Whether two grouped outputs agree in all but the outcomes, which add up; and the share of lines not payable."""
    same, lines, fallen = True, 0, 0
    with open(without, newline="") as first, open(with_rules, newline="") as second:
        for old, new in itertools.zip_longest(csv.DictReader(first), csv.DictReader(second)):
            same &= old is not None and new is not None and all(old[name] == new[name] for name in KEYS + SAME)
            if not same:
                break
            same &= sum(int(new.get(name, 0)) for name in OUTCOMES) == int(new["n"])
            lines, fallen = lines + int(new["n"]), fallen + int(new.get("n_notpayable", 0))
    return same and lines > 0, fallen / max(lines, 1)


def falls_as_in_duckdb(binary, claims, data):
    """Whether the same number of lines falls by each rule for all payers as by a query of its own."""
    query = subprocess.run([sys.executable, HERE / "rules_duckdb.py", claims], check=True, capture_output=True)
    job = [binary, "price", claims, "--fees", data / "fees.parquet", "--group", "pos", "--out", data / "pos.csv",
           "--rules", "--format", "json"]
    summary = json.loads(subprocess.run(job, check=True, capture_output=True).stdout)
    ours = {fallen["rule"]: fallen["lines"] for fallen in summary["rules"]["fallen"]}
    theirs = json.loads(query.stdout)
    if ours != theirs:
        print(f"  {ours} here, {theirs} in DuckDB")
    return ours == theirs and bool(ours)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=HERE.parent / "target/release/allowable", type=pathlib.Path)
    parser.add_argument("--data", default=HERE.parent / "target/compare", type=pathlib.Path)
    parser.add_argument("--lines", default="10000000")
    parser.add_argument("--runs", default=7, type=int)
    args = parser.parse_args()
    args.data.mkdir(parents=True, exist_ok=True)
    generate = [sys.executable, HERE / "generate_claims.py", args.data]
    if not (args.data / "fees.parquet").exists():
        subprocess.run([*generate, "fees"], check=True)
    write_project(args.data / "kinds.toml")
    jobs = {"no rules": [], "--rules": ["--rules"], "with kinds": ["--rules", "--project", args.data / "kinds.toml"]}
    print(f"{'input':<24}{'job':<12}{'wall s':>8}{'CPU s':>8}{'peak MB':>9}{'added CPU (min–max)':>26}{'added wall':>12}"
          f"{'not payable':>13}")
    differ = False
    for name in (f"{n}{kind}" for n in args.lines.split(",") for kind in ("", ".days")):
        if not (args.data / f"{name}.parquet").exists():
            lines, _, days = name.partition(".")
            subprocess.run([*generate, days or "lines", lines], check=True)
        for claims in (args.data / f"{name}.csv", args.data / f"{name}.parquet"):
            outs = {job: args.data / f"rules_{i}.csv" for i, job in enumerate(jobs)}
            runs = {job: [] for job in jobs}
            for turn in range(args.runs + 1):
                for job, options in jobs.items():
                    run = measure([args.binary, "price", claims, "--fees", args.data / "fees.parquet", "--threads", "2",
                                   "--group", ",".join(KEYS), "--out", outs[job], *options], stderr=subprocess.DEVNULL)
                    if turn:
                        runs[job].append(run)
            for job, measured in runs.items():
                wall, cpu, peak = (statistics.median(column) for column in zip(*measured))
                line = f"{claims.name:<24}{job:<12}{wall:>8.2f}{cpu:>8.2f}{peak:>9.0f}"
                if job != "no rules":
                    walls, cpus = ([100 * (new[i] / old[i] - 1) for new, old in zip(measured, runs["no rules"])] for i in (0, 1))
                    same, fallen = compare(outs["no rules"], outs[job])
                    differ |= not same
                    more = f"{statistics.median(cpus):+.0f} % ({min(cpus):+.0f} to {max(cpus):+.0f})"
                    line += f"{more:>26}{statistics.median(walls):>+10.0f} %{100 * fallen:>11.1f} %{'' if same else '  DIFFER'}"
                print(line, flush=True)
            found = falls_as_in_duckdb(args.binary, claims, args.data)
            differ |= not found
            print(f"{'':<24}lines that fall, by rule, {'as' if found else 'NOT as'} in DuckDB", flush=True)
    sys.exit(1 if differ else 0)


if __name__ == "__main__":
    main()
