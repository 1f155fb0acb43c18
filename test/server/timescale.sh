#!/bin/sh
# Timescale: continuous aggregates of values, of days and from them of weeks, compressed, refreshed after updates
. "$(dirname "$0")/lib.sh"

if [ ! -f "$("$PG_CONFIG" --sharedir)/extension/timescaledb.control" ]; then
  echo "ok - continuous aggregates # skip Timescale is not installed"
  exit
fi
new_server timescale "shared_preload_libraries = 'timescaledb'" "timescaledb.telemetry_level = off" "timescaledb.max_background_workers = 2"
PGHOST=$SERVER_STATE/timescale
export PGHOST
fresh_database decisions
sql >/dev/null 2>"$SERVER_STATE/setup" <<'SQL' || { cat "$SERVER_STATE/setup"; if grep -q -i license "$SERVER_STATE/setup"; then echo "ok - continuous aggregates # skip this Timescale has none: its licence is Apache's"; exit; fi; }
set client_min_messages to warning;
create extension timescaledb;
create extension fairdb;
alter database decisions set search_path = public, fairdb;
alter database decisions set timezone = 'UTC';
set search_path to public, fairdb;
set timezone to 'UTC';
create table decisions (at timestamptz not null, id int, sex text, race text, repaid bool, approved bool, score float8, age float8, w float8);
select create_hypertable('decisions', 'at', chunk_time_interval => interval '7 days');
insert into decisions select timestamptz '2024-01-01' + i * interval '10 minutes', i, case when i % 31 <> 0 then (array['f', 'm'])[1 + (i * 7919) % 2] end, (array['x', 'y', 'z'])[1 + (i * 104729) % 3],
  case when i % 41 <> 0 then (i * 7919) % 11 < 4 end, (i * 104729) % 13 < 6, ((i * 104729) % 997) / 997.0, (i * 31) % 5, (i % 5) / 2.0 from generate_series(0, 9999) as i;
create materialized view daily with (timescaledb.continuous) as
  select time_bucket('1 day', at) as day, confusion_agg(repaid, approved, sex) as c, confusion_agg(repaid, approved, key(sex, race), w) as weighted, distribution_agg(score, sex) as d, moments_agg(score, sex, array[age, w]) as n from decisions group by 1 with no data;
create materialized view weekly with (timescaledb.continuous) as
  select time_bucket('7 days', day) as week, rollup(c) as c, rollup(weighted) as weighted, rollup(d) as d, rollup(n) as n from daily group by 1 with no data;
call refresh_continuous_aggregate('daily', null, null);
call refresh_continuous_aggregate('weekly', null, null);
SQL
echo "# Timescale $(sql -c "select extversion from pg_extension where extname = 'timescaledb'")"
# same NAME: the stored values equal a recount of the rows; moments, which are joined up to rounding, tell of the same rows.
same() {
  is "$1: days equal a recount" "$(sql -c "select count(*) > 60, bool_and(s.c = r.c and s.weighted = r.weighted and s.d = r.d and describe(s.n) = describe(r.n)) from daily as s full join (select time_bucket('1 day', at) as day, confusion_agg(repaid, approved, sex) as c, confusion_agg(repaid, approved, key(sex, race), w) as weighted, distribution_agg(score, sex) as d, moments_agg(score, sex, array[age, w]) as n from decisions group by 1) as r using (day)")" "t|t"
  is "$1: weeks equal a recount" "$(sql -c "select count(*) > 8, bool_and(s.c = r.c and s.weighted = r.weighted and s.d = r.d and describe(s.n) -> 'rows' = describe(r.n) -> 'rows') from weekly as s full join (select time_bucket('7 days', at) as week, confusion_agg(repaid, approved, sex) as c, confusion_agg(repaid, approved, key(sex, race), w) as weighted, distribution_agg(score, sex) as d, moments_agg(score, sex, array[age, w]) as n from decisions group by 1) as r using (week)")" "t|t"
}
same "first"
sql >/dev/null 2>&1 <<'SQL'
alter materialized view daily set (timescaledb.compress = true);
select compress_chunk(c) from show_chunks('daily') as c;
alter table decisions set (timescaledb.compress);
select compress_chunk(c) from show_chunks('decisions') as c;
SQL
ok "chunks are compressed" test "$(sql -c "select count(*) from timescaledb_information.chunks where is_compressed")" -gt 9
same "compressed"
sql >/dev/null 2>&1 <<'SQL'
update decisions set approved = not approved, score = score / 2 where at between '2024-01-20' and '2024-01-25' and id % 3 = 0;
delete from decisions where at between '2024-02-10' and '2024-02-11' and id % 2 = 0;
insert into decisions select '2024-03-01', i, 'd', 'x', true, i % 2 = 0, 0.5, 1, 1 from generate_series(1, 50) as i;
call refresh_continuous_aggregate('daily', null, null);
call refresh_continuous_aggregate('weekly', null, null);
SQL
same "after updates, deletes and late rows"
is "gaps over stored weeks, in windows, are those of the rows" "$(sql -c "select count(*) > 8, bool_and(g = (select demographic_parity_difference(approved, sex) from decisions where at >= week - interval '21 days' and at < week + interval '7 days')) from (select week, demographic_parity_difference(rollup(c) over (order by week rows 3 preceding)) as g from weekly) as t")" "t|t"
sql >/dev/null -c "select create_audit('loans', 'decisions', 'repaid', 'approved', '{sex}', at => 'at', score => 'score', starts => '2024-01-01')"
is "an audit of a hypertable" "$(sql -c "select bool_and(r.confusion = w.c and r.distribution = w.d), count(*) from run_audit('loans', '2024-01-01', '2024-02-05') as r join weekly as w on w.week = r.\"from\"")" "t|5"

# --- the manual ---------------------------------------------------------------------------------------------

fresh_database recipe
sql >/dev/null 2>&1 -c "create extension timescaledb" -c "create extension fairdb"
recipe timescale >"$SERVER_STATE/recipe.sql"
sql -f "$SERVER_STATE/recipe.sql" >"$SERVER_STATE/recipe.out" 2>&1 || true
is "the manual's recipe runs" "$(grep -c ERROR "$SERVER_STATE/recipe.out") $(grep -c '^2024-.*|0[.]' "$SERVER_STATE/recipe.out")" "0 12"
