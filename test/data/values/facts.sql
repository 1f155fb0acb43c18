-- What a value of each type tells: asked when a release writes its golden values, and again of every later version that reads
-- them, which may tell more. Numbers to nine decimals: the last digits are the compiler's.
create function pg_temp.facts(variadic parts jsonb[]) returns jsonb language sql as $$
  select to_jsonb(array(select regexp_replace(p::text, '([0-9]\.[0-9]{9})[0-9]+', '\1', 'g')::jsonb from unnest(parts) as p)) $$;
create function pg_temp.facts(confusion) returns jsonb language sql as $$ select pg_temp.facts(jsonb_agg(to_jsonb(b))) from by_group($1) as b $$;
create function pg_temp.facts(distribution) returns jsonb language sql as $$ select pg_temp.facts(describe($1), (select jsonb_agg(to_jsonb(q)) from quantiles($1, '{0.1,0.5}') as q)) $$;
create function pg_temp.facts(moments) returns jsonb language sql as $$ select pg_temp.facts(describe($1), (select jsonb_agg(to_jsonb(c)) from coefficients(train_moments($1, fairness => 'none')) as c)) $$;
create function pg_temp.facts(model) returns jsonb language sql as $$ select pg_temp.facts(describe($1), (select coalesce(jsonb_agg(to_jsonb(p)), '[]') from (select case when describe($1) ->> 'kind' = 'representation' then predict_or_null($1, r, task => 'y') else predict_or_null($1, r) end from (values (1, 0.5, true, 'a', array[1, 2]), (0, 0.25, false, 'b', array[0, 1])) as r (x, z, flag, cat, v)) as p)) $$;
create function pg_temp.facts(thresholds) returns jsonb language sql as $$ select pg_temp.facts(describe($1), (select jsonb_agg(to_jsonb(t)) from thresholds_by_group($1) as t)) $$;
create function pg_temp.facts(calibration) returns jsonb language sql as $$ select pg_temp.facts(describe($1), to_jsonb(calibrated($1, 0.4, 'a'))) $$;
create function pg_temp.facts(vector_sample) returns jsonb language sql as $$ select pg_temp.facts(describe($1), (select jsonb_agg(to_jsonb(d)) from vector_distances($1) as d)) $$;
create function pg_temp.facts(graph_embedding) returns jsonb language sql as $$ select pg_temp.facts(describe($1), (select jsonb_agg(to_jsonb(e)) from embeddings($1) as e)) $$;
create function pg_temp.facts(names) returns jsonb language sql as $$ select to_jsonb($1::text::text[]) $$;
create function pg_temp.facts(option_value) returns jsonb language sql as $$ select to_jsonb($1::text) $$;
