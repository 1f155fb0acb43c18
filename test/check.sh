# Every test, one suite after the other; read by ./run check, which has built fairdb and started the
# private server. Each suite adds to the counts; the last line sums them up.
passed=0 failed=0 skipped=0

# count PASSED FAILED SKIPPED: adds the results of a suite and shows them.
count() {
  passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
  printf '%s passed, %s failed%s\n' "$1" "$2" "$([ "$3" = 0 ] || printf ', %s skipped' "$3")"
}

# A suite that printed nothing that can be counted has failed, whatever it thinks of itself.
count_or_fail() {
  if [ $(($1 + $2 + $3)) = 0 ]; then count 0 1 0; else count "$@"; fi
}

lines() { grep -c -E "$1" "$2" || true; }

# once NAME COMMAND...: one test, passed when the command is.
once() {
  name=$1
  shift
  if "$@" >"$state/once.log" 2>&1; then
    echo "ok - $name" && count 1 0 0
  else
    tail -n 30 "$state/once.log"
    echo "not ok - $name" && count 0 1 0
  fi
}

say "the regression schedule names every test"
once "schedule" make -s check-schedule PG_CONFIG="$pg_config"

say "only the server's entry points are exported"
exported() {
  ! nm -D --defined-only fairdb.so | awk '{print $3}' | grep -v -x -E 'Pg_magic_func|_PG_init|(pg_finfo_)?fairdb_[a-z0-9_]+'
}
once "exports" exported

say "unit tests of the mathematics, under the address and undefined-behaviour sanitizers"
make -s -j "$(nproc 2>/dev/null || echo 2)" build/unit/tests PG_CONFIG="$pg_config" ${CI:+WERROR=1} >"$state/unit-build.log" 2>&1 ||
  grep -E 'error|Error' "$state/unit-build.log" | head -n 20
build/unit/tests >"$state/unit.log" 2>&1 || grep -E -B 30 '^\[  FAILED|ERROR: ' "$state/unit.log" | tail -n 80
count_or_fail "$(lines '^\[       OK \]' "$state/unit.log")" \
  "$(($(lines '^\[ RUN      \]' "$state/unit.log") - $(lines '^\[       OK \]|^\[  SKIPPED \]' "$state/unit.log")))" \
  "$(lines '^\[  SKIPPED \] .* ms' "$state/unit.log")"

say "regression tests in SQL"
if [ -n "${FAIRDB_DATA:-}" ]; then
  data_skipped=0
else
  data_skipped=$(ls test/sql/data_*.sql | wc -l)
  echo "$data_skipped tests on published data skipped: no FAIRDB_DATA"
fi
make -s installcheck PG_CONFIG="$pg_config" >"$state/regress.log" 2>&1 || cat regression.diffs "$state/regress.log" 2>/dev/null | tail -n 100
count_or_fail "$(lines '^(test .*\.\.\. ok|ok [0-9])' "$state/regress.log")" \
  "$(lines '^(test .*\.\.\. FAILED|not ok [0-9])' "$state/regress.log")" "$data_skipped"

# Scripts that print TAP lines: ok, not ok, ok # skip.
for script in test/server/*.sh; do
  case $script in */lib.sh) continue ;; esac
  say "$script: $(sed -n '2s/^# //p' "$script")"
  name=$(basename "$script" .sh)
  finished=0
  SERVER_STATE=$state STAGE=$stage PG_CONFIG=$pg_config sh "$script" >"$state/$name.log" 2>&1 || finished=$?
  grep -v '^ok' "$state/$name.log" || true
  [ "$finished" = 0 ] || echo "not ok - $script ended with status $finished" | tee -a "$state/$name.log"
  count_or_fail "$(grep -E '^ok' "$state/$name.log" | grep -c -v -i '# skip' || true)" "$(lines '^not ok' "$state/$name.log")" \
    "$(grep -E '^ok' "$state/$name.log" | grep -c -i '# skip' || true)"
done

say "format and static analysis"
if [ -n "${CI:-}" ] || clang-format --version 2>/dev/null | grep -q 'version 14'; then
  once "clang-format" make -s format-check PG_CONFIG="$pg_config"
  once "clang-tidy" make -s -j "$(nproc 2>/dev/null || echo 2)" tidy PG_CONFIG="$pg_config"
else
  echo "skipped: they are kept with version 14 of clang-format and clang-tidy"
  count 0 0 2
fi

printf '\n%s passed, %s failed%s\n' "$passed" "$failed" "$([ "$skipped" = 0 ] || printf ', %s skipped' "$skipped")"
[ "$failed" = 0 ]
