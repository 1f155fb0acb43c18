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
from pg_operator as o join members on objid = o.oid and classid = 'pg_operator'::regclass order by 2;
select 'operator class', opcname, opcintype::regtype, opcdefault, (select string_agg(amproc::text, ' ' order by amprocnum) from pg_amproc where amprocfamily = opcfamily)
from pg_opclass join members on objid = pg_opclass.oid and classid = 'pg_opclass'::regclass order by 2;
select 'type', t.oid::regtype, t.typinput, t.typoutput, t.typreceive, t.typsend, t.typlen, t.typalign, t.typstorage, t.typacl
from pg_type as t join members on objid = t.oid and classid = 'pg_type'::regclass where t.typtype = 'b' and t.typelem = 0 order by 2;
select 'relation', c.oid::regclass, c.relkind, c.reloptions, c.relacl, pg_get_viewdef(c.oid) from pg_class as c
join members on objid = c.oid and classid = 'pg_class'::regclass where c.relkind in ('v', 'r') order by 2;
select 'column', a.attrelid::regclass, a.attnum, a.attname, a.atttypid::regtype, a.attnotnull, pg_get_expr(d.adbin, d.adrelid)
from pg_attribute as a join members on objid = a.attrelid and classid = 'pg_class'::regclass
left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum where a.attnum > 0 order by 2, 3;
select 'constraint', conrelid::regclass, conname, pg_get_constraintdef(c.oid) from pg_constraint as c
join members on objid = conrelid and classid = 'pg_class'::regclass order by 2, 3;
select 'index', indexrelid::regclass, pg_get_indexdef(indexrelid) from pg_index join members on objid = indrelid and classid = 'pg_class'::regclass order by 2;
select 'trigger', tgrelid::regclass, pg_get_triggerdef(t.oid) from pg_trigger as t join members on objid = tgrelid and classid = 'pg_class'::regclass order by 2, 3;
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
  sql <<'SQL'
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
  sql -c "alter extension fairdb update"
  is "from $from: the version" "$(sql -c "select extversion from pg_extension where extname = 'fairdb'")" "$current"
  objects updated >"$SERVER_STATE/updated.objects"
  is "from $from: every object is as if installed anew" "$(diff "$SERVER_STATE/installed.objects" "$SERVER_STATE/updated.objects" | head -n 20)" ""
  is "from $from: values and views are as before" "$(sql -c "set search_path to public, fairdb; select * from used, kept" | md5sum)" "$before"
  ok "from $from: an updated database is dumped" pg_dump -Fc -f "$SERVER_STATE/updated.dump" updated
  fresh_database updated_again
  ok "and restored" pg_restore --exit-on-error -d updated_again "$SERVER_STATE/updated.dump"
done

# A schema that was there before.
for case in "set role fairdb_planter; create schema fairdb|belongs to another role" \
  "create schema fairdb; create function fairdb.quantile(int) returns int language sql as 'select 1'|is not empty"; do
  fresh_database planted
  sql -c "set client_min_messages to warning" -c "drop role if exists fairdb_planter" -c "create role fairdb_planter" -c "grant create on database planted to fairdb_planter"
  sql -c "${case%|*}"
  is "a schema that ${case#*|} is refused" "$(error "create extension fairdb" | grep -c "42P06: schema \"fairdb\" exists already and ${case#*|}")" 1
  sql -d postgres -c "drop database planted" -c "drop role fairdb_planter"
done
fresh_database planted
sql -c "create schema fairdb"
ok "an empty one is taken, as a restored dump makes it" sql -c "create extension fairdb"
sql -c "drop extension fairdb" -c "create schema fairdb_internal"
is "one in the place of the internal functions is refused" "$(error "create extension fairdb" | cut -c 1-5)" 42P06
