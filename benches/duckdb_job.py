#!/usr/bin/env python3
"""The job of `allowable price --group payer_id,quarter,pos,carc` in DuckDB, with two threads.

    duckdb_job.py CLAIMS FEES.parquet OUT.csv

Amounts are written in whole cents and quarters as 4 × year + 0…3, so that no formatting can hide a difference.
"""
import sys

import duckdb

claims, fees, out = sys.argv[1:4]
MONEY = "DECIMAL(18,2)"
TYPES = {
    "claim_id": "VARCHAR", "line_number": "INTEGER", "service_date": "DATE", "payer_id": "VARCHAR", "state": "VARCHAR",
    "locality": "VARCHAR", "pos": "VARCHAR", "code": "VARCHAR", "modifiers": "VARCHAR", "units": "INTEGER",
    "billed_amount": MONEY, "allowed_amount": MONEY, "paid_amount": MONEY, "patient_amount": MONEY,
    "group_code": "VARCHAR", "carc": "VARCHAR",
}
source = f"read_parquet('{claims}')" if claims.endswith(".parquet") else \
    f"read_csv('{claims}', header = true, columns = {TYPES})"
OUTCOMES = ("denied", "under", "over", "ok", "norate")

connection = duckdb.connect()
connection.execute("SET threads = 2")
connection.execute(f"""
COPY (
  WITH keyed AS (
    SELECT *, pos IN ('02', '19', '22', '23', '24', '31') AS facility,
           CASE WHEN payer_id IN ('MCR', 'MA1', 'MA2', 'MA3') THEN locality ELSE state END AS area,
           CASE WHEN modifiers = '59' THEN '59' ELSE '' END AS modifier
    FROM {source}),
  priced AS (
    SELECT keyed.*, CAST(round(fee.rate * keyed.units, 2) AS {MONEY}) AS expected
    FROM keyed LEFT JOIN read_parquet('{fees}') AS fee
      ON keyed.payer_id = fee.payer_id AND keyed.area = fee.area AND keyed.code = fee.code
     AND keyed.modifier = fee.modifier AND keyed.facility = fee.facility
     AND keyed.service_date BETWEEN fee.effective_from AND fee.effective_to),
  judged AS (
    SELECT *, expected - allowed_amount AS variance,
           CASE WHEN carc IS NOT NULL AND paid_amount = 0 THEN 'denied' WHEN expected IS NULL THEN 'norate'
                WHEN expected > allowed_amount THEN 'under' WHEN expected < allowed_amount THEN 'over'
                ELSE 'ok' END AS outcome
    FROM priced)
  SELECT payer_id, CAST(4 * year(service_date) + quarter(service_date) - 1 AS INTEGER) AS quarter, pos, carc,
         count(*) AS n, CAST(sum(units) AS BIGINT) AS units,
         {", ".join(f"CAST(100 * sum({c}) AS BIGINT) AS {c}" for c in ("billed_amount", "allowed_amount", "paid_amount"))},
         CAST(100 * coalesce(sum(expected), 0) AS BIGINT) AS expected,
         {", ".join(f"count(*) FILTER (outcome = '{o}') AS n_{o}" for o in OUTCOMES)},
         {", ".join(f"CAST(100 * coalesce(sum(variance) FILTER (outcome = '{o}'), 0) AS BIGINT) AS v_{o}" for o in OUTCOMES[:3])}
  FROM judged GROUP BY ALL ORDER BY payer_id, quarter, pos, carc NULLS FIRST
) TO '{out}' (HEADER, DELIMITER ',')
""")
