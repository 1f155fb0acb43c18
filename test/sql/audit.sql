-- Confusions, rates and gaps: what they mean, and every odd case.
\pset null <NULL>
set search_path to public, fairdb;

create table decisions (y bool, p bool, sex text, race varchar(20), age int, day date);
insert into decisions values
  (true, true, 'Female', 'Black', 30, '2026-01-01'), (true, false, 'Female', 'White', 30, '2026-01-01'),
  (false, true, 'Female', 'White', 40, '2026-01-02'), (false, false, 'Female', 'Black', 40, '2026-01-02'),
  (true, true, 'Male', 'White', 30, '2026-01-01'), (true, true, 'Male', 'White', 30, '2026-01-02'),
  (false, false, 'Male', 'Black', 40, '2026-01-02'), (true, false, 'Male', 'Black', 40, '2026-01-01'),
  (null, true, 'Male', 'White', 40, '2026-01-01'), (true, null, 'Female', 'Black', 30, '2026-01-02'),
  (null, null, 'Other', 'White', 30, '2026-01-01'), (false, true, null, null, 30, '2026-01-01');

select confusion_agg(y, p, sex) from decisions;
\x on
select * from by_group((select confusion_agg(y, p, sex) from decisions));
select * from overall((select confusion_agg(y, p, sex) from decisions));
\x off

-- The six gaps: as aggregates, and as functions of a confusion.
select demographic_parity_difference(p, sex), demographic_parity_ratio(p, sex),
       equal_opportunity_difference(y, p, sex), equal_opportunity_ratio(y, p, sex),
       equalized_odds_difference(y, p, sex), equalized_odds_ratio(y, p, sex) from decisions;
select demographic_parity_difference(c), demographic_parity_ratio(c),
       equal_opportunity_difference(c), equal_opportunity_ratio(c),
       equalized_odds_difference(c), equalized_odds_ratio(c)
from (select confusion_agg(y, p, sex) as c from decisions) as t;

-- Five gaps in one query keep one state: one transition call a row.
explain (verbose, costs off)
select demographic_parity_difference(p, sex), demographic_parity_ratio(p, sex) from decisions;

-- Every type of sensitive attribute resolves.
create type colour as enum ('red', 'blue');
create domain sexes as text;
select demographic_parity_difference(p, sex::varchar) as varchar,
       demographic_parity_difference(p, sex::name) as name,
       demographic_parity_difference(p, sex::char(8)) as char8,
       demographic_parity_difference(p, sex::sexes) as domain,
       demographic_parity_difference(p, 'same') as unknown,
       demographic_parity_difference(p, age::int2) as int2,
       demographic_parity_difference(p, age) as int4,
       demographic_parity_difference(p, age::int8) as int8,
       demographic_parity_difference(p, age = 30) as bool,
       demographic_parity_difference(p, (case when age = 30 then 'red' else 'blue' end)::colour) as enum,
       demographic_parity_difference(p, day) as date,
       demographic_parity_difference(p, age::numeric) as numeric,
       demographic_parity_difference(p, age::float8) as float8
from decisions;

-- Groups are told apart by a text form that does not depend on settings or storage.
set datestyle to german;
set extra_float_digits to 0;
select sensitive, n from by_group((select confusion_agg(y, p, day) from decisions));
select sensitive, n from by_group((select confusion_agg(y, p, v) from decisions,
  (values (1.0), (1.00), (1)) as t(v)));
select sensitive, n from by_group((select confusion_agg(y, p, v) from decisions,
  (values (0.1::float8), (-0.0), (0.0)) as t(v)));
select sensitive, n from by_group((select confusion_agg(y, p, sex::char(8)) from decisions));
reset datestyle;
reset extra_float_digits;

-- Intersections: a row or an array; with a NULL inside a row of the table belongs to no group.
select sensitive, n, selection_rate from by_group((select confusion_agg(y, p, row(sex, race)) from decisions));
select sensitive, n from by_group((select confusion_agg(y, p, array[sex, race]) from decisions));
-- ('a,b', 'c') and ('a', 'b,c') stay apart.
select sensitive, n from by_group((select confusion_agg(true, true, row(a, b))
  from (values ('a,b', 'c'), ('a', 'b,c'), ('a', '')) as t(a, b)));

-- Inside rows and arrays too, equal values are one group.
select sensitive, n from by_group((select confusion_agg(true, true, row(v, d, 'x'::char(3)))
  from (values (1.0, date '2026-01-02'), (1.00, '2026-01-02'), (1, '2026-01-02')) as t(v, d)));
select sensitive, n from by_group((select confusion_agg(true, true, array[v, 0.50]) from (values (1.0), (1.00)) as t(v)));
select sensitive, n from by_group((select confusion_agg(true, true, x) from (values (row(row(1, 1.0), array['2026-01-02'::date])),
  (row(row(1, 1.00), array['2026-01-02'::date])), (row(row(1, null), array['2026-01-02'::date]))) as t(x)));
select sensitive, n from by_group((select confusion_agg(true, true, x) from (values ('{{1.0,2},{3,4}}'::numeric[]), ('{{1.00,2},{3,4}}'), ('{1,2,3,4}'), ('{}')) as t(x)));
set timezone to 'America/New_York';
select sensitive from by_group((select confusion_agg(true, true, timestamptz '2026-01-01 12:00+00')));
reset timezone;

-- Odd cases: no row, one group, rates 0/0, a largest rate of 0.
select confusion_agg(y, p, sex), demographic_parity_difference(p, sex) from decisions where false;
select confusion_agg(y, p, sex) filter (where false) from decisions;
select demographic_parity_difference(p, sex) as one_group from decisions where sex = 'Male';
select demographic_parity_difference(p, null::text) as no_group from decisions;
select equal_opportunity_difference(y, p, g) as not_estimable, equalized_odds_difference(y, p, g) as odds,
       demographic_parity_difference(p, g) as estimable
from (values (true, true, 'a'), (false, true, 'a'), (false, false, 'b')) as t(y, p, g);
select demographic_parity_ratio(p, g) as largest_rate_0, demographic_parity_difference(p, g)
from (values (false, 'a'), (false, 'b')) as t(p, g);
select demographic_parity_ratio(p, g) as smallest_rate_0
from (values (false, 'a'), (true, 'b')) as t(p, g);
select * from by_group('{"groups": {}}');
select n, accuracy from overall('{"groups": {}}');
select by_group(null), demographic_parity_difference(null::confusion);
select sensitive, n from by_group((select confusion_agg(y, p, '') from decisions));

-- Not what a sensitive attribute is.
select confusion_agg(y, p, '{}'::json) from decisions;
select confusion_agg(y, p, point(1, 2)) from decisions;
select confusion_agg(y, p, i) from decisions, generate_series(1, 10001) as i;
select confusion_agg(y, p, i::text) from decisions, generate_series(1, 10001) as i;
select confusion_agg(y, p, repeat('x', 1025)) from decisions;
select length(max(sensitive)) from by_group((select confusion_agg(y, p, repeat('x', 1024)) from decisions));
select count(*) from by_group((select confusion_agg(y, p, i) from decisions, generate_series(1, 10000) as i));

-- Text form: what comes out goes in; the same value has one form.
select '{"unknown": {"tp": 1}, "groups": {"b": {"tp": 2, "fn": 0}, "a": {}}}'::confusion;
select '{"groups": {"\u00fc \"quoted\", {": {"tp": 35184372088832}}}'::confusion;
select confusion_agg(y, p, sex)::text::confusion::text = confusion_agg(y, p, sex)::text from decisions;

-- Rollup of stored values; values stay what they are.
create table daily as select day, confusion_agg(y, p, sex) as c from decisions group by day;
select rollup(c)::text = (select confusion_agg(y, p, sex)::text from decisions) as equal from daily;
select rollup(c)::text = (select confusion_agg(y, p, sex)::text from decisions) as equal_again from daily;
select rollup(c) from daily where false;
select rollup(c) from (values ('{"groups": {"a": {"tp": 1}}}'::confusion), (null)) as t(c);
select rollup(c) from (values ('{"groups": {"a": {"tp": 35184372088832}}}'::confusion),
                              ('{"groups": {"a": {"tp": 1}}}')) as t(c);

-- An aggregate that a user makes of fairdb's functions, without the final one.
create aggregate unfinished(bool, bool, text) (sfunc = fairdb_internal.confusion_count, stype = confusion, combinefunc = fairdb_internal.confusion_merge);
select unfinished(true, false, g), unfinished(true, false, g)::text::confusion::text, demographic_parity_difference(unfinished(true, false, g))
from (values (null), ('b'), ('c'), ('a')) as t(g);
drop aggregate unfinished(bool, bool, text);

-- As a window function: every frame, with the state read and kept.
select day, p, demographic_parity_difference(p, sex) over (order by day rows unbounded preceding) is not null as known,
       confusion_agg(y, p, sex) over (order by day, y, p, sex rows between 1 preceding and current row)
from decisions where sex is not null order by day, y, p, sex;
drop table decisions, daily;
drop type colour;
drop domain sexes;
