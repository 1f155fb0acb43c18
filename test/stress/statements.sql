-- statement(seed, i): a random call of one of fairdb's functions with hostile values, under random settings, as one or
-- more statements. The same seed and number give the same text.
create schema stress;
set search_path to stress, public, fairdb;

create type pair as (a int, b text);
create table people as
select i as id, i % 2 = 0 as y, i % 3 = 0 as z, case when i % 11 > 0 then 'g' || i % 3 end as g, (array['a', 'b c', '"', null])[1 + i % 4] as h,
  case when i % 13 > 0 then sin(i) end as x, (i % 7)::float8 as k, 1 + i % 5 / 3.0 as w, array[sin(i), i % 4] as xs,
  date '2020-01-01' + i as d, i::numeric / 7 as n, row(i % 2, 'r')::pair as r
from generate_series(1, 300) as i;
create view seen as select id, y, z, g, h, x, k, w, xs from people where x is not null;
create table parts (id int, y bool, z bool, g text, x float8, k float8) partition by list (y);
create table parts_true partition of parts for values in (true);
create table parts_false partition of parts default;
insert into parts select id, y, z, g, x, k from people;

create table confusions as
select row_number() over () as i, v from (
  select confusion_agg(y, z, g) as v from people
  union all select confusion_agg(null, z, row(g, h)) from people
  union all select confusion_agg(y, z, id) from people
  union all select confusion_agg(y, z, g, w) from people
  union all select confusion_agg(y, z, g) from people where false
  union all select '{"groups": {"a": {"tp": 35184372088832}, "b": {"fn": 35184372088831}}}'
  union all select '{"weighted": true, "groups": {"a": {"tp": {"n": 1, "weight": "1", "squares": "1"}}}}'
  union all select confusion_agg(i % 3 = 0, i % 2 = 0, i % 3000) from generate_series(1, 6000) as i
  union all select null) as t;
create table distributions as
select row_number() over () as i, v from (
  select distribution_agg(x, g) as v from people
  union all select distribution_agg(x, row(g, h)) from people
  union all select distribution_agg(k, g, w) from people
  union all select distribution_agg(x, id) from people
  union all select distribution_agg(x, row(g, y)) from people
  union all select distribution_agg(1e308 * (-1) ^ id, g) from people
  union all select distribution_agg(x, g) from people where false
  union all select distribution_agg(sin(i), i % 2) from generate_series(1, 1600000) as i
  union all select null) as t;
create table trained as
select row_number() over () as i, v from (
  select train_linear('select y, g, x, k, h from seen', 'y', '{g}', on_null => 'skip') as v
  union all select train_linear('select k as t, g, x, xs from seen', 't', '{g}', loss => 'squared', fairness => 'demographic_parity', on_null => 'impute')
  union all select train_kernel('select y, g, x, k from seen limit 80', 'y', '{g}', on_null => 'skip')
  union all select train_linear('select y, g, x, h from seen', 'y', '{g}', fairness => 'none', on_null => 'impute', on_unseen => 'null', held_out => 0.3)
  union all select null
  union all select train_representation('select y, k, g, x, h from seen', '{y,k}', '{g}', epochs => 2, on_null => 'skip')
  union all select train_representation('select y, z, h, x, k from seen', '{y,z}', '{h}', hidden => 3, divergence => 'sinkhorn', epochs => 1, on_null => 'impute')) as t;
create table summaries as
select row_number() over () as i, v from (
  select moments_agg(y::int, g, array[x, k]) as v from people
  union all select moments_agg(k, id % 200, array[x]) from people
  union all select moments_agg(y::int, g, array[x, k], w) from people
  union all select null) as t;

create table vectors as
select row_number() over () as i, v from (
  select vector_sample_agg(array[x, k], g) as v from people
  union all select vector_sample_agg(array[k], id, 3) from people where id <= 200
  union all select vector_sample_agg(array[case when i % 3 = 0 then 0 else sin(i) end, 1e150 * (i % 2)], i % 3, 50) from generate_series(1, 3000) as i
  union all select vector_sample_agg(array[x, k], g) from people where false
  union all select null) as t;
create table graphs as
select row_number() over () as i, v from (
  select train_graph('select h, g, k::text as t from people where h is not null limit 200', 'h', 'g', 't', dimensions => 4, epochs => 1) as v
  union all select train_graph('select id, g, k from people where id <= 50', 'id', 'g', 'k', model => 'complex', dimensions => 2, epochs => 1)
  union all select null) as t;
create table rules as
select row_number() over () as i, v from (
  select thresholds(distribution_agg(x, row(g, y)), 'none') as v from people
  union all select thresholds(distribution_agg(x, row(h, z)), 'demographic_parity', selection_rate => 0.3) from people
  union all select null) as t;
create table maps as
select row_number() over () as i, v from (
  select calibrate(distribution_agg(x, row(g, y))) as v from people
  union all select calibrate(distribution_agg(x, row(h, z)), 'platt') from people
  union all select null) as t;

create function one_of(list text[]) returns text language sql volatile as
$$ select list[1 + floor(random() * cardinality(list))::int] $$;
create function one_of(list text) returns text language sql volatile as
$$ select stress.one_of(string_to_array(list, '|')) $$;

-- A value for an argument, as SQL. per_row: over the columns of people.
create function value_for(type regtype, name text, per_row bool) returns text language plpgsql volatile as $body$
declare
  columns text[] := array['y', 'z', 'g', 'h', 'x', 'k', 'w', 'xs', 'id', 'nothing', 'd', 'n', 'r', '', 'x" from pg_class --'];
begin
  if per_row and random() < 0.8 then
    case type
      when 'bool'::regtype then return one_of('y|z|null|y or null|not z|x > k');
      when 'float8'::regtype then return one_of('x|k|w|id|null|1e308 * x|''NaN''|-w|0|nullif(w,1)|5e-324|1 / nullif(k, 3)');
      when 'text'::regtype then return one_of('g|h|id::text|null|repeat(g, 500)|''''|row(g,h)::text|''ü''');
      when 'anyelement'::regtype, '"any"'::regtype then return one_of('g|h|id|y|x|n|d|row(g,h)|row(row(g))|xs|people|r|null::int|array[g,h]|1::int2|g::name|g::char(9)');
      when 'float8[]'::regtype then return one_of('xs|array[x,k]|array[x]|null|''{}''|array[x,null]|array[[x,k],[k,x]]|array[1e200 * x,k]');
      else null;
    end case;
  end if;
  if random() < 0.05 then return format('null::%s', case when type::text ~ '^any' then 'text' when type = 'record'::regtype then 'people' else type::text end); end if;
  case type
    when 'confusion'::regtype then return format('(select v from confusions where i = %s)', 1 + floor(random() * 9));
    when 'distribution'::regtype then return format('(select v from distributions where i = %s)', 1 + floor(random() * 9));
    when 'model'::regtype then return format('(select v from trained where i = %s)', 1 + floor(random() * 7));
    when 'moments'::regtype then return format('(select v from summaries where i = %s)', 1 + floor(random() * 4));
    when 'vector_sample'::regtype then return format('(select v from vectors where i = %s)', 1 + floor(random() * 5));
    when 'graph_embedding'::regtype then return format('(select v from graphs where i = %s)', 1 + floor(random() * 3));
    when 'thresholds'::regtype then return format('(select v from rules where i = %s)', 1 + floor(random() * 3));
    when 'calibration'::regtype then return format('(select v from maps where i = %s)', 1 + floor(random() * 3));
    when 'confusion[]'::regtype then return one_of('(select array_agg(v) from confusions)|''{}''|array[null::confusion]|(select array_agg(v) from confusions where i < 4)');
    when 'bool'::regtype then return one_of('true|false');
    when 'float8'::regtype then return one_of('0|1|-1|0.5|0.95|''NaN''|''Infinity''|''-Infinity''|1e308|-1e308|5e-324|-0.0|2|0.2|1e-9|100');
    when 'int'::regtype then return one_of('0|1|2|3|5|-1|100|2147483647|-2147483648|10');
    when 'bigint'::regtype then return one_of('0|1|2|10|-1|9223372036854775807|-9223372036854775808|50');
    when 'float8[]'::regtype then return one_of('''{0.5}''|''{}''|''{NULL}''|''{NaN}''|''{0,1}''|''{1,0}''|''{{0.1,0.2},{0.3,0.4}}''|''[5:6]={0.1,1}''|''{0,0.1,1}''|''{Infinity}''|array_fill(0.5, ''{2000}'')|''{1,2,3}''');
    when 'text[]'::regtype then
      return quote_literal(one_of(array['{g}', '{g,h}', '{}', '{NULL}', '{x}', '{y}', '{id}', '{g,g}', '{nothing}', '{{g,h},{x,k}}', '{x,k}', '{x,k,h}', '{xs}', '{r}', '{g,h,y,z,k,id}'])) || '::text[]';
    when 'text'::regtype, 'name'::regtype then
      if name in ('source', 'calibrate_on', 'apply_to') then
        return quote_literal(one_of(array['people', 'stress.people', 'seen', 'parts', 'select * from people', 'select * from people limit 20', 'select * from seen', 'nothing', '',
          'select 1; select 2', 'select * from people where false', 'select * from people -- a comment', 'values (1, 2)', 'with p as (select * from people) table p', 'pg_class',
          'select *, x / (k - 3) as q from people', 'select y, z, g, x, null::int as k from people', 'delete from people', 'select y, g, x, id from people for update',
          'select y, z, g, h, x, k, id, r, pg_sleep(0.0001) as s from people', 'a.b.c.d', '"', 'select * from fairdb.audit($$people$$, $$y$$, $$z$$, $${g}$$)'])) || '::text';
      elsif name in ('target', 'y_true', 'y_pred', 'score', 'id', 'weight', 'outcome', 'sex', 'race', 'label', 'key') then
        return quote_literal(one_of(columns)) || '::text';
      end if;
      return one_of(array['''a''', '''g0''', '''g1''', '''g2''', '''''', quote_literal('(g1,a)'), '''demographic_parity''', '''equal_opportunity''', '''equalized_odds''', '''none''',
        '''squared''', '''hinge''', '''logistic''', '''squared_hinge''', '''huber(0.5)''', '''rbf''', '''linear''', '''polynomial''', '''skip''', '''impute''', '''error''', '''null''', '''ignore''',
        '''selection_rate''', '''true_positive_rate''', '''balanced_accuracy''', '''demographic_parity_difference''', '''w1''', '''w2''', '''split''', '''full''', '''hash''',
        '''uniform''', '''shares''', quote_literal('{"g0": 1, "g1": 2, "g2": 0}'), '''balanced''', '''1,5''', '''between_groups''', '''to_overall''', '''scoring''', '''each''', '''mmd''', '''sinkhorn''', '''energy''', '''mean''', '''rates''', '''scores''', '''adjusted''', '''calibration''', '''roc''', '''tradeoff''', '''history''', '''auto''', '''dark''', '''transe''', '''complex''', '''h''', '''k''', '''g''', '''id''',
        '''elimination''', '''projection''', '''true''', '''1''', 'repeat(''x'', 3000)', '''ü''', 'E''\n''', '''postgres''']) || '::text';
    when 'record'::regtype then return one_of('(select p from people as p limit 1)|row(1,2)|row()|(select p from seen as p limit 1)|(select row(x,k,h) from people limit 1)|(select p from pg_class as p limit 1)');
    when 'anyelement'::regtype, 'anynonarray'::regtype, '"any"'::regtype then return one_of('''a''::text|1|2.5|''(g1,a)''::text|now()|null::int|row(1,2)|array[1,2]|true|''g1''::name|''{}''::jsonb|''x''::bpchar|point ''(1,2)''');
    when 'jsonb'::regtype then
      return quote_literal(one_of(array['{}', '[]', 'null', '3', '"a"', '[1]', '[null]', '{"demographic_parity_difference": 0.1}', '{"demographic_parity_difference": 0.1, "equalized_odds_ratio": 0.8, "auc_difference": 1}',
        '[{"epsilon": 0, "accuracy": 0.8, "gap": 0.1}, {"epsilon": 1, "accuracy": 0.9, "gap": 0.3}]', '[{"epsilon": 1e308, "accuracy": -1e308, "gap": 1e308}, {"epsilon": 0, "accuracy": 1e308, "gap": 0}]',
        '[{"from": "2024-01-01", "value": 0.1, "metric": "demographic_parity_difference"}]', '[{"from": "294276-12-31", "value": 1e308, "lower": "-Infinity", "upper": "Infinity", "metric": "selection_rate_ratio", "limit": -1e300}, {"from": "4713-01-01 BC", "value": 5e-324, "metric": "selection_rate_ratio", "verdict": "above", "alert": true}]',
        '{"a": "b", "c": ["d"]}', '{"a": {"b": [[[[1]]]]}}', '[{"from": "x"}]', repeat('[', 100) || repeat(']', 100)])) || '::jsonb';
    when 'names'::regtype then return quote_literal(one_of(array['g', '{g,h}', '{}', '{a,b,c}', '{g,g}', '{"<b>",h}'])) || '::fairdb.names';
    when 'bytea'::regtype then return one_of('''\\x''::bytea|''\\x00ff''::bytea');
    else return format('null::%s', type);
  end case;
end $body$;

-- The functions, with their arguments that have no default first.
create table functions as
select p.oid, p.pronamespace::regnamespace as schema, p.proname, p.prokind, p.pronargdefaults as defaults, p.proretset,
  array(select t::regtype from unnest(p.proargtypes::oid[]) with ordinality as u(t, n) order by n) as types,
  coalesce(p.proargnames, '{}') as names,
  row_number() over (order by p.proname collate "C", p.oid::regprocedure::text collate "C") as number
from pg_proc as p join pg_depend as d on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
join pg_extension as e on e.oid = d.refobjid and e.extname = 'fairdb'
where not p.proargtypes::oid[] && array['internal', 'cstring']::regtype[]::oid[] and p.prorettype not in ('internal'::regtype, 'trigger'::regtype);

create function statement(seed int, i bigint) returns text language plpgsql volatile as $body$
declare
  f functions;
  arguments text := '';
  call text;
  settings text := '';
  chosen int;
begin
  perform setseed(((seed::bigint * 7919 + i) % 1999999) / 1000000.0 - 1);
  chosen := 1 + floor(random() * (select count(*) from functions));
  select * into f from functions where number = chosen;
  for k in 1 .. cardinality(f.types) loop
    exit when k > cardinality(f.types) - f.defaults and random() < 0.3;
    arguments := arguments || case when k > 1 then ', ' else '' end || value_for(f.types[k], f.names[k], f.prokind <> 'f' or f.proname ~ '^(adjust|predict|classify|probability|quantile|cdf)$' and random() < 0.5);
  end loop;
  call := format('%s.%I(%s)', f.schema, f.proname, arguments);
  if f.prokind = 'f' and random() < 0.7 and f.proretset then
    call := format('select count(t) from people, lateral %s as t where people.id < 3', call);
  elsif f.prokind = 'f' then
    call := format('select %s from people where id < 4', call);
  else
    call := format('select %s %s from people %s', call, one_of(array['', '', 'filter (where x > 0)', 'over (order by id rows 5 preceding)', 'over (partition by h)']),
      one_of(array['', 'where false', 'where id < 20', 'group by h']));
  end if;
  if random() < 0.3 then settings := settings || format('set local maintenance_work_mem = ''%s'';', one_of('1MB|2MB|64MB|1GB')); end if;
  if random() < 0.2 then settings := settings || 'set local work_mem = ''64kB'';'; end if;
  if random() < 0.3 then
    settings := settings || format('set local %s = on; set local parallel_setup_cost = 0; set local parallel_tuple_cost = 0; set local min_parallel_table_scan_size = 0;',
      case when current_setting('server_version_num')::int >= 160000 then 'debug_parallel_query' else 'force_parallel_mode' end);
  end if;
  if random() < 0.2 then settings := settings || format('set local fairdb.min_group = %s;', one_of('0|1|5|50|1000')); end if;
  if random() < 0.1 then settings := settings || 'set local search_path = pg_temp, stress, pg_catalog;'; end if;
  if random() < 0.1 then settings := settings || 'set local datestyle = ''SQL, DMY''; set local extra_float_digits = -15; set local bytea_output = escape;'; end if;
  settings := settings || format('set local statement_timeout = %s;', one_of('20|200|1000|1000'));
  case one_of('plain|plain|plain|block|prepared|table|cursor|explain')
    when 'block' then return settings || format('do $do$ begin for k in 1 .. 3 loop begin perform * from (%s) as q; exception when others then null; end; end loop; end $do$', call);
    when 'prepared' then return settings || format('set local plan_cache_mode = %s; deallocate all; prepare p as %s; execute p; execute p; deallocate p', one_of('force_generic_plan|force_custom_plan|auto'), call);
    when 'table' then return settings || format('create temp table kept on commit drop as select * from (%s) as q(a); select count(*) from kept', call);
    when 'cursor' then return settings || format('declare c scroll cursor for %s; fetch 1 from c; fetch all from c; fetch first from c; close c', call);
    when 'explain' then return settings || format('explain (analyze, costs off, timing off, summary off) %s', call);
    else return settings || call;
  end case;
end $body$;
