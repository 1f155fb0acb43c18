-- Embeddings of FB15k-237: quality and bias by seeds, the other models, and entities that are added later. Printed beside what is
-- asked of them.
\timing off
create schema if not exists bench_graphs;
set search_path to bench_graphs, public, fairdb;
set maintenance_work_mem = '512MB';
set fairdb.progress_interval = 0;
\ir fb15k_237.sql
create table graphs (model text, seed int, g graph_embedding, seconds float8);
create procedure train_one(model text, seed int, dimensions int, epochs int) language plpgsql as $$
declare start timestamptz := clock_timestamp(); g graph_embedding;
begin
  g := train_graph('train', 'head', 'relation', 'tail', model => model, seed => seed, dimensions => dimensions, epochs => epochs, threads => 2);
  insert into graphs values (model, seed, g, extract(epoch from clock_timestamp() - start));
end$$;
call train_one('transe', 1, 100, 20);
call train_one('transe', 2, 100, 20);
call train_one('transe', 3, 100, 20);
call train_one('distmult', 1, 200, 15);
call train_one('complex', 1, 200, 15);
\echo quality (asked of transe: mrr .285, hits@10 .46; of the others: mrr .265)
select model, seed, round(mrr::numeric, 4) as mrr, round(hits_10::numeric, 4) as hits_10, round(seconds) as seconds
from graphs, graph_evaluate(g, 'test', 'known') where side = 'both' order by model desc, seed;
create table pairs (pair text, relation text, inverse bool, a text, b text, min_count int, asked float8);
insert into pairs values
  ('male / female', '/people/person/gender', false, '/m/05zppz', '/m/02zsn', 20, .75),
  ('Catholicism / Atheism', '/people/person/religion', false, '/m/0c8wxp', '/m/0kpl', 10, .65),
  ('Jewish / African American', '/people/ethnicity/people', true, '/m/041rx', '/m/0x67', 10, .65),
  ('African / Irish American', '/people/ethnicity/people', true, '/m/0x67', '/m/033tf_', 10, .65),
  ('USA / England', '/people/person/nationality', false, '/m/09c7w0', '/m/02jx1', 20, .3),
  ('Catholicism / Judaism', '/people/person/religion', false, '/m/0c8wxp', '/m/03_gx', 10, .3),
  ('USA / UK', '/people/person/nationality', false, '/m/09c7w0', '/m/07ssc', 20, .3);
\echo Spearman correlation of bias and odds of the counts, by seed
create table biases as
select model, seed, pair, asked, entity, bias, ln((count_a + .5) / (count_b + .5)) as odds
from graphs, pairs as p, graph_bias(g, 'train', p.relation, p.a, p.b, '/people/person/profession', min_count => p.min_count, sensitive_inverse => p.inverse)
where model = 'transe';
select pair, asked, round((max(s) filter (where seed = 1))::numeric, 3) as seed_1, round((max(s) filter (where seed = 2))::numeric, 3) as seed_2,
       round((max(s) filter (where seed = 3))::numeric, 3) as seed_3
from (select pair, asked, seed, corr(r, o) as s from (
        select *, rank() over (partition by pair, seed order by bias) + (count(*) over (partition by pair, seed, bias) - 1) / 2.0 as r,
               rank() over (partition by pair, seed order by odds) + (count(*) over (partition by pair, seed, odds) - 1) / 2.0 as o from biases) as x
      group by pair, asked, seed) as c group by pair, asked order by asked desc, pair;
\echo the most female profession, by seed (asked: Model, /m/0d1pc)
select distinct on (seed) seed, entity, round(bias::numeric, 3) as bias from biases where pair = 'male / female' order by seed, bias;
\echo 500 entities held out and added: ranks of the test triples that have one, and of the whole test, beside those of the full training (asked: within 15 %)
create table entities as select entity from graphs, embeddings(g) where model = 'transe' and seed = 1;
create table held as select entity from entities order by md5(entity) limit 500;
create table fewer as select train_graph('select * from train where head not in (select entity from held) and tail not in (select entity from held)',
  'head', 'relation', 'tail', threads => 2) as g;
create table extended as select graph_extend(g, 'train', threads => 2) as g from fewer;
create table asked_for as select * from test where (head in (select entity from held) or tail in (select entity from held))
  and head in (select entity from extended, embeddings(g)) and tail in (select entity from extended, embeddings(g));
select what, set, round(mrr::numeric, 4) as mrr, round(mr::numeric, 1) as mr, round(hits_10::numeric, 3) as hits_10
from (select 'full' as what, g from graphs where model = 'transe' and seed = 1 union all select 'extended', g from extended) as v,
     (values ('asked_for', 'held-out entities'), ('test', 'whole test')) as s(source, set), graph_evaluate(g, source, 'known')
where side = 'both' order by set, what;
drop schema bench_graphs cascade;
