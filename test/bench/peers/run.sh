#!/bin/sh
# fairdb beside the tools that people copy their tables out to, over the same ROWS rows: metrics of groups and thresholds by
# fairlearn (MetricFrame, ThresholdOptimizer), training by scikit-learn (LogisticRegression, LIBLINEAR, SVC), fair scores by EquiPy, divergences by geomloss and
# POT, the test of energy by dcor, embeddings of graphs by torch and TorchBigGraph; readers of erased persons by scikit-learn, and with
# FILTERS=1 adversarial filters in torch, which take three quarters of an hour.
# Also asserts that both find the same numbers and objectives. Needs the server of ./run peers, or PGHOST and PGPORT of
# another one, and python3 with pip. PEERS_PYTHON may name a folder in which fairlearn is installed.
set -eu
ROWS=${ROWS:-1000000}
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
packages=${PEERS_PYTHON:-$work/python}
# EquiPy is told apart from the others: its own list of requirements is another one.
for name in "fairlearn scikit-learn" equipy "geomloss torch POT" dcor torchbiggraph; do
  # shellcheck disable=SC2086  # two packages
  [ -d "$packages/${name%% *}" ] || python3 -m pip install -q --no-input --disable-pip-version-check --target "$packages" $name
done
PYTHONPATH=$packages ROWS=$ROWS python3 "$here/metric_frame.py"
PYTHONPATH=$packages python3 "$here/thresholds.py"
PYTHONPATH=$packages ROWS=$ROWS python3 "$here/trainers.py"
PYTHONPATH=$packages ROWS=$ROWS python3 "$here/barycenter.py"
# Without a server: the program is built where ./run has built the library.
DIVERGENCES=$here/../../build/divergences PYTHONPATH=$packages python3 "$here/divergences.py"
DIVERGENCES=$here/../../build/divergences PYTHONPATH=$packages python3 "$here/energy_test.py"
[ -n "${FAIRDB_DATA:-}" ] || exit 0
GRAPHS=$here/../../build/graphs PYTHONPATH=$packages python3 "$here/graph_epoch.py"
PYTHONPATH=$packages python3 "$here/erased_persons.py"
[ -z "${FILTERS:-}" ] || PYTHONPATH=$packages python3 "$here/adversarial_filters.py"
