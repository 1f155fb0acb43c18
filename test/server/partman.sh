#!/bin/sh
# pg_partman: an audit in windows of a table whose partitions it makes
. "$(dirname "$0")/lib.sh"

if [ ! -f "$("$PG_CONFIG" --sharedir)/extension/pg_partman.control" ]; then
  echo "ok - partitions of pg_partman # skip pg_partman is not installed"
  exit
fi
fresh_database partitions
sql -c "create schema partman" -c "create extension pg_partman schema partman" -c "create extension fairdb"
# Before version 5 the kind of partitions had to be named.
version=$(sql -c "select split_part(extversion, '.', 1)::int from pg_extension where extname = 'pg_partman'")
recipe partman | { if [ "$version" -lt 5 ]; then sed "s/'1 month', p_start/'native', 'monthly', p_start/"; else cat; fi; } >"$SERVER_STATE/recipe.sql"
sql -f "$SERVER_STATE/recipe.sql" >"$SERVER_STATE/recipe.out" 2>&1 || cat "$SERVER_STATE/recipe.out"
is "the manual's recipe runs: pg_partman $version" "$(grep '^2024.*|' "$SERVER_STATE/recipe.out" | sed 's/ [^|]*|/|/' | tr '\n' ' ')" "2024-01-01|744 2024-02-01|696 "
PGOPTIONS="-c session_preload_libraries=auto_explain -c auto_explain.log_min_duration=0 -c auto_explain.log_nested_statements=on -c client_min_messages=log" \
  psql -X -q -c "select p.equal from fairdb.replay('monthly', 1) as p" >"$SERVER_STATE/plans" 2>&1 || true
ok "a window reads its own partition" grep -q 'Scan on decisions_p' "$SERVER_STATE/plans"
is "and no other" "$(grep -o 'Scan on decisions_[a-z0-9_]*' "$SERVER_STATE/plans" | sort -u | wc -l)" 1
