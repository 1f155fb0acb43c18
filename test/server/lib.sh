# What the server tests share. Each prints TAP lines: ok - NAME, not ok - NAME, ok - NAME # skip WHY.
set -eu

sql() { psql -X -A -t -q -v ON_ERROR_STOP=1 "$@"; }

is() {  # is NAME FOUND EXPECTED
  if [ "$2" = "$3" ]; then
    echo "ok - $1"
  else
    printf 'not ok - %s\n  found:    %s\n  expected: %s\n' "$1" "$2" "$3"
  fi
}

ok() {  # ok NAME COMMAND...
  name=$1
  shift
  if "$@"; then echo "ok - $name"; else echo "not ok - $name ($*)"; fi
}

# error SQL: the SQLSTATE and message of a statement that must fail.
error() {
  psql -X -q -v VERBOSITY=verbose -c "$1" 2>&1 >/dev/null | sed -n 's/^[^:]*ERROR:  //p' | head -n 1
}

fresh_database() {
  sql -d postgres -c "set client_min_messages to warning" -c "drop database if exists $1" -c "create database $1"
  PGDATABASE=$1
  export PGDATABASE
}

# wait_for SQL: until the query is true or positive; gives up after a minute.
wait_for() {
  tries=0
  until [ "$(sql -c "select ($1)::int > 0")" = t ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 1200 ]; then
      echo "not ok - waited for a minute: $1"
      return
    fi
    sleep 0.05
  done
}

# A session that holds the advisory lock 1, a gate at which others wait, until it is told to open it. Its output is
# read by nobody.
hold_gate() {
  rm -f "$SERVER_STATE/gate"
  mkfifo "$SERVER_STATE/gate"
  psql -X -q -A -t <"$SERVER_STATE/gate" >/dev/null 2>&1 &
  holder=$!
  exec 9>"$SERVER_STATE/gate"
  echo "select pg_advisory_lock(1);" >&9
  wait_for "select count(*) from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())"
}
open_gate() {
  echo "select pg_advisory_unlock(1);" >&9
  exec 9>&-
  wait "$holder"
}
# How many sessions of this database wait at the gate.
at_the_gate="select count(*) from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())"
