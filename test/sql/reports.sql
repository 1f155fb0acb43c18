-- Pages and pictures: what they say, what they withhold, what they refuse, and that equal input makes equal bytes.
\pset null <NULL>
set search_path to public, fairdb;
create table loans as
select i as id, case when i % 3 = 0 then 'a' else 'b' end as race, i % 4 = 0 as single, (i * 7919 % 1009) < case when i % 3 = 0 then 400 else 700 end as approved,
  (i * 104729 % 997) < 600 as repaid, (i * 7919 % 1009) / 1009.0::float8 as score, 1 + i % 2 as weight
from generate_series(1, 3000) as i;
-- The text of a part of a page.
create function part(page text, form text) returns text language sql immutable as $$ select replace(replace(substring(page from form), '&#160;', ' '), '&#215;', 'x') $$;

-- A page of a source: the numbers are those of the other functions.
create table pages as select report('loans', 'repaid', 'approved', 'score', '{race,single}', 'Title & <b>', people => 'applicants', selected => 'approved', threshold => 0.5,
  limits => '{"demographic_parity_difference": 0.1, "equal_opportunity_ratio": 0.2, "auc_difference": 0.9}') as page;
select part(page, '<h1>(.*)</h1>') as title, part(page, 'class="lead">([^<]*)') as lead from pages;
select n, round(100 * value) as percent from rate_by_group((select confusion_agg(null, approved, race) from loans), 'selection_rate');
select replace(replace(t[1], '&#160;', ' '), '&#215;', 'x') as name, t[2] as value, replace(t[3], '&#160;', ' ') as range, t[4] as word
from pages, regexp_matches(page, 'class="name">([^<]*)</div><div class="value">([^<]*)</div><div class="range">([^<]*)</div><div class="verdict"><span class="word"><span aria-hidden="true">[^<]*</span> ([^<]*)<', 'g') as t;
select metric, round(value::numeric, 3) as value, round(lower::numeric, 3) as lower, round(upper::numeric, 3) as upper from metrics((select confusion_agg(repaid, approved, race) from loans), 0.95, null, '{demographic_parity_difference,equal_opportunity_ratio}');
select metric, round(value::numeric, 3) as value, round(lower::numeric, 3) as lower, round(upper::numeric, 3) as upper from score_gaps((select distribution_agg(score, row(race, repaid)) from loans)) where metric = 'auc_difference';
select t[1] as figure from pages, regexp_matches(page, '<h3 id="[^"]*">([^<]*)<', 'g') as t;
select t[1] as term, replace(t[2], '&#160;', ' ') as text from pages, regexp_matches(regexp_replace(page, '</?code>', '', 'g'), '<dt>([^<]*)</dt><dd>([^<]*)</dd>', 'g') as t where t[1] not in ('Snapshot', 'Made by');
select page ~ '^[\n -~]*$' as is_ascii, page like '%default-src ''none''; style-src ''unsafe-inline''%' as asks_for_nothing, page ~ '<script|https?:|url\(' as may_ask from pages;

-- Of stored values it is the same, but for where they come from; a figure without data is left out.
select (select string_agg(t[1], ', ') from regexp_matches(report(confusion_agg(repaid, approved, row(race, single)), distribution_agg(score, row(race, single, repaid)), attributes => '{race,single}', people => 'applicants', selected => 'approved'), '<h3 id="[^"]*">([^<]*)<', 'g') as t) from loans;
select (select string_agg(t[1], ', ') from regexp_matches(report(confusion_agg(null, approved, race), distribution_agg(score, race)), '<h3 id="[^"]*">([^<]*)<', 'g') as t) from loans;
select (select string_agg(t[1], ', ') from regexp_matches(report(confusion_agg(null, approved, race)), '<h3 id="[^"]*">([^<]*)<', 'g') as t) from loans;
select part(report(confusion_agg(null, approved, 'all')), 'class="lead">([^<]*)') as one_group from loans;
select part(report(confusion_agg(repaid, null, race)), 'class="lead">([^<]*)') as no_decisions from loans;
select part(report(confusion_agg(repaid, approved, null::text)), 'class="lead">([^<]*)') as no_group, part(report(confusion_agg(repaid, approved, null::text)), 'Left out</dt><dd>([^<]*)') as left_out from loans;
select report(null::confusion) is null as page_of_null, chart('rates', null::confusion) is null as chart_of_null, vega('roc', null::distribution) is null as vega_of_null;
select part(report(confusion_agg(repaid, approved, race), distribution_agg(score, race, weight::float8)), '<h1>(.*)</h1>') from loans;
-- Booleans are called by their attribute; weights, other labels.
select part(report('loans', 'repaid', 'approved', null, 'single', weight => 'weight'), 'class="lead">([^<]*)') as weighted;
select part(report($$select race, case when approved then 'yes' else 'no' end as outcome from loans$$, null, 'outcome', null, 'race', positive => 'yes'), 'class="lead">([^<]*)') as with_positive;
select part(report('loans', 'repaid', 'approved', null, 'race', metric => 'true_positive_rate'), '<h3 id="f1">([^<]*)') as other_rate;

-- Equal input, equal bytes: whatever the plan, the search_path and the locale.
begin;
create temp table given on commit drop as select confusion_agg(repaid, approved, race) as c, distribution_agg(score, row(race, repaid)) as d from loans;
create temp table made (how text, page text) on commit drop;
insert into made select 'as it is', report('loans', 'repaid', 'approved', 'score', 'race');
set local max_parallel_workers_per_gather to 2; set local parallel_setup_cost to 0; set local parallel_tuple_cost to 0; set local min_parallel_table_scan_size to 0;
insert into made select 'parallel', report('loans', 'repaid', 'approved', 'score', 'race');
set local lc_numeric to 'C'; set local lc_monetary to 'C'; set local lc_time to 'C'; set local datestyle to 'German, DMY'; set local timezone to 'Asia/Kolkata'; set local extra_float_digits to -15; set local intervalstyle to 'iso_8601';
insert into made select 'settings', report('loans', 'repaid', 'approved', 'score', 'race');
create schema hostile; create function hostile.to_char(timestamp, text) returns text language sql as $$ select 'hostile' $$; create function hostile.count() returns bigint language sql as $$ select 7::bigint $$;
set local search_path to hostile, pg_catalog, public;
insert into made select 'search_path', fairdb.report('public.loans', 'repaid', 'approved', 'score', 'race');
select how, md5(replace(page, 'public.loans', 'loans')) = (select md5(replace(page, 'public.loans', 'loans')) from made where how = 'as it is') as same from made;
select fairdb.report(c, d) = fairdb.report(c, d) as same, fairdb.chart('roc', d) = fairdb.chart('roc', d) as chart from given;
rollback;

-- Names are text, whatever is in them.
create table names_of_groups as
select n, i % (2 + n::int % 3) = 0 as approved, case n when 1 then '<script>alert(1)</script>' when 2 then ']]>--></style></svg>' when 3 then '" onload="x' when 4 then '''><img src=x>'
  when 5 then E'a\u202Eb' when 6 then E'line\nbreak\t\u0001' when 7 then '&lt;b&gt;' when 8 then '' when 9 then repeat('W', 200) else 'שלום' end as name, (i * 37 % 101) / 101.0 as score
from generate_series(1, 10) as n, generate_series(1, 50) as i;
create table hostile_pages as
select report('names_of_groups', null, 'approved', 'score', 'name', E'<script>\u202E', people => '<i>people</i>', selected => '"chosen"', sources => '{"<script>": "</dd><script>"}') as page;
select page ~ '<script|<img|<i>|onload="x|</style></svg>-' as has_markup, page ~ '^[\n -~]*$' as is_ascii, page ~ '&#8238;|&#x202' as turns_direction,
  page like '%&lt;script&gt;alert(1)&lt;/script&gt;%' as shows_it, page like '%aU+202Eb%' as shows_code, page like '%lineU+000AbreakU+0009U+0001%' as shows_control from hostile_pages;
select count(*) as charts, bool_and(xpath_exists('/*', c::xml)) as well_formed, bool_or(c ~ '<script|onload="x|<img') as has_markup
from (select chart(kind, confusion_agg(null, approved, name), title => '<script>&') as c from names_of_groups, unnest('{rates}'::text[]) as kind group by kind
  union all select chart(kind, distribution_agg(score, name), title => '<script>&') from names_of_groups, unnest('{scores,adjusted}'::text[]) as kind group by kind
  union all select chart(kind, distribution_agg(score, row(name, approved)), title => '<script>&') from names_of_groups, unnest('{calibration,roc}'::text[]) as kind group by kind
  union all select chart('history', '[{"from": "2024-01-01", "metric": "demographic_parity_difference", "value": 0.1, "label": "<script>"}]'::jsonb)
  union all select chart('tradeoff', '[{"epsilon": 0, "gap": 0.1, "accuracy": 0.8}, {"epsilon": 1, "gap": 0.2, "accuracy": 0.9}]'::jsonb)) as t;
select jsonb_path_exists(vega('rates', confusion_agg(null, approved, name)), '$.data.values[*] ? (@.group == "<script>alert(1)</script>")') as has_the_name from names_of_groups;

-- What is withheld: groups that are too small, and their gaps with them.
create table small as select 'a' as g, i % 2 = 0 as approved, i / 100.0::float8 as score, i % 3 = 0 as repaid from generate_series(1, 100) as i
union all select 'b', i % 4 = 0, i / 100.0, i % 3 = 0 from generate_series(1, 100) as i
union all select 'c', i % 5 = 0, i / 100.0, i % 3 = 0 from generate_series(1, 60) as i union all select 'tiny', true, 0.875, true from generate_series(1, 3) union all select null, true, 0.5, true from generate_series(1, 4);
select report('small', 'repaid', 'approved', 'score', 'g') like '%tiny%' as shown, report('small', 'repaid', 'approved', 'score', 'g', min_group => 5) like '%tiny%' as withheld,
  part(report('small', 'repaid', 'approved', 'score', 'g', min_group => 5), 'Left out</dt><dd>([^<]*)') as left_out;
set fairdb.min_group to 5;
select part(report(confusion_agg(repaid, approved, g)), 'class="note">([^<]*)') as note from small;
select chart('rates', confusion_agg(null, approved, g)) like '%tiny%' as tiny, chart('scores', distribution_agg(score, g)) like '%tiny%' as tiny_scores, chart('roc', distribution_agg(score, row(g, repaid))) like '%tiny%' as tiny_roc from small;
select part(report(confusion_agg(null, approved, g)), 'class="lead">([^<]*)') as all_withheld from small where g = 'tiny' or g is null;
reset fairdb.min_group;

-- Pages of audits.
create table decided as select *, timestamptz '2024-01-01 00:00+00' + id * interval '20 minutes' as decided_at from loans;
select from create_audit('approvals', 'decided', null, 'approved', '{race,single}', at => 'decided_at', score => 'score', starts => '2024-01-01', time_zone => 'UTC');
select report('approvals') as no_runs_yet;
select from add_limit('approvals', 'demographic_parity_difference', at_most => 0.1, attributes => '{race}'), run_audit('approvals', '2024-01-01', '2024-02-12') offset 10;
create table run_pages as select report('approvals', people => 'applicants', selected => 'approved') as page;
select part(page, 'class="lead">([^<]*)') as lead, part(page, 'class="kicker">(.*?) \D*\d{4}-') as kicker from run_pages;
select value, verdict from verdicts where audit_name = 'approvals' order by "from" desc limit 1;
select t[1] as figure from run_pages, regexp_matches(page, '<h3 id="[^"]*">([^<]*)<', 'g') as t;
select part(page, 'In <b>([^<]*)</b>') as above, (select count(*) filter (where verdict = 'above') || ' of ' || count(*) from verdicts where audit_name = 'approvals') as by_verdicts from run_pages;
select page like '%' || r.digest || '%' as has_digest, page like '%' || r.source_digest || '%' as has_definition from run_pages, (select * from runs where number = 6) as r;
select report('approvals') = report('approvals', 6) as newest, report('approvals', 2) like '%run 2 of approvals%' as second, report('approvals', attributes => 'race') like '%single%' as only_race;
select report('approvals', 77);
select report('approvals', attributes => '{age}');
select report('approvals', min_group => -1);
-- Which line of a function a context names depends on the server's version.
\set SHOW_CONTEXT never
select report('nobody');
\set SHOW_CONTEXT errors

-- One figure: the kinds of each value, and what they refuse.
select chart('roc', confusion_agg(null, approved, race)) from loans;
select chart('pie', confusion_agg(null, approved, race)) from loans;
select chart('scores', distribution_agg(score, race), threshold => 0.5) from loans;
select chart('roc', distribution_agg(score, row(race, repaid)), bins => 5) from loans;
select chart('roc', distribution_agg(score, race)) from loans;
select chart('calibration', distribution_agg(score * 2, row(race, repaid))) from loans;
select chart('rates', confusion_agg(null, null, race)) from loans;
select chart('rates', confusion_agg(null, approved, race), width => 100) from loans;
select chart('rates', confusion_agg(null, approved, race), theme => 'pink') from loans;
select chart('rates', confusion_agg(null, approved, race), attributes => '{race,single}') from loans;
select chart('rates', confusion_agg(null, approved, race), metric => 'luck') from loans;
select chart('tradeoff', '{}'::jsonb);
select chart('tradeoff', '[1]'::jsonb);
select chart('tradeoff', '[{"epsilon": "x", "gap": 1, "accuracy": 1}]'::jsonb);
select chart('tradeoff', '[{"epsilon": 0, "gap": null, "accuracy": null}]'::jsonb);
select chart('tradeoff', '[{"epsilon": 0, "gap": 1, "accuracy": 1}, {"epsilon": 1, "gap": 1, "mean_squared_error": 1}]'::jsonb);
select chart('tradeoff', '[{"epsilon": 0, "gap": 1, "accuracy": 1}]'::jsonb, metric => 'x');
select chart('history', '[{"from": "2024-01-01", "value": 0.1}]'::jsonb);
select chart('history', '[{"from": "infinity", "value": 0.1, "metric": "demographic_parity_difference"}]'::jsonb);
select chart('history', '[{"from": "no time", "value": 0.1, "metric": "demographic_parity_difference"}]'::jsonb);
select chart('history', '[{"from": "2024-01-01", "value": 0.1, "metric": "luck"}]'::jsonb);
select chart('history', '[{"from": "2024-01-01", "value": 0.1, "verdict": "fine"}]'::jsonb, metric => 'demographic_parity_difference');
select chart('history', jsonb_build_array('{"from": "2024-01-01", "value": 0.1, "metric": "demographic_parity_difference"}'::jsonb, '{"from": "2024-01-08", "value": 0.1, "metric": "demographic_parity_ratio"}'::jsonb));
select left(chart('history', '[{"from": "2024-01-01", "value": 0.1, "lower": 0.05, "upper": "Infinity"}]'::jsonb, metric => 'demographic_parity_ratio'), 4) as infinite_bound;
select report(confusion_agg(null, approved, race), distribution_agg(score, row(race, single))) from loans;
select report(confusion_agg(null, approved, race), distribution_agg(score, single)) from loans;
select report(confusion_agg(null, approved, race), limits => '{"luck": 0.1}') from loans;
select report(confusion_agg(null, approved, race), limits => '{"demographic_parity_difference": 2}') from loans;
select report(confusion_agg(null, approved, race), limits => '[0.1]') from loans;
select report(confusion_agg(null, approved, race), limits => '{"auc_difference": 0.1}') from loans;
select report(confusion_agg(null, approved, race), sources => '{"Model": 3}') from loans;
select report(confusion_agg(null, approved, race), level => 1) from loans;
select report(confusion_agg(null, approved, race), threshold => 0.5) from loans;
select report(confusion_agg(null, approved, race), distribution_agg(score, race), bins => 5) from loans;
select report(confusion_agg(null, approved, race), history_metric => 'demographic_parity_difference') from loans;
select chart('history', '[{"from": "2024-01-01", "value": 0.1, "metric": "demographic_parity_difference"}]'::jsonb, metric => 'demographic_parity_ratio');
select chart('tradeoff', '[{"epsilon": 0, "gap": 1, "accuracy": 1}]'::jsonb, level => 0.9);
select report('loans', 'repaid', 'approved', 'score', '{age}');
select report('loans', 'repaid', 'approved', 'score', 'race', min_group => -1);
select report('select * from loans where false', 'repaid', 'approved', 'score', 'race');
select report('nowhere', 'repaid', 'approved', 'score', 'race');

-- Numbers that an axis cannot tell apart, or cannot hold; what is deep or long.
select length(chart('scores', distribution_agg(s, g))) > 1000 as drawn from (values (0.3::float8, 'a'), (0.1::float8 + 0.2::float8, 'b')) as t(s, g);
select chart('scores', distribution_agg(s, g)) from (values (1.7e308::float8, 'a'), (-1.7e308::float8, 'b')) as t(s, g);
select length(chart('tradeoff', '[{"epsilon": 0, "gap": 0.1, "accuracy": 0.6666666666666666}, {"epsilon": "Infinity", "gap": 0.2, "accuracy": 0.6666666666666667}]'::jsonb)) > 1000 as drawn;
select report(confusion_agg(null, approved, race), sources => (repeat('[', 300) || repeat(']', 300))::jsonb) from loans;
select report(confusion_agg(null, approved, race), people => repeat('x', 1001)) from loans;
select chart('tradeoff', (select jsonb_agg(jsonb_build_object('epsilon', i, 'gap', 0, 'accuracy', 0)) from generate_series(1, 10001) as i));

-- With small groups withheld, neither the farthest point of curves nor a threshold between their points is told.
select report(c, d) like '%Farthest apart%at the score%' as place, report(c, d, min_group => 5) like '%Farthest apart%at the score%' as place_withheld
from (select confusion_agg(null, i > 12, 'g' || i % 2) as c, distribution_agg(i / 25.0, 'g' || i % 2) as d from generate_series(1, 60) as i) as t;
select report(c, d, threshold => 0.5) like '%threshold 0.50<td>%' as marked, report(c, d, threshold => 0.5, min_group => 20) like '%threshold 0.50<td>%' as marked_withheld
from (select confusion_agg(i % 4 < 2, s >= 0.5, 'g' || i % 2) as c, distribution_agg(s, row('g' || i % 2, i % 4 < 2)) as d from generate_series(1, 200) as i, lateral (select case when i % 50 < 2 then 0.2 else 0.7 end::float8 as s) as x) as t;

-- Of many groups: that they are not all alike, and which two are surely apart.
select part(report(confusion_agg(null, i % 100 < case g when 'a' then 30 when 'b' then 50 else 100 end and (g <> 'tiny' or i < 3), g)), 'class="lead">([^<]*)') as lead
from generate_series(1, 500) as i, unnest('{a,b,tiny}'::text[]) as g where g <> 'tiny' or i in (150, 200);

-- For Vega-Lite: the numbers of the tables.
select v->>'$schema' as schema, v->'title'->>'text' as title, jsonb_array_length(v->'data'->'values') as values, v->'data'->'values'->0->>'group' as "group",
  round((v->'data'->'values'->0->>'rate')::numeric, 6) = (select round(value::numeric, 6) from rate_by_group(c, 'selection_rate') limit 1) as same_rate
from (select vega('rates', confusion_agg(null, approved, race)) as v, confusion_agg(null, approved, race) as c from loans) as t;
select jsonb_array_length(vega('adjusted', distribution_agg(score, race))->'hconcat') as panels from loans;

-- With the rights of the caller.
create role picture_reader;
grant usage on schema public to picture_reader;
create table public_loans as select * from decided;
grant select on public_loans to picture_reader;
set session authorization picture_reader;
select from create_audit('own', 'public_loans', null, 'approved', 'race', at => 'decided_at', starts => '2024-01-01', time_zone => 'UTC') offset 1;
select from add_limit('own', 'demographic_parity_difference', at_most => 0.1), run_audit('own', '2024-01-01', '2024-01-15') offset 9;
select part(report('own'), 'class="lead">([^<]*)') as own_audit, report('own', min_group => 1000000) like '%withheld: groups are too small%' as withheld, report('own', min_group => 1000000) like '%>decided by 0.%' as tells;
select report('loans', 'repaid', 'approved', 'score', 'race');
\set SHOW_CONTEXT never
select report('approvals');
\set SHOW_CONTEXT errors
reset session authorization;
drop owned by picture_reader;
drop role picture_reader;
