#!/bin/sh
# errors between the server and C++, in both directions, and memory after 1000 of them
. "$(dirname "$0")/lib.sh"
make -s -C "$(dirname "$0")/../module" install PG_CONFIG="$PG_CONFIG" ${STAGE:+DESTDIR="$STAGE"} >"$SERVER_STATE/module.log" 2>&1
fresh_database bridge
sql -c 'create extension fairdb_test'

is "an error of the server keeps its SQLSTATE and text" \
  "$(error 'select test_backend_error()')" "HV00B: raised by the server"
is "its detail and hint arrive too" \
  "$(psql -X -q -c 'select test_backend_error()' 2>&1 | grep -c -E '^(DETAIL:  its detail|HINT:  its hint)$')" 2
is "std::bad_alloc becomes out_of_memory" "$(error 'select test_bad_alloc()')" "53200: out of memory"
is "a typed error has its SQLSTATE" "$(error 'select test_typed_error()')" "22003: a message"
is "a standard exception is an internal error" "$(error 'select test_standard_error()')" "XX000: a standard exception"
is "so is an unknown one" "$(error 'select test_unknown_exception()')" "XX000: unknown exception"
is "a broken invariant is an error, not a crash" "$(error 'select test_assertion()')" "XX000: broken invariant: Live::count == 0"
# "22000: ", x and 511 letters of two bytes: 1023 bytes of message.
is "a long message is cut between characters" "$(error 'select test_long_message()' | tr -d '\n' | wc -c)" 1030
is "an exception may cross a call of the server" "$(error 'select test_exception_through_backend()')" "HV000: after it"

all='test_backend_error test_bad_alloc test_typed_error test_standard_error test_unknown_exception test_assertion test_long_message test_exception_through_backend'
is "every live object was destroyed" "$(
  { for f in $all; do echo "select $f();"; done; echo 'select test_live_objects();'; } | psql -X -A -t -q 2>/dev/null | tail -n 1
)" 0

# The memory of one backend, in kB, before and after 1000 failing calls of each kind.
grown=$(psql -X -A -t -q <<SQL 2>/dev/null
create function rss() returns bigint language sql as \$\$
  select substring(pg_read_file('/proc/' || pg_backend_pid() || '/status') from 'VmRSS:\\s+(\\d+)')::bigint \$\$;
do \$\$
declare f text; before bigint;
begin
  for round in 0 .. 1 loop
    for i in 1 .. case round when 0 then 50 else 1000 end loop
      foreach f in array string_to_array('$all', ' ') loop
        begin execute 'select ' || f || '()'; exception when others then null; end;
      end loop;
    end loop;
    if round = 0 then before := rss(); end if;
  end loop;
  perform set_config('test.grown', (rss() - before)::text, false);
end \$\$;
select current_setting('test.grown');
SQL
)
echo "# 8000 failing calls grew the backend by $grown kB; leaking its objects would take 8000000 kB"
ok "1000 failing calls of each kind do not grow the backend" test "$grown" -lt 4000

is "a polling loop is cancelled" "$(error "set statement_timeout = 100; select test_poll()")" \
  "57014: canceling statement due to statement timeout"
