-- A source that changes while it is read: whatever is read has the types that its readers were built for.
\pset null <NULL>
set search_path to public, fairdb;
\set VERBOSITY terse
create schema changing;
create table changing.base as
select i as id, i % 2 = 0 as y, case when i % 5 = 0 then 'u' else 'v' end as cat, (i * 7 % 13)::float8 as x, array[i % 3, i % 4]::float8[] as xs
from generate_series(1, 200) as i;

-- become(definition) makes a view another one, once. It runs within the source, at a row of the caller's choice:
-- what reads the source afterwards reads another one.
create function changing.become(definition text) returns void language plpgsql set client_min_messages to warning as $$
begin
  execute 'drop view if exists changing.v';
  execute 'create view changing.v as ' || definition;
end $$;
create function changing.swap(i int, last int, definition text) returns text language plpgsql as $$
begin
  if i = last and current_setting('changing.done', true) is distinct from 'yes' then
    perform set_config('changing.done', 'yes', true);
    perform changing.become(definition);
  end if;
  return 'a' || i % 2;
end $$;
-- Each case is a transaction that is rolled back: the view as it is at first and as it becomes, and what reads it.
create procedure changing.try(title text, first text, later text, query text) language plpgsql as $$
begin
  perform changing.become(replace(replace(first, 'SWAP_AT_ONCE', format('changing.swap(id, 1, %L)', later)),
    'SWAP', format('changing.swap(id, 200, %L)', later)));
  begin
    execute 'select * from (' || query || ') as t';
    raise notice '%: read', title;
  exception when others then
    raise notice '%: % %', title, sqlstate, sqlerrm;
  end;
  rollback;
end $$;

-- Types: text becomes a number that would be taken for an address, and a number an address that would be shown.
call changing.try('survey of categories', 'select SWAP as g, y, SWAP as cat, x from changing.base',
  'select 12345678::int8 as g, y, cat, x from changing.base', $$select train_linear('changing.v', 'y', '{g}')$$);
call changing.try('a category', 'select id % 3 as g, y, SWAP as cat, x from changing.base',
  'select id % 3 as g, y, 12345678::int8 as cat, x from changing.base', $$select train_linear('changing.v', 'y', '{g}')$$);
call changing.try('a number', 'select id % 3 as g, y, SWAP as cat, id as x from changing.base',
  'select id % 3 as g, y, cat, ''text''::text as x from changing.base', $$select train_linear('changing.v', 'y', '{g}')$$);
call changing.try('the target', 'select id % 3 as g, id % 2 as y, SWAP as cat from changing.base',
  'select id % 3 as g, repeat(''t'', 99) as y, cat from changing.base', $$select train_linear('changing.v', 'y', '{g}')$$);
call changing.try('the target by its positive value', 'select id % 3 as g, cat as y, SWAP as c from changing.base',
  'select id % 3 as g, cat::bpchar as y, cat as c from changing.base', $$select train_linear('changing.v', 'y', '{g}', positive => 'u')$$);
call changing.try('a weight', 'select id % 3 as g, y, x, SWAP as cat, id as w from changing.base',
  'select id % 3 as g, y, x, cat, ''1''::text as w from changing.base', $$select train_linear('changing.v', 'y', '{g}', weight => 'w')$$);
call changing.try('a set of attributes', 'select id % 3 as g, id % 2 as h, y, SWAP as cat from changing.base',
  'select id % 3 as g, ''h''::text as h, y, cat from changing.base', $$select train_linear('changing.v', 'y', '{g,h}')$$);
call changing.try('values to impute', 'select SWAP as g, y, id as x from changing.base',
  'select 1.5::float4 as g, y, id as x from changing.base', $$select train_linear('changing.v', 'y', '{g}', on_null => 'impute')$$);
call changing.try('the first look at arrays', 'select id % 3 as g, y, xs from changing.base where SWAP_AT_ONCE > ''''',
  'select id % 3 as g, y, x as xs from changing.base', $$select train_linear('changing.v', 'y', '{g}')$$);
call changing.try('the elements of arrays', 'select id % 3 as g, y, xs, SWAP as cat from changing.base',
  'select id % 3 as g, y, array[''text'', ''text''] as xs, cat from changing.base', $$select train_linear('changing.v', 'y', '{g}')$$);
call changing.try('the edges of bins', 'select id % 3 as g, id as y, x from changing.base where SWAP > ''''',
  'select id % 3 as g, ''text''::text as y, x from changing.base',
  $$select train_linear('changing.v', 'y', '{g}', loss => 'squared', fairness => 'equalized_odds', bins => 3)$$);
call changing.try('a kernel', 'select id % 3 as g, y, SWAP as cat, x from changing.base',
  'select id % 3 as g, y, cat, 1::int2 as x from changing.base', $$select train_kernel('changing.v', 'y', '{g}')$$);
call changing.try('cross-validation', 'select id % 3 as g, y, SWAP as cat, x from changing.base',
  'select id % 3 as g, y, cat, 1::numeric as x from changing.base', $$select * from cross_validate('changing.v', 'y', '{g}')$$);
call changing.try('a trade-off', 'select id % 3 as g, y, SWAP as cat, x from changing.base',
  'select id % 3 as g, y, cat, 1::numeric as x from changing.base', $$select * from tradeoff('changing.v', 'y', '{g}')$$);
call changing.try('fair features', 'select id, id % 3 as g, y, SWAP as cat, x from changing.base',
  'select ''id''::text as id, id % 3 as g, y, cat, x from changing.base', $$select * from fair_features('changing.v', 'y', '{g}', 'id')$$);
call changing.try('the median of Local Law 144', 'select cat as sex, id % 3 as race, x from changing.base where SWAP > ''''',
  'select cat as sex, x as race, x from changing.base', $$select * from local_law_144('changing.v', 'x', 'sex', 'race', mode => 'scoring')$$);

-- Names, numbers of columns, and another relation of the same columns.
call changing.try('a name', 'select id % 3 as g, y, SWAP as cat, x from changing.base',
  'select id % 3 as g, y, cat, x as z from changing.base', $$select train_linear('changing.v', 'y', '{g}')$$);
call changing.try('names exchanged', 'select id % 3 as g, y, SWAP as cat, x, 1 - x as z from changing.base',
  'select id % 3 as g, y, cat, 1 - x as z, x from changing.base', $$select train_linear($q$select * from changing.v$q$, 'y', '{g}')$$);
call changing.try('a column more', 'select id % 3 as g, y, SWAP as cat, x from changing.base',
  'select id % 3 as g, y, cat, x, x as z from changing.base', $$select train_linear($q$select * from changing.v$q$, 'y', '{g}')$$);
call changing.try('another relation', 'select id % 3 as g, y, SWAP as cat, x from changing.base',
  'select id % 3 as g, y, cat, x from changing.base', $$select train_linear('changing.v', 'y', '{g}')$$);

-- In a SELECT, also where the type of no answer tells: a literal would be read as another type's.
call changing.try('a SELECT', 'select SWAP as g, y, SWAP as cat, x from changing.base',
  'select 12345678::int8 as g, y, cat, x from changing.base', $$select train_linear($q$select * from changing.v$q$, 'y', '{g}')$$);
call changing.try('what counts as positive', 'select id % 3 as g, cat as y, SWAP as c from changing.base',
  'select id % 3 as g, cat::name as y, cat as c from changing.base', $$select train_linear($q$select * from changing.v$q$, 'y', '{g}', positive => 'u')$$);

-- The check of a domain runs when the value that counts as positive is looked at, before anything is read.
create function changing.word_is_good(word text) returns bool language plpgsql as $$
begin
  if word = 'go' then perform changing.become('select 12345678::int8 as g, 1::int8 as cat, y from changing.base'); end if;
  return true;
end $$;
create domain changing.word as text check (changing.word_is_good(value));
call changing.try('an audit by a positive value', 'select id % 3 as g, cat::changing.word as cat, y from changing.base', '',
  $$select * from audit('changing.v', 'cat', 'y', '{g}', positive => 'go')$$);
call changing.try('training by a positive value', 'select id % 3 as g, cat::changing.word as cat, y from changing.base', '',
  $$select train_linear('changing.v', 'cat', '{g}', positive => 'go')$$);

-- An audit is one reading, of a view that is gone when it ends; fair scores look at it no more.
call changing.try('an audit', 'select SWAP as g, y from changing.base', 'select 12345678::int8 as g, y from changing.base',
  $$select * from audit('changing.v', 'y', 'y', '{g}')$$);
call changing.try('fair scores', 'select SWAP as g, x, id from changing.base', 'select 12345678::int8 as g, x, ''id''::text as id from changing.base',
  $$select * from barycenter_scores('changing.v', 'id', 'x', '{g}')$$);

-- Memory for the rows: the source is read again and again.
set maintenance_work_mem = '1MB';
create table changing.wide as select i as id, i % 2 = 0 as y, i % 3 as g, i % 7 as x1, i % 11 as x2, i % 13 as x3, i % 17 as x4 from generate_series(1, 60000) as i;
create function changing.count_to(i int, last int, definition text) returns int language plpgsql as $$
begin
  if i = last then
    perform set_config('changing.readings', (coalesce(nullif(current_setting('changing.readings', true), ''), '0')::int + 1)::text, true);
    if current_setting('changing.readings') = '2' then perform changing.become(definition); end if;
  end if;
  return i % 5;
end $$;
call changing.try('read again', $$select changing.count_to(id, 60000, 'select ''text''::text as x0, y, g, x1, x2, x3, x4 from changing.wide') as x0, y, g, x1, x2, x3, x4 from changing.wide$$,
  '', $$select train_linear('changing.v', 'y', '{g}')$$);
reset maintenance_work_mem;

-- Labels of an enum that are renamed between two readings: rows of other groups than those of the first.
create type changing.kind as enum ('one', 'two');
create table changing.kinds as select i as id, (array['one', 'two'])[1 + i % 2]::changing.kind as g, i % 3 = 0 as y, i % 7 as x1, i % 11 as x2, i % 13 as x3, i % 17 as x4 from generate_series(1, 60000) as i;
create function changing.rename(i int) returns int language plpgsql as $$
begin
  if i = 60000 then
    perform set_config('changing.readings', (coalesce(nullif(current_setting('changing.readings', true), ''), '0')::int + 1)::text, true);
    if current_setting('changing.readings') = '1' then alter type changing.kind rename value 'one' to 'three'; end if;
  end if;
  return i % 5;
end $$;
set maintenance_work_mem = '1MB';
begin;
select train_linear('select changing.rename(id) as x0, g, y, x1, x2, x3, x4 from changing.kinds', 'y', '{g}');
rollback;
reset maintenance_work_mem;

-- The name of a view goes over to another one, which reads the first.
create function changing.renames(i int) returns bool language plpgsql as $$
begin
  if i = 200 and to_regclass('changing.first') is null then
    alter view changing.named rename to first;
    create view changing.named as select s, r, score + 100 as score from changing.first;
  end if;
  return true;
end $$;
create view changing.named as select cat as s, id % 3 as r, x as score from changing.base where changing.renames(id);
begin;
select * from local_law_144('changing.named', 'score', 's', 'r', mode => 'scoring');
rollback;
-- Rows that are drawn anew for the median and for the table.
create sequence changing.drawn;
select * from local_law_144('select cat as s, id % 3 as r, nextval(''changing.drawn'')::float8 as score from changing.base', 'score', 's', 'r', mode => 'scoring');

-- A type that is gone.
create type changing.sexy as enum ('a', 'b');
create domain changing.share as float8;
create function changing.sex(i int) returns changing.sexy language sql as $$ select (array['a', 'b'])[1 + i % 2]::changing.sexy $$;
create function changing.part(i int) returns changing.share language sql as $$ select (i / 7.0)::changing.share $$;
create function changing.drop_types(i int) returns float8 language plpgsql set client_min_messages to warning as $$
begin
  if i = 200 then
    drop type if exists changing.sexy cascade;
    drop domain if exists changing.share cascade;
    if to_regprocedure('changing.sex(int)') is null then
      create function changing.sex(i int) returns text language sql as 'select ''a''::text';
      create function changing.part(i int) returns float8 language sql as 'select 1.0::float8';
    end if;
  end if;
  return i;
end $$;
begin;
select * from local_law_144('select changing.sex(id) as sex, id % 2 as race, changing.drop_types(id) as score from changing.base', 'score', 'sex', 'race', mode => 'scoring');
rollback;
begin;
select train_linear('select y, id % 3 as g, changing.part(id) as x, (changing.drop_types(id) > 5)::text as cat from changing.base', 'y', '{g}');
rollback;
begin;
select train_linear('select y, changing.sex(id) as g, x, (changing.drop_types(id) > 5)::text as cat from changing.base', 'y', '{g}');
rollback;

-- A cast to numbers is called as the server calls it: NULL is unknown, and the caller must be allowed to.
create type changing.pair as (a float8, b float8);
create function changing.numbers(p changing.pair) returns float8[] language sql immutable as $$ select case when p.a > 0.5 then array[p.a, p.b] end $$;
create cast (changing.pair as float8[]) with function changing.numbers(changing.pair);
create table changing.pairs as select row(i % 5, i % 7)::changing.pair as p, i % 3 as g, i % 2 = 0 as y from generate_series(1, 100) as i;
select train_linear('changing.pairs', 'y', '{g}');
create table changing.trained as select train_linear('changing.pairs', 'y', null, '{p}', fairness => 'none', on_null => 'skip') as m;
select count(*) as all, count(predict(m, t)) as known from changing.trained, changing.pairs as t;
create role regress_fairdb_caster;
grant usage on schema changing to regress_fairdb_caster;
grant select on changing.pairs, changing.trained to regress_fairdb_caster;
revoke execute on function changing.numbers(changing.pair) from public;
set role regress_fairdb_caster;
select count(predict(m, t)) from changing.trained, changing.pairs as t;
select train_linear('changing.pairs', 'y', null, '{p}', fairness => 'none');
reset role;
revoke all on schema changing from regress_fairdb_caster;
revoke all on changing.pairs, changing.trained from regress_fairdb_caster;
drop role regress_fairdb_caster;
create function changing.uncast(i int) returns int language plpgsql set client_min_messages to warning as $$
begin
  if i = 100 then drop cast if exists (changing.pair as float8[]); drop function if exists changing.numbers(changing.pair); end if;
  return i % 3;
end $$;
begin;
select train_linear('select p, y, changing.uncast(row_number() over ()::int) as g from changing.pairs', 'y', '{g}', on_null => 'skip');
rollback;

-- What a PL/pgSQL expression keeps from call to call: the name of an enum's value, a model that was rolled back.
create type changing.letter as enum ('a', 'b');
create table changing.letters as select (array['a', 'b'])[1 + i % 2]::changing.letter as l, i % 7 as x, i % 2 = 0 as y, i % 3 as g from generate_series(1, 60) as i;
create table changing.spelled as select train_linear('changing.letters', 'y', null, '{l,x}', fairness => 'none') as m;
do $$
declare r record; s float8; before float8; after float8; model model := (select m from changing.spelled);
begin
  select * into r from changing.letters limit 1;
  for i in 1 .. 2 loop
    s := predict(model, r);
    if i = 1 then before := s; else after := s; end if;
    if i = 1 then
      alter type changing.letter rename value 'a' to 'c';
      alter type changing.letter rename value 'b' to 'a';
      alter type changing.letter rename value 'c' to 'b';
    end if;
  end loop;
  raise notice 'as before: %', before = after;
end $$;
create function changing.by_name() returns float8 language plpgsql as $$ declare r record; begin select 3 as x, 2 as z into r; return round(predict('changing', r)::numeric, 6); end $$;
begin isolation level repeatable read;
select save_model('changing', train_linear('select i % 2 = 0 as y, i % 7 as x, i % 5 as z from generate_series(1, 100) as i', 'y', null, fairness => 'none')) as version;
create table changing.scores as select changing.by_name() as first;
savepoint a;
select save_model('changing', train_linear('select i % 3 = 0 as y, i % 5 as x, i % 4 as z from generate_series(1, 100) as i', 'y', null, fairness => 'none')) as version;
select changing.by_name() = first as as_the_first from changing.scores;
rollback to a;
select changing.by_name() = first as as_the_first from changing.scores;
rollback;

-- The registry's own table is no exception.
begin;
select save_model('changing', train_linear('select i as x, i % 2 as g, i % 3 = 0 as y from generate_series(1, 99) as i', 'y', '{g}'));
alter extension fairdb drop view models;
drop view fairdb.models cascade;
create view fairdb.models as select owner, name, active, 12345678 as model from registered_models;
select predict('changing', t) from (select 1 as x) as t;
rollback;
drop schema changing cascade;
