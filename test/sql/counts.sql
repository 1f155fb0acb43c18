-- Confusions from counts, attributes as keys, marginals of intersections, and groups that are the same everywhere.
create schema counts;
set search_path to counts, public, fairdb;
\pset null <NULL>
create table people as
select i, (array['f', 'm', null])[1 + i % 3] as sex, (array['a', 'b c', '(d,"e")', null])[1 + i % 4] as race, i % 5 < 2 as y, case when i % 11 > 0 then i % 7 < 3 end as p
from generate_series(1, 1000) as i;

-- Rows that were counted already, in any order, parallel, and beyond 32 bits.
select confusion_from_counts(y, p, sex, n) = (select confusion_agg(y, p, sex) from people) as text,
  confusion_from_counts(y, p, row(sex, race), n) = (select confusion_agg(y, p, row(sex, race)) from people) as rows
from (select y, p, sex, race, count(*) as n from people group by 1, 2, 3, 4) as t;
select by_group(confusion_from_counts(true, true, 'a', n)) from (values (5000000000), (0), (3)) as t (n);
select confusion_from_counts(true, true, 'a', 0), confusion_from_counts(null, true, null::text, 2);
select confusion_from_counts(true, true, 'a', -1);
select confusion_from_counts(true, true, 'a', null);
select confusion_from_counts(true, true, 'a', 9223372036854775807);
-- A confusion is its counts, as jsonb too; a name that is none is answered with those that are.
select c::jsonb as counts, c::jsonb::confusion = c as same from (select confusion_agg(y, p, sex) as c from people) as t;
select '{"groups": {"a": {"tq": 1}}}'::confusion;

-- A key names what a row names.
select key(sex, race), count(*) from people group by 1 order by 1;
select confusion_agg(y, p, key(sex, race)) = confusion_agg(y, p, row(sex, race)) as same, distribution_agg(i, key(sex)) = distribution_agg(i, row(sex)) as one from people;
select key('a', null), key('ü', '', ' ', 'a,b', 'a"b', 'a\b');
select key(repeat('x', 3000), 'y');
-- One stored intersection answers for every attribute.
with t as (select confusion_agg(y, p, row(sex, race)) as c, confusion_agg(y, p, row(sex, race), 1 + i / 7.0) as w from people)
select marginal(c, '{1}') = (select confusion_agg(y, p, case when race is not null then sex end) from people) as first,
  marginal(c, '{2,1}') = (select confusion_agg(y, p, key(race, sex)) from people) as turned, marginal(c, '{1,2}') = c as all,
  marginal(w, '{2}') = (select confusion_agg(y, p, case when sex is not null then race end, 1 + i / 7.0) from people) as weighted
from t;
select marginal(c, '{3}') from (select confusion_agg(y, p, row(sex, race)) as c from people where sex = 'f' and race = 'a') as t;
select marginal(confusion_agg(y, p, sex), '{1}') from people;
select marginal(c, '{1,1}') from (select confusion_agg(y, p, row(sex, race)) as c from people) as t;
select marginal(c, '{}') from (select confusion_agg(y, p, row(sex, race)) as c from people) as t;
select marginal(c, '{NULL}') from (select confusion_agg(y, p, row(sex, race)) as c from people) as t;
select marginal(null, '{1}');

-- What the server takes for equal and writes differently is two groups, in the tables of a source as in the aggregates.
create table spans as select (array['1 day', '24 hours'])[1 + i % 2]::interval as v, i % 5 < 2 as y, i % 3 < 1 as p, i / 10.0::float8 as x from generate_series(1, 100) as i;
select sensitive, n from audit('spans', 'y', 'p', '{v}') union all select sensitive, n from by_group((select confusion_agg(y, p, v) from spans));
select sensitive, n from regression_by_group('spans', 'x', 'x', '{v}');
-- An intersection of texts has the names that it had.
select attributes, sensitive, n from audit('people', 'y', 'p', '{sex,race}') where sensitive like '(%' order by 2;

-- Gaps of errors, with the groups that make them.
select metric, round(value::numeric, 6) as value, lower <= value and value <= upper as inside, p_value < 0.001 as differ, test, n_groups, n_estimable, group_low, group_high
from regression_gaps('select *, i % 10 as t, i % 10 + case sex when ''f'' then 1 else 2 end * (i % 7 - 3.2) as e from people', 't', 'e', '{sex}');
with e as (select sex, e - t as e from (select sex, i % 10 as t, i % 10 + case sex when 'f' then 1 else 2 end * (i % 7 - 3.2) as e from people where sex is not null) as x),
g as (select sex, avg(abs(e)) as mae, sqrt(avg(e * e)) as rmse, avg(e) as bias, stddev_samp(abs(e)) / sqrt(count(*)) as s, count(*) as n from e group by sex)
select abs(value - (max(mae) - min(mae))) < 1e-9 as value, (upper - value) / sqrt(sum(s * s)) between 1.9648 and 1.9649 as upper, floor(sum(s * s) ^ 2 / sum(s ^ 4 / (n - 1))) as df
from g, regression_gaps('select *, i % 10 as t, i % 10 + case sex when ''f'' then 1 else 2 end * (i % 7 - 3.2) as e from people', 't', 'e', '{sex}') where metric = 'mae_difference' group by value, upper;
select metric, value, lower, group_low from regression_gaps('select sex, 1 as t, case sex when ''f'' then 1 else 3 end as e from people', 't', 'e', '{sex}');
select metric, value, n_estimable from regression_gaps('people', 'i', 'i', '{sex}', level => 0.9);
-- A group of one row has no error of its mean: the others are compared, and the gap may be of any size.
select a.metric, abs(a.value - b.value) > 1 as larger, round((a.lower - b.lower)::numeric, 9) as lower, case when a.upper < 'Infinity' then round(a.upper::numeric, 9)::text else a.upper::text end as upper, round((a.p_value - b.p_value)::numeric, 9) as p_value, a.n_estimable, a.group_high
from regression_gaps('select g, t, t + e as e from (select i % 2 as g, i % 10 as t, i % 7 * (1 + i % 2) as e from people union all select 2, 0, 100) as x', 't', 'e', 'g') as a,
  regression_gaps('select i % 2 as g, i % 10 as t, i % 10 + i % 7 * (1 + i % 2) as e from people', 't', 'e', 'g') as b where a.metric = b.metric;
-- Numbers whose squares are 0 are not an error.
select metric, value > 0 as positive from regression_gaps('select i % 2 as g, 0 as t, case when i < 3 then 1e-170::float8 when i < 5 then 1e-90::float8 else sin(i) end as e from people', 't', 'e', 'g');
select sensitive, n, round((mae * 1e200)::numeric, 9) as mae, rmse from regression_by_group('select 1 as g, 0 as t, 1e-200::float8 as e from people', 't', 'e', 'g');
select metric, round(value::numeric, 9) as value, lower, upper, p_value, n_estimable, note from regression_gaps('select i as g, 0 as t, i as e from people limit 3', 't', 'e', 'g');
select metric, value, case when upper < 'Infinity' then round(upper::numeric, 9)::text else upper::text end as upper, note from regression_gaps('select i % 2 as g, 0 as t, (i / 2) % 2 * 2 - 1 as e from people', 't', 'e', 'g');
select metric, value, note from regression_gaps('select 1 as g, 0 as t, i as e from people', 't', 'e', 'g') limit 2;
-- One row, beside one group, two, or one without any error: of any distance from each.
select others, metric, round(value::numeric, 9) as value, lower, upper, p_value is not null as tested, n_estimable, note
from unnest(array['0', '0,1', '0,2']) as others, lateral regression_gaps('select g, 0 as t, e from (select i % 3 as g, case when i % 3 < 2 then 1 + i % 7 else 0 end as e from people) as p where g in (' || others || ') union all select 9, 0, 5', 't', 'e', 'g') as r
where metric ~ '^mae' order by others, metric;
select * from regression_gaps('people', 'i', 'i', '{sex}', level => 1);
-- The extremes of a rate, of metrics, and the names of other tools.
select * from extreme_groups((select confusion_agg(y, p, race) from people), 'selection_rate');
select * from extreme_groups((select confusion_agg(y, p, 'a'::text) from people), 'tpr');
select metric, group_low, group_high, round(value::numeric, 6) as value from metrics((select confusion_agg(y, p, race) from people), names => '{equalized_odds_difference,accuracy_ratio}');
select * from metrics((select confusion_agg(y, p, race) from people), names => '{dppl}');
select metric, value is not null as known from metrics((select confusion_agg(y, p, sex) from people), reference => 'f', names => '{dppl,f1_difference}');
select * from metrics((select confusion_agg(y, p, race) from people), names => '{cddl}');
with c as (select confusion_agg(y, p, sex) as c from people)
select metric(c, 'accuracy_score_difference') = metric(c, 'accuracy_difference') as fairlearn, metric(c, 'recall_score_group_min') = metric(c, 'true_positive_rate_group_min') as recall,
  metric(c, 'DPPL', reference => 'f') = metric(c, 'dppl', reference => 'f') as clarify, metric(c, 'class_imbalance', reference => 'f') = metric(c, 'representation_difference', reference => 'f') as aif360,
  metric(c, 'zero_one_loss_ratio') = (1 - metric(c, 'accuracy_group_max')) / (1 - metric(c, 'accuracy_group_min')) as loss, metric(c, 'zero_one_loss_group_max') = 1 - metric(c, 'accuracy_group_min') as largest
from c;
-- A permutation test is one test, whatever it finds.
select round(p_value::numeric, 2) as p_value, test from metrics((select confusion_from_counts(null, p, g, n) from (values ('a', true, 24), ('a', false, 6), ('b', true, 50), ('b', false, 11), ('c', true, 15), ('c', false, 7), ('d', true, 148), ('d', false, 39)) as t (g, p, n)),
  names => '{demographic_parity_difference}');

-- One stored intersection answers as the source does, also for what is withheld; but whoever lacks an attribute is of unknown group.
create view whole as select * from people where sex is not null and race is not null;
create table stored as select confusion_agg(y, p, row(sex, race)) as c, confusion_agg(y, p, key(sex, race), 0.5 + i % 3) as w, confusion_agg(y, p, sex) as one from whole;
select count(*) as rows, count(*) filter (where (source = value) is not true) as different
from (select t as source from audit('whole', 'y', 'p', '{sex,race}') as t) as a full join (select t as value from stored, audit(stored.c, '{sex,race}') as t) as b on source = value;
select count(*) as rows, count(*) filter (where (source = value) is not true) as different
from (select t as source from audit('select *, 0.5 + i % 3 as w from whole', 'y', 'p', '{sex,race}', weight => 'w') as t) as a full join (select t as value from stored, audit(stored.w, '{sex,race}') as t) as b on source = value;
select count(*) as rows, count(*) filter (where (source = value) is not true) as different, count(*) filter (where (source).suppressed) as suppressed
from (select t as source from audit('whole', 'y', 'p', '{sex,race}', min_group => 6) as t) as a full join (select t as value from stored, audit(stored.c, '{sex,race}', min_group => 6) as t) as b on source = value;
select a.attributes, a.sensitive, a.n from stored, audit(one, 'sex') as a;
select a.attributes, a.sensitive, a.n from (select confusion_agg(y, p, key(sex)) as c from whole) as t, audit(c, 'sex') as a;
select a.attributes, sum(a.n) filter (where sensitive is null) as unknown, sum(a.n) as n from (select confusion_agg(y, p, row(sex, race)) as c from people) as t, audit(c, '{sex,race}') as a group by 1 order by cardinality(a.attributes), 1;
select count(*) from audit(null::confusion, '{sex}');
select count(*) from audit((select confusion_agg(y, p, sex) from people where false), '{sex}');
select a.n from stored, audit(one, '{sex,race}') as a;
select a.n from stored, audit(c, '{sex,race,age}') as a;
select a.n from stored, audit(c, 'sex') as a;
select a.n from stored, audit(c, '{}') as a;
select a.n from stored, audit(c, null) as a;
select a.n from stored, audit(c, '{sex,sex}') as a;
select a.n from stored, audit(c, '{sex,race}', min_group => -1) as a;
select a.n from stored, audit(c, '{a,b,c,d,e,f}') as a;
drop schema counts cascade;
