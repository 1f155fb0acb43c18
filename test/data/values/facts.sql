-- What a value of each type tells, as a text: asked when a release writes its golden values, and again of every later
-- version that reads them.
create function pg_temp.facts(confusion) returns text language sql as $$ select jsonb_agg(to_jsonb(b))::text from by_group($1) as b $$;
create function pg_temp.facts(distribution) returns text language sql as $$ select describe($1)::text || jsonb_agg(to_jsonb(q))::text from quantiles($1, '{0.1,0.5}') as q $$;
create function pg_temp.facts(moments) returns text language sql as $$ select describe($1)::text || (select array_agg(round(coefficient::numeric, 9)) from coefficients(train_moments($1, fairness => 'none')))::text $$;
create function pg_temp.facts(model) returns text language sql as $$ select describe($1)::text || (select coalesce(jsonb_agg(to_jsonb(p))::text, '') from (select case when describe($1) ->> 'kind' = 'representation' then predict_or_null($1, r, task => 'y') else predict_or_null($1, r) end from (values (1, 0.5, true, 'a', array[1, 2]), (0, 0.25, false, 'b', array[0, 1])) as r (x, z, flag, cat, v)) as p) $$;
create function pg_temp.facts(thresholds) returns text language sql as $$ select describe($1)::text || (select jsonb_agg(to_jsonb(t))::text from thresholds_by_group($1) as t) $$;
create function pg_temp.facts(calibration) returns text language sql as $$ select describe($1)::text || round(calibrated($1, 0.4, 'a')::numeric, 12) $$;
create function pg_temp.facts(vector_sample) returns text language sql as $$ select describe($1)::text || (select jsonb_agg(to_jsonb(d))::text from vector_distances($1) as d) $$;
create function pg_temp.facts(graph_embedding) returns text language sql as $$ select describe($1)::text || (select jsonb_agg(to_jsonb(e))::text from embeddings($1) as e) $$;
create function pg_temp.facts(names) returns text language sql as $$ select $1::text::text[]::text $$;
create function pg_temp.facts(option_value) returns text language sql as $$ select $1::text $$;
