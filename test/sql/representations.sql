-- Samples of vectors and their divergences; representations shared by tasks.
set search_path to public, fairdb;
set client_min_messages to notice;

-- The sample: by any order, in any split, in parallel.
create table vectors as
select i, case when i % 3 = 0 then 'a' when i % 50 = 1 then null else 'b' end as g,
       array[((i * 7919) % 1009) / 1009.0 + (i % 3 = 0)::int * 0.3, ((i * 104729) % 997) / 997.0]::float8[] as v
from generate_series(1, 9000) as i;
insert into vectors values (0, 'a', null), (-1, 'b', array[1, null]);
select jsonb_pretty(describe(vector_sample_agg(v, g))) from vectors;
select (select vector_sample_agg(v, g) from (select * from vectors order by v[1] desc) as o) = vector_sample_agg(v, g) as order_free,
       (select rollup(s) from (select vector_sample_agg(v, g) as s from vectors group by i % 7) as p) = vector_sample_agg(v, g) as merged,
       (select rollup(s) from (select vector_sample_agg(v, g, 100 * (1 + abs(i) % 7)) as s from vectors group by i % 7) as p)
         = vector_sample_agg(v, g, 100) as of_the_smallest_size,
       vector_sample_agg(v, g)::text::vector_sample = vector_sample_agg(v, g) as text_form
from vectors;
set parallel_setup_cost to 0; set parallel_tuple_cost to 0; set min_parallel_table_scan_size to 0; set max_parallel_workers_per_gather to 2;
select vector_sample_agg(v, g) = (select vector_sample_agg(v, g) from (select * from vectors order by i) as o) as parallel from vectors;
reset parallel_setup_cost; reset parallel_tuple_cost; reset min_parallel_table_scan_size; reset max_parallel_workers_per_gather;
select s is null as none, count(*) from (select vector_sample_agg(v, g) as s from vectors group by abs(i) % 2 union all select vector_sample_agg(v, g) from vectors group by abs(i) % 2) as t group by s;

-- Two points a distance apart: closed forms.
create table points as select 'a' as g, array[0.0, 0.0]::float8[] as v union all select 'b', array[3, 4];
select round(mmd(vector_sample_agg(v, g), bandwidth => 2)::numeric, 12) = round(2 - 2 * exp(-25 / 8.0), 12) as mmd,
       round(mmd(v, g)::numeric, 12) = round(2 - 0.4 * (exp(-8.0) + exp(-2.0) + exp(-0.5) + exp(-0.125) + exp(-1 / 32.0)), 12) as mixture,
       energy_distance(v, g) as energy, sinkhorn_divergence(v, g) as sinkhorn,
       round(sinkhorn_divergence(vector_sample_agg(v, g), epsilon => 100)::numeric, 9) as of_any_epsilon,
       mmd(vector_sample_agg(v, g), unbiased => true) as of_one_row
from points;
-- Other types, and other groups.
select mmd(v::real[], g = 'a') = mmd(v, g) as reals_and_booleans, energy_distance(array[v[1]::int, v[2]::int], g) as integers from points;
select sensitive_a, sensitive_b, round(mmd::numeric, 9) as mmd, mmd_unbiased, energy_distance, round(sinkhorn_divergence::numeric, 9) as sinkhorn, converged, suppressed from vector_distances((select vector_sample_agg(v, g) from (select * from points union all select 'c', array[0.0, 0.0]) as p));
-- The value and the rows agree; equal laws have no divergence.
select mmd(v, g) = mmd(vector_sample_agg(v, g)) as mmd, energy_distance(v, g) = energy_distance(vector_sample_agg(v, g)) as energy,
       sinkhorn_divergence(v, g) = sinkhorn_divergence(vector_sample_agg(v, g)) as sinkhorn from vectors;
select mmd(v, g) < 1e-10 as mmd, energy_distance(v, g) < 1e-10 as energy, sinkhorn_divergence(v, g) < 1e-10 as sinkhorn
from (select v, h.g from vectors, (values ('x'), ('y')) as h (g) where i between 1 and 300) as twice;
-- Nothing to compare.
select mmd(v, 'one'::text), energy_distance(v, 'one'::text), sinkhorn_divergence(v, 'one'::text), mmd(vector_sample_agg(v, 'one'::text), unbiased => true) from vectors;
select mmd(v, g), vector_sample_agg(v, g) from vectors where false;
select * from vector_distances((select vector_sample_agg(v, 'one'::text) from vectors));
select * from divergence_test((select vector_sample_agg(v, 'one'::text) from vectors));
select mmd(null::vector_sample), sinkhorn_divergence(null::vector_sample), energy_distance(null::vector_sample);
-- The test: a difference, none, and few different vectors.
select p_value < 0.01 as differs, round((value - unbiased)::numeric, 4) as bias, n_used, converged from divergence_test((select vector_sample_agg(v, g) from vectors));
select d, p_value > 0.05 as no_difference, unbiased is null as biased_only, n_used, converged
from unnest(array['mmd', 'energy', 'sinkhorn']) as d,
     divergence_test((select vector_sample_agg(v, i % 2) from vectors where i between 1 and 300), divergence => d, permutations => 50);
select p_value < 0.01 as differs, n_used from divergence_test((select vector_sample_agg(array[(i % 3 = 0)::int::float8], g) from vectors));
select (divergence_test(s, seed => 1)).p_value = (divergence_test(s, seed => 1)).p_value as same_seed from (select vector_sample_agg(v, g) as s from vectors where i < 100) as t;
-- Suppressed groups.
set fairdb.min_group to 10;
select sensitive_a, sensitive_b, mmd is null as hidden, suppressed from vector_distances((select vector_sample_agg(v, case when i < 5 then 'few' else g end) from vectors where i < 200));
select jsonb_path_query_array(describe(vector_sample_agg(v, case when i < 5 then 'few' else g end)), '$.groups[*].suppressed') from vectors where i < 200;
reset fairdb.min_group;

-- Bad input.
\set VERBOSITY terse
select vector_sample_agg(v, g) from (values (array[1.0, 2]::float8[], 'a'), (array[1.0], 'b')) as t (v, g);
select vector_sample_agg(v, g) from (values (array[1.0, 'NaN']::float8[], 'a')) as t (v, g);
select vector_sample_agg(v, g) from (values ('{}'::float8[], 'a')) as t (v, g);
select vector_sample_agg(v, g) from (values ('{{1,2},{3,4}}'::float8[], 'a')) as t (v, g);
select vector_sample_agg(array[1.0]::float8[], i::text) from generate_series(1, 300) as i;
select vector_sample_agg(v, g, 1) from vectors;
select vector_sample_agg(v, g, i) from vectors where i > 1;
select vector_sample_agg(v, g, null) from vectors;
select mmd(vector_sample_agg(v, g), bandwidth => 0) from vectors;
select sinkhorn_divergence(vector_sample_agg(v, g), epsilon => -1) from vectors;
select * from divergence_test((select vector_sample_agg(v, g) from vectors), permutations => 0);
select * from divergence_test((select vector_sample_agg(v, g) from vectors), divergence => 'other');
select * from divergence_test((select vector_sample_agg(v, g) from vectors), divergence => 'energy', bandwidth => 1);
select * from divergence_test((select vector_sample_agg(v, g) from vectors), epsilon => 1);
select 'ff'::vector_sample;
set maintenance_work_mem to '1MB';
select vector_sample_agg(array_fill(random(), array[200]), 'a'::text) from generate_series(1, 3000);
select sinkhorn_divergence(vector_sample_agg(v, g)) from vectors;
reset maintenance_work_mem;
\set VERBOSITY default
-- Iterations that do not converge are told of.
select sinkhorn_divergence(vector_sample_agg(v, g), epsilon => 0.0001) is not null as estimate from vectors where i < 200;

-- A vector that has half of the rows is found beside a sample of those that differ.
create temp table half as select g, array[case when i % 2 = 0 then 0 else i end]::float8[] as x from vectors where i > 0;
select g->>'group' as group, g->'vectors' as vectors, g->'frequent_vectors' as frequent_vectors
from jsonb_array_elements((select describe(vector_sample_agg(x, half.g, 500)) from half)->'groups') as g;
select abs(mmd(vector_sample_agg(x, g, 500)) - mmd(vector_sample_agg(x, g, 10000))) < 0.003 as near from half;
select p_value > 0.05 as alike from divergence_test((select vector_sample_agg(x, g, 500) from half), permutations => 99);
-- Many vectors that have many rows together are not found, which is a WARNING.
select mmd(vector_sample_agg(array[case when i % 2 = 0 then i % 300 else i end]::float8[], g, 100)) is not null as estimate from vectors where i > 0;
select p_value is not null as tested from divergence_test((select vector_sample_agg(array[case when i % 2 = 0 then i % 300 else i end]::float8[], g, 100) from vectors where i > 0), permutations => 9);
-- Instructions change nothing.
create table by_default as select mmd(v, g), sinkhorn_divergence(v, g) from vectors;
set fairdb.instruction_set to baseline;
select (select d from by_default as d) = (select r from (select mmd(v, g), sinkhorn_divergence(v, g) from vectors) as r) as same;
set fairdb.instruction_set to other;
reset fairdb.instruction_set;
drop table by_default;

-- A representation of two tasks and one that only some rows know. The groups differ in `shift`, which tells a little of
-- every target.
create table people as
select i as id, case when i % 5 < 2 then 'b' else 'a' end as g,
       s, shift, noise, s + 0.5 * shift + 0.4 * e1 > 0.3 as approved, (10 * (s + 0.3 * shift + 0.3 * e2) + 30)::float8 as hours,
       case when i % 3 = 0 then s > 0.1 end as renewed, (s + e3 > 0)::int as number
from (select i, ((i * 7919) % 2003) / 1001.5 - 1 as s, (i % 5 < 2)::int + ((i * 104729) % 1999) / 999.5 - 1 as shift,
             ((i * 1299709) % 1997) / 998.5 - 1 as noise, ((i * 15485863) % 1993) / 996.5 - 1 as e1,
             ((i * 32452843) % 1987) / 993.5 - 1 as e2, ((i * 49979687) % 1979) / 989.5 - 1 as e3
      from generate_series(1, 1500::bigint) as i) as t;
create table trained as
select 'unfair' as name, train_representation('people', '{approved,hours,renewed}', '{g}', '{s,shift,noise}', dimensions => 2, gamma => 0, held_out => 0.3) as model
union all
select 'fair', train_representation('people', '{approved,hours,renewed}', '{g}', '{s,shift,noise}', dimensions => 2, gamma => 10, held_out => 0.3, epochs => 60, batch => 200);
select name, t->>'task' as task, (t->>'rows')::int > 100 as rows, (t->>'ks_distance')::float8 < 0.15 as fair,
       coalesce((t->>'accuracy')::float8 > 0.75, (t->>'r_squared')::float8 > 0.4) as useful, (t->>'divergence')::float8 < 0.02 as near
from trained, jsonb_array_elements(describe(model)->'held_out'->'tasks') as t order by name desc, task;
select name, (p->>'accuracy')::float8 - (p->>'majority')::float8 < 0.05 as group_not_told, (p->>'auc')::float8 > 0.6 as auc_tells, p->>'of' as of, p->>'attribute' as attribute
from trained, jsonb_array_elements(describe(model)->'probes') as p order by name desc;
select d->>'kind' as kind, d->>'divergence' as divergence, d->'targets' as targets, d->'dimensions' as dimensions, d->'hidden' as hidden,
       jsonb_array_length(d->'training'->'trace') as trace, d->'training'->>'outcome' as outcome
from (select describe(model) as d from trained where name = 'fair') as t;

-- Its functions agree with one another.
select max(abs(predict(model, p, 'approved') - e.sum)) < 1e-9 as explained,
       max(abs(predict(model, p, 'hours') - c.sum)) < 1e-9 as coefficients,
       max(abs((transform(model, p))[2] - k.sum)) < 1e-9 as dimension,
       bool_and(classify(model, p, 'approved') = (predict(model, p, 'approved') >= 0)) as classes,
       max(abs(probability(model, p, 'renewed') - 1 / (1 + exp(-predict(model, p, 'renewed'))))) < 1e-12 as probabilities,
       bool_and(array_length(transform(model, p), 1) = 2) as dimensions
from trained, people as p,
     lateral (select sum(contribution) from explain(model, p, 'approved')) as e,
     lateral (select sum(coefficient * case feature when 's' then p.s when 'shift' then p.shift when 'noise' then p.noise else 1 end) from coefficients(model, 'hours')) as c,
     lateral (select sum(coefficient * case feature when 's' then p.s when 'shift' then p.shift when 'noise' then p.noise else 1 end) from coefficients(model, 2)) as k
where name = 'fair' and id <= 50;
select count(*), count(r.representation), bool_and(r.representation = transform(model, p)) as same
from trained, transform_rows('people', 'id', (select model from trained where name = 'fair')) as r join people as p using (id) where name = 'fair';
select pg_typeof(id), id from transform_rows('select id::text, s, shift, noise from people where id = 7', 'id', (select model from trained where name = 'fair'), id_type => null::text);
-- A column of the source may have any name.
select bool_and(r.representation = transform(model, p)) as same
from trained, transform_rows('select p.*, q as fairdb_source from people as p join people as q on q.id = 1501 - p.id', 'id', (select model from trained where name = 'fair')) as r join people as p using (id) where name = 'fair';
-- The held-out rows are those that describe tells of, so that anything can be computed on them.
create table held as select r.id, r.held_out from held_out_rows((select model from trained where name = 'fair'), 'people', 'id') as r;
select t->>'task' as task, (t->>'rows')::int = (select count(*) from held join people using (id) where held_out and (t->>'task' <> 'renewed' or renewed is not null)) as rows
from trained, jsonb_array_elements(describe(model)->'held_out'->'tasks') as t where name = 'fair';
select abs((describe(model)#>>'{held_out,tasks,0,accuracy}')::float8 - avg((classify(model, p, 'approved') = approved)::int)) < 1e-12 as accuracy,
       abs((describe(model)#>>'{held_out,tasks,0,ks_distance}')::float8 - ks_distance(predict(model, p, 'approved'), g)) < 1e-12 as ks
from trained, people as p join held using (id) where name = 'fair' and held_out group by model;
-- The same bytes from any order, in text, and beside the seconds; another seed is another model.
select (select jsonb_agg(describe(m) #- '{source}' #- '{training,seconds}') from train_representation('select * from people order by noise', '{approved,hours}', '{g}', '{s,shift}', epochs => 2, batch => 100) as m)
     = (select jsonb_agg(describe(m) #- '{source}' #- '{training,seconds}') from train_representation('select * from people order by id desc', '{approved,hours}', '{g}', '{s,shift}', epochs => 2, batch => 100) as m) as order_free,
       train_representation('people', '{approved,hours}', '{g}', '{s,shift}', epochs => 2, batch => 100)
     = train_representation('people', '{approved,hours}', '{g}', '{s,shift}', epochs => 2, batch => 100) as again,
       train_representation('people', '{approved,hours}', '{g}', '{s,shift}', epochs => 2, batch => 100, seed => 1)
     = train_representation('people', '{approved,hours}', '{g}', '{s,shift}', epochs => 2, batch => 100, seed => 2) as other_seed,
       (select bool_and(model::text::model = model) from trained) as text_form;
-- The registry, and a model of one task.
select save_model('shared', model) from trained where name = 'fair';
select transform('shared', p) = transform(model, p) as transform, predict('shared', p, 'hours') = predict(model, p, 'hours') as predict,
       classify('shared', p, 'approved') = classify(model, p, 'approved') as classify,
       probability('shared', p, 'approved') = probability(model, p, 'approved') as probability
from trained, people as p where name = 'fair' and id = 1;
select predict('shared', p, task => 'hours', on_null => 'null', on_unseen => null) is null as on_null, transform('shared', p, on_null => 'null') is null as transform,
       probability('shared', p, task => 'approved', on_null => 'null', on_unseen => 'null', owner => current_user) is null as owner,
       predict_or_null(model, p, task => 'hours') is null as or_null, prediction_error(model, p, task => 'hours') as why,
       classify(model, p, task => 'approved', on_null => 'null', on_unseen => 'ignore') is null as classify
from trained, (select null::float8 as s, 0::float8 as shift, 0::float8 as noise) as p where name = 'fair';
select predict('shared', p, task => 'hours', on_null => 'never', on_unseen => null) from people as p where id = 1;
select predict(m, p) = predict(m, p, 'approved') as only_task, predict_or_null(m, p) = predict(m, p) as or_null
from train_representation('people', '{approved}', '{g}', '{s,shift}', divergence => 'mean', gamma => 100) as m, people as p where id = 1;
-- Hidden units, a category, missing values, weights, two attributes.
create table odd as select id, g, id % 2 = 0 as old, case when id % 11 = 0 then null else s end as s,
  case when id % 13 = 0 then null when shift > 1 then 'high' else 'low' end as level, array[noise, shift] as v, approved, hours, id % 4 as w from people;
select (select bool_and((predict(m, p, 'approved') is null) = (p.s is null or p.level is null)) from odd as p) as skipped
from train_representation('odd', '{approved,hours}', '{g,old}', '{s,level,v}', hidden => 6, dimensions => 3, epochs => 3, weight => 'w', on_null => 'skip', attributes => 'each') as m;
select (select count(predict(m, p, 'hours')) from odd as p) as imputed, predict(m, (select x from (select null::float8 as s, 'new' as level, array[0, 0]::float8[] as v) as x), 'hours', on_null => 'null', on_unseen => null) as as_asked,
       predict(m, (select x from (select null::float8 as s, 'new' as level, array[0, 0]::float8[] as v) as x), 'hours', on_null => null, on_unseen => 'ignore') is not null as ignored,
       describe(m)->'probes'->0->'attribute' as attribute
from train_representation('odd', '{approved,hours}', '{g,old}', '{s,level,v}', epochs => 3, on_null => 'impute', divergence => 'sinkhorn', epsilon => 1, gamma => 2) as m;
select round(gamma::numeric, 1) as gamma, task, accuracy is not null as accuracy, mean_squared_error is not null as error, ks_distance is not null as ks, probe_accuracy >= 0.4 as probe, probe_auc between 0.4 and 1 as auc, converged
from representation_tradeoff(source => 'people', targets => '{approved,hours}', sensitive => '{g}', gamma => '{0,1}', features => '{s,shift,noise}', epochs => 3);
-- A number that has the values of a class; a task whose rows are of one group.
select train_representation('people', '{number}', '{g}', '{s}', gamma => 0) is not null as trained;
select jsonb_path_query_array(describe(train_representation('select *, case when g = ''a'' then approved end as of_a from people', '{hours,of_a}', '{g}', '{s,shift}', epochs => 1)), '$.training.tasks[*].divergence ? (@ == null)');

\set VERBOSITY terse
select train_representation('people', '{approved}', '{g}', '{s,shift}', gamma => -1);
select train_representation('people', '{approved}', '{g}', '{s,shift}', dimensions => 3);
select train_representation('people', '{approved}', '{g}', '{s,shift}', epsilon => 1);
select train_representation('people', '{approved}', '{g}', '{s,shift}', divergence => 'other');
select train_representation('people', '{g}', '{g}');
select train_representation('people', '{g}', '{approved}');
select train_representation('people', '{nothing}', '{g}');
select train_representation('people', '{approved}', '{g}', '{approved,s}');
select train_representation('people', '{approved,approved}', '{g}');
select train_representation('select *, null::bool as never from people', '{never}', '{g}', '{s}');
select train_representation('select * from people where approved', '{approved}', '{g}', '{s}');
select train_representation('select * from people where g = ''a''', '{approved}', '{g}', '{s}');
select train_representation('odd', '{approved}', '{g}', '{s}');
select predict(model, p) from trained, people as p where name = 'fair' and id = 1;
select predict(model, p, 'other') from trained, people as p where name = 'fair' and id = 1;
select classify(model, p, 'hours') from trained, people as p where name = 'fair' and id = 1;
select probability(model, p, 'hours') from trained, people as p where name = 'fair' and id = 1;
select coefficients(model) from trained where name = 'fair';
select coefficients(model, 3) from trained where name = 'fair';
select explain(model, p) from trained, people as p where name = 'fair' and id = 1;
select predict(m, p, 'approved') from train_linear('people', 'approved', '{g}', '{s}') as m, people as p where id = 1;
select transform(m, p) from train_linear('people', 'approved', '{g}', '{s}') as m, people as p where id = 1;
select * from representation_tradeoff(source => 'people', targets => '{approved}', sensitive => '{g}', gamma => '{1}', held_out => 0);
set maintenance_work_mem to '1MB';
select train_representation('select p.* from people as p, generate_series(1, 50)', '{approved}', '{g}', '{s,shift,noise}');
reset maintenance_work_mem;
\set VERBOSITY default
drop table vectors, points, people, trained, odd;
select drop_model('shared');
