-- Cases in which other tools give a wrong or a silent answer, with the right one. What they answer was
-- measured with fairlearn 0.15, AIF360 of 2026-06, SageMaker Clarify of 2025-04, aequitas of 2025-03.
\pset null <NULL>
set search_path to public, fairdb;

-- A group without positive labels. fairlearn: true positive rate 0, gap 0.667. Clarify: RD 0.5.
-- AIF360: equalized odds is silently the part of the false positive rate, 0.25.
create table none_positive (y bool, p bool, g text);
insert into none_positive values (true, true, 'a'), (true, true, 'a'), (true, false, 'a'), (false, false, 'a'), (false, true, 'a'),
  (false, true, 'b'), (false, false, 'b'), (false, false, 'b'), (false, false, 'b');
select equal_opportunity_difference(y, p, g), equalized_odds_difference(y, p, g), demographic_parity_difference(p, g) from none_positive;
select sensitive, true_positive_rate from by_group((select confusion_agg(y, p, g) from none_positive));
select metric, value, n_groups, n_estimable from metrics((select confusion_agg(y, p, g) from none_positive)) where metric in ('equal_opportunity_difference', 'equalized_odds_difference');
select metric(confusion_agg(y, p, g), 'rd', 'a', 'b') as rd from none_positive;

-- Rows of unknown group. fairlearn: out of the groups, yet in overall; an error with two columns. Clarify:
-- on the side of the advantaged. aequitas: dropped. Here: counted, shown, in no gap, and the whole of a
-- comparison with all of them together is that of the known groups.
create table no_group (p bool, sex text, race text);
insert into no_group values (true, 'f', 'a'), (false, 'f', 'b'), (true, 'm', 'a'), (true, 'm', 'b'), (false, null, 'a'), (false, null, 'b'), (false, 'm', null);
select sensitive, n, selection_rate from by_group((select confusion_agg(null, p, sex) from no_group));
select round(difference(confusion_agg(null, p, sex), 'selection_rate', method => 'to_overall')::numeric, 12) as known_only,
       metric(confusion_agg(null, p, sex), 'ci', 'm', 'f') as ci, metric(confusion_agg(null, p, sex), 'ci', sensitive => 'f') as ci_against_rest from no_group;
select sensitive, n from by_group((select confusion_agg(null, p, row(sex, race)) from no_group));

-- Unknown predictions. fairlearn: NaN counts as not selected. Clarify: not positive, so negative.
select sensitive, n, selection_rate, unknown_prediction from by_group((select confusion_agg(null, p, 'all') from (values (true), (null), (null), (false)) as t(p)));

-- Negative weights. fairlearn accepts them and reports a gap of 2.
select demographic_parity_difference(p, g, w) from (values (true, 'a', 2.0), (false, 'a', -1.0), (false, 'b', 1.0)) as t(p, g, w);
-- A group of total weight 0. fairlearn leaves it out without a word.
select metric, value, n_groups, n_estimable from metrics((select confusion_agg(null, p, g, w::float8) from (values (true, 'a', 1), (false, 'b', 1), (true, 'c', 0)) as t(p, g, w))) limit 1;

-- One group. fairlearn: difference 0, ratio 1, as if all were well.
select demographic_parity_difference(true, 'only'::text), demographic_parity_ratio(true, 'only'::text);

-- Division by zero: aequitas caps the ratio at 10, Clarify takes 0/0 for 0.
select metric(c, 'disparate_impact', 'b', 'a') as x_over_0, metric(c, 'disparate_impact', 'c', 'b') as zero_over_zero
from (select '{"groups": {"a": {"unknown_selected": 1}, "b": {"unknown_rejected": 3}, "c": {"unknown_rejected": 2}}}'::confusion as c) as t;

-- Differences that cancel: AIF360's average odds difference is 0 when both rates differ by opposite amounts.
select round(metric(c, 'average_odds_difference', 'b', 'a')::numeric, 12) as cancels, round(metric(c, 'average_abs_odds_difference', 'b', 'a')::numeric, 12) as does_not,
       metric(c, 'equalized_odds_difference') as equalized_odds
from (select '{"groups": {"a": {"tp": 6, "fn": 4, "fp": 2, "tn": 8}, "b": {"tp": 4, "fn": 6, "fp": 4, "tn": 6}}}'::confusion as c) as t;

-- Generalized entropy at alpha 0: AIF360 (and holisticai) divide the logarithm by the mean. Benefits 1, 1, 1, 2:
-- the published value is the mean of -ln(b / 1.25).
select round(generalized_entropy(c, 0)::numeric, 12) as ours, round((-(3 * ln(1 / 1.25) + ln(2 / 1.25)) / 4)::numeric, 12) as published
from (select '{"groups": {"a": {"tp": 3, "fp": 1}}}'::confusion as c) as t;
-- The coefficient of variation: holisticai 2 sqrt(GEI), AIF360 and the definition sqrt(2 GEI).
select abs(metric(c, 'coefficient_of_variation') - stddev / mean) < 1e-12 as is_stddev_by_mean
from (select '{"groups": {"a": {"tp": 3, "fp": 1}}}'::confusion as c) as t, (select stddev_pop(b) as stddev, avg(b) as mean from (values (1.0), (1), (1), (2)) as t(b)) as s;

-- Class imbalance: AIF360 and Clarify give opposite signs to one name. Both are here, by different names.
select metric(c, 'ci', 'many', 'few') as clarify, metric(c, 'representation_difference', 'many', 'few') as aif360
from (select '{"groups": {"few": {"unknown_selected": 1}, "many": {"unknown_selected": 3}}}'::confusion as c) as t;

-- Labels that one side lacks: Clarify leaves the class out, and {1, 2} against {0, 2} has divergence 0.
select kl, round(js::numeric, 6) as js, tvd from label_divergences($$values ('a', 1), ('a', 2), ('b', 0), ('b', 2)$$, 'column2', '{column1}', 'b', 'a');
-- Few rows of 0/1: Clarify takes such a column for continuous, and DPL is 0 without an error.
select metric(confusion_agg(y = 1, null, g), 'dpl', 'a', 'b') as dpl
from (values (1, 'a'), (1, 'a'), (1, 'a'), (0, 'a'), (1, 'b'), (0, 'b'), (0, 'b'), (0, 'b')) as t(y, g);

-- The false positive rate of two groups is the same, 0.2: aequitas tests the false discovery rate instead, p = 0.
select round(p_value::numeric, 6) as p_value, test from compare_groups('{"groups": {"a": {"fp": 20, "tn": 80, "tp": 200}, "b": {"fp": 200, "tn": 800, "tp": 10}}}', 'fpr', 'b');

-- Three groups of 100 that are alike: none of 200 percentile intervals of fairlearn's bootstrap contained 0.
select lower, round(upper::numeric, 3) as upper, round(p_value::numeric, 4) as p_value
from metrics('{"groups": {"a": {"unknown_selected": 50, "unknown_rejected": 50}, "b": {"unknown_selected": 54, "unknown_rejected": 46}, "c": {"unknown_selected": 47, "unknown_rejected": 53}}}')
where metric = 'demographic_parity_difference';

-- Attributes glued together without a separator: ('a', 'bc') and ('ab', 'c') are one group in equipy.
select sensitive, n from by_group((select confusion_agg(null, true, row(x, z)) from (values ('a', 'bc'), ('ab', 'c'), ('a,b', 'c'), ('a', 'b,c')) as t(x, z)));

-- KS of scores: Clarify's KS compares shares of classes; this is the distance of distribution functions.
select ks_distance(s, g) from (values (1.0, 'a'), (2, 'a'), (3, 'b'), (4, 'b')) as t(s, g);

drop table none_positive, no_group;
