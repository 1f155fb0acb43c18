#!/bin/sh
# a pool of one connection in transaction mode: no function leaves a setting, a lock or anything else to the next client
. "$(dirname "$0")/lib.sh"
top=$(cd "$(dirname "$0")/../.." && pwd)
seed=${STRESS_SEED:-1} statements=${POOL_STATEMENTS:-6000}

if ! command -v pgbouncer >/dev/null; then
  echo "ok - a pool of one connection # skip pgbouncer is not installed"
  exit
fi
new_server pooled
PGHOST=$SERVER_STATE/pooled
export PGHOST
fresh_database calls
sql -c "create extension fairdb"
PGOPTIONS='-c client_min_messages=error' sql -f "$top/test/stress/statements.sql" >/dev/null
PGOPTIONS='-c client_min_messages=error' sql -v seed="$seed" -v statements="$statements" -f "$top/test/stress/calls.sql" >/dev/null
new_pool pooled calls
pooled() { PGHOST=$SERVER_STATE/pool PGPORT=6432 psql -X -q -A -t "$@" 2>&1; }

# What a session has, as one line: settings, what it listens to, locks, statements, cursors, tables of its own.
sql >/dev/null <<'SQL'
create function stress.left_behind() returns text language sql volatile as $$
  select concat_ws(' ', (select md5(string_agg(name || '=' || setting || '=' || source, ' ' order by name)) from pg_settings where source in ('session', 'override') and name not in ('transaction_isolation', 'transaction_read_only', 'transaction_deferrable')),
    (select count(*) from pg_listening_channels()), (select count(*) from pg_locks where pid = pg_backend_pid() and (locktype = 'advisory' or mode <> 'AccessShareLock' and locktype <> 'virtualxid')),
    (select count(*) from pg_prepared_statements), (select count(*) from pg_cursors where is_holdable), (select count(*) from pg_class where relpersistence = 't'), current_user, session_user) $$;
SQL
backend=$(pooled -c "select pg_backend_pid()")
before=$(pooled -c "select stress.left_behind()")
# Each call is a client's transaction, with settings of its own.
sql -c "select format(E'\\\\echo call %s\nbegin; set local statement_timeout = ''20s''; set local search_path to stress, public, fairdb; %s; %s;\nselect ''left: '' || stress.left_behind();', i, call, case when i % 2 = 0 then 'commit' else 'rollback' end) from stress.calls order by i" >"$SERVER_STATE/calls.sql"
PGOPTIONS='' pooled -v VERBOSITY=sqlstate -f "$SERVER_STATE/calls.sql" >"$SERVER_STATE/answers" || true
echo "# seed $seed: $(grep -c '^call' "$SERVER_STATE/answers") calls of $(sql -c "select count(distinct name) from stress.calls") functions by clients of one connection, $(grep -c 'ERROR:  ' "$SERVER_STATE/answers") of them errors"
is "every call was answered" "$(grep -c '^left: ' "$SERVER_STATE/answers")" "$(sql -c "select count(*) from stress.calls")"
is "and has left nothing behind" "$(awk '/^call/ { call = $2 } /^left: / && $0 != "left: '"$before"'" { print call ": " $0 }' "$SERVER_STATE/answers" | head -n 3)" ""
is "all of it by one backend" "$(pooled -c "select pg_backend_pid()")" "$backend"
# A minimum that an administrator has set is that of every client, whatever one of them asks for.
sql -c "create role clerk login" -c "grant usage on schema stress to clerk" -c "grant select on stress.people to clerk" -c "alter role clerk set fairdb.min_group = 100"
end_pool
new_pool pooled calls clerk
is "a minimum that an administrator has set holds for every client" "$(pooled -U clerk -c "begin" -c "set local fairdb.min_group = 0" -c "select count(*) = count(*) filter (where suppressed) from fairdb.audit('stress.people', 'y', 'z', '{id}')" -c "rollback" -c "show fairdb.min_group" | tail -n 2 | tr '\n' ' ')" "t 100 "
