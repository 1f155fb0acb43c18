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
