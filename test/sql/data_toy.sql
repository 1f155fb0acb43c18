-- The toy problems of the method's authors: optima of the kernel machine with and without slack, and of the
-- linear machine by projection and by elimination, against independently computed values.
set search_path to public, fairdb;
create table toy200 (x1 float8, x2 float8, s int, y int);
\copy toy200 from program 'cat "$FAIRDB_DATA/ferm_toy_200.csv"' (format csv, header)
create table toy6400 (x1 float8, x2 float8, s int, y int);
\copy toy6400 from program 'cat "$FAIRDB_DATA/ferm_toy_6400.csv"' (format csv, header)
select epsilon, abs((d->>'objective')::float8 - optimum) < 0.005 as objective, abs((d->>'constraint_violation')::float8 - violation) < 1e-3 as violation,
       (d->>'relative_duality_gap')::float8 <= 1e-6 as optimal, (d->>'accuracy')::float8 >= 0.875 as accuracy
from (values (0::float8, 40.290, 0), (0.05, 39.73, 0.05), (0.2, 38.219, 0.2), (10, 32.910, 1.314)) as t(epsilon, optimum, violation),
  lateral (select describe(train_kernel('toy200', 'y', '{s}', '{x1,x2,s}', gamma => 0.1, c => 0.5, epsilon => t.epsilon, standardize => false))->'training' as d offset 0) as u;
select fairness, method, abs((d->>'accuracy')::float8 - accuracy) < 2e-3 as accuracy, abs((d->>'equal_opportunity_difference')::float8 - gap) < 5e-3 as gap
from (values ('none', 'projection', 0.9091, 0.6805), ('equal_opportunity', 'projection', 0.8133, 0.0530), ('equal_opportunity', 'elimination', 0.8131, 0.0555))
  as t(fairness, method, accuracy, gap),
  lateral (select describe(train_linear('toy6400', 'y', '{s}', '{x1,x2,s}', loss => 'hinge', c => 0.1, standardize => false, fairness => t.fairness, method => t.method))->'training' as d offset 0) as u;
drop table toy200, toy6400;
