-- What the demo makes of the data: the tables that it shows, and that ./run psql has, under names that leave those of the
-- manual free. Run after load.sql, with the schema fairdb in the search_path.
create table demo_models as
select fairness, train_linear('training', 'approved', '{race}', fairness => fairness) as model
from unnest('{none,equal_opportunity}'::text[]) as fairness;
create table demo_judged as
select fairness, confusion_agg(approved, classify(model, a), race) as c from demo_models, held_out as a group by fairness;
create table demo_scores as
select a.id, a.race, probability(model, a) as score from demo_models, held_out as a where fairness = 'none';
create table demo_fair_scores as
select * from barycenter_scores('demo_scores', 'id', 'score', '{race}', id_type => null::int);
