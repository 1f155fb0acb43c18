-- Columns of every kind as features, NULLs, sources, and names that need quotes.
\pset null <NULL>
set search_path to public, fairdb;
create type size as enum ('small', 'medium', 'large');
create domain percent as numeric check (value between 0 and 100);
create table "Odd ""Table""" (
  "a b" int, "select" text, "X.y" size, flag bool, small int2, big int8, re real, num numeric, pct percent,
  fixed char(4), nam name, vc varchar(9), born date, grp text, ok bool);
insert into "Odd ""Table""" select i, (array['red', 'green', 'blue "deep"'])[1 + i % 3], (array['small', 'medium', 'large']::size[])[1 + i % 2],
  i % 4 = 0, i % 7, i * 1000000007::int8, i / 3.0, i / 7.0, i % 100, (array['ab', 'c'])[1 + i % 2], 'n' || i % 2, 'v' || i % 5,
  date '2026-01-01' + i, (array['p', 'q'])[1 + i / 2 % 2], i * 7919 % 100 < 40 from generate_series(1, 200) as i;
alter table "Odd ""Table""" add dropped int, add last int default 1;
alter table "Odd ""Table""" drop dropped;

create table m as select train_linear('"Odd ""Table"""', 'ok', '{grp}',
  '{"a b",select,X.y,flag,small,big,re,num,pct,fixed,nam,vc,last}', on_unseen => 'null') as m;
select feature, level, mean::numeric(12, 3), scale::numeric(12, 3) from m, coefficients(m) where feature <> 'big';
select bool_and(abs(e.score - predict(m, o)) < 1e-9) as coefficients_predict
from m, "Odd ""Table""" as o, lateral (
  select sum(coefficient * case when feature = '(intercept)' then 1
    when level is not null then (trim(to_jsonb(o)->>feature) = level)::int
    when feature = 'flag' then flag::int else (to_jsonb(o)->>feature)::float8 end) as score from coefficients(m)) as e;
-- The array form wants the encoded features.
select predict((select m from m), array_agg(mean order by n)) is not null as array_form
from m, coefficients(m) with ordinality as c(feature, level, coefficient, standardized, mean, scale, n) where mean is not null;
select predict(m, o) from m, (select 1 as "a b", 'violet' as "select", 'small'::size as "X.y", true as flag, 1 as small, 1 as big, 1 as re, 1 as num,
  1 as pct, 'ab' as fixed, 'n1' as nam, 'v1' as vc, 1 as last) as o;
select predict(train_linear('"Odd ""Table"""', 'ok', '{grp}', '{select}'), o) from (select 'violet' as "select") as o;

-- A category wants a text; a level longer than any name is unseen.
select predict(m, o) from m, (select 1 as "a b", array[null]::text[] as "select") as o;
select predict(train_linear('"Odd ""Table"""', 'ok', '{grp}', '{select}'), o) from (select repeat('x', 2000) as "select") as o;
select train_linear($$select repeat('x', 2000) as t, i % 2 as g, i % 3 = 0 as y from generate_series(1, 9) as i$$, 'y', '{g}');
-- A row type that changes between two calls of one session.
create type changing as (a int, b text);
create function pg_temp.twice(m model) returns table (p float8) language plpgsql as $$
begin
  for k in 1 .. 2 loop
    execute 'select predict($1, (1, ''p'')::changing)' into p using m;
    return next;
    if k = 1 then alter type changing add attribute c int; alter type changing drop attribute b; alter type changing add attribute b text; end if;
    execute 'select predict($1, r) from (select (1, 2, ''p'')::changing as r) as t' into p using m;
    return next;
    exit;
  end loop;
end $$;
select count(distinct p) from pg_temp.twice(train_linear($$select i as a, (array['p', 'q'])[1 + i % 2] as b, i % 5 < 2 as y, i % 3 as g from generate_series(1, 50) as i$$,
  'y', '{g}'));
drop type changing;

-- By default every column but target and group; types that cannot be features are named.
select count(*) from coefficients(train_linear('"Odd ""Table"""', 'ok', '{grp}'));
select train_linear('select *, point ''(1,2)'' as x from "Odd ""Table"""', 'ok', '{grp}');
select count(*) from coefficients(train_linear('select "a b", flag, grp, ok from "Odd ""Table"""', 'ok', '{grp}'));

-- Sources: view, partitioned and temporary table, WITH, VALUES, TABLE, comments and semicolons.
create view odd_view as select "a b" as x, grp, ok from "Odd ""Table""";
create table parts (x int, grp text, ok bool) partition by list (grp);
create table parts_p partition of parts for values in ('p');
create table parts_q partition of parts for values in ('q');
insert into parts select * from odd_view;
create temp table temporary as select * from odd_view;
select s, (describe(train_linear(s, 'ok', '{grp}', '{x}', fairness => 'none'))->'training'->>'objective')::numeric(20, 6) as objective
from unnest(array['odd_view', 'public.odd_view', ' "odd_view" ', 'parts', 'temporary', 'pg_temp.temporary', 'table odd_view;',
  'with w as (select * from odd_view) select * from w', E'select * from odd_view -- the end', '/* ; */ select * from odd_view ; ; ']) as s;
select train_linear('', 'ok', '{grp}');
select train_linear('no_such', 'ok', '{grp}');
select train_linear('a.b.c.d', 'ok', '{grp}');
select train_linear('select * from odd_view; drop table temporary', 'ok', '{grp}');
select train_linear('select * from odd_view) as t; drop table temporary; --', 'ok', '{grp}');
select train_linear('update parts set x = 0 returning *', 'ok', '{grp}');
select train_linear('with d as (delete from parts returning *) select * from d', 'ok', '{grp}');
select train_linear('select x, x, grp, ok from odd_view', 'ok', '{grp}');
select count(*), sum(x) from parts;

-- NULLs: an error with counts, skipped, or imputed.
create table gaps as select case when i % 10 <> 0 then i end as x, case when i % 8 <> 0 then 'l' || i % 3 end as l,
  case when i % 20 <> 1 then (array['p', 'q'])[1 + i / 2 % 2] end as grp, case when i % 25 <> 2 then i * 7919 % 100 < 40 end as ok
from generate_series(1, 1000) as i;
select train_linear('gaps', 'ok', '{grp}');
select train_linear('select x % 7 as x, l, grp, ok from gaps', 'ok', '{grp,x}', '{l}');
create table models as select o, train_linear('gaps', 'ok', '{grp}', on_null => o) as m from unnest('{skip,impute}'::text[]) as o;
select o, d->'rows' as rows, d->'rows_skipped' as skipped, jsonb_path_query_array(d, '$.groups[*].rows') as groups,
       (d->>'constraint_violation')::float8 < 1e-12 as fair
from (select o, describe(m)->'training' as d from models) as t order by o;
select count(*) filter (where x is not null and l is not null and grp is not null and ok is not null) as complete,
       count(*) filter (where ok is not null) as with_target from gaps;
select o, count(*), count(predict(m, g)) from models, gaps as g group by o order by o;
-- The imputed value is the mean of the column (and of each level's indicator) in the rows that train.
select abs(predict(m, g) - (select sum(coefficient * case feature when '(intercept)' then 1
         when 'x' then (select avg(x) from gaps where ok is not null) else (select avg((gaps.l = c.level)::int) from gaps where ok is not null) end) from coefficients(m) as c)) < 1e-9 as mean
from models, (select null::int as x, null::text as l) as g where o = 'impute';
select predict(train_linear('odd_view', 'ok', '{grp}'), g) from (select null::int as x) as g;
select o, predict(m, array[1, 1, 0, null]) is null as skipped from models order by o;

-- Too many.
select train_linear('select i::text as t, i % 2 = 0 as g, i % 3 = 0 as y from generate_series(1, 1001) as i', 'y', '{g}');
select train_linear($$select i % 600 || 'a' as t, i % 700 || 'b' as u, i % 2 = 0 as g, i % 3 = 0 as y from generate_series(1, 9000) as i$$, 'y', '{g}');
select train_linear('select i as g, i % 7 as x, i % 3 = 0 as y from generate_series(1, 10001) as i', 'y', '{g}');

-- A model in a view, a generated column, a function with an exception block.
create view scored as select x, predict(m, g) as score from gaps as g, models where o = 'impute';
select count(score) from scored;
do $$
begin
  execute format('create table generated (x float8, score float8 generated always as (predict(%L::model, array[x])) stored)',
                 train_linear('odd_view', 'ok', '{grp}'));
end $$;
insert into generated select x from odd_view;
set client_min_messages to warning;
select max(abs(score - predict(train_linear('odd_view', 'ok', '{grp}'), array[x]))) = 0 as generated from generated;
reset client_min_messages;
do $$
declare failed int := 0;
begin
  for i in 1 .. 20 loop
    begin
      perform train_linear('gaps', 'ok', '{grp}');
    exception when data_exception then failed := failed + 1;
    end;
    begin
      perform train_linear('select 1 / (x - 501) as x, grp, ok from gaps', 'ok', '{grp}', on_null => 'skip');
    exception when division_by_zero then failed := failed + 1;
    end;
  end loop;
  raise notice 'failed % times, then %', failed, describe(train_linear('odd_view', 'ok', '{grp}'))->'training'->'rows';
end $$;
drop table "Odd ""Table""", parts, temporary, gaps, models, m, generated cascade;
drop type size;
drop domain percent;

-- Columns that are left out, and a key of a table that is a feature by mistake, through a query too.
create table keyed (id int primary key, code text unique, x float8, g text, y bool);
insert into keyed select i, 'c' || i, i % 7, 'g' || i % 2, i * 7919 % 11 < 5 from generate_series(1, 60) as i;
select describe(train_linear('keyed', 'y', '{g}', exclude => '{id,code}'))->'features' as features;
select describe(train_linear('select id + 1 as next, id, x, g, y from keyed', 'y', '{g}'))->'features' as features;
select describe(train_linear('keyed', 'y', '{g}', features => '{id}'))->'features' as features;
-- Where no index says so, the rows do: through views and for what is computed, not for what comes again or lies far apart.
create table numbered as select i, i % 7 as x, i % 3 = 0 as y, i % 2 as g, (hashint4(i)::bigint * 3571) as amount, 10 * i as tens from generate_series(1, 500) as i;
create view viewed as select i + 1 as next, x, y, g, amount from numbered;
do $$ begin perform train_linear('viewed', 'y', 'g'); end $$;
do $$ begin perform train_linear('select n.i, n.y, n.g from numbered as n, generate_series(1, 2) as twice', 'y', 'g'); end $$;
do $$ begin perform train_linear('select tens, y, g, 1.5 * i as real from numbered', 'y', 'g', on_null => 'impute', held_out => 0.2); end $$;
do $$ begin perform train_linear('viewed', 'y', 'g', features => '{next,x}'); end $$;
do $$ begin perform train_linear('select i, y, g from numbered limit 50', 'y', 'g'); end $$;
do $$ begin perform train_kernel('select i, y, g from numbered', 'y', 'g', fairness => 'none'); end $$;
do $$ begin perform count(*) from cross_validate('select i, y, g from numbered', 'y', 'g', c => '{1}'); end $$;
drop table numbered cascade;
select train_linear('keyed', 'y', '{g}', features => '{x}', exclude => '{id}');
select train_linear('keyed', 'y', '{g}', exclude => '{nothing}');
select train_linear('keyed', 'y', '{g}', exclude => '{id,code,x}');
select count(*) from cross_validate('keyed', 'y', '{g}', c => '{1}', epsilon => '{0}', exclude => '{id,code}');

-- A row with a NULL and a level that training has not seen: what makes the result NULL goes before an error of the other
-- kind, in whatever order the columns stand, also inside an array.
create table both_kinds as select * from (values (1, 'a', array[1, 2], 1, 'p', true), (2, 'b', array[2, 4], 2, 'q', false), (3, 'a', array[3, 1], 3, 'p', true), (4, 'b', array[4, 3], 4, 'q', false))
  as t (n1, level, list, n2, grp, ok);
create table of_both as select loss, train_linear('both_kinds', 'ok', '{grp}', loss => loss, fairness => 'none') as m from unnest('{logistic,squared}'::text[]) as loss
union all select 'no array', train_linear('both_kinds', 'ok', '{grp}', '{n1,level,n2}', fairness => 'none');
create type numeric_kinds as (n1 float8, level text, list float8[], n2 float8, grp text, ok bool);
create function outcome_of(m model, r numeric_kinds) returns text language plpgsql as $$
begin
  return coalesce(predict(m, r, 'null', 'error')::numeric(8, 2)::text, 'NULL');
exception when others then return sqlerrm;
end $$;
create function outcome(m model, r both_kinds, on_null text, on_unseen text) returns text language plpgsql as $$
begin
  return coalesce(predict(m, r, on_null, on_unseen)::numeric(8, 2)::text, 'NULL');
exception when others then return sqlerrm;
end $$;
select what, on_null, on_unseen, string_agg(distinct outcome(m, r, on_null, on_unseen), ' | ') as outcome
from of_both, (values (1, 'NULL first', row(null, 'c', array[1, 2], 1, 'p', true)::both_kinds), (2, 'NULL last', row(1, 'c', array[1, 2], null, 'p', true)::both_kinds), (3, 'neither', row(1, 'a', array[1, 2], 1, 'p', true)::both_kinds)) as r (i, what, r),
  unnest('{error,"null"}'::text[]) as on_null, unnest('{error,"null",ignore}'::text[]) as on_unseen where what <> 'neither' or loss = 'no array'
group by i, what, on_null, on_unseen order by i, on_null, on_unseen;
select on_null, on_unseen, outcome(m, row(1, 'c', array[1, null], 1, 'p', true)::both_kinds, on_null, on_unseen) as null_in_array,
  outcome(m, row(1, 'c', null, 1, 'p', true)::both_kinds, on_null, on_unseen) as null_array
from of_both, unnest('{error,"null"}'::text[]) as on_null, unnest('{error,"null"}'::text[]) as on_unseen where loss = 'squared' order by 1, 2;
-- Nor is a number that is none, or an array of another length, an error where the result is NULL.
select outcome(m, row(1, 'a', array[1, 2, 3], null, 'p', true)::both_kinds, 'null', 'error') as longer_array, outcome(m, row(1, 'a', array[1, 2, 3], 1, 'p', true)::both_kinds, 'null', 'error') as alone from of_both where loss = 'squared';
select what, outcome_of(m, n) as by_null from of_both, (values (1, 'NaN before', row('NaN', 'a', array[1, 2], null, 'p', true)::numeric_kinds), (2, 'NaN behind', row(null, 'a', array[1, 2], 'NaN', 'p', true)::numeric_kinds), (3, 'NaN in an array', row(1, 'a', array['NaN', 2]::float8[], null, 'p', true)::numeric_kinds), (4, 'alone', row(1, 'a', array[1, 2], 'NaN', 'p', true)::numeric_kinds), (5, 'alone in an array', row(1, 'a', array[1, 'NaN']::float8[], 1, 'p', true)::numeric_kinds)) as v (i, what, n) where loss = 'squared' order by i;
drop function outcome;
drop function outcome_of;
drop type numeric_kinds;
drop table of_both, both_kinds;
