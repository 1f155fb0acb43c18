-- Metrics by name, each against its definition in plain SQL; intervals and tests; odd cases.
\pset null <NULL>
set search_path to public, fairdb;
create table rows as
select i, case when i % 29 <> 0 then (i * 7919) % 11 < 4 + i % 3 end as y,
       case when i % 31 <> 0 then (i * 104729) % 13 < 5 + i % 4 end as p,
       case when i % 37 <> 0 then (array['a', 'b', 'c'])[1 + (i * 31) % 3] end as g
from generate_series(1, 3000) as i;
create table c as select confusion_agg(y, p, g) as c from rows;

-- The eight metrics of every rate from by_group's own columns, b against a.
create table rate as select r.key as rate, b.sensitive as g, (r.value #>> '{}')::float8 as value
from c, by_group(c) as b, jsonb_each(to_jsonb(b)) as r
where b.sensitive is not null and r.key in ('base_rate', 'selection_rate', 'true_positive_rate', 'false_positive_rate',
  'true_negative_rate', 'false_negative_rate', 'precision', 'negative_predictive_value', 'false_discovery_rate',
  'false_omission_rate', 'accuracy', 'balanced_accuracy', 'f1');
create table whole as select r.key as rate, (r.value #>> '{}')::float8 as value
from overall((select confusion_agg(y, p, g) from rows where g is not null)) as o, jsonb_each(to_jsonb(o)) as r;
with expected as (
  select rate, max(r.value) - min(r.value) as difference, min(r.value) / max(r.value) as ratio,
         max(abs(r.value - w.value)) as to_overall, min(least(r.value / w.value, w.value / r.value)) as ratio_to_overall,
         min(r.value) as least, max(r.value) as most, max(r.value) filter (where g = 'b') as b, max(r.value) filter (where g = 'a') as a
  from rate as r join whole as w using (rate) group by rate)
select rate,
  abs(metric(c, rate || '_difference') - difference) + abs(difference(c, rate) - difference) < 1e-12 as difference,
  abs(metric(c, rate || '_ratio') - ratio) + abs(ratio(c, rate) - ratio) < 1e-12 as ratio,
  abs(metric(c, rate || '_difference_to_overall') - to_overall) + abs(difference(c, rate, method => 'to_overall') - to_overall) < 1e-12 as to_overall,
  abs(metric(c, rate || '_ratio_to_overall') - ratio_to_overall) + abs(ratio(c, rate, method => 'to_overall') - ratio_to_overall) < 1e-12 as ratio_to_overall,
  abs(metric(c, rate || '_group_min') - least) + abs(group_min(c, rate) - least) < 1e-12 as least,
  abs(metric(c, rate || '_group_max') - most) + abs(group_max(c, rate) - most) < 1e-12 as most,
  abs(metric(c, rate || '_difference_signed', 'a', 'b') - (b - a)) + abs(difference(c, rate, 'a', 'b') - (b - a)) < 1e-12 as signed,
  abs(metric(c, rate || '_ratio_signed', 'a', 'b') - b / a) + abs(ratio(c, rate, 'a', 'b') - b / a) < 1e-12 as ratio_signed
from expected, c order by rate;

-- The metrics of other tools: b against a, from counts in plain SQL.
create table counts as select g,
  count(*)::float8 as n, count(*) filter (where y)::float8 as y1, count(*) filter (where not y)::float8 as y0,
  count(*) filter (where p)::float8 as p1, count(*) filter (where not p)::float8 as p0,
  count(*) filter (where y and p)::float8 as tp, count(*) filter (where not y and p)::float8 as fp,
  count(*) filter (where y and not p)::float8 as fn, count(*) filter (where not y and not p)::float8 as tn
from rows where g is not null group by g;
with b as (select * from counts where g = 'b'), a as (select * from counts where g = 'a'),
expected(metric, value) as (
  select v.* from a, b, lateral (values
    ('statistical_parity_difference', b.p1 / (b.p1 + b.p0) - a.p1 / (a.p1 + a.p0)),
    ('dppl', a.p1 / (a.p1 + a.p0) - b.p1 / (b.p1 + b.p0)),
    ('mean_difference', b.y1 / (b.y1 + b.y0) - a.y1 / (a.y1 + a.y0)),
    ('dpl', a.y1 / (a.y1 + a.y0) - b.y1 / (b.y1 + b.y0)),
    ('disparate_impact', b.p1 / (b.p1 + b.p0) / (a.p1 / (a.p1 + a.p0))),
    ('di', b.p1 / (b.p1 + b.p0) / (a.p1 / (a.p1 + a.p0))),
    ('ci', (a.n - b.n) / (a.n + b.n)), ('representation_difference', (b.n - a.n) / (a.n + b.n)),
    ('average_odds_difference', (b.fp / (b.fp + b.tn) - a.fp / (a.fp + a.tn) + b.tp / (b.tp + b.fn) - a.tp / (a.tp + a.fn)) / 2),
    ('average_abs_odds_difference', (abs(b.fp / (b.fp + b.tn) - a.fp / (a.fp + a.tn)) + abs(b.tp / (b.tp + b.fn) - a.tp / (a.tp + a.fn))) / 2),
    ('average_predictive_value_difference', (b.tp / (b.tp + b.fp) - a.tp / (a.tp + a.fp) + b.fn / (b.fn + b.tn) - a.fn / (a.fn + a.tn)) / 2),
    ('error_rate_difference', (b.fp + b.fn) / (b.tp + b.fp + b.fn + b.tn) - (a.fp + a.fn) / (a.tp + a.fp + a.fn + a.tn)),
    ('error_rate_ratio', (b.fp + b.fn) / (b.tp + b.fp + b.fn + b.tn) / ((a.fp + a.fn) / (a.tp + a.fp + a.fn + a.tn))),
    ('kl', a.y1 / (a.y1 + a.y0) * ln(a.y1 / (a.y1 + a.y0) / (b.y1 / (b.y1 + b.y0))) + a.y0 / (a.y1 + a.y0) * ln(a.y0 / (a.y1 + a.y0) / (b.y0 / (b.y1 + b.y0)))),
    ('lp', sqrt(2) * abs(b.y1 / (b.y1 + b.y0) - a.y1 / (a.y1 + a.y0))),
    ('tvd', abs(b.y1 / (b.y1 + b.y0) - a.y1 / (a.y1 + a.y0))), ('ks', abs(b.y1 / (b.y1 + b.y0) - a.y1 / (a.y1 + a.y0))),
    ('dca', (a.tp + a.fn) / (a.tp + a.fp) - (b.tp + b.fn) / (b.tp + b.fp)),
    ('dcr', (b.tn + b.fp) / (b.tn + b.fn) - (a.tn + a.fp) / (a.tn + a.fn)),
    ('rd', a.tp / (a.tp + a.fn) - b.tp / (b.tp + b.fn)), ('sd', b.tn / (b.tn + b.fp) - a.tn / (a.tn + a.fp)),
    ('dar', a.tp / (a.tp + a.fp) - b.tp / (b.tp + b.fp)), ('drr', b.tn / (b.tn + b.fn) - a.tn / (a.tn + a.fn)),
    ('ad', (a.tp + a.tn) / (a.tp + a.fp + a.fn + a.tn) - (b.tp + b.tn) / (b.tp + b.fp + b.fn + b.tn)),
    ('te', b.fn / b.fp - a.fn / a.fp),
    ('demographic_disparity', b.p0 / (a.p0 + b.p0) - b.p1 / (a.p1 + b.p1)),
    ('demographic_disparity_labels', b.y0 / (a.y0 + b.y0) - b.y1 / (a.y1 + b.y1))) as v),
js as (select sum(s / 2 * ln(s / m)) as value from a, b,
  lateral (values (a.y1 / (a.y1 + a.y0), b.y1 / (b.y1 + b.y0)), (a.y0 / (a.y1 + a.y0), b.y0 / (b.y1 + b.y0))) as share(x, z),
  lateral (values (x, (x + z) / 2), (z, (x + z) / 2)) as v(s, m))
select count(*) as metrics, string_agg(metric, ', ') filter (where abs(metric(c, metric, 'a', 'b') - value) > 1e-12) as differing
from (select * from expected union all select 'js', value from js) as e, c;

-- Over all groups.
with everyone as (select one, two, n, (one + 2 * two) / n as mu from
  (select count(*) filter (where y = p)::float8 as one, count(*) filter (where not y and p)::float8 as two, count(y = p)::float8 as n from rows) as t),
between_groups as (select (tp + tn + 2 * fp) / (tp + fp + fn + tn) as m, tp + fp + fn + tn as n from counts),
middle as (select sum(m * n) / sum(n) as mu, sum(n) as n from between_groups),
edf as (select max(ln(x.q / z.q)) as predicted, max(ln(x.l / z.l)) as labelled from
  (select g, s, case s when 1 then (p1 + 0.5) / (p1 + p0 + 1) else (p0 + 0.5) / (p1 + p0 + 1) end as q,
          case s when 1 then (y1 + 0.5) / (y1 + y0 + 1) else (y0 + 0.5) / (y1 + y0 + 1) end as l from counts, generate_series(0, 1) as s) as x
  join (select g, s, case s when 1 then (p1 + 0.5) / (p1 + p0 + 1) else (p0 + 0.5) / (p1 + p0 + 1) end as q,
          case s when 1 then (y1 + 0.5) / (y1 + y0 + 1) else (y0 + 0.5) / (y1 + y0 + 1) end as l from counts, generate_series(0, 1) as s) as z using (s))
select metric, abs(metric(c, metric) - value) < 1e-12 as right_value from c, (
  select 'generalized_entropy_index' as metric, ((one / mu ^ 2 + 4 * two / mu ^ 2) / n - 1) / 2 as value from everyone union all
  select 'theil_index', (one / mu * ln(1 / mu) + two * 2 / mu * ln(2 / mu)) / n from everyone union all
  select 'coefficient_of_variation', sqrt((one / mu ^ 2 + 4 * two / mu ^ 2) / n - 1) from everyone union all
  select 'between_group_generalized_entropy_index', sum(b.n * ((b.m / mu) ^ 2 - 1)) / 2 / min(middle.n) from between_groups as b, middle union all
  select 'between_group_theil_index', sum(b.n * b.m / mu * ln(b.m / mu)) / min(middle.n) from between_groups as b, middle union all
  select 'smoothed_edf', predicted from edf union all select 'smoothed_edf_labels', labelled from edf union all
  select 'df_bias_amplification', predicted - labelled from edf union all
  select 'average_demographic_disparity', sum((y1 + y0) / w * (y0 / w0 - y1 / w1)) from counts, (select sum(y1) as w1, sum(y0) as w0, sum(y1 + y0) as w from counts) as t union all
  select 'equalized_odds_difference_mean', (max(tp / (tp + fn)) - min(tp / (tp + fn)) + max(fp / (fp + tn)) - min(fp / (fp + tn))) / 2 from counts union all
  select 'equalized_odds_ratio_mean', (min(tp / (tp + fn)) / max(tp / (tp + fn)) + min(fp / (fp + tn)) / max(fp / (fp + tn))) / 2 from counts
) as expected;
select abs(generalized_entropy(c, 1) - metric(c, 'theil_index')) < 1e-15 as alpha_1, generalized_entropy(c, 0) as alpha_0,
       generalized_entropy(c, 0.5) > 0 as alpha_half, generalized_entropy(c, 2, true) = metric(c, 'between_group_generalized_entropy_index') as between_groups,
       round(generalized_entropy('{"groups": {"a": {"tp": 3, "fp": 1}}}', 0)::numeric, 12) as without_zero,
       abs(generalized_entropy(c, 1 + 1e-13) - generalized_entropy(c, 1)) < 1e-12 as near_1 from c;
select generalized_entropy(c, 'NaN') from c;

-- A side that is not named is all the other known groups.
select abs(metric(c, 'dppl', sensitive => 'b') - metric(other, 'dppl', 'rest', 'b')) < 1e-15 as group_against_rest,
       abs(metric(c, 'dppl', reference => 'b') - metric(other, 'dppl', 'b', 'rest')) < 1e-15 as rest_against_reference
from c, (select confusion_agg(y, p, case g when 'b' then 'b' else 'rest' end) as other from rows where g is not null) as t;

-- The catalogue: every name has a value, and every metric of the families is there.
select count(*) as metrics, count(distinct name) as names, count(*) filter (where formula = '' or range = '' or orientation = '') as incomplete from metric_catalog;
select kind, count(*), count(case kind when 'signed' then metric(c, name, 'a', 'b') when 'groups' then metric(c, name) end) as with_value
from metric_catalog, c group by kind order by kind;
select name, formula, parity, orientation, fairlearn, aif360, clarify from metric_catalog where clarify is not null and kind = 'signed' order by name;
select name, note from metric_catalog where note is not null order by name;
select metric(c, 'cddl', 'b') from c;
select metric(c, 'demographic_parity_diff') from c;
select metric(c, 'nonsense') from c;
select metric(c, 'di') from c;
select metric(c, 'di', 'b', 'b') from c;
select metric(c, 'di', 'x') from c;
select metric(c, 'f1_difference', 'b') from c;
select metric(c, null) from c;
select difference(c, 'nonsense') from c;
select difference(c, 'f1', method => 'nonsense') from c;
select difference(c, 'f1', 'a', method => 'to_overall') from c;
select metric(null, 'di', 'a') as metric, difference(null, 'f1') as difference, group_min(null, 'f1') as least, generalized_entropy(null) as entropy;

-- A rate 0/0 is no number: neither a gap nor a sign comes of it. x/0 is infinite.
create table odd as select '{"groups": {"a": {"tp": 3, "fn": 1, "tn": 4}, "no positives": {"fp": 2, "tn": 2}, "none selected": {"tn": 3, "fn": 2}}}'::confusion as o;
select metric(o, 'rd', 'a', 'no positives') as rd, metric(o, 'di', 'none selected', 'a') as di, metric(o, 'di', 'a', 'none selected') as zero,
       metric(o, 'dca', 'a', 'none selected') as dca, metric(o, 'te', 'no positives', 'a') as te, metric(o, 'kl', 'a', 'no positives') as kl,
       difference(o, 'tpr') as tpr, ratio(o, 'selection_rate') as ratio, metric(o, 'equalized_odds_ratio') as odds from odd;
select metric(o, 'selection_rate_difference') as one_group, metric(o, 'selection_rate_group_max') as most, metric(o, 'smoothed_edf') as edf
from (values ('{"groups": {"a": {"tp": 3, "fn": 1}}}'::confusion)) as t(o);

-- Intervals and tests of every gap.
select metric, round(value::numeric, 6) as value, round(lower::numeric, 3) as lower, round(upper::numeric, 3) as upper,
       round(p_value::numeric, 6) as p_value, test, n_groups, n_estimable from c, metrics(c);
select metric, round(value::numeric, 6) as value, round(lower::numeric, 4) as lower, round(upper::numeric, 4) as upper,
       round(p_value::numeric, 6) as p_value, test from c, metrics(c, 0.9, 'a') offset 28;
-- The value is that of metric(), the interval contains it, and a higher level is wider.
select count(*) as metrics, bool_and(m.value is not distinct from metric(c, m.metric)) as same_value,
       bool_and(m.lower <= m.value and m.value <= m.upper) as contains, bool_and(w.lower <= m.lower and m.upper <= w.upper) as wider
from c, metrics(c) as m join metrics((select c from c), 0.99) as w using (metric);
-- Few rows, one group, groups without the rate, no rows.
select metric, value, round(lower::numeric, 2) as lower, round(upper::numeric, 2) as upper, round(p_value::numeric, 6) as p_value, test, n_groups, n_estimable from odd, metrics(o) limit 6;
select metric, value, lower, upper, p_value, test, n_groups, n_estimable from metrics('{"groups": {"a": {"tp": 3, "fn": 1}}}') limit 2;
select count(*), count(value) from metrics('{"groups": {}}');
select count(*) from metrics(null);
select * from metrics('{"groups": {}}', 1);
select * from metrics('{"groups": {}}', null);
-- Weighted rows: effective sizes, and the same intervals as without weights when all weigh 1.
select bool_and(u.lower is not distinct from w.lower and u.upper is not distinct from w.upper) as same_intervals,
       string_agg(distinct w.test, ', ' order by w.test) as tests
from metrics((select c from c)) as u join metrics((select confusion_agg(y, p, g, 1) from rows)) as w using (metric);

-- Rates with Wilson's interval (81 of 263: Newcombe 1998, table I), pairs with Newcombe's and Koopman's.
select sensitive, n, round(value::numeric, 4) as value, round(lower::numeric, 4) as lower, round(upper::numeric, 4) as upper, suppressed
from rate_by_group('{"groups": {"a": {"tp": 81, "fn": 182}, "none": {"tn": 4}, "all": {"tp": 9}}}', 'tpr');
select round(difference::numeric, 4) as difference, round(difference_lower::numeric, 4) as lower, round(difference_upper::numeric, 4) as upper,
       round(ratio::numeric, 4) as ratio, round(ratio_lower::numeric, 4) as lower, round(ratio_upper::numeric, 4) as upper, round(p_value::numeric, 6) as p_value, test
from compare_groups('{"groups": {"56 of 70": {"unknown_selected": 56, "unknown_rejected": 14}, "48 of 80": {"unknown_selected": 48, "unknown_rejected": 32}}}',
                    'selection_rate', '48 of 80');
select c.sensitive, c.reference, round(difference::numeric, 4) as difference, round(p_value::numeric, 6) as p_value, test, round(p_adjusted::numeric, 6) as p_adjusted
from c as t, compare_groups(t.c, 'precision') as c;
select sensitive, value, reference_value, ratio, round(ratio_lower::numeric, 4) as ratio_lower, ratio_upper, test from odd, compare_groups(o, 'selection_rate', 'none selected');
select * from compare_groups('{"groups": {"a": {"tp": 1}}}', 'tpr', 'b');
select count(*) from compare_groups('{"groups": {"a": {"tp": 1}}}', 'tpr');
select count(*) from compare_groups((select confusion_agg(null, true, i) from generate_series(1, 200) as i), 'selection_rate');

-- Impact ratios, with the checks of the four-fifths rule.
select sensitive, n, n_selected, round(selection_rate::numeric, 4) as rate, excluded, most_selected, round(impact_ratio::numeric, 4) as ratio,
       below_four_fifths, round(standard_deviations::numeric, 4) as sd, round(p_value::numeric, 4) as p_value, round(p_fisher::numeric, 4) as p_fisher,
       round(shortfall::numeric, 4) as shortfall, round(ratio_one_person::numeric, 4) as one_person, one_person_flips
from impact_ratios('{"groups": {"men": {"unknown_selected": 60, "unknown_rejected": 40}, "women": {"unknown_selected": 19, "unknown_rejected": 21},
  "few": {"unknown_selected": 2, "unknown_rejected": 1}}, "unknown": {"unknown_selected": 5, "unknown_unknown": 2}}', 0.05);
select sensitive, impact_ratio, p_fisher, standard_deviations from impact_ratios('{"groups": {"a": {"unknown_rejected": 5}, "b": {"unknown_rejected": 5}}}');
select * from impact_ratios('{"groups": {}}', 1);
-- Counts of trillions: exact tests stay exact, and end.
select p_fisher, round(p_value::numeric, 6) as p_value from impact_ratios('{"groups": {"a": {"unknown_selected": 1000000000000, "unknown_rejected": 9000000000000}, "b": {"unknown_selected": 9000000000000, "unknown_rejected": 1000000000000}}}');
select round(p_fisher::numeric, 6) as p_fisher from impact_ratios('{"groups": {"a": {"unknown_selected": 3, "unknown_rejected": 999999999997}, "b": {"unknown_rejected": 1000000000000}}}');

-- Strata: Simpson's paradox made of two departments.
select n_strata, n_informative, round(difference::numeric, 6) as difference, round(conditional_difference::numeric, 6) as conditional, round(disparity::numeric, 6) as disparity,
       round(conditional_disparity::numeric, 6) as cdd, reversed, round(odds_ratio::numeric, 6) as odds, round(mantel_haenszel::numeric, 6) as mh,
       round(cmh::numeric, 6) as cmh, round(breslow_day::numeric, 6) as bd, breslow_day_df
from stratified(array['{"groups": {"w": {"unknown_selected": 9, "unknown_rejected": 1}, "m": {"unknown_selected": 80, "unknown_rejected": 20}}}',
                      '{"groups": {"w": {"unknown_selected": 30, "unknown_rejected": 70}, "m": {"unknown_selected": 2, "unknown_rejected": 8}}}', null,
                      '{"groups": {"w": {"unknown_selected": 3}}}']::confusion[], sensitive => 'w', reference => 'm');
select * from stratified(array[]::confusion[], sensitive => 'w');
select * from stratified(array['{"groups": {"w": {"tp": 1}}}']::confusion[]);
select * from stratified(array['{"groups": {"w": {"tp": 1}}}']::confusion[], 'f1', sensitive => 'w');
select n_strata, n_informative, disparity, mantel_haenszel, cmh from stratified(array['{"groups": {"w": {"tp": 1}, "m": {"fn": 1}}}']::confusion[], sensitive => 'w');
select count(*) from stratified(null, sensitive => 'w');

-- A weight that is the same for all rows of a group changes no conditional number.
select bool_and(abs(p.mantel_haenszel - w.mantel_haenszel) < 1e-9 and abs(p.mantel_haenszel_lower - w.mantel_haenszel_lower) < 1e-9
                and abs(p.cmh - w.cmh) < 1e-9 and abs(p.breslow_day - w.breslow_day) < 1e-6) as unchanged
from stratified((select array_agg(x) from (select confusion_agg(y, p, g) as x from rows group by i % 4) as t), reference => 'a', sensitive => 'b') as p,
     stratified((select array_agg(x) from (select confusion_agg(y, p, g, case g when 'b' then 1000 else 0.5 end) as x from rows group by i % 4) as t), reference => 'a', sensitive => 'b') as w;
-- One rate is the same in all groups, the other is not: the odds differ.
select metric, value, p_value < 1e-10 as certain, test from metrics('{"groups": {"a": {"tp": 100, "fp": 80, "tn": 20}, "b": {"tp": 100, "fp": 20, "tn": 80}}}') where metric = 'equalized_odds_difference';
-- Exactly four fifths is not below; of two that are selected alike the larger is compared with; what one person moves is
-- looked at against whoever is then the most selected.
select sensitive, most_selected, impact_ratio, below_four_fifths, one_person_flips from impact_ratios('{"groups": {"a": {"tp": 3, "fn": 2}, "b": {"tp": 6, "fn": 2}, "c": {"tp": 60, "fn": 20}}}');
select sensitive, round(ratio_one_person::numeric, 4) as ratio from impact_ratios('{"groups": {"a": {"tp": 31, "fn": 69}, "b": {"tp": 80, "fn": 120}, "c": {"tp": 40, "fn": 60}}}');
-- The size that is shown is the size that is judged.
set fairdb.min_group to 10;
select sensitive, n, unknown_prediction, selection_rate, suppressed from impact_ratios('{"groups": {"a": {"tp": 2, "positive_unknown": 10}, "b": {"tp": 30, "fn": 30}, "c": {"tp": 20, "fn": 15}}}');
reset fairdb.min_group;

-- Small groups hidden, and one more where one alone could be computed.
select sensitive, n, n_selected, suppressed from suppress('{"groups": {"a": {"tp": 50}, "b": {"tp": 3}, "c": {"tp": 20}, "d": {"tp": 12}}}', 10);
select sensitive, n, suppressed from suppress('{"groups": {"a": {"tp": 50}, "b": {"tp": 3}, "c": {"tp": 4}}}', 10);
select sensitive, n, suppressed from suppress('{"groups": {"a": {"tp": 50}, "b": {"tp": 3}, "c": {"tp": 4}}, "unknown": {"tp": 5}}', 10);
select sensitive, n, suppressed from suppress('{"groups": {"a": {"tp": 50}, "b": {"tp": 30}}}', 10);
select * from suppress('{"groups": {}}', -1);
set fairdb.min_group to 10;
select sensitive, n, suppressed from by_group('{"groups": {"a": {"tp": 50}, "b": {"tp": 3}, "c": {"tp": 20}}}');
select sensitive, value, suppressed from rate_by_group('{"groups": {"a": {"tp": 50}, "b": {"tp": 3}, "c": {"tp": 20}}}', 'tpr');
select sensitive, reference, difference, suppressed from compare_groups('{"groups": {"a": {"tp": 50}, "b": {"tp": 3}, "c": {"tp": 20}, "d": {"tp": 60}}}', 'tpr');
select sensitive, n, impact_ratio, suppressed from impact_ratios('{"groups": {"a": {"tp": 50}, "b": {"tp": 3}, "c": {"tp": 20}}}');
-- A hidden group gives nothing away as the one that others are compared with, nor by a smaller k.
select sensitive, selection_rate, impact_ratio, shortfall, suppressed from impact_ratios('{"groups": {"a": {"tp": 50, "fn": 50}, "b": {"tp": 3}, "c": {"tp": 30, "fn": 10}, "d": {"tp": 20, "fn": 9}}}');
select sensitive, n from suppress('{"groups": {"a": {"tp": 50}, "b": {"tp": 3}, "c": {"tp": 20}, "d": {"tp": 60}}}', 0);
reset fairdb.min_group;
set fairdb.min_group to -1;
create role regress_fairdb_auditor;
set role regress_fairdb_auditor;
set fairdb.min_group to 0;
reset role;
drop role regress_fairdb_auditor;

-- A tie is little evidence when it is of one row each, and more of five: the interval says so.
select x, round(value::numeric, 2) as value, round(lower::numeric, 2) as lower, upper
from (values (1), (2), (5), (20)) as t(x),
     metrics(format('{"groups": {"a": {"unknown_selected": %s, "unknown_rejected": %s}, "b": {"unknown_selected": %1$s, "unknown_rejected": %2$s}}}', x, 50 - x)::confusion)
where metric = 'demographic_parity_ratio' order by x;
-- Rare events of many rows: the limits are in proportion to the gap, however small it is.
select n, round((value * n)::numeric, 1) as value, round((lower * n)::numeric) as lower, round((upper * n)::numeric) as upper
from (values (1e5), (1e8), (1e11)) as t(n), metrics(format('{"groups": {"a": {"unknown_selected": 100, "unknown_rejected": %s}, "b": {"unknown_selected": 200, "unknown_rejected": %s}}}', n::bigint - 100, n::bigint - 200)::confusion)
where metric = 'demographic_parity_difference' order by n;
-- Where the interval of the largest gap and the test of all groups disagree, a note says which asks what.
select metric, round(lower::numeric, 3) as lower, round(p_value::numeric, 4) as p_value, note
from metrics('{"groups": {"a": {"unknown_selected": 27, "unknown_rejected": 73}, "b": {"unknown_selected": 45, "unknown_rejected": 55},
  "c": {"unknown_selected": 28, "unknown_rejected": 72}, "d": {"unknown_selected": 3, "unknown_rejected": 7},
  "e": {"unknown_selected": 5, "unknown_rejected": 5}}}') where metric like 'demographic_parity%';
select metric, round(lower::numeric, 3) as lower, round(p_value::numeric, 4) as p_value, note
from metrics('{"groups": {"a": {"unknown_selected": 300, "unknown_rejected": 700}, "b": {"unknown_selected": 440, "unknown_rejected": 560}}}')
where metric like 'demographic_parity%';
select count(*), min(note) from metrics((select confusion_agg(null, i % 3 = 0, i % 201) from generate_series(1, 2010) i)) where metric = 'demographic_parity_difference';
drop table rows, c, rate, whole, counts, odd;
