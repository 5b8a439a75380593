#!/usr/bin/env python3
"""Writes a synthetic fee schedule and synthetic claim lines, always the same ones.

    generate_claims.py DIR fees          DIR/fees.csv and DIR/fees.parquet
    generate_claims.py DIR lines N       DIR/N.csv and DIR/N.parquet: two unrelated lines to a claim
    generate_claims.py DIR days N        DIR/N.days.csv and DIR/N.days.parquet: two to four lines to a claim, all of one
                                         payer, day and place: an injection with its drugs and often a visit

Nothing here is real: payers, rates and lines are drawn from a seeded generator. Needs duckdb,
numpy and pyarrow.
"""
import datetime
import sys

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


def day(text):
    return (datetime.date.fromisoformat(text) - datetime.date(1970, 1, 1)).days


FIRST, LAST, END = day("2023-01-01"), day("2025-12-31"), day("2026-12-31")
# payer: share of the lines, kind of schedule
PAYERS = {
    "MCR": (0.25, "medicare"), "MA1": (0.08, "medicare"), "MA2": (0.06, "medicare"), "MA3": (0.05, "medicare"),
    "COM1": (0.12, "commercial"), "COM2": (0.10, "commercial"), "COM3": (0.08, "commercial"),
    "COM4": (0.06, "commercial"), "COM5": (0.04, "commercial"),
    "MCD": (0.06, "medicaid"), "MCO1": (0.06, "medicaid"), "MCO2": (0.04, "medicaid"),
}
LEVEL = {"medicare": 1.0, "commercial": 1.35, "medicaid": 0.55}
STATES = ("AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK "
          "OR PA RI SC SD TN TX UT VT VA WA WV WI WY").split()
LOCALITIES = [f"{1_000_000 + 137 * i}" for i in range(109)]  # locality i lies in state i mod 50
# code: share, rate in 1/10000 dollar, drug (per unit, four decimals, new rates each quarter)
CODES = {
    "96372": (0.70, 145_000, False), "96373": (0.02, 190_000, False), "96374": (0.03, 380_000, False),
    "96375": (0.03, 155_000, False), "J3420": (0.05, 2_310, True), "J1100": (0.05, 1_275, True),
    "J0696": (0.05, 5_431, True), "99213": (0.07, 920_000, False),
}
# What stands beside the first line of a claim, for the claims of one day.
BESIDE = {"96372": 0.05, "96375": 0.05, "J3420": 0.25, "J1100": 0.20, "J0696": 0.20, "99213": 0.25}
# place of service: share, facility
PLACES = {"11": (0.55, 0), "20": (0.12, 0), "22": (0.12, 1), "31": (0.05, 1), "12": (0.04, 0), "02": (0.05, 1),
          "19": (0.03, 1), "23": (0.02, 1), "24": (0.02, 1)}
MODIFIERS = {None: 0.80, "59": 0.08, "25": 0.06, "JZ": 0.04, "59,25": 0.02}
REASONS = {"16": (0.25, "CO"), "97": (0.25, "CO"), "197": (0.15, "CO"), "50": (0.10, "PR"), "29": (0.10, "CO"),
           "18": (0.05, "OA"), "96": (0.05, "PR"), "4": (0.05, "CO")}
QUARTERS = [day(f"{y}-{m:02}-01") for y in (2023, 2024, 2025) for m in (1, 4, 7, 10)]
YEARS = [day(f"{y}-01-01") for y in (2023, 2024, 2025)]
COMMERCIAL = [day(d) for d in ("2022-07-01", "2023-07-01", "2024-03-01", "2024-12-15")]
MEDICAID = [day(d) for d in ("2023-01-01", "2023-10-01", "2024-10-01", "2025-07-01")]


def key(payer, area, code, modifier, facility):
    return (((payer * 128 + area) * 8 + code) * 2 + modifier) * 2 + facility


def schedule():
    """Rows of (payer, area, code, modifier, facility, first day, last day, rate in 1/10000 dollar)."""
    rng, rows = np.random.default_rng(7), []
    for p, (_, kind) in enumerate(PAYERS.values()):
        for area in range(len(LOCALITIES) if kind == "medicare" else len(STATES)):
            for c, (_, base, drug) in enumerate(CODES.values()):
                starts = {"commercial": COMMERCIAL, "medicaid": MEDICAID}.get(kind) or (QUARTERS if drug else YEARS)
                for modifier in (0, 1):
                    for facility in (0, 1):
                        rate = base * LEVEL[kind] * rng.uniform(0.9, 1.1) * (1, 0.72)[facility] * (1, 0.95)[modifier]
                        for i, start in enumerate(starts):
                            end = starts[i + 1] - 1 if i + 1 < len(starts) else END
                            if rng.random() < 0.01:
                                continue  # a hole: no rate in these days
                            value = int(rate * (1 + 0.03 * i))
                            rows.append((p, area, c, modifier, facility, start, end, value if drug else value // 100 * 100))
    return np.array(rows, dtype=np.int64)


def decimals(values, scale):
    wide = np.stack([values, values >> 63], axis=1).astype(np.int64)
    return pa.Array.from_buffers(pa.decimal128(18, scale), len(values), [None, pa.py_buffer(wide.tobytes())])


def pick(values, index, mask=None):
    return pa.array(values, pa.string()).take(pa.array(index, mask=mask))


def dates(days):
    return pa.array(days.astype(np.int32)).cast(pa.date32())


def write_csv(name):
    """NAME.csv from NAME.parquet, with quotes only where they are needed."""
    duckdb.sql(f"COPY (FROM '{name}.parquet') TO '{name}.csv' (HEADER)")


def write_fees(folder):
    p, area, c, modifier, facility, start, end, rate = schedule().T
    kinds = [kind for _, kind in PAYERS.values()]
    areas = [LOCALITIES[a] if kinds[q] == "medicare" else STATES[a] for q, a in zip(p, area)]
    table = pa.table({
        "payer_id": pick(list(PAYERS), p), "area": pa.array(areas), "code": pick(list(CODES), c),
        "modifier": pick(["", "59"], modifier), "facility": pa.array(facility.astype(bool)),
        "effective_from": dates(start), "effective_to": dates(end), "rate": decimals(rate, 4),
    })
    pq.write_table(table, f"{folder}/fees.parquet", compression="zstd")
    write_csv(f"{folder}/fees")


def as_days(rng, part, per_claim, code):
    """Makes claims of two to four lines: their numbers, the lines within them, and the codes; `per_claim` becomes equal
    within a claim."""
    n = len(code)
    sizes = rng.integers(2, 5, n)
    claim = np.repeat(np.arange(n), sizes)[:n]
    begins = np.searchsorted(claim, claim)
    line = np.arange(n) - begins
    others = [list(CODES).index(c) for c in BESIDE]
    code = np.where(line == 0, code, rng.choice(others, n, p=list(BESIDE.values())))
    return part * 1_000_000 + claim, line, code, [values[begins] for values in per_claim]


def write_lines(folder, count, days_of_claims=False, at_once=1_000_000):
    name = f"{folder}/{count}" + (".days" if days_of_claims else "")
    fees = schedule()
    fees = fees[np.argsort(key(*fees[:, :5].T) * 40_000 + fees[:, 5])]
    keys, last, rates = key(*fees[:, :5].T), fees[:, 6], fees[:, 7]
    begins = keys * 40_000 + fees[:, 5]
    is_medicare = np.array([kind == "medicare" for _, kind in PAYERS.values()])
    facilities = np.array([facility for _, facility in PLACES.values()])
    drugs = np.array([drug for _, _, drug in CODES.values()])
    groups = [group for _, group in REASONS.values()]
    parquet = None
    for part, first in enumerate(range(0, count, at_once)):
        rng, n = np.random.default_rng(2000 + part), min(at_once, count - first)
        number = np.arange(first, first + n)
        payer = rng.choice(len(PAYERS), n, p=[share for share, _ in PAYERS.values()])
        place = rng.choice(len(PLACES), n, p=[share for share, _ in PLACES.values()])
        code = rng.choice(len(CODES), n, p=[share for share, _, _ in CODES.values()])
        modifier = rng.choice(len(MODIFIERS), n, p=list(MODIFIERS.values()))
        reason = rng.choice(len(REASONS), n, p=[share for share, _ in REASONS.values()])
        days, locality = rng.integers(FIRST, LAST + 1, n), rng.integers(0, len(LOCALITIES), n)
        claim_number, line = number // 2, number % 2
        if days_of_claims:
            claim_number, line, code, (payer, place, days, locality) = as_days(
                rng, part, (payer, place, days, locality), code)
        state = locality % len(STATES)
        units = np.where(drugs[code], rng.integers(1, 13, n), 1)
        # What the schedule pays: rate × units, half up to the cent; 10.00 where it has no rate.
        area = np.where(is_medicare[payer], locality, state)
        wanted = key(payer, area, code, (modifier == 1).astype(int), facilities[place])
        at = np.searchsorted(begins, wanted * 40_000 + days, side="right") - 1
        known = (at >= 0) & (keys[at] == wanted) & (last[at] >= days)
        expected = np.where(known, (rates[at] * units + 50) // 100, 1000)
        # 11 % denied, 6 % allowed too little, 2 % too much.
        luck = rng.random(n)
        denied, under, over = luck < 0.11, (luck >= 0.11) & (luck < 0.17), (luck >= 0.17) & (luck < 0.19)
        allowed = np.where(under, expected * rng.integers(60, 99, n) // 100, expected)
        allowed = np.where(over, expected * 110 // 100, allowed)
        allowed = np.where(denied, 0, allowed)
        patient = allowed * rng.choice([0, 0, 0, 20], n) // 100
        claim = np.char.add("C", np.char.zfill(claim_number.astype("U10"), 10))
        table = pa.table({
            "claim_id": pa.array(claim), "line_number": pa.array((line + 1).astype(np.int32)),
            "service_date": dates(days), "payer_id": pick(list(PAYERS), payer), "state": pick(STATES, state),
            "locality": pick(LOCALITIES, locality), "pos": pick(list(PLACES), place), "code": pick(list(CODES), code),
            "modifiers": pick(list(MODIFIERS), modifier), "units": pa.array(units.astype(np.int32)),
            "billed_amount": decimals(expected * rng.integers(2, 5, n), 2), "allowed_amount": decimals(allowed, 2),
            "paid_amount": decimals(allowed - patient, 2), "patient_amount": decimals(patient, 2),
            "group_code": pick(groups, reason, ~denied), "carc": pick(list(REASONS), reason, ~denied),
        })
        if parquet is None:
            parquet = pq.ParquetWriter(f"{name}.parquet", table.schema, compression="zstd")
        parquet.write_table(table, row_group_size=500_000)
    parquet.close()
    write_csv(name)


if __name__ == "__main__":
    if sys.argv[2] == "fees":
        write_fees(sys.argv[1])
    else:
        write_lines(sys.argv[1], int(sys.argv[3]), sys.argv[2] == "days")
