"""Times fairlearn's MetricFrame against one query of fairdb on the same rows, in turn; prints medians."""

import io
import json
import os
import statistics
import subprocess
import time

import fairlearn
import pandas
from fairlearn.metrics import (
    MetricFrame,
    false_positive_rate,
    selection_rate,
    true_positive_rate,
)
from sklearn.metrics import accuracy_score

ROWS = int(os.environ["ROWS"])
ROUNDS = 3
QUERY = """
select json_build_object('selection_rate', difference(c, 'selection_rate'), 'tpr', difference(c, 'tpr'),
                         'fpr', difference(c, 'fpr'), 'accuracy', difference(c, 'accuracy'))
from (select confusion_agg(y, p, g) as c from bench_peers) as t"""


def psql(sql):
    """Runs SQL and returns what it prints."""
    settings = "set client_min_messages to warning; set search_path to public, fairdb; "
    return subprocess.run(
        ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", settings + sql],
        check=True, stdout=subprocess.PIPE, text=True).stdout


def copy_out():
    """The table as a data frame, the way it leaves the database."""
    text = psql("copy bench_peers to stdout (format csv)")
    return pandas.read_csv(io.StringIO(text), names=["y", "p", "g"], true_values=["t"], false_values=["f"])


def metric_frame(data):
    """The differences of four metrics between groups."""
    frame = MetricFrame(
        metrics={"selection_rate": selection_rate, "tpr": true_positive_rate,
                 "fpr": false_positive_rate, "accuracy": accuracy_score},
        y_true=data["y"].to_numpy(), y_pred=data["p"].to_numpy(), sensitive_features=data["g"])
    return frame.difference().to_dict()


def timed(work, *arguments):
    start = time.perf_counter()
    result = work(*arguments)
    return result, time.perf_counter() - start


psql("create extension if not exists fairdb")
psql(f"""select setseed(0.5); drop table if exists bench_peers; create unlogged table bench_peers as
     select random() < 0.4 as y, random() < 0.5 as p, (array['a', 'b', 'c', 'd'])[1 + floor(random() * 4)::int] as g
     from generate_series(1, {ROWS})""")
psql("analyze bench_peers")
times = {"query": [], "copy": [], "frame": []}
for _ in range(ROUNDS):
    answer, seconds = timed(psql, QUERY)
    times["query"].append(seconds)
    data, seconds = timed(copy_out)
    times["copy"].append(seconds)
    expected, seconds = timed(metric_frame, data)
    times["frame"].append(seconds)
    answer = json.loads(answer)
    assert all(abs(answer[name] - value) < 1e-9 for name, value in expected.items()), (answer, expected)
psql("drop table bench_peers")
query, copy, frame = (statistics.median(times[name]) for name in ("query", "copy", "frame"))
print(f"{ROWS} rows, 4 groups, 4 metrics, the same numbers to 1e-9; fairlearn {fairlearn.__version__}")
print(f"  fairdb, one query (psql and a new connection included)  {query:8.3f} s")
print(f"  MetricFrame on rows in memory                           {frame:8.3f} s   {frame / query:7.1f} times")
print(f"  copying the rows to Python, then MetricFrame            {copy + frame:8.3f} s   {(copy + frame) / query:7.1f} times")
