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
for script in "$top"/sql/fairdb--*--*.sql; do
  from=$(basename "$script" | sed 's/^fairdb--\(.*\)--.*/\1/')
  fresh_database updated
  sql -c "create extension fairdb version '$from'"
  sql >/dev/null <<'SQL'
set search_path to public, fairdb;
create table kept as
select confusion_agg(i % 2 = 0, i % 3 = 0, 'g' || i % 2) as c, distribution_agg(i::float8, 'g' || i % 2) as d,
  moments_agg(i, 'g' || i % 2, array[i]) as n, (select train_linear('select i % 2 = 0 as y, i % 3 = 0 as g, i % 7 as x, i % 5 as z from generate_series(1, 100) as i', 'y', '{g}')) as m
from generate_series(1, 9) as i;
select save_model('kept', m) from kept;
create view used as select equalized_odds_difference(c) as e, ks_distance(d) as k, predict('kept', r) as p, c = c as same, d + d as twice
from kept, (select 1 as x, 2 as z) as r;
SQL
  before=$(sql -c "set search_path to public, fairdb; select * from used, kept" | md5sum)
  # What an update has to make anew it does not take from under those who use it: it says who they are.
  sql -c "create view fairness as select metric, value from fairdb.metrics((select c from kept))" -c "create view fair as select fairdb.adjust(d, 4, 'g1') from kept"
  sql -c "create index by_fair on kept (fairdb.adjust(d, 4, 'g1'))"
  is "from $from: what is in the way is named, all of it, and nothing is changed" \
    "$(sql -v VERBOSITY=verbose -c "alter extension fairdb update" 2>&1 | sed -n 's/^ERROR:  \([0-9A-Z]*\):.*/\1/p; s/^DETAIL:  //p' | tr '\n' ' ')$(sql -c "select extversion from pg_extension where extname = 'fairdb'")" \
    "2BP01 They are used by index public.by_fair, view public.fair, view public.fairness. $from"
  sql -c "drop index by_fair"
  sql -c "drop view fairness, fair" -c "revoke execute on function fairdb.train_kernel from public"
  is "from $from: privileges that are lost are named" "$(sql -c "alter extension fairdb update" 2>&1 | grep WARNING)" \
    "WARNING:  everybody may execute train_kernel again"
  is "from $from: the version" "$(sql -c "select extversion from pg_extension where extname = 'fairdb'")" "$current"
  objects updated >"$SERVER_STATE/updated.objects"
  is "from $from: every object is as if installed anew" "$(diff "$SERVER_STATE/installed.objects" "$SERVER_STATE/updated.objects" | head -n 20)" ""
  is "from $from: values and views are as before" "$(sql -c "set search_path to public, fairdb; select * from used, kept" | md5sum)" "$before"
  ok "from $from: an updated database is dumped" pg_dump -Fc -f "$SERVER_STATE/updated.dump" updated
  fresh_database updated_again
  ok "and restored" pg_restore --exit-on-error -d updated_again "$SERVER_STATE/updated.dump"
done

# Values that 1.0.0 has written: its text form is what a dump of it holds, its bytes are what a table holds. Both are
# read; and what is read is sent in today's form.
models=$top/test/data/models
fresh_database earlier
sql -c "create extension fairdb" -c "create table old (kind text, m fairdb.model)" -c "alter database earlier set search_path = public, fairdb"
for kind in linear kernel; do
  hex=$(od -An -v -tx1 "$models/fair_${kind}_1.0.0.bin" | tr -d ' \n')
  sql -c "insert into old values ('$kind', '\\x$hex')"
done
is "models of 1.0.0 predict as they did" \
  "$(sql -c "select kind, round(predict(m, array[1, 1, 1, 1, 1, 1])::numeric, 12), describe(m)->>'source' from old order by kind")" \
  "kernel|0.674501950076|applicants
linear|0.099486136181|applicants"
is "their seconds are kept" "$(sql -c "select describe(m)->'training'->>'seconds' from old where kind = 'linear'")" 0.001288
is "what is written of them is read as the same" "$(sql -c "select bool_and(m::text::model = m) from old")" t
# The bytes of a table, behind the length word: version, zeros, a digest that nobody asks, and the content. They come in
# through a type that takes any.
sql <<'SQL'
set client_min_messages to warning;
create type raw;
create function raw_in(cstring) returns raw language internal immutable strict as 'byteain';
create function raw_out(raw) returns cstring language internal immutable strict as 'byteaout';
create type raw (input = raw_in, output = raw_out, alignment = double);
create cast (raw as fairdb.model) without function;
create cast (raw as fairdb.distribution) without function;
SQL
stored="01000000$(printf '%016d' 0)$(od -An -v -tx1 "$models/fair_linear_1.0.0.bin" | tr -d ' \n')"
sql -c "create table stored as select '\\x$stored'::raw::fairdb.model as m"
is "so are the bytes of a table of 1.0.0" "$(sql -c "select round(predict(s.m, array[1, 1, 1, 1, 1, 1])::numeric, 12), s.m = o.m,
  s.m::text = o.m::text, describe(s.m) = describe(o.m) from stored as s, old as o where kind = 'linear'")" "0.099486136181|t|t|t"
# Distributions too: of three scores of b and two of a, plain and weighted.
plain=01000000d0abda6d178483d8010000000000000000000000000000000000000000000000020000000000000001000000000000000200000000000000\
02000000000000006100000000000000000000000000d03f000000000000e03f0100000000000100030000000000000002000000000000006200000000000000\
000000000000e83f000000000000f83f02000000000000000100000000000000
weighted=010000005f645ee87650900e000000000000000000000000000000000100000000000000020000000000000001000000000100000200000000000000\
02000000000000006100000000000000000000000000d03f000000000000e03f000000000000f83f000000000000e03f01000000000100000200000000000000\
02000000000000006200000000000000000000000000e83f000000000000e83f000000000000f03f0000000000000040
sql >/dev/null <<SQL
create table laws as select '\\x$plain'::raw::fairdb.distribution as plain, '\\x$weighted'::raw::fairdb.distribution as weighted;
create table rows (x float8, g text, w float8);
insert into rows values (0.25, 'a', 1.5), (0.5, 'a', 0.5), (0.75, 'b', 2), (0.75, 'b', 1), (1.5, 'b', null);
SQL
is "distributions of a table of 1.0.0 are the same values" "$(sql -c "set client_min_messages to warning" -c "select p = plain, w = weighted, adjust(p, 0.25, 'a') = adjust(plain, 0.25, 'a'),
  (select rollup(plain) from laws) = p, plain::text = p::text, describe(weighted) = describe(w)
  from laws, (select distribution_agg(x, g) as p from (select * from rows union all select 2, null, 0) as r) as a, (select distribution_agg(x, g, w) as w from rows) as b")" "t|t|t|t|t|t"
is "bytes of no version are an error, also where they are written" \
  "$(error "select ('\\x09${stored#01}'::raw::fairdb.model)::text")" "22P03: invalid value of type model: its version is unknown"

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
