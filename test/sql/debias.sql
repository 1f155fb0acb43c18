-- Graph embeddings without the bias: erasure and projection, the penalty, attribute vectors, leakage, vectors in a table.
create schema debias;
set search_path to debias, fairdb;
set fairdb.progress_interval = 0;

-- Jobs follow gender, languages the home; some have two homes, and the homes' relation leads to persons.
create table people as
select i, 'person ' || i as person, case when i % 3 = 0 then 'female' else 'male' end as gender,
       (array['France', 'Italy', 'Spain'])[1 + i % 5 % 3] as home, case when i % 3 = 0 then (array['nurse', 'teacher'])[1 + i % 2] else 'pilot' end as job,
       (array['French', 'Italian', 'Spanish'])[1 + i % 5 % 3] as language
from generate_series(1, 300) as i;
create table triples as
select person as head, 'gender' as relation, gender as tail from people
union all select home, 'home of', person from people union all select 'Spain', 'home of', person from people where i % 7 = 0 and home <> 'Spain'
union all select person, 'job', job from people union all select person, 'speaks', language from people;
create table g as select train_graph('triples', 'head', 'relation', 'tail', dimensions => 12, epochs => 30, batch => 100) as g;
create table vectors_of as select 'basic' as what, v.* from g, embeddings(g) as v;

-- Erasure: no covariance with an indicator of a value, over those who have one; others stay, to the bit.
create table debiased as
select 'gender' as what, graph_debias(g, 'triples', '{gender}') as d from g
union all select 'both', graph_debias(g, 'triples', '{gender,home of}', inverse => '{f,t}') from g
union all select 'erase', graph_debias(g, 'triples', '{gender}', 'erase') from g
union all select 'project', graph_debias(g, 'triples', '{gender,home of}', 'project', inverse => '{f,t}') from g;
insert into vectors_of select what, v.* from debiased, embeddings(d) as v;
create view holders as
select 'gender' as attribute, person, gender as value from people union all select 'home of', tail, head from triples where relation = 'home of';
create view covariances as
select v.what, h.attribute, value, dimension,
       (sum(x) filter (where has) - count(*) filter (where has) * avg(x)) / count(*) as covariance
from (select attribute, person, value, exists (select from holders as o where o.attribute = a.attribute and o.person = a.person and o.value = b.value) as has
      from (select distinct attribute, person from holders) as a join (select distinct attribute, value from holders) as b using (attribute)) as h
join vectors_of as v on v.entity = h.person, unnest(v.embedding::float8[]) with ordinality as u(x, dimension) group by 1, 2, 3, 4;
select what, attribute, max(abs(covariance)) < 1e-6 as none from covariances group by 1, 2 order by 1, 2;
select d.what, bool_and(d.embedding = b.embedding) filter (where d.entity not like 'person%') as others_stay,
       bool_and(d.embedding <> b.embedding) filter (where d.entity like 'person%') as persons_change
from vectors_of as d join vectors_of as b on b.entity = d.entity and b.what = 'basic' where d.what <> 'basic' group by 1 order by 1;
-- Scores of a person's values are equal where they are projected: gender by default, all when asked.
select what, max(abs(graph_score(d, person, 'gender', 'male') - graph_score(d, person, 'gender', 'female'))) < 1e-4 as genders,
       max(abs(graph_score(d, 'Italy', 'home of', person, inverse => true) - graph_score(d, 'Spain', 'home of', person, inverse => true))) < 1e-4 as homes
from debiased, people group by 1 order by 1;
select what, m->'map' as map, m->'attributes' as attributes, m->'persons' as persons, m->'dimensions_removed' as removed, m->'of_dimensions' as of,
       (m->'variance_removed')::float8 between 0 and 1 as variance
from debiased, jsonb_array_elements(describe(d)->'fairness'->'maps') as m order by what, map;
-- Twice is one after the other.
select jsonb_array_length(describe(graph_debias(d, 'triples', '{home of}', inverse => '{t}'))->'fairness'->'maps') as maps from debiased where what = 'gender';

-- What is left: a linear reader finds nothing, scores and gaps are gone.
select what, probe, accuracy > majority + .15 as tells, round(majority::numeric, 3) as majority, auc > .9 as clearly,
       abs(score_difference) < 1e-4 as equal_scores, mean_population_gap < 1e-4 as no_gap, n, suppressed
from (select 'basic' as what, g from g union all select what, d from debiased where what in ('gender', 'project')) as x,
     graph_leakage(g, 'triples', 'gender', target_relation => 'job') order by what, probe;
-- Score difference and gap by their definitions.
select abs(l.score_difference - (select avg(graph_score(g, person, 'gender', gender) - graph_score(g, person, 'gender', case gender when 'male' then 'female' else 'male' end)) from people)) < 1e-5 as difference,
       abs(l.mean_population_gap - (select avg(abs(gap)) from (select avg(graph_score(g, person, 'job', j)) filter (where gender = 'male') - avg(graph_score(g, person, 'job', j)) filter (where gender = 'female') as gap
         from people, (values ('pilot'), ('nurse'), ('teacher')) as jobs(j) group by j) as x)) < 1e-5 as gap
from g, graph_leakage(g, 'triples', 'gender', target_relation => 'job') as l where probe = 'logistic';
select probe, n, score_difference > .1 as tells, mean_population_gap from g, graph_leakage(g, 'triples', 'home of', sensitive_inverse => true) order by probe;
-- Few held-out persons are suppressed.
set fairdb.min_group = 100;
select probe, accuracy, majority, auc, score_difference, n, suppressed from g, graph_leakage(g, 'triples', 'gender') order by probe;
reset fairdb.min_group;

-- Only values that enough persons have; persons without a value, whom a source names.
select a->>'relation' as relation, a->'values' as values from (select graph_debias(g, 'triples', '{gender,home of}', 'erase', '{f,t}', min_count => 110) as d from g) as x,
  jsonb_array_elements(describe(d)->'fairness'->'maps'->0->'attributes') as a;
select describe(graph_debias(g, $$select * from triples where head < 'person 2'$$, '{gender}'))->'fairness'->'maps'->0->'persons' as known,
       describe(graph_debias(g, $$select * from triples where head < 'person 2'$$, '{gender}', persons => $$select person as entity from people union select null$$))->'fairness'->'maps'->0->'persons' as named from g;
select describe(graph_debias(g, 'triples', '{gender}', persons => $$values ('person 1'), ('nobody')$$)) is null as null from g; -- no column entity
select describe(graph_debias(g, 'triples', '{gender}', persons => $$select * from (values ('person 1'), ('nobody')) as v(entity)$$)) is null as null from g;

-- The penalty: what scores tell of persons falls; persons alone feel it at once, values learn on.
create table trained as
select 'kl' as what, train_graph('triples', 'head', 'relation', 'tail', dimensions => 12, epochs => 30, batch => 100, sensitive => '{gender,home of}', inverse => '{f,t}') as t
union all select 'mean', train_graph('triples', 'head', 'relation', 'tail', dimensions => 12, epochs => 30, batch => 100, sensitive => '{gender}', kl_reduction => 'mean', weights => '{1000}', target => 'empirical')
union all select 'given', train_graph('triples', 'head', 'relation', 'tail', dimensions => 12, epochs => 30, batch => 100, sensitive => '{gender}', target => 'given', target_shares => '{"gender": {"female": 9, "male": 1}}')
union all select 'delete', train_graph('triples', 'head', 'relation', 'tail', dimensions => 12, epochs => 30, batch => 100, sensitive => '{gender}', debias => 'delete')
union all select 'none', train_graph('triples', 'head', 'relation', 'tail', dimensions => 12, epochs => 30, batch => 100, sensitive => '{gender}', debias => 'none');
select what, f->'debias' as debias, f->'target' as target, f->'kl_reduction' as reduction, f->'persons' as persons,
       jsonb_path_query_array(f, '$.attributes[*].weight') as weights, jsonb_path_query_array(f, '$.attributes[*].values.size()') as values, jsonb_array_length(f->'divergences') as epochs
from trained, lateral (select describe(t)->'fairness' as f) as x order by what;
select what, abs(score_difference) < .5 * (select score_difference from g, graph_leakage(g, 'triples', 'gender') where probe = 'logistic') as less
from trained, graph_leakage(t, 'triples', 'gender') where probe = 'logistic' order by what;
select what, exists (select from relation_vectors(t) where relation = 'gender') as has_gender from trained where what in ('delete', 'none') order by 1;
select bool_and(t.embedding = b.embedding) as none_is_none from trained, embeddings(t) as t join vectors_of as b on b.entity = t.entity and b.what = 'basic' where trained.what = 'none';
-- The same bytes whatever the order of the rows and the threads.
create view shuffled as select * from triples order by md5(head || tail);
select count(*), bool_and(a.embedding = b.embedding) as same
from embeddings(train_graph('shuffled', 'head', 'relation', 'tail', dimensions => 12, epochs => 30, batch => 100, threads => 2, sensitive => '{gender,home of}', inverse => '{f,t}')) as a
join (select e.* from trained, embeddings(t) as e where what = 'kl') as b using (entity);

-- Attribute vectors: of training and of erasure, added once where the whitelist has it, by the mean of several values.
create table allowed as select * from (values ('home of', 'speaks', null, false), ('home of', 'speaks', 'French', false), ('gender', 'job', 'nurse', false)) as v(attribute, relation, tail, inverse);
create table giving as
select 'trained' as what, train_graph('triples', 'head', 'relation', 'tail', dimensions => 12, epochs => 30, batch => 100, sensitive => '{gender,home of}', inverse => '{f,t}', whitelist => 'allowed') as a
union all select 'erased', graph_debias(g, 'triples', '{gender,home of}', inverse => '{f,t}', whitelist => 'allowed') from g;
select what, f->'attributes'->1->'attribute_vectors' as vectors, f->'whitelist' as whitelist from giving, lateral (select describe(a)->'fairness' as f) as x order by what;
select what, graph_score(a, 'person 1', 'speaks', 'Italian', attributes => '{"home of": "Italy"}') > graph_score(a, 'person 1', 'speaks', 'Italian') as given,
       graph_score(a, 'person 1', 'speaks', 'Italian', attributes => '{"gender": "male"}') = graph_score(a, 'person 1', 'speaks', 'Italian') as not_allowed,
       graph_score(a, 'person 1', 'job', 'nurse', attributes => '{"gender": "female"}') > graph_score(a, 'person 1', 'job', 'nurse') as for_one,
       graph_score(a, 'person 1', 'job', 'pilot', attributes => '{"gender": "female"}') = graph_score(a, 'person 1', 'job', 'pilot') as for_no_other,
       abs(graph_score(a, 'person 1', 'speaks', 'French', attributes => '{"home of": ["Italy", "France"]}')
           - (graph_score(a, 'person 1', 'speaks', 'French', attributes => '{"home of": "Italy"}') + graph_score(a, 'person 1', 'speaks', 'French', attributes => '{"home of": "France"}')) / 2) < 1e-5 as mean,
       graph_score(a, 'person 1', 'speaks', 'French', attributes => '{"home of": ["Italy", "Italy"], "gender": null}') = graph_score(a, 'person 1', 'speaks', 'French', attributes => '{"home of": "Italy"}') as once,
       graph_score(a, 'person 1', 'speaks', 'French', attributes => '{}') = graph_score(a, 'person 1', 'speaks', 'French') as none
from giving order by what;
select what, bool_and(p.score = graph_score(a, 'person 1', 'job', p.tail, attributes => '{"gender": "female"}')) as predictions, count(*) = (select count(*) from embeddings(a)) as "all"
from giving, graph_predict(a, 'person 1', 'job', 1000, attributes => '{"gender": "female"}') as p group by 1, a order by 1;
select what, max(abs(s - dot)) < 1e-5 as query from (
  select what, graph_score(a, 'person 1', 'speaks', v.entity, attributes => '{"home of": "Spain"}') as s,
         (select sum(q::float8 * e) from unnest(graph_query(a, 'person 1', 'speaks', attributes => '{"home of": "Spain"}'), v.embedding) as u(q, e)) as dot
  from giving, embeddings(a) as v where v.entity like '%sh') as x group by what order by what;
-- Ranks, asked with each person's own values, beside counting.
set client_min_messages to error;
select r.what, r.n, abs(r.mr - c.mr) < 1e-9 as mr, r.mrr >= w.mrr as helps
from (select what, e.* from giving, graph_evaluate(a, $$select * from triples where relation = 'speaks' and head < 'person 2'$$, 'triples', attributes => 'triples') as e where side = 'tail') as r
join (select what, e.* from giving, graph_evaluate(a, $$select * from triples where relation = 'speaks' and head < 'person 2'$$, 'triples') as e where side = 'tail') as w using (what)
join (select what, avg(rank) as mr from (
        select what, t.person, 1 + sum(case when s > truth then 1 when s = truth then .5 else 0 end) as rank from (
          select what, person, entity, graph_score(a, person, 'speaks', entity, attributes => homes) as s, graph_score(a, person, 'speaks', language, attributes => homes) as truth, language
          from giving, embeddings(a), people, lateral (select jsonb_build_object('home of', jsonb_agg(value)) as homes from holders where attribute = 'home of' and holders.person = people.person) as h
          where person < 'person 2') as t where entity <> language group by 1, 2) as x group by 1) as c using (what) order by 1;
reset client_min_messages;

-- New persons are treated as the others were, once they are known to be persons.
create table more as select * from triples union all
values ('new man', 'gender', 'male'), ('new man', 'job', 'pilot'), ('new one', 'job', 'pilot'), ('new one', 'speaks', 'French');
create table extended as select graph_extend(d, 'more', epochs => 10) as x from debiased where what = 'gender';
select entity, abs(graph_score(x, entity, 'gender', 'male') - graph_score(x, entity, 'gender', 'female')) < 1e-4 as equal, describe(x)->'fairness'->'maps'->0->'persons' as persons
from extended, (values ('new man'), ('new one')) as v(entity) order by 1;
select abs(graph_score(x, 'new one', 'gender', 'male') - graph_score(x, 'new one', 'gender', 'female')) < 1e-4 as equal
from (select graph_extend(d, 'more', epochs => 10, persons => $$select head as entity from more where head like 'new%'$$) as x from debiased where what = 'gender') as y;
select graph_extend(g, 'more', persons => 'people') from g;

-- Entities in a table of the caller's.
create table large as select train_graph('triples', 'head', 'relation', 'tail', dimensions => 12, epochs => 30, batch => 100, into_table => 'entities') as g;
select (select count(*) from entities) = (select count(*) from embeddings(g.g)) as "all", (select bool_and(e.embedding = v.embedding) from entities as e join embeddings(g.g) as v using (entity)) as same,
       describe(large.g)->>'table' as table, length(large.g::text) < length(g.g::text) / 2 as smaller from g, large;
select bool_and(graph_score(l.g, head, relation, tail, vectors => 'entities') = graph_score(g.g, head, relation, tail)) as scores,
       bool_and(graph_query(l.g, head, relation, vectors => 'entities') = graph_query(g.g, head, relation)) as queries from g, large as l, (select * from triples limit 50) as t;
select bool_and(abs(a.bias - b.bias) < 1e-9 and abs(a.population_gap - b.population_gap) < 1e-9 and a.count_a = b.count_a) as bias
from g, graph_bias(g.g, 'triples', 'gender', 'male', 'female', 'job') as a
join (select b.* from large, graph_bias(g, 'triples', 'gender', 'male', 'female', 'job', vectors => 'entities') as b) as b using (entity);
select graph_score(g, 'person 1', 'gender', 'male') from large;
select graph_score(g, 'person 1', 'gender', 'nobody', vectors => 'entities') from large;
select graph_score(g, 'person 1', 'gender', 'nobody', vectors => 'entities', on_unseen => 'null') as null from large;
select graph_score(g, 'person 1', 'gender', 'male', vectors => 'entities') from g;
select graph_score(g, 'person 1', 'gender', 'male', vectors => 'people') from large;
select count(*) from large, graph_predict(g, 'person 1', 'gender');
select graph_debias(g, 'triples', '{gender}') from large;
select graph_bias(g, 'triples', 'gender', 'male', 'other', 'job', vectors => 'entities') from large;
select train_graph('triples', 'head', 'relation', 'tail', epochs => 1, into_table => 'entities');
select train_graph('triples', 'head', 'relation', 'tail', epochs => 1, into_table => 'debias."odd; name"') is null as null;
select count(*) from debias."odd; name";

-- What is refused.
create table one as select * from triples where tail <> 'female';
select graph_debias(g, 'one', '{gender}') from g;
select graph_debias(g, 'triples', '{sings}') from g;
select graph_debias(g, 'triples', '{}') from g;
select graph_debias(g, 'triples', null) from g;
select graph_debias(g, 'triples', '{gender,home of}', inverse => '{f}') from g;
select graph_debias(g, 'triples', '{gender,home of}') from g;
select graph_debias(g, 'triples', '{gender}', top => '{1}') from g;
select graph_debias(g, 'triples', '{gender}', top => '{2,3}') from g;
select graph_debias(g, 'triples', '{gender}', 'deleting') from g;
select graph_debias(g, 'triples', '{gender}', min_count => 1000) from g;
select graph_debias(g, 'triples', '{gender}', whitelist => 'allowed') from g;
select graph_debias(a, 'triples', '{home of}', inverse => '{t}', whitelist => $$select 'home of' as attribute, 'speaks' as relation$$) from giving;
select graph_debias(t, 'triples', '{gender}', 'project') from trained where what = 'delete';
select graph_debias(null, 'triples', '{gender}') is null as null;
select graph_leakage(g, 'one', 'gender') from g;
select graph_leakage(g, $$select * from triples where head < 'person 11'$$, 'gender') from g;
select graph_leakage(g, 'triples', 'gender', target_relation => 'sings') from g;
select graph_leakage(g, 'triples', 'gender', target_inverse => true) from g;
select graph_leakage(g, 'triples', 'gender', top => 1) from g;
select graph_score(g, 'person 1', 'speaks', 'French', attributes => '{"home of": "Italy"}') from g;
select graph_score(a, 'person 1', 'speaks', 'French', attributes => '{"home of": "Atlantis"}') from giving where what = 'erased';
select graph_score(a, 'person 1', 'speaks', 'French', attributes => '{"home of": "Atlantis"}', on_unseen => 'null') = graph_score(a, 'person 1', 'speaks', 'French') as nothing_added from giving where what = 'erased';
-- An entity that has no vector: told once a call, however many rows.
select bool_and(graph_score(a, person, 'speaks', 'French', attributes => '{"home of": ["Italy", "pilot"]}') = graph_score(a, person, 'speaks', 'French', attributes => '{"home of": "Italy"}')) as nothing_added
from giving, unnest(array['person 1', 'person 2', 'person 4']) as person where what = 'erased';
select count(*) from giving, unnest(array['person 1', 'person 2']) as person, graph_predict(a, person, 'speaks', 3, attributes => '{"home of": "pilot"}') where what = 'erased';
select graph_score(a, 'person 1', 'speaks', 'French', attributes => '["Italy"]') from giving where what = 'erased';
select graph_score(a, 'person 1', 'speaks', 'French', attributes => '{"home of": {"a": 1}}') from giving where what = 'erased';
select count(*) from g, graph_evaluate(g, 'triples', 'triples', attributes => 'triples');
select train_graph('triples', 'head', 'relation', 'tail', sensitive => '{gender}', weights => '{1,2}');
select train_graph('triples', 'head', 'relation', 'tail', sensitive => '{gender}', weights => '{-1}');
select train_graph('triples', 'head', 'relation', 'tail', weights => '{1}');
select train_graph('triples', 'head', 'relation', 'tail', sensitive => '{gender}', debias => 'delete', weights => '{1}');
select train_graph('triples', 'head', 'relation', 'tail', sensitive => '{gender}', debias => 'delete', whitelist => 'allowed');
select train_graph('triples', 'head', 'relation', 'tail', sensitive => '{gender}', debias => 'adversarial');
select train_graph('triples', 'head', 'relation', 'tail', sensitive => '{gender}', target => 'given');
select train_graph('triples', 'head', 'relation', 'tail', sensitive => '{gender}', target => 'given', target_shares => '{"gender": {"x": 1}}');
select train_graph('triples', 'head', 'relation', 'tail', sensitive => '{gender}', target_shares => '{"gender": {"male": 1}}');
select train_graph('triples', 'head', 'relation', 'tail', sensitive => '{sings}');
select train_graph('one', 'head', 'relation', 'tail', sensitive => '{gender}');
select train_graph('triples', 'head', 'relation', 'tail', sensitive => '{gender}', whitelist => 'allowed');
select train_graph('triples', 'head', 'relation', 'tail', sensitive => '{gender}', whitelist => $$select 'gender' as attribute, 'sings' as relation$$);
select train_graph('triples', 'head', 'relation', 'tail', sensitive => '{gender}', whitelist => $$select 'gender' as attribute, 'job' as relation, 'x' as tail$$);
select train_graph('triples', 'head', 'relation', 'tail', sensitive => '{gender}', whitelist => $$select 'gender' as attribute$$);
select train_graph('triples', 'head', 'relation', 'tail', sensitive => '{gender,gender}');
select graph_debias(g, 'triples', '{gender}', 'project', min_count => 150) from g;
select graph_debias(g, 'triples', '{gender}', whitelist => $$select 'gender' as attribute, 'job' as relation, true as inverse$$) from g;
select train_graph('triples', 'head', 'relation', 'tail', sensitive => '{gender}', target => 'given', target_shares => '{"gender": {"a value that is longer than fifteen bytes": "x"}}');
select graph_debias(g, 'triples', '{gender}', min_count => null) from g;
-- The majority would tell how few have another value.
set fairdb.min_group = 10;
select probe, accuracy, majority, n, suppressed from g, graph_leakage(g, $$select * from triples where relation = 'gender' and (tail = 'male' or head < 'person 2')$$, 'gender');
reset fairdb.min_group;
-- A relation that is read in the wrong direction, and a permission that would be wider than meant.
select graph_debias(g, 'triples', '{gender}', inverse => '{t}') from g;
select graph_leakage(g, 'triples', 'home of') from g;
select train_graph('triples', 'head', 'relation', 'tail', epochs => 1, sensitive => '{home of}');
select graph_leakage(g, 'triples', 'gender', target_relation => 'home of') from g;
select graph_leakage(g, 'triples', 'gender', target_relation => 'job', target_inverse => true) from g;
select graph_debias(g, 'triples', '{gender}', whitelist => $$select 'gender' as attribute, 'job' as relation, 'nurse' as value$$) from g;
select graph_debias(g, 'triples', '{gender}', whitelist => $$select 'gender' as attribute, 'job' as relation, '' as tail$$) from g;
select graph_debias(g, 'triples', '{gender}', whitelist => $$select 'gender' as attribute, 'gender' as relation$$) from g;
select train_graph('triples', 'head', 'relation', 'tail', epochs => 1, sensitive => '{gender}', whitelist => $$select 'gender' as attribute, 'job' as relation, true as inverse$$);
select train_graph('triples', 'head', 'relation', 'tail', epochs => 1, sensitive => '{gender}', whitelist => $$select 'gender' as attribute, 'job' as relation$$, into_table => 'more_vectors');
select train_graph('triples', 'head', 'relation', 'tail', epochs => 1, sensitive => '{gender}', kl_reduction => 'mean');
select count(*) from large, embeddings(g);
select describe(large.g)->'entities' = describe(g.g)->'entities' as entities from g, large;
select count(*) from giving, graph_evaluate(a, 'triples', 'triples', attributes => $$select * from triples where relation = 'job'$$) where what = 'erased';
-- One value is enough to be erased; persons who are not new stay.
select jsonb_path_query_array(describe(graph_debias(g, 'triples', '{gender}', 'erase', min_count => 150, whitelist => $$select 'gender' as attribute, 'job' as relation$$)), '$.fairness.attributes[*].values') as values from g;
select describe(graph_extend(d, 'more', epochs => 1, persons => $$select head as entity from more where head like 'new%' union select 'person 1'$$))->'added_entities' as added from debiased where what = 'gender';
-- Names that come first on the path are not taken for the table that was made; numbers in objects are written as fairdb writes them.
create temp table shadowed (entity text not null, embedding real[] not null);
select describe(train_graph('triples', 'head', 'relation', 'tail', epochs => 1, into_table => 'shadowed'))->'table' as table;
select (select count(*) from debias.shadowed) > 0 as written, (select count(*) from pg_temp.shadowed) as not_there;
create table aged as select 'p' || i as head, 'age' as relation, (i % 3 + .50)::text as tail from generate_series(1, 30) as i union all select 'p' || i, 'likes', 'x' || i % 3 from generate_series(1, 30) as i;
update aged set tail = trim_scale(tail::numeric)::text where relation = 'age';
select graph_score(a, 'p1', 'likes', 'x1', attributes => jsonb_build_object('age', 1.50)) > graph_score(a, 'p1', 'likes', 'x1') as given
from (select graph_debias(train_graph('aged', 'head', 'relation', 'tail', dimensions => 8, epochs => 30, batch => 20), 'aged', '{age}', whitelist => $$select 'age' as attribute, 'likes' as relation$$) as a) as x;
-- What another call with the same attribute finds is rounding; one that is left out with its triples; values that are persons.
select m->'map' as map, m->'dimensions_removed' as dimensions from g, jsonb_array_elements(describe(graph_debias(graph_debias(g, 'triples', '{gender}', 'erase'), 'triples', '{gender}', 'erase'))->'fairness'->'maps') as m;
select train_graph($$select * from triples where relation = 'gender'$$, 'head', 'relation', 'tail', epochs => 1, sensitive => '{gender}', debias => 'delete');
select describe(train_graph('triples', 'head', 'relation', 'tail', epochs => 1, min_count => 2, sensitive => '{gender}', debias => 'delete'))->'dropped' as dropped;
select graph_debias(g, 'triples', '{home of}', inverse => '{t}', persons => 'select distinct head as entity from triples') from g;
-- A permission that concerns nobody yet, and one in the wrong direction. Its many tails are one relation to read.
select jsonb_array_length(describe(graph_debias(g, 'triples', '{home of}', inverse => '{t}', whitelist => $$select 'home of' as attribute, 'meets' as relation union all select 'home of', 'speaks'$$))->'fairness'->'whitelist') as entries
from (select train_graph($$select * from triples union all select 'dog', 'meets', 'cat'$$, 'head', 'relation', 'tail', epochs => 1) as g) as x;
select graph_debias(g, 'triples', '{home of}', inverse => '{t}', whitelist => $$select 'home of' as attribute, 'speaks' as relation, true as inverse$$) from g;
-- A dimension in which persons hardly vary.
create table imported as
select 'p' || i as entity, array[sin(i * 1.7) + (i % 2), cos(i * .9), sin(i * 2.3) * 1e-36]::real[] as embedding from generate_series(1, 40) as i
union all select unnest(array['male', 'female', 'pilot']), '{1,2,3}';
create table has_gender as select 'p' || i as head, 'gender' as relation, (array['male', 'female'])[1 + i % 2] as tail from generate_series(1, 40) as i;
select describe(g)->'fairness'->'maps'->0->'dimensions_removed' as dimensions
from (select graph_debias(graph_import('imported', $$select 'gender' as relation, i as inverse, '{1,1,1}'::real[] as vector from unnest('{f,t}'::bool[]) as i$$, 'transe'), 'has_gender', '{gender}', 'erase') as g) as x;
-- Attributes of many elements; of a long name the beginning is told.
select graph_score(a, 'person 1', 'speaks', 'French', attributes => jsonb_build_object(repeat('y', 1000), 'France')) from giving where what = 'erased';
select graph_score(a, 'person 1', 'speaks', 'French', attributes => (select jsonb_build_object('home of', jsonb_agg('Italy'::text)) from generate_series(1, 100000)))
     = graph_score(a, 'person 1', 'speaks', 'French', attributes => '{"home of": "Italy"}') as once from giving where what = 'erased';
set client_min_messages to warning;
drop schema debias cascade;
