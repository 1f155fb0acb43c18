-- SLID (R carData): optima of the squared loss against independently computed values.
set search_path to public, fairdb;
create table slid (wages float8, education float8, age int, sex text, language text);
\copy slid from program 'cat "$FAIRDB_DATA/slid.csv"' (format csv, header)
select fairness, d->'rows' as rows, abs((d->>'objective')::float8 / objective - 1) < 1e-8 as objective,
       (select max(abs(c.standardized - e)) < 1e-5 from (select row_number() over () as n, * from coefficients(m)) as c
        join unnest(t.standardized) with ordinality as u(e, n) using (n)) as coefficients,
       abs((d->>'mean_squared_error')::float8 - mse) < 1e-6 as mse, (d->>'constraint_violation')::float8 <= 1e-9 as constraint_holds
from (values ('none', 93416.262519, '{15.53923518,2.74497166,3.11341743}'::float8[], 46.540931),
             ('demographic_parity', 96119.877162, '{15.53923518,1.70372955,3.52669331}', 47.888494)) as t(fairness, objective, standardized, mse),
     lateral (select train_linear('slid', 'wages', '{sex}', '{education,age}', loss => 'squared', fairness => t.fairness, on_null => 'skip') as m offset 0) as u,
     lateral (select describe(m)->'training' as d) as v;
drop table slid;
