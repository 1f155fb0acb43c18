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

# --- servers of a script's own ----------------------------------------------------------------------
# Each is a folder of $SERVER_STATE with its data and its socket, and finds the extension where the main one does. They
# end with the script.

own_servers=
as_owner() { if [ "$(id -u)" = 0 ]; then runuser -u "${SERVER_USER:-postgres}" -- "$@"; else "$@"; fi; }
# own NAME pg_ctl's command: start, or stop as in a crash.
own() { (cd / && as_owner "$("$PG_CONFIG" --bindir)/pg_ctl" -D "$SERVER_STATE/$1/data" -l "$SERVER_STATE/$1/log" -w -s -m immediate "$2"); }
own_start() {
  {
    grep -E '^(dynamic_library_path|extension_destdir|extension_control_path) ' "$(sql -d postgres -c "show config_file")" || true
    printf '%s\n' "listen_addresses = ''" "unix_socket_directories = '$SERVER_STATE/$1'" "fsync = off" "log_min_messages = warning"
  } >>"$SERVER_STATE/$1/data/postgresql.conf"
  own_servers="$own_servers $1"
  trap end_servers EXIT
  own "$1" start
}
end_servers() {
  [ -z "${bouncer:-}" ] || kill "$bouncer" 2>/dev/null || true
  for server in $own_servers; do own "$server" stop 2>/dev/null || true; done
}
# new_server NAME [LINE...]: with lines of configuration.
new_server() {
  as_owner mkdir -p "$SERVER_STATE/$1"
  (cd / && as_owner "$("$PG_CONFIG" --bindir)/initdb" -D "$SERVER_STATE/$1/data" -U postgres -A trust -E UTF8 --locale=C --no-sync) >"$SERVER_STATE/$1.initdb"
  name=$1
  shift
  printf '%s\n' "$@" >>"$SERVER_STATE/$name/data/postgresql.conf"
  own_start "$name"
}
# new_standby NAME OF: a standby of another one.
new_standby() {
  as_owner mkdir -p "$SERVER_STATE/$1"
  (cd / && as_owner "$("$PG_CONFIG" --bindir)/pg_basebackup" -h "$SERVER_STATE/$2" -U postgres -D "$SERVER_STATE/$1/data" -R -c fast) >"$SERVER_STATE/$1.basebackup" 2>&1
  own_start "$1"
}
# new_pool SERVER DATABASE [USER]: a pool of one connection in transaction mode; the socket is in $SERVER_STATE/pool, port 6432.
new_pool() {
  as_owner mkdir -p "$SERVER_STATE/pool"
  cat >"$SERVER_STATE/pool/pgbouncer.ini" <<INI
[databases]
$2 = host=$SERVER_STATE/$1 port=5432 dbname=$2 user=${3:-postgres}
[pgbouncer]
listen_addr =
unix_socket_dir = $SERVER_STATE/pool
auth_type = any
pool_mode = transaction
default_pool_size = 1
logfile = $SERVER_STATE/pool/log
pidfile = $SERVER_STATE/pool/pid
INI
  as_owner pgbouncer "$SERVER_STATE/pool/pgbouncer.ini" >/dev/null 2>&1 &
  for try in $(seq 100); do [ ! -S "$SERVER_STATE/pool/.s.PGSQL.6432" ] || break; sleep 0.05; done
  bouncer=$(cat "$SERVER_STATE/pool/pid" 2>/dev/null || true)
}

end_pool() {
  kill "$bouncer"
  while kill -0 "$bouncer" 2>/dev/null; do sleep 0.05; done
}

# recipe TAG: the SQL of doc/scale.md that is marked so.
recipe() { awk -v tag="$1" '$0 == "```sql " tag { inside = 1; next } /^```/ { inside = 0 } inside' "$(dirname "$0")/../../doc/scale.md"; }

# --- what an upgrade must keep ------------------------------------------------------------------------

# Tables, views, indexes, jobs and models of those who use it, in the present database.
uses() {
  sql >/dev/null <<'SQL'
set search_path to public, fairdb;
create table decisions as select i, i % 2 = 0 as y, i % 3 = 0 as p, 'g' || i % 2 as g, i % 7 as x, i % 5 as z, timestamptz '2024-01-01' + i * interval '1 hour' as at from generate_series(1, 1000) as i;
create table kept as select confusion_agg(y, p, g) as c, distribution_agg(i::float8, g) as d, moments_agg(i, g, array[x]) as n, vector_sample_agg(array[x, z]::float8[], g) as v,
  (select train_linear('decisions', 'y', '{p}', '{x,z}')) as m from decisions;
select save_model('kept', m) from kept;
create view used as select equalized_odds_difference(c) as e, ks_distance(d) as k, predict('kept', r) as p, c = c as same, d + d as twice, (select count(*) from metrics(c)) as metrics from kept, (select 1 as x, 2 as z) as r;
create materialized view daily as select at::date as day, confusion_agg(y, p, g) as c from decisions group by 1;
create index by_quantile on kept (quantile(d, 'g1'::text, 0.5));
select create_audit('kept', 'decisions', 'y', 'p', '{g}', at => 'at', starts => '2024-01-01', model => 'kept');
select add_limit('kept', 'demographic_parity_difference', at_most => 0.9);
select count(*) from run_audit('kept', '2024-01-01', '2024-02-01');
SQL
}
told() { sql -c "set search_path to public, fairdb" -c "select * from used" -c "select * from kept" -c "select * from daily order by day" -c "select name, version, active, digest from models" -c "select \"from\", n, confusion from last_runs order by 1" -c "select metric, at_most from limits" -c "select verify_runs('kept')"; }
