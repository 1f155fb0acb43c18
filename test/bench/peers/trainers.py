"""Times fairdb's trainers against scikit-learn on the same rows, in turn; prints medians and objectives."""

import io
import os
import statistics
import subprocess
import time

import numpy
import pandas
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC, LinearSVC

ROWS = int(os.environ["ROWS"])
KERNEL_ROWS = 10000
ROUNDS = 3
FEATURES = [f"x{j}" for j in range(1, 21)]


def psql(sql):
    """Runs SQL and returns what it prints."""
    settings = ("set client_min_messages to warning; set search_path to public, fairdb; "
                "set maintenance_work_mem to '1GB'; ")
    return subprocess.run(
        ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", settings + sql],
        check=True, stdout=subprocess.PIPE, text=True).stdout


def copy_out():
    """The table as standardised numbers, the way it leaves the database."""
    data = pandas.read_csv(io.StringIO(psql("copy (select * from bench_trainers order by i) to stdout (format csv)")), header=None,
                           true_values=["t"], false_values=["f"])
    x = data.iloc[:, :20].to_numpy()
    y = numpy.where(data.iloc[:, 20].to_numpy(), 1.0, -1.0)
    return (x - x.mean(axis=0)) / x.std(axis=0), y


def objective(loss, w, b, x, y, c):
    """1/2 |w|^2 + c sum loss, what fairdb reports."""
    margin = y * (x @ w + b)
    losses = numpy.logaddexp(0, -margin) if loss == "logistic" else numpy.maximum(0, 1 - margin)
    return 0.5 * w @ w + c * losses.sum()


def train(function, source, **arguments):
    """Trains without a constraint, as the peers do, and returns the objective."""
    options = "".join(f", {name} => {value}" for name, value in arguments.items())
    return float(psql(f"select describe({function}('{source}', 'hired', '{{g}}', '{{{','.join(FEATURES)}}}', "
                      f"fairness => 'none'{options}))->'training'->'objective'"))


def timed(work, *arguments, **options):
    start = time.perf_counter()
    result = work(*arguments, **options)
    return result, time.perf_counter() - start


def median(times):
    return statistics.median(times)


psql("create extension if not exists fairdb")
normal = " + ".join(["random()"] * 4) + " - 2"
columns = ", ".join(f"{normal} as {name}" for name in FEATURES)
psql(f"""select setseed(0.5); drop table if exists bench_trainers; create unlogged table bench_trainers as
     select {', '.join(FEATURES)}, x1 - x2 + x3 * x4 + {normal} > 0.3 as hired, (array['a', 'b'])[1 + i % 2] as g, i
     from (select i, {columns} from generate_series(1, {ROWS}) as i offset 0) as t""")
psql("analyze bench_trainers")

times = {name: [] for name in ("logistic", "copy", "peer", "hinge", "liblinear")}
for _ in range(ROUNDS):
    ours, seconds = timed(train, "train_linear", "bench_trainers", c=1)
    times["logistic"].append(seconds)
    (x, y), seconds = timed(copy_out)
    times["copy"].append(seconds)
    model, seconds = timed(LogisticRegression(C=1, tol=1e-6, max_iter=1000).fit, x, y)
    times["peer"].append(seconds)
    theirs = objective("logistic", model.coef_[0], model.intercept_[0], x, y, 1)
    assert ours < theirs * (1 + 1e-6), (ours, theirs)
print(f"{ROWS} rows x 20, scikit-learn {sklearn.__version__}, medians of {ROUNDS}")
whole = median(times["copy"]) + median(times["peer"])
print(f"  logistic   fairdb {median(times['logistic']):8.2f} s, copy and LogisticRegression {whole:8.2f} s: "
      f"{whole / median(times['logistic']):6.1f} times (limit 5); objective {ours:.4f}, theirs {theirs:.4f}")

hinge, seconds = timed(train, "train_linear", "bench_trainers", loss="'hinge'", c=0.1)
times["hinge"].append(seconds)
# LIBLINEAR penalises the intercept as a further feature: scaled up, that vanishes.
peer, seconds = timed(LinearSVC(loss="hinge", C=0.1, intercept_scaling=10, max_iter=1000).fit, x, y)
theirs = objective("hinge", peer.coef_[0], peer.intercept_[0], x, y, 0.1)
print(f"  hinge      fairdb {times['hinge'][0]:8.2f} s, LIBLINEAR in memory {seconds:8.2f} s: "
      f"{seconds / times['hinge'][0]:6.1f} times (limit 1); objective {hinge:.4f}, theirs {theirs:.4f}")
assert hinge < theirs * (1 + 1e-6), (hinge, theirs)

x, y = x[:KERNEL_ROWS], y[:KERNEL_ROWS]
x = (x - x.mean(axis=0)) / x.std(axis=0)
source = f"select * from bench_trainers where i <= {KERNEL_ROWS}"
kernel = {"ours": [], "theirs": []}
for _ in range(ROUNDS):
    ours, seconds = timed(train, "train_kernel", source, gamma=0.05, c=1)
    kernel["ours"].append(seconds)
    peer, seconds = timed(SVC(C=1, gamma=0.05).fit, x, y)
    kernel["theirs"].append(seconds)
alpha = peer.dual_coef_[0]
squares = (peer.support_vectors_ ** 2).sum(axis=1)
gram = numpy.exp(-0.05 * (squares[:, None] + squares[None, :] - 2 * peer.support_vectors_ @ peer.support_vectors_.T))
theirs = 0.5 * alpha @ gram @ alpha + numpy.maximum(0, 1 - y * peer.decision_function(x)).sum()
print(f"  rbf, {KERNEL_ROWS} rows  fairdb {median(kernel['ours']):8.2f} s, SVC in memory {median(kernel['theirs']):8.2f} s: "
      f"{median(kernel['theirs']) / median(kernel['ours']):6.2f} times (limit 1); objective {ours:.4f}, theirs {theirs:.4f}")
psql("drop table bench_trainers")
