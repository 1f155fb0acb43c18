-- The demo: an audit, a fair model and fair scores on real decisions. Run after load.sql.
\set QUIET on
\pset border 1
\pset footer off
set search_path to public, fairdb;
\echo
\echo 'fairdb on 2380 mortgage applications in Boston, 1990 (Federal Reserve Bank of Boston)'
\echo
\echo '[1/4] Audit: what was decided, by race'
select sensitive as race, n as applications, round((100 * (1 - selection_rate))::numeric, 1) as percent_denied
from by_group((select confusion_agg(null, approved, race) from applications));
select round(demographic_parity_difference(approved, race)::numeric, 3) as demographic_parity_difference,
       round(demographic_parity_ratio(approved, race)::numeric, 3) as demographic_parity_ratio
from applications;

\echo '[2/4] Train: a plain and a fair model of the decisions, on seven tenths of the applications'
create temp table models as
select fairness, train_linear('training', 'approved', '{race}', fairness => fairness) as model
from unnest('{none,equal_opportunity}'::text[]) as fairness;
select fairness, d->'rows' as rows, d->>'outcome' as outcome, d->'iterations' as iterations,
       round((d->>'objective')::numeric, 2) as objective, (d->>'constraint_violation')::float8 < 1e-9 as constraint_holds
from (select fairness, describe(model)->'training' as d from models) as t order by fairness desc;

\echo '[3/4] Compare them on the three tenths that neither has seen'
create temp table judged as
select fairness, confusion_agg(approved, classify(model, a), race) as c
from models, held_out as a group by fairness;
select fairness, sensitive as race, round((100 * (1 - selection_rate))::numeric, 1) as percent_denied,
       round((100 * true_positive_rate)::numeric, 1) as percent_of_the_approved_found
from judged, by_group(c) order by fairness desc, race;
select fairness, round((100 * accuracy)::numeric, 1) as percent_right,
       round(demographic_parity_difference(c)::numeric, 3) as demographic_parity_difference,
       round(equal_opportunity_difference(c)::numeric, 3) as equal_opportunity_difference
from judged, overall(c) order by fairness desc;
\echo 'The price of the fair model, in points of accuracy, and what it buys:'
select round((100 * (plain.accuracy - fair.accuracy))::numeric, 1) as points_of_accuracy,
       round(equal_opportunity_difference(p.c)::numeric, 3) || ' -> ' ||
       round(equal_opportunity_difference(f.c)::numeric, 3) as equal_opportunity_difference
from judged as p, overall(p.c) as plain, judged as f, overall(f.c) as fair
where p.fairness = 'none' and f.fairness <> 'none';

\echo '[4/4] Adjust: the scores of the plain model, with the same distribution in both groups'
create temp table scores as
select a.id, a.race, probability(model, a) as score
from models, applications as a where fairness = 'none';
create temp table fair_scores as
select * from barycenter_scores('scores', 'id', 'score', '{race}', id_type => null::int);
select sensitive as race, round(avg(score)::numeric, 3) as mean_score, round(avg(fair_score)::numeric, 3) as mean_fair_score,
       round(percentile_cont(0.1) within group (order by score)::numeric, 3) as lowest_tenth,
       round(percentile_cont(0.1) within group (order by fair_score)::numeric, 3) as lowest_tenth_fair
from fair_scores group by race order by race;
select round(ks_distance(score, sensitive)::numeric, 3) as ks_distance_before,
       round(ks_distance(fair_score, sensitive)::numeric, 3) as ks_distance_after,
       round(avg(abs(score - fair_score))::numeric, 3) as mean_change_of_a_score
from fair_scores;
\echo 'Done. ./run psql opens a shell on these tables; README.md explains each step.'
