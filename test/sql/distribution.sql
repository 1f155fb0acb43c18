-- Distributions, their distance, and fair scores of single rows.
\pset null <NULL>
set search_path to public, fairdb;

create table scores (id int, s float8, g text);
insert into scores values (1, 0.1, 'a'), (2, 0.4, 'a'), (3, 0.4, 'a'), (4, 0.8, 'a'),
  (5, 0.3, 'b'), (6, 0.9, 'b'), (7, null, 'b'), (8, 0.5, null), (9, null, null);
select distribution_agg(s, g) from scores;
select ks_distance(s, g), ks_distance(distribution_agg(s, g)) from scores;
select s, g, adjust(d, s, g) from scores, (select distribution_agg(s, g) as d from scores) as t order by id;

-- EquiPy's example without its jitter (fair-regression literature; epsilon = 0.2, so alpha = 0.04).
with calibration as (
  select distribution_agg(y, s) as d from (values (.05, 1), (.08, 3), (.9, 2), (.9, 3), (.01, 1), (.88, 2)) as t(y, s))
select y, s, adjust(d, y, s, alpha => 0.04)::numeric(9, 6) as fair
from calibration, (values (.01, 3), (.99, 1), (.98, 2), (.04, 3)) as t(y, s);

-- Identities. One group: unchanged, to the bit, with ties too.
select bool_and(adjust(d, s, 'a') = s) as identity
from scores, (select distribution_agg(s, g) as d from scores where g = 'a') as t where g = 'a';
-- Two groups of equal size: the k-th smallest become the mean of the two k-th smallest.
with pair as (select k, k::float8 ^ 2 as a, 100 + sqrt(k) as b from generate_series(1, 25) as k),
long as (select k, a as s, 'a' as g from pair union all select k, b, 'b' from pair)
select max(abs(adjust(d, l.s, l.g) - (a + b) / 2)) < 1e-12 as mean_of_both
from pair join long as l using (k), (select distribution_agg(s, g) as d from long) as t;
-- alpha = 1 leaves scores alone; between, the shift shrinks with the square root.
select bool_and(adjust(d, s, g, 1) = s) as all_stays,
       max(abs(adjust(d, s, g, 0.25) - (0.5 * s + 0.5 * adjust(d, s, g)))) < 1e-15 as half_way
from scores, (select distribution_agg(s, g) as d from scores) as t where s is not null and g is not null;

\set seed 0.17
\echo seed :seed
select setseed(:seed);
create table many as
select i, case g when 'x' then random() when 'y' then random() ^ 2 else floor(10 * random()) / 10 end as s, g
from (select i, (array['x', 'y', 'z'])[1 + floor(random() ^ 2 * 3)::int] as g from generate_series(1, 6000) as i) as t;
create table laws as select 'serial' as way, distribution_agg(s, g) as d from many;

-- Mid-rank and linear quantiles by plain SQL.
with points as (select g, s, row_number() over (partition by g order by s) as k, count(*) over (partition by g) as n from many),
mid as (select g, s, n, avg(k) as k from points group by g, s, n),
share as (select distinct g, n, n / 6000.0::float8 as p from points),
place as (select m.g, m.s, share.g as h, p, greatest(1, least(share.n, (m.k - 0.5) / m.n * share.n + 0.5))::float8 as k from mid as m, share),
expected as (select place.g, place.s, sum(p * (low.s + (place.k - floor(place.k)) * (high.s - low.s))) as fair
  from place join points as low on low.g = h and low.k = floor(place.k)
  join points as high on high.g = h and high.k = ceil(place.k) group by place.g, place.s)
select count(*) > 2000 as points, max(abs(fair - adjust(d, s, g))) < 1e-12 as equal from expected, laws;

-- Fair scores: the groups agree, ranks and the mean stay.
with fair as (select i, s, g, adjust(d, s, g) as f from many, laws)
select ks_distance(s, g) > 0.2 as before, ks_distance(f, g) filter (where g <> 'z') < 0.01 as after,
       abs(avg(f) - avg(s)) < 0.001 as mean from fair;
with fair as (select s, g, adjust(d, s, g) as f from many, laws)
select count(*) as inversions from (select f < lag(f) over (partition by g order by s, f) as down from fair) as t where down;

-- A row's score does not depend on what else is scored; the value does not depend on how it was made.
select sum((f <> adjust(d, s, g))::int) as alone
from (select s, g, d, adjust(d, s, g) as f from many, laws) as t where random() < 0.1;
set parallel_setup_cost to 0;
set parallel_tuple_cost to 0;
set min_parallel_table_scan_size to 0;
explain (costs off) select distribution_agg(s, g) from many;
-- (Not by INSERT ... SELECT, which the server never runs in parallel.)
select a::text = d::text as text, b::text = d::text as anyelement, ks = ks_distance(d) as ks
from (select distribution_agg(s, g) as a, distribution_agg(s, g::name) as b, ks_distance(s, g) as ks from many) as t, laws;
insert into laws select 'ordered', distribution_agg(s, g order by s desc) from many;
insert into laws select 'rollup', rollup(d) from (select distribution_agg(s, g) as d from many group by i % 100) as t;
insert into laws select 'rollup with an empty part', rollup(d)
from (select distribution_agg(s, g) as d from many group by i % 10 union all select null) as t;
insert into laws select 'text', d::text::distribution from laws where way = 'serial';
insert into laws select 'window', d from (select distribution_agg(s, g) over () as d from many limit 1) as t;
select way, d::text = (select d::text from laws where way = 'serial') as equal from laws order by way;
select ks_distance(s, g) = (select ks_distance(d) from laws where way = 'serial') as ks from many;
-- Kolmogorov-Smirnov by plain SQL.
with f as (select t, g, avg((s <= t)::int)::float8 as f from (select distinct s as t from many where i % 10 = 0) as p,
           (select * from many where i % 10 = 0) as m group by t, g)
select abs(max(a.f - b.f) - (select ks_distance(s, g) from many where i % 10 = 0)) < 1e-12 as ks
from f as a join f as b using (t);
-- One call a row with the distribution of the row's own partition.
select max(abs(f - e)) = 0 as window from (
  select adjust(distribution_agg(s, g) over (partition by i % 3), s, g) as f, adjust(d, s, g) as e
  from many join (select i % 3 as part, distribution_agg(s, g) as d from many group by 1) as t on part = i % 3) as u;

-- Beyond the calibrated scores: constant.
select adjust('{"groups": {"a": [1, 2], "b": [3, 5]}}', s, 'a') from unnest('{-10,1,1.25,1.5,2,99}'::float8[]) as s;
select adjust('{"groups": {"a": [-1.7e308, 1.7e308], "b": [0, 0]}}', 1e308, 'a');

-- Odd cases.
select distribution_agg(s, g) from scores where false;
select distribution_agg(s, null::text) from scores;
select ks_distance(s, g) as one_group from scores where g = 'a';
select ks_distance(s, g) as no_scores from scores where s is null;
select ks_distance('{"groups": {"a": [1, 1], "b": [1]}}'), ks_distance('{"groups": {"a": [1], "b": [2]}}');
select adjust(null, 1, 'a'), adjust('{"groups": {"a": [1]}}', null, 'a'), adjust('{"groups": {"a": [1]}}', 1, null);
select adjust('{"groups": {"a": [1], "b": [2]}}', 1, 'c');
select adjust('{"groups": {}}', 1, 'c');
select adjust('{"groups": {"a": [1], "b": []}}', 1, 'b');
select adjust('{"groups": {"a": [1]}}', 'NaN', 'a');
select adjust('{"groups": {"a": [1]}}', 1, 'a', alpha => 1.5);
select adjust('{"groups": {"a": [1]}}', 1, 'a', alpha => 'NaN');
select distribution_agg('Infinity'::float8, g) from scores;
select distribution_agg('NaN'::float8, g) from scores;
select distribution_agg(s, i) from scores, generate_series(1, 10001) as i;
set maintenance_work_mem to '1MB';
select length(distribution_agg(i, 'a')::text) from generate_series(1, 200000) as i;
reset maintenance_work_mem;
select '{"groups": {"a": [-0.0, 1e-300, 123456789.123456789]}}'::distribution;
-- Groups of any type have the same name whatever the settings are.
create table typed as select i, i * interval '36 hours' as span, daterange('2024-01-31', '2024-01-31'::date + i) as range, decode('0' || i || 'ff', 'hex') as bytes, tstzrange('2024-01-31 12:00+00', null) as times from generate_series(1, 2) as i;
create function pg_temp.laws() returns text[] language sql as $$
  select array[distribution_agg(i, span), distribution_agg(i, range), distribution_agg(i, bytes), distribution_agg(i, times), distribution_agg(i, row(span, range)), distribution_agg(i, array[span])]::text[] from typed $$;
create table named as select pg_temp.laws() as a;
set datestyle to 'sql, dmy';
set intervalstyle to 'iso_8601';
set bytea_output to 'escape';
set timezone to 'Asia/Tokyo';
select pg_temp.laws() = a as same from named;
reset datestyle;
reset intervalstyle;
reset bytea_output;
reset timezone;
select unnest(a) from named;
drop table named, typed;
drop table scores, many, laws;
