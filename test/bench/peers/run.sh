#!/bin/sh
# fairdb beside the tools that people copy their tables out to, over the same ROWS rows: metrics of groups by
# fairlearn's MetricFrame, training by scikit-learn (LogisticRegression, LIBLINEAR, SVC).
# Also asserts that both find the same numbers and objectives. Needs the server of ./run peers, or PGHOST and PGPORT of
# another one, and python3 with pip. PEERS_PYTHON may name a folder in which fairlearn is installed.
set -eu
ROWS=${ROWS:-1000000}
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
packages=${PEERS_PYTHON:-$work/python}
[ -d "$packages/fairlearn" ] || python3 -m pip install -q --no-input --disable-pip-version-check --target "$packages" fairlearn scikit-learn
PYTHONPATH=$packages ROWS=$ROWS python3 "$here/metric_frame.py"
PYTHONPATH=$packages ROWS=$ROWS python3 "$here/trainers.py"
