-- Audits by windows, limits, scoring jobs: what they say, and what they refuse. Crashes, races, schedules and rights are
-- in test/server/jobs.sh.
set search_path to public, fairdb;
\pset null <NULL>
\set SHOW_CONTEXT never
set intervalstyle to postgres;
set timezone to 'UTC';
set datestyle to iso;

-- Windows are aligned, and the same in every session.
select every, window_start(every::interval, 'UTC', '2024-05-16 13:45+00') as "from", window_end(every::interval, 'UTC', window_start(every::interval, 'UTC', '2024-05-16 13:45+00')) as until
from unnest('{15 minutes,6 hours,1 day,1 week,2 weeks,1 month,3 months,1 year}'::text[]) as every;
-- The day on which clocks are put forward has 23 hours.
select window_end('1 day', 'Europe/Rome', d) - d as length, window_end('1 day', 'Europe/Rome', d) = window_start('1 day', 'Europe/Rome', d + interval '26 hours') as meets
from unnest(array[window_start('1 day', 'Europe/Rome', '2024-03-31 12:00+00'), window_start('1 day', 'Europe/Rome', '2024-10-27 12:00+00'), window_start('1 day', 'Europe/Rome', '2024-05-01 12:00+00')]) as d;
select bool_and(window_start(every, zone, t) <= t and t < window_end(every, zone, window_start(every, zone, t)) and window_start(every, zone, window_end(every, zone, window_start(every, zone, t))) = window_end(every, zone, window_start(every, zone, t)))
from unnest('{7 minutes,5 hours,1 day,10 days,1 week,1 month,5 months}'::interval[]) as every, unnest('{UTC,Europe/Rome,Asia/Kathmandu,America/Sao_Paulo}'::text[]) as zone,
  (select timestamptz '1999-12-31 23:00+00' + i * interval '37 hours 11 minutes' as t from generate_series(1, 3000, 7) as i) as times;
select window_start('1 day 1 hour', 'UTC', now());
select window_start('10 seconds', 'UTC', now());

create table job_rows as
select i as id, timestamptz '2024-01-01 00:00+00' + i * interval '1 hour' as at, timestamp '2024-01-01 00:00' + i * interval '1 hour' as local, date '2024-01-01' + i / 24 as day,
  i % 2 as approved, case when i % 10 > 0 then (i % 3 = 0)::int end as repaid, (array['f', 'm'])[1 + i % 5 / 3] as sex, (array['b', 'w'])[1 + i % 7 / 4] as race, (array['north', 'south'])[1 + i % 2] as branch, i % 100 / 100.0 as score, 1 + i % 2 as weight
from generate_series(0, 24 * 28 - 1) as i;

-- Of each type of time the same windows.
select create_audit('at', 'job_rows', 'repaid', 'approved', '{sex,race}', at => 'at', score => 'score', strata => 'branch', starts => '2024-01-01');
select create_audit('local', 'job_rows', 'repaid', 'approved', '{sex,race}', at => 'local', score => 'score', strata => 'branch', starts => '2024-01-01');
select create_audit('day', 'job_rows', 'repaid', 'approved', '{sex,race}', at => 'day', score => 'score', strata => 'branch', starts => '2024-01-01');
select number, "from", until, attempt, n, round(coverage::numeric, 4) as coverage from run_audit('at', '2024-01-01', '2024-01-29');
select count(*) from run_audit('local', '2024-01-01', '2024-01-29') as l join run_audit('day', '2024-01-01', '2024-01-29') as d using ("from");
select r."from", bool_and(r.confusion = s.confusion and r.strata = s.strata and r.distribution = s.distribution) as same, count(*)
from last_runs as r join last_runs as s on s."from" = r."from" and s.audit_name <> 'at' where r.audit_name = 'at' group by 1 order by 1;
-- A run stores values: of the window's rows.
select r.confusion = (select confusion_agg(repaid = 1, approved = 1, row(sex, race)) from job_rows where at >= r."from" and at < r.until) as counts,
  r.distribution = (select distribution_agg(score::float8, row(sex, race)) from job_rows where at >= r."from" and at < r.until) as scores,
  (select rollup((s ->> 'confusion')::jsonb::confusion) from jsonb_array_elements(r.strata) as s) = r.confusion as strata
from last_runs as r where audit_name = 'at';

-- Weights, a positive value, no labels, a whole source.
select create_audit('weighted', 'select *, case approved when 1 then ''yes'' else ''no'' end as decided from job_rows', null, 'decided', 'sex', at => 'at', weight => 'weight', positive => 'yes', every => '1 month', starts => '2024-01-01');
select confusion = (select confusion_agg(null, approved = 1, sex, weight::float8) from job_rows where at < '2024-02-01') as same, coverage from run_audit('weighted', '2024-01-01', '2024-02-01');
select create_audit('whole', 'job_rows', 'repaid', 'approved', 'sex', every => '1 year') <= now() as due;
select attempt, n from run_audit('whole');
select attempt, n from run_audit('whole');
insert into job_rows select 10000, at, local, day, 1, 1, sex, race, branch, score, weight from job_rows where id = 1;
select attempt, n from run_audit('whole');
select count(*) from runs where audit = (select id from audits where name = 'whole');

-- A closed window keeps its value; replay tells that it would be another one now.
select attempt from run_audit('at', '2024-01-01', '2024-01-08');
select equal, differs_in from replay('at', 1);
select equal, differs_in from replay('at', 2);
select * from verify_runs('at');

-- History, limits and verdicts.
select "from", n, round(value::numeric, 4) as value, round(lower::numeric, 3) as lower, round(upper::numeric, 3) as upper, group_low, group_high from history('at', 'demographic_parity_difference');
select "from", round(value::numeric, 4) as value from history('at', 'equal_opportunity_difference', attributes => 'sex');
select add_limit('at', 'equal_opportunity_difference', at_most => 0.2, attributes => 'sex', min_coverage => 0.5, min_n => 5);
select add_limit('at', 'demographic_parity_ratio', at_least => 0.2, attributes => 'sex', rule => 'spending', looks => 12);
select add_limit('at', 'demographic_parity_difference', at_most => 0.3, rule => 'anytime');
select metric, attributes, rule, looks, coalesce(at_most, at_least) as bound from limits order by metric;
select metric, "from"::date, round(value::numeric, 3) as value, round(lower::numeric, 3) as lower, round(upper::numeric, 3) as upper, verdict, alert, reason from verdicts order by metric, "from";
select drop_limit('at', 'demographic_parity_ratio', 'sex');
select count(*) from limits;

-- Drift.
select sensitive, what, round(baseline_value::numeric, 3) as baseline, round(value::numeric, 3) as value, round(p_value::numeric, 3) as p_value from drift('weighted', run => 1, baseline => '1');
select count(*), count(*) filter (where p_value < 0.001) from drift('at', run => 3, baseline => 'previous');

-- Columns of any name are columns: those of the source are not taken for its row, nor for ours.
create type job_pair as (a int, b int);
create view job_odd as select *, row(1, 2)::job_pair as s, row(1, 2)::job_pair as r, row(1, 2)::job_pair as fairdb_row, 0.5 as fairdb_score, true as fairdb_decision, 3 as k, 4 as "x.y", 5 as "from" from job_rows;
select create_audit('odd', 'job_odd', 'repaid', 'approved', '{k,"x.y"}', at => 'at', score => 'from', starts => '2024-01-01') is not null as created;
select n, confusion from run_audit('odd', '2024-01-01', '2024-01-08');
-- A clock that shows an hour twice: each row in one window.
create table job_clock as select timestamp '2026-10-25 02:15' as at, (array['f', 'm'])[1 + i % 2] as sex, i % 3 = 0 as y from generate_series(0, 59) as i;
select create_audit('clock', 'job_clock', 'y', 'y', 'sex', at => 'at', every => '30 minutes', starts => '2026-10-24 22:00+00', time_zone => 'Europe/Berlin') is not null as created;
select "from", n from run_audit('clock', '2026-10-25 00:00+00', '2026-10-25 02:00+00');
-- Times before the first year.
insert into job_clock select timestamp '0044-03-15 12:00 BC', 'f', true from generate_series(1, 7);
select create_audit('ides', 'job_clock', 'y', 'y', 'sex', at => 'at', every => '1 year') is not null as created;
select "from", n from run_audit('ides', '0044-01-01 00:00+00 BC', '0044-02-01 00:00+00 BC');
-- The first of two midnights is still of the day before.
select window_start('1 day', 'America/Havana', '2024-11-03 04:30+00'), window_end('1 day', 'America/Havana', window_start('1 day', 'America/Havana', '2024-11-03 04:30+00'));
select drop_audit(name) from audits where name in ('odd', 'clock', 'ides') order by name;
-- The zone of the audit is that of its source, too.
select create_audit('zone', 'select *, at::date::text as d from job_rows', 'repaid', 'approved', 'd', at => 'at', starts => '2024-01-01') is not null as created;
select count(*) from run_audit('zone', '2024-01-01', '2024-01-08');
set timezone to 'Asia/Tokyo';
select p.equal, p.differs_in from replay('zone', 1) as p;
set timezone to 'UTC';

-- What cannot be meant.
select create_audit('x', 'job_rows', 'repaid', 'approved', 'sex', at => 'at', every => '1 minute', starts => '1900-01-01');
select create_audit('x', 'job_rows', 'repaid', 'approved', 'sex', at => 'at', starts => 'infinity');
select create_audit('x', 'job_rows', 'repaid', 'approved', 'sex', at => 'day', every => '6 hours');
select add_limit('at', 'accuracy_difference', at_most => 0.3, attributes => '{race,sex,race}');
select attributes from limits where metric = 'accuracy_difference';
select add_limit('at', 'accuracy_difference', at_most => 0.3, attributes => '{sex,race}');
select drop_limit('at', 'accuracy_difference', '{race,sex}');
select create_audit('at', 'job_rows', 'repaid', 'approved', 'sex');
select create_audit('x', 'nothing_there', 'repaid', 'approved', 'sex');
select create_audit('x', 'job_rows', 'repaid', 'aproved', 'sex');
select create_audit('x', 'job_rows', 'repaid', 'approved', 'sex', at => 'score');
select create_audit('x', 'job_rows', 'repaid', 'approved', 'sex', at => 'nowhere');
select create_audit('x', 'job_rows', 'repaid', 'approved', 'sex', label_delay => '1 day');
select create_audit('x', 'job_rows', 'repaid', null, 'sex');
select create_audit('x', 'job_rows', 'repaid', null, 'sex', model => 'nobody');
select create_audit('x', 'job_rows', 'repaid', 'approved', 'sex', at => 'at', every => '1 month 3 days');
select create_audit('x', 'job_rows', 'repaid', 'approved', 'sex', at => 'at', time_zone => 'Mars/North');
select add_limit('at', 'demographic_parity_difference', at_least => 0.3);
select add_limit('at', 'demographic_parity_ratio', at_most => 0.3);
select add_limit('at', 'demographic_parity_ratio', at_least => 0.3, at_most => 0.5);
select add_limit('at', 'theil_index', at_most => 0.3);
select add_limit('at', 'accuracy_difference', at_most => 0.3, attributes => 'branch');
select add_limit('at', 'accuracy_difference', at_most => 0.3, rule => 'weekly');
select add_limit('at', 'accuracy_difference', at_most => 0.3, rule => 'anytime', looks => 52);
select add_limit('at', 'demographic_parity_difference', at_most => 0.3);
select add_limit('weighted', 'accuracy_difference', at_most => 0.3);
select add_limit('weighted', 'demographic_parity_difference', at_most => 0.3, min_coverage => 0.5);
select add_limit('whole', 'accuracy_difference', at_most => 0.3, rule => 'two_windows');
select add_limit('whole', 'accuracy_difference', at_most => 0.3);
select run_audit('at', version => 3);
select run_audit('whole', '2024-01-01');
select run_audit('nowhere');
select grant_audit('whole', current_user);
select grant_audit('at', 'nobody_there');
select close_alert('at', 'demographic_parity_difference', 'why');
select replay('at', 99);
select drift('at');
select require_fair('credit', 'at');
begin;
call run_due();
rollback;

-- Scoring: exactly the rows whose key the target lacks, and reasons for those without a score.
create table job_applications as select i as id, i % 10 as branch, (i * 7919 % 1009) / 1009.0::float8 as x, i % 13 as z, (array['f', 'm'])[1 + i % 2] as sex, i % 3 = 0 as y from generate_series(1, 400) as i;
select save_model('job_credit', train_linear('job_applications', 'y', null, '{x,z}', fairness => 'none'));
select create_scoring_job('scores', 'job_applications', 'id', 'job_credit', 'job_scores');
select create_scoring_job('fair', 'job_applications', '{branch,id}', 'job_credit', 'job_fair', law => (select distribution_agg(predict('job_credit', a), sex) from job_applications as a), sensitive => 'sex');
select run_scoring('scores'), run_scoring('fair');
insert into job_applications values (1001, 0, 'NaN', 1, 'f', true), (1002, 0, null, 1, 'm', true), (1003, 0, 0.5, 2, 'x', true), (1004, 0, 0.5, 2, null, true), (null, 0, 0.5, 2, 'f', true);
select run_scoring('scores'), run_scoring('fair');
select id, score is null as no_score, fair_score is null as no_fair_score, model_version, length(law_digest), reason from job_fair where reason is not null order by id;
select count(*), count(*) filter (where s.score = predict('job_credit', a)), count(*) filter (where f.fair_score = adjust(l.law, s.score, a.sex)) from job_scores as s join job_fair as f using (id) join job_applications as a using (id),
  (select distribution_agg(predict('job_credit', a), sex) as law from job_applications as a where id <= 400) as l where id <= 400;
-- A row that fails in the source itself.
create view job_failing as select id, 1 / (id - 50.0) as x, z from job_applications;
select create_scoring_job('failing', 'job_failing', 'id', 'job_credit', 'job_failed');
select run_scoring('failing');
select id, reason from job_failed where score is null order by id;
-- Where the source cannot be read for some keys alone, no key is blamed for another one's row.
select create_scoring_job('ordered', 'select id, 1 / (id - 50.0) as x, z from job_applications order by id limit 1000', 'id', 'job_credit', 'job_ordered');
select run_scoring('ordered');
select count(*) from job_ordered;
create table job_keyless as select * from job_scores limit 0;
select create_scoring_job('keyless', 'job_applications', 'id', 'job_credit', 'job_keyless');
alter table job_keyless add unique (id) deferrable;
select create_scoring_job('keyless', 'job_applications', 'id', 'job_credit', 'job_keyless');
-- Again, by a newer version.
select save_model('job_credit', train_linear('job_applications', 'y', null, '{z}', fairness => 'none'));
update job_applications set x = 0.5 where id in (1001, 1002);
insert into job_applications values (1005, 0, null, 1, 'f', true);
select rescore('scores', (select jsonb_agg(id) from job_scores where score is null));
select rescore('fair', '[{"branch": 0, "id": 1001}, {"branch": 0, "id": 77777}]');
select model_version, count(*), count(score) from job_scores group by 1 order by 1;
select name, scored, without_score, failures from scoring_jobs order by name;
-- A model that cannot read the source is an error of the job, not of each row.
select create_scoring_job('x', 'select id, z as w from job_applications', 'id', 'job_credit', 'job_x');
select create_scoring_job('x', 'job_applications', 'nowhere', 'job_credit', 'job_x');
select create_scoring_job('x', 'job_applications', 'id', 'nobody', 'job_x');
select create_scoring_job('x', 'job_applications', 'id', 'job_credit', 'job_rows');
select create_scoring_job('x', 'job_applications', 'id', 'job_credit', 'job_x', written => 'x');
select create_scoring_job('x', 'job_applications', 'id', 'job_credit', 'job_x', since => 'x');
select create_scoring_job('x', 'job_applications', 'id', 'job_credit', 'job_x', sensitive => 'sex');
select create_scoring_job('scores', 'job_applications', 'id', 'job_credit', 'job_x');
select to_regclass('job_x');
select rescore('scores', '17');
select rescore('fair', '[17]');
select create_scoring_job('x', 'select id as score, x, z from job_applications', 'score', 'job_credit', 'job_x');
select create_scoring_job('x', 'job_applications', 'id', 'job_credit', 'a.b.c');
-- A column that is called as a row might be.
create view job_odd_rows as select id, x, z, row(1, 2)::job_pair as s, row(1, 2)::job_pair as fairdb_row, 1 as q, 2 as p from job_applications;
select create_scoring_job('odd', 'job_odd_rows', 'id', 'job_credit', 'job_odd_scores');
select run_scoring('odd');
select count(*) from job_odd_scores as o join job_applications as a using (id), models as m where m.name = 'job_credit' and m.active and o.score is distinct from predict_or_null(m.model, a);
select run_scoring('nowhere');

-- Rows that a model cannot take, by themselves.
select id, predict_or_null(m.model, a) is null as none, prediction_error(m.model, a) from job_applications as a, own_models as o join models as m using (owner, name, version) where o.name = 'job_credit' and o.version = 1 and id in (1, 1003, 1005) order by id;

select drop_scoring_job('failing'), drop_scoring_job('ordered'), drop_audit('weighted');
select name from audits order by name;
select count(*) > 0 from runs where audit not in (select id from audits);

-- judge: no windows, windows without rows, one group, weights; arguments that are NULL.
select * from judge(null, 'demographic_parity_difference', at_most => 0.1);
select * from judge('{}', 'demographic_parity_difference', at_most => 0.1);
select number, value, verdict, alert, reason from judge(array[null, (select confusion_agg(null, i % 2 = 0, 'a') from generate_series(1, 100) as i),
  (select confusion_agg(null, i % 2 = 0, (i % 2)::text, 0.5) from generate_series(1, 2000) as i), (select confusion_agg(null, null, 'a') from generate_series(1, 100))]::confusion[], 'demographic_parity_difference', at_most => 0.1, rule => 'spending');
select judge(null, null, at_most => 0.1);
select judge(null, 'demographic_parity_difference', at_most => null);
select judge(null, 'demographic_parity_difference', at_most => 'NaN');
select judge(null, 'demographic_parity_difference', at_most => 0.1, budget => null);

-- What was granted and required is taken back, once.
select grant_audit('at', 'public');
select revoke_audit('at', 'public');
select revoke_audit('at', 'public');
select create_audit('gate', 'job_applications', 'y', null, 'sex', model => 'job_credit') is not null as created;
select require_fair('job_credit', 'gate');
select add_limit('gate', 'demographic_parity_difference', at_most => 0.2);
select require_fair('job_credit', 'gate');
select drop_audit('gate');
select drop_requirement('job_credit', 'gate');
select drop_requirement('job_credit', 'gate');
select e ->> 'event' as event from gates, jsonb_array_elements(events) as e;
select drop_audit('gate');
