-- A registry of models: versions by name, of which one is active.

CREATE TABLE models (
  name text NOT NULL CHECK (name OPERATOR(pg_catalog.<>) ''),
  version int NOT NULL CHECK (version OPERATOR(pg_catalog.>) 0),
  owner name NOT NULL DEFAULT CURRENT_USER,
  active bool NOT NULL DEFAULT true,
  saved_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  note text,
  model model NOT NULL,
  PRIMARY KEY (name, version)
);
COMMENT ON TABLE models IS
  'Registered models: save_model adds a version, predict(name, row) uses the active one. Row-level security shows and lets change only those whose owner is the current user or a role of which that user is a member.';
CREATE UNIQUE INDEX models_active ON models (name) WHERE active;
COMMENT ON INDEX models_active IS
  'one active version a name';

ALTER TABLE models ENABLE ROW LEVEL SECURITY;
CREATE POLICY models_of_owner ON models
  USING (EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname OPERATOR(pg_catalog.=) owner
                 AND pg_catalog.pg_has_role(CURRENT_USER, r.oid, 'MEMBER')))
  WITH CHECK (EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname OPERATOR(pg_catalog.=) owner
                      AND pg_catalog.pg_has_role(CURRENT_USER, r.oid, 'MEMBER')));
COMMENT ON POLICY models_of_owner ON models IS
  'a model belongs to its owner and to the members of that role';
GRANT SELECT, INSERT, UPDATE, DELETE ON models TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('models', '');

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
  new_version int;
BEGIN
  IF save_model.name IS NULL OR save_model.model IS NULL OR save_model.activate IS NULL THEN
    RAISE EXCEPTION 'name, model and activate must not be NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF save_model.name = '' OR octet_length(save_model.name) > 200 THEN
    RAISE EXCEPTION 'the name of a model has 1 to 200 bytes' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  -- Two sessions that save under one name take turns.
  PERFORM pg_advisory_xact_lock(hashtextextended('fairdb.models ' || save_model.name, 0));
  SELECT coalesce(max(m.version), 0) + 1 INTO new_version FROM fairdb.models AS m WHERE m.name = save_model.name;
  IF save_model.activate THEN
    UPDATE fairdb.models AS m SET active = false WHERE m.name = save_model.name AND m.active;
  END IF;
  INSERT INTO fairdb.models (name, version, owner, active, note, model)
  VALUES (save_model.name, new_version,
          coalesce(save_model.owner, (SELECT m.owner FROM fairdb.models AS m WHERE m.name = save_model.name ORDER BY m.version DESC LIMIT 1),
                   CURRENT_USER),
          save_model.activate, save_model.note, save_model.model);
  RETURN new_version;
EXCEPTION
  WHEN unique_violation THEN
    RAISE EXCEPTION 'the name "%" is taken by a model of another owner', save_model.name
      USING ERRCODE = 'unique_violation', HINT = 'Choose another name, or become a member of the owner''s role.';
  WHEN insufficient_privilege THEN
    RAISE EXCEPTION 'models of owner "%" need membership in that role', save_model.owner
      USING ERRCODE = 'insufficient_privilege', HINT = 'Leave owner out to save the model as your own.';
END $$;
COMMENT ON FUNCTION save_model(text, model, name, bool, text) IS
  'Registers a model under a name and returns its version: select save_model(''credit'', train_linear(...)). The new version is the active one unless activate is false. owner: a role whose members share the model; by default the owner of the versions before, or you.';

CREATE FUNCTION activate_model(name text, version int) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF activate_model.name IS NULL OR activate_model.version IS NULL THEN
    RAISE EXCEPTION 'name and version must not be NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('fairdb.models ' || activate_model.name, 0));
  IF NOT EXISTS (SELECT FROM fairdb.models AS m WHERE m.name = activate_model.name AND m.version = activate_model.version) THEN
    RAISE EXCEPTION 'there is no version % of model "%" that you may use', activate_model.version, activate_model.name
      USING ERRCODE = 'invalid_parameter_value', HINT = 'select name, version, owner, active from fairdb.models lists them.';
  END IF;
  UPDATE fairdb.models AS m SET active = false
  WHERE m.name = activate_model.name AND m.active AND m.version <> activate_model.version;
  UPDATE fairdb.models AS m SET active = true WHERE m.name = activate_model.name AND m.version = activate_model.version;
END $$;
COMMENT ON FUNCTION activate_model(text, int) IS
  'Makes a registered version the one that predict(name, row) uses, for example to go back to an earlier one.';

CREATE FUNCTION drop_model(name text, version int DEFAULT NULL) RETURNS int
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  dropped int;
BEGIN
  IF drop_model.name IS NULL THEN
    RAISE EXCEPTION 'name must not be NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  DELETE FROM fairdb.models AS m
  WHERE m.name = drop_model.name AND (drop_model.version IS NULL OR m.version = drop_model.version);
  GET DIAGNOSTICS dropped = ROW_COUNT;
  IF dropped = 0 THEN
    RAISE EXCEPTION 'there is no such version of model "%" that you may drop', drop_model.name
      USING ERRCODE = 'invalid_parameter_value', HINT = 'select name, version, owner, active from fairdb.models lists them.';
  END IF;
  RETURN dropped;
END $$;
COMMENT ON FUNCTION drop_model(text, int) IS
  'Removes a version of a registered model, or all of them, and returns how many. Dropping the active version leaves none active: call activate_model.';

CREATE FUNCTION predict(name text, "row" record) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_predict_named'
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 20;
COMMENT ON FUNCTION predict(name text, "row" record) IS
  'The score of a row under the active version of a registered model: select predict(''credit'', a) from applicants a.';

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
