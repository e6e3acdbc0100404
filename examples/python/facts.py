"""Counts over the facts of closed periods with DuckDB, in place: no server, no database.

    zhengxin facts write --network changji
    python facts.py data/facts/changji

Prints what each unit reported in each month and how much of it was adopted.
"""

import json
import sys
from pathlib import Path

import duckdb

folder = Path(sys.argv[1])
rows = duckdb.sql(
    f"""
    with reported as (
        select unit, strftime(day, '%Y-%m') as month, sum(count) as items
        from read_parquet('{folder}/submission/*.parquet') group by all
    ), adopted as (
        select unit, strftime(day, '%Y-%m') as month, count(distinct submission) as items
        from read_parquet('{folder}/adoption/*.parquet') group by all
    )
    select u.name, u.category, r.month, r.items::bigint, coalesce(a.items, 0)::bigint
    from reported r
    join read_parquet('{folder}/unit.parquet') u on u.id = r.unit
    left join adopted a on a.unit = r.unit and a.month = r.month
    order by r.unit, r.month
    """
).fetchall()
names = ["unit", "category", "month", "reported", "adopted"]
print(json.dumps([dict(zip(names, row)) for row in rows], ensure_ascii=False))
