-- The demo: an audit, a fair model and fair scores on real decisions. Run after load.sql. Each step says in a sentence
-- what its table shows.
\set QUIET on
\pset border 1
\pset footer off
set search_path to public, fairdb;
set extra_float_digits to -11;

-- The tables of the demo stay, for ./run psql.
\ir tables.sql

\echo
\echo 'fairdb on 2380 mortgage applications in Boston, 1990 (Federal Reserve Bank of Boston)'
\echo
\echo '[1/4] Audit: what was decided, by race'
select sensitive as race, n as applications, value as approved, lower, upper
from rate_by_group((select confusion_agg(null, approved, race) from applications), 'selection_rate');
\t on
\pset format unaligned
select format('Black applicants were approved %s points less often than white ones; with 95 %% confidence %s to %s. Chance alone would do that in %s.',
  round((100 * value)::numeric, 1), round((100 * lower)::numeric, 1), round((100 * upper)::numeric, 1),
  case when p_value < 1e-6 then 'less than one case in a million' else 'a share ' || p_value || ' of all cases' end)
from metrics((select confusion_agg(null, approved, race) from applications)) where metric = 'demographic_parity_difference';
\t off
\pset format aligned

\echo
\echo '[2/4] Train: a plain and a fair model of the decisions, on seven tenths of the applications'
select fairness, d->'rows' as rows, d->>'outcome' as outcome, d->'iterations' as iterations,
  case when fairness <> 'none' then (d->>'constraint_violation')::float8 < 1e-9 end as constraint_holds
from (select fairness, describe(model)->'training' as d from demo_models) as t order by fairness desc;
\echo 'The fair model gives the approved applications of both groups the same mean score; the plain one asks for nothing.'

\echo
\echo '[3/4] Compare them on the three tenths that neither has seen'
select fairness, sensitive as race, n, value as approved_of_those_worth_it, lower, upper
from demo_judged, rate_by_group(c, 'true_positive_rate') order by fairness desc, race;
\t on
\pset format unaligned
select format('The fair model finds those worth approving equally often up to %s points (95 %%: 0 to %s); the plain one up to %s (%s to %s). It is right in %s of 100 cases instead of %s.',
  round((100 * f.value)::numeric, 1), round((100 * f.upper)::numeric, 1), round((100 * p.value)::numeric, 1),
  round((100 * p.lower)::numeric, 1), round((100 * p.upper)::numeric, 1), round((100 * fo.accuracy)::numeric, 1), round((100 * po.accuracy)::numeric, 1))
from demo_judged as a, demo_judged as b, metrics(a.c) as f, metrics(b.c) as p, overall(a.c) as fo, overall(b.c) as po
where a.fairness <> 'none' and b.fairness = 'none'
  and f.metric = 'equal_opportunity_difference' and p.metric = 'equal_opportunity_difference';
\t off
\pset format aligned

\echo
\echo '[4/4] Adjust: the scores of the plain model for the rows that it has not seen, with the same distribution in both groups'
select sensitive as race, count(*), avg(score) as mean_score, avg(fair_score) as mean_fair_score,
  percentile_cont(0.1) within group (order by score) as lowest_tenth, percentile_cont(0.1) within group (order by fair_score) as lowest_tenth_fair
from demo_fair_scores group by race order by race;
\t on
\pset format unaligned
select format('At some threshold the shares of both groups above it differed by %s points before (chance: p %s), and by %s after (p %s). A score moves by %s on average.',
  round((100 * b.ks)::numeric, 1), case when b.p_value < 1e-6 then '< 0.000001' else '= ' || round(b.p_value::numeric, 3) end,
  round((100 * a.ks)::numeric, 1), '= ' || round(a.p_value::numeric, 3), (select round(avg(abs(score - fair_score))::numeric, 3) from demo_fair_scores))
from distances((select distribution_agg(score, sensitive) from demo_fair_scores)) as b,
  distances((select distribution_agg(fair_score, sensitive) from demo_fair_scores)) as a;
\t off
\pset format aligned
\echo
\echo 'Done. ./run psql opens a shell on these tables: applications, demo_models, demo_judged, demo_scores, demo_fair_scores. doc/ goes on.'
