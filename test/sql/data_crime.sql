-- A random forest's predictions on Communities and Crime, published with the code of the fair
-- regression paper: fair scores against independently computed values, second convention.
set search_path to public, fairdb;
create table train (predicted float8, actual float8, sensitive int);
create table test (like train);
\copy train from program 'cat "$FAIRDB_DATA/crime_forest_train.csv"' (format csv, header)
\copy test from program 'cat "$FAIRDB_DATA/crime_forest_test.csv"' (format csv, header)
with law as (select distribution_agg(predicted, sensitive) as d from train),
scored as (select 'train' as part, t.*, adjust(d, predicted, sensitive) as fair from train as t, law
           union all select 'test', t.*, adjust(d, predicted, sensitive) from test as t, law),
found as (select part, avg((predicted - actual) ^ 2) as mse, ks_distance(predicted, sensitive) as ks,
          avg((fair - actual) ^ 2) as fair_mse, ks_distance(fair, sensitive) as fair_ks from scored group by part)
select part, abs(found.mse - e.mse) < 1e-9 as mse, abs(found.ks - e.ks) < 1e-9 as ks,
       abs(found.fair_mse - e.fair_mse) < 1e-9 as fair_mse, abs(found.fair_ks - e.fair_ks) < 1e-9 as fair_ks
from found join (values ('train', 0.003063464, 0.493663986, 0.019526065, 0.001113738),
                        ('test', 0.014126588, 0.602201911, 0.032268099, 0.090153718)) as e(part, mse, ks, fair_mse, fair_ks) using (part)
order by part;
select abs(wasserstein_distance(predicted, sensitive) - 0.210550588) < 1e-9 as wasserstein from train;
-- The same through barycenter_scores; one group alone is unchanged.
select max(abs(fair_score - adjust(d, predicted, s))) = 0 as same
from barycenter_scores('select row_number() over () as id, * from train', 'id', 'predicted', '{sensitive}') as b
join (select row_number() over () as id, predicted, sensitive as s from train) as t using (id), (select distribution_agg(predicted, sensitive) as d from train) as law;
select max(abs(fair_score - score)) = 0 as unchanged
from barycenter_scores('select row_number() over () as id, 1 as g, * from train', 'id', 'predicted', '{g}');
drop table train, test;
