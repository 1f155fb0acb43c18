-- Loads the demo's data: mortgage applications in Boston, 1990. Run from the folder test.
set client_min_messages to warning;
create extension if not exists fairdb;
drop table if exists applications cascade;
create table applications (
  id int primary key,
  denied bool not null,
  payment_to_income real,
  housing_to_income real,
  loan_to_value real,
  consumer_credit_history int,
  mortgage_credit_history int,
  public_bad_credit bool,
  unemployment_rate real,
  self_employed bool,
  insurance_denied bool,
  condominium bool,
  african_american bool,
  single bool,
  high_school bool
);
\copy applications from 'data/hmda/hmda.csv' (format csv, header)
alter table applications
  add race text generated always as (case when african_american then 'Black' else 'White' end) stored,
  add approved bool generated always as (not denied) stored;
vacuum analyze applications;

-- Seven tenths to train, three tenths to judge.
create view training as
select approved, race, payment_to_income, housing_to_income, loan_to_value, consumer_credit_history,
       mortgage_credit_history, public_bad_credit, unemployment_rate, self_employed,
       insurance_denied, condominium, single, high_school
from applications where id % 10 < 7;
create view held_out as select * from applications where id % 10 >= 7;
