#!/usr/bin/env python3
"""Invents monthly claim counts: claims.csv, same columns as panel.csv.gz. Not real; the seed decides all of it.

    ./claims.py SEED SERIES > claims.csv

A series has a level between 3 and 3,000 claims a month, working days, a season (a winter rise or none), slow growth or decline,
a level that wanders, scatter beyond Poisson (negative binomial), and with some probability: level shifts (a contract won or
lost), a closure with months near zero, single odd months.
"""

import csv
import datetime
import math
import random
import sys

MONTHS = 228


def business_days(month):
    day, days = datetime.date(month // 12, month % 12 + 1, 1), 0
    while day.year * 12 + day.month - 1 == month:
        days += day.weekday() < 5
        day += datetime.timedelta(1)
    return days


def poisson(chance, mean):
    if mean > 500:
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))
    n, product, limit = 0, chance.random(), math.exp(-mean)
    while product > limit:
        n += 1
        product *= chance.random()
    return n


def series(chance, first):
    level = math.log(3) + chance.random() * math.log(1000)
    growth = chance.gauss(0, 0.004) if chance.random() < 0.6 else 0.0
    wander = chance.choice([0.0, 0.01, 0.02, 0.04])
    height = chance.choice([0.0, 0.05, 0.15, 0.3])
    peak = chance.choice([0, 1, 9, 10, 11]) + chance.gauss(0, 0.5)
    december = chance.choice([0.0, -0.1, 0.1])
    shifts = {chance.randrange(MONTHS): chance.gauss(0, 0.35) for _ in range(chance.choice([0, 0, 0, 1, 1, 2]))}
    closed = range(0)
    if chance.random() < 0.1:
        at = chance.randrange(MONTHS)
        closed = range(at, at + chance.randrange(2, 5))
    scatter = chance.choice([0.0, 0.03, 0.08, 0.15])
    daily = chance.random() < 0.8
    noise, counts = 0.0, []
    for t in range(MONTHS):
        level += growth + chance.gauss(0, wander) + shifts.get(t, 0.0)
        # Growth does not go on for ever.
        growth *= 0.995
        month = first + t
        season = height * math.cos(2 * math.pi * (month % 12 - peak) / 12) + (december if month % 12 == 11 else 0.0)
        mean = math.exp(min(level, 12.0) + season) * (business_days(month) / 21 if daily else 1.0)
        if t in closed:
            mean *= 0.1
        if scatter:
            mean *= chance.gammavariate(1 / scatter**2, scatter**2)
        if chance.random() < 0.005:
            mean *= chance.choice([0.3, 2.0])
        counts.append(poisson(chance, mean))
    return counts


def main(seed, many):
    chance = random.Random(seed)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["split", "panel", "series", "first", "values"])
    for n in range(many):
        first = 2005 * 12 + chance.randrange(24)
        counts = series(chance, first)
        writer.writerow(["", "claims", f"claims-{seed}-{n}", f"{first // 12}-{first % 12 + 1:02}", " ".join(map(str, counts))])


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
