#!/bin/sh
# values survive text and binary COPY, dump and restore, and a second server reads them
. "$(dirname "$0")/lib.sh"
fresh_database dumped
sql >/dev/null <<'SQL'
create extension fairdb;
set search_path = public, fairdb;
create table rows as select i, i % 7 / 3.0 as x, 'c' || i % 4 as k, case when i % 11 > 0 then 'gröup "' || i % 3 end as g, i % 5 < 2 as y
from generate_series(1, 3000) as i;
create table kept as select confusion_agg(y, i % 2 = 0, g) as c, confusion_agg(y, i % 2 = 0, g, nullif(i % 9, 4) / 7.0) as w, distribution_agg((i * 7919 % 1009) / 1009.0::float8, g) as d, distribution_agg(i % 97 / 97.0::float8, g, 1 + i % 2 / 3.0) as dw,
  (select distribution_agg(random(), 'sketch') from generate_series(1, 1000010)) as ds,
  train_linear('rows', 'y', '{g}', '{x,k}', on_null => 'skip') as m,
  train_kernel('select * from rows limit 200', 'y', '{g}', '{x,k}', on_null => 'skip', epsilon => 0.1) as s,
  moments_agg(i, g, array[x, i % 5]) as n, thresholds(distribution_agg(x, row(g, y)), 'equalized_odds') as t, calibrate(distribution_agg(x, row(g, y))) as b, '{"a b",c}'::names as l, 1::option_value as o,
  vector_sample_agg(array[x, case when i % 3 > 0 then i end], g, 100) as v, train_representation('rows', '{y,i}', '{g}', '{x,k}', on_null => 'skip', epochs => 2) as r,
  graph_debias(train_graph($$select i, g, k from rows where i <= 60$$, 'i', 'g', 'k', dimensions => 6, epochs => 2, sensitive => array['gröup "1']), $$select i, g, k from rows where i <= 60$$, array['gröup "1']) as e from rows;
select save_model('kept', m) from kept;
create view gaps as select demographic_parity_difference(c), equalized_odds_ratio(w), ks_distance(d), predict(m, z), mmd(v), transform(kept.r, z), predict(kept.r, z, task => 'y') as of_task, graph_score(e, z.i, z.g, z.k, on_unseen => 'null') from kept, rows as z;
SQL
facts="select md5(c::text || w::text || (c + w)::text || d::text || dw::text || ds::text || m::text || s::text || n::text || t::text || b::text || l::text || o::text || v::text || r::text || e::text), (select md5(string_agg(g::text, '|' order by g)) from gaps as g) from kept"
expected=$(sql -c "set search_path = public, fairdb; $facts")
for format in text binary csv; do
  sql -c "copy kept to '$SERVER_STATE/kept.$format' (format $format)" -c "truncate kept" -c "copy kept from '$SERVER_STATE/kept.$format' (format $format)"
  is "COPY, $format" "$(sql -c "set search_path = public, fairdb; $facts")" "$expected"
done
pg_dump -Fc -f "$SERVER_STATE/dumped.dump" dumped
fresh_database restored
pg_restore -d restored "$SERVER_STATE/dumped.dump"
is "dump and restore, with a view" "$(sql -c "set search_path = public, fairdb; $facts")" "$expected"
is "registered models are restored" "$(sql -c "select count(fairdb.predict('kept', r)) = count(x) from (select * from rows where g is not null and x is not null) as r")" t

# The owner of a database, who is no superuser, dumps and restores all of it; nobody else sees the models of others.
psql -X -q -d postgres >/dev/null <<'SQL'
set client_min_messages to warning;
drop database if exists owned;
drop database if exists owned_again;
drop role if exists fairdb_owner, fairdb_member, fairdb_stranger;
create role fairdb_owner login;
create role fairdb_stranger login;
create role fairdb_member login;
create database owned owner fairdb_owner;
create database owned_again owner fairdb_owner;
SQL
for database in owned owned_again; do sql -d $database -c "create extension fairdb"; done
as() { role=$1 && shift && psql -X -A -t -q -U "$role" "$@" 2>&1; }
ok "the owner dumps a database with an empty registry" pg_dump -U fairdb_owner -Fc -f "$SERVER_STATE/empty.dump" owned
for role in member stranger; do
  as fairdb_$role -d owned >/dev/null -c "select fairdb.save_model('$([ $role = member ] && echo mine || echo own)', fairdb.train_linear('select i % 2 = 0 as y, i % 7 as x, i % 5 as z from generate_series(1, 100) as i', 'y', null, fairness => 'none'))"
done
as fairdb_owner -d owned -c "create schema app" -c "create table app.rows as select 3 as x, 4 as z"
ok "and one with a full registry" pg_dump -U fairdb_owner -Fc -f "$SERVER_STATE/full.dump" owned
ok "so does a superuser" pg_dump -Fc -f "$SERVER_STATE/super.dump" owned
is "a role sees its own models" "$(as fairdb_member -d owned -c 'select owner, name, version, active from fairdb.models')" "fairdb_member|mine|1|t"
is "the owner of the database does not see them among its own" "$(as fairdb_owner -d owned -c 'select count(*) from fairdb.models')" 0
is "nor does anybody else see the table behind it" "$(as fairdb_member -d owned -c 'select count(*) from fairdb.registered_models' | grep -c 'permission denied')" 1
is "nobody saves under another name, taken or not" "$(as fairdb_stranger -d owned -v VERBOSITY=sqlstate -c "insert into fairdb.new_models (owner, name, version, model) select 'fairdb_member', n, 1, model from unnest('{mine,other}'::text[]) as n, fairdb.models" \
  -c "select fairdb.save_model('mine', model, 'fairdb_member') from fairdb.models" -c "select fairdb.save_model('other', model, 'fairdb_member') from fairdb.models" \
  -c "update fairdb.models set owner = 'fairdb_member'" | tr '\n' ' ')" "ERROR:  42501 ERROR:  42501 ERROR:  42501 ERROR:  42501 "
is "nor takes or reads what stands in the way" "$(for key in "(owner, name, version)" "(owner, name) where active"; do
  as fairdb_stranger -d owned -v VERBOSITY=sqlstate -c "insert into fairdb.new_models (owner, name, version, model) select 'fairdb_member', 'mine', 1, model from fairdb.models on conflict $key do update set owner = 'fairdb_stranger' returning *" \
    -c "insert into fairdb.models (owner, name, version, model) select 'fairdb_member', 'mine', 1, model from fairdb.models on conflict $key do update set owner = 'fairdb_stranger' returning *" || true
done | tr '\n' ' ')" "ERROR:  42501 ERROR:  42501 ERROR:  42501 ERROR:  42501 "
is "nor locks the registry" "$(as fairdb_stranger -d owned -v VERBOSITY=sqlstate -c "begin; lock table fairdb.models" -c rollback -c "begin; lock table fairdb.own_models" -c rollback -c "begin; lock table fairdb.granted_models" -c rollback -c "begin; lock table fairdb.registered_models" 2>&1 | sort | uniq -c | tr -s ' ')" " 4 ERROR: 42501"
is "the owner of the database saves none under another name either" "$(as fairdb_owner -d owned -v VERBOSITY=sqlstate -c "select fairdb.save_model('mine', model, 'fairdb_member') from fairdb.registered_models limit 1")" "ERROR:  42501"
is "the owner changes no model and adds no second active version" "$(as fairdb_owner -d owned -v VERBOSITY=sqlstate -c "insert into fairdb.registered_models (owner, name, version, model) select owner, name, 2, model from fairdb.registered_models" -c "update fairdb.registered_models set owner = 'x'" -c "delete from fairdb.registered_models" | tr '\n' ' ')" "ERROR:  23505 ERROR:  42501 ERROR:  42501 "
# The extension stands in the new database already: its schema, and the comment on it, are not the owner's to make.
pg_restore -U fairdb_owner -d owned_again "$SERVER_STATE/full.dump" >"$SERVER_STATE/restore.log" 2>&1 || true
is "the owner restores it where the extension is there" "$(grep -c 'error:' "$SERVER_STATE/restore.log"; grep -o -E 'schema "fairdb" already exists|must be owner of extension fairdb' "$SERVER_STATE/restore.log")" '2
schema "fairdb" already exists
must be owner of extension fairdb'
pg_restore -l "$SERVER_STATE/full.dump" | grep -v -E 'SCHEMA - fairdb|COMMENT - EXTENSION fairdb' >"$SERVER_STATE/full.list"
sql -d postgres -c "drop database owned_again" -c "create database owned_again owner fairdb_owner"
sql -d owned_again -c "create extension fairdb"
ok "without these two it restores without an error" pg_restore --exit-on-error -U fairdb_owner -L "$SERVER_STATE/full.list" -d owned_again "$SERVER_STATE/full.dump"
is "with all models, each its owner's" "$(as fairdb_member -d owned_again -c "select count(fairdb.predict('mine', r)) from (select 3 as x, 4 as z) as r"; as fairdb_owner -d owned_again -c 'select count(*) from app.rows, fairdb.registered_models')" '1
2'
sql -d postgres -c "drop database owned_again" -c "create database owned_again owner fairdb_owner"
ok "a superuser restores what the owner has dumped, without an error" pg_restore --exit-on-error -d owned_again "$SERVER_STATE/full.dump"
is "likewise with all models" "$(as fairdb_member -d owned_again -c "select count(fairdb.predict('mine', r)) from (select 3 as x, 4 as z) as r")" 1
sql -d postgres -c "drop database owned" -c "drop database owned_again" -c "drop role fairdb_owner, fairdb_member, fairdb_stranger"
PGDATABASE=restored

# Damaged binary files: every byte of a small file is changed in turn; the server answers each time.
fresh_database damaged
sql <<'SQL'
create extension fairdb;
set search_path = public, fairdb;
create table small as select confusion_agg(i % 2 = 0, i % 3 = 0, 'g' || i % 2) as c, confusion_agg(i % 2 = 0, i % 3 = 0, 'g', i / 3.0) as w, distribution_agg(i::float8, 'g' || i % 2) as d, distribution_agg(i % 3, 'g', i / 3.0) as dw,
  train_linear('select i as x, i % 2 as g, i % 3 = 0 as y from generate_series(1, 9) as i', 'y', '{g}') as m,
  moments_agg(i, 'g' || i % 2, array[i]) as n, thresholds(distribution_agg(i, row('g' || i % 2, i % 3 = 0)), 'demographic_parity', places => 4) as t,
  calibrate(distribution_agg(i, row('g' || i % 2, i % 3 = 0))) as b from generate_series(1, 9) as i;
create table loaded (like small);
SQL
sql -c "\\copy small to '$SERVER_STATE/small.bin' (format binary)"
size=$(wc -c <"$SERVER_STATE/small.bin")
at=0
while [ "$at" -lt "$size" ]; do
  for value in 000 001 177 200 377; do
    cp "$SERVER_STATE/small.bin" "$SERVER_STATE/damaged_$at.$value"
    # shellcheck disable=SC2059  # the format is the byte
    printf "\\$value" | dd of="$SERVER_STATE/damaged_$at.$value" bs=1 seek="$at" conv=notrunc 2>/dev/null
    printf '%s\n' "\\copy loaded from '$SERVER_STATE/damaged_$at.$value' (format binary)"
  done
  at=$((at + 1))
done >"$SERVER_STATE/damaged.sql"
psql -X -q -f "$SERVER_STATE/damaged.sql" >"$SERVER_STATE/damaged.log" 2>&1 || true
refused=$(grep -c 'ERROR:' "$SERVER_STATE/damaged.log" || true)
echo "# $refused of $((size * 5)) damaged files refused"
ok "damaged binary files are refused" test "$refused" -gt "$size"
is "no damaged file ended a session" "$(grep -c -E 'server closed|connection to server was lost' "$SERVER_STATE/damaged.log" || true)" 0
# Each different value that was accepted answers every question of its type: with a result, or with an error about its
# data.
sql <<'SQL'
set search_path = public, fairdb;
create table asked as
select distinct 'confusion' as type, c::text as value from loaded union select distinct 'confusion', w::text from loaded
union select distinct 'distribution', d::text from loaded union select distinct 'distribution', dw::text from loaded
union select distinct 'model', m::text from loaded union select distinct 'moments', n::text from loaded
union select distinct 'thresholds', t::text from loaded union select distinct 'calibration', b::text from loaded;
create table questions (type text, question text);
insert into questions values
  ('confusion', 'select string_agg(g::text, null) from by_group($1::confusion) as g'),
  ('confusion', 'select string_agg(m::text, null) from compare_groups($1::confusion, ''selection_rate'') as m'),
  ('confusion', 'select equalized_odds_difference($1::confusion + $1::confusion)::text'),
  ('distribution', 'select ks_distance($1::distribution)::text || describe($1::distribution)::text'),
  ('distribution', 'select string_agg(adjust($1::distribution, 0.5, sensitive, key => ''k'')::text, null) from quantiles($1::distribution, ''{0.5}'')'),
  ('model', 'select describe($1::model)::text || predict($1::model, r)::text from (select 1 as x) as r'),
  ('thresholds', 'select describe($1::thresholds)::text || string_agg(decide($1::thresholds, 5, sensitive, ''k'')::text || g::text, null) from thresholds_by_group($1::thresholds) as g'),
  ('thresholds', 'select string_agg(b::text, null) from bands($1::thresholds) as b'),
  ('calibration', 'select describe($1::calibration)::text || calibrated($1::calibration, 5, ''g1'')::text'),
  ('moments', 'select describe($1::moments)::text || train_moments($1::moments)::text');
insert into questions select type, format('select ($1::%s = $1::%s)::text', type, type) from (select distinct type from asked) as t;
create table answers (type text, question text, answer text, code text);
do $$
declare
  asking record;
  answer text;
begin
  for asking in select * from asked join questions using (type) loop
    begin
      execute asking.question into answer using asking.value;
      insert into answers values (asking.type, asking.question, answer, '00000');
    exception when others then
      insert into answers values (asking.type, asking.question, null, sqlstate);
    end;
  end loop;
end $$;
SQL
echo "# $(sql -c "select string_agg(n || ' ' || type, ', ') from (select type, count(*) as n from asked group by 1) as t") values were accepted; answers: $(
  sql -c "select string_agg(code || ' ' || n, ', ' order by code) from (select code, count(*) as n from answers group by 1) as t")"
ok "values of every type were accepted" test "$(sql -c "select count(distinct type) from asked")" = 6
is "what was accepted can be used: no answer is a defect of fairdb" "$(sql -c "select distinct code from answers where code ~ '^(XX|53|57|08)'")" ""
is "and every value is equal to itself" "$(sql -c "select count(*) from answers where question ~ ' = ' and answer is distinct from 'true'")" 0

# ./run fuzz begins from values of every type. Only its own library shows their stored bytes.
fresh_database seeds
sql -c "create extension fairdb" -c "create function fuzz_bytes(value anyelement) returns bytea language sql as 'select ''\x''::bytea'" >/dev/null
(cd test && psql -X -q -v ON_ERROR_STOP=1 -f demo/load.sql >/dev/null)
sql -v seeds="$SERVER_STATE/seeds" -f test/fuzz/seeds.sql >"$SERVER_STATE/seeds.sh"
sh "$SERVER_STATE/seeds.sh"
is "seeds of fuzzing: a folder for each of 8 targets and 16 forms" "$(find "$SERVER_STATE/seeds" -mindepth 1 -type d | wc -l)" 24
