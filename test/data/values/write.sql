-- Golden values of a release, for test/server/upgrade.sh: of every type its text form, its binary form, the bytes that a
-- table holds, and what it tells. Run once, by CONTRIBUTING.md's "Make a release"; what it has written is never changed.
\set ON_ERROR_STOP 1
set search_path to public, fairdb, pg_temp;
set client_min_messages to error;
\i data/values/facts.sql
create temp table rows as select i, (array['a', 'b', 'c "d", e'])[1 + i % 3] as g, i % 2 = 0 as y, i % 5 < 2 as p, (i * 7919 % 97) / 97.0 as s, 1 + i % 4 / 2.0 as w, i % 3 = 1 as flag, (array['x', 'y'])[1 + i % 2] as cat, i % 7 as x, (i * 31 % 11) / 8.0 as z from generate_series(1, 60) as i;
create temp table written (type text, value text, binary_form text, stored text, facts jsonb);
create function pg_temp.put(type text, query text) returns void language plpgsql as $$
begin
  execute format('insert into written select %1$L, value::text, encode(%2$s, ''hex''), encode(value::raw_%1$s::text::bytea, ''hex''), pg_temp.facts(value) from (%3$s) as t (value)', type,
    case when type in ('names', 'option_value') then 'textsend(value::text)' else 'fairdb_internal.' || type || '_send(value)' end, query);
end $$;
\i data/values/raw.sql
\o /dev/null
select pg_temp.put(type, query) from (values
  ('confusion', 'select confusion_agg(y, p, g) from rows'), ('confusion', 'select confusion_agg(y, p, row(g, cat), w) from rows'), ('confusion', 'select confusion_agg(nullif(y, i % 7 = 0), nullif(p, i % 11 = 0), nullif(g, ''b''), nullif(w, 1)) from rows'),
  ('confusion', 'select confusion_from_counts(true, true, ''a''::text, 5000000000)'),
  ('distribution', 'select distribution_agg(s, g) from rows'), ('distribution', 'select distribution_agg(s, row(g, y), w) from rows'), ('distribution', 'select distribution_agg(nullif(s, 0.5), nullif(g, ''b'')) from rows'),
  ('distribution', 'select compact(distribution_agg(sin(i), ''g'' || i % 2), 100) from generate_series(1, 2000) as i'),
  ('moments', 'select moments_agg(s, g, array[x, z]) from rows'), ('moments', 'select moments_agg(y::int, g, array[x, z], w) from rows'), ('moments', 'select total_moments_agg(s, array[x, z]) from rows'),
  ('model', 'select train_linear(''rows'', ''y'', ''g'', ''{x,z,flag,cat}'', fairness => ''demographic_parity'', epsilon => 0.1)'),
  ('model', 'select train_linear(''select *, array[x, z] as v from rows'', ''s'', ''g'', ''{v,z}'', loss => ''huber(1.5)'', fairness => ''equalized_odds'', bins => 2, epsilon => 0.2, weight => ''w'', held_out => 0.2)'),
  ('model', 'select train_kernel(''rows'', ''y'', ''g'', ''{x,z}'', fairness => ''demographic_parity'')'), ('model', 'select train_representation(''rows'', ''{y,p}'', ''{cat}'', ''{x,z,flag}'', epochs => 2, hidden => 2)'),
  ('thresholds', 'select thresholds(distribution_agg(s, row(g, y)), ''equal_opportunity'') from rows'), ('thresholds', 'select thresholds(distribution_agg(s, row(g, p)), ''none'', randomised => false) from rows'),
  ('calibration', 'select calibrate(distribution_agg(s, row(g, p))) from rows where g in (''a'', ''b'')'), ('calibration', 'select calibrate(distribution_agg(s, row(g, p)), ''platt'') from rows where g in (''a'', ''b'')'),
  ('vector_sample', 'select vector_sample_agg(array[x, z], g) from rows'), ('vector_sample', 'select vector_sample_agg(array[x, z], g, 5) from rows'),
  ('graph_embedding', 'select train_graph(''select g as h, ''''r'''' || i % 2 as r, cat as t from rows'', ''h'', ''r'', ''t'', dimensions => 2, epochs => 2)'),
  ('graph_embedding', 'select train_graph(''select g as h, ''''r'''' || i % 2 as r, cat as t from rows'', ''h'', ''r'', ''t'', model => ''complex'', dimensions => 2, epochs => 1)'),
  ('names', 'select ''{sex,"joined at"}''::names'), ('option_value', 'select 1::option_value')) as v (type, query);
\copy written to pstdout
