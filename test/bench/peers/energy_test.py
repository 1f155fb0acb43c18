"""Size and power of divergence_test beside the energy test of dcor, on the same arrays: the share of RUNS runs in which the
p-value is at most .05, of normal vectors under equality and with the first column shifted. DIVERGENCES names the program
of test/bench/divergences.cpp."""
import os
import subprocess
import tempfile

import numpy as np
from dcor.homogeneity import energy_test

RUNS = int(os.environ.get("RUNS", 500))
PERMUTATIONS = 99
LEVEL = 0.05


def ours(arrays, n):
    with tempfile.NamedTemporaryFile() as file:
        arrays.astype("<f8").tofile(file.name)
        runs, rows, d = arrays.shape
        lines = subprocess.run(
            [os.environ["DIVERGENCES"], "test", file.name, str(runs), str(n), str(rows - n), str(d), str(PERMUTATIONS)],
            check=True, capture_output=True, text=True).stdout.splitlines()
    return (np.array([[float(p) for p in line.split()] for line in lines]) <= LEVEL).mean(axis=0)


def theirs(arrays, n):
    state = np.random.RandomState(1)
    return np.mean([
        energy_test(x[:n], x[n:], num_resamples=PERMUTATIONS, random_state=state).pvalue <= LEVEL for x in arrays])


wrong = 0
print(f"share of {RUNS} runs rejected at {LEVEL}, of ours without a shift of {4 * RUNS}; seed 11")
print("rows  elements  shift    mmd  energy    dcor")
random = np.random.default_rng(11)
for rows in (50, 200, 500):
    for d in (2, 20):
        for shift in (0.0, 5 / np.sqrt(rows)):
            n = rows // 2
            # Of the level more runs: .03 to .07 is four deviations then.
            arrays = random.normal(size=(RUNS if shift else 4 * RUNS, rows, d))
            arrays[:, n:, 0] += shift
            mmd, energy = ours(arrays, n)
            peer = theirs(arrays[:RUNS], n)
            print(f"{rows:4d}  {d:8d}  {shift:5.2f}  {mmd:5.3f}   {energy:5.3f}   {peer:5.3f}", flush=True)
            # Of one and the same test two rates differ by chance of the permutations alone.
            if shift == 0 and not (0.03 <= mmd <= 0.07 and 0.03 <= energy <= 0.07) and RUNS >= 500:
                wrong += 1
                print("FAILED: the level is not held")
            if shift > 0 and energy < peer - 3 * np.sqrt(0.5 / RUNS):
                wrong += 1
                print("FAILED: less power than the peer's test")
raise SystemExit(1 if wrong else 0)
