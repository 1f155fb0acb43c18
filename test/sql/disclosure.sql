-- What fairdb.min_group withholds: rows of few people, few people within a row, and what would tell them.
\pset null <NULL>
set search_path to public, fairdb;

-- Nobody of the small groups was selected, which must not follow from the others.
create table small as
  select case when i <= 100 then 'a' when i <= 103 then 'b' else 'c' end as r, case when i % 2 = 0 then 'f' else 'm' end as s, i <= 40 as p from generate_series(1, 118) as i;
select attributes, sensitive, n, n_selected, selection_rate, suppressed from audit('small', null, 'p', '{r,s}', min_group => 5);
select attributes, sensitive, n, n_selected from audit('small', null, 'p', '{r,s}', min_group => 0) where sensitive in ('a', 'b', 'f');

-- Within a row: three selected people are not told, nor their complement; nobody is no secret of a large group.
set fairdb.min_group = 5;
\set counts '{"groups": {"a": {"unknown_selected": 50, "unknown_rejected": 70}, "b": {"unknown_selected": 3, "unknown_rejected": 90}, "c": {"unknown_rejected": 80}}}'
select sensitive, n, n_selected, selection_rate, suppressed from by_group(:'counts');
select sensitive, n, value, suppressed from rate_by_group(:'counts', 'selection_rate');
select sensitive, reference, difference, suppressed from compare_groups(:'counts', 'selection_rate');
select sensitive, n, n_selected, selection_rate, impact_ratio, suppressed from impact_ratios(:'counts');
-- The most selected of those that are shown: of all, it would bound the withheld ones.
select sensitive, n, n_selected, most_selected, impact_ratio, suppressed from impact_ratios('{"groups": {"a": {"unknown_selected": 52, "unknown_rejected": 1}, "c": {"unknown_selected": 975, "unknown_rejected": 25}, "e": {"unknown_selected": 400, "unknown_rejected": 100}}}');
-- A rate of one person is not told, whatever the size of the group.
\set labelled '{"groups": {"a": {"tp": 1, "fp": 20, "tn": 60}, "b": {"tp": 20, "fn": 15, "fp": 9, "tn": 31}}}'
select sensitive, n, value, suppressed from rate_by_group(:'labelled', 'true_positive_rate');
select sensitive, n, n_positive, n_selected, true_positives, false_positives, true_positive_rate, false_positive_rate, accuracy, suppressed from by_group(:'labelled');
-- Several classes, errors, scores.
select sensitive, y_pred, n, share, suppressed from multiclass_counts(
  $$select 'a' as g, case when i <= 3 then 'high' when i <= 20 then 'middle' else 'low' end as c, 'x' as t from generate_series(1, 60) as i$$, 't', 'c', '{g}');
select sensitive, n, n_unknown, mae is null as hidden, suppressed from regression_by_group(
  $$select case when i <= 30 then 'a' when i <= 60 then 'b' else 'c' end as g, i::float8 as p, case when i % 30 < 3 or i > 60 then i + 1.0 end as y from generate_series(1, 90) as i$$, 'y', 'p', '{g}');
select sensitive, bin, weight, suppressed from histogram((select distribution_agg(x, 'a'::text) from (select i / 20.0 as x from generate_series(1, 60) as i union all select 5.9 from generate_series(1, 3)) as t), 3);
select sensitive, n, n_positive, auc is null as hidden, suppressed from auc_by_group((select distribution_agg(i / 100.0, row('a', i > 97)) from generate_series(1, 100) as i));
select bin, n, observed_rate, suppressed from calibration_by_group((select distribution_agg(i / 100.0, row('a', i % 10 < i / 20)) from generate_series(1, 100) as i), 4);
reset fairdb.min_group;
-- What is withheld does not depend on how the server happens to group.
create table many as select (array['a', 'b', 'c'])[1 + (i * 7) % 3] as r, (i * 11) % 5 as s, (i * 13) % 17 < 3 as p, (i * 5) % 19 < 4 as y from generate_series(1, 700) as i;
create table one as select * from audit('many', 'y', 'p', '{r,s}', min_group => 10);
set enable_hashagg = off;
create table other as select * from audit('select * from many order by md5(many::text)', 'y', 'p', '{r,s}', min_group => 10);
reset enable_hashagg;
select count(*) as rows, count(*) filter (where suppressed) as suppressed, count(n_selected) as selections,
       (select count(*) from (select one::text from one except select other::text from other) as d) as differ from one;
drop table small, many, one, other;
