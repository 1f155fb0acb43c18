#!/bin/sh
# a standby: every function that only reads answers there as it does on the primary; and logical replication of values
. "$(dirname "$0")/lib.sh"
top=$(cd "$(dirname "$0")/../.." && pwd)
seed=${STRESS_SEED:-1} statements=${STANDBY_STATEMENTS:-12000}

new_server primary "wal_level = logical" "max_wal_senders = 10"
PGHOST=$SERVER_STATE/primary
export PGHOST
fresh_database calls
sql -c "create extension fairdb"
PGOPTIONS='-c client_min_messages=error' sql -f "$top/test/stress/statements.sql" >/dev/null
PGOPTIONS='-c client_min_messages=error' sql -v seed="$seed" -v statements="$statements" -f "$top/test/stress/calls.sql" >/dev/null
new_standby standby primary
wait_for "select count(*) from pg_stat_replication where replay_lsn >= pg_current_wal_lsn()"

# answers SERVER: for each call its number, and rows or SQLSTATE.
answers() {
  sql -c "set search_path to stress, public, fairdb" -c "select format(E'\\\\echo call %s\nbegin; %s; rollback;', i, call) from calls order by i" >"$SERVER_STATE/calls.sql"
  { echo "set search_path to stress, public, fairdb;"; cat "$SERVER_STATE/calls.sql"; } |
    PGHOST=$SERVER_STATE/$1 PGOPTIONS='-c client_min_messages=error -c statement_timeout=20s' psql -X -q -A -t -v VERBOSITY=sqlstate 2>&1 |
    awk '/^call [0-9]+$/ { if (n) print n, (e ? e : "rows"); n = $2; e = ""; next } /^ERROR:  / { e = $2 } END { print n, (e ? e : "rows") }' >"$SERVER_STATE/$1.answers"
}
answers primary
answers standby
echo "# seed $seed: $(sql -c "select count(*), count(distinct name) from stress.calls" | sed 's/|/ calls of /') functions; answered with rows: $(grep -c rows "$SERVER_STATE/primary.answers") on the primary, $(grep -c rows "$SERVER_STATE/standby.answers") on the standby, refused there for writing: $(grep -c 25006 "$SERVER_STATE/standby.answers")"
sql >/dev/null <<SQL
create table stress.answers (server text, i int, answer text);
\\copy stress.answers (i, answer) from program 'cat $SERVER_STATE/primary.answers' (delimiter ' ')
update stress.answers set server = 'primary';
\\copy stress.answers (i, answer) from program 'cat $SERVER_STATE/standby.answers' (delimiter ' ')
update stress.answers set server = 'standby' where server is null;
create view stress.both_answers as select c.name, c.call, coalesce(p.answer, 'none') as primary_answer, coalesce(s.answer, 'none') as standby_answer from stress.calls as c left join stress.answers as p on p.server = 'primary' and p.i = c.i left join stress.answers as s on s.server = 'standby' and s.i = c.i;
SQL
writers="activate_model|add_limit|catch_up|claim|close_alert|confirm_jobs|count_window|create_audit|create_scoring_job|drop_audit|drop_limit|drop_model|drop_requirement|drop_scoring_job|grant_audit|grant_model|job_lock|note_failure|note_success|request_run|require_fair|rescore|revoke_audit|revoke_model|run_audit|run_job|run_scoring|save_model"
is "on the standby as on the primary, but for what writes" "$(sql -c "select name, primary_answer, standby_answer, left(call, 200) from stress.both_answers where (primary_answer <> standby_answer or primary_answer = 'none') and '57014' not in (primary_answer, standby_answer) and not (standby_answer = '25006' and name ~ '^($writers)\$') limit 5")" ""
is "every function that reads has succeeded there, too" "$(sql -c "select string_agg(proname, ' ') from (select distinct proname from stress.functions where schema = 'fairdb'::regnamespace and prokind <> 'p' and proname !~ '^($writers)\$' and proname not in (select name from stress.both_answers where standby_answer = 'rows') order by 1) as t")" ""

# --- logical replication: values as texts, and as they are sent ------------------------------------------

new_server subscriber
sql >/dev/null <<'SQL'
set search_path to public, fairdb;
create table daily (day date primary key, c confusion, d distribution, n moments, v vector_sample);
create table shared (name text primary key, m model, r thresholds, k calibration, g graph_embedding);
insert into daily select day, confusion_agg(y, z, g), distribution_agg(x, g), moments_agg(x, g, array[k]), vector_sample_agg(array[x, k], g) from (select *, d - (d - date '2020-01-01') % 30 as day from stress.people) as p group by day;
insert into shared select 'a', (select v from stress.trained where i = 1), (select v from stress.rules where i = 1), (select v from stress.maps where i = 1), (select v from stress.graphs where i = 1);
create publication values_of_days for table daily, shared;
SQL
digest="select (select md5(string_agg(t::text, ' ' order by day)) from daily as t), (select md5(string_agg(t::text, ' ')) from shared as t)"
for binary in false $([ "$(sql -c "show server_version_num")" -lt 140000 ] || echo true); do
  (
    PGHOST=$SERVER_STATE/subscriber
    export PGHOST
    fresh_database "replica_$binary"
    sql >/dev/null <<SQL
create extension fairdb;
set search_path to public, fairdb;
create table daily (day date primary key, c confusion, d distribution, n moments, v vector_sample);
create table shared (name text primary key, m model, r thresholds, k calibration, g graph_embedding);
set client_min_messages to warning;
create subscription values_$binary connection 'host=$SERVER_STATE/primary user=postgres dbname=calls' publication values_of_days $([ $binary = false ] || echo "with (binary = true)");
SQL
    wait_for "select count(*) from shared"
    wait_for "select count(*) from daily having count(*) = 11"
  )
  sql -c "update daily set c = c operator(fairdb.+) c where day = '2020-01-01'"
  changed=$(sql -c "select c from daily where day = '2020-01-01'")
  PGHOST=$SERVER_STATE/subscriber PGDATABASE=replica_$binary wait_for "select count(*) from daily where day = '2020-01-01' and c::text = '$changed'"
  is "values are replicated, $([ $binary = false ] && echo as texts || echo as they are sent)" "$(PGHOST=$SERVER_STATE/subscriber sql -d "replica_$binary" -c "$digest" -c "select fairdb.demographic_parity_difference(fairdb.rollup(c)) from daily")" "$(sql -c "$digest" -c "select fairdb.demographic_parity_difference(fairdb.rollup(c)) from daily")"
  PGHOST=$SERVER_STATE/subscriber sql -d "replica_$binary" -c "set client_min_messages to warning" -c "drop subscription values_$binary"
done

# --- the manual ---------------------------------------------------------------------------------------------

sql -d postgres -c "create database lending"
sql -d lending >/dev/null <<'SQL'
create extension fairdb;
create table daily (day date primary key, counts fairdb.confusion, scores fairdb.distribution);
insert into daily select '2024-01-01', fairdb.confusion_agg(true, i % 2 = 0, 'a'), fairdb.distribution_agg(i, 'a'::text) from generate_series(1, 9) as i;
create publication daily for table daily;
SQL
(
  PGHOST=$SERVER_STATE/subscriber
  export PGHOST
  fresh_database recipe
  sql -c "create extension fairdb"
  recipe subscriber | sed "s|primary.example|$SERVER_STATE/primary|" >"$SERVER_STATE/recipe.sql"
  [ "$(sql -c "show server_version_num")" -ge 140000 ] || sed -i 's/ with (binary = true)//' "$SERVER_STATE/recipe.sql"
  sql -f "$SERVER_STATE/recipe.sql" >"$SERVER_STATE/recipe.out" 2>&1 || cat "$SERVER_STATE/recipe.out"
  wait_for "select count(*) from daily"
  is "the manual's recipe runs" "$(sql -c "select fairdb.describe(scores) -> 'groups' -> 0 ->> 'rows', counts from daily")" '9|{"groups": {"a": {"fn": 5, "tp": 4}}}'
  sql -c "set client_min_messages to warning" -c "drop subscription daily"
)
