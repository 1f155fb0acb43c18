-- Arguments that could mean something else: the value that is positive, the weight that is a group.
\pset null <NULL>
set search_path to public, fairdb;

-- positive is honoured for every type, in every function that takes it.
create table coded as
  select i, (array['f', 'm'])[1 + i % 2] as sex, (array['a', 'b', 'c', null])[1 + i % 4] as race, i % 3 = 0 as b, (i % 3 = 0)::int as n, 1 + (i % 3 = 0)::int as coded,
         (1 + (i % 3 = 0)::int)::numeric as d, case when i % 3 = 0 then 'yes' else 'no' end as t, sin(i) as x, cos(i) as z
  from generate_series(1, 90) as i;
select c, positive, (select selection_rate from audit('coded', null, c, '{sex}', positive => positive) where sensitive = 'f') as rate,
       (select (by_group(confusion)).selection_rate from audit_confusions('coded', null, c, '{sex}', positive => positive) limit 1) as of_confusion,
       (select rate from local_law_144('coded', c, 'sex', 'race', min_share => 0, positive => positive) limit 1) as rate_144
from (values ('b', 'true'), ('b', 'f'), ('n', '1'), ('n', '0'), ('coded', '2'), ('coded', '1'), ('d', '2.0'), ('t', 'yes'), ('t', 'no')) as v(c, positive) order by c, positive;
-- A boolean or a number that cannot hold it means what it is beside a column that can; alone it is an error.
select y_true, y_pred, positive, true_positives, false_positives from (values ('t', 'b', 'no'), ('t', 'n', 'yes'), ('n', 't', 'yes'), ('coded', 'b', '2')) as v(y_true, y_pred, positive),
  audit('coded', y_true, y_pred, '{sex}', positive => positive) where sensitive = 'f';
select * from audit('coded', null, 'b', '{sex}', positive => 'nonsense');
select * from audit('coded', null, 'n', '{sex}', positive => 'nonsense');
select * from audit('coded', 'b', 'n', '{sex}', positive => 'nonsense');
select * from audit('coded', null, null, '{sex}', positive => 'yes');
select count(*) from audit('coded', null, 'coded', '{sex}', positive => '3') where n_selected > 0;
select * from audit('coded', null, 'coded', '{sex}');
select * from local_law_144('coded', 'x', 'sex', 'race', 'scoring', positive => '1');
select * from fair_features('coded', 'i', '{sex}', features => '{x,z}', positive => '1');

-- Blanks around a value are the server's to trim.
select c, positive, (select selection_rate from audit('coded', null, c, '{sex}', positive => positive) where sensitive = 'f') as rate
from (values ('n', '0 '), ('b', ' f'), ('b', 'FALSE '), ('b', 'no'), ('coded', ' 2 ')) as v(c, positive);

-- The last argument of an aggregate weighs: an integer there may be a group, and has to say that it is none.
select demographic_parity_difference(b, n = 1, i % 4) from coded;
select demographic_parity_difference(b, t, coded) from coded;
select ks_distance(x, sex, coded) from coded;
select wasserstein_distance(x, n, coded::smallint) from coded;
select distribution_agg(x, sex, i::bigint) is null from coded;
select confusion_agg(b, n = 1, sex, coded) from coded;
select equalized_odds_ratio(b, n = 1, sex, coded) from coded group by race;
select moments_agg(x, sex, array[z], coded) is null from coded;
select demographic_parity_difference(b, sex, coded) over (order by i rows 5 preceding) from coded;
do $$
declare wrong text := '';
  a record;
begin
  for a in select p.proname, p.pronargs, p.oid::regprocedure as signature, (p.proargtypes::regtype[])[:p.pronargs - 2] as types
           from pg_proc as p join pg_aggregate on aggfnoid = p.oid where pronamespace = 'fairdb'::regnamespace and p.proargtypes[p.pronargs - 1] = 'float8'::regtype and p.pronargs > 2 loop
    begin
      execute format('select %I(%s, coded) is null from coded', a.proname,
        (select string_agg(case t when 'boolean'::regtype then 'b' when 'double precision'::regtype then 'x' when 'text'::regtype then 'sex' when 'double precision[]'::regtype then 'array[z]' else 'n = 1' end, ', ')
         from unnest(a.types) as t));
      wrong := wrong || ' ' || a.signature;
    exception when datatype_mismatch then null;
    end;
  end loop;
  raise notice 'aggregates that take an integer for a weight:%', coalesce(nullif(wrong, ''), ' none');
end $$;
-- A parameter is no column, whatever plan the server chooses.
create function weighted(w int) returns float8 language plpgsql as $$ begin return (select demographic_parity_difference(b, sex, w) from coded); end $$;
select count(weighted(i)) from generate_series(1, 8) as i;
drop function weighted;
-- Real numbers, and what says so, are weights.
select demographic_parity_difference(b, sex, x * x) between 0 and 1 as real, demographic_parity_difference(b, sex, d) between 0 and 1 as numeric,
       demographic_parity_difference(b, sex, coded::float8) = demographic_parity_difference(b, sex, d) as cast, demographic_parity_difference(b, sex, 2) = demographic_parity_difference(b, sex) as constant
from coded;
drop table coded;
