# The regression and stress tests on a server with assertions that is built with the address sanitizer, the extension
# with that and the undefined-behaviour sanitizer. Read by ./run check sanitized. The server is built once, into
# build/sanitized.
say "building a server with the address sanitizer, which takes some minutes the first time"
pg_config=$(sh test/sanitized/server.sh build/sanitized) || fail "the server was not built"
# What a sanitizer finds ends the backend as a crash does. The server frees nothing when it ends, and measures its
# stack where the sanitizer would move it.
ASAN_OPTIONS=detect_leaks=0:detect_stack_use_after_return=0:abort_on_error=1
UBSAN_OPTIONS=print_stacktrace=1:abort_on_error=1
export ASAN_OPTIONS UBSAN_OPTIONS
apart=$top/build/sanitized/tree
build_apart -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
say "starting a private server"
# The sanitizer looks for the C++ runtime when a program begins; the server loads it with the extension.
LD_PRELOAD="$(cc -print-file-name=libasan.so) $(c++ -print-file-name=libstdc++.so.6)"
export LD_PRELOAD
start_server
unset LD_PRELOAD

say "regression tests"
# Slower, some of them would show their progress.
PGOPTIONS='-c fairdb.progress_interval=0' $make installcheck PG_CONFIG="$pg_config" >"$state/regress.log" 2>&1 || tail -n 200 "$apart/regression.diffs" 2>/dev/null
passed=$(grep -c -E '^(test .*\.\.\. ok|ok [0-9])' "$state/regress.log" || true)
failed=$(grep -c -E '^(test .*\.\.\. FAILED|not ok [0-9])' "$state/regress.log" || true)
[ $((passed + failed)) -gt 0 ] || { tail -n 30 "$state/regress.log"; failed=1; }

say "random calls"
SERVER_STATE=$state sh test/server/stress.sh >"$state/stress.tap" 2>&1 || echo "not ok - stress.sh" >>"$state/stress.tap"
cat "$state/stress.tap"
passed=$((passed + $(grep -c '^ok' "$state/stress.tap" || true)))
failed=$((failed + $(grep -c '^not ok' "$state/stress.tap" || true)))

if grep -q -E 'AddressSanitizer|runtime error|TRAP:|was terminated by signal' "$state/server.log"; then
  grep -A 30 -E 'AddressSanitizer|runtime error|TRAP:|was terminated by signal' "$state/server.log" | head -n 100
  failed=$((failed + 1))
else
  echo "ok - neither a sanitizer nor an assertion has found anything"
  passed=$((passed + 1))
fi
printf '\n%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
