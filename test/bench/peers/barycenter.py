"""Times fair scores against EquiPy's FairWasserstein on the same rows, in turn; prints medians."""

import io
import os
import statistics
import subprocess
import time
from importlib.metadata import version

import numpy
import pandas
from equipy.fairness import FairWasserstein

ROWS = int(os.environ["ROWS"])
ROUNDS = 3
CALIBRATE = "select distribution_agg(s, g) as d from bench_scores"
ADJUST = f"select sum(adjust(d, s, g)) from bench_scores, ({CALIBRATE}) as t"


def psql(sql):
    """Runs SQL and returns what it prints."""
    settings = ("set client_min_messages to warning; set search_path to public, fairdb; set jit to off; "
                "set max_parallel_workers_per_gather to 0; ")
    return subprocess.run(
        ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", settings + sql],
        check=True, stdout=subprocess.PIPE, text=True).stdout


def timed(work, *arguments):
    start = time.perf_counter()
    result = work(*arguments)
    return result, time.perf_counter() - start


def equipy(scores, groups):
    """Fits and transforms the same arrays, with a jitter that changes nothing."""
    method = FairWasserstein(sigma=1e-9)
    method.fit(scores, groups)
    return method.transform(scores, groups)


psql("create extension if not exists fairdb")
psql(f"""select setseed(0.5); drop table if exists bench_scores; create unlogged table bench_scores as
     select i, random() ^ g as s, (array['a', 'b', 'c'])[g] as g
     from (select i, 1 + floor(random() * 3)::int as g from generate_series(1, {ROWS}) as i) as t""")
psql("analyze bench_scores")
table = pandas.read_csv(io.StringIO(psql("copy (select s, g from bench_scores order by i) to stdout (format csv)")), names=["s", "g"])
scores, groups = table["s"].to_numpy(), table[["g"]].to_numpy()
times = {"fairdb": [], "equipy": []}
for _ in range(ROUNDS):
    total, seconds = timed(psql, ADJUST)
    times["fairdb"].append(seconds)
    fair, seconds = timed(equipy, scores, groups)
    times["equipy"].append(seconds)
ours = numpy.array(psql(f"select adjust(d, s, g) from bench_scores, ({CALIBRATE}) as t order by i").split(), dtype=float)
worst = numpy.abs(ours - fair).max()
assert worst < 0.01 and abs(ours.sum() - float(total)) < 1e-6 * ROWS, worst
psql("drop table bench_scores")
fairdb, peer = (statistics.median(times[name]) for name in ("fairdb", "equipy"))
print(f"{ROWS} rows, 3 groups, fair scores that differ by {worst:.1e} at most; EquiPy {version('equipy')}")
print(f"  distribution_agg and adjust (psql and a new connection included)  {fairdb:8.3f} s")
print(f"  FairWasserstein, fit and transform of arrays in memory            {peer:8.3f} s   {peer / fairdb:7.1f} times (limit 3)")
