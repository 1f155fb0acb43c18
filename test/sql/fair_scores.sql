-- Fair scores with all their options, against plain SQL; caches; what they cost.
\pset null <NULL>
set search_path to public, fairdb;
\set seed 0.31
\echo seed :seed
select setseed(:seed);
create table people as
select i, sex, race, region, score, 1 + i % 3 as weight
from (select i, (array['f', 'm'])[1 + i % 2] as sex, (array['a', 'b', 'c'])[1 + (i / 2) % 3] as race, (array['north', 'south'])[1 + (i / 7) % 2] as region,
             round((random() + (i % 2) * 0.3 + ((i / 2) % 3) * 0.2 - ((i / 7) % 2) * 0.1)::numeric, 2)::float8 as score from generate_series(1, 3000) as i) as t;
create table law as select distribution_agg(score, sex) as by_sex, distribution_agg(score, row(sex, race)) as by_both, distribution_agg(score, sex, weight::float8) as weighted,
  distribution_agg(score, row(region, sex)) as by_region from people;

-- Weights: a row of weight k has the law of k rows; the same value from any order, merge and plan.
select abs(wasserstein_distance(weighted) - (select wasserstein_distance(score, sex) from people, generate_series(1, weight))) < 1e-12 as wasserstein,
       abs(ks_distance(weighted) - (select ks_distance(score, sex) from people, generate_series(1, weight))) < 1e-12 as ks,
       abs(cdf(weighted, 'f', 0.7) - (select sum(weight) filter (where score <= 0.7) / sum(weight)::float8 from people where sex = 'f')) < 1e-12 as cdf from law;
select (select distribution_agg(score, sex, weight::float8 order by random()) from people)::text = weighted::text as any_order,
       (select rollup(d) from (select distribution_agg(score, sex, weight::float8) as d from people group by i % 7) as t)::text = weighted::text as merged,
       (select distribution_agg(score, sex, 1.0) from people)::text = by_sex::text as weight_of_one,
       (select a + b from (select distribution_agg(score, sex) filter (where i < 500) as a, distribution_agg(score, sex) filter (where i >= 500) as b from people) as t)::text = by_sex::text as plus,
       weighted::text::distribution::text = weighted::text as text_form from law;
select distribution_agg(s, g, w) from (values (1.0, 'a', 0.5), (1, 'a', 2), (3, 'a', 0), (null, 'b', 1), (4, 'b', null), (5, null, 1), (null, null, null)) as t(s, g, w);
select distribution_agg(1, 'a'::text, -1);
select distribution_agg(1, 'a'::text, 'NaN');
set parallel_setup_cost to 0;
set parallel_tuple_cost to 0;
set min_parallel_table_scan_size to 0;
explain (costs off) select distribution_agg(score, sex, weight::float8) from people;
select distribution_agg(score, sex, weight::float8)::text = (select weighted::text from law) as parallel from people;
reset parallel_setup_cost;
reset parallel_tuple_cost;
reset min_parallel_table_scan_size;

-- Distances by their definitions.
with f as (select g, t, share from (select distinct score as t from people) as t, lateral (select sex as g, avg((score <= t)::int)::float8 as share from people group by sex) as s),
d as (select t, max(share) - min(share) as d, lead(t) over (order by t) - t as width from f group by t)
select abs(max(d) - ks_distance(by_sex)) < 1e-12 as ks, abs(sum(d * width) - wasserstein_distance(by_sex)) < 1e-9 as wasserstein from d, law group by by_sex;
with q as (select f.score - m.score as d from (select score, row_number() over (order by score) as k from people where sex = 'f') as f
           join (select score, row_number() over (order by score) as k from people where sex = 'm') as m using (k))
select abs(sqrt(avg(d * d)) - wasserstein2_distance(by_sex)) < 1e-12 as wasserstein2, abs(max(abs(d)) - quantile_gap(by_sex)) < 1e-12 as quantile_gap from q, law group by by_sex;
select sensitive_a, sensitive_b, ks = ks_distance(by_sex) as ks, p_value < 1e-9 as significant, p_adjusted = p_value as p_adjusted, test,
       wasserstein = wasserstein_distance(by_sex) as w, wasserstein2 = wasserstein2_distance(by_sex) as w2, quantile_gap = quantile_gap(by_sex) as gap from law, distances(by_sex);
select count(*) as pairs, max(ks) = ks_distance(by_both) as largest, bool_and(p_adjusted >= p_value) as adjusted from law, distances(by_both) group by by_both;
-- 17 of the 35 ways to choose four of these scores for a reach the distance; all do where scores alternate.
select round(ks::numeric, 4) as ks, round(p_value::numeric, 4) as p_value, test from distances('{"groups": {"a": [1, 2, 2, 3], "b": [2, 3, 4]}}');
select ks, p_value, test from distances('{"groups": {"a": [1, 3, 5, 7], "b": [2, 4, 6, 8]}}');
select * from distances('{"groups": {"a": [1, 2], "b": [], "c": [1, 3]}}');

-- Quantiles, shares and histograms by their definitions.
with points as (select sex, score, (row_number() over w - 0.5) / count(*) over (partition by sex) as p from people window w as (partition by sex order by score))
select bool_and(abs(quantile(by_sex, points.sex, p::float8) - score) < 1e-12) as quantile from law, points;
select sensitive, p, score = quantile(by_sex, sensitive, p) as quantile, suppressed from law, quantiles(by_sex, '{0,0.25,1}');
select h.sensitive, sum(weight) as rows, bool_and(weight = (select count(*) from people as p where p.sex = h.sensitive and score >= score_from and (score < score_to or bin = 4))) as counts,
       round(sum(share)::numeric, 12) as share from law, histogram(by_sex, 4) as h group by 1 order by 1;
select jsonb_pretty(describe('{"groups": {"a": [1, 2, 4], "b": {"scores": [7], "weights": [0.5], "counts": [2], "rows": 3}, "none": []}, "unknown_groups": 1, "unknown_weights": 2}'::distribution));

-- Strata: as distributions of their own.
select bool_and(adjust(by_region, score, row(region, sex), conditional_on => 1) = adjust(d, score, people.sex)) as strata
from law, people join (select region, distribution_agg(score, sex) as d from people group by region) as t using (region);
select bool_and(f = e) as window from (select adjust(distribution_agg(score, sex) over (partition by region), score, sex) as f, adjust(by_region, score, row(region, people.sex), conditional_on => 1) as e from people, law) as t;
-- Attributes in sequence: with every alpha 0 all at once, in any order; with 1 nothing.
select bool_and(adjust(by_both, score, row(p.sex, race), alphas => '{0,0}') = adjust(by_both, score, row(p.sex, race))) as at_once,
       bool_and(adjust(by_both, score, array[p.sex, race]::text, alphas => '{0,0}', on_unseen => 'null') is null) as other_labels,
       bool_and(abs(adjust(turned, score, row(race, p.sex), alphas => '{0,0}') - adjust(by_both, score, row(p.sex, race))) < 1e-12) as any_order,
       bool_and(adjust(by_both, score, row(p.sex, race), alphas => '{1,1}') = score) as nothing
from people as p, law, (select distribution_agg(score, row(race, sex)) as turned from people) as t;
with fair as (select sex, race, adjust(by_both, score, row(p.sex, race), alphas => '{0,1}') as first, adjust(by_both, score, row(p.sex, race), alphas => '{1,0}') as second from people as p, law)
select max(a) < 0.02 as sex_within_race, (select ks_distance(second, race) from fair) < 0.02 as race, (select ks_distance(first, race) from fair) > 0.2 as race_stays
from (select ks_distance(first, sex) as a from fair group by race) as t;
-- Weights of the groups, the median, bounds.
select adjust(d, 1, 'a') as shares, adjust(d, 1, 'a', group_weights => 'uniform') as uniform, adjust(d, 1, 'a', group_weights => '{"a": 1, "b": 9}') as given,
       adjust(d, 1, 'a', barycenter => 'w1') as median, adjust(d, 5, 'a', alpha => 0.25, bounds => '{0,2}') as bounded
from (select '{"groups": {"a": [1], "b": [2, 2, 2]}}'::distribution as d) as t;
-- Ties spread by a key: the same for a row alone; means of groups stay; equal scores get apart.
with fair as (select i, sex, adjust(by_sex, score, p.sex, key => i::text) as f, adjust(by_sex, score, p.sex) as m from people as p, law)
select count(distinct f) > 2 * count(distinct m) as spread, abs(avg(f) - avg(m)) < 0.001 as mean, ks_distance(f, sex) < ks_distance(m, sex) as fairer,
       (select adjust(by_sex, score, p.sex, key => '17') from people as p, law where i = 17) = max(f) filter (where i = 17) as alone from fair;

-- Split calibration: of a seed; needs two rows of each group.
select count(distinct f0) > 100 as values, bool_or(f0 <> f1) as seeds, bool_and(f0 = again) as same
from (select adjust(by_sex, score, p.sex, calibration => 'split') as f0, adjust(by_sex, score, p.sex, calibration => 'split', seed => 1) as f1,
             adjust((select distribution_agg(score, sex order by i desc) from people), score, p.sex, calibration => 'split') as again from people as p, law) as t;

-- One row after another with other distributions, options and groups: never those of the row before.
select id, adjust(d, 1, 'a', alpha => a, bounds => b, group_weights => w) as fair from (values
  (1, '{"groups": {"a": [1], "b": [2]}}'::distribution, 0, null::float8[], 'shares'), (2, '{"groups": {"a": [1], "b": [4]}}', 0, null, 'shares'),
  (3, '{"groups": {"a": [1], "b": [4]}}', 0.25, null, 'shares'), (4, '{"groups": {"a": [1], "b": [4]}}', 0.25, '{0,1.5}', 'shares'),
  (5, '{"groups": {"a": [1], "b": [4]}}', 0.25, '{0,1.6}', 'shares'), (6, '{"groups": {"a": [1], "b": [4]}}', 0, null, '{"a": 1, "b": 3}'),
  (7, '{"groups": {"a": [1], "b": [4]}}', 0, null, '{"a": 3, "b": 1}'), (8, '{"groups": {"a": [1], "b": [2]}}', 0, null, 'shares')) as t(id, d, a, b, w) order by id;
do $$
declare f float8; d distribution; results float8[];
begin
  for i in 1 .. 6 loop
    d := format('{"groups": {"a": [1], "b": [%s]}}', 1 + i / 2);
    f := adjust(d, 1, 'a', alpha => (i % 2) / 4.0, bounds => array[0, 1.4 + i]);
    results := results || f;
  end loop;
  raise notice '%', results;
end $$;
do $$
declare d distribution := '{"groups": {"a": [1, 2, 3], "b": [11, 12, 13]}}'; bounds float8[] := '{0,100}'; alphas float8[] := '{0}'; results text := '';
begin
  for i in 1 .. 3 loop
    bounds[1] := 5 * i;
    alphas[1] := i / 4.0;
    results := concat_ws(' ', results, adjust(d, 2, 'a', bounds => bounds), adjust(d, 2, 'a', alphas => alphas));
  end loop;
  raise notice '%', results;
end $$;
prepare one(distribution, float8, text) as select adjust($1, 1, 'a', alpha => $2, group_weights => $3);
execute one('{"groups": {"a": [1], "b": [2]}}', 0, 'shares');
execute one('{"groups": {"a": [1], "b": [2, 2, 2]}}', 0, 'shares');
execute one('{"groups": {"a": [1], "b": [2, 2, 2]}}', 0, 'uniform');
-- A generated column and a trigger.
create table scored (score float8, sex text, fair float8 generated always as (adjust('{"groups": {"f": [1, 2], "m": [3, 4]}}'::distribution, score, sex)) stored);
insert into scored values (1, 'f'), (4, 'm'), (1.5, 'f'), (1, null) returning *;
create table incoming (score float8, sex text, fair float8);
create function set_fair() returns trigger language plpgsql as $$ begin select adjust(l.by_sex, new.score, new.sex) into new.fair from law as l; return new; end $$;
create trigger fair before insert on incoming for each row execute function set_fair();
insert into incoming select score, sex from people;
select bool_and(fair = adjust(by_sex, score, i.sex)) as trigger from incoming as i, law;
drop table scored, incoming;
drop function set_fair;

-- What it costs.
with fair as (select *, rank() over (order by score) + (count(*) over (partition by score) - 1) / 2.0 as r0, rank() over (order by f) + (count(*) over (partition by f) - 1) / 2.0 as r1
              from (select p.*, adjust(by_sex, score, p.sex, 0.25) as f from people as p, law) as t)
select r.sensitive, r.n = count(*) as n, abs(mean_before - avg(score)) < 1e-9 as mean_before, abs(mean_after - avg(f)) < 1e-9 as mean_after, abs(mean_squared_shift - avg((f - score) ^ 2)) < 1e-9 as shift,
       abs(mean_rank_change - avg(abs(r1 - r0))::float8 / 3000) < 1e-9 as ranks, abs(moved_up - avg((score < 0.8 and f >= 0.8)::int)::float8) < 1e-9 as up,
       abs(moved_down - avg((score >= 0.8 and f < 0.8)::int)::float8) < 1e-9 as down
from law, adjustment_report(by_sex, threshold => 0.8, alpha => 0.25) as r join fair on r.overall or r.sensitive = fair.sex
group by r.sensitive, r.n, mean_before, mean_after, mean_squared_shift, mean_rank_change, moved_up, moved_down order by 1;
select sensitive, round(share::numeric, 3) as share, ks_before = ks_distance(by_sex) as ks_before, ks_after < 0.03 as ks_after, wasserstein_before = wasserstein_distance(by_sex) as w_before, wasserstein_after < 0.01 as w_after,
       sensitive is not null or abs(mean_squared_shift - wasserstein2_distance(by_sex) ^ 2 / 4) < 1e-4 as price, moved_up, moved_down, suppressed from law, adjustment_report(by_sex) order by 1;
-- Within strata the groups agree, between them they need not.
select max(ks_after) < 0.06 as within, max(ks_before) > 0.2 as before from law, adjustment_report(by_region, conditional_on => 1);
select sensitive, overall, n, share, ks_before, mean_squared_shift, suppressed from adjustment_report('{"groups": {"a": [1, 2], "none": []}}');

-- Small groups are hidden.
set fairdb.min_group to 3;
select sensitive_a, sensitive_b, ks, p_value, suppressed from distances('{"groups": {"a": [1, 2], "b": [1, 2, 3, 4], "c": [3, 4, 5, 6, 7, 8, 9, 10], "d": [1, 5, 6, 7, 8, 9, 10, 11]}}');
select sensitive, score, suppressed from quantiles('{"groups": {"a": [1, 2], "b": [1, 2, 3], "c": [3, 4, 5], "d": [1, 5, 7]}}', '{0.5}');
select sensitive, bin, score_from, weight, suppressed from histogram('{"groups": {"a": [-9, 99], "b": [1, 2, 3], "c": [3, 4, 5], "d": [1, 5, 7]}}', 2);
select sensitive, n, mean_before, suppressed from adjustment_report('{"groups": {"a": [1, 2], "b": [1, 2, 3], "c": [3, 4, 5], "d": [1, 5, 7]}}');
select sensitive, n, mean_before, suppressed from adjustment_report('{"groups": {"a": [100], "b": []}}');
select jsonb_path_query(describe('{"groups": {"a": [1, 2], "b": [1, 2, 3], "c": [3, 4, 5], "d": [1, 5, 7]}}'::distribution), '$.groups[*] ? (@.suppressed == true)');
reset fairdb.min_group;

-- Sketches: above a million points in one group, or fewer in many.
create table large as select (random() + random()) / 2 as s, 'g' || i % 12 as g from generate_series(1, 2200000) as i;
create table sketches as select distribution_agg(s, g) as many, distribution_agg(s, 'all'::text) as one, distribution_agg(s, 'all'::text) filter (where s < 0.5) as part from large;
select (one::text like '%sketch%') as sketch, pg_column_size(one) < 200000 as small, length(many::text) < 12 * 400000 as small_text from sketches;
select g ->> 'form' as form, (g ->> 'rows')::int as rows, (g ->> 'rank_error')::float8 < 0.002 as error, (g ->> 'minimum')::float8 = (select min(s) from large) as minimum,
       (g ->> 'maximum')::float8 = (select max(s) from large) as maximum from sketches, jsonb_path_query(describe(one), '$.groups[*]') as g;
select sum((g ->> 'rows')::int) as rows, round(sum((g ->> 'share')::float8)::numeric, 12) as share, bool_and(g ->> 'form' = 'exact') as exact from sketches, jsonb_path_query(describe(many), '$.groups[*]') as g;
with truth as (select (floor(s * 50) + 1) / 50 as t, sum(count(*)) over (order by floor(s * 50)) / 2200000.0::float8 as share from large group by floor(s * 50))
select count(*) as places, bool_and(abs(cdf(one, 'all', t) - share) < 1.5 * (select (describe(one) #>> '{groups,0,rank_error}')::float8 from sketches)) as within_the_error,
       bool_and(abs(quantile(one, 'all', share) - t) < 0.02) as quantiles from sketches, truth;
select one::text::distribution::text = one::text as text_form, (one + part)::text = (part + one)::text as commutes, abs(ks_distance(many) - (select ks_distance(s, g) from large)) < 0.005 as ks from sketches;
delete from large where s > 0.45;
select (select rollup(d) from (select distribution_agg(s, g) as d from large group by g) as t) = distribution_agg(s, g) as exact_parts, distribution_agg(s, g order by s desc) = distribution_agg(s, g) as any_order,
  distribution_agg(s, g)::text like '%sketch%' as sketch from large;
select one = one as equal, one = part as other, one <> part as differ, (select count(*) from (select distinct d from (values (one), (part), (one)) as t(d)) as u) as distinct from sketches;
select bool_and(abs(adjust(one + '{"groups": {"few": [0, 1]}}', s, 'all') - s) < 0.01) as nearly_itself from sketches, (select s from large limit 100) as t;
create table other as select distribution_agg(random(), 'other'::text) as d from generate_series(1, 1200000);
select abs(ks - 0.125) < 0.005 as ks, p_value, test, abs(wasserstein - 1 / 12.0) < 0.002 as w, abs(wasserstein2 - 0.089) < 0.02 as w2 from sketches, other, distances(one + d);
drop table large, sketches, other;

-- One group, an empty one, all scores equal, all weights 0.
select adjust(d, 5, 'a') as same, adjust(d, 99, 'a') as beyond, ks_distance(d), (select count(*) from distances(d)) as pairs from (select '{"groups": {"a": [1, 5, 7]}}'::distribution as d) as t;
select adjust(d, 5, 'a') as same, wasserstein_distance(d), on_unseen from (select '{"groups": {"a": [1, 5, 7], "empty": []}}'::distribution as d) as t, lateral (select adjust(d, 5, 'empty', on_unseen => 'null') as on_unseen) as u;
select adjust(d, 3, 'a') as same, adjust(d, 3, 'b', key => 'x') as key, ks_distance(d), wasserstein2_distance(d), quantile_gap(d), p_value from (select distribution_agg(3, g) as d from unnest('{a,a,b}'::text[]) as g) as t, distances(d);
select adjust(d, 3, 'a', on_unseen => 'null'), ks_distance(d), d from (select distribution_agg(3, g, 0) as d from unnest('{a,b}'::text[]) as g) as t;
-- Options that cannot be.
\set VERBOSITY terse
select adjust('{"groups": {"a": [1]}}', 1, 'a', alphas => '{}');
select adjust('{"groups": {"a": [1]}}', 1, 'a', alphas => '{0.5,null}');
select adjust('{"groups": {"a": [1]}}', 1, 'a', alpha => 0.5, alphas => '{0.5}');
select adjust('{"groups": {"a": [1]}}', 1, 'a', alphas => '{0.5,0.5}');
select adjust('{"groups": {"(a,b)": [1], "(a,b,c)": [1]}}', 1, '(a,b)', alphas => '{0.5,0.5}');
select adjust('{"groups": {"(a,b)": [1]}}', 1, '(a,b)', alphas => '{0.5,0.5,0}');
select adjust('{"groups": {"(a,b)": [1]}}', 1, '(a,b)', alphas => '{0.5,0.5}', calibration => 'split');
select adjust('{"groups": {"a": [1]}}', 1, 'a', conditional_on => 1);
select adjust('{"groups": {"a": [1]}}', 1, 'a', conditional_on => -1);
select adjust('{"groups": {"a": [1]}}', 1, 'a', group_weights => 'equal');
select adjust('{"groups": {"a": [1], "b": [2]}}', 1, 'a', group_weights => '{"a": 1}');
select adjust('{"groups": {"a": [1], "b": [2]}}', 1, 'a', group_weights => '{"a": 1, "b": -1}');
select adjust('{"groups": {"a": [1], "b": [2]}}', 1, 'a', group_weights => '{"a": 0, "b": 0}');
select adjust('{"groups": {"a": [1], "b": [2]}}', 1, 'a', group_weights => '{"a": "1"}');
select adjust('{"groups": {"a": [1], "b": [2]}}', 1, 'a', group_weights => '{');
select adjust('{"groups": {"a": [1]}}', 1, 'a', barycenter => 'w3');
select adjust('{"groups": {"a": [1]}}', 1, 'a', bounds => '{1}');
select adjust('{"groups": {"a": [1]}}', 1, 'a', bounds => '{1,0}');
select adjust('{"groups": {"a": [1]}}', 1, 'a', calibration => 'half');
select adjust('{"groups": {"a": [1]}}', 1, 'a', calibration => 'split');
select adjust('{"groups": {"a": {"scores": [1, 2], "weights": [2, 1]}}}', 1, 'a', calibration => 'split');
select adjust('{"groups": {"a": [1]}}', 1, 'a', on_unseen => 'ignore');
select adjust('{"groups": {"a": [1]}}', 1, 'a', alpha => null);
select adjust('{"groups": {"a": [1]}}', 1, 'b', on_unseen => 'null'), adjust('{"groups": {"a": []}}', 1, 'a', on_unseen => 'null');
select adjust('{"groups": {"a": []}}', 1, 'a');
select quantile('{"groups": {"a": [1]}}', 'a', 1.1);
select quantile('{"groups": {"a": [1]}}', 'b', 1);
select quantile('{"groups": {"a": []}}', 'a', 1), cdf('{"groups": {"a": []}}', 'a', 1), cdf('{"groups": {"a": [1]}}', 'a', 'infinity');
select cdf('{"groups": {"a": [1]}}', 'a', 'NaN');
select * from quantiles('{"groups": {"a": [1]}}', '{2}');
select * from quantiles('{"groups": {"a": [1]}}', null);
select * from histogram('{"groups": {"a": [1]}}', 0);
select * from histogram('{"groups": {"a": [1, 1], "b": []}}', 2);
select count(*) from distances(null);
drop table people, law;

-- Ties: an atom moves as a whole, and the groups may end farther apart than they were. The user is told, once a query.
create table tied as select 'g' || g as g, (i <= k)::int::float8 as s, g * 1000 + i as id from (values (1, 53), (2, 75), (3, 50), (4, 61)) as v(g, k), generate_series(1, 100) as i;
with d as (select distribution_agg(s, g) as d from tied)
select round(ks_distance(s, g)::numeric, 2) as before, round(ks_distance(adjust(d, s, g), g)::numeric, 2) as together from tied, d;
with d as (select distribution_agg(s, g) as d from tied)
select round(ks_distance(adjust(d, s, g, key => id::text), g)::numeric, 2) < 0.1 as spread from tied, d;
select sensitive, round(ks_before::numeric, 2) as ks_before, round(ks_after::numeric, 2) as ks_after, largest_tie from adjustment_report((select distribution_agg(s, g) from tied)) where sensitive is null;
select jsonb_path_query_array(describe(distribution_agg(s, g)), '$.groups[*].largest_tie') as largest_tie from tied;
select count(*) from barycenter_scores('tied', 'id', 's', '{g}');
select count(*) from barycenter_scores('tied', 'id', 's', '{g}', ties => 'hash');
drop table tied;

-- Shares that tell of a few rows are withheld, and with them what would tell them.
create table few as select case when i <= 200 then 'a' else 'b' end as g, case when i in (1, 2, 3) then 0.9 when i <= 200 then (i % 50) / 100.0 else 0.45 + (i % 50) / 100.0 end::float8 as s from generate_series(1, 400) as i;
select sensitive, overall, n, round(moved_up::numeric, 4) as up, round(moved_down::numeric, 4) as down, round(largest_tie::numeric, 4) as tie, suppressed from adjustment_report((select distribution_agg(s, g) from few), 0.91);
set fairdb.min_group = 10;
select t, sensitive, overall, n, round(moved_up::numeric, 4) as up, round(moved_down::numeric, 4) as down, round(largest_tie::numeric, 4) as tie, suppressed from unnest('{0.5,0.91}'::float8[]) as t, adjustment_report((select distribution_agg(s, g) from few), t) order by t, sensitive;
select sensitive, overall, round(moved_up::numeric, 4) as up, round(moved_down::numeric, 4) as down, round(largest_tie::numeric, 4) as tie, suppressed from adjustment_report((select distribution_agg(s, g, case when s = 0.5 and g = 'a' then 1 else 0.01 end) from few), 0.6);
select sensitive, round(largest_tie::numeric, 4) as tie from adjustment_report((select distribution_agg(s, g) from (select 'a' as g, case when i <= 3 then 0 else i end / 30.0 as s from generate_series(1, 30) as i union all select 'b', i / 300.0 from generate_series(1, 300) as i union all select 'b', 0.5 from generate_series(1, 40)) as t));
reset fairdb.min_group;
drop table few;
