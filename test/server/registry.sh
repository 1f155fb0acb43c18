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

# Each saves, waits with its locks and then activates the first version, and so on.
sessions=6 rounds=8
for session in $(seq $sessions); do
  for round in $(seq $rounds); do
    echo "begin; select save_model('shared', m, activate => $((session + round)) % 3 > 0) from one; select pg_sleep(0.01); commit;"
    echo "select activate_model('shared', 1);"
  done | psql -X -q >/dev/null 2>"$SERVER_STATE/registry.$session" &
done
wait
is "no session fails" "$(cat "$SERVER_STATE"/registry.*)" ""
is "every version is there once, and one is active" \
  "$(sql -c "select count(*), count(distinct version), max(version), count(*) filter (where active) from models")" "49|49|49|1"

# The first version of a name: one session wins, the other saves the second.
(printf "begin; select save_model('new', m) from one; select pg_sleep(0.3); commit;" | psql -X -q >/dev/null) &
sleep 0.1
is "the second of two first versions is the second" "$(sql -c "select save_model('new', m) from one")" 2
wait
is "a fixed snapshot that has lost says so" "$(
  (sleep 0.2 && sql -c "select save_model('new', m) from one" >/dev/null) &
  error "begin isolation level repeatable read; select count(*) from models; select pg_sleep(0.5); select save_model('new', m, activate => false) from one; commit" | cut -c 1-5
  wait
)" 40001
