-- Counting by parts first: the same numbers, whatever the parts are.
\pset null <NULL>
set search_path to public, fairdb;
create type area as enum ('north', 'south');
create table loans (region area, sex text, age int, single bool, "joined at" date, repaid bool, approved int, score float8, w float8, income float8, pay numeric, at timestamptz) partition by list (region);
create table loans_north partition of loans for values in ('north');
create table loans_south partition of loans for values in ('south');
create table loans_nowhere partition of loans for values in (null);
insert into loans select case when i % 17 <> 0 then (enum_range(null::area))[1 + (i * 7919) % 5 % 2] end, case when i % 23 <> 0 then (array['f', 'm "x", y'])[1 + (i * 31) % 2] end,
  case when i % 29 <> 0 then (i * 17) % 3 - 1 end, i % 7 < 3, date '2000-02-29' + (i * 13) % 4 * 366, case when i % 31 <> 0 then (i * 104729) % 13 < 6 end, ((i * 7919) % 11 < 4)::int,
  ((i * 7919) % 997) / 997.0, (i % 5) / 2.0, (i * 104729) % 1009 / 10.0, (i * 31) % 101 / 8.0, timestamptz '2024-01-01' + i * interval '1 hour' from generate_series(1, 6000) as i;

-- audit and audit_confusions: with NULLs among parts, attributes and strata, of columns of any type, with weights.
create function differing(sensitive names, strata names, weight text, within names) returns bigint language sql as $$
  select count(*) from (select to_jsonb(a) as r from audit('loans', 'repaid', 'approved', sensitive, strata, weight, min_group => 30) as a) as a
  full join (select to_jsonb(a) as r from audit('loans', 'repaid', 'approved', sensitive, strata, weight, min_group => 30, within => differing.within) as a) as b using (r) where a.r is null or b.r is null $$;
select differing('{sex}', null, null, '{region}') as a, differing('{sex,age,single}', null, null, '{region}') as b, differing('{sex,age}', '{single}', 'w', '{region,at}') as c,
  differing('{sex,region}', '{"joined at",single}', 'w', '{region}') as d, differing('{sex}', null, null, '{}') as e, differing('{sex}', null, null, null) as f, differing('{region}', null, 'w', '{sex}') as g;
select count(*) as confusions, bool_and(a.confusion = b.confusion) as same
from audit_confusions('loans', 'repaid', 'approved', '{sex,age,"joined at"}', '{single}', 'w') as a join audit_confusions('loans', 'repaid', 'approved', '{sex,age,"joined at"}', '{single}', 'w', within => '{region}') as b
  on a.attributes = b.attributes and a.stratum is not distinct from b.stratum;
-- The labels are those of the aggregate.
select c.confusion = (select confusion_agg(repaid, approved = 1, row(sex, age, single, "joined at", pay)) from loans) as same
from audit_confusions('loans', 'repaid', 'approved', '{sex,age,single,"joined at",pay}', within => '{region}') as c where cardinality(c.attributes) = 5;
select * from audit('loans', 'repaid', 'approved', '{sex}', within => '{nowhere}');
select count(*) from audit('select i % 400 as a, i / 400 as b, true as p, 1 as g from generate_series(1, 120000) as i', null, 'p', 'g', within => '{a,b}');
-- A caller who may not read the parts.
create role regress_fairdb_part;
grant usage on schema public, fairdb to regress_fairdb_part;
grant select (sex, repaid, approved, income, score) on loans to regress_fairdb_part;
set role regress_fairdb_part;
select sensitive, n from audit('loans', 'repaid', 'approved', '{sex}');
\set VERBOSITY terse
select sensitive, n from audit('loans', 'repaid', 'approved', '{sex}', within => '{region}');
\set VERBOSITY default
reset role;

-- The counts of all rows as one group.
select cells_agg(repaid, approved = 1) as plain, cells_agg(repaid, approved = 1, w) as weighted, cells_agg(null, null), cells_agg(null, null, null) from loans where sex = 'f' and age = 1 and single;
select rollup(c) = (select confusion_agg(repaid, approved = 1, '') from loans) as same from (select cells_agg(repaid, approved = 1) as c from loans group by region) as t;
select cells_agg(true, false) from loans where false;
select cells_agg(true, false, -1) from loans;
select describe(total_moments_agg(income, array[score, pay])) = describe(moments_agg(income, '', array[score, pay])) as plain, describe(total_moments_agg(income, array[score, pay], w)) = describe(moments_agg(income, '', array[score, pay], w)) as weighted from loans;
select total_moments_agg(income, array[score]) is null, total_moments_agg(income, array[score], w) is null from loans where false;

-- train_linear from moments: the model of the rows.
create function apart(a model, b model) returns text language sql as $$
  select case when max(abs(x.standardized - y.standardized)) <= 1e-12 * max(abs(y.standardized)) then 'same' else max(abs(x.standardized - y.standardized))::text end || coalesce(nullif(', ' || count(*) filter (where x.feature is null or y.feature is null), ', 0'), '')
  from coefficients(a) as x full join coefficients(b) as y on x.feature = y.feature and x.level is not distinct from y.level $$;
create view known as select * from loans where sex is not null and age is not null;
select apart(train_linear('known', 'income', 'sex', '{score,pay,single}', loss => 'squared', fairness => 'demographic_parity', within => w), train_linear('known', 'income', 'sex', '{score,pay,single}', loss => 'squared', fairness => 'demographic_parity')) as all_rows,
  apart(train_linear('known', 'income', '{sex,age}', '{score,pay,at,"joined at"}', loss => 'squared', fairness => 'demographic_parity', epsilon => 0.5, weight => 'w', within => w), train_linear('known', 'income', '{sex,age}', '{score,pay,at,"joined at"}', loss => 'squared', fairness => 'demographic_parity', epsilon => 0.5, weight => 'w')) as weighted,
  apart(train_linear('known', 'single', 'age', '{score,pay,income}', loss => 'squared', within => w), train_linear('known', 'single', 'age', '{score,pay,income}', loss => 'squared')) as classes,
  apart(train_linear('known', 'sex', 'single', '{score,pay,income}', loss => 'squared', positive => 'f', fairness => 'equalized_odds', standardize => false, within => w), train_linear('known', 'sex', 'single', '{score,pay,income}', loss => 'squared', positive => 'f', fairness => 'equalized_odds', standardize => false)) as positive,
  apart(train_linear('known', 'income', null, '{score,pay}', loss => 'squared', fairness => 'none', within => w), train_linear('known', 'income', null, '{score,pay}', loss => 'squared', fairness => 'none')) as no_groups,
  apart(train_linear('loans', 'income', 'sex', '{score,pay,age}', loss => 'squared', fairness => 'none', on_null => 'skip', within => w), train_linear('loans', 'income', 'sex', '{score,pay,age}', loss => 'squared', fairness => 'none', on_null => 'skip')) as skipped
from unnest('{"{region}","{}","{region,single}"}'::text[]) as t, lateral (select t::names as w) as u;
-- Categories: levels of rows that train, and no others. Levels complete each other, so that their weights are known up to rounding of the data only.
create view levelled as select *, case when w > 0 and age is not null then (array['b', 'a', 'c "d"'])[1 + (extract(epoch from at)::bigint / 3600 % 3)::int] else 'never' end as job, age::text::char(4) as size from loans;
select string_agg(distinct c.level, ' ' order by c.level) as levels, count(*) as features, max(abs(c.standardized - d.standardized)) < 1e-9 * max(abs(c.standardized)) as same
from coefficients(train_linear('levelled', 'income', 'sex', '{score,job,region,size}', loss => 'squared', fairness => 'demographic_parity', weight => 'w', on_null => 'skip', within => '{region}')) as c
join coefficients(train_linear('levelled', 'income', 'sex', '{score,job,region,size}', loss => 'squared', fairness => 'demographic_parity', weight => 'w', on_null => 'skip')) as d on c.feature = d.feature and c.level is not distinct from d.level;
-- It says what it says of a model of rows, but for what the rows would tell.
select k.key, a.value as counted, b.value as of_rows from (select jsonb_each(describe(train_linear('known', 'income', 'sex', '{score,pay}', loss => 'squared', fairness => 'demographic_parity', within => '{region}')) #- '{training}') as k) as t, lateral (select (t.k).key, (t.k).value) as a (key, value), lateral (select (t.k).key) as k,
  lateral (select describe(train_linear('known', 'income', 'sex', '{score,pay}', loss => 'squared', fairness => 'demographic_parity')) -> k.key) as b (value) where a.value is distinct from b.value;
select a ->> 'rows' as rows, a ->> 'rows' = b ->> 'rows' as same, jsonb_array_length(a -> 'groups') as groups, round((a ->> 'r_squared')::numeric, 9) = round((b ->> 'r_squared')::numeric, 9) as r_squared
from describe(train_linear('known', 'income', 'sex', '{score,pay}', loss => 'squared', fairness => 'demographic_parity', within => '{region}')) as c, describe(train_linear('known', 'income', 'sex', '{score,pay}', loss => 'squared', fairness => 'demographic_parity')) as d, lateral (select c -> 'training' as a, d -> 'training' as b) as t;
-- What needs the rows.
select train_linear('known', 'single', 'sex', '{score}', within => '{region}');
select train_linear('known', 'single', 'sex', '{score}', loss => 'squared', class_weight => 'balanced', within => '{region}');
select train_linear('known', 'income', 'sex', '{score}', loss => 'squared', fairness => 'demographic_parity', held_out => 0.2, within => '{region}');
select train_linear('known', 'income', 'sex', '{score}', loss => 'squared', fairness => 'equalized_odds', bins => 3, within => '{region}');
select train_linear('known', 'income', 'sex', '{score}', loss => 'squared', fairness => 'demographic_parity', on_null => 'impute', within => '{region}');
select train_linear('known', 'income', '{sex,age}', '{score}', loss => 'squared', fairness => 'demographic_parity', attributes => 'each', within => '{region}');
select train_linear('select *, array[score, pay] as v from known', 'income', 'sex', '{v}', loss => 'squared', fairness => 'demographic_parity', within => '{region}');
select train_linear('select *, at - ''2024-01-01'' as since from known', 'income', 'sex', '{since}', loss => 'squared', fairness => 'demographic_parity', within => '{region}');
select train_linear('select *, array[sex] as v from known', 'income', 'v', '{score}', loss => 'squared', fairness => 'demographic_parity', within => '{region}');
-- NULLs, no rows, numbers that are none, and columns that are not there.
select train_linear('loans', 'income', 'sex', '{score,age,pay}', loss => 'squared', fairness => 'demographic_parity', within => '{region}');
select train_linear('loans', 'income', 'sex', '{score,age,pay}', loss => 'squared', fairness => 'demographic_parity');
select train_linear('select * from known where false', 'income', 'sex', '{score,sex}', loss => 'squared', fairness => 'none', within => '{region}');
select train_linear('select * from known where false', 'income', 'sex', '{score}', loss => 'squared', fairness => 'none', within => '{region}');
select train_linear('select *, nullif(score, score) as s from known', 'income', 'sex', '{s}', loss => 'squared', fairness => 'none', on_null => 'skip', within => '{region}');
\set VERBOSITY terse
select train_linear('select *, case when score > 0.5 then ''NaN'' else score end as s from known', 'income', 'sex', '{s}', loss => 'squared', fairness => 'none', within => '{region}');
\set VERBOSITY default
select train_linear('known', 'income', 'sex', '{score}', loss => 'squared', fairness => 'none', within => '{nowhere}');
-- Levels that are others at the second reading.
create sequence within_turn;
create function turned(text) returns text language plpgsql volatile as $$ begin return case when nextval('within_turn') > 6000 then 'late' else $1 end; end $$;
select train_linear('select *, turned(region::text) as place from known', 'income', 'sex', '{score,place}', loss => 'squared', fairness => 'none', on_null => 'skip', within => '{single}');
drop function turned;
drop sequence within_turn;

-- Values that are equal for the server and have different texts are different groups, with and without within.
create table wide as select i, i * 1.0 as y, i % 5 as x, i % 7 as z, i % 3 * i as u, i % 2 = 0 as p, i % 2 as r, (array['1', '1.0', '2'])[1 + i % 3]::jsonb as j, (array['[1,2]', '[1.0,2]', '[3,4]'])[1 + i % 3]::numrange as n, (array['1 day', '24:00', '2 days'])[1 + i % 3]::interval as d from generate_series(1, 90) as i;
select c, (select string_agg(sensitive || ' ' || n, ', ' order by sensitive) from audit('wide', null, 'p', c::names)) as groups, (select bool_and(a.confusion = b.confusion) from audit_confusions('wide', null, 'p', c::names) as a join audit_confusions('wide', null, 'p', c::names, within => '{r}') as b on a.attributes = b.attributes) as within
from unnest('{j,n,d}'::text[]) as c;
select (select confusion from audit_confusions('wide', null, 'p', '{j}')) = confusion_agg(null, p, j) as j, (select confusion from audit_confusions('wide', null, 'p', '{n}')) = confusion_agg(null, p, n) as n from wide;
select c, apart(train_linear('wide', 'y', c::names, '{x,z,u}', loss => 'squared', fairness => 'demographic_parity', epsilon => 0.1, within => '{r}'), train_linear('wide', 'y', c::names, '{x,z,u}', loss => 'squared', fairness => 'demographic_parity', epsilon => 0.1)) as model from unnest('{j,n,d}'::text[]) as c;
drop table wide;
-- Moments of many combinations are looked at before they are counted.
set maintenance_work_mem = '1MB';
select train_linear('select i as part, i * 1.0 as y, i % 2 as s, i % 7 as a, i % 5 as b from generate_series(1, 8000) as i', 'y', 's', '{a,b}', loss => 'squared', fairness => 'none', within => '{part}');
reset maintenance_work_mem;
-- A category without a level; one of a domain.
select train_linear('select i * 1.0 as y, i % 7 as x, null::text as c from generate_series(1, 50) as i', 'y', null, '{x,c}', loss => 'squared', fairness => 'none', within => '{}');
select train_linear('select i * 1.0 as y, i % 7 as x, ''a''::text as c, 0.0 as w from generate_series(1, 50) as i', 'y', null, '{x,c}', loss => 'squared', fairness => 'none', weight => 'w', within => '{}');
create domain place as area;
select count(*) as levels from coefficients(train_linear('select income, score, region::place as p from loans', 'income', null, '{score,p}', loss => 'squared', fairness => 'none', on_null => 'skip', within => '{}')) where level is not null;
select sum(n_selected) from audit('select region::place as p, sex from loans', null, 'p', '{sex}', positive => 'north');
drop domain place;
select * from audit('select 1 as g, true as p, ''{}''::json as j', null, 'p', 'g', within => 'j');

-- Jobs.
select create_audit('parts', 'loans', 'repaid', 'approved', '{sex,single}', at => 'at', score => 'score', starts => '2024-01-01', every => '1 month', within => '{region}') is not null as created,
  create_audit('whole', 'loans', 'repaid', 'approved', '{sex,single}', at => 'at', score => 'score', starts => '2024-01-01', every => '1 month') is not null as created;
select a.n, a.confusion = b.confusion as confusion, a.distribution = b.distribution as distribution
from run_audit('parts', '2024-01-01', '2024-03-01') as a join run_audit('whole', '2024-01-01', '2024-03-01') as b using ("from");
select within from audits where name in ('parts', 'whole') order by name;
select create_audit('other', 'loans', 'repaid', 'approved', 'sex', at => 'at', starts => '2024-01-01', within => '{nowhere}');
select drop_audit(name) from audits where name in ('parts', 'whole') order by name;

drop view known, levelled;
drop table loans;
drop type area;
drop function differing, apart;
drop owned by regress_fairdb_part;
drop role regress_fairdb_part;
