-- What the demo makes of the data: the tables that it shows, and that ./run psql has. Run after load.sql, with the schema
-- fairdb in the search_path.
create table models as
select fairness, train_linear('training', 'approved', '{race}', fairness => fairness) as model
from unnest('{none,equal_opportunity}'::text[]) as fairness;
create table judged as
select fairness, confusion_agg(approved, classify(model, a), race) as c from models, held_out as a group by fairness;
create table scores as
select a.id, a.race, probability(model, a) as score from models, applications as a where fairness = 'none';
create table fair_scores as
select * from barycenter_scores('scores', 'id', 'score', '{race}', id_type => null::int);
