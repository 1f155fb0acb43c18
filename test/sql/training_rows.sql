-- What a model learns, and from which rows: imputed values, levels, edges, folds, held-out parts.
\pset null <NULL>
set search_path to public, fairdb;
\set VERBOSITY terse
-- Whatever a model learns comes from the rows that train it.
create table half as
  select (g % 2)::text as s, case when g % 4 <> 0 then exp(sin(g * 1.7) * 3) end as x, cos(g) as z, (sin(g * 1.7) + cos(g) > 0) as y
  from generate_series(1, 200) as g;

-- What is imputed is the mean of the rows that train: imputing it does not move their mean.
create view imputing as
  select held_out, on_null, train_linear('half', 'y', '{s}', on_null => on_null, held_out => held_out) as m
  from (values (0, 'impute'), (0.2, 'impute'), (0.5, 'impute')) as t(held_out, on_null);
select held_out, (describe(m) -> 'held_out' ->> 'rows')::int > 0 as apart,
       abs(predict(m, row_of) - (select sum(coefficient * case feature when '(intercept)' then 1 when 'x' then mean else 0 end) from coefficients(m))) < 1e-12 as mean_of_training
from imputing, (select null::float8 as x, 0::float8 as z) as row_of order by held_out;
-- Rows without a target, and rows that are skipped, teach nothing: neither a mean, nor a level.
create table more as select * from half union all select '0', 1e6, 0, null;
select (array_agg(c.*) filter (where source = 'half')) = (array_agg(c.*) filter (where source = 'more')) as the_same
from (values ('half'), ('more')) as t(source), coefficients(train_linear(source, 'y', '{s}', on_null => 'impute')) as c;
create table levels as
  select (g % 2)::text as s, (array['a', 'b', 'c'])[1 + g % 3] as l, g % 7 as x, (g % 5 < 2) as y from generate_series(1, 60) as g
  union all select '1', 'unlabelled', 1, null union all select '0', 'incomplete', null, true union all select null, 'nobody', 1, true;
select array_agg(level order by level) as levels from coefficients(train_linear('levels', 'y', '{s}', on_null => 'skip')) where feature = 'l';
select array_agg(level order by level) as levels from coefficients(train_linear('levels', 'y', '{s}', on_null => 'impute')) where feature = 'l';
select predict(train_linear('levels', 'y', '{s}', on_null => 'skip'), r) from (select 'unlabelled'::text as l, 1 as x) as r;
select count(*) from fair_features('select *, 1 as id from levels', 'id', '{s}', features => '{x,l}', on_null => 'skip', apply_to => $$select 1 as id, x, l from levels where l <= 'c'$$);
select count(*) from fair_features('select *, 1 as id from levels', 'id', '{s}', features => '{x,l}', on_null => 'skip');
-- A level that only held-out rows have is not known, and they cannot be judged.
create table rare as select (g % 2)::text as s, case when g % 50 = 7 then 'rare' || g else 'common' end as l, sin(g) as x, (sin(g) > 0.2) as y from generate_series(1, 400) as g;
select (describe(m) -> 'held_out' ->> 'rows')::int < 200 as fewer,
       (select count(*) between 1 and 7 from coefficients(m) where level like 'rare%') as some_levels
from (select train_linear('rare', 'y', '{s}', held_out => 0.5) as m) as t;
-- Edges of bins, too.
create table numbers as select (g % 2)::text as s, sin(g) as x, cos(g * 3) as z, cos(g * 0.7) as u, g % 5 as v, sin(g) * 10 + g % 3 as y from generate_series(1, 300) as g;
create table with_unlabelled as select * from numbers union all select '0', null, 0, 0, 0, 1e6 from generate_series(1, 300);
select (describe(train_linear('numbers', 'y', '{s}', '{x,z,u,v}', 'squared', 'equalized_odds', bins => 3)) -> 'bin_edges') =
       (describe(train_linear('with_unlabelled', 'y', '{s}', '{x,z,u,v}', 'squared', 'equalized_odds', bins => 3, on_null => 'skip')) -> 'bin_edges') as the_same;

-- Folds: each imputes what the others know. A row that stands alone with its value cannot teach its own fold.
select accuracy between 0.5 and 1 as judged, note from cross_validate('half', 'y', '{s}', c => '{1}', on_null => 'impute');
select count(*) as settings from tradeoff('half', 'y', '{s}', on_null => 'impute', folds => 3);
select mean_squared_error > 0 as judged, note from cross_validate('numbers', 'y', '{s}', '{x,z,u,v}', c => '{1}', loss => 'squared', fairness => 'equalized_odds', bins => 2);

-- Parts that are no parts: equal rows fall together.
create table kinds as select i % 2 as s, i % 3 as x, i % 3 = 1 as y from generate_series(1, 6000) as i;
select train_linear('kinds', 'y', '{s}', held_out => 0.2, seed => 0);
select describe(train_linear('kinds', 'y', '{s}', held_out => 0.2, seed => 3)) -> 'held_out' -> 'rows' as held_out;
\set VERBOSITY default
-- Errors say of which rows they speak.
create table lonely as select i, case when i in (2, 4) then 'rare' when i % 2 = 0 then 'a' else 'b' end as g, sin(i) as x, i % 5 = 0 or i < 3 as y from generate_series(1, 60) as i;
select cross_validate('lonely', 'y', '{g}', '{x}');
select train_linear($$select g, x, y and (g <> 'b' or x between 0.9 and 0.98) as y from lonely where g <> 'rare'$$, 'y', '{g}', held_out => 0.9, seed => 2);
select train_linear('select * from lonely where i <> 4', 'y', '{g}', '{x}', fairness => 'equalized_odds');
\set VERBOSITY terse

-- A classifier that says the same to everybody is no choice where there is another.
create table lopsided as select i % 2 as s, sin(i) + 0.3 * (i % 2) as x, sin(i) - 0.3 * (i % 2) as z, sin(i) + (i % 10) / 20.0 > -0.4 as y from generate_series(1, 400) as i;
select c, gap = 0 as no_gap, selection_rate = 1 as everybody, chosen, note from cross_validate('lopsided', 'y', '{s}', c => '{0.0001,0.1,10}', fairness => 'demographic_parity', share => 0.7);
select c, chosen from cross_validate('lopsided', 'y', '{s}', c => '{0.0001}', fairness => 'demographic_parity');
select bool_and(selection_rate between 0 and 1) as rates from tradeoff('lopsided', 'y', '{s}', fairness => 'demographic_parity', epsilon => '{0,1}');

-- The hinge at its optimum stays there (a table on which the solver once walked away).
set jit = off;
select setseed(0.079);
create table wide as
  select s, v, v[80] + v[79] / 2 + 0.3 * s > 0.6 as y
  from (select g % 2 as s, array(select case when k <= 40 then (random() > 0.9)::int else random() + 0 * g end from generate_series(1, 80) as k)::float8[] as v
        from generate_series(1, 180) as g) as q;
select describe(m) -> 'training' ->> 'outcome' as outcome, (describe(m) -> 'training' ->> 'gradient_norm')::float8 < 1e-9 as optimal
from (select train_linear('wide', 'y', null, features => '{v}', fairness => 'none', loss => 'hinge', c => 100) as m) as t;
reset jit;

-- A polynomial kernel sees the columns as they are when they are not standardised (scikit-learn's SVC).
create table ten as select x::float8, x > 5 as y from generate_series(1, 10) as x;
select array_agg(round(predict(m, ten)::numeric, 3) order by x) as scores
from ten, (select train_kernel('ten', 'y', null, kernel => 'polynomial', degree => 2, gamma => 1, coef0 => 0, standardize => false, fairness => 'none') as m) as t;

drop view imputing;
drop table half, more, levels, rare, numbers, with_unlabelled, kinds, lonely, lopsided, wide, ten;

-- Huber's loss: within its parameter the squared one, and rows far off hardly move it.
create table lines as select i, i % 2 as g, i % 10 as x, 2.0 * (i % 10) + case when i % 25 = 0 then 1000 else 0 end as y from generate_series(1, 200) as i;
select round(coefficient::numeric, 1) as huber
from coefficients(train_linear('lines', 'y', null, '{x}', loss => 'huber(0.5)', fairness => 'none', c => 1000)) where feature = 'x';
select abs(a.coefficient - b.coefficient) < 1e-6 as wide_is_squared
from coefficients(train_linear('lines', 'y', null, '{x}', loss => 'huber(1e6)', fairness => 'none')) as a,
  coefficients(train_linear('lines', 'y', null, '{x}', loss => 'squared', fairness => 'none')) as b where a.feature = 'x' and b.feature = 'x';
select describe(train_linear('lines', 'y', '{g}', '{x,i}', loss => 'huber(0.5)', fairness => 'demographic_parity'))->'loss' as loss;
select train_linear('lines', 'y', '{g}', '{x}', loss => 'huber', fairness => 'demographic_parity');
select count(*) from tradeoff('lines', 'y', '{g}', '{x}', loss => 'huber(2)', fairness => 'demographic_parity', epsilon => '{0,1}');
-- In whatever units the target stands and however far from 0, the model is the same; and whatever the weights.
select s, array_agg(round((coefficient / s)::numeric, 6)) as coefficients
from unnest('{1e-12,1,1e10}'::float8[]) as s, coefficients(train_linear(format('select i %% 7 as x, %s::float8 * (i %% 7 + i %% 5) as y from generate_series(1, 1000) as i', s),
  'y', null, fairness => 'none', loss => format('huber(%s)', s))) group by s order by s;
select o, array_agg(round((standardized - case feature when '(intercept)' then o else 0 end)::numeric, 4)) as coefficients
from unnest('{0,1e5,1e7,1e9}'::float8[]) as o, coefficients(train_linear(format('select i %% 7 + i %% 2 as x, i %% 11 as z, i %% 2 as g, %s + (i %% 7 + i %% 2 * 2 + i %% 5 + 10 * ((i %% 17 = 0)::int)) as y from generate_series(1, 1000) as i', o),
  'y', '{g}', '{x,z}', fairness => 'demographic_parity', epsilon => 0.5, loss => 'huber(1)')) group by o order by o;
select d, c, describe(m)->'training'->>'outcome' as outcome
from (values (0.5, 1), (0.1, 100), (0.01, 1e6)) as v(d, c), train_linear('select i % 7 as x, (array[1, 4, 5])[1 + i * 7919 % 3] as y from generate_series(1, 20000) as i', 'y', null, fairness => 'none', loss => format('huber(%s)', d), c => c) as m;
select w, round(coefficient::numeric, 4) as intercept
from unnest('{1e-16,1e-8,1}'::float8[]) as w, coefficients(train_linear(format('select i %% 7 as x, i %% 10 > 0 as y, %s as w from generate_series(1, 1000) as i', w), 'y', null, fairness => 'none', weight => 'w'))
where feature = '(intercept)';

-- Models are equal whose training was the same; the time that it took tells nothing of them.
create table trained as select i, train_linear('lines', 'y', '{g}', '{x,i}', loss => 'squared', fairness => 'demographic_parity', c => case when i < 3 then 1 else 2 end) as m from generate_series(1, 3) as i;
select a.i, b.i, a.m = b.m as equal, a.m <> b.m as different from trained as a join trained as b on a.i < b.i order by 1, 2;
select count(*) from (select m from trained group by m) as t;
select bool_and(m::text::model = m) as read_back from trained;
-- Moments too.
select describe(n) from (select moments_agg(y, g, array[x]) as n from lines) as t;
set fairdb.min_group = 30;
select describe(n) from (select moments_agg(y, case when i <= 3 then 'tiny' else 'big' end, array[x]) as n from lines) as t;
reset fairdb.min_group;
select a = b as equal, a = c as other from (select moments_agg(y, g, array[x]) as a, moments_agg(y, g, array[x]) as b, moments_agg(y, g, array[x + 1]) as c from lines) as t;

drop table trained, lines;

-- The rows that a model kept apart, by their ids: what describe tells of them is what an audit of exactly those finds.
create table asked as
select i, 'k' || i as k, case when i % 17 > 0 then sin(i) end as x, (array['a', 'b', 'c', null])[1 + i % 4] as l, (array['f', 'm'])[1 + (i / 2) % 2] as s, case when i % 19 > 0 then sin(i) + cos(3 * i) > 0 end as y, 1 + i % 3 as w
from generate_series(1, 1000) as i;
create table judged as select on_null, train_linear('asked', 'y', 's', '{x,l}', weight => 'w', on_null => on_null, held_out => 0.3, seed => 5) as m from unnest('{skip,impute}'::text[]) as on_null;
select on_null, held_out, count(*), bool_and(a.y is null or on_null = 'skip' and (a.x is null or a.l is null)) as lacks, count(*) = (describe(m) -> 'held_out' ->> 'rows')::int as as_described
from judged, held_out_rows(m, 'asked', 'i') as h, asked as a where a.i = h.id group by on_null, held_out, m order by 1, 2;
select on_null, round(((describe(m) -> 'held_out' ->> 'accuracy')::float8 - (select sum(w) filter (where classify(m, a) = y) / sum(w)::float8 from asked as a join held_out_rows(m, 'asked', 'i') as h on h.id = a.i where h.held_out))::numeric, 12) as difference
from judged;
-- A model of the others' rows is the model, and equal rows fall together.
select judged.on_null, bool_and(abs(c.standardized - o.standardized) < 1e-9) as same
from judged, coefficients(m) as c,
  coefficients(train_linear(format($$select x, l, s, y, w from asked as a join judged on on_null = %L join held_out_rows(m, 'asked', 'i') as h on h.id = a.i where not held_out$$, on_null), 'y', 's', '{x,l}', weight => 'w', on_null => on_null)) as o
where o.feature = c.feature and o.level is not distinct from c.level group by 1 order by 1;
select count(*) filter (where h.held_out), count(distinct h.held_out) from judged, held_out_rows(m, 'select 1 as i, 0.5 as x, ''a'' as l, ''f'' as s, true as y, 1 as w from generate_series(1, 9)', 'i') as h where on_null = 'skip';
select count(*) filter (where t.held_out is not distinct from h.held_out) as same, count(*) from judged, held_out_rows(m, 'asked', 'k', id_type => null::text) as t join asked on k = t.id, lateral (select * from held_out_rows(m, 'asked', 'i') as h where h.id = asked.i) as h where on_null = 'skip' and asked.i <= 20;
-- Of a model with positive, of numbers, of a kernel.
select count(*) filter (where h.held_out) = (describe(m) -> 'held_out' ->> 'rows')::int as as_described
from (values (train_linear($$select i, x, s, case when y then 'good' else 'bad' end as y from asked where y is not null and x is not null$$, 'y', 's', 'x', fairness => 'none', positive => 'good', held_out => 0.3)),
             (train_linear($$select i, x, s, x + i % 7 as y from asked where x is not null$$, 'y', 's', 'x', loss => 'squared', fairness => 'none', held_out => 0.3)),
             (train_kernel($$select i, x, s, case when y then 1 else -1 end as y from asked where y is not null and x is not null and i < 300$$, 'y', 's', 'x', fairness => 'none', held_out => 0.3))) as t(m),
  held_out_rows(m, describe(m) ->> 'source', 'i') as h group by m;
-- The groups decide nothing but whether they are known: there may be many, or none in the source.
create table manifold as select i, i % 17 as a, i % 19 as b, sin(i) as x, i % 3 = 0 as y from generate_series(1, 2000) as i;
select attributes, on_null, count(*) filter (where held_out) = (describe(m) -> 'held_out' ->> 'rows')::int as same, count(*), count(held_out) as trained
from (select attributes, on_null, train_linear('manifold', 'y', '{a,b}', 'x', attributes => attributes, held_out => 0.3, on_null => on_null) as m from (values ('each', 'error'), ('each', 'skip')) as v (attributes, on_null)) as t,
  held_out_rows(m, 'manifold', 'i') group by attributes, on_null, m order by 1, 2;
select on_null, count(held_out) as known, count(*)
from (select on_null, train_linear('manifold', 'y', '{a,b}', 'x', attributes => 'each', held_out => 0.3, on_null => on_null) as m from unnest('{error,skip}'::text[]) as on_null) as t,
  held_out_rows(m, 'select i, x, y, i as a, case when i % 2 = 0 then b end as b from manifold', 'i') group by on_null order by 1;
select count(held_out) from held_out_rows(train_linear('manifold', 'y', '{a,b}', 'x', attributes => 'each', held_out => 0.3), 'select i, x, y from manifold', 'i');
drop table manifold;
-- The positive value means what it meant, whatever the settings of a later reader are.
create table dated as select i, (i * 7919 % 1000) / 100.0::float8 as x, case when i * 7919 % 1000 > 450 + (i % 9) * 20 then date '2020-01-02' else '2020-02-01' end as d,
  case when i * 7919 % 1000 > 450 + (i % 9) * 20 then timestamptz '2020-01-02 05:00+00' else '2020-02-01 05:00+00' end as t from generate_series(1, 500) as i;
set datestyle to german;
set timezone to 'America/New_York';
create table dated_models as select 'd' as c, train_linear('select x, d from dated', 'd', null, fairness => 'none', positive => '02.01.2020', held_out => 0.3) as m
  union all select 't', train_linear('select x, t from dated', 't', null, fairness => 'none', positive => '02.01.2020 00:00', held_out => 0.3);
create table dated_rows as select c, h.* from dated_models, held_out_rows(m, 'dated', 'i') as h;
set datestyle to 'ISO, MDY';
set timezone to 'UTC';
select m.c, describe(m.m) ->> 'positive' as positive, count(*) filter (where h.held_out) as held_out, count(*) filter (where h.held_out <> o.held_out) as others
from dated_models as m, held_out_rows(m.m, 'dated', 'i') as h join dated_rows as o using (id) where o.c = m.c group by m.c, m.m order by m.c;
reset datestyle;
reset timezone;
drop table dated, dated_models, dated_rows;
select held_out_rows(train_linear('select x, s, y from asked where x is not null and y is not null', 'y', 's', 'x', fairness => 'none'), 'asked', 'i');
select held_out_rows(m, 'select i, x, l, s, y from asked', 'i') from judged limit 1;
select held_out_rows(m, 'select i, x, l, s, w from asked', 'i') from judged limit 1;
select held_out_rows(m, 'asked', 'k') from judged limit 1;
select held_out_rows(m, null, 'i') from judged limit 1;
select count(*) from held_out_rows(null, 'asked', 'i');
drop table asked, judged;
