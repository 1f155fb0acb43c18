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
\echo '[1/6] Audit: what was decided, by race'
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
\echo '[2/6] Train: a plain and a fair model of the decisions, on seven tenths of the applications'
select fairness, d->'rows' as rows, d->>'outcome' as outcome, d->'iterations' as iterations,
  case when fairness <> 'none' then (d->>'constraint_violation')::float8 < 1e-9 end as constraint_holds
from (select fairness, describe(model)->'training' as d from demo_models) as t order by fairness desc;
\echo 'The fair model gives the approved applications of both groups the same mean score; the plain one asks for nothing.'

\echo
\echo '[3/6] Compare them on the three tenths that neither has seen'
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
\echo '[4/6] Adjust: the scores of the plain model for the rows that it has not seen, with the same distribution in both groups'
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
\echo '[5/6] Let it run by itself: each week is counted when it is over, stays as it was counted, and is held against a limit'
create table demo_decided as
select *, timestamptz '2024-01-01 00:00+00' + row_number() over (order by id) * interval '20 minutes' as decided_at from applications;
\t on
\pset format unaligned
select format('The first window of the audit is due on %s.', create_audit('demo', 'demo_decided', null, 'approved', 'race', at => 'decided_at', starts => '2024-01-01', time_zone => 'UTC')::date);
select from add_limit('demo', 'demographic_parity_difference', at_most => 0.1), run_audit('demo', '2024-01-01', '2024-01-29') offset 10;
\t off
\pset format aligned
select "from"::date as week, value as gap, lower, upper, verdict, alert from verdicts where audit_name = 'demo' order by "from";
\echo 'From now on `call fairdb.run_due()` does what is due. On a schedule, as the role that owns the audit:'
\echo '  pg_cron   select cron.schedule(''fairdb'', ''*/5 * * * *'', ''call fairdb.run_due()'');'
\echo '  cron      */5 * * * * psql -X -q -d mydb -c ''call fairdb.run_due()'''
\echo '  by hand   call fairdb.run_due();'
\echo
\echo '[6/6] Show it: one page for people who would rather look than read tables'
create table demo_pages as
select report($$select a.*, probability(model, a) as score from demo_models, applications as a where fairness = 'none'$$,
  'approved', 'approved', 'score', '{race,single}', 'Mortgage approvals, Boston 1990', people => 'applicants', selected => 'approved', threshold => 0.9,
  limits => '{"demographic_parity_difference": 0.1, "demographic_parity_ratio": 0.8}',
  tradeoff => (select jsonb_agg(t) from tradeoff('training', 'approved', '{race}') as t),
  history => (select jsonb_agg(v) from verdicts as v where audit_name = 'demo'),
  sources => '{"Label": "what was decided: nobody knows who would have repaid", "Model": "the plain one, trained on seven tenths of the rows", "Over time": "the rows were dealt into weeks for this demonstration"}') as page;
\t on
\pset format unaligned
\o :page
select page from demo_pages;
\o
\t off
\pset format aligned
\echo 'It is in' :page
\echo
\echo 'Done. ./run psql opens a shell on these tables: applications, demo_models, demo_judged, demo_scores, demo_fair_scores. doc/ goes on.'
