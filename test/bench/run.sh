#!/bin/sh
# Speed against the limits that the project sets itself: ratios of medians, both sides measured in turn
# on the same table in one run. Needs the server of ./run bench, or PGHOST and PGPORT of another one.
# ROWS and ROUNDS may be set; the limits are meant for ROWS=10000000.
set -eu
ROWS=${ROWS:-10000000}
ROUNDS=${ROUNDS:-5}
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

quiet() { PGOPTIONS='-c client_min_messages=warning -c search_path=public,fairdb' psql -X -q -v ON_ERROR_STOP=1 "$@" >/dev/null; }

# in_turn SETTINGS A B: the times of both queries, run in turn in one session, into $work/times.
in_turn() {
  {
    printf '%s\n' "set search_path to public, fairdb; set jit to off; set max_parallel_workers_per_gather to 0; $1"
    printf '%s;\n' "$2" "$3" # a warm-up of both
    printf '%s\n' '\timing on'
    round=0
    while [ "$round" -lt "$ROUNDS" ]; do
      printf '%s;\n' "$2" "$3"
      round=$((round + 1))
    done
  } >"$work/compare.sql"
  psql -X -q -A -t -v ON_ERROR_STOP=1 -f "$work/compare.sql" | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p' >"$work/times"
}

# medians NAME LIMIT END: runs the awk statements END with the medians ma and mb of the times.
medians() {
  awk -v name="$1" -v limit="$2" -v rounds="$ROUNDS" '
    NR % 2 { a[(NR + 1) / 2] = $1; next } { b[NR / 2] = $1 }
    function median(x, n,   i, j, t) {
      for (i = 2; i <= n; i++) for (j = i; j > 1 && x[j] < x[j - 1]; j--) { t = x[j]; x[j] = x[j - 1]; x[j - 1] = t }
      return n % 2 ? x[(n + 1) / 2] : (x[n / 2] + x[n / 2 + 1]) / 2
    }
    END {
      if (NR != 2 * rounds) { print "FAILED: " name; exit 1 }
      ma = median(a, rounds); mb = median(b, rounds)
      '"$3"'
    }' "$work/times"
}

# compare NAME LIMIT SETTINGS A B: the median time of A over that of B.
compare() {
  in_turn "$3" "$4" "$5"
  medians "$1" "$2" 'printf "%-66s %9.1f ms %9.1f ms  ratio %5.2f  limit %s\n", name, ma, mb, ma / mb, limit'
}

# per_row NAME LIMIT SETTINGS A B N: what A takes more than B for each of N rows.
per_row() {
  in_turn "$3" "$4" "$5"
  medians "$1" "$2" 'printf "%-66s %9.1f ms %9.1f ms  %6.0f ns  limit %s ns\n", name, ma, mb, (ma - mb) / '"$6"' * 1e6, limit'
}

milliseconds() { # milliseconds NAME LIMIT QUERY: the median time of a query
  {
    printf '%s\n' "set search_path to public, fairdb; set jit to off; $3;" '\timing on'
    round=0
    while [ "$round" -lt "$ROUNDS" ]; do
      printf '%s;\n' "$3"
      round=$((round + 1))
    done
  } >"$work/time.sql"
  psql -X -q -A -t -v ON_ERROR_STOP=1 -f "$work/time.sql" | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p' | sort -n |
    awk -v name="$1" -v limit="$2" '{ t[NR] = $1 } END { printf "%-66s %9.1f ms               limit %s ms\n", name, t[int((NR + 1) / 2)], limit }'
}

memory() { # memory NAME QUERY: what HashAggregate reports, in kB
  psql -X -q -A -t -c "set search_path to public, fairdb; set work_mem to '2GB'; set max_parallel_workers_per_gather to 0;
    explain (analyze, costs off, timing off) $2" | sed -n 's/.*Memory Usage: \([0-9]*\)kB.*/\1/p'
}

quiet -c "create extension if not exists fairdb"
# shellcheck source=/dev/null
for bench in "$here"/*.bench; do
  echo "# $(sed -n '1s/^# //p' "$bench")"
  . "$bench"
done
