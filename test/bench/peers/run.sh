#!/bin/sh
# fairdb beside the tool that people copy their tables out to: four metrics of four groups over the same
# ROWS rows, by fairlearn's MetricFrame in Python (copying the rows included and excluded) and by one query.
# Also asserts that both find the same numbers. Needs the server of ./run peers, or PGHOST and PGPORT of
# another one, and python3 with pip. PEERS_PYTHON may name a folder in which fairlearn is installed.
set -eu
ROWS=${ROWS:-1000000}
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
packages=${PEERS_PYTHON:-$work/python}
[ -d "$packages/fairlearn" ] || python3 -m pip install -q --no-input --disable-pip-version-check --target "$packages" fairlearn
PYTHONPATH=$packages ROWS=$ROWS python3 "$here/metric_frame.py"
