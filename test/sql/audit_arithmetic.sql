-- Weights, arithmetic, equality, windows: against counting the same rows again in plain SQL.
\pset null <NULL>
set search_path to public, fairdb;
-- Random rows of one seed; what is printed does not depend on them.
\set seed 0.314
\echo seed :seed
select setseed(:seed);
create table rows as
select i, date '2026-01-01' + i / 40 as day, case when random() > 0.06 then random() < 0.45 end as y,
       case when random() > 0.08 then random() < 0.4 end as p,
       case when random() > 0.05 then (array['a', 'b', 'c', 'd'])[1 + floor(random() * 4)::int] end as g,
       case when random() > 0.04 then greatest(0, random() * 15 - 1) end as w
from generate_series(1, 2000) as i;

-- Weighted rates of a group: sums of weights in plain SQL.
select b.sensitive, b.n = count(w) as n, b.unknown_weight = count(*) - count(w) as unknown_weight,
       abs(b.weight - sum(w)) < 1e-9 as weight,
       abs(b.effective_n - sum(w) ^ 2 / sum(w * w)) < 1e-9 as effective_n,
       abs(b.selection_rate - sum(w) filter (where p) / sum(w) filter (where p is not null)) < 1e-12 as sr,
       abs(b.base_rate - sum(w) filter (where y) / sum(w) filter (where y is not null)) < 1e-12 as br,
       abs(b.true_positive_rate - sum(w) filter (where p and y) / sum(w) filter (where p is not null and y)) < 1e-12 as tpr,
       abs(b.false_positive_rate - sum(w) filter (where p and not y) / sum(w) filter (where p is not null and not y)) < 1e-12 as fpr,
       abs(b.precision - sum(w) filter (where p and y) / sum(w) filter (where p and y is not null)) < 1e-12 as ppv,
       abs(b.negative_predictive_value - sum(w) filter (where not p and not y) / sum(w) filter (where not p and y is not null)) < 1e-12 as npv,
       abs(b.accuracy - sum(w) filter (where p = y) / sum(w) filter (where (p = y) is not null)) < 1e-12 as accuracy,
       abs(b.label_coverage - count(y) filter (where w is not null)::float8 / count(w)) < 1e-12 as coverage
from by_group((select confusion_agg(y, p, g, w) from rows)) as b join rows on g is not distinct from sensitive
group by b.sensitive, b.n, b.unknown_weight, b.weight, b.effective_n, b.selection_rate, b.base_rate, b.true_positive_rate,
  b.false_positive_rate, b.precision, b.negative_predictive_value, b.accuracy, b.label_coverage order by 1;
with rate as (
  select g, sum(w) filter (where p) / sum(w) filter (where p is not null) as sr,
         sum(w) filter (where p and y) / sum(w) filter (where p is not null and y) as tpr,
         sum(w) filter (where p and not y) / sum(w) filter (where p is not null and not y) as fpr
  from rows where g is not null group by g),
expected as (
  select max(sr) - min(sr) as dpd, min(sr) / max(sr) as dpr, max(tpr) - min(tpr) as eod, min(tpr) / max(tpr) as eor,
         greatest(max(tpr) - min(tpr), max(fpr) - min(fpr)) as odd, least(min(tpr) / max(tpr), min(fpr) / max(fpr)) as odr from rate)
select abs(demographic_parity_difference(p, g, w) - min(dpd)) < 1e-12 as dpd,
       abs(demographic_parity_ratio(p, g, w) - min(dpr)) < 1e-12 as dpr,
       abs(equal_opportunity_difference(y, p, g, w) - min(eod)) < 1e-12 as eod,
       abs(equal_opportunity_ratio(y, p, g, w) - min(eor)) < 1e-12 as eor,
       abs(equalized_odds_difference(y, p, g, w) - min(odd)) < 1e-12 as odd,
       abs(equalized_odds_ratio(y, p, g, w) - min(odr)) < 1e-12 as odr,
       demographic_parity_difference(p, g::name, w) = demographic_parity_difference(p, g, w) as anyelement
from rows, expected;

-- Weights of 1 change no rate; they change what kind of value it is.
select bool_and((a.selection_rate, a.f1, a.n, a.effective_n) is not distinct from (b.selection_rate, b.f1, b.n, b.effective_n)) as same_rates
from by_group((select confusion_agg(y, p, g, 1) from rows)) as a join by_group((select confusion_agg(y, p, g) from rows)) as b
  on a.sensitive is not distinct from b.sensitive;

-- Refused weights; a zero is a weight.
select confusion_agg(true, true, 'a', -1);
select confusion_agg(true, true, 'a', 'NaN');
select confusion_agg(true, true, 'a', 'Infinity');
select confusion_agg(true, true, 'a', 1e13);
select confusion_agg(true, true, 'a', null);
select selection_rate, n, weight, effective_n from by_group((select confusion_agg(true, true, 'a', 0)));

-- Sums of weights are exact: the order does not matter, and the text form restores them.
select count(distinct c::text) as values, bool_and(c = c::text::confusion) as restored from (
  select confusion_agg(y, p, g, w order by i) as c from rows union all
  select confusion_agg(y, p, g, w order by i desc) from rows union all
  select rollup(c order by part desc) from (select i % 9 as part, confusion_agg(y, p, g, w) as c from rows group by 1) as t) as t;
select confusion_agg(true, true, g, w) from (values ('a', 0.1), ('a', 0.2), ('b', 31.5), ('b', null)) as t(g, w);
set parallel_setup_cost to 0;
set parallel_tuple_cost to 0;
set min_parallel_table_scan_size to 0;
set max_parallel_workers_per_gather to 2;
explain (costs off) select confusion_agg(y, p, g, w) from rows;
create table serial as select confusion_agg(y, p, g, w order by i) as c from rows;
select confusion_agg(y, p, g, w) = (select c from serial) as parallel from rows;
set max_parallel_workers_per_gather to 0;

-- + and -, both kinds.
select a + b = all_rows as plus, all_rows - b = a as minus, a + b = b + a as commutes, a - a = '{"groups": {}}' as nothing,
       aw + bw = all_w as plus_weighted, all_w - bw = aw as minus_weighted, a <> b as different
from (select confusion_agg(y, p, g) as all_rows, confusion_agg(y, p, g) filter (where i % 3 = 0) as a,
             confusion_agg(y, p, g) filter (where i % 3 <> 0) as b, confusion_agg(y, p, g, w) as all_w,
             confusion_agg(y, p, g, w) filter (where i % 3 = 0) as aw, confusion_agg(y, p, g, w) filter (where i % 3 <> 0) as bw
      from rows) as t;
-- A row without weight weighs 1 among weighted ones.
select n, weight from by_group((select confusion_agg(true, true, 'a') + confusion_agg(true, true, 'a', 2.5)));
select '{"groups": {"a": {"tp": 1}}}'::confusion - '{"groups": {"a": {"tp": 2}}}'::confusion;
select '{"groups": {"a": {"tp": 1}}}'::confusion - '{"groups": {"b": {"tp": 1}}}'::confusion;
select '{"groups": {"a": {"tp": 1}}}'::confusion - '{"groups": {"a": {"fp": 1}}}'::confusion;
select '{"unknown": {"tp": 1}}'::confusion - '{"unknown": {"tp": 2}}'::confusion;
select confusion_agg(true, true, 'a', 2) - confusion_agg(true, true, 'a', 1.5);

-- Equality and its hash: GROUP BY, DISTINCT, hash joins.
create table values_of as select i % 6 as k, confusion_agg(y, p, g) as c from rows group by i % 6;
insert into values_of select k, c from values_of where k < 3;
select count(*) as all, (select count(*) from (select distinct c from values_of) as t) as distinct,
       (select count(*) from (select c from values_of union select c from values_of) as t) as union_of_both from values_of;
set enable_mergejoin to off;
set enable_nestloop to off;
explain (costs off) select count(*) from values_of as a join values_of as b using (c);
select count(*) = (select count(*) from values_of as a, values_of as b where a.c::text = b.c::text) as joined
from values_of as a join values_of as b using (c);
reset enable_mergejoin;
reset enable_nestloop;
select c from values_of order by c;

-- Moving windows: the inverse gives what counting the frame again gives, to the bit.
select count(*) as frames, count(*) filter (where moving <> again) as differing,
       count(*) filter (where moving_w <> again_w) as differing_weighted
from (select i, confusion_agg(y, p, g) over f as moving, confusion_agg(y, p, g, w) over f as moving_w
      from rows window f as (order by i rows between 70 preceding and 20 preceding)) as m
join lateral (select confusion_agg(y, p, g) as again, confusion_agg(y, p, g, w) as again_w
              from rows as r where r.i between m.i - 70 and m.i - 20) as a on true;
select count(*) filter (where dpd is distinct from dpd_again) as dpd, count(*) filter (where eod is distinct from eod_again) as eod
from (select i, demographic_parity_difference(p, g) over f as dpd, equalized_odds_difference(y, p, g::name, w) over f as eod
      from rows window f as (order by i rows between 50 preceding and current row)) as m
join lateral (select demographic_parity_difference(p, g) as dpd_again, equalized_odds_difference(y, p, g, w) as eod_again
              from rows as r where r.i between m.i - 50 and m.i) as a on true;
-- An empty frame is no rows.
select distinct confusion_agg(y, p, g) over (order by i rows between 3 following and 1 following) as empty from rows;

-- A log of daily confusions answers for any 30 days what the rows do.
create table audit_log as select day, confusion_agg(y, p, g, w) as c from rows group by day;
select count(*) as windows, count(*) filter (where c <> again) as differing
from (select day, rollup(c) over (order by day range between '29 days' preceding and current row) as c from audit_log) as m
join lateral (select confusion_agg(y, p, g, w) as again from rows as r where r.day between m.day - 29 and m.day) as a on true;

-- Labels that arrive late: take the rows as they were counted out, count them as they are now.
create table late as select * from rows where y is null;
update audit_log set c = audit_log.c - old.c + new.c
from (select day, confusion_agg(null, p, g, w) as c from late group by day) as old
join (select day, confusion_agg(i % 2 = 0, p, g, w) as c from late group by day) as new using (day)
where audit_log.day = old.day;
select rollup(c) = (select confusion_agg(coalesce(y, i % 2 = 0), p, g, w) from rows) as corrected from audit_log;

-- Both forms in one query share one state: the arguments are evaluated once a row (slow() counts its calls).
create sequence evaluations;
create function slow(bool) returns bool stable language plpgsql as $$ begin perform nextval('evaluations'); return $1; end $$;
select equal_opportunity_difference(slow(y), p, g) is not null as one_step,
       equal_opportunity_difference(confusion_agg(slow(y), p, g)) is not null as two_steps,
       equalized_odds_ratio(slow(y), p, g) is not null as another from rows;
select currval('evaluations') as evaluations, count(*) as rows from rows;

drop table rows, serial, values_of, audit_log, late;
drop function slow;
drop sequence evaluations;
