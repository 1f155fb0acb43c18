#!/bin/sh
# sessions that save and activate models under one name take turns
. "$(dirname "$0")/lib.sh"
fresh_database registry
sql -c "create extension fairdb" -c "alter database registry set search_path = public, fairdb"
sql >/dev/null <<'SQL'
create table one as select train_linear('select i % 2 = 0 as y, i % 3 as g, i as x from generate_series(1, 100) as i', 'y', null,
  '{x}', fairness => 'none') as m;
select save_model('shared', m) from one;
SQL

# Each saves and then activates the first version, and so on.
sessions=6 rounds=8
for session in $(seq $sessions); do
  for round in $(seq $rounds); do
    echo "begin; select save_model('shared', m, activate => $((session + round)) % 3 > 0) from one; select count(*) from models; commit;"
    echo "select activate_model('shared', 1);"
  done | psql -X -q >/dev/null 2>"$SERVER_STATE/registry.$session" &
done
wait
is "no session fails" "$(cat "$SERVER_STATE"/registry.*)" ""
is "every version is there once, and one is active" \
  "$(sql -c "select count(*), count(distinct version), max(version), count(*) filter (where active) from models")" "49|49|49|1"

# waits_for_a_lock: whether a session of this database waits for another one's row or transaction.
waits_for_a_lock="select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and wait_event in ('transactionid', 'tuple')"

# The first version of a name: the session that has saved it stands at the gate, another one waits for it and saves
# the second.
hold_gate
echo "begin; select save_model('new', m) from one; select pg_advisory_xact_lock_shared(1); commit;" | psql -X -q >/dev/null 9>&- &
first=$!
wait_for "$at_the_gate"
sql -c "select save_model('new', m) from one" >"$SERVER_STATE/second" 2>&1 9>&- &
second=$!
wait_for "$waits_for_a_lock"
open_gate
wait "$first" "$second"
is "the second of two first versions is the second" "$(cat "$SERVER_STATE/second")" 2

# A session with a snapshot from before: it stands at the gate while another one saves.
hold_gate
error "begin isolation level repeatable read; select count(*) from models; select pg_advisory_xact_lock_shared(1); select save_model('new', m, activate => false) from one; commit" >"$SERVER_STATE/third" 9>&- &
third=$!
wait_for "$at_the_gate"
sql -c "select save_model('new', m) from one" >/dev/null
open_gate
wait "$third"
is "a fixed snapshot that has lost says so" "$(cut -c 1-5 "$SERVER_STATE/third")" 40001
