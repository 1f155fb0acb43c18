-- The extension installs into its own schema, whatever the search_path, and documents itself.
\pset null <NULL>
set search_path to pg_temp;
create extension fairdb;
reset search_path;
-- No test depends on how fast the machine is: progress is shown in test/server/progress.sh.
do $$ begin execute format('alter database %I set fairdb.progress_interval = 0', current_database()); end $$;
select extname, extversion, nspname as schema, extrelocatable
from pg_extension e join pg_namespace n on n.oid = extnamespace where extname = 'fairdb';

-- Objects without a comment: none.
select pg_describe_object(classid, objid, 0) as without_comment
from pg_depend
where refclassid = 'pg_extension'::regclass and deptype = 'e'
  and refobjid = (select oid from pg_extension where extname = 'fairdb')
  and classid in ('pg_proc'::regclass, 'pg_type'::regclass)
  and coalesce(obj_description(objid, classid::regclass::name), '') = ''
  and pg_describe_object(classid, objid, 0) not like 'type %[]'  -- members since PostgreSQL 17,
  and not exists (select from pg_type where oid = objid and typtype = 'c')  -- and so are row types of views
order by 1;

-- Functions in C that are not the extension's own library, or run as their owner: none.
select oid::regprocedure from pg_proc
where pronamespace in ('fairdb'::regnamespace, 'fairdb_internal'::regnamespace, 'fairdb_jobs'::regnamespace)
  and (prosecdef or prolang = (select oid from pg_language where lanname = 'sql')
       or (prokind = 'f' and probin <> '$libdir/fairdb'))
order by oid::regprocedure::text collate "C";

-- Volatility and parallel safety of every function.
select oid::regprocedure as function, prokind as kind, provolatile as volatile,
       proparallel as parallel, proisstrict as strict
from pg_proc where pronamespace in ('fairdb'::regnamespace, 'fairdb_internal'::regnamespace, 'fairdb_jobs'::regnamespace)
order by prokind, oid::regprocedure::text collate "C";

-- Support functions refuse to be called alone: they change their argument.
select fairdb_internal.confusion_count(null, true, true, 'a'::text);
select fairdb_internal.confusion_merge('{"groups": {}}', '{"groups": {}}');
-- What depends on the setting fairdb.min_group must not be folded into a constant: none.
select p.oid::regprocedure from pg_proc as p join pg_depend as d on d.objid = p.oid and d.deptype = 'e'
join pg_extension as e on e.oid = d.refobjid and e.extname = 'fairdb'
where (proargnames @> '{suppressed}' or proname = 'local_law_144') and provolatile = 'i';
