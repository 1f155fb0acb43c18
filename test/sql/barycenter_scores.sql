-- Fair scores of a table in one call.
\pset null <NULL>
set search_path to public, fairdb;
create table applicants (id uuid, "Score" numeric, sex text, race text, small int);
insert into applicants
select md5(i::text)::uuid, round((i * 7919 % 101)::numeric / 101, 3), (array['f', 'm'])[1 + i % 2],
       (array['b', 'w'])[1 + i % 3 / 2], i from generate_series(1, 200) as i;

-- The id keeps its type; the same as adjust on the same rows.
select pg_typeof(id), count(*), max(abs(b.fair_score - adjust(d, "Score"::float8, a.sex))) as difference
from barycenter_scores('applicants', 'id', 'Score', '{sex}', id_type => null::uuid) as b
join applicants as a using (id), (select distribution_agg("Score"::float8, sex) as d from applicants) as t group by 1;
select pg_typeof(id), min(id), max(id) from barycenter_scores('applicants', 'small', 'Score', '{sex}') group by 1;
select pg_typeof(id) from barycenter_scores('applicants', 'small', 'Score', '{sex}', id_type => null::int) limit 1;
select * from barycenter_scores('applicants', 'id', 'Score', '{sex}');

-- Several attributes are one group; queries are sources; alpha.
select * from barycenter_scores($$select * from applicants order by small limit 4; $$, 'small', 'Score', '{sex,race}');
select round(avg(abs(score - fair_score))::numeric, 9) as shift
from unnest('{0,0.25,1}'::float8[]) as a, barycenter_scores('applicants', 'small', 'Score', '{sex}', alpha => a) group by a order by a;
select * from barycenter_scores($$ -- rows without score or group
  values (1, 0.5::float8, 'a'), (2, null, 'a'), (3, 0.7, null), (4, 0.25, 'b') -- the end$$, 'column1', 'column2', '{column3}');
select * from barycenter_scores('select small, "Score", sex from applicants where false', 'small', 'Score', '{sex}');

-- Types with a length keep the whole id.
select id, pg_typeof(id) from barycenter_scores($$select 'abc' || i as id, i::float8 as s, i % 2 as g from generate_series(1, 2) as i$$,
  'id', 's', '{g}', id_type => null::bpchar);

-- Errors.
select * from barycenter_scores('applicants', 'small', 'score', '{sex}');
select * from barycenter_scores('applicants', 'small', 'sex', '{sex}');
select * from barycenter_scores('applicants', 'small', 'Score', '{}');
select * from barycenter_scores('applicants', 'small', 'Score', '{sex,sex}');
select * from barycenter_scores('applicants', 'small', 'Score', null);
select * from barycenter_scores(null, 'small', 'Score', '{sex}');
select * from barycenter_scores('applicants', 'small', 'Score', '{sex}', alpha => -1);
select * from barycenter_scores('no_such_table', 'small', 'Score', '{sex}');
select count(*) from barycenter_scores('select * from applicants; -- the end', 'small', 'Score', '{sex}');
select * from barycenter_scores('select 1) as x, (select * from applicants', 'small', 'Score', '{sex}');
select * from barycenter_scores(' -- nothing', 'small', 'Score', '{sex}');
select * from barycenter_scores('select 1; select 2', 'small', 'Score', '{sex}');
select * from barycenter_scores('delete from applicants returning *', 'small', 'Score', '{sex}');
select * from barycenter_scores('select small, 1 / (small - 100) as s, sex from applicants', 'small', 's', '{sex}');
select * from barycenter_scores($$select small, 'NaN'::float8 as s, sex from applicants$$, 'small', 's', '{sex}');
select * from barycenter_scores('applicants', 'small', 'Score', '{small}') limit 1;
select count(*) from applicants;
-- Rows that did not exist at calibration, strata, weights, ties, unknown groups.
create table history as select * from applicants where small <= 120;
select count(*), bool_and(b.fair_score = adjust(d, "Score"::float8, a.sex)) as same
from barycenter_scores('applicants', 'small', 'Score', '{sex}', calibrate_on => 'history') as b join applicants as a on a.small = b.id,
  (select distribution_agg("Score"::float8, sex) as d from history) as t;
select b.sensitive, count(*), bool_and(b.fair_score = adjust(d, "Score"::float8, row(race, a.sex), conditional_on => 1)) as same
from barycenter_scores('applicants', 'small', 'Score', '{sex}', strata => '{race}') as b join applicants as a on a.small = b.id,
  (select distribution_agg("Score"::float8, row(race, sex)) as d from applicants) as t group by 1 order by 1;
select bool_and(b.fair_score = adjust(d, "Score"::float8, a.sex, alpha => 0.3, group_weights => 'uniform', bounds => '{0.2,0.8}')) as same
from barycenter_scores('applicants', 'small', 'Score', '{sex}', weight => 'small', alpha => 0.3, group_weights => 'uniform', bounds => '{0.2,0.8}') as b join applicants as a on a.small = b.id,
  (select distribution_agg("Score"::float8, sex, small::float8) as d from applicants) as t;
select bool_and(b.fair_score = adjust(d, round("Score", 1)::float8, a.sex, key => a.small::text)) as same, count(distinct fair_score) > count(distinct score) as spread
from barycenter_scores('select small, sex, round("Score", 1) as "Score" from applicants', 'small', 'Score', '{sex}', ties => 'hash') as b join applicants as a on a.small = b.id,
  (select distribution_agg(round("Score", 1)::float8, sex) as d from applicants) as t;
select bool_and(b.fair_score = adjust(d, "Score"::float8, a.sex, key => a.id::text)) as same
from barycenter_scores('applicants', 'small', 'Score', '{sex}', ties => 'hash', key => 'id') as b join applicants as a on a.small = b.id, (select distribution_agg("Score"::float8, sex) as d from applicants) as t;
select count(*), count(fair_score) from barycenter_scores($$select small, "Score", case when small < 5 then 'x' else sex end as sex from applicants$$, 'small', 'Score', '{sex}', calibrate_on => 'history', on_unseen => 'null');
select * from barycenter_scores($$select small, "Score", case when small < 5 then 'x' else sex end as sex from applicants$$, 'small', 'Score', '{sex}', calibrate_on => 'history');
select count(fair_score) from barycenter_scores('applicants', 'small', 'Score', '{sex,race}', alphas => '{0,0.5}', calibration => 'full', barycenter => 'w1');
select * from barycenter_scores('applicants', 'small', 'Score', '{sex}', ties => 'random');
select * from barycenter_scores('applicants', 'small', 'Score', '{sex}', key => 'id');
select * from barycenter_scores('applicants', 'small', 'Score', '{sex}', strata => '{sex}');
select * from barycenter_scores('applicants', 'small', 'Score', '{sex}', calibrate_on => 'select 1 as small');
select * from barycenter_scores('applicants', 'small', 'Score', '{sex}', calibrate_on => 'select * from applicants where false');
drop table history;
set maintenance_work_mem to '1MB';
select count(*) from barycenter_scores('select i, i as s, i % 2 as g from generate_series(1, 200000) as i', 'i', 's', '{g}');
reset maintenance_work_mem;
select barycenter_scores('applicants', 'small', 'Score', '{sex}') is null limit 1;
drop table applicants;
