-- Fair linear models: optima, constraints, prediction.
\pset null <NULL>
set search_path to public, fairdb;
\set seed 0.31
\echo seed :seed
select setseed(:seed);

-- Five groups whose features differ; y depends on the features and on the group.
create table people as
select i, g, x1, x2, x3, x4, x5, x6, x1 - x2 + (length(g) - 3) / 8.0 + 2 * random() > 1.5 as hired,
       3 * x1 - 2 * x2 + x3 + length(g) + random() as wage
from (select i, g, random() + length(g) / 5.0 as x1, random() ^ 2 as x2, 100 * random() - 20 * length(g) as x3,
             random() - length(g) * random() as x4, (random() < length(g) / 6.0)::int as x5, random() as x6
      from (select i, (array['a', 'bb', 'ccc', 'dddd', 'eeeee'])[1 + floor(random() * 5)::int] as g
            from generate_series(1, 3000) as i) as t) as t;

create table trained as
select f as fairness, l as loss, train_linear('people', case l when 'logistic' then 'hired' else 'wage' end, '{g}',
         '{x1,x2,x3,x4,x5,x6}', loss => l, fairness => f) as m
from unnest('{none,demographic_parity,equal_opportunity,equalized_odds}'::text[]) as f,
     unnest('{logistic,squared}'::text[]) as l
where l = 'logistic' or f in ('none', 'demographic_parity');

-- The average score is the same in all groups, over the rows that the fairness looks at.
select fairness, loss, d->'training'->>'outcome' as outcome, d->'training'->'free_dimensions' as free,
       (d->'training'->>'constraint_violation')::float8 <= 1e-9 as constraint_holds,
       (select max(s) - min(s) <= 1e-9 from (select avg(predict(m, p)) as s from people as p group by g) as t) as all_rows,
       (select max(s) - min(s) <= 1e-9 from (select avg(predict(m, p)) as s from people as p where hired group by g) as t) as positive,
       (select max(s) - min(s) <= 1e-9 from (select avg(predict(m, p)) as s from people as p where not hired group by g) as t) as negative
from (select *, describe(m) as d from trained) as t order by loss, fairness;

-- The objective, from its definition; the gradient of the logistic loss in the intercept is 0.
select fairness, loss, abs(o / (describe(m)->'training'->>'objective')::float8 - 1) < 1e-9 as objective
from (select fairness, loss, m,
  (select sum(standardized ^ 2) / 2 from coefficients(m) where feature <> '(intercept)') +
  (select sum(case loss when 'squared' then (wage - predict(m, p)) ^ 2 / 2
              else ln(1 + exp(-(case when hired then 1 else -1 end) * predict(m, p))) end) from people as p) as o
  from trained) as t order by loss, fairness;
select fairness, abs(sum(probability(m, p)) - count(*) filter (where hired)) < 1e-3 as calibrated
from trained, people as p where loss = 'logistic' group by fairness order by fairness;

-- Accuracy and gaps of describe are those of an audit of the same predictions.
select t.fairness, abs((d->>'accuracy')::float8 - accuracy) < 1e-12 as accuracy,
       abs((d->>'demographic_parity_difference')::float8 - demographic_parity_difference(c)) < 1e-12 as dp,
       abs((d->>'equal_opportunity_difference')::float8 - equal_opportunity_difference(c)) < 1e-12 as eo,
       abs((d->>'equalized_odds_difference')::float8 - equalized_odds_difference(c)) < 1e-12 as eodds
from (select fairness, confusion_agg(hired, classify(m, p), g) as c from trained, people as p
      where loss = 'logistic' group by fairness) as t
join (select fairness, describe(m)->'training' as d from trained where loss = 'logistic') as u using (fairness),
overall(c) order by 1;
select abs((d->'training'->>'mean_squared_error')::float8 - avg((wage - predict(m, p)) ^ 2)) < 1e-9 as mse,
       abs((d->'training'->>'r_squared')::float8 - (1 - avg((wage - predict(m, p)) ^ 2) / var_pop(wage))) < 1e-9 as r2
from (select fairness, m, describe(m) as d from trained where loss = 'squared') as t, people as p group by fairness, d order by fairness;

-- Ways to predict: a table's row, a view's, a subquery's, an array.
create view people_view as select x6, x5, x4, x3, x2, x1, 'other' as other, i from people;
select loss, max(abs(predict(m, p) - predict(m, v))) = 0 as view,
       max(abs(predict(m, p) - predict(m, q))) = 0 as subquery,
       max(abs(predict(m, p) - predict(m, array[p.x1, p.x2, p.x3, p.x4, p.x5, p.x6]))) < 1e-12 as array,
       bool_and(classify(m, p) = (predict(m, p) >= 0)) as class
from trained join people as p on i % 100 = 0 join people_view as v using (i)
join (select i, x1, x2, x3, x4, x5::numeric, x6::real::float8 as unused, x6 from people) as q using (i)
where fairness = 'demographic_parity' and loss = 'logistic' group by loss;
select fairness, count(distinct predict(m, p)) > 2900 as differ from trained, people as p where loss = 'squared' group by 1 order by 1;

-- The same rows give the same bytes, in another order the same model up to rounding; without a
-- penalty that matters, standardising changes nothing.
select describe(a) #- '{training,seconds}' = describe(b) #- '{training,seconds}' and
       array(select coefficients(a)::text) = array(select coefficients(b)::text) as same
from (select train_linear('people', 'hired', '{g}', '{x1,x2,x3,x4,x5,x6}') as a, train_linear('people', 'hired', '{g}', '{x1,x2,x3,x4,x5,x6}') as b) as t;
select max(abs(a.standardized - b.standardized)) < 1e-9 as any_order
from coefficients(train_linear('select * from people order by i desc', 'hired', '{g}', '{x1,x2,x3,x4,x5,x6}')) as a
join coefficients(train_linear('select * from people order by md5(i::text)', 'hired', '{g}', '{x1,x2,x3,x4,x5,x6}')) as b using (feature);
select max(abs(a.coefficient / b.coefficient - 1)) < 1e-4 as scale_free
from coefficients(train_linear('people', 'wage', null, '{x1,x2,x3}', loss => 'squared', fairness => 'none', c => 1e6)) as a
join coefficients(train_linear('people', 'wage', null, '{x1,x2,x3}', loss => 'squared', fairness => 'none', c => 1e6, standardize => false)) as b using (feature);
-- Ordinary least squares by the server's own regression.
select abs(a.coefficient - regr_slope) < 1e-6 as slope
from (select regr_slope(wage, x1) from people) as t,
coefficients(train_linear('people', 'wage', null, '{x1}', loss => 'squared', fairness => 'none', c => 1e6)) as a where feature = 'x1';

-- Targets.
select round((describe(m)->'training'->>'objective')::numeric, 6) = first_value(round((describe(m)->'training'->>'objective')::numeric, 6)) over () as same
from (select train_linear('select x1, x2, x3, x4, x5, x6, g, hired as t from people', 't', '{g}') as m
  union all select train_linear('select x1, x2, x3, x4, x5, x6, g, hired::int as t from people', 't', '{g}')
  union all select train_linear('select x1, x2, x3, x4, x5, x6, g, 2 * hired::int - 1 as t from people', 't', '{g}')
  union all select train_linear($$select x1, x2, x3, x4, x5, x6, g, case when hired then 'yes' else 'no' end as t from people$$, 't', '{g}', positive => 'yes')
  union all select train_linear('select x1, x2, x3, x4, x5, x6, g, 5 + hired::int as t from people', 't', '{g}', positive => '6')) as t;
select describe(train_linear('people', 'hired', '{g}', '{x1,x2}', loss => 'squared', fairness => 'equalized_odds'))->>'target_kind' as squared_on_classes;

-- Several sensitive attributes; a sensitive column as feature.
select jsonb_path_query_array(describe(train_linear('people', 'hired', '{g,x5}', '{x1,x2,x3,x4}', fairness => 'demographic_parity', loss => 'squared')),
  '$.training.groups[*].group') as intersections;
select feature, level from coefficients(train_linear('people', 'hired', '{g}', '{x1,g}', fairness => 'none'));

-- No direction left: a warning and a constant model.
select count(distinct predict(m, p)) from people as p,
  (select train_linear('people', 'hired', '{g}', '{x1,x2}', fairness => 'equalized_odds') as m) as t;

-- Constant and collinear columns are harmless.
select max(coefficient) filter (where feature = 'constant') as constant, max(scale) filter (where feature = 'constant') as scale,
       stddev_pop(coefficient) filter (where feature <> 'constant' and level is null and mean is not null) < 1e-9 as shared
from coefficients(train_linear('select 7 as constant, x1, x1 as again, hired, g from people', 'hired', '{g}', fairness => 'none'));

-- A source that changes between two readings, numbers beyond double precision, a group that is
-- left out entirely.
create sequence readings;
select train_linear($$select case when nextval('readings') <= 100 then i % 2 = 0 else i % 2 = 1 end as y, (i % 2)::float8 as x, 'a' as g
  from generate_series(1, 100) as i$$, 'y', null, loss => 'squared', fairness => 'none', features => '{x}');
drop sequence readings;
select train_linear('people', 'wage', '{g}', '{x1}', loss => 'squared', fairness => 'none', c => 1e308);
select train_linear('select x1 * 1e200 as x, hired, g from people', 'hired', '{g}');
select train_linear('select x1 * 1e200 as y, g, x2 from people', 'y', '{g}', loss => 'huber(1)', fairness => 'demographic_parity');
select train_linear('select null::text as t, hired, g from people', 'hired', '{g}', on_null => 'impute');
select predict(train_linear('people', 'wage', '{g}', '{x1,x2,x3,x4,x5,x6}', loss => 'squared', fairness => 'none'), array[1.7e308, -1.7e308, 1.7e308, 1.7e308, -1.7e308, 1.7e308]);
select jsonb_path_query_array(describe(train_linear($$values (true, 1, 'a'), (false, 2, 'a'), (null, 3, 'b'), (true, 3, 'c'), (false, 1, 'c'), (true, 1, 'c')$$,
  'column1', '{column3}', fairness => 'demographic_parity', on_null => 'skip', features => '{column2}')), '$.training.groups[*].group') as groups;

-- A penalty that drowns in rounding: the solution, or an error, never a wrong one.
create function pg_temp.prediction(c float8, standardize bool) returns float8 language plpgsql as $$
begin
  return predict(train_linear('select x1, 2 * x1 as xx, x2, wage from people', 'wage', null, loss => 'squared', fairness => 'none',
    c => $1, standardize => $2), array[0.5, 1, 0.5]);
exception when data_exception then return null;
end $$;
select c, s, coalesce(abs(pg_temp.prediction(c, s) - pg_temp.prediction(1e4, s)) < 0.01, true) as right_or_refused
from unnest('{1e6,1e10,1e14,1e18}'::float8[]) as c, unnest('{true,false}'::bool[]) as s;

-- Errors.
select train_linear(null, 'hired', '{g}');
select train_linear('people', null, '{g}');
select train_linear('people', 'hired', null);
select train_linear('people', 'hired', '{}');
select train_linear('people', 'hired', '{g,null}');
select train_linear('people', 'hired', '{g}', loss => 'log');
select train_linear('people', 'hired', '{g}', fairness => 'parity');
select train_linear('people', 'hired', '{g}', c => 0);
select train_linear('people', 'hired', '{g}', c => 'NaN');
select train_linear('people', 'hired', '{g}', on_null => 'ignore');
select train_linear('people', 'hired', '{g}', on_unseen => 'skip');
select train_linear('people', 'hired', '{hired}', '{x1}');
select train_linear('people', 'hired', '{i}', '{x1}');
select train_linear('people', 'fired', '{g}');
select train_linear('people', 'hired', '{sex}');
select train_linear('people', 'hired', '{g}', '{x1,age}');
select train_linear('people', 'hired', '{g}', '{x1,hired}');
select train_linear('people', 'hired', '{g}', '{x1,x1}');
select train_linear('people', 'hired', '{g}', '{}');
select train_linear('people', 'g', '{hired}', '{x1}');
select train_linear('people', 'i', '{g}', '{x1}');
select train_linear('people', 'i', '{g}', '{x1}', loss => 'squared');
select train_linear('people', 'g', '{hired}', '{x1}', positive => 'A');
select train_linear('people', 'i', '{g}', '{x1}', positive => 'one');
select train_linear('select * from people where hired', 'hired', '{g}', '{x1}');
select train_linear('select * from people where not hired', 'hired', '{g}', '{x1}', loss => 'squared', fairness => 'demographic_parity');
select train_linear('select * from people where false', 'hired', '{g}', '{x1}');
select train_linear('select * from people where false', 'wage', '{g}', '{x1}', loss => 'squared', fairness => 'none');
select train_linear($$select * from people where g = 'a'$$, 'hired', '{g}', '{x1}');
select train_linear($$select * from people where g <> 'a' or not hired$$, 'hired', '{g}', '{x1}');
select predict(m, p) from trained, (select 1 as x1) as p limit 1;
select predict(m, p) from trained, (select 'one' as x1, 1 as x2, 1 as x3, 1 as x4, 1 as x5, 1 as x6) as p limit 1;
select predict(m, array[1, 2]) from trained limit 1;
select predict(m, '{1,2,3,4,5,NaN}'::float8[]) from trained limit 1;
select predict(m, array[1, 2, 3, 4, 5, null]) from trained limit 1;
select predict(m, row(1, 2)) from trained limit 1;
select classify(m, p) from trained, people as p where loss = 'squared' limit 1;
select probability(m, p) from trained, people as p where loss = 'squared' limit 1;
set maintenance_work_mem to '1MB';
-- Rows that do not fit are read again for every step; the hinge, which must keep them, says so.
create table streamed as select l, train_linear('select p.* from people as p, generate_series(1, 20)', 'hired', '{g}', '{x1,x2,x3,x4,x5,x6}', loss => l) as m
from unnest('{logistic,squared_hinge}'::text[]) as l;
select train_linear('select p.* from people as p, generate_series(1, 20)', 'hired', '{g}', '{x1,x2,x3,x4,x5,x6}', loss => 'hinge');
reset maintenance_work_mem;
select l, max(abs(a.standardized - b.standardized)) < 1e-8 as same
from streamed, lateral (select row_number() over () as n, * from coefficients(m)) as a,
  lateral (select row_number() over () as n, * from coefficients(train_linear('select p.* from people as p, generate_series(1, 20)', 'hired', '{g}',
    '{x1,x2,x3,x4,x5,x6}', loss => l))) as b where a.n = b.n group by l order by l;
drop table streamed;
select train_linear('select x1, 1 / (i - 1500) as x2, hired, g from people', 'hired', '{g}');
select train_linear($$select 'Infinity'::float8 as x1, hired, g from people$$, 'hired', '{g}');
drop view people_view;
drop table trained, people;

-- The indicators of two levels complete each other: where nothing else is left, all rows have one score, of which a warning tells.
create table levels as select chr(97 + i % 3) as g, case when i * 7 % 11 < 4 + i % 3 then 'yes' else 'no' end as two, i * 5 % 13 > 5 as y, (i * 3 % 7)::float8 as x from generate_series(1, 600) as i;
select what, d -> 'free_dimensions' as free
from (select 'logistic' as what, describe(train_linear('levels', 'y', '{g}'))->'training' as d union all select 'squared', describe(train_linear('levels', 'y', '{g}', loss => 'squared'))->'training'
  union all select 'hinge', describe(train_linear('levels', 'y', '{g}', loss => 'hinge'))->'training' union all select 'eliminated', describe(train_linear('levels', 'y', '{g}', method => 'elimination'))->'training'
  union all select 'kernel', describe(train_kernel('levels', 'y', '{g}', kernel => 'linear'))->'training' union all select 'as one', describe(train_linear('select g, two = ''yes'' as two, y, x from levels', 'y', '{g}'))->'training'
  union all select 'more', describe(train_linear('select *, x * x as xx from levels', 'y', '{g}'))->'training' union all select 'none', describe(train_linear('select g, two, y from levels', 'y', '{g}', fairness => 'none'))->'training') as t order by what;
drop table levels;
