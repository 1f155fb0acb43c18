-- Real values of every type, as the commands that write them into files: stored bytes, text and binary forms.
set search_path to public, fairdb;
create table seeds_of_confusion as
select confusion_agg(null, approved, race) as value from applications
union all select confusion_agg(approved, approved, row(race, single)) from applications
union all select confusion_agg(approved, id % 2 = 0, 'g' || id % 30, 1 + id % 7 / 3.0) from applications
union all select confusion_agg(true, true, 'a'::text);
create table seeds_of_distribution as
select distribution_agg(loan_to_value, race) as value from applications
union all select distribution_agg(round(loan_to_value::numeric, 1)::float8, row(race, single)) from applications
union all select distribution_agg(loan_to_value, race, 1 + id % 3 / 7.0) from (select * from applications limit 200) as a
union all select distribution_agg(1, 'a'::text)
union all select d from (select distribution_agg(sin(i), 'sketch') as d from generate_series(1, 1000010) as i) as t;
create table seeds_of_model as
select train_linear('select approved, race, loan_to_value, single from applications', 'approved', '{race}') as value
union all select train_linear('select approved, race, loan_to_value, single::text as cat, array[loan_to_value, id] as xs from applications', 'approved', '{race}', held_out => 0.3, epsilon => 0.1, on_unseen => 'ignore')
union all select train_kernel('select approved, race, loan_to_value from applications limit 60', 'approved', '{race}')
union all select train_kernel('select approved, race, loan_to_value from applications limit 200', 'approved', '{race}', components => 8)
union all select train_representation('select approved, single, race, loan_to_value, payment_to_income from applications', '{approved,single}', '{race}', epochs => 1, held_out => 0.3)
union all select train_representation('select approved, race, loan_to_value from applications limit 300', '{approved}', '{race}', hidden => 3, divergence => 'sinkhorn', epochs => 1);
create table seeds_of_moments as
select moments_agg(approved::int, race, array[loan_to_value, single::int]) as value from applications
union all select moments_agg(id, 'a'::text, array[loan_to_value]) from (select * from applications limit 3) as a;
create table seeds_of_thresholds as
select thresholds(distribution_agg(loan_to_value, row(race, approved)), 'equalized_odds') as value from applications
union all select thresholds(distribution_agg(loan_to_value, row(race, approved)), 'none', 'cost', randomised => false, false_positive_cost => 2, false_negative_cost => 1) from applications;
create table seeds_of_calibration as
select calibrate(distribution_agg(loan_to_value, row(race, approved))) as value from applications
union all select calibrate(distribution_agg(loan_to_value, row(race, approved)), 'platt') from applications;
create table seeds_of_vector_sample as
select vector_sample_agg(array[loan_to_value, payment_to_income]::float8[], race) as value from (select * from applications limit 20) as a
union all select vector_sample_agg(array[case when id % 3 = 0 then 0 else loan_to_value end]::float8[], row(race, single)::text, 10) from applications
union all select vector_sample_agg(array[i % 3, 1]::float8[], i % 2) from generate_series(1, 12) as i;
create table seeds_of_graph_embedding as
select train_graph($$select race as head, 'r' || id % 2 as relation, single::text as tail from applications limit 20$$, 'head', 'relation', 'tail', model => m, dimensions => 2, epochs => 1) as value from unnest('{transe,complex}'::text[]) as m
union all select graph_debias(train_graph(source, 'head', 'relation', 'tail', dimensions => 4, epochs => 1, sensitive => '{single}', whitelist => $$select 'single' as attribute, 'race' as relation union all select 'single', 'race'$$), source, '{single}')
from (select $$select id as head, 'single' as relation, single::text as tail from applications where id <= 20 union all select id, 'race', race from applications where id <= 20$$ as source) as s;

-- The commands: a folder for each target, a file for each value. What is stored has a header, which the targets do not take;
-- two types are one target, which a byte tells apart.
create table seed_files (folder text, content bytea);
select format('insert into seed_files select folder, content from seeds_of_%1$s, lateral (values
    (%2$L, %3$L::bytea || substring(fuzz_bytes(value) from %4$s + 1)), (%1$L || ''-text'', convert_to(value::text, ''UTF8'')), (%1$L || ''-binary'', fairdb_internal.%1$s_send(value))
  ) as form (folder, content) where octet_length(content) < 100000', type, target, kind, header)
from (values ('confusion', 'confusion', '', 0), ('distribution', 'distribution', '', 0), ('model', 'model', '', 16), ('moments', 'moments', '', 4), ('thresholds', 'decision', '\x00', 16),
  ('calibration', 'decision', '\x01', 16), ('vector_sample', 'vectors', '', 16), ('graph_embedding', 'graph', '', 16)) as types (type, target, kind, header)
\gexec
insert into seed_files select 'texts', convert_to(t, 'UTF8') from unnest(array['(f,black)', '{a,"b c"}', '("a ""b""","\\")', '1', 'ff.8', '-1a.0']) as t;
select format('mkdir -p %1$s && printf %%s %2$s | perl -ne ''print pack("H*", $_)'' > %1$s/%3$s', :'seeds' || '/' || folder, encode(content, 'hex'), row_number() over (partition by folder)) from seed_files;
