#!/bin/sh
# partitions on other servers: each counts its own rows, and no row is fetched
. "$(dirname "$0")/lib.sh"

if [ ! -f "$("$PG_CONFIG" --sharedir)/extension/postgres_fdw.control" ]; then
  echo "ok - partitions on other servers # skip postgres_fdw is not installed"
  exit
fi
for region in north south; do
  new_server $region
  PGHOST=$SERVER_STATE/$region sql -d postgres >/dev/null <<SQL
set client_min_messages to warning;
create extension fairdb;
create table loans (region text, decided timestamptz, sex text, race text, age int, single bool, repaid bool, approved int, score float8, w float8);
insert into loans select '$region', timestamptz '2024-01-01' + i * interval '1 hour', case when i % 31 <> 0 then (array['f', 'm'])[1 + (i * 7919) % 2] end, (array['x', 'y "z"', 'v'])[1 + (i * 104729) % 3],
  (i * 31) % 5, i % 7 < 3, case when i % 41 <> 0 then (i * 7919) % 11 < 4 + length('$region') % 2 end, ((i * 104729) % 13 < 6)::int, ((i * 104729) % 997) / 997.0, (i % 5) / 2.0 from generate_series(1, 4000) as i;
SQL
done
fresh_database foreign_parts
sql >/dev/null <<SQL
set client_min_messages to warning;
create extension fairdb;
create extension postgres_fdw;
alter database foreign_parts set search_path = public, fairdb;
alter database foreign_parts set timezone = 'UTC';
create server north foreign data wrapper postgres_fdw options (host '$SERVER_STATE/north', dbname 'postgres', extensions 'fairdb');
create server south foreign data wrapper postgres_fdw options (host '$SERVER_STATE/south', dbname 'postgres', extensions 'fairdb');
create user mapping for public server north options (user 'postgres');
create user mapping for public server south options (user 'postgres');
create table loans (region text, decided timestamptz, sex text, race text, age int, single bool, repaid bool, approved int, score float8, w float8) partition by list (region);
create foreign table loans_north partition of loans for values in ('north') server north options (table_name 'loans');
create foreign table loans_south partition of loans for values in ('south') server south options (table_name 'loans');
analyze loans_north;
analyze loans_south;
create table here as select * from loans;
SQL

# plans SQL: of every statement that it runs, to any depth: how many scans there are, and how many of them fetch rows.
plans() {
  PGOPTIONS="-c session_preload_libraries=auto_explain -c auto_explain.log_min_duration=0 -c auto_explain.log_nested_statements=on -c auto_explain.log_verbose=on -c client_min_messages=log" \
    psql -X -q -c "set enable_partitionwise_aggregate to off" -c "$1" >"$SERVER_STATE/plans" 2>&1 || true
  echo "$(grep 'ERROR' "$SERVER_STATE/plans")$(grep -c 'Foreign Scan' "$SERVER_STATE/plans") scans, $(grep -c 'Relations: Aggregate on' "$SERVER_STATE/plans") of aggregates, $(grep -c 'Foreign Scan on' "$SERVER_STATE/plans") of rows"
}
pushed() {  # pushed NAME SCANS SQL
  is "$1: the servers count" "$(plans "$3")" "$2 scans, $2 of aggregates, 0 of rows"
}

# --- the two-step form by hand ------------------------------------------------------------------------

two_step() {  # two_step BUILDER: its values by region, joined, and that of the rows that are here
  plan=$(sql -c "set enable_partitionwise_aggregate to on" -c "explain (verbose, costs off) select rollup(v) from (select $1 as v from loans group by region) as t")
  is "$1: the servers count" "$(echo "$plan" | grep -c 'Relations: Aggregate on') $(echo "$plan" | grep -c 'Foreign Scan on')" "2 0"
  is "$1: the same value" "$(sql -c "set enable_partitionwise_aggregate to on" -c "select (select rollup(v) from (select $1 as v from loans group by region) as t) = (select $1 from here)")" t
}
two_step "confusion_agg(repaid, approved = 1, sex)"
two_step "confusion_agg(repaid, approved = 1, sex, w)"
two_step "confusion_agg(repaid, approved = 1, key(sex, race))"
two_step "confusion_agg(repaid, approved = 1, age)"
two_step "cells_agg(repaid, approved = 1)"
two_step "cells_agg(repaid, approved = 1, w)"
two_step "distribution_agg(score, sex)"
two_step "distribution_agg(score, sex, w)"
two_step "distribution_agg(score, key(sex, race))"
two_step "distribution_agg(score, age)"
# Means and scatters are joined up to rounding; as a model of them is, to twelve digits. Elements are float8 by
# themselves: the cast of a whole array is sent nowhere.
rounded() { echo "(select array_agg(round(coefficient::numeric, 12) order by feature) from coefficients(train_moments(($1), fairness => 'none')))"; }
for builder in "moments_agg(score, sex, array[age::float8, approved::float8])" "moments_agg(score, key(sex, race), array[age::float8, approved::float8], w)" "moments_agg(score, single, array[age::float8])" \
  "total_moments_agg(score, array[age::float8, w])"; do
  plan=$(sql -c "set enable_partitionwise_aggregate to on" -c "explain (verbose, costs off) select rollup(v) from (select $builder as v from loans where sex is not null group by region) as t")
  is "$builder: the servers count" "$(echo "$plan" | grep -c 'Relations: Aggregate on') $(echo "$plan" | grep -c 'Foreign Scan on')" "2 0"
  is "$builder: the same model" "$(sql -c "set enable_partitionwise_aggregate to on" -c "select $(rounded "select rollup(v) from (select $builder as v from loans where sex is not null group by region) as t") = $(rounded "select $builder from here where sex is not null")")" t
done
plan=$(sql -c "set enable_partitionwise_aggregate to on" -c "explain (verbose, costs off) select vector_sample_agg(array[age::float8, score], sex) from loans group by region" 2>/dev/null || true)
is "vector_sample_agg: the servers sample" "$(echo "$plan" | grep -c 'Relations: Aggregate on')" 2

# --- what reads a source ----------------------------------------------------------------------------

pushed "audit within" 2 "select count(*) from audit('loans', 'repaid', 'approved', '{sex,race}', within => '{region}')"
pushed "audit of any types, by strata, with weights" 2 "select count(*) from audit('loans', 'repaid', 'approved', '{sex,race,age}', '{single}', 'w', within => '{region}')"
pushed "audit of a SELECT with a positive value" 2 "select count(*) from audit('select *, race as said from loans where age > 1', null, 'said', '{sex,age}', positive => 'x', within => '{region}')"
pushed "audit_confusions" 2 "select count(*) from audit_confusions('loans', 'repaid', 'approved', '{sex,age}', within => '{region}')"
is "the same numbers as of rows that are here" "$(sql -c "select count(*), count(*) filter (where l is distinct from h) from (select to_jsonb(a) as l from audit('loans', 'repaid', 'approved', '{sex,race,age}', '{single}', 'w', within => '{region}') as a) as l
  full join (select to_jsonb(a) as h from audit('here', 'repaid', 'approved', '{sex,race,age}', '{single}', 'w') as a) as h on l = h")" "$(sql -c "select count(*), 0 from audit('here', 'repaid', 'approved', '{sex,race,age}', '{single}', 'w')")"
is "without within the rows are fetched" "$(plans "select count(*) from audit('loans', 'repaid', 'approved', '{sex,race}')")" "2 scans, 0 of aggregates, 2 of rows"
told() { psql -X -q -A -t -c "$1" 2>&1 >/dev/null | sed -n 's/^NOTICE:  //p' | tr '\n' ' '; }
is "within without the key of the partitions says that rows are fetched" "$(told "select audit('loans', 'repaid', 'approved', '{sex}', within => '{race}')")" "the rows of public.loans_north are fetched, and counted here "
is "so does a training" "$(told "select train_linear('loans', 'score', 'race', '{age,approved,decided}', loss => 'squared', fairness => 'none')")" "the rows of public.loans_north are fetched, and counted here "
is "and a server without the option extensions" "$(sql -c "alter server south options (drop extensions)" && told "select audit('loans', 'repaid', 'approved', '{sex}', within => '{region}')"; sql -c "alter server south options (add extensions 'fairdb')")" "the rows of public.loans_south are fetched, and counted here "
is "where they are not, nothing is said" "$(told "select audit('loans', 'repaid', 'approved', '{sex}', within => '{region}')"; told "select audit('here', 'repaid', 'approved', '{sex}', within => '{region}')"; told "select audit('loans', 'repaid', 'approved', '{sex}')")" ""
is "and the setting of the session is as it was" "$(sql -c "set enable_partitionwise_aggregate to off" -c "select count(*) > 0 from audit('loans', 'repaid', 'approved', '{sex,race}', within => '{region}')" -c "show enable_partitionwise_aggregate")" "t
off"

known="select * from loans where sex is not null"
model="'score', '{sex,race}', '{age,approved,single}', loss => 'squared', fairness => 'demographic_parity'"
pushed "train_linear of a table that is partitioned by list" 4 "select train_linear('loans', 'score', 'race', '{age,approved,single}', loss => 'squared', fairness => 'demographic_parity')"
pushed "train_linear within" 4 "select train_linear('$known', $model, within => '{region}')"
pushed "train_linear with categories" 6 "select train_linear('loans', 'score', 'single', '{age,race}', loss => 'squared', fairness => 'demographic_parity')"
is "other losses fetch the rows" "$(plans "select train_linear('loans', 'single', 'race', '{age,approved,w}') is null" | sed 's/^[0-9]* scans/scans/; s/[0-9]* of rows/of rows/')" "scans, 0 of aggregates, of rows"
is "so do classes, unless they are asked for" "$(plans "select train_linear('loans', 'single', 'race', '{age,approved,w}', loss => 'squared') is null" | sed 's/^[0-9]* scans/scans/; s/[0-9]* of rows/of rows/')" "scans, 0 of aggregates, of rows"
is "the same coefficients to twelve digits" "$(sql -c "select max(abs(a.standardized - b.standardized)) <= 1e-12 * max(abs(a.standardized)), count(*) from coefficients(train_linear('$known', $model, within => '{region}')) as a join coefficients(train_linear('select * from here where sex is not null', $model)) as b using (feature)")" "t|4"

sql >/dev/null <<'SQL'
select create_audit('parts', 'loans', 'repaid', 'approved', '{sex,race}', at => 'decided', score => 'score', starts => '2024-01-01', every => '1 month', within => '{region}');
select create_audit('here', 'here', 'repaid', 'approved', '{sex,race}', at => 'decided', score => 'score', starts => '2024-01-01', every => '1 month');
SQL
pushed "a run of an audit, with scores" 4 "select count(*) from run_audit('parts', '2024-01-01', '2024-02-01')"
for attribute in age single; do
  sql >/dev/null -c "select create_audit('by $attribute', 'loans', 'repaid', 'approved', '{$attribute}', at => 'decided', score => 'score', starts => '2024-01-01', every => '1 month', within => '{region}')"
  pushed "a run by $attribute" 4 "select count(*) from run_audit('by $attribute', '2024-01-01', '2024-02-01')"
done
is "the same run" "$(sql -c "select count(*), bool_and(p.confusion = h.confusion), bool_and(p.distribution = h.distribution) from run_audit('parts', '2024-02-01', '2024-05-01') as p join run_audit('here', '2024-02-01', '2024-05-01') as h using (\"from\")")" "3|t|t"

# --- a server that is not there, and values that a server sends ---------------------------------------------

runs=$(sql -c "select count(*) from runs")
own south stop
is "a server that is gone is an error" "$(error "select audit('loans', 'repaid', 'approved', '{sex}', within => '{region}')" | sed 's/:.*//')" 08001
is "a run of an audit says so too" "$(error "select run_audit('parts', '2024-06-01', '2024-07-01')" | sed 's/:.*//')" 08001
is "and nothing is lost or half done" "$(sql -c "select count(*) from runs")" "$runs"
own south start
is "when it is back, so is the answer" "$(sql -c "select sum(n) from audit('loans', 'repaid', 'approved', '{race}', within => '{region}')")" 8000
PGHOST=$SERVER_STATE/north sql -d postgres -c "create table forged (region text, c text)" -c "insert into forged values ('north', '{\"groups\": {\"f\": {\"tn\": -1}}}')"
sql -c "create foreign table forged (region text, c confusion) server north"
# A server that answers with what it likes.
PGHOST=$SERVER_STATE/north sql -d postgres >/dev/null <<'SQL'
create database liar;
\c liar
create schema fairdb;
create table loans (region text, sex text, y bool, p bool, x float8);
insert into loans select 'north', (array['f', 'm'])[1 + i % 2], i % 3 = 0, i % 2 = 0, i from generate_series(1, 100) as i;
create table answer (c text);
create function fairdb.say(text, bool, bool) returns text language sql as 'select c from public.answer';
create aggregate fairdb.cells_agg(bool, bool) (sfunc = fairdb.say, stype = text);
create function fairdb.say(text, float8, float8[]) returns text language sql as 'select c from public.answer';
create aggregate fairdb.total_moments_agg(float8, float8[]) (sfunc = fairdb.say, stype = text);
SQL
sql >/dev/null <<SQL
create server liar foreign data wrapper postgres_fdw options (host '$SERVER_STATE/north', dbname 'liar', extensions 'fairdb');
create user mapping for public server liar options (user 'postgres');
create table told (region text, sex text, y bool, p bool, x float8) partition by list (region);
create foreign table told_north partition of told for values in ('north') server liar options (table_name 'loans');
analyze told_north;
SQL
for answer in "null" "'{}'" "'{\"groups\": {}}'" "'{\"groups\": {\"a\": {}}}'" "'{\"groups\": {\"\": {\"tp\": 1}, \"b\": {\"tp\": 1}}}'" "'{\"weighted\": true, \"groups\": {}}'"; do
  PGHOST=$SERVER_STATE/north sql -d liar -c "truncate answer" -c "insert into answer values ($answer)"
  is "counts that are none are an error: $answer" "$(error "select audit('told', 'y', 'p', '{sex}', within => '{region}')" | sed 's/ with.*//')" "22P03: the server that has the rows answered"
done
forged=$(sql -c "select moments_agg(1, 'g' || i % 3, array[i]) from generate_series(1, 9) as i")
for answer in null "'$forged'"; do
  PGHOST=$SERVER_STATE/north sql -d liar -c "truncate answer" -c "insert into answer values ($answer)"
  is "moments that are none are an error" "$(error "select train_linear('told', 'x', 'sex', '{p,y}', loss => 'squared', fairness => 'demographic_parity')" | sed 's/:.*//')" "$([ "$answer" = null ] && echo 22000 || echo 22P03)"
done

is "what is no value is refused" "$(error "select c from forged" | sed 's/:.*//')" 22P02

# --- the manual ---------------------------------------------------------------------------------------------

for region in north south; do
  PGHOST=$SERVER_STATE/$region sql -d postgres >/dev/null <<SQL
create role auditor login;
create database lending;
\\c lending
create extension fairdb;
create table loans (region text, sex text, race text, income float8, repaid bool, approved bool, score float8);
insert into loans select '$region', (array['f', 'm'])[1 + i % 2], (array['x', 'y'])[1 + i % 3 % 2], i % 11, i % 3 = 0, i % 4 = 0, i % 100 / 100.0 from generate_series(1, 4000) as i;
grant select on loans to auditor;
SQL
done
fresh_database recipe
sql -c "create extension fairdb"
recipe foreign | sed "s|'north.example'|'$SERVER_STATE/north'|; s|'south.example'|'$SERVER_STATE/south'|" >"$SERVER_STATE/recipe.sql"
[ "$(sql -c "show server_version_num")" -ge 140000 ] || sed -i "s/, async_capable 'true'//" "$SERVER_STATE/recipe.sql"
sql -f "$SERVER_STATE/recipe.sql" >"$SERVER_STATE/recipe.out" 2>&1 || true
is "the manual's recipe runs, and its plan counts on both servers" "$(grep -c ERROR "$SERVER_STATE/recipe.out") $(grep -c 'Relations: Aggregate on' "$SERVER_STATE/recipe.out") $(grep -c '^{sex,race}' "$SERVER_STATE/recipe.out")" "0 2 4"
