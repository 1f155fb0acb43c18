-- FB15k-237 without the bias: what each method leaves to be read and costs in ranks, by seeds, with the baselines; attribute
-- vectors; what is cheaper for attributes of many values; and persons whom the map has not seen.
\timing off
create schema if not exists bench_debias;
set search_path to bench_debias, public, fairdb;
set maintenance_work_mem = '512MB';
set fairdb.progress_interval = 0;
set client_min_messages to warning;
\ir fb15k_237.sql
-- What may be asked with a person's nationality and ethnicity.
create table allowed (attribute text, relation text);
insert into allowed select a, r from (values ('/people/person/nationality'), ('/people/ethnicity/people')) as x(a), (values ('/people/person/languages')) as y(r);
insert into allowed values ('/people/person/nationality', '/people/person/place_of_birth'), ('/people/person/nationality', '/people/deceased_person/place_of_death'),
  ('/people/person/nationality', '/people/person/places_lived./people/place_lived/location');
analyze;
select array_agg(relation order by place) as sensitive, array_agg(inverse order by place) as inverse from attributes \gset

create table graphs (method text, seed int, g graph_embedding);
create function trained(seed int, sensitive text[] default null, inverse bool[] default null, debias text default null, weights float8[] default null,
  target text default null, whitelist text default null) returns graph_embedding language sql as $$
  select train_graph('train', 'head', 'relation', 'tail', seed => seed, threads => 2, sensitive => sensitive, inverse => inverse, debias => debias, weights => weights,
    target => target, persons => case when weights is not null then 'persons' end, whitelist => whitelist)$$;
insert into graphs select 'basic', s, trained(s) from generate_series(1, 3) as s;
insert into graphs select 'sensitive triples deleted', s, trained(s, :'sensitive', :'inverse', 'delete') from generate_series(1, 3) as s;
insert into graphs select 'KL gender 10', s, trained(s, '{/people/person/gender}', weights => '{10}') from generate_series(1, 3) as s;
insert into graphs select 'KL all 10', s, trained(s, :'sensitive', :'inverse', weights => '{10,10,10,10}') from generate_series(1, 3) as s;
insert into graphs select 'KL all 10, attribute vectors', s, trained(s, :'sensitive', :'inverse', weights => '{10,10,10,10}', whitelist => 'allowed') from generate_series(1, 3) as s;
insert into graphs select 'KL all 10, empirical target', s, trained(s, :'sensitive', :'inverse', weights => '{10,10,10,10}', target => 'empirical') from generate_series(1, 1) as s;
insert into graphs select 'KL gender 10 and projection', seed, graph_debias(g, 'train', '{/people/person/gender}', 'project', persons => 'persons') from graphs where method = 'KL gender 10';
insert into graphs select 'projection of gender', seed, graph_debias(g, 'train', '{/people/person/gender}', 'project', persons => 'persons') from graphs where method = 'basic';
insert into graphs select 'erasure of gender', seed, graph_debias(g, 'train', '{/people/person/gender}', 'erase', persons => 'persons') from graphs where method = 'basic';
insert into graphs select 'erasure of gender and projection', seed, graph_debias(g, 'train', '{/people/person/gender}', persons => 'persons') from graphs where method = 'basic';
insert into graphs select 'erasure of all', seed, graph_debias(g, 'train', :'sensitive', inverse => :'inverse', persons => 'persons', whitelist => 'allowed') from graphs where method = 'basic';
insert into graphs select 'erasure of all, min_count ' || n, seed, graph_debias(g, 'train', :'sensitive', inverse => :'inverse', min_count => n, persons => 'persons', whitelist => 'allowed')
from graphs, unnest(array[20, 40, 100]) as n where method = 'basic' and (n = 40 or seed = 1);
insert into graphs select 'KL all 10, empirical target, and erasure', seed, graph_debias(g, 'train', :'sensitive', inverse => :'inverse', persons => 'persons')
from graphs where method = 'KL all 10, empirical target';

create table ranks as select method, seed, e.* from graphs, graph_evaluate(g, 'asked', 'known', by_relation => true) as e;
create table ranks_with as
select method, seed, e.* from graphs, graph_evaluate(g, 'asked', 'known', by_relation => true, attributes => 'train') as e
where describe(g)->'fairness'->'whitelist' <> '[]';
create table leakage as
select method, seed, attribute, l.* from graphs, attributes as a,
  graph_leakage(g, 'train', a.relation, target_relation => case attribute when 'gender' then '/people/person/profession' end, sensitive_inverse => a.inverse) as l;
\echo ranks on the test without the sensitive relations, and readers of gender, by seed (asked of erasure and projection: drop <= .025, score difference <= .01, gap <= .05, logistic within .01 of the majority, network <= .83)
select method, r.seed, round(r.mrr::numeric, 4) as mrr, round((1 - r.mrr / b.mrr)::numeric, 4) as drop, round(g.score_difference::numeric, 3) as difference,
       round(g.mean_population_gap::numeric, 3) as gap, round(g.accuracy::numeric, 3) as logistic, round(g.auc::numeric, 3) as auc, round(n.accuracy::numeric, 3) as network,
       round(n.auc::numeric, 3) as network_auc, round(g.majority::numeric, 3) as majority
from (select * from ranks where relation is null and side = 'both') as r
join (select seed, mrr from ranks where relation is null and side = 'both' and method = 'basic') as b using (seed)
join (select * from leakage where attribute = 'gender' and probe = 'logistic') as g using (method, seed)
join (select * from leakage where attribute = 'gender' and probe = 'network') as n using (method, seed) order by 1, 2;
\echo the same, means of the seeds; and linear readers of the other attributes
select method, count(distinct seed) as seeds, round(avg(drop)::numeric, 3) as drop, round(avg(score_difference)::numeric, 3) as difference, round(avg(mean_population_gap)::numeric, 3) as gap,
       round(avg(accuracy) filter (where probe = 'logistic' and attribute = 'gender')::numeric, 3) as gender, round(avg(auc) filter (where probe = 'logistic' and attribute = 'gender')::numeric, 3) as auc,
       round(avg(accuracy) filter (where probe = 'network' and attribute = 'gender')::numeric, 3) as network, round(avg(auc) filter (where probe = 'network' and attribute = 'gender')::numeric, 3) as network_auc,
       round(avg(accuracy - majority) filter (where probe = 'logistic' and attribute = 'religion')::numeric, 3) as religion,
       round(avg(accuracy - majority) filter (where probe = 'logistic' and attribute = 'nationality')::numeric, 3) as nationality,
       round(avg(accuracy - majority) filter (where probe = 'logistic' and attribute = 'ethnicity')::numeric, 3) as ethnicity
from (select method, seed, 1 - r.mrr / b.mrr as drop from ranks as r join (select seed, mrr from ranks where relation is null and side = 'both' and method = 'basic') as b using (seed)
      where relation is null and side = 'both') as r
join (select method, seed, attribute, probe, accuracy, majority, auc, case attribute when 'gender' then score_difference end as score_difference, mean_population_gap from leakage) as l using (method, seed)
group by method order by method;
\echo tails of what the whitelist has, without and with attribute vectors (asked: each higher with them)
select relation, w.method, w.seed, w.n, round(b.mrr::numeric, 3) as basic, round(r.mrr::numeric, 3) as without, round(w.mrr::numeric, 3) as with_vectors, w.mrr > r.mrr as higher
from ranks_with as w join ranks as r using (method, seed, side, relation) join (select seed, side, relation, mrr from ranks where method = 'basic') as b using (seed, side, relation)
where side = 'tail' and relation in (select relation from allowed) order by 1, 2, 3;
\echo what erasure takes
select distinct on (method) method, m->'dimensions_removed' as dimensions, round((m->'variance_removed')::numeric, 3) as variance
from graphs, jsonb_array_elements(describe(g)->'fairness'->'maps') as m where method like 'erasure%' and m->>'map' = 'erase' and seed = 1 order by method;
\echo erasure learnt from four fifths of the persons, readers that learn and are judged among the others (seed 1)
create table seen as select * from train where head not in (select entity from persons where abs(hashtext(entity)) % 5 = 0) and tail not in (select entity from persons where abs(hashtext(entity)) % 5 = 0);
create table unseen as select * from train where head in (select entity from persons where abs(hashtext(entity)) % 5 = 0) or tail in (select entity from persons where abs(hashtext(entity)) % 5 = 0);
select attribute, probe, round(accuracy::numeric, 3) as accuracy, round(majority::numeric, 3) as majority, round(auc::numeric, 3) as auc, n
from (select graph_debias(g, 'seen', :'sensitive', inverse => :'inverse', persons => 'persons') as g from graphs where method = 'basic' and seed = 1) as x, attributes as a,
  graph_leakage(g, 'unseen', a.relation, sensitive_inverse => a.inverse) order by attribute, probe;
drop schema bench_debias cascade;
