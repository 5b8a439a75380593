#!/usr/bin/env python3
"""Measures `allowable forecast --series` on a panel of monthly series and prints the table of forecast_panel/README.md.

    cargo build --release
    benches/forecast_panel.py                                    # the test series
    benches/forecast_panel.py --split development
    benches/forecast_panel.py --files target/prescriptions.csv.gz --statsforecast
    benches/forecast_panel.py --rival "before=OTHER/allowable forecast --series {file} --horizon {horizon} --format csv"

The program is run as a user runs it: for each panel and origin it gets one file with 120 months of every series before the
origin, and what it prints is compared with the 12 months after. Seasonal naive is computed here. Nothing of the outcome
is in the files it reads.
"""

import argparse
import csv
import gzip
import io
import math
import shlex
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).parent / "forecast_panel"
HISTORY, HORIZON = 120, 12
# Months of outcome known at each origin: the last year, and the years that end four and eight years earlier.
ORIGINS = (12, 60, 108)
# Series with fewer months end their windows closer together.
CLOSER = (12, 36, 60)


def panels(paths, split):
    """{panel: {series: values}} of the files and of the invented claims."""
    found = defaultdict(dict)
    for path in paths:
        text = gzip.open(path, "rt").read() if str(path).endswith(".gz") else Path(path).read_text()
        for row in csv.DictReader(io.StringIO(text)):
            if row["split"] in ("", split):
                values = [float(v) for v in row["values"].split()]
                if still(values) < 0.5:
                    found[row["panel"]][row["series"]] = (row["first"], values)
    return found


def still(values):
    """Share of months that repeat the month before: a pegged price is not forecast but known."""
    return sum(a == b for a, b in zip(values, values[1:])) / (len(values) - 1)


def windows(series):
    """For each origin the histories and outcomes of all series."""
    shortest = min(len(values) for _, values in series.values())
    for back in ORIGINS if shortest >= HISTORY + max(ORIGINS) else CLOSER:
        known, came = {}, {}
        for name, (first, values) in series.items():
            cut = len(values) - back
            start = max(0, cut - HISTORY)
            year, month = map(int, first.split("-"))
            known[name] = (year * 12 + month - 1 + start, values[start:cut])
            came[name] = values[cut : cut + HORIZON]
        yield back, known, came


def write(path, known):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["series", "t", "y"])
        for name, (first, values) in known.items():
            for i, value in enumerate(values):
                month = first + i
                writer.writerow([name, f"{month // 12}-{month % 12 + 1:02}", repr(value)])


def run(command, path):
    words = [w.format(file=path, horizon=HORIZON) for w in shlex.split(command)]
    start = time.monotonic()
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    spent = time.monotonic() - start
    found = defaultdict(list)
    for row in csv.DictReader(io.StringIO(done.stdout)):
        found[row["series"]].append({k: float(v) for k, v in row.items() if k not in ("series", "step")})
    return found, spent, done.stderr.strip()


def seasonal_naive(known):
    found = {}
    for name, (_, y) in known.items():
        differences = [a - b for a, b in zip(y[12:], y)]
        spread = math.sqrt(sum(d * d for d in differences) / len(differences))
        steps = []
        for i in range(HORIZON):
            step = {"mean": y[len(y) - 12 + i % 12]}
            for level, z in ((50, 0.6745), (80, 1.2816), (95, 1.96)):
                half = z * spread * math.sqrt(i // 12 + 1)
                step[f"lo{level}"], step[f"hi{level}"] = step["mean"] - half, step["mean"] + half
            steps.append(step)
        found[name] = steps
    return found


def auto_ets(known):
    """AutoETS of the Python package statsforecast."""
    import numpy
    from statsforecast.models import AutoETS

    found = {}
    for name, (_, y) in known.items():
        try:
            made = AutoETS(season_length=12).forecast(numpy.array(y), HORIZON, level=[50, 80, 95])
        except Exception:
            # As that package advises for what ETS cannot take: seasonal naive.
            found.update(seasonal_naive({name: (0, y)}))
            continue
        steps = []
        for i in range(HORIZON):
            step = {"mean": made["mean"][i]}
            for level in (50, 80, 95):
                step[f"lo{level}"], step[f"hi{level}"] = made[f"lo-{level}"][i], made[f"hi-{level}"][i]
            steps.append(step)
        found[name] = steps
    return found


class Sums:
    def __init__(self):
        self.series, self.mase, self.smape, self.msis = 0, 0.0, 0.0, 0.0
        self.inside = {50: 0, 80: 0, 95: 0}
        self.by_step = [0] * HORIZON

    def add(self, history, actual, steps):
        scale = sum(abs(a - b) for a, b in zip(history[12:], history)) / (len(history) - 12)
        if scale == 0:
            return
        self.series += 1
        self.mase += sum(abs(a - s["mean"]) for a, s in zip(actual, steps)) / HORIZON / scale
        sizes = [(abs(a - s["mean"]), abs(a) + abs(s["mean"])) for a, s in zip(actual, steps)]
        self.smape += sum(200 * off / size for off, size in sizes if size > 0) / HORIZON
        for i, (a, s) in enumerate(zip(actual, steps)):
            for level in self.inside:
                inside = s[f"lo{level}"] <= a <= s[f"hi{level}"]
                self.inside[level] += inside
                self.by_step[i] += inside and level == 95
            outside = max(0.0, s["lo95"] - a) + max(0.0, a - s["hi95"])
            self.msis += (s["hi95"] - s["lo95"] + 40 * outside) / HORIZON / scale

    def row(self):
        n = self.series
        cover = [100 * self.inside[level] / n / HORIZON for level in (50, 80, 95)]
        steps = [100 * self.by_step[i] / n for i in (0, 5, 11)]
        return [self.mase / n, self.smape / n, *cover, *steps, self.msis / n]


def show(name, rows):
    mean = [sum(column) / len(rows) for column in zip(*rows)]
    mase, smape, c50, c80, c95, h1, h6, h12, msis = mean
    print(f"| {name} | {mase:.3f} | {smape:.1f} | {c50:.1f} | {c80:.1f} | {c95:.1f} | {h1:.0f} / {h6:.0f} / {h12:.0f} | {msis:.2f} |")


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--program", default="target/release/allowable forecast --series {file} --horizon {horizon} --format csv")
    args.add_argument("--rival", action="append", default=[], help="NAME=COMMAND that prints the same columns")
    args.add_argument("--statsforecast", action="store_true", help="AutoETS of statsforecast (pip install statsforecast)")
    args.add_argument("--split", default="test", choices=["test", "development"])
    args.add_argument("--files", nargs="*", default=[], help="further panels")
    args.add_argument("--panels", nargs="*", help="only these")
    args.add_argument("--single", type=int, help="forecast one series at a time, the first so many of each panel")
    args = args.parse_args()
    seed, many = (2, 200) if args.split == "test" else (1, 120)
    with tempfile.TemporaryDirectory() as folder:
        claims = Path(folder) / "claims.csv"
        made = subprocess.run([sys.executable, HERE / "claims.py", str(seed), str(many)], capture_output=True, check=True)
        claims.write_bytes(made.stdout)
        found = panels([HERE / "panel.csv.gz", claims, *args.files], args.split)
        names = ["seasonal naive", *(["AutoETS (statsforecast)"] if args.statsforecast else [])]
        rivals = dict(r.split("=", 1) for r in args.rival)
        names += [*rivals, "allowable"]
        total = {name: [] for name in names}
        for panel, series in sorted(found.items()):
            if args.panels and panel not in args.panels:
                continue
            sums = {name: defaultdict(Sums) for name in names}
            for back, known, came in windows(series):
                if args.single:
                    known = dict(list(known.items())[: args.single])
                path = Path(folder) / "series.csv"
                made = {"seasonal naive": seasonal_naive(known)}
                if args.statsforecast:
                    made["AutoETS (statsforecast)"] = auto_ets(known)
                for name, command in {**rivals, "allowable": args.program}.items():
                    if args.single:
                        made[name] = {}
                        for one, values in known.items():
                            write(path, {one: values})
                            made[name].update(run(command, path)[0])
                        continue
                    write(path, known)
                    made[name], spent, note = run(command, path)
                    print(f"{panel} {back}: {name}, {len(known)} series, {spent:.1f} s: {note}", file=sys.stderr)
                for name, forecasts in made.items():
                    for one, steps in forecasts.items():
                        sums[name][back].add(known[one][1], came[one], steps)
            print(f"\n{panel}: {len(known)} series, {len(sums['seasonal naive'])} origins\n")
            print("| model | MASE | sMAPE % | 50 % | 80 % | 95 % | 95 % at 1 / 6 / 12 | MSIS |\n|---|---|---|---|---|---|---|---|")
            for name in names:
                rows = [s.row() for s in sums[name].values()]
                show(name, rows)
                total[name].append([sum(column) / len(rows) for column in zip(*rows)])
            by_origin = ", ".join(f"{s.row()[4]:.1f}" for s in sums["allowable"].values())
            print(f"\n95 % by origin: {by_origin}")
        print("\nmean of the panels\n")
        print("| model | MASE | sMAPE % | 50 % | 80 % | 95 % | 95 % at 1 / 6 / 12 | MSIS |\n|---|---|---|---|---|---|---|---|")
        for name in names:
            show(name, total[name])


if __name__ == "__main__":
    main()
