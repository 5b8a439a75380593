#!/usr/bin/env python3
"""Counts the lines of generated claims that fall, by rule, with a query in DuckDB. The query is written from the words of
the rules (datasets/payability), of those for all payers that can concern the codes of generate_claims.py.

    rules_duckdb.py CLAIMS

Prints a JSON object. A claim never stands in two places of a generated file.
"""
import json
import sys

import duckdb

claims = sys.argv[1]
source = f"read_parquet('{claims}')" if claims.endswith(".parquet") else f"read_csv('{claims}', all_varchar = true)"
INJECTION = "code IN ('96372', '96373', '96374', '96375')"


def on_day(condition):
    return f"bool_or({condition}) OVER day"


rows = duckdb.sql(f"""
WITH lines AS (
  SELECT claim_id, CAST(service_date AS DATE) AS service_date, payer_id, pos, code, CAST(line_number AS INTEGER) AS line,
         list_contains(string_split(coalesce(modifiers, ''), ','), '25') AS has_25,
         list_contains(string_split(coalesce(modifiers, ''), ','), '59') AS has_59
  FROM {source}),
days AS (
  SELECT *, {on_day("code = '96372'")} AS injected, {on_day("code = '96374'")} AS pushed,
         {on_day("code = '96374' AND NOT has_59")} AS pushed_without_59,
         min(line) FILTER (code = '96374') OVER day AS first_push
  FROM lines WINDOW day AS (PARTITION BY claim_id, service_date, payer_id))
SELECT CASE
  WHEN {INJECTION} AND pos IN ('02', '10') THEN 'telehealth-place'
  WHEN {INJECTION} AND has_25 THEN 'modifier-25-on-injection'
  WHEN code = '99213' AND NOT has_25 AND injected THEN 'ncci-office-visit'
  WHEN code = '96372' AND NOT has_59 AND pushed_without_59 THEN 'ncci-infusion'
  WHEN code = '96375' AND NOT pushed THEN 'add-on-push-no-parent'
  WHEN code = '96374' AND NOT has_59 AND line > first_push THEN 'one-initial-service'
END AS rule, count(*) FROM days GROUP BY rule HAVING rule IS NOT NULL""").fetchall()
print(json.dumps(dict(rows)))
