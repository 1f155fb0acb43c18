# Every test, or a part of them: read by ./run check, with the parts and names it was given.
#
# A suite is a function that prints its results; count() says how many of them passed. Suites that need nothing of
# each other run side by side, each into a log of its own, and are shown as they end.

# count PASSED FAILED SKIPPED: the results of a suite. One that has nothing to count has failed, whatever it thinks
# of itself.
count() {
  if [ $(($1 + $2 + $3)) = 0 ]; then set -- 0 1 0; fi
  echo "$1 $2 $3" >>"$counts"
  printf '%s passed, %s failed%s\n' "$1" "$2" "$([ "$3" = 0 ] || printf ', %s skipped' "$3")"
}

# Of text, whatever bytes a failing test may have printed.
lines() { grep -a -c -E "$1" "$2" || true; }

# once NAME COMMAND...: one test, passed when the command is.
once() {
  name=$1
  shift
  log=$(mktemp -p "$state")
  if "$@" >"$log" 2>&1; then
    echo "ok - $name" && count 1 0 0
  else
    tail -n 30 "$log"
    echo "not ok - $name" && count 0 1 0
  fi
}

# --- the suites ---------------------------------------------------------------------------------

suite_build() {
  say "the build's own rules"
  once "the regression schedule names every test" $make check-schedule PG_CONFIG="$pg_config"
  once "only the server's entry points are exported" exported
  once "scripts of released versions are as they were released, all of them" sh -c "cd sql && sha256sum -c SHA256SUMS && [ \$(wc -l <SHA256SUMS) = \$(ls fairdb--*.sql | wc -l) ]"
}
exported() {
  ! nm -D --defined-only fairdb.so | awk '{print $3}' | grep -v -x -E 'Pg_magic_func|_PG_init|(pg_finfo_)?fairdb_[a-z0-9_]+'
}

# suite_unit [FILTER]: both cores take a half.
suite_unit() {
  say "unit tests of the mathematics; what holds bytes runs under the address and undefined-behaviour sanitizers"
  make -n build/unit/tests PG_CONFIG="$pg_config" 2>/dev/null | lines ' -c ' - >"$state/unit.of"
  if ! make -j "$cores" build/unit/tests PG_CONFIG="$pg_config" ${CI:+WERROR=1} >"$state/unit-build.log" 2>&1; then
    grep -E 'error: |Error [0-9]' "$state/unit-build.log" | head -n 20
    count 0 1 0
    return
  fi
  for shard in $(seq "$cores"); do
    (
      finished=0
      GTEST_TOTAL_SHARDS=$cores GTEST_SHARD_INDEX=$((shard - 1)) FAIRDB_TEST_DATA=test/data \
        build/unit/tests ${1:+--gtest_filter="$1"} >"$state/unit.$shard" 2>&1 || finished=$?
      # A leak is found, and a crash may happen, when no test runs.
      [ "$finished" = 0 ] || grep -q '^\[  FAILED' "$state/unit.$shard" || echo "ERROR: it ended with status $finished" >>"$state/unit.$shard"
    ) &
  done
  wait
  cat "$state"/unit.[0-9]* >"$state/unit.log"
  grep -E -B 30 '^\[  FAILED|ERROR: ' "$state/unit.log" | tail -n 80 || true
  ran=$(lines '^\[ RUN      \]' "$state/unit.log") good=$(lines '^\[       OK \]' "$state/unit.log")
  skipped=$(lines '^\[  SKIPPED \] .* ms' "$state/unit.log") died=$(lines '^ERROR: it ended with' "$state/unit.log")
  failed=$((ran - good - skipped))
  [ "$failed" != 0 ] || failed=$died
  [ "$ran" != 0 ] || failed=1
  count "$good" "$failed" "$skipped"
}

# suite_sql [NAME...]
suite_sql() {
  say "regression tests in SQL"
  skipped=0
  if [ -z "${FAIRDB_DATA:-}" ] && [ $# = 0 ]; then
    skipped=$(ls test/sql/data_*.sql | wc -l)
    echo "$skipped tests on published data skipped: no FAIRDB_DATA"
  fi
  names=$(printf '%s\n' install "$@" | awk '!seen[$0]++' | tr '\n' ' ')  # install once, and before the others
  $make installcheck PG_CONFIG="$pg_config" ${1:+REGRESS="$names"} >"$state/regress.log" 2>&1 ||
    cat regression.diffs "$state/regress.log" 2>/dev/null | tail -n 100
  count_regress "$state/regress.log" "$skipped"
}
# pg_regress prints "test name ... ok" or, from PostgreSQL 16 on, "ok 1". One that ran nothing has failed.
count_regress() {
  good=$(lines '^(test .*\.\.\. ok|ok [0-9])' "$1") bad=$(lines '^(test .*\.\.\. FAILED|not ok [0-9])' "$1")
  [ $((good + bad)) != 0 ] || bad=1
  count "$good" "$bad" "$2"
}

# suite_server NAME...: scripts of test/server, which print TAP lines: ok, not ok, ok # skip.
suite_server() {
  for name; do
    script=test/server/$name.sh
    [ -f "$script" ] || fail "there is no $script"
    echo "$name" >"$state/server.at"
    say "$script: $(sed -n '2s/^# //p' "$script")"
    finished=0
    mkdir -p "$state/$name"
    chmod 777 "$state/$name"
    ln -sf "$state/server.log" "$state/$name/server.log"
    SERVER_USER=$server_user SERVER_STATE=$state/$name STAGE=$stage PG_CONFIG=$pg_config sh "$script" >"$state/$name.log" 2>&1 || finished=$?
    grep -a -v '^ok' "$state/$name.log" || true
    [ "$finished" = 0 ] || echo "not ok - $script ended with status $finished" | tee -a "$state/$name.log"
    skipped=$(lines '^ok.*# (skip|SKIP)' "$state/$name.log")
    count $(($(lines '^ok' "$state/$name.log") - skipped)) "$(lines '^not ok' "$state/$name.log")" "$skipped"
  done
}
server_scripts() { for script in test/server/*.sh; do basename "$script" .sh; done | grep -v -x lib; }

suite_lint() {
  say "format and static analysis"
  if [ -n "${CI:-}" ] || clang-format --version 2>/dev/null | grep -q 'version 14'; then
    once "clang-format" $make format-check PG_CONFIG="$pg_config"
    make -n tidy PG_CONFIG="$pg_config" 2>/dev/null | lines 'clang-tidy' - >"$state/lint.of"
    once "clang-tidy" $make -k -j "$1" tidy PG_CONFIG="$pg_config"
  else
    echo "skipped: they are kept with version 14 of clang-format and clang-tidy"
    count 0 0 2
  fi
}

# Every PostgreSQL that is installed with its development files, or that of PG_CONFIG: built apart, with the
# regression tests.
suite_versions() {
  found=
  for candidate in ${PG_CONFIG:-/usr/lib/postgresql/*/bin/pg_config $(command -v pg_config || true)}; do
    usable_pg_config "$candidate" || continue
    version=$("$candidate" --version)
    case $found in *"|$version|"*) continue ;; esac
    found="$found|$version|"
    (
      pg_config=$candidate
      state=$(mktemp -d -p "$state")
      chmod 755 "$state"
      apart=$top/build/versions/$(basename "$(dirname "$(dirname "$candidate")")")
      trap stop_server EXIT
      trap 'exit 143' TERM
      build_apart
      start_server
      say "regression tests on $version"
      $make installcheck PG_CONFIG="$pg_config" >"$state/regress.log" 2>&1 || tail -n 100 "$apart/regression.diffs"
      count_regress "$state/regress.log" 0
    ) || count 0 1 0
  done
  [ -n "$found" ] || fail "no PostgreSQL with its server and development files is installed"
}

# --- side by side -------------------------------------------------------------------------------

# started SUITE [ARGUMENT...]: runs beside the others.
suites=0
started() {
  suites=$((suites + 1))
  name=$1.$suites
  (
    set +e
    (set -e; "$@") >"$state/$name.out" 2>&1
    echo $? >"$state/$name.status"
    mv "$state/$name.status" "$state/$name.done"  # there at once with what it says
  ) &
  running="$running $name"
}

# How far a suite has come, in a few words.
step_of() {
  case $1 in
    suite_unit.*)
      echo "unit tests: $(lines ' -c ' "$state/unit-build.log") of $(cat "$state/unit.of") files compiled," \
        "$(cat "$state"/unit.[0-9] | lines '^\[ RUN ' -) tests begun"
      ;;
    suite_sql.*) echo "sql: $(lines '^(test .*\.\.\. |(not )?ok [0-9])' "$state/regress.log") tests" ;;
    suite_server.*) echo "server: $(cat "$state/server.at")" ;;
    suite_lint.*) echo "lint: $(find build/tidy -name '*.read' -newer "$state/begun" -o -name '*.analyzed' -newer "$state/begun" | wc -l)" \
      "of $(cat "$state/lint.of") chapters read or files analysed" ;;
  esac 2>/dev/null
}

# Shows what each suite has printed as it ends, and meanwhile, twice a minute, how far the others have come.
shown_as_they_end() {
  shown=0 waited=0
  while [ -n "$running" ]; do
    still=
    for name in $running; do
      if [ -f "$state/$name.done" ]; then
        shown=$((shown + 1)) waited=0
        cat "$state/$name.out"
        [ "$(cat "$state/$name.done")" = 0 ] || { echo "$name ended with status $(cat "$state/$name.done")" && count 0 1 0; }
        echo "($shown of $suites suites, $(($(date +%s) - begun)) s)"
      else
        still="$still $name"
      fi
    done
    running=$still
    [ -z "$running" ] || sleep 1
    waited=$((waited + 1))
    if [ $((waited % 30)) = 0 ]; then for name in $running; do printf '   %s\n' "$(step_of "$name")"; done; fi
  done
}

begun=$(date +%s)
running=
counts=$state/counts
: >"$counts"
: >"$state/begun"
part=${1:-all}
[ $# = 0 ] || shift
case $part in
  all)
    suite_build
    # The longest first; the machine shares its cores among them.
    started suite_lint "$cores"
    started suite_sql
    # shellcheck disable=SC2046  # a list of names
    started suite_server $(server_scripts)
    started suite_unit
    shown_as_they_end
    ;;
  unit) suite_unit "$@" ;;
  sql) suite_sql "$@" ;;
  server)
    # shellcheck disable=SC2046
    [ $# -gt 0 ] || set -- $(server_scripts)
    suite_server "$@"
    ;;
  lint)
    suite_build
    suite_lint "$cores"
    ;;
  versions) suite_versions ;;
esac

passed=0 failed=0 skipped=0
while read -r p f s; do
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done <"$counts"
printf '\n%s passed, %s failed%s\n' "$passed" "$failed" "$([ "$skipped" = 0 ] || printf ', %s skipped' "$skipped")"
[ "$failed" = 0 ]
