-- FB15k-237 from the folder :data: the parts of the split, persons, and their sensitive attributes. Included by the benchmarks of graphs.
create table train (head text, relation text, tail text);
create table valid (like train);
create table test (like train);
\setenv FAIRDB_DATA :data
\copy train from program 'zcat "$FAIRDB_DATA/kg/fb15k-237/train.tsv.gz"'
\copy valid from program 'zcat "$FAIRDB_DATA/kg/fb15k-237/valid.tsv.gz"'
\copy test from program 'zcat "$FAIRDB_DATA/kg/fb15k-237/test.tsv.gz"'
create view known as select * from train union all select * from valid union all select * from test;
create table attributes (attribute text, relation text, inverse bool, place int);
insert into attributes values ('gender', '/people/person/gender', false, 1), ('religion', '/people/person/religion', false, 2),
  ('nationality', '/people/person/nationality', false, 3), ('ethnicity', '/people/ethnicity/people', true, 4);
create view asked as select * from test where relation not in (select relation from attributes);
create table persons as
select distinct head as entity from train where relation like '/people/person/%' union select tail from train where relation = '/people/ethnicity/people';
analyze;
