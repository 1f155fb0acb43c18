#!/bin/sh
# audits and scoring that run by themselves: crashes, races, schedules, late labels, limits, gates, rights, dumps
. "$(dirname "$0")/lib.sh"

# --- a server of its own, whose backends are killed; with pg_cron where it is installed ---------------

folder=$SERVER_STATE/server
set -- "max_connections = 50"
[ ! -f "$("$PG_CONFIG" --pkglibdir)/pg_cron.so" ] ||
  set -- "$@" "shared_preload_libraries = 'pg_cron'" "cron.database_name = 'jobs'" "cron.host = '$folder'"
new_server server "$@"
PGHOST=$folder PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
export PGHOST PGPORT PGUSER PGDATABASE
as() { role=$1 && shift && psql -X -A -t -q -U "$role" "$@" 2>&1; }
fresh_database jobs
sql >/dev/null <<'SQL'
create extension fairdb;
alter database jobs set search_path = public, fairdb;
alter database jobs set timezone = 'UTC';
create role risk login;
create role clerk login;
create role auditor login;
create role other login;
grant create on schema public to risk, clerk, other;
SQL

# --- scoring that is killed -----------------------------------------------------------------------

as risk >/dev/null <<'SQL'
create table applications as select i as id, (i * 7919 % 1009) / 1009.0::float8 as x, i % 13 as z, i % 3 = 0 as y from generate_series(1, 200000) as i;
select save_model('credit', train_linear('select * from applications where id <= 2000', 'y', null, '{x,z}', fairness => 'none'));
select create_scoring_job('credit', 'applications', 'id', 'credit', 'credit_scores');
SQL
# As long as a run takes on this machine, and a training: each round has one of either to do at least, since what was killed
# stays to be done, and is killed at a random moment of it.
training="select save_model('killed', train_linear('select * from applications where id <= 60000', 'y', null, '{x,z}', fairness => 'none', loss => 'hinge'))"
took() {
  begun=$(date +%s%N)
  as risk >/dev/null -c "$1"
  echo $(($(date +%s%N) - begun))
}
scoring_takes=$(took "call run_due()") training_takes=$(took "$training")
seed=20261127 rounds=${KILLS:-20}
echo "# backends are killed after pauses of seed $seed"
killed=0
round=0
for pause in $(awk -v seed=$seed -v rounds="$rounds" -v scoring="$scoring_takes" -v training="$training_takes" 'BEGIN { srand(seed); for (i = 1; i <= rounds; i++) printf "%.3f ", rand() * (i % 2 ? scoring : training) / 1e9 }'); do
  round=$((round + 1))
  if [ $((round % 2)) = 1 ]; then
    as risk >/dev/null -c "select create_scoring_job('round $round', 'applications', 'id', 'credit', 'scores_$round')"
    call="call run_due()"
  else
    call=$training
  fi
  rm -f "$folder/pid"
  psql -X -q -A -t -U risk -c "select pg_backend_pid()" -c "$call" >"$folder/pid" 2>/dev/null &
  client=$!
  until [ -s "$folder/pid" ] || ! kill -0 $client 2>/dev/null; do sleep 0.01; done
  sleep "$pause"
  ! kill -9 "$(head -n 1 "$folder/pid")" 2>/dev/null || killed=$((killed + 1))
  wait $client || true
  until sql -d postgres -c "select 1" >/dev/null 2>&1; do sleep 0.05; done
done
echo "# $killed of $rounds backends were there to be killed"
ok "some backends were killed in the middle" test "$killed" -ge $((rounds / 4))
tables=$(sql -c "select string_agg(relname, ' ') from pg_class where relname ~ '^scores_\\d+$' and relkind = 'r'")
everywhere() { for table in $tables; do sql -c "select $1 from $table as s ${2-}"; done | sort -u; }
is "none has left a part of a run" "$(everywhere 'count(*) in (0, 200000)')" t
is "nor a part of a model" "$(sql -c "select bool_and(digest = digest(model)) from models where name = 'killed'")" t
# Before version 14 such files stay until the server is started again.
[ "$(sql -c "show server_version_num")" -lt 140000 ] || is "nor a file of work that was in progress" "$(find "$folder/data/base/pgsql_tmp" -type f 2>/dev/null | wc -l)" 0
as risk >/dev/null -c "call run_due()"
is "in the end each row has the score of a fresh scoring" "$(everywhere 'count(*), count(distinct s.id), count(*) filter (where s.score = predict(m.model, a))' "join applications as a using (id), models as m where m.name = 'credit'")" "200000|200000|200000"
as risk >/dev/null -c "select drop_scoring_job(name) from scoring_jobs where name like 'round %'"

# --- pg_cron calls run_due while the other tests run ----------------------------------------------

# After the kills: each of them restarts the server, and pg_cron calls a run that this ends a failure.
scheduled=
if [ -f "$("$PG_CONFIG" --pkglibdir)/pg_cron.so" ]; then
  scheduled=yes
  sql >/dev/null <<'SQL'
create extension pg_cron;
grant usage on schema cron to clerk;
SQL
  as clerk >/dev/null <<'SQL'
create table by_cron as select now() - i * interval '1 minute' as at, i % 2 = 0 as y, i % 3 as g from generate_series(1, 600) as i;
select create_audit('by_cron', 'by_cron', null, 'y', 'g', at => 'at', every => '1 hour', starts => now() - interval '5 hours');
select cron.schedule('fairdb', '* * * * *', 'call fairdb.run_due()');
SQL
fi

# --- rows that are committed late -----------------------------------------------------------------

as risk >/dev/null <<'SQL'
create table late (id int primary key, x float8, z int, written xid8 default pg_current_xact_id(), at timestamptz default now());
create index on late (written);
insert into late select i, i / 100.0, i % 13 from generate_series(1, 100) as i;
select create_scoring_job('all', 'late', 'id', 'credit', 'late_all');
select create_scoring_job('written', 'late', 'id', 'credit', 'late_written', written => 'written');
select create_scoring_job('since', 'late', 'id', 'credit', 'late_since', since => 'at');
select run_scoring('all'), run_scoring('written'), run_scoring('since');
SQL
hold_gate
echo "begin; insert into public.late values (1000, 0.5, 1); select pg_advisory_xact_lock_shared(1); commit;" | psql -X -q -U risk >/dev/null 2>&1 9>&- &
writer=$!
wait_for "$at_the_gate"
as risk -c "insert into late values (2000, 0.5, 1)"
is "a row that is committed is scored beside an older one that is not" "$(as risk -c "select run_scoring('all'), run_scoring('written'), run_scoring('since')")" "1|1|1"
open_gate
wait $writer
is "the older one is scored when it is committed" "$(as risk -c "select run_scoring('all'), run_scoring('written'), run_scoring('since')")" "1|1|1"
is "and none again" "$(as risk -c "select run_scoring('all'), run_scoring('written'), run_scoring('since')")" "0|0|0"

# --- eight sessions at once, and missed windows ---------------------------------------------------

as risk >/dev/null <<'SQL'
create table decisions as
select i as id, timestamptz '2024-01-01 00:00+00' + i * interval '20 minutes' as at, i % 2 = 0 as approved, i % 3 = 0 as repaid,
  (array['f', 'm'])[1 + i % 5 / 2 % 2] as sex, (array['b', 'w'])[1 + i % 7 / 3 % 2] as race from generate_series(0, 5 * 504 - 1) as i;
select create_audit('week ' || k, 'select * from decisions where at < ''2024-02-05''', 'repaid', 'approved', '{sex,race}', at => 'at', starts => '2024-01-01') from generate_series(1, 3) as k;
select create_scoring_job('eight', 'applications', 'id', 'credit', 'eight_scores');
SQL
# Windows up to 2024-02-05 only: later ones begin in the future.
due_until() { as risk -c "update audits set next_from = '9999-01-03' where next_from >= '$1'" >/dev/null; }
for session in 1 2 3 4 5 6 7 8; do
  { for call in 1 2 3 4 5; do echo "call run_due(1);"; done; } | psql -X -q -U risk >"$folder/eight.$session" 2>&1 &
  sessions="${sessions:-} $!"
done
# shellcheck disable=SC2086  # a list of numbers
wait $sessions
as risk -c "call run_due(15)" >/dev/null
is "eight sessions that run what is due have no error" "$(cat "$folder"/eight.?)" ""
is "each window stands once, in order, and the rows are scored once" "$(sql -c "select count(*) = count(distinct (audit, \"from\")), bool_and(attempt = 1), min(number) from runs where \"from\" < '2024-02-05' and audit in (select id from audits where name like 'week%')" -c "select count(*) from eight_scores")" "t|t|1
200000"
as risk >/dev/null <<'SQL'
select drop_audit(name) from audits where name like 'week%';
select create_audit('missed', 'decisions', 'repaid', 'approved', '{sex,race}', at => 'at', every => '1 week', starts => date_trunc('week', now()) - interval '5 weeks');
call run_due();
SQL
is "five missed weeks are five runs, oldest first" "$(sql -c "select count(*), min(number), max(number), bool_and(\"from\" = date_trunc('week', now()) - (6 - number) * interval '1 week') from last_runs where audit_name = 'missed'")" "5|1|5|t"
is "and there is nothing left to do" "$(as risk -c "call run_due()"; sql -c "select count(*) from last_runs where audit_name = 'missed'")" 5
is "a window that is already being run is no error" "$(
  hold_gate
  psql -X -q -U risk -c "begin" -c "select fairdb_jobs.job_lock(id) from fairdb.audits where name = 'missed'" -c "select pg_advisory_lock_shared(1)" -c "commit" >/dev/null 2>&1 9>&- &
  holding=$!
  wait_for "$at_the_gate"
  as risk -c "select count(*) from run_audit('missed')"
  open_gate
  wait $holding)" 'NOTICE:  audit "missed" is already running
0'

as risk >/dev/null <<'SQL'
create table parent (id int primary key);
create table refused (id int primary key references parent deferrable initially deferred, score float8, fair_score float8, model_version int, law_digest text, reason text, scored_at timestamptz);
select create_scoring_job('refused', 'applications', 'id', 'credit', 'refused');
create function asserts(i int) returns bool language plpgsql as $$ begin assert false; return true; end $$;
select create_audit('asserts', 'select at, asserts(id) as approved, sex from decisions', null, 'approved', 'sex', at => 'at', starts => '2024-01-29');
SQL
is "what fails at the end of its transaction, or asserts, is recorded like any other" "$(as risk -c "call run_due()" | grep -c WARNING; as risk -c "select name, failures from scoring_jobs where name = 'refused' union all select name, failures from audits where name = 'asserts'" -c "select drop_scoring_job('refused'), drop_audit('asserts')")" '2
refused|1
asserts|1
|'
for session in 1 2 3 4; do
  PGOPTIONS='-c default_transaction_isolation=serializable' psql -X -q -U risk -c "call run_due()" >"$folder/serial.$session" 2>&1 &
  serial="${serial:-} $!"
done
# shellcheck disable=SC2086  # a list of numbers
wait $serial
is "whatever the session's isolation is, sessions do not fail each other" "$(cat "$folder"/serial.?)" ""
is "with one run a call none waits for ever" "$(
  as risk -c "select create_audit('turn ' || k, 'decisions', null, 'approved', 'sex', at => 'at', starts => date_trunc('week', now()) - interval '2 weeks') is not null from generate_series(1, 3) as k" >/dev/null
  for call in $(seq 30); do as risk -c "call run_due(1)"; done
  sql -c "select count(*) from last_runs where audit_name like 'turn%'")" 6
as risk >/dev/null <<'SQL'
create function slow(i int) returns bool language plpgsql as $$ begin perform pg_sleep(20); return true; end $$;
select create_audit('slow', 'select at, slow(id) as approved, sex from decisions', null, 'approved', 'sex', at => 'at', starts => '2024-01-29');
update audits set tried_at = '-infinity' where name = 'slow';
SQL
is "a run that is cancelled is recorded, and others come first next time" "$(as risk -v VERBOSITY=sqlstate -c "set statement_timeout = '300ms'" -c "call run_due()" -c "select failures, last_error like 'canceling%', tried_at is not null from audits where name = 'slow'")" 'ERROR:  57014
1|t|t'
as risk >/dev/null -c "select drop_audit(name) from audits where name = 'slow' or name like 'turn%'"

# --- labels that arrive over 60 days --------------------------------------------------------------

as risk >/dev/null <<'SQL'
create table arriving as
select i as id, now() - interval '70 days' + i * interval '1 hour' as at, i % 2 = 0 as approved, null::bool as repaid, (array['f', 'm'])[1 + i % 3 / 2] as sex from generate_series(1, 70 * 24 - 1) as i;
select create_audit('arriving', 'arriving', 'repaid', 'approved', 'sex', at => 'at', every => '7 days', recount => '60 days', starts => now() - interval '70 days');
call run_due();
SQL
first=$(sql -c "select count(*) from last_runs where audit_name = 'arriving'")
for part in 0 1 2 3 4 5; do
  as risk >/dev/null -c "update arriving set repaid = id % 4 > 0 where id % 6 = $part" -c "update audits set recount_from = '-infinity' where name = 'arriving'" -c "call run_due()" -c "call run_due()"
done
is "windows are counted again while their labels arrive" "$(sql -c "select count(*) = $first, max(attempt) = 7, min(attempt) from last_runs where audit_name = 'arriving'")" "t|t|1"
is "windows that are old enough are closed" "$(sql -c "select settled = (select max(until) from last_runs where audit_name = 'arriving' and until + interval '60 days' <= now()) from audits where name = 'arriving'")" t
is "in the end what is stored is what is counted, and replay says so" "$(as risk -c "select bool_and(p.equal), bool_and(p.differs_in = '{}'), count(*) = (select count(*) - 1 from last_runs where audit_name = 'arriving' and until > a.settled) from audits as a, last_runs as r, replay('arriving', r.number) as p where a.name = 'arriving' and r.audit = a.id and r.until > a.settled and r.until < a.next_from group by a.settled")" "t|t|t"
is "of a closed one replay says that it would be another one now" "$(as risk -c "select p.equal, p.differs_in from audits as a, last_runs as r, replay('arriving', r.number) as p where a.name = 'arriving' and r.audit = a.id and r.until <= a.settled order by r.until limit 1")" "f|{confusion}"
is "each attempt is kept" "$(sql -c "select count(*) > 6 from runs where audit = (select id from audits where name = 'arriving')")" t

# --- limits and alerts ----------------------------------------------------------------------------

as risk >/dev/null <<'SQL'
create table watched (at timestamptz, approved bool, sex text);
create function watch(week int, gap float8) returns void language sql as $$
  insert into watched select timestamptz '2024-01-01' + $1 * interval '1 week' + i * interval '1 minute', i % 100 < 30 + case when i % 2 = 0 then 100 * $2 else 0 end, case when i % 2 = 0 then 'f' else 'm' end
  from generate_series(0, 3999) as i $$;
select watch(week, case when week between 3 and 9 then 0.3 else 0 end) from generate_series(0, 12) as week;
select create_audit('watched', 'watched', null, 'approved', 'sex', at => 'at', starts => '2024-01-01');
select add_limit('watched', 'demographic_parity_difference', at_most => 0.1);
SQL
{
  echo "listen fairdb_alert;"
  for week in 0 1 2 3 4 5 6 7 8 9 10 11 12; do echo "select count(*) from run_audit('watched', timestamptz '2024-01-01' + $week * interval '1 week', timestamptz '2024-01-01' + ($week + 1) * interval '1 week');"; done
} | psql -X -q -A -t -U risk >"$folder/notified" 2>&1
is "one lasting breach opens one alert, which closes after two windows within" "$(sql -c "select metric, r.\"from\"::date, t.closed_at is not null, t.note from alerts as t join runs as r on r.number = t.run and r.audit = (select id from audits where name = 'watched') where t.job = 'watched'")" \
  "demographic_parity_difference|2024-01-29|t|two windows within the limit"
is "who listens is told twice" "$(grep -o '"event": "[a-z]*"' "$folder/notified" | tr '\n' ' ')" '"event": "opened" "event": "closed" '
is "the verdicts say why" "$(sql -c "select string_agg(verdict || case when alert then '!' else '' end, ' ' order by \"from\") from verdicts where audit_name = 'watched'")" \
  "within within within undecided above! above! above! above! above! above! within! within within"
is "a job that fails is tried again later, and five times open an alert" "$(
  as risk -c "select create_audit('failing', 'watched', null, 'approved', 'sex', at => 'at', starts => '2026-11-02')" -c "alter table watched rename to gone" >/dev/null
  for attempt in 1 2 3 4 5; do
    as risk -c "update audits set retry_at = null where name = 'failing'" -c "call run_due()" | grep -c 'WARNING:  audit "failing" failed: relation "watched" does not exist' || true
  done | sort | uniq -c | tr -s ' '
  as risk -c "call run_due()"
  sql -c "select failures, retry_at - now() between '14 minutes' and '16 minutes', last_error from audits where name = 'failing'" -c "select metric is null, reason, closed_at is null from alerts where job = 'failing'")" \
  ' 5 1
5|t|relation "watched" does not exist (42P01)
t|relation "watched" does not exist (42P01)|t'
as risk >/dev/null -c "alter table gone rename to watched" -c "update audits set retry_at = null where name = 'failing'" -c "call run_due()"
is "it closes when the job runs again" "$(sql -c "select failures, last_error is null from audits where name = 'failing'" -c "select closed_at is null from alerts where job = 'failing'")" '0|t
f'

as risk >/dev/null <<'SQL'
create function change(week int, gap float8) returns void language sql as $$
  delete from watched where at >= timestamptz '2024-01-01' + $1 * interval '1 week' and at < timestamptz '2024-01-01' + ($1 + 1) * interval '1 week'; select watch($1, $2) $$;
select watch(week, 0) from generate_series(13, 20) as week;
select create_audit('again', 'watched', null, 'approved', 'sex', at => 'at', recount => '1000 weeks', starts => '2024-01-01');
select add_limit('again', 'demographic_parity_difference', at_most => 0.1);
select change(week, case when week in (4, 5) then 0.3 else 0 end) from generate_series(0, 20) as week;
SQL
# recounted: the alerts after windows 0 to 6 were counted again, each with the window that opens it and whether it is open.
recounted() {
  as risk >/dev/null -c "select count(*) from run_audit('again', '2024-01-01', '2024-02-19')"
  sql -c "select string_agg((extract(day from window_from - '2024-01-01') / 7)::int || case when closed_at is null then ' open' else '' end, ', ' order by opened_at) from kept_alerts where job = (select id from audits where name = 'again')"
}
is "a breach of several windows at once is one alert" "$(recounted)" "5 open"
as risk >/dev/null -c "select change(5, 0)"
is "which is closed when the windows are counted again and keep the limit" "$(recounted)" "5"
as risk >/dev/null -c "select change(5, 0.3), change(6, 0.3)"
is "and another one opens when they do not" "$(recounted)" "5, 5 open"
as risk >/dev/null -c "select change(3, 0.3)"
is "one whose beginning has moved is the same" "$(recounted)" "5, 5 open"
as risk >/dev/null -c "select count(*) from run_audit('again', '2024-02-19', '2024-03-18')"
is "and closes once" "$(recounted)" "5, 5"
as risk >/dev/null -c "select drop_audit('again')"

# --- what runs have stored is as it was -----------------------------------------------------------

is "no run is found to be changed" "$(as risk -c "select count(*) from verify_runs('missed')" -c "select count(*) from verify_runs('arriving')")" '0
0'
is "a change of any column of a run is found" "$(sql <<'SQL' 2>&1 | grep -o 'unnoticed:.*'
set client_min_messages = notice;
do $$
declare
  c record;
  found text := '';
begin
  for c in select attname, atttypid::regtype::text as type from pg_attribute where attrelid = 'fairdb.kept_runs'::regclass and attnum > 0 order by attnum loop
    begin
      alter table fairdb.kept_runs disable trigger user;
      execute format('update fairdb.kept_runs set %I = %s where audit = (select id from fairdb.audits where name = ''missed'') and number = 3', c.attname,
        case when c.attname = 'audit' then quote_literal(gen_random_uuid()) || '::uuid' when c.type in ('bigint', 'integer') then format('coalesce(%I, 0) + 100', c.attname) when c.type like 'timestamp%' then format('%I + interval ''1 second''', c.attname)
          when c.type = 'double precision' then '0.123' when c.type like '%confusion' then '''{"groups": {"x": {"tp": 1}}}''::jsonb::fairdb.confusion' when c.type like '%distribution' then '(select fairdb.distribution_agg(1, ''a''::text))'
          when c.type = 'jsonb' then '''[]''' else format('coalesce(%I, '''') || ''x''', c.attname) end);
      if (select count(*) from fairdb.verify_runs('missed', 'risk') where run in (3, 4, 103)) = 0 then
        found := found || ' ' || c.attname;
      end if;
      raise exception 'undo';
    exception when raise_exception then null;
    end;
  end loop;
  raise notice 'unnoticed:%', found;
end $$;
SQL
)" "unnoticed:"
head=$(as risk -c "select head('missed')")
as risk >/dev/null -c "select count(*) from run_audit('missed', '2024-01-01', '2024-02-05')"
is "a head that was kept is still among the runs" "$(as risk -c "select count(*) from runs where number || ':' || digest = '$head'" -c "select count(*) from verify_runs('missed')")" '1
0'

# --- rights ---------------------------------------------------------------------------------------

hostile='x"; drop table applications; --'"'"
as risk >/dev/null <<SQL
create table "ev""il; drop table applications; --" as select at as "a""t", approved as "y'y", sex as "s;x", race from decisions;
select create_audit(\$x\$$hostile\$x\$, \$x\$"ev""il; drop table applications; --"\$x\$, null, \$x\$y'y\$x\$, array[\$x\$s;x\$x\$, 'race'], at => \$x\$a"t\$x\$, starts => '2024-01-01', min_group => 50);
select count(*) from run_audit(\$x\$$hostile\$x\$, '2024-01-01', '2024-02-05');
select add_limit(\$x\$$hostile\$x\$, 'demographic_parity_difference', at_most => 0.1, attributes => \$x\$s;x\$x\$);
select grant_audit(\$x\$$hostile\$x\$, 'auditor');
SQL
is "names of any kind are names" "$(sql -c "select count(*), min(n) from last_runs where audit_name = \$x\$$hostile\$x\$" -c "select count(*) from applications" -c "select count(*) from openmetrics() as t where position('audit=\"x\\\"; drop' in t) > 0")" '5|504
200000
1'
denied() { as "$1" -v VERBOSITY=sqlstate -c "$2" | head -n 1; }
is "a grantee sees what is published" "$(as auditor -c "select count(*) > 0, count(*) filter (where n < 50 or n_selected < 50), count(distinct \"from\") from published_groups" -c "select count(*) from published_audits")" 't|0|5
1'
is "and no row, no run, no value, no source, and no other audit" "$(for query in "select * from runs" "select * from audits" "select * from last_runs" "select * from limits" "select * from alerts" "select * from verdicts"; do as auditor -c "select count(*) from ($query) as t"; done | sort | uniq -c | tr -s ' ')" " 6 0"
is "nor the tables behind" "$(for table in kept_audits kept_runs kept_limits kept_alerts kept_scoring_jobs kept_requests kept_audit_grants kept_gates; do denied auditor "select * from fairdb.$table"; done | sort | uniq -c | tr -s ' ')
$(denied auditor "select * from public.decisions")" " 8 ERROR: 42501
ERROR:  42501"
as auditor >/dev/null -c "select request_run(\$x\$$hostile\$x\$, '2024-01-01', '2024-01-08')"
is "a run that it asks for is done by the owner" "$(as risk -c "call run_due()"; as auditor -c "select done_at is not null, outcome from requests")" "t|done"
is "it cannot ask for others' audits, nor without end" "$(denied auditor "select request_run('missed', '2024-01-01', '2024-01-08')"; denied auditor "select request_run(\$x\$$hostile\$x\$, '0001-01-01', '9999-01-01')"; denied auditor "insert into fairdb.new_requests (audit, \"from\", until) select gen_random_uuid(), now(), now() + interval '1 day'")" 'ERROR:  22023
ERROR:  54000
ERROR:  42501'
is "nor past request_run" "$(for window in "'-infinity', 'infinity'" "'0001-01-01', '9999-01-01'" "'2024-01-08', '2024-01-01'" "null, '2024-01-01'"; do denied auditor "insert into fairdb.new_requests select id, $window from fairdb.published_audits"; done)" 'ERROR:  22023
ERROR:  54000
ERROR:  22023
ERROR:  22023'
missed=$(sql -c "select id from fairdb.audits where name = 'missed'")
is "nobody enters anything for another one's job" "$(for query in "insert into fairdb.runs (audit, \"from\", until, attempt, candidate, snapshot, source, source_digest, n) values ('$missed', now(), now(), 1, 0, '', '', '', 0)" \
  "insert into fairdb.audits (owner, name, source, search_path, sensitive, every, time_zone, label_delay, recount, min_group, next_from) values ('risk', 'planted', 'select 1', '', '{a}', '1 day', 'UTC', '0', '0', 0, now())" \
  "insert into fairdb.own_limits (audit, metric, attributes, rule, budget, min_coverage, min_n, since) values ('$missed', 'x', '{}', 'spending', 0.1, 0, 1, now())" \
  "insert into fairdb.own_alerts (job) values ('$missed')" "insert into fairdb.own_audit_grants (audit, grantee) values ('$missed', 'other')" \
  "insert into fairdb.own_gates (model_owner, model, audit) values ('risk', 'credit', '$missed')"; do denied other "$query"; done | sort | uniq -c | tr -s ' ')" " 6 ERROR: 42501"
is "nor changes it" "$(as other -c "update fairdb.audits set dropped_at = now()" -c "update fairdb.own_limits set since = now()"; sql -c "select count(*) from audits where name = 'missed'")" 1
is "nor runs it" "$(denied other "select run_audit('missed')"; denied other "select count(*) from replay('missed', 1)"; denied other "select fairdb_jobs.run_job('audit', '$missed')")" 'ERROR:  22023
ERROR:  22023
busy'
as risk >/dev/null <<'SQL'
create function wrap(source text) returns timestamptz language sql security definer as $$ select fairdb.create_audit('wrapped', source, null, 'y', 'g') $$;
create function wrap_run() returns bigint language sql security definer as $$ select count(*) from fairdb.run_audit('missed') $$;
create function wrap_score() returns bigint language sql security definer as $$ select fairdb.run_scoring('credit') $$;
SQL
hold_gate
psql -X -q -U other -c "select pg_try_advisory_lock(hashtextextended(id::text, 7031)), fairdb_jobs.job_lock(id) from (select '$missed'::uuid as id) as t" -c "select pg_advisory_lock_shared(1)" >/dev/null 2>&1 9>&- &
holding=$!
wait_for "$at_the_gate"
is "nor keeps it from running" "$(as risk -c "select fairdb_jobs.job_lock('$missed')")" t
open_gate
wait $holding
is "nor through a function with the rights of its definer" "$(denied other "select wrap('select true as y, 1 as g')"; denied other "select wrap_run()"; denied other "select wrap_score()")" 'ERROR:  42501
ERROR:  42501
ERROR:  42501'
is "nor does it lock them" "$(for relation in audits runs limits own_alerts kept_runs; do denied other "begin; lock table fairdb.$relation"; done | sort | uniq -c | tr -s ' ')" " 5 ERROR: 42501"
is "a superuser's run_due does not run what belongs to others" "$(sql -c "select count(*) from runs"; sql -c "call run_due()"; sql -c "select count(*) from runs")" "$(sql -c "select count(*) from runs" -c "select count(*) from runs")"

# --- the gate -------------------------------------------------------------------------------------

as risk >/dev/null <<'SQL'
create table judged as select i as id, (i * 7919 % 1009) / 1009.0::float8 as x, (i % 2)::float8 as z, (array['f', 'm'])[1 + i % 2] as sex, (i * 7919 % 1009) > 504 as y from generate_series(1, 4000) as i;
select save_model('gated', train_linear('judged', 'y', '{sex}', '{x}', fairness => 'none'));
select create_audit('gate', 'judged', 'y', null, 'sex', model => 'gated');
select add_limit('gate', 'demographic_parity_difference', at_most => 0.1);
select require_fair('gated', 'gate');
select save_model('gated', train_linear('select *, z > 0 as unfair from judged', 'unfair', null, '{z}', fairness => 'none'), activate => false, note => 'above');
SQL
activate() { as risk -v VERBOSITY=sqlstate -c "select activate_model('gated', $1)" | head -n 1; }
is "insufficient, before there is a run: refused" "$(activate 2; as risk -c "select verdict, reason from gate_verdicts('gated', 2)")" 'ERROR:  55000
insufficient|the audit has not run with this version'
is "above: refused" "$(as risk -c "select count(*) from run_audit('gate', version => 2)"; activate 2; as risk -c "select verdict from gate_verdicts('gated', 2)")" '1
ERROR:  55000
above'
as risk >/dev/null -c "select save_model('gated', train_linear('judged', 'y', '{sex}', '{x}', fairness => 'none', c => 0.5), activate => false)"
is "within: activated" "$(as risk -c "select count(*) from run_audit('gate', version => 3)" -c "select verdict from gate_verdicts('gated', 3)"; activate 3; as risk -c "select version from models where name = 'gated' and active")" '1
within

3'
as risk >/dev/null -c "delete from judged where id > 60" -c "select save_model('gated', train_linear('judged', 'y', '{sex}', '{x}', fairness => 'none', c => 0.25), activate => false)"
is "undecided: refused" "$(as risk -c "select count(*) from run_audit('gate', version => 4)" -c "select verdict from gate_verdicts('gated', 4)"; activate 4)" '1
undecided
ERROR:  55000'
as risk >/dev/null -c "delete from judged where sex = 'f'" -c "select save_model('gated', m.model, activate => false) from models as m where m.name = 'gated' and m.version = 4"
is "insufficient, a group is missing: refused" "$(as risk -c "select count(*) from run_audit('gate', version => 5)" -c "select verdict from gate_verdicts('gated', 5)"; activate 5)" '1
insufficient
ERROR:  55000'
is "saving with activate, and writing past activate_model, are refused too" "$(denied risk "select save_model('gated', m.model) from models as m where m.name = 'gated' and m.version = 4"; denied risk "update fairdb.own_models set active = true where name = 'gated' and version = 4")" 'ERROR:  55000
ERROR:  55000'
is "an override says why, of which version" "$(denied risk "select activate_model('gated', 4, override => ' ')"; denied risk "update fairdb.own_gates set events = events || '[{\"version\": 4}]'"; denied risk "update fairdb.own_gates set events = events || '[{\"version\": \"abc\", \"note\": \"x\"}]'")" 'ERROR:  22023
ERROR:  22023
ERROR:  22023'
is "an override is recorded" "$(as risk -c "select activate_model('gated', 4, override => 'tried by hand')" -c "select version from models where name = 'gated' and active" -c "select e ->> 'version', e ->> 'note', e ->> 'role' from gates, jsonb_array_elements(events) as e where e ->> 'event' = 'override'")" '
4
4|tried by hand|risk'
is "which nobody can unsay" "$(as risk -c "update own_gates set events = '[]'" -c "update own_gates set events = events || '{\"version\": 3, \"note\": \"x\", \"role\": \"nobody\"}'::jsonb" -c "select count(*), max(e ->> 'role') from gates, jsonb_array_elements(events) as e where e ->> 'event' = 'override'")" '2|risk'
is "and is for once" "$(activate 3; activate 4)" '
ERROR:  55000'

as risk >/dev/null <<'SQL'
create table three as select i as id, (i * 7919 % 1009) / 1009.0::float8 as x, case when i % 3 > 0 then (i * 7919 % 1009) / 1009.0::float8 end as z, (array['f', 'm', 'x'])[1 + (i + 2) % 3] as sex, (i * 7919 % 1009) > 504 as y from generate_series(1, 6000) as i;
select save_model('three', train_linear('three', 'y', null, '{x}', fairness => 'none'));
select create_audit('three', 'three', 'y', null, 'sex', model => 'three');
select add_limit('three', 'demographic_parity_difference', at_most => 0.1);
select count(*) from run_audit('three', version => 1);
select require_fair('three', 'three');
select save_model('three', train_linear('three', 'y', null, '{z}', fairness => 'none', on_null => 'skip'), activate => false);
select count(*) from run_audit('three', version => 2);
SQL
is "a version that decides nothing of a group does not pass" "$(as risk -c "select verdict, reason from gate_verdicts('three', 2)"; as risk -v VERBOSITY=sqlstate -c "select activate_model('three', 2)")" 'insufficient|group "x" has decisions for 0 of its 2000 rows
ERROR:  55000'
as risk >/dev/null -c "delete from three where sex = 'x'" -c "select save_model('three', m.model, activate => false) from models as m where m.name = 'three' and m.version = 1" -c "select count(*) from run_audit('three', version => 3)"
is "nor one that was not asked about a group that others were" "$(as risk -c "select verdict, reason from gate_verdicts('three', 3)")" 'insufficient|group "x" has no rows'

# --- dump and restore ------------------------------------------------------------------------------

is "no table names an object by its number" "$(sql -c "select count(*) from pg_attribute as a join pg_class as c on c.oid = a.attrelid where c.relnamespace = 'fairdb'::regnamespace and c.relname like 'kept%' and a.attnum > 0 and (a.atttypid::regtype::text like 'reg%' or a.atttypid = 'oid'::regtype)")" 0
counts="select (select count(*) from kept_audits), (select count(*) from kept_runs), (select count(*) from kept_limits), (select count(*) from kept_alerts), (select count(*) from kept_scoring_jobs), (select count(*) from kept_requests), (select count(*) from kept_gates), (select md5(string_agg(digest, ',' order by audit, number)) from kept_runs)"
before=$(sql -c "$counts")
pg_dump -Fc -f "$SERVER_STATE/jobs.dump" -N cron --extension fairdb jobs 2>/dev/null || pg_dump -Fc -f "$SERVER_STATE/jobs.dump" jobs
sql -d postgres -c "create database restored" -c "alter database restored set search_path = public, fairdb" -c "alter database restored set timezone = 'UTC'"
pg_restore -d restored "$SERVER_STATE/jobs.dump" >"$folder/restore.log" 2>&1 || true
PGDATABASE=restored
is "a dump brings all of it back" "$(sql -c "$counts")" "$before"
is "it is unchanged, and runs go on where they were" "$(as risk -c "select count(*) from verify_runs('missed')" -c "insert into late values (3000, 0.1, 2)" -c "select horizon is null from scoring_jobs where name = 'written'" -c "call run_due()" -c "select count(*) from late_written" -c "select max(number) from last_runs where audit_name = 'missed'")" "0
t
103
$(sql -d jobs -c "select max(number) from last_runs where audit_name = 'missed'")"
sql -d postgres -c "create role dba login createdb" -c "create database owned owner dba" -c "alter database owned set search_path = public, fairdb" -c "alter database owned set timezone = 'UTC'"
sql -d owned -c "create extension fairdb"
PGDATABASE=owned
pg_restore -l "$SERVER_STATE/jobs.dump" | grep -E 'TABLE DATA fairdb ' >"$folder/list"
pg_restore -U dba -L "$folder/list" -d owned "$SERVER_STATE/jobs.dump" >"$folder/restore.log" 2>&1 || true
is "the owner of a database restores it, too" "$(sql -c "$counts")" "$before"
is "but nobody's job runs because another one has restored it" "$(as risk -c "call run_due()" | grep -c 'was entered by role "dba" and does not run')" "$(sql -c "select (select count(*) from audits where owner = 'risk' and (retry_at is null or retry_at <= now())) + (select count(*) from scoring_jobs where owner = 'risk' and (retry_at is null or retry_at <= now()))")"
is "by hand neither" "$(as risk -v VERBOSITY=sqlstate -c "select run_audit('missed')" -c "select run_scoring('credit')" -c "select replay('missed', 1)" -c "select rescore('credit', '[1]')" | sort | uniq -c | tr -s ' ')" " 4 ERROR: 42501"
is "until its owner says so" "$(as risk -c "select confirm_jobs() > 0" -c "select count(*) from audits where entered_by <> owner")" 't
0'
PGDATABASE=jobs

# --- a standby, a pool, a schedule ------------------------------------------------------------------

new_standby standby server
is "history is read on a standby" "$(psql -X -A -t -q -h "$SERVER_STATE/standby" -U risk -c "select pg_is_in_recovery(), count(*) from history('watched')" -c "select count(*) from verify_runs('missed')" -c "select count(*) from verdicts where audit_name = 'watched'")" 't|13
0
13'

if command -v pgbouncer >/dev/null; then
  new_pool server jobs risk
  pooled() { psql -X -A -t -q -h "$SERVER_STATE/pool" -p 6432 -U risk -d jobs "$@" 2>&1; }
  is "through a pool of one connection nothing is left behind" "$(pooled -c "insert into late values (4000, 0.2, 3)" -c "call fairdb.run_due()" -c "select count(*) from late_written where id = 4000" \
    -c "show search_path" -c "show transaction_isolation" -c "select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()")" '1
public, fairdb
read committed
0'
else
  echo "ok - through a pool of one connection nothing is left behind # skip pgbouncer is not installed"
fi

if [ -n "$scheduled" ]; then
  wait_for "select count(*) from cron.job_run_details where command like '%run_due%' and status = 'succeeded'"
  is "pg_cron has run what was due" "$(sql -c "select count(*) between 5 and 6 from last_runs where audit_name = 'by_cron'" -c "select string_agg(distinct return_message, ' ') filter (where status = 'failed') from cron.job_run_details")" t
  is "and it was the owner that ran it" "$(sql -c "select string_agg(distinct role, ' ') from last_runs where audit_name = 'by_cron'")" clerk
else
  echo "ok - pg_cron has run what was due # skip pg_cron is not installed"
fi
