-- A registry of models: versions by owner and name, of which one is active.
--
-- The rows are in a table that only the owner of the database reads and fills, to dump and to restore
-- it: row-level security would make pg_dump refuse the whole database to any role that it applies to.
-- All others use views: models shows each role its own, new_models takes new ones. A view that does both
-- would show them all to INSERT ... ON CONFLICT DO UPDATE, which on older servers does not ask whether the
-- view shows the row that stands in the way.

CREATE TABLE registered_models (
  owner name NOT NULL DEFAULT CURRENT_USER,
  name text NOT NULL CHECK (pg_catalog.octet_length(name) BETWEEN 1 AND 200),
  version int NOT NULL CHECK (version OPERATOR(pg_catalog.>) 0),
  active bool NOT NULL DEFAULT true,
  saved_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  note text,
  model model NOT NULL,
  PRIMARY KEY (owner, name, version)
);
COMMENT ON TABLE registered_models IS
  'What the view models shows, of all roles: for pg_dump and pg_restore, which the owner of the database and superusers may run. Use models.';
CREATE UNIQUE INDEX models_active ON registered_models (owner, name) WHERE active;
COMMENT ON INDEX models_active IS
  'one active version of each owner and name';
SELECT pg_catalog.pg_extension_config_dump('registered_models', '');

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
  EXECUTE pg_catalog.format('GRANT SELECT, INSERT ON fairdb.registered_models TO %I', dumping);
END $$;

CREATE VIEW models WITH (security_barrier) AS
  SELECT m.owner, m.name, m.version, m.active, m.saved_at, m.note, m.model
  FROM registered_models AS m
  -- No catalog stands here: LOCK TABLE on a view locks all that it names. TRUNCATE is the superusers'.
  WHERE pg_catalog.pg_has_role(CURRENT_USER, pg_catalog.to_regrole(pg_catalog.quote_ident(m.owner))::pg_catalog.oid, 'MEMBER')
     OR pg_catalog.has_table_privilege('fairdb.registered_models'::pg_catalog.regclass, 'TRUNCATE');
COMMENT ON VIEW models IS
  'Registered models: save_model adds a version, predict(name, row) uses the active one. Each owner has names of its own. The view shows and lets change only those whose owner is the current user or a role of which that user is a member; to a superuser all.';
GRANT SELECT, UPDATE, DELETE ON models TO PUBLIC;

CREATE VIEW new_models AS
  SELECT m.owner, m.name, m.version, m.active, m.note, m.model FROM registered_models AS m;
COMMENT ON VIEW new_models IS
  'Where save_model puts a new version. It can be inserted into, not read.';
GRANT INSERT ON new_models TO PUBLIC;

CREATE FUNCTION fairdb_internal.check_model_owner() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- Before any key is looked at, which would tell the names of others' models. Who may fill the table itself restores it.
  IF NOT has_table_privilege(TG_RELID, 'INSERT')
     AND pg_has_role(to_regrole(quote_ident(NEW.owner)), 'MEMBER') IS NOT TRUE THEN
    RAISE EXCEPTION 'models of owner "%" need membership in that role', NEW.owner
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
COMMENT ON FUNCTION fairdb_internal.check_model_owner() IS
  'trigger function of registered_models: a model belongs to a role that its writer is a member of';
CREATE TRIGGER check_model_owner BEFORE INSERT OR UPDATE OF owner ON registered_models
  FOR EACH ROW EXECUTE FUNCTION fairdb_internal.check_model_owner();
COMMENT ON TRIGGER check_model_owner ON registered_models IS
  'a model belongs to a role that its writer is a member of';

CREATE FUNCTION model_owner(name text, owner name DEFAULT NULL) RETURNS name
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  owners name[];
BEGIN
  IF model_owner.name IS NULL THEN
    RAISE EXCEPTION 'the name of a model must not be NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF model_owner.owner IS NOT NULL THEN
    RETURN model_owner.owner;
  END IF;
  -- A superuser is a member of every role without having asked to be.
  SELECT array_agg(DISTINCT m.owner ORDER BY m.owner) INTO owners
  FROM fairdb.models AS m, pg_roles AS o, pg_roles AS u
  WHERE m.name = model_owner.name AND o.rolname = m.owner AND u.rolname = CURRENT_USER
    AND (o.oid = u.oid OR NOT u.rolsuper AND pg_has_role(u.oid, o.oid, 'MEMBER'));
  IF CURRENT_USER = ANY (owners) THEN
    RETURN CURRENT_USER;
  END IF;
  IF cardinality(owners) > 1 THEN
    RAISE EXCEPTION 'several roles of yours have a model "%": %', model_owner.name, array_to_string(owners, ', ')
      USING ERRCODE = 'ambiguous_parameter',
            HINT = 'Name one with owner => ''...'', or use its row of fairdb.models: predict(model, row).';
  END IF;
  RETURN owners[1];
END $$;
COMMENT ON FUNCTION model_owner(text, name) IS
  'Whose model a name means: yours if you have one, else that of the only role that you are a member of and that has one; NULL for none. A superuser has only its own, and names other owners.';

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
  new_owner := coalesce(fairdb.model_owner(save_model.name, save_model.owner), CURRENT_USER);
  -- Also of the owner of the database, who may fill the table to restore it.
  IF NOT pg_has_role(to_regrole(quote_ident(new_owner)), 'MEMBER') THEN
    RAISE EXCEPTION 'models of owner "%" need membership in that role', new_owner
      USING ERRCODE = 'insufficient_privilege', HINT = 'Leave owner out to save the model as your own.';
  END IF;
  -- Sessions that save under one name take turns, but for the first version, which only one can save.
  FOR attempt IN 1 .. 10 LOOP
    PERFORM FROM fairdb.models AS m WHERE m.owner = new_owner AND m.name = save_model.name ORDER BY m.version FOR UPDATE;
    SELECT coalesce(max(m.version), 0) + 1 INTO new_version
    FROM fairdb.models AS m WHERE m.owner = new_owner AND m.name = save_model.name;
    BEGIN
      IF save_model.activate THEN
        UPDATE fairdb.models AS m SET active = false
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
  'Registers a model under a name and returns its version: select save_model(''credit'', train_linear(...)). The new version is the active one unless activate is false. owner: a role whose members share the model; by default you, or a role of yours that has a model of the name when you have none.';

CREATE FUNCTION activate_model(name text, version int, owner name DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  of_owner name;
BEGIN
  IF activate_model.version IS NULL THEN
    RAISE EXCEPTION 'version must not be NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  of_owner := fairdb.model_owner(activate_model.name, activate_model.owner);
  -- Sessions that change the versions of one name take turns.
  PERFORM FROM fairdb.models AS m WHERE m.owner = of_owner AND m.name = activate_model.name ORDER BY m.version FOR UPDATE;
  UPDATE fairdb.models AS m SET active = false
  WHERE m.owner = of_owner AND m.name = activate_model.name AND m.active AND m.version <> activate_model.version;
  UPDATE fairdb.models AS m SET active = true
  WHERE m.owner = of_owner AND m.name = activate_model.name AND m.version = activate_model.version;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no version % of model "%" that you may use', activate_model.version, activate_model.name
      USING ERRCODE = 'invalid_parameter_value', HINT = 'select name, version, owner, active from fairdb.models lists them.';
  END IF;
END $$;
COMMENT ON FUNCTION activate_model(text, int, name) IS
  'Makes a registered version the one that predict(name, row) uses, for example to go back to an earlier one. owner: whose, when several roles of yours have a model of the name.';

CREATE FUNCTION drop_model(name text, version int DEFAULT NULL, owner name DEFAULT NULL) RETURNS int
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  of_owner name;
  dropped int;
BEGIN
  of_owner := fairdb.model_owner(drop_model.name, drop_model.owner);
  DELETE FROM fairdb.models AS m
  WHERE m.owner = of_owner AND m.name = drop_model.name
    AND (drop_model.version IS NULL OR m.version = drop_model.version);
  GET DIAGNOSTICS dropped = ROW_COUNT;
  IF dropped = 0 THEN
    RAISE EXCEPTION 'there is no such version of model "%" that you may drop', drop_model.name
      USING ERRCODE = 'invalid_parameter_value', HINT = 'select name, version, owner, active from fairdb.models lists them.';
  END IF;
  RETURN dropped;
END $$;
COMMENT ON FUNCTION drop_model(text, int, name) IS
  'Removes a version of a registered model, or all of them, and returns how many. Dropping the active version leaves none active: call activate_model. owner: whose, when several roles of yours have a model of the name.';

CREATE FUNCTION predict(name text, "row" record) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_predict_named'
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 20;
COMMENT ON FUNCTION predict(name text, "row" record) IS
  'The score of a row under the active version of a registered model: select predict(''credit'', a) from applicants a. Your own model if you have one of the name, else that of the only role of yours that has one.';

CREATE FUNCTION classify(name text, "row" record) RETURNS bool
  AS 'MODULE_PATHNAME', 'fairdb_classify_named'
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 20;
COMMENT ON FUNCTION classify(name text, "row" record) IS
  'Whether the active version of a registered model predicts the positive class.';

CREATE FUNCTION probability(name text, "row" record) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_probability_named'
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 20;
COMMENT ON FUNCTION probability(name text, "row" record) IS
  'The probability of the positive class under the active version of a registered model of the logistic loss.';
