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

-- Names are written as one or as a list, and come from drivers as texts and arrays of texts.
create table named as select i, i % 2 = 0 as y, (i * 7) % 5 < 2 as p, (array['f', 'm'])[1 + i % 3 % 2] as sex, (array['a', 'b'])[1 + i % 5 % 2] as race, (i % 2)::numeric as one, i % 7 as x, case when i % 2 = 0 then 'yes' else 'no' end as word
from generate_series(1, 200) as i;
select '{sex,race}'::names, 'two words'::names, ' {"two words"} '::names, 'a"b'::names, '{}'::names, 'sex'::text::names, 'sex'::varchar::names, array['sex']::names, array['sex']::varchar[]::names, '[0:1]={a,b}'::names, 'sex'::name::names, array['sex', 'r']::name[]::names;
select '{sex'::names;
select count(distinct r) as answers, count(*)
from (select array_agg(a.n order by a.sensitive) as r from audit('named', 'y', 'p', 'sex') as a union all select array_agg(a.n order by a.sensitive) from audit('named', 'y', 'p', '{sex}') as a
      union all select array_agg(a.n order by a.sensitive) from audit('named', 'y', 'p', array['sex']) as a union all select array_agg(a.n order by a.sensitive) from audit('named', 'y', 'p', array['sex']::varchar[]) as a
      union all select array_agg(a.n order by a.sensitive) from audit('named', 'y', 'p', 'sex'::text) as a union all select array_agg(a.n order by a.sensitive) from audit('named', 'y', 'p', 'sex'::varchar) as a) as t;
prepare by_name(names, text) as select count(*) from audit('named', 'y', $2, $1);
execute by_name('sex', 'p');
execute by_name('{sex,race}', 'p');
deallocate by_name;
select count(*) from audit('named', 'y', 'p', (select array_agg(attname order by attnum) from pg_attribute where attrelid = 'named'::regclass and attname in ('sex', 'race')));
select sensitive, n from audit('named', 'y', 'p', 'sex,race');
select sensitive, n from audit('named', 'y', 'p', '');
select count(*) from audit('named', 'y', 'p', 'sex', strata => 'race');
select predict(train_linear('named', 'y', 'sex', 'x', fairness => 'none'), array[1]) = predict(train_linear('named', 'y', '{sex}', exclude => '{i,p,race,one,word}', fairness => 'none'), array[1]) as same;
select convert_from(fairdb_internal.names_send('{"a b",c}'), 'utf8'), convert_from(fairdb_internal.option_value_send(1::option_value), 'utf8');
-- A value of an option is written in the type that it has in the data or in the driver.
select distinct sum(n_positive) as positive from (select 1 as way, sum(n_positive) as n_positive from audit('named', 'y', 'p', 'sex', positive => true) union all select 2, sum(n_positive) from audit('named', 'y', 'p', 'sex', positive => 1)
  union all select 3, sum(n_positive) from audit('named', 'one', 'p', 'sex', positive => true) union all select 4, sum(n_positive) from audit('named', 'one', 'p', 'sex', positive => 1.0) union all select 5, sum(n_positive) from audit('named', 'word', 'p', 'sex', positive => 'no') union all select 6, sum(n_positive) from audit('named', 'y', 'p', 'sex', positive => 1.0)
  union all select 7, sum(n_positive) from audit('select *, one::int as whole from named', 'whole', 'p', 'sex', positive => 1.00) union all select 8, sum(n_positive) from audit('named', 'word', 'p', 'sex', positive => 'no'::char(5)) group by 1) as t group by way;
select sum(n_positive) from audit('named', 'one', 'p', 'sex', positive => false);
-- False is the 0 of 0 and 1, in training too; of -1 and 1 it is nothing.
select y, sum(n_positive) as positive, sum(n_selected) as selected, sum(n) as n
from unnest('{y,x}'::text[]) as y, lateral audit('select i, y, sex, one, y as x from named', y, 'one', 'sex', positive => false) group by y order by y;
select count(distinct predict(m, array[3])) as models, count(*)
from (select train_linear('select x, y from named', 'y', null, fairness => 'none', positive => false) as m union all select train_linear('select x, y::int as y from named', 'y', null, fairness => 'none', positive => false)
  union all select train_linear('select x, not y as y from named', 'y', null, fairness => 'none')) as t;
select * from audit('select y, sex, one * 2 - 1 as minus from named', 'y', 'minus', 'sex', positive => false);
select p, sum(n_positive) as positive, sum(n_selected) as selected from unnest('{False,FALSE,f,0}'::text[]) as p, lateral audit('select y, sex, y::int as one from named', 'y', 'one', 'sex', positive => p) group by p order by p;
select sum(n_positive) as positive, sum(n_selected) as selected from audit('select y, sex, y::int * 2 - 1 as minus from named', 'minus', 'y', 'sex', positive => -1);
select * from audit('named', 'y', 'p', 'sex', positive => 'no');
select train_linear('select x, y::int as y from named', 'y', null, fairness => 'none', positive => 'FALSE') is null as none;
-- Weights by the values of the target, where positive is one of them.
select count(distinct predict(m, array[3])) as models, count(*) from (select train_linear('select x, word from named', 'word', null, fairness => 'none', positive => 'no', class_weight => '5,1') as m
  union all select train_linear('select x, word from named', 'word', null, fairness => 'none', positive => 'no', class_weight => '{"no": 1, "yes": 5}') union all select train_linear('select x, y::int as y from named', 'y', null, fairness => 'none', positive => 0, class_weight => '{"0": 1, "1": 5}')
  union all select train_linear('select x, y from named', 'y', null, fairness => 'none', positive => false, class_weight => '{"false": 1, "true": 5}') union all select train_linear('select x, word from named', 'word', null, fairness => 'none', positive => 'no', class_weight => '{"0": 5, "1": 1}')) as t;
select train_linear('select x, word from named', 'word', null, fairness => 'none', positive => 'no', class_weight => '{"no": 1, "yes": 5, "perhaps": 2}');
select p, w, c, describe(train_linear('select x, y, y::int as one, y::int * 1.5 as half from named', c, null, 'x', fairness => 'none', positive => p, class_weight => w)) -> 'class_weight' as weights
from (values ('one', 'false', '{"0": 5, "1": 1}'), ('one', '0.0', '{"0": 5, "1": 1}'), ('one', '0', '{"false": 5, "true": 1}'), ('y', '-1', '{"-1": 5, "1": 1}'), ('y', '0', '{"false": 5, "true": 1}'), ('y', 'f', '{"0": 5, "1": 1}'), ('half', '0.0', '{"0": 5, "1.5": 1}'), ('one', 'true', '{"0": 1, "1": 5}')) as v (c, p, w);
select train_linear('select x, y::int + 1 as two from named', 'two', null, fairness => 'none', positive => 2, class_weight => '{"0": 1, "1": 5}');
select describe(train_linear('select x, y::int::bit(1) as b from named', 'b', null, fairness => 'none', positive => '1')) ->> 'positive' as bit;
select train_linear('select x, y::int * 2 - 1 as y from named', 'y', null, fairness => 'none', positive => false);
-- What numbers look like is a setting, and what they mean is not.
set extra_float_digits to -11;
select sum(n_positive) from audit('select 12340 + i % 2 as code, sex, y from named', 'code', 'y', 'sex', positive => 12341::float8);
select sum(n_positive) from audit('select 16777216 + i % 2 as code, sex, y from named', 'code', 'y', 'sex', positive => 16777216::float4);
select (array[1, 5.123456]::float8[])::option_value as list, (array[1, 5.125]::float4[])::option_value as short, 0.1::float8::option_value as number, 1e300::float8::option_value as large, 5.123456::float8 as shown;
select null::float8::option_value is null as none, '{}'::float8[]::option_value as empty, '{NaN,-Infinity,NULL,1e-310}'::float8[]::option_value as odd, 'NaN'::float4::option_value as not_a_number;
reset extra_float_digits;
select sum(n_positive) from audit('named', 'one', 'p', 'sex', positive => '1e0');
select sum(n_positive) from audit('named', 'word', 'p', 'sex', positive => 1);
select count(distinct predict(m, array[3])) as models, count(*) from (select train_linear('named', 'y', null, 'x', fairness => 'none', class_weight => '1,5') as m
  union all select train_linear('named', 'y', null, 'x', fairness => 'none', class_weight => array[1, 5]) union all select train_linear('named', 'y', null, 'x', fairness => 'none', class_weight => array[1.0, 5.0])
  union all select train_linear('named', 'y', null, 'x', fairness => 'none', class_weight => '{"0": 1, "1": 5}'::jsonb) union all select train_linear('named', 'y', null, 'x', fairness => 'none', class_weight => '{"true": 5, "false": 1}')
  union all select train_linear('named', 'y', null, 'x', fairness => 'none', class_weight => '[1, 5]'::json)) as t;
select train_linear('named', 'y', null, 'x', fairness => 'none', class_weight => '{"0": 1, "2": 5}'::jsonb);
select train_linear('named', 'y', null, 'x', fairness => 'none', class_weight => '{"0": 1, "1": "x"}'::jsonb);
select train_linear('named', 'y', null, 'x', fairness => 'none', class_weight => 5);
select train_linear('named', 'y', null, 'x', fairness => 'none', class_weight => '{"0": 1, "false": 3, "1": 5}');
select count(distinct predict(m, array[3])) as models, count(*) from (select train_linear('named', 'y', null, 'x', fairness => 'none', class_weight => ' {"-1": 1, "1": 5}'::json) as m union all select train_linear('named', 'y', null, 'x', fairness => 'none', class_weight => '1,5')) as t;
select * from audit('named', 'word = ''yes''', 'p', 'sex');
select adjust(d, 3, 'f', group_weights => array[1, 3]) from (select distribution_agg(x + i / 1000.0, sex) as d from named) as t;
select adjust(d, 3, 'f', group_weights => ' {"f": 1, "m": 3}'::json) = adjust(d, 3, 'f', group_weights => '{"f": 1, "m": 3}') as same from (select distribution_agg(x + i / 1000.0, sex) as d from named) as t;
select adjust(d, 3, 'f', group_weights => '{"f": 1, "male": 3}') from (select distribution_agg(x + i / 1000.0, sex) as d from named) as t;
-- Names that look like lists are written as such in the advice.
select train_linear('select i as "{k", x, y from named', 'y', null, fairness => 'none') is null as none;
select train_linear('select i as "it''s", x, y from named', 'y', null, fairness => 'none', exclude => '{"it''s"}') is null as none;
select adjust(d, 3, 'f', group_weights => '{"f": 1, "m": 3}'::jsonb) = adjust(d, 3, 'f', group_weights => '{"f": 1, "m": 3}') as same, adjust(d, 3, 'f', group_weights => 'uniform'::varchar) is null as varchar
from (select distribution_agg(x + i / 1000.0, sex) as d from named) as t;
select adjust(d, 3, 'f', group_weights => 3) from (select distribution_agg(x + i / 1000.0, sex) as d from named) as t;
drop table named;
