-- Ranking and calibration by group, against their definitions in plain SQL.
\pset null <NULL>
set search_path to public, fairdb;
create table loans as
select i, (i * 7919) % 101 / 100.0::float8 as score, case when i % 29 <> 0 then (i * 7919) % 101 + (i * 31) % 60 > 70 + 8 * (i % 3) end as y,
       case when i % 37 <> 0 then (array['a', 'b, "c"', 'd\e'])[1 + i % 3] end as g
from generate_series(1, 1500) as i;
create table law as select distribution_agg(score, row(g, y)) as l from loans;
-- Area under the ROC curve: the share of pairs in the right order; DeLong's variance from each row's share.
with pairs as (select p.i as p, n.i as n, p.g, (p.score > n.score)::int + (p.score = n.score)::int / 2.0::float8 as won
               from loans as p join loans as n using (g) where p.y and not n.y),
positive as (select g, p, avg(won) as won from pairs group by g, p), negative as (select g, n, avg(won) as won from pairs group by g, n),
expected as (select g, avg(won) as auc, var_samp(won) / count(*) as v, count(*) as n from positive group by g)
select sensitive, a.n = (select count(y) from loans where loans.g = a.sensitive) as n, a.n_positive = e.n as n_positive, abs(a.auc - e.auc) < 1e-9 as auc,
       abs(standard_error - sqrt(v + (select var_samp(won) / count(*) from negative where negative.g = a.sensitive))) < 1e-9 as standard_error,
       lower < a.auc and a.auc < upper as inside
from law, auc_by_group(l) as a join expected as e on e.g = a.sensitive order by 1;
-- Bins, their means and rates; the errors made of them.
select count(*) as bins, bool_and(c.n = e.n) as n, bool_and(abs(mean_score - e.score) < 1e-9) as mean_score, bool_and(abs(observed_rate - rate) < 1e-9) as observed_rate,
       bool_and(lower < observed_rate and observed_rate < upper or observed_rate in (0, 1)) as inside
from law, calibration_by_group(l, 7) as c
join (select g, least(floor(score * 7), 6) + 1 as bin, count(*) as n, avg(score) as score, avg(y::int)::float8 as rate from loans where y is not null and g is not null group by 1, 2) as e
  on (e.g, e.bin) = (c.sensitive, c.bin);
select sensitive, abs(brier - e.b) < 1e-9 as brier, brier_lower < brier and brier < brier_upper as inside,
       abs(calibration_error - (select sum(n * abs(mean_score - observed_rate)) / sum(n) from calibration_by_group(l) as c where c.sensitive = p.sensitive)) < 1e-9 as calibration_error
from law, probability_errors_by_group(l) as p join (select g, avg((score - y::int) ^ 2) as b from loans group by g) as e on e.g = p.sensitive order by 1;
select metric, abs(value - case metric when 'auc_difference' then (select max(auc) - min(auc) from auc_by_group(l))
         when 'brier_difference' then (select max(brier) - min(brier) from probability_errors_by_group(l))
         else (select max(calibration_error) - min(calibration_error) from probability_errors_by_group(l)) end) < 1e-12 as value,
       lower <= value and value <= upper as inside, p_value between 0 and 1 as p_value, test, n_groups, n_estimable
from law, score_gaps(l) as s;
-- The area needs no probabilities; calibration does. Several attributes make one group.
select sensitive, round(auc::numeric, 9) as auc from auc_by_group((select distribution_agg(100 * score - 7, row(g, y)) from loans)) where sensitive = 'a';
select sensitive, n from auc_by_group((select distribution_agg(score, row(g, i % 2, y)) from loans)) order by 1;
select n = (select count(*) from loans where y is null or g is null) as unknown, n_positive, auc from law, auc_by_group(l) where sensitive is null;
select metric, round(value::numeric, 6) as value, lower > 0 as apart, n_estimable from score_gaps((select distribution_agg(s, row(g, y)) from
  (select 'perfect' as g, i / 200.0 as s, i > 100 as y from generate_series(1, 200) as i union all select 'poor', (i * 37 % 100) / 100.0, i > 100 from generate_series(1, 200) as i) as t)) where metric = 'auc_difference';
select metric, value is null as none from score_gaps((select distribution_agg(100 * score, row(g, y)) from loans));
select * from calibration_by_group((select distribution_agg(100 * score, row(g, y)) from loans));
select sensitive, n, n_positive, auc, round(lower::numeric, 6) as lower, standard_error from auc_by_group((select distribution_agg(s, row(g, y)) from
  (values (1.0, 'one label', true), (2, 'one label', true), (1, 'one each', true), (2, 'one each', false), (1, 'apart', false), (1, 'apart', false), (2, 'apart', true), (3, 'apart', true)) as t(s, g, y)));
select * from auc_by_group((select distribution_agg(score, g) from loans));
select * from auc_by_group((select distribution_agg(score, row(g, i % 2)) from loans));
select * from auc_by_group((select distribution_agg(score, array[g, y::text]) from loans));
select * from calibration_by_group((select l from law), 0);
select * from calibration_by_group((select l from law), 1001);
select * from calibration_by_group((select l from law), null);
select * from auc_by_group((select l from law), 2);
select count(*) from auc_by_group(null);
select * from score_gaps('{"groups": {}}');
set fairdb.min_group to 5;
select sensitive, n, auc, suppressed from auc_by_group((select distribution_agg(s, row(g, y)) from
  (values (1.0, 'small', true), (2, 'small', false)) as t(s, g, y))) union all
select sensitive, n, round(auc::numeric, 4)::float8, suppressed from law, auc_by_group(l);
reset fairdb.min_group;
drop table loans, law;
