-- A source is read as the caller: privileges, column privileges and row-level security hold.
\pset null <NULL>
set search_path to public, fairdb;
create role fairdb_analyst;
grant usage on schema fairdb to fairdb_analyst;
create table secrets (id int, score float8, sex text, hidden int, y bool);
insert into secrets select i, i % 10, (array['f', 'm'])[1 + i % 2], i, i % 3 = 0 from generate_series(1, 100) as i;
set role fairdb_analyst;
select train_linear('secrets', 'y', '{sex}');
select * from barycenter_scores('secrets', 'id', 'score', '{sex}');
reset role;
grant select (id, score, sex, y) on secrets to fairdb_analyst;
set role fairdb_analyst;
select train_linear('secrets', 'y', '{sex}');
select describe(train_linear('secrets', 'y', '{sex}', '{score}'))->'training'->'rows' as granted_columns;
select count(*) from barycenter_scores('secrets', 'id', 'score', '{sex}');
reset role;
alter table secrets enable row level security;
create policy half on secrets to fairdb_analyst using (id <= 50);
set role fairdb_analyst;
select describe(train_linear('secrets', 'y', '{sex}', '{score}'))->'training'->'rows' as visible_rows;
select count(*) from barycenter_scores('secrets', 'id', 'score', '{sex}');
reset role;

-- A hostile search_path changes nothing.
create schema hostile;
create function hostile.equals(text, text) returns bool language plpgsql as $$ begin raise 'hijacked'; end $$;
create operator hostile.= (leftarg = text, rightarg = text, function = hostile.equals);
create function hostile.row_number() returns bool language plpgsql as $$ begin raise 'hijacked'; end $$;
set search_path to hostile, pg_catalog, public;
select fairdb.describe(fairdb.train_linear('secrets', 'sex', '{y}', '{score}', positive => 'f'))->'training'->'rows' as rows;
select fairdb.demographic_parity_difference(y, sex) from secrets;
set search_path to public, fairdb;
drop schema hostile cascade;
drop table secrets;
revoke usage on schema fairdb from fairdb_analyst;
drop role fairdb_analyst;
