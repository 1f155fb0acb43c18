#!/bin/sh
# pg_upgrade to the newest PostgreSQL that has fairdb too: values, views, models and jobs are as before
. "$(dirname "$0")/lib.sh"

major() { "$1" --version | sed 's/^[^0-9]*\([0-9]*\).*/\1/'; }
newest=
for candidate in /usr/lib/postgresql/*/bin/pg_config; do
  if [ -x "$candidate" ] && [ -f "$("$candidate" --pkglibdir)/fairdb.so" ] && [ "$(major "$candidate")" -gt "$(major "${newest:-$PG_CONFIG}")" ]; then newest=$candidate; fi
done
if [ -z "$newest" ]; then
  echo "ok - pg_upgrade # skip there is no newer PostgreSQL with fairdb"
  exit
fi
echo "# from PostgreSQL $(major "$PG_CONFIG") to $(major "$newest")"
new_server old
PGHOST=$SERVER_STATE/old
export PGHOST
fresh_database kept
sql -c "create extension fairdb"
uses
sql >/dev/null <<'SQL'
set search_path to public, fairdb;
create table more as select thresholds(distribution_agg(i::float8, row(g, y)), 'none') as t, calibrate(distribution_agg(1 / (1 + exp(-i / 500.0)), row(g, y))) as k, distribution_agg(sin(i * x + z), g) as s from decisions;
create table graphs as select train_graph('select g, ''has'' as r, x from decisions', 'g', 'r', 'x', dimensions => 2, epochs => 1) as e, train_representation('decisions', '{y}', '{p}', '{x,z}', epochs => 1) as r;
create index on decisions (key(g, x::text));
SQL
before=$(told; sql -c "select * from more, graphs")
(cd / && as_owner "$("$PG_CONFIG" --bindir)/pg_ctl" -D "$SERVER_STATE/old/data" -w -s -m fast stop)
bin=$("$newest" --bindir)
as_owner mkdir -p "$SERVER_STATE/new" "$SERVER_STATE/work"
checksums=$([ "$(major "$newest")" -lt 18 ] || echo --no-data-checksums)
(cd / && as_owner "$bin/initdb" -D "$SERVER_STATE/new/data" -U postgres -A trust -E UTF8 --locale=C --no-sync $checksums) >"$SERVER_STATE/new.initdb"
printf '%s\n' "listen_addresses = ''" "unix_socket_directories = '$SERVER_STATE/new'" "fsync = off" >>"$SERVER_STATE/new/data/postgresql.conf"
(cd "$SERVER_STATE/work" && as_owner "$bin/pg_upgrade" -b "$("$PG_CONFIG" --bindir)" -B "$bin" -d "$SERVER_STATE/old/data" -D "$SERVER_STATE/new/data" -U postgres --socketdir="$SERVER_STATE/work") >"$SERVER_STATE/pg_upgrade.log" 2>&1 ||
  { tail -n 20 "$SERVER_STATE/pg_upgrade.log"; echo "not ok - pg_upgrade"; exit; }
echo "ok - pg_upgrade"
trap '(cd / && as_owner "$bin/pg_ctl" -D "$SERVER_STATE/new/data" -s -m immediate stop)' EXIT
(cd / && as_owner "$bin/pg_ctl" -D "$SERVER_STATE/new/data" -l "$SERVER_STATE/new/log" -w -s start)
PGHOST=$SERVER_STATE/new
is "values, views, models and jobs are as before" "$(told | md5sum) $(sql -c "select * from more, graphs" | md5sum)" "$(printf '%s\n' "$before" | sed '$d' | md5sum) $(printf '%s\n' "$before" | tail -n 1 | md5sum)"
is "jobs run on, and what is new is as what was" "$(sql -c "select count(*) > 0 from fairdb.run_audit('kept', '2024-03-01', '2024-04-01')" -c "set search_path to public, fairdb" -c "select c = (select confusion_agg(y, p, g) from decisions), d = (select distribution_agg(i::float8, g) from decisions) from kept" -c "select equal from replay('kept', 1)")" 't
t|t
t'
