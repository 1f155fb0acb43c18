#!/bin/sh
# other sessions alter, drop and replace what a session reads
. "$(dirname "$0")/lib.sh"
fresh_database races
sql <<'SQL'
create extension fairdb;
alter database races set search_path = public, fairdb;
create table rows as select i as id, i % 2 = 0 as y, i % 7 as x from generate_series(1, 200) as i;
create function grp(i int) returns text language sql as $$ select 'g' || i % 3 $$;
create function score(i int) returns float8 language sql as $$ select i / 2.0::float8 $$;
-- Waits, at a row, while another session holds the gate.
create function gate(i int) returns text language plpgsql as $$
begin
  if i = 200 then perform pg_advisory_xact_lock_shared(1); end if;
  return 'c' || i % 2;
end $$;
SQL

# while_reading NAME CHANGE QUERY: the change is made while the query waits at the gate.
while_reading() {
  hold_gate
  error "$3" >"$SERVER_STATE/reader" 2>&1 9>&- &
  reader=$!
  wait_for "$at_the_gate"
  sql -c "$2"
  open_gate
  wait "$reader"
  is "$1" "$(cat "$SERVER_STATE/reader")" "55000: the source changed while it was read"
}

text_grp="drop function grp(int); create function grp(i int) returns text language sql as \$\$ select 'g' || i % 3 \$\$"
number_grp="drop function grp(int); create function grp(i int) returns int8 language sql as \$\$ select 12345678 + i % 3 \$\$"
while_reading "a group that becomes a number" "$number_grp" \
  "select train_linear('select y, public.grp(id) as g, x, public.gate(id) as cat from rows', 'y', '{g}')"
while_reading "a group that becomes a text" "$text_grp" \
  "select train_linear('select y, public.grp(id) as g, x, public.gate(id) as cat from rows', 'y', '{g}')"
while_reading "a feature that becomes a number" "$number_grp" \
  "select train_kernel('select y, id % 3 as g, x, public.grp(id) as h, public.gate(id) as cat from rows', 'y', '{g}')"
sql -c "$text_grp"
sql -c "$text_grp"
while_reading "a score that becomes a text" \
  "drop function score(int); create function score(i int) returns text language sql as \$\$ select 'a text' \$\$" \
  "select * from local_law_144('select public.grp(id) as sex, x as race, public.score(id) as score from rows where public.gate(id) is not null', 'score', 'sex', 'race', mode => 'scoring')"
is "the server has lost no session" "$(grep -c 'was terminated by signal' "$SERVER_STATE/server.log" || true)" 0

# Two sessions drop and create what two others name. Each error is one that says so.
sql -c "create table kept as select i % 2 = 0 as y, i % 7 as x from generate_series(1, 20) as i"
rounds=${RACE_ROUNDS:-1500}
for session in 1 2; do
  for round in $(seq "$rounds"); do
    echo "drop table if exists moving; create table moving as select * from kept;"
  done | PGAPPNAME=fairdb_mover psql -X -q >/dev/null 2>&1 &
done
echo "# two sessions drop and create a table $rounds times each"
wait_for "select count(*) = 2 from pg_stat_activity where application_name = 'fairdb_mover'"
for session in 1 2; do
  sql >"$SERVER_STATE/moving.$session" 2>&1 <<'SQL' &
create temp table met (code text);
do $$
declare
  source text;
  moving bool := true;
begin
  while moving loop
    for i in 1 .. 100 loop
      foreach source in array '{moving,moving,public.moving,select * from moving}'::text[] loop
        begin
          perform count(*) from audit(source, 'y', 'y', '{x}');
          insert into met values ('00000');
        exception when others then
          insert into met values (sqlstate);
        end;
        commit;
      end loop;
    end loop;
    select count(*) > 0 into moving from pg_stat_activity where application_name = 'fairdb_mover';
  end loop;
end $$;
select string_agg(distinct code, ' ' order by code) from met where code <> '55000';
select '# ' || string_agg(code || ': ' || n, ', ') from (select code, count(*) as n from met group by 1 order by 1) as t;
SQL
done
wait
for session in 1 2; do
  grep '^#' "$SERVER_STATE/moving.$session" || true
  is "a source that comes and goes is there, or is not, or has changed ($session)" "$(grep -v '^#' "$SERVER_STATE/moving.$session")" "00000 42P01"
done
is "no session was lost over it" "$(grep -c 'was terminated by signal' "$SERVER_STATE/server.log" || true)" 0
