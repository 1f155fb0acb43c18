-- Decisions: thresholds by group, what thresholds reach, weights before training, calibration after it.
create schema decisions;
set search_path to decisions, public, fairdb;
\pset null <NULL>
create table loans as
select i as id, (array['f', 'm', 'x'])[1 + i % 3] as sex,
  round(((i * 7919 % 1000) / 1000.0 + (i % 3) * 0.08)::numeric, 2)::float8 as score,
  (i * 104729 % 1000) / 1000.0 < 0.15 + 0.6 * ((i * 7919 % 1000) / 1000.0) - (i % 3) * 0.05 as repaid,
  0.5 + (i % 5) / 4.0 as w
from generate_series(1, 3000) as i;
create table laws as
select distribution_agg(score, row(sex, repaid)) as d, distribution_agg(score, row(sex, repaid), w) as dw, distribution_agg(score, sex) as s from loans;

-- What the bands promise is what the rows get on average, weights included: the compared shares agree.
create function expected(rule thresholds, weighted bool) returns table (sex text, selected float8, tpr float8, fpr float8, correct float8)
  language sql stable as $$
  select l.sex, sum(w * share), sum(w * share) filter (where repaid) / sum(w) filter (where repaid),
    sum(w * share) filter (where not repaid) / sum(w) filter (where not repaid),
    sum(w * case when repaid then share else 1 - share end)
  from (select l.sex, l.repaid, case when weighted then l.w::float8 else 1 end as w, coalesce(b.share, 0) as share
        from loans as l left join bands(rule) as b on b.sensitive = l.sex and l.score >= b.threshold_low and l.score < b.threshold_high) as l
  group by l.sex
$$;
with rules as materialized (
  select f, weighted, thresholds(case when weighted then dw else d end, f) as t
  from laws, unnest('{none,demographic_parity,equal_opportunity,predictive_equality,equalized_odds}'::text[]) as f, (values (true), (false)) as w (weighted)),
reached as (
  select f, weighted, t, max(selected / n) - min(selected / n) as dp, max(tpr) - min(tpr) as eo, max(fpr) - min(fpr) as pe, sum(correct) / sum(n) as accuracy
  from rules, expected(t, weighted) join (select sex, sum(w)::float8 as nw, count(*)::float8 as nu from loans group by sex) as g using (sex),
    lateral (select case when weighted then nw else nu end as n) as c
  group by f, weighted, t)
select f, weighted, case f when 'demographic_parity' then dp < 1e-12 when 'equal_opportunity' then eo < 1e-12 when 'predictive_equality' then pe < 1e-12
    when 'equalized_odds' then greatest(eo, pe) < 1e-12 else true end as met,
  abs((describe(t)->'reached'->>'objective')::float8 - accuracy) < 1e-12 as as_told, round(accuracy::numeric, 4) as accuracy
from reached order by array_position('{none,demographic_parity,equal_opportunity,predictive_equality,equalized_odds}', f), weighted;
-- Without a constraint it is the best single threshold of each group; the one threshold of all is below it.
with each as (select t.sex, t.score, count(*) filter (where (l.score >= t.score) = l.repaid) as correct
  from (select distinct sex, score from loans union all select distinct sex, 'Infinity'::float8 from loans) as t join loans as l using (sex) group by 1, 2)
select (describe(thresholds(d, 'none'))->'reached'->>'objective')::float8 = (select sum(m) / 3000.0 from (select max(correct) as m from each group by sex) as t)::float8 as best
from laws;
with each as (select t.score, count(*) filter (where (l.score >= t.score) = l.repaid) as correct, count(*) filter (where l.score >= t.score) as selected
  from (select distinct score from loans) as t cross join loans as l group by 1)
select choose_threshold(d) = (select max(score) from each where correct = (select max(correct) from each)) as best,
  choose_threshold(d, places => 100) = (select min(score) from each where selected <= 100) as places,
  choose_threshold(d, selection_rate => 0.5) = (select min(score) from each where selected <= 1500) as rate
from laws;
-- Tolerance, costs, a number of places.
select f, round((describe(t)->'reached'->>'gap')::numeric, 9) as gap, round((describe(t)->'reached'->>'objective')::numeric, 5) as objective, describe(t)->>'objective' as what,
  round((select sum(selected) from expected(t, false))::numeric, 6) as selected
from laws, lateral (values ('tolerance', thresholds(d, 'equalized_odds', tolerance => 0.03)), ('cost', thresholds(d, 'equal_opportunity', 'cost', false_positive_cost => 5, false_negative_cost => 1)),
  ('balanced', thresholds(d, 'equalized_odds', 'balanced_accuracy')), ('places', thresholds(d, 'demographic_parity', places => 200)), ('rate', thresholds(d, 'equalized_odds', selection_rate => 0.3)),
  ('all', thresholds(d, 'equal_opportunity', selection_rate => 1)), ('nobody', thresholds(d, 'equal_opportunity', places => 0))) as v (f, t);

-- Without chance no place is given twice, and what surprises is told.
select f, p, (describe(t)->>'selected')::float8 between p - 60 and p as within from laws, unnest('{none,demographic_parity,equal_opportunity,equalized_odds}'::text[]) as f, unnest('{200,1500}'::int[]) as p,
  lateral (select thresholds(d, f, places => p, randomised => false) as t) as made order by 1, 2;
select describe(thresholds(distribution_agg(-score, row(sex, repaid)), 'none', 'cost', false_positive_cost => 1000, false_negative_cost => 1))->'groups'->0->'bands' as nobody from loans;
select (describe(thresholds(d, 'equalized_odds', tolerance => 0.001, randomised => false))->'reached'->>'gap')::float8 > 0.001 as apart from laws;

-- A row's decision is the same each time, those of a band as often as its share says, and no chance is left without it.
-- With a tolerance the single thresholds of one share keep it, and are the best that do.
select f, t, (m->'reached'->>'gap')::float8 <= t as kept, (m->'reached'->>'objective')::float8 <= (m->'with_chance'->>'objective')::float8 + 1e-12 as bounded, (m->>'share_by_chance')::float8 as chance
from laws, unnest('{demographic_parity,equal_opportunity,predictive_equality}'::text[]) as f, unnest('{0.001,0.05,1}'::float8[]) as t, describe(thresholds(d, f, tolerance => t, randomised => false)) as m order by f, t;
-- A gap that is the tolerance is within it, whatever the rounding: 3 of 4 and 4 of 5.
select round((m->'reached'->>'gap')::numeric, 12) as gap, (m->'reached'->>'objective')::float8 > 0.95 as good from (select distribution_agg(case when k <= n - 1 then 0.9 else 0.1 end, row(g, y)) as d
  from (values ('a', true, 4), ('b', true, 5), ('a', false, 1), ('b', false, 1)) as t (g, y, n), generate_series(1, n + case when y then 0 else 19 end) as k where y or k > n) as t, describe(thresholds(d, 'equal_opportunity', tolerance => 0.05, randomised => false)) as m;
create table rules as select thresholds(d, 'equalized_odds') as chance, thresholds(d, 'equalized_odds', randomised => false) as sure from laws;
select sensitive, threshold_low <= threshold_high as ordered, n, n_positive, round(share_by_chance::numeric, 3) as by_chance,
  round(selection_rate::numeric, 3) as rate, selection_rate_lower < selection_rate and selection_rate < selection_rate_upper as inside,
  round(true_positive_rate::numeric, 3) as tpr, round(false_positive_rate::numeric, 3) as fpr, suppressed
from rules, thresholds_by_group(chance);
with decided as (select l.*, decide(chance, score, sex, id::text) as d, coalesce(b.share, 0) as share
  from rules, loans as l left join lateral bands(chance) as b on b.sensitive = l.sex and l.score >= b.threshold_low and l.score < b.threshold_high)
select bool_and(d = (share = 1)) filter (where share in (0, 1)) as sure, abs(avg(d::int - share)) < 0.02 as as_often,
  count(*) filter (where d is distinct from decide(chance, score, sex, id::text)) as changed
from decided, rules;
select bool_and(decide(sure, score, sex) = (score >= threshold_low)) as single, (describe(min(sure::text)::thresholds)->>'share_by_chance')::float8 as by_chance,
  min(round((describe(sure)->'reached'->>'gap')::numeric, 4)) as gap, min(describe(sure)->'with_chance'->>'gap')::float8 < 1e-12 as with_chance
from rules, loans join lateral thresholds_by_group((select sure from rules)) on sensitive = sex;
-- Every type of group, values through text and binary, equality, a join of several rules.
select decide(t, 0.7, 1), decide(t, 0.7, 1::numeric), decide(t, 0.7, '1') from (select thresholds(distribution_agg(score, row(id % 2, repaid)), 'none') as t from loans) as x;
select chance = chance::text::thresholds as text, chance <> sure as other, (select count(distinct t::text) from (select chance as t from rules union select chance from rules union select sure from rules) as u) as kinds from rules;
select count(*) filter (where d) as selected from (select decide(t, score, sex, id::text) as d from loans, (select chance as t from rules union all select sure from rules) as r) as x;

-- Odd cases.
select decide(chance, null, 'f', 'k'), decide(chance, 0.5, null::text, 'k'), decide(null, 0.5, 'f', 'k') from rules;
select decide(chance, 0.5, 'f') from rules;
select decide(chance, 0.5, 'z', 'k') from rules;
select decide(chance, 0.5, 'z', 'k', on_unseen => 'null') from rules;
select decide(chance, 0.5, 'z', 'k', on_unseen => 'ignore') from rules;
select decide(chance, null, 'z', 'k', on_unseen => 'ignore') from rules;
select decide(chance, 0.5, null::int, 'k', on_unseen => null) from rules;
select calibrated(null, 0.5, 'z', on_unseen => 'ignore');
select adjust(null, 0.5, 'z', on_unseen => 'ignore');
select adjust(null, 0.5, 7, alpha => 2);
select decide(chance, 'NaN', 'f', 'k') from rules;
select thresholds(null), thresholds_by_group(null), bands(null), calibrate(null), choose_threshold(null);
select thresholds(s) from laws;
select thresholds(d, 'parity') from laws;
select thresholds(d, tolerance => 2) from laws;
select thresholds(d, objective => 'cost') from laws;
select thresholds(d, false_positive_cost => 1) from laws;
select thresholds(d, objective => 'cost', false_positive_cost => 0, false_negative_cost => 1) from laws;
select thresholds(d, places => 5000) from laws;
select thresholds(d, places => 5, selection_rate => 0.1) from laws;
select thresholds(d, objective => 'balanced_accuracy', places => 5) from laws;
-- A group of one label: what compares it says so, what does not serves it; without rows there is no rule.
create table odd as select distribution_agg(s, row(g, y)) as d from (values ('a', 0.1, false), ('a', 0.9, true), ('b', 0.2, false), ('b', 0.3, false), ('c', 0.5, true), ('c', 0.5, false)) as t (g, s, y);
select thresholds(d, 'equal_opportunity') from odd;
select thresholds(d, 'predictive_equality') is not null as predictive from odd;
select sensitive, threshold_low, threshold_high, share, n, n_positive, round(selection_rate::numeric, 3) as rate, true_positive_rate from odd, thresholds_by_group(thresholds(d, 'demographic_parity', selection_rate => 0.5));
select thresholds(distribution_agg(null::float8, row('a', true))), choose_threshold(distribution_agg(null::float8, row('a', true)));
select thresholds(distribution_agg(1, row(null::text, true)));
-- All scores equal: a share of all.
select sensitive, threshold_low, threshold_high, share from thresholds_by_group(thresholds((select distribution_agg(1, row(i % 2, i % 3 = 0)) from generate_series(1, 600) as i), 'equalized_odds', selection_rate => 0.25));

-- The curve counts what a confusion counts, at every score and at as many points as asked for.
select count(*) as points, bool_and(r.true_positives = c.tp and r.false_positives = c.fp and r.false_negatives = c.fn and r.true_negatives = c.tn) as same,
  count(*) filter (where threshold = 'Infinity') as nobody
from roc_by_group((select d from laws)) as r, lateral (
  select count(*) filter (where repaid and score >= threshold) as tp, count(*) filter (where not repaid and score >= threshold) as fp,
    count(*) filter (where repaid and not score >= threshold) as fn, count(*) filter (where not repaid and not score >= threshold) as tn from loans where sex = sensitive) as c;
select sensitive, count(*), min(threshold), max(threshold) from roc_by_group((select d from laws), 4) group by 1 order by 1;
select * from roc_by_group((select d from laws), 1);
select count(*) as rows, bool_and(t.n = b.n and t.true_positives = b.true_positives and t.false_positives = b.false_positives and t.accuracy = b.accuracy
  and t.f1 is not distinct from b.f1 and t.weight = b.weight and t.effective_n = b.effective_n) as same
from threshold_table((select d from laws), '{0.3,0.5,0.5}') as t, lateral (
  select * from by_group((select confusion_agg(repaid, score >= t.threshold, sex) from loans)) as b where b.sensitive = t.sensitive) as b;
select count(*) as rows, bool_and(t.n = b.n and t.n_selected = b.n_selected and t.true_positives = b.true_positives and t.false_positives = b.false_positives and t.true_negatives = b.true_negatives and t.false_negatives = b.false_negatives and abs(t.accuracy - b.accuracy) < 1e-12 and abs(t.weight - b.weight) < 1e-9 and abs(t.selection_rate - b.selection_rate) < 1e-12) as same
from threshold_table((select dw from laws), '{0.3,0.7}') as t, lateral (
  select * from by_group((select confusion_agg(repaid, score >= t.threshold, sex, w::float8) from loans)) as b where b.sensitive = t.sensitive) as b;
select threshold_table((select d from laws), '{NaN}');
-- Rows of few scores and weights are counted as they are, however unequal the weights.
create table few as select i, (i % 10) / 10.0 as s, 'g' || i % 2 as g, i % 3 = 0 as y, case when i % 5 = 0 then 10.0 when i % 7 = 0 then 0 else 1 end as w from generate_series(1, 100) as i;
select t.threshold, t.sensitive, t.n = b.n and t.n_selected = b.n_selected and t.true_positives = b.true_positives and t.false_negatives = b.false_negatives as counts, t.selection_rate = b.selection_rate as rate
from threshold_table((select distribution_agg(s, row(g, y), w) from few), '{0,0.35,0.5,1}') as t, lateral (select * from by_group((select confusion_agg(y, s >= t.threshold, g, w) from few where w > 0)) as b where b.sensitive = t.sensitive) as b;
drop table few;
-- Few people between two points are not told.
set fairdb.min_group = 20;
select count(*) as points, min(least(nullif(tp, 0), nullif(fp, 0))) >= 20 as enough
from (select true_positives - lag(true_positives, 1, 0::float8) over w as tp, false_positives - lag(false_positives, 1, 0::float8) over w as fp
  from roc_by_group((select d from laws)) window w as (partition by sensitive order by threshold desc)) as t;
select threshold, sensitive, n, suppressed from threshold_table((select d from laws), '{0.5,0.51,0.6}') order by 1, 2;
select sensitive, threshold_low, n, suppressed from thresholds_by_group(thresholds((select distribution_agg(score, row(case when id < 9 then 'few' else sex end, repaid)) from loans), 'none'));
select * from reweighing((select confusion_agg(repaid, repaid, case when id < 9 then 'few' else sex end) from loans));
reset fairdb.min_group;

-- Weights that make label and group independent, and a training that uses them.
select r.sensitive, r.label, r.n = e.n as n, abs(r.weight - e.weight) < 1e-12 as weight
from reweighing((select confusion_agg(repaid, null, sex) from loans)) as r join (
  select sex, repaid, count(*) as n, sum(count(*)) over (partition by sex) * sum(count(*)) over (partition by repaid) / sum(count(*)) over () / count(*)::float8 as weight from loans group by 1, 2) as e
  on (r.sensitive, r.label) = (e.sex, e.repaid) order by 1, 2;
select count(distinct round(p::numeric, 9)) as base_rates from (
  select sex, sum(weight) filter (where repaid) / sum(weight) as p from loans join reweighing((select confusion_agg(repaid, repaid, sex) from loans)) as r on (r.sensitive, r.label) = (sex, repaid) group by 1) as t;
select describe(train_linear($$select score, sex, repaid, weight from loans join reweighing((select confusion_agg(repaid, repaid, sex) from loans)) as r on (r.sensitive, r.label) = (sex, repaid)$$,
  'repaid', '{sex}', fairness => 'none', weight => 'weight'))->'training'->'rows' as rows;
select * from reweighing((select confusion_agg(true, true, 'a') from generate_series(1, 3)));

-- Calibration: the isotonic map rises, means what it says on average, and is the step function that the rows ask for.
create table maps as select calibrate(d) as isotonic, calibrate(d, 'platt') as platt, calibrate(dw) as weighted from laws;
select sex, abs(avg(calibrated(isotonic, score, sex)) - avg(repaid::int)) < 1e-12 as isotonic, abs(avg(calibrated(platt, score, sex)) - avg(repaid::int)) < 0.005 as platt,
  abs(sum(w * calibrated(weighted, score, sex)) / sum(w) - sum(w * repaid::int) / sum(w)) < 1e-12 as weighted
from loans, maps group by sex order by sex;
select bool_and(c >= before) as rises from (select c, lag(c, 1, 0::float8) over (partition by sex order by score) as before from (select sex, score, calibrated(isotonic, score, sex) as c from loans, maps) as x) as t;
select describe(calibrate(distribution_agg(s, row('a', y))))->'groups'->0->'knots' as knots, (select array_agg(calibrated(calibrate(distribution_agg(s, row('a', y))), x, 'a') order by x) from unnest('{0,1,1.5,2,3,4,9}'::float8[]) as x) as map
from (values (1, false), (2, true), (3, false), (4, true)) as t (s, y);
-- scikit-learn's _SigmoidCalibration gives 2.876998 and -1.438499 for these rows.
select round((g->>'slope')::numeric, 4) as slope, round((g->>'intercept')::numeric, 4) as intercept
from (select describe(calibrate(distribution_agg(s, row('a', y)), 'platt'))->'groups'->0 as g
  from (values (0.1, false), (0.2, false), (0.3, true), (0.4, false), (0.6, true), (0.7, false), (0.8, true), (0.9, true)) as t (s, y)) as x;
select calibrated(c, 0.1, 'b'), calibrated(c, 0.5, 'c'), calibrated(p, 0.1, 'b') between 0 and 0.5 as platt from (select calibrate(d) as c, calibrate(d, 'platt') as p from odd) as t;
select calibrated(isotonic, 0.5, 'z') from maps;
select calibrated(isotonic, 0.5, 'z', on_unseen => 'null'), calibrated(isotonic, null, 'f'), calibrated(isotonic, 0.5, null::text) from maps;
select calibrated(isotonic, 'Infinity', 'f') from maps;
select calibrate(d, 'beta') from laws;
select isotonic = isotonic::text::calibration as text, isotonic <> platt as other from maps;

-- The distribution of the fair scores is that of the scores as adjust gives them.
select adjusted(s) = (select distribution_agg(adjust(s, score, sex), sex) from loans) as same, adjusted(s, alpha => 1) = s as kept, round(ks_distance(s)::numeric, 3) as before, ks_distance(adjusted(s)) < 0.02 as after
from laws;
select adjusted(s, alpha => 0.25, barycenter => 'w1', bounds => '{0.2,0.8}') = (select distribution_agg(adjust(s, score, sex, alpha => 0.25, barycenter => 'w1', bounds => '{0.2,0.8}'), sex) from loans) as same from laws;
select adjusted(null), adjusted(distribution_agg(null::float8, 'a'::text)) = distribution_agg(null::float8, 'a'::text) as empty;
-- Of a chosen size: quantiles stay where they were, to within the rank error that it tells.
create table large as select i % 2 as g, (i * 7919 % 100003) / 100003.0 + (i % 2) * 0.1 as s from generate_series(1, 40000) as i;
with laws as (select distribution_agg(s, g) as d from large), small as (select d, compact(d, 200) as c from laws)
select describe(c)->'groups'->0->>'form' as form, (describe(c)->'groups'->0->>'points')::int as points, round((describe(c)->'groups'->0->>'rank_error')::numeric, 4) as rank_error,
  (select max(abs(cdf(d, g, q.score) - p)) < (describe(c)->'groups'->0->>'rank_error')::float8 + 1e-4 from quantiles(c, '{0.01,0.1,0.25,0.5,0.75,0.9,0.99}') as q, lateral (select q.sensitive::int as g) as g) as ranks,
  (select max(abs(x.score - y.score)) < 1e-4 from quantiles(c, '{0,0.0005,0.999,1}') as x join quantiles(d, '{0,0.0005,0.999,1}') as y using (sensitive, p)) as tails,
  compact(c, 3000) = c as again, compact(d, 3000) <> d as fewer
from small;
select compact(d, 99) from laws;
select compact(s) = s as kept from laws;

-- A number of places without chance: a common share rises until no threshold fits, and what stays empty is told.
create table seats as select g, s, (i * 7 + s) % 4 < s as y from (values ('a', 2), ('b', 2), ('c', 1)) as v (g, n), generate_series(1, 4) as s, generate_series(1, 10) as i where i <= n * 5;
select fairness, places, d -> 'reached' -> 'gap' as gap, (select sum(selection_rate * n_rows) from thresholds_by_group(t) as r, lateral (select count(*) as n_rows from seats where g = r.sensitive) as c) as selected
from unnest('{demographic_parity,equal_opportunity,none}'::text[]) as fairness, unnest('{0,3,24,25,30,50,100}'::int[]) as places,
  lateral (select thresholds(distribution_agg(s, row(g, y)), fairness, places => places, randomised => false) as t from seats) as r, describe(t) as d order by fairness, places;
select thresholds(distribution_agg(s, row(g, y)), 'demographic_parity', selection_rate => 0.1, randomised => false) is null as none from seats;
-- Nobody, by the objective or by the constraint.
select describe(thresholds(distribution_agg(s, row(g, y)), 'none', 'cost', false_positive_cost => 1000, false_negative_cost => 1)) -> 'reached' as reached from seats where not y or s < 4;
select describe(thresholds(distribution_agg(x, row(g, y)), 'demographic_parity', tolerance => 0.05, randomised => false)) -> 'reached' as reached from (select 1 + (g = 'a')::int as x, g, y and g = 'a' as y from seats where g <> 'c' union all select 0, g, false from seats) as t;
select sensitive, weight from reweighing((select confusion_agg(null, y, g) from seats)) limit 2;
drop table seats;
