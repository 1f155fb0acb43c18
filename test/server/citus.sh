#!/bin/sh
# Citus: a coordinator and two workers, which count, train, predict and lose nothing when one of them dies
. "$(dirname "$0")/lib.sh"

if [ ! -f "$("$PG_CONFIG" --pkglibdir)/citus.so" ]; then
  echo "ok - a table that Citus distributes # skip Citus is not installed"
  exit
fi
for node in coordinator worker1 worker2; do
  new_server $node "shared_preload_libraries = 'citus'" "citus.node_conninfo = 'sslmode=disable'" "wal_level = logical" "max_prepared_transactions = 50" "citus.shard_count = 4" "citus.explain_all_tasks = on"
  PGHOST=$SERVER_STATE/$node sql -d postgres -c "set client_min_messages to warning" -c "create database shards"
  PGHOST=$SERVER_STATE/$node sql -d shards -c "set client_min_messages to warning" -c "create extension citus"
done
PGHOST=$SERVER_STATE/coordinator PGDATABASE=shards
export PGHOST PGDATABASE
sql >/dev/null <<SQL
set client_min_messages to warning;
select citus_set_coordinator_host('$SERVER_STATE/coordinator', 5432);
select citus_add_node('$SERVER_STATE/worker1', 5432);
select citus_add_node('$SERVER_STATE/worker2', 5432);
create extension fairdb;
alter database shards set search_path = public, fairdb;
alter database shards set timezone = 'UTC';
set search_path to public, fairdb;
create table loans (id bigint, tenant int, decided timestamptz, sex text, race text, age int, single bool, repaid bool, approved int, score float8, w float8);
insert into loans select i, i % 50, timestamptz '2024-01-01' + i * interval '1 hour', case when i % 31 <> 0 then (array['f', 'm'])[1 + (i * 7919) % 2] end, (array['x', 'y "z"', 'v'])[1 + (i * 104729) % 3],
  (i * 31) % 5, i % 7 < 3, case when i % 41 <> 0 then (i * 7919) % 11 < 4 end, ((i * 104729) % 13 < 6)::int, ((i * 104729) % 997) / 997.0, (i % 5) / 2.0 from generate_series(1, 8000) as i;
create table here as select * from loans;
select create_distributed_table('loans', 'tenant');
SQL
echo "# $(sql -c "select citus_version()")"

# --- what the workers count --------------------------------------------------------------------------

# remote SQL: what it asks of the workers: how many tasks count (aggregates as a whole or in part), and how many fetch rows.
remote() {
  psql -X -q -c "set citus.log_remote_commands to on" -c "set client_min_messages to notice" -c "$1" 2>&1 | sed -n 's/.*issuing SELECT/SELECT/p' >"$SERVER_STATE/remote"
  counting='(worker_[a-z_]*partial_agg|_agg\(|count\(|sum\(|GROUP BY)'
  echo "$(grep -c -E "$counting" "$SERVER_STATE/remote") count, $(grep -v -c -E "$counting" "$SERVER_STATE/remote") fetch"
}
counted() { is "$1: the workers count" "$(remote "$3")" "$2 count, 0 fetch"; }
same() {  # same BUILDER: over all shards, in part by each worker, and by the column of the distribution, as a whole
  counted "$1" 4 "select $1 from loans"
  case $1 in
    # Means and scatters are joined up to rounding.
    *moments_agg*) told="(select array_agg(round(c.coefficient::numeric, 12) order by c.feature) from coefficients(train_moments(v, fairness => 'none')) as c)" ;;
    *) told=v ;;
  esac
  is "$1: the same value" "$(sql -c "create temp table far as select $1 as v from loans" -c "create temp table near as select $1 as v from here" -c "select (select $told from far) = (select $told from near)")" t
}
# Every aggregate of the extension that takes its group as a text, by its own name and by key(), or none; of what
# their arguments are called.
sql -c "select format('%s(%s)', p.proname, (select string_agg(case n when 'y_true' then 'repaid' when 'y_pred' then 'approved = 1' when 'sensitive' then g when 'score' then 'score' when 'target' then 'score' when 'weight' then 'w'
    when 'features' then 'array[age::float8, approved::float8]' when 'vector' then 'array[age::float8, w]' when 'size' then '50' when 'n' then 'id' when 'p' then '0.5' else '?' || n end, ', ' order by o) from unnest(p.proargnames) with ordinality as a (n, o)))
  from pg_proc as p, unnest('{sex,\"key(sex, race)\"}'::text[]) as g where p.pronamespace = 'fairdb'::regnamespace and p.prokind = 'a' and p.proname <> 'rollup' and not p.proargtypes::oid[] && '{anyelement}'::regtype[]::oid[]
    and (g = 'sex' or 'text'::regtype = any (p.proargtypes::oid[])) order by 1" >"$SERVER_STATE/builders"
is "every argument of an aggregate is known here" "$(grep '?' "$SERVER_STATE/builders")" ""
ok "there are many" test "$(wc -l <"$SERVER_STATE/builders")" -gt 60
while read -r builder; do same "$builder" </dev/null; done <"$SERVER_STATE/builders"
counted "by the column of the distribution, as a whole" 4 "select count(*) from (select tenant, confusion_agg(repaid, approved = 1, single) as v from loans group by tenant) as t"
is "of other types than text the workers are asked in vain: the manual says to cast" "$(error "select confusion_agg(repaid, approved = 1, single) from loans")" "XX000: worker_partial_agg_sfunc could not confirm type correctness"

# Stored values, beside the rows that they are of.
sql >/dev/null <<'SQL'
set client_min_messages to warning;
create table stored (tenant int, c confusion, d distribution, n moments, v vector_sample);
select create_distributed_table('stored', 'tenant', colocate_with => 'loans');
insert into stored select tenant, confusion_agg(repaid, approved = 1, sex), distribution_agg(score, sex), moments_agg(score, sex, array[age::float8]), vector_sample_agg(array[age::float8, w], sex) from loans group by tenant;
SQL
counted "rollup of stored values" 4 "select rollup(c), rollup(d), rollup(n), rollup(v) from stored"
is "the same values" "$(sql -c "create temp table far as select rollup(c) as c, rollup(d) as d, rollup(v) as v, describe(rollup(n)) as n from stored" -c "select far.c = confusion_agg(repaid, approved = 1, sex), far.d = distribution_agg(score, sex), far.v = vector_sample_agg(array[age::float8, w], sex), far.n = describe(moments_agg(score, sex, array[age::float8])) from here, far group by far.c, far.d, far.v, far.n")" "t|t|t|t"

# --- what reads a source -----------------------------------------------------------------------------

counted "audit" 4 "select count(*) from audit('loans', 'repaid', 'approved', '{sex,race}')"
counted "audit of any types, by strata, with weights" 4 "select count(*) from audit('loans', 'repaid', 'approved', '{sex,age,single}', '{race}', 'w')"
counted "audit of a SELECT" 4 "select count(*) from audit('select *, race = ''x'' as said from loans where age > 1', null, 'said', '{sex,age}')"
counted "audit within the column of the distribution" 4 "select count(*) from audit('loans', 'repaid', 'approved', '{sex,age}', within => '{tenant}')"
counted "audit_confusions" 4 "select count(*) from audit_confusions('loans', 'repaid', 'approved', '{sex,single}')"
counted "multiclass_confusions" 4 "select count(*) from multiclass_confusions('loans', 'race', 'race', '{sex,single}')"
counted "regression_gaps" 4 "select count(*) from regression_gaps('loans', 'score', 'w', '{sex,single}')"
counted "report" 4 "select length(report('loans', 'repaid', 'approved', 'score', '{sex,age}'))"
for arguments in "'{sex,race,age,single}', '{race}', 'w'" "'{sex,age}', within => '{tenant}'"; do
  is "audit($arguments) tells the same" "$(sql -c "create temp table far as select to_jsonb(a) as r from audit('loans', 'repaid', 'approved', $(echo "$arguments" | sed "s/'{race}'/'{tenant}'/")) as a" \
    -c "select count(*) > 3, count(*) filter (where f.r is null or a.r is null) from far as f full join (select to_jsonb(a) as r from audit('here', 'repaid', 'approved', $(echo "$arguments" | sed "s/'{race}'/'{tenant}'/; s/, within.*//")) as a) as a using (r)")" "t|0"
done
sql >/dev/null -c "select create_audit(source, source, 'repaid', 'approved', '{sex,age}', at => 'decided', score => 'score', starts => '2024-01-01', every => '1 month') from unnest('{loans,here}'::text[]) as source"
counted "run_audit" 8 "select n from run_audit('loans', '2024-01-01', '2024-02-01')"
is "the same runs" "$(sql -c "select count(*), bool_and(l.confusion = h.confusion), bool_and(l.distribution = h.distribution) from run_audit('loans', '2024-02-01', '2024-05-01') as l join run_audit('here', '2024-02-01', '2024-05-01') as h using (\"from\")")" "3|t|t"

model="'score', 'sex', '{age,approved,single,w}', loss => 'squared', fairness => 'demographic_parity'"
known="select * from SOURCE where sex is not null"
counted "train_linear with the squared loss" 8 "select train_linear('$(echo "$known" | sed s/SOURCE/loans/)', $model) is null"
is "the same coefficients to twelve digits" "$(sql -c "select count(*), max(abs(f.standardized - h.standardized)) <= 1e-12 * max(abs(h.standardized)) from coefficients(train_linear('$(echo "$known" | sed s/SOURCE/loans/)', $model)) as f join coefficients(train_linear('$(echo "$known" | sed s/SOURCE/here/)', $model)) as h using (feature)")" "5|t"
is "other losses fetch the rows" "$(remote "select train_linear('loans', 'single', 'race', '{age,approved,w}') is null")" "0 count, 4 fetch"

# --- models and laws on the workers ----------------------------------------------------------------------

sql >/dev/null <<'SQL'
set client_min_messages to warning;
create table shared_models (name text primary key, model model, law distribution);
select create_reference_table('shared_models');
insert into shared_models select 'credit', train_linear('here', 'single', 'race', '{age,approved,w}', epsilon => 1), (select distribution_agg(score, sex) from here);
select save_model('credit', model) from shared_models;
-- By name each worker has to know it, too.
select run_command_on_workers(format('select fairdb.save_model(%L, %L::fairdb.model)', name, model)) from (select name, model::text as model from shared_models) as m;
SQL
# scores EXPRESSION FROM CALL: its sum over the shards and over the rows here, to ten digits.
scores() {
  is "$1: on the workers" "$(remote "select round(sum($1)::numeric, 10) from loans as l${2-}" | sed 's/ fetch//') $(grep -c "$3" "$SERVER_STATE/remote")" "4 count, 0 4"
  is "$1: the same scores" "$(sql -c "create temp table far as select round(sum($1)::numeric, 10) as v from loans as l${2-}" -c "create temp table near as select round(sum($1)::numeric, 10) as v from here as l${2-}" -c "select far.v = near.v from far, near")" t
}
scores "predict('credit', l)" "" "predict('credit'"
scores "predict(m.model, l)" ", shared_models as m where m.name = 'credit'" "predict(m.model"
scores "adjust(m.law, l.score, l.sex)" ", shared_models as m where m.name = 'credit' and l.sex is not null" "adjust(m.law"

# --- a worker that dies -----------------------------------------------------------------------------------

runs=$(sql -c "select count(*) from kept_runs")
sql -c "create function slowly(anyelement) returns anyelement language plpgsql immutable as 'begin perform pg_sleep(0.002); return \$1; end'"
psql -X -q -v VERBOSITY=sqlstate -c "select audit('select slowly(sex) as sex, repaid, approved from loans', 'repaid', 'approved', '{sex}')" >"$SERVER_STATE/dying" 2>&1 &
client=$!
PGHOST=$SERVER_STATE/worker2 wait_for "select count(*) from pg_stat_activity where query like '%slowly%' and state = 'active' and pid <> pg_backend_pid()"
own worker2 stop
wait $client || true
ok "a worker that dies in the middle is an error" grep -q '^ERROR' "$SERVER_STATE/dying"
is "run_audit says so too" "$(sql -c "select run_audit('loans', '2024-06-01', '2024-07-01')" 2>&1 | grep -c '^ERROR')" 1
own worker2 start
is "nothing is lost, and nothing half done" "$(sql -c "select count(*) from kept_runs" -c "select count(*) from loans" -c "select count(*) from run_audit('loans', '2024-06-01', '2024-07-01')")" "$runs
8000
1"

# --- the manual ---------------------------------------------------------------------------------------------

sql -c "set client_min_messages to warning" -c "drop table loans, stored, shared_models cascade" >/dev/null
recipe citus | sed 's/^create extension fairdb/create extension if not exists fairdb/' >"$SERVER_STATE/recipe.sql"
sql -f "$SERVER_STATE/recipe.sql" >"$SERVER_STATE/recipe.out" 2>&1 || true
is "the manual's recipe runs, and its plan has the workers count" "$(grep -c ERROR "$SERVER_STATE/recipe.out") $(grep -c 'Query: .*partial_agg' "$SERVER_STATE/recipe.out")" "0 4"
