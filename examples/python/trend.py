"""Draws how reporting develops: signs in, counts items page by page, downloads the figures as Parquet, draws the trend.

    export ZHENGXIN_PASSWORD=…
    python trend.py --server http://127.0.0.1:8080 --login demo.analyst --network changji --from 2025-01 --to 2025-12

Writes trend.parquet and trend.png, and prints what it found. polars reads the file; pandas reads it the same way:
`pandas.read_parquet("trend.parquet")`, and DuckDB in place: `duckdb.sql("select * from 'trend.parquet'")`.
"""

import argparse
import getpass
import json
import os
from collections import Counter
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as pyplot
import polars

from client import Client


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", default="http://127.0.0.1:8080")
    parser.add_argument("--login", required=True)
    parser.add_argument("--network", required=True, help="code of the network")
    parser.add_argument("--from", dest="first", required=True, help="first month, such as 2025-01")
    parser.add_argument("--to", dest="last", required=True, help="last month")
    parser.add_argument("--into", type=Path, default=Path("."), help="folder for the files")
    parser.add_argument("--page", type=int, default=100, help="rows per page, 1 to 100")
    return parser.parse_args()


def main():
    wanted = arguments()
    wanted.into.mkdir(parents=True, exist_ok=True)
    client = Client(wanted.server, wanted.into / "session.json")
    if client.session is None:
        client.sign_in(wanted.login, os.environ.get("ZHENGXIN_PASSWORD") or getpass.getpass("密码："))
    network = client.ask("query($code: String!) { network(code: $code) { id name } }", {"code": wanted.network})
    network = network["network"]

    # Every item, page by page: what a table of the items themselves would be made of.
    states = Counter(
        item["state"] for item in client.pages("submissions", f'network: "{network["id"]}"', "id state", wanted.page)
    )

    # The figures, computed by the server; nothing is counted twice or by other rules than the office's own.
    question = {
        "analytics": {
            "network": network["id"],
            "measures": ["SUBMITTED", "ADOPTED_ITEMS", "ADOPTION_RATE"],
            "period": {"from": wanted.first, "to": wanted.last},
            "splitBy": "MONTH",
            "compare": [{"sameLastYear": True}],
        }
    }
    manifest = client.export(question, "PARQUET", wanted.into / "trend.parquet")
    frame = polars.read_parquet(wanted.into / "trend.parquet")
    draw(frame, network["name"], wanted.into / "trend.png")
    found = {
        "items": sum(states.values()),
        "months": frame.height,
        "submitted": frame["submitted"].sum(),
        "adoptedItems": frame["adopted_items"].sum(),
        "bestRate": str(frame["adoption_rate"].max()),
        "dataVersion": manifest["dataVersion"],
    }
    print(json.dumps(found, ensure_ascii=False))


def draw(frame, name, path):
    # The fonts that offices have; without one of them only the labels suffer.
    matplotlib.rcParams["font.sans-serif"] = ["Noto Sans CJK SC", "Noto Sans CJK JP", "Microsoft YaHei", "SimHei"]
    figure, axes = pyplot.subplots(figsize=(10, 5))
    months = frame["period"].to_list()
    axes.plot(months, frame["submitted"].to_list(), marker="o", label="报送数")
    axes.plot(months, frame["submitted_last_year_base"].to_list(), linestyle="--", label="上年同期")
    axes.plot(months, frame["adopted_items"].to_list(), marker="s", label="采用条数")
    axes.set_title(name)
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend()
    axes.tick_params(axis="x", rotation=45)
    figure.tight_layout()
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main()
