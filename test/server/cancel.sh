#!/bin/sh
# a cancel is answered within 0.2 s in every phase, and leaves no memory behind
. "$(dirname "$0")/lib.sh"
fresh_database cancel
sql <<'SQL'
create extension fairdb;
alter database cancel set search_path = public, fairdb;
alter database cancel set maintenance_work_mem = '2GB';
SQL
sql <<'SQL'
create unlogged table wide as
select (select array_agg(random()) from generate_series(1, 20) where i > 0) as x, i, i % 3 as g, random() < 0.5 as y
from generate_series(1, 400000) as i;
SQL
columns=; for k in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do columns="$columns x[$k] as x$k,"; done
sql -c "create unlogged table rows as select $columns i, g, y from wide" -c "drop table wide" -c "vacuum analyze rows"

# late NAME TIMEOUT SQL: milliseconds between the timeout and the error, which must be 57014.
late() {
  begun=$(date +%s%N)
  found=$(psql -X -q -v VERBOSITY=sqlstate -c "set statement_timeout = $2; $3" 2>&1 >/dev/null | sed -n 's/^ERROR:  //p')
  took=$((($(date +%s%N) - begun) / 1000000 - $2))
  if [ -z "$found" ]; then
    echo "not ok - $1: finished before the timeout of $2 ms"
  else
    is "$1: cancelled" "$found" 57014
    ok "$1: answered within 0.2 s (after $took ms, with the start of the session)" test "$took" -lt 200
  fi
}
late "reading" 100 "select train_linear('rows', 'y', '{g}', c => 1)"
late "solving" 2000 "select train_linear('select r.* from rows as r, generate_series(1, 10)', 'y', '{g}', c => 1000)"
late "squared loss" 400 "select train_linear('select r.* from rows as r, generate_series(1, 20)', 'i', '{g}', loss => 'squared', fairness => 'demographic_parity')"
late "fair scores" 700 "select count(*) from barycenter_scores('select * from rows union all select * from rows', 'i', 'x1', '{g}')"

# A session that trains and fails again and again does not grow.
grown=$(psql -X -A -t -q <<'SQL' 2>/dev/null
create function rss() returns bigint language sql as $$
  select substring(pg_read_file('/proc/' || pg_backend_pid() || '/status') from 'VmRSS:\s+(\d+)')::bigint $$;
create table small as select * from rows limit 2000;
do $$
declare before bigint;
begin
  for i in 1 .. 300 loop
    perform train_linear('small', 'y', '{g}');
    begin perform train_linear('select x1 / 0 as x1, y, g from small', 'y', '{g}'); exception when others then null; end;
    begin perform train_linear('small', 'y', '{g}', '{x1}', fairness => 'nothing'); exception when others then null; end;
    if i = 100 then before := rss(); end if;
  end loop;
  perform set_config('test.grown', (rss() - before)::text, false);
end $$;
select current_setting('test.grown');
SQL
)
ok "200 trainings and 400 failing ones do not grow the backend (${grown} kB)" test "$grown" -lt 4000
