-- The registry: numbers that are used once, versions that stay as they are, grants, history; and prediction in parallel and of rows that a model cannot take.
create schema registry;
set search_path to registry, public, fairdb;
\pset null <NULL>
create role regress_fairdb_maker;
create role regress_fairdb_user;
create role regress_fairdb_group;
grant regress_fairdb_group to regress_fairdb_user;
grant all on schema registry to public;
create table rows as select i, i % 7 as x, (array['a', 'b', 'c'])[1 + i % 3] as l, (i * 7919) % 11 < 5 as y from generate_series(1, 300) as i;
create table made as
select c, train_linear('select x, l, y from rows', 'y', null, fairness => 'none', c => c) as m from unnest('{1,0.01}'::float8[]) as c;
grant select on rows, made to public;

set role regress_fairdb_maker;
select save_model('credit', m, note => 'first') as version from made where c = 1;
select save_model('credit', m, activate => false) as version from made where c = 0.01;
select drop_model('credit', 2) as dropped;
select save_model('credit', m, activate => false) as version from made where c = 0.01;
select name, version, active, note, digest = digest(model) as digest, length(digest) as digits from fairdb.models order by version;
select count(distinct digest(m)) as different, bool_and(digest(m) = digest(m::text::model)) as same from made;
-- Nobody rewrites a version, and what may be changed is what it is.
update fairdb.models set note = 'other';
update fairdb.own_models set note = 'other' where version = 1;
update fairdb.own_models set digest = '';
update fairdb.own_models set dropped = false where version = 2;
insert into fairdb.own_models (owner, name, version, active) values ('regress_fairdb_maker', 'credit', 9, false);
delete from fairdb.own_models;
select activate_model('credit', 3);
select activate_model('credit', 2);
select version, event, role, at between now() - interval '1 minute' and clock_timestamp() as lately from fairdb.models_history order by version, at, event desc;
reset role;
update fairdb.registered_models set model = null where name = 'credit';
update fairdb.registered_models set events = '[]' where name = 'credit';
-- A view's functions run as its reader: the owner grants him the model, and takes it back.
set role regress_fairdb_maker;
create view scored as select i, predict('credit', r) as p from rows as r;
grant select on scored to public;
set role regress_fairdb_user;
select count(p) from scored;
set role regress_fairdb_maker;
-- A number that is not the next one, and a lock that keeps others out, are refused.
insert into fairdb.new_models (owner, name, version, active, model) select 'regress_fairdb_maker', 'credit', 2147483647, false, m from made limit 1;
insert into fairdb.new_models (owner, name, version, active, model) select 'regress_fairdb_maker', 'credit', null, false, m from made limit 1;
insert into fairdb.new_models (owner, name, version, active, model) select 'regress_fairdb_maker', 'other', 2, false, m from made limit 1;
do $$
declare v regclass; mode text; taken text := '';
begin
  foreach v in array '{fairdb.models,fairdb.own_models,fairdb.new_models,fairdb.models_history,fairdb.model_grants,fairdb.own_model_grants,fairdb.new_model_grants,fairdb.registered_models,fairdb.granted_models}'::regclass[] loop
    foreach mode in array '{access exclusive,exclusive,share row exclusive,share,share update exclusive}'::text[] loop
      begin
        execute format('lock table %s in %s mode nowait', v, mode);
        taken := taken || format(' %s in %s', v, mode);
      exception when insufficient_privilege then null;
      end;
    end loop;
  end loop;
  raise notice 'locks that keep others out:%', coalesce(nullif(taken, ''), ' none');
end $$;
select grant_model('credit', 'regress_fairdb_group'), grant_model('credit', 'regress_fairdb_group');
select owner, name, grantee, granted_by, revoked_at from fairdb.model_grants;
set role regress_fairdb_user;
select count(p) from scored;
select owner, name, version, active from fairdb.models order by version;
-- It gives no more than that.
select (select count(*) from fairdb.own_models) as own, (select count(*) from fairdb.models_history) as history, (select string_agg(owner || ' ' || grantee, ', ') from fairdb.model_grants) as grants;
update fairdb.model_grants set revoked_at = now();
update fairdb.own_model_grants set revoked_at = now();
-- Nor does a grantee lock what he was granted.
select owner from fairdb.model_grants for update;
select owner from fairdb.model_grants for share;
select owner from fairdb.own_model_grants for update;
update fairdb.model_grants set granted_by = 'regress_fairdb_user';
delete from fairdb.model_grants;
select activate_model('credit', 1);
select drop_model('credit');
select drop_model('credit', owner => 'regress_fairdb_maker');
select grant_model('credit', 'public');
select grant_model('credit', 'public', owner => 'regress_fairdb_maker');
select revoke_model('credit', 'regress_fairdb_group', owner => 'regress_fairdb_maker');
insert into fairdb.new_model_grants values ('regress_fairdb_maker', 'credit', 'public');
select count(*) from fairdb.granted_models;
-- One's own model of the name comes first, and a granted one does not take the place of a dropped one.
select save_model('credit', m) as version from made where c = 1;
select model_owner('credit');
select drop_model('credit') as dropped;
select model_owner('credit'), count(p) from scored;
select predict(model, r) is not null as by_row from fairdb.models, rows as r where owner = 'regress_fairdb_maker' and active limit 1;
set role regress_fairdb_maker;
select grant_model('credit', 'nobody_at_all');
select grant_model('none', 'public');
update fairdb.own_model_grants set revoked_at = '1990-01-01' where grantee = 'regress_fairdb_group' returning revoked_at = now() as by_the_clock;
select grant_model('credit', 'regress_fairdb_group');
select revoke_model('credit', 'regress_fairdb_group');
select revoke_model('credit', 'regress_fairdb_group');
select grantee, granted_by, revoked_at is not null as revoked from fairdb.model_grants;
select grant_model('credit', 'regress_fairdb_group');
select grantee, granted_by, revoked_at from fairdb.model_grants;
select revoke_model('credit', 'regress_fairdb_group');
select grant_model('credit', 'public');
reset role;
create role regress_fairdb_third;
set role regress_fairdb_third;
select count(p) from scored;
-- Two owners have granted one of the name: neither is meant.
reset role;
set role regress_fairdb_user;
select save_model('shared', m) as version from made where c = 1;
select grant_model('shared', 'public');
set role regress_fairdb_maker;
select save_model('shared', m) as version from made where c = 1;
select grant_model('shared', 'public');
set role regress_fairdb_third;
select predict('shared', r) from rows as r limit 1;
select predict('shared', r, owner => 'regress_fairdb_user') is not null as named, classify('shared', r, owner => 'regress_fairdb_maker') is not null as classified, probability('shared', r, owner => 'regress_fairdb_maker') is not null as probable from rows as r limit 1;
select predict('shared', r, owner => 'regress_fairdb_group') from rows as r limit 1;
select predict('shared', r, owner => 'nobody_at_all') from rows as r limit 1;
-- Nor the other one when one of them has taken the grant back, or dropped the model.
set role regress_fairdb_maker;
select revoke_model('shared', 'public');
set role regress_fairdb_third;
select predict('shared', r) from rows as r limit 1;
select predict('shared', r, owner => 'regress_fairdb_user') is not null as named from rows as r limit 1;
select predict('shared', r, owner => 'regress_fairdb_maker') from rows as r limit 1;
set role regress_fairdb_maker;
select grant_model('shared', 'public');
set role regress_fairdb_user;
set client_min_messages to error;
select drop_model('shared');
reset client_min_messages;
set role regress_fairdb_third;
select predict('shared', r) from rows as r limit 1;
select predict('shared', r, owner => 'regress_fairdb_maker') is not null as named from rows as r limit 1;
-- What others grant does not stand in the way of one's own names, and beside what a role of one's own has, or had, it is an error.
reset role;
set role regress_fairdb_third;
select save_model('shared', m) as version from made where c = 1;
select activate_model('shared', 1), model_owner('shared'), model_owner('shared', granted => false);
set client_min_messages to error;
select drop_model('shared') as dropped;
select model_owner('shared');
reset client_min_messages;
select grant_model('shared', 'public');
reset role;
set role regress_fairdb_user;
select save_model('theirs', m, owner => 'regress_fairdb_group') as version from made where c = 1;
set role regress_fairdb_maker;
select model_owner('theirs');
set role regress_fairdb_third;
select save_model('theirs', m) as version from made where c = 1;
select grant_model('theirs', 'public');
set role regress_fairdb_user;
set client_min_messages to error;
select predict('theirs', r) from rows as r limit 1;
select predict('theirs', r, owner => 'regress_fairdb_group') is not null as theirs from rows as r limit 1;
select drop_model('theirs') as dropped;
reset client_min_messages;
select predict('theirs', r) from rows as r limit 1;
-- Nor does being made a member of a role: what was one's own or granted stays so, or is an error, and what is saved is one's own.
reset role;
create role regress_fairdb_team;
create role regress_fairdb_late;
set role regress_fairdb_third;
select save_model('pushed', m) as version from made where c = 1;
select grant_model('pushed', 'regress_fairdb_late');
set role regress_fairdb_late;
select predict('pushed', r) is not null as granted from rows as r limit 1;
select save_model('own', m) as version from made where c = 1;
reset role;
grant regress_fairdb_team to regress_fairdb_late;
grant regress_fairdb_team to regress_fairdb_user;
set role regress_fairdb_user;
select save_model('pushed', m, owner => 'regress_fairdb_team'), save_model('own', m, owner => 'regress_fairdb_team'), save_model('new', m, owner => 'regress_fairdb_team') from made where c = 1;
set role regress_fairdb_late;
select predict('pushed', r) from rows as r limit 1;
select model_owner('own'), model_owner('new');
select save_model('new', m) from made where c = 1;
select save_model('new', m, owner => 'regress_fairdb_late') as version from made where c = 1;
select model_owner('new'), save_model('new', m) as version from made where c = 1;
set client_min_messages to error;
select drop_model('new') as dropped;
reset client_min_messages;
select predict('new', r) from rows as r limit 1;
select drop_model('own', 1);
-- What was granted is taken back also when the model is gone.
set role regress_fairdb_user;
select grant_model('new', 'regress_fairdb_third', owner => 'regress_fairdb_team');
set client_min_messages to error;
select drop_model('new', owner => 'regress_fairdb_team') as dropped;
reset client_min_messages;
select revoke_model('new', 'regress_fairdb_third');
select revoke_model('new', 'regress_fairdb_third', owner => 'regress_fairdb_team');
reset role;
delete from fairdb.granted_models where owner in ('regress_fairdb_late', 'regress_fairdb_team');
delete from fairdb.registered_models where owner in ('regress_fairdb_late', 'regress_fairdb_team');
drop role regress_fairdb_team, regress_fairdb_late;
set role regress_fairdb_user;
-- A grant is of a model, and to a role, that are there.
insert into fairdb.new_model_grants values ('regress_fairdb_user', 'credit', 'public');
insert into fairdb.new_model_grants values ('regress_fairdb_maker', 'credit', 'public');
select save_model('granted', m) as version from made where c = 1;
insert into fairdb.new_model_grants values ('regress_fairdb_user', 'granted', 'nobody_at_all');
insert into fairdb.new_model_grants values ('regress_fairdb_user', 'granted', 'public');
-- Who may write all tables takes no model, and gives none away; the owner of the database restores what can be read.
reset role;
create role regress_fairdb_writer;
grant select, insert, update on fairdb.registered_models, fairdb.granted_models to regress_fairdb_writer;
set role regress_fairdb_writer;
insert into fairdb.granted_models (owner, name, grantee) values ('regress_fairdb_user', 'granted', 'regress_fairdb_writer');
update fairdb.registered_models set owner = 'regress_fairdb_writer' where owner = 'regress_fairdb_user';
insert into fairdb.registered_models (owner, name, version, model, digest) select 'regress_fairdb_user', 'granted', 2, m, 'abc' from made where c = 1;
reset role;
revoke all on fairdb.registered_models, fairdb.granted_models from regress_fairdb_writer;
drop role regress_fairdb_writer;
insert into fairdb.registered_models (owner, name, version, model, digest, events) select 'regress_fairdb_user', 'restored', 1, m, digest(m), '[{"event": "save", "at": "once"}]' from made where c = 1;
insert into fairdb.registered_models (owner, name, version, model, digest, events) select 'regress_fairdb_user', 'restored', 1, m, digest(m), '{}' from made where c = 1;
insert into fairdb.registered_models (owner, name, version, model, digest, events) select 'regress_fairdb_user', 'restored', 1, m, '0123', '[]' from made where c = 1;
-- A role that is renamed keeps its models, when a superuser moves them, those that were dropped too; and notes may be changed.
create role regress_fairdb_old;
set role regress_fairdb_old;
select save_model('moved', m), save_model('moved', m) from made where c = 1;
select drop_model('moved', 1) as dropped;
update fairdb.own_models set note = 'too old' where name = 'moved' and version = 1;
update fairdb.own_models set dropped = false where name = 'moved' and version = 1;
reset role;
alter role regress_fairdb_old rename to regress_fairdb_new;
update fairdb.registered_models set owner = 'regress_fairdb_new' where owner = 'regress_fairdb_old';
set role regress_fairdb_new;
select version, event, note from fairdb.models_history join fairdb.own_models using (owner, name, version) where name = 'moved' order by version, at, event;
reset role;
delete from fairdb.registered_models where owner = 'regress_fairdb_new';
drop role regress_fairdb_new;
set role regress_fairdb_user;
-- An owner that is no more is still in the way of another.
set role regress_fairdb_third;
select save_model('granted', m) as version from made where c = 1;
select grant_model('granted', 'regress_fairdb_maker');
reset role;
create role regress_fairdb_late;
set role regress_fairdb_late;
select save_model('late', m) as version from made where c = 1;
select grant_model('late', 'regress_fairdb_maker');
set role regress_fairdb_third;
select save_model('late', m) as version from made where c = 1;
select grant_model('late', 'regress_fairdb_maker');
reset role;
drop role regress_fairdb_late;
set role regress_fairdb_maker;
select predict('late', r) from rows as r limit 1;
reset role;
delete from fairdb.registered_models where owner = 'regress_fairdb_late';
delete from fairdb.granted_models where owner = 'regress_fairdb_late';
-- A superuser names the owner, and one and the same name at one place may mean several.
reset role;
select predict('shared', r) from rows as r limit 1;
select count(distinct predict(n, r, owner => o)) as scores from rows as r, (values ('credit', 'regress_fairdb_maker'), ('shared', 'regress_fairdb_maker')) as v (n, o) where r.i = 1;
reset role;

-- Parallel plans: by name, and by value.
set role regress_fairdb_maker;
set parallel_setup_cost = 0;
set parallel_tuple_cost = 0;
set min_parallel_table_scan_size = 0;
set max_parallel_workers_per_gather = 2;
reset role;
create table many as select (i % 7) as x, (array['a', 'b', 'c'])[1 + i % 3] as l from generate_series(1, 30000) as i;
analyze many;
grant select on many to public;
set role regress_fairdb_maker;
explain (costs off) select sum(predict('credit', m)) from many as m;
create temp table sums as select sum(predict('credit', m)::numeric) as parallel from many as m;
set max_parallel_workers_per_gather = 0;
select parallel = (select sum(predict('credit', m)::numeric) from many as m) as same from sums;
reset role;
-- Several models, and several names, at one place of a query.
select count(*), bool_and(p = predict(m, rows)) as same
from (select m, r, predict(m, r) as p from rows as r, made) as t, lateral (select (r).*) as rows;
set role regress_fairdb_maker;
select count(distinct round(p::numeric, 12)) from (select predict(n, r) as p from rows as r, (values ('credit'), ('shared')) as v (n) where r.i = 1) as t;
reset role;

-- One bad row gives NULL and does not stop the others.
create table bad as select 1 as id, 1::numeric as x, 'a' as l union all select 2, null, 'a' union all select 3, 1, 'z' union all select 4, 1, null;
grant select on bad to public;
select id, predict(m, b, on_null => 'null', on_unseen => 'null') is null as by_null, classify(m, b, 'null', 'ignore') is null as by_ignore, probability(m, b, on_null => 'null', on_unseen => 'ignore') is null as p
from made, bad as b where c = 1 order by id;
select predict(m, b) from made, bad as b where c = 1 and id = 3;
select predict(m, b, on_null => 'null') from made, bad as b where c = 1 and id = 3;
select predict(m, b, on_null => null, on_unseen => 'null') from made, bad as b where c = 1 and id = 2;
select predict(m, b, on_null => 'skip') from made, bad as b where c = 1 and id = 1;
select predict(m, null::bad, on_null => 'skip') from made where c = 1;
select classify(null::model, b, 'null', 'skip') from bad as b where id = 1;
select predict(m, b, on_null => 'null', on_unseen => 'null') from made, (select 'NaN'::float8 as x, 'a' as l) as b where c = 1;
set role regress_fairdb_maker;
select count(predict('credit', b, on_null => 'null', on_unseen => 'null')) as predicted, count(*) from bad as b;
reset role;
select count(*) as rows, count(predict(null::model, b)) as none, count(predict(m, null::bad)) as nothing from made, bad as b;

-- Who is gone has nothing: rows of the registry go with the last test that needs them.
set client_min_messages to error;
set role regress_fairdb_maker;
select sum(drop_model(name)) > 0 as dropped from (select distinct name from fairdb.own_models where not dropped) as t;
reset role;
drop table sums;
drop schema registry cascade;
drop role regress_fairdb_maker, regress_fairdb_user, regress_fairdb_group, regress_fairdb_third;
