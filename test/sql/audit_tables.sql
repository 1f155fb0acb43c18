-- Audits of a source in one scan, against one confusion after the other.
\pset null <NULL>
set search_path to public, fairdb;
create type degree as enum ('none', 'school', 'university');
create table people as
select i, case when i % 29 <> 0 then (i * 7919) % 11 < 4 end as repaid, case when i % 31 <> 0 then ((i * 104729) % 13 < 6)::int end as granted,
       case when i % 37 <> 0 then (array['Female', 'Male'])[1 + (i * 31) % 2] end as sex,
       case when i % 41 <> 0 then (array['A', 'B b', 'C'])[1 + (i * 17) % 3] end as race,
       case when i % 43 <> 0 then (enum_range(null::degree))[1 + (i * 13) % 3] end as degree, (i % 5)::numeric / 2 as w,
       case when i % 47 <> 0 then (i * 7919) % 101 / 10.0 end as income, (i * 104729) % 97 / 10.0 as estimate
from generate_series(1, 3000) as i;

-- Every set of attributes has the confusions that confusion_agg counts for it.
create table confusions as select * from audit_confusions('people', 'repaid', 'granted', '{sex,race,degree}');
select attributes, confusion = (case attributes::text
    when '{sex}' then (select confusion_agg(repaid, granted = 1, sex) from people)
    when '{race}' then (select confusion_agg(repaid, granted = 1, race) from people)
    when '{degree}' then (select confusion_agg(repaid, granted = 1, degree) from people)
    when '{sex,race}' then (select confusion_agg(repaid, granted = 1, row(sex, race)) from people)
    when '{sex,degree}' then (select confusion_agg(repaid, granted = 1, row(sex, degree)) from people)
    when '{race,degree}' then (select confusion_agg(repaid, granted = 1, row(race, degree)) from people)
    when '{sex,race,degree}' then (select confusion_agg(repaid, granted = 1, row(sex, race, degree)) from people) end) as same
from confusions;
-- And so has every stratum; a stratum with a NULL is the unknown one.
select stratum, confusion = (select confusion_agg(repaid, granted = 1, sex, w) from people where race is not distinct from stratum) as same
from audit_confusions('people', 'repaid', 'granted', '{sex}', '{race}', 'w');
select count(*) as strata, rollup(confusion) = (select confusion_agg(repaid, granted = 1, sex) from people) as all_together
from audit_confusions('people', 'repaid', 'granted', '{sex}', '{race,degree}');
-- The rows of audit are those of by_group.
select count(*) as rows, count(*) filter (where a is distinct from b) as differing
from (select attributes, to_jsonb(audit.*) - 'attributes' - 'stratum' as a from audit('people', 'repaid', 'granted', '{sex,race,degree}')) as a
full join (select attributes, to_jsonb(b) as b from confusions, by_group(confusion) as b) as b using (attributes)
where a ->> 'sensitive' is not distinct from b ->> 'sensitive';
select attributes, stratum, sensitive, n, n_selected, selection_rate from audit('people', null, 'granted', '{sex}', '{race}') where stratum is null or stratum = 'C';

-- Sources, columns and values of other kinds.
select attributes, sensitive, n_positive, n_selected from audit($$select sex, 'yes' as said, case when repaid then 1 else -1 end as y from people where i <= 50;$$, 'y', null, '{sex}');
select sensitive, n_selected from audit('people', null, 'degree', '{sex}', positive => 'university');
select count(*) from audit('select * from people where false', 'repaid', 'granted', '{sex}');
select * from audit('people', 'income', 'granted', '{sex}');
select * from audit('people', 'degree', 'granted', '{sex}');
select * from audit('people', 'repaid', 'nothing', '{sex}');
select * from audit('people', 'repaid', 'granted', '{sex,sex}');
select * from audit('people', 'repaid', 'granted', '{}');
select * from audit('people', 'repaid', 'granted', null);
select * from audit('people', 'repaid', 'granted', '{sex,race,degree,i,w,income}');
select * from audit('people', 'repaid', 'granted', '{sex}', '{race,sex}');
select sum(n_selected) from audit('people', null, 'race', '{sex}', positive => 'Z');
select * from audit('people', 'repaid', 'granted', '{sex}', weight => 'race');
select * from audit('select *, -w as negative from people', 'repaid', 'granted', '{sex}', weight => 'negative');
select * from audit('nowhere', 'repaid', 'granted', '{sex}');
select * from audit('select 1; select 2', 'repaid', 'granted', '{sex}');
select count(*) from audit('select i % 400 as a, i / 400 as b, true as p from generate_series(1, 120000) as i', null, 'p', '{a,b}');
select count(*) from multiclass_confusions('select i, 1 as g from generate_series(1, 1001) as i', 'i', 'i', '{g}');
select count(*) from audit('select i, true as p from generate_series(1, 10001) as i', null, 'p', '{i}');
select audit('people', 'repaid', 'granted', '{sex}') is null;

-- Privileges and row-level security are the caller's.
create role regress_fairdb_clerk;
grant usage on schema fairdb, public to regress_fairdb_clerk;
set role regress_fairdb_clerk;
select * from audit('people', 'repaid', 'granted', '{sex}');
reset role;
grant select (sex, granted) on people to regress_fairdb_clerk;
set role regress_fairdb_clerk;
select count(*) from audit('select sex, granted from people', null, 'granted', '{sex}');
reset role;
grant select on people to regress_fairdb_clerk;
alter table people enable row level security;
create policy visible on people to regress_fairdb_clerk using (i <= 100);
set role regress_fairdb_clerk;
select sum(n) as visible from audit('people', null, 'granted', '{sex}');
reset role;
alter table people disable row level security;
drop policy visible on people;
revoke all on people from regress_fairdb_clerk;
revoke all on schema fairdb, public from regress_fairdb_clerk;
drop role regress_fairdb_clerk;
-- The caller's operators and functions are not called in place of the server's.
create schema mine;
create function mine.count(text) returns bigint language sql as 'select 0::bigint';
create function mine.always(int, int) returns bool language sql as 'select true';
create operator mine.= (leftarg = int, rightarg = int, function = mine.always);
set search_path to mine, public, fairdb, pg_catalog;
select sensitive, n, n_selected from fairdb.audit('people', null, 'granted', '{sex}');
set search_path to public, fairdb;
drop schema mine cascade;

-- Hidden groups cannot be computed from the other rows (test/unit/audit_test.cpp tries to).
select attributes, sensitive, n, suppressed from audit($$select * from (values ('f', 'a', 40), ('f', 'b', 30), ('f', 'c', 3), ('m', 'a', 50), ('m', 'b', 25), ('m', 'c', 20)) as t(sex, race, n),
  generate_series(1, n)$$, null, null, '{sex,race}', min_group => 10);
set fairdb.min_group to 10;
select attributes, sensitive, n, suppressed from audit($$select * from (values ('f', 4), ('m', 50), ('x', 30)) as t(sex, n), generate_series(1, n)$$, null, null, '{sex}', min_group => 1);
select section, category, n_applicants, rate, note from local_law_144($$select *, true as hired from (values ('f', 'a', 40), ('f', 'b', 3), ('m', 'a', 50), ('m', 'b', 60)) as t(sex, race, n), generate_series(1, n)$$, 'hired', 'sex', 'race');
select * from multiclass_counts($$values ('one', 'x', 'x'), ('many', 'x', 'x') union all select 'many', 'x', 'y' from generate_series(1, 40)
  union all select 'more', 'y', 'y' from generate_series(1, 30)$$, 'column2', 'column3', '{column1}');
select * from label_divergences($$values ('one', 'x') union all select 'many', 'y' from generate_series(1, 40)$$, 'column2', '{column1}', "group" => 'one');
select sensitive, n, mae from regression_by_group($$select 'one' as g, 1 as y, 2 as p union all select 'many', 1, 2 from generate_series(1, 40) union all select 'more', 1, 3 from generate_series(1, 50)$$, 'y', 'p', '{g}');
reset fairdb.min_group;
select * from audit('people', 'repaid', 'granted', '{sex}', min_group => -1);

-- Local Law 144: rates and impact ratios within each section; scores strictly above the median of all.
select section, category, n_applicants, n_selected, unknown_outcome, round(rate::numeric, 4) as rate, round(impact_ratio::numeric, 4) as impact_ratio, excluded, note
from local_law_144('people', 'granted', 'sex', 'race');
with median as (select percentile_cont(0.5) within group (order by income) as m from people),
expected as (select sex, count(income) as n, count(*) filter (where income > m) as selected from people, median where sex is not null and race is not null group by sex)
select category, n_applicants = n as applicants, n_selected = selected as selected, abs(rate - selected::float8 / n) < 1e-12 as rate,
       abs(impact_ratio - selected::float8 / n / (select max(selected::float8 / n) from expected)) < 1e-12 as ratio
from local_law_144('people', 'income', 'sex', 'race', mode => 'scoring') join expected on category = sex where section = 'sex';
-- Small categories are compared and marked, or left out when that is asked for.
select small, section, category, n_applicants, round(impact_ratio::numeric, 4) as impact_ratio, excluded, note
from (values (false), (true)) as s (small), local_law_144($$select sex, race, i <= selected as hired from (values ('f', 'a', 600, 300), ('m', 'a', 390, 234), ('m', 'b', 10, 8)) as t(sex, race, n, selected), generate_series(1, n) as i$$,
  'hired', 'sex', 'race', exclude_small => small) where section <> 'sex' order by 1, 2, 3;
select section, category, n_selected, note from local_law_144($$select 'f' as sex, 'a' as race, 5 as score union all select null, 'a', 9 union all select 'm', 'a', null$$, 'score', 'sex', 'race', 'scoring');
select * from local_law_144('people', 'income', 'sex', 'race');
select * from local_law_144('people', 'degree', 'sex', 'race', mode => 'scoring');
select * from local_law_144('people', 'income', 'sex', 'race', mode => 'both');
select * from local_law_144('people', 'income', 'sex', 'sex');
select * from local_law_144($$select 'f' as sex, 'a' as race, 'NaN'::float8 as score$$, 'score', 'sex', 'race', 'scoring');

-- Several classes: counts by group, and each class against the rest.
select * from multiclass_counts('select sex, degree, race from people where i < 200', 'degree', 'race', '{sex}') order by 1, 2, 3 limit 8;
select count(*) as cells, bool_and(m.n = e.n and abs(share - e.n::float8 / e.all) < 1e-12) as same
from multiclass_counts('people', 'degree', 'race', '{sex}') as m
join (select sex, degree::text, race, count(*) as n, sum(count(*)) over (partition by sex) as all from people group by 1, 2, 3) as e
  on (m.sensitive, y_true, y_pred) is not distinct from (e.sex, e.degree, e.race);
select class, confusion = (select confusion_agg(repaid_grade = class, grade = class, sex) from
  (select sex, case when repaid then 'good' when not repaid then 'bad' end as repaid_grade, case granted when 1 then 'good' when 0 then 'fair' end as grade from people) as t) as same
from multiclass_confusions($$select sex, case when repaid then 'good' when not repaid then 'bad' end as y, case granted when 1 then 'good' when 0 then 'fair' end as p from people$$, 'y', 'p', '{sex}');

-- Labels of several classes; a class that the group lacks makes the divergence infinite, not 0.
with share as (select degree, count(*) filter (where sex = 'Female')::float8 / sum(count(*) filter (where sex = 'Female')) over () as f,
                      count(*) filter (where sex = 'Male')::float8 / sum(count(*) filter (where sex = 'Male')) over () as m
               from people where degree is not null group by degree)
select n_classes, abs(kl - (select sum(m * ln(m / f)) from share)) < 1e-12 as kl, abs(lp - (select sqrt(sum((m - f) ^ 2)) from share)) < 1e-12 as lp,
       abs(js - (select sum(m * ln(2 * m / (m + f)) + f * ln(2 * f / (m + f))) / 2 from share)) < 1e-12 as js,
       abs(tvd - (select sum(abs(m - f)) / 2 from share)) < 1e-12 as tvd, abs(ks - (select max(abs(m - f)) from share)) < 1e-12 as ks
from label_divergences('people', 'degree', '{sex}', 'Male', 'Female');
select kl, round(js::numeric, 6) as js, tvd, ks from label_divergences($$values ('a', 1), ('a', 2), ('b', 0), ('b', 2)$$, 'column2', '{column1}', "group" => 'a');
select * from label_divergences('people', 'degree', '{sex}');
select * from label_divergences('people', 'degree', '{sex}', "group" => 'X');

-- Errors of numbers.
select r.sensitive, r.n = e.n as n, r.n_unknown = e.unknown as unknown, abs(r.mae - e.mae) < 1e-9 as mae, abs(r.rmse - e.rmse) < 1e-9 as rmse, abs(r.bias - e.bias) < 1e-9 as bias,
       abs(r.r2 - e.r2) < 1e-9 as r2, abs(r.mean_true - y) < 1e-9 as mean_true, abs(r.mean_predicted - p) < 1e-9 as mean_predicted
from regression_by_group('people', 'income', 'estimate', '{sex,race}') as r
join (select case when row(sex, race) is not null then row(sex, race)::text end as g, count(income) as n, count(*) - count(income) as unknown, avg(abs(estimate - income)) as mae, sqrt(avg((estimate - income) ^ 2)) as rmse,
             avg(estimate - income) as bias, 1 - avg((estimate - income) ^ 2) / var_pop(income) as r2, avg(income) as y, avg(estimate) filter (where income is not null) as p
      from people group by 1) as e on r.sensitive is not distinct from e.g order by 1;
select * from regression_by_group('people', 'income', 'sex', '{race}');
select * from regression_by_group($$select 'a' as g, 'NaN'::float8 as y, 1.0 as p$$, 'y', 'p', '{g}');
select sensitive, n, mae, r2 from regression_by_group($$select 'a' as g, 2 as y, 2.5 as p union all select 'b', null, 1$$, 'y', 'p', '{g}');

drop table people, confusions;
drop type degree;

-- An audit lets the server count in parallel workers: here none of the rows is the leader's.
create table many_rows as select i, i % 2 = 0 as y from generate_series(1, 20000) as i;
create function reader() returns text language plpgsql parallel safe as $$ begin return (pg_backend_pid() = current_setting('reader.leader')::int)::text; end $$;
select set_config('reader.leader', pg_backend_pid()::text, false) is not null as leader;
set parallel_setup_cost = 0;
set parallel_tuple_cost = 0;
set min_parallel_table_scan_size = 0;
set parallel_leader_participation = off;
select sensitive as by_the_leader, n from audit('select reader() as reader, y from many_rows', 'y', 'y', '{reader}');
reset parallel_setup_cost;
reset parallel_tuple_cost;
reset min_parallel_table_scan_size;
reset parallel_leader_participation;
drop function reader();
drop table many_rows;
