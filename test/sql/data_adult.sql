-- Adult (UCI Census Income): optima of the logistic loss against independently computed values, for
-- two groups (sex) and for five (race): objective, coefficients, constraint, accuracy and gaps.
set search_path to public, fairdb;
create table adult (
  age int, workclass text, fnlwgt int, education text, education_num int, marital_status text,
  occupation text, relationship text, race text, sex text, capital_gain int, capital_loss int,
  hours_per_week int, native_country text, income text);
\copy adult from program 'cat "$FAIRDB_DATA/adult_train.csv"' (format csv, header)
create table expected (fairness text, sensitive text, objective float8, standardized float8[], accuracy float8, dp float8, eo float8);
insert into expected values
  ('none', 'sex', 13246.797084, '{-1.35193492,0.58660035,0.82992345,2.34156513,0.28148087,0.50263449}', 0.814287, 0.084381, 0.038955),
  ('demographic_parity', 'sex', 15395.853823, '{-1.34055957,0.25810201,0.87537999,0.59315817,0.16986957,-0.30602341}', 0.789748, 0.032699, 0.036833),
  ('equal_opportunity', 'sex', 13570.850563, '{-1.22892159,0.42067291,0.91458869,2.88520055,0.26490414,0.14364293}', 0.813120, 0.066841, 0.006465),
  ('equalized_odds', 'sex', 13601.307167, '{-1.15430296,0.38056268,0.84911835,3.36542063,0.26151157,0.17934689}', 0.812168, 0.067097, 0.011863),
  ('demographic_parity', 'race', 17720.731267, '{-1.15448151,0.05351265,-0.03350544,0.28965556,-0.08903339,-0.04809282}', 0.763920, 0.009625, 0.080000),
  ('equal_opportunity', 'race', 17808.137779, '{-1.15948518,-0.06331986,-0.06411795,0.06268321,0.18873830,0.07403581}', 0.759160, 0.007380, 0.002951);
create view trained as
select e.*, m, describe(m)->'training' as d
from expected as e, lateral (select train_linear('adult', 'income', array[e.sensitive],
  '{age,education_num,capital_gain,capital_loss,hours_per_week}', fairness => e.fairness, positive => '>50K') as m offset 0) as t;
select fairness, sensitive, abs((d->>'objective')::float8 / objective - 1) < 1e-8 as objective,
       (select max(abs(c.standardized - e)) < 1e-5 from (select row_number() over () as n, * from coefficients(m)) as c
        join unnest(t.standardized) with ordinality as u(e, n) using (n)) as coefficients,
       (d->>'constraint_violation')::float8 <= 1e-9 as constraint_holds,
       (select max(s) - min(s) <= 1e-9 from (select avg(predict(m, a)) as s from adult as a
         where fairness = 'demographic_parity' or income = '>50K' group by case t.sensitive when 'sex' then sex else race end) as s)
         or fairness = 'none' as mean_scores_agree,
       abs((d->>'accuracy')::float8 - accuracy) < 1e-6 as accuracy,
       abs((d->>'demographic_parity_difference')::float8 - dp) < 1e-6 as dp,
       abs((d->>'equal_opportunity_difference')::float8 - eo) < 1e-6 as eo
from trained as t;

-- The squared hinge, and slack: objective, coefficients where given, the constraint.
select loss, fairness, sensitive, epsilon, abs((d->>'objective')::float8 / objective - 1) < 1e-8 as objective,
       abs((d->>'constraint_violation')::float8 - violation) < 1e-8 or fairness = 'none' as constraint_holds,
       (select max(abs(c.standardized - e)) < 1e-5 from (select row_number() over () as n, * from coefficients(m)) as c
        join unnest(t.standardized) with ordinality as u(e, n) using (n)) as coefficients
from (values
  ('squared_hinge', 'none', 'sex', 0::float8, 17059.425949, 0::float8, null::float8[]),
  ('squared_hinge', 'demographic_parity', 'sex', 0, 20100.401331, 0, null), ('squared_hinge', 'equal_opportunity', 'sex', 0, 17437.369196, 0, null),
  ('squared_hinge', 'equalized_odds', 'sex', 0, 17473.261098, 0, null), ('squared_hinge', 'demographic_parity', 'race', 0, 23392.028419, 0, null),
  ('squared_hinge', 'equal_opportunity', 'race', 0, 23546.290665, 0, null),
  ('logistic', 'equal_opportunity', 'sex', 0.5, 13246.797084, 0.22776168, '{-1.35193492,0.58660035,0.82992345,2.34156513,0.28148087,0.50263449}'),
  ('logistic', 'equal_opportunity', 'sex', 0.1, 13347.408994, 0.1, '{-1.276555,0.489912,0.870463,2.611891,0.270328,0.299488}'),
  ('logistic', 'equal_opportunity', 'sex', 0.05, 13443.056280, 0.05, '{-1.251429,0.454513,0.891149,2.741482,0.267233,0.221228}'))
  as t(loss, fairness, sensitive, epsilon, objective, violation, standardized),
  lateral (select train_linear('adult', 'income', array[t.sensitive], '{age,education_num,capital_gain,capital_loss,hours_per_week}', loss => t.loss,
    fairness => t.fairness, epsilon => t.epsilon, positive => '>50K') as m offset 0) as u, lateral (select describe(m)->'training' as d) as v;

-- The published features with their categories: a fair model narrows the gap on the test part.
create table adult_test (like adult);
\copy adult_test from program 'cat "$FAIRDB_DATA/adult_test.csv"' (format csv, header)
create table models as select f, train_linear('select age, workclass, education_num, marital_status, occupation, relationship, capital_gain,
  capital_loss, hours_per_week, sex, income from adult', 'income', '{sex}', fairness => f, positive => '>50K', on_null => 'impute', on_unseen => 'null') as m
from unnest('{none,equal_opportunity}'::text[]) as f;
select f, round(accuracy::numeric, 3) as accuracy, round(equal_opportunity_difference(c)::numeric, 3) as equal_opportunity_difference
from (select f, confusion_agg(income = '>50K', classify(m, t), sex) as c from models, adult_test as t group by f) as t, overall(c) order by f desc;
drop table adult, adult_test, expected, models cascade;
