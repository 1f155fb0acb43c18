#!/bin/sh
# settings of fairdb that come with a connection, a role or a database
. "$(dirname "$0")/lib.sh"
fresh_database settings
sql <<'SQL'
set client_min_messages to warning;
drop role if exists fairdb_reader, fairdb_typist;
create role fairdb_reader login;
create role fairdb_typist login;
alter role fairdb_reader set fairdb.min_group = 50;
alter role fairdb_typist set fairdb.min_group = '5O';
create extension fairdb;
create table counts as select fairdb.confusion_agg(true, true, 'a'::text) as c;
grant select on counts to public;
SQL
hidden="select suppressed from fairdb.by_group((select c from counts))"

# seen ROLE OPTIONS SQL...: what the role sees over a connection with these options, the last line of it.
seen() {
  role=$1 options=$2
  shift 2
  for statement in "$@"; do set -- "$@" -c "$statement" && shift; done
  PGOPTIONS=$options psql -X -A -t -q -U "$role" -v VERBOSITY=sqlstate "$@" 2>&1 | tail -n 1
}
is "a role's setting holds" "$(seen fairdb_reader '' "$hidden")" t
is "an option of the connection is refused" "$(seen fairdb_reader '-c fairdb.min_group=1' "$hidden")" "ERROR:  42501"
is "and refused again" "$(seen fairdb_reader '-c fairdb.min_group=1' "$hidden" "$hidden")" "ERROR:  42501"
is "whatever its case" "$(seen fairdb_reader '-c FairDB.Min_Group=1' "$hidden")" "ERROR:  42501"
is "and whatever its value" "$(seen fairdb_reader '-c fairdb.min_group=none' "$hidden")" "ERROR:  42501"
is "also before another function is used" "$(seen fairdb_reader '-c fairdb.min_group=0' "select fairdb.demographic_parity_difference(c) from counts" "$hidden")" "ERROR:  42501"
is "a session's SET before the first use has no effect" "$(seen fairdb_reader '' "set fairdb.min_group = 1" "$hidden")" t
is "nor one for a transaction" "$(seen fairdb_reader '' "begin" "set local fairdb.min_group = 1" "$hidden")" t
is "one after it is refused" "$(seen fairdb_reader '' "$hidden" "set fairdb.min_group = 1")" "ERROR:  42501"
is "a role cannot reset its own" "$(seen fairdb_reader '' "alter role fairdb_reader reset fairdb.min_group")" "ERROR:  42501"
is "nor all of its own" "$(seen fairdb_reader '' "alter role fairdb_reader reset all")$(seen fairdb_reader '' "$hidden")" t
is "RESET and DISCARD go back to it" "$(seen fairdb_reader '' "$hidden" "reset all" "discard all" "$hidden")" t
is "other options of the connection are taken" "$(seen fairdb_reader '-c fairdb.progress_interval=3' "$hidden" "show fairdb.progress_interval")" 3
is "an administrator's mistake hides nothing silently" "$(seen fairdb_typist '' "$hidden")" "ERROR:  22023"
is "a superuser may set it for a connection" "$(seen "$PGUSER" '-c fairdb.min_group=7' "$hidden" "show fairdb.min_group")" 7
sql -c "alter role fairdb_reader reset fairdb.min_group" -c "alter database settings set fairdb.min_group = 20"
is "a database's setting holds" "$(seen fairdb_reader '' "$hidden" "show fairdb.min_group")" 20
is "over an option of the connection too" "$(seen fairdb_reader '-c fairdb.min_group=1' "$hidden")" "ERROR:  42501"
# A worker has settings of its own: suppressed there is what is aggregated there.
sql -c "create table many as select c, i from counts, generate_series(1, 20000) as i" -c "grant select on many to public" -c "vacuum analyze many"
workers="set parallel_setup_cost = 0; set parallel_tuple_cost = 0; set min_parallel_table_scan_size = 0; set parallel_leader_participation = off"
query="select count(*) from many, lateral (select bool_and(suppressed) as all_hidden from fairdb.by_group(c) offset 0) as t where all_hidden"
is "a parallel plan is chosen" "$(PGOPTIONS='' psql -X -A -t -q -U fairdb_reader -c "$workers" -c "explain (analyze, costs off) $query" | grep -c -E 'Workers Launched: [1-9]')" 1
is "in parallel workers too" "$(PGOPTIONS='' psql -X -A -t -q -U fairdb_reader -c "$workers" -c "$query")" 20000
sql -d postgres -c "drop database settings" -c "drop role fairdb_reader, fairdb_typist"
