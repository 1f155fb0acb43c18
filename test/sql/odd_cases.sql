-- What every newer function makes of nothing, of NULL, of one group, and of one row: a value, or an error that says why.
set search_path to public, fairdb;
set client_min_messages to warning;
create function outcome(call text) returns text language plpgsql as $$
declare result text;
begin
  execute case when call ~ '->>|calibrated|^confusion_from' then 'select (' || call || ')::text' else 'select string_agg(t::text, '' '') from (select * from ' || call || ' as t) as t' end into result;
  return coalesce(left(result, 100), '<NULL>');
exception when others then return sqlstate || ' ' || sqlerrm;
end $$;
create table rows (id bigint, s float8, g text, y bool, p bool, w float8);
create view nobody as select * from rows where false;
insert into rows values (1, 0.25, 'a', false, true, 2), (2, 0.75, 'a', true, true, 1), (3, 0.5, 'b', true, false, 1), (4, 0.5, null, true, true, 1), (5, null, 'b', null, null, null);
create table kept as select 'nothing' as what, distribution_agg(s, row(g, y)) as d, distribution_agg(s, g) as law, confusion_agg(y, p, row(g, y)) as c from nobody
union all select 'a NULL', null, null, null
union all select 'one row', distribution_agg(s, row(g, y)), distribution_agg(s, g), confusion_agg(y, p, row(g, y)) from rows where id = 2
union all select 'one group', distribution_agg(s, row(g, y)), distribution_agg(s, g), confusion_agg(y, p, row(g, y)) from rows where g = 'a'
union all select 'unknown group', distribution_agg(s, row(g, y)), distribution_agg(s, g), confusion_agg(y, p, row(g, y)) from rows where id = 4
union all select 'all', distribution_agg(s, row(g, y)), distribution_agg(s, g), confusion_agg(y, p, row(g, y)) from rows;

select call, what, outcome(format(replace(call, '$', '(select %s from kept where what = %L)'), case when call ~ '^(adjusted|compact)' then 'law' when call ~ '^(reweighing|marginal|audit|extreme|metrics)' then 'c' else 'd' end, what)) as outcome
from unnest(array['describe(thresholds($, ''demographic_parity''))->>''reached''', 'describe(thresholds($, ''equal_opportunity'', tolerance => 0.5, randomised => false))->>''reached''', 'describe(thresholds($, ''demographic_parity'', places => 1))->>''reached''',
  'thresholds_by_group(thresholds($, ''none''))', 'bands(thresholds($, ''none''))', 'choose_threshold($)', 'roc_by_group($)', 'threshold_table($, ''{0.5}'')', 'describe(calibrate($))->>''groups''', 'round(calibrated(calibrate($, ''platt''), 0.5, ''a''::text)::numeric, 6)',
  'reweighing($)', 'marginal($, ''{1}'')', 'audit($, ''{g,y}'')', 'extreme_groups($, ''selection_rate'')', 'metrics($, names => ''accuracy_difference'')', 'adjusted($)', 'compact($, 100)']) with ordinality as f (call, n),
  unnest('{a NULL,nothing,one row,one group,unknown group,all}'::text[]) with ordinality as k (what, m) order by f.n, k.m;

select call, outcome(call) as outcome
from unnest(array['decide(null, 0.5, ''a''::text)', 'calibrated(null, 0.5, ''a''::text)', 'key()', 'key(null)', 'key('''')', 'key(''a'', '''')', 'confusion_from_counts(null, true, ''a''::text, null)', 'confusion_from_counts(true, true, ''a''::text, 0)',
  'confusion_from_counts(true, true, ''a''::text, -1)', 'digest(null)', 'regression_gaps(''nobody'', ''s'', ''w'', ''g'')', 'regression_gaps(''rows'', ''s'', ''w'', ''g'')', 'regression_gaps(''rows'', ''s'', ''y'', ''g'')', 'regression_gaps(null, ''s'', ''w'', ''g'')',
  'held_out_rows(null, ''rows'', ''id'')', 'grant_model(null, ''public'')', 'grant_model(''none'', null)', 'revoke_model(null, ''public'')', 'model_owner(null)', 'predict(null::text, null::record)', 'predict(''none'', null::record, owner => null)',
  'predict(null::model, null::record, on_null => null)', 'audit(''nobody'', ''y'', ''p'', ''g'')', 'audit(''rows'', null, null, ''g'')', 'describe(null::thresholds)', 'describe(null::calibration)']) as call;
drop table kept;
drop table rows cascade;
drop function outcome;
