-- The audit against independent arithmetic in SQL, on random tables, and every way to the same value.
\pset null <NULL>
set search_path to public, fairdb;
\set seed 0.42
\echo seed :seed
select setseed(:seed);
create table rows as
select i, case when random() < 0.9 then random() < 0.4 end as y,
       case when random() < 0.9 then random() < 0.5 end as p,
       case when random() < 0.95 then 'group ' || floor(30 * random() ^ 2) end as g,
       floor(40 * random())::int as part
from generate_series(1, 20000) as i;
insert into rows select i, false, false, 'only negative', 0 from generate_series(1, 3) as i;

-- Rates and counts by plain SQL; no row may differ.
with expected as (
  select g, count(*) as n,
         count(*) filter (where y) as n_positive, count(*) filter (where p) as n_selected,
         count(*) filter (where y and p) as tp, count(*) filter (where not y and p) as fp,
         count(*) filter (where y and not p) as fn, count(*) filter (where not y and not p) as tn,
         count(*) filter (where y is null) as no_y, count(*) filter (where p is null) as no_p,
         avg(y::int)::float8 as base_rate, avg(p::int)::float8 as selection_rate,
         (avg(p::int) filter (where y))::float8 as tpr,
         (avg(p::int) filter (where not y))::float8 as fpr,
         (avg(y::int) filter (where p))::float8 as ppv,
         (avg((not y)::int) filter (where not p))::float8 as npv,
         avg((y = p)::int)::float8 as accuracy
  from rows group by g)
select count(*) as groups, count(*) filter (where b.sensitive is distinct from g
    or (b.n, b.n_positive, b.n_selected, true_positives, false_positives, false_negatives, true_negatives,
        unknown_label, unknown_prediction)
       is distinct from (e.n, e.n_positive, e.n_selected, tp, fp, fn, tn, no_y, no_p)
    or greatest(abs(b.base_rate - e.base_rate), abs(b.selection_rate - e.selection_rate),
                abs(true_positive_rate - tpr), abs(false_positive_rate - fpr),
                abs(true_negative_rate - (1 - fpr)), abs(false_negative_rate - (1 - tpr)),
                abs("precision" - ppv), abs(false_discovery_rate - (1 - ppv)),
                abs(negative_predictive_value - npv), abs(false_omission_rate - (1 - npv)),
                abs(b.accuracy - e.accuracy), abs(balanced_accuracy - (tpr + 1 - fpr) / 2),
                abs(f1 - 2 * tp::float8 / nullif(2 * tp + fp + fn, 0))) > 1e-12
    or (true_positive_rate is null) <> (tpr is null) or (false_positive_rate is null) <> (fpr is null)
    or ("precision" is null) <> (ppv is null)) as differing
from expected as e full join by_group((select confusion_agg(y, p, g) from rows)) as b
  on b.sensitive is not distinct from e.g;

-- The gaps.
with rate as (
  select avg(p::int)::float8 as sr, (avg(p::int) filter (where y))::float8 as tpr,
         (avg(p::int) filter (where not y))::float8 as fpr
  from rows where g is not null group by g),
expected as (
  select max(sr) - min(sr) as dpd, min(sr) / max(sr) as dpr,
         max(tpr) - min(tpr) as eod, min(tpr) / max(tpr) as eor,
         greatest(max(tpr) - min(tpr), max(fpr) - min(fpr)) as odd,
         least(min(tpr) / max(tpr), min(fpr) / max(fpr)) as odr from rate)
select abs(dpd - demographic_parity_difference(p, g)) < 1e-12 as dpd,
       abs(dpr - demographic_parity_ratio(p, g)) < 1e-12 as dpr,
       abs(eod - equal_opportunity_difference(y, p, g)) < 1e-12 as eod,
       abs(eor - equal_opportunity_ratio(y, p, g)) < 1e-12 as eor,
       abs(odd - equalized_odds_difference(y, p, g)) < 1e-12 as odd,
       abs(odr - equalized_odds_ratio(y, p, g)) < 1e-12 as odr
from rows, expected group by dpd, dpr, eod, eor, odd, odr;

-- Serial = parallel = rollup of random parts = any order = any representation.
create table results (way text, value text);
insert into results select 'serial', confusion_agg(y, p, g)::text from rows;
set parallel_setup_cost to 0;
set parallel_tuple_cost to 0;
set min_parallel_table_scan_size to 0;
set max_parallel_workers_per_gather to 2;
explain (costs off) select confusion_agg(y, p, g) from rows;
-- (Not by INSERT ... SELECT, which the server never runs in parallel.)
select a::text = value as text, b::text = value as anyelement, none is null as none,
       abs(demographic_parity_difference(a) - dpd) = 0 as gap
from (select confusion_agg(y, p, g) as a, confusion_agg(y, p, g::name) as b,
             confusion_agg(y, p, g) filter (where i < 0) as none, demographic_parity_difference(p, g) as dpd from rows) as t, results;
-- Workers most of whose rows are filtered away, each in another group.
select a::text = (select confusion_agg(y, p, g)::text from rows where i % 997 = 0) as filtered
from (select confusion_agg(y, p, g) filter (where i % 997 = 0) as a from rows) as t;
reset max_parallel_workers_per_gather;
insert into results select 'ordered', confusion_agg(y, p, g order by g desc, i)::text from rows;
create table parts as select part, confusion_agg(y, p, g) as c from rows group by part;
insert into results select 'rollup', rollup(c)::text from parts;
alter table parts alter c set storage external;
create table copied (part int, c confusion);
insert into copied select * from parts;
insert into results select 'rollup, copied', rollup(c order by part desc)::text from copied;
insert into results select 'rollup of rollups', rollup(c)::text
from (select rollup(c) as c from parts group by part % 7) as t;
set work_mem to '64kB';
set enable_sort to off;
insert into results select 'spilled', rollup(c)::text
from (select i % 5000, confusion_agg(y, p, g) as c from rows group by i % 5000) as t;
reset work_mem;
reset enable_sort;
insert into results select 'grouping sets', c::text
from (select part, confusion_agg(y, p, g) as c from rows group by grouping sets ((), (part))) as t where part is null;
insert into results select 'window', c::text
from (select i, confusion_agg(y, p, g) over (order by i) as c from rows) as t order by i desc limit 1;
insert into results select 'text', value::confusion::text from results where way = 'serial';
select way, value = (select value from results where way = 'serial') as equal from results order by way;

-- Partitionwise: partial states of the partitions are joined.
create table divided (like rows) partition by list (part);
select format('create table divided_%s partition of divided for values in (%s)', k, string_agg(v::text, ','))
from (select v, v % 3 as k from generate_series(0, 39) as v) as t group by k
\gexec
insert into divided select * from rows;
set enable_partitionwise_aggregate to on;
select c::text = (select value from results where way = 'serial') as partitionwise
from (select confusion_agg(y, p, g) as c from divided) as t;

drop table rows, results, parts, copied, divided;
