-- Embeddings of graphs: triples of any shape, training, scores, predictions, ranks, bias, what is refused.
create schema graphs;
set search_path to graphs, fairdb;

-- People live in cities, cities lie in countries.
create table triples as
select 'person ' || i as head, 'lives in' as relation, 'city ' || i % 8 as tail from generate_series(0, 39) as i
union all select 'person ' || i, 'citizen of', 'country ' || i % 8 / 2 from generate_series(0, 39) as i
union all select 'city ' || i, 'part of', 'country ' || i / 2 from generate_series(0, 7) as i;
create table g as select train_graph('triples', 'head', 'relation', 'tail', dimensions => 16, epochs => 60, batch => 20) as g;
select d->'model' as model, d->'dimensions' as dimensions, d->'entities' as entities, d->'relations' as relations, d->'triples' as triples,
       d->'rows_skipped' as skipped, d->'duplicates' as duplicates, d->'columns' as columns,
       (d->'losses'->>59)::float8 < .6 * (d->'losses'->>0)::float8 as learns
from g, describe(g) as d;

-- What follows is found; a known one is told, and left out on request.
select tail, rank, known from g, graph_predict(g, 'person 13', 'citizen of', 2, known => 'triples') order by rank;
select tail = 'country 2' as known_one, rank from g, graph_predict(g, 'person 13', 'citizen of', 1, known => 'triples', skip_known => true);
select count(*), bool_and(head like 'person %') as people, bool_and(known) as known from g, graph_predict_heads(g, 'lives in', 'city 3', 5, 'triples');
select side, n, mrr > .6 as good, mr < 5 as near, amri > .8 as better_than_chance, hits_1 <= hits_3 and hits_3 <= hits_10 and hits_10 <= hits_50 as in_order, unseen
from g, graph_evaluate(g, 'triples');
select side, relation, n from g, graph_evaluate(g, 'triples', by_relation => true) order by relation nulls first, side;

-- One inner product: score, query and vectors agree; of predictions, too.
select max(abs(s - dot)) < 1e-5 as same from (
  select graph_score(g, head, relation, tail) as s,
         (select sum(q::float8 * e) from unnest(graph_query(g, head, relation), v.embedding) as u(q, e)) as dot
  from g, triples, embeddings(g) as v where v.entity = tail) as x;
select max(abs(s - dot)) < 1e-5 as same_of_heads from (
  select graph_score(g, head, relation, tail, inverse => true) as s,
         (select sum(q::float8 * e) from unnest(graph_query(g, tail, relation, inverse => true), v.embedding) as u(q, e)) as dot
  from g, triples, embeddings(g) as v where v.entity = head) as x;
select bool_and(p.score = graph_score(g, 'person 1', 'lives in', p.tail)) as scores,
       bool_and(p.rank = (select 1 + count(*) from embeddings(g) as e
         where graph_score(g, 'person 1', 'lives in', e.entity) > p.score
            or graph_score(g, 'person 1', 'lives in', e.entity) = p.score and e.entity collate "C" < p.tail)) as ranks
from g, graph_predict(g, 'person 1', 'lives in', 1000) as p;

-- Ranks by counting in SQL: both sides, filtered, ties in their middle.
with asked as (
  select 'tail' as side, head as e, relation, tail as truth from triples where head < 'person 2'
  union all select 'head', tail, relation, head from triples where head < 'person 2'),
scored as (
  select a.side, a.e, a.relation, a.truth, v.entity,
         case side when 'tail' then graph_score(g, a.e, a.relation, v.entity) else graph_score(g, v.entity, a.relation, a.e, inverse => true) end as s
  from asked as a, g, embeddings(g) as v),
ranked as (
  select side, 1 + count(*) filter (where o.s > t.s) + .5 * count(*) filter (where o.s = t.s) as rank
  from scored as t join scored as o using (side, e, relation, truth)
  where t.entity = truth and o.entity <> truth and not exists (select from triples as k where k.relation = t.relation
    and (side = 'tail' and k.head = t.e and k.tail = o.entity or side = 'head' and k.tail = t.e and k.head = o.entity))
  group by side, e, relation, truth)
select r.side, r.n, abs(r.mr - e.mr) < 1e-9 as mr, abs(r.mrr - e.mrr) < 1e-9 as mrr, abs(r.hits_3 - e.hits_3) < 1e-9 as hits
from (select side, count(*) as n, avg(rank) as mr, avg(1 / rank) as mrr, avg((rank <= 3)::int) as hits_3 from ranked group by side) as e
join (select x.* from g, graph_evaluate(g, $$select * from triples where head < 'person 2'$$, known => 'triples') as x) as r using (side) order by side;

-- Neither the order of the rows nor the number of threads nor the instructions change a byte; rows that repeat one do not count.
create table shuffled as select * from triples order by md5(tail || head);
create view source as select * from triples;
create table first as select train_graph('source', 'head', 'relation', 'tail', dimensions => 16, epochs => 3) as g;
create or replace view source as select * from shuffled;
select g = train_graph('source', 'head', 'relation', 'tail', dimensions => 16, epochs => 3, threads => 2) as equal_bytes from first;
create function content(e graph_embedding) returns text language sql as $$select md5(string_agg(v::text, ',' order by v::text collate "C")) from embeddings(e) as v$$;
select content(train_graph('select * from triples union all select * from triples limit 100', 'head', 'relation', 'tail', epochs => 2, dimensions => 4)) is not null as some,
       content(train_graph('(select * from triples union all select * from triples)', 'head', 'relation', 'tail', epochs => 2, dimensions => 4))
     = content(train_graph('triples', 'head', 'relation', 'tail', epochs => 2, dimensions => 4)) as same_vectors;
set fairdb.instruction_set = 'baseline';
create table baseline as select train_graph('triples', 'head', 'relation', 'tail', dimensions => 16, epochs => 3) as g;
reset fairdb.instruction_set;
select g = train_graph('triples', 'head', 'relation', 'tail', dimensions => 16, epochs => 3) as equal_bytes from baseline;
select train_graph('triples', 'head', 'relation', 'tail', seed => 2, epochs => 1) <> train_graph('triples', 'head', 'relation', 'tail', epochs => 1) as another_seed;

-- Triples of other shapes: ids, quads whose literals WHERE leaves out, edges of property graphs as a union.
create table ids (s bigint, p int, o bigint);
insert into ids select i, i % 3, (7 * i) % 50 from generate_series(1, 400) as i;
create table h as select train_graph('ids', 's', 'p', 'o', dimensions => 4, epochs => 1) as g;
select graph_score(g, s, p, o) = graph_score(g, s::text, p::text, o::text) as any_type, graph_score(g, 3, '0', 21::bigint) is not null as mixed,
       array_length(graph_query(g, s, p), 1) as length
from h, ids where s = 3;
select count(*) from h, ids, graph_predict(g, s, p, 2, known => 'ids') where s <= 2;
create table quads (subject text, predicate text, object text, graph text, is_literal bool);
insert into quads values ('a', 'knows', 'b', 'x', false), ('b', 'knows', 'c', 'x', false), ('a', 'age', '37', 'x', true);
select d->'entities' as entities, d->'relations' as relations
from describe(train_graph('select subject, predicate, object from quads where not is_literal', 'subject', 'predicate', 'object', epochs => 1, dimensions => 2)) as d;
create table knows (start_id bigint, end_id bigint, since date);
create table likes (start_id bigint, end_id bigint);
insert into knows values (1, 2, null), (2, 3, null), (3, null, null);
insert into likes values (1, 3);
select d->'triples' as triples, d->'rows_skipped' as skipped
from describe(train_graph($$select start_id, 'knows' as label, end_id from knows union all select start_id, 'likes', end_id from likes$$,
  'start_id', 'label', 'end_id', epochs => 1, dimensions => 2)) as d;
-- Heads and tails of unlike types share one list of names; a self-loop, and a relation with one triple.
select d->'entities' as entities, d->'triples' as triples
from describe(train_graph($$select * from (values (1, 'r', '2'), (2, 'r', '2'), (2, 'once', '1')) as v(h, r, t)$$, 'h', 'r', 't', epochs => 1, dimensions => 2)) as d;
select d->'entities' as entities, d->'dropped' as dropped
from describe(train_graph($$select * from triples union all select 'rare', 'rarely', 'city 1'$$, 'head', 'relation', 'tail', min_count => 2, epochs => 1, dimensions => 2)) as d;

-- The other models, and what they need.
select model, (d->'losses'->>99)::float8 < (d->'losses'->>0)::float8 as learns, d->'regularization' as regularization
from unnest('{distmult,complex}'::text[]) as model,
     describe(train_graph('triples', 'head', 'relation', 'tail', model => model, dimensions => 16, epochs => 100, batch => 20)) as d;

-- Vectors as rows and back: the same names and vectors.
create table entity_rows as select v.* from g, embeddings(g) as v;
create table relation_rows as select v.* from g, relation_vectors(g) as v;
select count(*), count(distinct array_length(embedding, 1)) as lengths, min(array_length(embedding, 1)) as dimensions from entity_rows;
select relation, inverse, array_length(vector, 1) from relation_rows;
create table imported as select graph_import('entity_rows', 'relation_rows', 'transe') as g;
select content(i.g) = content(g.g) as same, graph_score(i.g, 'person 1', 'lives in', 'city 1') = graph_score(g.g, 'person 1', 'lives in', 'city 1') as same_score,
       describe(i.g)->'trained' as trained
from g, imported as i;

-- The toys of bias by every model: e_male = (1, 0), e_female = (0, 1), e_p = (2, -1), alpha .1.
create table toy_entities (entity text, embedding real[]);
insert into toy_entities values ('male', '{1,0}'), ('female', '{0,1}'), ('p', '{2,-1}'), ('j', '{0,0}'), ('k', '{3,1}'), ('l', '{1,1}');
create table toy_relations (relation text, inverse bool, vector real[]);
insert into toy_relations values ('gender', false, '{1,2}'), ('gender', true, '{1,2}'), ('job', false, '{0.5,1}'), ('job', true, '{0.5,1}');
create table toy_triples (head text, relation text, tail text);
insert into toy_triples values ('j', 'gender', 'male'), ('k', 'gender', 'female'), ('l', 'gender', 'male'), ('l', 'gender', 'female'),
  ('j', 'job', 'p'), ('k', 'job', 'p'), ('l', 'job', 'p'), ('k', 'job', 'q');
create table toys as select m, graph_import('toy_entities', 'toy_relations', m) as g from unnest('{transe,distmult,complex}'::text[]) as m;
select m, entity, round(bias::numeric, 6) as bias, count_a, count_b, round(population_gap::numeric, 6) as gap, rank, suppressed
from toys, graph_bias(g, 'toy_triples', 'gender', 'male', 'female', 'job', min_count => 1) order by m, rank;
-- The other way round is the opposite; no step, no bias; a relation that leads from the value to the person.
select m, round(bias::numeric, 6) as bias, count_a, count_b, rank
from toys, graph_bias(g, 'toy_triples', 'gender', 'female', 'male', 'job', min_count => 2) order by m;
select m, bias from toys, graph_bias(g, 'toy_triples', 'gender', 'male', 'female', 'job', alpha => 0, min_count => 2) order by m;
select m, round(bias::numeric, 6) as bias, count_a, count_b
from toys, graph_bias(g, 'select tail as head, relation, head as tail from toy_triples', 'gender', 'male', 'female', 'job', min_count => 2,
  sensitive_inverse => true, target_inverse => true) order by m;
select * from toys, graph_bias(g, 'select tail as head, relation, head as tail from toy_triples', 'gender', 'male', 'female', 'job') where m = 'transe';
select * from toys, graph_bias(g, $$select tail as head, relation, head as tail from toy_triples where relation = 'gender' union all select * from toy_triples where relation = 'job'$$,
  'gender', 'male', 'female', 'job', sensitive_inverse => true, target_inverse => true) where m = 'transe';
select * from toys, graph_bias(g, $$select * from toy_triples where relation = 'gender'$$, 'gender', 'male', 'female', 'job') where m = 'transe';
select * from toys, graph_bias(g, 'toy_triples', 'gender', 'male', 'female', 'job', min_count => 100) where m = 'transe';
select entity, round(bias::numeric, 6) as bias, count_a, count_b, population_gap
from toys, graph_bias(g, 'select head as a, relation as b, tail as c from toy_triples', 'gender', 'male', 'female', 'job', min_count => 1, head => 'a', relation => 'b', tail => 'c')
where m = 'transe' order by rank;
-- Few people are hidden, and min_count does not tell of them.
set fairdb.min_group = 2;
select entity, round(bias::numeric, 6) as bias, count_a, count_b, population_gap, suppressed
from toys, graph_bias(g, 'toy_triples', 'gender', 'male', 'female', 'job', min_count => 0) where m = 'transe' order by rank;
select entity, count_a from toys, graph_bias(g, 'toy_triples', 'gender', 'male', 'female', 'job', min_count => 1) where m = 'transe' order by rank;
reset fairdb.min_group;

-- A model that knows nothing ranks as chance does: all vectors 0.
create table nothing as select graph_import('select entity, array_fill(0::real, array[4]) as embedding from entity_rows',
  'select relation, inverse, array_fill(0::real, array[4]) as vector from relation_rows', 'transe') as g;
select side, mr = 26.5 as middle, abs(amri) < 1e-12 as chance, hits_10 from nothing, graph_evaluate(g, $$select * from triples where relation = 'part of' limit 1$$);
select side, n, unseen from nothing, graph_evaluate(g, $$select 'person 1' as head, 'lives in' as relation, 'nowhere' as tail$$);
select n, mrr, mr, unseen from nothing, graph_evaluate(g, 'select * from triples limit 0') where side = 'both';

-- More entities: the vectors of all others stay.
create table fewer as select train_graph($$select * from triples where head <> 'person 13'$$, 'head', 'relation', 'tail', dimensions => 16, epochs => 60, batch => 20) as g;
create table extended as select graph_extend(g, 'triples', epochs => 60, batch => 20) as g from fewer;
select describe(e.g)->'entities' as entities, describe(e.g)->'added_entities' as added,
       (select bool_and(a.embedding = b.embedding) from embeddings(e.g) as a join embeddings(f.g) as b using (entity)) as others_stay,
       (select tail from graph_predict(e.g, 'person 13', 'lives in', 1)) as home
from extended as e, fewer as f;
select graph_extend(g, 'triples') is not null from extended;
select graph_extend(g, $$select 'person 99' as head, 'lives in' as relation, 'city 1' as tail union all select 'x', 'hates', 'y'$$, epochs => 1) is not null as extended from fewer;

-- A name that is not there: an error that names it, NULL on request. NULL gives NULL.
select graph_score(g, 'nobody', 'lives in', 'city 1') from g;
select graph_score(g, 'person 1', 'hates', 'city 1') from g;
select graph_query(g, 'nobody', 'lives in') from g;
select * from g, graph_predict(g, 'nobody', 'lives in');
select * from g, graph_predict_heads(g, 'hates', 'city 1');
select * from g, graph_bias(g, 'triples', 'lives in', 'city 1', 'nowhere', 'citizen of');
select * from g, graph_bias(g, 'triples', 'lives in', 'city 1', 'city 2', 'hates');
select graph_score(g, 'nobody', 'lives in', 'city 1', on_unseen => 'null') is null as score, graph_query(g, 'nobody', 'lives in', 'null') is null as query,
       graph_score(g, null, 'lives in', 'city 1') is null as of_null, graph_score(g, null::bigint, 1, 2) is null as of_null_id from g;
select count(*) from g, graph_predict(g, 'nobody', 'lives in', on_unseen => 'null');
select graph_score(g, 'person 1', 'lives in', 'city 1', on_unseen => 'ignore') from g;
select entity, bias, count_a, count_b from g, graph_bias(g, $$select * from triples union all select 'person 1', 'likes', 'tea'$$,
  'lives in', 'city 1', 'city 2', 'likes', min_count => 1, on_unseen => 'null');

-- A NULL embedding gives NULL, or no rows; a source without vectors.
select graph_extend(null, 'triples') is null as extended, describe(null::graph_embedding) is null as described,
       (select count(*) from embeddings(null)) as vectors, (select count(*) from relation_vectors(null)) as relations,
       (select count(*) from graph_predict(null, 'a'::text, 'r')) as tails, (select count(*) from graph_predict_heads(null, 'r'::text, 'a')) as heads,
       (select count(*) from graph_evaluate(null, 'triples')) as ranks, (select count(*) from graph_bias(null, 'triples', 's', 'a', 'b', 't')) as biases;
select graph_import('select * from toy_entities limit 0', 'toy_relations', 'transe');
select graph_import($$select 'a' as entity, null::real[] as embedding union all select 'b', '{1,2}'$$, 'toy_relations', 'transe');
-- Nobody with one of the two values.
select * from toys, graph_bias(g, $$select * from toy_triples where tail <> 'female'$$, 'gender', 'male', 'female', 'job') where m = 'transe';

-- What is refused.
select train_graph('select * from triples limit 0', 'head', 'relation', 'tail');
select train_graph($$select null::text as head, 'r' as relation, 'b' as tail$$, 'head', 'relation', 'tail');
select train_graph($$select 'a' as head, 'r' as relation, 'a' as tail$$, 'head', 'relation', 'tail');
select train_graph('triples', 'nowhere', 'relation', 'tail');
select train_graph('triples', 'head', 'relation', 'tail', dimensions => 0);
select train_graph('triples', 'head', 'relation', 'tail', dimensions => 100000);
select train_graph('triples', 'head', 'relation', 'tail', model => 'complex', dimensions => 5);
select train_graph('triples', 'head', 'relation', 'tail', model => 'rotate');
select train_graph('triples', 'head', 'relation', 'tail', epochs => 0);
select train_graph('triples', 'head', 'relation', 'tail', learning_rate => 'NaN');
select train_graph('triples', 'head', 'relation', 'tail', threads => 64);
select train_graph('triples', 'head', 'relation', 'tail', min_count => 1000);
select train_graph('triples', null, 'relation', 'tail');
select train_graph('triples', 'head', 'relation', 'tail', batch => null);
set maintenance_work_mem = '1MB';
select train_graph('triples', 'head', 'relation', 'tail', dimensions => 4000);
reset maintenance_work_mem;
select graph_import('toy_entities', 'relation_rows', 'transe');
select graph_import('toy_entities', 'select * from toy_relations limit 3', 'transe');
select graph_import('select * from toy_entities union all select * from toy_entities', 'toy_relations', 'transe');
select graph_import($$select 'a' as entity, '{NaN,1}'::real[] as embedding$$, 'toy_relations', 'transe');
select graph_import($$select 'a' as entity, '{1e30,1}'::real[] as embedding$$, 'toy_relations', 'transe');
select graph_import($$select 'a' as entity, '[1,2]'::text as embedding$$, 'toy_relations', 'transe');
select * from g, graph_bias(g, 'triples', 'lives in', 'city 1', 'city 2', 'citizen of', min_count => -1);
select graph_score(g, 'lives in', 'person 1', 'city 1') from g;
select * from g, graph_predict(g, 'person 1', 'lives in', -1);
select * from g, graph_predict(g, 'person 1', 'lives in', skip_known => true);
select * from g, graph_bias(g, 'triples', 'lives in', 'city 1', 'city 1', 'citizen of');
select '\x00'::graph_embedding;
select 'x'::graph_embedding;

-- A name of any length; arrays as names, among the known ones too; an embedding with a damaged count.
select graph_score(g, repeat('x', 2000), 'lives in', 'city 1', on_unseen => 'null') is null as too_long from g;
create table lists as select array['a"b', i::text] as h, 'r' as r, array['c', (i % 3)::text] as t from generate_series(1, 9) as i;
select count(*) as predictions, count(*) filter (where known) as known
from (select train_graph('lists', 'h', 'r', 't', dimensions => 2, epochs => 1) as e) as x, graph_predict(e, array['a"b', '4'], 'r', 20, known => 'lists');
select graph_extend('\x01000000000004000000686561640800000072656c6174696f6e040000007461696c000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001000000000000000000000000000000000000000000000000000000000000009a9999999999b93f0000000000000000010000000000000000000000000000000000000002000000000000000200000000000000010000000000000002000000000000000100000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000010000000200000001000000000000000000003f0000003f0000003f0000003f0000803e0000803e0000803e0000803e616272'::graph_embedding,
  $$select 'a' as head, 'r' as relation, 'new' as tail$$, epochs => 1);
-- Triples that were added are told; a filter that is full tells nothing. Vectors too large to learn beside are an error.
select n from extended, graph_evaluate(g, $$select * from triples where head in ('person 1', 'person 13')$$, known => 'triples') where side = 'both';
select n from toys, graph_evaluate(graph_extend(g, $$select 'n' || i as head, 'job' as relation, 'n' || i % 50 as tail from generate_series(1, 300) as i union all select * from toy_triples$$, epochs => 1),
  $$select 'n' || i as head, 'job' as relation, 'n' || (i + 1) % 50 as tail from generate_series(1, 200) as i$$, known => 'toy_triples') where m = 'transe' and side = 'both';
select graph_extend(graph_import($$select 'n' || i as entity, array[1e10, 1e10]::real[] as embedding from generate_series(1, 20) as i$$,
  $$select 'r' as relation, b as inverse, array[1e10, 1e10]::real[] as vector from (values (true), (false)) as v(b)$$, 'distmult'),
  $$select 'n' || i as head, 'r' as relation, 'n' || i % 3 + 1 as tail from generate_series(1, 20) as i union all select 'new', 'r', 'n1'$$, epochs => 1);
set maintenance_work_mem = '1MB';
select graph_extend(g, 'triples', batch => 100000, negatives => 100000) from fewer;
select * from g, graph_evaluate(g, $$select i as head, 'r' as relation, i as tail from generate_series(1, 30000) as i$$, known => 'triples');
reset maintenance_work_mem;

-- A value: text and back, equal, hashed.
select g = g::text::graph_embedding as same, g <> (select g from fewer) as differs from g;
select count(*) from (select g from g union select g from g union select g from fewer) as u;
-- It is read as the caller, who must be allowed to.
create role graph_reader;
grant usage on schema graphs, fairdb to graph_reader;
set role graph_reader;
select train_graph('triples', 'head', 'relation', 'tail', epochs => 1);
reset role;
drop owned by graph_reader;
drop role graph_reader;
set client_min_messages to warning;
drop schema graphs cascade;
