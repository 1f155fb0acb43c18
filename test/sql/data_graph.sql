-- FB15k-237, a part of Freebase: exact counts, what a constant and a counting model reach, the quality of an embedding that
-- is trained with the defaults, and the bias that it carries.
create schema data_graph;
set search_path to data_graph, fairdb;
set maintenance_work_mem = '256MB';
set fairdb.progress_interval = 0;
create table train (head text, relation text, tail text);
create table valid (like train);
create table test (like train);
create table names (id text, name text, wikidata text, description text);
\copy train from program 'zcat "$FAIRDB_DATA/kg/fb15k-237/train.tsv.gz"'
\copy valid from program 'zcat "$FAIRDB_DATA/kg/fb15k-237/valid.tsv.gz"'
\copy test from program 'zcat "$FAIRDB_DATA/kg/fb15k-237/test.tsv.gz"'
\copy names from program 'zcat "$FAIRDB_DATA/kg/fb15k-237/entities.tsv.gz" | tail -n +2'
create view known as select * from train union all select * from valid union all select * from test;
analyze;

-- The data, by SQL alone.
select (select count(*) from train) as train, (select count(*) from valid) as valid, (select count(*) from test) as test,
       (select count(distinct (head, relation)) from train) as head_relations, (select count(distinct (relation, tail)) from train) as relation_tails,
       (select count(*) from test where relation not in ('/people/person/gender', '/people/person/religion', '/people/person/nationality', '/people/ethnicity/people')) as filtered_test;
create view persons as
select p.person, a.attribute, a.value from (
  select head as person, relation as attribute, tail as value from train
  where relation in ('/people/person/gender', '/people/person/religion', '/people/person/nationality', '/people/person/profession')
  union all select tail, relation, head from train where relation = '/people/ethnicity/people') as a(person, attribute, value), lateral (select a.person) as p;
select attribute, count(distinct person) as persons, count(*) as triples, count(distinct value) as values,
       (select count(*) from (select from persons as o where o.attribute = p.attribute group by person having count(*) > 1) as m) as several
from persons as p group by attribute order by attribute;
-- Shares of the largest class, of persons with one value among the 30 most frequent.
select attribute, round(max(n) / sum(n), 4) as majority from (
  select attribute, value, count(*) as n from (select attribute, person, min(value) as value from persons group by 1, 2 having count(*) = 1) as s group by 1, 2) as c
where attribute <> '/people/person/profession' group by attribute order by attribute;

-- A constant model and one that counts how often a relation has an entity, both as vectors.
create table relation_codes as select relation, row_number() over (order by relation) as code from (select distinct relation from train) as r;
create table constant as select graph_import('select id as entity, array[0::real] as embedding from names',
  'select relation, inverse, array[0::real] as vector from relation_codes, unnest(array[false, true]) as inverse', 'transe') as g;
select side, round(mr::numeric, 2) as mr, abs(amri) < 1e-12 as chance from constant, graph_evaluate(g, 'test', 'known');
create function counts_of(entity text) returns real[] language plpgsql as $$
declare
  vector real[] := array_fill(0::real, array[474]);
  c record;
begin
  for c in select code, n from tail_counts where tail = entity loop vector[c.code] := 1e-25 * c.n; end loop;
  for c in select code, n from head_counts where head = entity loop vector[237 + c.code] := 1e-25 * c.n; end loop;
  return vector;
end$$;
create table tail_counts as select tail, code, count(*) as n from train join relation_codes using (relation) group by 1, 2;
create table head_counts as select head, code, count(*) as n from train join relation_codes using (relation) group by 1, 2;
create index on tail_counts (tail);
create index on head_counts (head);
create table counting as select graph_import('select id as entity, counts_of(id) as embedding from names',
  $$select relation, inverse, (select array_agg((i = case when inverse then 237 else 0 end + code)::int::real order by i) from generate_series(1, 474) as i) as vector
    from relation_codes, unnest(array[false, true]) as inverse$$, 'transe') as g;
select side, round(mrr::numeric, 4) as mrr, round(hits_10::numeric, 4) as hits_10 from counting, graph_evaluate(g, 'test', 'known');

-- With the defaults.
create table g as select train_graph('train', 'head', 'relation', 'tail', threads => 2) as g;
select d->'entities' as entities, d->'relations' as relations, d->'triples' as triples from g, describe(g) as d;
create table ranks as select r.* from g, graph_evaluate(g, 'test', 'known', by_relation => true) as r;
select side, n, unseen, mrr >= case side when 'both' then .285 when 'tail' then .375 else .18 end as mrr, hits_10 >= .46 or side <> 'both' as hits_10, amri > .95 as amri
from ranks where relation is null;
select sum(n) filter (where relation is null), sum(n) filter (where relation is not null) from ranks;
-- Profession by a person, and ethnicity the other way round, are told better than most.
select side, relation, n, mrr > .3 as good from ranks
where (side, relation) in (('tail', '/people/person/profession'), ('head', '/people/ethnicity/people'), ('tail', '/people/person/gender')) order by 2;

-- The bias of professions: the model most female, leaning as the counts of men and women do.
create table bias as select b.* from g, graph_bias(g, 'train', '/people/person/gender', '/m/05zppz', '/m/02zsn', '/people/person/profession') as b;
select count(*), bool_and(abs(expected - bias) < 1e-6) as closed_form from (
  select b.bias, (select sum(.1 * (m.e - f.e) * p.e) from unnest(a.embedding) with ordinality as p(e, i)
    join unnest(male.embedding) with ordinality as m(e, i) using (i) join unnest(female.embedding) with ordinality as f(e, i) using (i)) as expected
  from bias as b, g, embeddings(g) as a, embeddings(g) as male, embeddings(g) as female
  where a.entity = b.entity and male.entity = '/m/05zppz' and female.entity = '/m/02zsn') as x;
select name, count_a, count_b, rank = 44 as most_female from bias join names on id = entity where entity in ('/m/02hrh1q', '/m/0dxtg', '/m/0d1pc') order by name;
-- The tables of doc/graphs.md.
select name, to_char(bias, 'FM0.00') as bias, count_a as men, count_b as women, to_char(population_gap, 'FM0.00') as gap from bias join names on id = entity order by bias.bias limit 20;
select name, to_char(bias, 'FM0.00') as bias, count_a as men, count_b as women, to_char(population_gap, 'FM0.00') as gap from bias join names on id = entity order by bias.bias desc limit 20;
select count(*) as professions, count(*) filter (where count_a + count_b >= 20) as of_20
from g, graph_bias(g, 'train', '/people/person/gender', '/m/05zppz', '/m/02zsn', '/people/person/profession', min_count => 1);
-- Other pairs: how bias goes with the odds of the counts (Spearman's correlation).
create table pairs (pair text, relation text, inverse bool, a text, b text, min_count int, least float8);
insert into pairs values
  ('male / female', '/people/person/gender', false, '/m/05zppz', '/m/02zsn', 20, .75),
  ('Catholicism / Atheism', '/people/person/religion', false, '/m/0c8wxp', '/m/0kpl', 10, .65),
  ('Catholicism / Judaism', '/people/person/religion', false, '/m/0c8wxp', '/m/03_gx', 10, .3),
  ('Jewish / African American', '/people/ethnicity/people', true, '/m/041rx', '/m/0x67', 10, .65),
  ('African / Irish American', '/people/ethnicity/people', true, '/m/0x67', '/m/033tf_', 10, .65),
  ('USA / England', '/people/person/nationality', false, '/m/09c7w0', '/m/02jx1', 20, .3),
  ('USA / UK', '/people/person/nationality', false, '/m/09c7w0', '/m/07ssc', 20, .3);
create view ranked as
select pair, least, bias, population_gap, rank() over (partition by pair order by bias) + (count(*) over (partition by pair, bias) - 1) / 2.0 as r,
       rank() over (partition by pair order by odds) + (count(*) over (partition by pair, odds) - 1) / 2.0 as o
from (select pair, least, t.bias, t.population_gap, ln((t.count_a + .5) / (t.count_b + .5)) as odds from g, pairs as p,
        graph_bias(g, 'train', p.relation, p.a, p.b, '/people/person/profession', min_count => p.min_count, sensitive_inverse => p.inverse) as t) as x;
select pair, count(*) as professions, corr(r, o) >= min(least) as goes_with_the_counts from ranked group by pair order by pair;

-- Gender taken out of all persons: what that costs on the test without the sensitive relations, and what readers find.
create view asked as select * from test where relation not in ('/people/person/gender', '/people/person/religion', '/people/person/nationality', '/people/ethnicity/people');
create view people as select distinct head as entity from train where relation like '/people/person/%' union select tail from train where relation = '/people/ethnicity/people';
create table fair as select graph_debias(g, 'train', '{/people/person/gender}', persons => 'people') as g from g;
select f.n, f.mrr >= .975 * b.mrr as cheap from (select e.* from fair, graph_evaluate(g, 'asked', 'known') as e where side = 'both') as f,
  (select e.* from g, graph_evaluate(g, 'asked', 'known') as e where side = 'both') as b;
select what, probe, case probe when 'logistic' then abs(accuracy - majority) <= .01 else accuracy <= .83 end as hidden, auc > .95 as clear, round(majority::numeric, 3) as majority,
       abs(score_difference) <= .01 as equal_scores, mean_population_gap <= .05 as no_gap, n
from (select 'basic' as what, g from g union all select 'fair', g from fair) as x, graph_leakage(g, 'train', '/people/person/gender', target_relation => '/people/person/profession')
order by what, probe;
-- All four attributes, and nationality and ethnicity given back where they are wanted.
create table allowed as
select '/people/person/nationality' as attribute, unnest('{/people/person/languages,/people/person/place_of_birth,/people/deceased_person/place_of_death,/people/person/places_lived./people/place_lived/location}'::text[]) as relation
union all select '/people/ethnicity/people', '/people/person/languages';
create table apart as
select graph_debias(g, 'train', '{/people/person/gender,/people/person/religion,/people/person/nationality,/people/ethnicity/people}', inverse => '{f,f,f,t}', persons => 'people', whitelist => 'allowed') as g from g;
select m->'map' as map, m->'dimensions_removed' as dimensions, m->'persons' as persons from apart, jsonb_array_elements(describe(g)->'fairness'->'maps') as m;
select name, accuracy <= majority + .02 as hidden, n
from apart, (values ('/people/person/gender', false), ('/people/person/religion', false), ('/people/person/nationality', false), ('/people/ethnicity/people', true)) as a(name, inverse),
     graph_leakage(g, 'train', name, sensitive_inverse => inverse) where probe = 'logistic' order by name;
create table of_four as
select e.*, a is not null as given from apart, unnest(array[null, 'train']) as a, graph_evaluate(g, 'asked', 'known', by_relation => true, attributes => a) as e;
select n, mrr >= .8 * (select mrr from g, graph_evaluate(g, 'asked', 'known') where side = 'both') as within_a_fifth from of_four where side = 'both' and relation is null and not given;
select relation, max(n) as n, max(mrr) filter (where given) > max(mrr) filter (where not given) as higher from of_four where side = 'tail' and relation in (select relation from allowed) group by 1 order by 1;
set client_min_messages to warning;
drop schema data_graph cascade;
