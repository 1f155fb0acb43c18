#!/bin/sh
# random calls of every function with hostile values, under random settings; damaged values of every type
. "$(dirname "$0")/lib.sh"
top=$(cd "$(dirname "$0")/../.." && pwd)
seed=${STRESS_SEED:-1} statements=${STRESS_STATEMENTS:-1500}
fresh_database stress
sql -c "create extension fairdb"
sql -f "$top/test/stress/statements.sql" >/dev/null
log=$SERVER_STATE/stress.answers
lost=$(grep -c 'was terminated by signal' "$SERVER_STATE/server.log" || true)
# Each statement is a transaction of its own; its number stands before what it says.
psql -X -q -A -t >"$SERVER_STATE/stress.sql" <<SQL
set search_path to stress, public, fairdb;
select format(E'\\\\echo statement %s\\nbegin; %s; commit;', i, statement($seed, i)) from generate_series(1, $statements) as i;
SQL
begun=$(date +%s)
{ echo "set search_path to stress, public, fairdb;"; cat "$SERVER_STATE/stress.sql"; } |
  psql -X -q -A -t -v VERBOSITY=verbose >"$log" 2>&1 || true
echo "# seed $seed: $(grep -c '^statement' "$log") statements in $(($(date +%s) - begun)) s, of $(sql -c "select count(*) from stress.functions") functions; $(
  awk '/^statement/ {if (n++ && !bad) good++; bad = 0} /^ERROR/ {bad = 1} END {print good + (n && !bad)}' "$log") without an error; errors by SQLSTATE: $(
  sed -n 's/^ERROR:  \([0-9A-Z]\{5\}\):.*/\1/p' "$log" | sort | uniq -c | sort -rn | awk '{printf "%s%s %s", sep, $2, $1; sep = ", "}')"
is "every statement was answered" "$(grep -c '^statement' "$log")" "$statements"
is "no session was lost" "$(grep -c 'was terminated by signal' "$SERVER_STATE/server.log" || true)" "$lost"
is "no error is fairdb's own" "$(grep -E '^ERROR:  XX' "$log" | sort -u | head -n 5 || true)" ""

# Damaged values of every type, as texts and as a table would hold them.
mutations=${STRESS_MUTATIONS:-3000}
fresh_database damaged_values
sql -c "create extension fairdb" -c "alter database damaged_values set search_path = public, fairdb" -c "alter database damaged_values set client_min_messages = warning"
sql -f "$top/test/data/values/raw.sql"
file=$(ls "$top"/test/data/values/*.tsv.gz | tail -n 1)
sql <<SQL
create table golden (type text, value text, binary_form text, stored text, facts jsonb, number serial);
\\copy golden (type, value, binary_form, stored, facts) from program 'gzip -dc "$file"'
delete from golden where octet_length(value) > 20000;
update golden as g set number = n.number from (select ctid, row_number() over () as number from golden) as n where n.ctid = g.ctid;
SQL
sql -f "$top/test/data/values/facts.sql" -f "$top/test/stress/mutations.sql" -c "call mutate($mutations, $seed)" >"$SERVER_STATE/mutations" 2>&1 || true
echo "# $(sql -c "select sum(n), sum(n) filter (where answer = 'accepted') from mutated" | sed 's/|/ damaged values, accepted and used: /')"
is "every damaged value is refused or used" "$(grep -v NOTICE "$SERVER_STATE/mutations" | head -n 5)$(sql -c "select sum(n) from mutated")" "$mutations"
is "values of every type are accepted now and then" "$(sql -c "select string_agg(distinct type, ' ') from golden where type not in (select type from mutated where answer = 'accepted')")" ""
is "no session was lost by them" "$(grep -c 'was terminated by signal' "$SERVER_STATE/server.log" || true)" "$lost"
