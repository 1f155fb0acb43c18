-- What a representation costs and gives, gamma by gamma: a task that training never saw is learnt from it, and its scores'
-- Kolmogorov-Smirnov distance between the groups, its accuracy, and what a logistic regression tells of the group from the
-- representation are measured on held-out rows. Means over five seeds with their 95 % intervals (Student's t).
set maintenance_work_mem to '1GB';
set search_path to pg_temp, public, fairdb;
create temp table adult (
  id serial, age int, workclass text, fnlwgt int, education text, education_num int, marital_status text,
  occupation text, relationship text, race text, sex text, capital_gain int, capital_loss int,
  hours_per_week int, native_country text, income text);
\set file :data '/adult_train.csv'
copy adult (age, workclass, fnlwgt, education, education_num, marital_status, occupation, relationship, race, sex, capital_gain,
  capital_loss, hours_per_week, native_country, income) from :'file' (format csv, header);
create temp table adults as
select id, age, workclass, marital_status, occupation, race, capital_gain, capital_loss, native_country, sex as s, income = '>50K' as rich,
       hours_per_week > 40 as long_hours, education in ('Bachelors', 'Masters', 'Prof-school', 'Doctorate') as unseen
from adult where native_country is distinct from 'Holand-Netherlands';
\set file :data '/compas_two_years.csv'
\set columns `head -1 "$FAIRDB_DATA/compas_two_years.csv" | sed 's/[^,][^,]*/"&" text/g'`
create temp table compas_raw (:columns);
copy compas_raw from :'file' (format csv, header);
create temp table compas as
select id::bigint, race as s, age::int, priors_count::int, juv_fel_count::int, juv_misd_count::int, juv_other_count::int, c_charge_degree, sex,
       two_year_recid = '1' as recid, is_violent_recid = '1' as violent, decile_score::int >= 5 as unseen
from compas_raw where race in ('African-American', 'Caucasian');
create temp table shared as
select source, seed, gamma, train_representation(source, targets::names, '{s}', exclude => '{id,unseen}', held_out => 0.3, gamma => gamma,
  dimensions => dimensions, seed => seed, on_unseen => 'ignore', on_null => 'impute') as model
from (values ('adults', '{rich,long_hours}', 8), ('compas', '{recid,violent}', 4)) as d (source, targets, dimensions),
     unnest('{0,1,10,30,100,300}'::float8[]) as gamma, generate_series(1, 5) as seed;
create temp table represented as
select m.source, m.seed, m.gamma, r.representation, h.held_out, p.s, p.unseen
from shared as m, transform_rows(m.source, 'id', m.model) as r, held_out_rows(m.model, m.source, 'id') as h,
     (select 'adults' as source, id, s, unseen from adults union all select 'compas', id, s, unseen from compas) as p
where r.id = h.id and p.id = h.id and p.source = m.source;
create temp table later as
select source, seed, gamma, train_linear(format('select unseen, s, representation from represented where source = %L and seed = %s and gamma = %s '
  'and not held_out', source, seed, gamma), 'unseen', '{s}', fairness => 'none') as model
from shared;
create temp table measured as
select source, seed, gamma, ks_distance(predict(l.model, r), s) as ks, avg((classify(l.model, r) = unseen)::int)::float8 as accuracy
from later as l join represented as r using (source, seed, gamma) where held_out group by source, seed, gamma;
create function pg_temp.interval_of(numbers float8[]) returns text language sql as $$
  select format('%s +- %s', round(avg(x)::numeric, 3), round((2.776 * stddev(x) / sqrt(5))::numeric, 3)) from unnest(numbers) as x
$$;
select source, gamma, pg_temp.interval_of(array_agg(ks)) as ks_of_unseen_task, pg_temp.interval_of(array_agg(accuracy)) as accuracy,
       pg_temp.interval_of(array_agg((p->>'accuracy')::float8 - (p->>'majority')::float8)) as probe_above_majority,
       pg_temp.interval_of(array_agg((p->>'auc')::float8)) as probe_auc
from measured join shared using (source, seed, gamma), jsonb_path_query(describe(model), '$.probes[0]') as p
group by source, gamma order by source, gamma;
