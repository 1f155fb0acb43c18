-- A registry of models: versions by owner and name, of which one is active.
--
-- The rows are in tables that only the owner of the database reads and fills, to dump and to restore
-- them: row-level security would make pg_dump refuse the whole database to any role that it applies to.
-- All others use views: models shows each role its own and those granted to it, own_models lets it change what
-- may change of its own, new_models takes new ones; model_grants, own_model_grants and new_model_grants do the same for grants. A view that does all of it would show them all to INSERT ... ON
-- CONFLICT DO UPDATE, which on older servers does not ask whether the view shows the row that stands in the way.
--
-- A version is never used twice and never changes: a dropped one keeps its row, without the model, so that its number
-- is taken and its history told. So does a grant that was taken back.
--
-- What others may change is granted by column: whoever may change or delete any row of a view may lock all that it names.

CREATE TABLE registered_models (
  owner name NOT NULL DEFAULT CURRENT_USER,
  name text NOT NULL CHECK (pg_catalog.octet_length(name) BETWEEN 1 AND 200),
  version int NOT NULL CHECK (version OPERATOR(pg_catalog.>) 0),
  active bool NOT NULL DEFAULT true,
  saved_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  note text,
  model model,
  digest text,
  dropped bool NOT NULL DEFAULT false,
  events jsonb NOT NULL DEFAULT '[]',
  PRIMARY KEY (owner, name, version),
  CONSTRAINT registered_models_dropped CHECK (dropped OPERATOR(pg_catalog.=) (model IS NULL) AND NOT (dropped AND active))
);
COMMENT ON TABLE registered_models IS
  'What the views models and models_history show, of all roles: for pg_dump and pg_restore, which the owner of the database and superusers may run. Use models.';
CREATE UNIQUE INDEX models_active ON registered_models (owner, name) WHERE active;
COMMENT ON INDEX models_active IS
  'one active version of each owner and name';
SELECT pg_catalog.pg_extension_config_dump('registered_models', '');

CREATE TABLE granted_models (
  owner name NOT NULL,
  name text NOT NULL,
  grantee name NOT NULL,
  granted_by name NOT NULL DEFAULT CURRENT_USER,
  granted_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  revoked_at timestamptz,
  PRIMARY KEY (owner, name, grantee)
);
COMMENT ON TABLE granted_models IS
  'What the view model_grants shows, of all roles: for pg_dump and pg_restore. Use grant_model and revoke_model.';
SELECT pg_catalog.pg_extension_config_dump('granted_models', '');

DO $$
DECLARE
  dumping name := (SELECT r.rolname FROM pg_catalog.pg_roles AS r
                   WHERE r.rolname OPERATOR(pg_catalog.=) 'pg_database_owner');
BEGIN
  -- PostgreSQL 13 has no role for whoever owns the database.
  IF dumping IS NULL THEN
    SELECT r.rolname INTO dumping FROM pg_catalog.pg_database AS d, pg_catalog.pg_roles AS r
    WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database() AND r.oid OPERATOR(pg_catalog.=) d.datdba;
  END IF;
  EXECUTE pg_catalog.format('GRANT SELECT, INSERT ON fairdb.registered_models, fairdb.granted_models TO %I', dumping);
END $$;

-- No catalog stands in the views: LOCK TABLE on a view locks all that it names. These functions become part of the
-- reader's query, who has no right to their schema: so they name no other of it.
CREATE FUNCTION fairdb_internal.is_role_of_user(role name) RETURNS bool
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT pg_catalog.pg_has_role(CURRENT_USER, pg_catalog.to_regrole(pg_catalog.quote_ident($1))::pg_catalog.oid, 'MEMBER') $$;
COMMENT ON FUNCTION fairdb_internal.is_role_of_user(name) IS
  'for the views of models and jobs: whether the current user is a member of the role';

CREATE FUNCTION fairdb_internal.belongs_to_user(owner name) RETURNS bool
  LANGUAGE sql STABLE PARALLEL SAFE
  -- TRUNCATE is the superusers'.
  AS $$ SELECT pg_catalog.pg_has_role(CURRENT_USER, pg_catalog.to_regrole(pg_catalog.quote_ident($1))::pg_catalog.oid, 'MEMBER') OR pg_catalog.has_table_privilege('fairdb.registered_models'::pg_catalog.regclass, 'TRUNCATE') $$;
COMMENT ON FUNCTION fairdb_internal.belongs_to_user(name) IS
  'for the views of models and jobs: whether what this role owns is the current user''s';

CREATE VIEW models WITH (security_barrier) AS
  SELECT m.owner, m.name, m.version, m.active, m.saved_at, m.note, m.model, m.digest
  FROM registered_models AS m
  WHERE NOT m.dropped
    AND (fairdb_internal.belongs_to_user(m.owner)
      OR EXISTS (
        SELECT FROM granted_models AS g
        WHERE g.owner OPERATOR(pg_catalog.=) m.owner AND g.name OPERATOR(pg_catalog.=) m.name AND g.revoked_at IS NULL
          AND (g.grantee OPERATOR(pg_catalog.=) 'public' OR fairdb_internal.is_role_of_user(g.grantee))));
COMMENT ON VIEW models IS
  'Registered models: save_model adds a version, predict(name, row) uses the active one. Each owner has names of its own. The view shows those whose owner is the current user or a role of which that user is a member, and those that were granted to such a role; to a superuser all. digest is digest(model).';
GRANT SELECT ON models TO PUBLIC;

CREATE VIEW own_models WITH (security_barrier) AS
  SELECT m.owner, m.name, m.version, m.active, m.note, m.dropped, m.saved_at, m.digest
  FROM registered_models AS m
  WHERE fairdb_internal.belongs_to_user(m.owner);
COMMENT ON VIEW own_models IS
  'The versions of the roles of the current user, dropped ones too. Of a version its note may be changed here; activate_model and drop_model change the rest.';
GRANT SELECT ON own_models TO PUBLIC;
GRANT UPDATE (active, note, dropped) ON own_models TO PUBLIC;

CREATE VIEW new_models AS
  SELECT m.owner, m.name, m.version, m.active, m.note, m.model FROM registered_models AS m;
COMMENT ON VIEW new_models IS
  'Where save_model puts a new version, the next one of its name. It can be inserted into, not read.';
GRANT INSERT ON new_models TO PUBLIC;

CREATE VIEW models_history WITH (security_barrier) AS
  SELECT m.owner, m.name, m.version, e.event ->> 'event' AS event, (e.event ->> 'at')::pg_catalog.timestamptz AS at, e.event ->> 'role' AS role, m.digest
  FROM registered_models AS m, pg_catalog.jsonb_array_elements(m.events) WITH ORDINALITY AS e (event, number)
  WHERE fairdb_internal.belongs_to_user(m.owner);
COMMENT ON VIEW models_history IS
  'What happened to the models of the current user''s roles: save, activate, deactivate, drop, and owner when a superuser gave one to another role; when, and by which role. Which model a name meant at a time: the last version activated before it.';
GRANT SELECT ON models_history TO PUBLIC;

CREATE VIEW model_grants WITH (security_barrier) AS
  SELECT m.owner, m.name, m.grantee, m.granted_by, m.granted_at, m.revoked_at
  FROM granted_models AS m
  WHERE fairdb_internal.belongs_to_user(m.owner) OR m.grantee OPERATOR(pg_catalog.=) 'public' OR fairdb_internal.is_role_of_user(m.grantee);
COMMENT ON VIEW model_grants IS
  'Who may use the models of the current user''s roles, and what was granted to these roles; revoked_at says that a grant was taken back. grant_model and revoke_model change it.';
GRANT SELECT ON model_grants TO PUBLIC;

-- Apart, for who may change a row may also lock it.
CREATE VIEW own_model_grants WITH (security_barrier) AS
  SELECT m.owner, m.name, m.grantee, m.granted_by, m.granted_at, m.revoked_at
  FROM granted_models AS m
  WHERE fairdb_internal.belongs_to_user(m.owner);
COMMENT ON VIEW own_model_grants IS
  'Who may use the models of the current user''s roles: where revoke_model takes a grant back, and grant_model gives it again.';
GRANT SELECT, UPDATE (revoked_at) ON own_model_grants TO PUBLIC;

CREATE VIEW new_model_grants AS
  SELECT m.owner, m.name, m.grantee FROM granted_models AS m;
COMMENT ON VIEW new_model_grants IS
  'Where grant_model puts a grant. It can be inserted into, not read.';
GRANT INSERT ON new_model_grants TO PUBLIC;

CREATE FUNCTION fairdb_internal.check_model_owner() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- Before any key is looked at, which would tell the names of others' models. The owner of the database restores them.
  IF NOT EXISTS (SELECT FROM pg_database AS d WHERE d.datname = current_database() AND pg_has_role(d.datdba, 'USAGE')) THEN
    IF pg_has_role(to_regrole(quote_ident(NEW.owner)), 'MEMBER') IS NOT TRUE THEN
      RAISE EXCEPTION 'models of owner "%" need membership in that role', NEW.owner
        USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- Nor is one taken away.
    IF TG_OP = 'UPDATE' AND pg_has_role(to_regrole(quote_ident(OLD.owner)), 'MEMBER') IS NOT TRUE THEN
      RAISE EXCEPTION 'models of owner "%" need membership in that role', OLD.owner
        USING ERRCODE = 'insufficient_privilege';
    END IF;
  END IF;
  RETURN NEW;
END $$;
COMMENT ON FUNCTION fairdb_internal.check_model_owner() IS
  'trigger function of registered_models and granted_models: they belong to a role that their writer is a member of';
CREATE TRIGGER check_model_owner BEFORE INSERT OR UPDATE ON registered_models
  FOR EACH ROW EXECUTE FUNCTION fairdb_internal.check_model_owner();
COMMENT ON TRIGGER check_model_owner ON registered_models IS
  'a model belongs to a role that its writer is a member of';
CREATE TRIGGER check_model_owner BEFORE INSERT OR UPDATE ON granted_models
  FOR EACH ROW EXECUTE FUNCTION fairdb_internal.check_model_owner();
COMMENT ON TRIGGER check_model_owner ON granted_models IS
  'a grant is given by a member of the role that owns the model';

CREATE FUNCTION fairdb_internal.check_what_is_granted() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- The owner of the database restores grants before there are models, or roles.
  IF EXISTS (SELECT FROM pg_database AS d WHERE d.datname = current_database() AND pg_has_role(d.datdba, 'USAGE')) THEN
    RETURN NEW;
  END IF;
  -- A grant stays in the table when it is taken back, and may make a name ambiguous: so it must be of something.
  IF NOT EXISTS (SELECT FROM fairdb.own_models AS m WHERE m.owner = NEW.owner AND m.name = NEW.name AND NOT m.dropped) THEN
    RAISE EXCEPTION 'owner "%" has no model "%"', NEW.owner, NEW.name USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF NEW.grantee <> 'public' AND to_regrole(quote_ident(NEW.grantee)) IS NULL THEN
    RAISE EXCEPTION 'role "%" does not exist', NEW.grantee USING ERRCODE = 'undefined_object';
  END IF;
  RETURN NEW;
END $$;
COMMENT ON FUNCTION fairdb_internal.check_what_is_granted() IS
  'trigger function of granted_models: a new grant is of a model that is there, to a role that is there';
CREATE TRIGGER check_what_is_granted BEFORE INSERT ON granted_models
  FOR EACH ROW EXECUTE FUNCTION fairdb_internal.check_what_is_granted();
COMMENT ON TRIGGER check_what_is_granted ON granted_models IS
  'a new grant is of a model that is there, to a role that is there';

CREATE FUNCTION fairdb_internal.date_model_grant() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NEW.revoked_at IS NULL THEN
    NEW.granted_by := CURRENT_USER;
    NEW.granted_at := now();
  ELSE
    NEW.revoked_at := now();
  END IF;
  RETURN NEW;
END $$;
COMMENT ON FUNCTION fairdb_internal.date_model_grant() IS
  'trigger function of granted_models: a grant that is taken back, or given again, tells when and by whom';
CREATE TRIGGER date_model_grant BEFORE UPDATE OF revoked_at ON granted_models
  FOR EACH ROW EXECUTE FUNCTION fairdb_internal.date_model_grant();
COMMENT ON TRIGGER date_model_grant ON granted_models IS
  'a grant that is taken back, or given again, tells when and by whom';

CREATE FUNCTION fairdb_internal.check_model_version() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  next_version int;
BEGIN
  -- A row that a dump has brought back has its number.
  IF NEW.digest IS NOT NULL AND EXISTS (SELECT FROM pg_database AS d WHERE d.datname = current_database() AND pg_has_role(d.datdba, 'USAGE')) THEN
    RETURN NEW;
  END IF;
  SELECT coalesce(max(m.version), 0) + 1 INTO next_version
  FROM fairdb.own_models AS m WHERE m.owner = NEW.owner AND m.name = NEW.name;
  IF NEW.version IS DISTINCT FROM next_version THEN
    RAISE EXCEPTION 'the next version of model "%" is %', NEW.name, next_version
      USING ERRCODE = 'unique_violation', HINT = 'save_model finds the number.';
  END IF;
  RETURN NEW;
END $$;
COMMENT ON FUNCTION fairdb_internal.check_model_version() IS
  'trigger function of registered_models: versions are numbered from 1 without gaps';
CREATE TRIGGER check_model_version BEFORE INSERT ON registered_models
  FOR EACH ROW EXECUTE FUNCTION fairdb_internal.check_model_version();
COMMENT ON TRIGGER check_model_version ON registered_models IS
  'versions are numbered from 1 without gaps';

CREATE FUNCTION fairdb_internal.keep_model() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'version % of model "%" cannot be changed', OLD.version, OLD.name
    USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Save another version with save_model.';
END $$;
COMMENT ON FUNCTION fairdb_internal.keep_model() IS
  'trigger function of registered_models: what was saved stays as it is';
CREATE TRIGGER keep_model BEFORE UPDATE OF name, version, saved_at, model, digest, events ON registered_models
  FOR EACH ROW EXECUTE FUNCTION fairdb_internal.keep_model();
COMMENT ON TRIGGER keep_model ON registered_models IS
  'what was saved stays as it is';

CREATE FUNCTION fairdb_internal.record_model_event() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  happened text[] := '{}';
  at timestamptz := clock_timestamp();
BEGIN
  IF TG_OP = 'INSERT' THEN
    -- A row that a dump has brought back tells its own history.
    IF NEW.digest IS NOT NULL AND EXISTS (SELECT FROM pg_database AS d WHERE d.datname = current_database() AND pg_has_role(d.datdba, 'USAGE')) THEN
      PERFORM (e.event ->> 'at')::timestamptz FROM jsonb_array_elements(NEW.events) AS e (event);
      IF NEW.digest <> fairdb.digest(NEW.model) THEN
        RAISE EXCEPTION 'the digest of version % of model "%" is that of another model', NEW.version, NEW.name
          USING ERRCODE = 'data_exception';
      END IF;
      RETURN NEW;
    END IF;
    NEW.digest := fairdb.digest(NEW.model);
    NEW.events := '[]';
    happened := '{save}';
    IF NEW.active THEN
      happened := happened || 'activate'::text;
    END IF;
  ELSE
    IF OLD.dropped AND (NEW.active OR NOT NEW.dropped) THEN
      RAISE EXCEPTION 'version % of model "%" was dropped', OLD.version, OLD.name
        USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    IF NEW.owner <> OLD.owner THEN
      happened := happened || 'owner'::text;
    END IF;
    IF NEW.dropped THEN
      NEW.model := NULL;
      NEW.active := false;
    END IF;
    IF NEW.active <> OLD.active THEN
      happened := happened || CASE WHEN NEW.active THEN 'activate' ELSE 'deactivate' END;
    END IF;
    IF NEW.dropped AND NOT OLD.dropped THEN
      happened := happened || 'drop'::text;
    END IF;
  END IF;
  NEW.events := NEW.events || coalesce(
    (SELECT jsonb_agg(jsonb_build_object('event', h.event, 'at', at, 'role', CURRENT_USER) ORDER BY h.number)
     FROM unnest(happened) WITH ORDINALITY AS h (event, number)), '[]');
  RETURN NEW;
END $$;
COMMENT ON FUNCTION fairdb_internal.record_model_event() IS
  'trigger function of registered_models: notes what happened to a version, when, and by which role';
CREATE TRIGGER record_model_event BEFORE INSERT OR UPDATE ON registered_models
  FOR EACH ROW EXECUTE FUNCTION fairdb_internal.record_model_event();
COMMENT ON TRIGGER record_model_event ON registered_models IS
  'notes what happened to a version, when, and by which role';

CREATE FUNCTION model_owner(name text, owner name DEFAULT NULL, granted bool DEFAULT true) RETURNS name
  LANGUAGE plpgsql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  owners name[];
  list text;
BEGIN
  IF model_owner.name IS NULL THEN
    RAISE EXCEPTION 'the name of a model must not be NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF model_owner.owner IS NOT NULL THEN
    RETURN model_owner.owner;
  END IF;
  -- Nobody is asked before he is granted a model or made a member of a role. So your own come first, and of others' there
  -- is only one or an error; those that have gone count, lest the name comes to mean another's in their place. A superuser
  -- is a member of every role without being meant by it.
  SELECT array_agg(t.owner ORDER BY t.owner), string_agg(t.owner || CASE WHEN t.there THEN '' ELSE ' (dropped or taken back)' END, ', ' ORDER BY t.owner)
    INTO owners, list
  FROM (SELECT s.owner, bool_or(s.there) AS there
        FROM (SELECT m.owner, NOT m.dropped AS there
              FROM fairdb.own_models AS m, pg_roles AS o, pg_roles AS u
              WHERE m.name = model_owner.name AND o.rolname = m.owner AND u.rolname = CURRENT_USER
                AND (o.oid = u.oid OR NOT u.rolsuper AND pg_has_role(u.oid, o.oid, 'MEMBER'))
              UNION ALL
              SELECT g.owner, g.revoked_at IS NULL AND EXISTS (SELECT FROM fairdb.models AS m WHERE m.owner = g.owner AND m.name = g.name)
              FROM fairdb.model_grants AS g, pg_roles AS u
              WHERE model_owner.granted AND g.name = model_owner.name AND u.rolname = CURRENT_USER AND NOT u.rolsuper
                AND (g.grantee = 'public' OR pg_has_role(to_regrole(quote_ident(g.grantee)), 'MEMBER'))) AS s
        GROUP BY s.owner) AS t;
  IF CURRENT_USER = ANY (owners) THEN
    RETURN CURRENT_USER;
  END IF;
  IF cardinality(owners) > 1 THEN
    RAISE EXCEPTION 'model "%" may be of several roles: %', model_owner.name, list
      USING ERRCODE = 'ambiguous_parameter', HINT = 'Name one with owner => ''...'', as in predict(name, row, owner => ''...'').';
  END IF;
  RETURN owners[1];
END $$;
COMMENT ON FUNCTION model_owner(text, name, bool) IS
  'Whose model a name means to predict(name, row): yours if you have ever saved one, else that of the only other role that has ever had one while you are a member of it, or has ever granted you one; NULL for none, and an error where there are several. granted => false: of your roles only, as activate_model, drop_model, grant_model and revoke_model ask. A superuser has only its own, and names other owners.';

CREATE FUNCTION save_model(
  name text,
  model model,
  owner name DEFAULT NULL,
  activate bool DEFAULT true,
  note text DEFAULT NULL
) RETURNS int
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  new_owner name;
  new_version int;
BEGIN
  IF save_model.name IS NULL OR save_model.model IS NULL OR save_model.activate IS NULL THEN
    RAISE EXCEPTION 'name, model and activate must not be NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF octet_length(save_model.name) NOT BETWEEN 1 AND 200 THEN
    RAISE EXCEPTION 'the name of a model has 1 to 200 bytes' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF save_model.owner IS NOT NULL AND NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = save_model.owner) THEN
    RAISE EXCEPTION 'role "%" does not exist', save_model.owner USING ERRCODE = 'undefined_object';
  END IF;
  new_owner := coalesce(fairdb.model_owner(save_model.name, save_model.owner, granted => false), CURRENT_USER);
  -- Whoever makes you a member of a role must not get what you save.
  IF save_model.owner IS NULL AND new_owner <> CURRENT_USER THEN
    RAISE EXCEPTION 'role "%", of which you are a member, has or had a model "%"', new_owner, save_model.name
      USING ERRCODE = 'ambiguous_parameter',
            HINT = format('Say whose the new version is: owner => %L, or owner => %L for a model of your own.', new_owner, CURRENT_USER);
  END IF;
  -- Also of the owner of the database, who may fill the table to restore it.
  IF NOT pg_has_role(to_regrole(quote_ident(new_owner)), 'MEMBER') THEN
    RAISE EXCEPTION 'models of owner "%" need membership in that role', new_owner
      USING ERRCODE = 'insufficient_privilege', HINT = 'Leave owner out to save the model as your own.';
  END IF;
  -- Sessions that save under one name take turns, but for the first version, which only one can save.
  FOR attempt IN 1 .. 10 LOOP
    PERFORM FROM fairdb.own_models AS m WHERE m.owner = new_owner AND m.name = save_model.name ORDER BY m.version FOR UPDATE;
    SELECT coalesce(max(m.version), 0) + 1 INTO new_version
    FROM fairdb.own_models AS m WHERE m.owner = new_owner AND m.name = save_model.name;
    BEGIN
      IF save_model.activate THEN
        UPDATE fairdb.own_models AS m SET active = false
        WHERE m.owner = new_owner AND m.name = save_model.name AND m.active;
      END IF;
      INSERT INTO fairdb.new_models (owner, name, version, active, note, model)
      VALUES (new_owner, save_model.name, new_version, save_model.activate, save_model.note, save_model.model);
      RETURN new_version;
    EXCEPTION
      WHEN unique_violation THEN
        EXIT WHEN current_setting('transaction_isolation') <> 'read committed';
    END;
  END LOOP;
  RAISE EXCEPTION 'another session has just saved a model under the name "%"', save_model.name
    USING ERRCODE = 'serialization_failure', HINT = 'Try again in a new transaction.';
END $$;
COMMENT ON FUNCTION save_model(text, model, name, bool, text) IS
  'Registers a model under a name and returns its version: select save_model(''credit'', train_linear(...)). The new version is the active one unless activate is false. owner: a role whose members share the model; by default you, and an error where a role of yours has, or had, a model of the name and you have none.';

CREATE FUNCTION activate_model(name text, version int, owner name DEFAULT NULL, override text DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  of_owner name;
BEGIN
  IF activate_model.version IS NULL THEN
    RAISE EXCEPTION 'version must not be NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  of_owner := fairdb.model_owner(activate_model.name, activate_model.owner, granted => false);
  -- Sessions that change the versions of one name take turns.
  PERFORM FROM fairdb.own_models AS m WHERE m.owner = of_owner AND m.name = activate_model.name ORDER BY m.version FOR UPDATE;
  IF activate_model.override ~ '^\s*$' THEN
    RAISE EXCEPTION 'override says why' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF activate_model.override IS NOT NULL THEN
    UPDATE fairdb.own_gates AS g
    SET events = g.events || jsonb_build_object('version', activate_model.version, 'note', activate_model.override)
    WHERE g.model_owner = of_owner AND g.model = activate_model.name AND g.dropped_at IS NULL;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'nothing is required of model "%" that could be overridden', activate_model.name
        USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave override out.';
    END IF;
  END IF;
  UPDATE fairdb.own_models AS m SET active = false
  WHERE m.owner = of_owner AND m.name = activate_model.name AND m.active AND m.version <> activate_model.version;
  UPDATE fairdb.own_models AS m SET active = true
  WHERE m.owner = of_owner AND m.name = activate_model.name AND m.version = activate_model.version AND NOT m.dropped;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no version % of model "%" that you may activate', activate_model.version, activate_model.name
      USING ERRCODE = 'invalid_parameter_value', HINT = 'select owner, name, version from fairdb.own_models where not dropped lists those that you may; of another owner than yourself: owner => ''...''. Of a model that was granted to you its owner says which version is active.';
  END IF;
END $$;
COMMENT ON FUNCTION activate_model(text, int, name, text) IS
  'Makes a registered version the one that predict(name, row) uses, for example to go back to an earlier one. owner: whose, when several roles of yours have a model of the name. A version that has not passed the audits that require_fair demands is refused, unless override says why it is activated all the same, which the view gates then tells.';

CREATE FUNCTION drop_model(name text, version int DEFAULT NULL, owner name DEFAULT NULL) RETURNS int
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  of_owner name;
  dropped int;
  users text;
BEGIN
  of_owner := fairdb.model_owner(drop_model.name, drop_model.owner, granted => false);
  UPDATE fairdb.own_models AS m SET dropped = true
  WHERE m.owner = of_owner AND m.name = drop_model.name AND NOT m.dropped
    AND (drop_model.version IS NULL OR m.version = drop_model.version);
  GET DIAGNOSTICS dropped = ROW_COUNT;
  IF dropped = 0 THEN
    RAISE EXCEPTION 'there is no such version of model "%" that you may drop', drop_model.name
      USING ERRCODE = 'invalid_parameter_value', HINT = 'select owner, name, version from fairdb.own_models where not dropped lists those that you may; of another owner than yourself: owner => ''...''. A model that was granted to you is not yours to drop.';
  END IF;
  IF NOT EXISTS (SELECT FROM fairdb.own_models AS m WHERE m.owner = of_owner AND m.name = drop_model.name AND m.active) THEN
    -- A view depends on the functions; the name is a text in its definition.
    SELECT string_agg(DISTINCT v.name, ', ' ORDER BY v.name) INTO users
    FROM (SELECT DISTINCT r.ev_class::regclass::text AS name, r.ev_class
          FROM pg_depend AS d JOIN pg_rewrite AS r ON r.oid = d.objid JOIN pg_proc AS p ON p.oid = d.refobjid
          WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_proc'::regclass
            AND p.pronamespace = 'fairdb'::regnamespace AND p.proname IN ('predict', 'classify', 'probability')) AS v
    WHERE strpos(pg_get_viewdef(v.ev_class), quote_literal(drop_model.name)) > 0;
    RAISE WARNING 'no version of model "%" of owner "%" is active now', drop_model.name, of_owner
      USING DETAIL = CASE WHEN users IS NULL THEN 'No view names it. Functions, jobs and clients may.'
                          ELSE format('Views in which the name stands, perhaps for another owner''s model: %s.', users) END,
            HINT = CASE WHEN EXISTS (SELECT FROM fairdb.own_models AS m WHERE m.owner = of_owner AND m.name = drop_model.name AND NOT m.dropped)
                        THEN 'activate_model makes another version the active one.'
                        ELSE 'None is left: save_model saves a new version.' END;
  END IF;
  RETURN dropped;
END $$;
COMMENT ON FUNCTION drop_model(text, int, name) IS
  'Removes a version of a registered model, or all of them, and returns how many. Dropping the active version leaves none active, of which a WARNING tells, with the views that name the model: call activate_model. The number of a dropped version is not used again, and models_history still tells of it. owner: whose, when several roles of yours have a model of the name.';

CREATE FUNCTION grant_model(name text, role name, owner name DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  of_owner name;
BEGIN
  IF grant_model.role IS NULL THEN
    RAISE EXCEPTION 'role must not be NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF grant_model.role <> 'public' AND to_regrole(quote_ident(grant_model.role)) IS NULL THEN
    RAISE EXCEPTION 'role "%" does not exist', grant_model.role
      USING ERRCODE = 'undefined_object', HINT = 'A model is granted to one role, or to everybody: ''public''.';
  END IF;
  of_owner := fairdb.model_owner(grant_model.name, grant_model.owner, granted => false);
  IF NOT EXISTS (SELECT FROM fairdb.own_models AS m WHERE m.owner = of_owner AND m.name = grant_model.name AND NOT m.dropped) THEN
    RAISE EXCEPTION 'there is no model "%" that you may grant', grant_model.name
      USING ERRCODE = 'invalid_parameter_value', HINT = 'select owner, name from fairdb.own_models where not dropped lists those that you may; of another owner than yourself: owner => ''...''.';
  END IF;
  FOR attempt IN 1 .. 10 LOOP
    UPDATE fairdb.own_model_grants AS g SET revoked_at = NULL
    WHERE g.owner = of_owner AND g.name = grant_model.name AND g.grantee = grant_model.role AND g.revoked_at IS NOT NULL;
    IF FOUND OR EXISTS (SELECT FROM fairdb.own_model_grants AS g
                        WHERE g.owner = of_owner AND g.name = grant_model.name AND g.grantee = grant_model.role AND g.revoked_at IS NULL) THEN
      RETURN;
    END IF;
    BEGIN
      INSERT INTO fairdb.new_model_grants (owner, name, grantee) VALUES (of_owner, grant_model.name, grant_model.role);
      RETURN;
    EXCEPTION
      WHEN unique_violation THEN  -- another session has just given it
        EXIT WHEN current_setting('transaction_isolation') <> 'read committed';
    END;
  END LOOP;
  RAISE EXCEPTION 'another session has just granted model "%" to role "%"', grant_model.name, grant_model.role
    USING ERRCODE = 'serialization_failure', HINT = 'Try again in a new transaction.';
END $$;
COMMENT ON FUNCTION grant_model(text, name, name) IS
  'Lets a role, or everybody (''public''), see and use all versions of a registered model: predict(name, row) then works for it, in a view too, whose functions run as its reader. It cannot change or drop them. Where a role may be granted models of one name by several owners, it names the owner: predict(name, row, owner => ''...''). owner: whose, when several roles of yours have a model of the name.';

CREATE FUNCTION revoke_model(name text, role name, owner name DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  of_owner name := coalesce(fairdb.model_owner(revoke_model.name, revoke_model.owner, granted => false), CURRENT_USER);
BEGIN
  UPDATE fairdb.own_model_grants AS g SET revoked_at = now()
  WHERE g.owner = of_owner AND g.name = revoke_model.name AND g.grantee = revoke_model.role AND g.revoked_at IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'model "%" is not granted to role "%"', revoke_model.name, revoke_model.role
      USING ERRCODE = 'invalid_parameter_value', HINT = 'select * from fairdb.own_model_grants where revoked_at is null lists what is; of another owner than yourself: owner => ''...''.';
  END IF;
END $$;
COMMENT ON FUNCTION revoke_model(text, name, name) IS
  'Takes back what grant_model gave.';

CREATE FUNCTION predict(name text, "row" record) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_predict_named'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION predict(name text, "row" record) IS
  'The score of a row under the active version of a registered model: select predict(''credit'', a) from applicants a. Whose, model_owner tells, and owner => ''...'' says.';

CREATE FUNCTION classify(name text, "row" record) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_classify_named'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION classify(name text, "row" record) IS
  'Whether the active version of a registered model predicts the positive class.';

CREATE FUNCTION probability(name text, "row" record) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_probability_named'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION probability(name text, "row" record) IS
  'The probability of the positive class under the active version of a registered model of the logistic loss.';

CREATE FUNCTION predict(name text, "row" record, owner name) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_predict_named'
  LANGUAGE c STABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION predict(name text, "row" record, name) IS
  'As predict(name, row), of the model of that owner: select predict(''credit'', a, owner => ''risk'') from applicants a. It then depends on no other role''s models and grants. NULL is as if it were not given.';

CREATE FUNCTION predict(name text, "row" record, on_null option_value, on_unseen text DEFAULT NULL, owner name DEFAULT NULL) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_predict_named'
  LANGUAGE c STABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION predict(name text, "row" record, option_value, text, name) IS
  'As predict(name, row), with what to do about a row that the model cannot take, in place of what training said (NULL): on_null => ''null'' or ''error'' for a NULL, on_unseen => ''null'', ''ignore'' or ''error'' for a level that training has not seen; and owner, as in predict(name, row, owner).';

CREATE FUNCTION classify(name text, "row" record, owner name) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_classify_named'
  LANGUAGE c STABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION classify(name text, "row" record, name) IS
  'As classify(name, row), of the model of that owner: select classify(''credit'', a, owner => ''risk'') from applicants a. It then depends on no other role''s models and grants. NULL is as if it were not given.';

CREATE FUNCTION classify(name text, "row" record, on_null option_value, on_unseen text DEFAULT NULL, owner name DEFAULT NULL) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_classify_named'
  LANGUAGE c STABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION classify(name text, "row" record, option_value, text, name) IS
  'As classify(name, row), with what to do about a row that the model cannot take, in place of what training said (NULL): on_null => ''null'' or ''error'' for a NULL, on_unseen => ''null'', ''ignore'' or ''error'' for a level that training has not seen; and owner, as in classify(name, row, owner).';

CREATE FUNCTION probability(name text, "row" record, owner name) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_probability_named'
  LANGUAGE c STABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION probability(name text, "row" record, name) IS
  'As probability(name, row), of the model of that owner: select probability(''credit'', a, owner => ''risk'') from applicants a. It then depends on no other role''s models and grants. NULL is as if it were not given.';

CREATE FUNCTION probability(name text, "row" record, on_null option_value, on_unseen text DEFAULT NULL, owner name DEFAULT NULL) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_probability_named'
  LANGUAGE c STABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION probability(name text, "row" record, option_value, text, name) IS
  'As probability(name, row), with what to do about a row that the model cannot take, in place of what training said (NULL): on_null => ''null'' or ''error'' for a NULL, on_unseen => ''null'', ''ignore'' or ''error'' for a level that training has not seen; and owner, as in probability(name, row, owner).';
