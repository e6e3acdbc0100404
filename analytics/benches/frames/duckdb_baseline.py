"""The same sums in DuckDB, over rows of the same shape in memory: pip install duckdb, then run this file.

Prints the median of several runs in milliseconds, by unit and month, for 100,000 and 1,000,000 submissions, and with
--large for 10,000,000 as well.
"""

import statistics
import sys
import time

import duckdb

SIZES = [(100_000, 9), (1_000_000, 5)] + ([(10_000_000, 3)] if "--large" in sys.argv else [])
QUESTIONS = {
    "received": "select unit, month, count(*) from (select unit, date_trunc('month', day) as month from reported) group by all",
    "adoptions": "select unit, month, count(*) from (select unit, date_trunc('month', day) as month from adopted) group by all",
    "adopted_items": """
        select unit, month, count(distinct submission)
        from (select unit, submission, date_trunc('month', day) as month from adopted) group by all""",
}

for size, runs in SIZES:
    base = duckdb.connect()
    base.execute("set threads to 2")
    base.execute(
        f"""create table reported as
            select i as submission, 1 + (hash(i) % 3000)::bigint as unit,
                   date '2021-01-01' + (hash(i * 7 + 1) % 1826)::integer as day
            from range({size}) rows(i)"""
    )
    base.execute(
        """create table adopted as
           select submission, unit, least(day + (hash(submission + 5) % 30)::integer, date '2025-12-31') as day
           from reported where hash(submission * 3 + 2) % 3 = 0"""
    )
    for name, query in QUESTIONS.items():
        base.execute(query).fetchall()
        times = []
        for _ in range(runs):
            begin = time.perf_counter()
            base.execute(f"create or replace temp table answer as {query}")
            times.append((time.perf_counter() - begin) * 1000)
        print(f"{size:>11} {name:>15} {statistics.median(times):>9.1f}", flush=True)
