-- Fair models: every loss and constraint, features of every kind, kernels, selection, the registry.
\pset null <NULL>
set search_path to public, fairdb;
\set seed 0.47
\echo seed :seed
select setseed(:seed);
create table people as
select i, g, h, x1, x2, x3, random() as x4, (array['red', 'green', 'blue'])[1 + floor(3 * random())::int] as colour,
       date '2020-01-01' + (1000 * random())::int as joined, make_interval(days => (100 * random())::int) as gap,
       array[random(), random() + length(g)] as v, 1 + floor(3 * random())::int as w,
       x1 - x2 + length(g) / 4.0 + 1.5 * random() > 1.4 as hired, 2 * x1 - x2 + length(g) + random() as wage,
       x2 + x3 + random() as pay
from (select i, g, h, random() + length(g) / 4.0 as x1, random() ^ 2 as x2, random() * length(h) as x3
      from (select i, (array['a', 'bb', 'ccc'])[1 + floor(random() * 3)::int] as g, (array['p', 'qq'])[1 + floor(random() * 2)::int] as h
            from generate_series(1, 1500) as i) as t) as t;
create function pg_temp.spread(m model, positive bool, by_h bool default false) returns float8 language sql as $$
  select max(s) - min(s) from (select avg(predict(m, p)) as s from people as p where positive is null or hired = positive
                               group by case when by_h then h else g end) as t $$;

-- Every loss: the constraint holds, exactly or up to epsilon; the objective only rises as it tightens.
create table trained as
select l, f, e, train_linear('people', 'hired', '{g}', '{x1,x2,x3,x4,v}', loss => l, fairness => f, epsilon => e) as m
from unnest('{logistic,squared_hinge,hinge,squared}'::text[]) as l, unnest('{demographic_parity,equal_opportunity,predictive_equality,equalized_odds}'::text[]) as f,
     unnest('{0,0.05,Infinity}'::float8[]) as e;
select l, f, e, (describe(m)->'training'->>'outcome') as outcome,
       case f when 'demographic_parity' then pg_temp.spread(m, null) when 'equal_opportunity' then pg_temp.spread(m, true)
         when 'predictive_equality' then pg_temp.spread(m, false) else greatest(pg_temp.spread(m, true), pg_temp.spread(m, false)) end <= e + 1e-8 as holds,
       (describe(m)->'training'->>'objective')::float8 >= lead((describe(m)->'training'->>'objective')::float8) over (partition by l, f order by e) - 1e-6 as rises
from trained order by l, f, e;
select l, count(distinct round((describe(m)->'training'->>'objective')::numeric, 3)) = 1 as unconstrained_agree from trained where e = 'Infinity' group by l order by l;

-- Weights: a column of whole numbers is the row so many times; classes in balance.
select l, max(abs(a.standardized - b.standardized)) < 1e-4 as weighted
from unnest('{logistic,squared_hinge,hinge,squared}'::text[]) as l,
  lateral (select row_number() over () as n, * from coefficients(train_linear('people', 'hired', '{g}', '{x1,x2,x3}', loss => l, weight => 'w'))) as a,
  lateral (select row_number() over () as n, * from coefficients(train_linear('select p.* from people as p, generate_series(1, w)', 'hired', '{g}', '{x1,x2,x3}', loss => l))) as b
where a.n = b.n group by l order by l;
-- An imputed value is the weighted mean.
select max(abs(a.coefficient - b.coefficient)) < 1e-6 as weighted_impute
from coefficients(train_linear('select hired, g, w, x2, case when i % 4 > 0 then x1 end as x1, x3 from people', 'hired', '{g}', '{x1,x2,x3}', on_null => 'impute', weight => 'w')) as a
join coefficients(train_linear('select hired, g, x2, case when i % 4 > 0 then x1 end as x1, x3 from people, generate_series(1, w)', 'hired', '{g}', '{x1,x2,x3}', on_null => 'impute')) as b using (feature);
select describe(train_linear('people', 'hired', '{g}', '{x1,x2,x3}', class_weight => w))->'class_weight' as class_weight from unnest('{balanced,"1,5"}'::text[]) as w;
select train_linear('people', 'hired', '{g}', '{x1,x2,x3}', class_weight => 'heavy');
select train_linear('people', 'hired', '{g}', '{x1,x2,x3}', class_weight => '1,-1');
select train_linear('select x1, hired, g, -1 as w from people', 'hired', '{g}', '{x1,x2,x3}', weight => 'w');

-- Several attributes, together and each by itself; elimination; bins of a number.
select a, pg_temp.spread(m, true) < 1e-9 as g, pg_temp.spread(m, true, true) < 1e-9 as h, describe(m)->'training'->'free_dimensions' as free,
       jsonb_array_length(describe(m)->'training'->'groups') as groups
from unnest('{intersection,each}'::text[]) as a, lateral (select train_linear('people', 'hired', '{g,h}', '{x1,x2,x3,colour,joined}', attributes => a) as m offset 0) as t;
select pg_temp.spread(m, true) < 1e-9 as holds, describe(m)->>'method' as method
from train_linear('people', 'hired', '{g}', '{x1,x2,x3}', method => 'elimination') as m;
select train_linear('people', 'hired', '{g}', '{x1,x2,x3}', method => 'elimination', epsilon => 0.1);
select jsonb_array_length(describe(m)->'bin_edges') as edges, describe(m)->'training'->'free_dimensions' as free,
       (select max(d) < 1e-9 from (select max(s) - min(s) as d from (select b, g, avg(predict(m, p)) as s from people as p,
          lateral (select width_bucket(pay, (select array_agg(e::float8 + 1e-12) from jsonb_array_elements_text(describe(m)->'bin_edges') as e)) as b) as u
          group by b, g) as t group by b) as t) as holds
from train_linear('people', 'pay', '{g}', '{x1,x2,x3,colour,joined,v}', loss => 'squared', fairness => 'equalized_odds', bins => 3) as m;

-- Features of every kind: dates in days, intervals, arrays as blocks, and a type that casts to an array.
create type pair as (a float8, b float8);
create function pair_array(pair) returns float8[] language sql immutable as 'select array[$1.a, $1.b]';
create cast (pair as float8[]) with function pair_array(pair);
create table kinds as select hired, g, colour, joined, joined::timestamp as at, gap, v, v::real[] as r, (v[1], v[2])::pair as p from people;
select c.feature, c.level, case c.feature when '(intercept)' then c.mean is null when 'joined' then c.mean between 7305 and 8310 when 'gap' then c.mean between 0 and 100
         else c.mean between 0 and 8310 end as mean
from coefficients(train_linear('kinds', 'hired', '{g}', fairness => 'none')) as c;
select describe(m)->'training'->'collinear_features' as collinear, describe(m)->'training'->'constant_features' as constant
from train_linear('select *, 7 as seven from kinds', 'hired', '{g}', '{joined,at,v,p,seven}', fairness => 'none') as m;
select max(abs(predict(m, k) - (e.s))) < 1e-9 as explained
from (select train_linear('kinds', 'hired', '{g}') as m) as t, kinds as k,
     lateral (select sum(contribution) as s from explain(m, k)) as e;
select feature, value from explain(train_linear('kinds', 'hired', '{g}', '{colour,v,joined}', on_unseen => 'ignore'),
  (select k from (select 'violet' as colour, array[1, 2]::float8[] as v, date '2000-01-02' as joined) as k));
select predict(train_linear('kinds', 'hired', '{g}', '{v}', fairness => 'none'), k) from (select array[1, 2, 3]::float8[] as v) as k;
select train_linear('select *, array[random()] || v[1 : i % 2] as u from people', 'hired', '{g}', '{u}');
select train_linear('select hired, g, point(1, 2) as p from people', 'hired', '{g}');

-- Held-out rows, the trace, the fingerprint.
select d->'held_out'->'share' as share, (d->'held_out'->>'rows')::int between 200 and 400 as rows,
       (d->'held_out'->>'rows')::int + (d->'training'->>'rows')::int as all_rows, (d->'held_out'->>'accuracy')::float8 > 0.6 as accuracy,
       jsonb_array_length(d->'training'->'trace') > 2 as trace, (d->'training'->>'relaxation_error')::float8 > 0 as relaxation,
       d->>'source_fingerprint' = (select describe(train_linear('select * from people order by x1', 'hired', '{g}', '{x1,x2,x3}'))->>'source_fingerprint') as fingerprint
from (select describe(train_linear('people', 'hired', '{g}', '{x1,x2,x3}', held_out => 0.2, seed => 5)) as d) as t;

-- Kernels.
create table kernels as
select k, n, train_kernel('people', 'hired', '{g}', '{x1,x2,x3,colour}', kernel => k, components => n, epsilon => 0.02) as m
from unnest('{linear,rbf,polynomial}'::text[]) as k, unnest('{0,60}'::int[]) as n;
select k, n, d->'training'->>'outcome' in ('converged', 'no further progress in floating point') as solved, pg_temp.spread(m, true) <= 0.02 + 2e-3 as holds,
       (d->'training'->>'accuracy')::float8 = accuracy as accuracy,
       (select bool_and(classify(m, p) = (predict(m, p) >= 0)) from people as p where i < 20) as classes
from (select *, describe(m) as d from kernels) as t, lateral (select avg((hired = classify(m, p))::int) as accuracy from people as p) as u order by k, n;
select abs((describe(a)->'training'->>'objective')::float8 / (describe(b)->'training'->>'objective')::float8 - 1) < 2e-6 as linear_kernel_is_linear
from train_kernel('people', 'hired', '{g}', '{x1,x2,x3}', kernel => 'linear') as a, train_linear('people', 'hired', '{g}', '{x1,x2,x3}', loss => 'hinge') as b;
select coefficients(m) from kernels where k = 'rbf' limit 1;
select probability(m, p) from kernels, people as p where k = 'rbf' limit 1;
select train_kernel('people', 'hired', '{g}', '{x1,x2,x3}', kernel => 'cosine');
select train_kernel('people', 'hired', '{g}', '{x1,x2,x3}', gamma => 0);
select train_kernel('people', 'hired', '{g}', '{x1,x2,x3}', loss => 'logistic');
select train_kernel('select i as x, i % 2 as g, i % 3 = 0 as y from generate_series(1, 50001) as i', 'y', '{g}');
select describe(train_kernel('people', 'hired', '{g}', '{x1,x2,x3}', loss => 'logistic', components => 20))->>'loss' as loss;

-- Selection.
select count(*), count(distinct (c, epsilon)) as settings, min(accuracy) > 0.6 as accuracy, count(*) filter (where chosen) as chosen,
       max(gap) filter (where epsilon = 0) < min(gap) filter (where epsilon = 1) as fairer
from cross_validate('people', 'hired', '{g}', '{x1,x2,x3}', c => '{0.1,10}', epsilon => '{0,1}', folds => 3, share => 0.95);
select count(*), count(*) filter (where chosen), bool_and(gamma in (0.1, 1)) as gamma
from cross_validate('people', 'hired', '{g}', '{x1,x2,x3}', c => '{1}', kernel => 'rbf', gamma => '{0.1,1}', folds => 2);
select array_agg(a) = array_agg(b) as any_order from cross_validate('people', 'hired', '{g}', '{x1,x2,x3}', c => '{1}') as a,
  cross_validate('select * from people order by x1', 'hired', '{g}', '{x1,x2,x3}', c => '{1}') as b where a.accuracy <> b.accuracy or a.gap <> b.gap having count(*) > 0;
select count(*), min(epsilon) = 0 as from_exact, corr(epsilon, gap) > 0 as gap_grows from tradeoff('people', 'hired', '{g}', '{x1,x2,x3}');
select count(*), bool_and(accuracy is null) as number from tradeoff('people', 'wage', '{g}', '{x1,x2,x3}', loss => 'squared', fairness => 'demographic_parity', epsilon => '{0,0.5}');
select * from cross_validate('people', 'hired', '{g}', '{x1,x2,x3}', folds => 1);
select * from cross_validate('people', 'hired', '{g}', '{x1,x2,x3}', share => 0);
select * from cross_validate('people', 'hired', '{g}', '{x1,x2,x3}', c => '{}');
select * from cross_validate('people', 'hired', '{g}', '{x1,x2,x3}', c => '{-1}');

-- The preprocessing alone: the groups' means agree in what comes out.
set client_min_messages to warning;
select method, (select max(d) < 1e-9 from (select max(m) - min(m) as d from (select n, g, avg(x) as m from fair_features('people', 'i', '{g}',
    target => 'hired', features => '{x1,x2,x3,colour}', fairness => 'equal_opportunity', method => method) as f join people as p on p.i = f.id and hired,
    unnest(f.features) with ordinality as u(x, n) group by n, g) as t group by n) as t) as agree
from unnest('{projection,elimination}'::text[]) as method;
reset client_min_messages;
select count(*) from fair_features('select i, i % 2 as g, i % 2 + 1e-3 * i as x, i * i % 7 as z from generate_series(1, 100) as i', 'i', '{g}', features => '{x,z}', method => 'elimination');
select count(*), min(array_length(features, 1)) as width from fair_features('people', 'i', '{g}', features => '{x1,x2,x3}', apply_to => 'select * from people where i <= 10');
select count(id), pg_typeof(min(id)) from fair_features('select i::text as k, * from people', 'k', '{g}', id_type => null::text, features => '{x1,x2}');
select * from fair_features('people', 'i', '{g}', fairness => 'equal_opportunity');

-- The registry: versions, activation, ownership.
select save_model('hiring', train_linear('people', 'hired', '{g}', '{x1,x2,x3}')) as version;
select save_model('hiring', train_linear('people', 'hired', '{g}', '{x1,x2,x3}', fairness => 'none'), note => 'plain') as version;
select max(abs(predict('hiring', p) - predict(model, p))) = 0 as active, max(version) as version
from people as p, fairdb.models where name = 'hiring' and active;
select bool_and(classify('hiring', p) = (predict('hiring', p) >= 0)) as classify, max(abs(probability('hiring', p) - 1 / (1 + exp(-predict('hiring', p))))) < 1e-12 as probability from people as p;
select activate_model('hiring', 1);
select name, version, active, note from fairdb.models order by version;
-- A version that is activated within one function is used by its next statement.
create function pg_temp.switch() returns table (p float8) language plpgsql as $$
declare r record;
begin
  select 0.5 as x1, 0.5 as x2, 0.5 as x3 into r;
  p := predict('hiring', r); return next;
  perform activate_model('hiring', 2);
  p := predict('hiring', r); return next;
end $$;
select count(distinct p) as versions from pg_temp.switch();
create view scored as select i, predict('hiring', p) as score from people as p;
select count(score) from scored;
create role regress_fairdb_reader;
create role regress_fairdb_team;
grant usage on schema fairdb to regress_fairdb_reader;
grant select on people to regress_fairdb_reader;
set role regress_fairdb_reader;
select count(*) from fairdb.models;
select predict('hiring', p) from people as p limit 1;
select save_model('hiring', model) from fairdb.models;
select save_model('hiring', train_linear('people', 'hired', '{g}', '{x1,x2,x3}'));
select save_model('own', train_linear('people', 'hired', '{g}', '{x1,x2,x3}')) as version;
select save_model('team', train_linear('people', 'hired', '{g}', '{x1,x2,x3}'), owner => 'regress_fairdb_team');
reset role;
grant regress_fairdb_team to regress_fairdb_reader;
select save_model('team', train_linear('people', 'hired', '{g}', '{x1,x2,x3}'), owner => 'regress_fairdb_team') as version;
set role regress_fairdb_reader;
select name, owner, count(predict(name, p)) from fairdb.models, people as p group by 1, 2 order by 1;
reset role;
-- Models of a role that is gone belong to nobody, and are in nobody's way.
create role regress_fairdb_gone;
select save_model('gone', model, owner => 'regress_fairdb_gone') as version from fairdb.models where name = 'own';
drop role regress_fairdb_gone;
set role regress_fairdb_reader;
select name from fairdb.models order by name;
reset role;
-- Owners have names of their own: none can take another one's, or its active version.
set role regress_fairdb_reader;
insert into fairdb.new_models (name, version, active, model) select 'hiring', 2, false, model from fairdb.models where name = 'own';
select count(predict('hiring', p)) as own from people as p;
reset role;
select save_model('hiring', model, note => 'third') as version from fairdb.models where name = 'own';
select owner = current_user as mine, version, active from fairdb.models where name = 'hiring' order by 1, 2;
select activate_model('hiring', 1), model_owner('hiring') = current_user as mine, model_owner('nobody');
set role regress_fairdb_reader;
insert into fairdb.new_models (owner, name, version, model) select 'regress_fairdb_team', 'hiring', 1, model from fairdb.models where name = 'own';
select drop_model('hiring'), model_owner('hiring');
reset role;
-- Who may see all rows of all tables is not therefore a member of their owners.
create role regress_fairdb_bypass bypassrls;
set role regress_fairdb_bypass;
select count(*) as visible, model_owner('hiring'), model_owner('own') from fairdb.models;
select predict('hiring', p) from (select 1 as x1, 2 as x2, 3 as x3) as p;
select count(*) from fairdb.registered_models;
reset role;
drop role regress_fairdb_bypass;
-- Two roles of one have a model of the name.
create role regress_fairdb_other;
grant regress_fairdb_other to regress_fairdb_reader;
select save_model('both', model, owner => 'regress_fairdb_team'), save_model('both', model, owner => 'regress_fairdb_other') from fairdb.models where name = 'own';
select save_model('both', model, owner => 'regress_fairdb_nobody') as version from fairdb.models where name = 'own';
set role regress_fairdb_reader;
select predict('both', p, owner => 'regress_fairdb_team') = predict('both', p, owner => 'regress_fairdb_other') as same from people as p limit 1;
select predict('both', p) from people as p limit 1;
select save_model('both', model) from fairdb.models where name = 'own';
select activate_model('both', 1);
select drop_model('both', owner => 'regress_fairdb_other') as dropped;
reset role;
select drop_model('both', owner => 'regress_fairdb_team') as dropped, drop_model('hiring', owner => 'regress_fairdb_team') as own;
drop role regress_fairdb_other;
select drop_model('hiring', 9);
select activate_model('hiring', 9);
select drop_model('hiring') as dropped;
select predict('hiring', p) from people as p limit 1;
select sum(drop_model(name, owner => owner)) as dropped from (select distinct name, owner from fairdb.models) as t;
-- Rows that are left out of moments count in any order, and in parts that know no features.
select describe(train_moments(moments_agg(i, 'a', f order by i * s), fairness => 'none'))->'training'->'rows_skipped' as skipped
from (values (1, 1, null::float8[]), (2, 2, array[1]::float8[]), (3, null, array[2]::float8[]), (4, 5, array[null]::float8[]), (5, 3, array[4]::float8[])) as v(i, y, f), unnest('{1,-1}'::int[]) as s group by s;
select describe(train_moments(rollup(m), fairness => 'none'))->'training'->'rows_skipped' as skipped
from (select moments_agg(i, 'a', case when i % 5 > 0 then array[i] end) as m from generate_series(1, 100) as i group by i % 4) as t;
select train_moments(null) is null and train_moments(moments_agg(1, 'a', null)) is null as none;
select moments_agg(i % 2, (i % 3)::text, array[i * 1e200]) from generate_series(1, 9) as i;
select d->'groups'->0 as no_decisions, d->'relaxation_error' as relaxation_error, d->'accuracy' as accuracy
from (select describe(train_moments(moments_agg(i % 2, (i % 3)::text, array[i], 1.0), fairness => 'equalized_odds'))->'training' as d from generate_series(1, 30) as i) as t;
-- The constraint holds whatever the scales of the features, and where it leaves nothing to decide.
create table scales as
select i, (array['a', 'b', 'c'])[i % 3 + 1] as g, (i * 37 % 101) * 1e10 + case when i % 3 = 0 then 3e11 else 0 end as x1,
       (i * 7919 % 1000) / 1000.0::float8 + (i % 3) * 0.3 as x2, (i * 31 % 17) * 1e-11 as x3, (i * 7919 % 1000) / 1000.0 + (i % 7) * 0.1 as y from generate_series(1, 3000) as i;
select s, e, max(p) - min(p) < 1e-6 as agree, max(v) < 1e-6 as violation from (
  select s, e, g, avg(predict(m, t)) as p, max((describe(m)->'training'->>'constraint_violation')::float8) as v
  from (select s, e, train_linear('scales', 'y', '{g}', '{x1,x2,x3}', loss => 'squared', fairness => 'demographic_parity', standardize => s, method => e, c => 1e20) as m
        from unnest('{t,f}'::bool[]) as s, unnest('{projection,elimination}'::text[]) as e) as u, scales as t group by s, e, g) as w group by s, e order by s, e;
set client_min_messages to error;
select (describe(train_linear('scales', 'y', '{g}', '{x1,x2}', loss => 'squared', fairness => 'demographic_parity', method => 'elimination'))->'training'->>'free_dimensions')::int as free;
reset client_min_messages;
-- Kernels that are nearly constant keep their digits: the facts are those of the model.
create table clumps as select i, i % 2 as g, sin(i) + (i % 2) * 0.3 as x1, cos(i * 1.7) as x2, sin(i) + cos(i * 1.7) / 2 + sin(i * 91) / 2 > 0.2 as y from generate_series(1, 300) as i;
select k, bool_and(abs((d->'training'->>'accuracy')::float8 - accuracy) < 1e-12) as accuracy, bool_and(violation < 1e-6) as agree, bool_and(v < 1e-6) as violation
from (values ('rbf', 1e-7, 0.0, 1e6), ('rbf', 0.5, 0, 1e3), ('polynomial', 1, 1000, 1e-3), ('polynomial', 0.001, 100, 1)) as t(k, gamma, coef0, c),
  lateral (select train_kernel('clumps', 'y', '{g}', '{x1,x2}', kernel => k, gamma => t.gamma, coef0 => t.coef0, c => t.c, fairness => 'demographic_parity') as m) as u,
  lateral (select describe(m) as d, (describe(m)->'training'->>'constraint_violation')::float8 as v) as w,
  lateral (select avg((classify(m, p) = y)::int) as accuracy, abs(avg(predict(m, p)) filter (where g = 0) - avg(predict(m, p)) filter (where g = 1)) as violation from clumps as p) as x group by k;
-- What would be ignored is an error.
select train_linear('select *, (g <> 0)::int as w from clumps', 'y', '{g}', '{x1,x2}', weight => 'w', fairness => 'demographic_parity');
select train_linear('select y, x1, x2, i % 3 as g, (i % 3)::float8 as w from clumps', 'y', '{g}', '{x1,x2}', weight => 'w', epsilon => 'Infinity') is null as unconstrained;
select train_moments(moments_agg(x1, g, array[x2], g::float8)) from clumps;
select train_linear('clumps', 'y', '{g}', '{x1,x2}', bins => 3);
select cross_validate('clumps', 'y', '{g}', '{x1,x2}', gamma => '{1}');
select tradeoff('clumps', 'y', '{g}', '{x1,x2}', components => 10);
select train_linear('select y, g, array[x1, ''NaN''] as a from clumps', 'y', '{g}', on_null => 'impute');
select predict(train_linear('select y, g, array[x1, x2] as a from clumps', 'y', '{g}', on_null => 'impute'), r) from (select array['NaN', 1]::float8[] as a) as r;
select fair_features('clumps', 'i', '{g}', features => '{x1,x2}', apply_to => 'select i, date ''2020-01-01'' as x1, x2 from clumps');
select describe(train_linear('clumps', 'y', '{g}', '{x1,x2}', epsilon => 'Infinity'))->'epsilon' as epsilon;
select mean_squared_error from tradeoff('clumps', 'y', '{g}', '{x1,x2}', epsilon => '{0}');
drop table scales, clumps;
drop view scored;
revoke all on schema fairdb from regress_fairdb_reader;
drop table people, trained, kernels, kinds cascade;
drop cast (pair as float8[]);
drop function pair_array(pair);
drop type pair;
drop role regress_fairdb_reader, regress_fairdb_team;

-- Moments: one pass, in parallel, over partitions; the same model as from the rows.
create table numbers as select i, (array['a', 'b', null])[1 + i % 3] as g, random() + i % 3 as x1, random() as x2, random() + i % 2 as y, (random() < 0.5)::int as w
from generate_series(1, 20000) as i;
create table made as
select 'agg' as how, train_moments(moments_agg(y, g, array[x1, x2]), '{x1,x2}') as m from numbers
union all select 'rollup', train_moments(rollup(v), '{x1,x2}') from (select moments_agg(y, g, array[x1, x2]) as v from numbers group by i % 7) as t
union all select 'any', train_moments(moments_agg(y, g::varchar(1), array[x1, x2]), '{x1,x2}') from numbers
union all select 'text', train_moments(moments_agg(y, g, array[x1, x2])::text::moments, '{x1,x2}') from numbers
union all select 'rows', train_linear('select * from numbers where g is not null union all select i, null, x1, x2, y, w from numbers where g is null', 'y', '{g}', '{x1,x2}',
                                      loss => 'squared', fairness => 'demographic_parity', on_null => 'impute');
select how, max(abs(predict(m, n) - predict((select m from made where how = 'rows'), n))) < 1e-9 as same,
       min((describe(m)->'training'->>'rows')::int) as rows from made, numbers as n where i < 100 group by how order by how collate "C";
set min_parallel_table_scan_size = 0; set parallel_setup_cost = 0; set parallel_tuple_cost = 0;
explain (costs off) select moments_agg(y, g, array[x1, x2]) from numbers;
select max(abs(predict(p, n) - predict(m, n))) < 1e-9 as parallel
from (select train_moments(moments_agg(y, g, array[x1, x2]), '{x1,x2}') as p from numbers) as t, made, numbers as n where how = 'agg' and i < 100;
reset min_parallel_table_scan_size; reset parallel_setup_cost; reset parallel_tuple_cost;
select abs((describe(a)->'training'->>'objective')::float8 / (describe(b)->'training'->>'objective')::float8 - 1) < 1e-9 as weighted_classes
from (select train_moments(moments_agg((y > 1)::int, g, array[x1, x2], w::float8), fairness => 'equal_opportunity') as a from numbers) as t,
     train_linear('select y > 1 as l, x1, x2, g, w from numbers', 'l', '{g}', '{x1,x2}', weight => 'w', loss => 'squared', on_null => 'impute') as b;
select describe(train_moments(moments_agg(y, g, array[x1, nullif(x2, x2)]), fairness => 'none')) from numbers;
select train_moments(moments_agg(y, g, array[x1, x2]), '{a}') from numbers;
select train_moments(moments_agg(y, g, array[x1, x2]), fairness => 'equalized_odds') from numbers;
select moments_agg(y, g, array[x1, 'NaN']) from numbers;
select moments_agg(y, g, case when i % 2 = 0 then array[x1] else array[x1, x2] end) from numbers;
select moments_agg(y, g, '{}'::float8[]) from numbers;
select moments_agg(y, g, array[x1], -1::float8) from numbers;
select rollup(v) from (select moments_agg(y, g, array[x1]) as v from numbers union all select moments_agg(y, g, array[x1, x2]) from numbers) as t;
select moments_agg(y, i, array[x1]) from numbers;
select moments_agg(y, g, array[x1]) is null as none from numbers where false;
select '\x00'::moments;
drop table numbers, made;
-- A positive value that the target cannot have.
select train_linear('select i % 2 = 0 as y, i % 3 as g, i as x from generate_series(1, 9) as i', 'y', '{g}', positive => 'maybe');
select train_linear('select i as y, i % 3 as g, i as x from generate_series(1, 9) as i', 'y', '{g}', positive => 'many');
