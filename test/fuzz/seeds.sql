-- Real values of every type, as the commands that write them into files: stored bytes, text and binary forms.
set search_path to public, fairdb;
create table seed_values as
select 'confusion' as type, confusion_agg(null, approved, race) as c, null::distribution as d, null::model as m, null::moments as n, null::thresholds as t, null::calibration as b, null::vector_sample as v, null::graph_embedding as g from applications
union all select 'confusion', confusion_agg(approved, approved, row(race, single)), null, null, null, null, null, null, null from applications
union all select 'confusion', confusion_agg(approved, id % 2 = 0, 'g' || id % 30, 1 + id % 7 / 3.0), null, null, null, null, null, null, null from applications
union all select 'confusion', confusion_agg(true, true, 'a'::text), null, null, null, null, null, null, null
union all select 'distribution', null, distribution_agg(loan_to_value, race), null, null, null, null, null, null from applications
union all select 'distribution', null, distribution_agg(round(loan_to_value::numeric, 1)::float8, row(race, single)), null, null, null, null, null, null from applications
union all select 'distribution', null, distribution_agg(loan_to_value, race, 1 + id % 3 / 7.0), null, null, null, null, null, null from (select * from applications limit 200) as a
union all select 'distribution', null, distribution_agg(1, 'a'::text), null, null, null, null, null, null
union all select 'distribution', null, d, null, null, null, null, null, null from (select distribution_agg(sin(i), 'sketch') as d from generate_series(1, 1000010) as i) as t
union all select 'model', null, null, train_linear('select approved, race, loan_to_value, single from applications', 'approved', '{race}'), null, null, null, null, null
union all select 'model', null, null, train_linear('select approved, race, loan_to_value, single::text as cat, array[loan_to_value, id] as xs from applications', 'approved', '{race}', held_out => 0.3, epsilon => 0.1, on_unseen => 'ignore'), null, null, null, null, null
union all select 'model', null, null, train_kernel('select approved, race, loan_to_value from applications limit 60', 'approved', '{race}'), null, null, null, null, null
union all select 'model', null, null, train_kernel('select approved, race, loan_to_value from applications limit 200', 'approved', '{race}', components => 8), null, null, null, null, null
union all select 'moments', null, null, null, moments_agg(approved::int, race, array[loan_to_value, single::int]), null, null, null, null from applications
union all select 'moments', null, null, null, moments_agg(id, 'a'::text, array[loan_to_value]), null, null, null, null from (select * from applications limit 3) as a
union all select 'thresholds', null, null, null, null, thresholds(distribution_agg(loan_to_value, row(race, approved)), 'equalized_odds'), null, null, null from applications
union all select 'thresholds', null, null, null, null, thresholds(distribution_agg(loan_to_value, row(race, approved)), 'none', 'cost', randomised => false, false_positive_cost => 2, false_negative_cost => 1), null, null, null from applications
union all select 'calibration', null, null, null, null, null, calibrate(distribution_agg(loan_to_value, row(race, approved))), null, null from applications
union all select 'calibration', null, null, null, null, null, calibrate(distribution_agg(loan_to_value, row(race, approved)), 'platt'), null, null from applications
union all select 'model', null, null, train_representation('select approved, single, race, loan_to_value, payment_to_income from applications', '{approved,single}', '{race}', epochs => 1, held_out => 0.3), null, null, null, null, null
union all select 'model', null, null, train_representation('select approved, race, loan_to_value from applications limit 300', '{approved}', '{race}', hidden => 3, divergence => 'sinkhorn', epochs => 1), null, null, null, null, null
union all select 'vector_sample', null, null, null, null, null, null, vector_sample_agg(array[loan_to_value, payment_to_income]::float8[], race), null from (select * from applications limit 20) as a
union all select 'vector_sample', null, null, null, null, null, null, vector_sample_agg(array[case when id % 3 = 0 then 0 else loan_to_value end]::float8[], row(race, single)::text, 10), null from applications
union all select 'vector_sample', null, null, null, null, null, null, vector_sample_agg(array[i % 3, 1]::float8[], i % 2), null from generate_series(1, 12) as i
union all select 'graph_embedding', null, null, null, null, null, null, null, train_graph($$select race as head, 'r' || id % 2 as relation, single::text as tail from applications limit 20$$, 'head', 'relation', 'tail', model => m, dimensions => 2, epochs => 1) from unnest('{transe,complex}'::text[]) as m
union all select 'graph_embedding', null, null, null, null, null, null, null, graph_debias(train_graph(source, 'head', 'relation', 'tail', dimensions => 4, epochs => 1, sensitive => '{single}', whitelist => $$select 'single' as attribute, 'race' as relation union all select 'single', 'race'$$), source, '{single}')
from (select $$select id as head, 'single' as relation, single::text as tail from applications where id <= 20 union all select id, 'race', race from applications where id <= 20$$ as source) as s;

-- The commands: a folder for each target, a file for each value.
create function pg_temp.file(folder text, i bigint, content bytea) returns text language sql as $$
  select format('mkdir -p %1$s && printf %%s %2$s | perl -ne ''print pack("H*", $_)'' > %1$s/%3$s', folder, encode(content, 'hex'), i) $$;
create table seed_files as
select row_number() over () as i, type,
  case type when 'confusion' then fuzz_bytes(c) when 'distribution' then fuzz_bytes(d)
    when 'model' then substring(fuzz_bytes(m) from 17) when 'moments' then substring(fuzz_bytes(n) from 5)
    when 'thresholds' then '\x00' || substring(fuzz_bytes(t) from 17) when 'vector_sample' then substring(fuzz_bytes(v) from 17) when 'graph_embedding' then substring(fuzz_bytes(g) from 17)
    else '\x01' || substring(fuzz_bytes(b) from 17) end as stored,
  convert_to(coalesce(c::text, d::text, m::text, n::text, t::text, b::text, v::text, g::text), 'UTF8') as text,
  case type when 'confusion' then fairdb_internal.confusion_send(c) when 'distribution' then fairdb_internal.distribution_send(d) when 'model' then fairdb_internal.model_send(m)
    when 'moments' then fairdb_internal.moments_send(n) when 'thresholds' then fairdb_internal.thresholds_send(t) when 'vector_sample' then fairdb_internal.vector_sample_send(v) when 'graph_embedding' then fairdb_internal.graph_embedding_send(g)
    else fairdb_internal.calibration_send(b) end as sent
from seed_values;
select pg_temp.file(:'seeds' || '/' || case when type in ('thresholds', 'calibration') then 'decision' when type = 'vector_sample' then 'vectors' when type = 'graph_embedding' then 'graph' else type end, i, stored) from seed_files where octet_length(stored) < 100000
union all select pg_temp.file(:'seeds' || '/' || type || '-text', i, text) from seed_files where octet_length(text) < 100000
union all select pg_temp.file(:'seeds' || '/' || type || '-binary', i, sent) from seed_files where octet_length(sent) < 100000
union all select pg_temp.file(:'seeds' || '/texts', i, convert_to(t, 'UTF8'))
from (values (1, '(f,black)'), (2, '{a,"b c"}'), (3, '("a ""b""","\\")'), (4, '1'), (5, 'ff.8'), (6, '-1a.0')) as v(i, t);
