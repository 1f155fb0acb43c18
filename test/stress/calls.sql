-- calls: random calls of statements.sql, each by itself, and calls that hardly come by chance, of what a job and a registered
-- model need, too. seed and statements are variables of psql.
set search_path to stress, public, fairdb;
select save_model('a', v) from trained where i = 1;
select create_audit('a', 'select *, timestamptz ''2024-01-01'' + id * interval ''1 hour'' as at from people', 'y', 'z', '{g}', at => 'at', every => '1 week', starts => '2024-01-01');
select count(*) from run_audit('a', '2024-01-01', '2024-01-14');
create table entities as select * from embeddings((select v from graphs where i = 1));
create table relations as select * from relation_vectors((select v from graphs where i = 1));
select add_limit('a', 'demographic_parity_difference', at_most => 0.5);
select create_scoring_job('a', 'people', 'id', 'a', 'scores');
-- A call by itself, without settings that make its answer depend on the time it takes.
create function plain(seed int, i bigint) returns text language sql volatile as $$
  select case when s !~ '(do \$do|prepare p|create temp|declare c|explain|pg_sleep|for update)' then regexp_replace(s, '^.*statement_timeout = \d+;', '') end from statement($1, $2) as s $$;
-- Calls that hardly come by chance.
create table meant as select row_number() over () as n, call from unnest(array[
  'audit_confusions(''people'', ''y'', ''z'', ''{g}'')', 'barycenter_scores(''people'', ''id'', ''x'', ''{g}'')', 'cross_validate(''seen'', ''y'', ''{g}'', ''{x,k}'', c => ''{1}'', on_null => ''skip'', folds => 2)',
  'drift(''a'', 2, ''1'')', 'explain((select v from trained where i = 1), (select p from seen as p limit 1))', 'fair_features(''seen'', ''id'', ''{g}'', features => ''{x,k}'', on_null => ''skip'')',
  'graph_import(''entities'', ''relations'', ''transe'')', 'head(''a'')', 'history(''a'')', 'judge((select array_agg(v) from confusions where i = 1), ''demographic_parity_difference'', at_most => 0.5)', 'key(''a'', ''b'')', 'multiclass_counts(''people'', ''h'', ''k'', ''{g}'')', 'graph_debias(train_graph(''select id as head, g as tail, k::text as relation from people where id <= 60 and g is not null'', ''head'', ''relation'', ''tail'', dimensions => 4, epochs => 1), ''select id as head, k::text as relation, g as tail from people where id <= 60 and g is not null'', ''{1}'')', 'label_divergences(''people'', ''h'', ''{g}'', ''g0'', ''g1'')', 'local_law_144(''people'', ''y'', ''g'', ''h'')',
  'marginal((select v from confusions where i = 2), ''{1}'')', 'regression_gaps(''people'', ''x'', ''k'', ''{g}'')', 'regression_by_group(''people'', ''x'', ''k'', ''{g}'')', 'stratified((select array_agg(v) from confusions where i = 1), ''selection_rate'', ''g0'', ''g1'')', 'replay(''a'', 1)', 'representation_tradeoff(''seen'', ''{y}'', ''{g}'', ''{0}'', ''{x,k}'', epochs => 1, on_null => ''skip'')',
  'tradeoff(''seen'', ''y'', ''{g}'', ''{x,k}'', on_null => ''skip'', folds => 2)', 'train_graph(''select h, g, k::text as t from people where h is not null'', ''h'', ''g'', ''t'', dimensions => 2, epochs => 1)', 'train_kernel(''select y, g, x, k from seen limit 60'', ''y'', ''{g}'', on_null => ''skip'')',
  'train_linear(''seen'', ''y'', ''{g}'', ''{x,k}'', on_null => ''skip'')', 'train_linear(''seen'', ''x'', ''{g}'', ''{k}'', loss => ''squared'', fairness => ''none'', on_null => ''skip'', within => ''{y}'')', 'train_representation(''seen'', ''{y}'', ''{g}'', ''{x,k}'', epochs => 1, on_null => ''skip'')',
  'transform_rows(''select * from seen where g is not null and h is not null'', ''id'', (select v from trained where i = 6))', 'verify_runs(''a'')', 'held_out_rows((select v from trained where i = 4), ''seen'', ''id'')']) as call;
create table calls as select i, plain as call, (regexp_match(plain, 'fairdb\w*\."?(\w+)"?\('))[1] as name from (select i, plain(:'seed', i) as plain from generate_series(1, :statements) as i) as t where plain is not null
union all select :statements + n, 'select count(*) from fairdb.' || call || ' as t', (regexp_match(call, '^\w+'))[1] from meant;
