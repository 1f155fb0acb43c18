#!/bin/sh
# Fuzzes every decoder and every form of fairdb's types for $seconds each, starting from real
# values. Read by ./run fuzz, which has started the private server. What is found is kept in build/fuzz/found.

. test/server/lib.sh
SERVER_STATE=$state
say "building the fuzz targets"
make -s -j "$(nproc 2>/dev/null || echo 2)" fuzz PG_CONFIG="$pg_config" >"$state/fuzz-build.log" 2>&1 ||
  { grep -E 'error|Error' "$state/fuzz-build.log" | head -n 20; fail "the fuzz targets do not build"; }
[ -n "$stage" ] || fail "this PostgreSQL has no staging folder for extensions: the instrumented library would replace the installed one"
# A new file: the server may hold the one before in memory.
cp build/fuzz/fairdb.so "$state/fairdb.so" && chmod 755 "$state/fairdb.so" && mv "$state/fairdb.so" "$stage$("$pg_config" --pkglibdir)/fairdb.so"
seeds=$state/seeds
found=$top/build/fuzz/found
rm -rf "$found" && mkdir -p "$found" "$seeds" "$state/found" && chmod 777 "$seeds" "$state/found"

fresh_database fuzz
sql <<'SQL'
create extension fairdb;
create function fuzz_input(type regtype, "binary" bool, use regprocedure, options text[]) returns void as '$libdir/fairdb', 'fairdb_fuzz_input' language c;
create function fuzz_bytes("value" anyelement) returns bytea as '$libdir/fairdb', 'fairdb_fuzz_bytes' language c strict;
SQL
(cd test && psql -X -q -v ON_ERROR_STOP=1 -f demo/load.sql >/dev/null)
sql -v seeds="$seeds" -f test/fuzz/seeds.sql >"$state/seeds.sh"
sh "$state/seeds.sh"

# report NAME LOG: what libFuzzer says at its end.
report() {
  runs=$(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' "$2" | tail -n 1)
  coverage=$(sed -n 's/.*cov: \([0-9]*\) .*corp: \([0-9]*\)\/.*/\1 edges, \2 inputs/p' "$2" | tail -n 1)
  ok "$1: ${runs:-no} runs, $coverage" test -n "$runs" -a -z "$(ls "$found" | grep "^$3-" || true)"
}

for target in confusion distribution model moments decision vectors graph texts; do
  log=$state/fuzz-$target.log
  build/fuzz/$target -max_total_time="$seconds" -max_len=100000 -print_final_stats=1 -artifact_prefix="$found/$target-" "$seeds/$target" >"$log" 2>&1 || tail -n 30 "$log"
  report "bytes of $target" "$log" "$target"
done

for type in confusion distribution model moments thresholds calibration vector_sample graph_embedding; do
  case $type in
    confusion) use="'fairdb.demographic_parity_difference(fairdb.confusion)'" ;;
    distribution) use="'fairdb.describe(fairdb.distribution)'" ;;
    model) use="'fairdb.describe(fairdb.model)'" ;;
    thresholds) use="'fairdb.describe(fairdb.thresholds)'" ;;
    calibration) use="'fairdb.describe(fairdb.calibration)'" ;;
    vector_sample) use="'fairdb.describe(fairdb.vector_sample)'" ;;
    graph_embedding) use="'fairdb.describe(fairdb.graph_embedding)'" ;;
    *) use=null ;;
  esac
  for form in text binary; do
    [ "$form" = binary ] && binary=true || binary=false
    corpus=$seeds/$type-$form
    chmod -R 777 "$corpus"
    tries=0
    until pg_isready -q || [ $((tries += 1)) -gt 300 ]; do sleep 0.1; done  # after a crash
    from=$(wc -l <"$state/server.log")
    # The backend ends with libFuzzer: the client loses its connection.
    psql -X -q -c "select fuzz_input('fairdb.$type', $binary, $use, array['-max_total_time=$seconds', '-max_len=100000', '-artifact_prefix=$state/found/$type-$form-', '$corpus'])" >/dev/null 2>&1 || true
    cp "$state/found/"* "$found" 2>/dev/null || true  # the server may not reach this folder
    tail -n "+$((from + 1))" "$state/server.log" >"$state/fuzz-$type-$form.log"
    report "$form form of $type" "$state/fuzz-$type-$form.log" "$type-$form"
    ls "$found" | grep -q "^$type-$form-" && tail -n 30 "$state/fuzz-$type-$form.log" || true
  done
done
ls "$found" | sed 's/^/found: /'
[ "$(ls "$found" | wc -l)" = 0 ] || fail "findings are kept in $found"
