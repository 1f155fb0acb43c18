#!/bin/sh
# long training tells how far it is
. "$(dirname "$0")/lib.sh"
fresh_database progress
sql <<'SQL'
create extension fairdb;
alter database progress set search_path = public, fairdb;
create unlogged table rows as
select sin(i) as x1, cos(i * i) as x2, i % 7 as x3, i % 3 as g, sin(i) + cos(3 * i) > 0 as y
from generate_series(1, 20000) as i;
SQL

# notices INTERVAL SQL: the notices that training raises.
notices() {
  psql -X -q -A -t -c "set fairdb.progress_interval = $1; set maintenance_work_mem = '1GB'; $2" 2>&1 >/dev/null |
    sed -n 's/^NOTICE:  //p'
}

# shown NAME SQL: a short interval shows steps.
shown() {
  notices 0.0001 "$2" >"$SERVER_STATE/notices"
  form='^[a-z][^:]*: step [0-9]+(, objective [-+.e0-9]+)?(, distance from the optimum [-+.e0-9]+)?, about [0-9]+ % done$'
  ok "$1: notices of one form" \
    test "$(grep -c -E "$form" "$SERVER_STATE/notices")" -gt 0
  is "$1: no other notices" "$(grep -v -c -E "$form" "$SERVER_STATE/notices")" 0
  is "$1: no share above 100 %" \
    "$(sed 's/.*about \([0-9]*\) %.*/\1/' "$SERVER_STATE/notices" | awk '$1 > 100' | wc -l)" 0
}

shown "Newton's method" "select length(train_linear('rows', 'y', '{g}', c => 10)::text)"
shown "the exact hinge" "select length(train_linear('rows', 'y', '{g}', loss => 'hinge')::text)"
shown "the kernel's dual" "select length(train_kernel('select * from rows limit 2000', 'y', '{g}')::text)"
shown "cross-validation" "select count(*) from cross_validate('rows', 'y', '{g}')"
is "0 turns the notices off" "$(notices 0 "select length(train_linear('rows', 'y', '{g}')::text)")" ""
is "a short training is silent at the default" \
  "$(psql -X -q -A -t -c "select train_linear('rows', 'y', '{g}') is null" 2>&1)" f
is "the trace stays in the model" "$(sql -c "
  select count(*) > 1 and bool_and(t ? 'objective')
  from jsonb_array_elements(describe(train_linear('rows', 'y', '{g}'))->'training'->'trace') as t")" t
