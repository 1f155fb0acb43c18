#!/bin/sh
# an extension that was updated is the one that is installed anew
. "$(dirname "$0")/lib.sh"
top=$(cd "$(dirname "$0")/../.." && pwd)
current=$(sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" "$top/fairdb.control")

# Everything that belongs to the extension, as text: what the catalogs say of each object, without numbers that
# differ from one installation to the next.
objects() {
  sql -d "$1" <<'SQL'
set search_path to pg_catalog;
create temp view members as
select d.classid, d.objid from pg_depend as d join pg_extension as e on e.oid = d.refobjid
where d.refclassid = 'pg_extension'::regclass and d.deptype = 'e' and e.extname = 'fairdb';
select 'comment', pg_describe_object(classid, objid, 0), coalesce(obj_description(objid, classid::regclass::name), '')
from members where pg_describe_object(classid, objid, 0) !~ '(\[\]|pg_toast)' order by 2;
select 'function', pg_get_functiondef(p.oid), p.proacl from pg_proc as p join members on objid = p.oid and classid = 'pg_proc'::regclass
where p.prokind = 'f' order by 2;
select 'aggregate', p.oid::regprocedure, a.aggfinalfn::regprocedure, a.aggtransfn::regprocedure, a.aggcombinefn::regprocedure,
  a.aggserialfn::regprocedure, a.aggdeserialfn::regprocedure, a.aggmtransfn::regprocedure, a.aggminvtransfn::regprocedure,
  a.aggmfinalfn::regprocedure, a.aggtranstype::regtype, a.aggtransspace, a.aggmtransspace, p.proparallel, pg_get_function_arguments(p.oid), p.proacl
from pg_aggregate as a join pg_proc as p on p.oid = a.aggfnoid join members on objid = p.oid and classid = 'pg_proc'::regclass
order by p.oid::regprocedure::text;
select 'operator', o.oid::regoperator, o.oprcode, o.oprcom::regoperator, o.oprnegate::regoperator, o.oprrest, o.oprjoin, o.oprcanhash
from pg_operator as o join members on objid = o.oid and classid = 'pg_operator'::regclass order by o.oid::regoperator::text;
select 'operator class', opcname, opcintype::regtype, opcdefault, (select string_agg(amproc::text, ' ' order by amprocnum) from pg_amproc where amprocfamily = opcfamily)
from pg_opclass join members on objid = pg_opclass.oid and classid = 'pg_opclass'::regclass order by 2;
select 'type', t.oid::regtype, t.typinput, t.typoutput, t.typreceive, t.typsend, t.typlen, t.typalign, t.typstorage, t.typacl
from pg_type as t join members on objid = t.oid and classid = 'pg_type'::regclass where t.typtype = 'b' and t.typelem = 0 order by t.oid::regtype::text;
select 'cast', castsource::regtype, casttarget::regtype, castfunc::regprocedure, castcontext, castmethod from pg_cast as c
join members on objid = c.oid and classid = 'pg_cast'::regclass order by castsource::regtype::text, casttarget::regtype::text;
select 'relation', c.oid::regclass, c.relkind, c.reloptions, c.relacl, pg_get_viewdef(c.oid) from pg_class as c
join members on objid = c.oid and classid = 'pg_class'::regclass where c.relkind in ('v', 'r') order by c.oid::regclass::text;
select 'column', a.attrelid::regclass, a.attnum, a.attname, a.atttypid::regtype, a.attnotnull, pg_get_expr(d.adbin, d.adrelid)
from pg_attribute as a join members on objid = a.attrelid and classid = 'pg_class'::regclass
left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum where a.attnum > 0 order by a.attrelid::regclass::text, a.attnum;
select 'constraint', conrelid::regclass, conname, pg_get_constraintdef(c.oid) from pg_constraint as c
join members on objid = conrelid and classid = 'pg_class'::regclass order by conrelid::regclass::text, conname;
select 'index', indexrelid::regclass, pg_get_indexdef(indexrelid) from pg_index join members on objid = indrelid and classid = 'pg_class'::regclass order by indexrelid::regclass::text;
select 'trigger', tgrelid::regclass, pg_get_triggerdef(t.oid) from pg_trigger as t join members on objid = tgrelid and classid = 'pg_class'::regclass order by tgrelid::regclass::text, pg_get_triggerdef(t.oid);
select 'schema', nspname, nspacl from pg_namespace where nspname ~ '^fairdb' order by 2;
select 'dumped', extconfig::regclass[], extcondition, extversion from pg_extension where extname = 'fairdb';
SQL
}

fresh_database installed
sql -c "create extension fairdb"
objects installed >"$SERVER_STATE/installed.objects"
ok "the installed extension has objects to compare" test "$(wc -l <"$SERVER_STATE/installed.objects")" -gt 300
is "it has the version of the control file" "$(sql -c "select extversion from pg_extension where extname = 'fairdb'")" "$current"

# --- updates between releases -------------------------------------------------------------------------

for script in "$top"/sql/fairdb--*--*.sql; do
  [ -f "$script" ] || continue  # there is none yet
  from=$(basename "$script" | sed 's/^fairdb--\(.*\)--.*/\1/')
  fresh_database updated
  sql -c "create extension fairdb version '$from'"
  uses
  before=$(told | md5sum)
  sql -c "alter extension fairdb update"
  is "from $from: the version" "$(sql -c "select extversion from pg_extension where extname = 'fairdb'")" "$current"
  objects updated >"$SERVER_STATE/updated.objects"
  is "from $from: every object is as if installed anew" "$(diff "$SERVER_STATE/installed.objects" "$SERVER_STATE/updated.objects" | head -n 20)" ""
  is "from $from: values, views and jobs are as before" "$(told | md5sum)" "$before"
  ok "from $from: an updated database is dumped" pg_dump -Fc -f "$SERVER_STATE/updated.dump" updated
  fresh_database updated_again
  ok "and restored" pg_restore --exit-on-error -d updated_again "$SERVER_STATE/updated.dump"
done

# A made-up next version, with what updates usually do: this one can be updated. Its files are put where the server finds
# the extension, and taken away again.
next=$current.1
scripts=${STAGE:-}$("$PG_CONFIG" --sharedir)/extension
remove_made_up() { rm -f "$scripts/fairdb--$current--$next.sql"; }
trap remove_made_up EXIT
cat >"$scripts/fairdb--$current--$next.sql" <<'SQL'
\echo Use "ALTER EXTENSION fairdb UPDATE" to load this file. \quit
CREATE FUNCTION fairdb.made_up(confusion fairdb.confusion) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$ SELECT o.n FROM fairdb.overall(confusion) AS o $$;
COMMENT ON FUNCTION fairdb.made_up(fairdb.confusion) IS 'made up';
CREATE OR REPLACE AGGREGATE fairdb.rollup(fairdb.confusion) (
  SFUNC = fairdb_internal.confusion_merge, STYPE = fairdb.confusion, SSPACE = 256,
  FINALFUNC = fairdb_internal.confusion_final, COMBINEFUNC = fairdb_internal.confusion_merge,
  MSFUNC = fairdb_internal.confusion_merge, MINVFUNC = fairdb_internal.confusion_unmerge, MSTYPE = fairdb.confusion, MSSPACE = 128,
  MFINALFUNC = fairdb_internal.confusion_final, PARALLEL = SAFE
);
ALTER TABLE fairdb.kept_audits ADD COLUMN made_up text;
ALTER FUNCTION fairdb.quantile(fairdb.distribution, text, float8) COST 7;
SQL
fresh_database made_up
sql -c "create extension fairdb"
uses
before=$(told | md5sum)
sql -c "alter extension fairdb update to '$next'"
is "an update to a next version" "$(sql -c "select extversion from pg_extension where extname = 'fairdb'" -c "select fairdb.made_up(c) from public.kept" -c "select count(made_up) from fairdb.kept_audits")" "$next
1000
0"
is "keeps values, views, models and jobs" "$(told | md5sum)" "$before"
is "and jobs run on" "$(sql -c "set client_min_messages to warning" -c "select count(*) > 0 from fairdb.run_audit('kept', '2024-03-01', '2024-04-01')")" t
remove_made_up
trap - EXIT

# --- values that releases have written -----------------------------------------------------------------

fresh_database earlier
sql -c "create extension fairdb" -c "alter database earlier set search_path = public, fairdb" -c "alter database earlier set client_min_messages = error"
sql -f "$top/test/data/values/raw.sql"
for file in "$top"/test/data/values/*.tsv.gz; do
  version=$(basename "$file" .tsv.gz)
  sql <<SQL
drop table if exists golden;
create table golden (type text, value text, binary_form text, stored text, facts jsonb, number serial);
\copy golden (type, value, binary_form, stored, facts) from program 'gzip -dc "$file"'
SQL
  # Of the version that is made here every type; of earlier ones those that there were.
  [ "$version" != "$current" ] || is "$version: golden values of every type" "$(sql -c "select string_agg(typname, ' ') from pg_type where typnamespace = 'fairdb'::regnamespace and typtype = 'b' and typelem = 0 and typname not in (select type from golden)")" ""
  # What was sent comes back as a file that COPY reads.
  sql -c "select format('mkdir -p %1\$s && (printf ''PGCOPY\n\377\r\n\000\000\000\000\000\000\000\000\000'' && printf %%s %2\$s | perl -ne ''print pack(\"H*\", \$_)'') > %1\$s/%3\$s', '$SERVER_STATE/golden',
    string_agg('0001' || lpad(to_hex(octet_length(binary_form) / 2), 8, '0') || binary_form, '' order by number) || 'ffff', type) from golden group by type" >"$SERVER_STATE/golden.sh"
  sh "$SERVER_STATE/golden.sh"
  {
    cat "$top/test/data/values/facts.sql"
    sql -c "select format('create temp table from_%1\$s (value %1\$s, number serial); \copy from_%1\$s (value) from ''%2\$s/%1\$s'' (format binary)', type, '$SERVER_STATE/golden') from (select distinct type from golden) as t" | sed 's/; \\copy/;\n\\copy/'
    sql -c "select format('select %1\$L, count(*), count(*) filter (where (pg_temp.facts(g.value::%1\$s) @> g.facts) is not true), count(*) filter (where (pg_temp.facts(g.stored_value) @> g.facts) is not true), count(*) filter (where (pg_temp.facts(g.sent) @> g.facts) is not true), count(*) filter (where g.value::%1\$s::text is distinct from g.stored_value::text or g.value::%1\$s::text is distinct from g.sent::text)
      from (select g.*, (''\\x'' || g.stored)::raw_%1\$s::%1\$s as stored_value, s.value as sent from (select g.*, row_number() over (order by number) as place from golden as g where type = %1\$L) as g join from_%1\$s as s on s.number = g.place) as g;', type) from (select distinct type from golden order by type) as t"
  } >"$SERVER_STATE/golden.sql"
  is "$version: read from texts, from tables and from what is sent, they tell what they told: type, values, and how many differ" "$(sql -f "$SERVER_STATE/golden.sql")" \
    "$(sql -c "select type, count(*), 0, 0, 0, 0 from golden group by type order by type")"
done
is "bytes of no version are an error, also where they are written" "$(error "select (overlay('\x' || (select stored from golden where type = 'model' limit 1) placing '09' from 3 for 2))::raw_model::model::text")" "22P03: invalid value of type model: its version is unknown"
is "so are those that are too few" "$(error "select '\x0200000000000000'::raw_model::model::text" | sed 's/model: .*/model/')" "22P03: invalid value of type model"

# A schema that was there before.
refused() {  # refused PREPARATION SQLSTATE MESSAGE
  fresh_database planted
  sql -c "set client_min_messages to warning" -c "drop role if exists fairdb_planter" -c "create role fairdb_planter" -c "grant create on database planted to fairdb_planter"
  sql -c "$1"
  is "refused: $3" "$(error "create extension fairdb")" "$2: $3"
  sql -d postgres -c "drop database planted" -c "drop role fairdb_planter"
}
refused "set role fairdb_planter; create schema fairdb" 42P06 'schema "fairdb" exists already and belongs to another role'
refused "create schema fairdb; create function fairdb.quantile(int) returns int language sql as 'select 1'" 42P06 \
  'schema "fairdb" exists already and is not empty'
refused "create schema fairdb; grant create on schema fairdb to fairdb_planter" 42P15 'schema "fairdb" lets others create in it'
refused "alter default privileges grant create on schemas to public" 42P15 'schema "fairdb" lets others create in it'
refused "create schema fairdb_internal" 42P06 'schema "fairdb_internal" already exists'
fresh_database planted
sql -c "create schema fairdb"
ok "an empty one is taken, as a restored dump makes it" sql -c "create extension fairdb"
